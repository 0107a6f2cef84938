/**
 * The judges' view of the log: its folds so far, restricted to one step's window. It answers questions of fact (which bytes
 * crossed that wire during that step); features decide what they prove.
 */
import type { Address, CaptureEvent, EventOf, EvidenceRef, Observation, Side } from '../capture/event.ts';
import type { Connection } from '../capture/connection.ts';
import type { Flows } from '../capture/flows.ts';
import type { FlowStream } from '../capture/flow-stream.ts';
import type { StepWindow } from '../capture/steps.ts';
import type { CertificateSummary } from '../capture/vocabulary.ts';
import type { Hit, SecretHunt, Secret } from '../analysis/secrets/secret-hunt.ts';
import type { Localized } from '../i18n/language.ts';
import type { Plan, PlannedStep } from './plan.ts';
import type { Instrument, Look, Toolbox } from './instrument.ts';

/** A piece of a stream: what was captured on it within a window. */
export interface Extent {
  readonly connection: Connection;
  readonly stream: FlowStream;
  readonly offset: number;
  readonly length: number;
}

export type Observed<K extends Observation['kind']> = {
  readonly seq: number;
  readonly who: string;
  readonly result: Extract<Observation, { kind: K }>;
};

export interface ViewSources {
  readonly plan: Plan;
  readonly flows: Flows;
  readonly hunt: SecretHunt;
  /** Of the judged run. */
  readonly windows: ReadonlyMap<string, StepWindow>;
  readonly observed: readonly EventOf<'observed'>[];
  readonly run: number;
  /** Secrets searched for besides the plan's. */
  readonly hunted: readonly Secret[];
  readonly events: readonly CaptureEvent[];
  /** The content of a recipe row; undefined without the run's certificates. */
  readonly certificate: ((row: string) => CertificateSummary) | undefined;
  readonly toolbox: Toolbox;
}

export class View implements Look {
  readonly #sources: ViewSources;

  constructor(sources: ViewSources) {
    this.#sources = sources;
  }

  get plan(): Plan {
    return this.#sources.plan;
  }

  get hunt(): SecretHunt {
    return this.#sources.hunt;
  }

  /** What a person calls a step of the plan. Numbers of steps are none: questions and the introduction are counted elsewhere. */
  titleOf(step: string): Localized {
    return this.plan.steps.find(({ id }) => id === step)?.text.title ?? { en: step, ko: step };
  }

  /** What a claim needs besides the log; undefined where it was not loaded. The same one for the whole view. */
  instrument<T>(wanted: Instrument<T>): T | undefined {
    return wanted.of(this);
  }

  get toolbox(): Toolbox {
    return this.#sources.toolbox;
  }

  get flows(): Flows {
    return this.#sources.flows;
  }

  get events(): readonly CaptureEvent[] {
    return this.#sources.events;
  }

  get run(): number {
    return this.#sources.run;
  }

  /** Secrets searched for besides the plan's. */
  get hunted(): readonly Secret[] {
    return this.#sources.hunted;
  }

  /** The content of a recipe row; undefined for a log that was saved without its certificates. */
  certificate(row: string): CertificateSummary | undefined {
    return this.#sources.certificate?.(row);
  }

  get connections(): readonly Connection[] {
    return this.#sources.flows.connections.filter(({ run }) => run === this.#sources.run);
  }

  window(step: string): StepWindow | undefined {
    return this.#sources.windows.get(step);
  }

  /** Connections of a wire that were opened, or carried bytes, during the step. */
  connectionsOn(hop: string, step: string): Connection[] {
    const window = this.window(step);
    if (!window) return [];
    return this.connections.filter(
      (connection) =>
        connection.hop === hop &&
        ((connection.opened !== undefined && within(window, connection.opened.seq)) ||
          everyStream(connection).some((stream) => stream.chunks.some(({ seq }) => within(window, seq)))),
    );
  }

  /** Those opened in it, or that carried bytes; not those that only close. */
  connectionsUsed(hop: string, step: string): Connection[] {
    const window = this.window(step);
    if (!window) return [];
    return this.connectionsOn(hop, step).filter(
      (connection) =>
        (connection.opened !== undefined && within(window, connection.opened.seq)) ||
        (['client', 'server'] as const).some((from) =>
          connection.plaintextStream(from).chunks.some(({ seq }) => within(window, seq)),
        ),
    );
  }

  /** Connections of a wire that were open during the step, whether they carried bytes or not. */
  standingOn(hop: string, step: string): Connection[] {
    const window = this.window(step);
    if (!window) return [];
    return this.connections.filter(
      ({ hop: own, opened, closed }) =>
        own === hop &&
        opened !== undefined &&
        opened.seq <= window.last &&
        (!closed || closed.seq >= window.first),
    );
  }

  /** What crossed a wire during the step, in both directions of every connection, without empty streams. */
  wireBytes(hop: string, step: string): Extent[] {
    return this.connectionsOn(hop, step).flatMap((connection) =>
      (['client', 'server'] as const).flatMap((from): Extent[] => {
        const extent = this.#extent(connection, connection.stream('wire', from), step);
        return extent ? [extent] : [];
      }),
    );
  }

  /** Whether bytes of these streams were dropped before the hunt saw them. */
  unsearched(extents: readonly Extent[]): number {
    return extents.reduce(
      (sum, { connection, stream }) => sum + this.hunt.missed(connection.conn, stream.vantage, stream.from),
      0,
    );
  }

  /** Where the secret was found during the step. */
  hits(
    secret: string,
    step: string,
    where: { readonly hop?: string; readonly vantage?: 'wire' | 'plaintext' },
  ): Hit[] {
    const window = this.window(step);
    if (!window) return [];
    return this.hunt.hits.filter(
      (hit) =>
        hit.secret === secret &&
        within(window, hit.seq) &&
        (where.hop === undefined || hit.hop === where.hop) &&
        (where.vantage === undefined || hit.vantage === where.vantage),
    );
  }

  /** What that participant reported during the step. @param fromTheBeginning or at any time before its end. */
  reports<K extends Observation['kind']>(
    kind: K,
    who: string,
    step: string,
    fromTheBeginning = false,
  ): Observed<K>[] {
    const own = this.window(step);
    if (!own) return [];
    const window = fromTheBeginning ? { ...own, first: 0 } : own;
    return this.#sources.observed.flatMap((event): Observed<K>[] =>
      event.who === who && event.result.kind === kind && within(window, event.seq)
        ? [{ seq: event.seq, who, result: event.result as Extract<Observation, { kind: K }> }]
        : [],
    );
  }

  /** The connection that the step's client used, where its report or the wire shows it. */
  clientConnection(step: PlannedStep): Connection | undefined {
    const at = (hops: readonly string[]): Connection[] =>
      hops
        .flatMap((hop) => this.connectionsOn(hop, step.id))
        .filter(({ opened }) => opened?.transport !== 'udp');
    const [report] = this.reports(step.reports, step.client, step.id);
    const from = report && originOf(report.result);
    const exact = at(this.#entryWires(step)).find(
      ({ opened }) => opened && from && opened.from.port === from.port && opened.from.host === from.host,
    );
    if (exact) return exact;
    const candidates = at(step.path.slice(0, 1));
    return candidates.length === 1 ? candidates[0] : undefined;
  }

  /** Where a server or a proxy listens; undefined for a client. */
  addressOf(participant: string): Address | undefined {
    return this.#began?.topology.participants.find(({ name }) => name === participant)?.address;
  }

  /** When the run began, by the wall clock: milliseconds since the epoch. */
  get beganAt(): number | undefined {
    return this.#began && Date.parse(this.#began.wallClock);
  }

  get #began(): EventOf<'began'> | undefined {
    return this.#sources.events.findLast(
      (event): event is EventOf<'began'> => event.type === 'began' && event.run === this.run,
    );
  }

  /** The wires at the entry points of a step's own client, in order. */
  #entryWires({ entryPoints }: PlannedStep): string[] {
    return entryPoints
      .filter(({ from }) => from === undefined)
      .flatMap(
        ({ to, wire }) => wire ?? this.plan.proxies.find(({ name }) => name === to)?.wires.incoming ?? [],
      );
  }

  /** Whether the step finished: its window and its connections are closed, and its client has reported. */
  unsettled(step: PlannedStep): 'not-run' | 'cut-off' | 'no-report' | 'still-open' | undefined {
    const window = this.window(step.id);
    if (!window) return 'not-run';
    if (window.state !== 'done') return 'cut-off';
    if (this.reports(step.reports, step.client, step.id).length === 0) return 'no-report';
    const open = this.#entryWires(step)
      .flatMap((hop) => this.connectionsOn(hop, step.id))
      .filter(({ closed }) => !closed || closed.seq > window.last);
    return open.length > 0 ? 'still-open' : undefined;
  }

  #extent(connection: Connection, stream: FlowStream, step: string): Extent | undefined {
    const window = this.window(step);
    const chunks = window ? stream.chunks.filter(({ seq }) => within(window, seq)) : [];
    const [first] = chunks;
    const last = chunks.at(-1);
    if (!first || !last) return undefined;
    return { connection, stream, offset: first.offset, length: last.offset + last.length - first.offset };
  }
}

/** The local address of the reporting client, where the report has it. */
export function originOf(result: Observation): Address | undefined {
  return 'from' in result ? result.from : undefined;
}

export function evidenceOfExtent({ connection, stream, offset, length }: Extent): EvidenceRef {
  const { run, conn, hop } = connection;
  return { run, conn, hop, vantage: stream.vantage, from: stream.from, offset, length };
}

export function evidenceAt(connection: Connection, from: Side, offset: number, length: number): EvidenceRef {
  const { run, conn, hop } = connection;
  return { run, conn, hop, vantage: 'wire', from, offset, length };
}

function within(window: StepWindow, seq: number): boolean {
  return window.first <= seq && seq <= window.last;
}

function everyStream(connection: Connection): FlowStream[] {
  return (['wire', 'plaintext'] as const).flatMap((vantage) => [
    connection.stream(vantage, 'client'),
    connection.stream(vantage, 'server'),
  ]);
}
