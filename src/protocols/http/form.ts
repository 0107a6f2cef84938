/**
 * Decodes what people type and browsers send: forms (application/x-www-form-urlencoded, WHATWG URL section 5.1),
 * cookies (RFC 6265 section 4.2) and Basic authorization (RFC 7617), from the head and body that `message.ts` parses.
 */
import type { Cursor } from '../../core/cursor.ts';
import { clip } from '../../i18n/clip.ts';

export interface FormField {
  readonly name: string;
  readonly value: string;
  /** Where the encoded value is in the body: start and end, in bytes. */
  readonly valueRange: readonly [start: number, end: number];
}

const plus = 0x2b;
const percent = 0x25;
const ampersand = 0x26;
const equals = 0x3d;

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Percent-decoding as a form has it: a plus is a space, an escape that is none stays as it is, the rest is UTF-8. */
export function decodeFormText(bytes: Uint8Array): string {
  const decoded = Buffer.alloc(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const [high, low] = [hexDigit(bytes[at + 1]), hexDigit(bytes[at + 2])];
    if (byte === percent && high >= 0 && low >= 0) {
      decoded[length++] = high * 16 + low;
      at += 2;
    } else decoded[length++] = byte === plus ? 0x20 : byte;
  }
  return decoded.toString('utf8', 0, length);
}

/** The fields of a form in their order, empty names included. */
export function readForm(body: Uint8Array): FormField[] {
  const fields: FormField[] = [];
  for (let start = 0; start < body.length; ) {
    const next = body.indexOf(ampersand, start);
    const end = next < 0 ? body.length : next;
    const sign = body.subarray(start, end).indexOf(equals);
    const nameEnd = sign < 0 ? end : start + sign;
    const valueStart = sign < 0 ? end : nameEnd + 1;
    if (end > start) {
      const name = decodeFormText(body.subarray(start, nameEnd));
      fields.push({
        name,
        value: decodeFormText(body.subarray(valueStart, end)),
        valueRange: [valueStart, end],
      });
    }
    start = end + 1;
  }
  return fields;
}

/** Characters: a body that is no form, whatever its type says, may be one name of megabytes. */
const mostOfNames = 200;

/** The names of the fields for a line; values may be secrets. */
export const namesOfForm = (fields: readonly { readonly name: string }[]): string =>
  clip(fields.map(({ name }) => name).join(', '), mostOfNames);

/** The same form as a tree: the bytes are those that travel, so a value is shown as it is written there. */
export function readFormFields(cursor: Cursor): void {
  const lengthUntil = (stop: (byte: number) => boolean): number => {
    let length = 0;
    for (let byte = cursor.peek(); byte !== undefined && !stop(byte); byte = cursor.peek(++length));
    return length;
  };
  while (cursor.remaining > 0) {
    const length = lengthUntil((byte) => byte === ampersand);
    const nameLength = lengthUntil((byte) => byte === ampersand || byte === equals);
    if (length > 0) {
      cursor.block('http.request.form.field', length, (field) => {
        if (nameLength > 0) field.text('http.request.form.name', nameLength);
        if (nameLength < length) field.text('http.syntax', 1);
        if (field.remaining > 0) field.text('http.request.form.value', field.remaining);
      });
    }
    if (cursor.remaining > 0) cursor.text('http.syntax', 1);
  }
}

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** The pairs of a Cookie header. */
export function readCookies(value: string): NamedValue[] {
  return value.split(';').flatMap((pair) => {
    const sign = pair.indexOf('=');
    const name = pair.slice(0, sign).trim();
    return sign > 0 && name ? [{ name, value: pair.slice(sign + 1).trim() }] : [];
  });
}

/** User and password of `Authorization: Basic …`; undefined for any other scheme or text. */
export function readBasic(value: string): { readonly user: string; readonly password: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(value)?.[1];
  if (!encoded) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : { user: pair.slice(0, colon), password: pair.slice(colon + 1) };
}
