/** What a server answered to a login: one closed vocabulary. The readers of the protocols find it, summaries and filters show it. */
export const loginResults = ['accepted', 'refused'] as const;
export type LoginResult = (typeof loginResults)[number];
