/** What kubectl would say to the cluster of a lab, and what comes of it: requests, decisions, bindings. */
import { generateKeyPairSync } from 'node:crypto';
import { systemClock } from '../../../src/core/clock.ts';
import { apiClient } from '../../../src/kube/components/api-client.ts';
import type { LabEvent } from '../../../src/labs/hold/holding.ts';
import { labWorld } from '../../../src/labs/world.ts';
import { requestFor } from '../../../src/pki/ca/request.ts';
import type { Held } from './holding.ts';
import type { Learner } from './learner.ts';

export type Up = Extract<LabEvent, { kind: 'cluster' }>;
export const isUp = (told: LabEvent): told is Up => told.kind === 'cluster';

export interface Working {
  readonly learner: Learner;
  readonly held: Held;
}

export const rbac = '/apis/rbac.authorization.k8s.io/v1';
export const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

/** What kubectl would say to the server, as the administrator. */
export async function say(
  { learner: { folder, lab: compiled }, held }: Working,
  method: string,
  path: string,
  body?: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const world = await labWorld(compiled, folder);
  const { url } = held.events.findLast(isUp) as Up;
  const client = apiClient({
    to: { host: '127.0.0.1', port: Number(new URL(url).port) },
    authorities: [world.authority('ca')],
    identity: world.identity('admin'),
    clock: systemClock,
    userAgent: 'test',
  });
  const answer = await client.call(method, path, AbortSignal.timeout(10_000), body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

interface Asked {
  readonly signer?: string;
  readonly usage?: string;
  /** PEM. */
  readonly request: string;
}

export async function ask(
  working: Working,
  name: string,
  { request, signer = 'kubernetes.io/kube-apiserver-client', usage = 'client auth' }: Asked,
): Promise<void> {
  await say(working, 'POST', requests, {
    metadata: { name },
    spec: { request: Buffer.from(request).toString('base64'), signerName: signer, usages: [usage] },
  });
}

export async function decide(working: Working, name: string, type: 'Approved' | 'Denied'): Promise<void> {
  const object = await say(working, 'GET', `${requests}/${name}`);
  await say(working, 'PUT', `${requests}/${name}/approval`, {
    ...object,
    status: { conditions: [{ type, status: 'True', reason: 'Test' }] },
  });
}

export async function dealtWith(
  { held }: Working,
  name: string,
): Promise<Extract<LabEvent, { kind: 'signed' }>> {
  return held.until(
    (told): told is Extract<LabEvent, { kind: 'signed' }> => told.kind === 'signed' && told.request === name,
  );
}

/** With a key of its own in NAME.key; the certificate, PEM. */
export async function issue(
  working: Working,
  name: string,
  subject: readonly (readonly ['O' | 'CN', string])[],
): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  working.learner.write(`${name}.key`, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  await ask(working, name, { request: requestFor(privateKey, { subject }) });
  await decide(working, name, 'Approved');
  await dealtWith(working, name);
  const { status } = (await say(working, 'GET', `${requests}/${name}`)) as {
    readonly status?: { readonly certificate?: string };
  };
  return Buffer.from(status?.certificate ?? '', 'base64').toString();
}

export const podReader = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }];

export interface Binding {
  readonly to: string;
  /** Its rules, where it is a role of the learner's in the namespace. */
  readonly rules?: readonly object[];
  /** Of the cluster, of that name. */
  readonly clusterRole?: string;
  /** Left out: cluster-wide. */
  readonly namespace?: string;
}

/** Binds a role to a subject (`User alice`). @returns a function that removes the binding. */
export async function bind(
  working: Working,
  name: string,
  { to, rules, clusterRole, namespace }: Binding,
): Promise<() => Promise<void>> {
  const [kind, ...words] = to.split(' ');
  const place = namespace === undefined ? rbac : `${rbac}/namespaces/${namespace}`;
  const bindings = `${place}/${namespace === undefined ? 'clusterrolebindings' : 'rolebindings'}`;
  if (rules) await say(working, 'POST', `${place}/roles`, { metadata: { name }, rules });
  await say(working, 'POST', bindings, {
    metadata: { name },
    roleRef: { kind: clusterRole === undefined ? 'Role' : 'ClusterRole', name: clusterRole ?? name },
    subjects: [{ kind, name: words.join(' ') }],
  });
  return async () => {
    await say(working, 'DELETE', `${bindings}/${name}`);
    if (rules) await say(working, 'DELETE', `${place}/roles/${name}`);
  };
}
