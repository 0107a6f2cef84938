/**
 * Parses the frames of a packet's content into fields (RFC 9000 section 19, RFC 9221), and hands out what a reader of
 * handshakes needs: CRYPTO data and CONNECTION_CLOSE. A frame of an unknown type ends the packet: its length is unknown.
 */
import type { Cursor } from '../../core/cursor.ts';
import { alertOf } from '../../capture/vocabulary.ts';

export interface CryptoFrame {
  readonly offset: number;
  readonly data: Uint8Array;
}

export interface CloseFrame {
  /** Of the transport; otherwise of the application above it. */
  readonly isTransport: boolean;
  readonly code: number;
  readonly reason: string;
}

export interface Frames {
  /** Names in order, each run of equal ones once. */
  readonly names: string[];
  readonly crypto: CryptoFrame[];
  close?: CloseFrame;
  /** Bytes in its STREAM frames: what they mean, such as HTTP/3, is not read. */
  streamed?: number;
}

type ReadFrame = (cursor: Cursor, type: number, into: Frames) => void;

const frame = 'quic.frame';
const number =
  (...ids: readonly (keyof typeof numbers)[]): ReadFrame =>
  (cursor) => {
    for (const id of ids) cursor.varint(`${frame}.${id}`);
  };
const numbers = {
  stream_id: 0,
  error_code: 0,
  final_size: 0,
  limit: 0,
  sequence_number: 0,
} as const;

/** RFC 9000 section 19.3. */
const ack: ReadFrame = (cursor, type) => {
  cursor.varint('quic.ack.largest');
  cursor.varint('quic.ack.delay');
  const ranges = cursor.varint('quic.ack.range_count');
  cursor.varint('quic.ack.range');
  for (let range = 0; range < ranges; range++) {
    cursor.varint('quic.ack.gap');
    cursor.varint('quic.ack.range');
  }
  const ecnCounts = type === 3 ? 3 : 0;
  for (let count = 0; count < ecnCounts; count++) cursor.varint('quic.ack.ecn_count');
};

/** RFC 9000 section 19.6. */
const crypto: ReadFrame = (cursor, _type, { crypto: found }) => {
  const offset = cursor.varint('quic.crypto.offset');
  const length = cursor.varint('quic.crypto.data.length');
  found.push({ offset, data: cursor.bytes('quic.crypto.data', length) });
};

/** RFC 9000 section 19.8: the three lowest bits say which fields there are. */
const stream: ReadFrame = (cursor, type, into) => {
  cursor.varint(`${frame}.stream_id`);
  if ((type & 4) !== 0) cursor.varint('quic.stream.offset');
  const length = (type & 2) === 0 ? cursor.remaining : cursor.varint('quic.stream.data.length');
  cursor.bytes('quic.stream.data', length);
  into.streamed = (into.streamed ?? 0) + length;
};

/** RFC 9000 section 19.15. */
const newConnectionId: ReadFrame = (cursor) => {
  cursor.varint(`${frame}.sequence_number`);
  cursor.varint(`${frame}.retire_prior_to`);
  cursor.bytes(`${frame}.connection_id`, cursor.uint8(`${frame}.connection_id.length`));
  cursor.bytes(`${frame}.stateless_reset_token`, 16);
};

/** RFC 9000 section 19.19. */
const close: ReadFrame = (cursor, type, into) => {
  const code = cursor.varint(`${frame}.error_code`);
  const isTransport = type === 0x1c;
  if (isTransport) cursor.varint(`${frame}.frame_type`);
  const length = cursor.varint(`${frame}.reason.length`);
  const reason = cursor.text(`${frame}.reason`, length);
  into.close ??= { isTransport, code, reason };
};

const datagram: ReadFrame = (cursor, type) => {
  const length = (type & 1) === 0 ? cursor.remaining : cursor.varint('quic.stream.data.length');
  cursor.bytes('quic.stream.data', length);
};

const none: ReadFrame = () => {};
const eightBytes: ReadFrame = (cursor) => void cursor.bytes(`${frame}.path_data`, 8);

type FrameRow = readonly [name: string, read: ReadFrame];

const frames: Readonly<Record<number, FrameRow>> = {
  0x01: ['PING', none],
  0x02: ['ACK', ack],
  0x03: ['ACK', ack],
  0x04: ['RESET_STREAM', number('stream_id', 'error_code', 'final_size')],
  0x05: ['STOP_SENDING', number('stream_id', 'error_code')],
  0x06: ['CRYPTO', crypto],
  0x07: [
    'NEW_TOKEN',
    (cursor) => void cursor.bytes(`${frame}.token`, cursor.varint(`${frame}.token.length`)),
  ],
  0x10: ['MAX_DATA', number('limit')],
  0x11: ['MAX_STREAM_DATA', number('stream_id', 'limit')],
  0x12: ['MAX_STREAMS', number('limit')],
  0x13: ['MAX_STREAMS', number('limit')],
  0x14: ['DATA_BLOCKED', number('limit')],
  0x15: ['STREAM_DATA_BLOCKED', number('stream_id', 'limit')],
  0x16: ['STREAMS_BLOCKED', number('limit')],
  0x17: ['STREAMS_BLOCKED', number('limit')],
  0x18: ['NEW_CONNECTION_ID', newConnectionId],
  0x19: ['RETIRE_CONNECTION_ID', number('sequence_number')],
  0x1a: ['PATH_CHALLENGE', eightBytes],
  0x1b: ['PATH_RESPONSE', eightBytes],
  0x1c: ['CONNECTION_CLOSE', close],
  0x1d: ['CONNECTION_CLOSE', close],
  0x1e: ['HANDSHAKE_DONE', none],
  0x30: ['DATAGRAM', datagram],
  0x31: ['DATAGRAM', datagram],
};

/** Of Google's QUIC: `01nullmm`, which say how long the numbers are. */
const googleAck: ReadFrame = (cursor, type) => {
  const length = (bits: number): number => [1, 2, 4, 6][bits & 3] ?? 1;
  const block = length(type);
  cursor.bytes('quic.ack.largest', length(type >> 2));
  cursor.bytes('quic.ack.delay', 2);
  const ranges = (type & 0x20) === 0 ? 0 : cursor.uint8('quic.ack.range_count');
  cursor.bytes('quic.ack.range', block);
  for (let range = 0; range < ranges; range++) {
    cursor.uint8('quic.ack.gap');
    cursor.bytes('quic.ack.range', block);
  }
  const times = cursor.uint8('quic.ack.timestamp_count');
  if (times > 0) cursor.bytes('quic.ack.timestamps', 5 + 3 * (times - 1));
};

const googleClose: ReadFrame = (cursor, _type, into) => {
  const code = cursor.uint32(`${frame}.error_code`);
  const reason = cursor.text(`${frame}.reason`, cursor.uint16(`${frame}.reason.length`));
  into.close ??= { isTransport: false, code, reason };
};

/** Of Q050, T050 and T051. Of the rest the content is not followed. */
const googleFrames: Readonly<Record<number, FrameRow>> = {
  0x02: ['CONNECTION_CLOSE', googleClose],
  0x07: ['PING', none],
  0x08: ['CRYPTO', crypto],
};

function googleRowOf(type: number): FrameRow {
  if (type >= 0x40 && type < 0x80) return ['ACK', googleAck];
  return (
    googleFrames[type] ?? [
      type >= 0x80 ? 'STREAM' : `0x${type.toString(16).padStart(2, '0')}`,
      (cursor) => void cursor.rest('quic.unread'),
    ]
  );
}

function rowOf(type: number): FrameRow | undefined {
  return type >= 0x08 && type <= 0x0f ? ['STREAM', stream] : frames[type];
}

/**
 * All frames of a content; what is wrong with one ends the reading.
 * @param areGoogles they are those of Google's QUIC
 */
export function readFrames(cursor: Cursor, into: Frames, areGoogles = false): Frames {
  while (cursor.remaining > 0) {
    if (cursor.peek() === 0) {
      readPadding(cursor, into);
      continue;
    }
    readFrame(cursor, into, areGoogles);
  }
  return into;
}

/** A run of PADDING frames is one field: there are a thousand of them in an Initial. */
function readPadding(cursor: Cursor, { names }: Frames): void {
  let length = 0;
  while (cursor.peek(length) === 0) length++;
  cursor.bytes('quic.padding', length);
  named(names, 'PADDING');
}

/** One field for a frame, whose length only its reader knows. */
function readFrame(cursor: Cursor, into: Frames, isGoogles: boolean): void {
  const first = cursor.fields.length;
  const start = cursor.offset;
  const type = isGoogles ? cursor.uint8(`${frame}.type`) : cursor.varint(`${frame}.type`);
  const row = isGoogles ? googleRowOf(type) : rowOf(type);
  if (!row) return cursor.fail('bad_value', `${frame}.type`, 'a known frame type', `0x${type.toString(16)}`);
  const [name, read] = row;
  named(into.names, name);
  read(cursor, type, into);
  const children = cursor.fields.splice(first);
  cursor.fields.push({
    id: frame,
    range: [start, cursor.offset],
    value: null,
    children,
    remarks: [],
    origin: cursor.origin,
  });
}

function named(names: string[], name: string): void {
  if (names.at(-1) !== name && names.length < 16) names.push(name);
}

/** RFC 9000 section 20.1, RFC 9368 section 10.2. */
const errors: Readonly<Record<number, string>> = {
  0x00: 'NO_ERROR',
  0x01: 'INTERNAL_ERROR',
  0x02: 'CONNECTION_REFUSED',
  0x03: 'FLOW_CONTROL_ERROR',
  0x04: 'STREAM_LIMIT_ERROR',
  0x05: 'STREAM_STATE_ERROR',
  0x06: 'FINAL_SIZE_ERROR',
  0x07: 'FRAME_ENCODING_ERROR',
  0x08: 'TRANSPORT_PARAMETER_ERROR',
  0x09: 'CONNECTION_ID_LIMIT_ERROR',
  0x0a: 'PROTOCOL_VIOLATION',
  0x0b: 'INVALID_TOKEN',
  0x0c: 'APPLICATION_ERROR',
  0x0d: 'CRYPTO_BUFFER_EXCEEDED',
  0x0e: 'KEY_UPDATE_ERROR',
  0x0f: 'AEAD_LIMIT_REACHED',
  0x10: 'NO_VIABLE_PATH',
  0x11: 'VERSION_NEGOTIATION_ERROR',
};

/** The code of the TLS alert in an error of the transport (RFC 9000 section 20.1: CRYPTO_ERROR); undefined for another error. */
export function alertCodeOf({ isTransport, code }: CloseFrame): number | undefined {
  return isTransport && code >= 0x100 && code <= 0x1ff ? code - 0x100 : undefined;
}

/** `PROTOCOL_VIOLATION`, `TLS alert 48 (unknown_ca)`, `application error 0x100`. */
export function errorName(close: CloseFrame): string {
  const alert = alertCodeOf(close);
  if (alert !== undefined) return `TLS alert ${alert} (${alertOf(alert).description})`;
  const hex = `0x${close.code.toString(16)}`;
  return close.isTransport ? (errors[close.code] ?? `error ${hex}`) : `application error ${hex}`;
}
