/**
 * Reads the tables in this folder: a message is a line with its name, and an indented line for each field with its
 * protobuf number, name and type. Names, numbers and types are those of k8s.io/api 1.32 (its Go types and
 * generated.proto), written as Go writes types:
 *
 * 1. `[]T` is a list, `map[string]T` a map by string keys; `v1.ResourceList` is Go's name for a map of quantities.
 * 2. Any other name with a package (`v1.RestartPolicy`) is a string, whose Go type appears in messages.
 * 3. `bool?`: the zero (0, false) is the same as an absent value, and is omitted (Go's `omitempty`).
 * 4. A field named `inline` is a message whose fields are this one's own in JSON, and one field in protobuf: a probe's
 *    handler. `A = B` gives the message A the fields of B.
 */
import type { Dictionary } from '../../../core/dictionary.ts';

export type FieldType =
  | PlainType
  | Message
  | { readonly list: FieldType }
  /** By string keys; `name` is Go's name for the type, if it has one. */
  | { readonly map: FieldType; readonly name?: string }
  /** A string whose type has a name in Go (`v1.RestartPolicy`), which messages say. */
  | { readonly text: string }
  /** Its zero (0, false) is the same as nothing: it is left out where it stands (Go's `omitempty`). */
  | { readonly optional: 'int32' | 'int64' | 'bool' };

/**
 * `time` is RFC 3339 in JSON, `microTime` the same with microseconds; `strings` a list of strings (a message around one in protobuf); `intOrString` a port by number
 * or name, a percentage; `any` is JSON only.
 */
export type PlainType = (typeof plainTypes)[number];

const plainTypes = [
  'string',
  'bytes',
  'int32',
  'int64',
  'bool',
  'time',
  'microTime',
  'any',
  'quantity',
  'strings',
  'intOrString',
] as const;

type Fields = Dictionary<readonly [number: number, type: FieldType]>;

export interface Message {
  /** Go's name for it, which the messages of a server use. */
  readonly name: string;
  readonly fields: Fields;
  /** A message whose fields are this one's own in JSON, and that is one field in protobuf: a probe's handler. */
  readonly inline?: readonly [number: number, message: Message];
}

/** A message that is being read: others may refer to it before its fields are known. */
interface Draft extends Message {
  readonly fields: Record<string, readonly [number: number, type: FieldType]>;
  inline?: readonly [number: number, message: Message];
}

/** @returns the message of a name. @throws Error for an unknown one, or for a table that cannot be read. */
export function readMessages(tables: readonly string[]): (name: string) => Message {
  const lines = tables.join('\n').split('\n').filter(Boolean);
  const drafts = new Map<string, Draft>();
  for (const line of lines.filter((one) => !one.startsWith(' '))) {
    const [name = '', , of] = line.split(' ');
    drafts.set(name, { name, fields: of === undefined ? {} : draftOf(of).fields });
  }
  let draft: Draft | undefined;
  for (const line of lines) {
    const [number, name = '', type = ''] = line.trim().split(' ');
    if (!line.startsWith(' ')) draft = draftOf(number ?? '');
    else if (draft && name === 'inline') draft.inline = [Number(number), draftOf(type)];
    else if (draft && !Object.hasOwn(draft.fields, name)) draft.fields[name] = [Number(number), typeOf(type)];
    else throw new Error(`a field stands twice, or in no message: ${line}`);
  }
  return draftOf;

  function draftOf(name: string): Draft {
    const found = drafts.get(name);
    if (!found) throw new Error(`unknown message or type in a table: ${name}`);
    return found;
  }

  function typeOf(type: string): FieldType {
    const plain = plainTypes.find((one) => one === type);
    if (plain) return plain;
    if (type.startsWith('[]')) return { list: typeOf(type.slice(2)) };
    if (type.startsWith('map[string]')) return { map: typeOf(type.slice('map[string]'.length)) };
    if (type === 'v1.ResourceList') return { map: 'quantity', name: type };
    if (type === 'int32?' || type === 'int64?' || type === 'bool?')
      return { optional: type.slice(0, -1) as 'int32' | 'int64' | 'bool' };
    return type.includes('.') ? { text: type } : draftOf(type);
  }
}

const inJson = new WeakMap<Message, Fields>();

/** The fields of a message in JSON: its own, and those of what stands inline. */
export function jsonFields(of: Message): Fields {
  if (!of.inline) return of.fields;
  const known = inJson.get(of) ?? { ...jsonFields(of.inline[1]), ...of.fields };
  inJson.set(of, known);
  return known;
}
