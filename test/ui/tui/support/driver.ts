/**
 * A person at the screen without a terminal: keys and clicks go through `update`, runs really start and go on, and what
 * would be drawn is read as text. It takes the place of `loop.ts`; who carries the runs out, the maker of a driver says.
 */
import type { Language } from '../../../../src/i18n/language.ts';
import type { Frame, Role, Size } from '../../../../src/ui/tui/frame.ts';
import { readAt } from '../../../../src/ui/tui/state/reading.ts';
import type { Selection } from '../../../../src/ui/tui/state/selection.ts';
import type { Message } from '../../../../src/ui/tui/message.ts';
import { sceneOf } from '../../../../src/ui/tui/state/model.ts';
import type { Model } from '../../../../src/ui/tui/state/model.ts';
import type { RunState } from '../../../../src/ui/tui/state/run-state.ts';
import { update } from '../../../../src/ui/tui/state/update.ts';
import type { Effect } from '../../../../src/ui/tui/state/effect.ts';
import { view } from '../../../../src/ui/tui/view.ts';
import { present } from '../../../helpers/capture.ts';

/** What carries out that runs begin and go on: `Stage` of the command line, or one that plays a recording. */
export interface Runs {
  start(mode: string, through?: string, alone?: boolean): void;
  advance(mode: string): void;
}

export class Driver {
  model: Model;
  /** What was to be done outside, in order; starting and going on were done. */
  readonly effects: Effect[] = [];
  readonly #runs: Runs;
  readonly #waiting = new Set<() => void>();

  constructor(model: Model, runs: (send: (message: Message) => void) => Runs) {
    this.model = model;
    this.#runs = runs((message) => this.send(message));
  }

  start(mode = this.model.mode, through?: string): this {
    this.#runs.start(mode, through);
    return this;
  }

  send(message: Message): void {
    const [next, effects] = update(this.model, message);
    this.model = next;
    for (const effect of effects) this.#perform(effect);
    for (const check of this.#waiting) check();
  }

  /** Besides keys: `WIRE`, which is `v` until the bytes of the wire are shown. */
  press(...keys: readonly string[]): this {
    for (const key of keys) {
      if (key === 'WIRE') this.#toWire();
      else this.send({ type: 'key', key });
    }
    return this;
  }

  #toWire(): void {
    for (let count = 0; count < 10 && this.look.body !== 'wire'; count++)
      this.send({ type: 'key', key: 'v' });
    if (this.look.body !== 'wire') throw new Error(`no wire at ${this.stop}`);
  }

  type(text: string): this {
    return this.press(...Array.from(text, (letter) => (letter === ' ' ? 'space' : letter)));
  }

  click(column: number, row: number): this {
    this.send({ type: 'clicked', column, row });
    return this;
  }

  /** Resolves once that is so; looked at after every message. */
  async until(isSo: (driver: this) => boolean): Promise<this> {
    if (isSo(this)) return this;
    return new Promise((resolve) => {
      const check = (): void => {
        if (!isSo(this)) return;
        this.#waiting.delete(check);
        resolve(this);
      };
      this.#waiting.add(check);
    });
  }

  /** Nothing is pending: every run waits before a step, or has ended, and everything requested is shown. */
  async settled(): Promise<this> {
    return this.until(({ model }) => {
      const states = Object.values(model.sessions).map(({ state }) => state);
      return (
        states.length > 0 &&
        model.goal === undefined &&
        states.every((state) => state !== 'starting' && state !== 'running')
      );
    });
  }

  get scene(): RunState {
    return present(sceneOf(this.model));
  }

  get look(): Selection {
    return present(readAt(this.model));
  }

  /** The stop that is shown: its kind, and the step that it belongs to. */
  get stop(): string {
    const { stop } = this.look;
    return stop ? [stop.kind, stop.step].filter(Boolean).join(' ') : 'nothing';
  }

  get notice(): string | undefined {
    return this.model.notice?.en;
  }

  frame(size: Partial<Size> = {}, language: Language = this.model.language): Frame {
    const model = { ...this.model, size: { ...this.model.size, ...size }, language };
    update(model, { type: 'frame' });
    return view(model);
  }

  screen(size: Partial<Size> = {}, language?: Language): string {
    return textOf(this.frame(size, language));
  }

  /** All text in one role, line by line. */
  inRole(role: Role): string[] {
    return this.frame().lines.flatMap((line) => {
      const text = line
        .filter((span) => span.role === role)
        .map((span) => span.text)
        .join('');
      return text.trim() === '' ? [] : [text.trim()];
    });
  }

  #perform(effect: Effect): void {
    this.effects.push(effect);
    if (effect.type === 'advance') this.#runs.advance(effect.mode);
    if (effect.type === 'start') this.#runs.start(effect.mode, effect.through, effect.alone);
    if (effect.type === 'search-on') this.send({ type: 'search-on' });
  }
}

/** The lines of a frame, without the white space behind them. */
export function textOf({ lines }: Pick<Frame, 'lines'>): string {
  return lines
    .map((line) =>
      line
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    )
    .join('\n');
}
