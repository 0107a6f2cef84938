/**
 * The tree that every dissector builds: what a range of bytes is, under the one id by which an expectation,
 * an explanation, a filter and a test name it. The counterpart is the Cursor, which records it while reading.
 */

/** Where the bytes of a field come from: captured, opened with keys, or drawn by us from socket events. */
export type Origin = 'wire' | 'decrypted' | 'reconstructed';

/**
 * The field ids of each protocol, by protocol name. Each protocol declares its own (`declare module`), since `core` knows no
 * protocol; an id that no protocol declares does not compile.
 */
export interface FieldIds {
  readonly none: never;
}

/** Dotted name, for example `tls.handshake.client_hello.random`. */
export type NamedFieldId = FieldIds[keyof FieldIds];

/** The same, or the length prefix of that field. */
export type FieldId = NamedFieldId | `${NamedFieldId}.length`;

export type FieldValue = number | bigint | string | Uint8Array | null;

/** Something surprising about this very value; its words stand in the dissector's texts under `id`. */
export interface Remark {
  readonly id: string;
  readonly data?: Readonly<Record<string, string | number>>;
}

export interface Field {
  readonly id: FieldId;
  /** Start (inclusive) and end (exclusive), in bytes, in the coordinates of the buffer that was read. */
  readonly range: readonly [start: number, end: number];
  readonly value: FieldValue;
  readonly children: readonly Field[];
  readonly remarks: readonly Remark[];
  readonly origin: Origin;
}

/** Why bytes are not what they claim to be. A closed vocabulary, so that it can be said in every language. */
export type MalformedKind =
  /** A length points past the end of what holds it. */
  | 'overrun'
  /** Bytes are left inside a structure that should have ended. */
  | 'trailing_bytes'
  /** A value that the standard does not allow here. */
  | 'bad_value'
  /** A length beyond what the standard allows. */
  | 'too_long';

export interface Malformed {
  readonly kind: MalformedKind;
  readonly id: FieldId;
  /** Offset in bytes, in the coordinates of the buffer that was read. */
  readonly offset: number;
  readonly expected: string;
  readonly found: string;
}

/** The three outcomes of reading: understood, incomplete so far, or wrong (with what was understood). */
export type Step<T> =
  | { readonly got: T; readonly field: Field; readonly consumed: number }
  | { readonly needMore: number }
  | { readonly malformed: Malformed; readonly partial: Field };

/** Depth-first search for the first field of that id. */
export function findField(root: Field, id: FieldId): Field | undefined {
  if (root.id === id) return root;
  for (const child of root.children) {
    const found = findField(child, id);
    if (found) return found;
  }
  return undefined;
}

/** The tree with every field of that id as `change` makes it, in the order of the bytes; what is inside of one is its affair. */
export function changed(root: Field, id: FieldId, change: (field: Field) => Field): Field {
  if (root.id === id) return change(root);
  return root.children.length === 0
    ? root
    : { ...root, children: root.children.map((child) => changed(child, id, change)) };
}

/** The path from the root to the innermost field that covers the byte at `offset`. */
export function fieldPathAt(root: Field, offset: number): Field[] {
  if (offset < root.range[0] || offset >= root.range[1]) return [];
  for (const child of root.children) {
    const path = fieldPathAt(child, offset);
    if (path.length > 0) return [root, ...path];
  }
  return [root];
}
