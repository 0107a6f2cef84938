/** The same with real programs: their own arguments lead them past no listener, and what they do through it is what they do alone. */
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { desk, world } from '../certs/support/files.ts';
import { withPeer } from '../../helpers/peer.ts';
import { runWirelab } from '../../helpers/wirelab.ts';
import { httpProxy, socksProxy } from './support/proxies.ts';
import type { Proxy } from './support/proxies.ts';

const identity = { key: world.identity('shop').key, cert: world.chain('shop') };

interface Row {
  readonly title: string;
  readonly program: string;
  readonly proxy: 'http' | 'tls' | 'socks';
  /** Of the command, behind its program. */
  readonly words: (proxy: number, port: number) => readonly string[];
  /** Of the same command with what it needs: nothing is wrong then. */
  readonly mended?: (proxy: number, port: number) => readonly string[];
  readonly cause: string | readonly string[];
  /** The proxy's own TLS is at fault. */
  readonly isOfProxy?: true;
}

const rows: readonly Row[] = [
  {
    title: 'curl -x',
    program: 'curl',
    proxy: 'http',
    words: (proxy, port) => ['-sSx', `127.0.0.1:${proxy}`, `https://127.0.0.1:${port}/`],
    mended: (proxy, port) => [
      '-sSx',
      `127.0.0.1:${proxy}`,
      '--cacert',
      'ca.crt',
      `https://127.0.0.1:${port}/`,
    ],
    cause: 'unknown_ca',
  },
  {
    title: 'curl -x https://, whose certificate it does not trust',
    program: 'curl',
    proxy: 'tls',
    words: (proxy, port) => [
      '-sS',
      '-x',
      `https://127.0.0.1:${proxy}`,
      '--cacert',
      'ca.crt',
      `https://127.0.0.1:${port}/`,
    ],
    mended: (proxy, port) => [
      '-sS',
      '-x',
      `https://127.0.0.1:${proxy}`,
      '--proxy-cacert',
      'ca.crt',
      '--cacert',
      'ca.crt',
      `https://127.0.0.1:${port}/`,
    ],
    cause: ['unknown_ca', 'intermediate_missing'],
    isOfProxy: true,
  },
  {
    title: 'curl --socks5',
    program: 'curl',
    proxy: 'socks',
    words: (proxy, port) => ['-sS', '--socks5', `127.0.0.1:${proxy}`, `https://127.0.0.1:${port}/`],
    mended: (proxy, port) => [
      '-sS',
      '--socks5',
      `127.0.0.1:${proxy}`,
      '--cacert',
      'ca.crt',
      `https://127.0.0.1:${port}/`,
    ],
    cause: 'unknown_ca',
  },
  {
    title: 'wget -e https_proxy=',
    program: 'wget',
    proxy: 'http',
    words: (proxy, port) => [
      '-nv',
      '-t',
      '1',
      '-O-',
      '-e',
      `https_proxy=127.0.0.1:${proxy}`,
      `https://127.0.0.1:${port}/`,
    ],
    mended: (proxy, port) => [
      '-nv',
      '-t',
      '1',
      '-O-',
      '--ca-certificate=ca.crt',
      '-e',
      `https_proxy=127.0.0.1:${proxy}`,
      `https://127.0.0.1:${port}/`,
    ],
    cause: 'unknown_ca',
  },
  {
    title: 'git -c http.proxy=',
    program: 'git',
    proxy: 'http',
    words: (proxy, port) => [
      '-c',
      `http.proxy=http://127.0.0.1:${proxy}`,
      'ls-remote',
      `https://127.0.0.1:${port}/`,
    ],
    cause: 'unknown_ca',
  },
  {
    title: 'openssl s_client -proxy',
    program: 'openssl',
    proxy: 'http',
    words: (proxy, port) => [
      's_client',
      '-proxy',
      `127.0.0.1:${proxy}`,
      '-verify_return_error',
      '-connect',
      `127.0.0.1:${port}`,
    ],
    cause: 'unknown_ca',
  },
];

async function proxyOf(t: ExecutionContext, kind: Row['proxy'], port: number): Promise<Proxy> {
  if (kind === 'socks') return socksProxy(t, port);
  return httpProxy(t, kind === 'tls' ? { tls: identity } : {});
}

for (const { title, program, proxy: kind, words, mended, cause, isOfProxy } of rows)
  withPeer([program], title, async (t) => {
    t.timeout(60_000);
    const server = createServer(identity, (_request, response) => response.end('hello\n'));
    server.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const { port } = server.address() as AddressInfo;
    const proxy = await proxyOf(t, kind, port);
    const { folder } = desk(t);
    const ask = async (more: readonly string[]) => {
      const { exitCode, stdout, stderr } = await runWirelab(['why', '--json', '--', program, ...more], {
        cwd: folder,
      });
      t.truthy(stdout, stderr);
      return { exitCode, last: JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Last };
    };
    const { exitCode, last } = await ask(words(proxy.port, port));
    t.is(exitCode, 1);
    t.is(last.by, 'client', JSON.stringify(last));
    t.true([cause].flat().includes(last.cause), last.cause);
    t.is(/proxy/.test(last.name.en), isOfProxy === true);
    if (isOfProxy) t.is(proxy.asked.length, 0);
    else t.true(proxy.asked.length > 0, 'it was gone through');
    if (isOfProxy) t.regex(last.remedy.command ?? '', /^curl --proxy-cacert CA\.crt /);
    if (!mended) return;
    const well = await ask(mended(proxy.port, port));
    t.is(well.exitCode, 0, JSON.stringify(well.last));
    t.true(proxy.asked.length > 0);
  });

interface Last {
  readonly cause: string;
  readonly by: string;
  readonly name: { readonly en: string };
  readonly remedy: { readonly command?: string };
}
