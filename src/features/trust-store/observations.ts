/** What a client reports of certificates that it was shown, and of those that it trusts. */
import type { RefusalReason } from '../../capture/vocabulary.ts';

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

/** A client's own account of whom it trusts, where that comes with it and is not the scenario's. */
export interface TrustStoreReport {
  readonly roots: number;
  /** Those of the roots that have ended by the client's clock. */
  readonly ended: number;
  readonly organizations: readonly {
    readonly organization: string;
    readonly subjects: readonly string[];
  }[];
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
