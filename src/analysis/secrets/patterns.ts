/**
 * Searches many byte patterns in one pass over a stream that arrives in pieces (Wu and Manber, 1994). `encodings.ts`
 * provides the patterns, `secret-hunt.ts` the streams.
 *
 * 1. A window as long as the shortest pattern slides over the bytes. The two bytes at its end say how far it may
 *    jump; only where some pattern has those two bytes at that place (jump 0) are the patterns compared in full.
 * 2. A pattern that lies across two pieces is found in a joint of the last bytes before and the first bytes after the
 *    seam; a match wholly before the seam was reported with the earlier piece.
 */

/** Called with the pattern's index and the offset of its first byte. */
export type OnMatch = (pattern: number, offset: number) => void;

export class PatternSet {
  readonly patterns: readonly Uint8Array[];
  /** Length of the longest pattern, in bytes. */
  readonly longest: number;
  readonly #window: number;
  /** How far the window may jump, by its last two bytes. */
  readonly #jumps: Uint8Array;
  /** Patterns that have those two bytes at the window's end. */
  readonly #candidates = new Map<number, number[]>();

  /** @throws RangeError if a pattern is shorter than two bytes: it would match by chance. */
  constructor(patterns: readonly Uint8Array[]) {
    this.patterns = patterns;
    this.longest = patterns.reduce((longest, pattern) => Math.max(longest, pattern.length), 0);
    this.#window = Math.min(255, ...patterns.map((pattern) => pattern.length));
    if (this.#window < 2) throw new RangeError('a pattern needs at least two bytes');
    this.#jumps = new Uint8Array(patterns.length > 0 ? 0x10000 : 0).fill(this.#window - 1);
    patterns.forEach((pattern, index) => {
      for (let at = 1; at < this.#window; at++) {
        const pair = ((pattern[at - 1] ?? 0) << 8) | (pattern[at] ?? 0);
        this.#jumps[pair] = Math.min(this.#jumps[pair] ?? 0, this.#window - 1 - at);
        if (at === this.#window - 1)
          this.#candidates.set(pair, [...(this.#candidates.get(pair) ?? []), index]);
      }
    });
  }

  /** Every match in `bytes`, by rising end of its first `window` bytes. */
  search(bytes: Uint8Array, found: OnMatch): void {
    const window = this.#window;
    const jumps = this.#jumps;
    if (jumps.length === 0) return;
    for (let at = window - 1, end = bytes.length; at < end; ) {
      const pair = ((bytes[at - 1] as number) << 8) | (bytes[at] as number);
      const jump = jumps[pair] as number;
      if (jump > 0) {
        at += jump;
        continue;
      }
      const start = at - window + 1;
      for (const index of this.#candidates.get(pair) ?? []) {
        if (this.#standsAt(this.patterns[index] as Uint8Array, bytes, start)) found(index, start);
      }
      at++;
    }
  }

  #standsAt(pattern: Uint8Array, bytes: Uint8Array, start: number): boolean {
    if (start + pattern.length > bytes.length) return false;
    for (let at = 0; at < pattern.length; at++) if (bytes[start + at] !== pattern[at]) return false;
    return true;
  }
}

/** A stream under search: remembers the end of what it has seen. */
export class StreamSearch {
  readonly #set: PatternSet;
  #carry: Uint8Array = new Uint8Array(0);
  #length = 0;

  constructor(set: PatternSet) {
    this.#set = set;
  }

  /** Bytes that went by, skipped ones included. */
  get length(): number {
    return this.#length;
  }

  /** Searches the next piece; offsets are those of the stream. */
  push(bytes: Uint8Array, found: OnMatch): void {
    const overlap = this.#set.longest - 1;
    const before = this.#carry;
    if (before.length > 0) {
      const joint = join(before, bytes.subarray(0, overlap));
      this.#set.search(joint, (pattern, start) => {
        const end = start + (this.#set.patterns[pattern]?.length ?? 0);
        if (start < before.length && end > before.length)
          found(pattern, this.#length - before.length + start);
      });
    }
    this.#set.search(bytes, (pattern, start) => found(pattern, this.#length + start));
    this.#carry =
      bytes.length >= overlap
        ? bytes.slice(bytes.length - overlap)
        : join(before.subarray(Math.max(0, before.length + bytes.length - overlap)), bytes);
    this.#length += bytes.length;
  }

  /** Bytes that are not there to be searched: nothing is found across them. */
  skip(count: number): void {
    this.#carry = new Uint8Array(0);
    this.#length += count;
  }
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
