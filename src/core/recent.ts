/**
 * What was worked out of bytes that come again and again, as a server's certificate does on each of its connections: worked out
 * once, and remembered for the newest of them. Only for what depends on the bytes alone.
 */

const mostEntries = 256;
/** Longer bytes are worked out each time: what is remembered stays small. */
const longest = 16 * 1024;

export class Recent<Value extends object> {
  readonly #known = new Map<string, Value>();

  /**
   * @param work works it out of a copy of the bytes, which nobody else writes to or keeps alive
   * @param beside what else it depends on
   */
  of(bytes: Uint8Array, work: (copy: Uint8Array) => Value, beside = ''): Value {
    if (bytes.length > longest) return work(bytes);
    const key = beside + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const known = this.#known.get(key);
    if (known) return known;
    const value = work(bytes.slice());
    const [oldest] = this.#known.size >= mostEntries ? this.#known.keys() : [];
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, value);
    return value;
  }
}
