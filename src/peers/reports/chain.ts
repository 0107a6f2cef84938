/** A client's report of the certificates presented to it. */
import type { RefusalReason } from '../../capture/vocabulary.ts';

declare module '../../capture/event.ts' {
  interface Observations {
    chain: ChainReport;
  }
}

/** A client's report of the certificates presented to it, before it sends anything over the connection. */
export interface ChainReport {
  /** The name that it expects. */
  readonly name: string;
  /** The number of certificates that it trusts. */
  readonly trusts: number;
  /** From the server's certificate upwards, as far as the path leads. */
  readonly way: readonly ChainStep[];
  /** Where the path breaks; absent where it leads to a trusted certificate without a fault. */
  readonly breaks?: {
    /** Index in `way`, from 0, of the certificate that is at fault, or whose issuer is missing. */
    readonly at: number;
    readonly reason: RefusalReason;
  };
}

/** A certificate on a client's path from a server's certificate to a trusted one. */
export interface ChainStep {
  readonly subject: string;
  readonly issuer: string;
  readonly keyId?: string;
  readonly authorityKeyId?: string;
  /** ISO 8601, UTC. */
  readonly notAfter: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** The client trusts this certificate. */
  readonly trusted?: true;
}

/** Where a person is to look for a break. */
export interface BreakPlace {
  /** Index in `way`; of the topmost certificate where its issuer is missing. */
  readonly at: number;
  /** The certificate at fault; or the issuer that was neither sent nor is trusted, by its name in the certificate below it. */
  readonly subject: string;
  readonly isMissing: boolean;
}

const missingIssuer: ReadonlySet<RefusalReason> = new Set(['unknown_ca', 'intermediate_missing']);

/** The one place where the path breaks; undefined where it does not. */
export function breakPlace({ way, breaks }: ChainReport): BreakPlace | undefined {
  const step = breaks && way[breaks.at];
  if (!step) return undefined;
  const isMissing =
    missingIssuer.has(breaks.reason) &&
    breaks.at === way.length - 1 &&
    !step.trusted &&
    step.subject !== step.issuer;
  return { at: breaks.at, subject: isMissing ? step.issuer : step.subject, isMissing };
}
