/**
 * The real etcd for tests: on free ports of loopback, with a data folder of its own, ended by its own process. Slow disks
 * are none of a test's business: it does not wait for them.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { atExit } from './at-exit.ts';

export interface RealEtcd {
  readonly port: number;
  /** Lines of its log so far. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

export interface RealEtcdCertificates {
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string;
}

/** Plaintext without certificates, else as kubeadm runs it. */
export async function startEtcd(
  certificates?: RealEtcdCertificates,
  ...flags: readonly string[]
): Promise<RealEtcd> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-etcd-'));
  const [port, peerPort] = await freePorts();
  const scheme = certificates ? 'https' : 'http';
  const client = `${scheme}://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const secured = certificates ? securityFlags(folder, certificates) : [];
  const child = spawn(
    'etcd',
    [
      '--name',
      'test',
      '--data-dir',
      join(folder, 'data'),
      '--listen-client-urls',
      client,
      '--advertise-client-urls',
      client,
      '--listen-peer-urls',
      peer,
      '--initial-advertise-peer-urls',
      peer,
      '--initial-cluster',
      `test=${peer}`,
      '--unsafe-no-fsync',
      '--logger',
      'zap',
      ...secured,
      ...flags,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'] }, cwd: folder },
  );
  // A test that runs out of time does not come to its end.
  const end = (): boolean => child.kill('SIGKILL');
  const forget = atExit(end);
  const log: string[] = [];
  child.once('exit', (code, signal) => log.push(`etcd ended: ${code ?? signal}`));
  await ready(child, log);
  return {
    port,
    log,
    async close() {
      // It may have ended by itself.
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'close');
        child.kill('SIGKILL');
        await gone;
      }
      forget();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function securityFlags(
  folder: string,
  { certificate, key, clientAuthority }: RealEtcdCertificates,
): readonly string[] {
  const written = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  return [
    '--cert-file',
    written('server.crt', certificate),
    '--key-file',
    written('server.key', key),
    '--client-cert-auth',
    '--trusted-ca-file',
    written('ca.crt', clientAuthority),
  ];
}

async function ready(child: ChildProcess, log: string[]): Promise<void> {
  const lines = createInterface({ input: child.stderr! });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      log.push(line);
      if (line.includes('"msg":"ready to serve client requests"')) resolve();
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`etcd ended:\n${log.slice(-10).join('\n')}`)));
  });
}

/** Two that nobody listens on now. */
async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    }),
  );
  await Promise.all(servers.map(async (server) => new Promise((resolve) => server.close(resolve))));
  return [ports[0]!, ports[1]!];
}
