/**
 * What a demonstration's log held when it was once run on real sockets, kept beside the tests, and played again as if it
 * ran now. Ports, times and what was said are thus the same in each run of the tests; narration is not kept, but taken
 * from the plan, so that words may change without a new recording. No key is kept either: what was sealed lies open in
 * the file, a marker stands where each line of the key log stood, and whoever reads it seals it anew.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type {
  CaptureDraft,
  CaptureEvent,
  EventOf,
  NotePart,
  Side,
  Topology,
} from '../../../../src/capture/event.ts';
import type { CaptureLog, RunLog } from '../../../../src/capture/log.ts';
import { recognise } from '../../../../src/protocols/index.ts';
import { readKeylogLine } from '../../../../src/protocols/tls/keys/keylog.ts';
import type { Localized } from '../../../../src/i18n/language.ts';
import { topologyOf } from '../../../../src/engine/plan.ts';
import type { Plan } from '../../../../src/engine/plan.ts';
import type { ManualCommand } from '../../../../src/engine/manual-commands.ts';
import type { Judge } from '../../../../src/engine/verdict.ts';
import type { Message, SessionState } from '../../../../src/ui/tui/message.ts';
import type { RunState } from '../../../../src/ui/tui/state/run-state.ts';
import type { Clock } from '../../../../src/core/clock.ts';
import type { Runs } from './driver.ts';
import { blankCookies } from './fillers.ts';
import { agreedOf, bothSides, openWire, sealedWire } from './sealed-wire.ts';
import type { Agreed, BothSides, KeptRecord } from './sealed-wire.ts';

interface Recorded {
  readonly draft: CaptureDraft;
  /** Microseconds since the run began. */
  readonly at: number;
}

export type Recording = readonly Recorded[];

const folder = resolve(import.meta.dirname, '../../../../../test/ui/tui/recordings');
const fileOf = (name: string): string => resolve(folder, `${name}.jsonl`);

/** Makes a secret of a connection; asked once for each. `length` in bytes. */
export type SecretOf = (line: {
  readonly label: string;
  readonly clientRandom: string;
  readonly length: number;
}) => Uint8Array;

const freshSecret: SecretOf = ({ length }) => randomBytes(length);

export function readRecording(name: string, secretOf?: SecretOf): Recording {
  return recordingIn(readFileSync(fileOf(name), 'utf8'), secretOf);
}

/** Keeps the events of one run. */
export function writeRecording(name: string, events: readonly CaptureEvent[]): void {
  writeFileSync(fileOf(name), keptText(events));
}

/** Of the wire under TLS: `length` bytes went by, in which these records began. */
interface KeptWireBytes {
  readonly type: 'bytes';
  readonly conn: number;
  readonly hop: string;
  readonly vantage: 'wire';
  readonly from: Side;
  readonly length: number;
  readonly records: readonly KeptRecord[];
}

/** Here stood a line of the key log. */
interface KeptKeylog {
  readonly type: 'keylog';
  readonly conn: number;
  readonly label: string;
}

type KeptBytes = Omit<EventOf<'bytes'>, 'seq' | 'run' | 'at' | 'bytes'> & { readonly bytes: string };
type Kept = { readonly at: number } & (
  | KeptWireBytes
  | KeptBytes
  | KeptKeylog
  | Exclude<CaptureDraft, { type: 'bytes' | 'keylog' }>
);

/** An event a line, bytes in Base64. */
export function keptText(events: readonly CaptureEvent[]): string {
  const keys = events.filter((event) => event.type === 'keylog').map(({ line }) => line);
  const payloads = payloadsOf(
    events.filter((event) => event.type === 'bytes'),
    keys,
  );
  const kept = events.flatMap((event): Kept[] => {
    const { at, seq: _seq, run: _run, ...draft } = event;
    if (draft.type === 'note') return [];
    if (draft.type === 'keylog') return [{ at, type: 'keylog', ...labelIn(draft) }];
    if (draft.type !== 'bytes') return [{ at, ...draft }];
    const payload = payloads.get(event.seq);
    if (!payload) throw new Error('every event of bytes has its payload');
    const { conn, hop, vantage, from } = draft;
    return [{ at, type: 'bytes', conn, hop, vantage, from, ...payload } as KeptWireBytes & { at: number }];
  });
  return kept.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function labelIn({ conn, line }: Extract<CaptureDraft, { type: 'keylog' }>): { conn: number; label: string } {
  const read = readKeylogLine(line);
  if (!read || conn === undefined) throw new Error('a line of a key log belongs to a connection');
  return { conn, label: read.label };
}

type Payload = Pick<KeptBytes, 'bytes'> | Pick<KeptWireBytes, 'length' | 'records'>;

/** What is kept of each event's bytes, by its `seq`. */
function payloadsOf(events: readonly EventOf<'bytes'>[], keys: readonly string[]): Map<number, Payload> {
  const kept = new Map<number, Payload>();
  const conversations = new Map<string, EventOf<'bytes'>[]>();
  for (const event of events) {
    if (event.dropped) throw new Error('a recording needs every byte');
    const name = `${event.conn} ${event.vantage}`;
    conversations.set(name, [...(conversations.get(name) ?? []), event]);
  }
  for (const spoken of conversations.values()) {
    const lengths = { client: 0, server: 0 };
    const chunks = spoken.map(({ seq, from, bytes }) => {
      const offset = lengths[from];
      lengths[from] += bytes.length;
      return { seq, from, offset, bytes };
    });
    const isTls =
      spoken[0]?.vantage === 'wire' &&
      recognise(
        Buffer.concat(chunks.filter(({ from }) => from === 'client').map(({ bytes }) => bytes)),
        'client',
      ) === 'tls';
    if (isTls) {
      const opened = openWire(chunks, keys);
      for (const {
        seq,
        from,
        offset,
        bytes: { length },
      } of chunks) {
        const records = opened[from]
          .filter(({ start }) => start >= offset && start < offset + length)
          .map(({ record }) => record);
        kept.set(seq, { length, records });
      }
      continue;
    }
    const copies = chunks.map(({ seq, from, bytes }) => ({ seq, from, bytes: Buffer.from(bytes) }));
    for (const side of ['client', 'server'])
      blankCookies(copies.filter(({ from }) => from === side).map(({ bytes }) => bytes));
    for (const { seq, bytes } of copies) kept.set(seq, { bytes: bytes.toString('base64') });
  }
  return kept;
}

/** Reads what `keptText` wrote. */
export function recordingIn(text: string, secretOf: SecretOf = freshSecret): Recording {
  const kept = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Kept);
  const made = new Map<string, Uint8Array>();
  // By the random, not the connection: what is passed on unopened stands on two wires alike.
  const secretUnder = ({ clientRandom, suite }: Agreed, label: string): Uint8Array => {
    const name = `${label} ${clientRandom}`;
    const length = suite?.version === 'TLSv1.3' && suite.hash === 'sha256' ? 32 : 48;
    const secret = made.get(name) ?? secretOf({ label, clientRandom, length });
    made.set(name, secret);
    return secret;
  };
  const wires = wiresIn(kept, secretUnder);
  const wireOf = (conn: number): SealedWire => wires.get(conn) ?? lost(conn);
  return kept.map(({ at, ...line }): Recorded => {
    if ('label' in line) {
      const { agreed } = wireOf(line.conn);
      const secret = Buffer.from(secretUnder(agreed, line.label)).toString('hex');
      return {
        at,
        draft: { type: 'keylog', conn: line.conn, line: `${line.label} ${agreed.clientRandom} ${secret}` },
      };
    }
    if ('records' in line) {
      const { records: _records, length, ...draft } = line;
      const stream = wireOf(line.conn).streams[line.from];
      const bytes = stream.bytes.subarray(stream.told, (stream.told += length));
      if (bytes.length !== length)
        throw new Error(`${length} bytes went by, and the records have ${bytes.length} of them`);
      return { at, draft: { ...draft, bytes } };
    }
    return {
      at,
      draft: line.type === 'bytes' ? { ...line, bytes: Buffer.from(line.bytes, 'base64') } : line,
    };
  });
}

interface SealedWire {
  readonly agreed: Agreed;
  /** With how many bytes events have told of. */
  readonly streams: BothSides<{ readonly bytes: Buffer; told: number }>;
}

function wiresIn(
  kept: readonly Kept[],
  secretUnder: (agreed: Agreed, label: string) => Uint8Array,
): Map<number, SealedWire> {
  const records = new Map<number, BothSides<KeptRecord[]>>();
  for (const line of kept) {
    if (!('records' in line)) continue;
    const ofConnection = records.get(line.conn) ?? bothSides(() => []);
    records.set(line.conn, ofConnection);
    ofConnection[line.from].push(...line.records);
  }
  return new Map(
    [...records].map(([conn, ofConnection]) => {
      const agreed = agreedOf(ofConnection);
      const streams = bothSides((from) => ({
        bytes: sealedWire(ofConnection[from], from, agreed, (label) => secretUnder(agreed, label)),
        told: 0,
      }));
      return [conn, { agreed, streams }];
    }),
  );
}

function lost(conn: number): never {
  throw new Error(`the recording has no wire of connection ${conn}`);
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
  readonly open: () => { readonly judge: Judge; readonly scene: RunState };
}

export interface RecordedRunsOptions {
  readonly log: CaptureLog;
  readonly clock: PlayedClock;
  readonly played: ReadonlyMap<string, Played>;
  readonly send: (message: Message) => void;
  /** Everything stays up at the end, and is reached in these ways. */
  readonly ways?: readonly ManualCommand[];
  /** Only `feed` moves what goes on within a step. */
  readonly slow?: boolean;
}

interface Going {
  readonly events: Generator<'waiting' | 'event', void>;
  /** Until it is told to go on; at its end for ever. */
  isWaiting: boolean;
  /** It says that it waits; and was told to go on meanwhile. */
  isSaying?: boolean;
  isAsked?: boolean;
}

/** An event more, unless it waits; whether it can go on behind that. */
function goesOn(going: Going): boolean {
  if (going.isWaiting) return false;
  const { done, value } = going.events.next();
  going.isWaiting = done === true || (value === 'waiting' && !going.isAsked);
  going.isAsked = false;
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
    if (!going) return;
    if (going.isSaying) going.isAsked = true;
    if (!going.isWaiting) return;
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
      run.append(
        renumbered(draft.type === 'began' ? { ...draft, topology: renewed(draft.topology, plan) } : draft),
      );
      if (draft.type === 'began') {
        unsubscribe = run.subscribe((event) => {
          judge.fold(event);
          send({ type: 'captured', scene, events: [event] });
        });
        state('running');
        note(run, 'title', plan.title);
        note(run, 'intro', plan.intro);
      }
      if (draft.type === 'step' && draft.state !== 'started') {
        const { id, text } = plan.steps.find((step) => step.id === draft.id) ?? misfit(draft.id);
        if (draft.state === 'done') {
          note(run, 'headline', text.headline, id);
          note(run, 'answer', text.answer, id);
          note(run, 'after', text.after, id);
        } else {
          note(run, 'step-title', text.title, id);
          note(run, 'before', text.before, id);
          note(run, 'question', text.question, id);
          note(run, 'choices', text.choices, id);
          note(run, 'speaker', text.notes, id);
          if (isThrough) {
            const going = this.#going.get(mode);
            if (going) going.isSaying = true;
            state('waiting');
            if (going) going.isSaying = false;
            yield 'waiting';
          }
          if (id === through) isThrough = true;
          state('running');
        }
      }
      yield 'event';
    }
    note(run, 'takeaway', plan.takeaway);
    note(run, 'does-not-prove', plan.doesNotProve);
    note(run, 'often-told', plan.misconceptions);
    send({ type: 'judged', scene, verdict: judge.verdict(), ways: ways ?? [] });
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
  return topologyOf(
    plan,
    new Map(participants.flatMap(({ name, address }) => (address ? [[name, address] as const] : []))),
  );
}
