/**
 * The plan of a run, decided before anything runs: participants with all defaults filled in, wires, steps in order with
 * their ids, and claims fully expanded. `planning.ts` makes it from a scenario; `run.ts` executes it, `verdict.ts` judges
 * it.
 */
import type { Observation, Topology, Wire } from '../capture/event.ts';
import type { Localized } from '../i18n/language.ts';
import type { PumpName } from '../proxy/pumps.ts';
import type { ClaimFacts, ExpectationName, PlanAdditions, StepActs, StepName } from './extensions.ts';
import type { ClaimOf, EntryPoint, TlsChoice } from './kinds.ts';
import type { HeadlineTone, StepView } from './file/lesson.ts';
import type { ClientFile, ProxyFile, ServerFile } from './scenario.ts';

export interface PlannedSecret {
  readonly id: string;
  readonly value: string;
}

export interface PlannedAccount {
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly rrn: string;
}

export type PlannedServer = ServerFile & {
  readonly name: string;
  readonly host: string;
  readonly security: 'plain' | 'tls' | 'mtls';
};
export type PlannedProxy = ProxyFile & {
  readonly name: string;
  readonly host: string;
  readonly pump: PumpName;
};
export type PlannedClient = ClientFile & { readonly name: string };

export interface StepText {
  readonly title: Localized;
  readonly before?: Localized;
  readonly question?: Localized;
  readonly choices?: Localized;
  /** The same list, at the step that answers the question: of several TLS versions the first, of several clients the last. */
  readonly answer?: Localized;
  readonly headline?: Localized;
  readonly headlineTone?: HeadlineTone;
  readonly after?: Localized;
  readonly notes?: Localized;
}

/** A step has its planned action under the keyword of its kind. */
export interface PlannedStep extends Partial<StepActs> {
  readonly id: string;
  /** The id in the file, which is also the id of its text. */
  readonly base: string;
  readonly kind: StepName;
  /** The kind of report with which its client confirms that it is done. */
  readonly reports: Observation['kind'];
  readonly tls?: TlsChoice;
  /** The acting client. */
  readonly client: string;
  /** Names, besides the client's, with which an expectation can select this step. */
  readonly about?: readonly string[];
  readonly entryPoints: readonly EntryPoint[];
  /** The wires that a byte crosses from the client to the servers, in order. */
  readonly path: readonly string[];
  /** The server behind the last entry point. */
  readonly server: string;
  readonly text: StepText;
  /** What is to be looked at once it has run; the wires, where it is about some of them. Default: by what happened. */
  readonly show?: { readonly view: StepView; readonly wires?: readonly string[] | undefined };
  /** It continues the step before, and starts without a pause. */
  readonly goesOn?: true;
}

export interface PlannedWire extends Wire {
  /** The security seen at a tap: `plain` means that the wire is readable. */
  readonly security: 'plain' | 'tls' | 'mtls';
  readonly seat?: Localized;
}

/** The claims by their kind. */
export type ClaimMap = { readonly [K in ExpectationName]: ClaimOf<K, ClaimFacts[K]> };
export type Claim = ClaimMap[ExpectationName];

/** What a shorter plan does not have of the whole one. */
export interface LeftOut {
  readonly steps: number;
  /** Not judged. */
  readonly claims: number;
}

export interface Plan extends PlanAdditions {
  readonly scenario: string;
  readonly title: Localized;
  readonly intro: Localized;
  readonly doesNotProve: Localized;
  readonly misconceptions?: Localized;
  readonly takeaway?: Localized;
  readonly secrets: readonly PlannedSecret[];
  readonly accounts: readonly PlannedAccount[];
  readonly servers: readonly PlannedServer[];
  /** Targets come before the proxies that dial them. */
  readonly proxies: readonly PlannedProxy[];
  readonly clients: readonly PlannedClient[];
  readonly wires: readonly PlannedWire[];
  readonly steps: readonly PlannedStep[];
  readonly claims: readonly Claim[];
  /** For the short version of a scenario. */
  readonly leftOut?: LeftOut;
  readonly stepTimeoutMs: number;
}

/** What the run's secrets are, by their ids. */
export function secretValues({ secrets }: Pick<Plan, 'secrets'>): ReadonlyMap<string, string> {
  return new Map(secrets.map(({ id, value }) => [id, value]));
}

/**
 * A stop of a run, as a person goes through them: the introduction, a question and a result for each step, the verdict. A step
 * that starts by itself has no question.
 */
export interface PlannedStop {
  readonly kind: 'intro' | 'question' | 'reveal' | 'verdict';
  readonly step?: PlannedStep;
}

export function plannedStops(steps: readonly PlannedStep[]): readonly PlannedStop[] {
  return [
    { kind: 'intro' },
    ...steps.flatMap((step): PlannedStop[] => [
      ...(step.goesOn ? [] : [{ kind: 'question' as const, step }]),
      { kind: 'reveal', step },
    ]),
    { kind: 'verdict' },
  ];
}

/** The topology for the `began` event; addresses are known once the participants listen. */
export function topologyOf(
  plan: Plan,
  addresses: ReadonlyMap<string, { readonly host: string; readonly port: number }> = new Map(),
  hosts: ReadonlyMap<string, { readonly address: string }> = new Map(),
): Topology {
  const from = (name: string): { host?: string } => {
    const host = hosts.get(name);
    return host ? { host: host.address } : {};
  };
  const at = (name: string): { address?: { host: string; port: number } } => {
    const address = addresses.get(name);
    return address ? { address: { ...address } } : {};
  };
  return {
    participants: [
      ...plan.clients.map(({ name, tamper }) => ({
        name,
        role: 'client' as const,
        ...(tamper === undefined ? {} : { kind: tamper }),
        ...from(name),
      })),
      ...plan.proxies.map(({ name, kind }) => ({
        name,
        role: 'proxy' as const,
        kind,
        ...at(name),
        ...from(name),
      })),
      ...plan.servers.map(({ name, kind, owner }) => ({
        name,
        role: 'server' as const,
        kind,
        ...(owner === undefined ? {} : { owner }),
        ...at(name),
        ...from(name),
      })),
    ],
    wires: plan.wires.map(({ hop, from, to, protocol, alsoFrom, mutualFor, standing, seat }) => ({
      hop,
      from,
      to,
      protocol,
      ...(alsoFrom ? { alsoFrom } : {}),
      ...(mutualFor ? { mutualFor } : {}),
      ...(standing ? { standing } : {}),
      ...(seat ? { seat } : {}),
    })),
  };
}

/** Who may log in at a server. */
export function accountsOf(
  { accounts: admitted }: PlannedServer,
  { accounts }: Pick<Plan, 'accounts'>,
): readonly PlannedAccount[] {
  return accounts.filter(({ name }) => admitted === undefined || admitted.includes(name));
}
