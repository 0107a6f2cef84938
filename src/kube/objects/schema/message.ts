/**
 * Defines the form of the tables in this folder: a message is a name and its fields, each with its protobuf number and
 * type. Names, numbers and types are those of k8s.io/api 1.32 (its Go types and generated.proto).
 */

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
 * `time` is RFC 3339 in JSON; `strings` a list of strings (a message around one in protobuf); `intOrString` a port by number
 * or name, a percentage; `any` is JSON only.
 */
export type PlainType =
  | 'string'
  | 'bytes'
  | 'int32'
  | 'int64'
  | 'bool'
  | 'time'
  | 'any'
  | 'quantity'
  | 'strings'
  | 'intOrString';

export type Fields = Readonly<Record<string, readonly [number: number, type: FieldType]>>;

export interface Message {
  /** Go's name for it, which the messages of a server use. */
  readonly name: string;
  readonly fields: Fields;
  /** A message whose fields are this one's own in JSON, and that is one field in protobuf: a probe's handler. */
  readonly inline?: readonly [number: number, message: Message];
}

export function message(name: string, fields: Fields, inline?: Message['inline']): Message {
  return { name, fields, ...(inline ? { inline } : {}) };
}

export const list = (type: FieldType): FieldType => ({ list: type });
export const map = (type: FieldType, name?: string): FieldType => ({
  map: type,
  ...(name === undefined ? {} : { name }),
});
export const text = (name: string): FieldType => ({ text: name });
export const optional = (type: 'int32' | 'int64' | 'bool'): FieldType => ({ optional: type });

const inJson = new WeakMap<Message, Fields>();

/** The fields of a message in JSON: its own, and those of what stands inline. */
export function jsonFields(of: Message): Fields {
  if (!of.inline) return of.fields;
  const known = inJson.get(of) ?? { ...jsonFields(of.inline[1]), ...of.fields };
  inJson.set(of, known);
  return known;
}
