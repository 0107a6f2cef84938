/**
 * Implements the record layer (RFC 8446 section 5.1, RFC 5246 section 6.2): record boundaries. `messages.ts` handles
 * the contents. `readRecord` names every byte of one record; `RecordStream` splits a stream into records as its chunks
 * arrive, without a tree, since it handles bulk data.
 *
 * 1. A record is recognized by its content: type 20 to 24, major version 3, a length that a standard allows.
 * 2. After an invalid header the stream stops: without lengths the next record cannot be found.
 * 3. An SSL 2.0 hello may precede the first record; it is returned as if it were a record.
 * 4. The first bytes fed are the start of its records, wherever they are in the direction.
 * 5. Bytes of at most one record are buffered. A record within one chunk is a view of it, not a copy.
 */
import { Cursor, excerpt, readStep } from '../../core/cursor.ts';
import type { Malformed, Remark, Step } from '../../core/field.ts';
import { toCode } from '../../core/hex.ts';
import {
  contentTypes,
  headerLength,
  isVersion2Hello,
  maxFragment,
  version2Hello,
  version2Length,
} from './framing.ts';

export interface TlsRecord {
  readonly contentType: number;
  /** The version in the header, which says little since TLS 1.3. */
  readonly version: number;
  readonly fragment: Uint8Array;
}

/** What is wrong with a header, or undefined. `at` is where it begins in its stream. */
function headerFault(
  contentType: number,
  version: number,
  length: number,
  at: number,
): Malformed | undefined {
  if (contentType < contentTypes.changeCipherSpec || contentType > contentTypes.heartbeat) {
    return {
      kind: 'bad_value',
      id: 'tls.record.content_type',
      offset: at,
      expected: '20 to 24',
      found: String(contentType),
    };
  }
  if (version >> 8 !== 3 || (version & 0xff) > 4) {
    return {
      kind: 'bad_value',
      id: 'tls.record.version',
      offset: at + 1,
      expected: '0x0300 to 0x0304',
      found: toCode(version),
    };
  }
  if (length > maxFragment) {
    return {
      kind: 'too_long',
      id: 'tls.record.length',
      offset: at + 3,
      expected: `at most ${maxFragment}`,
      found: String(length),
    };
  }
  return undefined;
}

const frozen: readonly Remark[] = [{ id: 'tls.record.version.frozen' }];

/** The five bytes before the payload, as one field. */
export function readRecordHeader(cursor: Cursor): {
  readonly contentType: number;
  readonly version: number;
  readonly length: number;
} {
  return cursor.block('tls.record.header', headerLength, (header) => {
    const at = header.offset;
    const contentType = header.uint8('tls.record.content_type');
    // The surprise of nearly every first record: it says TLS 1.0, for old middleboxes (RFC 8446 section 5.1).
    const version = header.uint16('tls.record.version', header.peek(1) === 1 ? frozen : []);
    const length = header.uint16('tls.record.length');
    const fault = headerFault(contentType, version, length, at);
    if (fault) header.fail(fault.kind, fault.id, fault.expected, fault.found, fault.offset);
    return { contentType, version, length };
  });
}

/**
 * One record at the start of `bytes`.
 * @param options.base where `bytes` begins in its stream; `options.open` whether more may follow.
 */
export function readRecord(
  bytes: Uint8Array,
  options: { base?: number; open?: boolean } = {},
): Step<TlsRecord> {
  const read = (cursor: Cursor): TlsRecord => {
    const { contentType, version, length } = readRecordHeader(cursor);
    return { contentType, version, fragment: cursor.bytes('tls.record.fragment', length) };
  };
  return readStep('tls.record', bytes, read, options);
}

/** A record of a stream, by its place. */
export interface PlacedRecord {
  /** Offset of the header in the stream. */
  readonly start: number;
  /** Offset behind the record. */
  readonly end: number;
  /** `version2Hello` where it is no record but a ClientHello in the form of SSL 2.0. */
  readonly contentType: number;
  readonly version: number;
  /** The whole record, header included; undefined if its bytes were not requested or not all captured. */
  readonly bytes: Uint8Array | undefined;
  /** The tags of the chunks with its first and its last byte. */
  readonly firstTag: number;
  readonly lastTag: number;
}

/** Where and why a stream can be cut no further. */
export interface StreamFault {
  readonly start: number;
  readonly malformed: Malformed;
  readonly tag: number;
  /** Bytes are missing: behind them there may be records again. */
  readonly isLoss?: true;
}

/**
 * Whether bytes that do not begin a conversation begin with a record. A header alone is five bytes that anything may have:
 * the next one must follow, or the bytes end where the record does.
 * @param isLikely behind a gap, or where a capture begins: a record of data that is longer than these bytes will do.
 */
export function looksLikeRecords(bytes: Uint8Array, isLikely: boolean): boolean {
  for (let at = 0, seen = 0; ; seen++) {
    const header = bytes.subarray(at, at + headerLength);
    if (header.length < headerLength) return seen > 0 && header.length === 0;
    const length = (header[3] ?? 0) * 256 + (header[4] ?? 0);
    if (headerFault(header[0] ?? 0, (header[1] ?? 0) * 256 + (header[2] ?? 0), length, 0) || length === 0)
      return false;
    if (seen === 2) return true;
    at += headerLength + length;
    if (at > bytes.length) return seen > 0 || (isLikely && header[0] === contentTypes.applicationData);
  }
}

/** Whether bytes begin with the header of a record, empty ones too: enough where the other side speaks TLS. */
export function beginsRecord(bytes: Uint8Array): boolean {
  const [type, major, minor, high, low] = bytes;
  if (type === undefined || major === undefined || minor === undefined || high === undefined) return false;
  return low !== undefined && !headerFault(type, major * 256 + minor, high * 256 + low, 0);
}

/** Whether bytes begin as a record does, as far as they have come. No plaintext protocol begins so, whatever length follows. */
export function mayBeginRecord(bytes: Uint8Array): boolean {
  const [type, major = 3, minor = 0] = bytes;
  return type !== undefined && !headerFault(type, major * 256 + minor, 0, 0);
}

/** One direction of a connection, cut into records. */
export class RecordStream {
  readonly #wants: (contentType: number, length: number, start: number) => boolean;
  readonly #header = new Uint8Array(headerLength);
  #hasBegun = false;
  #origin = 0;
  #headerFilled = 0;
  /** The record under way: undefined between two records and while its header is incomplete. */
  #whole: Uint8Array | undefined;
  #start = 0;
  #end = 0;
  #at = 0;
  #firstTag = 0;
  #lastTag = 0;
  #hasGap = false;
  #isVersion2 = false;
  #fault: StreamFault | undefined;

  /** @param wants whether the bytes of a record of that type, length and offset are wanted; asked once for each record. */
  constructor(wants: (contentType: number, length: number, start: number) => boolean = () => true) {
    this.#wants = wants;
  }

  /** Set once the stream can be cut no further; later bytes are ignored. */
  get fault(): StreamFault | undefined {
    return this.#fault;
  }

  /** Offset behind the last byte that was seen. */
  get length(): number {
    return this.#at;
  }

  /** Bytes of an incomplete record. */
  get pending(): number {
    return this.#headerFilled < headerLength ? this.#headerFilled : this.#at - this.#start;
  }

  /**
   * Takes the bytes at `offset`; returns the records that they complete. Bytes seen before are skipped. A gap inside a
   * record leaves that record without bytes; a gap that swallows a header ends the stream.
   */
  feed(offset: number, bytes: Uint8Array, tag = 0): PlacedRecord[] {
    const records: PlacedRecord[] = [];
    if (this.#fault) return records;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#origin = offset;
      this.#at = offset;
      this.#start = offset;
    }
    let at = Math.max(0, this.#at - offset);
    if (offset > this.#at) this.#lose(offset, tag, records);
    const { length } = bytes;
    while (at < length && !this.#fault) {
      if (this.#headerFilled < headerLength) at = this.#readHeader(bytes, at, tag);
      else at = this.#readFragment(bytes, at);
      if (this.#headerFilled === headerLength && this.#at === this.#end) this.#complete(tag, records);
    }
    this.#lastTag = tag;
    return records;
  }

  /** Whether this many more bytes are within an unwanted record, before its last byte. */
  isPassing(length: number): boolean {
    return (
      this.#headerFilled === headerLength &&
      this.#whole === undefined &&
      this.#fault === undefined &&
      this.#at + length < this.#end
    );
  }

  /** This many bytes were received but not examined. */
  pass(length: number, tag: number): void {
    this.#at += length;
    this.#lastTag = tag;
  }

  /** The record that the end of the stream cut off, by what is known of it. */
  end(): StreamFault | undefined {
    if (this.#fault || this.pending === 0) return undefined;
    const needed = this.#headerFilled < headerLength ? headerLength : this.#end - this.#start;
    const malformed: Malformed = {
      kind: 'overrun',
      id: 'tls.record',
      offset: this.#start,
      expected: `${needed} bytes`,
      found: `${this.pending} bytes before the end`,
    };
    return { start: this.#start, malformed, tag: this.#lastTag };
  }

  #readHeader(bytes: Uint8Array, at: number, tag: number): number {
    if (this.#headerFilled === 0) {
      this.#start = this.#at;
      this.#firstTag = tag;
    }
    const available = bytes.length - at;
    // The common case: the header is completely in this chunk.
    const source = this.#headerFilled === 0 && available >= headerLength ? at : -1;
    if (source < 0) {
      const taken = Math.min(headerLength - this.#headerFilled, available);
      this.#header.set(bytes.subarray(at, at + taken), this.#headerFilled);
      this.#headerFilled += taken;
      this.#at += taken;
      if (this.#headerFilled < headerLength) return at + taken;
      this.#begin(this.#header, 0, undefined, tag);
      return at + taken;
    }
    this.#headerFilled = headerLength;
    this.#at += headerLength;
    this.#begin(bytes, source, bytes, tag);
    return at + headerLength;
  }

  /** A header is complete: `from[at]` is its first byte; `chunk` has what follows, if it is in the same chunk. */
  #begin(from: Uint8Array, at: number, chunk: Uint8Array | undefined, tag: number): void {
    const header = from.subarray(at, at + headerLength);
    this.#isVersion2 =
      this.#start === this.#origin && isVersion2Hello(header) && version2Length(header) >= headerLength;
    const contentType = header[0] ?? 0;
    const version = (header[1] ?? 0) * 256 + (header[2] ?? 0);
    const length = (header[3] ?? 0) * 256 + (header[4] ?? 0);
    const malformed = this.#isVersion2 ? undefined : headerFault(contentType, version, length, this.#start);
    if (malformed) {
      this.#fault = {
        start: this.#start,
        malformed: { ...malformed, found: `${malformed.found} in ${excerpt(header)}` },
        tag,
      };
      return;
    }
    this.#header.set(header);
    const whole = this.#isVersion2 ? version2Length(header) : headerLength + length;
    this.#end = this.#start + whole;
    this.#hasGap = false;
    this.#whole = undefined;
    const type = this.#isVersion2 ? version2Hello : contentType;
    if (!this.#wants(type, whole - headerLength, this.#start)) return;
    if (chunk && chunk.length - at >= whole) this.#whole = chunk.subarray(at, at + whole);
    else {
      this.#whole = new Uint8Array(whole);
      this.#whole.set(this.#header);
    }
  }

  #readFragment(bytes: Uint8Array, at: number): number {
    const taken = Math.min(this.#end - this.#at, bytes.length - at);
    const whole = this.#whole;
    // A view needs no filling: it shares the chunk's memory.
    if (whole && whole.buffer !== bytes.buffer)
      whole.set(bytes.subarray(at, at + taken), this.#at - this.#start);
    this.#at += taken;
    return at + taken;
  }

  #complete(tag: number, records: PlacedRecord[]): void {
    const header = this.#header;
    const versionAt = this.#isVersion2 ? 3 : 1;
    records.push({
      start: this.#start,
      end: this.#end,
      contentType: this.#isVersion2 ? version2Hello : (header[0] ?? 0),
      version: (header[versionAt] ?? 0) * 256 + (header[versionAt + 1] ?? 0),
      bytes: this.#hasGap ? undefined : this.#whole,
      firstTag: this.#firstTag,
      lastTag: tag,
    });
    this.#headerFilled = 0;
    this.#whole = undefined;
  }

  #lose(offset: number, tag: number, records: PlacedRecord[]): void {
    const isInside = this.#headerFilled === headerLength && offset <= this.#end;
    if (isInside) {
      this.#hasGap = true;
      this.#at = offset;
      if (this.#at === this.#end) this.#complete(tag, records);
      return;
    }
    const found = `${offset - this.#at} bytes were not captured`;
    const malformed: Malformed = {
      kind: 'overrun',
      id: 'tls.record',
      offset: this.#at,
      expected: 'the next record',
      found,
    };
    this.#fault = { start: this.#headerFilled > 0 ? this.#start : this.#at, malformed, tag, isLoss: true };
  }
}
