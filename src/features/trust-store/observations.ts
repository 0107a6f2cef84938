/** What a client reports of the certificates that it trusts. */

/** A client's own account of whom it trusts, where that comes with it and is not the scenario's. */
export interface TrustStoreReport {
  readonly roots: number;
  /** Those of the roots that have ended by the client's clock. */
  readonly ended: number;
  readonly organizations: readonly {
    readonly organization: string;
    readonly subjects: readonly string[];
  }[];
}
