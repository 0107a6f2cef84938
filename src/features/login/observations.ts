/** What a proxy reports whose revocation list changed. */

/** A proxy's own account: a new revocation list is in force from here on. */
export interface RevocationReport {
  /** The CA that signed it. */
  readonly authority: string;
  /** Its CRL number. */
  readonly number: number;
  /** The certificates that it takes back and the one before did not. */
  readonly certificates: readonly { readonly subject: string; readonly serial: string }[];
}
