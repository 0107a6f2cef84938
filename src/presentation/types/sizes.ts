/** Sealed records in a row: their sizes and times are all that a sniffer knows of them. */
export interface Sizes {
  /** The first records; more are only counted. Times in microseconds since the run began, lengths in bytes. */
  readonly records: readonly { readonly at: number; readonly length: number }[];
  readonly count: number;
  /** Bytes of all of them. */
  readonly total: number;
}
