/**
 * A CA takes certificates back: it signs a new revocation list that holds those of the old one and these (RFC 5280 section
 * 5). The list of a world as its recipe says is made by `issue.ts`; who looks at a list is not decided here.
 */
import { createPrivateKey } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import { readRevocationList } from '../../protocols/x509/crl.ts';
import { buildRevocationList } from './crl.ts';
import { pemCertificates, pemRevocationLists, toPem } from '../keystore/pem.ts';
import type { World } from '../keystore/world.ts';

export interface Withdrawal {
  /** The row of the CA. */
  readonly authority: string;
  /** Rows of certificates that it issued. */
  readonly certificates: readonly string[];
  /** The list that is in force now, PEM; what stands on it stays on it. */
  readonly before: string | undefined;
  readonly clock: Pick<Clock, 'now'>;
}

export interface NewList {
  readonly pem: string;
  /** Its CRL number: one more than that of the list before. */
  readonly number: number;
}

const lifetime = 7 * 86_400_000;
/** RFC 5280 section 5.3.1: the key may be in other hands. */
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
      ...[...(old?.revoked.values() ?? [])].map(({ serial, at, reason }) => ({
        serial,
        at,
        ...(reason === undefined ? {} : { reason }),
      })),
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
  throw new Error(`the certificate ${name} of our own making cannot be read`);
}

function listOf(pem: string) {
  const [der = new Uint8Array(0)] = pemRevocationLists(pem);
  const step = readRevocationList(der);
  if ('got' in step) return step.got;
  throw new Error('a revocation list of our own making cannot be read');
}
