/**
 * Runs the real etcd as a child process with the certificates of kubeadm's folder, on free ports and with its own data.
 * Its log becomes reports; `client.ts` talks to it.
 *
 * 1. It is ended by its process id, and does not outlive this process, however that ends: a guard process ensures this.
 *    Terminal signals do not reach it: it is ended after its API server.
 * 2. It is ready when it reports so (/health), not after a fixed time.
 * 3. An unexpected end is reported with its last log lines, and it can be restarted with its data.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Address } from '../../capture/event.ts';
import { UserError } from '../../i18n/user-error.ts';
import { claimFolder } from './folder-lock.ts';
import type { RunningEtcd } from './running.ts';
import { readLogLine } from './etcd-log.ts';
import type { RealEtcdReport } from './etcd-log.ts';
import { host, isHealthy, freePorts } from './loopback-ports.ts';

/** Where an etcd is installed, and which. */
export interface InstalledEtcd {
  readonly path: string;
  /** Numbers and dots. */
  readonly version: string;
}

/** Paths of PEM files. */
export interface EtcdFiles {
  readonly certificate: string;
  readonly key: string;
  /** Whose certificates clients must have. */
  readonly authority: string;
  readonly peerCertificate: string;
  readonly peerKey: string;
}

export interface RealEtcdOptions {
  readonly etcd: InstalledEtcd;
  /** Without it: plaintext, which any process on this machine can read and write. */
  readonly files?: EtcdFiles;
  /** Its data folder; created if missing. */
  readonly folder: string;
  readonly name?: string;
  /** The port for clients; a free one when left out. */
  readonly port?: number;
  /** It refuses writes beyond this many bytes (--quota-backend-bytes). */
  readonly quotaBytes?: number;
  /** How long it may take until it is ready, in milliseconds. */
  readonly timeout?: number;
  readonly onReport?: (report: RealEtcdReport) => void;
}

export interface RealEtcd extends RunningEtcd {
  readonly kind: 'real';
  /** Of the process. */
  readonly pid: number;
  /** Resolves when it has ended, for any reason. */
  readonly exited: Promise<void>;
  /** Again on the same data and ports, when it has exited. @throws UserError */
  startAgain(): Promise<void>;
}

/** The files of a folder as kubeadm lays it out. */
export function etcdFilesIn(pki: string): EtcdFiles {
  const file = (name: string): string => join(pki, 'etcd', name);
  return {
    certificate: file('server.crt'),
    key: file('server.key'),
    authority: file('ca.crt'),
    peerCertificate: file('peer.crt'),
    peerKey: file('peer.key'),
  };
}

type Variables = Dictionary<string | undefined>;

const found = new Map<string, Promise<InstalledEtcd | undefined>>();

/** The first etcd on PATH that says its version; each is asked once. */
export async function findEtcd(variables: Variables): Promise<InstalledEtcd | undefined> {
  for (const folder of (variables['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'etcd');
    if (folder === '' || !isProgram(path)) continue;
    const asked = found.get(path) ?? versionOf(path);
    found.set(path, asked);
    const installed = await asked;
    if (installed) return installed;
  }
  return undefined;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function versionOf(path: string): Promise<InstalledEtcd | undefined> {
  return new Promise((resolve) => {
    execFile(path, ['--version'], { env: {}, timeout: 5_000 }, (_error, output) => {
      const version = /^etcd Version: (\d+(?:\.\d+)*)/m.exec(output)?.[1];
      resolve(version === undefined ? undefined : { path, version });
    });
  });
}
/** Ports are free when they are selected, but may be taken a moment later. */
const attempts = 5;
const defaults = { name: 'control-plane', timeout: 20_000, grace: 5_000 } as const;

interface Ports {
  readonly client: number;
  readonly peer: number;
  readonly metrics: number;
}

/** @throws UserError that says what etcd said, when it does not start. */
export async function startRealEtcd(options: RealEtcdOptions): Promise<RealEtcd> {
  for (let attempt = 1; ; attempt++) {
    const [client, peer, metrics] = await freePorts(3);
    const ports = { client: options.port ?? client, peer, metrics };
    const running = new RealEtcdProcess(options, ports);
    try {
      await running.startAgain();
      return running;
    } catch (error) {
      if (!(error instanceof PortTaken) || attempt === attempts || options.port !== undefined) throw error;
    }
  }
}

class RealEtcdProcess implements RealEtcd {
  readonly kind = 'real';
  readonly version: string;
  readonly address: Address;
  readonly #options: RealEtcdOptions;
  readonly #ports: Ports;
  #child: ChildProcess | undefined;
  #exited = Promise.resolve();
  #isMeantToEnd = false;
  #unlock: (() => void) | undefined;

  constructor(options: RealEtcdOptions, ports: Ports) {
    this.version = options.etcd.version;
    this.address = { host, port: ports.client };
    this.#options = options;
    this.#ports = ports;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get exited(): Promise<void> {
    return this.#exited;
  }

  async startAgain(): Promise<void> {
    await this.#exited;
    const { etcd, folder, timeout = defaults.timeout } = this.#options;
    // etcd itself would wait for the other owner of the folder, and report it only in its log.
    this.#unlock ??= await claimFolder(folder);
    this.#isMeantToEnd = false;
    const hasData = existsSync(join(folder, 'member'));
    // Its own session: it does not hear the terminal. No variable of this process means anything to it.
    const child = spawn(etcd.path, commandWords(this.#options, this.#ports), {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {},
      detached: true,
    });
    this.#child = child;
    const guard = guardOf(child);
    const lastWords: string[] = [];
    /** Why it gave up, in its own words: a stack trace follows it. */
    let fatal: string | undefined;
    /** For where it gave no trouble, and did not start. */
    let lastLine = '';
    const onLine = new Set<() => void>();
    let isReady = false;
    let hasEnded = false;
    const lines = createInterface({ input: child.stderr });
    lines.on('line', (line) => {
      const said = readLogLine(line);
      lastLine = said.text;
      if (said.isTrouble) lastWords.push(said.text);
      if (said.isFatal) fatal ??= said.text;
      lastWords.splice(0, lastWords.length - mostWords);
      if (isReady || said.report?.kind === 'rejected') this.#report(said.report);
      for (const look of onLine) look();
    });
    this.#exited = new Promise((resolve) => {
      const end = (how: string): void => {
        if (hasEnded) return;
        hasEnded = true;
        guard?.kill('SIGKILL');
        for (const look of onLine) look();
        const words = fatal ?? lastWords.at(-1);
        if (this.#isMeantToEnd)
          this.#report({ kind: 'ended', text: { en: 'etcd has ended', ko: 'etcd가 종료되었습니다' } });
        else if (isReady) this.#report(crashed(how, words));
        resolve();
      };
      child.once('error', (error) => {
        lastWords.push(error.message);
        end(error.message);
      });
      child.once('close', (code, signal) => end(signal ?? `exit code ${code}`));
    });
    const until = performance.now() + timeout;
    while (!isReady) {
      isReady = await isHealthy(this.#ports.metrics);
      if (isReady) break;
      if (hasEnded || performance.now() > until) {
        const isTooLate = !hasEnded;
        this.#isMeantToEnd = true;
        child.kill('SIGKILL');
        await this.#exited;
        this.#giveBack();
        throw didNotStart(
          fatal === undefined ? (lastWords.length > 0 ? lastWords : [lastLine]) : [...lastWords, fatal],
          { folder, hasData, isTooLate, timeout },
        );
      }
      await somethingSaid(onLine);
    }
    this.#report({
      kind: 'ready',
      text: {
        en: `etcd ${this.version} is ready on ${host}:${this.#ports.client}`,
        ko: `etcd ${this.version}의 준비가 끝났습니다: ${host}:${this.#ports.client}`,
      },
    });
  }

  async close(graceMs: number = defaults.grace): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#isMeantToEnd = true;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await this.#exited;
    clearTimeout(timer);
    this.#giveBack();
  }

  #giveBack(): void {
    this.#unlock?.();
    this.#unlock = undefined;
  }

  #report(report: RealEtcdReport | undefined): void {
    if (report) this.#options.onReport?.(report);
  }
}

const mostWords = 5;

/** As kubeadm starts it, with one member. */
function commandWords(
  { files, folder, name = defaults.name, quotaBytes }: RealEtcdOptions,
  { client, peer, metrics }: Ports,
): string[] {
  const scheme = files ? 'https' : 'http';
  const [clients, peers] = [client, peer].map((port) => `${scheme}://${host}:${port}`);
  const valued: Dictionary<string | undefined> = {
    name,
    'data-dir': folder,
    'listen-client-urls': clients,
    'advertise-client-urls': clients,
    'listen-peer-urls': peers,
    'initial-advertise-peer-urls': peers,
    'initial-cluster': `${name}=${peers}`,
    'listen-metrics-urls': `http://${host}:${metrics}`,
    'cert-file': files?.certificate,
    'key-file': files?.key,
    'trusted-ca-file': files?.authority,
    'peer-cert-file': files?.peerCertificate,
    'peer-key-file': files?.peerKey,
    'peer-trusted-ca-file': files?.authority,
    'quota-backend-bytes': quotaBytes?.toString(),
    'log-outputs': 'stderr',
  };
  const words = Object.entries(valued).flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option}=${value}`],
  );
  return files ? [...words, '--client-cert-auth', '--peer-client-cert-auth'] : words;
}

/** A shell that ends it when this process is gone: its input ends then, however we end. */
function guardOf({ pid }: ChildProcess): ChildProcess | undefined {
  if (pid === undefined) return undefined;
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -9 "$1" 2>/dev/null', 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
    detached: true,
  });
  guard.on('error', () => {});
  guard.stdin?.on('error', () => {});
  guard.unref();
  (guard.stdin as { unref?: () => void } | null)?.unref?.();
  return guard;
}

/** Another line of its log has come, or it has ended; or a moment has passed: the last line comes a moment before it answers. */
async function somethingSaid(onLine: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      clearTimeout(timer);
      onLine.delete(look);
      resolve();
    };
    const timer = setTimeout(look, 100);
    onLine.add(look);
  });
}

/** @param how a signal or an exit code. */
function crashed(how: string, words: string | undefined): RealEtcdReport {
  const text = { en: `etcd ended unexpectedly (${how})`, ko: `etcd가 예기치 않게 종료되었습니다(${how})` };
  if (words === undefined) return { kind: 'crashed', text };
  return {
    kind: 'crashed',
    text: { en: `${text.en}; last log message: ${words}`, ko: `${text.ko}. 마지막 로그: ${words}` },
    words,
  };
}

class PortTaken extends UserError {}

interface Unstarted {
  readonly folder: string;
  /** Of before: it may be what is wrong. */
  readonly hasData: boolean;
  /** It runs, but is not healthy after this many milliseconds. */
  readonly isTooLate: boolean;
  readonly timeout: number;
}

function didNotStart(
  lastWords: readonly string[],
  { folder, hasData, isTooLate, timeout }: Unstarted,
): UserError {
  const received = lastWords.at(-1) ?? '';
  const isTaken = lastWords.some((words) => words.includes('address already in use'));
  return new (isTaken ? PortTaken : UserError)({
    what: isTooLate
      ? {
          en: `etcd was not healthy after ${timeout / 1000} s`,
          ko: `etcd가 ${timeout / 1000}초가 지나도 정상 상태가 되지 않았습니다`,
        }
      : { en: 'etcd did not start', ko: 'etcd가 시작되지 않았습니다' },
    where: folder,
    ...defined({ received: received || undefined }),
    remedy: hasData
      ? {
          en: `If its data is damaged, restore it from a backup, or move ${folder} aside to start empty; the embedded etcd has its own data: --etcd embedded`,
          ko: `데이터가 손상되었다면 백업에서 복원하거나 ${folder} 폴더를 다른 곳으로 옮겨 빈 상태로 시작하세요. 내장 etcd는 데이터를 따로 보관합니다: --etcd embedded`,
        }
      : {
          en: 'See what etcd reported, or use the embedded etcd: --etcd embedded',
          ko: 'etcd의 메시지를 확인하거나 내장 etcd를 쓰세요: --etcd embedded',
        },
  });
}
