/**
 * Which side closed a connection, in every mode and pump: the one that ended first. Under TLS an end begins with its
 * close_notify (RFC 8446 section 6.1), which is read before the FIN behind it.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Address } from '../../src/capture/event.ts';
import { proxyKindNames, proxyKinds } from '../../src/proxy/kinds.ts';
import type { ProxyKindName } from '../../src/proxy/kinds.ts';
import type { PumpName } from '../../src/proxy/pumps.ts';
import { host, newLog, world } from '../features/support/shop.ts';
import { eventsOf, openProxy } from './support/proxies.ts';

const identity = (name: string): { readonly cert: string; readonly key: string } => ({
  cert: world().identity(name).certificate,
  key: world().identity(name).key,
});

/** Answers each request; then ends, where it is to end first. */
async function openTarget(t: ExecutionContext, isTls: boolean, endsFirst: boolean): Promise<Address> {
  const serve = (socket: Socket): void => {
    socket
      .on('error', () => {})
      .on('end', () => socket.end())
      .on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        if (endsFirst) socket.end();
      });
  };
  const server: Server = isTls
    ? createTlsServer({ ...identity('shop'), allowHalfOpen: true }, serve)
    : createServer({ allowHalfOpen: true }, serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** Asks once, and leaves as soon as it is answered, or when the other side has left. */
async function visit(
  kind: ProxyKindName,
  to: Address,
  target: Address,
  version: 'TLSv1.2' | 'TLSv1.3',
  leavesFirst: boolean,
): Promise<void> {
  const { accepts } = proxyKinds[kind];
  const raw = connect({ ...to, allowHalfOpen: true });
  const secure = {
    ca: world().authority('server-ca'),
    servername: host,
    maxVersion: version,
    ...(accepts === 'mtls' ? identity('alice') : {}),
  };
  const socket = accepts === 'plain' ? raw : connectTls({ socket: raw, ...secure });
  socket.on('error', () => {});
  let text = '';
  socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
  const heard = async (word: string): Promise<void> => {
    while (!text.includes(word)) await once(socket, 'data');
  };
  if (kind === 'connect') {
    socket.write(`CONNECT ${target.host}:${target.port} HTTP/1.1\r\n\r\n`);
    await heard('established');
  }
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n${leavesFirst ? '' : 'Connection: close\r\n'}\r\n`);
  socket.once('end', () => socket.end());
  await heard('ok');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  if (leavesFirst) socket.end();
  await closed;
  raw.destroy();
}

for (const kind of proxyKindNames) {
  const pumps: readonly PumpName[] = proxyKinds[kind].pumps;
  const versions =
    proxyKinds[kind].accepts === 'plain' ? (['TLSv1.3'] as const) : (['TLSv1.2', 'TLSv1.3'] as const);
  for (const pump of pumps) {
    for (const version of versions) {
      for (const second of kind === 'passthrough' || kind === 'connect'
        ? (['plain'] as const)
        : (['plain', 'tls'] as const)) {
        for (const first of ['client', 'server'] as const) {
          test(`${kind}, ${pump}${versions.length > 1 ? `, ${version}` : ''}, second hop ${second}: closed by the ${first} where the ${first} ended first`, async (t) => {
            const log = newLog();
            const to = await openTarget(t, second === 'tls', first === 'server');
            const proxy = await openProxy(t, { log, kind, to, second, more: { pump } });
            for (let round = 0; round < 5; round++) {
              await visit(kind, proxy.address, to, version, first === 'client');
              t.true(await log.until(() => eventsOf(log, 'closed', 'A').length === round + 1, 5000));
            }
            t.deepEqual(
              eventsOf(log, 'closed', 'A').map(({ by, how }) => `${by} ${how}`),
              Array.from({ length: 5 }, () => `${first} end`),
            );
            if (pump === 'http' && first === 'client') return;
            t.true(await log.until(() => eventsOf(log, 'closed', 'B').length === 5, 5000));
            // The relay that strips asks for one answer a connection, and leaves it to the target to end it.
            if (pump !== 'strip')
              t.deepEqual(
                eventsOf(log, 'closed', 'B').map(({ by, how }) => `${by} ${how}`),
                Array.from({ length: 5 }, () => `${first} end`),
              );
          });
        }
      }
    }
  }
}
