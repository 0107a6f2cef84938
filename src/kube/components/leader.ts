/**
 * Implements leader election (client-go, tools/leaderelection): of several components of a kind, only the holder of the
 * Lease in kube-system works; it renews the Lease, and the others wait until it is released or has expired.
 *
 * 1. A component that loses its lease, or cannot renew it, stops its work before it tries again. (kube-scheduler and
 *    kube-controller-manager exit and are restarted by their kubelet.)
 * 2. A holder that stops releases its lease, so that others need not wait.
 * 3. Stricter than client-go: a lease expires by its written time, not by how long it was observed.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';
import type { ApiClient } from './api-client.ts';
import { textAt, valueAt, withKeys, objectAt } from '../objects/json.ts';
import type { KubeObject } from '../objects/objects.ts';
import { ask } from './asking.ts';
import type { DisconnectedReport } from './asking.ts';
import { keepTrying } from './informer.ts';
import type { Retrying } from './informer.ts';

export interface LeaderOptions {
  /** The lease: `kube-scheduler`. */
  readonly name: string;
  /** The holder's identity: the machine's name and a unique suffix. */
  readonly holder: string;
  /** How long it holds, in seconds; fifteen where it is left out. */
  readonly duration?: number;
  /** The interval of renewals and attempts, in milliseconds; two thirds of the duration by default. */
  readonly every?: number;
}

export type LeaderReport =
  | { readonly what: 'leading'; readonly lease: string }
  /** Another holder does the work. */
  | { readonly what: 'waiting'; readonly lease: string; readonly holder: string };

type Report = LeaderReport | DisconnectedReport;

const collection = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';

/** Works while it leads, until the signal. @throws for a fault of ours alone. */
export async function whileLeading(
  client: ApiClient,
  options: LeaderOptions &
    Omit<Retrying, 'onReport' | 'clock'> & {
      readonly clock: Clock;
      readonly onReport: (report: Report) => void;
    },
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { name, holder, duration = 15, every = (duration * 1000 * 2) / 3, clock, onReport } = options;
  let waitsFor: string | undefined;
  /** Whether it is ours now. */
  const renew = async (): Promise<boolean> => {
    const found = await ask(client, 'GET', `${collection}/${name}`, signal);
    const decided = decideLease(found, { name, holder, duration }, clock.now());
    if ('heldBy' in decided) {
      if (decided.heldBy !== waitsFor)
        onReport({ what: 'waiting', lease: name, holder: (waitsFor = decided.heldBy) });
      return false;
    }
    const { status } = await client.call(
      found ? 'PUT' : 'POST',
      found ? `${collection}/${name}` : collection,
      signal,
      decided.lease,
    );
    return status === 200 || status === 201;
  };
  await keepTrying(
    async () => {
      while (!(await renew())) await pause(every, undefined, { signal });
      waitsFor = undefined;
      onReport({ what: 'leading', lease: name });
      const ending = new AbortController();
      const leading = AbortSignal.any([signal, ending.signal]);
      const working = work(leading).finally(() => ending.abort());
      try {
        for (;;) {
          await pause(every, undefined, { signal: leading }).catch(() => {});
          if (leading.aborted || !(await renew())) break;
        }
      } finally {
        ending.abort();
        await working;
      }
    },
    options,
    signal,
  );
  await release(client, options).catch(() => {});
}

/** The lease to write; or its current holder. Pure. @param now milliseconds since the epoch. */
export function decideLease(
  found: KubeObject | undefined,
  { name, holder, duration }: Required<Pick<LeaderOptions, 'name' | 'holder' | 'duration'>>,
  now: number,
): { readonly lease: object } | { readonly heldBy: string } {
  const spec = objectAt(found, 'spec');
  const before = textAt(spec, 'holderIdentity');
  const renewed = Date.parse(textAt(spec, 'renewTime'));
  const seconds = Number(valueAt(spec, 'leaseDurationSeconds')) || 0;
  if (before !== '' && before !== holder && now < renewed + seconds * 1000) return { heldBy: before };
  const at = microTime(now);
  const transitions = Number(valueAt(spec, 'leaseTransitions')) || 0;
  const isMine = before === holder;
  const written = {
    holderIdentity: holder,
    leaseDurationSeconds: duration,
    acquireTime: isMine ? textAt(spec, 'acquireTime') || at : at,
    renewTime: at,
    leaseTransitions: isMine || !found ? transitions : transitions + 1,
  };
  return {
    lease: {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: found ? found.metadata : { name, namespace: 'kube-system' },
      spec: written,
    },
  };
}

/** RFC 3339 with microseconds (metav1.MicroTime). */
export function microTime(now: number): string {
  return new Date(now).toISOString().replace('Z', '000Z');
}

/** Milliseconds. */
const longestRelease = 1_500;

/** Runs after the signal, and therefore under its own short one. */
async function release(client: ApiClient, { name, holder }: LeaderOptions): Promise<void> {
  const signal = AbortSignal.timeout(longestRelease);
  const found = await ask(client, 'GET', `${collection}/${name}`, signal);
  if (!found || textAt(found, 'spec', 'holderIdentity') !== holder) return;
  const spec = withKeys(objectAt(found, 'spec'), { holderIdentity: '', leaseDurationSeconds: 1 });
  await client.call('PUT', `${collection}/${name}`, signal, { ...found, spec });
}
