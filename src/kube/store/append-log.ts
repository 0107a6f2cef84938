/**
 * What lasts of a state that is kept in memory: a file with a snapshot of it, and behind that every change since. It knows
 * neither state nor changes, which are JSON to it: the embedded etcd's are in `etcd/write-ahead-log.ts`.
 *
 * A line is a checksum (8 hex digits), the length of its JSON in bytes, and the JSON. The first names the format, a `null`
 * ends the snapshot.
 *
 * 1. Nothing is acknowledged before it is on the disk. What was appended while the disk was busy is written by one call.
 * 2. Every checksum goes on from the one before (CRC-32): no line can be changed, left out, repeated or moved unnoticed.
 * 3. What was being written when the process or the machine stopped is the beginning of a line, or zeros that were never
 *    filled, at the end of the file: it is cut off. Everything else that does not fit is damage; nothing behind it is believed,
 *    and nothing is passed over.
 * 4. A file of more than twice its snapshot is written anew beside and renamed over the old one: there is always one, whole.
 * 5. When a write fails, or the file has been deleted, nothing is acknowledged any more: memory is ahead of the disk then,
 *    and only a restart mends that.
 * 6. A line has at most `longestLine` bytes, and only a file is read: what else has its name is as damaged as one that begins
 *    otherwise.
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';

export interface AppendLogOptions {
  readonly path: string;
  /** The first line. */
  readonly format: string;
  /** The state with all that was appended so far. What is returned is not affected by later changes. */
  snapshot(): Iterable<unknown>;
  /** Bytes that the file may have beside twice its snapshot. */
  readonly slackBytes: number;
  /** Called once, with what failed (rule 5). */
  onFailure(error: Error): void;
}

export interface Restored {
  restore(snapshot: readonly unknown[]): void;
  /** @returns false for a change that cannot come here. */
  redo(change: unknown): boolean;
}

/** What does not fit: the first line, a checksum, the order of changes, the end of the snapshot, or the end of the file. */
export type Misfit = 'heading' | 'content' | 'order' | 'snapshot' | 'ending';

/** A file that cannot be believed, from which byte on, and on which line that is, counted from 1. */
export class LogDamage extends Error {
  readonly at: number;
  readonly line: number;
  readonly misfit: Misfit;

  constructor(at: number, line: number, misfit: Misfit) {
    super(`${misfit} at byte ${at}`);
    this.name = 'LogDamage';
    this.at = at;
    this.line = line;
    this.misfit = misfit;
  }
}

const pieceBytes = 1024 * 1024;
/** Far more than a request of etcd, 1.5 MiB, can change: one may remove every key. */
const longestLine = 128 * 1024 * 1024;
const headingBytes = 1024;

interface LogEnd {
  /** Bytes up to the end of the last whole line, and the checksum there. */
  readonly end: number;
  readonly checksum: number;
}

export interface Replayed extends LogEnd {
  /** Bytes of the snapshot. */
  readonly snapshotEnd: number;
}

/** The lines of values, and the checksum from which the next goes on. */
export function encodeLines(
  values: Iterable<unknown>,
  checksum: number,
): { readonly text: string; readonly checksum: number } {
  let text = '';
  let last = checksum;
  for (const value of values) {
    const json = JSON.stringify(value);
    const content = `${Buffer.byteLength(json)} ${json}`;
    last = crc32(content, last);
    text += `${last.toString(16).padStart(8, '0')} ${content}\n`;
  }
  return { text, checksum: last };
}

/** Reads a log in pieces of any size into a state. @throws LogDamage */
export function replay(pieces: Iterable<Buffer>, format: string, state: Restored): Replayed {
  const snapshot: unknown[] = [];
  let snapshotEnd: number | undefined;
  const lines = readLines(pieces);
  let next = lines.next();
  if (next.done || next.value.value !== format) throw new LogDamage(0, 1, 'heading');
  for (next = lines.next(); !next.done; next = lines.next()) {
    const { value, at, line } = next.value;
    if (snapshotEnd !== undefined) {
      if (value === null || !state.redo(value)) throw new LogDamage(at, line, 'order');
    } else if (value === null) {
      snapshotEnd = at;
      state.restore(snapshot.splice(0));
    } else snapshot.push(value);
  }
  // A file has its name when its snapshot is whole.
  if (snapshotEnd === undefined) throw new LogDamage(next.value.end, next.value.lines + 1, 'snapshot');
  const { end, checksum } = next.value;
  return { end, checksum, snapshotEnd };
}

function* readLines(
  pieces: Iterable<Buffer>,
): Generator<
  { readonly value: unknown; readonly at: number; readonly line: number },
  LogEnd & { readonly lines: number }
> {
  /** The line that has begun, in pieces. */
  let held: Buffer[] = [];
  let at = 0;
  let lines = 0;
  let checksum = 0;
  for (const piece of pieces) {
    // Zeros that were never filled are no line, however many.
    if (held.at(-1)?.at(-1) === 0 && isZeros(piece)) continue;
    held.push(piece);
    if (!piece.includes('\n')) {
      const length = held.reduce((sum, one) => sum + one.length, 0);
      if (length > (lines === 0 ? headingBytes : longestLine))
        throw new LogDamage(at, lines + 1, lines === 0 ? 'heading' : 'ending');
      continue;
    }
    const rest = Buffer.concat(held);
    let from = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', from)) {
      const line = rest.subarray(from, end);
      checksum = crc32(line.subarray(9), checksum);
      if (line.toString('latin1', 0, 9) !== `${checksum.toString(16).padStart(8, '0')} `)
        throw new LogDamage(at, lines + 1, lines === 0 ? 'heading' : 'content');
      lines++;
      yield { value: JSON.parse(line.toString('utf8', line.indexOf(' ', 9) + 1)), at, line: lines };
      at += end + 1 - from;
      from = end + 1;
    }
    held = [rest.subarray(from)];
  }
  if (!isTorn(Buffer.concat(held))) throw new LogDamage(at, lines + 1, lines === 0 ? 'heading' : 'ending');
  return { end: at, checksum, lines };
}

const zeros = Buffer.alloc(pieceBytes);
const isZeros = (bytes: Buffer): boolean => bytes.equals(zeros.subarray(0, bytes.length));

/** Whether these bytes are the beginning of a line, less than a whole one, with or without zeros behind it. */
function isTorn(bytes: Buffer): boolean {
  let end = bytes.length;
  while (bytes[end - 1] === 0) end--;
  const text = bytes.toString('latin1', 0, end);
  const [, length, json = ''] = /^[\da-f]{8} (\d+) ([^]*)$/.exec(text) ?? [];
  return length === undefined
    ? /^(?:[\da-f]{0,8}|[\da-f]{8} \d*)$/.test(text)
    : json.length <= Number(length);
}

/**
 * Opens the log, and reads into the state what there was; makes one of the state where there is none.
 * @throws LogDamage, and what the system says
 */
export async function openAppendLog(
  options: AppendLogOptions,
  state: Restored,
): Promise<{ readonly log: AppendLog; readonly recovered?: { readonly tornBytes: number } }> {
  const log = new AppendLog(options);
  let file: number;
  try {
    file = openSync(options.path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await log.rewrite();
    return { log };
  }
  try {
    if (!fstatSync(file).isFile()) throw new LogDamage(0, 1, 'heading');
    const end = replay(piecesOf(file), options.format, state);
    const tornBytes = fstatSync(file).size - end.end;
    if (tornBytes > 0) {
      ftruncateSync(file, end.end);
      fsyncSync(file);
    }
    await log.resume(end);
    return { log, recovered: { tornBytes } };
  } finally {
    closeSync(file);
  }
}

function* piecesOf(file: number): Generator<Buffer> {
  for (;;) {
    const piece = Buffer.allocUnsafe(pieceBytes);
    const read = readSync(file, piece, 0, pieceBytes, null);
    if (read === 0) return;
    yield piece.subarray(0, read);
  }
}

export class AppendLog {
  readonly #options: AppendLogOptions;
  #file: FileHandle | undefined;
  #size = 0;
  /** From which size on it is written anew. */
  #most = 0;
  #checksum = 0;
  #pending: unknown[] = [];
  #mark = 0;
  #lasting = 0;
  /** Settles when what was appended so far is on the disk; undefined when it is. Once rejected it stays so. */
  #tail: Promise<void> | undefined;

  constructor(options: AppendLogOptions) {
    this.#options = options;
  }

  /** The mark of the last change that is on the disk. */
  get lasting(): number {
    return this.#lasting;
  }

  /** Bytes of the file. */
  get size(): number {
    return this.#size;
  }

  /** @param mark a number that `lasting` is from when this change lasts. */
  append(change: unknown, mark = 0): void {
    this.#mark = mark;
    this.#pending.push(change);
    if (this.#pending.length > 1) return;
    this.#tail = this.#writeBehind(this.#tail);
    this.#tail.catch(() => {});
  }

  /** Resolves when all that was appended lasts; undefined when it does already. Rejects when it cannot be kept any more. */
  settled(): Promise<void> | undefined {
    return this.#tail;
  }

  /** Goes on behind what was read. */
  async resume({ end, checksum, snapshotEnd }: Replayed): Promise<void> {
    this.#file = await open(this.#options.path, 'a');
    this.#size = end;
    this.#most = 2 * snapshotEnd + this.#options.slackBytes;
    this.#checksum = checksum;
  }

  /** Rule 4. */
  async rewrite(): Promise<void> {
    const { path, format, slackBytes } = this.#options;
    const state = this.#options.snapshot();
    const draft = await open(`${path}.new`, 'w', 0o600);
    try {
      let size = 0;
      let checksum = 0;
      let text = '';
      for (const value of framed(format, state)) {
        const line = encodeLines([value], checksum);
        ({ checksum } = line);
        text += line.text;
        // So that other work comes between.
        if (text.length < pieceBytes) continue;
        size += await writeWhole(draft, text);
        text = '';
      }
      size += await writeWhole(draft, text);
      await draft.datasync();
      await this.#demandFile();
      await rename(`${path}.new`, path);
      await syncFolder(dirname(path));
      const old = this.#file;
      this.#file = draft;
      this.#size = size;
      this.#most = 2 * size + slackBytes;
      this.#checksum = checksum;
      await old?.close();
    } catch (error) {
      if (this.#file !== draft) await draft.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    // What is appended meanwhile is awaited too. A failure has been reported, and stays.
    for (let last: Promise<void> | undefined; this.#tail !== last; ) {
      last = this.#tail;
      await last?.catch(() => {});
    }
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** @param before fails where an earlier write has failed (rule 5). */
  async #writeBehind(before: Promise<void> | undefined): Promise<void> {
    await before;
    // What else this turn of the event loop brings is written with it.
    await setImmediate();
    try {
      await this.#write();
    } catch (error) {
      this.#options.onFailure(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
    if (this.#pending.length === 0) this.#tail = undefined;
  }

  async #write(): Promise<void> {
    const mark = this.#mark;
    const changes = this.#pending;
    this.#pending = [];
    if (!this.#file) throw new Error('the log is closed');
    // The snapshot has the changes.
    if (this.#size > this.#most) await this.rewrite();
    else {
      const { text, checksum } = encodeLines(changes, this.#checksum);
      this.#size += await writeWhole(this.#file, text);
      await this.#file.datasync();
      await this.#demandFile();
      this.#checksum = checksum;
    }
    this.#lasting = mark;
  }

  /** @throws where the file has been deleted: nobody can find again what is written to it. */
  async #demandFile(): Promise<void> {
    if (this.#file && (await this.#file.stat()).nlink === 0)
      throw new Error(`its file ${basename(this.#options.path)} has been deleted`);
  }
}

function* framed(format: string, state: Iterable<unknown>): Generator {
  yield format;
  yield* state;
  yield null;
}

/** @returns its bytes. */
async function writeWhole(file: FileHandle, text: string): Promise<number> {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; )
    done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
  return bytes.length;
}

/** So that a new name lasts; a system that opens no folders keeps names in its own way. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'EBADF'].includes(code)) throw error;
  } finally {
    await handle?.close();
  }
}
