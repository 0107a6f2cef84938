/** What the steps of this feature report. */

declare module '../../../capture/event.ts' {
  interface Observations {
    encryption: EncryptionReport;
    disk: DiskReport;
  }
}

/** An API server that was started with another EncryptionConfiguration. */
export interface EncryptionReport {
  readonly server: string;
  readonly resources: readonly string[];
  /** `aescbc (key1)`, `identity`: the first writes, all read. */
  readonly providers: readonly string[];
}

/** The files of an etcd, read as they are on the disk. */
export interface DiskReport {
  readonly server: string;
  readonly program: 'etcd' | 'wirelab';
  readonly files: number;
  readonly bytes: number;
  readonly searched: readonly DiskSearch[];
}

export interface DiskSearch {
  /** The name of a secret, or a key of etcd. */
  readonly what: string;
  /** Where it is in clear, the first place in each file. */
  readonly places: readonly { readonly file: string; readonly offset: number }[];
}
