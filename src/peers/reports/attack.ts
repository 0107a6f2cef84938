/** Reports about attempts to open captured bytes. */

declare module '../../capture/event.ts' {
  interface Observations {
    theft: AttackReport;
  }
}

/**
 * The attacks: with a key that crossed a wire, by applying a public key once more, by encrypting guesses with a public key
 * and comparing, with a stolen private key on a recorded key exchange, with that and stolen session ticket keys. Each has its
 * words in `story`.
 */
export const theftAttempts = [
  'key_on_wire',
  'public_key_again',
  'guesses_locked',
  'stolen_private_key',
  'stolen_server_keys',
] as const;
export type TheftAttempt = (typeof theftAttempts)[number];

/** An eavesdropper's or a thief's report: what was tried on captured bytes, and the result. */
export interface AttackReport {
  /** The certificate whose private key was stolen; absent for other attacks. */
  readonly key?: string;
  readonly tries: readonly {
    readonly attempt: TheftAttempt;
    readonly conn: number;
    readonly hop: string;
    /** The number of attempts: messages, guesses or handshakes. */
    readonly tried: number;
    /** How many of them succeeded. */
    readonly opened: number;
    /** The start of what was read; absent where nothing was. */
    readonly read?: string;
  }[];
}
