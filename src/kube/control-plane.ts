/**
 * Runs a cluster: the API server with a cluster's rules, and the components, each of which connects over its own wire
 * like any client. The decisions are in the components' own files.
 *
 * 1. The API server starts first; each component waits for what it needs.
 * 2. All components end with it: they are stopped first, so that they release their leases, with a time limit.
 */
import { present } from '../core/present.ts';
import { createPrivateKey } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { formatAddress } from '../capture/event.ts';
import type { Address } from '../capture/event.ts';
import type { Clock, RandomBytes } from '../core/clock.ts';
import { readCertificate } from '../protocols/x509/certificate.ts';
import { UserError } from '../i18n/user-error.ts';
import { pemCertificates } from '../pki/keystore/pem.ts';
import type { AcceptOptions, Identity, Tap } from '../wire/endpoint.ts';
import { bootstrapPolicy, kubeadmPolicy } from './authz/bootstrap-policy.ts';
import { clearTokens, tokenSecret } from './authn/bootstrap-tokens.ts';
import type { BootstrapToken } from './authn/authentication.ts';
import {
  certificatesGroup,
  certificatesResource,
  hasCondition,
  statusOf,
} from './certificates/certificates.ts';
import { runControllerManager } from './components/controller-manager.ts';
import type { ControllerManagerOptions, ControllerReport } from './components/controller-manager.ts';
import { startKubeProxy } from './components/kube-proxy.ts';
import type { KubeProxyOptions, KubeProxyReport } from './components/kube-proxy.ts';
import { startKubelet } from './components/kubelet.ts';
import type { KubeletOptions } from './components/kubelet.ts';
import { startScheduler } from './components/scheduler.ts';
import type { SchedulerOptions, SchedulerReport } from './components/scheduler.ts';
import { extensionTrust, kubeadmObjects } from './kubeadm-objects.ts';
import type { KubeletsOptions } from './components/kubelet-client.ts';
import type { KubeObject } from './objects/objects.ts';
import type { ApiHooks } from './apiserver/hooks.ts';
import { storePrefix } from './apiserver/resources.ts';
import { prepareRules } from './apiserver/rules.ts';
import type { Rules, RulesOptions, ServiceAccountKeys } from './apiserver/rules.ts';
import { startApiServer } from './apiserver/server.ts';
import type { AnswerReport } from './apiserver/server.ts';
import type { SigningAuthority } from './certificates/signer.ts';
import type { Store } from './store/store.ts';

export interface ControlPlaneOptions extends Pick<AcceptOptions, 'listen' | 'tap' | 'keysTo' | 'tls'> {
  readonly identity: Identity;
  /** PEM of the CAs whose client certificates make users. */
  readonly clientAuthorities: readonly string[];
  /** PEM of the CA whose client certificates may speak for others. */
  readonly frontProxyAuthority?: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Left out, tokens of service accounts are neither made nor taken. */
  readonly serviceAccounts?: ServiceAccountKeys;
  /** The API server's connection to kubelets; without it, it fetches no logs. */
  readonly kubelets?: KubeletsOptions;
  /**
   * Restores kubeadm's one-time objects at each start, if they cannot be restored otherwise; by default they are
   * created only in a new store.
   */
  readonly putsBack?: boolean;
  /** Good from now on, for as long as kubeadm's. */
  readonly bootstrapTokens?: readonly Pick<BootstrapToken, 'id' | 'secret'>[];
  /**
   * Without it, certificates are not signed. Its `controllers`, by default: all of them in a cluster with a scheduler
   * or a kubelet, else only those for certificates. The same applies to its lease: without other components it runs
   * without one.
   */
  readonly controllerManager?: {
    readonly identity: Identity;
    /** The CA with whose key it signs; left out, it does everything else. */
    readonly authority?: Identity;
    /** PEM: the trusted CAs for the API server. */
    readonly trust: string;
    readonly tap?: Tap;
    /** `--cluster-signing-duration`, in seconds; a year where it is left out. */
    readonly signingDuration?: number;
    readonly onReport?: (report: ControllerReport) => void;
  } & Pick<
    ControllerManagerOptions,
    'controllers' | 'nodeGrace' | 'podGrace' | 'monitor' | 'relist' | 'retry'
  >;
  /** Left out: no pod gets a node by itself. */
  readonly scheduler?: {
    readonly identity: Identity;
    /** PEM: the trusted CAs for the API server. */
    readonly trust: string;
    readonly tap?: Tap;
    readonly onReport?: (report: SchedulerReport) => void;
  } & Pick<SchedulerOptions, 'relist' | 'retry'>;
  /** Left out: there is no node. With an identity, or with a bootstrap token. */
  readonly kubelet?: Omit<KubeletOptions, 'to' | 'authorities' | 'clock' | 'random' | 'clientAuthorities'> & {
    readonly trust: string;
    readonly clientAuthorities?: readonly string[];
  };
  /** Without it, services are not watched. */
  readonly kubeProxy?: {
    readonly trust: string;
    /** A token of kube-system/kube-proxy (`accountToken` of `kube-proxy.ts`). @param to where the API server listens. */
    readonly token: (to: Address) => Promise<string>;
    readonly tap?: Tap;
    readonly onReport?: (report: KubeProxyReport) => void;
  } & Pick<KubeProxyOptions, 'relist' | 'retry'>;
  /** Called when a component ends because of an internal error, or a UserError in its options; without it, `close` throws it. */
  readonly onFault?: (error: unknown) => void;
  readonly onAnswered?: (report: AnswerReport) => void;
  /** Called when it listens, before any component connects. */
  readonly onListening?: (address: Address) => void;
  /** Other rules than those of kubeadm's control plane. */
  readonly rules?: (options: RulesOptions) => Promise<ApiHooks & Pick<Rules, 'close'>>;
}

export interface ControlPlane {
  readonly address: Address;
  /** Where the kubelet's own server listens. */
  readonly kubeletAddress?: Address;
  /** A second listener on its own port (a free one by default) with a tap. */
  addListener(tap: Tap, port?: number): Promise<Address>;
  /** Starts a kubelet that was not there from the beginning; it ends with the others. @returns where its own server listens. */
  join(kubelet: NonNullable<ControlPlaneOptions['kubelet']>): Promise<Address | undefined>;
  /** Resolves when the signer has dealt with the request of that name: it has a certificate, has failed, or was denied. Rejects when the signal says so. */
  dealtWith(request: string, signal: AbortSignal): Promise<void>;
  /** Resolves when an object is so, or, for undefined, gone, and what was being asked then is answered: with what it is. Without a name any of them will do. Rejects when the signal says so. */
  until(
    object: ObjectName,
    isSo: (object: KubeObject | undefined) => boolean,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined>;
  close(graceMs?: number): Promise<void>;
}

/** `{ plural: 'pods', namespace: 'default', name: 'web' }`. */
export interface ObjectName {
  /** Empty, the core group, where it is left out. */
  readonly group?: string;
  readonly plural: string;
  readonly namespace?: string;
  /** Left out: whichever is so first. */
  readonly name?: string;
}

/** kubeadm's `--requestheader-allowed-names`. */
const allowedNames = ['front-proxy-client'];

/** @throws UserError when the address cannot be listened on, or a certificate or key cannot be used. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { store, clock, random, identity, listen, tap, tls, controllerManager, onAnswered } = options;
  const [root] = options.clientAuthorities;
  const rules = await (options.rules ?? prepareRules)({
    store,
    clock,
    random,
    ...present({ serviceAccounts: options.serviceAccounts }),
    clientAuthorities: options.clientAuthorities.flatMap(pemCertificates),
    ...(options.frontProxyAuthority === undefined
      ? {}
      : { frontProxy: { authorities: pemCertificates(options.frontProxyAuthority), allowedNames } }),
  });
  const tokens = options.bootstrapTokens ?? [];
  await clearTokens(store, tokens, clock.now());
  const made = [
    ...kubeadmPolicy(),
    ...kubeadmObjects({ clientAuthorities: options.clientAuthorities, server: listen }),
  ];
  const server = await startApiServer({
    listen,
    identity,
    // As kube-apiserver names them: `--client-ca-file`, then `--requestheader-client-ca-file`.
    clientAuthorities: [
      ...options.clientAuthorities,
      ...(options.frontProxyAuthority === undefined ? [] : [options.frontProxyAuthority]),
    ],
    store,
    hooks: rules,
    clock,
    random,
    objects: [
      ...bootstrapPolicy(),
      extensionTrust({
        clientAuthorities: options.clientAuthorities,
        ...present({ frontProxyAuthority: options.frontProxyAuthority }),
        allowedNames,
      }),
      ...tokens.map((token) => tokenSecret(token, clock.now())),
      ...(options.putsBack ? made : []),
    ],
    firstObjects: made,
    ...present({
      rootCertificate: root,
      kubelets: options.kubelets,
      tap,
      keysTo: options.keysTo,
      tls,
      onAnswered,
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
  const end = async (graceMs?: number): Promise<void> => {
    ending.abort();
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
  let kubeletAddress: Address | undefined;
  try {
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
                    ...present({ duration }),
                  },
                }
              : {}),
            clock,
            random,
            ...present({
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
    ...present({ kubeletAddress }),
    addListener: async (tapped, port) => server.addListener(tapped, port),
    join,
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
function dealtWith(): (object: KubeObject | undefined) => boolean {
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
              ...present({ namespace, name }),
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
