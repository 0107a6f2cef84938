/** Reads the contents that are a message by themselves: alerts, ChangeCipherSpec, application data, heartbeats. */
import { readStep } from '../../../core/cursor.ts';
import type { Cursor } from '../../../core/cursor.ts';
import type { Malformed, Origin } from '../../../core/field.ts';
import { readAlert } from '../alert.ts';
import { contentTypeTitles } from '../codes.ts';
import { contentTypes } from '../framing.ts';
import { readVersion2Hello } from '../handshake.ts';
import type { TlsFieldId } from '../ids.ts';
import type { Ranges, TlsContent } from './message.ts';

function readChangeCipherSpec(cursor: Cursor): TlsContent {
  const value = cursor.uint8('tls.change_cipher_spec.type');
  if (value !== 1)
    cursor.fail('bad_value', 'tls.change_cipher_spec.type', '1', String(value), cursor.offset - 1);
  return { type: 'change_cipher_spec' };
}

/** The contents that are a message by themselves. */
const wholeContents: Readonly<
  Record<number, readonly [id: TlsFieldId, read: (cursor: Cursor) => TlsContent]>
> = {
  20: ['tls.change_cipher_spec', readChangeCipherSpec],
  21: ['tls.alert', (cursor) => ({ type: 'alert', alert: readAlert(cursor) })],
  23: [
    'tls.application_data',
    (cursor) => readAll(cursor, 'tls.application_data.data', { type: 'application_data' }),
  ],
  24: ['tls.heartbeat', (cursor) => readAll(cursor, 'tls.heartbeat.data', { type: 'heartbeat' })],
};

function readAll<T>(cursor: Cursor, id: TlsFieldId, content: T): T {
  if (cursor.remaining > 0) cursor.rest(id);
  return content;
}

export function stepOfWhole(contentType: number, content: Uint8Array, base: number, origin: Origin) {
  const [id, read] = wholeContents[contentType] ?? ['tls.content', refuseType(contentType)];
  return readStep(id, content, (cursor) => cursor.block(id, content.length, read), {
    base,
    origin,
    open: false,
  });
}

export function stepOfVersion2(bytes: Uint8Array, base: number, origin: Origin) {
  return readStep(
    'tls.version2_hello',
    bytes,
    (cursor) => cursor.block('tls.version2_hello', bytes.length, readVersion2Hello),
    { base, origin, open: false },
  );
}

/** A content of no type that exists, or a handshake record without anything in it (RFC 8446 section 5.1). */
function refuseType(contentType: number): (cursor: Cursor) => TlsContent {
  const isEmptyHandshake = contentType === contentTypes.handshake;
  return (cursor) =>
    cursor.fail(
      'bad_value',
      'tls.content',
      isEmptyHandshake ? 'at least 1 byte' : 'type 20 to 24',
      isEmptyHandshake ? '0 bytes' : String(contentType),
    );
}

export function readWhole(
  contentType: number,
  content: Uint8Array,
  start: number,
): { title: string; content: TlsContent } {
  const title = contentTypeTitles[contentType] ?? 'Malformed';
  // Bulk data passes here: no tree for what has no structure.
  if (contentType === contentTypes.applicationData) return { title, content: { type: 'application_data' } };
  const step = stepOfWhole(contentType, content, start, 'wire');
  if ('got' in step) return { title, content: step.got };
  const malformed = 'malformed' in step ? step.malformed : missing(step.needMore, [[start, start]]);
  return { title, content: { type: 'malformed', malformed } };
}

/** A parser of a closed buffer never needs more data; if it did, this would be the result. */
export function missing(count: number, ranges: Ranges): Malformed {
  return {
    kind: 'overrun',
    id: 'tls.handshake',
    offset: ranges.at(0)?.[0] ?? 0,
    expected: `${count} more bytes`,
    found: 'none',
  };
}
