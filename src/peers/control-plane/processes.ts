/** Declares the control plane processes that a step can restart, and how servers learn of changed files. */
import type { ServerFile } from '../../engine/scenario.ts';

export const processNames = ['kube-apiserver', 'kube-controller-manager', 'etcd'] as const;
export type ControlPlaneProcess = (typeof processNames)[number];

/** The flags of an API server that a step can take out of its manifest. */
export const removableFlags = [
  'client-ca-file',
  'etcd-cafile',
  'kubelet-client-certificate',
  'kubelet-client-key',
] as const;
export type RemovableFlag = (typeof removableFlags)[number];

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
    /**
     * Starts the API server anew without these flags.
     * @returns the last words of one that cannot start; it is tried again the next time.
     */
    given?(absent: readonly RemovableFlag[], files: ReadonlyMap<string, string>): Promise<string | undefined>;
  }
}

/** Processes that run behind a server. */
export function processesOf({ kind, controlPlane }: ServerFile): readonly ControlPlaneProcess[] {
  if (kind === 'etcd') return ['etcd'];
  if (kind !== 'kube-apiserver') return [];
  return ['kube-apiserver', ...(controlPlane?.controllerManager ? ['kube-controller-manager' as const] : [])];
}
