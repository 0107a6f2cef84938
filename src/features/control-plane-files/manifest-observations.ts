/** The reports about the settings of control plane processes. */
import type { FlagKind, FlagProcess } from '../../pki/kubeadm/manifests/flags.ts';

declare module '../../capture/event.ts' {
  interface Observations {
    flags: FlagsReport;
    manifest: ManifestReport;
  }
}

/** The files that the settings of processes name, as read from their manifests. */
export interface FlagsReport {
  readonly flags: readonly NamedFile[];
}

export interface NamedFile {
  readonly process: FlagProcess;
  readonly flag: string;
  readonly kind: FlagKind;
  /** In the cluster's folder. */
  readonly file: string;
  /** CN of the certificate in the file, or of the one that the key belongs to; absent for sa.key and sa.pub. */
  readonly commonName?: string;
  /** The file of the CA that signed it. */
  readonly signer?: string;
}

/** A manifest was changed, and its process started anew. */
export interface ManifestReport {
  readonly process: string;
  /** The lines that are missing now, as they were in the manifest. */
  readonly without: readonly string[];
  readonly state: 'running' | 'ended';
  /** The last words of a process that has ended. */
  readonly words?: string;
}
