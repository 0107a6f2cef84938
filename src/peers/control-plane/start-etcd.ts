/**
 * Starts an etcd as a scenario plans it: the real one where the scenario asks for it and it is installed, otherwise wirelab's
 * own. It reports its handling of each client step by step. Counterpart: `kube/etcd/`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from '../../capture/event.ts';
import type { EtcdRejection, EtcdRequest } from '../reports/etcd.ts';
import { startEmbeddedEtcd } from '../../kube/etcd/embedded.ts';
import type { EmbeddedEtcd } from '../../kube/etcd/embedded/embedded-options.ts';
import { reasonOfLog } from '../../kube/etcd/log-words.ts';
import { findEtcd, startRealEtcd } from '../../kube/etcd/real.ts';
import type { InstalledEtcd } from '../../kube/etcd/real.ts';
import { startTappedForwarder } from '../../wire/tcp/tapped-forwarder.ts';
import type { AcceptOptions, Identity, Listener } from '../../wire/endpoint.ts';
import { earlier } from './earlier.ts';
import type { PlannedServer } from '../../engine/plan.ts';
import type { RunningServer, RunOptions } from '../../engine/run-context.ts';

/** Maximum requests and rejections kept per step. */
const mostKept = 200;

export async function startEtcd(
  server: PlannedServer,
  options: RunOptions,
  listen: AcceptOptions,
): Promise<RunningServer> {
  const etcd = server.etcd?.real && options.variables ? await findEtcd(options.variables) : undefined;
  return etcd ? startReal(etcd, server, options, listen) : startOwn(server, options, listen);
}

/** The current content of its certificate and key files. */
function identityNow(
  { certificate }: PlannedServer,
  { world }: RunOptions,
  files: ReadonlyMap<string, string>,
): Identity | undefined {
  return certificate === undefined ? undefined : world?.identity(files.get(certificate) ?? certificate);
}

/** The common name of its certificate. */
function nameOf({ certificate }: PlannedServer, { world }: RunOptions): string | undefined {
  return certificate === undefined
    ? undefined
    : /CN=([^,]*)/.exec(world?.summary(certificate).subject ?? '')?.[1];
}

/** Collects what a step's report contains. */
class Account {
  #requests: EtcdRequest[] = [];
  #total = 0;
  #rejected: EtcdRejection[] = [];
  readonly #program: 'etcd' | 'wirelab';
  #wake: () => void = () => {};

  constructor(program: 'etcd' | 'wirelab') {
    this.#program = program;
  }

  answered(request: EtcdRequest): void {
    this.#total++;
    this.#requests.push(request);
    if (this.#requests.length > mostKept) this.#requests.shift();
  }

  rejectedFor(rejection: EtcdRejection): void {
    this.#rejected.push(rejection);
    if (this.#rejected.length > mostKept) this.#rejected.shift();
    this.#wake();
  }

  /** Resolves when there is an unreported rejection: another process's log may arrive late. */
  async rejection(): Promise<void> {
    if (this.#rejected.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  report(): NonNullable<ReturnType<RunningServer['report']>> {
    const drained = {
      kind: 'etcd',
      program: this.#program,
      requests: this.#requests,
      total: this.#total,
      rejected: this.#rejected,
    } as const;
    [this.#requests, this.#total, this.#rejected] = [[], 0, []];
    return drained;
  }
}

async function startOwn(
  server: PlannedServer,
  options: RunOptions,
  { security, listen, identity, clientAuthorities = [] }: AcceptOptions,
): Promise<RunningServer> {
  const account = new Account('wirelab');
  const moved = earlier(options, server.name);
  // Its data outlives a restart by a step, and may be read by one.
  const hasFiles = [options.plan.restarted, options.plan.searched].some((names) =>
    names?.includes(server.name),
  );
  const folder = hasFiles ? mkdtempSync(join(tmpdir(), 'wirelab-etcd-')) : undefined;
  const start = async (at: Address, shown: Identity | undefined): Promise<EmbeddedEtcd> =>
    startEmbeddedEtcd({
      listen: at,
      security: security === 'plain' ? 'plaintext' : 'mtls',
      ...(shown ? { identity: shown } : {}),
      clientAuthorities,
      clock: options.clock,
      ...(moved ? { clock: moved.clock, datesByClock: true, idle: standing } : {}),
      ...(folder === undefined ? {} : { folder }),
      onReport(report) {
        // Its check of its own certificate (gateway-self-check.ts) is not a client's rejection.
        const isItself =
          report.kind === 'answered' &&
          report.path === '/version' &&
          report.user !== undefined &&
          report.user === nameOf(server, options);
        if (report.kind === 'answered' && !isItself)
          account.answered({
            conn: report.conn,
            path: report.path.slice(0, 200),
            status: report.code,
            ...(report.user === undefined ? {} : { caller: report.user.slice(0, 200) }),
          });
        if (report.kind === 'rejected') account.rejectedFor({ reason: report.reason, words: report.words });
      },
    });
  let running = await start(listen, identity).catch((error: unknown) => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  const { address } = running;
  return {
    address,
    ...(folder === undefined ? {} : { dataFolder: folder }),
    openListener: async (tap, port) => running.addListener(tap, port),
    // It reads its certificate for each handshake.
    reread(files) {
      const shown = identityNow(server, options, files);
      if (shown && security !== 'plain') running.renew(shown);
    },
    flagsOf: () => ({ certificate: server.certificate }),
    async restart(_processes, files) {
      await running.close(graceMs);
      running = await start(address, identityNow(server, options, files));
    },
    report: () => account.report(),
    rejection: async () => account.rejection(),
    async close(grace) {
      await running.close(grace);
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** How long responses in flight may take on a restart, and how long an idle connection is kept, in milliseconds. */
const graceMs = 250;
const standing = 24 * 3_600_000;

/** A folder for its files and data, deleted with it. */
async function startReal(
  etcd: InstalledEtcd,
  server: PlannedServer,
  options: RunOptions,
  { security, listen, identity, clientAuthorities = [] }: AcceptOptions,
): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-etcd-'));
  const account = new Account('etcd');
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  try {
    const write = (shown: Identity): { readonly certificate: string; readonly key: string } => ({
      certificate: file('server.crt', shown.certificate),
      key: file('server.key', shown.key),
    });
    const pair = identity && write(identity);
    const files =
      security === 'plain' || !pair
        ? undefined
        : {
            ...pair,
            authority: file('ca.crt', clientAuthorities.join('')),
            peerCertificate: pair.certificate,
            peerKey: pair.key,
          };
    const running = await startRealEtcd({
      etcd,
      ...(files ? { files } : {}),
      folder: join(folder, 'data'),
      onReport({ kind, words = '' }) {
        const reason = kind === 'rejected' ? reasonOfLog(words) : undefined;
        if (reason !== undefined) account.rejectedFor({ reason, words: words.slice(0, 500) });
      },
    });
    const listeners: Listener[] = [];
    return {
      address: running.address,
      speaksGrpc: true,
      dataFolder: join(folder, 'data'),
      async openListener(tap, port = 0) {
        const listener = await startTappedForwarder(running.address, { ...listen, port }, tap, options.clock);
        listeners.push(listener);
        return listener.address;
      },
      // It reads them for each handshake.
      reread(renewed) {
        const shown = pair && identityNow(server, options, renewed);
        if (shown) write(shown);
      },
      flagsOf: () => ({ certificate: server.certificate }),
      async restart(_processes, renewed) {
        await running.close();
        const shown = pair && identityNow(server, options, renewed);
        if (shown) write(shown);
        await running.startAgain();
      },
      report: () => account.report(),
      rejection: async () => account.rejection(),
      async close(grace) {
        await Promise.all(listeners.map(async (listener) => listener.close(grace)));
        await running.close(grace);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
