/**
 * Builds the ASN.1 elements of certificates, requests and revocation lists: thin constructors over node-forge, which
 * encodes the DER. Nothing is parsed here: the counterpart is `protocols/x509`.
 */
import { latin1Text } from '../../core/bytes.ts';
import type forge from 'node-forge';
// All of node-forge, with its ciphers and its own TLS, takes 25 ms to load; this part 3 ms.
import asn1 from 'node-forge/lib/asn1.js';
import util from 'node-forge/lib/util.js';

export type Asn1 = forge.asn1.Asn1;

// The published types have only some universal tags; a context tag is any number.
const create: (tagClass: number, tag: number, constructed: boolean, value: string | Asn1[]) => Asn1 =
  asn1.create;
const universal = (tag: number, constructed: boolean, value: string | Asn1[]): Asn1 =>
  create(asn1.Class.UNIVERSAL, tag, constructed, value);
const contextual = (tag: number, constructed: boolean, value: string | Asn1[]): Asn1 =>
  create(asn1.Class.CONTEXT_SPECIFIC, tag, constructed, value);

const binary = (bytes: Uint8Array): string => latin1Text(bytes);

export const sequence = (...items: readonly Asn1[]): Asn1 => universal(asn1.Type.SEQUENCE, true, [...items]);
/** Of any number of items: a call accepts only a limited number of arguments. */
export const sequenceOf = (items: readonly Asn1[]): Asn1 => universal(asn1.Type.SEQUENCE, true, [...items]);
export const set = (...items: readonly Asn1[]): Asn1 => universal(asn1.Type.SET, true, [...items]);
export const oid = (dotted: string): Asn1 =>
  universal(asn1.Type.OID, false, asn1.oidToDer(dotted).getBytes());
export const nothing = (): Asn1 => universal(asn1.Type.NULL, false, '');
export const octetString = (bytes: Uint8Array): Asn1 =>
  universal(asn1.Type.OCTETSTRING, false, binary(bytes));
export const utf8String = (text: string): Asn1 => universal(asn1.Type.UTF8, false, util.encodeUtf8(text));
export const printableString = (text: string): Asn1 => universal(asn1.Type.PRINTABLESTRING, false, text);
export const ia5String = (text: string): Asn1 => universal(asn1.Type.IA5STRING, false, text);
/** Of characters of the Basic Multilingual Plane: node-forge writes two bytes for each. */
export const bmpString = (text: string): Asn1 => universal(asn1.Type.BMPSTRING, false, text);
export const boolean = (value: boolean): Asn1 => universal(asn1.Type.BOOLEAN, false, value ? '\xff' : '\0');
export const enumerated = (value: number): Asn1 =>
  universal(asn1.Type.ENUMERATED, false, String.fromCharCode(value));
export const small = (value: number): Asn1 =>
  universal(asn1.Type.INTEGER, false, asn1.integerToDer(value).getBytes());

/** A non-negative INTEGER from its big-endian bytes. */
export function unsigned(bytes: Uint8Array): Asn1 {
  let at = 0;
  while (at < bytes.length - 1 && bytes[at] === 0) at++;
  const shortest = bytes.subarray(at);
  return universal(asn1.Type.INTEGER, false, ((shortest[0] ?? 0) >= 0x80 ? '\0' : '') + binary(shortest));
}

/** A BIT STRING of whole bytes. */
export const bitString = (bytes: Uint8Array): Asn1 =>
  universal(asn1.Type.BITSTRING, false, `\0${binary(bytes)}`);

/** A BIT STRING of named bits: DER drops the zero bits at the end (X.690 section 11.2.2). */
export function namedBits(positions: readonly number[]): Asn1 {
  const highest = Math.max(-1, ...positions);
  const bytes = new Uint8Array(Math.floor(highest / 8) + 1);
  for (const at of positions) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (0x80 >> (at & 7));
  return universal(
    asn1.Type.BITSTRING,
    false,
    String.fromCharCode(bytes.length * 8 - highest - 1) + binary(bytes),
  );
}

/** [n] EXPLICIT. */
export const explicit = (tag: number, inner: Asn1): Asn1 => contextual(tag, true, [inner]);
/** [n] IMPLICIT of a primitive type. */
export const implicit = (tag: number, bytes: Uint8Array): Asn1 => contextual(tag, false, binary(bytes));
/** [n] IMPLICIT of a constructed type. */
export const implicitList = (tag: number, ...items: readonly Asn1[]): Asn1 =>
  contextual(tag, true, [...items]);

/** UTCTime up to 2049, then GeneralizedTime (RFC 5280 section 4.1.2.5). */
export function time(milliseconds: number): Asn1 {
  const date = new Date(milliseconds);
  return date.getUTCFullYear() < 2050
    ? universal(asn1.Type.UTCTIME, false, asn1.dateToUtcTime(date))
    : universal(asn1.Type.GENERALIZEDTIME, false, asn1.dateToGeneralizedTime(date));
}

/** Existing DER, inserted byte for byte. */
export function taken(der: Uint8Array): Asn1 {
  // The published types know only the older `strict` flag. Bit strings stay opaque; otherwise forge decodes keys inside
  // them.
  return asn1.fromDer(binary(der), { decodeBitStrings: false } as unknown as boolean);
}

export function toDer(value: Asn1): Uint8Array {
  return new Uint8Array(Buffer.from(asn1.toDer(value).getBytes(), 'latin1'));
}
