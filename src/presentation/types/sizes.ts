import type { Localized } from '../../i18n/language.ts';

/** What sizes and times alone give away: one bar for each answer on a wire. */
export interface SizeChart {
  readonly hop: string;
  readonly bars: readonly {
    /** Bytes of the sealed answer absent where it could not be measured. */
    readonly length?: number;
    /** What it is by its size; absent where several would fit. */
    readonly name?: Localized;
    /** How many would fit. */
    readonly fitting: number;
    /** Microseconds until the next request; absent behind the last. */
    readonly pause?: number;
  }[];
}

/** Sealed records in a row: their sizes and times are all that a sniffer knows of them. */
export interface Sizes {
  /** The first records; more are only counted. Times in microseconds since the run began, lengths in bytes. */
  readonly records: readonly { readonly at: number; readonly length: number }[];
  readonly count: number;
  /** Bytes of all of them. */
  readonly total: number;
}
