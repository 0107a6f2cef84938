/**
 * Implements RC4 for decryption only: OpenSSL 3 has it in a provider that Node does not load, and RFC 7465 prohibits it
 * in TLS. Captures of old machines still contain it.
 */

/** One direction of a connection: the key stream continues from record to record. */
export class Rc4 {
  readonly #state = Uint8Array.from({ length: 256 }, (_, index) => index);
  #i = 0;
  #j = 0;

  /** @param key 5 to 16 bytes in TLS. */
  constructor(key: Uint8Array) {
    let j = 0;
    for (let i = 0; i < 256; i++) {
      j = (j + (this.#state[i] ?? 0) + (key[i % key.length] ?? 0)) & 0xff;
      this.#swap(i, j);
    }
  }

  /** The same operation seals and opens. */
  apply(bytes: Uint8Array): Uint8Array {
    return bytes.map((byte) => byte ^ this.#next());
  }

  /** Skips missing bytes. */
  skip(count: number): void {
    for (let left = count; left > 0; left--) this.#next();
  }

  #next(): number {
    this.#i = (this.#i + 1) & 0xff;
    const a = this.#state[this.#i] ?? 0;
    this.#j = (this.#j + a) & 0xff;
    const b = this.#state[this.#j] ?? 0;
    this.#swap(this.#i, this.#j);
    return this.#state[(a + b) & 0xff] ?? 0;
  }

  #swap(i: number, j: number): void {
    const held = this.#state[i] ?? 0;
    this.#state[i] = this.#state[j] ?? 0;
    this.#state[j] = held;
  }
}
