/**
 * What a feature is to the engine: its kinds of steps, servers and expectations, its checks, and what it does around a
 * run. A feature is a folder in `features/`, one such value, and a line in `features/index.ts`; the engine gets the list
 * from outside (`features.ts`) and knows no feature by name. What runs is behind `import()`: planning loads none of it.
 */
import type { z } from 'zod';
import type { Secret } from '../analysis/secrets/secret-hunt.ts';
import type { Address, Observation, TcpOpening } from '../capture/event.ts';
import type { World } from '../pki/keystore/world.ts';
import type { AcceptOptions } from '../wire/endpoint.ts';
import type {
  SuppliedInput,
  ClaimFacts,
  ClientSettings,
  CompiledAdditions,
  ExpectationFacts,
  ExpectationName,
  PlanAdditions,
  ProgramCommands,
  SchemasOf,
  Sections,
  ServerKindName,
  ServerSettings,
  StepActs,
  StepFacts,
  StepName,
  Z,
} from './extensions.ts';
import type { Instrument } from './instrument.ts';
import type { ClaimSubject, EntryPoint, Judged, TlsChoice } from './kinds.ts';
import type { ManualEntry, ManualRun } from './manual-commands.ts';
import type { Plan, PlannedServer, PlannedStep } from './plan.ts';
import type { Namespace, Problem, ProblemPath, StepPlace } from './problems.ts';
import type { RunContext, RunningServer, RunOptions } from './run-context.ts';
import type { CompiledScenario, ScenarioFile, ServerFile, StepFile } from './scenario.ts';
import type { Shown } from './shown.ts';
import type { StandingWire } from './standing-wires.ts';
import type { View } from './view.ts';

/** One of those that a step of a file multiplies to. */
export interface StepPart<Act> {
  readonly client: string;
  readonly tls?: TlsChoice;
  /** Of the file's step, of the client's part of it where there are several, of this one: each text may stand under one of them. */
  readonly ids: readonly [string, ...string[]];
  /** Names, beside the client's, by which an expectation can be for this part alone. */
  readonly about?: readonly string[];
  /** What is done, as planned. */
  readonly act: Act;
}

/** What planning makes of a step. */
export interface StepPlanning<Facts, Act> {
  /** The kind of report with which the client says that it has done it. */
  readonly reports: Observation['kind'];
  /** In the order in which they are knocked at. */
  entryPoints(facts: Facts): readonly EntryPoint[];
  /** Several clients are named: each has a part of the text. */
  hasGroups(facts: Facts): boolean;
  /** In the order in which they run. */
  parts(id: string, facts: Facts, file: ScenarioFile): readonly StepPart<Act>[];
}

/** Resolves when it is over, however it ended; what came of it is in the log. */
export type RunStep = (
  step: PlannedStep,
  options: RunOptions,
  context: RunContext,
  signal: AbortSignal,
) => Promise<void>;

export interface StepKind<Facts, Act> extends StepPlanning<Facts, Act> {
  schema(zod: Z): z.ZodType<Facts>;
  /** Loads what does it. */
  run(): Promise<RunStep>;
  /** It waits for something that a person brings, and nobody has. */
  isLeftOut?(facts: Facts, supplied: SuppliedInput): boolean;
  /** Somebody's login is sent. */
  needsAccount?(facts: Facts): boolean;
  /** Those whom an expectation of the step can be for; any, where this is absent. */
  tries?(facts: Facts): readonly string[];
  problems?(facts: Facts, place: StepPlace): readonly Problem[];
  /** Loads how its doors are reached by hand. */
  byHand?(): Promise<(step: PlannedStep, run: ManualRun) => readonly ManualEntry[]>;
  /** Other people's programs can try what the client tries; absent where they cannot. */
  readonly byPrograms?: ProgramTrial;
}

/** How other people's programs try what a step's client tries. */
export interface ProgramTrial {
  /** The scenario asks for it, whatever the person asks for who runs it. */
  isAskedFor(step: PlannedStep): boolean;
  /** Loads what makes their command lines; those are undefined where a certificate lies in no file. */
  load(): Promise<
    (step: PlannedStep, run: Pick<ManualRun, 'plan' | 'addresses' | 'world'>) => ProgramCommands | undefined
  >;
}

/** One step of a file, with its kind: what the kind says of it. */
export interface KnownStep {
  readonly kind: StepName;
  readonly row: Pick<StepKind<never, unknown>, 'reports' | 'run' | 'byHand' | 'byPrograms'>;
  readonly entryPoints: readonly EntryPoint[];
  readonly hasGroups: boolean;
  readonly needsAccount: boolean;
  readonly tries: readonly string[] | undefined;
  readonly parts: (file: ScenarioFile) => readonly StepPart<StepActs[StepName]>[];
  isLeftOut(supplied: Parameters<NonNullable<StepKind<never, never>['isLeftOut']>>[1]): boolean;
  problems(place: StepPlace): readonly Problem[];
}

/** What a feature can ask of the others, none of which it knows by name. */
export interface Registry {
  /** @throws Error for a step of no kind: the schema lets none pass. */
  step(step: StepFile): KnownStep;
  stepKind(kind: StepName): KnownStep['row'];
}

export interface ExpectationKind<Facts, Claim> {
  schema(zod: Z): z.ZodType<Facts>;
  claims(
    facts: Facts,
    step: PlannedStep | undefined,
    plan: Pick<Plan, 'wires'>,
  ): readonly { readonly suffix?: string; readonly facts: Claim }[];
  /** Undefined where the claim makes no finding. */
  judge(facts: Claim, view: View, step: PlannedStep | undefined): Judged;
  /** Rows of the recipe that it compares with what went over a wire. */
  rowsCompared?(facts: Facts): readonly string[];
  subject?(facts: Claim): ClaimSubject | undefined;
  /** What judging it needs beside the log. */
  readonly needs?: readonly Instrument<unknown>[];
  /** Looked for on every wire beside the plan's secrets. */
  hunts?(world: World): Promise<readonly Secret[]>;
  /** A screen says it at its top, beside what became of the secrets. */
  readonly isHeadline?: true;
  /** It is about what one kind of step does. */
  readonly ofStep?: StepName;
}

/**
 * @param accept where it listens, what it shows and whom it trusts, as the file says
 * @param addresses where the others listen, as far as they have started: to be asked when somebody comes, not before
 */
export type StartServer = (
  server: PlannedServer,
  options: RunOptions,
  accept: AcceptOptions,
  addresses: ReadonlyMap<string, Address>,
) => Promise<RunningServer>;

export interface ServerKind {
  /** What is spoken at its door in the drawing, where it is no web page. */
  readonly protocol?: string;
  /** It is known by its address, and its certificate has no name: who comes asks for none, and no person has a page there. */
  readonly isKnownByAddress?: true;
  /** The server that must be there before this one, and that outlives it. */
  after?(server: ServerFile): string | undefined;
  readonly start: StartServer;
}

/** Goes along with a run. */
export interface Companion {
  /** The step's client has reported in time, and its connections are closed. */
  settled?(step: PlannedStep): void;
  /** The step is over, and still the current one. */
  afterStep?(step: PlannedStep, addresses: ReadonlyMap<string, Address>): Promise<void>;
}

/** Something that a person can bring to a run. */
export interface Acceptance<T> {
  /** Whether a scenario does something with it. */
  isIn(file: ScenarioFile): boolean;
  toInput(value: T): SuppliedInput;
}

/** The files beside scenario.yaml. */
export interface ScenarioFolder {
  readonly folder: string;
  /** As messages name it. */
  readonly shown: string;
}

export interface Feature {
  /** Kinds of reports that its peers make. */
  readonly observations?: readonly Observation['kind'][];
  readonly steps?: { readonly [K in StepName]?: StepKind<StepFacts[K], StepActs[K]> };
  readonly expectations?: {
    readonly [K in ExpectationName]?: ExpectationKind<ExpectationFacts[K], ClaimFacts[K]>;
  };
  readonly servers?: { readonly [K in ServerKindName]?: ServerKind };
  readonly serverSettings?: SchemasOf<ServerSettings>;
  readonly clientSettings?: SchemasOf<ClientSettings>;
  readonly sections?: SchemasOf<Sections>;
  /** Fields of its own that name something in the file, wherever they stand. */
  readonly references?: Readonly<Record<string, Namespace>>;
  /** Names that an expectation can be for, beside clients. */
  alsoAbout?(file: ScenarioFile): readonly string[];
  standingWires?(file: ScenarioFile): readonly StandingWire[];
  serverProblems?(server: ServerFile, path: ProblemPath, file: ScenarioFile): readonly Problem[];
  /** What else lies in a scenario's folder. @throws UserError */
  compile?(folder: ScenarioFolder, file: ScenarioFile, registry: Registry): Promise<CompiledAdditions>;
  plan?(compiled: CompiledScenario, supplied: SuppliedInput): PlanAdditions;
  /** Before anybody is started. @throws UserError where the plan can't be carried out. */
  prepare?(options: RunOptions): Promise<void> | undefined;
  accompany?(options: RunOptions, registry: Registry): Promise<Companion> | undefined;
  /** Visitors come from now on, to these doors by wire. */
  onOpened?(
    plan: Plan,
    servers: ReadonlyMap<string, RunningServer>,
    tappedAddresses: ReadonlyMap<string, Address>,
  ): Promise<void> | undefined;
  /** Loads how its reports are shown: where a plan has a step, a server or a claim of its kinds. */
  shown?(): Promise<{ readonly shown: Shown }>;
  /** Whether steps of other features make its reports too. */
  isShownIn?(plan: Plan): boolean;
  /** Steps that differ in the version of TLS alone stand beside each other at the end. */
  comparesVersions?(plan: Plan): boolean;
  /** What it accepts of a person who brings a file of this kind: a signing request (PEM), the packets that open a connection. */
  readonly accepts?: { readonly request?: Acceptance<string>; readonly opening?: Acceptance<TcpOpening> };
  /** Loads how doors are reached by hand that no step knocks at. */
  byHand?(): Promise<(run: ManualRun) => readonly ManualEntry[]>;
}
