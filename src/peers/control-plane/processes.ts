/** Declares the control plane processes that a step can restart, and how servers learn of changed files. */
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
    /** Notifies readers that reload files per connection; processes that read their files at start do not notice. */
    reread?(files: ReadonlyMap<string, string>): void;
    /** Restarts one of the processes, which then reads the current files. */
    restart?(process: ControlPlaneProcess, files: ReadonlyMap<string, string>): Promise<void>;
  }
}

/** Processes that run behind a server. */
export function processesOf({ kind, controlPlane }: ServerFile): readonly ControlPlaneProcess[] {
  if (kind === 'etcd') return ['etcd'];
  if (kind !== 'kube-apiserver') return [];
  return ['kube-apiserver', ...(controlPlane?.controllerManager ? ['kube-controller-manager' as const] : [])];
}
