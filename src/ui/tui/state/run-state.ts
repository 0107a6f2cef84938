/**
 * The state of one run, computed from its log as it grows: its stops (a person goes through them with one key), connections,
 * conversations and findings. Nothing here depends on the selection.
 *
 * 1. Everything carries the number of its event, so that any moment of the past is shown by leaving out later events.
 * 2. A stop covers a stretch of the log: from the event that opens it to the one before the next stop opens.
 * 3. Conversations are read when they are shown (`look`), and only as far as they have grown since.
 * 4. Only `update.ts` changes it: events, the verdict and reading arrive as messages. Drawing only queries it.
 */
import type { Hit, SecretHunt } from '../../../analysis/secrets/secret-hunt.ts';
import type {
  CaptureEvent,
  EventOf,
  NotePart,
  Side,
  Topology,
  Vantage,
  Wire,
} from '../../../capture/event.ts';
import { indexFrom } from '../../../capture/flow-stream.ts';
import type { Connection } from '../../../capture/connection.ts';
import type { Flows } from '../../../capture/flows.ts';
import type { StepWindow, Steps } from '../../../capture/steps.ts';
import { verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { PlannedStep } from '../../../engine/plan.ts';
import { plannedStops } from '../../../engine/plan.ts';
import type { ClosingTable, ServedRequest } from '../../../engine/shown.ts';
import type { ManualCommand } from '../../../engine/manual-commands.ts';
import type { Finding, Verdict } from '../../../engine/verdict.ts';
import type { RunFacts, Stop } from '../../../presentation/moment.ts';
import { KeyRing } from '../../../protocols/tls/keys/keylog.ts';
import { Speakers, decisiveVerdict, verdictOf } from '../../../presentation/refusals.ts';
import type { ConnectionVerdict, JudgedVerdict } from '../../../presentation/refusals.ts';
import { nothingShown } from '../../../presentation/shown.ts';
import type { Report, ShownFeatures } from '../../../presentation/shown.ts';
import { starOf } from '../../../presentation/topology.ts';
import type { Star } from '../../../presentation/topology.ts';
import type { FormEntries, HowTo, Scripts, Table } from '../../../presentation/types/values.ts';
import { Traffic } from '../../../presentation/wires/traffic.ts';
import { CallTrace } from '../../../analysis/call-trace.ts';
import { Readings } from './readings.ts';
import type { Conversations } from './readings.ts';
import type { ConversationReader } from '../../../analysis/conversation/conversation.ts';
import type { Outcome } from '../../../analysis/outcome/outcome-facts.ts';
import type { Filter } from '../../../analysis/summary/filter.ts';
import type { ListOrder } from '../../../presentation/report/list-orders.ts';
import { Listing } from './show/listing.ts';

/** A stretch of a stream in which other bytes stand than were sent. */
export interface RedactedStretch {
  readonly conn: number;
  readonly vantage: Vantage;
  readonly from: Side;
  readonly offset: number;
  readonly length: number;
}

/** What is known of a run besides its log: from its plan and its features. */
export interface RunSources {
  readonly flows: Flows;
  readonly hunt: SecretHunt;
  readonly steps: Steps;
  readonly findingsOf: (step: string) => readonly Finding[];
  /** The claims whose findings are shown at the top, beside the outcome of the secrets. */
  readonly summaryClaims?: ReadonlySet<string>;
  /** Every client is a visitor, from the start: not a demonstration, but a proxy, a control plane or a capture. */
  readonly isVisited?: boolean;
  /** A learner's lab: each connection is the learner's own. */
  readonly isLab?: boolean;
  /** How to connect to it, once that is known. */
  readonly howTo?: () => HowTo | undefined;
  /** No endpoint reports: why a connection failed is derived from its bytes. New connections do not move the selection. */
  readonly isCapture?: boolean;
  /** It runs until it is stopped: of what is over, only the newest is kept. */
  readonly isEndless?: boolean;
  /** The shell command that reproduces a refusal. */
  readonly reproduce?: (refusal: EventOf<'refused'>) => string | undefined;
  /** The planned steps, in order; none without a plan (a proxy by itself, a file). */
  readonly plan: readonly PlannedStep[];
  /** The secrets' values by their ids. */
  readonly secrets: ReadonlyMap<string, string>;
  /** What the client of a step types into the form. */
  readonly typed: (step: PlannedStep) => FormEntries;
  /** What features show of it; nothing without features. */
  readonly shown?: ShownFeatures;
  /** Of a saved run: stretches of its streams whose bytes were replaced. */
  readonly redactions?: readonly RedactedStretch[];
}

export type Narration = Readonly<Partial<Record<NotePart, Localized>>>;

/** How many reports are searched for a caller; in an endless run, the least number of each kind that is kept. */
const mostReports = 500;

/** In an endless run: how many visitors are kept, how many are released at a time, and messages of a connection that is shown. */
const mostVisits = 1000;
const visitsAtOnce = 100;
const mostMessages = 2048;

const noTopology: Topology = { participants: [], wires: [] };

export class RunState implements RunFacts {
  readonly sources: RunSources;
  readonly stops: Stop[] = [];
  topology: Topology = noTopology;
  /** The star of the topology, if it is one. Traffic is counted only for a star. */
  star: Star | undefined;
  readonly traffic = new Traffic();
  readonly trail = new CallTrace();
  /** Of the whole run. */
  readonly narration: Partial<Record<NotePart, Localized>> = {};
  readonly #stepNarrations = new Map<string, Partial<Record<NotePart, Localized>>>();
  #reports: Report[] = [];
  readonly #reportsOf = new Map<Report['result']['kind'], number>();
  readonly shown: ShownFeatures;
  /** Which client made which connection. */
  readonly speakers: Speakers;
  /** The tables at the end of the run. */
  readonly tables: readonly ClosingTable[];
  /** The conversations that are shown. */
  readonly readings: Readings;
  /** The connections as a list. */
  readonly listing: Listing;
  /** The hits by connection, and how many of all hits have been sorted into it. */
  readonly #hitsOf = new Map<number, Hit[]>();
  #hitsSorted = 0;
  /** The list that was sorted; another one once hits of released connections were removed. */
  #hitsSeen: readonly Hit[] = [];
  /** What features compare, as it stood at the end of each step. */
  readonly #tablesOf = new Map<string, readonly Table[]>();
  readonly #findings = new Map<string, readonly Finding[]>();
  /** What became of visitors' connections, each judged once it has closed, or the file has ended. */
  readonly #verdicts = new WeakMap<
    Connection,
    { readonly at: number; readonly verdict: ConnectionVerdict }
  >();
  verdict: Verdict | undefined;
  ways: readonly ManualCommand[] = [];
  /** Files with these commands. */
  scripts: Scripts | undefined;
  /** The newest event. */
  lastSeq = -1;
  /** The time of the newest event, in microseconds since the run began. */
  lastAt = 0;
  /** How many visitors' stops were released. */
  gone = 0;
  /** Grows with every change. */
  version = 0;
  #beganAt = 0;
  #startedFrom = -1;
  #stepRunning = false;

  constructor(sources: RunSources) {
    this.sources = sources;
    this.shown = sources.shown ?? nothingShown;
    this.speakers = new Speakers(this.shown);
    this.tables = this.shown.tables();
    this.listing = new Listing(this);
    this.readings = new Readings(sources.flows, sources.isEndless ? mostMessages : Infinity);
  }

  /** The step that is running now. */
  get running(): string | undefined {
    return this.#stepRunning ? this.sources.steps.current?.id : undefined;
  }

  /** How many stops the complete run has, without visitors. */
  get planned(): number {
    return plannedStops(this.sources.plan).length;
  }

  readonly fold = (event: CaptureEvent): void => {
    this.shown.foldInto(this.tables, event);
    // Participants may send data before the topology is known.
    if (this.star || (this.topology.wires.length === 0 && !this.sources.isCapture)) {
      this.traffic.fold(event);
      this.trail.fold(event);
    }
    this.lastSeq = event.seq;
    this.lastAt = event.at;
    this.version++;
    switch (event.type) {
      case 'began':
        this.topology = event.topology;
        // Servers of a lab that stand beside each other are no picture of a whole.
        this.star = this.sources.isLab ? undefined : starOf(event.topology);
        this.#beganAt = event.seq;
        break;
      case 'note':
        this.#note(event);
        break;
      case 'step':
        this.#step(event);
        break;
      case 'observed':
        this.#observe(event);
        this.speakers.fold(event);
        break;
      case 'opened':
        if (this.#isVisit(event)) this.#visit(event);
        break;
      case 'closed':
      case 'bytes':
      case 'segments':
      case 'keylog':
      case 'secured':
      case 'refused':
        break;
    }
  };

  /** The run is over: its verdict, and the commands for trying what stays up. */
  finish(verdict: Verdict, ways: readonly ManualCommand[] = [], scripts?: Scripts): void {
    this.version++;
    this.verdict = verdict;
    this.ways = ways;
    this.scripts = scripts;
    if (!this.stops.some(({ kind }) => kind === 'verdict'))
      this.stops.push({ kind: 'verdict', from: this.lastSeq + 1 });
  }

  step(id: string | undefined): PlannedStep | undefined {
    return this.sources.plan.find((step) => step.id === id);
  }

  narrationOf(step: string | undefined): Narration {
    return (step === undefined ? undefined : this.#stepNarrations.get(step)) ?? {};
  }

  window(step: string): StepWindow | undefined {
    return this.sources.steps.of(step);
  }

  wire(hop: string): Wire | undefined {
    return this.topology.wires.find((wire) => wire.hop === hop);
  }

  /** The findings of a step that is done. */
  findings(step: string): readonly Finding[] {
    const known = this.#findings.get(step);
    if (known) return known;
    if (this.window(step)?.state !== 'done') return [];
    const findings = this.sources.findingsOf(step);
    this.#findings.set(step, findings);
    return findings;
  }

  /** What endpoints reported from one event to another, both included. */
  reports(first: number, last: number): readonly Report[] {
    return stretchOf(this.#reports, first, last);
  }

  /** The newest request on those connections that a server reported up to event `last` with its caller; only the newest reports are searched. */
  askedOn(
    connections: readonly Connection[],
    last: number,
  ): { readonly who: string; readonly request: ServedRequest } | undefined {
    const end = indexFrom(this.#reports.length, (index) => this.#reports[index]?.seq ?? 0, last + 1);
    for (let at = end - 1; at >= Math.max(0, end - mostReports); at--) {
      const report = this.#reports[at];
      const request =
        report &&
        this.shown
          .of(report)
          .requests?.(report)
          .findLast((one) => one.user !== undefined && connections.some(({ conn }) => conn === one.conn));
      if (request) return { who: report.who, request };
    }
    return undefined;
  }

  connection(conn: number): Connection | undefined {
    return this.sources.flows.connection(conn);
  }

  /** What became of a visitor's connection, or of one that a proxy opened for it; undefined as long as it is open. */
  verdictAt(stop: Stop | undefined): JudgedVerdict | undefined {
    const { isCapture } = this.sources;
    const connection = stop?.conn === undefined ? undefined : this.connection(stop.conn);
    const isOver =
      connection?.closed !== undefined && (!connection.twin || connection.twin.closed !== undefined);
    if (!connection || !(isCapture || isOver)) return undefined;
    const own = this.#judge(connection);
    if (!own) return undefined;
    const behind = [...connection.led].flatMap((one) => (one.closed ? (this.#judge(one) ?? []) : []));
    return decisiveVerdict(own, behind);
  }

  #judge(connection: Connection, reader?: ConversationReader): JudgedVerdict | undefined {
    const { flows, isCapture } = this.sources;
    const at = Math.max(connection.lastSeq, connection.twin?.lastSeq ?? -1);
    const known = this.#verdicts.get(connection);
    if (known?.at === at) return { connection, verdict: known.verdict };
    const { topology, speakers } = this;
    // A reader of half of two wires knows too little of the whole.
    const isOwn = reader !== undefined && !connection.isSecond && connection.closed !== undefined;
    const verdict = verdictOf(
      connection,
      { flows, topology, speakers, ...(isCapture ? { keys: new KeyRing(flows) } : {}) },
      isOwn ? reader : undefined,
    );
    if (!verdict) return undefined;
    this.#verdicts.set(connection, { at, verdict });
    return { connection, verdict };
  }

  /** The hits in a stretch of the log, both ends included. */
  hits(first: number, last: number): readonly Hit[] {
    const { hits } = this.sources.hunt;
    return stretchOf(hits, first, last);
  }

  /** The hits of one connection. */
  hitsOn(conn: number, first: number, last: number): readonly Hit[] {
    const { hits } = this.sources.hunt;
    if (hits !== this.#hitsSeen) {
      this.#hitsOf.clear();
      this.#hitsSorted = 0;
      this.#hitsSeen = hits;
    }
    for (; this.#hitsSorted < hits.length; this.#hitsSorted++) {
      const hit = hits[this.#hitsSorted];
      if (!hit) continue;
      const own = this.#hitsOf.get(hit.conn);
      if (own) own.push(hit);
      else this.#hitsOf.set(hit.conn, [hit]);
    }
    return stretchOf(this.#hitsOf.get(conn) ?? [], first, last);
  }

  /** Whether more of a shown conversation remains to be read. */
  get isReading(): boolean {
    return this.readings.isReading || this.#isListing;
  }

  /** Conversations that `ask` queries are read further, up to the limit of one look. */
  look<T>(ask: (readings: Conversations) => T): T {
    const { reads } = this.readings;
    const answer = ask(this.readings.look());
    if (this.readings.reads !== reads) this.version++;
    return answer;
  }

  /** Reads a little further in those conversations, and in the connections of a list. */
  readOn(): void {
    this.version++;
    if (this.readings.isReading) this.readings.readOn();
    if (this.#isListing) this.#isListing = this.listing.read() && this.listing.isReading;
  }

  #isListing = false;

  /** The list shows these connections, and what a filter lets through; reads a little of them. */
  list(conns: readonly number[], filter: Filter | undefined, order?: ListOrder): void {
    this.listing.want(conns, filter, order);
    if (!this.listing.isReading) return void (this.#isListing = false);
    if (this.listing.read()) this.version++;
    this.#isListing = this.listing.isReading;
  }

  /** What became of a connection that was read to where it has come; undefined while that is open. */
  outcomeOf(connection: Connection, reader: ConversationReader): Outcome | undefined {
    const { isCapture } = this.sources;
    const isOver =
      connection.closed !== undefined && (!connection.twin || connection.twin.closed !== undefined);
    if (!isOver && !isCapture) return undefined;
    const own = this.#judge(connection, reader);
    if (!own) return undefined;
    const behind = [...connection.led].flatMap((one) => (one.closed ? (this.#judge(one) ?? []) : []));
    return decisiveVerdict(own, behind).verdict.outcome;
  }

  /** The index of the first visitor among the stops. */
  get firstVisit(): number {
    const first = this.stops.findIndex(({ kind }) => kind === 'visitor');
    return first < 0 ? this.stops.length : first;
  }

  #visit({ conn, seq }: EventOf<'opened'>): void {
    this.stops.push({ kind: 'visitor', conn, from: seq });
    if (!this.sources.isEndless || this.stops.length <= mostVisits + visitsAtOnce) return;
    const visitors = this.stops.splice(this.firstVisit, visitsAtOnce);
    this.gone += visitors.length;
  }

  #note({ part, step, text }: EventOf<'note'>): void {
    if (part === undefined) return;
    if (step === undefined) {
      this.narration[part] = text;
      if (part === 'intro') this.stops.push({ kind: 'intro', from: this.#beganAt });
      return;
    }
    const narration = this.#stepNarrations.get(step) ?? {};
    narration[part] = text;
    this.#stepNarrations.set(step, narration);
  }

  #observe(event: Report): void {
    const { kind } = event.result;
    this.#reports.push(event);
    const count = (this.#reportsOf.get(kind) ?? 0) + 1;
    const isFull = this.sources.isEndless === true && count > 2 * mostReports;
    this.#reportsOf.set(kind, isFull ? count - mostReports : count);
    if (!isFull) return;
    let gone = 0;
    this.#reports = this.#reports.filter(({ result }) => result.kind !== kind || ++gone > mostReports);
  }

  #step({ id, state, seq }: EventOf<'step'>): void {
    this.#stepRunning = state === 'started';
    if (state === 'asked') this.stops.push({ kind: 'question', step: id, from: seq });
    if (state === 'started') this.#startedFrom = seq;
    if (state !== 'done') return;
    this.stops.push({ kind: 'reveal', step: id, from: this.#startedFrom });
    if (this.tables.length > 0) this.#tablesOf.set(id, this.#compared());
  }

  #compared(): readonly Table[] {
    const findings = this.verdict?.findings ?? this.sources.plan.flatMap(({ id }) => this.findings(id));
    const titleOf = (step: string): Localized => this.narrationOf(step)['step-title'] ?? verbatim(step);
    return this.tables.flatMap((one) => one.table({ findings, titleOf }) ?? []);
  }

  /** What features compare: as of the end of a step, or of the whole run. */
  compared(step?: string): readonly Table[] {
    const known = step === undefined ? undefined : this.#tablesOf.get(step);
    // At the end no cell is the one that a step is about.
    return (
      known ??
      this.#compared().map(({ title, head, rows, tones, legend }) => ({
        title,
        head,
        rows,
        ...(tones ? { tones } : {}),
        legend,
      }))
    );
  }

  /** Whether a connection is a visitor's: outside of a step, and not from a proxy to its target. */
  #isVisit({ hop, to, relays, onBehalfOf }: EventOf<'opened'>): boolean {
    if (this.#stepRunning || (this.ways.length === 0 && !this.sources.isVisited)) return false;
    const { participants } = this.topology;
    const wire = this.wire(hop);
    // Before the topology is known, there are no visitors.
    if (wire?.standing || (wire === undefined && !this.sources.isCapture && this.topology.wires.length === 0))
      return false;
    // In a capture every connection is looked at by itself, but for those of which it says for whom a proxy opened them.
    if (this.sources.isCapture) return relays === undefined && onBehalfOf === undefined;
    // Visitors reach a target over an entry point of their own.
    const target = participants.find(({ name }) => name === wire?.to)?.address;
    if (target && (target.port !== to.port || target.host !== to.host)) return true;
    return !participants.some(({ name, role }) => name === wire?.from && role === 'proxy');
  }
}

/** The part of a list between two events; hits are in the order in which they were completed. */
function stretchOf<T extends { readonly seq: number }>(
  all: readonly T[],
  first: number,
  last: number,
): readonly T[] {
  const from = indexFrom(all.length, (index) => all[index]?.seq ?? 0, first);
  const to = indexFrom(all.length, (index) => all[index]?.seq ?? 0, last + 1);
  return from === 0 && to === all.length ? all : all.slice(from, to);
}
