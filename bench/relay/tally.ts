/**
 * How many connections wirelab itself says that it has seen to their end: a line or an object of each in its output, or the
 * counters of its status page. A run of the load is whole only when this is as many as were made.
 */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';

/** What stands in the output once for each connection of a client; the peer's half of it (hop B) is not counted. */
const marks = {
  text: / A #\d+ closed/g,
  json: /"kind":"stream","stream":\d+,"hop":"A"/g,
  refusals: /(?: A #\d+ REFUSED )|(?:"kind":"outcome"[^\n]{0,200}"refused")/g,
} as const;
export type Mark = keyof typeof marks;

/** No mark is longer. */
const longestMark = 300;

/** Counts a mark in text that comes in pieces. */
export class Tally {
  count = 0;
  readonly #mark: RegExp;
  #rest = '';

  constructor(mark: Mark) {
    this.#mark = marks[mark];
  }

  add(bytes: Uint8Array): void {
    const text =
      this.#rest + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    let counted = 0;
    for (const match of text.matchAll(this.#mark)) {
      this.count++;
      counted = match.index + match[0].length;
    }
    this.#rest = text.slice(Math.max(counted, text.length - longestMark));
  }
}

/** Counts a mark in a file that grows. */
export class FileTally {
  readonly #tally: Tally;
  readonly #path: string;
  readonly #buffer = Buffer.alloc(1 << 20);
  #at = 0;

  constructor(path: string, mark: Mark) {
    this.#path = path;
    this.#tally = new Tally(mark);
  }

  /** Reads what was added since; returns the count. */
  read(): number {
    if (!existsSync(this.#path)) return 0;
    const file = openSync(this.#path, 'r');
    try {
      for (;;) {
        const got = readSync(file, this.#buffer, 0, this.#buffer.length, this.#at);
        if (got === 0) return this.#tally.count;
        this.#at += got;
        this.#tally.add(this.#buffer.subarray(0, got));
      }
    } finally {
      closeSync(file);
    }
  }
}
