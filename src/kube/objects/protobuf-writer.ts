/**
 * Encodes objects into Kubernetes' protobuf, for etcd: the envelope (`k8s\0` and a runtime.Unknown) and messages by the
 * tables that `protobuf.ts` decodes by. Any reader of protobuf finds the same object in it; kube-apiserver's own encoder
 * writes the empty strings and zeros of unset fields as well, which are left out here.
 *
 * 1. Fields are in the order of their numbers, entries of maps in that of their keys, as Go writes them.
 * 2. What protobuf cannot express is not written: an empty list, an empty map, null. An object with a field that is in no
 *    table, or with a value that its field cannot have, is not encoded at all.
 */
import { isJsonObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { intOrString, magic, quantity, strings } from './protobuf.ts';
import { jsonFields } from './schema/message.ts';
import type { FieldType, Message } from './schema/message.ts';

/** The object has no representation in protobuf by these tables. */
class NotEncodable extends Error {}

export interface Encodable {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Undefined for an object that the table does not cover. */
export function writeEnvelope(object: Encodable, schema: Message): Buffer | undefined {
  const { apiVersion, kind, ...fields } = object;
  try {
    const typeMeta = [lengthDelimited(1, utf8(apiVersion)), lengthDelimited(2, utf8(kind))];
    return Buffer.concat([
      magic,
      lengthDelimited(1, Buffer.concat(typeMeta)),
      lengthDelimited(2, message(fields, schema)),
      // contentEncoding and contentType: always there, always empty.
      lengthDelimited(3, Buffer.alloc(0)),
      lengthDelimited(4, Buffer.alloc(0)),
    ]);
  } catch (error) {
    if (error instanceof NotEncodable) return undefined;
    throw error;
  }
}

function message(value: JsonObject, schema: Message): Buffer {
  const { fields, inline } = schema;
  const parts: [number: number, bytes: Buffer][] = [];
  const inlined: [string, Json][] = [];
  for (const [name, one] of Object.entries(value)) {
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (known) parts.push([known[0], field(known[0], known[1], one)]);
    else if (inline && Object.hasOwn(jsonFields(inline[1]), name)) inlined.push([name, one]);
    else throw new NotEncodable(name);
  }
  if (inline && inlined.length > 0)
    parts.push([inline[0], lengthDelimited(inline[0], message(Object.fromEntries(inlined), inline[1]))]);
  return Buffer.concat(parts.toSorted(([one], [other]) => one - other).map(([, bytes]) => bytes));
}

function field(number: number, type: FieldType, value: Json | undefined): Buffer {
  if (value === null || value === undefined) return Buffer.alloc(0);
  if (typeof type === 'object' && 'list' in type)
    return Buffer.concat(listed(value).map((one) => single(number, type.list, one)));
  if (typeof type === 'object' && 'map' in type) {
    if (!isJsonObject(value)) throw new NotEncodable();
    const entries = Object.entries(value).toSorted(([one], [other]) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    );
    return Buffer.concat(
      entries.map(([key, one]) =>
        lengthDelimited(number, Buffer.concat([lengthDelimited(1, utf8(key)), single(2, type.map, one)])),
      ),
    );
  }
  return single(number, type, value);
}

function single(number: number, type: FieldType, value: Json): Buffer {
  switch (type) {
    case 'string':
      return lengthDelimited(number, utf8(text(value)));
    case 'bytes':
      return lengthDelimited(number, Buffer.from(text(value), 'base64'));
    case 'int32':
    case 'int64':
      return varintField(number, integer(value));
    case 'bool':
      if (typeof value !== 'boolean') throw new NotEncodable();
      return varintField(number, value ? 1n : 0n);
    case 'time':
      return lengthDelimited(number, timestamp(text(value), 1000));
    case 'microTime':
      return lengthDelimited(number, timestamp(text(value), 1_000_000));
    case 'quantity':
      return lengthDelimited(number, message({ string: text(value) }, quantity));
    case 'strings':
      return lengthDelimited(number, message({ items: listed(value) }, strings));
    case 'intOrString':
      return lengthDelimited(
        number,
        message(
          typeof value === 'string'
            ? { type: 1, intVal: 0, strVal: value }
            : { type: 0, intVal: Number(integer(value)), strVal: '' },
          intOrString,
        ),
      );
    case 'any':
      throw new NotEncodable();
    default:
      if ('fields' in type) {
        if (!isJsonObject(value)) throw new NotEncodable();
        return lengthDelimited(number, message(value, type));
      }
      if ('text' in type) return lengthDelimited(number, utf8(text(value)));
      if ('optional' in type) return single(number, type.optional, value);
      throw new NotEncodable();
  }
}

function text(value: Json): string {
  if (typeof value !== 'string') throw new NotEncodable();
  return value;
}

function listed(value: Json): readonly Json[] {
  if (!Array.isArray(value)) throw new NotEncodable();
  return value as readonly Json[];
}

function integer(value: Json): bigint {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new NotEncodable();
  return BigInt(value);
}

/** google.protobuf.Timestamp; the rest of a second down to a part of `parts`: Go's Time drops it, its MicroTime has microseconds. */
function timestamp(value: string, parts: 1000 | 1_000_000): Buffer {
  const milliseconds = Date.parse(value);
  if (Number.isNaN(milliseconds)) throw new NotEncodable();
  const [, fraction = ''] = /\.(\d+)/.exec(value) ?? [];
  const nanos = parts === 1000 ? 0 : Number(fraction.slice(0, 6).padEnd(6, '0')) * 1000;
  const seconds = Math.floor(milliseconds / 1000);
  return Buffer.concat([varintField(1, BigInt(seconds)), varintField(2, BigInt(nanos))]);
}

/** @throws NotEncodable for half of a surrogate pair, which UTF-8 does not have. */
function utf8(value: string): Buffer {
  const bytes = Buffer.from(value);
  if (bytes.toString() !== value) throw new NotEncodable();
  return bytes;
}

function varintField(number: number, value: bigint): Buffer {
  return Buffer.concat([varint(BigInt(number) << 3n), varint(BigInt.asUintN(64, value))]);
}

function lengthDelimited(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint((BigInt(number) << 3n) | 2n), varint(BigInt(bytes.length)), bytes]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}
