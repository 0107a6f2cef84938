/**
 * An API server of a test's own on a free port, with certificates that are issued when the test file is loaded, and clients
 * for it: the real kubectl with a HOME of its own, and requests by node:https.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { permissive } from '../../../src/kube/apiserver/hooks.ts';
import { MemoryStore } from '../../../src/kube/store/memory-store.ts';
import { startApiServer } from '../../../src/kube/apiserver/server.ts';
import type { ApiServer, ApiServerOptions } from '../../../src/kube/apiserver/server.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { runProgram } from '../../helpers/peer.ts';
import type { ProgramResult } from '../../helpers/peer.ts';

export const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'kubernetes' } },
      'rogue-ca': { profile: 'root', subject: { CN: 'kubernetes' } },
      apiserver: {
        profile: 'server',
        issuer: 'ca',
        subject: { CN: 'kube-apiserver' },
        san: ['DNS:kubernetes', 'IP:127.0.0.1'],
      },
      elsewhere: {
        profile: 'server',
        issuer: 'ca',
        subject: { CN: 'kube-apiserver' },
        san: ['DNS:kubernetes', 'IP:192.0.2.10'],
      },
      admin: {
        profile: 'client',
        issuer: 'ca',
        subject: { CN: 'kubernetes-admin', O: 'kubeadm:cluster-admins' },
      },
      mallory: { profile: 'client', issuer: 'rogue-ca', subject: { CN: 'mallory', O: 'system:masters' } },
    },
  },
  { clock: systemClock },
);
export const authority = world.authority('ca');

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig, in JSON, which is YAML. */
export function kubeconfigFor(server: string, user: 'admin' | 'mallory'): string {
  const { certificate, key } = world.identity(user);
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'kubernetes', cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [
      {
        name: user,
        user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) },
      },
    ],
    contexts: [{ name: user, context: { cluster: 'kubernetes', user } }],
    'current-context': user,
  });
}

export interface Answer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The JSON of it. */
  readonly body: Readonly<Record<string, unknown>> & { readonly metadata: Readonly<Record<string, unknown>> };
}

/** Asserts that an answer is a 422 with these causes, each as `FIELD: MESSAGE`. */
export function isInvalid(
  t: ExecutionContext,
  { code, body }: Answer,
  causes: readonly string[],
  title: string,
): void {
  const details = (body['details'] ?? {}) as {
    readonly causes?: readonly { readonly field: string; readonly message: string }[];
  };
  t.deepEqual(
    details.causes?.map((one) => `${one.field}: ${one.message}`),
    causes,
    `${title}: ${JSON.stringify(body)}`,
  );
  t.is(code, 422, title);
}

export interface Call {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

export interface TestCluster {
  readonly server: ApiServer;
  readonly url: string;
  readonly agent: Agent;
  call(path: string, call?: Call): Promise<Answer>;
  kubectl(...words: readonly string[]): Promise<ProgramResult>;
  /** Of a kubectl that a test starts itself. */
  kubectlEnvironment(user?: 'admin' | 'mallory'): NodeJS.ProcessEnv;
  kubectlWith(
    options: { readonly input?: string; readonly user?: 'admin' | 'mallory' },
    ...words: readonly string[]
  ): Promise<ProgramResult>;
}

export async function startCluster(
  t: ExecutionContext,
  options: Partial<ApiServerOptions> = {},
): Promise<TestCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-kube-'));
  const server = await startApiServer({
    listen: { host: '127.0.0.1', port: 0 },
    identity: world.identity('apiserver'),
    store: new MemoryStore(),
    hooks: permissive,
    clock: systemClock,
    random: randomBytes,
    rootCertificate: authority,
    ...options,
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 16, ca: authority });
  t.teardown(async () => {
    agent.destroy();
    await server.close(0);
    rmSync(folder, { recursive: true, force: true });
  });
  const url = `https://127.0.0.1:${server.address.port}`;
  const kubectlEnvironment: TestCluster['kubectlEnvironment'] = (user = 'admin') => {
    const kubeconfig = join(folder, `${user}.conf`);
    writeFileSync(kubeconfig, kubeconfigFor(url, user), { mode: 0o600 });
    return { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: kubeconfig };
  };
  const kubectlWith: TestCluster['kubectlWith'] = async ({ input = '', user }, ...words) =>
    runProgram('kubectl', words, { input, env: kubectlEnvironment(user) });
  return {
    server,
    url,
    agent,
    call: async (path, call = {}) => callWith(server.address.port, path, { agent, ...call }),
    kubectl: async (...words) => kubectlWith({}, ...words),
    kubectlEnvironment,
    kubectlWith,
  };
}

/** One request and its whole answer. A body that is no bytes and no text goes as JSON. */
export async function callWith(
  port: number,
  path: string,
  { method, body, headers = {}, agent }: Call,
): Promise<Answer> {
  const bytes =
    body === undefined
      ? undefined
      : typeof body === 'string' || body instanceof Uint8Array
        ? body
        : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path,
        agent,
        ca: authority,
        method: method ?? (bytes === undefined ? 'GET' : 'POST'),
        headers: {
          ...(bytes === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = response.headers['content-type']?.startsWith('application/json');
          resolve({
            code: response.statusCode ?? 0,
            headers: response.headers,
            text,
            body: (isJson && text !== '' ? JSON.parse(text) : {}) as Answer['body'],
          });
        });
      },
    );
    asked.on('error', reject);
    asked.end(bytes);
  });
}

export const configMaps = '/api/v1/namespaces/default/configmaps';

export function configMap(
  name: string,
  data: Readonly<Record<string, string>> = {},
): { readonly metadata: { readonly name: string }; readonly data: Readonly<Record<string, string>> } {
  return { metadata: { name }, data };
}
