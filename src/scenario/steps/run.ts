/** How each kind of step is done: one line a kind, loaded when a run comes to one. */
import type { PlannedStep } from '../plan.ts';
import type { RunOptions, Surroundings } from '../surroundings.ts';
import type { StepKindName } from './index.ts';

/** Resolves when it is over, however it ended; what came of it is in the log. */
export type RunStep = (step: PlannedStep, options: RunOptions, surroundings: Surroundings, signal: AbortSignal) => Promise<void>;

export const runners: Readonly<Record<StepKindName, () => Promise<RunStep>>> = {
  login: async () => (await import('./run-login.ts')).runLogin,
  enrol: async () => (await import('./run-enrol.ts')).runEnrol,
  trustStore: async () => (await import('./run-trust-store.ts')).runTrustStore,
  toyLogin: async () => (await import('./run-toy-login.ts')).runToyLogin,
  theft: async () => (await import('./run-theft.ts')).runTheft,
  keyFile: async () => (await import('./run-key-file.ts')).runKeyFile,
  visit: async () => (await import('./run-visit.ts')).runVisit,
  lookUp: async () => (await import('./run-look-up.ts')).runLookUp,
  connect: async () => (await import('./run-connect.ts')).runConnect,
  kubectl: async () => (await import('./run-kubectl.ts')).runKubectl,
  etcdctl: async () => (await import('./run-etcdctl.ts')).runEtcdctl,
  handSign: async () => (await import('./run-hand-sign.ts')).runHandSign,
  papers: async () => (await import('./run-papers.ts')).runPapers,
  renew: async () => (await import('./run-renew.ts')).runRenew,
  restart: async () => (await import('./run-restart.ts')).runRestart,
};
