/**
 * Issues a certificate with a key of its own under a CA at hand, by the rules by which that CA would sign a request
 * (`signing-policy.ts`): for a server or a client that is made while the program runs.
 */
import { createPrivateKey } from 'node:crypto';
import { readContents } from '../x509/contents.ts';
import { toPem } from '../keystore/pem.ts';
import type { Identity } from '../keystore/world.ts';
import { requestFor } from './request.ts';
import type { SubjectAttribute } from './plan.ts';
import { makeKey } from './sign.ts';
import { considerRequest, issueGranted } from './signing-policy.ts';
import type { SigningProfile } from './signing-policy.ts';

export interface NewLeaf {
  readonly profile: Exclude<SigningProfile, 'ca'>;
  readonly subject: readonly (readonly [SubjectAttribute, string])[];
  /** `DNS:…`, `IP:…`. */
  readonly san?: readonly string[];
  readonly days: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The certificate and its key, PEM. @throws Error where the CA may not issue it: a mistake in the program */
export function issueUnder(authority: Identity, { profile, subject, san = [], days, at }: NewLeaf): Identity {
  const key = makeKey('P-256');
  const [request] = readContents(Buffer.from(requestFor(key, { subject, san })), 'request');
  const [issuer] = readContents(Buffer.from(authority.certificate), 'authority');
  if (request?.kind !== 'request' || issuer?.kind !== 'certificate')
    throw new Error('a request and a certificate of ours cannot be read');
  const question = {
    request: request.request,
    authority: issuer.certificate,
    profile,
    days,
    at,
  } as const;
  const { grant, decisions } = considerRequest(question);
  if (!grant) throw new Error(`the CA refused: ${decisions.map(({ about }) => about).join(', ')}`);
  const der = issueGranted(question, grant, createPrivateKey(authority.key));
  return {
    certificate: toPem('CERTIFICATE', der),
    key: String(key.export({ type: 'pkcs8', format: 'pem' })),
  };
}
