/**
 * Builds a byte string, with length-prefixed blocks. The counterpart of the Cursor.
 */

export class Writer {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** Of the output so far, in bytes. */
  get length(): number {
    return this.#length;
  }

  uint8(value: number): this {
    return this.#number(value, 1);
  }

  uint16(value: number): this {
    return this.#number(value, 2);
  }

  uint24(value: number): this {
    return this.#number(value, 3);
  }

  uint32(value: number): this {
    return this.#number(value, 4);
  }

  bytes(value: Uint8Array): this {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  text(value: string): this {
    return this.bytes(Buffer.from(value, 'utf8'));
  }

  /**
   * The output of `write`, preceded by its length in `lengthBytes` bytes.
   * @throws RangeError if it does not fit.
   */
  vector(lengthBytes: 1 | 2 | 3, write: (inner: Writer) => void): this {
    const inner = new Writer();
    write(inner);
    const body = inner.finish();
    return this.#number(body.length, lengthBytes).bytes(body);
  }

  /** A copy of the output so far. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #number(value: number, width: number): this {
    if (!Number.isInteger(value) || value < 0 || value >= 256 ** width)
      throw new RangeError(`${value} does not fit into ${width} bytes`);
    this.#reserve(width);
    for (let at = width - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 256))
      this.#bytes[this.#length + at] = rest % 256;
    this.#length += width;
    return this;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
