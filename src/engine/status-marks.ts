/** Marks before statements and in tables, which convey the status without colour. */

/** Of a claim, by its status. */
export const statusMarks = { met: '✓', missed: '✗', unobserved: '?' } as const;
