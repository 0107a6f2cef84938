/**
 * The command's own proxy, in its arguments and over TLS: gone through and named, for the command and for the experiments. The
 * commands are programs of Node under the names of those whose arguments are read; `own-proxy.slow.test.ts` has the real ones.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { desk, world } from '../certs/support/files.ts';
import { nowhere } from '../../helpers/nowhere.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { httpProxy, socksProxy } from './support/proxies.ts';

const identity = { key: world.identity('shop').key, cert: world.chain('shop') };

async function site(t: ExecutionContext): Promise<number> {
  const server = createServer(identity, (_request, response) => response.end('hello\n'));
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Asks the proxy of the variables for a tunnel to its last argument, whatever its other arguments say. */
const script = `#!${process.execPath}
  const { hostname, port } = new URL(process.env.https_proxy);
  const to = process.argv.at(-1);
  const socket = require('node:net').connect({ host: hostname, port: Number(port) }, () => socket.write('CONNECT ' + to + ' HTTP/1.1\\r\\n\\r\\n'));
  socket.once('data', (head) => {
    if (!String(head).includes(' 200 ')) { console.error(String(head)); process.exitCode = 56; socket.destroy(); return; }
    const secure = require('node:tls').connect({ socket, servername: 'shop.localhost' });
    secure.on('error', (error) => { console.error(error.code); process.exitCode = 60; });
  });`;

interface Answer {
  readonly code: number | null;
  readonly cause: string;
  readonly by: string;
  readonly confidence: string;
  readonly name: { readonly en: string };
  readonly because: { readonly en: string };
  readonly remedy?: {
    readonly on: string;
    readonly words: { readonly en: string };
    readonly command?: string;
  };
  readonly evidence: readonly { readonly said?: string; readonly words: { readonly en: string } }[];
  readonly command: readonly string[];
}

async function ask(
  t: ExecutionContext,
  words: readonly [string, ...string[]],
  { env = {}, options = [] }: { readonly env?: NodeJS.ProcessEnv; readonly options?: readonly string[] } = {},
): Promise<Answer> {
  const { folder } = desk(t);
  const [program, ...more] = words;
  writeFileSync(join(folder, program), script, { mode: 0o755 });
  const { exitCode, stdout, stderr } = await askWirelab(
    ['why', '--json', ...options, '--', `./${program}`, ...more],
    { cwd: folder, env },
  );
  t.truthy(stdout, stderr);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  const ran = lines.find((line) => 'kind' in line && line.kind === 'ran') as { command: readonly string[] };
  return { code: exitCode, ...(lines.at(-1) as Omit<Answer, 'code' | 'command'>), command: ran.command };
}

test('curl -x: gone through, by the experiments too, and named; the variables do not count', async (t) => {
  const port = await site(t);
  const proxy = await httpProxy(t, { leadsTo: port });
  const answer = await ask(t, ['curl', '-sSx', `127.0.0.1:${proxy.port}`, 'shop.invalid:443'], {
    env: { HTTPS_PROXY: `http://127.0.0.1:${nowhere.port}` },
  });
  t.like(answer, { code: 1, cause: 'unknown_ca', by: 'client' });
  t.true(proxy.asked.length > 1);
  t.deepEqual([...new Set(proxy.asked)], ['CONNECT shop.invalid:443']);
  t.deepEqual(answer.command, ['./curl', '-sS', 'shop.invalid:443']);
  t.truthy(
    answer.evidence.find(
      ({ said, words }) => said === `-x 127.0.0.1:${proxy.port}` && /own proxy/.test(words.en),
    ),
  );
});

test('curl: one proxy before another, and SOCKS', async (t) => {
  const port = await site(t);
  const last = await httpProxy(t, { leadsTo: port });
  const first = await socksProxy(t, last.port);
  const answer = await ask(t, [
    'curl',
    '--preproxy',
    `socks5h://127.0.0.1:${first.port}`,
    '-x',
    `http://last.invalid:3128`,
    'shop.invalid:443',
  ]);
  t.like(answer, { code: 1, cause: 'unknown_ca', by: 'client' });
  t.deepEqual([...new Set(first.asked)], ['last.invalid']);
  t.deepEqual([...new Set(last.asked)], ['CONNECT shop.invalid:443']);
  const alone = await socksProxy(t, port);
  t.like(await ask(t, ['curl', '--socks5-hostname', `127.0.0.1:${alone.port}`, 'shop.invalid:443']), {
    cause: 'unknown_ca',
    by: 'client',
  });
  t.deepEqual([...new Set(alone.asked)], ['shop.invalid']);
});

test('curl -x: one that is not there, and one that refuses, by the option that names it', async (t) => {
  const away = await ask(t, ['curl', '-x', `127.0.0.1:${nowhere.port}`, 'shop.invalid:443']);
  t.like(away, { code: 1, cause: 'nothing_listens', by: 'nobody', confidence: 'proven' });
  t.regex(away.because.en, new RegExp(`-x 127\\.0\\.0\\.1:${nowhere.port}`));
  t.regex(away.remedy?.words.en ?? '', /\(-x\)/);
  const proxy = await httpProxy(t, { answers: 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n' });
  const refused = await ask(t, ['wget', '-e', `https_proxy=127.0.0.1:${proxy.port}`, 'shop.invalid:443']);
  t.like(refused, { code: 1, cause: 'tunnel_refused', by: 'between', confidence: 'proven' });
  t.truthy(
    refused.evidence.find(({ words }) => words.en.includes(`-e https_proxy= 127.0.0.1:${proxy.port}`)),
  );
});

test('past every proxy: --noproxy is led all the same', async (t) => {
  const port = await site(t);
  const answer = await ask(t, ['curl', '--noproxy', '*', `127.0.0.1:${port}`], {
    env: { HTTPS_PROXY: `http://127.0.0.1:${nowhere.port}` },
  });
  t.like(answer, { code: 1, cause: 'unknown_ca', by: 'client' });
});

test('a proxy with TLS of its own: its certificate is the cause, and it is asked for nothing', async (t) => {
  const port = await site(t);
  const proxy = await httpProxy(t, { tls: identity, leadsTo: port });
  const url = `https://127.0.0.1:${proxy.port}`;
  const answer = await ask(t, ['curl', '-x', url, '-U', 'me:secret', 'shop.invalid:443']);
  t.like(answer, { code: 1, by: 'client' });
  t.true(['unknown_ca', 'intermediate_missing'].includes(answer.cause), answer.cause);
  t.regex(answer.name.en, /^the TLS of the proxy: /);
  t.regex(answer.because.en, /the command's own proxy \(-x 127\.0\.0\.1:\d+\)/);
  t.deepEqual(proxy.heads, [], 'no password was sent to whoever it is');
  const healthy = await ask(
    t,
    ['curl', '-x', url, '-U', 'me:secret', '--proxy-cacert', 'ca.crt', 'shop.invalid:443'],
    {},
  );
  t.like(healthy, { cause: 'unknown_ca', by: 'client' });
  t.false(/proxy/.test(healthy.name.en), 'the target is reached, and it is not trusted');
  t.regex(proxy.heads[0] ?? '', /Proxy-Authorization: Basic bWU6c2VjcmV0/);
});

test('a proxy with TLS of its own, from the variables: a name that is not its own, none verified, and one without TLS', async (t) => {
  const port = await site(t);
  const proxy = await httpProxy(t, { tls: identity, leadsTo: port });
  const options = ['--cacert', 'ca.crt'];
  const env = { HTTPS_PROXY: `https://localhost:${proxy.port}` };
  const named = await ask(t, ['curl', 'shop.invalid:443'], { env, options });
  t.like(named, { code: 1, cause: 'name_mismatch', by: 'client', confidence: 'proven' });
  t.regex(named.remedy?.words.en ?? '', /HTTPS_PROXY/);
  const insecure = await ask(
    t,
    ['curl', '--proxy-insecure', '-x', `https://127.0.0.1:${proxy.port}`, 'shop.invalid:443'],
    { options },
  );
  t.false(/proxy/.test(insecure.name.en));
  const plain = await httpProxy(t, { answers: 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n' });
  const wrong = await ask(t, ['curl', 'shop.invalid:443'], {
    env: { HTTPS_PROXY: `https://127.0.0.1:${plain.port}` },
  });
  t.like(wrong, { code: 1, cause: 'tls_on_plaintext_port', by: 'client', confidence: 'proven' });
  t.regex(wrong.remedy?.words.en ?? '', /write http:\/\/ before its address/);
});

test('a proxy that speaks TLS, and is called without', async (t) => {
  const proxy = await httpProxy(t, {
    answers: 'HTTP/1.1 400 Bad Request\r\n\r\n<center>The plain HTTP request was sent to HTTPS port</center>',
  });
  const answer = await ask(t, ['curl', '-x', `http://127.0.0.1:${proxy.port}`, 'shop.invalid:443']);
  t.like(answer, { cause: 'tunnel_refused', by: 'between' });
  t.regex(answer.remedy?.words.en ?? '', /write https:\/\/ before its address \(-x\)/);
});
