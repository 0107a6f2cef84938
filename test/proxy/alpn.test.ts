/**
 * The application protocol (ALPN) through both hops: the target is offered what the client was given, and where the two do
 * not come to the same, the connection ends and the log says why.
 */
import { once } from 'node:events';
import { connect as connectHttp2, createSecureServer } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { explainRefusal } from '../../src/analysis/outcome/refusal.ts';
import type { Address } from '../../src/capture/event.ts';
import type { Security } from '../../src/wire/endpoint.ts';
import { host, listening, newLog, world } from '../features/support/shop.ts';
import { present } from '../helpers/capture.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { certificateFiles } from './support/certificate-files.ts';
import { eventsOf, openProxy, secondHop } from './support/proxies.ts';

async function listen(t: ExecutionContext, server: Server): Promise<Address> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const identity = (name: string): { readonly cert: string; readonly key: string } => ({
  cert: world().identity(name).certificate,
  key: world().identity(name).key,
});
const ofClient = (kind: 'tls' | 'mtls') => ({
  ca: world().authority('server-ca'),
  servername: host,
  ...(kind === 'mtls' ? identity('alice') : {}),
});

/** A target that speaks HTTP/2 alone, and whose stream tells what was agreed on with it. */
async function http2Target(t: ExecutionContext, asks = false): Promise<Address> {
  const server = createSecureServer(
    {
      ...identity('shop'),
      ...(asks ? { requestCert: true, rejectUnauthorized: true, ca: world().authority('client-ca') } : {}),
    },
    (request, response) => void response.end(`${request.httpVersion} ${request.url}`),
  );
  server.on('sessionError', () => {});
  return listen(t, server);
}

/** A target over TLS that knows those protocols, or none, and says back what it hears. */
async function tlsTarget(t: ExecutionContext, protocols: readonly string[]): Promise<Address> {
  const server = createTlsServer(
    { ...identity('shop'), ...(protocols.length > 0 ? { ALPNProtocols: [...protocols] } : {}) },
    (socket) => void socket.on('error', () => {}).pipe(socket),
  );
  server.on('tlsClientError', () => {});
  return listen(t, server);
}

/** What the second hop offers beside; undefined: what was agreed on with the client. */
async function proxyFor(
  t: ExecutionContext,
  kind: 'tls' | 'mtls',
  to: Address,
  {
    second = 'tls',
    alpn = ['h2', 'http/1.1'],
    targetAlpn,
  }: {
    readonly second?: Security;
    readonly alpn?: readonly string[];
    readonly targetAlpn?: readonly string[];
  } = {},
) {
  const log = newLog();
  const proxy = await openProxy(t, {
    log,
    kind,
    to,
    second,
    more: {
      pump: 'bytes',
      accept: listening(kind, { tls: { alpn } }),
      dial: { ...secondHop(second, to), ...(targetAlpn ? { tls: { alpn: targetAlpn } } : {}) },
    },
  });
  return { log, proxy };
}

for (const kind of ['tls', 'mtls'] as const) {
  for (const second of ['tls', 'mtls'] as const) {
    test(`HTTP/2 through a ${kind} proxy to a target over ${second}`, async (t) => {
      const { log, proxy } = await proxyFor(t, kind, await http2Target(t, second === 'mtls'), { second });
      const session = connectHttp2(`https://127.0.0.1:${proxy.address.port}`, ofClient(kind));
      t.teardown(() => session.destroy());
      for (const path of ['/one', '/two']) {
        const stream = session.request({ ':path': path }).setEncoding('utf8');
        let text = '';
        for await (const part of stream) text += String(part);
        t.is(text, `2.0 ${path}`);
      }
      t.deepEqual(
        eventsOf(log, 'secured').map(({ hop, alpn }) => [hop, alpn]),
        [
          ['A', 'h2'],
          ['B', 'h2'],
        ],
      );
    });
  }

  test(`${kind}: where client and target come to different protocols, both are broken off and the log says why`, async (t) => {
    for (const [protocols, picked] of [
      [[], undefined],
      [['http/1.1', 'h2'], 'http/1.1'],
    ] as const) {
      const { log, proxy } = await proxyFor(
        t,
        kind,
        await tlsTarget(t, protocols),
        picked === undefined ? {} : { targetAlpn: ['http/1.1', 'h2'] },
      );
      const socket = connectTls({ ...proxy.address, ...ofClient(kind), ALPNProtocols: ['h2'] });
      socket.on('error', () => {}).resume();
      await new Promise((resolve) => socket.once('close', resolve));
      t.true(await log.until(() => eventsOf(log, 'closed').length === 2, 5000));
      const [refused, ...more] = eventsOf(log, 'refused');
      t.deepEqual(more, []);
      t.like(refused, {
        hop: 'B',
        by: 'client',
        reason: 'protocol_mismatch',
        detail: { expected: 'h2', picked },
      });
      const { because } = explainRefusal(present(refused));
      t.regex(because.en, /agreed on h2 with the client/);
      t.regex(because.ko, /[가-힣]/);
    }
  });

  test(`${kind}: a target that refuses what the client was given is a refusal of the target`, async (t) => {
    const { log, proxy } = await proxyFor(t, kind, await tlsTarget(t, ['http/1.1']));
    const socket = connectTls({ ...proxy.address, ...ofClient(kind), ALPNProtocols: ['h2'] });
    socket.on('error', () => {}).resume();
    await new Promise((resolve) => socket.once('close', resolve));
    t.true(await log.until(() => eventsOf(log, 'closed').length === 2, 5000));
    t.like(eventsOf(log, 'refused', 'B'), { length: 1, 0: { by: 'server', reason: 'no_common_protocol' } });
  });

  for (const [what, offered, protocols, agreed] of [
    ['http/1.1 is what a target without ALPN speaks', ['http/1.1'], [], ['http/1.1', undefined]],
    [
      'a client that asks for none is given none, and none is offered to the target',
      undefined,
      ['h2'],
      [undefined, undefined],
    ],
    [
      'the one of both that the client was given is all that is offered to the target',
      ['http/1.1'],
      ['h2', 'http/1.1'],
      ['http/1.1', 'http/1.1'],
    ],
  ] as const) {
    test(`${kind}: ${what}`, async (t) => {
      const { log, proxy } = await proxyFor(t, kind, await tlsTarget(t, protocols));
      const socket = connectTls({
        ...proxy.address,
        ...ofClient(kind),
        ...(offered ? { ALPNProtocols: [...offered] } : {}),
      });
      t.teardown(() => socket.destroy());
      socket.write('hello');
      const [heard] = (await once(socket, 'data')) as [Buffer];
      t.is(heard.toString(), 'hello');
      t.deepEqual(
        eventsOf(log, 'secured').map(({ alpn }) => alpn),
        [...agreed],
      );
    });
  }

  withPeer('curl', `curl --http2 through a ${kind} proxy to a target over TLS`, async (t) => {
    const { proxy } = await proxyFor(t, kind, await http2Target(t));
    const files = certificateFiles(t);
    const told = await runProgram('curl', [
      '-sS',
      '--max-time',
      '20',
      '--noproxy',
      '*',
      '--http2',
      '--cacert',
      files('server-ca.crt', world().authority('server-ca')),
      '--connect-to',
      `${host}:443:127.0.0.1:${proxy.address.port}`,
      ...(kind === 'mtls'
        ? [
            '--cert',
            files('alice.crt', identity('alice').cert),
            '--key',
            files('alice.key', identity('alice').key),
          ]
        : []),
      `https://${host}/curl`,
    ]);
    t.is(told.stdout, '2.0 /curl', told.stderr);
  });
}
