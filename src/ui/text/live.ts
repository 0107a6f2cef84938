/**
 * Prints a running proxy: a line for each event of a connection (opened, secured, each message of HTTP or of a TLS handshake,
 * closed with its byte counts), and the refusal card for a refused client. It decides what is printed of a connection and
 * when; the refusals come from `presentation`.
 *
 * 1. A connection is printed while it is open and released when it has closed: memory does not grow with time. Nor with the
 *    data: what has been printed is released, except for the beginning of each direction, which explains a handshake.
 * 2. A message of HTTP has a line when its head has come, and another at its end if that comes later.
 * 3. Bulk data is counted and printed at the end; only messages with a name of their own have a line.
 * 4. Where the proxy is an endpoint, the plaintext is printed; elsewhere what an eavesdropper sees.
 */
import { SummaryReader } from '../../analysis/summary/connection-summary.ts';
import type { ConnectionSummary, SummaryOptions } from '../../analysis/summary/connection-summary.ts';
import type { Exchange } from '../../analysis/summary/exchanges.ts';
import { Exchanges } from '../../analysis/summary/exchanges.ts';
import { loginOver } from '../../analysis/summary/http-logins.ts';
import { endedWell } from '../../analysis/outcome/ended-well.ts';
import { ConversationReader, loadReadings } from '../../analysis/conversation/conversation.ts';
import type { MessageBeginning } from '../../analysis/conversation/conversation.ts';
import { endWords } from '../../analysis/conversation/message-facts.ts';
import type { Message } from '../../analysis/conversation/message.ts';
import { formatAddress } from '../../capture/event.ts';
import type { CaptureEvent, EventOf, Side, Topology } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { Flows } from '../../capture/flows.ts';
import type { FlowStream } from '../../capture/flow-stream.ts';
import { defined } from '../../core/defined.ts';
import { inLanguage } from '../../i18n/language.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { isAdvice, refusalCard } from '../../presentation/card.ts';
import { namedFields } from '../../presentation/conversation/bytes.ts';
import { loadExplanations } from '../../presentation/conversation/explain.ts';
import { ladderMessage, shapedSecrets } from '../../presentation/conversation/ladder.ts';
import {
  Speakers,
  decisiveVerdict,
  isAside,
  isFailure,
  isSupposed,
  loadWireReading,
  verdictOf,
} from '../../presentation/refusals.ts';
import type { JudgedVerdict } from '../../presentation/refusals.ts';
import { latencyText, loginRefusedWords } from '../../presentation/report/statistics.ts';
import { Page } from '../status/page.ts';
import { setCardRows } from './card.ts';
import { liveWords } from './words.ts';

export interface LiveOptions {
  readonly flows: Flows;
  readonly language: Language;
  readonly ascii: boolean;
  readonly columns: number;
  /** `quiet`: only what failed, and readable credentials; `verbose`: every message with its fields. */
  readonly detail?: 'quiet' | 'verbose' | undefined;
  /** This program is itself an end of every connection, not a proxy between two. */
  readonly isEnd?: true | undefined;
  /** Cards without what to do about it: that is the reader's task. */
  readonly withoutRemedies?: true | undefined;
  /** Stands in the place of a readable credential. */
  readonly mask?: string | undefined;
  readonly write: (line: string) => void;
  /** The shell command that reproduces a refusal; undefined if there is none. */
  readonly reproduce: (refusal: EventOf<'refused'>) => string | undefined;
  /** Called with each line of a connection instead of `write`. */
  readonly writeOf?: (conn: number, line: string) => void;
  /** Where connections are summed up: as one is read, and once all of its lines were printed. */
  readonly summaries?: LiveSummaries;
  /** Whether the messages of a connection are passed over: more of the same. Its beginning, a refusal and its end are printed. */
  readonly isRoutine?: (conn: number) => boolean;
  /** The connection has closed and everything is printed. */
  readonly onPrinted: (conn: number) => void;
}

export interface LiveSummaries extends Omit<SummaryOptions, 'onExchange'> {
  readonly onExchange?: (exchange: Exchange, connection: Connection) => void;
  readonly onProgress: (conn: number, summary: () => ConnectionSummary) => void;
  readonly onEnd: (summary: ConnectionSummary, connection: Connection) => void;
}

/** Await this before creating a report. */
export async function loadLive(detail?: LiveOptions['detail']): Promise<void> {
  await Promise.all([
    loadReadings(),
    loadWireReading(),
    detail === 'verbose' ? loadExplanations() : undefined,
  ]);
}

/** Protocols of wires at whose end the proxy decrypts. */
const terminated: ReadonlySet<string> = new Set(['tls', 'https', 'mtls']);

const arrows: Readonly<Record<Side, string>> = { client: '→', server: '←' };

export class LiveReport {
  readonly #options: LiveOptions;
  readonly #page: Page;
  readonly #speakers = new Speakers();
  readonly #readers = new Map<number, ConversationReader>();
  readonly #summaries = new Map<number, SummaryReader>();
  /** Whose lines are printed now. */
  #printing: number | undefined;
  /** Where the last message of each direction began that was announced before its end. */
  readonly #begun = new Map<string, number>();
  /** Clients' connections that are open, and of which it was printed why one failed that was opened for them. */
  readonly #explained = new Set<number>();
  /** Connections whose client's has closed before them; whether it was printed why that failed. */
  readonly #following = new Map<number, boolean>();
  /** Clients' connections that have closed, and whose reason may be one that is still open behind them. */
  readonly #waiting = new Set<number>();
  /** Of the response at hand, in microseconds. */
  #latency: number | undefined;
  /** The response at hand, if it refuses the login of its request. */
  #refusal: string | undefined;
  /** The current event: messages that it completes carry its time. */
  #event: CaptureEvent | undefined;
  #topology: Topology = { participants: [], wires: [] };
  /** The wall clock when each run began, in milliseconds since the epoch. */
  readonly #began = new Map<number, number>();

  constructor(options: LiveOptions) {
    this.#options = options;
    const { write, writeOf } = options;
    this.#page = new Page({
      ...options,
      write: (line) => {
        if (writeOf && this.#printing !== undefined) writeOf(this.#printing, line);
        else write(line);
      },
    });
  }

  readonly fold = (event: CaptureEvent): void => {
    this.#printing = 'conn' in event ? event.conn : undefined;
    switch (event.type) {
      case 'began':
        this.#topology = event.topology;
        this.#began.set(event.run, Date.parse(event.wallClock));
        break;
      case 'note':
        if (event.text.en !== '')
          for (const line of event.text[this.#options.language].split('\n')) this.#line(event, '', line);
        break;
      case 'opened':
        this.#line(
          event,
          event.hop,
          `#${event.conn} ${formatAddress(event.from)} ${this.#page.plain('→')} ${formatAddress(event.to)}  ${this.#say(liveWords.opened)}`,
        );
        break;
      case 'secured':
        this.#secured(event);
        break;
      case 'bytes':
        this.#advance(event);
        break;
      case 'closed':
        this.#closed(event);
        break;
      case 'refused':
      case 'observed':
      case 'segments':
      case 'keylog':
      case 'step':
        break;
    }
  };

  /** Connections that are still open are summed up as far as they have come. */
  end(): void {
    for (const conn of this.#summaries.keys()) {
      const connection = this.#options.flows.connection(conn);
      if (connection) this.#sumUp(connection);
    }
  }

  #say(words: Localized): string {
    return words[this.#options.language];
  }

  /** What is worth a line even where only what needs attention has one. */
  #urgent({ run, at }: CaptureEvent, hop: string, text: string): void {
    this.#page.behind(
      `${timeOfDay((this.#began.get(run) ?? 0) + at / 1000)} ${hop === '' ? '' : `${hop} `}`,
      text,
    );
  }

  #line(event: CaptureEvent, hop: string, text: string): void {
    if (this.#options.detail !== 'quiet') this.#urgent(event, hop, text);
  }

  #secured(event: EventOf<'secured'>): void {
    const { side, version, cipher, alpn, serverName, resumed, peer, conn, hop } = event;
    const facts = [
      version.replace('TLSv', 'TLS '),
      cipher,
      serverName === undefined ? undefined : `SNI ${serverName}`,
      alpn === undefined ? undefined : `ALPN ${alpn}`,
      resumed ? this.#say(liveWords.resumed) : undefined,
      peer === undefined
        ? undefined
        : `${this.#say(side === 'server' ? liveWords.clientIs : liveWords.serverIs)} ${peer.subject}`,
    ];
    this.#line(event, hop, `#${conn} ${facts.filter((fact) => fact !== undefined).join(', ')}`);
  }

  #advance(event: EventOf<'bytes'>): void {
    const connection = this.#options.flows.connection(event.conn);
    if (!connection) return;
    this.#event = event;
    const isEndpoint = this.#isEndpoint(connection);
    this.#reader(connection, isEndpoint).advance();
    this.#progress(connection);
    // No reader reads this stream.
    if (isEndpoint && event.vantage === 'wire' && connection.carriesTls)
      releaseRead(connection.stream('wire', event.from));
  }

  #reader(connection: Connection, isEndpoint: boolean): ConversationReader {
    let reader = this.#readers.get(connection.conn);
    if (!reader) {
      const summary = this.#summaryOf(connection);
      const exchanges = summary
        ? undefined
        : new Exchanges({
            onLatency: (latency) => void (this.#latency = latency),
            onExchange: (exchange) => this.#exchange(exchange),
          });
      reader = new ConversationReader(connection, {
        vantage: isEndpoint ? 'plaintext' : 'wire',
        passing: true,
        facts: true,
        ...(summary ? { onTls: summary.onTls } : {}),
        mostBody: this.#options.summaries?.mostBody,
        onHttp: summary?.onHttp ?? ((message, times) => exchanges?.http1(message, times)),
        onMessage: (message) => {
          summary?.onMessage(message);
          if (message.http ?? message.httpBody) exchanges?.framed(message);
          this.#message(connection, message);
          this.#login(connection, message);
        },
        onBeginning: (beginning) => this.#beginning(connection, beginning),
      });
      this.#readers.set(connection.conn, reader);
    }
    return reader;
  }

  #summaryOf(connection: Connection): SummaryReader | undefined {
    const { summaries } = this.#options;
    if (!summaries) return undefined;
    let summary = this.#summaries.get(connection.conn);
    if (!summary) {
      const { onLatency, onExchange, texts, mostBody } = summaries;
      summary = new SummaryReader(connection, {
        ...defined({ texts, mostBody }),
        onExchange: (exchange) => {
          this.#exchange(exchange);
          onExchange?.(exchange, connection);
        },
        onLatency: (latency) => {
          this.#latency = latency;
          onLatency?.(latency, connection);
        },
      });
      this.#summaries.set(connection.conn, summary);
    }
    return summary;
  }

  #exchange(exchange: Exchange): void {
    const { response } = exchange;
    if (loginOver(exchange, false) === 'refused')
      this.#refusal = `${response?.status} ${response?.reason ?? ''}`.trim();
  }

  #progress(connection: Connection): void {
    const { summaries } = this.#options;
    if (!summaries) return;
    const { conn } = connection;
    summaries.onProgress(conn, () =>
      (this.#summaries.get(conn) ?? new SummaryReader(connection)).summary(
        this.#readers.get(conn)?.tls?.negotiated,
        undefined,
      ),
    );
  }

  /** Whether this program terminates TLS there, rather than relaying whatever passes unread. */
  #isEndpoint({ hop }: Connection): boolean {
    const wire = this.#topology.wires.find((one) => one.hop === hop);
    if (wire === undefined || !terminated.has(wire.protocol)) return false;
    if (this.#options.isEnd) return true;
    return this.#topology.participants.some(
      ({ name, kind }) => (name === wire.to || name === wire.from) && kind !== undefined,
    );
  }

  /** A response may go on for as long as the connection does. */
  #beginning({ conn, hop }: Connection, { from, offset, title }: MessageBeginning): void {
    const event = this.#event;
    if (!event || from === null || this.#options.isRoutine?.(conn)) return;
    this.#begun.set(`${conn} ${from}`, offset);
    this.#line(
      event,
      hop,
      `#${conn} ${this.#page.plain(arrows[from])} ${title[this.#options.language]}, ${this.#say(liveWords.begins)}`,
    );
  }

  #message({ conn, hop, carriesTls }: Connection, message: Message): void {
    const event = this.#event;
    if (!event) return;
    if (this.#options.isRoutine?.(conn)) {
      this.#latency = undefined;
      return;
    }
    // Its beginning was printed when its head came.
    if (message.begins) return;
    const { from, protocol, contentType } = message;
    // Data that says nothing and sealed records have no name of their own: they are counted at the end.
    const isVerbose = this.#options.detail === 'verbose';
    const isNameless = protocol === 'data' && message.facts.en === '';
    if (from === null || protocol === 'tcp') return;
    if (!isVerbose && (isNameless || (message.sealed && contentType === 23) || message.isMinor)) return;
    const { language } = this.#options;
    const { title, length, facts } = inLanguage(ladderMessage(message), language);
    const hasBegun = this.#begun.get(`${conn} ${from}`) === message.offset;
    const ends = hasBegun ? this.#say(liveWords.ends) : '';
    const waited = this.#latency === undefined ? '' : latencyText(this.#latency)[language];
    this.#latency = undefined;
    const said = [title, ends, `${grouped(length)} B`, facts, waited]
      .filter((part) => part !== '')
      .join(', ');
    this.#line(event, hop, `#${conn} ${this.#page.plain(arrows[from])} ${said}`);
    if (isVerbose) this.#fields(message);
    if (carriesTls) return;
    // Readable credentials are what this program is there to show.
    for (const { label, name, value = '', where } of inLanguage(shapedSecrets(message), language))
      this.#urgent(event, hop, `#${conn} ${label} ${name}: ${this.#options.mask ?? value} (${where})`);
  }

  /** A refused login has a line of its own, also where only what needs attention has one. */
  #login({ conn, hop }: Connection, { login, title }: Message): void {
    const refusal = login === 'refused' ? this.#say(title) : this.#refusal;
    this.#refusal = undefined;
    if (refusal !== undefined && this.#event)
      this.#urgent(this.#event, hop, `#${conn} ${this.#say(loginRefusedWords)}: ${refusal}`);
  }

  #fields(message: Message): void {
    const { language } = this.#options;
    for (const { name, value, depth, start } of namedFields(message)) {
      if (separator.test(value.en)) continue;
      const head = `${' '.repeat(4 + 2 * depth)}0x${start.toString(16).padStart(4, '0')} `;
      const text = value[language] === '' ? name[language] : `${name[language]}: ${value[language]}`;
      this.#page.behind(head, text);
    }
  }

  #closed(event: EventOf<'closed'>): void {
    const { flows, onPrinted } = this.#options;
    const { conn, hop, by, how } = event;
    const connection = flows.connection(conn);
    if (!connection) {
      this.#readers.delete(conn);
      onPrinted(conn);
      return;
    }
    this.#event = event;
    this.#reader(connection, this.#isEndpoint(connection)).end();
    const sizes = (['client', 'server'] as const)
      .map((from) => `${this.#page.plain(arrows[from])} ${grouped(connection.stream('wire', from).length)} B`)
      .join('  ');
    this.#line(
      event,
      hop,
      `#${conn} ${[this.#say(liveWords.closedBy[by]), this.#say(endWords[how])].filter((part) => part !== '').join(', ')}  ${sizes}`,
    );
    // Two wires of one relayed connection are judged together.
    const { twin } = connection;
    if (twin && !twin.closed) return;
    if (twin) {
      this.#verdict(event, this.#judge(connection.isSecond ? twin : connection));
      for (const one of [connection, twin]) this.#release(one);
    } else if (connection.cause) this.#closedBehind(event, connection, connection.cause);
    else this.#closedBefore(event, connection);
  }

  /** A connection that a proxy opened for a client's: it may explain what becomes of that one. */
  #closedBehind(event: EventOf<'closed'>, connection: Connection, client: Connection): void {
    const judged = this.#judge(connection);
    const hasFailed = judged !== undefined && isFailure(judged.verdict);
    const own = hasFailed || this.#waiting.has(client.conn) ? this.#judge(client) : undefined;
    const decisive = judged && own ? decisiveVerdict(own, [judged]) : (judged ?? own);
    const isReason = hasFailed && decisive === judged;
    const others = [...client.led].filter((one) => one !== connection);
    if (this.#waiting.has(client.conn)) {
      if (isReason || others.every(({ closed }) => closed)) {
        this.#verdict(event, decisive);
        this.#release(client);
      }
    } else if (isReason && !this.#explained.has(client.conn)) {
      this.#verdict(event, judged);
      if (!client.closed) this.#explained.add(client.conn);
    }
    this.#release(connection);
  }

  #closedBefore(event: EventOf<'closed'>, connection: Connection): void {
    const { conn, led } = connection;
    const judged = this.#judge(connection);
    if (!this.#explained.has(conn)) {
      if (judged && isSupposed(judged.verdict) && [...led].some(({ closed }) => !closed))
        return void this.#waiting.add(conn);
      const isSettled = this.#following.get(conn);
      const isTold =
        isSettled === undefined || (!isSettled && judged !== undefined && isFailure(judged.verdict));
      if (isTold) this.#verdict(event, judged);
    }
    this.#release(connection);
  }

  #judge(connection: Connection): JudgedVerdict | undefined {
    const { flows } = this.#options;
    const isEndpoint = this.#isEndpoint(connection);
    if (isEndpoint && endedWell(connection)) return undefined;
    const reader = isEndpoint ? undefined : this.#readers.get(connection.conn);
    const sources = { flows, topology: this.#topology, speakers: this.#speakers };
    const verdict = verdictOf(connection, sources, reader);
    return verdict && { connection, verdict };
  }

  /** What it comes to, for those who count and choose. */
  #sumUp(connection: Connection): void {
    const { summaries, flows } = this.#options;
    const summary = this.#summaryOf(connection);
    if (!summaries || !summary) return;
    summary.end();
    const reader = this.#readers.get(connection.conn);
    const isEndpoint = this.#isEndpoint(connection);
    const sources = { flows, topology: this.#topology, speakers: this.#speakers };
    const verdict = verdictOf(connection, sources, isEndpoint ? undefined : reader);
    summaries.onEnd(
      summary.summary(isEndpoint ? undefined : reader?.tls?.negotiated, verdict?.outcome),
      connection,
    );
    this.#summaries.delete(connection.conn);
  }

  #release(connection: Connection): void {
    const { conn, led } = connection;
    this.#sumUp(connection);
    const isSettled = this.#explained.has(conn);
    for (const one of led) if (!one.closed) this.#following.set(one.conn, isSettled);
    this.#following.delete(conn);
    this.#readers.delete(conn);
    this.#explained.delete(conn);
    this.#waiting.delete(conn);
    for (const from of ['client', 'server']) this.#begun.delete(`${conn} ${from}`);
    this.#options.onPrinted(conn);
  }

  /** Why it failed, as a card; where the reason is not known, as a sentence about what was seen. */
  #verdict(event: EventOf<'closed'>, judged: JudgedVerdict | undefined): void {
    if (!judged) return;
    const { language } = this.#options;
    const { conn, hop } = judged.connection;
    this.#printing = conn;
    const { story, outcome, hasCard } = judged.verdict;
    if (isAside(outcome)) return this.#line(event, hop, `#${conn} ${outcome.sentence[language]}`);
    if (!isFailure(judged.verdict)) return;
    this.#explained.add(conn);
    if (!hasCard || !story) return this.#urgent(event, hop, `#${conn} ${outcome.sentence[language]}`);
    const command = story.reported && this.#options.reproduce(story.reported);
    const card = refusalCard(story, { topology: this.#topology, inStep: false, command });
    const { headline, rows } = inLanguage(card, language);
    this.#urgent(event, hop, `#${conn} ${headline}`);
    const { withoutRemedies } = this.#options;
    const shown = withoutRemedies ? rows.filter(({ kind }) => !isAdvice(kind)) : rows;
    setCardRows(this.#page, shown, 4, { copies: true });
  }
}

/** What only stands between two values. */
const separator = /^(?:\\r|\\n|[\s:])+$/;

/** The newest chunks of a stream, kept for later readers. */
const keptChunks = 2;

function releaseRead(stream: FlowStream): void {
  stream.letGoBefore(stream.passed + stream.chunks.length - keptChunks);
}

/** Of the local day, to a millisecond. */
function timeOfDay(milliseconds: number): string {
  const date = new Date(milliseconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
