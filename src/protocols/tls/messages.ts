/**
 * Assembles messages from records: handshake messages may span several records or share one; alerts, ChangeCipherSpecs
 * and application data are one message per record. It locates and types messages; `protection.ts` has already decided
 * on encryption.
 *
 * 1. The messages of a direction cover its stream without overlap: each starts where the previous one ended, the first
 *    of a record includes its header, the last its authentication tag. So sizes on a screen add up to the bytes on the
 *    wire.
 * 2. A message is data. `fieldOf` builds its field tree on demand, in stream coordinates; decrypted bytes have the
 *    offsets of their ciphertext.
 * 3. A handshake message longer than any implementation sends is malformed; so the buffer for incomplete messages is
 *    bounded.
 */
import type { Side } from '../../capture/event.ts';
import type { Malformed } from '../../core/field.ts';
import type { Agreement } from './agreement.ts';
import { contentTypeTitles } from './codes.ts';
import { contentTypes, headerLength } from './framing.ts';
import { readHandshake, titleOfHandshake } from './handshake.ts';
import type { HandshakeContent } from './handshake.ts';
import { moved } from './message/message-field.ts';
import type { Frame, Ranges, TlsMessage } from './message/message.ts';
import { Gathered } from './message/pieces.ts';
import type { PackedRanges, Piece } from './message/pieces.ts';
import { missing, readWhole, stepOfVersion2 } from './message/whole-content.ts';

/** OpenSSL takes certificates up to 100 KiB; nothing else comes near. */
const maxHandshake = 2 ** 17;

/** A message in more records than this is described by its first and newest ones, and its bytes are contiguous. */
const mostFrames = 256;

/** Puts the messages of one direction together. */
export class MessageAssembler {
  readonly #from: Side;
  readonly #agreement: Agreement;
  /** Where the next message begins on the wire; the first one where its record does. */
  #offset: number | undefined;
  #frames: Frame[] = [];
  /** Records of the message under way that are not among these. */
  #others = 0;
  #pieces: Piece[] = [];
  #pending = 0;
  #isOpened = false;

  constructor(from: Side, agreement: Agreement) {
    this.#from = from;
    this.#agreement = agreement;
  }

  /** A record in clear, or one that was opened. `start` is where the content is in the stream. */
  add(frame: Frame, contentType: number, content: Uint8Array, start: number): TlsMessage[] {
    const isOpened = frame.seal !== undefined;
    const messages =
      contentType === contentTypes.handshake && isOpened === this.#isOpened ? [] : this.interrupt(frame);
    this.#isOpened = isOpened;
    this.#addFrame(frame);
    if (contentType !== contentTypes.handshake || content.length === 0) {
      messages.push(this.#whole(frame, contentType, content, start));
      return messages;
    }
    this.#addPiece({ bytes: content, start });
    this.#pending += content.length;
    for (let message = this.#nextHandshake(frame); message; message = this.#nextHandshake(frame))
      messages.push(message);
    return messages;
  }

  /** A record that stays shut, or whose bytes were not kept. */
  addSealed(frame: Frame): TlsMessage[] {
    const messages = this.interrupt(frame);
    this.#frames.push(frame);
    const { contentType, start, end } = frame;
    const bytes = frame.bytes?.subarray(headerLength);
    const title = contentTypeTitles[contentType] ?? 'Malformed';
    messages.push(
      this.#emit({
        contentType,
        title,
        content: { type: 'sealed' },
        bytes,
        ranges: [[start + headerLength, end]],
        end,
      }),
    );
    return messages;
  }

  /** A ClientHello in the form of SSL 2.0, which stands alone. */
  addVersion2Hello(frame: Frame, bytes: Uint8Array): TlsMessage {
    this.#frames.push(frame);
    const { start, end, contentType } = frame;
    const facts = { contentType, title: titleOfHandshake(1), bytes, ranges: [[start, end] as const], end };
    const step = stepOfVersion2(bytes, start, 'wire');
    if (!('got' in step)) {
      const malformed = 'malformed' in step ? step.malformed : missing(step.needMore, facts.ranges);
      return this.#emit({ ...facts, content: { type: 'malformed', malformed } });
    }
    const message = this.#emit({ ...facts, content: step.got });
    this.#agreement.learn(step.got);
    return message;
  }

  /** Ends incomplete messages, because other data follows or no more data arrives. */
  interrupt(by?: Frame): TlsMessage[] {
    if (this.#pending === 0) return [];
    const frame = this.#frames.at(-1);
    const [first] = this.#pieces;
    if (!frame || !first) return [];
    const found = by
      ? `${this.#pending} bytes, then a record of type ${by.contentType}`
      : `${this.#pending} bytes before the end`;
    return [
      this.#malformedRest(
        {
          kind: 'overrun',
          id: 'tls.handshake',
          offset: first.start,
          expected: 'the rest of the message',
          found,
        },
        frame,
      ),
    ];
  }

  /** Bytes from `start` on that are not records. */
  addFault(start: number, end: number, tag: number, malformed: Malformed): TlsMessage[] {
    const messages = this.interrupt();
    const content = { type: 'malformed', malformed } as const;
    const facts = {
      contentType: 0,
      title: 'Malformed',
      content,
      bytes: undefined,
      ranges: [[start, end] as const],
      end,
    };
    this.#offset = start;
    messages.push(this.#emit(facts, { firstTag: tag, lastTag: tag }));
    return messages;
  }

  #addFrame(frame: Frame): void {
    if (this.#frames.length < mostFrames) this.#frames.push(frame);
    else {
      this.#frames[mostFrames - 1] = frame;
      this.#others++;
    }
  }

  #addPiece(piece: Piece): void {
    const [first] = this.#pieces;
    if (this.#pieces.length >= mostFrames) {
      const gathered = new Gathered();
      for (const one of this.#pieces) gathered.add(one);
      this.#pieces = [gathered];
      gathered.add(piece);
    } else if (first instanceof Gathered && this.#pieces.length === 1) first.add(piece);
    else this.#pieces.push(piece);
  }

  #nextHandshake(frame: Frame): TlsMessage | undefined {
    if (this.#pending < 4) return undefined;
    const head = this.#peek(4);
    const length = 4 + (head[1] ?? 0) * 65536 + (head[2] ?? 0) * 256 + (head[3] ?? 0);
    if (length > maxHandshake) {
      const offset = this.#pieces[0]?.start ?? frame.start;
      const expected = `at most ${maxHandshake} bytes`;
      return this.#malformedRest(
        { kind: 'too_long', id: 'tls.handshake.length', offset, expected, found: String(length) },
        frame,
      );
    }
    if (this.#pending < length) return undefined;
    const { bytes, ranges } = this.#take(length);
    const { context } = this.#agreement;
    const step = readHandshake(bytes, { open: false, context });
    const end = this.#pieces.length > 0 ? (ranges.at(-1)?.[1] ?? 0) : frame.end;
    const place = { contentType: contentTypes.handshake, bytes, ranges, end };
    if (!('got' in step)) {
      const malformed = 'malformed' in step ? moved(step.malformed, ranges) : missing(step.needMore, ranges);
      return this.#emit({
        ...place,
        title: titleOfHandshake(head[0] ?? 0),
        content: { type: 'malformed', malformed },
      });
    }
    const { title } = step.got;
    const content = inStream(step.got.content, ranges);
    const message = this.#emit({ ...place, title, content });
    this.#agreement.learn(content);
    return message;
  }

  /** What is not a handshake message: the record's content is the message. */
  #whole(frame: Frame, contentType: number, content: Uint8Array, start: number): TlsMessage {
    const { title, content: meaning } = readWhole(contentType, content, start);
    const ranges = [[start, start + content.length] as const];
    return this.#emit({ contentType, title, content: meaning, bytes: content, ranges, end: frame.end });
  }

  /** Everything that waits, as one malformed message; nothing after it can be trusted to begin a message. */
  #malformedRest(malformed: Malformed, frame: Frame): TlsMessage {
    const type = this.#peek(1)[0] ?? 0;
    const { bytes, ranges } = this.#take(this.#pending);
    const facts = {
      contentType: contentTypes.handshake,
      title: titleOfHandshake(type),
      bytes,
      ranges,
      end: frame.end,
    };
    return this.#emit({ ...facts, content: { type: 'malformed', malformed } });
  }

  #peek(count: number): Uint8Array {
    const head = new Uint8Array(count);
    let at = 0;
    for (const { bytes } of this.#pieces) {
      for (let index = 0; index < bytes.length && at < count; index++) head[at++] = bytes[index] ?? 0;
      if (at === count) break;
    }
    return head;
  }

  /** The next `length` waiting bytes: a view if they are contiguous, a copy if records split them. */
  #take(length: number): { bytes: Uint8Array; ranges: Ranges } {
    const parts: Uint8Array[] = [];
    const ranges: [start: number, end: number][] = [];
    let many: PackedRanges | undefined;
    let left = length;
    let used = 0;
    for (const piece of this.#pieces) {
      if (left === 0) break;
      const taken = Math.min(left, piece.bytes.length);
      const isWhole = taken === piece.bytes.length;
      parts.push(piece.bytes.subarray(0, taken));
      const [own, rest] = isWhole ? [piece.ranges] : (piece.ranges?.split(taken) ?? []);
      // A message in many pieces comes first; what follows it arrived with the record that completes it.
      if (own) many = own;
      else if (many) many.add(piece.start, piece.start + taken);
      else ranges.push([piece.start, piece.start + taken]);
      left -= taken;
      if (isWhole) used++;
      else
        this.#pieces[used] = {
          bytes: piece.bytes.subarray(taken),
          start: rest?.at(0)?.[0] ?? piece.start + taken,
          ...(rest && { ranges: rest }),
        };
    }
    this.#pieces.splice(0, used);
    this.#pending -= length;
    return {
      bytes: parts.length === 1 ? (parts[0] ?? new Uint8Array(0)) : Buffer.concat(parts),
      ranges: many ?? ranges,
    };
  }

  #emit(
    facts: Pick<TlsMessage, 'contentType' | 'title' | 'content' | 'bytes' | 'ranges'> & {
      readonly end: number;
    },
    tags?: Pick<TlsMessage, 'firstTag' | 'lastTag'>,
  ): TlsMessage {
    const { end, ...rest } = facts;
    const frames = this.#frames;
    const [first] = frames;
    const last = frames.at(-1);
    const offset = this.#offset ?? first?.start ?? end;
    const isSealed = (first?.seal !== undefined && !first.seal.isReadable) || rest.content.type === 'sealed';
    this.#offset = end;
    // A record of which bytes are left belongs to the next message too.
    this.#frames = last && end < last.end ? [last] : [];
    const records = frames.length + this.#others;
    this.#others = 0;
    return {
      from: this.#from,
      offset,
      length: end - offset,
      firstTag: tags?.firstTag ?? first?.firstTag ?? 0,
      lastTag: tags?.lastTag ?? last?.lastTag ?? 0,
      ...rest,
      encrypted: isSealed,
      opened: isSealed && rest.content.type !== 'sealed',
      frames,
      records,
      plaintextLength: rest.content.type === 'application_data' ? (rest.bytes?.length ?? 0) : 0,
      context: this.#agreement.context,
    };
  }
}

/** A fault that the message outlived, in the coordinates of the stream. */
function inStream(content: HandshakeContent, ranges: Ranges): HandshakeContent {
  if ((content.type !== 'client_hello' && content.type !== 'server_hello') || !content.fault) return content;
  return { ...content, fault: moved(content.fault, ranges) };
}
