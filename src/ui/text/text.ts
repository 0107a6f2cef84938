/**
 * Prints a run as plain text, for a pipe, a file, or a terminal without the UI. It decides the order; the content comes from the
 * log, the narration, the verdict and the features, and the page lays out the lines.
 *
 * 1. A pure function of the log: the same events give the same lines, live or later.
 * 2. A step's conversations are printed when the step is done, since only then has every connection settled; those
 *    nearer to the client come first.
 */
import type { CaptureEvent, EventOf } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { ManualCommand } from '../../engine/manual-commands.ts';
import type { ClosingTable } from '../../engine/shown.ts';
import type { Verdict } from '../../engine/verdict.ts';
import { inLanguage, verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { cellWidth } from '../../i18n/width.ts';
import { serverCertificates } from '../../presentation/refusals.ts';
import { lessonOf, lettered } from '../../presentation/lesson.ts';
import { lessonWords } from '../../presentation/words.ts';
import type { Report } from '../../presentation/shown.ts';
import type { CommandOutput, Scripts } from '../../presentation/types/values.ts';
import { commandsFor, verdictReport } from '../../presentation/verdict.ts';
import { setCommands } from './commands.ts';
import { TextContext } from './context.ts';
import type { TextOptions } from './context.ts';
import { Conversations, timeOf } from './conversations.ts';
import { RefusalCards } from './refusals.ts';
import { setChain, setCommand, setDecision, setOpening, setSentences, setTable, setTopology } from './set.ts';
import { tls } from './tls.ts';
import { textWords } from './words.ts';

export class TextReport {
  readonly #context: TextContext;
  readonly #cards: RefusalCards;
  readonly #conversations: Conversations;
  readonly #tables: readonly ClosingTable[];
  /** `seq` of the event that opened the step which is running; undefined between steps. */
  #stepFrom: number | undefined;
  /** The end of the last step. */
  #stepsEnd = -1;
  /** The reports of the running step. */
  readonly #reports: Report[] = [];
  /** The commands of programs, with the connections of each. */
  readonly #commands: CommandOutput[] = [];
  /** Wires with continuous calls: the server's summary is printed, not every connection. */
  readonly #standing = new Set<string>();
  /** Connections of other programs: their outcome is printed in those programs' words. */
  readonly #byPrograms = new Set<number>();
  readonly #steps = new Map<string, { readonly number: number; readonly title: Localized }>();
  /** The first and last event of each completed step. */
  readonly #windows = new Map<string, { readonly first: number; readonly last: number }>();
  /** The narration that follows the verdict. */
  readonly #closing: { [Part in 'takeaway' | 'does-not-prove' | 'often-told']?: Localized } = {};

  constructor(options: TextOptions) {
    this.#context = new TextContext(options);
    this.#cards = new RefusalCards(this.#context);
    this.#conversations = new Conversations(this.#context, this.#cards);
    this.#tables = this.#context.shown.tables();
  }

  readonly fold = (event: CaptureEvent): void => {
    const sentTo = event.type === 'observed' ? this.#context.shown.of(event).sentTo?.(event) : undefined;
    for (const table of this.#tables) table.fold(event, sentTo);
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

  /** Prints the verdict, and what it leaves open. */
  finish(verdict: Verdict): void {
    const { language, page, options } = this.#context;
    const titleOf = (step: string): Localized | undefined => this.#steps.get(step)?.title;
    setTable(this.#context, this.#cards.table());
    for (const one of this.#tables)
      setTable(
        this.#context,
        one.table({ findings: verdict.findings, titleOf: (step) => titleOf(step) ?? verbatim(step) }),
      );
    for (const { steps, typed } of options.versions ?? [])
      tls().setSides(
        this.#context,
        steps.flatMap((step) => this.#firstOf(step)),
        typed,
      );
    const report = inLanguage(verdictReport(verdict, { titleOf, narration: this.#closing }), language);
    page.blank();
    page.rule('─');
    const { label, status, claims } = report.takeaway;
    page.behind(`${label}: ${status}   `, claims);
    const { takeaway } = this.#closing;
    if (takeaway) page.behind(`${lessonWords.takeaway[language]}: `, takeaway[language]);
    for (const { step = '', title, statements } of report.sections) {
      const { number } = this.#steps.get(step) ?? {};
      page.blank();
      page.behind('', number === undefined ? title : `${number}. ${title}`);
      for (const { mark, text } of statements) page.behind(` ${page.plain(mark)} `, text);
    }
    for (const { title, text } of report.closing) {
      this.#context.paragraphs(title);
      this.#context.paragraphs(text, '  ');
    }
  }

  /** Prints every connection of a complete log that has not been printed, those nearest to the client first. */
  printAll(
    onPrinting: (conn: number | undefined) => void = () => {},
    includes: (conn: number) => boolean = () => true,
  ): void {
    const connections = this.#context.outwards();
    for (const connection of connections) {
      if (this.#conversations.isWhole(connection.conn)) continue;
      onPrinting(connection.conn);
      this.#conversations.printWhole(connection);
    }
    onPrinting(undefined);
    tls().setSidesOfAll(
      this.#context,
      connections.filter(({ conn }) => includes(conn)),
    );
  }

  /** Prints a connection that has closed. */
  printWhole(conn: number): void {
    const connection = this.#context.options.flows.connection(conn);
    if (connection) this.#conversations.printWhole(connection);
  }

  /** Nothing more will be printed of that connection. */
  forget(conn: number): void {
    const connection = this.#context.options.flows.connection(conn);
    if (connection) this.#cards.forget(connection);
    this.#conversations.forget(conn);
  }

  /** Prints what a long-lived connection has received so far, and releases it. */
  printSoFar(conn: number): void {
    const connection = this.#context.options.flows.connection(conn);
    if (connection) this.#conversations.printSoFar(connection);
  }

  /** Prints the commands for trying the servers that stay up. */
  reach(ways: readonly ManualCommand[], scripts?: Scripts): void {
    const { language, page } = this.#context;
    this.#context.paragraphs((scripts ? textWords.holdingScripts : textWords.holding)[language]);
    setCommands(page, commandsFor(ways, scripts), scripts, { language, indent: '  ' });
  }

  #note({ text, part, step }: EventOf<'note'>): void {
    const { page, language, options } = this.#context;
    const said = text[language];
    switch (part) {
      case 'title':
        page.behind('', said);
        page.rule('=', cellWidth(page.plain(said)));
        break;
      case 'intro':
        this.#context.paragraphs(said);
        setTopology(this.#context);
        break;
      case 'choices':
        for (const { letter, text: answer } of lettered(text))
          page.behind(`   ${letter}) `, answer[language]);
        break;
      case 'answer':
        for (const { letter, text: answer, isRight } of lettered(text))
          if (isRight) page.behind(`   ${lessonWords.answer[language]}: ${letter}) `, answer[language]);
        break;
      case 'headline':
        this.#lesson(text, step);
        break;
      case 'takeaway':
      case 'does-not-prove':
      case 'often-told':
        this.#closing[part] = text;
        break;
      case 'step-title': {
        const number = this.#steps.size + 1;
        this.#steps.set(step ?? `#${number}`, { number, title: text });
        page.blank();
        page.behind(`-- ${number}. `, said);
        break;
      }
      case 'question':
        this.#context.paragraphs(said, '? ');
        break;
      case 'speaker':
        if (options.notes) this.#context.paragraphs(said, '    ');
        break;
      case 'before':
      case 'after':
      case 'programs':
      case undefined:
        this.#context.paragraphs(said);
        break;
    }
  }

  #lesson(headline: Localized, step: string | undefined): void {
    const { page, language, options } = this.#context;
    const findings = step === undefined ? [] : (options.findingsOf?.(step) ?? []);
    const lesson = lessonOf({ headline, tone: undefined, findings });
    if (!lesson) return;
    page.blank();
    page.behind('=> ', lesson.text[language]);
  }

  /** Prints news at once; the rest of a report waits for the step's conversations. */
  #observed(report: Report): void {
    const { page, language, shown: features, topology } = this.#context;
    const shown = features.of(report);
    this.#reports.push(report);
    const news = shown.news?.(report) ?? shown.story?.(report);
    if (news) {
      page.blank();
      page.behind(`${timeOf(report.at)}   `, news[language]);
    }
    const command = shown.command?.(report);
    if (command) {
      this.#commands.push(command);
      setCommand(this.#context, command);
    }
    for (const conn of shown.program?.(report)?.connections ?? []) this.#byPrograms.add(conn);
    for (const { hop: own } of shown.standing?.(report) ?? []) {
      this.#standing.add(own);
      // With continuous callers, it is unknown which of them caused the server's call to its store.
      for (const { hop, from, to } of topology.wires)
        if (from === report.who && features.traitsOf(this.#context.kindOf(to)).isStore)
          this.#standing.add(hop);
    }
  }

  #step({ id, state, seq }: EventOf<'step'>): void {
    if (state === 'started') this.#stepFrom = seq;
    if (state !== 'done') return;
    const { page, language } = this.#context;
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
    const printed = connections.filter((connection) => !again.includes(connection));
    for (const connection of printed) this.#conversations.printBetween(connection, from, seq);
    if (again.length > 0) page.behind('      ', textWords.triedAgain[language](again.length));
    const reports = this.#reports.splice(0);
    for (const report of reports) this.#chain(report, from, connections);
    for (const connection of printed) this.#cards.print(connection, from, this.#steps.size);
    const { shown } = this.#context;
    for (const report of reports) {
      const opening = shown.of(report).opening?.(report);
      if (opening) setOpening(this.#context, opening);
    }
    for (const report of reports)
      for (const decision of shown.of(report).decisions?.(report) ?? []) setDecision(this.#context, decision);
    setSentences(this.#context, this.#sentences(reports, from));
  }

  #chain(report: Report, from: number, connections: readonly Connection[]): void {
    const { shown, speakers, options } = this.#context;
    const own = shown.of(report);
    if (!own.chain) return;
    const connection = connections.find(
      (one) => (one.opened?.seq ?? -1) >= from && speakers.of(one)?.who === report.who,
    );
    setChain(this.#context, own.chain(report, connection && serverCertificates(connection, options.flows)));
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

  /** Programs retry what is refused: printing one attempt is enough. */
  #isTriedAgain({ conn }: Connection, connections: readonly Connection[]): boolean {
    const command = this.#commands.find((one) => one.connections.includes(conn));
    const tries = connections.filter((one) => command?.connections.includes(one.conn));
    const printed =
      tries.find((one) => one.refused.length > 0) ?? (command?.isRefused ? tries[0] : undefined);
    return printed !== undefined && printed.conn !== conn;
  }

  /** A visitor's connection has closed, and so have the connections that it caused. */
  #visitor({ conn, seq }: EventOf<'closed'>): void {
    // A connection from before the end of the last step is no visitor's, and has nothing to print when it closes.
    const ended = this.#context.options.flows.connection(conn);
    if (!ended || ended.firstSeq <= this.#stepsEnd || this.#context.wire(ended.hop)?.standing) return;
    const news = this.#context.outwards().filter((connection) => {
      const printed = this.#conversations.printed(connection.conn);
      if (printed === undefined) return connection.conn === conn;
      // A kept connection that only closes has nothing more to print.
      return (['client', 'server'] as const).some(
        (from) => (connection.plaintextStream(from).chunks.at(-1)?.seq ?? 0) > printed,
      );
    });
    for (const connection of news) this.#conversations.printBetween(connection, 0, seq);
    for (const connection of news) this.#cards.print(connection);
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
