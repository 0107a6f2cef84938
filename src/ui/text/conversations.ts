/**
 * The conversations of a text report, message by message: of a step when it is done, of a connection that is over whole, and
 * of one that goes on for long in parts, as it goes by.
 *
 * 1. Sealed records that follow each other are one line, which names their sizes: they add up.
 * 2. A connection that is told whole is read as it is told, and nothing of it is kept here.
 */
import type { Wire } from '../../capture/event.ts';
import type { Connection } from '../../capture/flows.ts';
import { conversationSoFar, ConversationReader } from '../../analysis/conversation/conversation.ts';
import type { Message } from '../../analysis/conversation/conversation.ts';
import { inLanguage } from '../../i18n/language.ts';
import type { In } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';
import { cellWidth } from '../../i18n/width.ts';
import {
  knownSecret,
  ladderHead,
  ladderMessage,
  shapedSecrets,
} from '../../presentation/conversation/ladder.ts';
import { MessageGroups } from '../../presentation/conversation/sizes.ts';
import type { MessageGroup } from '../../presentation/conversation/sizes.ts';
import { endsOf, outcomeFor } from '../../presentation/refusals.ts';
import type { Exposure, LadderMessage } from '../../presentation/types/ladder.ts';
import type { Sizes } from '../../presentation/types/sizes.ts';
import { directionWords, messageWords } from '../../presentation/words.ts';
import { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import type { TextContext } from './context.ts';
import type { RefusalCards } from './refusals.ts';
import { tls } from './tls.ts';
import { textWords } from './words.ts';

const sides = ['client', 'server'] as const;

/** Cells of a message line: its title with the size at the right, and a wire's name. */
const titleCells = 24;
const longestHop = 8;

/** Messages kept in memory of a connection that is printed while it is read. */
const atHand = 64;

/** A connection that is told while it is read. */
interface Telling {
  readonly connection: Connection;
  readonly reader: ConversationReader;
  /** Nobody is told what it reads any more. */
  isOver: boolean;
  /** It has a line at least. */
  hasBegun: boolean;
  /** Sealed records in a row are one line. */
  readonly groups: MessageGroups;
  isReconstructed: boolean;
  /** Who sent the first sealed record of data. */
  sealedBy: Message['from'] | undefined;
  /** Cells of the longest time. */
  timeCells: number;
}

/** Of one message. */
const mostLines = 8;
/** Characters of one line: enough for a key and a short text under it. */
const longestShown = 200;

export const timeOf = (at: number): string => (at / 1e6).toFixed(3);

export class Conversations {
  readonly #context: TextContext;
  readonly #cards: RefusalCards;
  /** Connections of which everything was told at their end. */
  readonly #whole = new Set<number>();
  /** Connections that are told in parts, and the one that the last line is about. */
  readonly #tellings = new Map<number, Telling>();
  #toldLast: number | undefined;
  /** Up to which event each connection's conversation has been printed. */
  readonly #printed = new Map<number, number>();

  constructor(context: TextContext, cards: RefusalCards) {
    this.#context = context;
    this.#cards = cards;
  }

  /** Up to which event it has been printed. */
  printed(conn: number): number | undefined {
    return this.#printed.get(conn);
  }

  isWhole(conn: number): boolean {
    return this.#whole.has(conn);
  }

  forget(conn: number): void {
    this.#printed.delete(conn);
    this.#whole.delete(conn);
    this.#tellings.delete(conn);
  }

  /** What has come of a connection that goes on for long: it is told now, and let go of. */
  tellOn(connection: Connection): void {
    const { conn } = connection;
    let telling = this.#tellings.get(conn);
    if (!telling) {
      telling = this.#newTelling(connection, true);
      this.#tellings.set(conn, telling);
    }
    telling.reader.advance();
  }

  /** One connection, whole: it is over. */
  tellWhole(connection: Connection): void {
    const { conn } = connection;
    this.#whole.add(conn);
    const telling = this.#tellings.get(conn) ?? this.#newTelling(connection, false);
    this.#tellings.delete(conn);
    telling.reader.advance();
    telling.groups.finish();
    telling.isOver = true;
    if (telling.isReconstructed) this.#context.explain(textWords.reconstructed);
    if (telling.sealedBy === 'server') this.#context.explain(messageWords.disguised);
    this.#cards.tell(connection);
    // Where the log ends in the middle of it, what came is judged to its end.
    telling.reader.end();
    this.#outcome(connection, telling.reader);
  }

  /** What was said from one event to another. */
  tell(connection: Connection, from: number, until: number): void {
    const { language } = this.#context.options;
    const printed = this.#printed.get(connection.conn);
    if (connection.lastSeq < from || connection.lastSeq <= (printed ?? -1)) return;
    const start = Math.max(from, (printed ?? -1) + 1);
    const { opens = false, flows } = this.#context.options;
    // What a connection that goes on has begun to say is told when it is whole.
    const messages = conversationSoFar(connection, {
      cutBefore: start,
      keys: opens ? new KeyRing(flows) : [],
    }).filter(({ seq }) => seq >= start);
    const [first] = messages;
    if (!first) return;
    this.#printed.set(connection.conn, until);
    const wire = this.#context.wire(connection.hop);
    const ends = endsOf(connection, wire, this.#context.speakers);
    this.#head(connection, wire, ends, from, printed === undefined ? '' : textWords.keptOpen[language]);
    const timeCells = messages.reduce((most, { at }) => Math.max(most, timeOf(at).length), 5);
    // A step is about its own secrets; somebody's own client brings others, known by their shape alone.
    const groups = new MessageGroups((group) => this.#said(group, timeCells, wire, from === 0));
    for (const message of messages) groups.add(message, this.#holdsSecret);
    groups.finish();
    if (messages.some(({ reconstructed }) => reconstructed)) this.#context.explain(textWords.reconstructed);
    const sealed = messages.filter(({ contentType, sealed: isSealed }) => isSealed && contentType === 23);
    if (sealed[0]?.from === 'server') this.#context.explain(messageWords.disguised);
  }

  #newTelling(connection: Connection, passing: boolean): Telling {
    const { opens = false, flows, keys = flows.keylog, keysFor } = this.#context.options;
    const reader = new ConversationReader(connection, {
      keys: opens ? keys : [],
      keysFor,
      ...(passing ? { passing, facts: true, tellsBulk: true } : { mostMessages: atHand }),
      onMessage: (message) => this.#tellMessage(telling, message),
    });
    const lastAt = Math.max(
      connection.closed?.at ?? 0,
      ...sides.map((from) => connection.stream('wire', from).chunks.at(-1)?.at ?? 0),
    );
    const telling: Telling = {
      connection,
      reader,
      isOver: false,
      hasBegun: false,
      groups: new MessageGroups((group) => this.#tellLine(telling, group)),
      isReconstructed: false,
      sealedBy: undefined,
      timeCells: Math.max(5, timeOf(lastAt).length),
    };
    return telling;
  }

  #tellMessage(telling: Telling, message: Message): void {
    if (telling.isOver) return;
    telling.timeCells = Math.max(telling.timeCells, timeOf(message.at).length);
    telling.isReconstructed ||= message.reconstructed;
    if (message.sealed && message.contentType === 23) telling.sealedBy ??= message.from;
    telling.groups.add(message, this.#holdsSecret);
  }

  #tellLine(telling: Telling, group: MessageGroup): void {
    const { connection } = telling;
    const wire = this.#context.wire(connection.hop);
    if (!telling.hasBegun || this.#toldLast !== connection.conn) {
      const ends = endsOf(connection, wire, this.#context.speakers);
      this.#head(
        connection,
        wire,
        ends,
        0,
        telling.hasBegun ? textWords.goesOn[this.#context.options.language] : '',
      );
      this.#printed.set(connection.conn, Infinity);
    }
    telling.hasBegun = true;
    this.#toldLast = connection.conn;
    this.#said(group, telling.timeCells, wire, true);
  }

  /** Whose connection it is. */
  #head(
    connection: Connection,
    wire: Wire | undefined,
    ends: ReturnType<typeof endsOf>,
    from: number,
    more: string,
  ): void {
    const { language } = this.#context.options;
    const context = { topology: this.#context.topology, inStep: from > 0 };
    const { place, client, server } = inLanguage(ladderHead(connection, wire, ends, context), language);
    this.#context.page.blank();
    this.#context.page.behind('', `${place}: ${client} → ${server}${more}`);
  }

  /** A line, and what stands readable in it. */
  #said(group: MessageGroup, timeCells: number, wire: Wire | undefined, showsShapes: boolean): void {
    const { first } = group;
    const { language, secrets } = this.#context.options;
    this.#message(inLanguage(ladderMessage(first, { sizes: group.sizes }), language), timeCells);
    const hits = this.#context.hitsIn(first);
    for (const hit of hits) this.#exposure(knownSecret(hit, secrets));
    if (this.#context.shown.isReadable(wire?.protocol)) this.#lines(first);
    if (showsShapes && first.from !== null)
      for (const shaped of shapedSecrets(first, hits)) this.#exposure(shaped);
  }

  /** What became of it, and where that is to be seen. */
  #outcome(connection: Connection, reader: ConversationReader): void {
    const { language, flows } = this.#context.options;
    const outcome = outcomeFor(connection, flows, reader);
    if (!outcome) return;
    this.#context.page.blank();
    const { rows } = tls().connectionOutcome(outcome);
    for (const { label, text } of inLanguage(rows, language)) this.#context.row(label, text);
  }

  #message(
    { at, from, hop, title, length, stateText, facts, sizes }: In<LadderMessage>,
    timeCells: number,
  ): void {
    const { page, language } = this.#context;
    const arrow = page.plain(from === 'server' ? '←' : '→');
    const direction = Math.max(...Object.values(directionWords).map((words) => cellWidth(words[language])));
    const towards =
      from === null
        ? ' '.repeat(arrow.length + 1 + direction)
        : `${arrow} ${page.fit(directionWords[from][language], direction)}`;
    const size = length > 0 ? ` ${grouped(length)} B` : '';
    const named = page.fit(title, titleCells - size.length) + size;
    const head = `${timeOf(at).padStart(timeCells)} ${page.fit(hop, Math.min(longestHop, cellWidth(page.plain(hop))))} ${towards} ${named}  `;
    const state = sizes ? `${stateText}: ${sizesText(sizes)}` : stateText;
    page.behind(head, [state, facts].filter(Boolean).join(', '));
  }

  /** What was said, line by line. */
  #lines(message: Message): void {
    const bytes = message.bytes();
    if (message.from === null || !bytes) return;
    for (const line of Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      .toString('latin1')
      .split('\r\n')
      .filter(Boolean)
      .slice(0, mostLines)) {
      this.#context.page.behind(
        '      ',
        safeText(line.length > longestShown ? `${line.slice(0, longestShown)}...` : line),
      );
    }
  }

  readonly #holdsSecret = (message: Message): boolean => this.#context.hitsIn(message).length > 0;

  #exposure(exposure: Exposure): void {
    const { label, name, value, where } = inLanguage(exposure, this.#context.language);
    this.#context.page.behind(
      `      ${label === '' ? '' : `${label}  `}`,
      `${name}${value === undefined ? '' : `: ${value}`}  (${where})`,
    );
  }
}

/** `1204+24+… (1,500)`: the first ones, and how many there are. */
function sizesText({ records, count }: Sizes): string {
  const listed = records.map(({ length }) => length).join('+');
  return count > records.length ? `${listed}+… (${grouped(count)})` : listed;
}
