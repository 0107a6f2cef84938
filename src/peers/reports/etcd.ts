/** What an etcd reports of those who asked it. */

declare module '../../capture/event.ts' {
  interface Observations {
    etcd: EtcdReport;
  }
}

/** An etcd's own account of what reached it during one step. */
export interface EtcdReport {
  /** The real one, or the one that wirelab has in itself. */
  readonly program: 'etcd' | 'wirelab';
  /** The last requests; the real one does not tell them. */
  readonly requests: readonly EtcdRequest[];
  readonly total: number;
  /** Who was turned away, and why. */
  readonly rejected: readonly EtcdRejection[];
}

/** One request as an etcd dealt with it. */
export interface EtcdRequest {
  readonly conn: number;
  /** `/v3/kv/range`. */
  readonly path: string;
  readonly status: number;
  /** The common name of the certificate that was presented; absent where none was. */
  readonly caller?: string;
}

/** A client whom an etcd did not let in. `reason` is a name for programs, `words` are those of its log. */
export interface EtcdRejection {
  readonly reason: string;
  readonly words: string;
}
