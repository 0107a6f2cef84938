/** The processes of a control plane that can be restarted by themselves, and what its servers can do about their files. */
import type { ServerFile } from '../../engine/scenario.ts';

export const processNames = ['kube-apiserver', 'kube-controller-manager', 'etcd'] as const;
export type ControlPlaneProcess = (typeof processNames)[number];

declare module '../../engine/extensions.ts' {
  interface PlanAdditions {
    /** The servers of which a step restarts a process. */
    readonly restarted?: readonly string[];
  }
}

declare module '../../engine/run-context.ts' {
  interface RunningServer {
    /** What looks at its files for each connection is told that they have changed; whoever reads them once, when it starts, is not. */
    reread?(files: ReadonlyMap<string, string>): void;
    /** Ends one of the processes and starts it anew, with what now lies in its files. */
    restart?(process: ControlPlaneProcess, files: ReadonlyMap<string, string>): Promise<void>;
  }
}

/** Those that run behind a server. */
export function processesOf({ kind, controlPlane }: ServerFile): readonly ControlPlaneProcess[] {
  if (kind === 'etcd') return ['etcd'];
  if (kind !== 'kube-apiserver') return [];
  return ['kube-apiserver', ...(controlPlane?.controllerManager ? ['kube-controller-manager' as const] : [])];
}
