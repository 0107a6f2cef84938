/**
 * Bytes that come in pieces, until there are enough of them. Large pieces are kept as they are; crumbs, each of which would
 * take more memory for what describes it than for what it is, are put together.
 */

/** A piece that is shorter is copied; so much room is taken for such at once. */
const crumb = 512;
const tray = 4096;

export class Gathering {
  #parts: Uint8Array[] = [];
  /** Where crumbs are put together: the last part is a view of its beginning. */
  #tray: Uint8Array | undefined;
  #filled = 0;

  /** How many pieces there are, put together as they are. */
  get parts(): number {
    return this.#parts.length;
  }

  /** The first piece; undefined where there is none. */
  get first(): Uint8Array | undefined {
    return this.#parts[0];
  }

  add(bytes: Uint8Array): void {
    if (this.#parts.length === 0 || bytes.length >= crumb) {
      this.#parts.push(bytes);
      this.#tray = undefined;
      return;
    }
    const isNew = this.#tray === undefined || this.#filled + bytes.length > tray;
    const room = isNew ? new Uint8Array(tray) : (this.#tray ?? new Uint8Array(tray));
    if (isNew) this.#filled = 0;
    room.set(bytes, this.#filled);
    this.#filled += bytes.length;
    this.#tray = room;
    this.#parts[this.#parts.length - (isNew ? 0 : 1)] = room.subarray(0, this.#filled);
  }

  /** Everything: a view where it came in one piece, else a copy. */
  joined(): Uint8Array {
    const [first] = this.#parts;
    return this.#parts.length === 1 && first ? first : Buffer.concat(this.#parts);
  }

  clear(): void {
    if (this.#parts.length > 0) this.#parts = [];
    this.#tray = undefined;
    this.#filled = 0;
  }
}
