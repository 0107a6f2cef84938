/**
 * Holds JSON to the table of its kind (`schema.ts`): what is of another type is refused in Go's words, what the table does
 * not have is dropped and named, and null is nothing. What comes out can be relied on; what it must say is `validation.ts`.
 */
import { isJsonObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import type { FieldType, Message } from './schema.ts';

/** A value of a type that its field cannot have. */
export class ShapeMistake extends Error {}

export interface Shaped {
  readonly object: JsonObject;
  /** Where there were fields that the kind does not have. */
  readonly unknown: readonly string[];
}

/** Fields that every object has beside those of its kind. */
const typeMeta = { kind: 'string', apiVersion: 'string' } as const;

/** So many unknown fields are named; a stranger may send a million. */
const namedUnknown = 20;

/** @throws ShapeMistake */
export function shapeObject(value: JsonObject, schema: Message): Shaped {
  const unknown: string[] = [];
  const object = shapeMessage(value, { ...schema, fields: { ...Object.fromEntries(Object.entries(typeMeta).map(([name, type]) => [name, [0, type] as const])), ...schema.fields } }, '', unknown);
  return { object, unknown };
}

function shapeMessage(value: JsonObject, { name, fields, open }: Message, path: string, unknown: string[]): JsonObject {
  const shaped: [string, Json][] = [];
  for (const [key, one] of Object.entries(value)) {
    const at = path === '' ? key : `${path}.${key}`;
    const known = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (!known) {
      if (open) shaped.push([key, one]);
      else if (unknown.length < namedUnknown) unknown.push(at);
    } else if (one !== null) {
      shaped.push([key, shapeValue(one, known[1], at, `${name}.${at}`, unknown)]);
    }
  }
  return Object.fromEntries(shaped);
}

function shapeValue(value: Json, type: FieldType, path: string, where: string, unknown: string[]): Json {
  const refuse = (expected: string): never => {
    const found = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    throw new ShapeMistake(`json: cannot unmarshal ${found} into Go struct field ${where} of type ${expected}`);
  };
  switch (type) {
    case 'any':
      return value;
    case 'string':
      return typeof value === 'string' ? value : refuse('string');
    case 'time':
      if (typeof value !== 'string') return refuse('string');
      if (Number.isNaN(Date.parse(value))) throw new ShapeMistake(`parsing time ${JSON.stringify(value.slice(0, 64))} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value.slice(0, 64))} as "2006"`);
      return value;
    case 'bytes':
      if (typeof value !== 'string') return refuse('[]uint8');
      if (!isBase64(value)) throw new ShapeMistake('illegal base64 data at input byte 0');
      return value;
    case 'int':
      return typeof value === 'number' && Number.isSafeInteger(value) ? value : refuse('int64');
    case 'bool':
      return typeof value === 'boolean' ? value : refuse('bool');
    case 'quantity':
      return typeof value === 'string' || typeof value === 'number' ? String(value) : refuse('resource.Quantity');
    case 'strings':
      return shapeValue(value, { list: 'string' }, path, where, unknown);
    default:
      if ('list' in type) return Array.isArray(value) ? (value as readonly Json[]).map((one, index) => (one === null ? emptyOf(type.list) : shapeValue(one, type.list, `${path}[${index}]`, where, unknown))) : refuse(goType(type));
      if (!isJsonObject(value)) return refuse(goType(type));
      if ('map' in type) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, one === null ? emptyOf(type.map) : shapeValue(one, type.map, `${path}.${key}`, where, unknown)]));
      return shapeMessage(value, type, path, unknown);
  }
}

/** What Go makes of null in a list or a map. */
function emptyOf(type: FieldType): Json {
  if (type === 'int') return 0;
  if (type === 'bool') return false;
  if (type === 'any') return null;
  if (type === 'strings' || (typeof type === 'object' && 'list' in type)) return [];
  return typeof type === 'object' ? {} : '';
}

function goType(type: FieldType): string {
  if (typeof type === 'string') return type === 'bytes' ? '[]uint8' : type === 'strings' ? '[]string' : type === 'int' ? 'int64' : type;
  if ('list' in type) return `[]${goType(type.list)}`;
  if ('map' in type) return `map[string]${goType(type.map)}`;
  return `v1.${type.name}`;
}

/** Standard base64 with its padding (RFC 4648 section 4); line ends are permitted, as Go permits them. */
function isBase64(text: string): boolean {
  const bare = text.replaceAll(/[\r\n]/g, '');
  return bare.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(bare);
}
