/**
 * Counts connections: by what they spoke, what they agreed on, how they ended, how large and how long they were. Fold one summary
 * after another; what is kept is bounded, however many connections there are.
 */
import { connectionName } from '../../capture/stream-number.ts';
import { causeIn, hasFailed, nameIn } from './connection-summary.ts';
import type { ConnectionSummary } from './connection-summary.ts';

/** How many there are of something, and the first of them. */
export interface Counted {
  readonly name: string;
  readonly count: number;
  /** The first ones, at most sixteen: `3`, of UDP `udp 3`. */
  readonly streams: readonly string[];
  /** Payload of all of them, in bytes. */
  readonly bytes: number;
}

/** Of many values: how many, the least, the most, and what so many are below, within 5 %. */
export interface Spread {
  readonly count: number;
  readonly least: number;
  readonly median: number;
  readonly ninetieth: number;
  readonly most: number;
}

export interface StatisticsValue {
  readonly connections: number;
  /** Of these, still open. */
  readonly open: number;
  readonly failed: number;
  /** Microseconds since the run began: of the first opening and the last end that was seen. */
  readonly span: readonly [first: number, last: number] | undefined;
  readonly bytes: { readonly toServer: number; readonly toClient: number };
  readonly requests: number;
  readonly protocols: readonly Counted[];
  readonly versions: readonly Counted[];
  readonly suites: readonly Counted[];
  readonly alerts: readonly Counted[];
  readonly names: readonly Counted[];
  /** By the cause of each failure. */
  readonly causes: readonly Counted[];
  /** What could be read on the wire, by its protocol. */
  readonly readable: readonly Counted[];
  /** Secrets that could be read, by their kind. */
  readonly secrets: readonly Counted[];
  readonly statuses: readonly Counted[];
  /** Bytes of a connection, and microseconds from its opening to its end and from a request to its response. */
  readonly sizes: Spread | undefined;
  readonly durations: Spread | undefined;
  readonly latencies: Spread | undefined;
}

/** Different names that are counted each by itself; those beyond are counted as one. */
const mostNames = 2000;
const others = '…';
const listedStreams = 16;

class Counts {
  readonly #counts = new Map<string, { count: number; streams: number[]; bytes: number }>();

  add(name: string, { stream, bytes }: ConnectionSummary): void {
    const own = this.#counts.has(name) || this.#counts.size < mostNames ? name : others;
    let counted = this.#counts.get(own);
    if (!counted) {
      counted = { count: 0, streams: [], bytes: 0 };
      this.#counts.set(own, counted);
    }
    counted.count++;
    counted.bytes += bytes.client + bytes.server;
    if (counted.streams.length < listedStreams) counted.streams.push(stream);
  }

  /** The most frequent first. */
  get value(): readonly Counted[] {
    return [...this.#counts]
      .map(([name, counted]) => ({
        name,
        ...counted,
        streams: counted.streams.toSorted((one, other) => one - other).map((conn) => connectionName(conn)),
      }))
      .toSorted((one, other) => other.count - one.count || (one.name < other.name ? -1 : 1));
  }
}

/** Two neighbours differ by 5 %. */
const step = 1.05;

class Spreading {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #least = Infinity;
  #most = -Infinity;

  add(value: number): void {
    const bucket = value < 1 ? -1 : Math.floor(Math.log(value) / Math.log(step));
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count++;
    this.#least = Math.min(this.#least, value);
    this.#most = Math.max(this.#most, value);
  }

  get value(): Spread | undefined {
    if (this.#count === 0) return undefined;
    return {
      count: this.#count,
      least: this.#least,
      median: this.#below(0.5),
      ninetieth: this.#below(0.9),
      most: this.#most,
    };
  }

  #below(share: number): number {
    let passed = 0;
    for (const [bucket, count] of [...this.#buckets].toSorted(([one], [other]) => one - other)) {
      passed += count;
      if (passed < share * this.#count) continue;
      const middle = bucket < 0 ? 0 : Math.round(step ** (bucket + 0.5));
      return Math.max(this.#least, Math.min(this.#most, middle));
    }
    return this.#most;
  }
}

export class Statistics {
  #connections = 0;
  #open = 0;
  #failed = 0;
  #requests = 0;
  #first = Infinity;
  #last = -Infinity;
  readonly #bytes = { toServer: 0, toClient: 0 };
  readonly #protocols = new Counts();
  readonly #versions = new Counts();
  readonly #suites = new Counts();
  readonly #alerts = new Counts();
  readonly #names = new Counts();
  readonly #causes = new Counts();
  readonly #readable = new Counts();
  readonly #secrets = new Counts();
  readonly #statuses = new Counts();
  readonly #sizes = new Spreading();
  readonly #durations = new Spreading();
  readonly #latencies = new Spreading();

  /** @param isOver false for one that is still open at the end */
  add(summary: ConnectionSummary): void {
    const { openedAt, closedAt, lastAt, bytes, protocols, version, suite, alerts, outcome, secrets } =
      summary;
    this.#connections++;
    if (closedAt === undefined) this.#open++;
    this.#requests += summary.requests;
    this.#first = Math.min(this.#first, openedAt);
    this.#last = Math.max(this.#last, lastAt);
    this.#bytes.toServer += bytes.client;
    this.#bytes.toClient += bytes.server;
    for (const protocol of protocols.length > 0 ? protocols : ['?']) this.#protocols.add(protocol, summary);
    if (version !== undefined) this.#versions.add(version, summary);
    if (suite !== undefined) this.#suites.add(suite, summary);
    for (const alert of alerts) this.#alerts.add(alert, summary);
    const name = nameIn(summary);
    if (name !== undefined) this.#names.add(name, summary);
    for (const status of summary.statuses) this.#statuses.add(String(status), summary);
    if (outcome && hasFailed(outcome)) {
      this.#failed++;
      this.#causes.add(causeIn(outcome), summary);
    }
    if (summary.isReadable)
      this.#readable.add(protocols.find((protocol) => protocol !== 'tls') ?? '?', summary);
    for (const kind of secrets) this.#secrets.add(kind, summary);
    this.#sizes.add(bytes.client + bytes.server);
    if (closedAt !== undefined) this.#durations.add(closedAt - openedAt);
  }

  /** Of one request, in microseconds. */
  addLatency(latency: number): void {
    this.#latencies.add(latency);
  }

  get value(): StatisticsValue {
    return {
      connections: this.#connections,
      open: this.#open,
      failed: this.#failed,
      span: this.#connections === 0 ? undefined : [this.#first, this.#last],
      bytes: { ...this.#bytes },
      requests: this.#requests,
      protocols: this.#protocols.value,
      versions: this.#versions.value,
      suites: this.#suites.value,
      alerts: this.#alerts.value,
      names: this.#names.value,
      causes: this.#causes.value,
      readable: this.#readable.value,
      secrets: this.#secrets.value,
      statuses: this.#statuses.value,
      sizes: this.#sizes.value,
      durations: this.#durations.value,
      latencies: this.#latencies.value,
    };
  }
}
