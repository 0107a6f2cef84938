/** Field trees of messages that could be read in part: what was reached keeps its fields, what follows is one field of its own. */
import type { Field, FieldId } from '../../core/field.ts';

/** Of what was cut short: each field ends where what was read in it ends. */
export function reachedOf(field: Field): Field {
  const children = field.children.map(reachedOf);
  const last = children.at(-1);
  return last ? { ...field, range: [field.range[0], last.range[1]], children } : field;
}

/** A message and where it stands in its direction. */
interface Stretch {
  readonly offset: number;
  readonly length: number;
  /** Shorter than `length` where its end was not kept. */
  readonly bytes: Uint8Array;
}

/**
 * The tree of a message, every byte in a field.
 * @param children what was read, from its first byte on
 * @param unread the field for what follows them
 */
export function treeWithRest(
  id: FieldId,
  { offset, length, bytes }: Stretch,
  children: readonly Field[],
  unread: FieldId,
): Field {
  const reached = children.at(-1)?.range[1] ?? offset;
  const end = offset + length;
  const rest: Field = {
    id: unread,
    range: [reached, end],
    value: bytes.subarray(reached - offset),
    children: [],
    remarks: [],
    origin: 'wire',
  };
  return {
    id,
    range: [offset, end],
    value: null,
    children: reached < end ? [...children, rest] : children,
    remarks: [],
    origin: 'wire',
  };
}
