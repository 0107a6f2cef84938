/** Declares the control plane processes that a step can restart, and how servers learn of changed files. */
import type { ServerFile } from '../../engine/scenario.ts';

export const processNames = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'etcd',
] as const;
export type ControlPlaneProcess = (typeof processNames)[number];

/** What the flags and the kubeconfig of a process name, as rows of the recipe. */
export interface ProcessFlags {
  /** What it proves itself with: `--tls-cert-file` of an API server, else the certificate in its kubeconfig. */
  readonly certificate?: string | undefined;
  /** The CAs in its kubeconfig. */
  readonly trust?: readonly string[] | undefined;
  /** `--client-ca-file` of an API server. */
  readonly clientAuthorities?: readonly string[] | undefined;
  /** `--root-ca-file` of a controller manager. */
  readonly rootAuthorities?: readonly string[] | undefined;
  /** `--cluster-signing-cert-file` and its key, of a controller manager. */
  readonly issuer?: string | undefined;
}

/** A process that is started anew, with flags of which some are other ones from now on. */
export interface ProcessRestart {
  readonly process: ControlPlaneProcess;
  readonly with?: ProcessFlags | undefined;
}

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
    /** Restarts processes, which then read the current files. */
    restart?(processes: readonly ProcessRestart[], files: ReadonlyMap<string, string>): Promise<void>;
    /** What the flags and the kubeconfig of a process name now. */
    flagsOf?(process: ControlPlaneProcess): ProcessFlags | undefined;
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
  return [
    'kube-apiserver',
    ...(controlPlane?.controllerManager ? (['kube-controller-manager'] as const) : []),
    ...(controlPlane?.scheduler ? (['kube-scheduler'] as const) : []),
    ...(controlPlane?.kubelet ? (['kubelet'] as const) : []),
  ];
}
