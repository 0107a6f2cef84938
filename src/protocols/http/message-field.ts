/** Builds the field tree of an HTTP message, with its decompressed body. */
import type { Field } from '../../core/field.ts';
import { openBody } from './content-coding.ts';
import type { OpenedBody } from './content-coding.ts';
import type { HttpEvent } from './event-stream.ts';
import type { HttpMessage } from './http-message.ts';
import { readMessage } from './message.ts';
import type { HttpRequest, HttpResponse } from './message.ts';

/**
 * The field tree of a message, in the coordinates of its direction, every kept byte named. A malformed message has the
 * tree of what was understood, and the rest as opaque bytes.
 */
export function fieldOfHttp(message: HttpMessage): Field {
  const { bytes, framing, offset, content } = message;
  const whole = [offset, offset + message.length] as const;
  const opaque: Field = {
    id: 'http.opaque',
    range: whole,
    value: bytes,
    children: [],
    remarks: [],
    origin: 'wire',
  };
  if (content.type === 'opaque') return opaque;
  if (content.type === 'event') return fieldOfEvent(message, content);
  const step = readMessage(bytes, framing, offset);
  const field = 'got' in step ? step.field : 'malformed' in step ? withRest(step.partial, bytes) : opaque;
  const named: Field = {
    ...field,
    id: content.type === 'malformed' ? 'http.malformed' : `http.${content.type}`,
    range: whole,
  };
  return content.type === 'malformed' ? named : withOpenedBody(named, message, content);
}

/** Its lines, and between them what frames the body. */
function fieldOfEvent({ bytes, offset, length }: HttpMessage, { places }: HttpEvent): Field {
  const end = offset + length;
  const children: Field[] = [];
  const leaf = (id: 'http.event.line' | 'http.syntax', from: number, to: number): void => {
    if (to <= from) return;
    const value = Buffer.from(bytes.subarray(from - offset, to - offset)).toString('utf8');
    children.push({ id, range: [from, to], value, children: [], remarks: [], origin: 'wire' });
  };
  let at = offset;
  for (const [start, stop] of places) {
    leaf('http.syntax', at, start);
    at = start;
    while (at < stop) {
      const found = bytes.subarray(at - offset, stop - offset).indexOf(0x0a);
      const next = found < 0 ? stop : at + found + 1;
      leaf('http.event.line', at, next);
      at = next;
    }
  }
  leaf('http.syntax', at, end);
  return { id: 'http.event', range: [offset, end], value: null, children, remarks: [], origin: 'wire' };
}

/** The body of a message as it was before it was compressed, or why it stays shut; undefined where it was not. */
export function openedBodyOf({
  content,
  complete,
}: Pick<HttpMessage, 'content' | 'complete'>): OpenedBody | undefined {
  if (content.type !== 'request' && content.type !== 'response') return undefined;
  return openBody(content, content.body, !complete || content.body.length < content.bodyLength);
}

/** Decompressed data has no bytes of its own on the wire: its field is empty and follows the message. */
function withOpenedBody(field: Field, message: HttpMessage, { type }: HttpRequest | HttpResponse): Field {
  const opened = openedBodyOf(message);
  const [, end] = field.range;
  if (!opened) return field;
  if ('opened' in opened)
    return {
      ...field,
      children: [
        ...field.children,
        {
          id: `http.${type}.opened_body`,
          range: [end, end],
          value: opened.opened,
          children: [],
          remarks: [],
          origin: 'wire',
        },
      ],
    };
  const remark = { id: `http.body.${opened.unopened}` };
  const remarked = (one: Field): Field =>
    one.children.length === 0
      ? { ...one, remarks: [...one.remarks, remark] }
      : { ...one, children: one.children.map(remarked) };
  return {
    ...field,
    children: field.children.map((child) =>
      child.id.startsWith(`http.${type}.body`) ? remarked(child) : child,
    ),
  };
}

/** The framing of a message can hold where a line in it cannot be read (a trailer without a colon): the bytes from there on are opaque. */
function withRest(partial: Field, bytes: Uint8Array): Field {
  const [start] = partial.range;
  const reached = partial.children.at(-1)?.range[1] ?? start;
  const rest = bytes.subarray(reached - start);
  if (rest.length === 0) return partial;
  const opaque: Field = {
    id: 'http.opaque',
    range: [reached, start + bytes.length],
    value: rest,
    children: [],
    remarks: [],
    origin: 'wire',
  };
  return { ...partial, children: [...partial.children, opaque] };
}
