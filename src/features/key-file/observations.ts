/** The report about a private key's file. */

/** The report about a private key's file: what its permissions let others do. */
export interface KeyFileReport {
  /** The certificate that the key belongs to. */
  readonly key: string;
  /** As `ls -l` shows them: `-rw-------`. */
  readonly permissions: string;
  /** Octal: `0600`. */
  readonly mode: string;
  readonly group: boolean;
  readonly others: boolean;
  /** Whether wirelab would accept a key of its own with these permissions. */
  readonly accepted: boolean;
}
