/** Which bytes of a message have come; of bytes that come twice the first count. */

export interface Ranges {
  readonly isWhole: boolean;
  /** Puts the bytes that are new where they belong. */
  add(offset: number, bytes: Uint8Array, into: Uint8Array): void;
}

export function readableRanges(length: number): Ranges {
  /** Sorted, none touching another. */
  let ranges: (readonly [start: number, end: number])[] = [];
  return {
    get isWhole() {
      const [first] = ranges;
      return length === 0 || (first?.[0] === 0 && first[1] === length);
    },
    add(offset, bytes, into) {
      const end = offset + bytes.length;
      let at = offset;
      for (const [start, stop] of [...ranges, [end, end] as const]) {
        if (at < Math.min(start, end))
          into.set(bytes.subarray(at - offset, Math.min(start, end) - offset), at);
        at = Math.max(at, stop);
        if (at >= end) break;
      }
      const merged: [number, number][] = [];
      for (const [start, stop] of [...ranges, [offset, end] as const].toSorted(
        (one, other) => one[0] - other[0],
      )) {
        const last = merged.at(-1);
        if (last && start <= last[1]) last[1] = Math.max(last[1], stop);
        else merged.push([start, stop]);
      }
      ranges = merged;
    },
  };
}
