/**
 * Does what `enrol` planned: makes the request with a key of the recipe, has the answers served where this client may, and
 * puts the certificate into the server that is to show it. Its counterpart is enrol.ts.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { enrol } from '../../actors/enrolment-client.ts';
import { thumbprintOf } from '../../pki/key-authorization.ts';
import { requestFor } from '../../pki/request.ts';
import { parseSubject } from '../../pki/subject.ts';
import type { PlannedStep } from '../plan.ts';
import type { RunOptions, Surroundings } from '../run.ts';

/** Resolves when the CA has given a certificate or refused one. */
export async function runEnrol(step: PlannedStep, { plan, log, clock, world }: RunOptions, { addresses, servers }: Surroundings, signal: AbortSignal): Promise<void> {
  const act = step.enrol;
  const ca = plan.servers.find(({ name }) => name === act?.to);
  const to = act && addresses.get(act.to);
  if (!act || !ca || !to || !world) throw new Error(`the plan of step ${step.id} has a hole`);
  const { asks, key: row, publicKeyOf } = act;
  const { key: pem } = world.identity(row);
  const key = createPrivateKey(pem);
  const publicKey = createPublicKey(publicKeyOf === undefined ? key : createPrivateKey(world.identity(publicKeyOf).key));
  const first = asks.names.find((name) => name.startsWith('DNS:'))?.slice('DNS:'.length);
  const request = requestFor(key, {
    subject: asks.subject === undefined ? (first === undefined ? [] : [['CN', first]]) : parseSubject(asks.subject, `${step.id}: asks.subject`),
    san: asks.names,
    publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    wishes: {
      ...(asks.ca === undefined ? {} : { isCa: asks.ca }),
      ...(asks.keyUsage ? { keyUsage: asks.keyUsage } : {}),
      ...(asks.extendedKeyUsage ? { extendedKeyUsage: asks.extendedKeyUsage } : {}),
    },
  });
  const { chain } = await enrol({
    who: act.client,
    dial: { security: 'plain', to, clock, timeout: plan.stepTimeoutMs, tap: { log, hop: act.wire } },
    host: `${ca.host}:${to.port}`,
    request,
    thumbprint: thumbprintOf(publicKey) ?? '',
    publish(path, text) {
      const taken = act.publishesAt.map((site) => servers.get(site)?.publish?.(path, text));
      return () => {
        for (const take of taken) take?.();
      };
    },
    log,
    signal,
    timeout: plan.stepTimeoutMs,
  });
  if (chain !== undefined && act.install !== undefined) servers.get(act.install)?.install?.({ certificate: chain, key: pem });
}
