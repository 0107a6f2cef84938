/**
 * Builds the mirror pods of a kubelet: a static pod runs from a manifest on the node's disk, without the API server, and
 * its mirror shows it there. Pure. What is deleted of it is the mirror alone, and the kubelet makes it anew.
 */
import { createHash } from 'node:crypto';
import type { Dictionary } from '../../../core/dictionary.ts';
import { isoTime } from '../../../protocols/x509/certificate.ts';
import { objectAt, textAt } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/objects.ts';
import { keyOf } from '../informer.ts';

const [hashed, mirror, seen, source] = ['hash', 'mirror', 'seen', 'source'].map(
  (name) => `kubernetes.io/config.${name}`,
) as [string, string, string, string];

/** A static pod of a node: what its mirror is called, and what it was made of. */
export interface StaticPod {
  /** `kube-system/kube-apiserver-cp1`. */
  readonly key: string;
  /** Another one is another pod. */
  readonly hash: string;
  readonly manifest: KubeObject;
}

/** @param manifest a Pod as it is in its file. */
export function staticPod(manifest: KubeObject, node: string): StaticPod {
  const { name, namespace = 'default' } = manifest.metadata;
  return {
    key: keyOf({ metadata: { namespace, name: `${name}-${node.toLowerCase()}` } }),
    hash: createHash('sha256').update(JSON.stringify(manifest)).digest('hex').slice(0, 32),
    manifest,
  };
}

/** @param node its Node, whose it is. @param at milliseconds since the epoch. */
export function mirrorPod({ key, hash, manifest }: StaticPod, node: KubeObject, at: number): KubeObject {
  const { labels = {}, annotations = {} } = manifest.metadata;
  const [namespace = '', name = ''] = key.split('/');
  const own: Dictionary<string> = { [hashed]: hash, [mirror]: hash, [seen]: isoTime(at), [source]: 'file' };
  const owner = { apiVersion: 'v1', controller: true, kind: 'Node', name: node.metadata.name };
  const metadata = {
    name,
    namespace,
    labels,
    annotations: { ...annotations, ...own },
    ownerReferences: [{ ...owner, uid: node.metadata.uid ?? '' }],
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: {
      ...objectAt(manifest, 'spec'),
      nodeName: node.metadata.name,
      // No taint ends what the API server did not start.
      tolerations: [{ effect: 'NoExecute', operator: 'Exists' }],
    },
  };
}

/** What a mirror says that it was made of; undefined for any other pod. */
export function mirrored({ metadata: { annotations = {} } }: KubeObject): string | undefined {
  return Object.hasOwn(annotations, mirror) ? annotations[mirror] : undefined;
}

/** Whether a manifest, which anybody may have changed, has what a pod needs. */
export function isPod(manifest: unknown): manifest is KubeObject {
  return (
    textAt(manifest, 'apiVersion') === 'v1' &&
    textAt(manifest, 'kind') === 'Pod' &&
    textAt(manifest, 'metadata', 'name') !== ''
  );
}
