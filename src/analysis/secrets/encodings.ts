/**
 * Generates the encodings of a secret on a wire: one row per encoding that clients use, each with its byte patterns.
 * `secret-hunt.ts` searches for them. A new encoding is a row.
 *
 * 1. URL encoders differ in what they leave as it is, so each set of characters in use is a row of `urlSafe`, in upper
 *    and lower case hex. An encoder that escapes an arbitrary subset, or mixes the cases, is not covered.
 * 2. Base64 of a secret inside something longer has three alignments; the pattern is what its neighbours cannot change.
 *    Base64 that is broken into lines is covered for private keys alone (`private-key-secret.ts`). Twice is how etcd's JSON
 *    gateway carries a Secret of Kubernetes, which has its values in Base64 already.
 * 3. UTF-16 is one encoding: for ASCII the two byte orders differ only in the zero at one end, which is left out.
 * 4. Text is searched as it was given and in the normal forms NFC and NFD: macOS types Korean in NFD.
 */
import { latin1Text } from '../../core/bytes.ts';
import type { Localized } from '../../i18n/language.ts';

export const encodingIds = [
  'plain',
  'url',
  'url_all',
  'base64',
  'base64url',
  'base64_twice',
  'hex',
  'utf16',
  'json',
  'json_all',
  'html',
] as const;
export type EncodingId = (typeof encodingIds)[number];

export interface Encoding {
  readonly id: EncodingId;
  /** As it stands after a secret on a verdict line. */
  readonly name: Localized;
  /** Patterns for text or for bytes (key material): bytes travel as they are, in Base64 or in hex. */
  readonly patterns: (value: string | Uint8Array) => readonly Uint8Array[];
}

const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const bytesOf = (value: string | Uint8Array): Uint8Array => (typeof value === 'string' ? utf8(value) : value);
const forText =
  (encode: (text: string) => readonly Uint8Array[]) =>
  (value: string | Uint8Array): readonly Uint8Array[] =>
    typeof value === 'string' ? encode(value) : [];
const bothCases = (hexOf: (digits: (byte: number) => string) => string): Uint8Array[] => {
  const lower = (byte: number): string => byte.toString(16).padStart(2, '0');
  return [utf8(hexOf((byte) => lower(byte).toUpperCase())), utf8(hexOf(lower))];
};

/** What an encoder leaves as it is beside letters and digits, and what it makes of a space. */
const urlSafe: readonly { readonly who: string; readonly safe: string; readonly space: string }[] = [
  { who: 'encodeURIComponent', safe: "-_.!~*'()", space: '%20' },
  { who: 'RFC 3986: curl --data-urlencode, rawurlencode, urllib quote', safe: '-_.~', space: '%20' },
  { who: 'WHATWG forms, URLSearchParams', safe: '*-._', space: '+' },
  { who: 'urllib quote_plus, Go QueryEscape', safe: '-_.~', space: '+' },
  { who: 'urlencode of PHP', safe: '-_.', space: '+' },
  { who: 'encodeURI, and what a query may hold', safe: "-_.!~*'();/?:@&=+$,#", space: '%20' },
];

const letterOrDigit = /^[A-Za-z0-9]$/;

function urlEncode(text: string, safe: string, space: string): Uint8Array[] {
  const isSafe = (character: string): boolean => safe.includes(character) || letterOrDigit.test(character);
  // Unescaped characters are the same in every encoder.
  if (Array.prototype.every.call(text, isSafe)) return [utf8(text)];
  return bothCases((digits) =>
    Array.from(utf8(text), (byte) => {
      const character = String.fromCharCode(byte);
      if (character === ' ') return space;
      return isSafe(character) ? character : `%${digits(byte)}`;
    }).join(''),
  );
}

/** The characters of Base64 that depend on `bytes` alone, when they stand `before` bytes into a group of three. */
export function base64Core(bytes: Uint8Array, before: 0 | 1 | 2, alphabet: 'base64' | 'base64url'): string {
  const text = Buffer.concat([new Uint8Array(before), bytes]).toString(alphabet);
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}

const alignments = [0, 1, 2] as const;

function utf16(text: string): Uint8Array[] {
  const little = Buffer.from(text, 'utf16le');
  const big = Buffer.from(little).swap16();
  return [little.at(-1) === 0 ? little.subarray(0, -1) : little, big[0] === 0 ? big.subarray(1) : big];
}

const codeUnits = (text: string): number[] =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));

/** `\u00e9` in upper or lower case hex. */
const unicodeEscape = (unit: number, digits: (byte: number) => string): string =>
  `\\u${digits(unit >> 8)}${digits(unit & 0xff)}`;

/** As JSON.stringify writes it, with the slash escaped besides (PHP), and with everything beyond ASCII escaped (Python, Java). */
function jsonEscape(text: string): Uint8Array[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const slashed = plain.replaceAll('/', '\\/');
  return [plain, slashed].flatMap((form) => [
    utf8(form),
    ...bothCases((digits) =>
      codeUnits(form)
        .map((unit) => (unit > 0x7e ? unicodeEscape(unit, digits) : String.fromCharCode(unit)))
        .join(''),
    ),
  ]);
}

const namedEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function htmlEscape(text: string): Uint8Array[] {
  const named = (apostrophe: string): string =>
    text.replace(/[&<>"']/g, (found) => namedEntities[found] ?? apostrophe);
  const numeric = (reference: (codePoint: number) => string): string =>
    Array.from(text, (found) => reference(found.codePointAt(0) ?? 0)).join('');
  return [
    ...["'", '&#39;', '&#x27;', '&apos;'].map((apostrophe) => utf8(named(apostrophe))),
    utf8(numeric((codePoint) => `&#${codePoint};`)),
    utf8(numeric((codePoint) => `&#x${codePoint.toString(16)};`)),
    utf8(numeric((codePoint) => `&#x${codePoint.toString(16).toUpperCase()};`)),
  ];
}

export const encodings: readonly Encoding[] = [
  { id: 'plain', name: { en: 'as plain text', ko: '평문 그대로' }, patterns: (value) => [bytesOf(value)] },
  {
    id: 'url',
    name: { en: 'URL-encoded', ko: 'URL 인코딩' },
    patterns: forText((text) => urlSafe.flatMap(({ safe, space }) => urlEncode(text, safe, space))),
  },
  {
    id: 'url_all',
    name: { en: 'URL-encoded, every byte', ko: 'URL 인코딩(모든 바이트)' },
    patterns: forText((text) =>
      bothCases((digits) => Array.from(utf8(text), (byte) => `%${digits(byte)}`).join('')),
    ),
  },
  {
    id: 'base64',
    name: { en: 'in Base64', ko: 'Base64' },
    patterns: (value) => alignments.map((before) => utf8(base64Core(bytesOf(value), before, 'base64'))),
  },
  {
    id: 'base64url',
    name: { en: 'in Base64url', ko: 'Base64url' },
    patterns: (value) => alignments.map((before) => utf8(base64Core(bytesOf(value), before, 'base64url'))),
  },
  {
    id: 'base64_twice',
    name: { en: 'in Base64 within Base64', ko: 'Base64 안의 Base64' },
    patterns: (value) =>
      alignments.flatMap((inner) =>
        alignments.map((outer) =>
          utf8(base64Core(utf8(base64Core(bytesOf(value), inner, 'base64')), outer, 'base64')),
        ),
      ),
  },
  {
    id: 'hex',
    name: { en: 'in hex', ko: '16진수' },
    patterns: (value) => [
      ...bothCases((digits) => Array.from(bytesOf(value), digits).join('')),
      ...bothCases((digits) => Array.from(bytesOf(value), digits).join(':')),
    ],
  },
  { id: 'utf16', name: { en: 'in UTF-16', ko: 'UTF-16' }, patterns: forText(utf16) },
  { id: 'json', name: { en: 'with JSON escapes', ko: 'JSON 이스케이프' }, patterns: forText(jsonEscape) },
  {
    id: 'json_all',
    name: { en: 'with JSON escapes, every character', ko: 'JSON 이스케이프(모든 문자)' },
    patterns: forText((text) =>
      bothCases((digits) =>
        codeUnits(text)
          .map((unit) => unicodeEscape(unit, digits))
          .join(''),
      ),
    ),
  },
  { id: 'html', name: { en: 'with HTML entities', ko: 'HTML 엔티티' }, patterns: forText(htmlEscape) },
];

/** Patterns shorter than this, in bytes, would be met by chance. */
export const shortestPattern = 4;

export interface EncodedSecret {
  readonly encoding: EncodingId;
  readonly pattern: Uint8Array;
}

/** Every way in which a secret may look, each byte pattern once, under the first encoding that makes it. */
export function encodedForms(value: string | Uint8Array): EncodedSecret[] {
  const forms =
    typeof value === 'string'
      ? [...new Set([value, value.normalize('NFC'), value.normalize('NFD')])]
      : [value];
  const seen = new Set<string>();
  const encoded: EncodedSecret[] = [];
  for (const { id, patterns } of encodings) {
    for (const pattern of forms.flatMap((form) => [...patterns(form)])) {
      const key = latin1Text(pattern);
      if (pattern.length < shortestPattern || seen.has(key)) continue;
      seen.add(key);
      encoded.push({ encoding: id, pattern });
    }
  }
  return encoded;
}
