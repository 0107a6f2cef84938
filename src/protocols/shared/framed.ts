/**
 * Cuts the directions of a connection into units whose lengths are known from their first bytes, and reads a unit into a
 * message. For protocols of messages with a length; what the bytes mean is decided by their folders.
 *
 * 1. The units of a direction cover what was fed, without overlap.
 * 2. At most `usuallyKept` bytes of a unit are buffered; the rest is counted.
 * 3. Bytes that cannot begin a unit end the framing: from there each piece is a unit of its own (`isLost`), until a piece
 *    that consists of units again.
 */
import type { Side } from '../../capture/event.ts';
import { readStep } from '../../core/cursor.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { Field, FieldId } from '../../core/field.ts';
import { Gathering } from '../../core/gathering.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Credential } from './credential.ts';
import type { LoginResult } from './login-result.ts';
import { reachedOf, treeWithRest } from './unread.ts';
import type { Piece } from '../piece.ts';
import type { ProtocolMessage } from '../protocol.ts';

/** A message of a direction as it travelled. */
export interface Unit {
  readonly from: Side;
  readonly offset: number;
  readonly length: number;
  readonly lastTag: number;
  /** Shorter than `length` where its end was not kept. */
  readonly bytes: Uint8Array;
  /** The stream ended, or lost bytes, before the unit did. */
  readonly isCut: boolean;
  /** It does not begin as a unit does. */
  readonly isLost: boolean;
}

/** Bytes that are kept of a unit, where a protocol does not say another number. */
const usuallyKept = 64 * 1024;

/** What has arrived of one unit. */
export class Collector {
  readonly #most: number;
  readonly #parts = new Gathering();
  #kept = 0;
  #offset = 0;
  #tag = 0;
  length = 0;

  constructor(most = usuallyKept) {
    this.#most = most;
  }

  add(bytes: Uint8Array, offset: number, tag: number): void {
    if (this.length === 0) this.#offset = offset;
    this.length += bytes.length;
    this.#tag = tag;
    const taken = Math.min(bytes.length, this.#most - this.#kept);
    if (taken <= 0) return;
    this.#parts.add(taken === bytes.length ? bytes : bytes.subarray(0, taken));
    this.#kept += taken;
  }

  /** What is kept of it so far. */
  bytes(): Uint8Array {
    const bytes = this.#parts.joined();
    if (this.#parts.parts > 1) {
      this.#parts.clear();
      this.#parts.add(bytes);
    }
    return bytes;
  }

  take(from: Side, { isCut = false, isLost = false } = {}): Unit {
    const { length } = this;
    const unit = {
      from,
      offset: this.#offset,
      length,
      lastTag: this.#tag,
      bytes: this.bytes(),
      isCut,
      isLost,
    };
    this.#parts.clear();
    this.#kept = 0;
    this.length = 0;
    return unit;
  }
}

/** The length of a unit with this start, in bytes: undefined while it is too short to know, `none` where it is no unit. */
export type LengthOf = (start: Uint8Array, from: Side) => number | 'none' | undefined;

class Direction {
  readonly collected: Collector;
  needed: number | undefined;
  isLost = false;

  constructor(most: number | undefined) {
    this.collected = new Collector(most);
  }
}

/** The start of a unit in which its length must be known. */
const longestStart = 256;

export class Framing {
  readonly #lengthOf: LengthOf;
  readonly #directions: Readonly<Record<Side, Direction>>;

  /** @param most bytes that are kept of a unit. */
  constructor(lengthOf: LengthOf, most?: number) {
    this.#lengthOf = lengthOf;
    this.#directions = { client: new Direction(most), server: new Direction(most) };
  }

  /**
   * @param take receives each unit as it completes; false where the direction turns to another protocol behind it
   * @returns what stands behind the last unit then, possibly nothing; undefined where it goes on
   */
  feed(piece: Piece, take: (unit: Unit) => boolean): Piece | undefined {
    const { from, offset, bytes, tag } = piece;
    const direction = this.#directions[from];
    const { collected } = direction;
    if (direction.isLost && !this.#beginsAgain(bytes, from)) {
      collected.add(bytes, offset, tag);
      take(collected.take(from, { isLost: true }));
      return undefined;
    }
    direction.isLost = false;
    let at = 0;
    while (at < bytes.length) {
      direction.needed ??= this.#needed(direction, bytes.subarray(at), from);
      if (direction.needed === undefined) {
        collected.add(bytes.subarray(at), offset + at, tag);
        return undefined;
      }
      if (direction.isLost) {
        collected.add(bytes.subarray(at), offset + at, tag);
        direction.needed = undefined;
        take(collected.take(from, { isLost: true }));
        return undefined;
      }
      const taken = Math.min(direction.needed - collected.length, bytes.length - at);
      collected.add(bytes.subarray(at, at + taken), offset + at, tag);
      at += taken;
      if (collected.length < direction.needed) return undefined;
      direction.needed = undefined;
      if (!take(collected.take(from))) return { from, offset: offset + at, bytes: bytes.subarray(at), tag };
    }
    return undefined;
  }

  /** What has arrived of a unit, which will not be completed. */
  cut(from: Side): Unit | undefined {
    const direction = this.#directions[from];
    direction.needed = undefined;
    direction.isLost = true;
    return direction.collected.length > 0 ? direction.collected.take(from, { isCut: true }) : undefined;
  }

  /** The same, for another protocol to read. */
  release(from: Side): Piece | undefined {
    const { collected } = this.#directions[from];
    if (collected.length === 0) return undefined;
    const { offset, bytes, lastTag: tag } = collected.take(from);
    return { from, offset, bytes, tag };
  }

  #needed(direction: Direction, bytes: Uint8Array, from: Side): number | undefined {
    const { collected } = direction;
    const start =
      collected.length === 0 ? bytes : Buffer.concat([collected.bytes(), bytes.subarray(0, longestStart)]);
    const length = this.#lengthOf(start, from);
    if (length === 'none' || (length === undefined && start.length > longestStart)) {
      direction.isLost = true;
      return 0;
    }
    return length === undefined ? undefined : Math.max(length, collected.length, 1);
  }

  /** Whether a piece behind missing bytes consists of units, up to one that it may leave open. */
  #beginsAgain(bytes: Uint8Array, from: Side): boolean {
    let at = 0;
    for (let units = 0; units < 64 && at < bytes.length; units++) {
      const length = this.#lengthOf(bytes.subarray(at), from);
      if (length === 'none' || (length === undefined && at === 0)) return false;
      if (length === undefined) return true;
      at += Math.max(1, length);
    }
    return true;
  }
}

/** Consecutive units of a direction as one, of which the beginning is kept. */
export function mergedUnits(units: readonly Unit[]): Unit | undefined {
  const [first] = units;
  const last = units.at(-1);
  if (!first || !last || first === last) return first;
  const parts: Uint8Array[] = [];
  let kept = 0;
  for (const { bytes, length } of units) {
    const part = bytes.subarray(0, usuallyKept - kept);
    parts.push(part);
    kept += part.length;
    if (part.length < length) break;
  }
  return {
    ...last,
    offset: first.offset,
    length: last.offset + last.length - first.offset,
    bytes: Buffer.concat(parts),
  };
}

/** What is said of a message while it is read: what was said before an error stays. */
export interface Said {
  title: Localized;
  facts?: Localized;
  credentials?: readonly Credential[];
  /** What it answers to a login. */
  login?: LoginResult;
}

/** How a protocol reads its messages. */
export interface Dissection {
  /** As it is called beside each message. */
  readonly protocol: string;
  readonly root: FieldId;
  /** Bytes that were not read, or not understood. */
  readonly unread: FieldId;
}

const unreadTitle: Localized = { en: 'not understood', ko: '해석할 수 없음' };

/**
 * The message of a unit.
 * @param read the fields in order, and what is said of them; it runs now, and again when the fields are looked at, so that it
 *   may depend on nothing but its arguments
 * @param known what is said of it, where it is known without reading: of bulk data
 */
export function messageOf(
  unit: Unit,
  { protocol, root, unread }: Dissection,
  read: (cursor: Cursor, said: Said) => void,
  known?: Said,
): ProtocolMessage {
  const { from, offset, length, lastTag, bytes, isLost } = unit;
  const said: Said = known ?? { title: unreadTitle };
  const isShort = bytes.length < length;
  const step =
    isLost || known
      ? undefined
      : readStep(root, bytes, (cursor) => read(cursor, said), { base: offset, open: false });
  const malformed = step && 'malformed' in step && !unit.isCut && !isShort ? step.malformed : undefined;
  return {
    from,
    protocol,
    offset,
    length,
    lastTag,
    title: said.title.en === '' ? unreadTitle : said.title,
    ...(said.facts ? { facts: said.facts } : {}),
    ...(malformed ? { malformed } : {}),
    ...(unit.isCut ? { isCut: true } : {}),
    bytes,
    field: () => fieldOf(unit, root, unread, read),
    ...(said.credentials ? { credentials: said.credentials } : {}),
    ...(said.login ? { login: said.login } : {}),
  };
}

function fieldOf(
  unit: Unit,
  id: FieldId,
  unread: FieldId,
  read: (cursor: Cursor, said: Said) => void,
): Field {
  const said: Said = { title: unreadTitle };
  const step = unit.isLost
    ? undefined
    : readStep(id, unit.bytes, (cursor) => read(cursor, said), { base: unit.offset, open: false });
  const tree =
    step && ('got' in step ? step.field : 'malformed' in step ? reachedOf(step.partial) : undefined);
  const children = (tree?.children ?? []).filter(({ range: [start, end] }) => end > start);
  return treeWithRest(id, unit, children, unread);
}

/** A text that ends with a zero byte, and that byte. */
export function readTerminated(cursor: Cursor, id: FieldId, end: FieldId): string {
  const text = cursor.text(id, cursor.distanceTo(0));
  cursor.bytes(end, 1);
  return text;
}

/** The messages that a piece completes, where each unit is one. */
export function messagesIn(
  framing: Framing,
  piece: Piece,
  told: (unit: Unit) => ProtocolMessage,
): ProtocolMessage[] {
  const messages: ProtocolMessage[] = [];
  framing.feed(piece, (unit) => {
    messages.push(told(unit));
    return true;
  });
  return messages;
}

/** The beginning of a message whose end does not come, if there is one. */
export function messageCut(
  framing: Framing,
  from: Side,
  told: (unit: Unit) => ProtocolMessage,
): ProtocolMessage[] {
  const unit = framing.cut(from);
  return unit ? [told(unit)] : [];
}

/** The first words of a text of a peer, for a title. */
export function beginningOf(text: string, most = 60): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
