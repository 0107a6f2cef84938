/**
 * Makes the files of a class from deploy/base, in memory: an overlay for each learner, for `kubectl apply -k`; or one file for
 * each, for `podman kube play`, which has no namespaces, no Services and no API server.
 */
import * as yaml from 'yaml';
import type { Clock } from '../../core/clock.ts';
import { namespacePrefix } from './learners.ts';
import { certificateSecrets, secretObject } from './secrets.ts';

/** Paths relative to the folder of the class, with `/`. */
export type Files = ReadonlyMap<string, string>;

export interface Source {
  /** The files of deploy/base by name. */
  readonly base: ReadonlyMap<string, string>;
  readonly learners: readonly string[];
  /** `registry.example/wirelab:0.1.0`. */
  readonly image: string;
}

const imageOfBase = 'localhost/wirelab';

/** The name of an image and its tag or digest. */
function splitImage(image: string): Readonly<Record<string, string>> {
  const [name = '', digest] = image.split('@');
  if (digest !== undefined) return { newName: name.replace(/:[^:/]*$/, ''), digest };
  const [, newName = name, newTag = 'latest'] = /^(.*):([^:/]+)$/.exec(name) ?? [];
  return { newName, newTag };
}

const kustomization = (fields: object): string =>
  yaml.stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...fields });

export function clusterFiles({ base, learners, image }: Source): Files {
  return new Map([
    ['kustomization.yaml', kustomization({ resources: learners.map((name) => `learners/${name}`) })],
    ...[...base].map(([name, text]) => [`base/${name}`, text] as const),
    ...learners.map(
      (name) =>
        [
          `learners/${name}/kustomization.yaml`,
          kustomization({
            namespace: `${namespacePrefix}${name}`,
            resources: ['../../base'],
            images: [{ name: imageOfBase, ...splitImage(image) }],
          }),
        ] as const,
    ),
  ]);
}

/** What podman can play: it has nothing to enforce or to answer the rest. */
const played = new Set(['ConfigMap', 'Deployment']);

export function podmanFiles({ base, learners, image }: Source, clock: Pick<Clock, 'now'>): Files {
  const documents = [...base.values()].flatMap((text) =>
    yaml.parseAllDocuments(text).map((document) => document.toJS() as KubeDocument),
  );
  return new Map(
    learners.map((learner) => {
      const own = (name: string): string => `${learner}-${name}`;
      const secrets = certificateSecrets(learner, `${namespacePrefix}${learner}`, clock).map(secretObject);
      const objects = [...secrets, ...documents.filter(({ kind }) => played.has(kind ?? ''))].map((object) =>
        forPodman(object, own, image),
      );
      return [`${learner}.yaml`, objects.map((object) => yaml.stringify(object)).join('---\n')];
    }),
  );
}

interface KubeDocument {
  readonly kind?: string;
  readonly metadata: { readonly name: string };
  readonly [key: string]: unknown;
}

/**
 * Under the learner's own names, since all of podman is one namespace, and the files of Secrets readable to everybody in the
 * container: podman does not know fsGroup.
 */
function forPodman(object: KubeDocument, own: (name: string) => string, image: string): unknown {
  const change = (value: unknown, key: string, within: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => change(one, key, within));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, change(one, name, key)]));
    if (key === 'image') return image;
    if (key === 'defaultMode') return 0o444;
    if (key === 'secretName' || (key === 'name' && (within === 'configMap' || within === 'metadata')))
      return own(String(value));
    return value;
  };
  return change(object, '', '');
}
