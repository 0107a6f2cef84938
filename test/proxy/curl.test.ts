/** A real curl logs in through every kind of proxy, as a person who copies the command would. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { isThrough, proxyKindNames, proxyKinds } from '../../src/proxy/kinds.ts';
import { newLog, openShop, world } from '../features/support/shop.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { eventsOf, openProxy, streamOf } from './support/proxies.ts';

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'wirelab-curl-'));
  t.teardown(async () => rm(path, { recursive: true }));
  const files = { 'ca.pem': world().authority('server-ca'), ...pem('alice'), ...pem('mallory') };
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text, { mode: 0o600 });
  return path;
}

function pem(name: string): Record<string, string> {
  const { certificate, key } = world().identity(name);
  return { [`${name}.pem`]: certificate, [`${name}.key`]: key };
}

const form = ['--data', 'username=alice', '--data', 'password=tiger-lily', '--data', 'rrn=900101-1234567'];

// What curl does with a proxy that gives tunnels is in connect-pump.test.ts.
for (const kind of proxyKindNames.filter((name) => name !== 'connect')) {
  for (const pump of proxyKinds[kind].pumps) {
    withPeer(
      'curl',
      `curl logs in, follows the redirect and reads its name: ${kind}, ${pump} pump`,
      async (t) => {
        const cwd = await folder(t);
        const log = newLog();
        const { server } = await openShop(t, isThrough(kind) ? 'tls' : 'plain', { log: newLog() });
        const proxy = await openProxy(t, { log, kind, to: server.address, more: { pump } });
        const scheme = proxyKinds[kind].accepts === 'plain' && !isThrough(kind) ? 'http' : 'https';
        const mutual = kind === 'mtls' ? ['--cert', 'alice.pem', '--key', 'alice.key'] : [];
        const url = `${scheme}://shop.localhost:${proxy.address.port}/login`;
        const common = [
          '-sS',
          '--max-time',
          '20',
          '--resolve',
          `shop.localhost:${proxy.address.port}:127.0.0.1`,
          '--cacert',
          'ca.pem',
          ...mutual,
        ];
        const result = await runProgram(
          'curl',
          [...common, '-L', '-c', 'jar', '-b', 'jar', '-H', 'Accept-Language: ko', ...form, url],
          { cwd },
        );
        t.is(result.stderr, '');
        t.is(result.exitCode, 0);
        t.regex(result.stdout, /<html lang="ko">[^]*<dd id="user">alice<\/dd>/);
        t.deepEqual(server.report().logins, [{ user: 'alice', accepted: true }]);
        t.is(streamOf(log, 'A', 'wire', 'client').includes('tiger-lily'), scheme === 'http');

        const head = await runProgram('curl', [...common, '-I', url], { cwd });
        t.regex(head.stdout, /^HTTP\/1\.1 200 OK\r\n/);
        if (kind !== 'mtls') return;
        for (const version of ['--tls-max 1.2', '--tlsv1.3']) {
          const before = server.report();
          t.is(before.logins.length, 0);
          const stranger = [
            ...common.slice(0, -4),
            '--cert',
            'mallory.pem',
            '--key',
            'mallory.key',
            ...version.split(' '),
          ];
          const refused = await runProgram('curl', [...stranger, ...form, url], { cwd });
          t.is(refused.exitCode, version === '--tlsv1.3' ? 56 : 35);
          t.regex(refused.stderr, /unknown ca/i);
          t.is(server.report().requests, 0);
        }
        t.is(eventsOf(log, 'refused', 'A').length, 2);
      },
    );
  }
}
