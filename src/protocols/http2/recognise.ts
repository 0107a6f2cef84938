/**
 * Recognizes HTTP/2 (RFC 9113) by content: a client by its preface, a server by its SETTINGS, and either in the middle of a
 * connection by a frame that hardly anything else begins with. Cheap, since it runs on every stream.
 */
import type { Side } from '../../capture/event.ts';
import { flags, frameTypes, knownErrors } from './codes.ts';

/** What a client sends first (RFC 9113 section 3.4). */
export const preface: Uint8Array = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export const headerLength = 9;

/** Whether a stream with this start is HTTP/2; undefined while it is too short. */
export function looksLikeHttp2(start: Uint8Array, from: Side): boolean | undefined {
  if (from === 'client' && start[0] === preface[0]) {
    const length = Math.min(start.length, preface.length);
    if (!preface.subarray(0, length).every((byte, at) => byte === start[at])) return false;
    return length === preface.length ? true : undefined;
  }
  return looksLikeFrame(start);
}

/** There are ten settings; more than these are hardly sent. */
const mostSettings = 6 * 32;
/** The largest frame that a peer may send without asking (RFC 9113 section 4.2). */
const usualFrame = 16_384;

/** Whether a frame begins here, of a type whose form is specific enough; undefined while there are too few bytes. */
export function looksLikeFrame(start: Uint8Array, at = 0): boolean | undefined {
  const byte = (index: number): number | undefined => start[at + index];
  // Nearly every other stream differs here already.
  if (byte(0) !== undefined && byte(0) !== 0) return false;
  const [high, low, type, bits] = [byte(1), byte(2), byte(3), byte(4)];
  if (type !== undefined && !(type in fits)) return false;
  const length = high === undefined || low === undefined ? undefined : high * 256 + low;
  const fit = type === undefined ? undefined : fits[type];
  if (fit && length !== undefined && !fit.length(length)) return false;
  if (fit && bits !== undefined && (bits & ~fit.flags) !== 0) return false;
  // A settings frame that acknowledges is empty.
  if (type === frameTypes.SETTINGS && bits === flags.ACK && length !== undefined && length > 0) return false;
  if (byte(5) !== undefined && byte(5) !== 0) return false;
  const [upper, middle, last] = [byte(6), byte(7), byte(8)];
  if (upper === undefined || middle === undefined || last === undefined || !fit || length === undefined)
    return undefined;
  const isConnection = upper + middle + last === 0;
  if (fit.stream !== undefined && fit.stream !== (isConnection ? 'none' : 'one')) return false;
  return fit.payload?.(start.subarray(at + headerLength), length) ?? true;
}

interface Fit {
  readonly length: (length: number) => boolean;
  /** All that may be set. */
  readonly flags: number;
  /** Whether it is about one stream or about the connection; undefined where it may be either. */
  readonly stream?: 'one' | 'none';
  readonly payload?: (payload: Uint8Array, length: number) => boolean | undefined;
}

const code = (payload: Uint8Array, at: number): number | undefined =>
  payload.length < at + 4
    ? undefined
    : (payload[at] ?? 0) * 2 ** 24 +
      (payload[at + 1] ?? 0) * 65536 +
      (payload[at + 2] ?? 0) * 256 +
      (payload[at + 3] ?? 0);

const { HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE } = frameTypes;

const fits: Readonly<Record<number, Fit>> = {
  [HEADERS]: {
    length: (length) => length > 0 && length <= usualFrame,
    flags: flags.END_STREAM | flags.END_HEADERS | flags.PADDED | flags.PRIORITY,
    stream: 'one',
  },
  [RST_STREAM]: {
    length: (length) => length === 4,
    flags: 0,
    stream: 'one',
    payload: (payload) => known(code(payload, 0), (value) => value < knownErrors),
  },
  [SETTINGS]: {
    length: (length) => length % 6 === 0 && length <= mostSettings,
    flags: flags.ACK,
    stream: 'none',
  },
  [PING]: { length: (length) => length === 8, flags: flags.ACK, stream: 'none' },
  [GOAWAY]: {
    length: (length) => length >= 8 && length <= usualFrame,
    flags: 0,
    stream: 'none',
    payload: (payload) => known(code(payload, 4), (value) => value < knownErrors),
  },
  [WINDOW_UPDATE]: {
    length: (length) => length === 4,
    flags: 0,
    payload: (payload) => known(code(payload, 0), (value) => value > 0 && value < 2 ** 31),
  },
};

function known(value: number | undefined, holds: (value: number) => boolean): boolean | undefined {
  return value === undefined ? undefined : holds(value);
}
