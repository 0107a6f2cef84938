/** Waits for what a step waits for in a cluster, for at most half of the step's time. The schema is in awaited.ts. */
import type { RunLog } from '../../capture/log.ts';
import { listAt, objectAt, textAt } from '../../kube/objects/json.ts';
import { resourceNamed } from '../../kube/kubectl/words.ts';
import type { KubeObject } from '../../kube/objects/objects.ts';
import type { Plan } from '../../engine/plan.ts';
import type { RunningServer } from '../../engine/run-context.ts';
import type { Awaited, AwaitedState } from './awaited.ts';

const hasCondition = (object: KubeObject | undefined, type: string): boolean =>
  listAt(object, 'status', 'conditions').some(
    (one) => textAt(one, 'type') === type && textAt(one, 'status') === 'True',
  );
const certificatesIn = (object: KubeObject): number =>
  Object.values(objectAt(object, 'data')).reduce<number>(
    (sum, text) =>
      sum + (typeof text === 'string' ? text.split('-----BEGIN CERTIFICATE-----').length - 1 : 0),
    0,
  );
const certificateOf = (object: KubeObject | undefined): string => textAt(object, 'status', 'certificate');

/** Whether an object is in the state; undefined is a missing object. */
const isSo: Readonly<Record<AwaitedState, (object: KubeObject | undefined) => boolean>> = {
  there: (object) => object !== undefined,
  gone: (object) => object === undefined,
  ready: (object) => hasCondition(object, 'Ready'),
  notReady: (object) => object !== undefined && !hasCondition(object, 'Ready'),
  running: (object) => textAt(object, 'status', 'phase') === 'Running',
  pending: (object) =>
    object !== undefined &&
    certificateOf(object) === '' &&
    !['Approved', 'Denied', 'Failed'].some((type) => hasCondition(object, type)),
  issued: (object) => certificateOf(object) !== '',
};

export function isAsAwaited(
  { is, by, signer, certificates }: Awaited,
  object: KubeObject | undefined,
): boolean {
  const isMeant =
    object === undefined ||
    ((by === undefined || textAt(object, 'spec', 'username') === by) &&
      (signer === undefined || textAt(object, 'spec', 'signerName') === signer) &&
      (certificates === undefined || certificatesIn(object) === certificates));
  return isMeant && isSo[is](object);
}

type Within = Pick<Plan, 'stepTimeoutMs'>;

/** Not the step's whole time: the rest shows that the state was not reached. */
async function patiently<T>(
  { stepTimeoutMs }: Within,
  signal: AbortSignal,
  wait: (patience: AbortSignal) => Promise<T> | undefined,
): Promise<T | undefined> {
  const patience = new AbortController();
  const giveUp = (): void => patience.abort();
  // A timer of its own: a signal referenced only by another signal may be garbage-collected before it fires.
  const timer = setTimeout(giveUp, stepTimeoutMs / 2);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await wait(patience.signal);
  } catch (error) {
    if (!patience.signal.aborted) throw error;
    return undefined;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

/**
 * @param awaited an object, or the name of a signing request that the signer must have processed.
 * @returns the name of the object; undefined after a timeout.
 */
export async function waitFor(
  awaited: Awaited | string,
  server: RunningServer,
  within: Within,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (typeof awaited === 'string') {
    await patiently(within, signal, (patience) => server.dealtWith?.(awaited, patience));
    return awaited;
  }
  const { name, namespace = 'default' } = awaited;
  const found = resourceNamed(awaited.resource);
  if (!found) throw new Error(`unknown resource ${awaited.resource}`);
  const { group, plural, namespaced } = found;
  const object = await patiently(within, signal, (patience) =>
    server.until?.(
      { group, plural, ...(namespaced ? { namespace } : {}), ...(name === undefined ? {} : { name }) },
      (one) => isAsAwaited(awaited, one),
      patience,
    ),
  );
  return object?.metadata.name ?? name;
}

/** Waits until every collection listed on each of the wires is watched. */
export async function untilWatched(
  wires: readonly string[],
  server: RunningServer,
  within: Within,
  signal: AbortSignal,
): Promise<void> {
  await patiently(within, signal, (patience) => server.watched?.(wires, patience));
}

/** Waits until the kubelet presents an issued certificate. */
export async function untilCertified(
  server: RunningServer,
  within: Within,
  signal: AbortSignal,
): Promise<void> {
  await patiently(within, signal, async (patience) => {
    const over = new Promise<void>((resolve) =>
      patience.addEventListener('abort', () => resolve(), { once: true }),
    );
    await Promise.race([server.certified?.(), over]);
  });
}

/** Listens from now on, until `end`. */
export function listenOn(
  hops: readonly string[],
  log: RunLog,
): { until(most: number, signal: AbortSignal): Promise<void>; end(): void } {
  const from = log.events.length;
  const askers = new Set<number>();
  const notified = new Set<string>();
  const end = log.subscribe((event) => {
    if (event.seq < from || event.type !== 'bytes') return;
    if (event.from === 'client') askers.add(event.conn);
    else if (event.vantage === 'plaintext' && !askers.has(event.conn)) notified.add(event.hop);
  });
  return {
    /**
     * Waits until, on each of the wires, a server has sent an event of a watch to a client that requested it before; or until
     * the time is up, in milliseconds.
     */
    async until(most, signal) {
      await log.until(() => hops.every((hop) => notified.has(hop)), most, signal);
    },
    end,
  };
}
