/**
 * Defines the tree that every dissector builds: the meaning of a byte range, under an id shared by expectations,
 * explanations, filters and tests. The Cursor records it while reading.
 */

/** Where the bytes of a field come from: captured, decrypted, or reconstructed from socket events. */
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

/** Something surprising about this value; the dissector's texts have its wording under `id`. */
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

/** Why bytes are malformed. A closed vocabulary, so that it can be expressed in every language. */
export type MalformedKind =
  /** A length exceeds the enclosing structure. */
  | 'overrun'
  /** Bytes remain in a structure that should have ended. */
  | 'trailing_bytes'
  /** The standard does not allow this value here. */
  | 'bad_value'
  /** A length exceeds what the standard allows. */
  | 'too_long';

export interface Malformed {
  readonly kind: MalformedKind;
  readonly id: FieldId;
  /** Offset in bytes, in the coordinates of the buffer that was read. */
  readonly offset: number;
  readonly expected: string;
  readonly found: string;
}

/** The three outcomes of reading: complete, incomplete so far, or malformed (with what was read before). */
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

/** The tree with every field of that id replaced by the result of `change`, in byte order; `change` handles nested ones. */
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
