/**
 * What wirelab itself says that it has seen, counted in its output: connections that have ended, and refusals with their cards. A
 * run of the load is whole only when this is as many as were made.
 */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';

export interface Reported {
  readonly ended: number;
  readonly refused: number;
}

/** What stands in the output once for each connection of a client; the other half of it (hop B) is not counted. */
const marks = {
  text: / A #\d+ (closed|REFUSED)/g,
  json: /"kind":"stream","stream":\d+,"hop":"A"/g,
} as const;
export type Mark = keyof typeof marks;

/** No mark is longer. */
const longestMark = 100;

/** Counts in text that comes in pieces. */
export class Tally {
  #ended = 0;
  #refused = 0;
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
      // An object of a stream is both: it has the outcome.
      if (match[1] !== 'REFUSED') this.#ended++;
      if (match[1] !== 'closed') this.#refused++;
      counted = match.index + match[0].length;
    }
    this.#rest = text.slice(Math.max(counted, text.length - longestMark));
  }

  get reported(): Reported {
    return { ended: this.#ended, refused: this.#refused };
  }
}

/** Counts in a file that grows. */
export class FileTally {
  readonly #tally: Tally;
  readonly #path: string;
  readonly #buffer = Buffer.alloc(1 << 20);
  #at = 0;

  constructor(path: string, mark: Mark) {
    this.#path = path;
    this.#tally = new Tally(mark);
  }

  /** Reads what was added since. */
  read(): Reported {
    if (!existsSync(this.#path)) return this.#tally.reported;
    const file = openSync(this.#path, 'r');
    try {
      for (;;) {
        const got = readSync(file, this.#buffer, 0, this.#buffer.length, this.#at);
        if (got === 0) return this.#tally.reported;
        this.#at += got;
        this.#tally.add(this.#buffer.subarray(0, got));
      }
    } finally {
      closeSync(file);
    }
  }
}
