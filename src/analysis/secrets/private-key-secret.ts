/**
 * Represents a private key as secrets to search for. Every form of a key (PKCS#8, SEC1, PKCS#1, JWK, PEM) contains the
 * same numbers, so the numbers are searched: a form's headers and its public half may legitimately be on the wire.
 *
 * 1. The first 32 bytes of each number are enough to be that key and no other.
 * 2. In PEM a line break cuts the Base64 after every 64 characters; each piece of a line that the number alone decides
 *    is a pattern of its own, when it is long enough not to be chance.
 */
import type { PrivateKeyForms } from '../../pki/keystore/private-key-forms.ts';
import { base64Core } from './encodings.ts';
import type { Secret } from './secret-hunt.ts';

const numberLength = 32;
const pemLineBytes = 48;
/** 96 bits. */
const shortestPiece = 16;

/** The secrets of one key, all under one id. */
export function privateKeySecrets(forms: PrivateKeyForms, id = `private-key:${forms.name}`): Secret[] {
  const numbers = forms.secrets.map(({ bytes }) => bytes).filter((bytes) => bytes.length >= numberLength);
  const pieces = [forms.pkcs8, ...(forms.traditional ? [forms.traditional] : [])].flatMap((der) =>
    numbers.flatMap((number) => pemPieces(der, number)),
  );
  return [...numbers.map((bytes) => bytes.subarray(0, numberLength)), ...new Set(pieces)].map((value) => ({
    id,
    value,
    label: forms.name,
  }));
}

/** What `number` alone decides in the lines of `der` as PEM, up to the first 32 bytes of the number. */
function pemPieces(der: Uint8Array, number: Uint8Array): string[] {
  const start = Buffer.from(der).indexOf(number);
  if (start < 0) return [];
  const end = start + number.length;
  const pieces: string[] = [];
  for (let from = start, taken = 0; from < end && taken < numberLength; ) {
    const to = Math.min(end, (Math.floor(from / pemLineBytes) + 1) * pemLineBytes);
    const piece = base64Core(der.subarray(from, to), (from % 3) as 0 | 1 | 2, 'base64');
    if (piece.length >= shortestPiece) {
      pieces.push(piece);
      taken += to - from;
    }
    from = to;
  }
  return pieces;
}
