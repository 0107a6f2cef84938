/** Bytes that come in pieces of any length, read with a look ahead. */
export class ByteSource {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);
  #offset = 0;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** How many bytes were taken. */
  get offset(): number {
    return this.#offset;
  }

  /** The next bytes, which stay there; fewer only at the end. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#held.length < count) {
      const { value, done } = await this.#pieces.next();
      if (done) break;
      this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value]);
    }
    return this.#held.subarray(0, count);
  }

  /** At least one byte and at most so many; none only at the end. */
  async take(most: number): Promise<Uint8Array> {
    if (this.#held.length === 0) await this.peek(1);
    const taken = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(taken.length);
    this.#offset += taken.length;
    return taken;
  }

  /** So many. @throws RangeError where the source ends before */
  async *pass(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; ) {
      const piece = await this.take(left);
      if (piece.length === 0) throw new RangeError('unexpected end of file');
      left -= piece.length;
      yield piece;
    }
  }

  /** The same, and forgotten. */
  async skip(count: number): Promise<void> {
    for await (const _ of this.pass(count));
  }

  /** Gives back what was taken last. */
  unread(bytes: Uint8Array): void {
    this.#held = Buffer.concat([bytes, this.#held]);
    this.#offset -= bytes.length;
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}

/** Behind compressed data stands something else. */
export class ForeignData extends Error {
  /** In the file, in bytes. */
  readonly offset: number;

  constructor(offset: number) {
    super(`other data from byte ${offset} on`);
    this.offset = offset;
  }
}
