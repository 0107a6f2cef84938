/**
 * A listener that asks for a certificate and insists on none: whatever is presented is let through and handed up, good or
 * bad, wherever its bytes are cut; only who has not the key of its certificate is refused.
 */
import test from 'ava';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { systemClock } from '../../src/core/clock.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import { pemCertificates } from '../../src/pki/keystore/pem.ts';
import { accept } from '../../src/wire/accept.ts';
import type { Accepted } from '../../src/wire/endpoint.ts';
import { alertIn } from '../../src/wire/tls/failures.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { cutWay } from './support/cut-way.ts';
import { closedCount, eventsOf } from './support/streams.ts';

const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA' } },
      'rogue-ca': { profile: 'root', subject: { CN: 'CA' } },
      middle: { profile: 'intermediate', issuer: 'ca', subject: { CN: 'Middle' } },
      'broken-middle': {
        profile: 'intermediate',
        issuer: 'ca',
        subject: { CN: 'Broken middle' },
        flaws: ['bad-signature'],
      },
      server: {
        profile: 'server',
        issuer: 'ca',
        subject: { CN: 'shop.localhost' },
        san: ['DNS:shop.localhost', 'IP:127.0.0.1'],
      },
      alice: { profile: 'client', issuer: 'ca', subject: { CN: 'alice' } },
      'below-middle': { profile: 'client', issuer: 'middle', subject: { CN: 'alice' } },
      rogue: { profile: 'client', issuer: 'rogue-ca', subject: { CN: 'alice' } },
      expired: { profile: 'client', issuer: 'ca', subject: { CN: 'alice' }, flaws: ['expired'] },
      'wrong-usage': { profile: 'client', issuer: 'ca', subject: { CN: 'alice' }, flaws: ['wrong-usage'] },
      'self-signed': { profile: 'client', issuer: 'ca', subject: { CN: 'alice' }, flaws: ['self-signed'] },
      'critical-extension': {
        profile: 'client',
        issuer: 'ca',
        subject: { CN: 'alice' },
        flaws: ['unknown-critical-extension'],
      },
      broken: { profile: 'client', issuer: 'ca', subject: { CN: 'alice' }, flaws: ['bad-signature'] },
      'broken-below-middle': {
        profile: 'client',
        issuer: 'middle',
        subject: { CN: 'alice' },
        flaws: ['bad-signature'],
      },
      'below-broken-middle': { profile: 'client', issuer: 'broken-middle', subject: { CN: 'alice' } },
    },
  },
  { clock: systemClock },
);

/** Undefined: no certificate at all. */
const clients = [
  undefined,
  'alice',
  'below-middle',
  'rogue',
  'expired',
  'wrong-usage',
  'self-signed',
  'critical-extension',
  'broken',
  'broken-below-middle',
  'below-broken-middle',
] as const;

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  for (const clientAuthorities of [[], [world.authority('ca')]]) {
    test(`${version}: every client is let through with what it presents, ${clientAuthorities.length} CAs named`, async (t) => {
      for (const cut of [1, Infinity]) {
        const attempts = cut === 1 ? 1 : 2;
        const log = new CaptureLog({ clock: systemClock });
        const accepted: Accepted[] = [];
        const listener = await accept(
          {
            security: 'tls',
            requestCertificate: true,
            listen: { host: '127.0.0.1', port: 0 },
            clock: systemClock,
            tap: { log, hop: 'A' },
            identity: world.identity('server'),
            clientAuthorities,
            tls: { minVersion: version, maxVersion: version },
          },
          (connection) => {
            accepted.push(connection);
            connection.stream.on('data', () => connection.stream.end('welcome'));
          },
        );
        const way = await cutWay(t, listener.address, { client: cut });
        let refused = 0;
        for (const name of clients) {
          const identity = name === undefined ? undefined : world.identity(name);
          let session: Buffer | undefined;
          for (let attempt = 1; attempt <= attempts; attempt++) {
            const told = `${name}, cut at ${cut}, attempt ${attempt}`;
            const socket = connect({
              ...way,
              servername: 'shop.localhost',
              ca: [world.authority('ca')],
              session,
              ...(identity ? { cert: identity.certificate, key: identity.key } : {}),
            });
            let answer = '';
            let alert: number | undefined;
            socket.once('secureConnect', () => socket.write('hello'));
            socket.on('session', (given: Buffer) => (session ??= given));
            socket.on('data', (bytes: Buffer) => (answer += bytes.toString()));
            socket.on('error', (error) => (alert ??= alertIn(error)?.code));
            await new Promise((resolve) => socket.once('close', resolve));
            if (name?.includes('broken') && answer === '') {
              t.is(alert, 42, told);
              refused++;
              continue;
            }
            t.is(answer, 'welcome', told);
            const last = accepted.at(-1);
            const sent = identity ? pemCertificates(identity.certificate) : [];
            const presented = last?.presented?.map((der) => Buffer.from(der)) ?? [];
            t.deepEqual(
              presented.slice(0, sent.length),
              sent.map((der) => Buffer.from(der)),
              told,
            );
            // A client's OpenSSL sends a root along that it trusts itself.
            t.true(presented.length <= sent.length + (identity ? 1 : 0), told);
            t.is(last?.peer?.subject, identity ? 'CN=alice' : undefined, told);
            t.is(last?.refusal, undefined);
          }
        }
        t.true(refused < 7, 'most of the forged ones are let through');
        t.is(accepted.length, attempts * clients.length - refused);
        t.true(await closedCount(log, attempts * clients.length));
        t.deepEqual(
          eventsOf(log, 'refused').map(({ by, reason }) => `${by} ${reason}`),
          Array.from({ length: refused }, () => 'server bad_signature'),
        );
        t.is(eventsOf(log, 'secured', 'A').length, accepted.length);
        t.true(eventsOf(log, 'secured', 'A').every(({ resumed }) => resumed === undefined));
        await listener.close();
      }
    });
  }
}

test('without it a TLS listener asks nobody, and what a client has stays with it', async (t) => {
  const accepted: Accepted[] = [];
  const listener = await accept(
    {
      security: 'tls',
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      identity: world.identity('server'),
    },
    (connection) => {
      accepted.push(connection);
      connection.stream.end('welcome');
    },
  );
  const { certificate: cert, key } = world.identity('alice');
  const socket = connect({
    ...listener.address,
    servername: 'shop.localhost',
    ca: [world.authority('ca')],
    cert,
    key,
  });
  await once(socket.resume(), 'close');
  t.is(accepted.length, 1);
  t.is(accepted[0]?.presented, undefined);
  t.is(accepted[0]?.peer, undefined);
  await listener.close();
});

for (const peer of ['curl', 'openssl'] as const) {
  withPeer(peer, `${peer} is let through with a stranger's certificate and with none`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'wirelab-asking-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const { certificate, key } = world.identity('rogue');
    const files = {
      ca: join(folder, 'ca.crt'),
      cert: join(folder, 'rogue.crt'),
      key: join(folder, 'rogue.key'),
    };
    writeFileSync(files.ca, world.authority('ca'));
    writeFileSync(files.cert, certificate);
    writeFileSync(files.key, key, { mode: 0o600 });
    const lengths: (number | undefined)[] = [];
    const listener = await accept(
      {
        security: 'tls',
        requestCertificate: true,
        listen: { host: '127.0.0.1', port: 0 },
        clock: systemClock,
        identity: world.identity('server'),
      },
      ({ stream, presented }) => {
        lengths.push(presented?.length);
        stream.once('data', () =>
          stream.end('HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nwelcome\n'),
        );
      },
    );
    const { port } = listener.address;
    const words = {
      curl: (...identity: string[]) => [
        '-s',
        '--cacert',
        files.ca,
        ...identity,
        `https://127.0.0.1:${port}/`,
      ],
      openssl: (...identity: string[]) => [
        's_client',
        '-quiet',
        '-ign_eof',
        '-CAfile',
        files.ca,
        '-connect',
        `127.0.0.1:${port}`,
        ...identity.map((word) => word.replace('--', '-')),
      ],
    }[peer];
    for (const identity of [[], ['--cert', files.cert, '--key', files.key]]) {
      const { stdout } = await runProgram(peer, words(...identity), {
        input: 'GET / HTTP/1.1\r\nHost: shop\r\n\r\n',
      });
      t.regex(stdout, /welcome/);
    }
    t.deepEqual(lengths, [0, 1]);
    await listener.close();
  });
}
