/** Writes the messages of one connection as items of pages, and their bytes into the store. */
import type { Message } from '../../../analysis/conversation/message.ts';
import { mask } from '../../../analysis/summary/masking.ts';
import type { Side } from '../../../capture/event.ts';
import type { Connection } from '../../../capture/connection.ts';
import { lastUpTo } from '../../../capture/flow-stream.ts';
import type { FlowStream } from '../../../capture/flow-stream.ts';
import { Eavesdropper } from '../../../presentation/conversation/record-views.ts';
import { ladderMessage } from '../../../presentation/conversation/ladder.ts';
import type { ExplainedField, FieldExplainer } from '../../../presentation/conversation/explained-fields.ts';
import type { TlsMessage } from '../../../protocols/tls/message/message.ts';
import { inEach, verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { defined } from '../../../core/defined.ts';
import type { ByteStore } from './blobs.ts';
import { StoredStream } from './blobs.ts';
import { itemStates, senders } from './format.ts';
import type { Item, Readings } from './format.ts';
import { isRecord } from './reading.ts';
import type { Overview, Piece, Reading } from './reading.ts';
import { TextMask, hiddenBytes, marksIn, merged, shapedIn, writtenSecrets } from './secrets.ts';
import type { KnownSecrets, SecretRange } from './secrets.ts';
import type { Texts, WordTable } from './texts.ts';

/** A longer value of a field is cut. */
const longestValue = 1024;

export interface ItemSources {
  readonly store: ByteStore;
  readonly words: WordTable;
  readonly explainer: FieldExplainer;
  readonly known: KnownSecrets;
  /** Of a saved run: where other bytes stand than were sent. */
  readonly redacted?: RedactedIn | undefined;
  readonly isMasked: boolean;
}

export type RedactedIn = (conn: number, from: Side) => readonly SecretRange[];

/** The secrets of one direction of a vantage, and its bytes in the store. */
interface Direction {
  readonly secrets: readonly SecretRange[];
  readonly stored: StoredStream;
}

type Directions = Readonly<Record<Side, Direction>>;

export class ConnectionItems {
  readonly #sources: ItemSources;
  readonly #overview: Overview;
  readonly #wire: Directions;
  readonly #inside: Directions;
  readonly #insidePieces: Reading['inside'];
  readonly #eavesdropper: Eavesdropper;
  readonly #mask: TextMask;
  /** By direction and offset: what keys opened stands where the sealed record was. */
  readonly #sealedAt: Map<string, Message> | undefined;

  /**
   * @param overview of all messages of the connection
   * @param inside what records hold, where they are readable or opened
   * @param isOpened whether there are messages that keys opened
   */
  constructor(
    sources: ItemSources,
    connection: Connection,
    overview: Overview,
    inside: Reading['inside'],
    isOpened: boolean,
  ) {
    this.#sources = sources;
    this.#overview = overview;
    this.#eavesdropper = new Eavesdropper(overview.records);
    this.#sealedAt = isOpened ? new Map() : undefined;
    this.#insidePieces = inside;
    this.#mask = new TextMask(sources.known.values);
    const wire = (from: Side): Direction =>
      this.#direction(
        [...piecesOf(connection.stream('wire', from))],
        [...(sources.redacted?.(connection.conn, from) ?? []), ...overview.shaped('wire', from)],
      );
    this.#wire = { client: wire('client'), server: wire('server') };
    const content = (from: Side): Direction =>
      this.#direction(inside[from], overview.shaped('plaintext', from));
    this.#inside = { client: content('client'), server: content('server') };
  }

  /** Puts pieces of a stream into the store. @param shaped secrets found by their shape */
  #direction(pieces: readonly Piece[], shaped: readonly SecretRange[]): Direction {
    const { known, store, isMasked } = this.#sources;
    const secrets = merged([...known.in(pieces), ...shaped]);
    const stored = new StoredStream(store);
    for (const [offset, bytes] of pieces)
      stored.add(offset, isMasked ? hiddenBytes(bytes, offset, secrets) : bytes);
    return { secrets, stored };
  }

  /** @param reading the one that the message was read in. @param texts of the page that the item goes to */
  item(message: Message, readings: Readings, reading: Reading, texts: Texts): Item {
    const { at, from, offset, length, vantage, frame, sealed, opened } = message;
    const { parts, secrets } = this.#bytesOf(message, reading);
    const isLeaking = secrets.length > 0 && !sealed && !opened;
    const { title, state, facts } = ladderMessage(message, { isLeaking });
    const hide = this.#hidingIn(message);
    const conclusions = this.#conclusions(message, readings);
    return defined({
      readings,
      from: senders.indexOf(from ?? 'none'),
      state: itemStates.indexOf(state),
      isInside: vantage === 'plaintext' ? 1 : undefined,
      at,
      title: texts.add(hide(title)),
      facts: facts.en === '' && facts.ko === '' ? undefined : texts.add(hide(facts)),
      offset,
      length,
      parts,
      fields: length > 0 ? this.#fields(message, secrets, hide, texts) : [],
      secrets:
        secrets.length === 0
          ? undefined
          : secrets.flatMap(({ start, end, label }) => [
              Math.max(0, start - offset),
              Math.min(end, offset + length) - Math.max(start, offset),
              texts.add(hide(label)),
            ]),
      conclusions: conclusions.length === 0 ? undefined : conclusions.map((text) => texts.add(text)),
      frame,
    });
  }

  /** Where its bytes are in the store, and the secrets in them. */
  #bytesOf(message: Message, reading: Reading): Held {
    const { from, offset, length, vantage, opened } = message;
    if (from === null || length === 0) return nothingHeld;
    const tls = reading.tls.get(message);
    if (vantage === 'wire' && opened && tls)
      return this.#openedBytes(message, from, tls, reading.insideAt.get(message));
    const { stored, secrets } = (vantage === 'wire' ? this.#wire : this.#inside)[from];
    const bytes = vantage === 'wire' && !opened ? undefined : message.bytes()?.subarray(0, length);
    // What is inside of other protocols has coordinates of its own.
    const isStored = vantage === 'wire' ? !opened : tls === undefined && this.#isInside(from, offset, bytes);
    const parts = isStored ? stored.partsOf(offset, length) : undefined;
    if (parts) return { parts, secrets: marksIn(secrets, offset, offset + length) };
    const kept = bytes ?? message.bytes()?.subarray(0, length);
    if (!kept || kept.length === 0) return nothingHeld;
    const own = this.#direction([[offset, kept]], shapedIn(message));
    return { parts: own.stored.partsOf(offset, kept.length) ?? [], secrets: own.secrets };
  }

  /** Whether the content of the records has these bytes there. */
  #isInside(from: Side, offset: number, bytes: Uint8Array | undefined): boolean {
    if (!bytes) return false;
    const pieces = this.#insidePieces[from];
    const piece = pieces[lastUpTo(pieces.length, (index) => pieces[index]?.[0] ?? 0, offset)];
    if (!piece) return false;
    const [start, held] = piece;
    const there = held.subarray(offset - start, offset - start + bytes.length);
    return there.length > 0 && Buffer.compare(there, bytes.subarray(0, there.length)) === 0;
  }

  /** The records on the wire, with what they held in place of its ciphertext. */
  #openedBytes(
    message: Message,
    from: Side,
    { bytes, ranges }: TlsMessage,
    insideAt: number | undefined,
  ): Held {
    const { offset, length } = message;
    const { stored: wire } = this.#wire[from];
    const content =
      insideAt === undefined ? this.#direction(bytes ? [[0, bytes]] : [], []) : this.#inside[from];
    const parts: number[] = [];
    const secrets: SecretRange[] = [];
    let at = offset;
    let taken = insideAt ?? 0;
    const end = taken + (bytes?.length ?? 0);
    const onWire = (to: number): void => {
      if (to > at) for (const one of wire.partsOf(at, to - at) ?? []) parts.push(one);
    };
    for (const [start, stop] of ranges) {
      const count = Math.min(stop, offset + length, start + end - taken) - start;
      if (count <= 0 || start < at) continue;
      onWire(start);
      for (const one of content.stored.partsOf(taken, count) ?? []) parts.push(one);
      for (const mark of marksIn(content.secrets, taken, taken + count))
        secrets.push({
          ...mark,
          start: start + Math.max(0, mark.start - taken),
          end: start + Math.min(count, mark.end - taken),
        });
      at = start + count;
      taken += stop - start;
    }
    onWire(offset + length);
    return { parts, secrets };
  }

  #hidingIn(message: Message): (text: Localized) => Localized {
    if (!this.#sources.isMasked) return (text) => text;
    const written = writtenSecrets(message);
    const own = written.length === 0 ? this.#mask : new TextMask([...this.#sources.known.values, ...written]);
    return (text) => inEach((language) => own.hide(text[language]));
  }

  #fields(
    message: Message,
    secrets: readonly SecretRange[],
    hide: (text: Localized) => Localized,
    texts: Texts,
  ): number[] {
    const { explainer, words, isMasked } = this.#sources;
    const numbers: number[] = [];
    let before = message.offset;
    for (const field of explainer.fieldsOf(message)) {
      const { start, end, depth, name, remarks } = field;
      numbers.push(
        words.explanation(field.words),
        start - before,
        end - start,
        depth,
        texts.addField(isMasked ? this.#hiddenValue(field, secrets, hide) : cut(field.value)),
        name === field.words.ownName ? 0 : texts.addField(hide(name)),
        words.remarks(remarks),
      );
      before = start;
    }
    return numbers;
  }

  #hiddenValue(
    field: ExplainedField,
    secrets: readonly SecretRange[],
    hide: (text: Localized) => Localized,
  ): Localized {
    const { start, end, isFree, value } = field;
    // What has no bytes of its own is made of all of them.
    const isMade = end === start && secrets.length > 0;
    const holds = isMade || marksIn(secrets, start, end).length > 0;
    return isFree && holds ? hiddenValue : cut(hide(value));
  }

  #conclusions(message: Message, readings: Readings): readonly Localized[] {
    const record = isRecord(message) ? this.#recordOf(message, readings) : undefined;
    return record ? this.#eavesdropper.conclude(record) : [];
  }

  /** The message as it is without keys. */
  #recordOf(message: Message, readings: Readings): Message | undefined {
    if (!message.sealed && !message.opened) return message;
    if (readings === 2) return this.#sealedAt?.get(placeKey(message));
    const record = this.#overview.next();
    if (record) this.#sealedAt?.set(placeKey(record), record);
    return record;
  }
}

/** The bytes of a message in the store: addresses and lengths by turns. */
interface Held {
  readonly parts: readonly number[];
  readonly secrets: readonly SecretRange[];
}

const nothingHeld: Held = { parts: [], secrets: [] };

const hiddenValue = verbatim(mask);

const placeKey = ({ from, offset }: Message): string => `${from} ${offset}`;

const cut = (text: Localized): Localized =>
  text.en.length <= longestValue && text.ko.length <= longestValue
    ? text
    : inEach((language) =>
        text[language].length <= longestValue ? text[language] : `${text[language].slice(0, longestValue)}…`,
      );

/** What can be read of a stream. */
function* piecesOf(stream: FlowStream): Generator<Piece> {
  for (const chunk of stream.readable) {
    const bytes = stream.payload(chunk);
    if (bytes.length === chunk.length) yield [chunk.offset, bytes];
  }
}
