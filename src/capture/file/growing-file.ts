/**
 * A capture file that grows: what is handed to it is on the disk after `flush`, whole or not at all. It is a new file, or goes on
 * behind what a file already has: a section of pcapng may follow another.
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

/** Of the first block of a section (pcapng, section 4.1), in either byte order. */
const sectionHeader = 0x0a0d0d0a;
const leastBlock = 12;

export class GrowingFile {
  readonly path: string;
  readonly descriptor: number;
  readonly #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  /** Where it began to grow. */
  readonly start: number;
  /** Bytes that are whole. */
  #length: number;

  /** @param follows goes on behind a capture that is there; a torn block at its end, as after a crash, is cut off. */
  constructor(path: string, mode: number, follows = false) {
    this.path = path;
    const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
    this.descriptor = openSync(path, follows ? O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK : 'wx+', mode);
    try {
      this.start = follows ? wholeLength(this.descriptor) : 0;
      if (follows) ftruncateSync(this.descriptor, this.start);
    } catch (error) {
      closeSync(this.descriptor);
      throw error;
    }
    this.#length = this.start;
  }

  get waiting(): number {
    return this.#pendingBytes;
  }

  append(bytes: Uint8Array): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
  }

  flush(): void {
    if (this.#pendingBytes === 0) return;
    const pieces = [...this.#pending];
    const bytes = Buffer.concat(pieces);
    this.forget();
    let written = 0;
    try {
      while (written < bytes.length)
        written += writeSync(this.descriptor, bytes, written, undefined, this.#length + written);
      this.#length += written;
    } catch (error) {
      // What is whole stays, so that the file is read to its end.
      let whole = 0;
      for (const { length } of pieces) {
        if (whole + length > written) break;
        whole += length;
      }
      this.#length += whole;
      ftruncateSync(this.descriptor, this.#length);
      throw error;
    }
  }

  /** Replaces everything written since the start with longer content. */
  rewrite(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; )
      at += writeSync(this.descriptor, bytes, at, undefined, this.start + at);
    this.#length = this.start + bytes.length;
  }

  /** Takes back everything written since the start. */
  takeBack(): void {
    this.forget();
    ftruncateSync(this.descriptor, this.start);
    this.#length = this.start;
  }

  forget(): void {
    this.#pending.length = 0;
    this.#pendingBytes = 0;
  }
}

/** How far a file consists of whole blocks of pcapng. @throws an error with the code NOTREGULAR or NOTPCAPNG for anything else. */
function wholeLength(descriptor: number): number {
  const found = fstatSync(descriptor);
  if (!found.isFile()) throw withCode('NOTREGULAR');
  const head = new DataView(new ArrayBuffer(leastBlock));
  let isLittle = true;
  for (let at = 0; ; ) {
    if (at + leastBlock > found.size) return whole(at, found.size);
    readSync(descriptor, head, 0, leastBlock, at);
    if (head.getUint32(0) === sectionHeader) isLittle = head.getUint32(8, true) === 0x1a2b3c4d;
    else if (at === 0) throw withCode('NOTPCAPNG');
    const length = head.getUint32(4, isLittle);
    if (length < leastBlock || length % 4 !== 0 || at + length > found.size) return whole(at, found.size);
    at += length;
  }
}

/** A file of which not even the first block is whole is none of ours, unless it is empty. */
function whole(at: number, size: number): number {
  if (at === 0 && size > 0) throw withCode('NOTPCAPNG');
  return at;
}

const withCode = (code: string): Error => Object.assign(new Error(code), { code });
