/** An etcd's report of its requests. */

declare module '../../capture/event.ts' {
  interface Observations {
    etcd: EtcdReport;
  }
}

/** An etcd's report of what reached it during one step. */
export interface EtcdReport {
  /** The real etcd, or wirelab's own. */
  readonly program: 'etcd' | 'wirelab';
  /** The last requests; empty for the real one, which does not report them. */
  readonly requests: readonly EtcdRequest[];
  readonly total: number;
  /** Rejected clients, with reasons. */
  readonly rejected: readonly EtcdRejection[];
}

/** One request as an etcd handled it. */
export interface EtcdRequest {
  readonly conn: number;
  /** `/v3/kv/range`. */
  readonly path: string;
  readonly status: number;
  /** The common name of the certificate that was presented; absent where none was. */
  readonly caller?: string;
}

/** A client that an etcd rejected. `reason` is a name for programs, `words` come from its log. */
export interface EtcdRejection {
  readonly reason: string;
  readonly words: string;
}
