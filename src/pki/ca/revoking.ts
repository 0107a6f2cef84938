/**
 * Decides whether a certificate can be added to the revocation list of its CA, and prepares the next list with every
 * entry of the previous one. `crl.ts` builds the list.
 *
 * 1. Entries are copied byte for byte, in order, whatever they contain; the number increases by one.
 * 2. Only its own CA can update a list, and only a complete one: partial and delta lists have a critical extension that
 *    describes what they omit.
 */
import { defined } from '../../core/defined.ts';
import type { KeyObject } from 'node:crypto';
import { toHex } from '../../core/hex.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { RevocationList, RevokedCertificate } from '../../protocols/x509/crl.ts';
import { serialText } from '../../protocols/x509/structures.ts';
import { buildRevocationList } from './crl.ts';
import { keyIdentifier } from './sign.ts';
import { isIssuedBy, isListOf, mayHaveIssued, sameName } from '../x509/verify.ts';

export type RevokingObjection =
  /** The certificate names another issuer, or another key of this one. */
  | 'other_issuer'
  /** It names this CA, but the signature was not made with its key. */
  | 'forged'
  /** The CA's keyUsage has no cRLSign. */
  | 'no_crl_sign'
  /** The previous list belongs to another CA. */
  | 'foreign_list'
  /** The previous list names this CA, but its signature is invalid, or it has a critical extension. */
  | 'unusable_list';

export function objectionToRevoking(
  certificate: Certificate,
  authority: Certificate,
  before?: RevocationList,
): RevokingObjection | undefined {
  if (!mayHaveIssued(authority, certificate)) return 'other_issuer';
  if (!isIssuedBy(certificate, authority)) return 'forged';
  if (
    !(authority.basicConstraints?.isCa ?? false) ||
    (authority.keyUsage && !authority.keyUsage.includes('cRLSign'))
  )
    return 'no_crl_sign';
  if (!before) return undefined;
  if (!sameName(before.issuer, authority.subject)) return 'foreign_list';
  return isListOf(before, authority) ? undefined : 'unusable_list';
}

/** The entry of an already revoked certificate. */
export function entryOf(
  certificate: Certificate,
  before: RevocationList | undefined,
): RevokedCertificate | undefined {
  return before?.revoked.get(serialText(certificate.serial));
}

export interface NextListParts {
  readonly certificate: Certificate;
  readonly authority: Certificate;
  readonly key: KeyObject;
  readonly before?: RevocationList | undefined;
  /** RFC 5280 section 5.3.1; `unspecified` is omitted, as the RFC recommends. */
  readonly reason?: number | undefined;
  /** Milliseconds since the epoch; milliseconds until the next list is due. */
  readonly at: number;
  readonly lasts: number;
}

/** DER, and the number of the list. */
export function nextList({ certificate, authority, key, before, reason, at, lasts }: NextListParts): {
  readonly der: Uint8Array;
  readonly number: bigint;
} {
  const number = before?.crlNumber ? BigInt(`0x${toHex(before.crlNumber)}`) + 1n : 1n;
  const now = Math.floor(at / 1000) * 1000;
  const der = buildRevocationList({
    issuer: authority.subject.der,
    key,
    keyId: authority.keyId ?? keyIdentifier(authority.publicKey.der),
    number,
    // A list is never older than the previous one, whatever the clock reports.
    thisUpdate: Math.max(now, before?.thisUpdate ?? now),
    nextUpdate: Math.max(now, before?.thisUpdate ?? now) + lasts,
    kept: Array.from(before?.entries ?? [], (entry) => entry.der),
    revoked: [defined({ serial: certificate.serial, at: now, reason: reason || undefined })],
  });
  return { der, number };
}
