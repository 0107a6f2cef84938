/** How each kind of step is done: one line a kind, loaded when a run comes to one. */
import type { PlannedStep } from '../engine/plan.ts';
import type { RunOptions, RunContext } from '../engine/run-context.ts';
import type { StepKindName } from './steps.ts';

/** Resolves when it is over, however it ended; what came of it is in the log. */
export type RunStep = (
  step: PlannedStep,
  options: RunOptions,
  surroundings: RunContext,
  signal: AbortSignal,
) => Promise<void>;

export const runners: Readonly<Record<StepKindName, () => Promise<RunStep>>> = {
  login: async () => (await import('./login/run.ts')).runLogin,
  enrol: async () => (await import('./enrol/run.ts')).runEnrol,
  trustStore: async () => (await import('./trust-store/run.ts')).runTrustStore,
  toyLogin: async () => (await import('./toy/run.ts')).runToyLogin,
  theft: async () => (await import('./theft/run.ts')).runTheft,
  keyFile: async () => (await import('./key-file/run.ts')).runKeyFile,
  visit: async () => (await import('./visit/run.ts')).runVisit,
  lookUp: async () => (await import('./look-up/run.ts')).runLookUp,
  connect: async () => (await import('./connect/run.ts')).runConnect,
  kubectl: async () => (await import('./kubectl/run.ts')).runKubectl,
  etcdctl: async () => (await import('./etcdctl/run.ts')).runEtcdctl,
  handSign: async () => (await import('./hand-sign/run.ts')).runHandSign,
  papers: async () => (await import('./control-plane-files/run.ts')).runPapers,
  renew: async () => (await import('./renew/run.ts')).runRenew,
  restart: async () => (await import('./restart/run.ts')).runRestart,
};
