/**
 * Decodes Kubernetes' protobuf into the equivalent JSON: the envelope (`k8s\0` and a runtime.Unknown), and messages by
 * their tables in `schema.ts`. `protobuf-writer.ts` encodes, for etcd; every client that sends protobuf accepts JSON responses.
 *
 * 1. Fields that are not in a table are ignored, as in protobuf; a value that does not match its table is an error.
 * 2. Go writes empty strings, zeros and false for unset fields: outside lists and maps an empty string is absent, and
 *    so is a zero if the table says so (`optional`).
 * 3. Lengths are limited by the available data, and list elements by `elementLimit`.
 */
import type { Json, JsonObject } from './json.ts';
import type { FieldType, Message } from './schema/message.ts';

/** Bytes that are no such message. */
export class ProtobufError extends Error {}

export const magic = Buffer.from('k8s\0', 'latin1');

/** Elements of lists and maps in one body: the shortest takes two bytes, and far more in memory. */
const elementLimit = 100_000;

/** What the envelope names and holds. */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

/** @throws ProtobufError */
export function readEnvelope(body: Uint8Array): Envelope {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!bytes.subarray(0, magic.length).equals(magic))
    throw new ProtobufError(
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    );
  let typeMeta: Typed = { apiVersion: '', kind: '' };
  let raw: Uint8Array = new Uint8Array(0);
  for (const { number, value } of fieldsOf(bytes.subarray(magic.length))) {
    if (number === 1) typeMeta = readTypeMeta(bytesOf(value));
    else if (number === 2) raw = bytesOf(value);
    else if (number === 3 && bytesOf(value).length > 0)
      throw new ProtobufError('no content encoding is known');
  }
  return { ...typeMeta, raw };
}

interface Typed {
  readonly apiVersion: string;
  readonly kind: string;
}

function readTypeMeta(bytes: Uint8Array): Typed {
  const read = { apiVersion: '', kind: '' };
  for (const { number, value } of fieldsOf(bytes)) {
    if (number === 1) read.apiVersion = textOf(bytesOf(value));
    else if (number === 2) read.kind = textOf(bytesOf(value));
  }
  return read;
}

/** @throws ProtobufError */
export function readMessage(bytes: Uint8Array, schema: Message): JsonObject {
  return new Decoder().message(bytes, schema);
}

class Decoder {
  #elements = 0;

  message(bytes: Uint8Array, schema: Message): JsonObject {
    const { fields, inline } = schema;
    const byNumber = numbersOf(schema);
    const read = new Map<string, Json>();
    for (const { number, value } of fieldsOf(bytes)) {
      if (number === inline?.[0]) {
        for (const [field, one] of Object.entries(this.message(bytesOf(value), inline[1])))
          read.set(field, one);
        continue;
      }
      const known = byNumber.get(number);
      if (!known) continue;
      const { field, type } = known;
      if (typeof type === 'object' && 'list' in type) {
        this.#count();
        const elements = (read.get(field) ?? []) as Json[];
        elements.push(this.#value(value, type.list, field));
        read.set(field, elements);
      } else if (typeof type === 'object' && 'map' in type) {
        this.#count();
        const entries = (read.get(field) ?? []) as Json[];
        entries.push(this.#entry(bytesOf(value), type.map, field));
        read.set(field, entries);
      } else if (type !== 'any') {
        const one = this.#value(value, type, field);
        const isNone =
          one === '' || (typeof type === 'object' && 'optional' in type && (one === 0 || one === false));
        if (!isNone) read.set(field, one);
      }
    }
    return Object.fromEntries(
      Array.from(read, ([field, value]) => {
        const type = Object.hasOwn(fields, field) ? fields[field]?.[1] : undefined;
        return [
          field,
          typeof type === 'object' && 'map' in type
            ? Object.fromEntries(value as unknown as [string, Json][])
            : value,
        ];
      }),
    );
  }

  #count(): void {
    if (++this.#elements > elementLimit) throw new ProtobufError(`more than ${elementLimit} elements`);
  }

  #entry(bytes: Uint8Array, type: FieldType, field: string): Json[] {
    let key = '';
    let value: Json | undefined;
    for (const { number, value: raw } of fieldsOf(bytes)) {
      if (number === 1) key = textOf(bytesOf(raw));
      else if (number === 2) value = this.#value(raw, type, field);
    }
    return [key, value ?? (type === 'strings' ? [] : '')];
  }

  #value(value: WireValue, type: FieldType, field: string): Json {
    switch (type) {
      case 'string':
        return textOf(bytesOf(value));
      case 'bytes':
        return Buffer.from(bytesOf(value)).toString('base64');
      case 'int32':
      case 'int64':
        return integerOf(value, type);
      case 'bool':
        return intOf(value) !== 0n;
      case 'time':
        return timeOf(bytesOf(value));
      case 'microTime':
        return microTimeOf(bytesOf(value));
      case 'quantity':
        return this.message(bytesOf(value), quantity)['string'] ?? '0';
      case 'strings':
        return this.message(bytesOf(value), strings)['items'] ?? [];
      case 'intOrString': {
        const { type: which, intVal = 0, strVal = '' } = this.message(bytesOf(value), intOrString);
        return which === 1 ? strVal : intVal;
      }
      case 'any':
        throw new ProtobufError(`no protobuf representation of ${field} is known`);
      default:
        if ('fields' in type) return this.message(bytesOf(value), type);
        if ('text' in type) return textOf(bytesOf(value));
        if ('optional' in type) return this.#value(value, type.optional, field);
        throw new ProtobufError(`no protobuf representation of ${field} is known`);
    }
  }
}

const numbers = new WeakMap<
  Message,
  ReadonlyMap<number, { readonly field: string; readonly type: FieldType }>
>();

/** Made once a message: a list of a million elements asks as often. */
function numbersOf(
  schema: Message,
): ReadonlyMap<number, { readonly field: string; readonly type: FieldType }> {
  const known =
    numbers.get(schema) ??
    new Map(Object.entries(schema.fields).map(([field, [number, type]]) => [number, { field, type }]));
  numbers.set(schema, known);
  return known;
}

export const strings: Message = { name: 'ExtraValue', fields: { items: [1, { list: 'string' }] } };
export const quantity: Message = { name: 'Quantity', fields: { string: [1, 'string'] } };
/** util/intstr: which of the two it is, 0 for the number. */
export const intOrString: Message = {
  name: 'IntOrString',
  fields: { type: [1, 'int64'], intVal: [2, 'int32'], strVal: [3, 'string'] },
};

function integerOf(value: WireValue, type: 'int32' | 'int64'): number {
  return Number(BigInt.asIntN(type === 'int32' ? 32 : 64, intOf(value)));
}

/** metav1.Time: seconds and nanoseconds since the epoch. Empty where it is no time that can be written. */
function timeOf(bytes: Uint8Array): string {
  return secondsOf(bytes)?.text.concat('Z') ?? '';
}

/** metav1.MicroTime is written with six digits behind the seconds. */
function microTimeOf(bytes: Uint8Array): string {
  const read = secondsOf(bytes);
  return read ? `${read.text}.${String(Math.trunc(read.nanos / 1000)).padStart(6, '0')}Z` : '';
}

function secondsOf(bytes: Uint8Array): { readonly text: string; readonly nanos: number } | undefined {
  let [seconds, nanos] = [0, 0];
  for (const { number, value } of fieldsOf(bytes)) {
    if (number === 1) seconds = Number(BigInt.asIntN(64, intOf(value)));
    else if (number === 2) nanos = integerOf(value, 'int32');
  }
  const date = new Date(seconds * 1000);
  return bytes.length === 0 || Number.isNaN(date.getTime()) || nanos < 0 || nanos > 999_999_999
    ? undefined
    : { text: date.toISOString().replace(/\.\d+Z$/, ''), nanos };
}

type WireValue = bigint | Uint8Array;

interface WireField {
  readonly number: number;
  readonly value: WireValue;
}

function bytesOf(value: WireValue): Uint8Array {
  if (typeof value === 'bigint') throw new ProtobufError('wrong wire type: expected a length');
  return value;
}

function intOf(value: WireValue): bigint {
  if (typeof value !== 'bigint') throw new ProtobufError('wrong wire type: expected an integer');
  return value;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new ProtobufError('a string is not UTF-8');
  }
}

/** The fields of a message in their order (protobuf encoding, "Message Structure"). Groups are not in use any more. */
function* fieldsOf(bytes: Uint8Array): Generator<WireField> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = view[at++];
      if (byte === undefined) throw new ProtobufError('unexpected EOF');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError('integer overflow');
  };
  const take = (length: number): Uint8Array => {
    if (length > view.length - at) throw new ProtobufError('unexpected EOF');
    at += length;
    return view.subarray(at - length, at);
  };
  while (at < view.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    const wireType = Number(tag & 7n);
    if (number === 0 || number > 0x1fff_ffff) throw new ProtobufError(`illegal tag ${number}`);
    if (wireType === 0) yield { number, value: varint() };
    else if (wireType === 1) yield { number, value: take(8) };
    else if (wireType === 2) yield { number, value: take(Number(varint())) };
    else if (wireType === 5) yield { number, value: take(4) };
    else throw new ProtobufError(`wrong wire type ${wireType} for field ${number}`);
  }
}
