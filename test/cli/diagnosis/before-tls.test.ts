/** `wirelab why -- COMMAND` where the reason is in what was said before TLS, or in a certificate that a quiet program refused. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/clock.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { desk } from '../certs/support/files.ts';
import { startTcpServer } from '../../helpers/tcp-server.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'Quiet CA' } },
      good: { profile: 'server', issuer: 'ca', subject: { CN: 'localhost' }, san: ['DNS:localhost'] },
      old: {
        profile: 'server',
        issuer: 'ca',
        subject: { CN: 'localhost' },
        san: ['DNS:localhost'],
        flaws: ['expired'],
      },
      other: { profile: 'server', issuer: 'ca', subject: { CN: 'other' }, san: ['DNS:other.test'] },
    },
  },
  { clock: systemClock },
);

interface Answer {
  readonly code: number | null;
  readonly last: {
    readonly cause: string;
    readonly by: string;
    readonly confidence: string;
    readonly because: { readonly en: string };
    readonly remedy?: {
      readonly on: string;
      readonly words: { readonly en: string };
      readonly command?: string;
    };
    readonly evidence: readonly { readonly said?: string }[];
    readonly others: readonly { readonly cause: string }[];
  };
}

/** A program of a name of its own, so that no row of a known one speaks for it. */
async function ask(
  t: ExecutionContext,
  port: number,
  script: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Answer> {
  const { folder } = desk(t);
  writeFileSync(join(folder, 'quiet-ca.crt'), world.certificate('ca'));
  writeFileSync(join(folder, 'job'), `#!/bin/sh\nexec ${process.execPath} job.cjs "$@"\n`, { mode: 0o755 });
  writeFileSync(
    join(folder, 'job.cjs'),
    `const [host, port] = process.argv[2].split(':');
     const fail = (words) => { if (words) console.error(words); process.exitCode = 3; };
     ${script}`,
  );
  const { exitCode, stdout, stderr } = await askWirelab(
    ['why', '--json', '--to', `localhost:${port}`, '--', './job', '{}'],
    { cwd: folder, env },
  );
  t.true(stdout.includes('"diagnosis"'), stderr);
  return { code: exitCode, last: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Answer['last'] };
}

async function site(t: ExecutionContext, name: string): Promise<number> {
  const server = createServer({ key: world.identity(name).key, cert: world.chain(name) }, (socket) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Answers each line by the first row that fits. */
const speaker =
  (greeting: string, rows: readonly (readonly [RegExp, string])[]) =>
  (socket: Socket): void => {
    socket.write(`${greeting}\r\n`);
    socket.on('data', (bytes: Buffer) => {
      for (const line of bytes.toString('latin1').split('\r\n').filter(Boolean)) {
        const answer = rows.find(([pattern]) => pattern.test(line))?.[1] ?? '500 what?';
        if (answer.startsWith('221')) socket.end(`${answer}\r\n`);
        else socket.write(`${answer}\r\n`);
      }
    });
  };

const smtp = (more: string) =>
  speaker('220 mx.test ESMTP', [
    [/^EHLO/i, `250-mx.test\r\n${more}250 SIZE 100`],
    [/^AUTH/i, '535 5.7.8 wrong'],
    [/^QUIT/i, '221 bye'],
  ]);

/** Says one line after another, each once the last one is answered. */
const saying = (lines: readonly string[], words: string): string => `
  const lines = ${JSON.stringify(lines)};
  const socket = require('node:net').connect({ host, port: Number(port) });
  socket.on('data', () => { const line = lines.shift(); if (line === undefined) socket.end(); else socket.write(line + '\\r\\n'); });
  socket.on('error', () => {});
  socket.on('close', () => fail(${JSON.stringify(words)}));`;

test('a server of mail that does not offer TLS: the client leaves', async (t) => {
  const { port } = await startTcpServer(t, smtp(''));
  const { code, last } = await ask(t, port, saying(['EHLO x', 'QUIT'], 'delivery failed'));
  t.is(code, 1);
  t.like(last, { cause: 'starttls_refused', by: 'server', confidence: 'likely' });
  t.true(last.evidence.some(({ said }) => said?.includes('250 SIZE 100')));
  t.is(last.remedy?.on, 'server');
});

test('it offers TLS, or the client goes on without: then it is something else', async (t) => {
  const offering = await startTcpServer(t, smtp('250-STARTTLS\r\n'));
  t.is((await ask(t, offering.port, saying(['EHLO x', 'QUIT'], 'delivery failed'))).code, 3);
  const plain = await startTcpServer(t, smtp(''));
  t.is(
    (await ask(t, plain.port, saying(['EHLO x', 'AUTH PLAIN AGEAYg==', 'QUIT'], 'wrong password'))).code,
    3,
  );
});

test('the word in the place of STARTTLS is overwritten: between the two', async (t) => {
  const { port } = await startTcpServer(t, smtp('250-XXXXXXXA\r\n'));
  const { last } = await ask(t, port, saying(['EHLO x', 'QUIT'], 'delivery failed'));
  t.like(last, { cause: 'starttls_refused', by: 'between', confidence: 'likely' });
  t.is(last.remedy?.on, 'between');
});

test('TLS is asked for in another protocol than the port speaks', async (t) => {
  const { port } = await startTcpServer(t, speaker('* OK IMAP4rev1 ready', [[/^QUIT/i, '221 bye']]));
  const { code, last } = await ask(t, port, saying(['EHLO x', 'STARTTLS', 'QUIT'], 'no TLS'));
  t.is(code, 1);
  t.like(last, { cause: 'tls_on_plaintext_port', confidence: 'proven' });
  t.regex(last.because.en, /asks for TLS in SMTP, and this port speaks IMAP: \* OK IMAP4rev1 ready/);
});

/** Calls the server as a client of TLS that trusts CA, and says nothing of what it met. */
const call = (more: string, words = 'sync failed'): string => `
  const ca = require('node:fs').readFileSync('quiet-ca.crt');
  const socket = require('node:tls').connect({ host, port: Number(port), servername: 'localhost', ca, ${more} }, () => socket.end('GET / HTTP/1.1\\r\\n\\r\\n'));
  socket.on('data', () => {});
  socket.on('error', (error) => fail(${JSON.stringify(words)}));`;

test('a quiet program refuses a certificate that has expired: renew it, and leave the clock alone', async (t) => {
  const { code, last } = await ask(t, await site(t, 'old'), call(''));
  t.is(code, 1);
  t.like(last, { cause: 'certificate_expired', by: 'client', confidence: 'likely' });
  t.is(last.remedy?.on, 'server');
  t.notRegex(last.remedy?.words.en ?? '', /faketime/);
});

test('a quiet program refuses a certificate of another name', async (t) => {
  const { last } = await ask(t, await site(t, 'other'), call(''));
  t.like(last, { cause: 'name_mismatch', by: 'client', confidence: 'likely' });
  t.regex(last.because.en, /other\.test, not for localhost/);
});

test('a quiet program ends for a reason of its own: nothing is made up', async (t) => {
  const ends = `
    const socket = require('node:tls').connect({ host, port: Number(port), rejectUnauthorized: false }, () => socket.write('GET / HTTP/1.1\\r\\n\\r\\n'));
    socket.on('data', () => {});
    socket.on('end', () => fail('no such item'));`;
  t.is((await ask(t, await site(t, 'good'), ends)).code, 3);
});

test('a program with a pin of its own', async (t) => {
  const { code, last } = await ask(
    t,
    await site(t, 'good'),
    call("checkServerIdentity: () => new Error('no')", 'pinned fingerprint does not match'),
  );
  t.is(code, 1);
  t.like(last, { cause: 'key_not_pinned', by: 'client', confidence: 'likely' });
  t.regex(last.remedy?.command ?? '', /openssl x509 -noout -fingerprint -sha256$/);
  t.true(last.evidence.some(({ said }) => /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/.test(said ?? '')));
});

test('TLS to a port of HTTP that ends what it cannot read', async (t) => {
  const { port } = await startTcpServer(t, (socket) => {
    socket.once('data', (head: Buffer) => {
      if (head[0] === 0x16) socket.end();
      else socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    });
  });
  const { code, last } = await ask(t, port, call(''));
  t.is(code, 1);
  t.like(last, { cause: 'tls_on_plaintext_port', confidence: 'proven' });
});
