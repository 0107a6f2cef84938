/** A client's report of its default trusted certificates. */

/** A client's report of its default trusted certificates, which do not come from the scenario. */
export interface TrustStoreReport {
  readonly roots: number;
  /** The expired roots, by the client's clock. */
  readonly ended: number;
  readonly organizations: readonly {
    readonly organization: string;
    readonly subjects: readonly string[];
  }[];
}
