/** What a client reports of the certificates that it was shown. */
import type { RefusalReason } from '../../capture/vocabulary.ts';

declare module '../../capture/event.ts' {
  interface Observations {
    chain: ChainReport;
  }
}

/** A client's own account of the certificates that it was shown, before it says anything over the connection. */
export interface ChainReport {
  /** The name that it asked for. */
  readonly name: string;
  /** How many certificates it trusts to begin with. */
  readonly trusts: number;
  /** From the server's certificate upwards, as far as it came. */
  readonly way: readonly ChainStep[];
  /** Where it goes no further; absent where it leads to a certificate that is trusted, and nothing is wrong on it. */
  readonly breaks?: {
    /** The place in `way`, from 0, of the certificate that is to blame, or whose issuer is not there. */
    readonly at: number;
    readonly reason: RefusalReason;
  };
}

/** A certificate on a client's way from a server's certificate to one that it trusts. */
export interface ChainStep {
  readonly subject: string;
  readonly issuer: string;
  readonly keyId?: string;
  readonly authorityKeyId?: string;
  /** ISO 8601, UTC. */
  readonly notAfter: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** It is among those that the client trusts. */
  readonly trusted?: true;
}
