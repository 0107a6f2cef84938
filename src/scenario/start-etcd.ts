/**
 * Starts an etcd as a scenario plans it: the real one where the scenario asks for it and it is installed, else the one that
 * wirelab has in itself. What it did with each caller is told step by step. Counterpart: `kube/etcd/`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EtcdRejection, EtcdRequest } from '../capture/event.ts';
import type { Clock } from '../core/clock.ts';
import { startEmbeddedEtcd } from '../kube/etcd/embedded.ts';
import { reasonOfLog } from '../kube/etcd/log-words.ts';
import { findEtcd, startRealEtcd } from '../kube/etcd/real.ts';
import type { InstalledEtcd } from '../kube/etcd/real.ts';
import { openDoorTo } from '../wire/door-to.ts';
import type { AcceptOptions, Listener } from '../wire/endpoint.ts';
import type { PlannedServer } from './plan.ts';
import type { RunningServer, RunOptions } from './surroundings.ts';

/** Requests and rejections that are kept of a step. */
const mostKept = 200;

export async function startEtcd(server: PlannedServer, options: RunOptions, listen: AcceptOptions): Promise<RunningServer> {
  const etcd = server.etcd?.real && options.variables ? await findEtcd(options.variables) : undefined;
  return etcd ? startReal(etcd, options.clock, listen) : startOwn(options.clock, listen);
}

/** What is to be told of a step. */
class Account {
  #requests: EtcdRequest[] = [];
  #total = 0;
  #rejected: EtcdRejection[] = [];
  readonly #program: 'etcd' | 'wirelab';

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
  }

  report(): NonNullable<ReturnType<RunningServer['report']>> {
    const told = { kind: 'etcd', program: this.#program, requests: this.#requests, total: this.#total, rejected: this.#rejected } as const;
    [this.#requests, this.#total, this.#rejected] = [[], 0, []];
    return told;
  }
}

async function startOwn(clock: Clock, { security, listen, identity, clientAuthorities = [] }: AcceptOptions): Promise<RunningServer> {
  const account = new Account('wirelab');
  const etcd = await startEmbeddedEtcd({
    listen,
    security: security === 'plain' ? 'plaintext' : 'mtls',
    ...(identity ? { identity } : {}),
    clientAuthorities,
    clock,
    onReport(report) {
      if (report.kind === 'answered') account.answered({ conn: report.conn, path: report.path.slice(0, 200), status: report.code, ...(report.user === undefined ? {} : { caller: report.user.slice(0, 200) }) });
      if (report.kind === 'rejected') account.rejectedFor({ reason: report.reason, words: report.words });
    },
  });
  return { address: etcd.address, openDoor: async (tap, port) => etcd.openDoor(tap, port), report: () => account.report(), close: async (graceMs) => etcd.close(graceMs) };
}

/** Files and data lie in a folder that goes with it. */
async function startReal(etcd: InstalledEtcd, clock: Clock, { security, listen, identity, clientAuthorities = [] }: AcceptOptions): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-etcd-'));
  const account = new Account('etcd');
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  try {
    const pair = identity && { certificate: file('server.crt', identity.certificate), key: file('server.key', identity.key) };
    const files = security === 'plain' || !pair ? undefined : { ...pair, authority: file('ca.crt', clientAuthorities.join('')), peerCertificate: pair.certificate, peerKey: pair.key };
    const running = await startRealEtcd({
      etcd,
      ...(files ? { files } : {}),
      folder: join(folder, 'data'),
      onReport({ kind, words = '' }) {
        const reason = kind === 'rejected' ? reasonOfLog(words) : undefined;
        if (reason !== undefined) account.rejectedFor({ reason, words: words.slice(0, 500) });
      },
    });
    const doors: Listener[] = [];
    return {
      address: running.address,
      speaksGrpc: true,
      async openDoor(tap, port = 0) {
        const door = await openDoorTo(running.address, { ...listen, port }, tap, clock);
        doors.push(door);
        return door.address;
      },
      report: () => account.report(),
      async close(graceMs) {
        await Promise.all(doors.map(async (door) => door.close(graceMs)));
        await running.close(graceMs);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
