/**
 * The interface of a feature: its kinds of steps, servers and expectations, its checks, and its hooks into a run. A feature
 * is a folder in `features/` that exports one such value, and a line in `features/index.ts`. The engine receives the list
 * (`features.ts`) and knows no feature by name. Code that runs is behind `import()`: planning loads none of it.
 */
import type { z } from 'zod';
import type { Secret } from '../analysis/secrets/secret-hunt.ts';
import type { Address, Observation, TcpOpening } from '../capture/event.ts';
import type { World } from '../pki/keystore/world.ts';
import type { AcceptOptions } from '../wire/endpoint.ts';
import type { Between } from '../wire/tap/relay.ts';
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
  ProxySettings,
  ServerSettings,
  StepActs,
  StepFacts,
  StepName,
  Z,
} from './extensions.ts';
import type { Instrument } from './instrument.ts';
import type { ClaimSubject, EntryPoint, Judged, Stand, TlsChoice } from './kinds.ts';
import type { ManualEntry, ManualRun } from './manual-commands.ts';
import type { Plan, PlannedProxy, PlannedServer, PlannedStep } from './plan.ts';
import type { Namespace, Problem, ProblemPath, StepPlace } from './problems.ts';
import type { RunContext, RunningServer, RunOptions } from './run-context.ts';
import type { CompiledScenario, ProxyFile, ScenarioFile, ServerFile, StepFile } from './scenario.ts';
import type { Shown } from './shown.ts';
import type { StandingWire } from './standing-wires.ts';
import type { View } from './view.ts';

/** One of the planned steps that a step of the file expands to. */
export interface StepPart<Act> {
  readonly client: string;
  readonly tls?: TlsChoice;
  /** Ids of the file's step, of the client's part (with several clients) and of this one: each may have its own text. */
  readonly ids: readonly [string, ...string[]];
  /** Names, besides the client's, with which an expectation can select this part. */
  readonly about?: readonly string[];
  /** The planned action. */
  readonly act: Act;
}

/** How a step is planned. */
export interface StepPlanning<Facts, Act> {
  /** The kind of report with which the client confirms that it is done. */
  readonly reports: Observation['kind'];
  /** In the order in which the client connects to them. */
  entryPoints(facts: Facts): readonly EntryPoint[];
  /** The step names several clients: each has its own section of the text. */
  hasGroups(facts: Facts): boolean;
  /** In the order in which they run. */
  parts(id: string, facts: Facts, file: ScenarioFile): readonly StepPart<Act>[];
}

/** Resolves when the step is over, however it ended; the outcome is in the log. */
export type RunStep = (
  step: PlannedStep,
  options: RunOptions,
  context: RunContext,
  signal: AbortSignal,
) => Promise<void>;

export interface StepKind<Facts, Act> extends StepPlanning<Facts, Act> {
  schema(zod: Z): z.ZodType<Facts>;
  /** Loads the implementation. */
  run(): Promise<RunStep>;
  /** The step needs input that the person has not supplied. */
  isLeftOut?(facts: Facts, supplied: SuppliedInput): boolean;
  /** The step sends an account's login. */
  needsAccount?(facts: Facts): boolean;
  /** Clients that an expectation of the step can select; any client when absent. */
  tries?(facts: Facts): readonly string[];
  problems?(facts: Facts, place: StepPlace): readonly Problem[];
  /** Loads the manual commands for its entry points. */
  byHand?(): Promise<(step: PlannedStep, run: ManualRun) => readonly ManualEntry[]>;
  /** External programs can repeat what the client does; absent where they cannot. */
  readonly byPrograms?: ProgramTrial;
  /** Its client can connect from a host of its own: the step does all it does over connections of `RunOptions.hosts`. */
  readonly worksAcrossHosts?: true;
}

/** How external programs repeat what a step's client does. */
export interface ProgramTrial {
  /** The scenario asks for it, whatever the command line says. */
  isAskedFor(step: PlannedStep): boolean;
  /** Loads the function that builds their command lines; undefined where a certificate has no file. */
  load(): Promise<
    (step: PlannedStep, run: Pick<ManualRun, 'plan' | 'addresses' | 'world'>) => ProgramCommands | undefined
  >;
}

/** One step of a file, with what its kind says about it. */
export interface KnownStep {
  readonly kind: StepName;
  readonly row: Pick<
    StepKind<never, unknown>,
    'reports' | 'run' | 'byHand' | 'byPrograms' | 'worksAcrossHosts'
  >;
  readonly entryPoints: readonly EntryPoint[];
  readonly hasGroups: boolean;
  readonly needsAccount: boolean;
  readonly tries: readonly string[] | undefined;
  readonly parts: (file: ScenarioFile) => readonly StepPart<StepActs[StepName]>[];
  isLeftOut(supplied: Parameters<NonNullable<StepKind<never, never>['isLeftOut']>>[1]): boolean;
  problems(place: StepPlace): readonly Problem[];
}

/** What a feature can ask about the others, without knowing them by name. */
export interface Registry {
  /** @throws Error for a step of unknown kind: the schema rejects those. */
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
  /** Undefined where the claim produces no finding. */
  judge(facts: Claim, view: View, step: PlannedStep | undefined): Judged;
  /** Recipe rows that it compares with traffic. */
  rowsCompared?(facts: Facts): readonly string[];
  subject?(facts: Claim): ClaimSubject | undefined;
  /** What judging needs besides the log. */
  readonly needs?: readonly Instrument<unknown>[];
  /** Secrets searched for on every wire, besides the plan's. */
  hunts?(world: World): Promise<readonly Secret[]>;
  /** Screens show it at the top, next to the state of the secrets. */
  readonly isHeadline?: true;
  /** It may stand among what must be true of the whole run, without a step. */
  readonly isOfRun?: true;
  /** It applies to one kind of step only. */
  readonly ofStep?: StepName;
}

/**
 * @param accept where it listens, its certificate and its trusted CAs, as the file says
 * @param addresses of the servers started so far: read it when a connection arrives, not before
 */
export type StartServer = (
  server: PlannedServer,
  options: RunOptions,
  accept: AcceptOptions,
  addresses: ReadonlyMap<string, Address>,
) => Promise<RunningServer>;

export interface ServerKind {
  /** The protocol shown in the drawing, if it is not a web page. */
  readonly protocol?: string;
  /** The same, where the file says it. */
  protocolOf?(server: ServerFile): string | undefined;
  /** Clients use its address: its certificate has no DNS name, SNI is not sent, and it has no page for a person. */
  readonly isKnownByAddress?: true;
  /** The server that must start before this one and stop after it. */
  after?(server: ServerFile): string | undefined;
  readonly start: StartServer;
  /** Where it stands if the participants are on hosts of their own; absent where it can only be on the clients' host. */
  readonly standsAt?: Stand;
}

/** Accompanies a run. */
export interface Companion {
  /** The step's client has reported in time, and its connections are closed. */
  settled?(step: PlannedStep): void;
  /** The step is over, and still the current one. */
  afterStep?(step: PlannedStep, addresses: ReadonlyMap<string, Address>): Promise<void>;
}

/** Input of one kind that a person can supply to a run. */
export interface Acceptance<T> {
  /** Whether the scenario uses it. */
  isIn(file: ScenarioFile): boolean;
  toInput(value: T): SuppliedInput;
}

/** The files beside scenario.yaml. */
export interface ScenarioFolder {
  readonly folder: string;
  /** How messages name it. */
  readonly shown: string;
}

export interface Feature {
  /** Kinds of reports that its participants make. */
  readonly observations?: readonly Observation['kind'][];
  readonly steps?: { readonly [K in StepName]?: StepKind<StepFacts[K], StepActs[K]> };
  readonly expectations?: {
    readonly [K in ExpectationName]?: ExpectationKind<ExpectationFacts[K], ClaimFacts[K]>;
  };
  readonly servers?: { readonly [K in ServerKindName]?: ServerKind };
  readonly serverSettings?: SchemasOf<ServerSettings>;
  readonly clientSettings?: SchemasOf<ClientSettings>;
  readonly proxySettings?: SchemasOf<ProxySettings>;
  readonly sections?: SchemasOf<Sections>;
  /** Its fields that hold a name defined in the file, at any depth. */
  readonly references?: Readonly<Record<string, Namespace>>;
  /** Its fields whose lists are sequences: a name may come again in them. Any other list of names is a set. */
  readonly sequences?: readonly string[];
  /** Names that an expectation can select, besides clients. */
  alsoAbout?(file: ScenarioFile): readonly string[];
  standingWires?(file: ScenarioFile): readonly StandingWire[];
  serverProblems?(server: ServerFile, path: ProblemPath, file: ScenarioFile): readonly Problem[];
  /** @param proxy with its pump, also where the file leaves it out. */
  proxyProblems?(proxy: ProxyFile, path: ProblemPath, file: ScenarioFile): readonly Problem[];
  /** What a proxy that forwards bytes does with its two connections in the place of forwarding them unchanged. */
  between?(proxy: PlannedProxy, plan: Plan): Between | undefined;
  /** Compiles further files of a scenario's folder. @throws UserError */
  compile?(folder: ScenarioFolder, file: ScenarioFile, registry: Registry): Promise<CompiledAdditions>;
  plan?(compiled: CompiledScenario, supplied: SuppliedInput): PlanAdditions;
  /** Called before any participant starts. @throws UserError where the plan can't be carried out. */
  prepare?(options: RunOptions): Promise<void> | undefined;
  accompany?(options: RunOptions, registry: Registry): Promise<Companion> | undefined;
  /** Called when the scenario accepts manual connections. @param tappedAddresses their listeners, by wire */
  onOpened?(
    plan: Plan,
    servers: ReadonlyMap<string, RunningServer>,
    tappedAddresses: ReadonlyMap<string, Address>,
  ): Promise<void> | undefined;
  /** Loads how its reports are shown, if a plan has a step, a server or a claim of its kinds. */
  shown?(): Promise<{ readonly shown: Shown }>;
  /** Whether steps of other features also make its reports. */
  isShownIn?(plan: Plan): boolean;
  /** At the end, steps that differ only in the TLS version are compared side by side. */
  comparesVersions?(plan: Plan): boolean;
  /** Files that it accepts from a person: a signing request (PEM), the packets that open a connection. */
  readonly accepts?: { readonly request?: Acceptance<string>; readonly opening?: Acceptance<TcpOpening> };
  /** Loads the manual commands for entry points that no step uses. */
  byHand?(): Promise<(run: ManualRun) => readonly ManualEntry[]>;
}
