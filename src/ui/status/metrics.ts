/**
 * The metrics of a proxy: computed from the log, printed as JSON or in Prometheus' text format. It keeps only the counters,
 * however long the proxy runs.
 */
import type { CaptureEvent, EventOf, Side } from '../../capture/event.ts';
import { payloadLength } from '../../capture/event.ts';
import type { RefusalReason } from '../../capture/vocabulary.ts';

interface HopCounts {
  opened: number;
  closed: number;
  /** On the wire, by who sent them. */
  readonly bytes: Record<Side, number>;
  /** Handshakes that were completed, by version, as the side of the proxy reports them. */
  readonly handshakes: Map<string, number>;
  readonly refused: Map<RefusalReason, number>;
}

/** How the last attempt to reach the target ended. */
export type TargetState = 'unknown' | 'reached' | 'failing';

export interface MetricsSnapshot {
  readonly hops: Readonly<
    Record<
      string,
      {
        readonly opened: number;
        readonly open: number;
        readonly bytes: Readonly<Record<Side, number>>;
        readonly handshakes: Readonly<Record<string, number>>;
        readonly refused: Readonly<Record<string, number>>;
      }
    >
  >;
  readonly target: TargetState;
}

export class Metrics {
  readonly #hops = new Map<string, HopCounts>();
  readonly #outgoing: string;
  #target: TargetState = 'unknown';

  /** @param wires the hops in front of and behind the proxy: both are reported from the start, with zeros. */
  constructor({ incoming, outgoing }: { readonly incoming: string; readonly outgoing: string }) {
    this.#outgoing = outgoing;
    this.#of(incoming);
    this.#of(outgoing);
  }

  readonly fold = (event: CaptureEvent): void => {
    switch (event.type) {
      case 'opened':
        this.#of(event.hop).opened++;
        if (event.hop === this.#outgoing) this.#target = 'reached';
        break;
      case 'closed':
        // A connection that was never established is closed without having been opened.
        if (this.#of(event.hop).opened > this.#of(event.hop).closed) this.#of(event.hop).closed++;
        break;
      case 'bytes':
        if (event.vantage === 'wire') this.#of(event.hop).bytes[event.from] += payloadLength(event);
        break;
      case 'secured':
        count(this.#of(event.hop).handshakes, event.version);
        break;
      case 'refused':
        this.#refused(event);
        break;
      case 'began':
      case 'step':
      case 'keylog':
      case 'observed':
      case 'note':
      case 'segments':
        break;
    }
  };

  get snapshot(): MetricsSnapshot {
    const hops = [...this.#hops].map(([hop, { opened, closed, bytes, handshakes, refused }]) => [
      hop,
      {
        opened,
        open: opened - closed,
        bytes: { ...bytes },
        handshakes: Object.fromEntries(handshakes),
        refused: Object.fromEntries(refused),
      },
    ]);
    return { hops: Object.fromEntries(hops) as MetricsSnapshot['hops'], target: this.#target };
  }

  #refused({ hop, reason }: EventOf<'refused'>): void {
    count(this.#of(hop).refused, reason);
    if (hop === this.#outgoing) this.#target = 'failing';
  }

  #of(hop: string): HopCounts {
    let counts = this.#hops.get(hop);
    if (!counts) {
      counts = {
        opened: 0,
        closed: 0,
        bytes: { client: 0, server: 0 },
        handshakes: new Map(),
        refused: new Map(),
      };
      this.#hops.set(hop, counts);
    }
    return counts;
  }
}

/** The sum of what two processes counted; the target's state is the first one's. */
export function addMetrics(one: MetricsSnapshot, other: MetricsSnapshot): MetricsSnapshot {
  const hops = [...new Set([...Object.keys(one.hops), ...Object.keys(other.hops)])].map((hop) => {
    const [first = nothingCounted, second = nothingCounted] = [one.hops[hop], other.hops[hop]];
    return [
      hop,
      {
        opened: first.opened + second.opened,
        open: first.open + second.open,
        bytes: {
          client: first.bytes.client + second.bytes.client,
          server: first.bytes.server + second.bytes.server,
        },
        handshakes: addCounts(first.handshakes, second.handshakes),
        refused: addCounts(first.refused, second.refused),
      },
    ] as const;
  });
  return { hops: Object.fromEntries(hops), target: one.target };
}

const nothingCounted: MetricsSnapshot['hops'][string] = {
  opened: 0,
  open: 0,
  bytes: { client: 0, server: 0 },
  handshakes: {},
  refused: {},
};

function addCounts(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const sums = new Map(Object.entries(one));
  for (const [name, value] of Object.entries(other)) sums.set(name, (sums.get(name) ?? 0) + value);
  return Object.fromEntries(sums);
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** One family of metrics: a name, what it counts, and a sample for each set of labels. */
interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

/** Numbers beside those of the log: moments in seconds since the epoch. */
export interface OwnNumbers {
  readonly startedAt: number;
  readonly certificateExpiresAt?: number;
  readonly reloads: { readonly done: number; readonly failed: number };
  /** Connections that wait until another has closed. */
  readonly waiting: number;
  /** Connections that were rejected, by the limit that was reached: of waiting ones, or of open ones. */
  readonly sentAway: Readonly<Record<'waiting' | 'open', number>>;
  /** Connections without data that were closed to make room. */
  readonly silentClosed: number;
}

/** Prometheus' text format, version 0.0.4. */
export function prometheusText({ hops, target }: MetricsSnapshot, own: OwnNumbers): string {
  const each = (
    of: (counts: MetricsSnapshot['hops'][string], hop: string) => Family['samples'],
  ): Family['samples'] => Object.entries(hops).flatMap(([hop, counts]) => of(counts, hop));
  const families: Family[] = [
    {
      name: 'wirelab_connections_total',
      type: 'counter',
      help: 'Connections that were opened.',
      samples: each(({ opened }, hop) => [[{ hop }, opened]]),
    },
    {
      name: 'wirelab_connections_open',
      type: 'gauge',
      help: 'Connections that are open now.',
      samples: each(({ open }, hop) => [[{ hop }, open]]),
    },
    {
      name: 'wirelab_wire_bytes_total',
      type: 'counter',
      help: 'Bytes on the wire, by who sent them.',
      samples: each(({ bytes }, hop) => Object.entries(bytes).map(([from, value]) => [{ hop, from }, value])),
    },
    {
      name: 'wirelab_handshakes_total',
      type: 'counter',
      help: 'TLS handshakes that were completed.',
      samples: each(({ handshakes }, hop) =>
        Object.entries(handshakes).map(([version, value]) => [{ hop, version }, value]),
      ),
    },
    {
      name: 'wirelab_refused_total',
      type: 'counter',
      help: 'Connections that either side refused, by the reason.',
      samples: each(({ refused }, hop) =>
        Object.entries(refused).map(([reason, value]) => [{ hop, reason }, value]),
      ),
    },
    {
      name: 'wirelab_target_up',
      type: 'gauge',
      help: '1 when the last connection to the target came to be, 0 when it did not; absent before the first.',
      samples: target === 'unknown' ? [] : [[{}, target === 'reached' ? 1 : 0]],
    },
    {
      name: 'wirelab_connections_waiting',
      type: 'gauge',
      help: 'Connections that wait until another has closed (--max-concurrent-conns).',
      samples: [[{}, own.waiting]],
    },
    {
      name: 'wirelab_sent_away_total',
      type: 'counter',
      help: 'Connections rejected, by the limit that was reached: waiting or open connections.',
      samples: Object.entries(own.sentAway).map(([reason, value]) => [{ reason }, value]),
    },
    {
      name: 'wirelab_silent_closed_total',
      type: 'counter',
      help: 'Connections without data that were closed to make room.',
      samples: [[{}, own.silentClosed]],
    },
    {
      name: 'wirelab_reloads_total',
      type: 'counter',
      help: 'Reloads of credentials, by result.',
      samples: [
        [{ result: 'done' }, own.reloads.done],
        [{ result: 'failed' }, own.reloads.failed],
      ],
    },
    {
      name: 'wirelab_start_time_seconds',
      type: 'gauge',
      help: 'When the proxy started, in seconds since the epoch.',
      samples: [[{}, own.startedAt]],
    },
    {
      name: 'wirelab_certificate_expiry_seconds',
      type: 'gauge',
      help: "When the listener's certificate expires, in seconds since the epoch.",
      samples: own.certificateExpiresAt === undefined ? [] : [[{}, own.certificateExpiresAt]],
    },
  ];
  return families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(familyLines)
    .map((line) => `${line}\n`)
    .join('');
}

function familyLines({ name, type, help, samples }: Family): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([labels, value]) => `${name}${labelText(labels)} ${value}`),
  ];
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.replace(/[\\"\n]/g, (mark) => (mark === '\n' ? '\\n' : `\\${mark}`))}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
