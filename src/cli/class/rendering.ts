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
    ['access.sh', accessScript(learners)],
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

/**
 * Writes a kubeconfig for each learner, who comes by a token of the learner's account: into its own namespace, to look and to exec.
 */
const accessScript = (learners: readonly string[]): string =>
  `#!/bin/sh
# Writes access/NAME.conf for each learner, with a token for HOURS=8; kubectl speaks to the cluster as its own KUBECONFIG says.
set -eu
umask 077
access=$(dirname "$0")/access
mkdir -p "$access"
now() { kubectl config view --raw --minify --flatten -o "jsonpath={.clusters[0].cluster.$1}"; }
server=$(now server)
now certificate-authority-data | base64 -d >"$access/ca.crt"
for learner in ${learners.join(' ')}; do
  token=$(kubectl -n "${namespacePrefix}$learner" create token learner --duration "\${HOURS:-8}h")
  set_up() { kubectl config --kubeconfig "$access/$learner.conf" "$@" >/dev/null; }
  set_up set-cluster class --server "$server" --certificate-authority "$access/ca.crt" --embed-certs
  set_up set-credentials learner --token "$token"
  set_up set-context class --cluster class --user learner --namespace "${namespacePrefix}$learner"
  set_up use-context class
  echo "$access/$learner.conf"
done
rm "$access/ca.crt"
`;

/** What podman can play: it has nothing to enforce or to answer the rest. */
const played = new Set(['ConfigMap', 'Deployment']);

export function podmanFiles({ base, learners, image }: Source, clock: Pick<Clock, 'now'>): Files {
  const documents = [...base.values()].flatMap((text) =>
    yaml.parseAllDocuments(text).map((document) => document.toJS() as KubeDocument),
  );
  const objects = documents.filter(({ kind }) => played.has(kind ?? ''));
  const kept = ['proxy-certificate', 'client-certificate', ...namesOf(objects, 'ConfigMap')];
  return new Map([
    ...learners.map((learner) => {
      const secrets = certificateSecrets(learner, `${namespacePrefix}${learner}`, clock).map(secretObject);
      const own = [...secrets, ...objects].map((object) => forPodman(object, learner, image));
      return [`${learner}.yaml`, own.map((object) => yaml.stringify(object)).join('---\n')] as const;
    }),
    ['up.sh', upScript(learners)],
    ['down.sh', downScript(learners, kept)],
  ]);
}

const namesOf = (objects: readonly KubeDocument[], wanted: string): readonly string[] =>
  objects.flatMap(({ kind, metadata }) => (kind === wanted ? [metadata.name] : []));

const script = (about: string, learners: readonly string[], ...lines: readonly string[]): string =>
  `#!/bin/sh
# ${about} PODMAN names another podman, or its options: PODMAN="podman --runtime runc"
set -eu
cd "$(dirname "$0")"
podman=\${PODMAN:-podman}
for learner in ${learners.join(' ')}; do
${lines.map((line) => `  ${line}\n`).join('')}done
`;

/** A network for each: nothing enforces a NetworkPolicy, and so nobody else is there. */
const upScript = (learners: readonly string[]): string =>
  script(
    'Starts the class.',
    learners,
    `$podman network exists "${namespacePrefix}$learner" || $podman network create --internal "${namespacePrefix}$learner" >/dev/null`,
    `$podman kube play --build=false --network "${namespacePrefix}$learner" "$learner.yaml" >/dev/null`,
    'echo "$learner: $podman exec -it $learner-client-pod-client sh"',
  );

/** @param kept the names of Secrets and ConfigMaps: podman keeps what they hold in volumes, and does not remove these. */
const downScript = (learners: readonly string[], kept: readonly string[]): string =>
  script(
    'Ends the class, and removes everything of it but this folder.',
    learners,
    '$podman kube down --force "$learner.yaml" >/dev/null 2>&1 || true',
    `for kept in ${kept.join(' ')}; do $podman volume rm --force "$learner-$kept" >/dev/null; done`,
    `$podman network rm --force "${namespacePrefix}$learner" >/dev/null`,
    'echo "$learner: removed"',
  );

interface KubeDocument {
  readonly kind?: string;
  readonly metadata: { readonly name: string };
  readonly [key: string]: unknown;
}

/**
 * Under the learner's own names: all of podman is one namespace, for volumes too. An emptyDir of a name is the same for every pod
 * that has one of this name, and so is named after the pod.
 */
function forPodman(object: KubeDocument, learner: string, image: string): unknown {
  const volumes = new Set<string>();
  const own = (name: string): string => `${learner}-${name}`;
  const change = (value: unknown, key: string, within: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => change(one, key, within));
    if (typeof value === 'object' && value !== null) {
      const given = value as Readonly<Record<string, unknown>>;
      if (key === 'volumes' && 'emptyDir' in given) volumes.add(String(given['name']));
      return Object.fromEntries(Object.entries(given).map(([name, one]) => [name, change(one, name, key)]));
    }
    if (key === 'image') return image;
    if (key === 'secretName' || (key === 'name' && (within === 'configMap' || within === 'metadata')))
      return own(String(value));
    return value;
  };
  const renamed = change(object, '', '');
  const withVolumes = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => withVolumes(one, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]: [string, unknown]) => [
        name,
        name === 'name' && (key === 'volumes' || key === 'volumeMounts') && volumes.has(String(one))
          ? own(`${object.metadata.name}-${String(one)}`)
          : withVolumes(one, name),
      ]),
    );
  };
  return withVolumes(renamed, '');
}
