/** Reads the vectors of TLS: codes, opaque bytes and lists. */
import type { Cursor } from '../../../core/cursor.ts';
import type { FieldId, NamedFieldId, Remark } from '../../../core/field.ts';
import { isGrease } from '../codes.ts';

const grease: readonly Remark[] = [{ id: 'tls.grease' }];

const noRemarks: readonly Remark[] = [];

/** A two-byte code, remarked when it is GREASE. */
export function readCode(cursor: Cursor, id: FieldId): number {
  const next = (cursor.peek() ?? 0) * 256 + (cursor.peek(1) ?? 0);
  return cursor.uint16(id, isGrease(next) ? grease : noRemarks);
}

/**
 * Everything in a block, item by item.
 * @param items receives the parsed items, including those before an error
 */
export function readItems<T>(cursor: Cursor, read: (cursor: Cursor) => T, items: T[] = []): T[] {
  while (cursor.remaining > 0) items.push(read(cursor));
  return items;
}

/** A vector, item by item. */
export function readList<T>(
  cursor: Cursor,
  id: NamedFieldId,
  lengthBytes: 1 | 2 | 3,
  read: (cursor: Cursor) => T,
  items?: T[],
): T[] {
  return cursor.vector(id, lengthBytes, (list) => readItems(list, read, items));
}

/** A vector of two-byte codes. */
export function readCodes(
  cursor: Cursor,
  id: NamedFieldId,
  lengthBytes: 1 | 2,
  itemId: FieldId,
  items: number[] = [],
): number[] {
  return readList(cursor, id, lengthBytes, (item) => readCode(item, itemId), items);
}

/** An opaque vector of bytes. */
export function readOpaque(cursor: Cursor, id: NamedFieldId, lengthBytes: 1 | 2 | 3): Uint8Array {
  const length = readLength(cursor, id, lengthBytes);
  return cursor.bytes(id, length);
}

/** The length in front of an opaque vector. */
export function readLength(cursor: Cursor, id: NamedFieldId, lengthBytes: 1 | 2 | 3): number {
  if (lengthBytes === 1) return cursor.uint8(`${id}.length`);
  return lengthBytes === 2 ? cursor.uint16(`${id}.length`) : cursor.uint24(`${id}.length`);
}

/** A vector of single bytes, as numbers. */
export function readBytes(cursor: Cursor, id: NamedFieldId, itemId: FieldId): number[] {
  return readList(cursor, id, 1, (item) => item.uint8(itemId));
}
