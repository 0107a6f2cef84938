/** The kubeconfigs that were built in a run, by client and wire, until the client gets another certificate. */
import { perRun } from '../../engine/run-context.ts';

export const builtConfigs = perRun(() => new Map<string, string>());
