/** The progress of a search that takes several turns. Part of the model; `search.ts` continues from it. */
export interface Going {
  readonly step: 1 | -1;
  /** Messages looked at so far; -1 before the one where the search begins. */
  readonly looked: number;
  /** What `looked` was at the beginning. */
  readonly began?: number;
  /** It was not found in what has been read, and more is being read: then it begins anew, from there. */
  readonly waits?: { readonly looked: number };
  /** After it stopped at a gap: where it began, whether it has wrapped since, and the place that was requested last. */
  readonly begun?: {
    readonly conn: number;
    readonly at: number;
    readonly isRound: boolean;
    readonly wantedAt: number;
  };
}
