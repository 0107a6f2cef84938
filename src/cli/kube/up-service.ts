/** Runs a control plane on a cluster's folder, with a tap on every wire, and reports its requests. */
import { defined } from '../../core/defined.ts';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { formatAddress } from '../../capture/event.ts';
import type { Address, Topology } from '../../capture/event.ts';
import type { RunLog } from '../../capture/log.ts';
import { systemClock } from '../../core/clock.ts';
import { clip } from '../../i18n/clip.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { accountToken } from '../../kube/components/kube-proxy.ts';
import { componentWords } from '../../kube/components/words.ts';
import type { ComponentReport } from '../../kube/components/words.ts';
import type { WebhookReport } from '../../kube/admission/webhooks.ts';
import type { Encryption } from '../../kube/encryption/encryption.ts';
import { startControlPlane } from '../../kube/control-plane.ts';
import type { ControlPlane } from '../../kube/control-plane-options.ts';
import { configMapsOf } from '../../kube/kubeadm-objects.ts';
import type { AnswerReport } from '../../kube/apiserver/server.ts';
import { StoreFailure } from '../../kube/store/store.ts';
import type { Tap } from '../../wire/endpoint.ts';
import { kubeadmConfigMaps } from '../../pki/kubeadm/manifests/config-maps.ts';
import type { StaticPodName } from '../../pki/kubeadm/manifests/processes.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { digestOf, watchCredentials } from '../proxy/credentials.ts';
import { rereadServed, servedFiles } from './up-folder.ts';
import type { ExternalEtcd } from './etcd/external-etcd.ts';
import type { UpFolder } from './up-folder.ts';
import { Repeats } from './up-repeats.ts';
import { openStore } from './up-store.ts';
import type { EtcdChoice, UpStore } from './up-store.ts';

export const participants = {
  callers: 'kubectl',
  server: 'kube-apiserver',
  store: 'etcd',
  controllerManager: 'kube-controller-manager',
  scheduler: 'kube-scheduler',
  kubelet: 'kubelet',
  kubeProxy: 'kube-proxy',
  storeVisitors: 'etcdctl',
} as const;

/** Every wire of a control plane, one row each, in the order of the picture, clients first. */
const wireRows = [
  { name: 'callers', hop: 'A', from: participants.callers, to: participants.server },
  { name: 'store', hop: 'B', from: participants.server, to: participants.store },
  { name: 'controllerManager', hop: 'C', from: participants.controllerManager, to: participants.server },
  { name: 'scheduler', hop: 'D', from: participants.scheduler, to: participants.server },
  { name: 'kubelet', hop: 'E', from: participants.kubelet, to: participants.server },
  { name: 'kubeProxy', hop: 'F', from: participants.kubeProxy, to: participants.server },
  { name: 'kubeletServer', hop: 'G', from: participants.server, to: participants.kubelet },
  { name: 'storeVisitors', hop: 'H', from: participants.storeVisitors, to: participants.store },
] as const;

export type WireName = (typeof wireRows)[number]['name'];

/** The letter of each wire. */
export const wires = Object.fromEntries(wireRows.map(({ name, hop }) => [name, hop])) as Readonly<
  Record<WireName, string>
>;

/** Characters of one message: a webhook's, and the key of a value in etcd, may have millions. */
const longestSaid = 2000;
/** Within this many milliseconds, a component that is disconnected for the same reason is not reported again. */
const quiet = 60_000;

/** Components that can be left out. */
export const optionalComponents = ['controller-manager', 'scheduler', 'kubelet', 'kube-proxy'] as const;
export type OptionalComponent = (typeof optionalComponents)[number];

export interface UpSettings {
  readonly listen: Address;
  readonly folder: UpFolder;
  /** The cluster's folder. */
  readonly path: string;
  readonly token: { readonly id: string; readonly secret: string };
  readonly version: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The store for objects; `up-store.ts` describes the default. */
  readonly etcd?: EtcdChoice;
  /** Of --etcd-servers. */
  readonly external?: ExternalEtcd;
  /** Of --encryption-provider-config. */
  readonly encryption?: Encryption;
  readonly without?: readonly OptionalComponent[];
  /** Absent if the traffic is neither kept nor shown. */
  readonly log?: RunLog;
  readonly onAnswered?: (report: AnswerReport) => void;
  /** Receives a component's messages; @param who the component's name, as on its wire. */
  readonly onSaid?: (who: string, text: Localized) => void;
  readonly onListening?: (running: Listening) => void;
}

export interface Listening {
  readonly address: Address;
  readonly etcd?: UpStore['etcd'];
  readonly unused: UpStore['unused'];
  readonly components: ReadonlySet<OptionalComponent>;
  /** Components that were not left out but cannot run, with the files that are missing or unreadable. */
  readonly impossible: ReadonlyMap<OptionalComponent, readonly string[]>;
}

export interface Up extends Listening {
  close(graceMs?: number): Promise<void>;
}

/** @throws UserError if the address cannot be listened on, a certificate cannot be used, or etcd does not answer. */
export async function startUp(settings: UpSettings): Promise<Up> {
  const {
    listen,
    folder,
    path,
    token,
    version,
    variables,
    etcd: choice,
    external,
    encryption,
    log,
    onAnswered,
    onListening,
  } = settings;
  const onSaid = (who: string, text: Localized): void =>
    settings.onSaid?.(
      who,
      inEach((language) => clip(text[language], longestSaid)),
    );
  const stored = await openStore(
    defined({
      choice,
      folder,
      path,
      variables,
      external,
      encryption,
      taps: log && { log, store: wires.store, visitors: wires.storeVisitors },
      onReport: (text: Localized) => onSaid(participants.store, text),
    }),
  );
  const wanted = optionalComponents.filter((name) => settings.without?.includes(name) !== true);
  const impossible = new Map(
    wanted.flatMap((name) => (lacks[name](folder).length > 0 ? [[name, lacks[name](folder)] as const] : [])),
  );
  const components = new Set(wanted.filter((name) => !impossible.has(name)));
  const running: readonly WireName[] = [
    'callers',
    ...(stored.etcd
      ? (['store', ...(stored.etcd.visitorAddress ? (['storeVisitors'] as const) : [])] as const)
      : []),
    ...[...components].flatMap((name) => wiresOf[name]),
  ];
  const tapOn = (wire: WireName): { readonly tap?: Tap } => (log ? { tap: { log, hop: wires[wire] } } : {});
  const repeats = new Repeats(systemClock, quiet);
  const says = (who: string) => (report: ComponentReport) => {
    const words = componentWords(report);
    if (words && (report.what !== 'disconnected' || repeats.isNew(`${who} ${words.en}`))) onSaid(who, words);
  };
  const {
    apiserver,
    authority,
    signer,
    controllerManager,
    scheduler,
    kubelet,
    kubeletClient,
    kubeletServing,
    kubeletFolder,
    admin,
    serviceAccounts,
    frontProxyAuthority,
  } = folder;
  const listening = (address: Address): Listening =>
    defined({ address, etcd: stored.etcd, unused: stored.unused, components, impossible });
  try {
    const controlPlane = await startControlPlane(
      defined({
        listen,
        identity: apiserver,
        clientAuthorities: [authority],
        frontProxyAuthority,
        store: stored.store,
        clock: systemClock,
        random: randomBytes,
        bootstrapTokens: [token],
        serviceAccounts,
        offersHttp2: true,
        keepsOwnService: true,
        marksNode: true,
        configMaps: configMapsOf(
          kubeadmConfigMaps(
            defined({
              cluster: folder.cluster,
              authority,
              externalEtcd: external && {
                endpoints: external.endpoints.map((one) => `https://${formatAddress(one)}`),
                files: external.files,
              },
            }),
          ),
        ),
        webhooks: {
          onCalled: (called: WebhookReport) =>
            saidOfWebhook(called, (text) => onSaid(participants.server, text)),
        },
        ...tapOn('callers'),
        controllerManager:
          components.has('controller-manager') && controllerManager
            ? defined({
                identity: controllerManager.identity,
                authority: signer,
                trust: controllerManager.trust,
                ...tapOn('controllerManager'),
                onReport: says(participants.controllerManager),
              })
            : undefined,
        scheduler:
          components.has('scheduler') && scheduler
            ? {
                identity: scheduler.identity,
                trust: scheduler.trust,
                ...tapOn('scheduler'),
                onReport: says(participants.scheduler),
              }
            : undefined,
        ...(components.has('kubelet') && kubelet && kubeletClient
          ? {
              kubelet: {
                node: kubelet.node,
                identity: kubelet.identity,
                trust: kubelet.trust,
                ...defined({ serving: kubeletServing, folder: kubeletFolder }),
                staticPods: [...folder.staticPods].flatMap(([name, pod]) =>
                  runs[name](components, stored) ? [pod] : [],
                ),
                ...tapOn('kubelet'),
                onReport: says(participants.kubelet),
              },
              kubelets: { identity: kubeletClient, ...tapOn('kubeletServer') },
            }
          : {}),
        kubeProxy:
          components.has('kube-proxy') && admin
            ? {
                // As kubeadm has it: the CA of kube-root-ca.crt.
                trust: authority,
                token: async (to: Address) =>
                  accountToken(
                    {
                      to,
                      authorities: [admin.trust],
                      identity: admin.identity,
                      clock: systemClock,
                      userAgent: 'kubeadm',
                    },
                    { namespace: 'kube-system', name: participants.kubeProxy },
                    AbortSignal.timeout(10_000),
                  ),
                ...tapOn('kubeProxy'),
                onReport: says(participants.kubeProxy),
              }
            : undefined,
        onAnswered,
        onListening(address: Address) {
          log?.append({
            type: 'began',
            version,
            wallClock: new Date(systemClock.now()).toISOString(),
            topology: topologyOf(running, {
              [participants.server]: address,
              ...(stored.etcd ? { [participants.store]: stored.etcd.address } : {}),
            }),
          });
          onListening?.(listening(address));
        },
      }),
    );
    const found = pemCertificates(authority).length;
    if (found > 1 && components.has('controller-manager') && signer)
      onSaid(participants.controllerManager, signsWithOne(found));
    const unwatch = rereading(path, controlPlane, (text) => onSaid(participants.server, text));
    return {
      ...listening(controlPlane.address),
      async close(graceMs) {
        unwatch();
        await controlPlane.close(graceMs);
        await stored.close();
      },
    };
  } catch (error) {
    await stored.close();
    throw error instanceof StoreFailure ? noStore(error, stored, path) : error;
  }
}

/** Its real counterpart would refuse the file. */
const signsWithOne = (found: number): Localized => ({
  en: `pki/ca.crt holds ${found} certificates, and a real kube-controller-manager does not start with it as --cluster-signing-cert-file (expected 1 certificate, found ${found}): give it a file of its own there. Here it signs with the one that belongs to pki/ca.key`,
  ko: `pki/ca.crt에 인증서가 ${found}개 있습니다. 실제 kube-controller-manager는 이 파일을 --cluster-signing-cert-file로 쓰면 시작하지 않으므로(expected 1 certificate, found ${found}) 별도의 파일을 주어야 합니다. 여기서는 pki/ca.key에 맞는 인증서로 서명합니다`,
});

/**
 * The API server takes up its certificate and the CAs of clients when their files change, as kube-apiserver does; what stands in
 * kubeconfigs is read at the start by everybody. @returns what stops it.
 */
function rereading(path: string, controlPlane: ControlPlane, onSaid: (text: Localized) => void): () => void {
  const files = servedFiles.map((file) => join(path, file));
  let last = Promise.resolve();
  const read = async (): Promise<void> => {
    try {
      const { apiserver, authority } = await rereadServed(path);
      await controlPlane.renew({ identity: apiserver, clientAuthorities: [authority] });
      const count = pemCertificates(authority).length;
      onSaid({
        en: `it has read its certificate and pki/ca.crt (${count} ${count === 1 ? 'CA' : 'CAs'}) anew: they are used from now on`,
        ko: `인증서와 pki/ca.crt(CA ${count}개)를 다시 읽었습니다. 지금부터 새것을 씁니다`,
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const { what, where = '' } = error.facts;
      onSaid({
        en: `${where}: ${what.en}. It goes on with what it has read before`,
        ko: `${where}: ${what.ko}. 전에 읽은 것을 계속 씁니다`,
      });
    }
  };
  return watchCredentials(files, digestOf(files), () => {
    last = last.then(read);
  });
}

/** Nothing can start without the store: its message is the user's to act on. */
function noStore(error: StoreFailure, { etcd, trouble }: UpStore, path: string): UserError {
  const why = trouble?.();
  if (why)
    return new UserError(
      {
        what: {
          en: `the API server cannot start: ${why.en}`,
          ko: `API 서버를 시작할 수 없습니다: ${why.ko}`,
        },
        where: whereOf(etcd, path),
        received: error.message,
      },
      { cause: error },
    );
  return new UserError(
    {
      what: {
        en: 'the API server cannot start: its etcd failed to process a request',
        ko: 'API 서버를 시작할 수 없습니다. etcd가 요청을 처리하지 못했습니다',
      },
      where: whereOf(etcd, path),
      received: error.message,
      remedy: {
        en: `Check the certificates: ./wirelab kube pki check ${shellWord(path)}. If they are valid, the data may be corrupt: move ${etcd?.folder === undefined ? 'it' : shellWord(etcd.folder)} aside to start empty.`,
        ko: `인증서에 문제가 있는지 점검하세요: ./wirelab kube pki check ${shellWord(path)}. 인증서가 정상이라면 데이터가 손상되었을 수 있습니다. ${etcd?.folder === undefined ? '데이터를' : `${shellWord(etcd.folder)} 폴더를`} 다른 곳으로 옮기면 빈 상태로 시작합니다.`,
      },
    },
    { cause: error },
  );
}

/** The folder of the data, or the servers that have it. */
function whereOf(etcd: UpStore['etcd'], path: string): string {
  return etcd?.external ? `--etcd-servers ${formatAddress(etcd.address)}` : (etcd?.folder ?? path);
}

/** The files that a component needs and that the folder lacks. */
const lacks: Readonly<Record<OptionalComponent, (folder: UpFolder) => readonly string[]>> = {
  'controller-manager': ({ controllerManager }) => absent([controllerManager, 'controller-manager.conf']),
  scheduler: ({ scheduler }) => absent([scheduler, 'scheduler.conf']),
  kubelet: ({ kubelet, kubeletClient }) =>
    absent([kubelet, 'kubelet.conf'], [kubeletClient, 'pki/apiserver-kubelet-client']),
  'kube-proxy': ({ admin, serviceAccounts }) =>
    absent([admin, 'admin.conf'], [serviceAccounts, 'pki/sa.key']),
};

function absent(...parts: readonly (readonly [part: unknown, file: string])[]): readonly string[] {
  return parts.flatMap(([part, file]) => (part === undefined ? [file] : []));
}

/** Which static pods are there: those whose work is done here. */
const runs: Readonly<
  Record<StaticPodName, (components: ReadonlySet<OptionalComponent>, store: UpStore) => boolean>
> = {
  'kube-apiserver': () => true,
  'kube-controller-manager': (components) => components.has('controller-manager'),
  'kube-scheduler': (components) => components.has('scheduler'),
  etcd: (_, { etcd }) => etcd !== undefined && !etcd.external,
};

const wiresOf: Readonly<Record<OptionalComponent, readonly WireName[]>> = {
  'controller-manager': ['controllerManager'],
  scheduler: ['scheduler'],
  kubelet: ['kubelet', 'kubeletServer'],
  'kube-proxy': ['kubeProxy'],
};

/** The wires in use. Servers have their known address. */
export function topologyOf(
  running: readonly WireName[],
  addresses: Readonly<Partial<Record<string, Address>>>,
): Topology {
  const rows = wireRows.filter(({ name }) => running.includes(name));
  const names = new Set(rows.flatMap(({ from, to }) => [from, to]));
  return {
    participants: [...names].map((name) => {
      const address = addresses[name];
      return rows.some(({ to }) => to === name)
        ? defined({ name, role: 'server', kind: name, address })
        : { name, role: 'client' };
    }),
    wires: rows.map(({ name, hop, from, to }) =>
      defined({
        hop,
        from,
        to,
        protocol: 'https',
        standing: name === 'callers' || name === 'storeVisitors' ? undefined : (true as const),
      }),
    ),
  };
}

/** As kube-apiserver's log has it: what failed, and what was denied. */
function saidOfWebhook(
  { webhook, outcome, message = '' }: WebhookReport,
  say: (text: Localized) => void,
): void {
  const words = {
    allowed: undefined,
    denied: message,
    failed_closed: `Failed calling webhook, failing closed ${webhook}: ${message}`,
    failed_open: `Failed calling webhook, failing open ${webhook}: ${message}`,
  }[outcome];
  if (words !== undefined) say({ en: words, ko: words });
}
