/** How far a search has come that needs several turns. A part of the model; `search.ts` goes on from it. */
export interface Going {
  readonly step: 1 | -1;
  /** Messages looked at so far; -1 before the one where the search begins. */
  readonly looked: number;
  /** Once it has stopped at a gap: where it began, whether it has gone round since, and the place that was wanted last. */
  readonly begun?: {
    readonly conn: number;
    readonly at: number;
    readonly isRound: boolean;
    readonly wantedAt: number;
  };
}
