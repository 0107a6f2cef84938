/**
 * The report of a run, a capture or a visitor's connections, as blocks (`types/report.ts`). It decides the order; the content
 * comes from the log, the narration, the verdict and the features, and a renderer in `ui` lays out each block as it comes.
 *
 * 1. A pure function of the log: the same events give the same blocks, live or later.
 * 2. A step's conversations are reported when the step is done, since only then has every connection settled; those
 *    nearer to the client come first.
 * 3. Nothing is kept of a block: a long capture is reported in bounded memory.
 */
import type { CaptureEvent, EventOf } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { ManualCommand } from '../../engine/manual-commands.ts';
import type { ClosingTable } from '../../engine/shown.ts';
import type { Verdict } from '../../engine/verdict.ts';
import { defined } from '../../core/defined.ts';
import { inEach, verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { lessonOf, lettered } from '../lesson.ts';
import { serverCertificates } from '../refusals.ts';
import { remarksOn } from '../scripts.ts';
import type { Report } from '../shown.ts';
import { farEnd, waysThrough, wireText } from '../topology.ts';
import type { CommandOutput, Scripts } from '../types/values.ts';
import type { TableBlock, TopologyBlock } from '../types/report.ts';
import { lessonWords } from '../words.ts';
import { Conversations } from './conversations.ts';
import { forTls } from './load.ts';
import { RefusalCards } from './refusal-cards.ts';
import { ReportContext, ofStep } from './report-context.ts';
import type { ReportOptions } from './report-context.ts';
import { commandsFor, verdictReport } from './verdict.ts';
import { reportWords } from './words.ts';

export class RunReport {
  readonly #context: ReportContext;
  readonly #cards: RefusalCards;
  readonly #conversations: Conversations;
  readonly #tables: readonly ClosingTable[];
  /** `seq` of the event that opened the step which is running; undefined between steps. */
  #stepFrom: number | undefined;
  /** The end of the last step. */
  #stepsEnd = -1;
  /** The step that was begun last. */
  #current: string | undefined;
  /** The reports of the running step. */
  readonly #reports: Report[] = [];
  /** The commands of programs, with the connections of each. */
  readonly #commands: CommandOutput[] = [];
  /** Wires with continuous calls: the server's summary is reported, not every connection. */
  readonly #standing = new Set<string>();
  /** Connections of other programs: their outcome is reported in those programs' words. */
  readonly #byPrograms = new Set<number>();
  readonly #steps = new Map<string, { readonly number: number; readonly title: Localized }>();
  /** The first and last event of each completed step. */
  readonly #windows = new Map<string, { readonly first: number; readonly last: number }>();
  /** The narration that follows the verdict. */
  readonly #closing: { [Part in 'takeaway' | 'does-not-prove' | 'often-told']?: Localized } = {};

  constructor(options: ReportOptions) {
    this.#context = new ReportContext(options);
    this.#cards = new RefusalCards(this.#context);
    this.#conversations = new Conversations(this.#context, this.#cards);
    this.#tables = this.#context.shown.tables();
  }

  readonly fold = (event: CaptureEvent): void => {
    this.#context.shown.foldInto(this.#tables, event);
    this.#context.fold(event);
    switch (event.type) {
      case 'note':
        this.#note(event);
        break;
      case 'step':
        this.#step(event);
        break;
      case 'observed':
        this.#observed(event);
        break;
      case 'closed':
        if (this.#stepFrom === undefined) this.#visitor(event);
        break;
      case 'began':
      case 'opened':
      case 'bytes':
      case 'segments':
      case 'keylog':
      case 'secured':
      case 'refused':
        break;
    }
  };

  /** Reports the verdict, and what it leaves open. */
  finish(verdict: Verdict): void {
    const { emit, options } = this.#context;
    const titleOf = (step: string): Localized | undefined => this.#steps.get(step)?.title;
    const table = (about: TableBlock['about'], found: TableBlock['table'] | undefined): void => {
      if (found) emit({ kind: 'table', about, table: found });
    };
    table('refusals', this.#cards.table());
    for (const one of this.#tables)
      table(
        'closing',
        one.table({ findings: verdict.findings, titleOf: (step) => titleOf(step) ?? verbatim(step) }),
      );
    for (const { steps, typed } of options.versions ?? [])
      forTls().compareVersions(
        this.#context,
        steps.flatMap((step) => this.#firstOf(step)),
        typed,
      );
    const { takeaway, sections, closing } = verdictReport(verdict, { titleOf, narration: this.#closing });
    const { takeaway: text } = this.#closing;
    emit({
      kind: 'verdict',
      verdict: takeaway,
      ...(text ? { lesson: { label: lessonWords.takeaway, text } } : {}),
    });
    for (const { step, title, statements } of sections) {
      const number = step === undefined ? undefined : this.#steps.get(step)?.number;
      emit(defined({ kind: 'claims', step, number, title, claims: statements }));
    }
    for (const { title, text: said } of closing) emit({ kind: 'closing', title, text: said });
  }

  /** Reports every connection of a complete log that has not been reported, those nearest to the client first. */
  reportAll(includes: (conn: number) => boolean = () => true): void {
    const connections = this.#context.outwards();
    for (const connection of connections)
      if (!this.#conversations.isWhole(connection.conn)) this.#conversations.reportWhole(connection);
    forTls().compareAll(
      this.#context,
      connections.filter(({ conn }) => includes(conn)),
    );
  }

  /** Reports a connection that has closed. */
  reportWhole(conn: number): void {
    const connection = this.#context.options.flows.connection(conn);
    if (connection) this.#conversations.reportWhole(connection);
  }

  /** Nothing more will be reported of that connection. */
  forget(conn: number): void {
    const connection = this.#context.options.flows.connection(conn);
    if (connection) this.#cards.forget(connection);
    this.#conversations.forget(conn);
  }

  /** Reports what a long-lived connection has received so far, and releases it. */
  reportSoFar(conn: number): void {
    const connection = this.#context.options.flows.connection(conn);
    if (connection) this.#conversations.reportSoFar(connection);
  }

  /** Reports the commands for trying the servers that stay up. */
  reach(ways: readonly ManualCommand[], scripts?: Scripts): void {
    const commands = commandsFor(ways, scripts);
    this.#context.emit({
      kind: 'reach',
      text: scripts ? reportWords.holdingScripts : reportWords.holding,
      commands,
      ...(scripts ? { scripts: defined({ folder: scripts.folder }) } : {}),
      remarks: remarksOn(commands),
    });
  }

  #note({ text, part, step: own }: EventOf<'note'>): void {
    const { emit, options } = this.#context;
    const step = ofStep(own ?? this.#current);
    switch (part) {
      case 'title':
        emit({ kind: 'title', text });
        break;
      case 'intro':
        emit({ kind: 'narration', part, text });
        emit(this.#topology());
        break;
      case 'choices':
        emit({ kind: 'choices', ...step, choices: lettered(text) });
        break;
      case 'answer':
        emit({
          kind: 'answer',
          ...step,
          label: lessonWords.answer,
          choices: lettered(text).filter(({ isRight }) => isRight),
        });
        break;
      case 'headline':
        this.#lesson(text, own);
        break;
      case 'takeaway':
      case 'does-not-prove':
      case 'often-told':
        this.#closing[part] = text;
        break;
      case 'step-title': {
        const number = this.#steps.size + 1;
        const id = own ?? `#${number}`;
        this.#current = id;
        this.#steps.set(id, { number, title: text });
        emit({ kind: 'step', step: id, number, title: text });
        break;
      }
      case 'question':
        emit({ kind: 'question', ...step, text });
        break;
      case 'speaker':
        if (options.notes) emit({ kind: 'speaker', ...step, text });
        break;
      case 'before':
      case 'after':
      case 'programs':
        emit({ kind: 'narration', ...step, part, text });
        break;
      case undefined:
        emit({ kind: 'narration', ...step, part: 'note', text });
        break;
    }
  }

  #topology(): TopologyBlock {
    const { topology } = this.#context;
    const { participants, wires, hub } = topology;
    return defined({
      kind: 'topology',
      participants: participants.map(({ name, role, kind, owner }) => defined({ name, role, kind, owner })),
      wires: wires.map(({ hop, from, to, protocol, alsoFrom, mutualFor, seat }) =>
        defined({ hop, from, to, protocol, alsoFrom, mutualFor, seat }),
      ),
      hub,
      ways: waysThrough(topology).map(({ clients, legs }) => ({
        clients,
        legs: legs.map(({ wire, to }) => ({
          hop: wire.hop,
          wire: inEach((language) => wireText(wire, clients, language)),
          to: farEnd(wire.to, to),
        })),
      })),
    });
  }

  #lesson(headline: Localized, step: string | undefined): void {
    const findings = step === undefined ? [] : (this.#context.options.findingsOf?.(step) ?? []);
    const lesson = lessonOf({ headline, tone: undefined, findings });
    if (lesson) this.#context.emit({ kind: 'lesson', ...ofStep(step), lesson });
  }

  /** Reports news at once; the rest of a report waits for the step's conversations. */
  #observed(report: Report): void {
    const { emit, shown: features, topology } = this.#context;
    const { who, at } = report;
    const step = ofStep(this.#current);
    const shown = features.of(report);
    this.#reports.push(report);
    const news = shown.news?.(report) ?? shown.story?.(report);
    if (news) emit({ kind: 'news', ...step, at, who, text: news });
    const command = shown.command?.(report);
    if (command) {
      this.#commands.push(command);
      emit({ kind: 'command', ...step, who, command });
    }
    for (const conn of shown.program?.(report)?.connections ?? []) this.#byPrograms.add(conn);
    for (const { hop: own } of shown.standing?.(report) ?? []) {
      this.#standing.add(own);
      // With continuous callers, it is unknown which of them caused the server's call to its store.
      for (const { hop, from, to } of topology.wires)
        if (from === who && features.traitsOf(this.#context.kindOf(to)).isStore) this.#standing.add(hop);
    }
  }

  #step({ id, state, seq }: EventOf<'step'>): void {
    this.#current = id;
    if (state === 'started') this.#stepFrom = seq;
    if (state !== 'done') return;
    const { emit, shown } = this.#context;
    const from = this.#stepFrom ?? 0;
    this.#windows.set(id, { first: from, last: seq });
    this.#stepFrom = undefined;
    this.#stepsEnd = seq;
    const connections = this.#context
      .outwards()
      .filter(({ conn, hop }) => !this.#byPrograms.has(conn) && !this.#standing.has(hop));
    const again = connections.filter(
      (connection) => (connection.opened?.seq ?? -1) >= from && this.#isTriedAgain(connection, connections),
    );
    const reported = connections.filter((connection) => !again.includes(connection));
    for (const connection of reported) this.#conversations.reportBetween(connection, from, seq, id);
    if (again.length > 0)
      emit({
        kind: 'tried-again',
        step: id,
        conns: again.map(({ conn }) => conn),
        text: inEach((language) => reportWords.triedAgain[language](again.length)),
      });
    const reports = this.#reports.splice(0);
    for (const report of reports) this.#chain(report, { id, from, connections });
    for (const connection of reported) this.#cards.report(connection, from, { id, number: this.#steps.size });
    for (const report of reports) {
      const opening = shown.of(report).opening?.(report);
      if (opening) emit({ kind: 'opening', step: id, who: report.who, opening });
    }
    for (const report of reports)
      for (const decision of shown.of(report).decisions?.(report) ?? [])
        emit({ kind: 'decision', step: id, who: report.who, decision });
    const sentences = this.#sentences(reports, from);
    if (sentences.length > 0) emit({ kind: 'sentences', step: id, sentences });
  }

  #chain(
    report: Report,
    step: { readonly id: string; readonly from: number; readonly connections: readonly Connection[] },
  ): void {
    const { emit, shown, speakers, options } = this.#context;
    const { who } = report;
    const own = shown.of(report);
    if (!own.chain) return;
    const connection = step.connections.find(
      (one) => (one.opened?.seq ?? -1) >= step.from && speakers.of(one)?.who === who,
    );
    const chain = own.chain(report, connection && serverCertificates(connection, options.flows));
    emit({ kind: 'chain', step: step.id, who, chain });
  }

  /** The sentences after a step's conversations: attempts and observations, then those of stores, then other programs. */
  #sentences(reports: readonly Report[], from: number): Localized[] {
    const { shown } = this.#context;
    // A store without connections in this step reports nothing about it.
    const reached = new Set(
      this.#context
        .outwards()
        .filter(({ lastSeq }) => lastSeq >= from)
        .map(({ hop }) => this.#context.wire(hop)?.to),
    );
    const isStore = ({ who }: Report): boolean => shown.traitsOf(this.#context.kindOf(who)).isStore === true;
    const served = (report: Report): readonly Localized[] => shown.of(report).served?.([report]) ?? [];
    return [
      ...reports.flatMap((report) => {
        const own = shown.of(report);
        return [
          ...(own.outcome?.(report)?.statements.map(({ text }) => text) ?? []),
          ...(isStore(report) ? [] : served(report)),
          ...(own.standing?.(report).flatMap(({ lines }) => lines) ?? []),
        ];
      }),
      ...reports.flatMap((report) => (isStore(report) && reached.has(report.who) ? served(report) : [])),
      ...reports.flatMap((report) => shown.of(report).program?.(report)?.words ?? []),
    ];
  }

  /** Programs retry what is refused: reporting one attempt is enough. */
  #isTriedAgain({ conn }: Connection, connections: readonly Connection[]): boolean {
    const command = this.#commands.find((one) => one.connections.includes(conn));
    const tries = connections.filter((one) => command?.connections.includes(one.conn));
    const reported =
      tries.find((one) => one.refused.length > 0) ?? (command?.isRefused ? tries[0] : undefined);
    return reported !== undefined && reported.conn !== conn;
  }

  /** A visitor's connection has closed, and so have the connections that it caused. */
  #visitor({ conn, seq }: EventOf<'closed'>): void {
    // A connection from before the end of the last step is no visitor's, and has nothing to report when it closes.
    const ended = this.#context.options.flows.connection(conn);
    if (!ended || ended.firstSeq <= this.#stepsEnd || this.#context.wire(ended.hop)?.standing) return;
    const news = this.#context.outwards().filter((connection) => {
      const reported = this.#conversations.reported(connection.conn);
      if (reported === undefined) return connection.conn === conn;
      // A kept connection that only closes has nothing more to report.
      return (['client', 'server'] as const).some(
        (from) => (connection.plaintextStream(from).chunks.at(-1)?.seq ?? 0) > reported,
      );
    });
    for (const connection of news) this.#conversations.reportBetween(connection, 0, seq);
    for (const connection of news) this.#cards.report(connection);
  }

  /** The first connection with TLS of a step, on the wire farthest from the server. */
  #firstOf(step: string): Connection[] {
    const window = this.#windows.get(step);
    const found =
      window &&
      this.#context
        .outwards()
        .find(
          ({ carriesTls, opened, conn }) =>
            carriesTls &&
            !this.#byPrograms.has(conn) &&
            opened &&
            opened.seq >= window.first &&
            opened.seq <= window.last,
        );
    return found ? [found] : [];
  }
}
