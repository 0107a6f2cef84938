/**
 * Implements kube-scheduler: assigns a node to each pod without one. `scheduling.ts` selects the node. It uses only the
 * API; running the pod is the kubelet's task.
 *
 * 1. A pod is bound by POST to its `binding`; the API server sets the node's name.
 * 2. For an unschedulable pod it writes the condition PodScheduled and an event, once per message, and retries when a
 *    node or the number of pods changes.
 * 3. A bound pod counts at once, before the watch reports it.
 */
import type { RandomBytes } from '../../core/clock.ts';
import { isoTime } from '../../protocols/x509/certificate.ts';
import { checkDialer } from '../../wire/dial.ts';
import { apiClient } from './api-client.ts';
import type { ApiClient, ApiClientOptions } from './api-client.ts';
import { listAt, objectAt, textAt, withKeys } from '../objects/json.ts';
import type { KubeObject } from '../objects/objects.ts';
import { ask, WorkQueue } from './asking.ts';
import type { DisconnectedReport, RefusedReport } from './asking.ts';
import { writeEvent } from './events.ts';
import type { EventContent } from './events.ts';
import { firstPause, keepInformed, keyOf, Known, keptConnections } from './informer.ts';
import type { Retrying } from './informer.ts';
import { whileLeading } from './leader.ts';
import type { LeaderOptions, LeaderReport } from './leader.ts';
import { place, schedulerName, waitsForNode } from './scheduling.ts';

export interface SchedulerOptions
  extends Omit<ApiClientOptions, 'userAgent'>,
    Pick<Retrying, 'relist' | 'retry'> {
  readonly random: RandomBytes;
  /** Left out: it works without asking whether another one does. */
  readonly lease?: Omit<LeaderOptions, 'name'>;
  readonly onReport?: (report: SchedulerReport) => void;
}

export type SchedulerReport =
  /** Everything was read; changes are waited for. */
  | { readonly what: 'watching'; readonly pods: number; readonly nodes: number }
  | { readonly what: 'bound'; readonly pod: string; readonly node: string }
  | { readonly what: 'unschedulable'; readonly pod: string; readonly message: string }
  | LeaderReport
  | RefusedReport
  | DisconnectedReport;

/** Runs until the signal; resolves then. @throws UserError for an identity or a CA that cannot be used; else for a fault of ours alone. */
export async function startScheduler(given: SchedulerOptions, signal: AbortSignal): Promise<void> {
  await checkDialer({ ...given, security: given.identity ? 'mtls' : 'tls' });
  const client = apiClient({ ...given, connections: keptConnections, userAgent: 'kube-scheduler' });
  const options = { ...given, onReport: given.onReport ?? ((): void => {}) };
  const work = async (until: AbortSignal): Promise<void> => schedule(client, options, until);
  try {
    await (given.lease
      ? whileLeading(client, { ...options, ...given.lease, name: 'kube-scheduler' }, signal, work)
      : work(signal));
  } finally {
    client.close();
  }
}

async function schedule(
  client: ApiClient,
  options: SchedulerOptions & { readonly onReport: (report: SchedulerReport) => void },
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, retry = firstPause, onReport } = options;
  const queue = new WorkQueue<string>(
    {
      step: async (key) => step(key),
      again: async (key) => Promise.resolve(pods.get(key) && key),
      retry,
      onReport,
    },
    signal,
  );
  const put = (pod: KubeObject): void => {
    if (pods.isListed && nodes.isListed && waitsForNode(pod)) queue.put(keyOf(pod), keyOf(pod));
  };
  const putAll = (): void => {
    for (const pod of pods.all()) put(pod);
  };
  const onListed = (): void => {
    if (!pods.isListed || !nodes.isListed) return;
    onReport({ what: 'watching', pods: pods.all().length, nodes: nodes.all().length });
    putAll();
  };
  const pods = new Known((pod, isGone) => {
    if (!isGone) return put(pod);
    queue.drop(keyOf(pod));
    if (textAt(pod, 'spec', 'nodeName') !== '') putAll();
  }, onListed);
  const nodes = new Known(putAll, onListed);

  const step = async (key: string): Promise<void> => {
    const pod = pods.get(key);
    if (!pod || !waitsForNode(pod)) return;
    const placement = place(pod, nodes.all(), pods.all());
    await ('node' in placement ? bind(pod, placement.node) : tell(pod, placement.message));
  };
  const pathOf = ({ metadata: { namespace = '', name } }: KubeObject): string =>
    `/api/v1/namespaces/${namespace}/pods/${name}`;
  const event = async (content: EventContent): Promise<void> =>
    writeEvent(client, content, { component: schedulerName }, { clock, random }, signal);

  const bind = async (pod: KubeObject, node: string): Promise<void> => {
    const { name, namespace, uid } = pod.metadata;
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, uid },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    };
    if (!(await ask(client, 'POST', `${pathOf(pod)}/binding`, signal, binding))) return;
    const known = pods.get(keyOf(pod));
    if (known?.metadata.uid === uid && known)
      pods.put(withKeys(known, { spec: withKeys(objectAt(known, 'spec'), { nodeName: node }) }));
    onReport({ what: 'bound', pod: keyOf(pod), node });
    await event({
      about: pod,
      type: 'Normal',
      reason: 'Scheduled',
      message: `Successfully assigned ${keyOf(pod)} to ${node}`,
    });
  };

  const tell = async (pod: KubeObject, message: string): Promise<void> => {
    const before = listAt(pod, 'status', 'conditions').find((one) => textAt(one, 'type') === 'PodScheduled');
    if (textAt(before, 'status') === 'False' && textAt(before, 'message') === message) return;
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastProbeTime: null,
      lastTransitionTime: isoTime(clock.now()),
    };
    const written = await ask(client, 'PATCH', `${pathOf(pod)}/status`, signal, {
      status: { conditions: [condition] },
    });
    if (!written) return;
    if (pods.get(keyOf(pod))?.metadata.uid === written.metadata.uid) pods.put(written);
    onReport({ what: 'unschedulable', pod: keyOf(pod), message });
    await event({ about: pod, type: 'Warning', reason: 'FailedScheduling', message });
  };

  try {
    await Promise.all([
      keepInformed(client, { path: '/api/v1/pods' }, pods, options, signal),
      keepInformed(client, { path: '/api/v1/nodes' }, nodes, options, signal),
    ]);
  } finally {
    await queue.settled();
  }
}
