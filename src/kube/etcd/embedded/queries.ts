/**
 * Finds, bounds, sorts and compares the versions of keys in an etcd key space.
 */
import type { KeyBytes, KeyVersion, KeyRange, SortTarget, RangeRequest, Compare } from './key-space-types.ts';
/** How etcd writes a range that has no end. */
export const endless = '\0';

/** Whether a key is within a range. */
export function isInRange({ key, rangeEnd }: KeyRange, candidate: KeyBytes): boolean {
  if (rangeEnd === '') return candidate === key;
  return candidate >= key && (rangeEnd === endless || candidate < rangeEnd);
}

/** Whether a range cannot contain any key. */
export function isEmptyRange({ key, rangeEnd }: KeyRange): boolean {
  return rangeEnd !== '' && rangeEnd !== endless && rangeEnd <= key;
}

export function alive(version: KeyVersion | undefined): KeyVersion | undefined {
  return version && version.version > 0 ? version : undefined;
}

export function versionAt(
  versions: readonly KeyVersion[] | undefined,
  revision: number,
): KeyVersion | undefined {
  return versions?.[lastAt(versions, revision)];
}

/** The place of the last version that is not newer; -1 where all are. */
export function lastAt(versions: readonly KeyVersion[], revision: number): number {
  return versions.at(-1)!.modRevision <= revision
    ? versions.length - 1
    : firstFrom(versions, revision + 1) - 1;
}

/** The first place whose version is of that revision or newer. */
export function firstFrom(versions: readonly KeyVersion[], revision: number): number {
  return firstPlace(versions.length, (place) => versions[place]!.modRevision >= revision);
}

export function firstKeyFrom(keys: readonly KeyBytes[], key: KeyBytes): number {
  return firstPlace(keys.length, (place) => keys[place]! >= key);
}

/** Of places that are ordered so that what holds of one holds of all behind it. */
function firstPlace(length: number, holds: (place: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function hasBounds({
  minModRevision,
  maxModRevision,
  minCreateRevision,
  maxCreateRevision,
}: RangeRequest): boolean {
  return minModRevision !== 0 || maxModRevision !== 0 || minCreateRevision !== 0 || maxCreateRevision !== 0;
}

export function isWithin(request: RangeRequest, { modRevision, createRevision }: KeyVersion): boolean {
  return (
    (request.minModRevision === 0 || modRevision >= request.minModRevision) &&
    (request.maxModRevision === 0 || modRevision <= request.maxModRevision) &&
    (request.minCreateRevision === 0 || createRevision >= request.minCreateRevision) &&
    (request.maxCreateRevision === 0 || createRevision <= request.maxCreateRevision)
  );
}

export const orders: Readonly<Record<SortTarget, (one: KeyVersion, other: KeyVersion) => number>> = {
  KEY: (one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0),
  VERSION: (one, other) => one.version - other.version,
  CREATE: (one, other) => one.createRevision - other.createRevision,
  MOD: (one, other) => one.modRevision - other.modRevision,
  VALUE: (one, other) => Buffer.compare(one.value, other.value),
};

export function sortedBy(
  { sortOrder, sortTarget }: RangeRequest,
  versions: readonly KeyVersion[],
): readonly KeyVersion[] {
  const order = orders[sortTarget];
  if (sortOrder === 'DESCEND') return versions.toSorted((one, other) => order(other, one));
  return sortTarget === 'KEY' || sortOrder === 'UNKNOWN' ? versions : versions.toSorted(order);
}

export function fits(compare: Compare, version: KeyVersion): boolean {
  const order =
    compare.target === 'VALUE'
      ? Buffer.compare(version.value, compare.value)
      : compare.target === 'UNKNOWN'
        ? 0
        : numberOf(compare.target, version) - compare.number;
  switch (compare.result) {
    case 'EQUAL':
      return order === 0;
    case 'NOT_EQUAL':
      return order !== 0;
    case 'GREATER':
      return order > 0;
    case 'LESS':
      return order < 0;
    case 'UNKNOWN':
      return true;
  }
}

function numberOf(target: Exclude<Compare['target'], 'VALUE' | 'UNKNOWN'>, version: KeyVersion): number {
  if (target === 'LEASE') return 0;
  return target === 'VERSION'
    ? version.version
    : target === 'CREATE'
      ? version.createRevision
      : version.modRevision;
}
