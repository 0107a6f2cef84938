/**
 * The traffic of each wire up to any moment of a log: connections, bytes, refusals, and when it last carried data. Updated with
 * each event, so that no screen counts anything; which wire is lit follows from it.
 *
 * 1. The present is exact. The past of a long log is kept at every second, fourth, eighth moment, and so on.
 * 2. Bytes are those of the wire, as an eavesdropper counts them.
 */
import { payloadLength } from '../../capture/event.ts';
import type { CaptureEvent, Side } from '../../capture/event.ts';
import { indexFrom } from '../../capture/flow-stream.ts';

export interface WireTraffic {
  /** The event after which these numbers hold. */
  readonly seq: number;
  readonly connections: number;
  /** Of these, how many are still open. */
  readonly open: number;
  readonly refused: number;
  /** It has had no connection since its newest refusal. */
  readonly isRefusing: boolean;
  /** By sender. */
  readonly bytes: Readonly<Record<Side, number>>;
  /** The newest event with bytes, and its time in microseconds; -1 and -Infinity before the first. */
  readonly spokeSeq: number;
  readonly spokeAt: number;
}

export const noTraffic: WireTraffic = {
  seq: -1,
  connections: 0,
  open: 0,
  refused: 0,
  isRefusing: false,
  bytes: { client: 0, server: 0 },
  spokeSeq: -1,
  spokeAt: -Infinity,
};

/** How many moments of a wire are kept. */
const mostKept = 4096;

/** How long a wire stays lit after its last byte, in microseconds. */
const glow = 1_000_000;

interface Tally {
  now: WireTraffic;
  /** The first of every so many moments. */
  kept: WireTraffic[];
  every: number;
  count: number;
}

export class Traffic {
  readonly #tallies = new Map<string, Tally>();
  /** The time of the newest event. */
  #now = 0;
  #spokeSeq = -1;

  /** The newest event with bytes on any wire; -1 before the first. */
  get spokeSeq(): number {
    return this.#spokeSeq;
  }

  readonly fold = (event: CaptureEvent): void => {
    this.#now = event.at;
    switch (event.type) {
      case 'opened':
        this.#add(event.hop, event.seq, ({ connections, open }) => ({
          connections: connections + 1,
          open: open + 1,
          isRefusing: false,
        }));
        break;
      case 'bytes': {
        if (event.vantage !== 'wire') break;
        const { from, seq, at } = event;
        const length = payloadLength(event);
        this.#spokeSeq = seq;
        this.#add(event.hop, seq, ({ bytes }) => ({
          bytes: { ...bytes, [from]: bytes[from] + length },
          spokeSeq: seq,
          spokeAt: at,
        }));
        break;
      }
      case 'refused':
        this.#add(event.hop, event.seq, ({ refused }) => ({ refused: refused + 1, isRefusing: true }));
        break;
      case 'closed':
        this.#add(event.hop, event.seq, ({ open }) => ({ open: Math.max(0, open - 1) }));
        break;
      case 'secured':
      case 'keylog':
      case 'began':
      case 'step':
      case 'observed':
      case 'note':
      case 'segments':
        break;
    }
  };

  /** The traffic after that event; the present by default. */
  of(hop: string, last = Infinity): WireTraffic {
    const { now, kept } = this.#tallies.get(hop) ?? { now: noTraffic, kept: [] };
    if (now.seq <= last) return now;
    return kept[indexFrom(kept.length, (index) => kept[index]?.seq ?? 0, last + 1) - 1] ?? noTraffic;
  }

  /** Whether bytes went over it a moment ago, and after event `calm`, up to which the time has passed. */
  isLit(hop: string, calm: number): boolean {
    const { spokeSeq, spokeAt } = this.of(hop);
    return spokeSeq > calm && this.#now - spokeAt <= glow;
  }

  #add(hop: string, seq: number, change: (before: WireTraffic) => Partial<WireTraffic>): void {
    let tally = this.#tallies.get(hop);
    if (!tally) {
      tally = { now: noTraffic, kept: [], every: 1, count: 0 };
      this.#tallies.set(hop, tally);
    }
    tally.now = { ...tally.now, ...change(tally.now), seq };
    if (tally.count++ % tally.every === 0) tally.kept.push(tally.now);
    if (tally.kept.length <= mostKept) return;
    tally.kept = tally.kept.filter((_, index) => index % 2 === 0);
    tally.every *= 2;
  }
}
