/**
 * Searches for known secrets in every stream of the log as its events arrive. It reports where a secret was found, in
 * which encoding, and how many bytes were searched; expectations judge the result. `credential-shapes.ts` finds unknown
 * secrets by their shape.
 *
 * 1. Streams are searched unchanged, each direction of each vantage separately, across event boundaries.
 * 2. A hit counts where it was completed: `seq` is the event with its last byte.
 * 3. Data dropped before it arrived here was not searched, and is counted (`missed`): no claim may rely on it.
 */
import type { CaptureEvent, EvidenceRef, EventOf, Side, Vantage } from '../../capture/event.ts';
import { encodedForms, encodingIds, shortestPattern } from './encodings.ts';
import type { EncodingId } from './encodings.ts';
import { PatternSet, StreamSearch } from './patterns.ts';

export interface Secret {
  readonly id: string;
  /** Text as a person types it, or bytes (key material). At least four bytes. */
  readonly value: string | Uint8Array;
  /** What it is called on the screen. */
  readonly label?: string;
}

export interface Hit {
  /** The secret's id. */
  readonly secret: string;
  readonly encoding: EncodingId;
  readonly run: number;
  readonly conn: number;
  readonly hop: string;
  readonly vantage: Vantage;
  readonly from: Side;
  /** Of its first byte in the stream; of the first character that the secret alone decides, in Base64. */
  readonly offset: number;
  /** In bytes, as encoded. */
  readonly length: number;
  /** The event that completed it. */
  readonly seq: number;
}

/** The hit as evidence: a place in a stream. */
export function evidenceOf(hit: Hit): EvidenceRef {
  const { run, conn, hop, vantage, from, offset, length } = hit;
  return { run, conn, hop, vantage, from, offset, length };
}

/** A secret that repeats endlessly must not fill the memory: the limit of hits per secret and stream. */
const keptHits = 100;

interface Searched {
  readonly search: StreamSearch;
  searched: number;
  missed: number;
  readonly counts: Map<string, number>;
}

export class SecretHunt {
  /** The encodings that were tried, for the verdict line. */
  readonly encodings: readonly EncodingId[] = encodingIds;
  readonly #targets: readonly { readonly secret: string; readonly encoding: EncodingId }[];
  readonly #set: PatternSet;
  readonly #streams = new Map<string, Searched>();
  #hits: Hit[] = [];

  /** @throws RangeError when a secret has less than four bytes: it would be found by chance. */
  constructor(secrets: readonly Secret[]) {
    const forms = secrets.flatMap(({ id, value }) => {
      if (Buffer.byteLength(value) < shortestPattern)
        throw new RangeError(`secret ${id} is shorter than ${shortestPattern} bytes`);
      return encodedForms(value).map(({ encoding, pattern }) => ({ secret: id, encoding, pattern }));
    });
    this.#targets = forms;
    this.#set = new PatternSet(forms.map(({ pattern }) => pattern));
  }

  /** In the order in which they were completed. */
  get hits(): readonly Hit[] {
    return this.#hits;
  }

  /** Bytes that were searched in that stream. */
  searched(conn: number, vantage: Vantage, from: Side): number {
    return this.#streams.get(streamKey(conn, vantage, from))?.searched ?? 0;
  }

  /** Bytes of that stream that were dropped before they could be searched. */
  missed(conn: number, vantage: Vantage, from: Side): number {
    return this.#streams.get(streamKey(conn, vantage, from))?.missed ?? 0;
  }

  /** How often a secret occurs in a stream; above a hundred not every one is kept among the hits. */
  count(secret: string, conn: number, vantage: Vantage, from: Side): number {
    return this.#streams.get(streamKey(conn, vantage, from))?.counts.get(secret) ?? 0;
  }

  /** That connection is no longer needed. If it had hits, `hits` is a new list from now on. */
  forget(conn: number): void {
    let hadHits = false;
    for (const vantage of ['wire', 'plaintext'] as const) {
      for (const from of ['client', 'server'] as const) {
        const key = streamKey(conn, vantage, from);
        hadHits ||= (this.#streams.get(key)?.counts.size ?? 0) > 0;
        this.#streams.delete(key);
      }
    }
    if (hadHits) this.#hits = this.#hits.filter((hit) => hit.conn !== conn);
  }

  readonly fold = (event: CaptureEvent): void => {
    // Who looks for nothing finds nothing, and need not remember where.
    if (event.type === 'bytes' && (this.#targets.length > 0 || event.dropped !== undefined))
      this.#bytes(event);
  };

  #bytes(event: EventOf<'bytes'>): void {
    const key = streamKey(event.conn, event.vantage, event.from);
    let stream = this.#streams.get(key);
    if (!stream) {
      stream = { search: new StreamSearch(this.#set), searched: 0, missed: 0, counts: new Map() };
      this.#streams.set(key, stream);
    }
    if (event.dropped) {
      stream.search.skip(event.dropped);
      stream.missed += event.dropped;
    }
    stream.searched += event.bytes.length;
    const { counts, search } = stream;
    search.push(event.bytes, (pattern, offset) => {
      const target = this.#targets[pattern];
      if (!target) return;
      const count = (counts.get(target.secret) ?? 0) + 1;
      counts.set(target.secret, count);
      if (count > keptHits) return;
      const { run, conn, hop, vantage, from, seq } = event;
      this.#hits.push({
        ...target,
        run,
        conn,
        hop,
        vantage,
        from,
        offset,
        length: this.#set.patterns[pattern]?.length ?? 0,
        seq,
      });
    });
  }
}

function streamKey(conn: number, vantage: Vantage, from: Side): string {
  return `${conn} ${vantage} ${from}`;
}
