/**
 * Keeps lines by connection until it is known whether, and when, they are printed: in the order of opening behind a summary, or
 * only if a filter lets the connection through. Beyond a limit they wait in a temporary file that has no name, so that memory does
 * not grow with the output.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Waiting {
  lines: string[];
  /** Places in the file, in their order. */
  readonly stretches: { readonly at: number; readonly length: number }[];
}

/** Characters of lines in memory. */
const usualMemory = 32 * 1024 * 1024;

export class LineSpool {
  readonly #mostMemory: number;
  readonly #waiting = new Map<number, Waiting>();
  #held = 0;
  #descriptor: number | undefined;
  #length = 0;

  constructor(mostMemory = usualMemory) {
    this.#mostMemory = mostMemory;
  }

  /** Whether something waits of that connection. */
  has(conn: number): boolean {
    return this.#waiting.has(conn);
  }

  /** The connections of which something waits, in the order of their numbers. */
  get connections(): readonly number[] {
    return [...this.#waiting.keys()].toSorted((one, other) => one - other);
  }

  add(conn: number, line: string): void {
    let waiting = this.#waiting.get(conn);
    if (!waiting) {
      waiting = { lines: [], stretches: [] };
      this.#waiting.set(conn, waiting);
    }
    waiting.lines.push(line);
    this.#held += line.length + 1;
    if (this.#held > this.#mostMemory) this.#spill();
  }

  /** Its lines in their order, which are then gone from here. */
  *take(conn: number): Generator<string> {
    const waiting = this.#waiting.get(conn);
    if (!waiting) return;
    this.drop(conn);
    for (const stretch of waiting.stretches) yield* this.#read(stretch);
    yield* waiting.lines;
  }

  drop(conn: number): void {
    const waiting = this.#waiting.get(conn);
    if (!waiting) return;
    this.#waiting.delete(conn);
    for (const line of waiting.lines) this.#held -= line.length + 1;
  }

  close(): void {
    this.#waiting.clear();
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #spill(): void {
    this.#descriptor ??= openUnnamed();
    for (const waiting of this.#waiting.values()) {
      if (waiting.lines.length === 0) continue;
      const text = Buffer.from(`${waiting.lines.join('\n')}\n`);
      let written = 0;
      while (written < text.length)
        written += writeSync(this.#descriptor, text, written, text.length - written, this.#length + written);
      waiting.stretches.push({ at: this.#length, length: text.length });
      this.#length += text.length;
      waiting.lines = [];
    }
    this.#held = 0;
  }

  *#read({ at, length }: { readonly at: number; readonly length: number }): Generator<string> {
    if (this.#descriptor === undefined) return;
    const block = Buffer.alloc(Math.min(length, 64 * 1024));
    // The beginning of a line, which may be far longer than a block.
    let begun: Buffer[] = [];
    for (let read = 0; read < length; ) {
      const count = readSync(this.#descriptor, block, 0, Math.min(block.length, length - read), at + read);
      if (count === 0) break;
      read += count;
      let from = 0;
      for (let end = block.indexOf(10); end >= 0 && end < count; end = block.indexOf(10, from)) {
        const last = block.subarray(from, end);
        yield begun.length === 0 ? last.toString('utf8') : Buffer.concat([...begun, last]).toString('utf8');
        begun = [];
        from = end + 1;
      }
      if (from < count) begun.push(Buffer.from(block.subarray(from, count)));
    }
  }
}

/** A file for its owner alone, whose name is gone before anything is in it. */
function openUnnamed(): number {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-'));
  try {
    return openSync(join(folder, 'lines'), 'wx+', 0o600);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
