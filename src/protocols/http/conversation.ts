/**
 * Parses both directions of an HTTP/1.1 connection: bytes in, requests and responses out, each response with its
 * request. It finds message boundaries incrementally; `message.ts` parses messages.
 *
 * 1. The messages of a direction cover its stream without overlap. A message is returned when its last byte has
 *    arrived.
 * 2. A request counts from its head on, since a server may respond before the body has arrived.
 * 3. If bytes outside a body are missing, the message is malformed, and the direction may start again after them. After
 *    an upgrade or a CONNECT both directions are passed on: their protocol is not handled here. After a malformed
 *    message the rest of a direction is opaque: there is no more framing.
 * 4. A response with server-sent events ends with its head; each event behind it is a message of its own.
 * 5. One head (at most 64 KiB) and the first `maxBody` bytes of a body are buffered; the rest is counted.
 */
import { otherSide } from '../../capture/event.ts';
import type { Side } from '../../capture/event.ts';
import { latin1Text } from '../../core/bytes.ts';
import type { Malformed } from '../../core/field.ts';
import { Gathering } from '../../core/gathering.ts';
import type { Handover, Piece, Upgrade } from '../piece.ts';
import { Asked } from './asked.ts';
import type { AskedHead } from './asked.ts';
import { EventSplitter, isEventStream, readEvent } from './event-stream.ts';
import type { HttpEvent } from './event-stream.ts';
import { readForm } from './form.ts';
import type { HttpBeginning, HttpContent, HttpMessage } from './http-message.ts';
import {
  chunkSizeOf,
  framingOf,
  headerValue,
  isForm,
  readHead,
  readSecretsOf,
  readUsualHead,
} from './message.ts';
import type { Framing, Head } from './message.ts';

export interface HttpChunk {
  readonly from: Side;
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly tag?: number;
}

const maxHead = 64 * 1024;

/** Stretches of a body that are known of one event. */
const mostPlaces = 64;

const carriageReturn = 0x0d;

const lineFeed = 0x0a;

/** What a direction waits for. */
type Expecting =
  | 'head'
  | 'fixed'
  | 'chunk_size'
  | 'chunk_data'
  | 'chunk_end'
  | 'trailer'
  | 'close'
  | 'nothing';

class Direction {
  readonly #from: Side;
  readonly #asked: Asked;
  readonly #maxBody: number;
  #expecting: Expecting = 'head';
  /** Where its first bytes stand; it need not be the beginning of the stream. */
  #hasBegun = false;
  #at = 0;
  #start = 0;
  #firstTag = 0;
  #lastTag = 0;
  readonly #parts = new Gathering();
  #kept = 0;
  /** Set once something of this message was not kept; later bytes would be in the wrong place. */
  #isCut = false;
  #isComplete = true;
  #head: Head | undefined;
  #answered: AskedHead | undefined;
  #framing: Framing = { kind: 'none' };
  readonly #bodyParts = new Gathering();
  #bodyKept = 0;
  #bodyLength = 0;
  /** Bytes left of a body or a chunk. */
  #left = 0;
  /** The line under way, over chunk boundaries: its length, whether only a CR so far, and its text where it matters. */
  #lineLength = 0;
  #lineText = '';
  #hasStarted = false;
  /** Where the body is a stream of events: their ends, and where the body of the one under way stands. */
  #events: EventSplitter | undefined;
  #places: (readonly [start: number, end: number])[] = [];
  /** It is whole but for the end of its chunk. */
  #isEventWhole = false;

  constructor(from: Side, asked: Asked, maxBody: number) {
    this.#from = from;
    this.#asked = asked;
    this.#maxBody = maxBody;
  }

  /** Bytes are missing, and with them the frames: a new direction may begin behind them. */
  isBroken = false;
  #isAnnounced = false;

  /** The message whose body is under way, once. */
  takeBeginning(): HttpBeginning | undefined {
    const head = this.#head;
    if (!head || this.#isAnnounced) return undefined;
    this.#isAnnounced = true;
    return { from: this.#from, offset: this.#start, title: titleOf(head), tag: this.#lastTag };
  }

  /** Whether this direction has turned into another protocol. */
  get isTunnel(): boolean {
    return this.#framing.kind === 'tunnel';
  }

  /** The start of a message belongs to the tunnel's data; one whose head has been parsed is truncated there. */
  openTunnel(messages: HttpMessage[]): Handover {
    if (this.#head) {
      this.#isComplete = false;
      messages.push(this.#finish());
    }
    const rest = { from: this.#from, offset: this.#start, bytes: this.#parts.joined(), tag: this.#lastTag };
    this.#framing = { kind: 'tunnel' };
    this.#expecting = 'nothing';
    this.#at = this.#start;
    return rest;
  }

  /** @returns how many of the bytes were read: fewer than all when it has turned into a tunnel. */
  feed(offset: number, bytes: Uint8Array, tag: number, messages: HttpMessage[]): number {
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#at = offset;
      this.#start = offset;
    }
    if (offset > this.#at) this.#lose(offset, messages);
    let at = Math.max(0, this.#at - offset);
    while (at < bytes.length && !this.isTunnel && !this.isBroken) {
      if (this.#at === this.#start) this.#firstTag = tag;
      this.#lastTag = tag;
      at += this.#step(bytes, at, messages);
    }
    return at;
  }

  end(): HttpMessage[] {
    if (this.#at === this.#start) return [];
    if (this.#expecting !== 'close') this.#isComplete = false;
    if (this.#events) return [this.#event()];
    if (this.#head) return [this.#finish()];
    const found = `${this.#at - this.#start} bytes before the end`;
    return [
      this.#malformed({
        kind: 'overrun',
        id: 'http.head',
        offset: this.#start,
        expected: 'an empty line',
        found,
      }),
    ];
  }

  /** Reads on from `bytes[at]`; returns how many bytes it took, at least one. */
  #step(bytes: Uint8Array, at: number, messages: HttpMessage[]): number {
    switch (this.#expecting) {
      case 'head':
      case 'trailer':
        return this.#readHeadLines(bytes, at, messages);
      case 'chunk_size':
        return this.#readChunkSize(bytes, at, messages);
      case 'chunk_end':
        return this.#readChunkEnd(bytes, at, messages);
      case 'fixed':
      case 'chunk_data': {
        const most = Math.min(this.#left, bytes.length - at);
        const taken = this.#takeBody(bytes.subarray(at, at + most), messages);
        this.#left -= taken;
        if (this.#left === 0) {
          if (this.#expecting === 'fixed') this.#finishBody(messages);
          else this.#expecting = 'chunk_end';
        }
        return taken;
      }
      case 'close':
        return this.#takeBody(bytes.subarray(at), messages);
      case 'nothing':
        break;
    }
    this.#keep(bytes.subarray(at), bytes.length);
    messages.push(this.#message('', { type: 'opaque' }));
    return bytes.length - at;
  }

  /** Lines up to and with an empty one, of a head or of trailers. */
  #readHeadLines(bytes: Uint8Array, at: number, messages: HttpMessage[]): number {
    const found = bytes.indexOf(lineFeed, at);
    const end = found < 0 ? bytes.length : found + 1;
    const isFirst = this.#lineLength === 0;
    const first = bytes[at];
    this.#keep(bytes.subarray(at, end), maxHead);
    this.#lineLength += end - at;
    if (isFirst) this.#lineText = first === carriageReturn || first === lineFeed ? '' : 'text';
    if (this.#expecting === 'head' && this.#isCut) {
      const offset = this.#start;
      messages.push(
        this.#malformed({
          kind: 'too_long',
          id: 'http.head',
          offset,
          expected: `at most ${maxHead} bytes`,
          found: 'more',
        }),
      );
      return end - at;
    }
    if (found < 0) return end - at;
    const isEmpty = this.#lineText === '' && this.#lineLength <= 2;
    this.#lineLength = 0;
    if (!isEmpty) this.#hasStarted = true;
    else if (this.#expecting === 'trailer') this.#finishBody(messages);
    else if (this.#hasStarted) this.#readHead(messages);
    return end - at;
  }

  #readHead(messages: HttpMessage[]): void {
    const bytes = this.#parts.joined();
    const usual = readUsualHead(bytes);
    const step = usual ? { got: usual } : readHead(bytes, this.#start);
    if (!('got' in step)) {
      const expected = 'a head';
      const malformed =
        'malformed' in step
          ? step.malformed
          : ({ kind: 'overrun', id: 'http.head', offset: this.#start, expected, found: 'less' } as const);
      messages.push(this.#malformed(malformed));
      return;
    }
    const head = step.got;
    if (head.type === 'request') this.#asked.add(head);
    this.#answered = head.type === 'response' ? this.#answeredBy(head.status) : undefined;
    const framing = framingOf(head, this.#answered);
    if (!framing) {
      const id = `http.${head.type}.header.value` as const;
      messages.push(
        this.#malformed({
          kind: 'bad_value',
          id,
          offset: this.#start,
          expected: 'one length of the body',
          found: 'none or several',
        }),
      );
      return;
    }
    this.#head = head;
    this.#framing = framing;
    this.#begin(framing, messages);
  }

  #begin(framing: Framing, messages: HttpMessage[]): void {
    const head = this.#head;
    if (head && isEventStream(head) && framing.kind !== 'none' && framing.kind !== 'tunnel') {
      this.#framing = { kind: 'none' };
      messages.push(this.#finish());
      this.#continueEvents(head, framing);
      this.#events = new EventSplitter();
    }
    switch (framing.kind) {
      case 'none':
      case 'tunnel':
        messages.push(this.#finish());
        return;
      case 'length':
        this.#left = framing.length;
        this.#expecting = 'fixed';
        if (framing.length === 0) this.#finishBody(messages);
        return;
      case 'chunked':
        this.#expecting = 'chunk_size';
        this.#lineText = '';
        return;
      case 'until_close':
        this.#expecting = 'close';
    }
  }

  /** An interim response leaves its request waiting (RFC 9110 section 15.2). */
  #answeredBy(status: number): AskedHead | undefined {
    return status < 200 && status !== 101 ? this.#asked.next : this.#asked.take();
  }

  #readChunkSize(bytes: Uint8Array, at: number, messages: HttpMessage[]): number {
    const found = bytes.indexOf(lineFeed, at);
    const end = found < 0 ? bytes.length : found + 1;
    const line = bytes.subarray(at, end);
    this.#keep(line, this.#maxBody);
    this.#lineText += latin1Text(line.subarray(0, 1025));
    const isTooLong = this.#lineText.length > 1024;
    if (found < 0 && !isTooLong) return end - at;
    const text = this.#lineText.replace(/\r?\n$/, '');
    const size = isTooLong ? undefined : chunkSizeOf(text);
    this.#lineText = '';
    if (size === undefined) {
      const id = `http.${this.#head?.type ?? 'request'}.body.chunk.size` as const;
      const offset = this.#at - line.length;
      messages.push(
        this.#malformed({
          kind: 'bad_value',
          id,
          offset,
          expected: 'a size in hex',
          found: JSON.stringify(text.slice(0, 16)),
        }),
      );
      return end - at;
    }
    this.#left = size;
    this.#expecting = size === 0 ? 'trailer' : 'chunk_data';
    return end - at;
  }

  #readChunkEnd(bytes: Uint8Array, at: number, messages: HttpMessage[]): number {
    const byte = bytes[at];
    this.#keep(bytes.subarray(at, at + 1), this.#maxBody);
    if (byte === lineFeed) {
      this.#expecting = 'chunk_size';
      this.#lineText = '';
      if (this.#isEventWhole) messages.push(this.#event());
    } else if (byte !== carriageReturn || this.#lineText === '\r') {
      const id = `http.${this.#head?.type ?? 'request'}.body.chunk` as const;
      messages.push(
        this.#malformed({
          kind: 'bad_value',
          id,
          offset: this.#at - 1,
          expected: 'the end of the chunk',
          found: String(byte),
        }),
      );
    } else this.#lineText = '\r';
    return 1;
  }

  /** @returns how many bytes were taken: up to the end of an event, where the body consists of these. */
  #takeBody(bytes: Uint8Array, messages: HttpMessage[]): number {
    const events = this.#events;
    const taken = events ? events.take(bytes) : bytes.length;
    if (events && taken > 0) this.#place(this.#at, this.#at + taken);
    this.#keepBody(bytes.subarray(0, taken));
    if (!events?.isWhole) return taken;
    // What frames its last byte belongs to it.
    if (this.#expecting === 'chunk_data' && taken === this.#left) this.#isEventWhole = true;
    else messages.push(this.#event());
    return taken;
  }

  #place(start: number, end: number): void {
    const last = this.#places.at(-1);
    if (last?.[1] === start) this.#places[this.#places.length - 1] = [last[0], end];
    else if (this.#places.length < mostPlaces) this.#places.push([start, end]);
  }

  /** The event under way, or what follows the last one. */
  #event(): HttpMessage {
    const head = this.#head;
    const framing = this.#framing;
    const content = readEvent(this.#bodyParts.joined(), this.#places);
    const message = this.#message(titleOfEvent(content), content);
    if (head) this.#continueEvents(head, framing);
    return message;
  }

  #continueEvents(head: Head, framing: Framing): void {
    this.#head = head;
    this.#framing = framing;
    this.#isAnnounced = true;
    this.#isEventWhole = false;
    this.#places = [];
  }

  /** The last byte of a body has come. */
  #finishBody(messages: HttpMessage[]): void {
    if (!this.#events) {
      messages.push(this.#finish());
      return;
    }
    if (this.#at > this.#start) messages.push(this.#event());
    this.#events = undefined;
    this.#head = undefined;
    this.#isAnnounced = false;
    this.#expecting = 'head';
  }

  #keepBody(bytes: Uint8Array): void {
    this.#keep(bytes, this.#maxBody);
    this.#bodyLength += bytes.length;
    const taken = Math.min(bytes.length, this.#maxBody - this.#bodyKept);
    if (taken <= 0) return;
    this.#bodyParts.add(bytes.subarray(0, taken));
    this.#bodyKept += taken;
  }

  /** Keeps bytes of the message as they travelled, while fewer than `most` (and a head's worth) are held. */
  #keep(bytes: Uint8Array, most: number): void {
    this.#at += bytes.length;
    if (this.#isCut) return;
    const room = (this.#head ? maxHead : 0) + most - this.#kept;
    const taken = Math.min(bytes.length, room);
    if (taken > 0) {
      this.#parts.add(bytes.subarray(0, taken));
      this.#kept += taken;
    }
    if (taken < bytes.length) this.#isCut = true;
  }

  /** Bytes that were not captured: inside a body they are only counted, elsewhere the frames are lost. */
  #lose(offset: number, messages: HttpMessage[]): void {
    const lost = offset - this.#at;
    const isCounted = this.#expecting === 'fixed' || this.#expecting === 'chunk_data';
    this.#isCut = true;
    this.#isComplete = false;
    if (this.#expecting === 'close' || (isCounted && lost <= this.#left)) {
      this.#at = offset;
      this.#bodyLength += lost;
      this.#bodyKept = Math.max(this.#bodyKept, this.#maxBody);
      if (!isCounted) return;
      this.#left -= lost;
      if (this.#left > 0) return;
      if (this.#expecting === 'fixed') this.#finishBody(messages);
      else this.#expecting = 'chunk_end';
      return;
    }
    this.#at = offset;
    if (this.#expecting === 'nothing') messages.push(this.#message('', { type: 'opaque' }));
    else {
      const found = `${lost} bytes were not captured`;
      messages.push(
        this.#malformed({
          kind: 'overrun',
          id: 'http.message',
          offset: this.#start,
          expected: 'the whole message',
          found,
        }),
      );
      this.isBroken = true;
    }
  }

  #finish(): HttpMessage {
    const head = this.#head;
    if (!head) throw new Error('a message ends after its head');
    const bytes = this.#parts.joined();
    // A body that was kept as it travelled is a part of what is kept of the message.
    const isWhole =
      this.#framing.kind !== 'chunked' &&
      this.#bodyKept === this.#bodyLength &&
      bytes.length === this.#at - this.#start;
    const body = isWhole ? bytes.subarray(bytes.length - this.#bodyLength) : this.#bodyParts.joined();
    const { isTunnel } = this;
    const common = { body, bodyLength: this.#bodyLength };
    const answers = this.#answered && {
      answers: { method: this.#answered.method, target: this.#answered.target },
    };
    const message =
      head.type === 'request'
        ? this.#message(
            titleOf(head),
            {
              ...head,
              ...common,
              ...(isForm(head) && { form: readForm(body) }),
              ...readSecretsOf(head),
            },
            bytes,
          )
        : this.#message(titleOf(head), { ...head, ...common, ...answers }, bytes);
    this.#expecting = isTunnel ? 'nothing' : 'head';
    return message;
  }

  #malformed(malformed: Malformed): HttpMessage {
    this.#isComplete = false;
    const message = this.#message('Malformed', { type: 'malformed', malformed });
    this.#expecting = 'nothing';
    return message;
  }

  /** Everything since the last message, as one, and a fresh start. */
  #message(title: string, content: HttpContent, bytes: Uint8Array = this.#parts.joined()): HttpMessage {
    const message: HttpMessage = {
      from: this.#from,
      offset: this.#start,
      length: this.#at - this.#start,
      firstTag: this.#firstTag,
      lastTag: this.#lastTag,
      title,
      content,
      bytes,
      framing: this.#framing,
      complete: this.#isComplete,
    };
    this.#start = this.#at;
    this.#parts.clear();
    this.#bodyParts.clear();
    this.#kept = 0;
    this.#bodyKept = 0;
    this.#bodyLength = 0;
    this.#lineLength = 0;
    this.#lineText = '';
    this.#isCut = false;
    this.#isComplete = true;
    this.#hasStarted = false;
    this.#head = undefined;
    this.#isAnnounced = false;
    return message;
  }
}

/** What a response switches to (RFC 9110 section 15.2.2); undefined behind a CONNECT. */
function upgradeIn(content: HttpContent | undefined): Upgrade | undefined {
  if (content?.type !== 'response' || content.status !== 101) return undefined;
  const token = headerValue(content, 'upgrade')?.trim().toLowerCase();
  return token === undefined ? undefined : { token, header: (name) => headerValue(content, name) };
}

const titleOfEvent = ({ name, data, isComment }: HttpEvent): string =>
  isComment ? 'comment' : name === undefined && data === '' ? 'end of events' : `event ${name ?? ''}`.trim();

const titleOf = (head: Head): string =>
  head.type === 'request' ? `${head.method} ${head.target}` : `${head.status} ${head.reason}`.trim();

export class HttpConversation {
  readonly #directions: Record<Side, Direction>;
  readonly #asked = new Asked();
  readonly #maxBody: number;
  readonly #handovers: Handover[] = [];

  /** @param options.maxBody bytes of a body kept at most; 1 MiB by default. */
  constructor(options: { maxBody?: number } = {}) {
    this.#maxBody = options.maxBody ?? 1024 * 1024;
    this.#directions = { client: this.#direction('client'), server: this.#direction('server') };
  }

  /** Takes the next bytes of one direction, in the order of capture; returns the messages that they complete. */
  feed({ from, offset, bytes, tag = 0 }: HttpChunk): HttpMessage[] {
    const messages: HttpMessage[] = [];
    const direction = this.#directions[from];
    if (direction.isTunnel) return messages;
    const read = direction.feed(offset, bytes, tag, messages);
    if (direction.isBroken) {
      this.#directions[from] = this.#direction(from);
      this.#handovers.push({ from, offset: offset + read, bytes: bytes.subarray(read), tag });
    }
    // Both directions change with the response that agrees; the client's pending data is no longer HTTP.
    if (direction.isTunnel) {
      const upgrade = upgradeIn(messages.at(-1)?.content);
      const rest: Piece = { from, offset: offset + read, bytes: bytes.subarray(read), tag };
      for (const handover of [rest, this.#directions[otherSide[from]].openTunnel(messages)])
        this.#handovers.push(upgrade ? { ...handover, upgrade } : handover);
    }
    return messages;
  }

  /** Messages whose heads have arrived since the last call, and whose bodies have not. */
  takeBeginnings(): HttpBeginning[] {
    return Object.values(this.#directions).flatMap((direction) => direction.takeBeginning() ?? []);
  }

  /** Directions that have turned to another protocol, or lost their frames, since the last call. */
  takeHandovers(): Handover[] {
    return this.#handovers.splice(0);
  }

  /** One or both directions have ended; returns the messages that this completes or truncates. */
  end(from?: Side): HttpMessage[] {
    if (from) return this.#directions[from].end();
    return [...this.#directions.client.end(), ...this.#directions.server.end()];
  }

  #direction(from: Side): Direction {
    return new Direction(from, this.#asked, this.#maxBody);
  }
}

/**
 * A message once more from its bytes, which stand alone but for the request that a response answers. So a fold need not
 * keep what was read: it keeps where it stands. Undefined for what is no message by itself.
 */
export function readHttpAgain(
  bytes: Uint8Array,
  {
    from,
    offset,
    framing,
    answers,
  }: Pick<HttpMessage, 'from' | 'offset' | 'framing'> & {
    readonly answers?: { readonly method: string } | undefined;
  },
): HttpMessage | undefined {
  const conversation = new HttpConversation();
  if (answers)
    conversation.feed({
      from: 'client',
      offset: 0,
      bytes: Buffer.from(`${answers.method} * HTTP/1.1\r\n\r\n`, 'latin1'),
    });
  const messages = conversation.feed({ from, offset: 0, bytes });
  const ended = framing.kind === 'until_close' ? conversation.end(from) : [];
  const message = messages.at(-1) ?? ended[0];
  return message && { ...message, offset };
}
