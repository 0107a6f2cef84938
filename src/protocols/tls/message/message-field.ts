/** Builds the field tree of a TLS message: its own fields and those of its records. */
import { excerpt, readStep } from '../../../core/cursor.ts';
import type { Field, Malformed, Origin, Step } from '../../../core/field.ts';
import { contentTypes, version2Hello, headerLength } from '../framing.ts';
import { readHandshake } from '../handshake.ts';
import type { TlsFieldId } from '../ids.ts';
import { withInside } from '../inside.ts';
import { readRecordHeader } from '../record.ts';
import type { Frame, Ranges, TlsMessage } from './message.ts';
import { stepOfVersion2, stepOfWhole } from './whole-content.ts';

/**
 * From offsets in the message's own bytes to those in the stream. Records may split a message at each of its bytes, so
 * that a search from the first range on would cost its length for every field.
 */
function streamOffsets(ranges: Ranges): (at: number) => number {
  /** Of each range the offset of its first byte in the message. */
  const begins: number[] = [];
  const starts: number[] = [];
  let length = 0;
  for (const [start, end] of ranges) {
    begins.push(length);
    starts.push(start);
    length += end - start;
  }
  return (at) => {
    if (at >= length) return ranges.at(-1)?.[1] ?? 0;
    let [low, high] = [0, begins.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((begins[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return (starts[low] ?? 0) + at - (begins[low] ?? 0);
  };
}

export function moved(malformed: Malformed, ranges: Ranges): Malformed {
  return { ...malformed, offset: streamOffsets(ranges)(malformed.offset) };
}

/**
 * The tree of a kept handshake message, with its nested contents, in the coordinates of its own bytes; undefined for
 * anything else.
 */
export function handshakeFieldOf({
  bytes,
  contentType,
  content,
  context,
  opened,
}: TlsMessage): Field | undefined {
  if (!bytes || content.type === 'sealed' || bytes.length === 0) return undefined;
  const origin: Origin = opened ? 'decrypted' : 'wire';
  if (contentType === version2Hello) return fieldIn(stepOfVersion2(bytes, 0, origin));
  if (contentType !== contentTypes.handshake) return undefined;
  const step = readHandshake(bytes, { open: false, origin, context });
  return 'got' in step ? withInside(step.field, step.got.content) : fieldIn(step);
}

function fieldIn(step: Step<unknown>): Field | undefined {
  if ('got' in step) return step.field;
  return 'malformed' in step ? step.partial : undefined;
}

/** A tree in the coordinates of the message, as one in those of the stream. */
function movedField(field: Field, streamOffset: (at: number) => number): Field {
  const [from, to] = field.range;
  const start = streamOffset(from);
  const end = to > from ? streamOffset(to - 1) + 1 : start;
  return {
    ...field,
    range: [start, end],
    children: field.children.map((child) => movedField(child, streamOffset)),
  };
}

function contentField(message: TlsMessage): Field[] {
  const { bytes, ranges, contentType, content } = message;
  const origin: Origin = message.opened ? 'decrypted' : 'wire';
  const [start, end] = [ranges.at(0)?.[0] ?? message.offset, ranges.at(-1)?.[1] ?? message.offset];
  if (content.type === 'sealed') return [];
  if (!bytes)
    return [{ id: 'tls.content', range: [start, end], value: null, children: [], remarks: [], origin }];
  if (contentType === contentTypes.handshake && bytes.length > 0) {
    const field = handshakeFieldOf(message);
    return field ? [movedField(field, streamOffsets(ranges))] : [];
  }
  const step =
    contentType === version2Hello
      ? stepOfVersion2(bytes, start, origin)
      : stepOfWhole(contentType, bytes, start, origin);
  return [...(fieldIn(step)?.children ?? [])];
}

/** The fields of a record around its content, as far as they are within the message. */
function frameFields(frame: Frame, message: TlsMessage): Field[] {
  // It has no separate header: its length is part of it.
  if (frame.contentType === version2Hello) return [];
  const fields: Field[] = [];
  const messageEnd = message.offset + message.length;
  const add = (
    id: TlsFieldId,
    start: number,
    end: number,
    value?: Field['value'],
    origin: Origin = 'wire',
  ): void => {
    if (end <= start) return;
    const held = frame.bytes?.subarray(start - frame.start, end - frame.start) ?? null;
    fields.push({
      id,
      range: [start, end],
      value: value === undefined ? held : value,
      children: [],
      remarks: [],
      origin,
    });
  };
  const { headLength = 0, tailLength = 0, padding, isMac, inner } = frame.seal ?? {};
  const payload = frame.start + headerLength;
  const headEnd = payload + headLength;
  const tailStart = frame.end - tailLength;
  if (frame.start >= message.offset) {
    fields.push(headerField(frame));
    add(
      isMac ? 'tls.record.initialization_vector' : 'tls.record.explicit_nonce',
      payload,
      Math.min(headEnd, frame.end),
    );
  }
  if (message.content.type === 'sealed') add('tls.record.encrypted', headEnd, Math.max(headEnd, tailStart));
  if (frame.end > messageEnd) return fields;
  if (inner) {
    const typeAt = tailStart - inner.padding - 1;
    add('tls.record.inner_content_type', typeAt, typeAt + 1, inner.contentType, 'decrypted');
    add('tls.record.padding', typeAt + 1, tailStart, null, 'decrypted');
  }
  if (!isMac) {
    add('tls.record.authentication_tag', Math.max(tailStart, headEnd), frame.end);
    return fields;
  }
  const { length: paddingLength = 0, isBehindMac = false } = padding ?? {};
  const macStart = isBehindMac ? tailStart : tailStart + paddingLength;
  const macEnd = isBehindMac ? frame.end - paddingLength : frame.end;
  if (!isBehindMac) add('tls.record.block_padding', tailStart, macStart, null, 'decrypted');
  // A MAC inside the ciphertext stands there as ciphertext.
  if (isBehindMac) add('tls.record.mac', macStart, macEnd, null, 'decrypted');
  else add('tls.record.mac', Math.max(macStart, headEnd), macEnd);
  if (isBehindMac) add('tls.record.block_padding', macEnd, frame.end, null, 'decrypted');
  return fields;
}

function headerField(frame: Frame): Field {
  const length = frame.end - frame.start - headerLength;
  const header = Uint8Array.of(
    frame.contentType,
    frame.version >> 8,
    frame.version & 0xff,
    length >> 8,
    length & 0xff,
  );
  const step = readStep('tls.record.header', header, readRecordHeader, { base: frame.start });
  const field = 'got' in step ? step.field.children[0] : undefined;
  if (!field) throw new Error(`the header ${excerpt(header)} was read before`);
  return field;
}

/**
 * The field tree of a message, in the coordinates of its direction: the fields of its records and its own, every byte
 * named. Made at each call. A field that a record boundary splits spans that boundary; the header within it stands
 * before it among the children, so that a search by offset finds the header first.
 */
export function fieldOf(message: TlsMessage): Field {
  const own = contentField(message);
  const [start, end] = [own[0]?.range[0] ?? Infinity, own.at(-1)?.range[1] ?? Infinity];
  const around = message.frames.flatMap((frame) => frameFields(frame, message));
  const before = around.filter((field) => field.range[0] < end);
  const after = around.filter((field) => field.range[0] >= end);
  const children = start === Infinity ? around : [...before, ...own, ...after];
  const range = [message.offset, message.offset + message.length] as const;
  return {
    id: 'tls.message',
    range,
    value: null,
    children,
    remarks: [],
    origin: message.opened ? 'decrypted' : 'wire',
  };
}
