/** `wirelab why -- COMMAND` with small Node programs as commands, against servers of this process. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { desk, world } from '../certs/support/files.ts';
import { outputValidator } from '../../helpers/output-schema.ts';
import { nowhere } from '../../helpers/nowhere.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

const validate = outputValidator();

interface Line {
  readonly kind: string;
  readonly cause?: string;
  readonly by?: string;
  readonly confidence?: string;
  readonly exitCode?: number;
  readonly connections?: number;
  readonly failed?: number;
  readonly late?: boolean;
  readonly command?: readonly string[];
  readonly remedy?: { readonly command?: string };
  readonly evidence?: readonly { readonly kind: string; readonly said?: string }[];
}

async function site(t: ExecutionContext, options: ServerOptions = {}): Promise<number> {
  const server = createServer(
    { key: world.identity('shop').key, cert: world.chain('shop'), ...options },
    (_request, response) => response.end('hello\n'),
  );
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A client in a file of the folder: its first argument is HOST:PORT, the CA it trusts is in CA. */
const client = `
const [host, port] = process.argv[2].split(':');
const ca = process.env.CA && require('node:fs').readFileSync(process.env.CA);
const socket = require('node:tls').connect({ host, port: Number(port), servername: 'shop.localhost', ca }, () => {
  socket.write('GET / HTTP/1.1\\r\\nHost: shop.localhost\\r\\nConnection: close\\r\\n\\r\\n');
});
socket.on('data', () => {});
socket.on('error', (error) => { console.error(String(error), error.code); process.exitCode = 3; });
`;

interface Asked {
  readonly code: number | null;
  readonly lines: readonly Line[];
  readonly last: Line;
  readonly ran: Line;
}

async function ask(
  t: ExecutionContext,
  words: readonly string[],
  { script = client, env = {} }: { readonly script?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Asked> {
  const { folder } = desk(t);
  writeFileSync(join(folder, 'client.cjs'), script);
  const { exitCode, stdout, stderr } = await askWirelab(['why', '--json', ...words], { cwd: folder, env });
  const lines = stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
  for (const line of lines) t.true(validate(line), JSON.stringify(validate.errors));
  t.is(lines.at(-1)?.kind, 'diagnosis', stderr);
  const ran = lines.find(({ kind }) => kind === 'ran');
  t.is(
    lines.findIndex(({ kind }) => kind === 'ran'),
    0,
  );
  return { code: exitCode, lines, last: lines.at(-1) as Line, ran: ran as Line };
}

const node = process.execPath;

test('a refused certificate: side, cause, words, the line to type', async (t) => {
  const port = await site(t);
  const { code, last, ran } = await ask(t, ['--to', `127.0.0.1:${port}`, '--', node, 'client.cjs', '{}']);
  t.is(code, 1);
  t.like(last, { cause: 'unknown_ca', by: 'client', confidence: 'proven' });
  t.is(last.remedy?.command, `NODE_EXTRA_CA_CERTS=CA.crt ${node} client.cjs 127.0.0.1:${port}`);
  t.like(ran, { exitCode: 3, connections: 1, failed: 1, late: false });
  t.not(ran.command?.at(-1), `127.0.0.1:${port}`, 'its listener stood in the place of the target');
  t.truthy(last.evidence?.find(({ kind, said }) => kind === 'words' && said?.includes('UNABLE_TO')));
});

test('its healthy counterpart', async (t) => {
  const port = await site(t);
  const { code, last, ran } = await ask(t, ['--to', `127.0.0.1:${port}`, '--', node, 'client.cjs', '{}'], {
    env: { CA: 'ca.crt' },
  });
  t.is(code, 0);
  t.like(last, { cause: 'none', by: 'nobody', confidence: 'proven' });
  t.like(ran, { exitCode: 0, connections: 1, failed: 0 });
});

test('the keys that the program writes open an alert of TLS 1.3; their file is private, and gone afterwards', async (t) => {
  const port = await site(t, {
    requestCert: true,
    rejectUnauthorized: true,
    ca: [world.certificate('ca')],
    minVersion: 'TLSv1.3',
  });
  const script = `${client}
    const { mode } = require('node:fs').statSync(process.env.SSLKEYLOGFILE);
    require('node:fs').writeFileSync('seen.txt', process.env.SSLKEYLOGFILE + ' ' + (mode & 0o777).toString(8));`;
  const { folder } = desk(t);
  writeFileSync(join(folder, 'client.cjs'), script);
  const { exitCode, stdout } = await askWirelab(
    ['why', '--json', '--cacert', 'ca.crt', '--to', `127.0.0.1:${port}`, '--', node, 'client.cjs', '{}'],
    { cwd: folder, env: { CA: 'ca.crt' } },
  );
  t.is(exitCode, 1);
  t.like(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''), {
    cause: 'certificate_missing',
    by: 'server',
    confidence: 'proven',
  });
  const [file = '', mode] = readFileSync(join(folder, 'seen.txt'), 'utf8').split(' ');
  t.is(mode, '600');
  t.false(existsSync(file));
});

test('as a proxy: a tunnel that the program asks for', async (t) => {
  const port = await site(t);
  const script = `
    const { hostname, port } = new URL(process.env.HTTPS_PROXY);
    const socket = require('node:net').connect({ host: hostname, port: Number(port) }, () => socket.write('CONNECT 127.0.0.1:${port} HTTP/1.1\\r\\n\\r\\n'));
    socket.once('data', () => {
      const secure = require('node:tls').connect({ socket, servername: 'shop.localhost' });
      secure.on('error', (error) => { console.error(error.code); process.exitCode = 1; });
    });`;
  const { code, last } = await ask(t, ['--', node, 'client.cjs'], { script });
  t.is(code, 1);
  t.like(last, { cause: 'unknown_ca', by: 'client' });
});

test('a proxy that the variables name is on the way, for the command and for the experiments', async (t) => {
  const port = await site(t);
  const asked: string[] = [];
  const proxy = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (head: Buffer) => {
      asked.push(/^CONNECT (\S+) /.exec(head.toString())?.[1] ?? head.toString());
      const on = connect({ host: '127.0.0.1', port }, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(on).pipe(socket);
      });
      on.on('error', () => {});
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.teardown(() => proxy.close());
  const script = `
    const { hostname, port } = new URL(process.env.HTTPS_PROXY);
    const socket = require('node:net').connect({ host: hostname, port: Number(port) }, () => socket.write('CONNECT shop.invalid:443 HTTP/1.1\\r\\n\\r\\n'));
    socket.once('data', () => {
      const secure = require('node:tls').connect({ socket, servername: 'shop.localhost' });
      secure.on('error', (error) => { console.error(error.code); process.exitCode = 1; });
    });`;
  const { code, last, lines } = await ask(t, ['--', node, 'client.cjs'], {
    script,
    env: { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` },
  });
  t.is(code, 1);
  t.like(last, { cause: 'unknown_ca', by: 'client' });
  t.is(asked.length, lines.filter(({ kind }) => kind === 'experiment').length + 1);
  t.deepEqual([...new Set(asked)], ['shop.invalid:443']);
});

/** Asks the proxy of the variables for a tunnel to an address of this machine, as curl does. */
const tunnelling = (to: string): string => `
  const { hostname, port } = new URL(process.env.https_proxy);
  const socket = require('node:net').connect({ host: hostname, port: Number(port) }, () => socket.write('CONNECT ${to} HTTP/1.1\\r\\nProxy-Authorization: Basic YTpi\\r\\n\\r\\n'));
  socket.once('data', (head) => {
    if (!String(head).includes(' 200 ')) { console.error(String(head)); process.exitCode = 56; socket.destroy(); return; }
    const secure = require('node:tls').connect({ socket, servername: 'shop.localhost' });
    secure.on('error', (error) => { console.error(error.code); process.exitCode = 1; });
  });`;

/** A program of its own name: of Node, wirelab knows that it goes to this machine without a proxy. */
const asProgram = (script: string): string => `#!${node}\n${script}`;

async function askTunnel(t: ExecutionContext, before: readonly string[], env: NodeJS.ProcessEnv, to: string) {
  const { folder } = desk(t);
  writeFileSync(join(folder, 'visit'), asProgram(tunnelling(to)), { mode: 0o755 });
  const { exitCode, stdout, stderr } = await askWirelab(['why', '--json', '--', ...before, './visit'], {
    cwd: folder,
    env: { NODE_USE_ENV_PROXY: '1', ...env },
  });
  t.truthy(stdout, stderr);
  return { exitCode, last: JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Line };
}

test("the command's own proxy: one that refuses, one that is not there, one that only the command names", async (t) => {
  const port = await site(t);
  const heads: string[] = [];
  const proxy = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (head: Buffer) => {
      heads.push(head.toString());
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.teardown(() => proxy.close());
  const to = `127.0.0.1:${port}`;
  const refusing = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const refused = await askTunnel(t, [], { HTTPS_PROXY: refusing }, to);
  t.is(refused.exitCode, 1);
  t.like(refused.last, { cause: 'tunnel_refused', by: 'between', confidence: 'proven' });
  t.regex(heads[0] ?? '', new RegExp(`^CONNECT ${to} `));
  t.regex(heads[0] ?? '', /Proxy-Authorization: Basic YTpi\r\n/, 'its login goes on to its proxy');
  const away = await askTunnel(t, [], { HTTPS_PROXY: `http://127.0.0.1:${nowhere.port}` }, to);
  t.like(away.last, { cause: 'nothing_listens', by: 'nobody', confidence: 'proven' });
  const named = await askTunnel(t, ['env', `https_proxy=${refusing}`, 'no_proxy=other'], {}, to);
  t.like(named.last, { cause: 'tunnel_refused', by: 'between' });
});

test('nothing listens there', async (t) => {
  const { port } = nowhere;
  const { code, last, ran } = await ask(t, ['--to', `127.0.0.1:${port}`, '--', node, 'client.cjs', '{}']);
  t.is(code, 1);
  t.like(last, { cause: 'nothing_listens', by: 'nobody', confidence: 'proven' });
  t.like(ran, { connections: 1, failed: 1 });
});

test('no connection came through: it says how to lead that program, and exits 3', async (t) => {
  const { code, last, ran } = await ask(t, [
    '--',
    node,
    '-e',
    'console.error("no target"); process.exitCode = 9',
  ]);
  t.is(code, 3);
  t.like(last, { cause: 'unknown', by: 'unknown', confidence: 'unknown' });
  t.regex(last.remedy?.command ?? '', /^\.\/wirelab why --to HOST:PORT -- node/);
  t.is(last.evidence?.[0]?.said, 'no target');
  t.like(ran, { exitCode: 9, connections: 0 });
});

test('a command that succeeded and connected to nothing is not said to have failed', async (t) => {
  const { folder } = desk(t);
  const { stdout, exitCode } = await askWirelab(['why', '--', node, '-e', '0'], { cwd: folder });
  t.is(exitCode, 3);
  t.regex(
    stdout,
    /^ NOTHING SEEN: no connection came through\n {3}because +the command succeeded, and opened no/,
  );
});

test('a command that failed before it connected, and says why', async (t) => {
  const { code, last } = await ask(t, [
    '--',
    node,
    '-e',
    'console.error("error:05800074:x509 certificate routines::key values mismatch"); process.exitCode = 1',
  ]);
  t.is(code, 1);
  t.like(last, { cause: 'unusable_file', by: 'client', confidence: 'proven' });
});

test('a command that failed for another reason than its connections', async (t) => {
  const port = await site(t);
  const script = `${client}; process.on('exit', () => { process.exitCode = 4; });`;
  const { code, last } = await ask(
    t,
    ['--cacert', 'ca.crt', '--to', `127.0.0.1:${port}`, '--', node, 'client.cjs', '{}'],
    { script, env: { CA: 'ca.crt' } },
  );
  t.is(code, 3);
  t.like(last, { cause: 'unknown', confidence: 'unknown' });
});

const twice = (first: string, second: string): string => `
  const { readFileSync } = require('node:fs');
  const attempt = (ca) => new Promise((resolve) => {
    const [host, port] = process.argv[2].split(':');
    const socket = require('node:tls').connect({ host, port: Number(port), servername: 'shop.localhost', ca }, () => {
      process.exitCode = 0;
      socket.end();
    });
    socket.on('error', (error) => { console.error(error.code); process.exitCode = 1; }).on('close', resolve).resume();
  });
  (async () => { await attempt(${first}); await attempt(${second}); })();`;

test('a client that offers TLS 1.2 at most: its limit is taken over, and the remedy names both ends', async (t) => {
  const port = await site(t, { minVersion: 'TLSv1.3' });
  const script = client.replace('ca }', "ca, maxVersion: 'TLSv1.2' }");
  const { code, last, lines } = await ask(t, ['--to', `127.0.0.1:${port}`, '--', node, 'client.cjs', '{}'], {
    script,
    env: { CA: 'ca.crt' },
  });
  t.is(code, 1);
  t.like(last, { cause: 'no_common_version', by: 'server', confidence: 'proven' });
  const { on, words } = last.remedy as unknown as { on: string; words: { en: string } };
  t.is(on, 'client');
  t.regex(words.en, /let the client offer TLS 1\.3 too; where it cannot, let the server accept TLS 1\.2/);
  t.truthy(lines.find((line) => (line as { id?: string }).id === 'without-limits-versions'));
});

test('of several connections the last failed one counts; a command that succeeded in the end did', async (t) => {
  const port = await site(t);
  const words = ['--to', `127.0.0.1:${port}`, '--', node, 'client.cjs', '{}'];
  const healed = await ask(t, words, { script: twice('undefined', 'readFileSync("ca.crt")') });
  t.is(healed.code, 0);
  t.is(healed.last.cause, 'none');
  t.is(healed.ran.connections, 2);
  const broken = await ask(t, words, { script: twice('readFileSync("ca.crt")', 'undefined') });
  t.is(broken.code, 1);
  t.like(broken.last, { cause: 'unknown_ca', by: 'client' });
  t.is(broken.ran.connections, 2);
});

test('a command that never ends is ended', async (t) => {
  const { code, last, ran } = await ask(t, [
    '--time-limit',
    '0.5',
    '--',
    node,
    '-e',
    'setInterval(() => {}, 1e6)',
  ]);
  t.is(code, 3);
  t.true(ran.late);
  t.is(last.confidence, 'unknown');
});

test('a command that is ended while it waits: that end is not the server’s', async (t) => {
  const port = await site(t);
  const script = `${client} socket.on('connect', () => setInterval(() => {}, 1e6));`;
  const words = ['--time-limit', '1', '--cacert', 'ca.crt', '--to', `127.0.0.1:${port}`, '--'];
  const { code, last, ran } = await ask(t, [...words, node, 'client.cjs', '{}'], {
    script,
    env: { CA: 'ca.crt' },
  });
  t.is(code, 3);
  t.true(ran.late);
  t.like(last, { by: 'unknown', confidence: 'unknown' });
  t.regex((last as unknown as { because: { en: string } }).because.en, /wirelab ended it/);
});

test('a reset in the middle of an answer is said, and is about no certificate', async (t) => {
  const port = await site(t);
  const cut = createServer(
    { key: world.identity('shop').key, cert: world.chain('shop') },
    (request, response) => {
      response.writeHead(200, { 'Content-Length': 100_000 });
      response.write('x'.repeat(50_000), () => {
        (request.socket as unknown as { _parent: Socket })._parent.resetAndDestroy();
      });
    },
  );
  cut.listen(0, '127.0.0.1');
  await once(cut, 'listening');
  t.teardown(() => cut.close());
  // A reset right behind data is reported as an end now and then (libuv): then the client counts what has come.
  const counting = `${client}; let came = 0; socket.on('data', ({ length }) => { came += length; });
    socket.on('close', () => { process.exitCode = came < (process.env.AWAITED || 0) ? 3 : process.exitCode; });`;
  const asked = async (to: number, AWAITED: string): Promise<Asked> =>
    ask(t, ['--cacert', 'ca.crt', '--to', `127.0.0.1:${to}`, '--', node, 'client.cjs', '{}'], {
      script: counting,
      env: { CA: 'ca.crt', AWAITED },
    });
  const { code, last } = await asked((cut.address() as AddressInfo).port, '100000');
  t.not(code, 0);
  t.not(last.by, 'client');
  const causes = ['reset_in_data', 'application_resets', 'unusable_answer', 'unknown'];
  t.true(causes.includes(last.cause ?? ''), last.cause);
  t.is((await asked(port, '1')).code, 0);
});

test('a command that succeeds under the name of the listener may fail under that of its target', async (t) => {
  const port = await site(t);
  const script = client.replace("servername: 'shop.localhost', ca", 'rejectUnauthorized: false');
  const words = ['--cacert', 'ca.crt', '--to', `0.0.0.0:${port}`, '--', node, 'client.cjs', '{}'];
  const { code, last } = await ask(t, words, { script });
  t.is(code, 3);
  t.regex(
    (last as unknown as { because: { en: string } }).because.en,
    /verifies the name 0\.0\.0\.0 refuses/,
  );
  const named = await ask(t, words, { env: { CA: 'ca.crt' } });
  t.is(named.code, 0);
});

const toWildcard = (port: number): readonly string[] => [
  '--to',
  `0.0.0.0:${port}`,
  '--',
  node,
  'client.cjs',
  '{}',
];
const becauseOf = (line: Line): string => (line as unknown as { because: { en: string } }).because.en;

test('a name that the command has from its settings, and not from the address of the listener', async (t) => {
  const port = await site(t);
  const script = client.replace("servername: 'shop.localhost'", "servername: 'old.localhost'");
  const env = { CA: 'ca.crt' };
  const { code, last } = await ask(t, toWildcard(port), { script, env });
  t.is(code, 1);
  t.like(last, { cause: 'name_mismatch', by: 'client', confidence: 'proven' });
  t.regex(becauseOf(last), /asks for old\.localhost and verifies it, and its target was named 0\.0\.0\.0/);
  // Its words leave open which name it verified.
  const terse = await ask(t, toWildcard(port), { script: script.replace('String(error), ', ''), env });
  t.like(terse.last, { cause: 'name_mismatch', by: 'client', confidence: 'likely' });
});

test('a name that the command takes from the address of the listener says nothing of its target', async (t) => {
  const port = await site(t);
  // It asks for a name that the certificate has, and verifies another.
  const script = client.replace(
    ', ca }',
    ", ca, checkServerIdentity: (_, cert) => require('node:tls').checkServerIdentity('listener.invalid', cert) }",
  );
  const { code, last } = await ask(t, toWildcard(port), { script, env: { CA: 'ca.crt' } });
  t.is(code, 3);
  t.regex(becauseOf(last), /takes the name that it verifies from the address/);
});

test('no connection came through, and its words name a cause: they come first', async (t) => {
  const { code, last } = await ask(t, [
    '--',
    node,
    '-e',
    'console.error("sync failed: ERR_TLS_CERT_ALTNAME_INVALID"); process.exitCode = 1',
  ]);
  t.is(code, 3);
  t.regex(
    becauseOf(last),
    /^the command says: sync failed: ERR_TLS_CERT_ALTNAME_INVALID \(another name\)\. It opened no connection/,
  );
  t.regex(last.remedy?.command ?? '', /^\.\/wirelab why --to/);
});

test('a server of HTTP that hangs up after the handshake: what the experiments know of it', async (t) => {
  const server = createServer({ key: world.identity('shop').key, cert: world.chain('shop') }, (request) =>
    request.socket.end(),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const script = `${client.replace('ca }', "ca, ALPNProtocols: ['http/1.1'] }")}; process.on('exit', () => { process.exitCode = 5; });`;
  const { code, last } = await ask(
    t,
    ['--cacert', 'ca.crt', '--to', `127.0.0.1:${port}`, '--', node, 'client.cjs', '{}'],
    {
      script,
      env: { CA: 'ca.crt' },
    },
  );
  t.is(code, 1);
  t.like(last, { cause: 'refused_by_application', by: 'server', confidence: 'likely' });
  t.regex(becauseOf(last), /it speaks HTTP/);
});

test('a login without TLS that the server refuses for that', async (t) => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.write('220 mail.test ESMTP\r\n');
    socket.on('data', (line: Buffer) => {
      const isHello = line.toString().startsWith('EHLO');
      socket.write(
        isHello ? '250-mail.test\r\n250 STARTTLS\r\n' : '530 5.7.0 Must issue a STARTTLS command first\r\n',
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const script = `
    const [host, port] = process.argv[2].split(':');
    const socket = require('node:net').connect({ host, port: Number(port) });
    const lines = ['EHLO x\\r\\n', 'MAIL FROM:<a@b>\\r\\n'];
    socket.on('data', () => { const line = lines.shift(); if (line) socket.write(line); else { socket.end(); process.exitCode = 1; } });`;
  const { code, last } = await ask(t, ['--to', `127.0.0.1:${port}`, '--', node, 'client.cjs', '{}'], {
    script,
  });
  t.is(code, 1);
  t.like(last, { cause: 'starttls_required', by: 'server', confidence: 'proven' });
  t.regex(becauseOf(last), /\(SMTP\): 530 5\.7\.0 Must issue a STARTTLS command first$/);
});

test('placeholders: host and port apart', async (t) => {
  const { port } = nowhere;
  const { ran } = await ask(t, [
    '--to',
    `127.0.0.1:${port}`,
    '--',
    node,
    '-e',
    'process.exitCode = 0',
    '--',
    'h={host};p={port}',
  ]);
  t.regex(ran.command?.at(-1) ?? '', /^h=127\.0\.0\.1;p=\d+$/);
});

test('placeholders: libpq gets an address where the target is a name', async (t) => {
  const { ran } = await ask(t, [
    '--to',
    `localhost:${nowhere.port}`,
    '--',
    node,
    '-e',
    'process.exitCode = 0',
    '--',
    'host=localhost hostaddr={host} port={port}',
  ]);
  t.regex(ran.command?.at(-1) ?? '', /^host=localhost hostaddr=127\.0\.0\.1 port=\d+$/);
});

test('a store of CAs that is not there is named', async (t) => {
  const port = await site(t);
  const { folder } = desk(t);
  const said = 'InvalidAlgorithmParameterException: the trustAnchors parameter must be non-empty';
  writeFileSync(
    join(folder, 'java'),
    asProgram(tunnelling(`127.0.0.1:${port}`).replace('error.code', JSON.stringify(said))),
    { mode: 0o755 },
  );
  const store = '-Djavax.net.ssl.trustStore=';
  for (const [path, cause] of [
    ['no-such.p12', 'unusable_file'],
    ['ca.crt', 'unknown_ca'],
  ] as const) {
    const { exitCode, stdout } = await askWirelab(['why', '--json', '--', './java', `${store}${path}`], {
      cwd: folder,
    });
    t.is(exitCode, 1);
    t.like(JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}'), { cause, by: 'client' });
  }
});

test('what env assigns before the program counts for the line to type, too', async (t) => {
  const port = await site(t);
  const { folder } = desk(t);
  const said =
    'sun.security.validator.ValidatorException: unable to find valid certification path to requested target';
  writeFileSync(
    join(folder, 'java'),
    asProgram(tunnelling(`127.0.0.1:${port}`).replace('error.code', JSON.stringify(said))),
    { mode: 0o755 },
  );
  const assigned = 'JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore=ca.crt';
  const { stdout } = await askWirelab(['why', '--json', '--', 'env', assigned, './java'], { cwd: folder });
  t.like(JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}'), {
    cause: 'unknown_ca',
    remedy: { command: 'keytool -importcert -keystore ca.crt -noprompt -alias wirelab-ca -file CA.crt' },
  });
});

test('a command that fails for a reason of its own: what it says, and no proof that it is not the connection', async (t) => {
  const port = await site(t);
  const script = `${client}
    socket.on('close', () => { console.error('shopctl: cannot read the price list'); process.exitCode = 4; });`;
  const { last } = await ask(t, ['--to', `127.0.0.1:${port}`, '--', node, 'client.cjs', '{}'], {
    script,
    env: { CA: 'ca.crt' },
  });
  const { name, because } = last as unknown as Record<'name' | 'because', { readonly en: string }>;
  t.like(last, { cause: 'unknown', confidence: 'unknown' });
  t.is(name.en, 'no fault of a connection was seen');
  t.regex(because.en, /: the command says: shopctl: cannot read the price list$/);
});

test('in words: however long a command is, what is to be done is seen', async (t) => {
  const { folder } = desk(t);
  writeFileSync(join(folder, 'client.cjs'), client);
  const target = `127.0.0.1:${nowhere.port}`;
  const { stdout } = await askWirelab(
    ['why', '--to', target, '--', node, 'client.cjs', '{}', 'word '.repeat(400)],
    { cwd: folder },
  );
  const lines = stdout.split('\n');
  const at = (label: string): number => lines.findIndex((line) => line.startsWith(`   ${label}`));
  t.is(at('because'), 1);
  t.true(at('to do') > 1 && at('to do') < 5, stdout);
  t.regex(lines[at('target')] ?? '', /…$/);
});

for (const [title, words, what] of [
  ['a program that is not there', ['--', 'no-such-program'], /no such program: no-such-program/],
  ['no command', ['--'], /missing command/],
  [
    'a place without a target',
    ['--', node.replace(/node$/, 'openssl'), 's_client', '{}'],
    /no such program|not known/,
  ],
  ['a target without a place', ['--to', 'a:1', '--', node], /has no place/],
  ['a target that is none', ['--to', 'a', '--', node, '{}'], /not a host and port/],
  ['a time that is none', ['--time-limit', 'long', '--', node], /invalid time limit/],
  ['words before the command', ['a:1', '--', node], /not a host and port/],
  ['an option for captures', ['--stream', '1', '--', node], /valid only with a capture/],
  ['limits that leave no version', ['--min-tls', '1.3', '--max-tls', '1.2', 'b:2'], /is higher than/],
  ['suites that there are none of', ['--ciphers', 'NO-SUCH', 'b:2'], /no cipher suite of this list/],
  ['groups that there are none of', ['--groups', 'P-1', 'b:2'], /none of these groups/],
  ['an option for commands', ['--to', 'a:1', 'b:2'], /valid only with a command/],
] as const)
  test(`a mistake in the call: ${title}`, async (t) => {
    const { exitCode, stderr } = await askWirelab(['why', ...words]);
    t.is(exitCode, 2, stderr);
    t.regex(stderr, what);
  });

test('in words: what the command wrote is passed on, and the answer follows', async (t) => {
  const port = await site(t);
  const { folder } = desk(t);
  writeFileSync(join(folder, 'client.cjs'), client);
  const { exitCode, stdout, stderr } = await askWirelab(
    ['why', '--to', `127.0.0.1:${port}`, '-w', 'seen.pcapng', '--', node, 'client.cjs', '{}'],
    { cwd: folder },
  );
  t.is(exitCode, 1);
  t.regex(stderr, /UNABLE_TO_/);
  t.regex(stdout, /^ REFUSED BY THE CLIENT: unknown CA \(proven\)\n/);
  t.regex(stdout, /\n {3}command {3}exit code 3 after .* s; 1 connection, 1 failed\n/);
  t.true(existsSync(join(folder, 'seen.pcapng')));
});

test('the listener is closed with the command', async (t) => {
  const port = await site(t);
  const { ran } = await ask(t, ['--to', `127.0.0.1:${port}`, '--', node, 'client.cjs', '{}']);
  const at = Number(ran.command?.at(-1)?.split(':').at(-1));
  const socket = connect({ host: '127.0.0.1', port: at });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  t.is(error.code, 'ECONNREFUSED');
});

test('a program that fails by itself never went past wirelab', async (t) => {
  const port = await site(t);
  const script = `const { readFileSync } = require('node:fs');
    require('node:tls').connect({ port: ${port}, key: readFileSync('nowhere.key') });`;
  const { code, last } = await ask(t, ['--', node, 'client.cjs'], { script });
  t.is(code, 1);
  t.like(last, { cause: 'unusable_file', by: 'client', confidence: 'proven' });
  t.regex(JSON.stringify(last), /nowhere\.key.*failed before it said anything to a server/);
  t.is(last.remedy?.command, 'ls -l nowhere.key');
});

test('an option that Node cannot use, behind a connection on which nothing was said', async (t) => {
  const port = await site(t);
  const script = `const [host, port] = process.argv[2].split(':');
    const socket = require('node:net').connect({ host, port: Number(port) }, () => {
      require('node:tls').connect({ socket, ciphers: 'FOO' });
    });`;
  const { code, last } = await ask(t, ['--to', `127.0.0.1:${port}`, '--', node, 'client.cjs', '{}'], {
    script,
  });
  t.is(code, 1);
  t.like(last, { cause: 'unusable_option', by: 'client', confidence: 'proven' });
});
