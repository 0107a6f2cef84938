/**
 * Parses the messages between a client and a resolver, with a title and a summary each. A datagram is one message; over
 * TCP each has a length prefix (RFC 1035 section 4.2.2). It finds message boundaries; `message.ts` parses messages.
 *
 * The messages of a direction cover its stream without overlap. At most one message is buffered, of at most 65,537
 * bytes.
 */
import type { Side } from '../../capture/event.ts';
import { readStep } from '../../core/cursor.ts';
import type { Field, Malformed } from '../../core/field.ts';
import { Gathering } from '../../core/gathering.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Piece } from '../piece.ts';
import { reachedOf, treeWithRest } from '../shared/unread.ts';
import { nameOfRcode, nameOfType, rcodes, types } from './codes.ts';
import { readDns } from './message.ts';
import type { DnsContent, DnsRecord } from './message.ts';

export interface DnsMessage {
  readonly from: Side;
  readonly offset: number;
  /** With the length before it, over TCP. */
  readonly length: number;
  readonly lastTag: number;
  readonly overTcp: boolean;
  /** The requested record type: `SRV`; empty without a question. */
  readonly title: string;
  readonly bytes: Uint8Array;
  /** Undefined for what is malformed. */
  readonly content?: DnsContent;
  readonly malformed?: Malformed;
}

/** A datagram that was recognised. */
export function dnsOfDatagram(piece: Piece): DnsMessage {
  return messageOf(piece, false);
}

class Direction {
  readonly parts = new Gathering();
  length = 0;
  offset = 0;
  lastTag = 0;
}

const prefixLength = 2;

export class DnsConversation {
  readonly #directions: Readonly<Record<Side, Direction>> = {
    client: new Direction(),
    server: new Direction(),
  };

  /** Takes the next bytes of one direction; returns the messages that they complete. */
  feed({ from, offset, bytes, tag }: Piece): DnsMessage[] {
    const direction = this.#directions[from];
    if (direction.length === 0) direction.offset = offset;
    direction.parts.add(bytes);
    direction.length += bytes.length;
    direction.lastTag = tag;
    const messages: DnsMessage[] = [];
    for (;;) {
      const needed = this.#needed(direction);
      if (needed === undefined || direction.length < needed) return messages;
      const whole = direction.parts.joined();
      messages.push(
        messageOf({ from, offset: direction.offset, bytes: whole.subarray(0, needed), tag }, true),
      );
      direction.parts.clear();
      if (whole.length > needed) direction.parts.add(whole.subarray(needed));
      direction.length -= needed;
      direction.offset += needed;
    }
  }

  /** Nothing more will come behind what is held, which is a part of a message; undefined where nothing is. */
  cut(from: Side): Piece | undefined {
    const direction = this.#directions[from];
    if (direction.length === 0) return undefined;
    const piece = { from, offset: direction.offset, bytes: direction.parts.joined(), tag: direction.lastTag };
    direction.parts.clear();
    direction.length = 0;
    return piece;
  }

  #needed(direction: Direction): number | undefined {
    if (direction.length < prefixLength) return undefined;
    let { first: start } = direction.parts;
    if (!start || start.length < prefixLength) {
      start = direction.parts.joined();
      direction.parts.clear();
      direction.parts.add(start);
    }
    return prefixLength + (start[0] ?? 0) * 256 + (start[1] ?? 0);
  }
}

function messageOf({ from, offset, bytes, tag }: Piece, overTcp: boolean): DnsMessage {
  const step = readDns(overTcp ? bytes.subarray(prefixLength) : bytes, offset + (overTcp ? prefixLength : 0));
  const read: Pick<DnsMessage, 'content' | 'malformed'> =
    'got' in step ? { content: step.got } : 'malformed' in step ? { malformed: step.malformed } : {};
  const [question] = read.content?.questions ?? [];
  const title = question ? nameOfType(question.type) : '';
  return { from, offset, length: bytes.length, lastTag: tag, overTcp, title, bytes, ...read };
}

/** `query SRV`. */
export function dnsTitle({ content, title }: DnsMessage): Localized {
  if (!content) return { en: 'DNS message', ko: 'DNS 메시지' };
  const { en, ko } = content.isResponse ? { en: 'answer', ko: '응답' } : { en: 'query', ko: '질의' };
  return { en: `${en} ${title}`.trimEnd(), ko: `${ko} ${title}`.trimEnd() };
}

/** Of a query the name; of an answer `shop.localhost:8443 (127.0.0.1)` or `NXDOMAIN`; of a malformed message nothing. */
export function dnsFacts({ content }: DnsMessage): string {
  if (!content) return '';
  const { isResponse, rcode, truncated, additionals } = content;
  if (!isResponse) return safeText(content.questions[0]?.name ?? '');
  const answers = content.answers.map((answer) => wordsOf(answer, additionals));
  return [
    rcode === rcodes.NOERROR && answers.length > 0 ? '' : nameOfRcode(rcode),
    truncated ? 'TC' : '',
    ...answers,
  ]
    .filter(Boolean)
    .slice(0, 4)
    .join(', ');
}

/** A host with its address, if the message contains that. */
function wordsOf({ type, data, port }: DnsRecord, additionals: readonly DnsRecord[]): string {
  const said = data === undefined ? nameOfType(type) : safeText(data.slice(0, 80));
  if (port === undefined) return said;
  const address = additionals.find(
    (record) => record.name === data && (record.type === types.A || record.type === types.AAAA),
  )?.data;
  return `${said}:${port}${address === undefined ? '' : ` (${address})`}`;
}

/** The field tree, in the coordinates of its direction. What is malformed is read as far as it goes; the rest is one field. */
export function fieldOfDns({ bytes, offset, overTcp, length }: DnsMessage): Field {
  const start = offset + (overTcp ? prefixLength : 0);
  const prefix = overTcp
    ? readStep('dns', bytes, (cursor) => cursor.uint16('dns.length'), { base: offset, open: false })
    : undefined;
  const before = prefix && 'got' in prefix ? prefix.field.children : [];
  const step = readDns(bytes.subarray(start - offset), start);
  const tree = 'got' in step ? step.field : 'malformed' in step ? reachedOf(step.partial) : undefined;
  const children = [...before, ...(tree?.children ?? [])];
  return treeWithRest('dns', { offset, length, bytes }, children, 'dns.unreadable');
}
