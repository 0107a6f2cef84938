/**
 * Caches results for recent byte strings, such as a server's certificate, which recurs on each connection. Only for
 * results that depend on the bytes alone.
 */

const mostEntries = 256;
/** Results for longer bytes are not cached, to limit memory. */
const longest = 16 * 1024;

export class Recent<Value extends object> {
  readonly #known = new Map<string, Value>();

  /**
   * @param work computes the result from a copy of the bytes, which nothing else writes to or references
   * @param beside what else the result depends on
   */
  of(bytes: Uint8Array, work: (copy: Uint8Array) => Value, beside = ''): Value {
    if (bytes.length > longest) return work(bytes);
    const key = beside + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    return this.under(key, () => work(bytes.slice()));
  }

  /** @param key all that the result depends on */
  under(key: string, work: () => Value): Value {
    const known = this.#known.get(key);
    if (known) return known;
    const value = work();
    const [oldest] = this.#known.size >= mostEntries ? this.#known.keys() : [];
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, value);
    return value;
  }
}
