/** `kube up` on an etcd of three members that runs elsewhere: kubectl, etcdctl, and one member that is killed. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { freePorts } from '../../../../src/kube/etcd/loopback-ports.ts';
import { runProgram, withPeer } from '../../../helpers/peer.ts';
import { start } from '../../../helpers/running.ts';
import { world } from '../../../kube/support/etcd.ts';

interface Member {
  readonly url: string;
  readonly process: ChildProcess;
}

/** The members of one etcd, on mutual TLS between each other and to clients; all end with the test. */
async function members(t: ExecutionContext, folder: string, count: number): Promise<readonly Member[]> {
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const [server, peer] = ['etcd-server', 'etcd-peer'].map((row) => world.identity(row));
  const ca = file('etcd-ca.crt', world.authority('etcd-ca'));
  const proofs = [
    '--cert-file',
    file('server.crt', server!.certificate),
    '--key-file',
    file('server.key', server!.key),
    '--peer-cert-file',
    file('peer.crt', peer!.certificate),
    '--peer-key-file',
    file('peer.key', peer!.key),
    '--client-cert-auth',
    '--trusted-ca-file',
    ca,
    '--peer-client-cert-auth',
    '--peer-trusted-ca-file',
    ca,
  ];
  const [clients, peers] = [await freePorts(3), await freePorts(3)];
  const urlOf = (port: number | undefined): string => `https://127.0.0.1:${port}`;
  const names = Array.from({ length: count }, (_, n) => `m${n}`);
  const cluster = names.map((name, n) => `${name}=${urlOf(peers[n])}`).join(',');
  return names.map((name, n) => {
    const process = spawn(
      'etcd',
      [
        '--name',
        name,
        '--data-dir',
        join(folder, name),
        '--initial-cluster',
        cluster,
        '--logger',
        'zap',
        '--listen-client-urls',
        urlOf(clients[n]),
        '--advertise-client-urls',
        urlOf(clients[n]),
        '--listen-peer-urls',
        urlOf(peers[n]),
        '--initial-advertise-peer-urls',
        urlOf(peers[n]),
        ...proofs,
      ],
      { stdio: 'ignore' },
    );
    t.teardown(async () => {
      if (process.exitCode === null && process.signalCode === null) {
        process.kill('SIGKILL');
        await once(process, 'exit');
      }
    });
    return { url: urlOf(clients[n]), process };
  });
}

for (const count of [1, 3])
  withPeer(
    ['kubectl', 'etcd', 'etcdctl'],
    `an external etcd of ${count}: what kubectl creates is there for etcdctl${count > 1 ? ', and the API server goes on when a member is killed' : ''}`,
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'wirelab-ext-'));
      t.teardown(() => rmSync(folder, { recursive: true, force: true }));
      const all = await members(t, folder, count);
      const client = world.identity('apiserver-etcd-client');
      writeFileSync(join(folder, 'client.crt'), client.certificate);
      writeFileSync(join(folder, 'client.key'), client.key, { mode: 0o600 });
      const proof = (names: readonly [string, string, string]): string[] =>
        names.map((name, n) => `--${name}=${join(folder, ['etcd-ca.crt', 'client.crt', 'client.key'][n]!)}`);
      const etcdctl = async (...words: readonly string[]) =>
        runProgram(
          'etcdctl',
          [
            `--endpoints=${all.map(({ url }) => url).join(',')}`,
            ...proof(['cacert', 'cert', 'key']),
            ...words,
          ],
          { env: { PATH: process.env['PATH'], ETCDCTL_API: '3' } },
        );
      while ((await etcdctl('endpoint', 'health', '--cluster')).exitCode !== 0) await pause(200);

      const out = join(folder, 'cluster');
      const running = start(t, [
        'kube',
        'up',
        '--no-tui',
        '--out',
        out,
        '--port',
        '0',
        `--etcd-servers=${all.map(({ url }) => url).join(',')}`,
        ...proof(['etcd-cafile', 'etcd-certfile', 'etcd-keyfile']),
      ]);
      const printed = await running.until(/Ctrl-C/);
      t.regex(printed, /^Objects are stored in an external etcd 3\.\S+, over mutual TLS: https:\/\/127/m);
      const [, url = ''] = /^API server of .*: (https:\S+)$/m.exec(printed) ?? [];
      const kubectl = async (...words: readonly string[]) =>
        runProgram('kubectl', [`--server=${url}`, ...words], {
          env: { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: join(out, 'admin.conf') },
        });
      t.is(
        (await kubectl('create', 'secret', 'generic', 'db', '--from-literal=password=tiger-lily')).exitCode,
        0,
      );
      const looked = await etcdctl('get', '/registry/secrets/default/db');
      t.regex(looked.stdout, /k8s\0[\s\S]*tiger-lily/);
      // The line that is printed for it is one that works.
      const line = /^ {2}(ETCDCTL_API=3 etcdctl .*)$/m.exec(printed)?.[1] ?? '';
      t.regex((await runProgram('sh', ['-c', line])).stdout, /^\/registry\/secrets\/default\/db$/m);

      if (count > 1) {
        const [first] = all;
        first!.process.kill('SIGKILL');
        await once(first!.process, 'exit');
        for (let n = 0; n < 20; n++) {
          const made = await kubectl('create', 'configmap', `after-${n}`, '--from-literal=a=b');
          // The connection may break under the first write: it is told as uncertain, and a retry shows what is so.
          if (n > 0) t.is(made.exitCode, 0, made.stderr);
        }
        t.is((await kubectl('get', 'secret', 'db')).exitCode, 0);
        const kept = await kubectl('get', 'configmaps', '-o', 'name');
        for (let n = 1; n < 20; n++) t.true(kept.stdout.includes(`configmap/after-${n}\n`));
      }
      running.child.kill('SIGINT');
      t.deepEqual(await running.exit, [130, null]);
    },
  );
