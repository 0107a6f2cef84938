/**
 * A control plane that runs: the API server with the rules of a cluster, and the controller manager beside it, which comes
 * to it over a wire of its own as any client does. What each decides is in their own files.
 */
import { createPrivateKey } from 'node:crypto';
import type { Address } from '../capture/event.ts';
import type { Clock, RandomBytes } from '../core/clock.ts';
import { readCertificate } from '../dissect/x509/certificate.ts';
import { Mistake } from '../i18n/mistake.ts';
import { pemCertificates } from '../pki/pem.ts';
import type { AcceptOptions, Identity, Tap } from '../wire/endpoint.ts';
import { bootstrapPolicy } from './bootstrap-policy.ts';
import type { BootstrapToken } from './authentication.ts';
import { certificatesGroup, certificatesResource, hasCondition, statusOf } from './certificates.ts';
import { runControllerManager } from './controller-manager.ts';
import type { ControllerReport } from './controller-manager.ts';
import type { KubeObject } from './objects.ts';
import type { ApiHooks } from './hooks.ts';
import { prepareRules } from './rules.ts';
import type { Rules, RulesOptions } from './rules.ts';
import { startApiServer } from './server.ts';
import type { AnswerReport } from './server.ts';
import type { SigningAuthority } from './signer.ts';
import type { Store } from './store.ts';

export interface ControlPlaneOptions extends Pick<AcceptOptions, 'listen' | 'tap' | 'keysTo' | 'tls'> {
  readonly identity: Identity;
  /** PEM of the CAs whose client certificates make users. */
  readonly clientAuthorities: readonly string[];
  /** PEM of the CA whose client certificates may speak for others. */
  readonly frontProxyAuthority?: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly bootstrapTokens?: readonly Pick<BootstrapToken, 'id' | 'secret'>[];
  /** Left out: nobody signs. */
  readonly controllerManager?: {
    readonly identity: Identity;
    /** The CA with whose key it signs. */
    readonly authority: Identity;
    /** PEM: whom it trusts as an API server. */
    readonly trust: string;
    readonly tap?: Tap;
    /** The first pause after a failure, in milliseconds. */
    readonly retry?: number;
    readonly onReport?: (report: ControllerReport) => void;
  };
  readonly onAnswered?: (report: AnswerReport) => void;
  /** Told where it listens, before anybody of its own comes there. */
  readonly onListening?: (address: Address) => void;
  /** Other rules than those of kubeadm's control plane. */
  readonly rules?: (options: RulesOptions) => Promise<ApiHooks & Pick<Rules, 'close'>>;
}

export interface ControlPlane {
  readonly address: Address;
  /** Another way in, on a port of its own (a free one when left out), tapped there. */
  openDoor(tap: Tap, port?: number): Promise<Address>;
  /** Resolves when the signer has dealt with the request of that name: it has a certificate, has failed, or was denied. Rejects when the signal says so. */
  dealtWith(request: string, signal: AbortSignal): Promise<void>;
  close(graceMs?: number): Promise<void>;
}

/** kubeadm's group of those who join with a token. */
const tokenGroup = 'system:bootstrappers:kubeadm:default-node-token';

/** @throws Mistake when the address cannot be listened on, or a certificate or key cannot be used. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { store, clock, random, identity, listen, tap, tls, controllerManager, onAnswered } = options;
  const [root] = options.clientAuthorities;
  const rules = await (options.rules ?? prepareRules)({
    store,
    clock,
    clientAuthorities: options.clientAuthorities.flatMap(pemCertificates),
    ...(options.frontProxyAuthority === undefined ? {} : { frontProxy: { authorities: pemCertificates(options.frontProxyAuthority), allowedNames: ['front-proxy-client'] } }),
  });
  const server = await startApiServer({
    listen,
    identity,
    store,
    hooks: rules,
    clock,
    random,
    objects: [...bootstrapPolicy(), ...(options.bootstrapTokens ?? []).map(tokenSecret)],
    ...(root === undefined ? {} : { rootCertificate: root }),
    ...(tap ? { tap } : {}),
    ...(options.keysTo ? { keysTo: options.keysTo } : {}),
    ...(tls ? { tls } : {}),
    ...(onAnswered ? { onAnswered } : {}),
  });
  options.onListening?.(server.address);
  const ending = new AbortController();
  let managing = Promise.resolve();
  if (controllerManager) {
    const { tap: ownTap, retry, onReport } = controllerManager;
    const to = ownTap ? await server.openDoor(ownTap) : server.address;
    managing = runControllerManager(
      { to, authorities: [controllerManager.trust], identity: controllerManager.identity, authority: signingAuthority(controllerManager.authority), clock, random, ...(ownTap ? { reportTo: ownTap.log } : {}), ...(retry === undefined ? {} : { retry }), ...(onReport ? { onReport } : {}) },
      ending.signal,
    );
    // Rejects for a fault of ours alone; whoever closes waits for it.
    managing.catch(() => {});
  }
  return {
    address: server.address,
    openDoor: async (tapped, port) => server.openDoor(tapped, port),
    dealtWith: async (request, signal) => dealtWith(store, request, signal),
    async close(graceMs) {
      ending.abort();
      rules.close();
      await Promise.all([server.close(graceMs), managing]);
    },
  };
}

function signingAuthority({ certificate, key }: Identity): SigningAuthority {
  const [der] = pemCertificates(certificate);
  const step = der ? readCertificate(der) : undefined;
  if (step && 'got' in step) return { certificate: step.got, key: createPrivateKey(key) };
  throw new Mistake({ what: { en: 'the CA’s certificate cannot be read', ko: 'CA 인증서를 읽을 수 없습니다' } });
}

/** A bootstrap token as kubeadm keeps it (bootstrap.kubernetes.io/token). */
function tokenSecret({ id, secret }: Pick<BootstrapToken, 'id' | 'secret'>): KubeObject {
  const data = { 'token-id': id, 'token-secret': secret, 'usage-bootstrap-authentication': 'true', 'usage-bootstrap-signing': 'true', 'auth-extra-groups': tokenGroup };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data: Object.fromEntries(Object.entries(data).map(([name, value]) => [name, Buffer.from(value).toString('base64')])),
  };
}

async function dealtWith(store: Store, request: string, signal: AbortSignal): Promise<void> {
  const key = `/registry/${certificatesGroup}/${certificatesResource}/${request}`;
  const isOver = (object: KubeObject): boolean => {
    const status = statusOf(object);
    return status.certificate !== undefined || hasCondition(status, 'Failed') || hasCondition(status, 'Denied');
  };
  const { items, revision } = await store.list(key);
  if (items.some((stored) => stored.key === key && isOver(stored.object))) return;
  await new Promise<void>((resolve, reject) => {
    let end = (): void => {};
    const abort = (): void => {
      end();
      reject(signal.reason as Error);
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    const watching = store.watch(key, revision, (event) => {
      if (event.key !== key || (event.type !== 'DELETED' && !isOver(event.object))) return;
      signal.removeEventListener('abort', abort);
      void watching.then((stop) => stop());
      resolve();
    });
    watching.then((stop) => (end = stop), reject);
  });
}
