/**
 * The records of an etcd's log as bytes, and what a file of them tells after a crash. Pure but for the reading of the
 * file, which is handed in; when records are written and made to last is `write-ahead-log.ts`.
 *
 * A file is a line that says what it is, the versions that there were when it was begun, a record that ends those, and
 * then one record for everything that happened. A record is its length (4 bytes, little-endian), a checksum of that, the
 * content, and a checksum of this. Every checksum goes on from the one before (CRC-32), so that no record can be left
 * out, come twice or stand elsewhere.
 *
 * 1. What was being written when the process or the machine ended is at the end: a record that ends before its length
 *    does, or zeros that were never filled. That is cut off; nobody was told that it lasts.
 * 2. Everything else that does not fit is damage, wherever it is. Nothing behind it is believed, and nothing is passed over.
 */
import { crc32 } from 'node:zlib';
import type { Commit, KeySpaceState, KeyVersion } from './mvcc.ts';
import type { JournalEntry } from './service.ts';

/** The first line of every file. */
export const logHeading: Buffer = Buffer.from('wirelab etcd log 1\n', 'latin1');

/** From which the checksums of a file go on. */
export const firstChain: number = crc32(logHeading);

export type LogRecord =
  | { readonly kind: 'versions'; readonly versions: readonly KeyVersion[] }
  /** All versions have been said. */
  | { readonly kind: 'beginning'; readonly state: Omit<KeySpaceState, 'versions'> }
  | JournalEntry;

const kinds = [
  'versions',
  'beginning',
  'commit',
  'compaction',
  'alarm',
] as const satisfies readonly LogRecord['kind'][];

const headBytes = 8;
const tailBytes = 4;
/** Of a revision or a count; enough for nine thousand years of a thousand writes a second. */
const numberBytes = 6;

/** A record, and the checksum from which the next goes on. */
export function encodeRecord(
  record: LogRecord,
  chain: number,
): { readonly bytes: Buffer; readonly chain: number } {
  const content = encodeContent(record);
  const bytes = Buffer.allocUnsafe(headBytes + content.length + tailBytes);
  bytes.writeUInt32LE(content.length, 0);
  const headChain = crc32(bytes.subarray(0, 4), chain);
  bytes.writeUInt32LE(headChain, 4);
  content.copy(bytes, headBytes);
  const next = crc32(content, headChain);
  bytes.writeUInt32LE(next, headBytes + content.length);
  return { bytes, chain: next };
}

function encodeContent(record: LogRecord): Buffer {
  const kind = Buffer.from([kinds.indexOf(record.kind)]);
  switch (record.kind) {
    case 'versions':
      return Buffer.concat([kind, ...record.versions.flatMap(encodeVersion)]);
    case 'commit':
      return Buffer.concat([
        kind,
        encodeNumber(record.commit.revision),
        ...record.commit.versions.flatMap(encodeVersion),
      ]);
    case 'compaction':
      return Buffer.concat([kind, encodeNumber(record.revision)]);
    case 'alarm':
      return Buffer.concat([kind, Buffer.from([record.on ? 1 : 0])]);
    case 'beginning': {
      const { revision, compactRevision, alarm } = record.state;
      // Before the first compaction it is -1.
      return Buffer.concat([
        kind,
        encodeNumber(revision),
        encodeNumber(compactRevision + 1),
        Buffer.from([alarm ? 1 : 0]),
      ]);
    }
  }
}

function encodeNumber(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(numberBytes);
  bytes.writeUIntBE(value, 0, numberBytes);
  return bytes;
}

function encodeVersion({
  key,
  createRevision,
  modRevision,
  version,
  value,
}: KeyVersion): readonly Uint8Array[] {
  const head = Buffer.allocUnsafe(3 * numberBytes + 8);
  head.writeUIntBE(createRevision, 0, numberBytes);
  head.writeUIntBE(modRevision, numberBytes, numberBytes);
  head.writeUIntBE(version, 2 * numberBytes, numberBytes);
  head.writeUInt32BE(key.length, 3 * numberBytes);
  head.writeUInt32BE(value.length, 3 * numberBytes + 4);
  return [head, Buffer.from(key, 'latin1'), value];
}

/** A file of records, by pieces. */
export interface LogBytes {
  readonly length: number;
  /** Exactly that many, all within the file. */
  read(from: number, length: number): Buffer;
}

/** What a file is not, and where. */
export class LogDamage extends Error {
  /** In bytes from the file's beginning. */
  readonly at: number;

  constructor(at: number, what: string) {
    super(what);
    this.name = 'LogDamage';
    this.at = at;
  }
}

export interface LogEnd {
  /** Where the last whole record ends, and the checksum there. */
  readonly end: number;
  readonly chain: number;
}

/**
 * Hands out every whole record in order. @returns where they end. @throws LogDamage
 */
export function* readRecords(file: LogBytes): Generator<LogRecord & { readonly at: number }, LogEnd> {
  if (file.length < logHeading.length || !file.read(0, logHeading.length).equals(logHeading))
    throw new LogDamage(0, 'heading');
  let at = logHeading.length;
  let chain = firstChain;
  let hasBegun = false;
  for (;;) {
    const found = readRecord(file, at, chain);
    if (found === 'torn') {
      // What a file began with lasted before the file had its name.
      if (!hasBegun) throw new LogDamage(at, 'beginning');
      return { end: at, chain };
    }
    const record = decodeContent(found.content, at);
    if ((record.kind === 'versions' || record.kind === 'beginning') === hasBegun)
      throw new LogDamage(at, 'order');
    hasBegun ||= record.kind === 'beginning';
    yield { ...record, at };
    at = found.end;
    chain = found.chain;
  }
}

function readRecord(
  file: LogBytes,
  at: number,
  chain: number,
): { readonly content: Buffer; readonly end: number; readonly chain: number } | 'torn' {
  const rest = file.length - at;
  if (rest < headBytes) return 'torn';
  const head = file.read(at, headBytes);
  const length = head.readUInt32LE(0);
  const headChain = crc32(head.subarray(0, 4), chain);
  if (head.readUInt32LE(4) !== headChain) {
    if (isZeroFrom(file, at)) return 'torn';
    throw new LogDamage(at, 'length');
  }
  const end = at + headBytes + length + tailBytes;
  if (end > file.length) return 'torn';
  const content = file.read(at + headBytes, length);
  const next = crc32(content, headChain);
  if (file.read(end - tailBytes, tailBytes).readUInt32LE(0) === next) return { content, end, chain: next };
  // The size of a file may last before its content does: whole blocks of it are zeros then, to the end.
  if (end === file.length && isZeroFrom(file, firstBlockBehind(at))) return 'torn';
  throw new LogDamage(at, 'content');
}

const blockBytes = 512;

function firstBlockBehind(at: number): number {
  return (Math.floor(at / blockBytes) + 1) * blockBytes;
}

/** Whether there is something there, all of it zeros. */
function isZeroFrom(file: LogBytes, from: number): boolean {
  const step = 65_536;
  if (from >= file.length) return false;
  for (let at = from; at < file.length; at += step)
    if (file.read(at, Math.min(step, file.length - at)).some((byte) => byte !== 0)) return false;
  return true;
}

/** @throws LogDamage for what a checksum does not find: another version's file, or our own fault. */
function decodeContent(content: Buffer, at: number): LogRecord {
  const kind = kinds[content[0] ?? kinds.length];
  try {
    switch (kind) {
      case 'versions':
        return { kind, versions: decodeVersions(content, 1) };
      case 'commit':
        return {
          kind,
          commit: {
            revision: decodeNumber(content, 1),
            versions: decodeVersions(content, 1 + numberBytes),
          } satisfies Commit,
        };
      case 'compaction':
        return { kind, revision: decodeNumber(content, 1) };
      case 'alarm':
        return { kind, on: content.readUInt8(1) === 1 };
      case 'beginning':
        return {
          kind,
          state: {
            revision: decodeNumber(content, 1),
            compactRevision: decodeNumber(content, 1 + numberBytes) - 1,
            alarm: content.readUInt8(1 + 2 * numberBytes) === 1,
          },
        };
      case undefined:
        break;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new LogDamage(at, 'content');
}

function decodeNumber(content: Buffer, at: number): number {
  return content.readUIntBE(at, numberBytes);
}

function decodeVersions(content: Buffer, from: number): KeyVersion[] {
  const versions: KeyVersion[] = [];
  let at = from;
  while (at < content.length) {
    const keyAt = at + 3 * numberBytes + 8;
    const valueAt = keyAt + content.readUInt32BE(at + 3 * numberBytes);
    const end = valueAt + content.readUInt32BE(at + 3 * numberBytes + 4);
    if (end > content.length) throw new RangeError('a version ends behind its record');
    versions.push({
      key: content.toString('latin1', keyAt, valueAt),
      createRevision: decodeNumber(content, at),
      modRevision: decodeNumber(content, at + numberBytes),
      version: decodeNumber(content, at + 2 * numberBytes),
      // Of its own, so that a small value does not keep a large record.
      value: Uint8Array.prototype.slice.call(content, valueAt, end),
    });
    at = end;
  }
  return versions;
}
