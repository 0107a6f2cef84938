/**
 * Revokes certificates of a world's CA: signs a new revocation list with the entries of the old one and new ones (RFC
 * 5280 section 5). `issue.ts` creates the initial list from the recipe.
 */
import { defined } from '../../core/defined.ts';
import { createPrivateKey } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import { readRevocationList } from '../../protocols/x509/crl.ts';
import { buildRevocationList } from './crl.ts';
import { pemCertificates, pemRevocationLists, toPem } from '../keystore/pem.ts';
import type { World } from '../keystore/world.ts';

export interface Withdrawal {
  /** The CA's row. */
  readonly authority: string;
  /** Rows of certificates that it issued. */
  readonly certificates: readonly string[];
  /** The current list, PEM; its entries stay. */
  readonly before: string | undefined;
  readonly clock: Pick<Clock, 'now'>;
}

export interface NewList {
  readonly pem: string;
  /** Its CRL number: one more than the previous list's. */
  readonly number: number;
}

const lifetime = 7 * 86_400_000;
/** RFC 5280 section 5.3.1: the key may be compromised. */
const keyCompromise = 1;

/** The new list. */
export function withdraw(world: World, { authority, certificates, before, clock }: Withdrawal): NewList {
  const issuer = certificateOf(world, authority);
  const old = before === undefined ? undefined : listOf(before);
  const now = Math.floor(clock.now() / 1000) * 1000;
  const number = old?.crlNumber
    ? Number(BigInt(`0x${Buffer.from(old.crlNumber).toString('hex') || '0'}`)) + 1
    : 1;
  const der = buildRevocationList({
    issuer: issuer.subject.der,
    key: createPrivateKey(world.identity(authority).key),
    keyId: issuer.keyId ?? new Uint8Array(0),
    number,
    thisUpdate: now,
    nextUpdate: now + lifetime,
    revoked: [
      ...[...(old?.revoked.values() ?? [])].map(({ serial, at, reason }) => defined({ serial, at, reason })),
      ...certificates.map((name) => ({
        serial: certificateOf(world, name).serial,
        at: now,
        reason: keyCompromise,
      })),
    ],
  });
  return { pem: toPem('X509 CRL', der), number };
}

function certificateOf(world: World, name: string) {
  const [der = new Uint8Array(0)] = pemCertificates(world.certificate(name));
  const step = readCertificate(der);
  if ('got' in step) return step.got;
  throw new Error(`the generated certificate ${name} cannot be parsed`);
}

function listOf(pem: string) {
  const [der = new Uint8Array(0)] = pemRevocationLists(pem);
  const step = readRevocationList(der);
  if ('got' in step) return step.got;
  throw new Error('the generated revocation list cannot be parsed');
}
