/** Describes a datagram of DTLS: its title, its facts, and its fields (RFC 6347 sections 4.1 and 4.2.2). */
import { readStep } from '../../core/cursor.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { Field } from '../../core/field.ts';
import type { Localized } from '../../i18n/language.ts';
import type { ProtocolMessage } from '../protocol.ts';
import type { Piece } from '../piece.ts';
import { contentTypeTitles, nameOrCode, versionName } from '../tls/codes.ts';
import { titleOfHandshake } from '../tls/handshake.ts';
import type { DtlsDatagram, ReadRecord } from './conversation.ts';
import { contentTypes, fragmentsIn } from './record.ts';

export function dtlsMessage(piece: Piece, { records }: DtlsDatagram): ProtocolMessage {
  const { from, offset, bytes, tag } = piece;
  const title =
    records.length === 1
      ? { en: 'DTLS record', ko: 'DTLS 레코드' }
      : { en: `${records.length} DTLS records`, ko: `DTLS 레코드 ${records.length}개` };
  const isSealed = records.every(({ content }) => content === undefined);
  return {
    from,
    protocol: 'dtls',
    offset,
    length: bytes.length,
    lastTag: tag,
    title,
    facts: factsOf(records),
    ...(isSealed ? { isSealed: true } : {}),
    bytes,
    field: () => fieldOf(piece, records),
  };
}

function nameOf({ contentType }: ReadRecord): string {
  if (contentType === undefined) return 'DTLS 1.3';
  if (contentType === contentTypes.acknowledgement) return 'ACK';
  return contentTypeTitles[contentType] ?? `type ${contentType}`;
}

/** The version of the first record, and what is in each: of messages, which fragments. */
function factsOf(records: readonly ReadRecord[]): Localized {
  const parts: Localized[] = [];
  const version = records.find((record) => record.version !== undefined)?.version;
  if (version !== undefined) {
    const name = nameOrCode(versionName, version).replace('DTLSv', 'DTLS ');
    parts.push({ en: name, ko: name });
    if ((records[0]?.start ?? 0) > 0) parts.push({ en: 'inside CAPWAP', ko: 'CAPWAP 안' });
  }
  for (const record of records) {
    const { contentType, content, isOpened } = record;
    if (contentType !== contentTypes.handshake || !content) {
      const name = nameOf(record);
      if (isOpened || parts.at(-1)?.en !== name) parts.push({ en: name, ko: name });
      continue;
    }
    for (const { type, offset, length, bytes, sequence } of fragmentsIn(content).fragments) {
      const name = titleOfHandshake(type);
      const part = bytes.length === length ? '' : ` ${offset}-${offset + bytes.length}/${length}`;
      parts.push({ en: `${name}${part} (number ${sequence})`, ko: `${name}${part} (${sequence}번)` });
    }
  }
  const shown = parts.slice(0, 6);
  return { en: shown.map(({ en }) => en).join(', '), ko: shown.map(({ ko }) => ko).join(', ') };
}

function fieldOf({ offset, bytes }: Piece, records: readonly ReadRecord[]): Field {
  const children = records.map((record) => recordField(record, bytes, offset));
  const begins = records[0]?.start ?? 0;
  if (begins > 0)
    children.unshift({
      ...node('dtls.capwap_preamble', offset, offset + begins, []),
      value: bytes.subarray(0, begins),
    });
  return node('dtls', offset, offset + bytes.length, children);
}

function node(id: Field['id'], start: number, end: number, children: readonly Field[]): Field {
  return { id, range: [start, end], value: null, children, remarks: [], origin: 'wire' };
}

function recordField(record: ReadRecord, bytes: Uint8Array, offset: number): Field {
  const { start, end } = record;
  const step = readStep('dtls.record', bytes.subarray(start, end), (cursor) => readRecord(cursor, record), {
    base: offset + start,
    open: false,
  });
  const field = 'got' in step ? step.field : 'malformed' in step ? step.partial : undefined;
  return node('dtls.record', offset + start, offset + end, field?.children ?? []);
}

function readRecord(cursor: Cursor, { contentType, content, isOpened, bodyAt, start }: ReadRecord): void {
  if (contentType === undefined) {
    cursor.uint8('dtls.record.unified_header');
    if (bodyAt - start > 1) cursor.bytes('dtls.record.encrypted_sequence', bodyAt - start - 1);
    if (cursor.remaining > 0) cursor.rest('dtls.record.encrypted');
    return;
  }
  cursor.uint8('dtls.record.content_type');
  cursor.uint16('dtls.record.version');
  cursor.uint16('dtls.record.epoch');
  cursor.bytes('dtls.record.sequence_number', 6);
  if (bodyAt - start > 11) cursor.uint16('dtls.record.length');
  if (cursor.remaining === 0) return;
  if (!content || isOpened) cursor.rest('dtls.record.encrypted');
  else if (contentType === contentTypes.handshake)
    readFragments(cursor, fragmentsIn(content).fragments.length);
  else if (contentType === contentTypes.alert && cursor.remaining === 2) {
    cursor.uint8('dtls.alert.level');
    cursor.uint8('dtls.alert.description');
  } else cursor.rest('dtls.record.content');
}

/** What stands behind those that are whole is no fragment. */
function readFragments(cursor: Cursor, count: number): void {
  for (let number = 0; number < count; number++) {
    cursor.uint8('dtls.handshake.type');
    cursor.uint24('dtls.handshake.length');
    cursor.uint16('dtls.handshake.message_number');
    cursor.uint24('dtls.handshake.fragment_offset');
    const length = cursor.uint24('dtls.handshake.fragment_length');
    if (length > 0) cursor.bytes('dtls.handshake.fragment', length);
  }
  if (cursor.remaining > 0) cursor.rest('dtls.record.content');
}
