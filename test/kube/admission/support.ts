/** An API server and a webhook of a test's own: its certificate, what it answers, and what the API server says then. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as plainServer } from 'node:http';
import { createServer } from 'node:https';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import type { WebhookReport } from '../../../src/kube/admission/webhooks.ts';
import { apiClient } from '../../../src/kube/components/api-client.ts';
import { textAt } from '../../../src/kube/objects/json.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { startKubectl, world as cluster } from '../support/control-plane.ts';
import type { Kubectl } from '../support/control-plane.ts';

const hook = {
  profile: 'server',
  issuer: 'hook-ca',
  subject: { CN: 'gate.shop.svc' },
  san: ['DNS:gate.shop.svc'],
} as const;

export const hooks = issueWorld(
  {
    certificates: {
      'hook-ca': { profile: 'root', subject: { CN: 'hook-ca' } },
      'hook-ca-before': { profile: 'root', subject: { CN: 'hook-ca' } },
      'other-ca': { profile: 'root', subject: { CN: 'other-ca' } },
      gate: hook,
      'gate-expired': { ...hook, flaws: ['expired'] },
      'gate-of-tomorrow': { ...hook, flaws: ['not-yet-valid'] },
      'gate-by-common-name': { ...hook, san: [] },
      'gate-by-another-common-name': { ...hook, subject: { CN: 'gate' }, san: [] },
      'gate-of-another-name': { ...hook, san: ['DNS:gate', 'DNS:gate.shop'] },
      'gate-by-address': { ...hook, san: ['IP:127.0.0.1'] },
      'gate-for-clients': { ...hook, profile: 'client' },
    },
  },
  { clock: systemClock },
);

export const bundle = (...rows: readonly string[]): string =>
  Buffer.from(rows.map((row) => hooks.authority(row)).join('')).toString('base64');

export const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

export interface Configured {
  readonly caBundle?: string | undefined;
  readonly url?: string;
  readonly service?: object;
  readonly more?: object;
  readonly rules?: readonly object[];
  readonly name?: string;
}

export const pods = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };

export function configuration({
  caBundle = bundle('hook-ca'),
  url,
  service = { namespace: 'shop', name: 'gate', path: '/validate' },
  more = {},
  rules = [pods],
  name = 'gate.example.com',
}: Configured = {}): { readonly metadata: { readonly name: string }; readonly webhooks: readonly object[] } {
  return {
    metadata: { name: name.split('.')[0] ?? '' },
    webhooks: [
      {
        name,
        clientConfig: {
          ...(caBundle === '' ? {} : { caBundle }),
          ...(url === undefined ? { service } : { url }),
        },
        rules,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 5,
        ...more,
      },
    ],
  };
}

export const pod = (name: string, labels: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: { containers: [{ name: 'web', image: 'example.com/web:1' }] },
});

export interface Review {
  readonly request: Readonly<Record<string, unknown>> & { readonly uid: string };
}

/** What the webhook was asked, and how it answers. */
export type Answering = (review: Review, asked: IncomingMessage) => unknown;

export const allowing: Answering = ({ request: { uid } }) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  response: { uid, allowed: true },
});

export interface HookServer {
  readonly port: number;
  readonly asked: readonly (Review & { readonly url: string })[];
}

/** @param row of `hooks`; `plain`: no TLS. @param answer undefined: it never answers. A text is sent as it is. */
export async function startHook(
  t: Pick<ExecutionContext, 'teardown'>,
  row: string,
  answer: Answering = allowing,
  status = 200,
): Promise<HookServer> {
  const asked: (Review & { readonly url: string })[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString()) as Review;
      asked.push({ ...review, url: request.url ?? '' });
      const said = answer(review, request);
      if (said === undefined) return;
      const text = typeof said === 'string' ? said : JSON.stringify(said);
      response.writeHead(status, {
        'Content-Type': typeof said === 'string' ? 'text/plain' : 'application/json',
      });
      response.end(text);
    });
  };
  const server: Server =
    row === 'plain'
      ? plainServer(listener)
      : createServer({ cert: hooks.identity(row).certificate, key: hooks.identity(row).key }, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

export interface Admitting {
  readonly kubectl: Kubectl;
  readonly reports: readonly WebhookReport[];
  readonly ask: (
    method: string,
    path: string,
    body?: unknown,
  ) => Promise<{
    readonly status: number;
    readonly message: string;
    readonly body: Readonly<Record<string, unknown>>;
  }>;
  /** What stands behind the Service gate in the namespace shop. */
  readonly lead: (port: number | undefined) => void;
}

/** A cluster with a namespace and a Service for the webhook. */
export async function startAdmitting(t: Pick<ExecutionContext, 'teardown'>): Promise<Admitting> {
  let port: number | undefined;
  const reports: WebhookReport[] = [];
  const kubectl = await startKubectl(t, {
    signs: false,
    random: randomBytes,
    webhooks: {
      backends: (namespace, name) =>
        namespace === 'shop' && name === 'gate' && port !== undefined
          ? { host: '127.0.0.1', port }
          : undefined,
      onCalled: (report) => void reports.push(report),
    },
  });
  const client = apiClient({
    to: kubectl.controlPlane.address,
    authorities: [cluster.authority('ca')],
    identity: cluster.identity('super-admin.conf'),
    clock: systemClock,
    userAgent: 'test',
    connections: 1,
  });
  t.teardown(() => client.close());
  const ask: Admitting['ask'] = async (method, path, body) => {
    const answer = await client.call(method, path, AbortSignal.timeout(30_000), body);
    return { status: answer.status, body: answer.body, message: textAt(answer.body, 'message') };
  };
  await ask('POST', '/api/v1/namespaces', { metadata: { name: 'shop', labels: { team: 'shop' } } });
  await ask('POST', '/api/v1/namespaces/shop/services', {
    metadata: { name: 'gate' },
    spec: { clusterIP: '10.96.7.7', ports: [{ port: 443, targetPort: 8443 }], selector: { app: 'gate' } },
  });
  return { kubectl, reports, ask, lead: (to) => void (port = to) };
}

export const podsPath = '/api/v1/namespaces/shop/pods';
