/**
 * Runs the `enrol` step: makes the request with a key of the recipe, serves the challenge responses where this client may,
 * and installs the certificate in its server. Its counterpart is step.ts.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { enrol } from './client.ts';
import { readSigningRequest } from '../../protocols/x509/request.ts';
import { thumbprintOf } from '../../pki/ca/key-authorization.ts';
import { pemBlocks } from '../../pki/keystore/pem.ts';
import { requestFor } from '../../pki/ca/request.ts';
import { publicKeyOf } from '../../pki/x509/signature.ts';
import { parseSubject } from '../../pki/ca/subject.ts';
import type { World } from '../../pki/keystore/world.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';
import type { PlannedEnrolment } from './step.ts';

/** Resolves when the CA has issued a certificate or rejected the request. */
export async function runEnrol(
  step: PlannedStep,
  { plan, log, clock, world }: RunOptions,
  { addresses, servers }: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const act = step.enrol;
  const ca = plan.servers.find(({ name }) => name === act?.to);
  const to = act && addresses.get(act.to);
  if (!act || !ca || !to || !world) throw new Error(`incomplete plan for step ${step.id}`);
  const { request, publicKey, key } = act.brought
    ? suppliedRequest(plan.request ?? '')
    : madeRequest(step.id, act, world);
  const { chain } = await enrol({
    who: act.client,
    dial: { security: 'plain', to, clock, timeout: plan.stepTimeoutMs, tap: { log, hop: act.wire } },
    host: `${ca.host}:${to.port}`,
    request,
    thumbprint: (publicKey && thumbprintOf(publicKey)) ?? '',
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
  if (chain !== undefined && key !== undefined && act.install !== undefined)
    servers.get(act.install)?.install?.({ certificate: chain, key });
}

interface Asked {
  /** PEM. */
  readonly request: string;
  /** The requested public key; undefined where it cannot be used. */
  readonly publicKey: KeyObject | undefined;
  /** The private key, PEM, where available. */
  readonly key?: string;
}

function madeRequest(
  id: string,
  { key: row, publicKeyOf: other, asks }: PlannedEnrolment,
  world: World,
): Asked {
  if (row === undefined || !asks) throw new Error(`step ${id} neither makes nor supplies a request`);
  const { key: pem } = world.identity(row);
  const key = createPrivateKey(pem);
  const publicKey = createPublicKey(other === undefined ? key : createPrivateKey(world.identity(other).key));
  const first = asks.names.find((name) => name.startsWith('DNS:'))?.slice('DNS:'.length);
  const request = requestFor(key, {
    subject:
      asks.subject === undefined
        ? first === undefined
          ? []
          : [['CN', first]]
        : parseSubject(asks.subject, `${id}: asks.subject`),
    san: asks.names,
    publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    wishes: {
      ...(asks.ca === undefined ? {} : { isCa: asks.ca }),
      ...(asks.keyUsage ? { keyUsage: asks.keyUsage } : {}),
      ...(asks.extendedKeyUsage ? { extendedKeyUsage: asks.extendedKeyUsage } : {}),
    },
  });
  return { request, publicKey, key: pem };
}

/** Sent whatever it contains: the CA decides. */
function suppliedRequest(request: string): Asked {
  const [block] = pemBlocks(request);
  const step = block && readSigningRequest(block.der);
  return { request, publicKey: step && 'got' in step ? publicKeyOf(step.got.publicKey) : undefined };
}
