/**
 * Which objects of a lab's cluster a task is about: what a change of one concerns, and what is put back when the task is reset.
 * Pure: the objects are an argument. `hold/cluster-store.ts` keeps them, with a copy of the cluster's beginning.
 *
 * 1. A certificate is about the requests for its user; rights are about the bindings of their user and its groups, the roles
 *    that these name, and the namespace; a control plane that signs is about its request.
 * 2. What the cluster began with is put back, and what the learner has added to it is removed. Other objects stay as they are.
 */
import { webhooksGroup } from '../kube/admission/matching.ts';
import { storePrefix } from '../kube/apiserver/resources.ts';
import { rbacGroup } from '../kube/authz/rbac.ts';
import { certificatesGroup, certificatesResource } from '../kube/certificates/request-fields.ts';
import { readPemRequest } from '../kube/certificates/signing-request.ts';
import { listAt, textAt } from '../kube/objects/json.ts';
import type { KubeObject } from '../kube/objects/objects.ts';
import type { TaskFile } from './lab.ts';

export interface StoredObject {
  /** As in the store: `/registry/GROUP/RESOURCE/NAMESPACE/NAME`. */
  readonly key: string;
  readonly object: KubeObject;
}

const root = '/registry/';
const requests = `${root}${certificatesGroup}/${certificatesResource}/`;
const rbac = `${root}${rbacGroup}/`;
const namespaces = `${root}core/namespaces/`;
const services = storePrefix({ group: '', plural: 'services' });
const configurations = storePrefix({ group: webhooksGroup, plural: 'validatingwebhookconfigurations' });

/** The group that every user is in. */
export const everybody = 'system:authenticated';

/** Whether a task is about objects of a cluster at all. */
export function isAboutObjects({ cluster = [], controlPlane = [] }: TaskFile): boolean {
  return cluster.length > 0 || controlPlane.some((claim) => 'issued' in claim || isOfRotation(claim));
}

type ControlPlaneClaim = NonNullable<TaskFile['controlPlane']>[number];

const isOfRotation = (claim: ControlPlaneClaim): boolean =>
  'trusts' in claim || 'shows' in claim || 'untroubled' in claim;

/** Whether a change of the object with this key may change the result of a check. */
export function concernsTask({ cluster = [], controlPlane = [] }: TaskFile, key: string): boolean {
  const isRequest = key.startsWith(requests);
  return (
    cluster.some((claim) =>
      'known' in claim
        ? isRequest
        : 'rights' in claim
          ? key.startsWith(rbac) || key.startsWith(namespaces)
          : 'presents' in claim
            ? false
            : key.startsWith(configurations) || key.startsWith(services) || key.startsWith(namespaces),
    ) ||
    controlPlane.some(
      (claim) =>
        ('issued' in claim && isRequest) || (isOfRotation(claim) && key.endsWith('/kube-root-ca.crt')),
    )
  );
}

const shortNames: Readonly<Record<string, string>> = {
  [certificatesResource]: 'csr',
  rolebindings: 'rolebinding',
  clusterrolebindings: 'clusterrolebinding',
  roles: 'role',
  clusterroles: 'clusterrole',
  namespaces: 'namespace',
  services: 'service',
};

/** An object as one names it to kubectl: `csr/alice`. */
function nameOfKey(key: string): string {
  const [resource = '', ...path] = key.slice(root.length).split('/').slice(1);
  return `${shortNames[resource] ?? resource}/${path.at(-1) ?? ''}`;
}

/** Each once: what lies in every namespace under one name is named once. */
export const namesOfKeys = (keys: readonly string[]): string[] => [...new Set(keys.map(nameOfKey))];

export interface User {
  readonly name: string;
  /** Without the group that every user is in. */
  readonly groups: readonly string[];
}

export interface ClusterState {
  /** The objects as the cluster began with them. */
  readonly first: readonly StoredObject[];
  readonly present: readonly StoredObject[];
  /** As which user a client of the lab is authenticated. */
  readonly userOf: (client: string) => User;
  /** The administrator's client, whose rights are put back too: without them no task of the kind can be done. */
  readonly administrator?: string;
}

export interface ObjectReset {
  /** Written as they are, in the place of what is there. */
  readonly put: readonly StoredObject[];
  /** Keys. */
  readonly removed: readonly string[];
}

export function objectReset(
  { cluster = [], controlPlane = [] }: TaskFile,
  { first, present, userOf, administrator }: ClusterState,
): ObjectReset {
  const keys = new Set<string>();
  const add = (objects: readonly StoredObject[], isOne: (one: StoredObject) => boolean): void => {
    for (const one of objects) if (isOne(one)) keys.add(one.key);
  };
  const all = [...first, ...present];
  for (const claim of controlPlane)
    if ('issued' in claim) add(all, ({ key }) => key === `${requests}${claim.issued.request}`);
    else if (isOfRotation(claim)) add(all, ({ key }) => key.endsWith('/kube-root-ca.crt'));
  for (const claim of cluster) {
    if ('known' in claim) {
      add(all, ({ key, object }) => key.startsWith(requests) && commonNameIn(object) === claim.known.as);
      continue;
    }
    if ('presents' in claim) continue;
    if (!('rights' in claim)) {
      const name = 'admits' in claim ? claim.admits.configuration : claim.guards.configuration;
      add(all, ({ key }) => key === `${configurations}${name}` || key.startsWith(services));
      continue;
    }
    const { client, may } = claim.rights;
    for (const key of keysOfRights(
      [client, ...(administrator === undefined ? [] : [administrator])].map(userOf),
      first,
      present,
    ))
      keys.add(key);
    const namespace = `${namespaces}${may?.namespace}`;
    if (may === undefined || present.some(({ key }) => key === namespace)) continue;
    // Everything in it has gone with it.
    add(first, ({ key, object }) => key === namespace || object.metadata.namespace === may.namespace);
  }
  const firstByKey = new Map(first.map((one) => [one.key, one]));
  const presentByKey = new Map(present.map((one) => [one.key, one]));
  return {
    put: [...keys].flatMap((key) => {
      const [was, is] = [firstByKey.get(key), presentByKey.get(key)];
      return was === undefined || (is && isSame(was.object, is.object)) ? [] : [was];
    }),
    removed: [...keys].filter((key) => presentByKey.has(key) && !firstByKey.has(key)),
  };
}

/** Bindings that name one of the users, and the roles that these bindings name. */
function keysOfRights(
  users: readonly User[],
  first: readonly StoredObject[],
  present: readonly StoredObject[],
): ReadonlySet<string> {
  const names = new Set([
    `Group ${everybody}`,
    ...users.flatMap(({ name, groups }) => [`User ${name}`, ...groups.map((group) => `Group ${group}`)]),
  ]);
  const isBinding = ({ object }: StoredObject): boolean => /^(?:Cluster)?RoleBinding$/.test(object.kind);
  const isTheirs = ({ object }: StoredObject): boolean =>
    listAt(object, 'subjects').some((one) => names.has(`${textAt(one, 'kind')} ${textAt(one, 'name')}`));
  const all = [...first, ...present].filter(isBinding);
  const theirs = all.filter(isTheirs);
  const keys = new Set(theirs.map(({ key }) => key));
  const began = new Set(first.map(({ key }) => key));
  // A role of the learner's that another binding names as well is left to that one.
  const others = new Set(all.filter(({ key }) => !keys.has(key)).map(roleOf));
  for (const role of theirs.map(roleOf)) if (began.has(role) || !others.has(role)) keys.add(role);
  return keys;
}

/** The key of the role that a binding names. */
function roleOf({ object }: StoredObject): string {
  const name = textAt(object, 'roleRef', 'name');
  return textAt(object, 'roleRef', 'kind') === 'Role'
    ? `${rbac}roles/${object.metadata.namespace ?? ''}/${name}`
    : `${rbac}clusterroles/${name}`;
}

/** The common name in a CertificateSigningRequest; undefined if it cannot be read. */
export function commonNameIn(request: unknown): string | undefined {
  const read = readPemRequest(Buffer.from(textAt(request, 'spec', 'request'), 'base64'));
  return 'request' in read
    ? read.request.subject.attributes.findLast(({ type }) => type === 'CN')?.value
    : undefined;
}

/** But for the count of writes. */
function isSame(one: KubeObject, other: KubeObject): boolean {
  const text = ({ metadata: { resourceVersion: _version, ...metadata }, ...rest }: KubeObject): string =>
    JSON.stringify({ ...rest, metadata });
  return text(one) === text(other);
}
