/**
 * Builds a certificate revocation list of version 2 (RFC 5280 section 5). The counterpart that reads one is
 * `dissect/x509/crl.ts`.
 */
import type { KeyObject } from 'node:crypto';
import { enumerated, explicit, sequence, small, taken, time, unsigned } from './asn1.ts';
import { authorityKeyIdentifier, extension } from './extensions.ts';
import { algorithmFor, signed } from './sign.ts';

export interface RevocationListParts {
  /** The CA's distinguished name as it stands in its certificate, DER. */
  readonly issuer: Uint8Array;
  readonly key: KeyObject;
  readonly keyId: Uint8Array;
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly revoked: readonly { readonly serial: Uint8Array; readonly at: number; /** RFC 5280 section 5.3.1. */ readonly reason?: number }[];
  readonly broken?: boolean;
}

/** The signed list, DER. */
export function buildRevocationList(parts: RevocationListParts): Uint8Array {
  const algorithm = algorithmFor(parts.key, 'strong');
  const entries = parts.revoked.map((entry) =>
    entry.reason === undefined
      ? sequence(unsigned(entry.serial), time(entry.at))
      : sequence(unsigned(entry.serial), time(entry.at), sequence(extension('reason_code', enumerated(entry.reason)))),
  );
  const body = sequence(
    small(1),
    algorithm.identifier(),
    taken(parts.issuer),
    time(parts.thisUpdate),
    time(parts.nextUpdate),
    // An empty list of entries is left out altogether.
    ...(entries.length > 0 ? [sequence(...entries)] : []),
    explicit(0, sequence(extension('authority_key_identifier', authorityKeyIdentifier(parts.keyId)), extension('crl_number', small(parts.number)))),
  );
  return signed(body, parts.key, algorithm, parts.broken);
}
