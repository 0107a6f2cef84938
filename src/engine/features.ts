/**
 * Combines the features of a program: what each keyword in a scenario file means. `features/registry.ts` builds wirelab's
 * own set; a test may build another.
 */
import type { Observation } from '../capture/event.ts';
import { namesOf } from './extensions.ts';
import type {
  ClaimFacts,
  ClientSettings,
  ExpectationFacts,
  ExpectationName,
  SchemasOf,
  Sections,
  ServerKindName,
  ProxySettings,
  ServerSettings,
  StepFacts,
  StepActs,
  StepName,
} from './extensions.ts';
import type { ExpectationKind, Feature, KnownStep, Registry, ServerKind, StepKind } from './feature.ts';
import type { ClaimOf, ClaimSubject, EntryPoint, Judged } from './kinds.ts';
import type { Between } from '../wire/tap/relay.ts';
import type { Claim, ClaimMap, Plan, PlannedProxy, PlannedStep } from './plan.ts';
import type { ExpectationFile, ExpectationWords, ScenarioFile, StepFile, StepWords } from './scenario.ts';
import type { Shown } from './shown.ts';
import type { FeatureSchemas } from './file/schema.ts';
import type { StandingWire } from './standing-wires.ts';
import type { View } from './view.ts';

type StepKinds = NonNullable<Feature['steps']>;
type ExpectationKinds = NonNullable<Feature['expectations']>;
type ServerKinds = NonNullable<Feature['servers']>;

export class Features implements Registry {
  readonly all: readonly Feature[];
  readonly steps: StepKinds;
  readonly expectations: ExpectationKinds;
  readonly servers: ServerKinds;

  constructor(all: readonly Feature[]) {
    this.all = all;
    this.steps = all.reduce<StepKinds>((known, { steps }) => ({ ...known, ...steps }), {});
    this.expectations = all.reduce<ExpectationKinds>(
      (known, { expectations }) => ({ ...known, ...expectations }),
      {},
    );
    this.servers = all.reduce<ServerKinds>((known, { servers }) => ({ ...known, ...servers }), {});
  }

  /** Kinds of reports, in feature order; several features may make the same kind. */
  get observations(): readonly Observation['kind'][] {
    return [...new Set(this.all.flatMap(({ observations = [] }) => observations))];
  }

  get schemas(): FeatureSchemas {
    const { all } = this;
    return {
      steps: schemasOf<Pick<StepFacts, StepName>>(this.steps),
      expectations: schemasOf<Pick<ExpectationFacts, ExpectationName>>(this.expectations),
      serverKinds: namesOf(this.servers),
      serverSettings: all.reduce<SchemasOf<ServerSettings>>(
        (known, { serverSettings }) => ({ ...known, ...serverSettings }),
        {},
      ),
      proxySettings: all.reduce<SchemasOf<ProxySettings>>(
        (known, { proxySettings }) => ({ ...known, ...proxySettings }),
        {},
      ),
      clientSettings: all.reduce<SchemasOf<ClientSettings>>(
        (known, { clientSettings }) => ({ ...known, ...clientSettings }),
        {},
      ),
      sections: all.reduce<SchemasOf<Sections>>((known, { sections }) => ({ ...known, ...sections }), {}),
    };
  }

  /** @throws Error for a step of unknown kind: the schema rejects those. */
  step(step: StepFile): KnownStep {
    const kind = namesOf(this.steps).find((name) => wordOf<StepWords, StepName>(step, name) !== undefined);
    if (!kind) throw new Error(`step ${step.id} has no known kind; the schema should have rejected it`);
    return this.#known(kind, step);
  }

  #known(kind: StepName, step: StepFile): KnownStep {
    const row: StepKind<StepFacts[StepName], StepActs[StepName]> | undefined = this.steps[kind];
    const facts = stepFacts(step, kind);
    if (!row || facts === undefined) throw new Error(`unknown kind of step: ${kind}`);
    return {
      kind,
      row,
      entryPoints: row.entryPoints(facts),
      hasGroups: row.hasGroups(facts),
      needsAccount: row.needsAccount?.(facts) ?? false,
      tries: row.tries?.(facts),
      parts: (file) => row.parts(step.id, facts, file),
      isLeftOut: (supplied) => row.isLeftOut?.(facts, supplied) ?? false,
      problems: (place) => row.problems?.(facts, place) ?? [],
    };
  }

  stepKind(kind: StepName): KnownStep['row'] {
    const row = this.steps[kind];
    if (!row) throw new Error(`unknown kind of step: ${kind}`);
    return row;
  }

  server(kind: ServerKindName): ServerKind {
    const row: ServerKind | undefined = this.servers[kind];
    if (!row) throw new Error(`unknown kind of server: ${kind}`);
    return row;
  }

  /** Undefined for a proxy that forwards what passes unchanged. */
  betweenOf(proxy: PlannedProxy, plan: Plan): Between | undefined {
    for (const feature of this.all) {
      const between = feature.between?.(proxy, plan);
      if (between) return between;
    }
    return undefined;
  }

  entryPointsOf(step: StepFile): readonly EntryPoint[] {
    return this.step(step).entryPoints;
  }

  /** Whether a field of that name, one of a feature's own, names a server. */
  isServerField(field: string): boolean {
    return this.all.some(({ references = {} }) => references[field] === 'server');
  }

  /** The ids that the steps of a file expand to, and those of their parts, without the file's own. */
  multipliedIds(file: ScenarioFile): string[] {
    return [
      ...new Set(
        file.steps.flatMap((step) =>
          this.step(step)
            .parts(file)
            .flatMap(({ ids }) => ids.slice(1)),
        ),
      ),
    ];
  }

  standingWires(file: ScenarioFile): StandingWire[] {
    return this.all.flatMap((feature) => feature.standingWires?.(file) ?? []);
  }

  /** The claims of one expectation of a file; ids are STEP/KIND or STEP/ID, plus suffixes where it expands to several. */
  claimsOf(expectation: ExpectationFile, step: PlannedStep | undefined, plan: Pick<Plan, 'wires'>): Claim[] {
    return this.#claimsOf(this.#kindOf(expectation), expectation, step, plan);
  }

  /** Recipe rows that an expectation of a file compares with traffic. */
  rowsCompared(expectation: ExpectationFile): readonly string[] {
    const kind = this.#kindOf(expectation);
    const facts = expectationFacts(expectation, kind);
    return (facts !== undefined && this.#expectation(kind).rowsCompared?.(facts)) || [];
  }

  #kindOf(expectation: ExpectationFile): ExpectationName {
    const kind = namesOf(this.expectations).find(
      (name) => wordOf<ExpectationWords, ExpectationName>(expectation, name) !== undefined,
    );
    if (!kind) throw new Error('expectation of unknown kind; the schema should have rejected it');
    return kind;
  }

  #claimsOf<K extends ExpectationName>(
    kind: K,
    expectation: ExpectationFile,
    step: PlannedStep | undefined,
    plan: Pick<Plan, 'wires'>,
  ): ClaimMap[K][] {
    const facts = expectationFacts(expectation, kind);
    if (facts === undefined) return [];
    const own = expectation.id ?? kebab(kind);
    return this.#expectation(kind)
      .claims(facts, step, plan)
      .map(({ suffix, facts: claimed }): ClaimMap[K] => {
        const id = [step?.id, own, suffix].filter(Boolean).join('/');
        const claim: ClaimOf<K, ClaimFacts[K]> = {
          id,
          kind,
          ...(step ? { step: step.id } : {}),
          facts: claimed,
        };
        return claim as ClaimMap[K]; // The same type; the compiler does not look it up for a kind that it does not know.
      });
  }

  /** Undefined where the claim produces no finding. */
  judge(claim: Claim, view: View, step: PlannedStep | undefined): Judged {
    return this.#expectation(claim.kind).judge(claim.facts, view, step);
  }

  /** Undefined where the finding's sentence is explanation enough. */
  subjectOf(claim: Claim): ClaimSubject | undefined {
    return this.#expectation(claim.kind).subject?.(claim.facts);
  }

  expectation(
    kind: ExpectationName,
  ): Pick<ExpectationKind<never, never>, 'needs' | 'hunts' | 'isHeadline' | 'isOfRun' | 'ofStep'> {
    return this.#expectation(kind);
  }

  #expectation<K extends ExpectationName>(kind: K): ExpectationKind<ExpectationFacts[K], ClaimFacts[K]> {
    const row: ExpectationKind<ExpectationFacts[K], ClaimFacts[K]> | undefined = this.expectations[kind];
    if (!row) throw new Error(`unknown kind of expectation: ${kind}`);
    return row;
  }

  /** How the features of that plan show their reports; all features, where nothing was planned. */
  async shown(plan?: Plan): Promise<Shown[]> {
    const modules = await Promise.all(
      this.all.flatMap((feature) => (!plan || isShownIn(feature, plan) ? (feature.shown?.() ?? []) : [])),
    );
    return modules.map(({ shown }) => shown);
  }
}

function isShownIn(feature: Feature, plan: Plan): boolean {
  const { steps, servers, claims } = plan;
  return (
    feature.isShownIn?.(plan) === true ||
    steps.some(({ kind }) => feature.steps?.[kind]) ||
    servers.some(({ kind }) => feature.servers?.[kind]) ||
    claims.some(({ kind }) => feature.expectations?.[kind])
  );
}

function stepFacts<K extends StepName>(words: StepWords, kind: K): StepFacts[K] | undefined {
  return words[kind];
}

function expectationFacts<K extends ExpectationName>(
  words: ExpectationWords,
  kind: K,
): ExpectationFacts[K] | undefined {
  return words[kind];
}

function wordOf<Words, K extends keyof Words>(words: Words, kind: K): Words[K] {
  return words[kind];
}

/** The schemas of rows that have one. */
function schemasOf<T extends object>(
  rows: {
    readonly [K in keyof T]?: { readonly schema: NonNullable<SchemasOf<T>[K]> };
  },
): SchemasOf<T> {
  return namesOf(rows).reduce<SchemasOf<T>>((known, name) => ({ ...known, [name]: rows[name]?.schema }), {});
}

function kebab(word: string): string {
  return word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
