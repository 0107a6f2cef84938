/**
 * Builds a certificate revocation list of version 2 (RFC 5280 section 5). The counterpart that reads one is
 * `protocols/x509/crl.ts`.
 */
import type { KeyObject } from 'node:crypto';
import { enumerated, explicit, sequence, sequenceOf, small, taken, time, unsigned } from './asn1.ts';
import { authorityKeyIdentifier, extension } from './extensions.ts';
import { algorithmFor, signed } from './sign.ts';

export interface RevocationListParts {
  /** The CA's distinguished name as in its certificate, DER. */
  readonly issuer: Uint8Array;
  readonly key: KeyObject;
  readonly keyId: Uint8Array;
  /** Increases with each list (RFC 5280 section 5.2.3); up to 20 bytes. */
  readonly number: bigint | number;
  /** Milliseconds since the epoch. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Entries of the previous list, copied byte for byte, before the others. */
  readonly kept?: readonly Uint8Array[];
  readonly revoked: readonly {
    readonly serial: Uint8Array;
    readonly at: number /** RFC 5280 section 5.3.1. */;
    readonly reason?: number;
  }[];
  readonly broken?: boolean;
}

/** The signed list, DER. */
export function buildRevocationList(parts: RevocationListParts): Uint8Array {
  const algorithm = algorithmFor(parts.key, 'strong');
  const added = parts.revoked.map((entry) =>
    entry.reason === undefined
      ? sequence(unsigned(entry.serial), time(entry.at))
      : sequence(
          unsigned(entry.serial),
          time(entry.at),
          sequence(extension('reason_code', enumerated(entry.reason))),
        ),
  );
  const entries = [...(parts.kept ?? []).map(taken), ...added];
  const body = sequence(
    small(1),
    algorithm.identifier(),
    taken(parts.issuer),
    time(parts.thisUpdate),
    time(parts.nextUpdate),
    // An empty list of entries is omitted.
    ...(entries.length > 0 ? [sequenceOf(entries)] : []),
    explicit(
      0,
      sequence(
        extension('authority_key_identifier', authorityKeyIdentifier(parts.keyId)),
        extension('crl_number', unsigned(bigEndian(parts.number))),
      ),
    ),
  );
  return signed(body, parts.key, algorithm, parts.broken);
}

function bigEndian(value: bigint | number): Uint8Array {
  const hex = value.toString(16);
  return new Uint8Array(Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex'));
}
