/**
 * What every field tree must hold: children lie within their parent, and the leaves name each byte of the root once.
 */
import type { Field } from '../../../src/core/field.ts';

export function leavesOf(field: Field): Field[] {
  return field.children.length > 0 ? field.children.flatMap(leavesOf) : [field];
}

/** Complaints about bytes of `root` that no leaf or several leaves name; empty when all is well. */
export function coverageFaults(root: Field): string[] {
  const faults: string[] = [];
  const [start, end] = root.range;
  const named = Array.from<string | undefined>({ length: end - start });
  for (const leaf of leavesOf(root)) {
    if (leaf === root && end > start) faults.push(`${root.id} has no inside`);
    for (let at = leaf.range[0]; at < leaf.range[1]; at++) {
      if (at < start || at >= end) faults.push(`${leaf.id} names byte ${at} outside of ${start}-${end}`);
      else if (named[at - start]) faults.push(`byte ${at} is ${named[at - start]} and ${leaf.id}`);
      else named[at - start] = leaf.id;
    }
  }
  for (let at = start; at < end; at++)
    if (!named[at - start]) faults.push(`no leaf names byte ${at} of ${root.id}`);
  return faults;
}

export function allFields(field: Field): Field[] {
  return [field, ...field.children.flatMap(allFields)];
}

/** Complaints about messages that leave a gap, overlap, or do not end at `length`. */
export function tilingFaults(
  messages: readonly { readonly offset: number; readonly length: number; readonly title: string }[],
  length: number,
): string[] {
  const faults: string[] = [];
  let at = 0;
  for (const message of messages) {
    if (message.offset !== at) faults.push(`${message.title} begins at ${message.offset}, not at ${at}`);
    at = message.offset + message.length;
  }
  if (at !== length) faults.push(`the last message ends at ${at}, the stream at ${length}`);
  return faults;
}

/** Complaints about a tree that is not well-formed: children out of order, outside of their parent, with a gap or a byte twice. */
export function treeFaults(field: Field): string[] {
  if (field.children.length === 0) return [];
  const faults: string[] = [];
  const [start, end] = field.range;
  let at = start;
  for (const child of field.children) {
    if (child.range[0] !== at)
      faults.push(`${child.id} begins at ${child.range[0]} in ${field.id}, not at ${at}`);
    at = child.range[1];
    faults.push(...treeFaults(child));
  }
  if (at !== end) faults.push(`${field.id} ends at ${end}, its last child at ${at}`);
  return faults;
}
