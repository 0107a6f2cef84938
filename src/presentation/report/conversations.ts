/**
 * Reports conversations, message by message: those of a step when it is done, a closed connection as a whole, and a long-lived
 * one in parts while it is open.
 *
 * 1. Sealed records that follow each other are one block, which has their sizes: they add up.
 * 2. A connection that is reported as a whole is read while it is reported; nothing of it is kept here.
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
import type { ConnectionSummary } from '../../analysis/summary/connection-summary.ts';
import { ConversationReader } from '../../analysis/conversation/conversation.ts';
import type { Message } from '../../analysis/conversation/message.ts';
import { inEach } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';
import { knownSecret, ladderHead, ladderMessage, shapedSecrets } from '../conversation/ladder.ts';
import { MessageGroups } from '../conversation/sizes.ts';
import type { MessageGroup } from '../conversation/sizes.ts';
import { differenceTexts, sightingsText } from '../conversation/sightings.ts';
import { endsOf, outcomeFor } from '../refusals.ts';
import type { ConnectionBlock, MessageBlock, OutcomeBlock } from '../types/report.ts';
import { latencyText, secondsText, wallClockText } from './statistics.ts';
import { messageWords } from '../words.ts';
import { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import { forTls } from './load.ts';
import { placeOfMessage, placesOf } from './place.ts';
import type { RefusalCards } from './refusal-cards.ts';
import { ofStep } from './report-context.ts';
import type { ReportContext } from './report-context.ts';
import { reportWords } from './words.ts';

const sides = ['client', 'server'] as const;

/** Messages kept in memory of a connection that is reported while it is read. */
const atHand = 64;

/** What holds for all messages of a part of a connection. */
interface Part {
  readonly connection: Connection;
  readonly wire: Wire | undefined;
  readonly step: string | undefined;
  /** Secrets are found by their shape, too. */
  readonly showsShapes: boolean;
  /** The earliest and the latest time that is known. */
  from: number;
  until: number;
}

/** A connection that is reported while it is read. */
interface Progress {
  readonly part: Part;
  readonly reader: ConversationReader;
  /** At least one block of it was made. */
  hasBegun: boolean;
  /** Sealed records in a row are one block. */
  readonly groups: MessageGroups;
  isReconstructed: boolean;
  /** Who sent the first sealed record of data. */
  sealedBy: Message['from'] | undefined;
  /** Of a capture. */
  readonly summary: SummaryReader | undefined;
  /** Of the response at hand, in microseconds. */
  latency: number | undefined;
}

/** Lines that are given of one message. */
const mostLines = 8;
/** Characters of one line: enough for a key and a short text under it. */
const longestShown = 200;

const nothing: readonly never[] = [];

export class Conversations {
  readonly #context: ReportContext;
  readonly #cards: RefusalCards;
  /** Connections that were reported as a whole. */
  readonly #whole = new Set<number>();
  /** Connections that are reported in parts, and the one that the last block belongs to. */
  readonly #inProgress = new Map<number, Progress>();
  #last: number | undefined;
  /** Up to which event each connection's conversation has been reported. */
  readonly #reported = new Map<number, number>();

  constructor(context: ReportContext, cards: RefusalCards) {
    this.#context = context;
    this.#cards = cards;
  }

  /** Up to which event it has been reported. */
  reported(conn: number): number | undefined {
    return this.#reported.get(conn);
  }

  isWhole(conn: number): boolean {
    return this.#whole.has(conn);
  }

  forget(conn: number): void {
    this.#reported.delete(conn);
    this.#whole.delete(conn);
    this.#inProgress.delete(conn);
  }

  /** Reports what a long-lived connection has received so far, and releases it. */
  reportSoFar(connection: Connection): void {
    const { conn } = connection;
    let progress = this.#inProgress.get(conn);
    if (!progress) {
      progress = this.#begin(connection, true);
      this.#inProgress.set(conn, progress);
    }
    progress.reader.advance();
  }

  /** Reports a connection that has closed. */
  reportWhole(connection: Connection): void {
    const { conn } = connection;
    this.#whole.add(conn);
    const progress = this.#inProgress.get(conn) ?? this.#begin(connection, false);
    this.#inProgress.delete(conn);
    // Where the log ends in the middle of the connection, what was captured of a message is one.
    progress.reader.end();
    progress.groups.finish();
    const { isReconstructed, sealedBy, reader, part } = progress;
    // Datagrams without payload are no messages: what became of it belongs to a connection all the same.
    if (progress.summary && !progress.hasBegun) this.#head(part, false, undefined);
    this.#remarks(part, { isReconstructed, isDisguised: sealedBy === 'server' && isTls13(reader) });
    this.#cards.report(connection);
    progress.summary?.end();
    this.#outcome(progress);
  }

  /** Reports the messages from one event to another. @param step of which they are a part; absent for a visitor's connection */
  reportBetween(connection: Connection, from: number, until: number, step?: string): void {
    const reported = this.#reported.get(connection.conn);
    if (connection.lastSeq < from || connection.lastSeq <= (reported ?? -1)) return;
    const start = Math.max(from, (reported ?? -1) + 1);
    const { opens = false, flows, onMessage } = this.#context.options;
    // A message of an open connection is reported once it is complete.
    const reader = new ConversationReader(connection, {
      cutBefore: start,
      keys: opens ? new KeyRing(flows) : [],
    });
    reader.advance();
    const messages = reader.messages.filter(({ seq }) => seq >= start);
    const [first] = messages;
    if (!first) return;
    this.#reported.set(connection.conn, until);
    const part: Part = {
      connection,
      wire: this.#context.wire(connection.hop),
      step,
      // A step is about its own secrets; a visitor's client sends others, which only their shape reveals.
      showsShapes: from === 0,
      from: first.at,
      until: first.at,
    };
    for (const { at } of messages) widen(part, at);
    this.#head(part, from > 0, reported === undefined ? undefined : 'kept');
    const groups = new MessageGroups((group) => this.#message(part, group));
    for (const message of messages) {
      onMessage?.(message);
      groups.add(message, this.#holdsSecret);
    }
    groups.finish();
    const sealed = messages.find(({ contentType, sealed: isSealed }) => isSealed && contentType === 23);
    this.#remarks(part, {
      isReconstructed: messages.some(({ reconstructed }) => reconstructed),
      isDisguised: sealed?.from === 'server' && isTls13(reader),
    });
  }

  #begin(connection: Connection, passing: boolean): Progress {
    const {
      opens = false,
      flows,
      keys = flows.keylog,
      keysFor,
      onSummary,
      onMessage,
      summary: looked,
    } = this.#context.options;
    const summary = onSummary
      ? new SummaryReader(connection, {
          ...looked,
          onLatency: (latency) => {
            progress.latency = latency;
            looked?.onLatency?.(latency, connection);
          },
        })
      : undefined;
    const reader = new ConversationReader(connection, {
      ...(summary ? { onHttp: summary.onHttp, onTls: summary.onTls } : {}),
      keys: opens ? keys : [],
      keysFor,
      ...(passing
        ? { passing, facts: true, tellsBulk: true, tellsContent: onMessage !== undefined }
        : { mostMessages: atHand }),
      onMessage: (message) => this.#add(progress, message),
    });
    const lastAt = Math.max(
      connection.closed?.at ?? 0,
      ...sides.map((from) => connection.stream('wire', from).chunks.at(-1)?.at ?? 0),
    );
    const progress: Progress = {
      part: {
        connection,
        wire: this.#context.wire(connection.hop),
        step: undefined,
        showsShapes: true,
        from: lastAt,
        until: lastAt,
      },
      reader,
      hasBegun: false,
      groups: new MessageGroups((group) => this.#group(progress, group)),
      isReconstructed: false,
      sealedBy: undefined,
      summary,
      latency: undefined,
    };
    return progress;
  }

  #add(progress: Progress, message: Message): void {
    this.#context.options.onMessage?.(message);
    progress.summary?.onMessage(message);
    widen(progress.part, message.at);
    progress.isReconstructed ||= message.reconstructed;
    if (message.sealed && message.contentType === 23) progress.sealedBy ??= message.from;
    // What was measured is of this message, not of sealed ones that still wait.
    const { latency } = progress;
    progress.latency = undefined;
    if (latency !== undefined) progress.groups.finish();
    progress.latency = latency;
    progress.groups.add(message, this.#holdsSecret);
    progress.latency = undefined;
  }

  #group(progress: Progress, group: MessageGroup): void {
    const { part, hasBegun } = progress;
    const { conn } = part.connection;
    if (!hasBegun || this.#last !== conn) {
      this.#head(part, false, hasBegun ? 'continued' : undefined);
      this.#reported.set(conn, Infinity);
    }
    progress.hasBegun = true;
    this.#last = conn;
    this.#message(part, group, progress);
  }

  #head({ connection, wire, step }: Part, inStep: boolean, why: 'continued' | 'kept' | undefined): void {
    const { topology, speakers } = this.#context;
    const { conn, hop } = connection;
    const captured = why === undefined ? this.#captured(connection) : undefined;
    this.#context.emit({
      kind: 'connection',
      conn,
      ...ofStep(step),
      hop,
      head: ladderHead(connection, wire, endsOf(connection, wire, speakers), { topology, inStep }),
      ...(why === undefined
        ? {}
        : { more: { why, text: why === 'kept' ? reportWords.keptOpen : reportWords.goesOn } }),
      ...(captured ? { captured } : {}),
    });
  }

  #captured(connection: Connection): ConnectionBlock['captured'] {
    const { opened, began } = connection;
    if (!this.#context.options.onSummary || !opened) return undefined;
    const { files = [] } = began ?? {};
    const seen = sightingsText(opened, files);
    return {
      client: formatAddress(opened.from),
      server: formatAddress(opened.to),
      opened: wallClockText(wallClockOf(connection, opened.at)),
      ...(seen ? { seen } : {}),
      differences: differenceTexts(opened.differences ?? [], files),
    };
  }

  /** A message, and the readable secrets in it. */
  #message(
    { connection, wire, step, showsShapes, from, until }: Part,
    { first, sizes }: MessageGroup,
    progress?: Progress,
  ): void {
    const { secrets } = this.#context.options;
    const hits = this.#context.hitsIn(first);
    const place = placeOfMessage(first, sizes.total);
    const latency = progress?.latency;
    const block: MessageBlock = {
      kind: 'message',
      conn: connection.conn,
      ...ofStep(step),
      message: ladderMessage(first, { sizes }),
      ...(place ? { place } : {}),
      times: [from, until],
      ...(progress?.summary ? { frame: first.frame ?? null } : {}),
      ...(latency === undefined ? {} : { latency: { microseconds: latency, text: latencyText(latency) } }),
      known: hits.length === 0 ? nothing : hits.map((hit) => knownSecret(hit, secrets)),
      lines: this.#context.shown.isReadable(wire?.protocol) ? linesOf(first) : nothing,
      shaped: showsShapes && first.from !== null ? shapedSecrets(first, hits) : nothing,
    };
    this.#context.emit(block);
  }

  /** What one should know to read the messages. */
  #remarks(
    { connection: { conn }, step }: Part,
    { isReconstructed, isDisguised }: { readonly isReconstructed: boolean; readonly isDisguised: boolean },
  ): void {
    for (const [applies, text] of [
      [isReconstructed, reportWords.reconstructed],
      [isDisguised, messageWords.disguised],
    ] as const)
      if (applies)
        this.#context.emit({ kind: 'remark', conn, ...ofStep(step), ...this.#context.remark(text) });
  }

  /** What became of it, and the bytes that show it. */
  #outcome({ part: { connection }, reader, summary: summing }: Progress): void {
    const { flows, onSummary } = this.#context.options;
    const outcome = outcomeFor(connection, flows, reader);
    const summary = summing?.summary(reader.negotiated, outcome);
    const rows: OutcomeBlock['rows'][number][] = [];
    if (summary) rows.push(totalRow(summary));
    if (outcome) rows.push(...forTls().connectionOutcome(outcome).rows);
    if (outcome && summary && isLoginRefused(summary))
      rows.push({ kind: 'login', label: reportWords.login, text: reportWords.loginRefused });
    if (rows.length > 0)
      this.#context.emit({
        kind: 'outcome',
        conn: connection.conn,
        rows,
        evidence: placesOf(outcome?.evidence ?? []),
      });
    if (summary) onSummary?.(summary, connection);
  }

  readonly #holdsSecret = (message: Message): boolean => this.#context.hitsIn(message).length > 0;
}

function widen(part: Part, at: number): void {
  if (at < part.from) part.from = at;
  if (at > part.until) part.until = at;
}

/** Where it stands in the file, and its sizes. */
function totalRow(summary: ConnectionSummary): OutcomeBlock['rows'][number] {
  const { frames, bytes, openedAt, closedAt, tshark } = summary;
  const name = nameIn(summary);
  return {
    kind: 'total',
    label: reportWords.inAll,
    text: inEach((language) =>
      [
        ...(name === undefined ? [] : [name]),
        ...(tshark === undefined ? [] : [`${tshark} (tshark)`]),
        `→ ${grouped(bytes.client)} B ← ${grouped(bytes.server)} B`,
        ...(closedAt === undefined ? [] : [secondsText(closedAt - openedAt)]),
        ...(frames ? [reportWords.packets[language](grouped(frames[0]), grouped(frames[1]))] : []),
      ].join(', '),
    ),
  };
}

/** The text of a message, line by line. */
function linesOf(message: Message): readonly string[] {
  const bytes = message.bytes();
  if (message.from === null || !bytes) return nothing;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .split('\r\n')
    .filter(Boolean)
    .slice(0, mostLines)
    .map((line) => safeText(line.length > longestShown ? `${line.slice(0, longestShown)}...` : line));
}

/** Up to TLS 1.2 a record is what its type says. */
const isTls13 = ({ tls }: ConversationReader): boolean => tls?.negotiated.version === 'TLSv1.3';
