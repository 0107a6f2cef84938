/** From nothing to a served chain in three commands; and a server is looked at and verified as its client would. */
import test from 'ava';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { accept } from '../../../src/wire/accept.ts';
import { starttlsNames } from '../../../src/wire/starttls/protocols.ts';
import { desk, world } from './support/files.ts';
import { runWirelab } from '../../helpers/wirelab.ts';

async function serve(t: ExecutionContext, options: TlsOptions): Promise<number> {
  const server = createServer(options);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('ca, issue, and the chain is served: its client verifies it, and a browser has its file', async (t) => {
  const { folder, run } = desk(t);
  const file = (name: string): string => readFileSync(join(folder, name), 'utf8');
  t.is((await run('ca', '--name', 'My CA', '--out', 'mine', '--days', '30')).exitCode, 0);
  t.is(statSync(join(folder, 'mine.key')).mode & 0o777, 0o600);
  t.is((await run('issue', 'localhost', '--ca', 'mine.crt', '--ca-key', 'mine.key')).exitCode, 0);
  const client = await run('issue', 'bob', '--client', '--ca', 'mine.crt', '--ca-key', 'mine.key');
  t.regex(client.stdout, /bob\.p12.*password: wirelab/);
  const port = await serve(t, {
    key: file('localhost.key'),
    cert: file('localhost.crt'),
    ca: file('mine.crt'),
    requestCert: true,
    rejectUnauthorized: true,
  });
  const socket = connect({
    port,
    host: 'localhost',
    ca: file('mine.crt'),
    pfx: readFileSync(join(folder, 'bob.p12')),
    passphrase: 'wirelab',
  });
  await once(socket, 'secureConnect');
  t.true(socket.authorized);
  socket.destroy();

  const verified = await run(
    'verify',
    `localhost:${port}`,
    '--cacert',
    'mine.crt',
    '--cert',
    'bob.crt',
    '--key',
    'bob.key',
  );
  t.is(verified.exitCode, 0, verified.stderr);
  t.regex(verified.stdout, /VERIFIED as a server: CN=localhost/);
  // Somebody else's CA, and a name that is not in it.
  t.is((await run('verify', `localhost:${port}`, '--cacert', 'other.crt')).exitCode, 1);
  const misnamed = await run(
    'verify',
    `127.0.0.1:${port}`,
    '--servername',
    'shop.localhost',
    '--cacert',
    'mine.crt',
  );
  t.is(misnamed.exitCode, 1);
  t.regex(misnamed.stdout, /✗ name/);
});

test('nothing is overwritten, and nothing is left of what failed', async (t) => {
  const { folder, run } = desk(t);
  writeFileSync(join(folder, 'mine.key'), 'precious');
  const refused = await run('ca', '--out', 'mine');
  t.is(refused.exitCode, 2);
  t.regex(refused.stderr, /already exists/);
  t.false(existsSync(join(folder, 'mine.crt')));
  t.is((await run('issue', 'bob', '--ca', 'shop.crt', '--ca-key', 'shop.key')).exitCode, 1, 'no CA');
  t.false(existsSync(join(folder, 'bob.key')));
  t.is((await run('issue', '../bob', '--client', '--ca', 'ca.crt', '--ca-key', 'ca.key')).exitCode, 2);
  t.is((await run('p12', 'alice.crt', '--key', 'shop.key')).exitCode, 2);
  t.is((await run('p12', 'alice.crt', '--key', 'alice.key', '--password', '비밀')).exitCode, 2);
});

test('a name alone is a CN; a subject with a mistake in it is none', async (t) => {
  const { run } = desk(t);
  t.is((await run('csr', '--new-key', 'a.key', '--subject', 'localhost', '--out', 'a.csr')).exitCode, 0);
  t.regex((await run('show', 'a.csr')).stdout, /subject +CN=localhost/);
  for (const subject of ['CN=', 'a,b', 'X=1', '  '])
    t.is((await run('csr', '--new-key', 'b.key', '--subject', subject)).exitCode, 2, subject);
});

test('show and verify read standard input', async (t) => {
  const { folder } = desk(t);
  const shown = await runWirelab(['certs', 'show', '-'], { cwd: folder, input: world.certificate('alice') });
  t.regex(shown.stdout, /subject +CN=alice/, shown.stderr);
  const verified = await runWirelab(['certs', 'verify', '-', '--cacert', 'ca.crt'], {
    cwd: folder,
    input: world.certificate('alice'),
  });
  t.is(verified.exitCode, 0, verified.stdout);
  t.notRegex(verified.stdout, /openssl verify/);
});

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
  test(`show HOST:PORT, ${maxVersion}: ALPN, acceptable CAs, the chain in a file, and the client's own certificate`, async (t) => {
    const { folder, run } = desk(t);
    const port = await serve(t, {
      key: world.identity('shop').key,
      cert: world.chain('shop'),
      ca: world.authority('ca'),
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
      maxVersion,
    });
    const at = `localhost:${port}`;
    const shown = await run('show', at, '--out', 'seen.pem');
    t.is(shown.exitCode, 0, shown.stderr);
    const said = shown.stdout.replace(/\s+/g, ' ');
    t.regex(said, /acceptable CAs: CN=Workshop CA,O=Workshop/);
    t.regex(said, /aborted the handshake \(ERR_SSL_/);
    t.is(readFileSync(join(folder, 'seen.pem'), 'utf8'), world.chain('shop'));
    t.is((await run('show', at, '--out', 'seen.pem')).exitCode, 2, 'there is one');
    const own = await run('show', at, '--cert', 'alice.crt', '--key', 'alice.key', '--json');
    const { live } = JSON.parse(own.stdout) as { live: object };
    t.like(live, {
      alpn: 'http/1.1',
      version: maxVersion,
      clientCertificate: { requested: true, authorities: ['CN=Workshop CA,O=Workshop'] },
    });
    t.notRegex(
      (await run('show', at, '--cert', 'alice.crt', '--key', 'alice.key')).stdout,
      /aborted|refused/,
    );
    t.is((await run('show', at, '--cert', 'alice.crt')).exitCode, 2);
  });

for (const starttls of starttlsNames)
  test(`show HOST:PORT --starttls ${starttls}`, async (t) => {
    const { run } = desk(t);
    const listener = await accept(
      {
        security: 'tls',
        listen: { host: '127.0.0.1', port: 0 },
        clock: systemClock,
        identity: world.identity('shop'),
        starttls,
      },
      ({ stream }) =>
        stream
          .on('error', () => {})
          .resume()
          .on('end', () => stream.end()),
    );
    t.teardown(async () => listener.close(0));
    const { stdout, stderr } = await run(
      'show',
      `127.0.0.1:${listener.address.port}`,
      '--starttls',
      starttls,
    );
    t.regex(stdout, /subject +CN=shop\.localhost/, stderr);
  });

test('a server that knows no protocol of the web is asked again without any', async (t) => {
  const { run } = desk(t);
  const port = await serve(t, {
    key: world.identity('shop').key,
    cert: world.chain('shop'),
    ALPNProtocols: ['imap'],
  });
  const { stdout, exitCode, stderr } = await run('show', `127.0.0.1:${port}`);
  t.is(exitCode, 0, stderr);
  t.notRegex(stdout, /ALPN/);
  t.regex((await run('show', `127.0.0.1:${port}`, '--alpn', 'imap')).stdout, /ALPN\): imap/);
});
