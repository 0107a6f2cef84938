/** A proxy's report of a new revocation list. */

/** A proxy's report that a new revocation list is in force from here on. */
export interface RevocationReport {
  /** The CA that signed it. */
  readonly authority: string;
  /** Its CRL number. */
  readonly number: number;
  /** The certificates that it revokes in addition to the previous list. */
  readonly certificates: readonly { readonly subject: string; readonly serial: string }[];
}
