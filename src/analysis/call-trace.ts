/**
 * Traces calls over the wires: which client called which server, burst by burst. One kubectl command makes an API
 * server call its store, which notifies watchers, which call in turn. A bounded fold of the log.
 *
 * 1. A call is data sent by a client. Its response is not a call.
 * 2. A server that has responded and sends again after a pause was not asked: it calls (a watch event).
 * 3. Under TLS only an endpoint's plaintext distinguishes the two. Without it, client data is a call, and server data
 *    is ignored.
 * 4. A burst ends after a pause on all wires.
 */
import { payloadLength } from '../capture/event.ts';
import type { CaptureEvent, EventOf, Side } from '../capture/event.ts';
import { indexFrom } from '../capture/flow-stream.ts';

export interface CallTraceStep {
  readonly hop: string;
  /** The caller: the client, or a server with a notification. */
  readonly by: Side;
  readonly seq: number;
  /** Its last event: repeated calls without another caller in between are one step. */
  readonly last: number;
}

export interface Burst {
  /** Its first event, and that event's time in microseconds. */
  readonly seq: number;
  readonly at: number;
  readonly steps: readonly CallTraceStep[];
  /** The number of further steps. */
  readonly more: number;
}

/** The pause, in microseconds, that ends a burst, and after which server data is unsolicited. */
const pause = 1_000_000;
const breath = 100_000;

const mostSteps = 64;
const mostBursts = 64;
/** Remembered connections that have not been closed. */
const mostConnections = 4096;

interface Line {
  isTls: boolean | undefined;
  /** An endpoint reads what is said on it. */
  isRead: boolean;
  isAsked: boolean;
  /** When its server spoke last. */
  answeredAt: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Growing = Omit<Writable<Burst>, 'steps'> & { readonly steps: Writable<CallTraceStep>[] };

export class CallTrace {
  readonly #mostSteps: number;
  readonly #silence: number;
  readonly #lines = new Map<number, Line>();
  readonly #bursts: Growing[] = [];
  #spokeAt = -Infinity;

  /**
   * @param options.most maximum steps kept per burst; further ones are counted.
   * @param options.silence microseconds after which server data is unsolicited: shorter if pieces of a response may be
   * taken for notifications.
   */
  constructor({
    most = mostSteps,
    silence = breath,
  }: { readonly most?: number; readonly silence?: number } = {}) {
    this.#mostSteps = most;
    this.#silence = silence;
  }

  readonly fold = (event: CaptureEvent): void => {
    if (event.type === 'closed') this.#lines.delete(event.conn);
    if (event.type !== 'bytes' || payloadLength(event) === 0) return;
    if (this.#isCall(event)) this.#add(event);
  };

  /** What was said from one event to another, both included, as one trail. */
  between(first: number, last: number): Burst | undefined {
    const bursts = this.#bursts.flatMap(({ steps, more, ...burst }) => {
      const said = steps.filter((step) => step.last >= first && step.seq <= last);
      return said.length === 0
        ? []
        : [{ ...burst, steps: said, more: said.length === steps.length ? more : 0 }];
    });
    const [begin] = bursts;
    const steps = bursts.flatMap((burst) => burst.steps);
    const more = bursts.reduce((sum, burst) => sum + burst.more, Math.max(0, steps.length - this.#mostSteps));
    return begin && { ...begin, steps: steps.slice(0, this.#mostSteps), more };
  }

  /**
   * The newest burst with an event on at least this many wires, else the newest one. Two wires are a heartbeat and its
   * store.
   */
  newest(last = Infinity, wires = 3): Burst | undefined {
    const before = this.#bursts.slice(
      0,
      indexFrom(this.#bursts.length, (index) => this.#bursts[index]?.seq ?? 0, last + 1),
    );
    return (
      before.findLast(({ steps }) => new Set(steps.map(({ hop }) => hop)).size >= wires) ?? before.at(-1)
    );
  }

  #isCall(event: EventOf<'bytes'>): boolean {
    const line = this.#line(event.conn);
    if (event.vantage === 'plaintext') line.isRead = true;
    else if (line.isRead) return false;
    else line.isTls ??= event.from === 'client' && event.bytes[0] === 0x16;
    if (event.from === 'client') {
      line.isAsked = true;
      return true;
    }
    if (event.vantage === 'wire' && line.isTls) return false;
    const isUnasked = !line.isAsked && event.at - line.answeredAt > this.#silence;
    line.isAsked = false;
    line.answeredAt = event.at;
    return isUnasked;
  }

  #line(conn: number): Line {
    let line = this.#lines.get(conn);
    if (!line) {
      line = { isTls: undefined, isRead: false, isAsked: false, answeredAt: Infinity };
      this.#lines.set(conn, line);
      const [oldest] = this.#lines.keys();
      if (this.#lines.size > mostConnections && oldest !== undefined) this.#lines.delete(oldest);
    }
    return line;
  }

  #add({ hop, from: by, seq, at }: EventOf<'bytes'>): void {
    const isOver = at - this.#spokeAt > pause;
    this.#spokeAt = at;
    let burst = this.#bursts.at(-1);
    if (!burst || isOver) {
      burst = { seq, at, steps: [], more: 0 };
      this.#bursts.push(burst);
      if (this.#bursts.length > mostBursts) this.#bursts.shift();
    }
    const newest = burst.steps.at(-1);
    if (newest?.hop === hop && newest.by === by && burst.more === 0) {
      newest.last = seq;
      return;
    }
    if (burst.steps.length < this.#mostSteps) burst.steps.push({ hop, by, seq, last: seq });
    else burst.more++;
  }
}

/** A stretch of a trail that was gone through several times in a row. */
export interface Leg {
  readonly steps: readonly CallTraceStep[];
  readonly times: number;
}

/** Repeated round trips are reported once, with their number. */
export function legsOf(steps: readonly CallTraceStep[]): Leg[] {
  const legs: Leg[] = [];
  const isSame = (one: CallTraceStep | undefined, other: CallTraceStep | undefined): boolean =>
    one !== undefined && one.hop === other?.hop && one.by === other.by;
  for (let at = 0; at < steps.length; ) {
    let times = 1;
    while (isSame(steps[at], steps[at + 2 * times]) && isSame(steps[at + 1], steps[at + 2 * times + 1]))
      times++;
    const length = times > 1 ? 2 : 1;
    legs.push({ steps: steps.slice(at, at + length), times });
    at += times * length;
  }
  return legs;
}
