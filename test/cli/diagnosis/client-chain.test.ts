/** A client that presents its certificate without the intermediate one, which the server has in its own chain. */
import test from 'ava';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/clock.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'Works CA' } },
      middle: { profile: 'intermediate', issuer: 'ca', subject: { CN: 'Works Issuing' } },
      shop: {
        profile: 'server',
        issuer: 'middle',
        subject: { CN: 'shop.localhost' },
        san: ['DNS:shop.localhost', 'IP:127.0.0.1'],
      },
      bob: { profile: 'client', issuer: 'middle', subject: { CN: 'bob' } },
    },
  },
  { clock: systemClock },
);

for (const [title, certificate, expected] of [
  ['what is missing is presented, and a file is made of it', world.certificate('bob'), 1],
  ['its healthy counterpart', world.chain('bob'), 0],
] as const)
  test(title, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'wirelab-chain-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'ca.crt'), world.certificate('ca'));
    writeFileSync(join(folder, 'bob.crt'), certificate);
    writeFileSync(join(folder, 'bob.key'), world.identity('bob').key, { mode: 0o600 });
    const server = createServer(
      {
        key: world.identity('shop').key,
        cert: world.chain('shop'),
        ca: world.certificate('ca'),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (_request, response) => response.end('hello\n'),
    );
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const { port } = server.address() as AddressInfo;
    const { exitCode, stdout } = await askWirelab(
      ['why', '--json', `127.0.0.1:${port}`, '--cacert', 'ca.crt', '--cert', 'bob.crt', '--key', 'bob.key'],
      { cwd: folder },
    );
    t.is(exitCode, expected);
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
      remedy?: { on: string; command?: string };
    };
    if (expected === 0) return;
    t.like(last, { cause: 'intermediate_missing', by: 'server', confidence: 'proven' });
    t.is(last.remedy?.on, 'client');
    t.regex(
      last.remedy?.command ?? '',
      /^cp CLIENT\.crt CLIENT-chain\.crt; openssl s_client -connect 127\.0\.0\.1:\d+ -showcerts .*n==2/,
    );
  });
