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
import { credentialNames } from '../../analysis/secrets/credential-shapes.ts';
import type { Hit } from '../../analysis/secrets/secret-hunt.ts';
import { encodings } from '../../analysis/secrets/encodings.ts';
import { toOffset } from '../../core/hex.ts';
import { inLanguage } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';
import { cellWidth } from '../../i18n/width.ts';
import { groupSealed, isMoreOf } from '../../presentation/grouping.ts';
import { clientName, endsOf, outcomeFor } from '../../presentation/refusals.ts';
import { directionWords, messageWords, sideWords } from '../../presentation/words.ts';
import { KeyRing } from '../../protocols/tls/keylog.ts';
import type { TextContext } from './context.ts';
import type { RefusalCards } from './refusals.ts';
import { tls } from './tls.ts';
import { textWords } from './words.ts';

const sides = ['client', 'server'] as const;

/** Cells of a message line: its title with the size at the right, and a wire's name. */
const titleCells = 24;
const longestHop = 8;

/** Of sealed records that follow each other so many are named by their sizes; of a connection that is read as it is told, so many messages are at hand. */
const mostSizes = 1000;
const atHand = 64;

/** A message, or sealed records that follow each other, as one line. */
interface Line {
  readonly first: Message;
  /** Of the first ones. */
  readonly sizes: readonly number[];
  readonly count: number;
  readonly total: number;
}

/** A connection that is told while it is read. */
interface Telling {
  readonly connection: Connection;
  readonly reader: ConversationReader;
  /** Nobody is told what it reads any more. */
  isOver: boolean;
  /** It has a line at least. */
  hasBegun: boolean;
  /** The line that more sealed records may join. */
  open: { first: Message; sizes: number[]; count: number; total: number } | undefined;
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
    this.#finishLine(telling);
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
    for (const group of groupSealed(messages, (message) => this.#context.hitsIn(message).length > 0)) {
      const [message] = group;
      const line = {
        first: message,
        sizes: group.slice(0, mostSizes).map(({ length }) => length),
        count: group.length,
        total: group.reduce((sum, { length }) => sum + length, 0),
      };
      // A step is about its own secrets; somebody's own client brings others, known by their shape alone.
      this.#said(line, timeCells, wire, from === 0);
    }
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
      open: undefined,
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
    const { open } = telling;
    if (open && isMoreOf(open.first, message) && this.#context.hitsIn(message).length === 0) {
      if (open.count < mostSizes) open.sizes.push(message.length);
      open.count++;
      open.total += message.length;
      return;
    }
    this.#finishLine(telling);
    const line = { first: message, sizes: [message.length], count: 1, total: message.length };
    if (message.sealed && this.#context.hitsIn(message).length === 0) telling.open = line;
    else this.#tellLine(telling, line);
  }

  #finishLine(telling: Telling): void {
    const { open } = telling;
    telling.open = undefined;
    if (open) this.#tellLine(telling, open);
  }

  #tellLine(telling: Telling, line: Line): void {
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
    this.#said(line, telling.timeCells, wire, true);
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
    const client = clientName(ends.client, language, { topology: this.#context.topology, inStep: from > 0 });
    const server = ends.server ?? sideWords.server[language];
    this.#context.page.blank();
    const where = messageWords.connection[language](
      connection.hop,
      connection.conn,
      wire?.seat?.[language] ?? '',
    );
    this.#context.page.behind('', `${where}: ${client} → ${server}${more}`);
  }

  /** A line, and what stands readable in it. */
  #said(line: Line, timeCells: number, wire: Wire | undefined, showsShapes: boolean): void {
    this.#message(line, timeCells);
    const hits = this.#context.hitsIn(line.first);
    for (const hit of hits) this.#hit(hit);
    if (this.#context.shown.isReadable(wire?.protocol)) this.#lines(line.first);
    if (showsShapes) this.#shapes(line.first, hits);
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

  #message({ first: message, sizes: named, count, total }: Line, timeCells: number): void {
    const { language } = this.#context.options;
    const { from, hop } = message;
    const arrow = this.#context.page.plain(from === 'server' ? '←' : '→');
    const direction = Math.max(...Object.values(directionWords).map((words) => cellWidth(words[language])));
    const towards =
      from === null
        ? ' '.repeat(arrow.length + 1 + direction)
        : `${arrow} ${this.#context.page.fit(directionWords[from][language], direction)}`;
    const size = total > 0 ? ` ${grouped(total)} B` : '';
    const title =
      this.#context.page.fit(
        message.title[language] + (message.reconstructed ? ' *' : ''),
        titleCells - size.length,
      ) + size;
    const sizes =
      count > 1 ? `: ${named.join('+')}${count > named.length ? `+… (${grouped(count)})` : ''}` : '';
    const state = message.sealed
      ? messageWords.sealed[language] + sizes
      : message.opened
        ? messageWords.opened[language]
        : '';
    const head = `${timeOf(message.at).padStart(timeCells)} ${this.#context.page.fit(hop, Math.min(longestHop, cellWidth(this.#context.page.plain(hop))))} ${towards} ${title}  `;
    this.#context.page.behind(head, [state, message.facts[language]].filter(Boolean).join(', '));
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

  #hit({ secret, offset, encoding }: Hit): void {
    const { language, secrets } = this.#context.options;
    const value = secrets.get(secret);
    const name = encodings.find(({ id }) => id === encoding)?.name[language] ?? encoding;
    const where = messageWords.hit[language](toOffset(offset), name);
    this.#context.page.behind(
      `      ${messageWords.readable[language]}  `,
      `${secret}${value === undefined ? '' : `: ${value}`}  (${where})`,
    );
  }

  #shapes({ from, opened, credentials }: Message, hits: readonly Hit[]): void {
    if (from === null) return;
    const { language } = this.#context.options;
    for (const { kind, name, value, offset, length } of credentials()) {
      if (hits.some((hit) => hit.offset < offset + length && offset < hit.offset + hit.length)) continue;
      const where = messageWords.hit[language](toOffset(offset), credentialNames[kind][language]);
      // Who has no keys does not read it.
      this.#context.page.behind(
        `      ${opened ? '' : `${messageWords.readable[language]}  `}`,
        `${name}: ${value}  (${where})`,
      );
    }
  }
}
