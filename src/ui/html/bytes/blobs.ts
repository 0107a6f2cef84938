/** Puts data into a page: bytes with addresses, and values as JSON, compressed where that makes them shorter. */
import { gzipSync } from 'node:zlib';
import { lastUpTo } from '../../../capture/flow-stream.ts';
import { base64 } from '../element.ts';
import type { Html } from '../element.ts';
import { blobSize, elementId } from './format.ts';

/** Compression that saves less than this part is not worth undoing. */
const leastSaved = 0.03;

/** @param id of the element */
export function blob(id: string, bytes: Uint8Array): Html {
  const packed = gzipSync(bytes, { level: 6 });
  const isPacked = packed.length < bytes.length * (1 - leastSaved);
  return base64(id, isPacked ? packed : bytes, { 'data-form': isPacked ? 'gzip' : 'plain' });
}

export const jsonBlob = (id: string, value: unknown): Html => blob(id, Buffer.from(JSON.stringify(value)));

/** Bytes in one address space, cut into blobs of `blobSize`. */
export class ByteStore {
  readonly blobs: Html[] = [];
  #open = new Uint8Array(blobSize);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @returns the address of the first one */
  add(bytes: Uint8Array): number {
    const address = this.#length;
    for (let taken = 0; taken < bytes.length; ) {
      const at = this.#length % blobSize;
      const piece = bytes.subarray(taken, taken + blobSize - at);
      this.#open.set(piece, at);
      taken += piece.length;
      this.#length += piece.length;
      if (this.#length % blobSize === 0) this.#close(blobSize);
    }
    return address;
  }

  /** Nothing more will come. */
  finish(): void {
    if (this.#length % blobSize > 0) this.#close(this.#length % blobSize);
  }

  #close(length: number): void {
    this.blobs.push(blob(elementId('raw', this.blobs.length), this.#open.subarray(0, length)));
  }
}

/** The bytes of one direction that are in a store, wherever they are there. */
export class StoredStream {
  readonly #store: ByteStore;
  /** Rising and without overlap. */
  readonly #runs: { readonly offset: number; readonly address: number; length: number }[] = [];

  constructor(store: ByteStore) {
    this.#store = store;
  }

  /** Adds the bytes at an offset, which is not below what was added before. */
  add(offset: number, bytes: Uint8Array): void {
    const last = this.#runs.at(-1);
    const address = this.#store.add(bytes);
    if (last && last.offset + last.length === offset && last.address + last.length === address)
      last.length += bytes.length;
    else this.#runs.push({ offset, address, length: bytes.length });
  }

  /** Addresses and lengths by turns; undefined where some bytes of the stretch are missing. */
  partsOf(offset: number, length: number): number[] | undefined {
    const parts: number[] = [];
    let at = offset;
    const first = lastUpTo(this.#runs.length, (index) => this.#runs[index]?.offset ?? 0, offset);
    for (let index = first; at < offset + length; index++) {
      const run = this.#runs[index];
      if (!run || run.offset > at || run.offset + run.length <= at) return undefined;
      const taken = Math.min(offset + length, run.offset + run.length) - at;
      parts.push(run.address + at - run.offset, taken);
      at += taken;
    }
    return parts;
  }
}
