/**
 * How an input is spoilt: a list of small edits, as data, so that a failing list can be printed, repeated and shortened.
 * It decides what an edit does to bytes; which edits are made is asked of a random stream here and of fast-check in the
 * tests.
 */

export interface Edit {
  readonly kind: EditKind;
  /** Where, as any number: it is taken modulo the length. */
  readonly at: number;
  /** How many bytes, or how many times. */
  readonly size: number;
  readonly value: number;
}

/** Inputs never grow beyond this, whatever is put into them. */
const longest = 64 * 1024;

/** Numbers at which lengths and counters go wrong. */
const interesting = [
  0, 1, 2, 3, 4, 5, 7, 8, 0x0f, 0x10, 0x14, 0x15, 0x16, 0x17, 0x20, 0x30, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff,
  0x100, 0x301, 0x303, 0x304, 0x0a0a, 0x3fff, 0x4000, 0x4001, 0x4800, 0x7fff, 0x8000, 0xfeed, 0xffff, 0x10000,
  0x20001, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff,
];

const text = (words: string): Uint8Array => Buffer.from(words, 'latin1');
const hex = (digits: string): Uint8Array => Buffer.from(digits.replaceAll(' ', ''), 'hex');

/** What the formats are made of. */
const dictionary: readonly Uint8Array[] = [
  ...[
    '\r\n',
    '\n',
    '\r\n\r\n',
    ' ',
    '\t',
    ':',
    '0\r\n\r\n',
    'ffffffffffff\r\n',
    '1;a=b\r\nx\r\n',
    'GET / HTTP/1.1\r\n',
    'CONNECT a:1 HTTP/1.1\r\n\r\n',
    'HTTP/1.1 100 \r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    'HTTP/1.0 200 OK\r\n\r\n',
  ].map(text),
  ...[
    'Transfer-Encoding: chunked\r\n',
    'Content-Length: 3\r\n',
    'Content-Length: 999999999999999\r\n',
    'Content-Encoding: gzip\r\n',
    'Content-Encoding: br\r\n',
    'Content-Type: application/x-www-form-urlencoded\r\n',
    'Cookie: a=b; session=1\r\n',
    'Authorization: Basic YTpi\r\n',
    'Authorization: Bearer x\r\n',
    '&',
    '=',
    '%',
    '%41',
    '&a=b&password=',
    '{"password":"x"}',
  ].map(text),
  ...[
    '-----BEGIN CERTIFICATE-----\n',
    '-----END CERTIFICATE-----\n',
    '-----BEGIN X-----',
    'Proc-Type: 4,ENCRYPTED\n',
    'CLIENT_RANDOM ',
    'CLIENT_HANDSHAKE_TRAFFIC_SECRET ',
  ].map(text),
  ...[
    '16 03 01 00 04',
    '16 03 03 40 00',
    '17 03 03 00 00',
    '14 03 03 00 01 01',
    '15 03 03 00 02 02 28',
    '18 03 03 00 03',
    '80 2e 01 03 01',
    '01 00 00 00',
    '0b 00 00 03 00 00 00',
    '00 00 00 00',
  ].map(hex),
  ...[
    '30 80',
    '30 82 ff ff',
    '30 84 ff ff ff ff',
    '02 01 00',
    '03 01 00',
    '05 00',
    '06 00',
    '06 01 80',
    'a0 03 02 01 02',
    '17 0d',
    '18 0f',
    '1e 01 00',
    '04 82',
  ].map(hex),
  ...[
    '0a 0d 0d 0a',
    '4d 3c 2b 1a',
    '1a 2b 3c 4d',
    '01 00 00 00',
    '03 00 00 00',
    '06 00 00 00',
    '0a 00 00 00',
    '0c 00 00 00',
    '45 00',
    '60 00 00 00',
    '00 2c',
    '08 00',
    '86 dd',
    '81 00',
    '88 64',
  ].map(hex),
  ...['ff ff ff ff ff ff ff ff', '80 00 00 00', '7f ff ff ff'].map(hex),
];

const pick = <T>(items: readonly T[], value: number): T => items[value % items.length] as T;

type Apply = (bytes: Uint8Array, edit: Edit, donor: Uint8Array) => Uint8Array;

function changed(bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  const copy = Uint8Array.from(bytes);
  change(copy);
  return copy;
}

const replaced = (bytes: Uint8Array, from: number, to: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([bytes.subarray(0, from), ...parts, bytes.subarray(to)]);

function number(width: number, little: boolean): Apply {
  return (bytes, { at, value, size }) =>
    changed(bytes, (copy) => {
      // A length that lies by little is the more interesting lie.
      const held = Array.from(
        { length: width },
        (_, index) => copy[at + (little ? width - 1 - index : index)] ?? 0,
      ).reduce((sum, byte) => sum * 256 + byte, 0);
      const written = size % 3 === 0 ? held + (value % 9) - 4 : pick(interesting, value);
      for (let index = 0; index < width; index++) {
        const place = at + (little ? index : width - 1 - index);
        if (place < copy.length) copy[place] = Math.floor((written >>> 0) / 256 ** index) & 0xff;
      }
    });
}

/** `at` lies within the bytes; of an empty input it is 0. */
const edits = {
  bit: (bytes, { at, value }) =>
    changed(bytes, (copy) => {
      if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << (value & 7));
    }),
  byte: (bytes, { at, value }) =>
    changed(bytes, (copy) => {
      if (copy.length > 0) copy[at] = value & 0xff;
    }),
  byteOfInterest: (bytes, { at, value }) =>
    changed(bytes, (copy) => {
      if (copy.length > 0) copy[at] = pick(interesting, value) & 0xff;
    }),
  length16: number(2, false),
  length24: number(3, false),
  length32: number(4, false),
  little16: number(2, true),
  little32: number(4, true),
  truncate: (bytes, { at }) => bytes.subarray(0, at),
  behead: (bytes, { at }) => bytes.subarray(at),
  remove: (bytes, { at, size }) => replaced(bytes, at, Math.min(bytes.length, at + 1 + size)),
  insert: (bytes, { at, value }) => replaced(bytes, at, at, pick(dictionary, value)),
  overwrite: (bytes, { at, value }) =>
    replaced(bytes, at, Math.min(bytes.length, at + pick(dictionary, value).length), pick(dictionary, value)),
  repeat: (bytes, { at, size, value }) => {
    const block = bytes.subarray(at, at + 1 + size);
    return replaced(bytes, at, at, ...Array.from({ length: value % 64 }, () => block));
  },
  fill: (bytes, { at, size, value }) =>
    changed(bytes, (copy) => {
      copy.fill(pick(interesting, value) & 0xff, at, at + 1 + size);
    }),
  move: (bytes, { at, size, value }) => {
    const block = bytes.subarray(at, at + 1 + size);
    const without = replaced(bytes, at, at + block.length);
    const to = without.length === 0 ? 0 : value % without.length;
    return replaced(without, to, to, block);
  },
  splice: (bytes, { at, size, value }, donor) => {
    const from = donor.length === 0 ? 0 : value % donor.length;
    return replaced(bytes, at, at, donor.subarray(from, from + 1 + size));
  },
  cross: (bytes, { at, value }, donor) =>
    replaced(bytes, at, bytes.length, donor.subarray(donor.length === 0 ? 0 : value % donor.length)),
} as const satisfies Readonly<Record<string, Apply>>;

export type EditKind = keyof typeof edits;
export const editKinds = Object.keys(edits) as readonly EditKind[];

/** The input with every edit made, one after another; `donor` gives what is spliced in. */
export function edited(input: Uint8Array, list: readonly Edit[], donor: Uint8Array = input): Uint8Array {
  let bytes = input;
  for (const edit of list) {
    const apply: Apply = edits[edit.kind];
    bytes = apply(bytes, { ...edit, at: bytes.length === 0 ? 0 : edit.at % bytes.length }, donor).subarray(
      0,
      longest,
    );
  }
  return bytes;
}

/** A number from 0 up to, not including, `below`. */
export type Random = (below: number) => number;

/** A stream of numbers that the seed fixes: xorshift (Marsaglia 2003). */
export function randomOf(seed: number): Random {
  let state = seed >>> 0 || 0x9e3779b9;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}

/** One to eight edits, mostly few. */
export function randomEdits(random: Random): Edit[] {
  const count = 1 + Math.min(random(8), random(8));
  return Array.from({ length: count }, () => ({
    kind: pick(editKinds, random(editKinds.length)),
    at: random(longest),
    size: random(4) === 0 ? random(1024) : random(16),
    value: random(2 ** 32),
  }));
}
