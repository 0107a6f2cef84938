/** A client that looks its server up on a revocation list, beside one that does not. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Address } from '../../src/capture/event.ts';
import { systemClock } from '../../src/core/clock.ts';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import { accept } from '../../src/wire/accept.ts';
import { checkDialer, dial } from '../../src/wire/dial.ts';
import type { DialOptions } from '../../src/wire/endpoint.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';

const host = 'shop.localhost';
const server = { profile: 'server', subject: { CN: host }, san: [`DNS:${host}`] } as const;
const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA' } },
      late: { profile: 'root', subject: { CN: 'Late CA' } },
      sound: { ...server, issuer: 'ca' },
      revoked: { ...server, issuer: 'ca', flaws: ['revoked'] },
      'of-late': { ...server, issuer: 'late' },
    },
    revocations: { ca: {}, late: { flaws: ['crl-expired'] } },
  },
  { clock: systemClock },
);
const crl = (name: string): string => world.crl(name) ?? '';

async function doorOf(t: ExecutionContext, name: string): Promise<Address> {
  const listener = await accept(
    {
      security: 'tls',
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      identity: world.identity(name),
    },
    ({ stream }) => stream.on('error', () => {}).end('HTTP/1.0 200 OK\r\n\r\nwelcome'),
  );
  t.teardown(async () => listener.close(50));
  return listener.address;
}

async function outcomeAt(t: ExecutionContext, name: string, more: Partial<DialOptions>): Promise<string> {
  const dialed = await dial({
    security: 'tls',
    to: await doorOf(t, name),
    clock: systemClock,
    serverName: host,
    authorities: [world.authority('ca'), world.authority('late')],
    ...more,
  });
  if (dialed.outcome === 'failed') return `${dialed.failure.by}: ${dialed.failure.reason}`;
  dialed.stream.on('error', () => {}).destroy();
  return 'connected';
}

test('with the list a revoked server is refused, and a sound one is not', async (t) => {
  for (const tls of [{ maxVersion: 'TLSv1.2' }, { minVersion: 'TLSv1.3' }] as const) {
    const both = { revocations: [crl('ca')], tls };
    t.is(await outcomeAt(t, 'revoked', both), 'client: certificate_revoked');
    t.is(await outcomeAt(t, 'sound', both), 'connected');
    t.is(await outcomeAt(t, 'revoked', { tls }), 'connected', 'nobody looks');
  }
});

test('a list that is out of date, or not there for the CA, lets nobody in', async (t) => {
  t.is(await outcomeAt(t, 'of-late', { revocations: [crl('late')] }), 'client: crl_expired');
  t.is(await outcomeAt(t, 'of-late', { revocations: [crl('ca')] }), 'client: crl_missing');
});

test('a list that cannot be read is told before anybody dials', async (t) => {
  await t.throwsAsync(
    checkDialer({
      security: 'tls',
      to: { host: '127.0.0.1', port: 1 },
      clock: systemClock,
      authorities: [world.authority('ca')],
      revocations: ['-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n'],
    }),
    { instanceOf: UserError },
  );
});

withPeer('curl', 'curl with --crlfile says the same', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-crl-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'ca.crt'), world.authority('ca'));
  writeFileSync(join(folder, 'ca.crl'), crl('ca'));
  const ask = async (name: string, more: readonly string[]) => {
    const { port } = await doorOf(t, name);
    return runProgram('curl', [
      '--disable',
      '--silent',
      '--show-error',
      '--noproxy',
      '*',
      '--max-time',
      '5',
      '--resolve',
      `${host}:${port}:127.0.0.1`,
      '--cacert',
      join(folder, 'ca.crt'),
      ...more,
      `https://${host}:${port}/`,
    ]);
  };
  const lists = ['--crlfile', join(folder, 'ca.crl')];
  const refused = await ask('revoked', lists);
  t.is(refused.exitCode, 60);
  t.regex(refused.stderr, /revoked/);
  t.is((await ask('sound', lists)).stdout, 'welcome');
  t.is((await ask('revoked', [])).stdout, 'welcome');
});
