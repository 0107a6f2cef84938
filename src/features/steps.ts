/**
 * The kinds of steps, by their word in a scenario file: two lines a kind here, one in `runners.ts`. What a kind means stands in
 * its file.
 */
import type { EntryPoint, StepKind, StepPart } from '../engine/kinds.ts';
import type { ScenarioFile, StepFile } from '../engine/scenario.ts';
import { connect, connectSchema } from './connect/step.ts';
import { enrol, enrolSchema } from './enrol/step.ts';
import { etcdctl, etcdctlSchema } from './etcdctl/step.ts';
import { handSign, handSignSchema } from './hand-sign/step.ts';
import { keyFile, keyFileSchema } from './key-file/step.ts';
import { kubectl, kubectlSchema } from './kubectl/step.ts';
import { login, loginSchema } from './login/step.ts';
import { papers, papersSchema } from './control-plane-files/step.ts';
import { renew, renewSchema } from './renew/step.ts';
import { restart, restartSchema } from './restart/step.ts';
import { theft, theftSchema } from './theft/step.ts';
import { toyLogin, toyLoginSchema } from './toy/step.ts';
import { trustStore, trustStoreSchema } from './trust-store/step.ts';
import { visit, visitSchema } from './visit/step.ts';
import { lookUp, lookUpSchema } from './look-up/step.ts';

/** Their words in a file. Apart from the kinds, because a kind knows the file, and the file these. */
export const stepSchemas = {
  login: loginSchema,
  enrol: enrolSchema,
  trustStore: trustStoreSchema,
  toyLogin: toyLoginSchema,
  theft: theftSchema,
  keyFile: keyFileSchema,
  visit: visitSchema,
  lookUp: lookUpSchema,
  connect: connectSchema,
  kubectl: kubectlSchema,
  etcdctl: etcdctlSchema,
  handSign: handSignSchema,
  papers: papersSchema,
  renew: renewSchema,
  restart: restartSchema,
} as const;

const stepKinds = {
  login,
  enrol,
  trustStore,
  toyLogin,
  theft,
  keyFile,
  visit,
  lookUp,
  connect,
  kubectl,
  etcdctl,
  handSign,
  papers,
  renew,
  restart,
} as const satisfies Record<keyof typeof stepSchemas, unknown>;

export type StepKindName = keyof typeof stepKinds;

/** What each kind plans, under its word. */
export type PlannedActs = {
  readonly [K in StepKindName]: ReturnType<(typeof stepKinds)[K]['parts']>[number]['act'];
};

/** A step of a file with its kind. */
interface KindedStep {
  readonly kind: StepKindName;
  readonly facts: unknown;
  readonly row: StepKind<unknown, PlannedActs[StepKindName]>;
}

export function kindOf(step: StepFile): KindedStep {
  const kind = (Object.keys(stepKinds) as StepKindName[]).find((name) => step[name] !== undefined);
  if (!kind) throw new Error(`step ${step.id} is of no kind; the schema lets none pass`);
  return { kind, facts: step[kind], row: rowOf(kind) };
}

export function rowOf(kind: StepKindName): KindedStep['row'] {
  const rows: Readonly<Record<StepKindName, unknown>> = stepKinds;
  return rows[kind] as KindedStep['row'];
}

export function doorsOf(step: StepFile): readonly EntryPoint[] {
  const { facts, row } = kindOf(step);
  return row.doors(facts);
}

export function partsOf(step: StepFile, file: ScenarioFile): readonly StepPart<PlannedActs[StepKindName]>[] {
  const { facts, row } = kindOf(step);
  return row.parts(step.id, facts, file);
}

/** The ids that the steps of a file multiply to, and those of their parts: without the file's own. */
export function multipliedIds(file: ScenarioFile): string[] {
  return [...new Set(file.steps.flatMap((step) => partsOf(step, file).flatMap(({ ids }) => ids.slice(1))))];
}
