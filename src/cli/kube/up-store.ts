/** Starts the store of `wirelab kube up`: an etcd, real or embedded, over mutual TLS and a tapped wire; or memory. */
import { defined } from '../../core/defined.ts';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Address } from '../../capture/event.ts';
import type { RunLog } from '../../capture/log.ts';
import { systemClock } from '../../core/clock.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { EtcdClient } from '../../kube/etcd/client.ts';
import { startEmbeddedEtcd } from '../../kube/etcd/embedded.ts';
import { EtcdStore } from '../../kube/etcd/etcd-store.ts';
import { moveEarlierKeys } from '../../kube/etcd/storage/earlier-keys.ts';
import type { Encryption } from '../../kube/encryption/encryption.ts';
import { claimFolder } from '../../kube/etcd/folder-lock.ts';
import { startKeptEtcd } from '../../kube/etcd/kept-running.ts';
import { etcdFilesIn, findEtcd } from '../../kube/etcd/real.ts';
import type { RunningEtcd } from '../../kube/etcd/running.ts';
import { MemoryStore } from '../../kube/store/memory-store.ts';
import type { Store } from '../../kube/store/store.ts';
import { startTappedForwarder } from '../../wire/tcp/tapped-forwarder.ts';
import type { Listener } from '../../wire/endpoint.ts';
import { connectExternal } from './etcd/external-etcd.ts';
import type { ExternalEtcd } from './etcd/external-etcd.ts';
import type { UpFolder } from './up-folder.ts';
import { Repeats } from './up-repeats.ts';

export const etcdChoices = ['embedded', 'real', 'auto'] as const;
export type EtcdChoice = (typeof etcdChoices)[number];

/** Data folders within the cluster's folder. */
const dataFolders = { embedded: 'etcd-embedded', real: 'etcd-real' } as const;

/** A lock in the cluster's folder: one etcd at a time, of either kind. */
const lockName = '.kube-up.lock';
/** Within this many milliseconds, a refused client is not reported again. */
const quiet = 10_000;
/** What an earlier version stored is moved within this time, in milliseconds. */
const longestMove = 120_000;

export interface UpStore {
  readonly store: Store;
  /** Absent if objects are kept in memory. */
  readonly etcd?: {
    readonly kind: RunningEtcd['kind'] | 'external';
    readonly version: string;
    readonly address: Address;
    /** Of its data; absent for an external one. */
    readonly folder?: string;
    readonly visitorAddress?: Address;
    readonly external?: ExternalEtcd;
  };
  /** The last message of etcd about why it no longer stores anything. */
  readonly trouble?: () => Localized | undefined;
  /** The other etcd kinds that have data in the cluster's folder but do not run. */
  readonly unused: readonly UnusedData[];
  close(): Promise<void>;
}

export interface UnusedData {
  readonly kind: RunningEtcd['kind'];
  /** Relative to the cluster's folder. */
  readonly name: string;
}

export interface UpStoreOptions {
  /** The choice of the user; by default the embedded etcd if the folder has certificates for it, else memory. */
  readonly choice?: EtcdChoice;
  readonly folder: UpFolder;
  /** The cluster's folder. */
  readonly path: string;
  /** Instead of one that is started here. */
  readonly external?: ExternalEtcd;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Of what is stored; in memory nothing is. */
  readonly encryption?: Encryption;
  /** The wires of the API server and of other clients; absent if the traffic is neither kept nor shown. */
  readonly taps?: { readonly log: RunLog; readonly store: string; readonly visitors: string };
  readonly onReport?: (text: Localized) => void;
}

/** Asked before anything is written. @throws UserError if the real etcd is not installed. */
export async function demandEtcd(variables: UpStoreOptions['variables']): Promise<void> {
  if (!(await findEtcd(variables))) throw notInstalled();
}

/** @throws UserError if the chosen etcd is not installed, does not start, or is already running. */
export async function openStore(options: UpStoreOptions): Promise<UpStore> {
  const { choice, folder, path, external } = options;
  if (!folder.etcd && !external) {
    if (choice !== undefined || options.encryption) throw incomplete();
    const store = new MemoryStore();
    return { store, unused: unusedIn(path), close: async () => store.close() };
  }
  const unlock = await claimFolder(path, lockName);
  try {
    const opened = external
      ? await openExternal(options, external)
      : await openEtcd(options, folder.etcd ?? never());
    return {
      ...opened,
      async close() {
        await opened.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

function never(): never {
  throw new Error('the folder has no etcd');
}

async function openExternal(
  { path, encryption, taps, onReport = () => {} }: UpStoreOptions,
  external: ExternalEtcd,
): Promise<UpStore> {
  const { client, version } = await connectExternal(external, taps && { log: taps.log, hop: taps.store });
  const store = etcdStore(client, encryption, onReport);
  return {
    store,
    etcd: { kind: 'external', version, address: external.endpoints[0], external },
    unused: unusedIn(path),
    close: async () => store.close(),
  };
}

/** @param running the kind in use. */
function unusedIn(path: string, running?: RunningEtcd['kind']): readonly UnusedData[] {
  return (['embedded', 'real'] as const)
    .filter((kind) => kind !== running && hasData(join(path, dataFolders[kind])))
    .map((kind) => ({ kind, name: dataFolders[kind] }));
}

/** The log of the embedded etcd, or the data of the real one. */
function hasData(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => /^(?:member|etcd\.log)$/.test(name));
  } catch {
    return false;
  }
}

async function openEtcd(
  { choice, path, variables, encryption, taps, onReport = () => {} }: UpStoreOptions,
  { server, authority, client: identity }: NonNullable<UpFolder['etcd']>,
): Promise<UpStore> {
  const listen = { host: '127.0.0.1', port: 0 };
  const installed = choice === 'real' || choice === 'auto' ? await findEtcd(variables) : undefined;
  if (choice === 'real' && !installed) throw notInstalled();
  const data = join(path, installed ? dataFolders.real : dataFolders.embedded);
  const repeats = new Repeats(systemClock, quiet);
  let trouble: Localized | undefined;
  const onEtcd = ({ kind, text }: { readonly kind: string; readonly text: Localized }): void => {
    if (kind === 'log') trouble = text;
    if (kind !== 'rejected' || repeats.isNew(text.en)) onReport(text);
  };
  const etcd = installed
    ? await startKeptEtcd({
        etcd: installed,
        files: etcdFilesIn(join(path, 'pki')),
        folder: data,
        clock: systemClock,
        onReport: onEtcd,
      })
    : await startEmbeddedEtcd({
        listen,
        identity: server,
        clientAuthorities: [authority],
        folder: data,
        clock: systemClock,
        onReport(report) {
          if (report.kind === 'rejected' || report.kind === 'log') onEtcd(report);
        },
      });
  let forwarder: Listener | undefined;
  try {
    if (taps)
      forwarder = await startTappedForwarder(
        etcd.address,
        listen,
        { log: taps.log, hop: taps.visitors },
        systemClock,
      );
  } catch (error) {
    await etcd.close();
    throw error;
  }
  const client = new EtcdClient(
    defined({
      to: etcd.address,
      authorities: [authority],
      identity,
      clock: systemClock,
      tap: taps && { log: taps.log, hop: taps.store },
    }),
  );
  try {
    await movedKeys(client, data, onReport);
  } catch (error) {
    client.close();
    await forwarder?.close(0);
    await etcd.close();
    throw error;
  }
  const store = etcdStore(client, encryption, onReport);
  return {
    store,
    trouble: () => trouble,
    etcd: defined({
      kind: etcd.kind,
      version: etcd.version,
      address: etcd.address,
      folder: data,
      visitorAddress: forwarder?.address,
    }),
    unused: unusedIn(path, etcd.kind),
    async close() {
      await store.close();
      await forwarder?.close(0);
      await etcd.close();
    },
  };
}

/** @throws UserError */
async function movedKeys(
  client: EtcdClient,
  folder: string,
  report: (text: Localized) => void,
): Promise<void> {
  try {
    const moved = await moveEarlierKeys(client, { signal: AbortSignal.timeout(longestMove) });
    if (moved > 0)
      report({
        en: `${moved} objects of an earlier version were moved to the keys of Kubernetes: /registry/secrets/… instead of /registry/core/secrets/…`,
        ko: `이전 버전이 저장한 객체 ${moved}개를 쿠버네티스와 같은 키로 옮겼습니다: /registry/core/secrets/… 대신 /registry/secrets/…`,
      });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UserError(
      {
        what: {
          en: 'the objects of an earlier version cannot be moved to the keys of Kubernetes; none is lost',
          ko: '이전 버전이 저장한 객체를 쿠버네티스의 키로 옮길 수 없습니다. 잃어버린 객체는 없습니다',
        },
        where: folder,
        received: error.message,
        remedy: {
          en: 'Start again. If that does not help, move the folder aside to start empty, or use it with the version that made it.',
          ko: '다시 시작하세요. 그래도 안 되면 폴더를 다른 곳으로 옮겨 빈 상태로 시작하거나, 이 폴더를 만든 버전으로 쓰세요.',
        },
      },
      { cause: error },
    );
  }
}

function incomplete(): UserError {
  return new UserError({
    what: { en: 'this folder has no certificates for an etcd', ko: '이 폴더에 etcd용 인증서가 없습니다' },
    where: 'pki/etcd, pki/apiserver-etcd-client.crt',
    remedy: {
      en: 'Run ./wirelab kube pki --out FOLDER to create what is missing.',
      ko: '빠진 파일 만들기: ./wirelab kube pki --out 폴더',
    },
  });
}

function notInstalled(): UserError {
  return new UserError({
    what: { en: 'etcd is not installed', ko: 'etcd가 설치되어 있지 않습니다' },
    where: '--etcd real',
    expected: {
      en: 'an etcd version 3 program in a folder of PATH',
      ko: 'PATH에 있는 폴더 가운데 한 곳에 버전 3의 etcd 프로그램',
    },
    remedy: {
      en: 'install it (Debian: apt install etcd-server), or use the embedded one: --etcd embedded',
      ko: 'etcd를 설치하거나(Debian: apt install etcd-server) wirelab에 내장된 것을 쓰세요: --etcd embedded',
    },
  });
}

/** Objects in an etcd; that a watch begins is not told. */
function etcdStore(
  client: EtcdClient,
  encryption: Encryption | undefined,
  onReport: (text: Localized) => void,
): EtcdStore {
  return new EtcdStore({
    client,
    ...defined({ encryption }),
    onReport({ kind, text }) {
      if (kind !== 'connected' && kind !== 'compacted') onReport(text);
    },
  });
}
