/**
 * Checks JSON against the table of its kind (`schema.ts`): wrong types are refused in Go's words, unknown fields are
 * dropped and reported, and null means absent. The result has the right shape; `validation.ts` checks the values.
 */
import { base64Fault } from './base64.ts';
import { isJsonObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { canonicalQuantity, quantityFault } from './quantity.ts';
import { deleteOptions } from './schema.ts';
import { jsonFields } from './schema/message.ts';
import type { FieldType, Message } from './schema/message.ts';

/** A value of a type that its field cannot have, in the words of Go's JSON decoder. */
export class ShapeError extends Error {
  /** What is said of the same value where a strategic merge patch put it there: that goes another way in kube-apiserver. */
  readonly converted: string;

  constructor(message: string, converted = message) {
    super(message);
    this.converted = converted;
  }
}

export interface Shaped {
  readonly object: JsonObject;
  /** Where there were fields that the kind does not have. */
  readonly unknown: readonly string[];
}

/** Fields that every object has beside those of its kind. */
const typeMeta: Message['fields'] = { kind: [0, 'string'], apiVersion: [0, 'string'] };

/** So many unknown fields are named; a stranger may send a million. */
const namedUnknown = 20;

/** The position of a value: `spec.containers[0].image` for users, `Container.spec.containers.image` for Go's decoder. */
interface Place {
  readonly path: string;
  /** Without indices and keys. */
  readonly fields: string;
  /** The innermost message. */
  readonly within: string;
}

/** @throws ShapeError */
export function shapeObject(value: JsonObject, schema: Message): Shaped {
  const unknown: string[] = [];
  const object = shapeMessage(
    value,
    { ...schema, fields: { ...typeMeta, ...schema.fields } },
    { path: '', fields: '', within: '' },
    unknown,
  );
  return { object, unknown };
}

const joined = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

function shapeMessage(value: JsonObject, message: Message, place: Place, unknown: string[]): JsonObject {
  // Options inside another object are objects, too.
  const fields = message === deleteOptions ? { ...typeMeta, ...jsonFields(message) } : jsonFields(message);
  const shaped: [string, Json][] = [];
  for (const [key, one] of Object.entries(value)) {
    const known = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (!known) {
      if (unknown.length < namedUnknown) unknown.push(joined(place.path, key));
    } else if (one !== null) {
      const [, type] = known;
      const given = shapeValue(
        one,
        type,
        { path: joined(place.path, key), fields: joined(place.fields, key), within: message.name },
        unknown,
      );
      const isNone = typeof type === 'object' && 'optional' in type && (given === 0 || given === false);
      if (!isNone) shaped.push([key, given]);
    }
  }
  return Object.fromEntries(shaped);
}

const limits = { int32: 2 ** 31, int64: Number.MAX_SAFE_INTEGER + 1 } as const;

function shapeValue(value: Json, type: FieldType, place: Place, unknown: string[]): Json {
  const refuse = (expected: string, found = kindOf(value)): never => {
    throw new ShapeError(
      `json: cannot unmarshal ${found} into Go struct field ${place.within}.${place.fields} of type ${expected}`,
      conversionFault(value, type),
    );
  };
  switch (type) {
    case 'any':
      return value;
    case 'string':
      return typeof value === 'string' ? value : refuse('string');
    case 'time':
    case 'microTime':
      return timeOf(value);
    case 'bytes': {
      if (typeof value !== 'string') return refuse('[]uint8');
      const fault = base64Fault(value);
      if (fault !== undefined) throw new ShapeError(fault, `error decoding from json: ${fault}`);
      return value;
    }
    case 'int32':
    case 'int64': {
      if (typeof value !== 'number') return refuse(type);
      const limit = limits[type];
      return Number.isInteger(value) && value >= -limit && value < limit
        ? value
        : refuse(type, `number ${value}`);
    }
    case 'bool':
      return typeof value === 'boolean' ? value : refuse('bool');
    case 'quantity': {
      const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
      const fault = quantityFault(text);
      if (fault !== undefined) throw new ShapeError(fault);
      return canonicalQuantity(text);
    }
    case 'intOrString':
      if (typeof value === 'string') return value;
      if (typeof value !== 'number')
        throw new ShapeError(`json: cannot unmarshal ${kindOf(value)} into Go value of type int32`);
      return shapeValue(value, 'int32', place, unknown);
    case 'strings':
      return shapeValue(value, { list: 'string' }, place, unknown);
    default:
      if ('text' in type) return typeof value === 'string' ? value : refuse(type.text);
      if ('optional' in type) return shapeValue(value, type.optional, place, unknown);
      if ('list' in type) {
        if (!Array.isArray(value)) return refuse(goType(type));
        return (value as readonly Json[]).map((one, index) =>
          one === null
            ? emptyOf(type.list)
            : shapeValue(one, type.list, { ...place, path: `${place.path}[${index}]` }, unknown),
        );
      }
      if (!isJsonObject(value)) return refuse(goType(type));
      if ('map' in type)
        return Object.fromEntries(
          Object.entries(value).map(([key, one]) => [
            key,
            one === null
              ? emptyOf(type.map)
              : shapeValue(one, type.map, { ...place, path: `${place.path}.${key}` }, unknown),
          ]),
        );
      return shapeMessage(value, type, place, unknown);
  }
}

/** Go's word for what a value is where it has been read without a type. */
function untypedKind(value: Json): string {
  if (value === null) return 'invalid';
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : 'map';
}

/** k8s.io/apimachinery's unstructured converter: what it cannot do. */
function conversionFault(value: Json, type: FieldType): string {
  const [kind, plain] = [
    untypedKind(value),
    typeof type === 'object' && 'optional' in type ? type.optional : type,
  ];
  if (plain === 'bytes' || plain === 'strings' || (typeof plain === 'object' && 'list' in plain))
    return `cannot restore slice from ${kind}`;
  if (typeof plain === 'object' && 'map' in plain) return `cannot restore map from ${kind}`;
  if (typeof plain === 'object' && 'fields' in plain) return `cannot restore struct from: ${kind}`;
  const isText = plain === 'string' || typeof plain === 'object';
  // Go has a conversion for these, which JSON does not.
  if (isText ? kind === 'int64' : kind === 'float64' && plain !== 'bool')
    return `cannot convert ${kind} to ${goType(plain)}`;
  return `unrecognized type: ${isText ? 'string' : plain}`;
}

function kindOf(value: Json): string {
  return value === null
    ? 'null'
    : Array.isArray(value)
      ? 'array'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
}

function timeOf(value: Json): string {
  if (typeof value !== 'string')
    throw new ShapeError(`json: cannot unmarshal ${kindOf(value)} into Go value of type string`);
  const shown = JSON.stringify(value.slice(0, 64));
  if (Number.isNaN(Date.parse(value)))
    throw new ShapeError(
      `parsing time ${shown} as "2006-01-02T15:04:05Z07:00": cannot parse ${shown} as "2006"`,
    );
  return value;
}

/** What Go makes of null in a list or a map. */
function emptyOf(type: FieldType): Json {
  if (type === 'int32' || type === 'int64' || type === 'intOrString') return 0;
  if (type === 'bool') return false;
  if (type === 'any') return null;
  if (type === 'quantity') return '0';
  if (type === 'strings' || (typeof type === 'object' && 'list' in type)) return [];
  return typeof type === 'object' && !('text' in type) ? {} : '';
}

function goType(type: FieldType): string {
  switch (type) {
    case 'bytes':
      return '[]uint8';
    case 'strings':
      return '[]string';
    case 'quantity':
      return 'resource.Quantity';
    case 'time':
      return 'v1.Time';
    case 'microTime':
      return 'v1.MicroTime';
    case 'intOrString':
      return 'intstr.IntOrString';
    default:
      if (typeof type === 'string') return type;
      if ('text' in type) return type.text;
      if ('optional' in type) return type.optional;
      if ('list' in type) return `[]${goType(type.list)}`;
      if ('map' in type) return type.name ?? `map[string]${goType(type.map)}`;
      return `v1.${type.name}`;
  }
}
