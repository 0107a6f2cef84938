/**
 * Finds where two captures of one connection differ: first in which block of a stream, by the hashes of a survey; then, from the bytes
 * of these blocks alone, at which byte. Where a capture has a gap nothing is compared.
 */
import type { CaptureDraft, Side, SightingDifference } from '../event.ts';
import { PacketClock, Replay } from '../file/replay.ts';
import type { PacketRecord } from '../file/window.ts';
import { streamsOf } from './match.ts';
import type { Group, Member } from './match.ts';
import { blockBytes } from './survey.ts';
import type { SeenStream } from './survey.ts';

/** A part of a stream that has to be read again, at both places. */
export interface Doubt {
  readonly group: Group;
  readonly other: Member;
  readonly from: Side;
  /** The same direction as the other capture calls it. */
  readonly otherFrom: Side;
  /** Where it begins in the stream. */
  readonly offset: number;
}

/** As many are looked at more closely. */
const mostDoubts = 256;
/** Bytes of a part. */
const partBytes = 2 * blockBytes;

export function doubtsIn(groups: readonly Group[]): Doubt[] {
  const doubts: Doubt[] = [];
  for (const group of groups) {
    const [shown, ...others] = group.members;
    if (!shown || shown.seen.transport !== 'tcp') continue;
    for (const other of others) {
      if (shown.seen.late || other.seen.late || other.file === shown.file) continue;
      for (const [from, left, right] of streamsOf(shown.seen, other.seen)) {
        const offset = firstDoubt(left, right);
        const otherFrom = right === other.seen.streams.client ? 'client' : 'server';
        if (offset !== undefined && doubts.length < mostDoubts)
          doubts.push({ group, other, from, otherFrom, offset });
      }
    }
  }
  return doubts;
}

/** Where the first block begins that differs; undefined where none does. */
function firstDoubt(one: SeenStream, other: SeenStream): number | undefined {
  const common = Math.min(one.blocks.length, other.blocks.length);
  for (let block = 0; block < common; block++) {
    const [left = Number.NaN, right = Number.NaN] = [one.blocks[block], other.blocks[block]];
    if (!Number.isNaN(left) && !Number.isNaN(right) && left !== right) return block * blockBytes;
  }
  // What a capture has not caught is nothing that did not arrive.
  const shorter = one.length < other.length ? one : other;
  if (one.length !== other.length) return shorter.lost > 0 ? undefined : common * blockBytes;
  return !Number.isNaN(one.tail) && !Number.isNaN(other.tail) && one.tail !== other.tail
    ? common * blockBytes
    : undefined;
}

/** The bytes of a part, and which packet brought which. */
export class Part {
  readonly #offset: number;
  bytes: Uint8Array = new Uint8Array(0);
  hasGap = false;
  readonly #frames: { readonly end: number; readonly frame: number }[] = [];

  constructor(offset: number) {
    this.#offset = offset;
  }

  add(at: number, bytes: Uint8Array, frame: number): void {
    const skipped = Math.max(0, this.#offset - at);
    const room = this.#offset + partBytes - Math.max(at, this.#offset);
    if (skipped >= bytes.length || room <= 0 || this.hasGap) return;
    this.bytes = Buffer.concat([this.bytes, bytes.subarray(skipped, skipped + room)]);
    this.#frames.push({ end: this.bytes.length, frame });
  }

  gap(at: number, length: number): void {
    if (at < this.#offset + partBytes && at + length > this.#offset) this.hasGap = true;
  }

  /** The packet with that byte of the part. */
  frameAt(index: number): number | null {
    return this.#frames.find(({ end }) => index < end)?.frame ?? null;
  }
}

/** Reads one file again, for those parts. */
export class PartReader {
  readonly #replay: Replay;
  readonly #parts = new Map<string, Part[]>();
  readonly #reached = new Map<string, number>();

  constructor() {
    this.#replay = new Replay({
      clock: new PacketClock(),
      version: '',
      copies: true,
      append: (draft) => this.#fold(draft),
    });
  }

  part(conn: number, from: Side, offset: number): Part {
    const key = `${conn} ${from}`;
    const part = new Part(offset);
    this.#parts.set(key, [...(this.#parts.get(key) ?? []), part]);
    return part;
  }

  get isNeeded(): boolean {
    return this.#parts.size > 0;
  }

  packet(packet: PacketRecord): void {
    this.#replay.packet(packet);
  }

  end(): void {
    this.#replay.end();
  }

  #fold(draft: CaptureDraft): void {
    if (draft.type !== 'bytes') return;
    const { conn, from, bytes, dropped = 0, frame = 0 } = draft;
    const key = `${conn} ${from}`;
    const parts = this.#parts.get(key);
    if (!parts) return;
    const reached = this.#reached.get(key) ?? 0;
    this.#reached.set(key, reached + bytes.length + dropped);
    for (const part of parts) {
      if (dropped > 0) part.gap(reached, dropped);
      if (bytes.length > 0) part.add(reached + dropped, bytes, frame);
    }
  }
}

/** What differs in a part; undefined where a gap is in the way, or nothing does. */
export function differenceIn(
  { group, other, from, offset }: Doubt,
  left: Part,
  right: Part,
): SightingDifference | undefined {
  const [shown] = group.members;
  if (!shown || left.hasGap || right.hasGap) return undefined;
  const files = [shown.file, other.file] as const;
  const [one, two] = [left.bytes, right.bytes];
  const common = Math.min(one.length, two.length);
  let at = 0;
  while (at < common && one[at] === two[at]) at++;
  if (at === common && one.length === two.length) return undefined;
  const frames = [left.frameAt(at), right.frameAt(at)] as const;
  const place = { from, offset: offset + at, files };
  const lengths = lengthsOf(shown, other, from);
  if (at === common) return { kind: 'rest', ...place, length: Math.abs(lengths[0] - lengths[1]), frames };
  const { changed, extra } = alike(one.subarray(at), two.subarray(at));
  if (extra === 0) return { kind: 'changed', ...place, length: changed, frames };
  return {
    kind: 'only',
    ...place,
    length: Math.abs(extra),
    frames: extra > 0 ? [frames[0], null] : [null, frames[1]],
  };
}

function lengthsOf(shown: Member, other: Member, from: Side): readonly [number, number] {
  const row = streamsOf(shown.seen, other.seen).find(([side]) => side === from);
  return row ? [row[1].length, row[2].length] : [0, 0];
}

/** So many bytes in agreement are no chance. */
const enough = 8;
const mostTried = 2048;

/**
 * How two parts that differ from their first byte on come together again: behind so many changed bytes, or where one of them has so
 * many more (negative: the second).
 */
function alike(one: Uint8Array, two: Uint8Array): { readonly changed: number; readonly extra: number } {
  const most = Math.min(mostTried, Math.max(one.length, two.length));
  for (let count = 1; count <= most; count++) {
    if (agrees(one, count, two, count)) return { changed: count, extra: 0 };
    if (agrees(one, count, two, 0)) return { changed: 0, extra: count };
    if (agrees(one, 0, two, count)) return { changed: 0, extra: -count };
  }
  return { changed: Math.min(one.length, two.length), extra: 0 };
}

/** Whether they agree from there on, for long enough or to their common end. */
function agrees(one: Uint8Array, from: number, two: Uint8Array, at: number): boolean {
  const length = Math.min(enough, one.length - from, two.length - at);
  if (length <= 0) return one.length - from === 0 && two.length - at === 0;
  if (length < enough && one.length - from !== two.length - at) return false;
  for (let index = 0; index < length; index++) if (one[from + index] !== two[at + index]) return false;
  return true;
}

/** Differences that a survey shows by itself: resets that only one place saw, and datagrams. */
export function plainDifferences({ members }: Group): SightingDifference[] {
  const [shown, ...others] = members;
  if (!shown) return [];
  return others.flatMap((other) => [
    ...(shown.seen.transport === 'tcp' ? resetDifference(shown, other) : datagramDifferences(shown, other)),
  ]);
}

function resetDifference(shown: Member, other: Member): SightingDifference[] {
  const [left, right] = [shown.seen.reset, other.seen.reset];
  // What a socket reported as a reset may be another one's end.
  const isReported = shown.seen.reconstructed || other.seen.reconstructed;
  if (isReported || (!left && !right) || left?.by === right?.by) return [];
  const by = left?.by ?? right?.by;
  const from: Side = by === 'server' ? 'server' : 'client';
  return [
    {
      kind: 'reset',
      from,
      offset: shown.seen.streams[from].length,
      length: 0,
      files: [shown.file, other.file],
      frames: [left?.frame ?? null, right?.frame ?? null],
    },
  ];
}

/** As many are named of a flow. */
const mostNamed = 8;

function datagramDifferences(shown: Member, other: Member): SightingDifference[] {
  const files = [shown.file, other.file] as const;
  return streamsOf(shown.seen, other.seen).flatMap(([from, left, right]) => {
    const missing = (those: SeenStream, these: SeenStream): SeenStream['datagrams'][number][] => {
      const counts = new Map<number, number>();
      for (const { hash } of these.datagrams) counts.set(hash, (counts.get(hash) ?? 0) + 1);
      return those.datagrams.filter(({ hash }) => {
        const count = counts.get(hash) ?? 0;
        counts.set(hash, count - 1);
        return count <= 0;
      });
    };
    const [onlyLeft, onlyRight] = [missing(left, right), missing(right, left)];
    const changed = Math.min(onlyLeft.length, onlyRight.length);
    return [
      ...onlyLeft.map(
        ({ offset, length, frame }, index): SightingDifference =>
          index < changed
            ? {
                kind: 'changed',
                from,
                offset,
                length,
                files,
                frames: [frame, onlyRight[index]?.frame ?? null],
              }
            : { kind: 'only', from, offset, length, files, frames: [frame, null] },
      ),
      ...onlyRight.slice(changed).map(
        ({ offset, length, frame }): SightingDifference => ({
          kind: 'only',
          from,
          offset,
          length,
          files,
          frames: [null, frame],
        }),
      ),
    ].slice(0, mostNamed);
  });
}
