/** SHA-256 of a stream that comes in pieces. */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';

const longestFirst = 512;
const hashOfNothing = createHash('sha256').digest('hex');

export interface DigestLine {
  readonly bytes: number;
  readonly sha256: string;
}

/** SHA-256 and number of bytes that arrive in pieces. */
export class Digest {
  #hash: Hash | undefined;
  /** A short first piece is kept: most connections of a large capture have no second one, and a hash object is large. */
  #first: Uint8Array | undefined;
  #bytes = 0;
  #isBroken = false;

  /** @param piece undefined if it was not captured: then the whole has no digest. */
  add(piece: Uint8Array | undefined): void {
    if (!piece) this.#isBroken = true;
    if (!piece || this.#isBroken) return;
    this.#bytes += piece.length;
    if (!this.#hash && !this.#first && piece.length <= longestFirst) {
      this.#first = piece.slice();
      return;
    }
    this.#hash ??= this.#begin();
    this.#hash.update(piece);
  }

  /** Undefined where a part was missing. */
  line(): DigestLine | undefined {
    if (this.#isBroken) return undefined;
    if (this.#bytes === 0) return { bytes: 0, sha256: hashOfNothing };
    return { bytes: this.#bytes, sha256: (this.#hash ?? this.#begin()).digest('hex') };
  }

  #begin(): Hash {
    const hash = createHash('sha256');
    if (this.#first) hash.update(this.#first);
    this.#first = undefined;
    return hash;
  }
}
