/** What an impostor reports. */

/** An impostor's own account of what reached it during one step: the logins that it took, as they were typed. */
export interface TakenReport {
  readonly connections: number;
  readonly requests: number;
  readonly logins: readonly { readonly user: string; readonly password: string; readonly rrn: string }[];
}
