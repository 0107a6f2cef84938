/**
 * Runs a cluster: the API server with a cluster's rules, and the components, each of which connects over its own wire
 * like any client. The decisions are in the components' own files.
 *
 * 1. The API server starts first; each component waits for what it needs.
 * 2. All components end with it: they are stopped first, so that they release their leases, with a time limit.
 */
import { formatAddress } from '../capture/event.ts';
import { defined } from '../core/defined.ts';
import { createPrivateKey } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Address } from '../capture/event.ts';
import { readCertificate } from '../protocols/x509/certificate.ts';
import { UserError } from '../i18n/user-error.ts';
import { pemCertificates } from '../pki/keystore/pem.ts';
import type { Identity, Tap } from '../wire/endpoint.ts';
import { bootstrapPolicy, kubeadmPolicy } from './authz/bootstrap-policy.ts';
import { keepClusterInfo } from './authn/cluster-info.ts';
import { clearTokens, tokenSecret } from './authn/bootstrap-tokens.ts';
import {
  certificatesGroup,
  certificatesResource,
  hasCondition,
  statusOf,
} from './certificates/request-fields.ts';
import { runControllerManager } from './components/controller-manager.ts';
import { startKubeProxy } from './components/kube-proxy.ts';
import { startKubelet } from './components/kubelet/kubelet.ts';
import { startScheduler } from './components/scheduler.ts';
import { clusterInfo, extensionTrust, kubeadmObjects } from './kubeadm-objects.ts';
import { markControlPlaneNode } from './kubeadm-node.ts';
import type { KubeObject } from './objects/objects.ts';
import { storeKey, storePrefix } from './apiserver/resources.ts';
import { prepareRules } from './apiserver/rules.ts';
import { startApiServer } from './apiserver/server.ts';
import type { SigningAuthority } from './certificates/signer.ts';
import { StoreFailure } from './store/store.ts';
import type { Store, StoreKey } from './store/store.ts';
import type { ControlPlaneOptions, ControlPlane, ObjectName } from './control-plane-options.ts';

const nodes = { group: '', plural: 'nodes', namespaced: false } as const;

/** How often cluster-info is signed anew, in milliseconds: tokens are made and expire. */
const signingEvery = 10_000;

/** kubeadm's `--requestheader-allowed-names`. */
const allowedNames = ['front-proxy-client'];

/** @throws UserError when the address cannot be listened on, or a certificate or key cannot be used. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { store, clock, random, identity, listen, tap, tls, controllerManager, onAnswered } = options;
  const root = options.rootCertificate ?? options.clientAuthorities[0];
  const rules = await (options.rules ?? prepareRules)({
    store,
    clock,
    random,
    ...defined({ serviceAccounts: options.serviceAccounts, webhooks: options.webhooks }),
    clientAuthorities: options.clientAuthorities.flatMap(pemCertificates),
    ...(options.frontProxyAuthority === undefined
      ? {}
      : { frontProxy: { authorities: pemCertificates(options.frontProxyAuthority), allowedNames } }),
  });
  const tokens = options.bootstrapTokens ?? [];
  await clearTokens(store, tokens, clock.now());
  const made = [
    ...kubeadmPolicy(),
    ...kubeadmObjects({ ...defined({ root }), server: listen }),
    ...(options.configMaps ?? []),
  ];
  const nodeKey = storeKey(nodes, undefined, options.kubelet?.node ?? '');
  const marks =
    options.marksNode === true && options.kubelet !== undefined && (await store.get(nodeKey)) === undefined;
  const named = (authorities: readonly string[]): readonly string[] => [
    ...authorities,
    ...(options.frontProxyAuthority === undefined ? [] : [options.frontProxyAuthority]),
  ];
  const trustOf = (clientAuthorities: readonly string[]): KubeObject =>
    extensionTrust({
      clientAuthorities,
      ...defined({ frontProxyAuthority: options.frontProxyAuthority }),
      allowedNames,
    });
  const server = await startApiServer({
    listen,
    identity,
    // As kube-apiserver names them: `--client-ca-file`, then `--requestheader-client-ca-file`.
    clientAuthorities: named(options.clientAuthorities),
    store,
    hooks: rules,
    clock,
    random,
    objects: [
      ...bootstrapPolicy(),
      trustOf(options.clientAuthorities),
      ...tokens.map((token) => tokenSecret(token, clock.now())),
      ...(options.putsBack ? made : []),
    ],
    firstObjects: made,
    ...defined({
      rootCertificate: root,
      kubelets: options.kubelets,
      tap,
      keysTo: options.keysTo,
      tls,
      onAnswered,
      offersHttp2: options.offersHttp2,
      keepsOwnService: options.keepsOwnService,
    }),
  });
  options.onListening?.(server.address);
  const ending = new AbortController();
  const running: Promise<void>[] = [];
  const faults: unknown[] = [];
  const run = (component: Promise<void>): void => {
    running.push(
      component.catch((error: unknown) => {
        if (options.onFault) options.onFault(error);
        else faults.push(error);
      }),
    );
  };
  const listenerFor = async (tapped: Tap | undefined): Promise<Address> =>
    tapped ? server.addListener(tapped) : server.address;
  const lease = (): { readonly holder: string } => ({
    holder: `${options.kubelet?.node ?? 'control-plane'}_${Buffer.from(random(8)).toString('hex')}`,
  });
  let signing: NodeJS.Timeout | undefined;
  const end = async (graceMs?: number): Promise<void> => {
    ending.abort();
    clearInterval(signing);
    await Promise.race([Promise.all(running), pause(longestEnding, undefined, { ref: false })]);
    rules.close();
    await server.close(graceMs);
  };
  const join = async ({
    tap: ownTap,
    trust,
    ...given
  }: NonNullable<ControlPlaneOptions['kubelet']>): Promise<Address | undefined> => {
    const to = await listenerFor(ownTap);
    let listens = (_address: Address): void => {};
    const listening = new Promise<Address>((resolve) => (listens = resolve));
    const onListening = (address: Address): void => {
      given.onListening?.(address);
      listens(address);
    };
    const kubelet = startKubelet(
      {
        clientAuthorities: options.clientAuthorities,
        server: `https://${formatAddress(server.address)}`,
        ...given,
        to,
        authorities: [trust],
        clock,
        random,
        onListening,
      },
      ending.signal,
    );
    // It ends before it listens only where it cannot.
    const address = await Promise.race([listening, kubelet.then(() => undefined)]);
    run(kubelet);
    return address;
  };
  const marked = async (node: string, key: StoreKey): Promise<void> => {
    try {
      await storedUntil(
        store,
        { plural: nodes.plural, name: node },
        (found) => found !== undefined,
        ending.signal,
      );
      await markControlPlaneNode(store, key);
    } catch (error) {
      if (!ending.signal.aborted && !(error instanceof StoreFailure)) throw error;
    }
  };
  let kubeletAddress: Address | undefined;
  try {
    if (options.configMaps) {
      const info = clusterInfo({ ...defined({ root }), server: server.address });
      // Tokens come and go. Without the store nothing is signed, which it reports itself; the next round looks again.
      const keep = async (wanted: KubeObject | undefined): Promise<void> =>
        keepClusterInfo({ store, clock, random }, wanted).catch((error: unknown) => {
          if (!(error instanceof StoreFailure)) throw error;
        });
      await keep(info);
      const sign = (): void => void keep(undefined).catch((error: unknown) => faults.push(error));
      signing = setInterval(sign, signingEvery).unref();
    }
    if (controllerManager) {
      const { tap: ownTap, trust, authority, signingDuration: duration, ...given } = controllerManager;
      const isAlone =
        options.scheduler === undefined && options.kubelet === undefined && options.kubelets === undefined;
      const extent = isAlone ? { controllers: ['certificates'] as const } : { lease: lease() };
      const to = await listenerFor(ownTap);
      run(
        runControllerManager(
          {
            ...extent,
            ...(ownTap ? { reportTo: ownTap.log } : {}),
            ...given,
            to,
            authorities: [trust],
            ...(authority
              ? {
                  authority: {
                    ...signingAuthority(authority),
                    ...defined({ duration }),
                  },
                }
              : {}),
            clock,
            random,
            ...defined({
              rootCertificate: root,
              accountKey: options.serviceAccounts?.key,
            }),
          },
          ending.signal,
        ),
      );
    }
    if (options.scheduler) {
      const { tap: ownTap, trust, ...given } = options.scheduler;
      run(
        startScheduler(
          { ...given, to: await listenerFor(ownTap), authorities: [trust], clock, random, lease: lease() },
          ending.signal,
        ),
      );
    }
    if (options.kubelet) kubeletAddress = await join(options.kubelet);
    if (options.kubelet && marks) run(marked(options.kubelet.node, nodeKey));
    if (options.kubeProxy) {
      const { tap: ownTap, trust, token, ...given } = options.kubeProxy;
      // On an untapped listener: the identity that requests its token is not shown as a client.
      const aside = tap ? await server.addListener() : server.address;
      run(
        startKubeProxy(
          {
            ...given,
            to: await listenerFor(ownTap),
            authorities: [trust],
            clock,
            token: async () => token(aside),
          },
          ending.signal,
        ),
      );
    }
  } catch (error) {
    await end(0);
    throw error;
  }
  return {
    address: server.address,
    ...defined({ kubeletAddress }),
    addListener: async (tapped, port) => server.addListener(tapped, port),
    join,
    async renew({ identity: renewed, clientAuthorities }) {
      server.renew(renewed, named(clientAuthorities));
      rules.trust?.(clientAuthorities.flatMap(pemCertificates));
      const { metadata, ...rest } = trustOf(clientAuthorities);
      const key = `${storePrefix({ group: '', plural: 'configmaps' }, metadata.namespace)}${metadata.name}`;
      const stored = await store.get(key);
      if (stored) await store.update(key, { ...stored.object, ...rest }, stored.revision);
    },
    dealtWith: async (request, signal) =>
      void (await storedUntil(
        store,
        { group: certificatesGroup, plural: certificatesResource, name: request },
        dealtWith(),
        signal,
      )),
    async until(object, isSo, signal) {
      const found = await storedUntil(store, object, isSo, signal);
      // It is written before its writer is notified.
      await server.settled();
      return found;
    },
    async close(graceMs) {
      await end(graceMs);
      if (faults.length > 0) throw faults[0];
    },
  };
}

/** Components end at once when stopped; one that does not is abandoned. */
const longestEnding = 2_000;

/** A CA that signs requests. @throws UserError for a certificate that cannot be read */
export function signingAuthority({ certificate, key }: Identity): SigningAuthority {
  const [der] = pemCertificates(certificate);
  const step = der ? readCertificate(der) : undefined;
  if (step && 'got' in step) return { certificate: step.got, key: createPrivateKey(key) };
  throw new UserError({
    what: { en: 'the CA’s certificate cannot be read', ko: 'CA 인증서를 읽을 수 없습니다' },
  });
}

/** Signed, failed, denied, or gone after it was there. */
export function dealtWith(): (object: KubeObject | undefined) => boolean {
  let isFirst = true;
  return (object) => {
    const wasFirst = isFirst;
    isFirst = false;
    if (!object) return !wasFirst;
    const status = statusOf(object);
    return (
      status.certificate !== undefined || hasCondition(status, 'Failed') || hasCondition(status, 'Denied')
    );
  };
}

async function storedUntil(
  store: Store,
  { group = '', plural, namespace, name }: ObjectName,
  isSo: (object: KubeObject | undefined) => boolean,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const key = `${storePrefix({ group, plural }, namespace)}${name ?? ''}`;
  const isMeant = (stored: string): boolean => name === undefined || stored === key;
  const { items, revision } = await store.list(key);
  const meant = items.filter((stored) => isMeant(stored.key)).map(({ object }) => object);
  const now = name === undefined ? meant.find(isSo) : meant[0];
  if (name === undefined ? now : isSo(now)) return now;
  return new Promise((resolve, reject) => {
    // Events that arrived in the meantime are reported before the watch is handed over.
    let isOver = false;
    let stop: (() => void) | undefined;
    const end = (): void => {
      isOver = true;
      signal.removeEventListener('abort', abort);
      stop?.();
    };
    const abort = (): void => {
      end();
      reject(signal.reason as Error);
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    const finish = (next: KubeObject | undefined | Promise<KubeObject | undefined>): void => {
      if (isOver) return;
      end();
      resolve(next);
    };
    const watching = store.watch(
      key,
      revision,
      (event) => {
        const object = event.type === 'DELETED' ? undefined : event.object;
        if (isMeant(event.key) && (name !== undefined || object) && isSo(object)) finish(object);
      },
      () =>
        finish(
          storedUntil(
            store,
            {
              group,
              plural,
              ...defined({ namespace, name }),
            },
            isSo,
            signal,
          ),
        ),
    );
    watching.then(
      (given) => (isOver ? given() : (stop = given)),
      (error: Error) => {
        end();
        reject(error);
      },
    );
  });
}
