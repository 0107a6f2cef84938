/** What the keeper of a private key reports. */

/** The keeper of a private key: what its file's permissions let others do. */
export interface KeyFileReport {
  /** The certificate whose key it is. */
  readonly key: string;
  /** As `ls -l` shows them: `-rw-------`. */
  readonly permissions: string;
  /** Octal: `0600`. */
  readonly mode: string;
  readonly group: boolean;
  readonly others: boolean;
  /** Whether wirelab itself would go on using a key of its own with these permissions. */
  readonly accepted: boolean;
}
