/** `wirelab why` against servers of this process: side, cause and exit code; the same cause from the capture that it wrote. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { join } from 'node:path';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createSecureServer } from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:https';
import { createSecureContext, createServer as createTlsServer } from 'node:tls';
import type { ServerOptions } from 'node:https';
import { desk, world } from '../certs/support/files.ts';
import { outputValidator } from '../../helpers/output-schema.ts';
import { nowhere } from '../../helpers/nowhere.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import type { ProgramResult } from '../../helpers/peer.ts';

const validate = outputValidator();

interface Line {
  readonly kind: string;
  readonly target?: string;
  readonly cause?: string;
  readonly by?: string;
  readonly confidence?: string;
  readonly result?: string;
  readonly remedy?: { readonly on: string };
  readonly at?: { readonly message: string };
  readonly connections?: number;
}

function linesOf(t: ExecutionContext, { stdout }: ProgramResult): Line[] {
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  for (const line of lines) t.true(validate(line), JSON.stringify(validate.errors));
  return lines;
}

async function listen(t: ExecutionContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function site(t: ExecutionContext, options: ServerOptions = {}): Promise<number> {
  const server = createServer(
    { key: world.identity('shop').key, cert: world.chain('shop'), ...options },
    (_request, response) => response.end('hello\n'),
  );
  server.on('tlsClientError', () => {});
  return listen(t, server);
}

const knowing = ['--cacert', 'ca.crt', '--servername', 'shop.localhost'];

async function why(
  t: ExecutionContext,
  folder: string,
  port: number,
  ...options: readonly string[]
): Promise<{ readonly exitCode: number | null; readonly last: Line; readonly lines: readonly Line[] }> {
  const result = await askWirelab(['why', `127.0.0.1:${port}`, ...options, '--json'], { cwd: folder });
  const lines = linesOf(t, result);
  const last = lines.at(-1);
  t.is(last?.kind, 'diagnosis', result.stderr);
  return { exitCode: result.exitCode, last: last as Line, lines };
}

test('a server that is well', async (t) => {
  const { folder } = desk(t);
  const { exitCode, last, lines } = await why(t, folder, await site(t), ...knowing);
  t.is(exitCode, 0);
  t.like(last, { cause: 'none', by: 'nobody', confidence: 'proven' });
  t.is(lines[0]?.result, 'completed');
});

test('what a server of HTTP/2 answers counts too', async (t) => {
  const { folder } = desk(t);
  const answers: readonly (readonly [
    ask: (stream: ServerHttp2Stream) => void,
    exitCode: number,
    cause: string,
  ])[] = [
    [(stream) => stream.respond({ ':status': 200 }, { endStream: true }), 0, 'none'],
    [(stream) => stream.respond({ ':status': 502 }, { endStream: true }), 1, 'refused_by_application'],
    [(stream) => stream.close(2), 1, 'refused_by_application'],
  ];
  for (const [answer, exitCode, cause] of answers) {
    const server = createSecureServer({
      key: world.identity('shop').key,
      cert: world.chain('shop'),
    });
    server.on('stream', (stream) => answer(stream.on('error', () => {})));
    server.on('sessionError', () => {});
    const made = await why(t, folder, await listen(t, server), ...knowing, '--alpn', 'h2');
    t.is(made.last.cause, cause);
    t.is(made.exitCode, exitCode);
  }
});

test('what was repeated and came out alike is one line', async (t) => {
  const { folder } = desk(t);
  const { stdout } = await askWirelab(['why', `127.0.0.1:${await site(t)}`, '--cacert', 'other.crt'], {
    cwd: folder,
  });
  const numbers = [...stdout.matchAll(/^ {3}(\d+)(?:-(\d+))? (as called, once more:)?/gm)];
  t.true(
    numbers.some(([, , last, again]) => last !== undefined && again !== undefined),
    stdout,
  );
  let before = 0;
  for (const [, first, last] of numbers) {
    t.is(Number(first), before + 1, stdout);
    before = Number(last ?? first);
  }
});

const mutual = (): ServerOptions => ({
  requestCert: true,
  rejectUnauthorized: true,
  ca: [world.certificate('ca')],
});

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`mutual TLS, ${version}: without a certificate, with a foreign one, with a good one`, async (t) => {
    const { folder } = desk(t);
    const port = await site(t, { ...mutual(), minVersion: version, maxVersion: version });
    const none = await why(t, folder, port, ...knowing);
    t.is(none.exitCode, 1);
    t.like(none.last, { cause: 'certificate_missing', by: 'server', remedy: { on: 'client' } });
    const foreign = await why(t, folder, port, ...knowing, '--cert', 'mallory.crt', '--key', 'mallory.key');
    t.is(foreign.exitCode, 1);
    t.like(foreign.last, { cause: 'unknown_ca', by: 'server', at: { message: 'Certificate' } });
    const good = await why(t, folder, port, ...knowing, '--cert', 'alice.crt', '--key', 'alice.key');
    t.is(good.exitCode, 0);
    const old = await why(t, folder, port, ...knowing, '--cert', 'expired.crt', '--key', 'expired.key');
    t.is(old.exitCode, 1);
    t.like(old.last, { cause: 'certificate_expired', by: 'server' });
  });
}

test('the client would not accept the server', async (t) => {
  const { folder } = desk(t);
  const port = await site(t);
  const rows = [
    [['--cacert', 'other.crt', '--servername', 'shop.localhost'], 'unknown_ca'],
    [['--cacert', 'ca.crt', '--servername', 'bank.localhost'], 'name_mismatch'],
    [['--cacert', 'other.crt', '--servername', 'bank.localhost'], 'unknown_ca'],
  ] as const;
  for (const [options, cause] of rows) {
    const { exitCode, last } = await why(t, folder, port, ...options);
    t.is(exitCode, 1);
    t.like(last, { cause, by: 'client', confidence: 'proven', at: { message: 'Certificate' } });
    // Neither the issuer nor the name: it may be another machine.
    const isOther = options.join(' ') === '--cacert other.crt --servername bank.localhost';
    const words = last as unknown as { readonly because: { readonly en: string } };
    t.is(/another machine may be answering/.test(words.because.en), isOther, words.because.en);
  }
});

test('plaintext where TLS was expected, and nobody at all', async (t) => {
  const { folder } = desk(t);
  const plain = await listen(
    t,
    createPlainServer((_request, response) => response.end('hello\n')),
  );
  const said = await why(t, folder, plain);
  t.is(said.exitCode, 1);
  t.like(said.last, { cause: 'tls_on_plaintext_port', by: 'client', confidence: 'proven' });
  const nobody = await why(t, folder, nowhere.port);
  t.is(nobody.exitCode, 1);
  t.like(nobody.last, { cause: 'nothing_listens', by: 'nobody' });
  const unknown = await askWirelab(['why', 'nowhere.invalid:443', '--json']);
  t.is(unknown.exitCode, 1);
  t.like(linesOf(t, unknown).at(-1), { cause: 'host_not_found' });
});

/** Stands before a server, and ends a connection whose first bytes are more than a classical hello. */
async function narrow(t: ExecutionContext, port: number): Promise<number> {
  const sockets = new Set<Socket>();
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  const server = createTcpServer((client) => {
    const target = connect(port, '127.0.0.1');
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    client.once('data', (first: Buffer) => {
      if (first.length > 1400) {
        client.resetAndDestroy();
        target.destroy();
        return;
      }
      target.write(first);
      client.pipe(target);
    });
    target.pipe(client);
  });
  return listen(t, server);
}

test('something on the way drops a large ClientHello', async (t) => {
  const { folder } = desk(t);
  const { exitCode, last } = await why(t, folder, await narrow(t, await site(t)), ...knowing);
  t.is(exitCode, 1);
  t.like(last, { cause: 'large_hello_dropped', by: 'between', confidence: 'likely' });
});

test('a capture of experiments, whose client refuses nothing, shows no healthy server', async (t) => {
  const { folder } = desk(t);
  const bad = await why(t, folder, await site(t), '--cacert', 'other.crt', '-w', 'bad.pcapng');
  t.is(bad.exitCode, 1);
  const read = await askWirelab(['why', 'bad.pcapng', '--json'], { cwd: folder });
  t.is(read.exitCode, 3);
  const [line] = linesOf(t, read);
  t.like(line, { cause: 'unknown', confidence: 'unknown' });
  t.regex(read.stdout, /experiments of wirelab, whose client refuses no certificate/);
});

test('the capture that it writes has the same cause', async (t) => {
  const { folder } = desk(t);
  const port = await site(t, { ...mutual(), maxVersion: 'TLSv1.2' });
  const seen = await why(t, folder, port, ...knowing, '-w', 'seen.pcapng', '--with-secrets');
  t.is(seen.last.cause, 'certificate_missing');
  t.true(existsSync(join(folder, 'seen.pcapng')));
  const read = await askWirelab(['why', 'seen.pcapng', '--stream', '0', '--json'], { cwd: folder });
  t.is(read.exitCode, 1, read.stderr);
  t.like(linesOf(t, read).at(-1), { cause: 'certificate_missing', by: 'server', connections: 1 });
});

test('a URL: its host and port, its path, and no TLS where it has none', async (t) => {
  const { folder } = desk(t);
  const asked: string[] = [];
  const server = createServer(
    { key: world.identity('shop').key, cert: world.chain('shop') },
    ({ url = '' }, response) => {
      asked.push(url);
      response.end('hello\n');
    },
  );
  server.on('tlsClientError', () => {});
  const port = await listen(t, server);
  const last = async (...words: readonly string[]): Promise<Line> => {
    const result = await askWirelab(['why', ...words, '--json'], { cwd: folder });
    return linesOf(t, result).at(-1)!;
  };
  t.like(await last(`https://ann:tiger@127.0.0.1:${port}/orders?token=lily`, ...knowing), {
    cause: 'none',
    target: `https://127.0.0.1:${port}/orders`,
  });
  t.deepEqual([...new Set(asked)], ['/orders']);
  const wanted = await last(`http://127.0.0.1:${port}/`, ...knowing);
  t.like(wanted, { cause: 'plaintext_on_tls_port', by: 'server', confidence: 'proven' });
  const plain = createPlainServer((_request, response) => response.end('hello\n'));
  const plainPort = await listen(t, plain);
  t.like(await last(`http://127.0.0.1:${plainPort}/`), { cause: 'none' });
  t.like(await last(`https://127.0.0.1:${plainPort}/`), { cause: 'tls_on_plaintext_port' });
});

test('mistakes in the call', async (t) => {
  const { folder } = desk(t);
  for (const words of [
    [],
    ['nothing'],
    ['localhost:0'],
    ['localhost:99999'],
    ['localhost:443', 'more:443'],
    ['localhost:443', '--cert', 'alice.crt'],
    ['localhost:443', '--cacert', 'absent.crt'],
    ['localhost:443', '--cacert', 'alice.key'],
    ['localhost:443', '--stream', '1'],
    ['ca.crt', '--servername', 'x'],
    ['ca.crt'],
  ]) {
    const { exitCode, stderr, stdout } = await askWirelab(['why', ...words], { cwd: folder });
    t.is(exitCode, 2, words.join(' '));
    t.is(stdout, '');
    t.regex(stderr, /^wirelab: .+/m);
  }
});

test('the answer stands first, in both languages', async (t) => {
  const { folder } = desk(t);
  const port = await site(t, mutual());
  const english = await askWirelab(['why', `127.0.0.1:${port}`, ...knowing], { cwd: folder });
  t.regex(english.stdout, /^ REFUSED BY THE SERVER: no certificate \(proven\)\n {3}because /);
  t.regex(english.stdout, /\n {3}to do .*\n(?: {13}.*\n)* {3}target /);
  t.regex(english.stdout, /\n {3}to do {5}ON THE CLIENT: /, 'another machine than that of the title');
  const korean = await askWirelab(['why', `127.0.0.1:${port}`, ...knowing, '--lang', 'ko'], { cwd: folder });
  t.regex(korean.stdout, /^ 서버가 거부: 인증서 없음 \(증명됨\)\n/);
});

test('a server of another protocol that hangs up at a request of HTTP is well, and is not said to fail', async (t) => {
  const { folder } = desk(t);
  const server = createTlsServer({ key: world.identity('shop').key, cert: world.chain('shop') }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end());
  });
  const port = await listen(t, server);
  const { exitCode, stdout } = await askWirelab(['why', `127.0.0.1:${port}`, ...knowing], { cwd: folder });
  t.is(exitCode, 0);
  const unwrapped = stdout.replaceAll(/\n {3,}/g, ' ');
  t.regex(unwrapped, /NOTHING IS WRONG .* at +handshake completed, .*, GET \/ not answered/);
  t.notRegex(unwrapped, /without an answer/);
});

test('one bad certificate of several: the title says what is wrong with it', async (t) => {
  const { folder } = desk(t);
  const good = createSecureContext({ key: world.identity('shop').key, cert: world.chain('shop') });
  const bad = createSecureContext({ key: world.identity('alice').key, cert: world.chain('alice') });
  let count = 0;
  const port = await site(t, {
    SNICallback: (_name, done) => done(null, count++ % 3 === 0 ? bad : good),
  });
  const { last } = await why(t, folder, port, ...knowing);
  t.like(last, { cause: 'intermittent', confidence: 'proven' });
  t.is(
    (last as unknown as { readonly name: { readonly en: string } }).name.en,
    'now and then a certificate is refused: wrong usage',
  );
});

test('how often a call fails that fails now and then is counted: every third one', async (t) => {
  const { folder } = desk(t);
  const inner = await site(t);
  let count = 0;
  const port = await listen(
    t,
    createTcpServer((socket) => {
      socket.on('error', () => {});
      count += 1;
      if (count % 3 === 0) return void socket.once('data', () => socket.resetAndDestroy());
      const on = connect({ host: '127.0.0.1', port: inner });
      on.on('error', () => {});
      socket.pipe(on).pipe(socket);
      return undefined;
    }),
  );
  const { exitCode, last, lines } = await why(t, folder, port, ...knowing);
  t.is(exitCode, 1);
  t.like(last, { cause: 'intermittent', by: 'unknown', confidence: 'proven' });
  const again = lines.filter((line) => (line as { id?: string }).id?.startsWith('as-called'));
  const failed = again.filter(({ result }) => result !== 'completed').length;
  t.is(again.length, 7);
  t.true(failed >= 2);
  const { because, evidence } = last as unknown as {
    because: { en: string };
    evidence: readonly { said?: string }[];
  };
  t.regex(because.en, new RegExp(`it failed ${failed} of 7 times; what came back then: .*RST`));
  t.truthy(evidence.find(({ said }) => said === `${failed} / 7`));
});
