/**
 * Records a saved run as an asciicast, version 2 (docs.asciinema.org/manual/asciicast/v2): the frames of the screen as a terminal
 * shows them, each for as long as its text takes to read. No terminal and no time is needed: the screen's own `update` and `view`
 * are asked for what comes next, and when.
 */
import { defined } from '../../../core/defined.ts';
import { loadReadings } from '../../../analysis/conversation/conversation.ts';
import { loadExplanations } from '../../../presentation/conversation/explain.ts';
import { loadWireReading } from '../../../presentation/refusals.ts';
import { safeText } from '../../../i18n/safe.ts';
import { wantsAscii } from '../../../i18n/ascii.ts';
import type { Size } from '../../../ui/tui/frame.ts';
import type { Message } from '../../../ui/tui/message.ts';
import { lookFor, paint } from '../../../ui/tui/palette.ts';
import { startModel } from '../../../ui/tui/state/model.ts';
import type { Model } from '../../../ui/tui/state/model.ts';
import { update } from '../../../ui/tui/state/update.ts';
import { view } from '../../../ui/tui/view.ts';
import type { Environment, Parsed } from '../../command.ts';
import { themeAskedFor } from '../../io/screen-options.ts';
import { paceOf } from '../pace.ts';
import type { OpenedRun } from './checked.ts';
import { ReplayStage, replayModes } from './on-screen.ts';

const smallTerminal: Size = { columns: 80, rows: 24 };
/** A longer show is none: a bundle has far fewer stops. */
const mostTicks = 10_000;
/** How long the last frame stays, in milliseconds. */
const lastMs = 3000;

/** The file: a header, and a line for each change of the screen. */
export async function castOf(opened: OpenedRun, parsed: Parsed, environment: Environment): Promise<string> {
  await Promise.all([loadReadings(), loadWireReading(), loadExplanations()]);
  const { stdout, variables, language } = environment;
  const size =
    stdout.isTTY && stdout.columns && stdout.rows
      ? { columns: stdout.columns, rows: stdout.rows }
      : smallTerminal;
  const pace = parsed.text('pace') === undefined ? 'read' : paceOf(parsed, environment, 'replay');
  const mode = opened.plan.scenario;
  const show = new Show(
    startModel(
      defined({
        size,
        language,
        ascii: parsed.flag('ascii') || (stdout.isTTY && wantsAscii(variables)),
        modes: replayModes(opened),
        mode,
        notes: parsed.flag('notes'),
        pace: typeof pace === 'number' ? pace : undefined,
        goal: { mode, stop: 0 },
        playing: 1,
        plays: 1,
      }),
    ),
  );
  const stage = new ReplayStage(
    opened,
    (message) => show.send(message),
    (error) => {
      throw error;
    },
  );
  show.onAdvance = () => stage.goOn();
  await stage.begin();
  const screen = new CastScreen(size, lookFor('256', themeAskedFor(parsed, variables) ?? 'dark'));
  show.play((model, at) => screen.draw(model, at));
  const header = {
    version: 2,
    width: size.columns,
    height: size.rows,
    timestamp: Math.floor(Date.parse(opened.bundle.made) / 1000),
    title: safeText(`wirelab: ${opened.plan.title[language]}`),
    env: { TERM: 'xterm-256color' },
  };
  return [header, ...screen.end(show.at + lastMs)].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** The screen without a terminal, in a time of its own. */
class Show {
  #model: Model;
  /** Milliseconds since it began. */
  at = 0;
  readonly #due: { readonly at: number; readonly message: Message }[] = [];
  onAdvance = (): void => {};

  constructor(model: Model) {
    this.#model = model;
  }

  send(message: Message): void {
    const [model, effects] = update(this.#model, message);
    this.#model = model;
    for (const effect of effects) {
      if (effect.type === 'advance') this.onAdvance();
      if (effect.type === 'read-on') this.send({ type: 'read-on' });
      if (effect.type === 'tick')
        this.#due.push({
          at: this.at + effect.milliseconds,
          message: { type: 'ticked', playing: effect.playing },
        });
      if (effect.type === 'calm')
        this.#due.push({
          at: this.at + effect.milliseconds,
          message: { type: 'calmed', mode: effect.mode, seq: effect.seq },
        });
    }
  }

  /** To the end. @param draw given the screen as it is from then on */
  play(draw: (model: Model, at: number) => void): void {
    for (let ticks = 0; ticks < mostTicks; ticks++) {
      this.send({ type: 'frame' });
      draw(this.#model, this.at);
      if (this.#model.playing === undefined) return;
      this.#due.sort((one, other) => one.at - other.at);
      const next = this.#due.shift();
      if (!next) return;
      this.at = next.at;
      this.send(next.message);
    }
  }
}

/** What a terminal is sent to show the frames. */
class CastScreen {
  readonly #size: Size;
  readonly #look: Parameters<typeof paint>[1];
  readonly #events: (readonly [seconds: number, code: 'o', data: string])[] = [];
  #shown: readonly string[] = [];

  constructor(size: Size, look: Parameters<typeof paint>[1]) {
    this.#size = size;
    this.#look = look;
  }

  draw(model: Model, at: number): void {
    const lines = view(model)
      .lines.slice(0, this.#size.rows)
      .map((line) => paint(line, this.#look));
    const changed = lines
      .map((line, row) => (line === this.#shown[row] ? '' : `\x1b[${row + 1};1H${line}`))
      .join('');
    if (changed === '') return;
    // Wrapping is off: the last cell of a row must not begin another.
    const start = this.#shown.length === 0 ? '\x1b[?25l\x1b[?7l\x1b[2J' : '';
    this.#shown = lines;
    this.#add(at, start + changed);
  }

  /** Gives the terminal back. */
  end(at: number): readonly (readonly [number, 'o', string])[] {
    this.#add(at, `\x1b[?7h\x1b[?25h\x1b[${this.#size.rows};1H\r\n`);
    return this.#events;
  }

  #add(at: number, data: string): void {
    this.#events.push([Math.round(at) / 1000, 'o', data]);
  }
}
