/**
 * Prints conversations in a text report, message by message: those of a step when it is done, a closed connection as a whole,
 * and a long-lived one in parts while it is open.
 *
 * 1. Sealed records that follow each other are one line, which names their sizes: they add up.
 * 2. A connection that is printed as a whole is read while it is printed; nothing of it is kept here.
 */
import { formatAddress } from '../../capture/event.ts';
import type { Wire } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import {
  SummaryReader,
  isLoginRefused,
  nameIn,
  wallClockOf,
} from '../../analysis/summary/connection-summary.ts';
import type { Outcome } from '../../analysis/outcome/outcome-facts.ts';
import { ConversationReader } from '../../analysis/conversation/conversation.ts';
import type { Message } from '../../analysis/conversation/message.ts';
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
import { differenceTexts, sightingsText } from '../../presentation/conversation/sightings.ts';
import { endsOf, outcomeFor } from '../../presentation/refusals.ts';
import type { Exposure, LadderMessage } from '../../presentation/types/ladder.ts';
import type { Sizes } from '../../presentation/types/sizes.ts';
import { latencyText, secondsText, wallClockText } from '../../presentation/statistics.ts';
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

/** A connection that is printed while it is read. */
interface PrintState {
  readonly connection: Connection;
  readonly reader: ConversationReader;
  /** At least one line of it is printed. */
  hasBegun: boolean;
  /** Sealed records in a row are one line. */
  readonly groups: MessageGroups;
  isReconstructed: boolean;
  /** Who sent the first sealed record of data. */
  sealedBy: Message['from'] | undefined;
  /** Cells of the longest time. */
  timeCells: number;
  /** Of a capture. */
  readonly summary: SummaryReader | undefined;
  /** Of the response at hand, in microseconds. */
  latency: number | undefined;
}

/** Lines that are printed of one message. */
const mostLines = 8;
/** Characters of one line: enough for a key and a short text under it. */
const longestShown = 200;

export const timeOf = (at: number): string => (at / 1e6).toFixed(3);

export class Conversations {
  readonly #context: TextContext;
  readonly #cards: RefusalCards;
  /** Connections that were printed as a whole. */
  readonly #whole = new Set<number>();
  /** Connections that are printed in parts, and the one that the last line belongs to. */
  readonly #printStates = new Map<number, PrintState>();
  #lastPrinted: number | undefined;
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
    this.#printStates.delete(conn);
  }

  /** Prints what a long-lived connection has received so far, and releases it. */
  printSoFar(connection: Connection): void {
    const { conn } = connection;
    let state = this.#printStates.get(conn);
    if (!state) {
      state = this.#newPrintState(connection, true);
      this.#printStates.set(conn, state);
    }
    state.reader.advance();
  }

  /** Prints a connection that has closed. */
  printWhole(connection: Connection): void {
    const { conn } = connection;
    this.#whole.add(conn);
    const state = this.#printStates.get(conn) ?? this.#newPrintState(connection, false);
    this.#printStates.delete(conn);
    // Where the log ends in the middle of the connection, what was captured of a message is one.
    state.reader.end();
    state.groups.finish();
    if (state.isReconstructed) this.#context.explain(textWords.reconstructed);
    if (state.sealedBy === 'server' && isTls13(state.reader)) this.#context.explain(messageWords.disguised);
    this.#cards.print(connection);
    state.summary?.end();
    this.#outcome(connection, state);
  }

  /** Prints the messages from one event to another. */
  printBetween(connection: Connection, from: number, until: number): void {
    const { language } = this.#context.options;
    const printed = this.#printed.get(connection.conn);
    if (connection.lastSeq < from || connection.lastSeq <= (printed ?? -1)) return;
    const start = Math.max(from, (printed ?? -1) + 1);
    const { opens = false, flows } = this.#context.options;
    // A message of an open connection is printed once it is complete.
    const reader = new ConversationReader(connection, {
      cutBefore: start,
      keys: opens ? new KeyRing(flows) : [],
    });
    reader.advance();
    const messages = reader.messages.filter(({ seq }) => seq >= start);
    const [first] = messages;
    if (!first) return;
    this.#printed.set(connection.conn, until);
    const wire = this.#context.wire(connection.hop);
    const ends = endsOf(connection, wire, this.#context.speakers);
    this.#head(connection, wire, ends, from, printed === undefined ? '' : textWords.keptOpen[language]);
    const timeCells = messages.reduce((most, { at }) => Math.max(most, timeOf(at).length), 5);
    // A step is about its own secrets; a visitor's client sends others, which only their shape reveals.
    const groups = new MessageGroups((group) => this.#printGroup(group, timeCells, wire, from === 0));
    for (const message of messages) groups.add(message, this.#holdsSecret);
    groups.finish();
    if (messages.some(({ reconstructed }) => reconstructed)) this.#context.explain(textWords.reconstructed);
    const sealed = messages.filter(({ contentType, sealed: isSealed }) => isSealed && contentType === 23);
    if (sealed[0]?.from === 'server' && isTls13(reader)) this.#context.explain(messageWords.disguised);
  }

  #newPrintState(connection: Connection, passing: boolean): PrintState {
    const {
      opens = false,
      flows,
      keys = flows.keylog,
      keysFor,
      onSummary,
      summary: looked,
    } = this.#context.options;
    const summary = onSummary
      ? new SummaryReader(connection, {
          ...looked,
          onLatency: (latency) => {
            state.latency = latency;
            looked?.onLatency?.(latency, connection);
          },
        })
      : undefined;
    const reader = new ConversationReader(connection, {
      ...(summary ? { onHttp: summary.onHttp, onTls: summary.onTls } : {}),
      keys: opens ? keys : [],
      keysFor,
      ...(passing ? { passing, facts: true, tellsBulk: true } : { mostMessages: atHand }),
      onMessage: (message) => this.#addMessage(state, message),
    });
    const lastAt = Math.max(
      connection.closed?.at ?? 0,
      ...sides.map((from) => connection.stream('wire', from).chunks.at(-1)?.at ?? 0),
    );
    const state: PrintState = {
      connection,
      reader,
      hasBegun: false,
      groups: new MessageGroups((group) => this.#printLine(state, group)),
      isReconstructed: false,
      sealedBy: undefined,
      timeCells: Math.max(5, timeOf(lastAt).length),
      summary,
      latency: undefined,
    };
    return state;
  }

  #addMessage(state: PrintState, message: Message): void {
    state.summary?.onMessage(message);
    state.timeCells = Math.max(state.timeCells, timeOf(message.at).length);
    state.isReconstructed ||= message.reconstructed;
    if (message.sealed && message.contentType === 23) state.sealedBy ??= message.from;
    // What was measured is of this message, not of sealed ones that still wait.
    const { latency } = state;
    state.latency = undefined;
    if (latency !== undefined) state.groups.finish();
    state.latency = latency;
    state.groups.add(message, this.#holdsSecret);
    state.latency = undefined;
  }

  #printLine(state: PrintState, group: MessageGroup): void {
    const { connection } = state;
    const wire = this.#context.wire(connection.hop);
    if (!state.hasBegun || this.#lastPrinted !== connection.conn) {
      const ends = endsOf(connection, wire, this.#context.speakers);
      this.#head(
        connection,
        wire,
        ends,
        0,
        state.hasBegun ? textWords.goesOn[this.#context.options.language] : '',
      );
      this.#printed.set(connection.conn, Infinity);
    }
    state.hasBegun = true;
    this.#lastPrinted = connection.conn;
    this.#printGroup(group, state.timeCells, wire, true, state);
  }

  /** The heading of a connection. */
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
    const { opened } = connection;
    if (!this.#context.options.onSummary || !opened || more !== '') return;
    const when = `${wallClockText(wallClockOf(connection, opened.at))} UTC`;
    this.#context.page.behind('  ', `${formatAddress(opened.from)} → ${formatAddress(opened.to)}, ${when}`);
    const { files = [] } = connection.began ?? {};
    const seen = sightingsText(opened, files);
    if (seen) this.#context.page.behind('  ', seen[language]);
    for (const text of differenceTexts(opened.differences ?? [], files))
      this.#context.page.behind('  ! ', text[language]);
  }

  /** A line, and the readable secrets in it. */
  #printGroup(
    group: MessageGroup,
    timeCells: number,
    wire: Wire | undefined,
    showsShapes: boolean,
    state?: PrintState,
  ): void {
    const { first } = group;
    const { language, secrets } = this.#context.options;
    const frame = state?.summary ? (first.frame ?? 0) : undefined;
    this.#message(
      inLanguage(ladderMessage(first, { sizes: group.sizes }), language),
      timeCells,
      frame,
      state?.latency,
    );
    const hits = this.#context.hitsIn(first);
    for (const hit of hits) this.#exposure(knownSecret(hit, secrets));
    if (this.#context.shown.isReadable(wire?.protocol)) this.#lines(first);
    if (showsShapes && first.from !== null)
      for (const shaped of shapedSecrets(first, hits)) this.#exposure(shaped);
  }

  /** The outcome, and the bytes that show it. */
  #outcome(connection: Connection, { reader, summary }: PrintState): void {
    const { language, flows } = this.#context.options;
    const outcome = outcomeFor(connection, flows, reader);
    const isRefused = summary !== undefined && this.#summedUp(connection, summary, reader, outcome);
    if (!outcome) return;
    if (!summary) this.#context.page.blank();
    const { rows } = tls().connectionOutcome(outcome);
    for (const { label, text } of inLanguage(rows, language)) this.#context.row(label, text);
    if (isRefused) this.#context.row(textWords.login[language], textWords.loginRefused[language]);
  }

  /** Where it stands in the file, and its sizes. Returns whether the login over it was refused. */
  #summedUp(
    connection: Connection,
    reader: SummaryReader,
    { negotiated }: ConversationReader,
    outcome: Outcome | undefined,
  ): boolean {
    const { language, onSummary } = this.#context.options;
    const summary = reader.summary(negotiated, outcome);
    const { frames, bytes, openedAt, closedAt } = summary;
    const name = nameIn(summary);
    const facts = [
      ...(name === undefined ? [] : [name]),
      ...(summary.tshark === undefined ? [] : [`${summary.tshark} (tshark)`]),
      `→ ${grouped(bytes.client)} B ← ${grouped(bytes.server)} B`,
      ...(closedAt === undefined ? [] : [secondsText(closedAt - openedAt)]),
      ...(frames ? [textWords.packets[language](grouped(frames[0]), grouped(frames[1]))] : []),
    ];
    this.#context.page.blank();
    this.#context.row(textWords.inAll[language], facts.join(', '));
    onSummary?.(summary, connection);
    return isLoginRefused(summary);
  }

  #message(
    { at, from, hop, title, length, stateText, facts, sizes }: In<LadderMessage>,
    timeCells: number,
    frame?: number,
    latency?: number,
  ): void {
    const { page, language } = this.#context;
    const number = frame === undefined ? '' : `${frame === 0 ? '' : frame}`.padStart(6) + ' ';
    const arrow = page.plain(from === 'server' ? '←' : '→');
    const direction = Math.max(...Object.values(directionWords).map((words) => cellWidth(words[language])));
    const towards =
      from === null
        ? ' '.repeat(arrow.length + 1 + direction)
        : `${arrow} ${page.fit(directionWords[from][language], direction)}`;
    const size = length > 0 ? ` ${grouped(length)} B` : '';
    const named = page.fit(title, titleCells - size.length) + size;
    const head = `${number}${timeOf(at).padStart(timeCells)} ${page.fit(hop, Math.min(longestHop, cellWidth(page.plain(hop))))} ${towards} ${named}  `;
    const state = sizes ? `${stateText}: ${sizesText(sizes)}` : stateText;
    const waited = latency === undefined ? '' : latencyText(latency)[language];
    page.behind(head, [state, facts, waited].filter(Boolean).join(', '));
  }

  /** The text of a message, line by line. */
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

/** Up to TLS 1.2 a record is what its type says. */
const isTls13 = ({ tls }: ConversationReader): boolean => tls?.negotiated.version === 'TLSv1.3';

/** `1204+24+… (1,500)`: the first ones, and how many there are. */
function sizesText({ records, count }: Sizes): string {
  const listed = records.map(({ length }) => length).join('+');
  return count > records.length ? `${listed}+… (${grouped(count)})` : listed;
}
