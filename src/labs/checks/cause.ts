/**
 * Why a chain was refused, as precisely as a lab can say. A verifier that finds no path to a trusted CA cannot distinguish a
 * foreign CA from a missing intermediate, and its TLS library leaves out certificates that do not fit. A check knows both the
 * bytes on the wire and the other certificates in the learner's folder. Whether there was a refusal is not decided here.
 */
import type { EventOf } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { Flows } from '../../capture/flows.ts';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { isIssuedBy, mayHaveIssued, verifyChain } from '../../pki/x509/verify.ts';
import type { World } from '../../pki/keystore/world.ts';
import type { Plan } from '../../engine/plan.ts';
import { readWire } from '../../analysis/read-wire.ts';

/** The reasons that say only that no path was found. */
const loose: ReadonlySet<RefusalReason> = new Set(['unknown_ca', 'intermediate_missing']);

export interface Refused {
  readonly refusal: EventOf<'refused'>;
  readonly connection: Connection;
  readonly flows: Flows;
  /** The name in the plan of the side that refused. */
  readonly refuser: string;
}

/**
 * @param known other certificates that the lab and the learner's folder have, DER: they complete no chain, they prove that one is incomplete.
 * @param at milliseconds since the epoch.
 */
export function closerReason(
  { refusal, connection, flows, refuser }: Refused,
  {
    plan,
    world,
    known,
    at,
  }: {
    readonly plan: Plan;
    readonly world: World;
    readonly known: readonly Uint8Array[];
    readonly at: number;
  },
): RefusalReason {
  if (!loose.has(refusal.reason)) return refusal.reason;
  const trusted = [
    ...plan.clients.map(({ name, trust }) => ({ name, trust })),
    ...[...plan.proxies, ...plan.servers].map(({ name, clientAuthorities: trust }) => ({ name, trust })),
  ].find(({ name }) => name === refuser)?.trust;
  const purpose = refusal.by === 'client' ? 'server' : 'client';
  const chain = readWire(connection, flows).handshake.find(
    ({ from, certificates }) => from === purpose && certificates !== undefined,
  )?.certificates;
  if (!trusted || !chain) return refusal.reason;
  const verification = verifyChain({
    chain,
    roots: trusted.flatMap((name) => pemCertificates(world.authority(name))),
    known,
    purpose,
    at,
  });
  if (verification.admitted) return refusal.reason;
  // A name in common with a trusted CA suggests an intermediate (`pki/x509/verify.ts`), unless the issuer is known to be a root.
  return verification.reason === 'intermediate_missing' && isBelowRoot(chain, known)
    ? 'unknown_ca'
    : verification.reason;
}

/** Whether one of them, not a root itself, was signed by a known root. */
function isBelowRoot(chain: readonly Uint8Array[], known: readonly Uint8Array[]): boolean {
  const roots = known.flatMap(readable).filter((certificate) => isIssuedBy(certificate, certificate));
  return chain
    .flatMap(readable)
    .some(
      (certificate) =>
        !isIssuedBy(certificate, certificate) &&
        roots.some((root) => mayHaveIssued(root, certificate) && isIssuedBy(certificate, root)),
    );
}

function readable(der: Uint8Array): Certificate[] {
  const step = readCertificate(der);
  return 'got' in step ? [step.got] : [];
}
