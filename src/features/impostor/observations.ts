/** An impostor's report. */

/** An impostor's report of what reached it during one step: the logins that it collected, as typed. */
export interface TakenReport {
  readonly connections: number;
  readonly requests: number;
  readonly logins: readonly { readonly user: string; readonly password: string; readonly rrn: string }[];
}
