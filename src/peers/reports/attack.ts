/** What somebody reports who tried to open captured bytes. */

declare module '../../capture/event.ts' {
  interface Observations {
    theft: AttackReport;
  }
}

/**
 * What somebody tries who wants to read what is not his: with a key that went over the wire, by turning a public key once
 * more, by locking guesses with a public key and comparing, with a stolen private key on a recorded key exchange. Each has its
 * words in `story`.
 */
export const theftAttempts = [
  'key_on_wire',
  'public_key_again',
  'guesses_locked',
  'stolen_private_key',
] as const;
export type TheftAttempt = (typeof theftAttempts)[number];

/** An eavesdropper's or a thief's own account: what was tried on captured bytes, and what came of it. */
export interface AttackReport {
  /** The certificate whose private key was stolen; absent where nothing was. */
  readonly key?: string;
  readonly tries: readonly {
    readonly attempt: TheftAttempt;
    readonly conn: number;
    readonly hop: string;
    /** How often: messages, guesses, or handshakes. */
    readonly tried: number;
    /** How many of them opened. */
    readonly opened: number;
    /** What was read, from its beginning; absent where nothing was. */
    readonly read?: string;
  }[];
}
