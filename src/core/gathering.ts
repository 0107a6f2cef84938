/**
 * Buffers bytes that arrive in pieces. Large pieces are kept as they are; small ones, whose descriptors would take more
 * memory than their contents, are merged.
 */

/** Shorter pieces are copied; this much room is allocated for them at once. */
const crumb = 512;
const tray = 4096;

export class Gathering {
  #parts: Uint8Array[] = [];
  /** The buffer for small pieces: the last part is a view of its start. */
  #tray: Uint8Array | undefined;
  #filled = 0;

  /** The number of pieces, after merging. */
  get parts(): number {
    return this.#parts.length;
  }

  /** The first piece; undefined if there is none. */
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

  /** Everything: a view if there is one piece, else a copy. */
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
