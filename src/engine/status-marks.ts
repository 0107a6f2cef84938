/** Marks that stand before statements and in tables, for those who see no colour. */

/** Of a claim, by what became of it. */
export const statusMarks = { met: '✓', missed: '✗', unobserved: '?' } as const;
