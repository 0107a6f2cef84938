/**
 * Implements kube-proxy: watches services and nodes, and computes the rules that a node would need for a service. It
 * does not touch packets: that would need root rights and a network. Like kubeadm's, it has no client certificate: it
 * uses the token of the service account kube-system/kube-proxy, over TLS with a server certificate only.
 *
 * 1. The token is requested if there is none, after four fifths of its lifetime, and after a 401.
 * 2. The rules of a service are reported again only when they change.
 */
import { defined } from '../../core/defined.ts';
import { checkDialer } from '../../wire/dial.ts';
import { apiClient } from './api-client.ts';
import type { ApiClientOptions } from './api-client.ts';
import { listAt, textAt, valueAt } from '../objects/json.ts';
import type { KubeObject } from '../objects/objects.ts';
import { failureOf } from './asking.ts';
import type { DisconnectedReport } from './asking.ts';
import { keepInformed, keyOf, Known, keptConnections } from './informer.ts';
import type { Retrying } from './informer.ts';

export interface KubeProxyOptions
  extends Omit<ApiClientOptions, 'userAgent' | 'identity' | 'token' | 'proof'>,
    Pick<Retrying, 'relist' | 'retry'> {
  /**
   * Requests a new token for its service account (TokenRequest), with the rights of another identity. Errors are
   * reported, and the request is repeated.
   */
  readonly token: () => Promise<string>;
  readonly onReport?: (report: KubeProxyReport) => void;
}

export type KubeProxyReport =
  /** Everything was read; changes are waited for. */
  | { readonly what: 'watching'; readonly services: number; readonly nodes: number }
  /** It has a new token. `expires`: milliseconds since the epoch, where the token says so. */
  | { readonly what: 'token'; readonly expires?: number }
  /** What it would have programmed: `default/web 10.96.0.7:80/TCP`. No rules where the service is gone or has no address. */
  | { readonly what: 'rules'; readonly service: string; readonly rules: readonly string[] }
  | DisconnectedReport;

/** Runs until the signal; resolves then. @throws UserError for a CA that cannot be used; else for a fault of ours alone. */
export async function startKubeProxy(options: KubeProxyOptions, signal: AbortSignal): Promise<void> {
  await checkDialer({ ...options, security: 'tls' });
  const { token: askForToken, clock, onReport = (): void => {}, ...target } = options;
  let held: { readonly token: string; readonly renewAt: number } | undefined;
  let asking: Promise<string> | undefined;
  const fresh = async (): Promise<string> => {
    const token = await askForToken();
    const life = lifeOf(token);
    held = { token, renewAt: life ? life.from + (life.to - life.from) * 0.8 : Number.POSITIVE_INFINITY };
    onReport({ what: 'token', ...(life ? { expires: life.to } : {}) });
    return token;
  };
  const proof = async (): Promise<{ readonly token: string }> => {
    if (held && clock.now() < held.renewAt) return { token: held.token };
    // Several requests at the same time share one.
    asking ??= fresh().finally(() => (asking = undefined));
    return { token: await asking };
  };
  const client = apiClient({
    ...target,
    clock,
    connections: keptConnections,
    userAgent: 'kube-proxy',
    proof,
  });

  const reported = new Map<string, string>();
  const tell = (service: KubeObject, isGone: boolean): void => {
    const rules = isGone ? [] : rulesOf(service);
    const key = keyOf(service);
    if ((reported.get(key) ?? '') === rules.join()) return;
    if (rules.length === 0) reported.delete(key);
    else reported.set(key, rules.join());
    onReport({ what: 'rules', service: key, rules });
  };
  const onListed = (): void => {
    if (services.isListed && nodes.isListed)
      onReport({ what: 'watching', services: services.all().length, nodes: nodes.all().length });
  };
  const services: Known = new Known(tell, onListed);
  const nodes: Known = new Known(undefined, onListed);
  const retrying: Retrying = {
    clock,
    ...defined({ relist: options.relist, retry: options.retry }),
    onReport(report) {
      if (report.code === 'Unauthorized') held = undefined;
      onReport(report);
    },
  };
  try {
    await Promise.all([
      keepInformed(client, { path: '/api/v1/services' }, services, retrying, signal),
      keepInformed(client, { path: '/api/v1/nodes' }, nodes, retrying, signal),
    ]);
  } finally {
    client.close();
  }
}

/**
 * Requests a service account token with these credentials (an administrator's certificate).
 * @param seconds how long it shall be good.
 * @throws ApiFailure, for an account that is not there too, and what `ApiClient.call` throws.
 */
export async function accountToken(
  options: ApiClientOptions,
  {
    namespace,
    name,
    seconds = 3600,
  }: { readonly namespace: string; readonly name: string; readonly seconds?: number },
  signal: AbortSignal,
): Promise<string> {
  const client = apiClient(options);
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [], expirationSeconds: seconds },
  };
  const answer = await client.call(
    'POST',
    `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    signal,
    request,
  );
  const token = textAt(answer.body, 'status', 'token');
  if (token === '') throw failureOf(answer);
  return token;
}

/** When a JSON Web Token begins and ends (RFC 7519 section 4.1), in milliseconds since the epoch: it is its holder's to know, and not verified. */
export function lifeOf(token: string): { readonly from: number; readonly to: number } | undefined {
  const [, payload = ''] = token.split('.');
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  } catch {
    return undefined;
  }
  const [from, to] = [valueAt(claims, 'iat'), valueAt(claims, 'exp')];
  return typeof from === 'number' && typeof to === 'number' && to > from
    ? { from: from * 1000, to: to * 1000 }
    : undefined;
}

/** What would be programmed for a service; nothing for one without an address. */
export function rulesOf(service: KubeObject): readonly string[] {
  const address = textAt(service, 'spec', 'clusterIP');
  if (address === '' || address === 'None' || textAt(service, 'spec', 'type') === 'ExternalName') return [];
  const host = address.includes(':') ? `[${address}]` : address;
  return listAt(service, 'spec', 'ports').map(
    (port) =>
      `${keyOf(service)} ${host}:${String(valueAt(port, 'port'))}/${textAt(port, 'protocol') || 'TCP'}`,
  );
}
