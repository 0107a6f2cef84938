/**
 * The story of a run as lines, for a pipe, a file, or a terminal without the UI. It decides what is told and in which
 * order; what happened is the log's, what was said is the narration's, what is true is the verdict's, what is told on a
 * screen too is in `story`, and how lines are set is the page's.
 *
 * 1. A pure function of the log: the same events give the same lines, live or later.
 * 2. A step's conversations are printed when the step is done, since only then has every connection settled; those
 *    nearer to the client come first.
 * 3. Sealed records that follow each other are one line, which names their sizes: they add up.
 * 4. A connection that is told whole is read as it is told, and nothing of it is kept here. One that goes on for long is told in
 *    parts, as it goes by (`tellOn`).
 */
import type { CaptureEvent, EventOf, Topology } from '../../capture/event.ts';
import type { CertificationOrder } from '../../features/enrol/observations.ts';
import type { Connection, Flows } from '../../capture/flows.ts';
import {
  conversationSoFar,
  ConversationReader,
  loadReadings,
} from '../../analysis/conversation/conversation.ts';
import type { ConversationOptions, Message } from '../../analysis/conversation/conversation.ts';
import type { Hit, SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import { KeyRing } from '../../protocols/tls/keylog.ts';
import { inLanguage, verbatim } from '../../i18n/language.ts';
import type { In, Language, Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { cellWidth } from '../../i18n/width.ts';
import type { ManualCommand } from '../../engine/manual-commands.ts';
import type { Verdict } from '../../engine/verdict.ts';
import type { ProgramReport } from '../../presentation/board.ts';
import type { ChainReport } from '../../presentation/chain.ts';
import {
  knownSecret,
  ladderHead,
  ladderMessage,
  shapedSecrets,
} from '../../presentation/conversation/ladder.ts';
import { openingLines } from '../../presentation/opening.ts';
import type { OpeningReport } from '../../presentation/opening.ts';
import { orderHead, orderLines } from '../../presentation/orders.ts';
import { endsOf, loadWireReading, outcomeFor, refusalsOf, Speakers } from '../../presentation/refusals.ts';
import type { RefusalStory } from '../../presentation/refusals.ts';
import { MessageGroups } from '../../presentation/conversation/sizes.ts';
import type { MessageGroup } from '../../presentation/conversation/sizes.ts';
import { waysThrough } from '../../presentation/topology.ts';
import type { Exposure, LadderMessage } from '../../presentation/types/ladder.ts';
import type { Sizes } from '../../presentation/types/sizes.ts';
import { Losses } from '../../presentation/losses.ts';
import { commandsFor, verdictReport } from '../../presentation/verdict.ts';
import type { CardRowKind, Statement, Table } from '../../presentation/types/values.ts';
import { directionWords, messageWords } from '../../presentation/words.ts';
import type { FormEntries } from '../../presentation/words.ts';
import { safeText } from '../../i18n/safe.ts';
import {
  issuedLine,
  paperLines,
  servedLines,
  standingLines,
  storedLines,
  typedOf,
} from '../../presentation/cluster.ts';
import { keyFileOutcome, theftOutcome } from '../../presentation/theft.ts';
import { Page } from '../status/page.ts';
import { labelCells, setCardRows } from './card.ts';
import { textWords } from './words.ts';

export interface TextOptions {
  readonly flows: Flows;
  readonly hunt: SecretHunt;
  /** The secrets' values, to be shown where they were found. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly language: Language;
  readonly ascii: boolean;
  readonly columns: number;
  /** What was sealed is opened in place with the keys that the log has. */
  readonly opens?: boolean;
  /** The keys for that, where they are at hand by themselves; else those that the log has. */
  readonly keys?: ConversationOptions['keys'];
  /** More of them, asked for at each key exchange of a client. */
  readonly keysFor?: ConversationOptions['keysFor'];
  /** Speaker's notes are printed too. */
  readonly notes?: boolean;
  /** Steps of two versions of TLS that are told beside each other at the end, and what their client typed. */
  readonly versions?: readonly { readonly steps: readonly string[]; readonly typed: FormEntries }[];
  readonly write: (line: string) => void;
}

type Refusals = typeof import('../../presentation/board.ts') &
  typeof import('../../presentation/card.ts') &
  typeof import('../../presentation/chain.ts') &
  typeof import('../../presentation/refusal-matrix.ts') &
  typeof import('../../presentation/sides.ts') &
  Pick<typeof import('../../analysis/eavesdropper/visibility.ts'), 'versionOnWire'>;
let refusalsTold: Refusals | undefined;

/** To be awaited before a report of a run in which TLS may be spoken: without TLS nobody is refused, and much is not needed. */
export async function loadTls(): Promise<void> {
  const [board, card, chain, table, sides, { versionOnWire }] = await Promise.all([
    import('../../presentation/board.ts'),
    import('../../presentation/card.ts'),
    import('../../presentation/chain.ts'),
    import('../../presentation/refusal-matrix.ts'),
    import('../../presentation/sides.ts'),
    import('../../analysis/eavesdropper/visibility.ts'),
    loadReadings(),
    loadWireReading(),
  ]);
  refusalsTold = { ...board, ...card, ...chain, ...table, ...sides, versionOnWire };
}

function toldRefusals(): Refusals {
  if (!refusalsTold) throw new Error('a refusal in a run for which loadTls() was not awaited');
  return refusalsTold;
}

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

/** Of a file: connections that are looked through for two of different versions. */
const lookedAt = 200;

/** The wires on which what is said is shown as it is: the toy protocol is made to be read. */
const readableAsLines = 'toy';
/** Of one message. */
const mostLines = 8;
/** Characters of one line: enough for a key and a short text under it. */
const longestShown = 200;

export class TextReport {
  readonly #options: TextOptions;
  readonly #page: Page;
  #topology: Topology = { participants: [], wires: [] };
  /** `seq` of the event that opened the step which is running; undefined between steps. */
  #stepFrom: number | undefined;
  /** Where the last step was over. */
  #stepsEnd = -1;
  /** Connections of which everything was told at their end. */
  readonly #whole = new Set<number>();
  /** Connections that are told in parts, and the one that the last line is about. */
  readonly #tellings = new Map<number, Telling>();
  #toldLast: number | undefined;
  /** Up to which event each connection's conversation has been printed. */
  readonly #printed = new Map<number, number>();
  /** Refusals that were told already. */
  readonly #told = new Set<number>();
  readonly #speakers = new Speakers();
  /** Wires over which somebody comes all the time: what the server says of it is told, not every connection. */
  readonly #standing = new Set<string>();
  readonly #refusals: RefusalStory[] = [];
  /** The connections of each kubectl and etcdctl, and whether it was refused. */
  readonly #tries: { readonly made: readonly number[]; readonly isRefused: boolean }[] = [];
  readonly #losses = new Losses();
  /** Connections of other programs: what became of them is told in those programs' words. */
  readonly #byPrograms = new Set<number>();
  /** What other programs said in the step that is running. */
  /** What an eavesdropper, a thief or the keeper of a key said in this step; told behind its connections. */
  readonly #accounts: Localized[] = [];
  readonly #stores: { readonly who: string; readonly result: Parameters<typeof storedLines>[1] }[] = [];
  readonly #programs: string[] = [];
  /** What certificate authorities made of the requests of the step that is running. */
  readonly #orders: { readonly who: string; readonly order: CertificationOrder }[] = [];
  /** What each program said in which step. */
  readonly #reports: ProgramReport[] = [];
  #running: string | undefined;
  /** What clients told of the chains that they were shown, in the step that is running. */
  readonly #chains: { readonly who: string; readonly report: ChainReport }[] = [];
  /** How connections were opened, in the step that is running. */
  readonly #openings: OpeningReport[] = [];
  /** In which step a card's long rows were printed in full. */
  readonly #cards = new Map<string, number>();
  /** What is explained once a run. */
  readonly #explained = new Set<string>();
  readonly #steps = new Map<string, { readonly number: number; readonly title: Localized }>();
  /** From where to where in the log each step that is done went. */
  readonly #windows = new Map<string, { readonly first: number; readonly last: number }>();
  /** What is said only after the verdict. */
  readonly #closing: { [Part in 'does-not-prove' | 'often-told']?: Localized } = {};

  constructor(options: TextOptions) {
    this.#options = options;
    this.#page = new Page(options);
  }

  readonly fold = (event: CaptureEvent): void => {
    this.#losses.fold(event);
    switch (event.type) {
      case 'began':
        this.#topology = event.topology;
        break;
      case 'note':
        this.#note(event);
        break;
      case 'step':
        this.#step(event);
        break;
      case 'observed':
        this.#speakers.fold(event);
        this.#observed(event);
        break;
      case 'closed':
        if (this.#stepFrom === undefined) this.#visitor(event);
        break;
      case 'opened':
      case 'bytes':
      case 'segments':
      case 'keylog':
      case 'secured':
      case 'refused':
        break;
    }
  };

  /** The verdict, and what it leaves open. */
  finish(verdict: Verdict): void {
    const { language, versions = [] } = this.#options;
    this.#refusalTable();
    this.#board(verdict);
    this.#table(this.#losses.table());
    for (const { steps, typed } of versions)
      this.#sides(
        steps.flatMap((step) => this.#firstOf(step)),
        typed,
      );
    const titleOf = (step: string): Localized | undefined => this.#steps.get(step)?.title;
    const report = inLanguage(verdictReport(verdict, { titleOf, told: this.#closing }), language);
    this.#page.blank();
    this.#page.rule('─');
    const { label, status, claims } = report.takeaway;
    this.#page.behind(`${label}: ${status}   `, claims);
    for (const { step = '', title, statements } of report.sections) {
      const { number } = this.#steps.get(step) ?? {};
      this.#page.blank();
      this.#page.behind('', number === undefined ? title : `${number}. ${title}`);
      for (const { mark, text } of statements) this.#page.behind(` ${this.#page.plain(mark)} `, text);
    }
    for (const { title, text } of report.closing) {
      this.#paragraphs(title);
      this.#paragraphs(text, '  ');
    }
  }

  /** Every connection that the log holds and that has not been told, whole, those nearest to the client first: of a log that nobody lives in any more. */
  tellAll(): void {
    const connections = this.#outwards();
    for (const connection of connections) if (!this.#whole.has(connection.conn)) this.#tellOne(connection);
    this.#sidesOfAll(connections);
  }

  /** One connection, whole: it is over. */
  tellWhole(conn: number): void {
    const connection = this.#options.flows.connection(conn);
    if (connection) this.#tellOne(connection);
  }

  /** Nothing will be told of that connection any more. */
  forget(conn: number): void {
    for (const { seq } of this.#options.flows.connection(conn)?.refused ?? []) this.#told.delete(seq);
    this.#printed.delete(conn);
    this.#whole.delete(conn);
    this.#tellings.delete(conn);
  }

  /** What has come of a connection that goes on for long: it is told now, and let go of. */
  tellOn(conn: number): void {
    const connection = this.#options.flows.connection(conn);
    if (!connection) return;
    let telling = this.#tellings.get(conn);
    if (!telling) {
      telling = this.#newTelling(connection, true);
      this.#tellings.set(conn, telling);
    }
    telling.reader.advance();
  }

  #tellOne(connection: Connection): void {
    const { conn } = connection;
    this.#whole.add(conn);
    const telling = this.#tellings.get(conn) ?? this.#newTelling(connection, false);
    this.#tellings.delete(conn);
    telling.reader.advance();
    telling.groups.finish();
    telling.isOver = true;
    if (telling.isReconstructed) this.#explain(textWords.reconstructed);
    if (telling.sealedBy === 'server') this.#explain(messageWords.disguised);
    this.#cardsOf(connection, 0, false);
    // Where the log ends in the middle of it, what came is judged to its end.
    telling.reader.end();
    this.#outcome(connection, telling.reader);
  }

  #newTelling(connection: Connection, passing: boolean): Telling {
    const { opens = false, flows, keys = flows.keylog, keysFor } = this.#options;
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
    const wire = this.#topology.wires.find(({ hop }) => hop === connection.hop);
    if (!telling.hasBegun || this.#toldLast !== connection.conn) {
      const ends = endsOf(connection, wire, this.#speakers);
      this.#head(connection, wire, ends, 0, telling.hasBegun ? textWords.goesOn[this.#options.language] : '');
      this.#printed.set(connection.conn, Infinity);
    }
    telling.hasBegun = true;
    this.#toldLast = connection.conn;
    this.#said(group, telling.timeCells, wire, true);
  }

  /** The commands that reach what is held up. Commands are not wrapped: they are there to be copied. */
  reach(ways: readonly ManualCommand[]): void {
    const { language } = this.#options;
    this.#paragraphs(textWords.holding[language]);
    for (const { title, commands } of commandsFor(ways)) {
      this.#page.blank();
      this.#page.behind('', title[language]);
      for (const command of commands) this.#page.verbatim(`  ${command}`);
    }
  }

  #note({ text, part, step }: EventOf<'note'>): void {
    const { language, notes } = this.#options;
    switch (part) {
      case 'title':
        this.#page.behind('', text[language]);
        this.#page.rule('=', cellWidth(this.#page.plain(text[language])));
        break;
      case 'intro':
        this.#paragraphs(text[language]);
        this.#drawTopology();
        break;
      case 'does-not-prove':
      case 'often-told':
        this.#closing[part] = text;
        break;
      case 'step-title': {
        const number = this.#steps.size + 1;
        this.#steps.set(step ?? `#${number}`, { number, title: text });
        this.#page.blank();
        this.#page.behind(`-- ${number}. `, text[language]);
        break;
      }
      case 'question':
        this.#paragraphs(text[language], '? ');
        break;
      case 'speaker':
        if (notes) this.#paragraphs(text[language], '    ');
        break;
      case 'before':
      case 'after':
      case 'programs':
      case undefined:
        this.#paragraphs(text[language]);
        break;
    }
  }

  /** What is told at the moment at which it is reported. */
  #observed({ who, result, at, seq }: EventOf<'observed'>): void {
    const { language } = this.#options;
    if (result.kind === 'program') this.#reports.push({ seq, step: this.#running ?? '', result });
    if (result.kind === 'revocation') {
      this.#page.blank();
      const whose = result.certificates.map(({ subject, serial }) => `${subject} (${serial})`).join(', ');
      this.#page.behind(
        `${timeOf(at)}   `,
        textWords.newList[language](who, result.authority, result.number, whose),
      );
    }
    if (result.kind === 'certification') this.#orders.push(...result.orders.map((order) => ({ who, order })));
    if (result.kind === 'trust-store') {
      this.#page.blank();
      this.#page.behind(`${timeOf(at)}   `, toldRefusals().storeText(who, result)[language]);
    }
    if (result.kind === 'tcp-opening') this.#openings.push(result);
    if (result.kind === 'chain') this.#chains.push({ who, report: result });
    if (result.kind === 'theft') this.#account(theftOutcome([{ who, result }])?.statements);
    if (result.kind === 'kubectl' || result.kind === 'etcdctl') {
      this.#tries.push({ made: result.connections, isRefused: result.exitCode !== 0 });
      this.#typed(result);
    }
    if (result.kind === 'api') {
      this.#accounts.push(...servedLines(who, result));
      for (const own of result.standing ?? []) {
        this.#standing.add(own.hop);
        // On whose account the server goes to its store nobody can tell then.
        for (const { hop, from, to } of this.#topology.wires)
          if (
            from === who &&
            this.#topology.participants.some(({ name, kind }) => name === to && kind === 'etcd')
          )
            this.#standing.add(hop);
        this.#accounts.push(...standingLines(who, own));
      }
    }
    if (result.kind === 'etcd') this.#stores.push({ who, result });
    if (result.kind === 'papers') this.#accounts.push(...paperLines(result));
    if (result.kind === 'certificate') this.#accounts.push(issuedLine(who, result));
    if (result.kind === 'key-file') this.#account(keyFileOutcome(who, result).statements);
    if (result.kind !== 'program' || result.connections === undefined) return;
    for (const conn of result.connections) this.#byPrograms.add(conn);
    this.#programs.push(
      textWords.programSays[language](
        result.program,
        result.version,
        result.exitCode,
        result.words.replaceAll('\n', '; '),
      ),
    );
  }

  #account(statements: readonly Statement[] = []): void {
    this.#accounts.push(...statements.map(({ text }) => text));
  }

  /** What was typed, and what was printed. */
  #typed(result: Parameters<typeof typedOf>[0]): void {
    const { command, table, lines } = inLanguage(typedOf(result), this.#options.language);
    this.#page.blank();
    this.#page.behind('  ', command);
    if (table) this.#page.table(table);
    for (const line of lines) this.#page.behind('  ', line);
  }

  #step(event: EventOf<'step'>): void {
    if (event.state === 'started') [this.#stepFrom, this.#running] = [event.seq, event.id];
    if (event.state !== 'done') return;
    const { language } = this.#options;
    const from = this.#stepFrom ?? 0;
    this.#windows.set(event.id, { first: from, last: event.seq });
    this.#stepFrom = undefined;
    this.#stepsEnd = event.seq;
    const connections = this.#outwards().filter(
      ({ conn, hop }) => !this.#byPrograms.has(conn) && !this.#standing.has(hop),
    );
    const again = connections.filter(
      (connection) => (connection.opened?.seq ?? -1) >= from && this.#isTriedAgain(connection, connections),
    );
    for (const connection of connections)
      if (!again.includes(connection)) this.#conversation(connection, from, event.seq);
    if (again.length > 0) this.#page.behind('      ', textWords.triedAgain[language](again.length));
    for (const { who, report } of this.#chains.splice(0)) {
      this.#chain(
        report,
        who,
        connections.find(
          (connection) =>
            (connection.opened?.seq ?? -1) >= from && this.#speakers.of(connection)?.who === who,
        ),
      );
    }
    for (const connection of connections)
      if (!again.includes(connection)) this.#cardsOf(connection, from, true);
    for (const report of this.#openings.splice(0)) this.#opening(report);
    for (const { who, order } of this.#orders.splice(0)) {
      this.#page.blank();
      this.#page.behind('  ', `${orderHead(who, order).text[language]}:`);
      for (const { mark, text } of orderLines(order))
        this.#page.behind(`  ${this.#page.plain(mark)} `, text[language]);
    }
    // An etcd that nobody came to in this step has nothing to say of it.
    const reached = new Set(
      this.#outwards()
        .filter(({ lastSeq }) => lastSeq >= from)
        .map(({ hop }) => this.#topology.wires.find((wire) => wire.hop === hop)?.to),
    );
    const stored = this.#stores
      .splice(0)
      .flatMap(({ who, result }) => (reached.has(who) ? storedLines(who, result) : []));
    for (const [index, words] of [
      ...this.#accounts.splice(0),
      ...stored,
      ...this.#programs.splice(0),
    ].entries()) {
      if (index === 0) this.#page.blank();
      this.#page.behind('  ', inLanguage(words, language));
    }
  }

  /** Somebody's own client, while the topology is held: its connection is over, and so is what it set off behind it. */
  #visitor({ conn, seq }: EventOf<'closed'>): void {
    // What was opened before the last step was over is no visitor's, and has nothing more to tell when it ends.
    const ended = this.#options.flows.connection(conn);
    if (
      !ended ||
      ended.firstSeq <= this.#stepsEnd ||
      this.#topology.wires.some(({ hop, standing }) => hop === ended.hop && standing)
    )
      return;
    const news = this.#outwards().filter((connection) => {
      const told = this.#printed.get(connection.conn);
      if (told === undefined) return connection.conn === conn;
      // A kept connection that only ends has nothing more to tell.
      return (['client', 'server'] as const).some(
        (from) => (connection.plaintextStream(from).chunks.at(-1)?.seq ?? 0) > told,
      );
    });
    for (const connection of news) this.#conversation(connection, 0, seq);
    for (const connection of news) this.#cardsOf(connection, 0, false);
  }

  /** Connections in the order of the way, those nearest to the client first. */
  #outwards(): Connection[] {
    const rank = ({ hop }: Connection): number => this.#topology.wires.findIndex((wire) => wire.hop === hop);
    return this.#options.flows.connections.toSorted(
      (one, other) => rank(one) - rank(other) || one.conn - other.conn,
    );
  }

  #conversation(connection: Connection, from: number, until: number): void {
    const { language } = this.#options;
    const printed = this.#printed.get(connection.conn);
    if (connection.lastSeq < from || connection.lastSeq <= (printed ?? -1)) return;
    const start = Math.max(from, (printed ?? -1) + 1);
    const { opens = false, flows } = this.#options;
    // What a connection that goes on has begun to say is told when it is whole.
    const messages = conversationSoFar(connection, {
      cutBefore: start,
      keys: opens ? new KeyRing(flows) : [],
    }).filter(({ seq }) => seq >= start);
    const [first] = messages;
    if (!first) return;
    this.#printed.set(connection.conn, until);
    const wire = this.#topology.wires.find(({ hop }) => hop === connection.hop);
    const ends = endsOf(connection, wire, this.#speakers);
    this.#head(connection, wire, ends, from, printed === undefined ? '' : textWords.keptOpen[language]);
    const timeCells = messages.reduce((most, { at }) => Math.max(most, timeOf(at).length), 5);
    // A step is about its own secrets; somebody's own client brings others, known by their shape alone.
    const groups = new MessageGroups((group) => this.#said(group, timeCells, wire, from === 0));
    for (const message of messages) groups.add(message, this.#holdsSecret);
    groups.finish();
    if (messages.some(({ reconstructed }) => reconstructed)) this.#explain(textWords.reconstructed);
    const sealed = messages.filter(({ contentType, sealed: isSealed }) => isSealed && contentType === 23);
    if (sealed[0]?.from === 'server') this.#explain(messageWords.disguised);
  }

  /** Whose connection it is. */
  #head(
    connection: Connection,
    wire: Topology['wires'][number] | undefined,
    ends: ReturnType<typeof endsOf>,
    from: number,
    more: string,
  ): void {
    const { language } = this.#options;
    const context = { topology: this.#topology, inStep: from > 0 };
    const { place, client, server } = inLanguage(ladderHead(connection, wire, ends, context), language);
    this.#page.blank();
    this.#page.behind('', `${place}: ${client} → ${server}${more}`);
  }

  /** A line, and what stands readable in it. */
  #said(
    group: MessageGroup,
    timeCells: number,
    wire: Topology['wires'][number] | undefined,
    showsShapes: boolean,
  ): void {
    const { first } = group;
    this.#message(
      inLanguage(ladderMessage(first, { sizes: group.sizes }), this.#options.language),
      timeCells,
    );
    const hits = this.#hitsIn(first);
    for (const hit of hits) this.#exposure(knownSecret(hit, this.#options.secrets));
    if (wire?.protocol === readableAsLines) this.#lines(first);
    if (showsShapes && first.from !== null)
      for (const shaped of shapedSecrets(first, hits)) this.#exposure(shaped);
  }

  /** What became of it, and where that is to be seen. */
  #outcome(connection: Connection, reader: ConversationReader): void {
    const { language, flows } = this.#options;
    const outcome = outcomeFor(connection, flows, reader);
    if (!outcome) return;
    this.#page.blank();
    const { rows } = toldRefusals().connectionOutcome(outcome);
    for (const { label, text } of inLanguage(rows, language)) this.#row(label, text);
  }

  #message(
    { at, from, hop, title, length, stateText, facts, sizes }: In<LadderMessage>,
    timeCells: number,
  ): void {
    const { language } = this.#options;
    const arrow = this.#page.plain(from === 'server' ? '←' : '→');
    const direction = Math.max(...Object.values(directionWords).map((words) => cellWidth(words[language])));
    const towards =
      from === null
        ? ' '.repeat(arrow.length + 1 + direction)
        : `${arrow} ${this.#page.fit(directionWords[from][language], direction)}`;
    const size = length > 0 ? ` ${grouped(length)} B` : '';
    const named = this.#page.fit(title, titleCells - size.length) + size;
    const head = `${timeOf(at).padStart(timeCells)} ${this.#page.fit(hop, Math.min(longestHop, cellWidth(this.#page.plain(hop))))} ${towards} ${named}  `;
    const state = sizes ? `${stateText}: ${sizesText(sizes)}` : stateText;
    this.#page.behind(head, [state, facts].filter(Boolean).join(', '));
  }

  /** The text where it is needed first; later nothing: who reads on has read it. */
  #once(text: string): string {
    if (this.#explained.has(text)) return '';
    this.#explained.add(text);
    return text;
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
      this.#page.behind(
        '      ',
        safeText(line.length > longestShown ? `${line.slice(0, longestShown)}...` : line),
      );
    }
  }

  #explain(text: Localized): void {
    const said = this.#once(text[this.#options.language]);
    if (said) this.#page.behind('      ', said);
  }

  readonly #holdsSecret = (message: Message): boolean => this.#hitsIn(message).length > 0;

  #hitsIn(message: Message): Hit[] {
    return this.#options.hunt.hits.filter(
      ({ conn, vantage, from, offset }) =>
        vantage === 'wire' &&
        conn === message.conn &&
        from === message.from &&
        offset >= message.offset &&
        offset < message.offset + message.length,
    );
  }

  #exposure(exposure: Exposure): void {
    const { label, name, value, where } = inLanguage(exposure, this.#options.language);
    this.#page.behind(
      `      ${label === '' ? '' : `${label}  `}`,
      `${name}${value === undefined ? '' : `: ${value}`}  (${where})`,
    );
  }

  #cardsOf(connection: Connection, from: number, inStep: boolean): void {
    const { flows } = this.#options;
    for (const story of refusalsOf(connection, from, flows, this.#topology, this.#speakers)) {
      if (this.#told.has(story.refusal.seq)) continue;
      this.#told.add(story.refusal.seq);
      if (inStep) this.#refusals.push(story);
      this.#card(story, inStep);
    }
  }

  /** kubectl and etcdctl try again what is refused: telling one is enough. */
  #isTriedAgain({ conn }: Connection, connections: readonly Connection[]): boolean {
    const { made, isRefused } = this.#tries.find((one) => one.made.includes(conn)) ?? {
      made: [],
      isRefused: false,
    };
    const tries = connections.filter((one) => made.includes(one.conn));
    const told = tries.find((one) => one.refused.length > 0) ?? (isRefused ? tries[0] : undefined);
    return told !== undefined && told.conn !== conn;
  }

  /** The refusal card; what an earlier card said in the same words is not said again. */
  #card(story: RefusalStory, inStep: boolean): void {
    const { language } = this.#options;
    const card = toldRefusals().refusalCard(story, { topology: this.#topology, inStep });
    const { headline, rows } = inLanguage(card, language);
    const key = JSON.stringify(rows.filter(({ kind }) => longRows.has(kind)));
    const before = this.#cards.get(key);
    if (before === undefined && inStep) this.#cards.set(key, this.#steps.size);
    this.#page.blank();
    this.#page.behind('  ', headline);
    setCardRows(
      this.#page,
      rows
        .filter(({ kind }) => before === undefined || !longRows.has(kind))
        .map(({ hint = '', ...row }) => (this.#once(hint) ? { ...row, hint } : row)),
      2,
    );
    // What only an alert tells may have another reason each time.
    if (before !== undefined && story.refusal.reason !== 'peer_alert')
      this.#row(textWords.rest[language], textWords.asBefore[language](before));
  }

  /** The chain as a client went up it. */
  #chain(report: ChainReport, who: string, connection: Connection | undefined): void {
    const { language, flows } = this.#options;
    const { chainOf, sentOn } = toldRefusals();
    const { title, links } = inLanguage(chainOf(who, report, sentOn(connection, flows)), language);
    this.#page.blank();
    this.#page.behind('  ', `${title}:`);
    for (const { branch, mark, text } of links) {
      const head = `  ${this.#page.plain(branch)}`;
      // A way that is too long to be drawn by steps goes straight down.
      this.#page.behind(
        `${cellWidth(head) > this.#page.columns / 2 ? '  … ' : head}${this.#page.plain(mark)} `,
        text,
      );
    }
  }

  #opening(report: OpeningReport): void {
    const { title, source, seen, packets, note } = inLanguage(openingLines(report), this.#options.language);
    this.#page.blank();
    this.#page.behind(
      '  ',
      [source === '' ? title : `${title}: ${source}`, ...(seen === undefined ? [] : [seen])].join(', '),
    );
    const heads = packets.map(({ head }) => this.#page.plain(head));
    const headCells = Math.max(0, ...heads.map((head) => cellWidth(head)));
    for (const [index, { place, offers }] of packets.entries()) {
      this.#page.behind(
        `  ${this.#page.fit(heads[index] ?? '', headCells)}  `,
        [place, offers].filter((part) => part !== '').join(', '),
      );
    }
    if (note !== undefined) this.#page.behind('      ', note);
  }

  #row(label: string, text: string): void {
    this.#page.behind(`  ${this.#page.fit(label, labelCells)} `, text);
  }

  #refusalTable(): void {
    if (this.#refusals.length === 0) return;
    const { refusalMatrix, matrixTable } = toldRefusals();
    const matrix = refusalMatrix(this.#refusals);
    this.#table(matrix && matrixTable(matrix));
  }

  #table(table: Table | undefined): void {
    if (!table) return;
    const { title, head, rows, legend } = inLanguage(table, this.#options.language);
    this.#paragraphs(`${title}:`);
    this.#page.blank();
    this.#page.table({ head, rows });
    this.#page.blank();
    this.#page.behind(' ', legend);
  }

  #board({ findings }: Verdict): void {
    if (this.#reports.length === 0) return;
    const titleOf = (step: string): Localized => this.#steps.get(step)?.title ?? verbatim(step);
    this.#table(toldRefusals().boardOf(this.#reports, findings, titleOf));
  }

  /** The first connection with TLS of a step, as far from the server as there is one. */
  #firstOf(step: string): Connection[] {
    const window = this.#windows.get(step);
    const found =
      window &&
      this.#outwards().find(
        ({ carriesTls, opened, conn }) =>
          carriesTls &&
          !this.#byPrograms.has(conn) &&
          opened &&
          opened.seq >= window.first &&
          opened.seq <= window.last,
      );
    return found ? [found] : [];
  }

  /** The first connection that has one of another version to stand beside it; else the first with TLS. */
  #sidesOfAll(connections: readonly Connection[]): void {
    const { flows } = this.#options;
    const { counterpartOf, versionOnWire } = toldRefusals();
    const sealed = connections
      .slice(0, lookedAt)
      .filter((connection) => versionOnWire(connection) !== undefined);
    const [first] = sealed;
    if (!first) return;
    for (const connection of sealed) {
      const other = counterpartOf(connection, flows);
      if (other) {
        this.#sides([connection, other], undefined);
        return;
      }
    }
    this.#sides([first], undefined);
  }

  /** What an eavesdropper knows of each, beside each other. */
  #sides(connections: readonly Connection[], typed: FormEntries | undefined): void {
    const { language, flows } = this.#options;
    const { inOrder, sideOf, sidesTable } = toldRefusals();
    const sides = inOrder(connections).flatMap(
      (connection) => sideOf(connection, conversationSoFar(connection), typed, flows) ?? [],
    );
    if (sides.length === 0) return;
    const table = sidesTable(sides);
    this.#table(table);
    for (const note of table.notes) {
      const said = this.#once(note[language]);
      if (said) this.#paragraphs(said, '  ');
    }
  }

  #drawTopology(): void {
    this.#page.blank();
    const { language } = this.#options;
    for (const { clients, legs } of waysThrough(this.#topology)) {
      const parts = [clients.join(', ')];
      for (const { wire, to } of legs) {
        const seat = wire.seat ? `: ${wire.seat[language]}` : '';
        const kind = to?.role === 'proxy' ? ` (${to.kind ?? 'proxy'})` : '';
        parts.push(`──${wire.protocol}──[${wire.hop}${seat}]──> ${wire.to}${kind}`);
      }
      this.#drawPath(parts.map((part) => this.#page.plain(part)));
    }
  }

  /** A wire is drawn whole: where it does not fit, it begins a line of its own. */
  #drawPath(parts: readonly string[]): void {
    let line = '';
    let head = '  ';
    for (const part of parts) {
      if (line && cellWidth(head + line) + 1 + cellWidth(part) > this.#page.columns) {
        this.#page.behind(head, line);
        [line, head] = ['', '      '];
      }
      line += `${line ? ' ' : ''}${part}`;
    }
    this.#page.behind(head, line);
  }

  #paragraphs(text: string, prefix = ''): void {
    this.#page.blank();
    this.#page.paragraphs(text, prefix);
  }
}

/** What is the same for one certificate however often it is refused. */
const longRows: ReadonlySet<CardRowKind> = new Set([
  'because',
  'presented',
  'expected',
  'remedy',
  'certainty',
  'seeIt',
]);

const timeOf = (at: number): string => (at / 1e6).toFixed(3);

/** `1204+24+… (1,500)`: the first ones, and how many there are. */
function sizesText({ records, count }: Sizes): string {
  const listed = records.map(({ length }) => length).join('+');
  return count > records.length ? `${listed}+… (${grouped(count)})` : listed;
}
