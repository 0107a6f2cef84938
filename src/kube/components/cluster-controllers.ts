/**
 * Implements small controllers of kube-controller-manager: the service account `default` and the CA's certificate in
 * each namespace, the state of nodes with a silent kubelet, the pods of deleted nodes, and those that taints evict.
 * `node-lifecycle.ts` decides on the state of a node, `eviction.ts` on its pods.
 *
 * 1. Each compares the actual with the desired state and writes the difference: repeated events have no effect.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';
import type { ApiClient } from './api-client.ts';
import { textAt } from '../objects/json.ts';
import type { KubeObject } from '../objects/objects.ts';
import { ask, failureOf, WorkQueue } from './asking.ts';
import type { DisconnectedReport, RefusedReport } from './asking.ts';
import { judgeEvictions } from './eviction.ts';
import type { Seen } from './eviction.ts';
import { firstPause, keepInformed, keyOf, Known } from './informer.ts';
import type { Collection, Listener, Retrying } from './informer.ts';
import { defaultNodeGrace, judgeNode, judgeOrphans } from './node-lifecycle.ts';

export type ClusterReport =
  /** What should be there was not: `serviceaccount default/default`. */
  | { readonly what: 'made'; readonly name: string }
  /** A node's kubelet has been silent for too long. */
  | { readonly what: 'node_silent'; readonly name: string }
  | { readonly what: 'tainted'; readonly name: string; readonly taints: readonly string[] }
  /** The pod of a node that is gone. */
  | { readonly what: 'orphan_deleted'; readonly name: string; readonly node: string }
  /** A taint of its node, which the pod does not tolerate, or no longer. */
  | { readonly what: 'evicted'; readonly name: string; readonly node: string }
  | RefusedReport;

type Report = ClusterReport | DisconnectedReport;

export interface ClusterControllerOptions extends Omit<Retrying, 'onReport' | 'clock'> {
  readonly clock: Clock;
  /** PEM: the content of `kube-root-ca.crt`. Without it, it is not published. */
  readonly rootCertificate?: string;
  /** How long a kubelet may be silent, by the clock; and how long a pod's node is missed before the pod is; in milliseconds. */
  readonly nodeGrace?: number;
  readonly podGrace?: number;
  /** The interval of the periodic check, in milliseconds. */
  readonly monitor?: number;
}

type Options = ClusterControllerOptions & { readonly onReport: (report: Report) => void };

const namespaces: Collection = { path: '/api/v1/namespaces' };
const nodes: Collection = { path: '/api/v1/nodes' };
const pods: Collection = { path: '/api/v1/pods' };
const namesOf = (name: string): string => `fieldSelector=metadata.name%3D${name}`;
const rootConfigMap = 'kube-root-ca.crt';

/** Runs until the signal. @throws for a fault of ours alone. */
export async function controlCluster(
  client: ApiClient,
  options: Options,
  signal: AbortSignal,
): Promise<void> {
  const { clock, rootCertificate, monitor = 5_000 } = options;
  const steps = queueOf(options, signal);
  const watched = async (collection: Collection, listener: Listener): Promise<void> =>
    keepInformed(client, collection, listener, options, signal);
  const everywhere = (check: (namespace: string) => void) => (): void => {
    for (const { metadata, ...namespace } of known.namespaces.all())
      if (textAt(namespace, 'status', 'phase') !== 'Terminating') check(metadata.name);
  };

  const checkAccount = (namespace: string): void => {
    if (!known.namespaces.isListed || !known.accounts.isListed || known.accounts.get(`${namespace}/default`))
      return;
    steps.put(`serviceaccount ${namespace}/default`, async () => {
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      if (
        await create(
          client,
          path,
          { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } },
          signal,
        )
      )
        options.onReport({ what: 'made', name: `serviceaccount ${namespace}/default` });
    });
  };
  const checkRoot = (namespace: string): void => {
    if (rootCertificate === undefined || !known.namespaces.isListed || !known.roots.isListed) return;
    const found = known.roots.get(`${namespace}/${rootConfigMap}`);
    if (textAt(found, 'data', 'ca.crt') === rootCertificate) return;
    steps.put(`configmap ${namespace}/${rootConfigMap}`, async () => {
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      const object = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: rootConfigMap, namespace },
        data: { 'ca.crt': rootCertificate },
      };
      const isMade = found
        ? await ask(client, 'PUT', `${path}/${rootConfigMap}`, signal, object)
        : await create(client, path, object, signal);
      if (isMade) options.onReport({ what: 'made', name: `configmap ${namespace}/${rootConfigMap}` });
    });
  };
  const checkNode = (node: KubeObject): void => {
    if (!known.nodes.isListed || !known.leases.isListed) return;
    const { name } = node.metadata;
    const isNeeded = (): ReturnType<typeof judgeNode> =>
      judgeNode(
        known.nodes.get(name) ?? node,
        known.leases.get(`kube-node-lease/${name}`),
        clock.now(),
        options.nodeGrace ?? defaultNodeGrace,
      );
    if (Object.keys(isNeeded()).length === 0) return;
    steps.put(`node ${name}`, async () => {
      const { conditions, taints } = isNeeded();
      if (
        conditions &&
        (await changed(
          ask(client, 'PATCH', `/api/v1/nodes/${name}/status`, signal, { status: { conditions } }),
        ))
      )
        options.onReport({ what: 'node_silent', name });
      if (
        taints &&
        (await changed(
          ask(client, 'PATCH', `/api/v1/nodes/${name}`, signal, {
            spec: { taints: taints.length > 0 ? taints : null },
          }),
        ))
      ) {
        options.onReport({
          what: 'tainted',
          name,
          taints: taints.map((taint) => `${textAt(taint, 'key')}:${textAt(taint, 'effect')}`),
        });
      }
    });
  };
  /** A written object is known before the watch reports it. */
  const changed = async (asked: Promise<KubeObject | undefined>): Promise<boolean> => {
    const node = await asked;
    if (node) known.nodes.put(node);
    return node !== undefined;
  };

  let missed: ReadonlyMap<string, number> = new Map();
  let seen: Seen = new Map();
  const checkPods = (): void => {
    if (!known.nodes.isListed || !known.pods.isListed) return;
    const all = known.pods.all();
    const nodeOf = (name: string): KubeObject | undefined => known.nodes.get(name);
    const orphans = judgeOrphans(
      all,
      (node) => nodeOf(node) !== undefined,
      missed,
      clock.now(),
      options.podGrace,
    );
    missed = orphans.missed;
    for (const pod of orphans.due) remove(pod, 'orphan_deleted', { gracePeriodSeconds: 0 });
    const evictions = judgeEvictions(all, nodeOf, seen, clock.now());
    ({ seen } = evictions);
    for (const pod of evictions.due) remove(pod, 'evicted', {});
  };
  const remove = (pod: KubeObject, what: 'orphan_deleted' | 'evicted', how: object): void => {
    const node = textAt(pod, 'spec', 'nodeName');
    const { namespace = '', name, uid } = pod.metadata;
    steps.put(`pod ${keyOf(pod)}`, async () => {
      const body = {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        ...how,
        ...(uid === undefined ? {} : { preconditions: { uid } }),
      };
      if (await ask(client, 'DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`, signal, body))
        options.onReport({ what, name: keyOf(pod), node });
    });
  };
  const onNamespace = (namespace: KubeObject, isGone: boolean): void => {
    if (isGone || textAt(namespace, 'status', 'phase') === 'Terminating') return;
    checkAccount(namespace.metadata.name);
    checkRoot(namespace.metadata.name);
  };
  const onPart =
    (check: (namespace: string) => void) =>
    (part: KubeObject): void => {
      const namespace = known.namespaces.get(part.metadata.namespace ?? '');
      if (namespace && textAt(namespace, 'status', 'phase') !== 'Terminating') check(namespace.metadata.name);
    };
  const onLease = ({ metadata: { name } }: KubeObject): void => {
    const node = known.nodes.get(name);
    if (node) checkNode(node);
  };
  const known = {
    namespaces: new Known(onNamespace),
    accounts: new Known(onPart(checkAccount), everywhere(checkAccount)),
    roots: new Known(onPart(checkRoot), everywhere(checkRoot)),
    nodes: new Known((node, isGone) => {
      if (!isGone) checkNode(node);
      checkPods();
    }, checkPods),
    leases: new Known(onLease),
    pods: new Known(checkPods),
  };
  const watchTheClock = async (): Promise<void> => {
    while (!signal.aborted) {
      await pause(monitor, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      for (const node of known.nodes.all()) checkNode(node);
      checkPods();
    }
  };
  try {
    await Promise.all([
      watched(namespaces, known.namespaces),
      watched({ path: '/api/v1/serviceaccounts', query: namesOf('default') }, known.accounts),
      ...(rootCertificate === undefined
        ? []
        : [watched({ path: '/api/v1/configmaps', query: namesOf(rootConfigMap) }, known.roots)]),
      watched(nodes, known.nodes),
      watched({ path: '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases' }, known.leases),
      watched(pods, known.pods),
      watchTheClock(),
    ]);
  } finally {
    await steps.settled();
  }
}

/** Another writer may have been faster: then it exists. */
async function create(
  client: ApiClient,
  path: string,
  object: object,
  signal: AbortSignal,
): Promise<boolean> {
  const { status, body } = await client.call('POST', path, signal, object);
  if (status === 409 || status === 404) return false;
  if (status === 201) return true;
  throw failureOf({ status, body });
}

type Step = () => Promise<void>;

/** The newest step of each name. */
function queueOf({ retry = firstPause, onReport }: Options, signal: AbortSignal): WorkQueue<Step> {
  return new WorkQueue<Step>(
    { step: async (step) => step(), again: async (step) => Promise.resolve(step), retry, onReport },
    signal,
  );
}
