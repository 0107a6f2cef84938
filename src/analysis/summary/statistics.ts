/**
 * Counts connections: by what they spoke, what they agreed on, how they ended, how large and how long they were. Fold one summary
 * after another; what is kept is bounded, however many connections there are.
 *
 * What is said in a conversation (requests, secrets, latencies) counts once, though a proxy carries it over two wires: as the
 * wire of the clients shows it, or the one behind the proxy where that shows more.
 */
import { connectionName } from '../../capture/stream-number.ts';
import type { Connection } from '../../capture/connection.ts';
import { causeIn, isFailed, nameIn } from './connection-summary.ts';
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
  /** Proofs that could be read, against which guesses can be tested, by their kind. */
  readonly guessable: readonly Counted[];
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

interface Count {
  count: number;
  streams: number[];
  bytes: number;
}

const none: Count = { count: 0, streams: [], bytes: 0 };

class Counts {
  readonly #counts = new Map<string, Count>();

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

  /** Of other connections. */
  join(others: Counts): void {
    for (const [name, counted] of others.#counts) this.#join(name, counted);
  }

  /** Of each name as many as the one of these has that has most. */
  joinMost(all: readonly Counts[]): void {
    for (const name of new Set(all.flatMap((one) => [...one.#counts.keys()]))) {
      const found = all.flatMap((one) => one.#counts.get(name) ?? []);
      const most = found.reduce((one, other) => (other.count > one.count ? other : one), found[0] ?? none);
      this.#join(name, most);
    }
  }

  #join(name: string, { count, streams, bytes }: Count): void {
    const known = this.#counts.get(name);
    if (!known) {
      this.#counts.set(name, { count, streams: [...streams], bytes });
      return;
    }
    known.count += count;
    known.bytes += bytes;
    known.streams = [...known.streams, ...streams].slice(0, listedStreams);
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

  get count(): number {
    return this.#count;
  }

  /** Of other values. */
  join(others: Spreading): void {
    for (const [bucket, count] of others.#buckets)
      this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count);
    this.#count += others.#count;
    this.#least = Math.min(this.#least, others.#least);
    this.#most = Math.max(this.#most, others.#most);
  }

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

/** What was said over one wire. */
class WireCounts {
  requests = 0;
  readonly secrets = new Counts();
  readonly guessable = new Counts();
  readonly latencies = new Spreading();
  /** The wire of the clients for whom a proxy opened its connections. */
  behind: string | undefined;

  join(other: WireCounts): void {
    this.requests += other.requests;
    this.secrets.join(other.secrets);
    this.guessable.join(other.guessable);
    this.latencies.join(other.latencies);
  }
}

export class Statistics {
  readonly #wires = new Map<string, WireCounts>();
  #connections = 0;
  #open = 0;
  #failed = 0;
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
  readonly #statuses = new Counts();
  readonly #sizes = new Spreading();
  readonly #durations = new Spreading();

  add(summary: ConnectionSummary): void {
    const { openedAt, closedAt, lastAt, bytes, protocols, version, suite, alerts } = summary;
    this.#connections++;
    // Datagrams have no end that one could wait for: an exchange of them with both sides is complete.
    if (summary.outcome ? summary.outcome.kind === 'open' : closedAt === undefined) this.#open++;
    const wire = this.#wire(summary);
    wire.requests += summary.requests;
    for (const kind of summary.secrets) wire.secrets.add(kind, summary);
    for (const kind of summary.guessable) wire.guessable.add(kind, summary);
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
    if (isFailed(summary)) {
      this.#failed++;
      this.#causes.add(causeIn(summary) ?? others, summary);
    }
    if (summary.isReadable)
      this.#readable.add(protocols.find((protocol) => protocol !== 'tls') ?? '?', summary);
    this.#sizes.add(bytes.client + bytes.server);
    if (closedAt !== undefined) this.#durations.add(closedAt - openedAt);
  }

  /** Of one request, in microseconds. */
  addLatency(latency: number, connection: Pick<Connection, 'hop' | 'behind'>): void {
    this.#wire(connection).latencies.add(latency);
  }

  #wire({ hop, behind }: Pick<Connection, 'hop'> & { readonly behind?: string | undefined }): WireCounts {
    let wire = this.#wires.get(hop);
    if (!wire) {
      wire = new WireCounts();
      this.#wires.set(hop, wire);
    }
    if (behind !== hop) wire.behind ??= behind;
    return wire;
  }

  /** What was said, each word once: of wires that carry the same, those of one side of the proxies between them. */
  get #said(): Pick<WireCounts, 'requests' | 'secrets' | 'guessable' | 'latencies'> {
    /** By the wire of the clients, then by how many proxies are before a wire. */
    const groups = new Map<string, Map<number, WireCounts>>();
    for (const [hop, wire] of this.#wires) {
      let root = hop;
      let depth = 0;
      for (let next = wire.behind; next !== undefined && depth < this.#wires.size; depth++) {
        root = next;
        next = this.#wires.get(next)?.behind;
      }
      const levels = groups.get(root) ?? new Map<number, WireCounts>();
      groups.set(root, levels);
      const level = levels.get(depth) ?? new WireCounts();
      levels.set(depth, level);
      level.join(wire);
    }
    const all = {
      requests: 0,
      secrets: new Counts(),
      guessable: new Counts(),
      latencies: new Spreading(),
    };
    for (const byDepth of groups.values()) {
      const levels = [...byDepth].toSorted(([one], [other]) => one - other).map(([, level]) => level);
      all.requests += Math.max(...levels.map(({ requests }) => requests));
      const most = Math.max(...levels.map(({ latencies }) => latencies.count));
      const measured = levels.find(({ latencies }) => latencies.count === most);
      if (measured) all.latencies.join(measured.latencies);
      all.secrets.joinMost(levels.map(({ secrets }) => secrets));
      all.guessable.joinMost(levels.map(({ guessable }) => guessable));
    }
    return all;
  }

  get value(): StatisticsValue {
    const { requests, secrets, guessable, latencies } = this.#said;
    return {
      connections: this.#connections,
      open: this.#open,
      failed: this.#failed,
      span: this.#connections === 0 ? undefined : [this.#first, this.#last],
      bytes: { ...this.#bytes },
      requests,
      protocols: this.#protocols.value,
      versions: this.#versions.value,
      suites: this.#suites.value,
      alerts: this.#alerts.value,
      names: this.#names.value,
      causes: this.#causes.value,
      readable: this.#readable.value,
      secrets: secrets.value,
      guessable: guessable.value,
      statuses: this.#statuses.value,
      sizes: this.#sizes.value,
      durations: this.#durations.value,
      latencies: latencies.value,
    };
  }
}
