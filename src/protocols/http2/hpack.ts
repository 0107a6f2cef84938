/**
 * Decodes header blocks (HPACK, RFC 7541) of one direction of a connection. It keeps the dynamic table; `fields.ts` makes
 * field trees of what it returns.
 *
 * 1. The table is bounded by `mostTable`, whatever the sender announces, and the decoded headers of a block by
 *    `mostDecoded`: further ones are counted, and still enter the table. A block of a few bytes can refer to a long entry
 *    many times.
 * 2. If the beginning of the direction was not captured, or a block is lost, older entries of the table are unknown:
 *    references to them give a header without a name or a value, and what is added later is known.
 * 3. An invalid block ends with an error. The table cannot be trusted after it: it counts as lost.
 */
import { latin1Text } from '../../core/bytes.ts';
import { defined } from '../../core/defined.ts';
import type { Malformed } from '../../core/field.ts';
import { decodeHuffman } from './huffman.ts';
import { staticTable } from './static-table.ts';

/** How a header is written (RFC 7541 section 6). */
export type HeaderForm =
  | 'indexed'
  /** Literal, and added to the dynamic table. */
  | 'added'
  | 'literal'
  /** Literal, and no intermediary may ever put it in a table: the sender takes it for a secret. */
  | 'never_indexed'
  | 'table_size';

/** One instruction of a block. Offsets count in the block. */
export interface HeaderField {
  readonly form: HeaderForm;
  /** Text, byte for byte; undefined where it is in an entry that is unknown. */
  readonly name?: string;
  readonly value?: string;
  /** The entry of the tables that it refers to; of `table_size` the new size. 0 for a literal name. */
  readonly index: number;
  readonly start: number;
  readonly end: number;
  /** Where the text of a literal name and of a literal value begins, after its length. */
  readonly nameText?: Text;
  readonly valueText?: Text;
}

/** A string literal: its length prefix is before `start`. */
interface Text {
  readonly lengthStart: number;
  readonly start: number;
  readonly end: number;
}

export interface HeaderBlock {
  readonly fields: readonly HeaderField[];
  /** Headers that were decoded and are not among `fields`. */
  readonly notKept: number;
  /** Where its offset counts in the block. */
  readonly malformed?: Malformed;
}

interface Entry {
  readonly name: string | undefined;
  readonly value: string | undefined;
  readonly size: number;
}

/** Bytes of the dynamic table, as its size is counted (RFC 7541 section 4.1). */
const mostTable = 256 * 1024;
const entryOverhead = 32;
const defaultTable = 4096;

/** Characters of the headers of one block. */
const mostDecoded = 128 * 1024;
const mostFields = 2048;

class BadBlock extends Error {
  readonly malformed: Malformed;
  constructor(malformed: Malformed) {
    super(malformed.expected);
    this.malformed = malformed;
  }
}

export class HeaderDecoder {
  /** The newest is last. */
  #entries: Entry[] = [];
  #size = 0;
  #capacity = defaultTable;
  /** What the receiver allows. */
  #allowed = defaultTable;
  #isLost = false;

  /** The receiver of these blocks has announced this table size (SETTINGS_HEADER_TABLE_SIZE). */
  allow(size: number): void {
    // The sender may still use the old limit until it has seen the new one.
    this.#allowed = Math.max(this.#allowed, size);
  }

  /** Older entries of the table are not known: the beginning is missing, or a block was. */
  lose(): void {
    this.#isLost = true;
    this.#entries = [];
    this.#size = 0;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  decode(block: Uint8Array): HeaderBlock {
    const reader = new BlockReader(block);
    const fields: HeaderField[] = [];
    let kept = 0;
    let notKept = 0;
    try {
      while (reader.at < block.length) {
        const field = this.#field(reader);
        kept += (field.name?.length ?? 0) + (field.value?.length ?? 0);
        if (kept <= mostDecoded && fields.length < mostFields) fields.push(field);
        else notKept++;
      }
    } catch (error) {
      if (!(error instanceof BadBlock)) throw error;
      this.lose();
      return { fields, notKept, malformed: error.malformed };
    }
    return { fields, notKept };
  }

  #field(reader: BlockReader): HeaderField {
    const start = reader.at;
    const first = reader.peek();
    if (first & 0x80) {
      const index = reader.integer(7);
      if (index === 0)
        reader.fail('http2.header.indexed', 'an entry of the header tables, counted from 1', '0', start);
      const { name, value } = this.#entry(index, reader, start);
      return defined({ form: 'indexed', name, value, index, start, end: reader.at });
    }
    if ((first & 0xe0) === 0x20) {
      const index = reader.integer(5);
      if (!this.#isLost && index > this.#allowed)
        reader.fail('http2.table_size', `at most ${this.#allowed}`, `${index}`, start);
      this.#resize(index);
      return { form: 'table_size', index, start, end: reader.at };
    }
    const form = first & 0x40 ? 'added' : first & 0x10 ? 'never_indexed' : 'literal';
    const index = reader.integer(form === 'added' ? 6 : 4);
    const nameText = index === 0 ? reader.text('http2.header.name') : undefined;
    const name = nameText ? nameText.text : this.#entry(index, reader, start).name;
    const valueText = reader.text('http2.header.value');
    const value = valueText.text;
    if (form === 'added')
      this.#add({ name, value, size: (name?.length ?? 0) + value.length + entryOverhead });
    return defined({ form, name, value, index, start, end: reader.at, nameText, valueText });
  }

  #entry(index: number, reader: BlockReader, start: number): Pick<Entry, 'name' | 'value'> {
    const fixed = staticTable[index - 1];
    if (fixed) return { name: fixed[0], value: fixed[1] };
    const known = this.#entries[this.#entries.length - (index - staticTable.length)];
    if (known) return known;
    if (!this.#isLost)
      reader.fail(
        'http2.header.indexed',
        `an entry of the header tables, at most ${staticTable.length + this.#entries.length}`,
        `${index}`,
        start,
      );
    return { name: undefined, value: undefined };
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    this.#size += entry.size;
    this.#evict();
  }

  #resize(capacity: number): void {
    this.#capacity = capacity;
    this.#evict();
  }

  /** An entry that is larger than the table empties it (RFC 7541 section 4.4). */
  #evict(): void {
    // Which entries the sender has evicted is not known where the table is: more are kept, and never referred to.
    const capacity = Math.min(this.#isLost ? mostTable : this.#capacity, mostTable);
    let gone = 0;
    while (this.#size > capacity && gone < this.#entries.length)
      this.#size -= this.#entries[gone++]?.size ?? 0;
    if (gone === 0) return;
    this.#entries.splice(0, gone);
    if (this.#capacity > mostTable) this.#isLost = true;
  }
}

/** Reads the primitives of HPACK (RFC 7541 section 5). */
class BlockReader {
  readonly #block: Uint8Array;
  at = 0;

  constructor(block: Uint8Array) {
    this.#block = block;
  }

  peek(): number {
    return this.#block[this.at] ?? 0;
  }

  /** An integer with a prefix of so many bits. */
  integer(prefix: number): number {
    const start = this.at;
    const most = 2 ** prefix - 1;
    let value = this.peek() & most;
    this.at++;
    if (value < most) return value;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#block[this.at];
      if (byte === undefined) this.#overrun('http2.header_block', 'the rest of a number', start);
      this.at++;
      value += (byte & 0x7f) * factor;
      // Values that no header needs; more digits would lose precision.
      if (value > 0xffffffff || factor > 2 ** 28)
        this.fail('http2.header_block', 'a number of at most 32 bits', 'a longer one', start);
      if (byte < 0x80) return value;
    }
  }

  text(id: Malformed['id']): Text & { readonly text: string } {
    const lengthStart = this.at;
    if (lengthStart >= this.#block.length) this.#overrun(id, 'a text', lengthStart);
    const isHuffman = (this.peek() & 0x80) !== 0;
    const length = this.integer(7);
    const start = this.at;
    const end = start + length;
    if (end > this.#block.length)
      this.fail(id, `${length} bytes`, `${this.#block.length - start} bytes left`, lengthStart, 'overrun');
    const bytes = this.#block.subarray(start, end);
    const plain = isHuffman ? decodeHuffman(bytes) : bytes;
    if (!plain) this.fail(id, 'a text in the Huffman code of HPACK', 'bytes that are none', start);
    this.at = end;
    return { lengthStart, start, end, text: latin1Text(plain) };
  }

  #overrun(id: Malformed['id'], expected: string, offset: number): never {
    this.fail(id, expected, 'the end of the header block', offset, 'overrun');
  }

  fail(
    id: Malformed['id'],
    expected: string,
    found: string,
    offset: number,
    kind: Malformed['kind'] = 'bad_value',
  ): never {
    throw new BadBlock({ kind, id, offset, expected, found });
  }
}
