/**
 * Parses one DNS message (RFC 1035 section 4) into a field tree and facts: header, question, and the records A, AAAA,
 * CNAME, TXT, SRV and the other names; the record OPT of EDNS (RFC 6891). `conversation.ts` describes it; the
 * counterpart that writes is `peers/resolver/dns-writer.ts`.
 *
 * 1. A pointer in a name must lead to a position before the name (RFC 1035 section 4.1.4), and every further one before
 *    the last: so names cannot loop. A name of more than 255 bytes is invalid.
 * 2. Record data of an unsupported type is one field of bytes.
 */
import { defined } from '../../core/defined.ts';
import { readStep } from '../../core/cursor.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { FieldValue, Step } from '../../core/field.ts';
import type { DnsFieldId } from './ids.ts';
import { types } from './codes.ts';

export interface DnsQuestion {
  /** Without the last full stop; `.` for the root. What is no printable ASCII is written as `\DDD`. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export interface DnsRecord extends DnsQuestion {
  /** In seconds. */
  readonly ttl: number;
  /** An address, a name, texts joined by blanks; for SRV its target. Undefined where the type is not read. */
  readonly data?: string;
  /** For SRV. */
  readonly port?: number;
}

export interface DnsContent {
  readonly id: number;
  readonly isResponse: boolean;
  readonly opcode: number;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  /** With the upper bits that OPT brings. */
  readonly rcode: number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
  /** The UDP size that the sender accepts, if it uses EDNS. */
  readonly edns?: { readonly version: number; readonly payloadSize: number };
}

/**
 * Reads a whole message. Its offsets count from `base`.
 * @returns never `needMore`: a message has an end.
 */
export function readDns(bytes: Uint8Array, base = 0): Step<DnsContent> {
  return readStep('dns', bytes, (cursor) => readContent(cursor, { bytes, base }), { base, open: false });
}

/** The whole message, which the pointers of names count in. */
interface Whole {
  readonly bytes: Uint8Array;
  readonly base: number;
}

interface Opt {
  readonly upperRcode: number;
  readonly version: number;
  readonly payloadSize: number;
}

function readContent(cursor: Cursor, whole: Whole): DnsContent {
  const id = cursor.uint16('dns.id');
  const flags = cursor.uint16('dns.flags');
  const questionCount = cursor.uint16('dns.question_count');
  const answerCount = cursor.uint16('dns.answer_count');
  const authorityCount = cursor.uint16('dns.authority_count');
  const additionalCount = cursor.uint16('dns.additional_count');
  const questions = times(questionCount, () => readQuestion(cursor, whole));
  let opt: Opt | undefined;
  const records = (count: number, field: DnsFieldId): DnsRecord[] =>
    times(count, () => {
      const read = readRecord(cursor, field, whole);
      if ('upperRcode' in read) opt ??= read;
      return 'upperRcode' in read ? [] : [read];
    }).flat();
  const answers = records(answerCount, 'dns.answer');
  const authorities = records(authorityCount, 'dns.authority');
  const additionals = records(additionalCount, 'dns.additional');
  if (cursor.remaining > 0) cursor.rest('dns.trailing');
  return defined({
    id,
    isResponse: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0xf,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    rcode: (flags & 0xf) + (opt ? opt.upperRcode * 16 : 0),
    questions,
    answers,
    authorities,
    additionals,
    edns: opt && { version: opt.version, payloadSize: opt.payloadSize },
  });
}

/** A count that bytes do not bear out ends at the first that is missing. */
function times<T>(count: number, read: () => T): T[] {
  const all: T[] = [];
  for (let done = 0; done < count; done++) all.push(read());
  return all;
}

function readQuestion(cursor: Cursor, whole: Whole): DnsQuestion {
  return cursor.block('dns.question', lengthOfName(cursor, whole) + 4, (inner) => {
    const name = readName(inner, whole);
    return { name, type: inner.uint16('dns.type'), class: inner.uint16('dns.class') };
  });
}

function readRecord(cursor: Cursor, field: DnsFieldId, whole: Whole): DnsRecord | Opt {
  const nameLength = lengthOfName(cursor, whole);
  const dataLength = (cursor.peek(nameLength + 8) ?? 0) * 256 + (cursor.peek(nameLength + 9) ?? 0);
  return cursor.block(field, nameLength + 10 + dataLength, (inner) => {
    const name = readName(inner, whole);
    const type = inner.uint16('dns.type');
    if (type === types.OPT) return readOpt(inner);
    const recordClass = inner.uint16('dns.class');
    const ttl = inner.uint32('dns.ttl');
    const length = inner.uint16('dns.data.length');
    const data = inner.block('dns.data', length, (content) => readData(content, type, whole));
    return { name, type, class: recordClass, ttl, ...data };
  });
}

/** RFC 6891 section 6.1: class and time to live have other meanings in this record. */
function readOpt(inner: Cursor): Opt {
  const payloadSize = inner.uint16('dns.opt.payload_size');
  const upperRcode = inner.uint8('dns.opt.extended_rcode');
  const version = inner.uint8('dns.opt.version');
  inner.uint16('dns.opt.flags');
  const length = inner.uint16('dns.data.length');
  inner.block('dns.opt.options', length, (options) => {
    while (options.remaining > 0) {
      options.uint16('dns.opt.option.code');
      const size = options.uint16('dns.opt.option.length');
      options.bytes('dns.opt.option.data', size);
    }
  });
  return { payloadSize, upperRcode, version };
}

function readData(content: Cursor, type: number, whole: Whole): { data?: string; port?: number } {
  const reader = dataReaders[type];
  if (reader) return reader(content, whole);
  if (content.remaining > 0) content.rest('dns.data.unknown');
  return {};
}

type DataReader = (content: Cursor, whole: Whole) => { data?: string; port?: number };

const readTarget: DataReader = (content, whole) => ({ data: readName(content, whole) });

/** RFC 1035 section 3.3 and 3.4, RFC 3596 section 2.2 (AAAA), RFC 2782 (SRV). */
const dataReaders: Readonly<Record<number, DataReader>> = {
  1: (content) => ({ data: valued(content, content.bytes('dns.data.address', 4).join('.')) }),
  28: (content) => ({ data: valued(content, writeIpv6(content.bytes('dns.data.address', 16))) }),
  2: readTarget,
  5: readTarget,
  12: readTarget,
  16: (content) => {
    const texts: string[] = [];
    while (content.remaining > 0)
      texts.push(content.text('dns.data.text', content.uint8('dns.data.text.length')));
    return { data: texts.join(' ') };
  },
  33: (content, whole) => {
    content.uint16('dns.data.priority');
    content.uint16('dns.data.weight');
    const port = content.uint16('dns.data.port');
    return { data: readName(content, whole), port };
  },
};

const pointerBits = 0xc0;
const longestName = 255;
/** Names of that size have no more labels, and no honest writer needs more pointers. */
const mostPointers = 127;

/** How many bytes the next name takes where it stands; more than there are where it has no end. */
function lengthOfName(cursor: Cursor, { bytes, base }: Whole): number {
  const start = cursor.offset - base;
  for (let at = start; ; ) {
    const length = bytes[at];
    if (length === undefined) return at - start + 1;
    if (length === 0) return at - start + 1;
    if (length >= pointerBits) return at - start + 2;
    at += 1 + length;
  }
}

/** Reads a name and notes it as the value of its field. */
function readName(cursor: Cursor, whole: Whole): string {
  const { bytes, base } = whole;
  const start = cursor.offset - base;
  const labels: string[] = [];
  let size = 1;
  const add = (label: Uint8Array, offset: number): void => {
    size += 1 + label.length;
    if (size > longestName)
      cursor.fail('too_long', 'dns.name', `at most ${longestName} bytes`, 'more', offset);
    labels.push(writeLabel(label));
  };
  let pointer: number | undefined;
  cursor.block('dns.name', lengthOfName(cursor, whole), (inner) => {
    for (;;) {
      const length = inner.peek() ?? 0;
      if (length >= pointerBits) {
        pointer = inner.uint16('dns.name.pointer') & 0x3fff;
        return;
      }
      if (length >= 0x40)
        inner.fail(
          'bad_value',
          'dns.name.length',
          'a label of at most 63 bytes or a pointer',
          String(length),
        );
      inner.uint8('dns.name.length');
      if (length === 0) return;
      const from = inner.offset;
      inner.text('dns.name.label', length);
      add(bytes.subarray(from - base, from - base + length), from);
    }
  });
  // What a pointer leads to has its fields where it stands.
  let hops = 0;
  for (let at = pointer, before = start; at !== undefined; ) {
    if (++hops > mostPointers)
      cursor.fail('too_long', 'dns.name.pointer', `at most ${mostPointers} pointers`, 'more');
    if (at >= before) cursor.fail('bad_value', 'dns.name.pointer', 'a place before the name', String(at));
    before = at;
    let next: number | undefined;
    for (;;) {
      const length = bytes[at] ?? 0;
      if (length >= pointerBits) {
        next = (length & 0x3f) * 256 + (bytes[at + 1] ?? 0);
        break;
      }
      if (length >= 0x40) cursor.fail('bad_value', 'dns.name.pointer', 'the place of a name', String(before));
      if (length === 0) break;
      add(bytes.subarray(at + 1, at + 1 + length), cursor.offset);
      at += 1 + length;
    }
    at = next;
  }
  return valued(cursor, labels.join('.') || '.');
}

/** The field that was just read has this value. */
function valued<T extends FieldValue>(cursor: Cursor, value: T): T {
  const { fields } = cursor;
  const last = fields.at(-1);
  if (last) fields[fields.length - 1] = { ...last, value };
  return value;
}

/** As RFC 1035 section 5.1 and RFC 4343 section 2.1 write what a name may hold besides letters. */
function writeLabel(label: Uint8Array): string {
  let text = '';
  for (const byte of label) {
    if (byte === 0x2e || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte > 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\${String(byte).padStart(3, '0')}`;
  }
  return text;
}

/** RFC 5952 section 4: the longest run of zeros, of two at least, is left out. */
function writeIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  const runs = groups.map((_, at) => {
    const end = groups.findIndex((group, index) => index >= at && group !== '0');
    return (end < 0 ? 8 : end) - at;
  });
  const longest = Math.max(...runs);
  if (longest < 2) return groups.join(':');
  const at = runs.indexOf(longest);
  return `${groups.slice(0, at).join(':')}::${groups.slice(at + longest).join(':')}`;
}
