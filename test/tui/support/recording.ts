/**
 * What a demonstration's log held when it was once run on real sockets, kept beside the tests, and played again as if it
 * ran now. Ports, times, keys and every byte are thus the same in each run of the tests; narration is not kept, but
 * taken from the plan, so that words may change without a new recording.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CaptureDraft, CaptureEvent, NotePart, Topology } from '../../../src/capture/event.ts';
import type { CaptureLog, RunLog } from '../../../src/capture/log.ts';
import type { Localized } from '../../../src/i18n/language.ts';
import { topologyOf } from '../../../src/scenario/plan.ts';
import type { Plan } from '../../../src/scenario/plan.ts';
import type { Reach } from '../../../src/scenario/reach.ts';
import type { Judge } from '../../../src/scenario/verdict.ts';
import type { Message } from '../../../src/tui/message.ts';
import type { SessionState } from '../../../src/tui/model.ts';
import type { Scene } from '../../../src/tui/scene.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { Runs } from './driver.ts';

interface Recorded {
  readonly draft: CaptureDraft;
  /** Microseconds since the run began. */
  readonly at: number;
}

export type Recording = readonly Recorded[];

const folder = resolve(import.meta.dirname, '../../../../test/tui/recordings');
const fileOf = (name: string): string => resolve(folder, `${name}.jsonl`);

export function readRecording(name: string): Recording {
  return readFileSync(fileOf(name), 'utf8').trimEnd().split('\n').map(recordedFrom);
}

/** Keeps the events of one run: an event a line, bytes in Base64. */
export function writeRecording(name: string, events: readonly CaptureEvent[]): void {
  const kept = events.filter(({ type }) => type !== 'note').map(({ at, ...event }) => ({ at, ...event, seq: undefined, run: undefined, ...('bytes' in event ? { bytes: Buffer.from(event.bytes).toString('base64') } : {}) }));
  writeFileSync(fileOf(name), kept.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

function recordedFrom(line: string): Recorded {
  const { at, ...draft } = JSON.parse(line) as { at: number } & Record<string, unknown>;
  return { at, draft: (typeof draft['bytes'] === 'string' ? { ...draft, bytes: Buffer.from(draft['bytes'], 'base64') } : draft) as CaptureDraft };
}

/** Stands still until a recording moves it. */
export class PlayedClock implements Clock {
  time = 0;
  now(): number {
    return Date.UTC(2026, 0, 1) + this.time / 1000;
  }
  microseconds(): number {
    return this.time;
  }
}

export interface Played {
  readonly plan: Plan;
  readonly recording: () => Recording;
  /** The folds of a new run. */
  readonly open: () => { readonly judge: Judge; readonly scene: Scene };
}

export interface RecordedRunsOptions {
  readonly log: CaptureLog;
  readonly clock: PlayedClock;
  readonly played: ReadonlyMap<string, Played>;
  readonly send: (message: Message) => void;
  /** Everything stays up at the end, and is reached in these ways. */
  readonly ways?: readonly Reach[];
  /** Only `feed` moves what goes on within a step. */
  readonly slow?: boolean;
}

interface Going {
  readonly events: Generator<'waiting' | 'event', void>;
  /** Until it is told to go on; at its end for ever. */
  isWaiting: boolean;
}

/** An event more, unless it waits; whether it can go on behind that. */
function goesOn(going: Going): boolean {
  if (going.isWaiting) return false;
  const { done, value } = going.events.next();
  going.isWaiting = done === true || value === 'waiting';
  return !going.isWaiting;
}

/** Runs that play recordings, in the order of messages in which `Stage` of the command line sends them. */
export class RecordedRuns implements Runs {
  readonly #options: RecordedRunsOptions;
  readonly #going = new Map<string, Going>();

  constructor(options: RecordedRunsOptions) {
    this.#options = options;
  }

  start(mode: string, through?: string): void {
    const going: Going = { events: this.#play(mode, through), isWaiting: false };
    this.#going.set(mode, going);
    this.#goOn(going);
  }

  advance(mode: string): void {
    const going = this.#going.get(mode);
    if (!going?.isWaiting) return;
    going.isWaiting = false;
    this.#goOn(going);
  }

  /** So many events more; fewer when the run waits before that. */
  feed(mode: string, count = Infinity): void {
    const going = this.#going.get(mode);
    if (!going) return;
    for (let fed = 0; fed < count; fed++) if (!goesOn(going)) return;
  }

  #goOn(going: Going): void {
    if (this.#options.slow) return;
    while (goesOn(going));
  }

  *#play(mode: string, through: string | undefined): Generator<'waiting' | 'event', void> {
    const { log, clock, played, send, ways } = this.#options;
    const found = played.get(mode);
    if (!found) throw new Error(`nothing is recorded of ${mode}`);
    const { plan, recording, open } = found;
    const { judge, scene } = open();
    const run = log.openRun();
    const state = (to: SessionState): void => send({ type: 'state', mode, state: to });
    send({ type: 'session', mode, scene });
    const base = clock.time;
    const renumbered = renumbering(run);
    let unsubscribe: (() => void) | undefined;
    let isThrough = through === undefined;
    for (const { at, draft } of recording()) {
      clock.time = base + at;
      run.append(renumbered(draft.type === 'began' ? { ...draft, topology: renewed(draft.topology, plan) } : draft));
      if (draft.type === 'began') {
        unsubscribe = run.subscribe((event) => {
          judge.fold(event);
          scene.fold(event);
          send({ type: 'captured' });
        });
        state('running');
        note(run, 'title', plan.title);
        note(run, 'intro', plan.intro);
      }
      if (draft.type === 'step' && draft.state !== 'started') {
        const { id, text } = plan.steps.find((step) => step.id === draft.id) ?? misfit(draft.id);
        if (draft.state === 'done') note(run, 'after', text.after, id);
        else {
          note(run, 'step-title', text.title, id);
          note(run, 'before', text.before, id);
          note(run, 'question', text.question, id);
          note(run, 'speaker', text.notes, id);
          if (isThrough) {
            state('waiting');
            yield 'waiting';
          }
          if (id === through) isThrough = true;
          state('running');
        }
      }
      yield 'event';
    }
    note(run, 'does-not-prove', plan.doesNotProve);
    note(run, 'often-told', plan.oftenTold);
    scene.finish(judge.verdict(), ways ?? []);
    state('finished');
    if (!ways) unsubscribe?.();
  }
}

function note(run: RunLog, part: NotePart, text: Localized | undefined, step?: string): void {
  if (text) run.append({ type: 'note', text, part, ...(step === undefined ? {} : { step }) });
}

function misfit(step: string): never {
  throw new Error(`the recording has a step ${step} that the scenario lacks: record it anew`);
}

/** Connections are numbered within the log in which they are played. */
function renumbering(run: RunLog): (draft: CaptureDraft) => CaptureDraft {
  const numbers = new Map<number, number>();
  return (draft) => {
    if (!('conn' in draft) || draft.conn === undefined) return draft;
    const known = numbers.get(draft.conn) ?? run.nextConnection();
    numbers.set(draft.conn, known);
    return { ...draft, conn: known };
  };
}

/** The words in a topology are the plan's; the addresses are those of the recording. */
function renewed({ participants }: Topology, plan: Plan): Topology {
  return topologyOf(plan, new Map(participants.flatMap(({ name, address }) => (address ? [[name, address] as const] : []))));
}
