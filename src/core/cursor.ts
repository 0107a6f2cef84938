/**
 * Implements a bounded reader that records what it read as a field tree. It decides what a short input means: at the
 * open end of the buffer more may come (`needMore`), inside a structure with a declared length it is `malformed`. The
 * counterpart is the Writer.
 *
 * 1. Every read has a field id; unnamed bytes do not exist for callers.
 * 2. A block must be read to its end; trailing bytes are an error.
 * 3. Nothing is copied: values of type bytes are views into the buffer.
 * 4. The exceptions thrown here never leave `readStep`; dissectors are plain sequential code.
 */
import { toHex } from './hex.ts';
import type {
  Field,
  FieldId,
  FieldValue,
  Malformed,
  MalformedKind,
  NamedFieldId,
  Origin,
  Remark,
  Step,
} from './field.ts';

class NeedMore extends Error {
  readonly count: number;
  constructor(count: number) {
    super('need more bytes');
    this.count = count;
  }
}

class MalformedError extends Error {
  readonly malformed: Malformed;
  constructor(malformed: Malformed) {
    super(`${malformed.id} at ${malformed.offset}: expected ${malformed.expected}, found ${malformed.found}`);
    this.malformed = malformed;
  }
}

interface Limits {
  readonly start: number;
  readonly end: number;
  /** Added to every recorded offset: where this buffer begins in the stream it was cut from. */
  readonly base: number;
  readonly origin: Origin;
  /** An open end may still grow; a closed one is a declared length. */
  readonly open: boolean;
}

export class Cursor {
  readonly #bytes: Uint8Array;
  readonly #limits: Limits;
  #at: number;
  readonly fields: Field[] = [];

  constructor(bytes: Uint8Array, limits: Partial<Limits> = {}) {
    this.#bytes = bytes;
    this.#limits = { start: 0, end: bytes.length, base: 0, origin: 'wire', open: false, ...limits };
    this.#at = this.#limits.start;
  }

  /** The offset of the next byte, in the coordinates of the stream. */
  get offset(): number {
    return this.#limits.base + this.#at;
  }

  get remaining(): number {
    return this.#limits.end - this.#at;
  }

  get origin(): Origin {
    return this.#limits.origin;
  }

  /** Looks ahead without reading or recording; undefined past the end. */
  peek(ahead = 0): number | undefined {
    return this.#at + ahead < this.#limits.end ? this.#bytes[this.#at + ahead] : undefined;
  }

  /** The number of bytes before the next byte of that value in this block; all remaining ones if there is none. */
  distanceTo(byte: number): number {
    const found = this.#bytes.subarray(this.#at, this.#limits.end).indexOf(byte);
    return found < 0 ? this.remaining : found;
  }

  uint8(id: FieldId, remarks: readonly Remark[] = []): number {
    return this.#number(id, 1, remarks);
  }

  uint16(id: FieldId, remarks: readonly Remark[] = []): number {
    return this.#number(id, 2, remarks);
  }

  uint24(id: FieldId, remarks: readonly Remark[] = []): number {
    return this.#number(id, 3, remarks);
  }

  uint32(id: FieldId, remarks: readonly Remark[] = []): number {
    return this.#number(id, 4, remarks);
  }

  /** A variable-length integer of QUIC (RFC 9000 section 16): its first two bits are the number of its bytes. */
  varint(id: FieldId, remarks: readonly Remark[] = []): number {
    const length = 1 << ((this.peek() ?? 0) >> 6);
    const from = this.#take(id, length);
    let value = (this.#bytes[from] ?? 0) & 0x3f;
    for (let at = from + 1; at < from + length; at++) value = value * 256 + (this.#bytes[at] ?? 0);
    this.#record(id, from, value, [], remarks);
    return value;
  }

  /** A number of up to six bytes, the least significant byte first. */
  littleEndian(id: FieldId, length: number, remarks: readonly Remark[] = []): number {
    const from = this.#take(id, length);
    let value = 0;
    for (let at = from + length - 1; at >= from; at--) value = value * 256 + (this.#bytes[at] ?? 0);
    this.#record(id, from, value, [], remarks);
    return value;
  }

  bytes(id: FieldId, length: number, remarks: readonly Remark[] = []): Uint8Array {
    const from = this.#take(id, length);
    const value = this.#bytes.subarray(from, from + length);
    this.#record(id, from, value, [], remarks);
    return value;
  }

  /** Bytes that mean `value`, in another form than they were sent: without a mask, decompressed. */
  shown(id: FieldId, length: number, value: FieldValue, remarks: readonly Remark[] = []): void {
    this.#record(id, this.#take(id, length), value, [], remarks);
  }

  /** All remaining bytes of this block. */
  rest(id: FieldId, remarks: readonly Remark[] = []): Uint8Array {
    return this.bytes(id, this.remaining, remarks);
  }

  /** Bytes read as Latin-1 text: protocol text that is ASCII by its standard, kept byte for byte. */
  text(id: FieldId, length: number, remarks: readonly Remark[] = []): string {
    const from = this.#take(id, length);
    const value = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + from, length).toString('latin1');
    this.#record(id, from, value, [], remarks);
    return value;
  }

  /** Bytes whose meaning was decoded elsewhere: what they stand for is the value. */
  decoded(id: FieldId, length: number, value: FieldValue, remarks: readonly Remark[] = []): void {
    this.#record(id, this.#take(id, length), value, [], remarks);
  }

  /** Exactly `length` bytes read by `read`, which must use all of them. */
  block<T>(id: FieldId, length: number, read: (inner: Cursor) => T, remarks: readonly Remark[] = []): T {
    const from = this.#take(id, length);
    const inner = new Cursor(this.#bytes, { ...this.#limits, start: from, end: from + length, open: false });
    let whole = false;
    try {
      const result = read(inner);
      if (inner.remaining > 0)
        inner.fail('trailing_bytes', id, 'the end of the structure', `${inner.remaining} more bytes`);
      whole = true;
      return result;
    } finally {
      this.#record(id, from, null, inner.fields, remarks, whole ? from + length : inner.#at);
    }
  }

  /** A vector with its length in a prefix of one, two or three bytes (RFC 8446 section 3.4). */
  vector<T>(
    id: NamedFieldId,
    lengthBytes: 1 | 2 | 3,
    read: (inner: Cursor) => T,
    remarks: readonly Remark[] = [],
  ): T {
    const length = this.#number(`${id}.length`, lengthBytes, []);
    return this.block(id, length, read, remarks);
  }

  /**
   * The rest of this block as read by `read`; if `read` fails, a single field `id` instead. For embedded contents from
   * another source: an error inside must not make the whole unreadable.
   */
  restOr<T>(id: FieldId, read: (inner: Cursor, bytes: Uint8Array) => T): T | undefined {
    if (this.remaining === 0) return undefined;
    const start = this.offset;
    const bytes = this.rest(id);
    const step = readStep(
      id,
      bytes,
      (inner) => inner.block(id, bytes.length, (block) => read(block, bytes)),
      { base: start, origin: this.origin, open: false },
    );
    if (!('got' in step)) return undefined;
    this.fields.pop();
    // They may exceed the number of arguments of a call.
    for (const field of step.field.children[0]?.children ?? []) this.fields.push(field);
    return step.got;
  }

  /**
   * Lets `read` go as far as it can: an error ends it, but not the whole message. If the error is a length beyond this
   * block, the start of the next part is unknown, and the rest of the block becomes one field `rest`.
   * @returns the error, if there was one
   */
  attempt(rest: FieldId, read: () => void): Malformed | undefined {
    try {
      read();
      return undefined;
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      if (error.malformed.offset >= this.offset) this.#at = this.#limits.end;
      const last = this.fields.pop();
      if (last) this.fields.push(this.#filled(last, rest));
      // The bytes that the error left unread after the parts of this block.
      const from = (last?.range[1] ?? this.#limits.base + this.#limits.start) - this.#limits.base;
      if (this.#at > from) this.#record(rest, from, this.#bytes.subarray(from, this.#at), [], []);
      return error.malformed;
    }
  }

  /**
   * Extends a field and its last descendants over the bytes that an error left unread, so that children cover it to its
   * end.
   */
  #filled(field: Field, rest: FieldId): Field {
    const [start, end] = field.range;
    const last = field.children.at(-1);
    if (field.value !== null || start === end) return field;
    const children = last ? [...field.children.slice(0, -1), this.#filled(last, rest)] : [];
    const from = last?.range[1] ?? start;
    if (from < end)
      children.push({
        id: rest,
        range: [from, end],
        value: this.#bytes.subarray(from - this.#limits.base, end - this.#limits.base),
        children: [],
        remarks: [],
        origin: field.origin,
      });
    return { ...field, children };
  }

  /** Ends the reading: the value just read is not allowed here. */
  fail(kind: MalformedKind, id: FieldId, expected: string, found: string, offset = this.offset): never {
    throw new MalformedError({ kind, id, offset, expected, found });
  }

  #number(id: FieldId, length: number, remarks: readonly Remark[]): number {
    const from = this.#take(id, length);
    let value = 0;
    for (let at = from; at < from + length; at++) value = value * 256 + (this.#bytes[at] ?? 0);
    this.#record(id, from, value, [], remarks);
    return value;
  }

  #take(id: FieldId, length: number): number {
    const missing = length - this.remaining;
    if (missing > 0) {
      if (this.#limits.open) throw new NeedMore(missing);
      this.fail('overrun', id, `${length} bytes`, `${this.remaining} bytes left`);
    }
    const from = this.#at;
    this.#at += length;
    return from;
  }

  #record(
    id: FieldId,
    from: number,
    value: FieldValue,
    children: readonly Field[],
    remarks: readonly Remark[],
    to = this.#at,
  ): void {
    const { base, origin } = this.#limits;
    this.fields.push({ id, range: [base + from, base + to], value, children, remarks, origin });
  }
}

/**
 * Runs a reader over bytes and turns the result into one of the three outcomes.
 * @param options.base offset of `bytes[0]` in its stream; `options.open` whether more bytes may follow.
 */
export function readStep<T>(
  id: FieldId,
  bytes: Uint8Array,
  read: (cursor: Cursor) => T,
  options: { base?: number; origin?: Origin; open?: boolean } = {},
): Step<T> {
  const { base = 0, origin = 'wire', open = true } = options;
  const cursor = new Cursor(bytes, { base, origin, open });
  const fieldSoFar = (): Field => ({
    id,
    range: [base, cursor.offset],
    value: null,
    children: cursor.fields,
    remarks: [],
    origin,
  });
  try {
    const got = read(cursor);
    return { got, field: fieldSoFar(), consumed: cursor.offset - base };
  } catch (error) {
    if (error instanceof NeedMore) return { needMore: error.count };
    if (error instanceof MalformedError) return { malformed: error.malformed, partial: fieldSoFar() };
    throw error;
  }
}

/** How a byte string is shown in an error about a malformed value. */
export function excerpt(bytes: Uint8Array): string {
  return bytes.length > 8 ? `${toHex(bytes.subarray(0, 8))}… (${bytes.length} bytes)` : toHex(bytes);
}
