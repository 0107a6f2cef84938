/**
 * The names that .proto files give to services, messages and fields. They are set once for a process (`useDefinitions`),
 * before the first connection is read; `proto-file.ts` reads the files.
 */

export interface FieldType {
  /** The name of the field. */
  readonly field: string;
  /** `string`, `int32`, …; of a message or an enumeration its name; `unknown`. */
  readonly name: string;
  readonly message?: MessageType;
  /** Of an enumeration. */
  readonly values?: ReadonlyMap<number, string>;
}

/** The type of a field that is not known: it is read as without a definition. */
export const unknownType = 'unknown';

export interface MessageType {
  readonly name: string;
  readonly fields: ReadonlyMap<number, FieldType>;
}

export interface Method {
  readonly request: MessageType | undefined;
  readonly response: MessageType | undefined;
}

/** By path, such as `/etcdserverpb.KV/Range`. */
export type Definitions = ReadonlyMap<string, Method>;

let definitions: Definitions = new Map();

export function useDefinitions(all: Definitions): void {
  definitions = all;
}

export function methodOf(path: string): Method | undefined {
  return definitions.get(path);
}
