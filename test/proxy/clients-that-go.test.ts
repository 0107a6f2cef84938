/**
 * A client that breaks off takes its connection to the target along, in every mode, whatever was under way.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Address } from '../../src/capture/event.ts';
import { proxyKinds } from '../../src/proxy/kinds.ts';
import type { ProxyKindName } from '../../src/proxy/kinds.ts';
import type { PumpName } from '../../src/proxy/pumps.ts';
import { host, newLog, world } from '../features/support/shop.ts';
import { eventsOf, openProxy } from './support/proxies.ts';

const upgraded = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const upgrade = 'GET / HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const get = 'GET / HTTP/1.1\r\nHost: shop\r\n\r\n';

/** A target that says `answer` once it has heard anything, and never ends by itself. */
async function silentTarget(t: ExecutionContext, answer: string): Promise<Address> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.once('data', () => void socket.write(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

interface Row {
  readonly kind: ProxyKindName;
  readonly pump: PumpName;
  readonly second?: 'tls';
  readonly says: string;
  /** What the target answers, and what the client waits for before it goes; it goes at once where that is nothing. */
  readonly answer: string;
}

const rows: Readonly<Record<string, Row>> = {
  'before the target has answered, plaintext': {
    kind: 'plaintext',
    pump: 'bytes',
    says: 'hello',
    answer: '',
  },
  'before the target has answered, passthrough': {
    kind: 'passthrough',
    pump: 'bytes',
    says: 'hello',
    answer: '',
  },
  'before the target has answered, http': { kind: 'plaintext', pump: 'http', says: get, answer: '' },
  'before the target has answered, strip': { kind: 'plaintext', pump: 'strip', says: get, answer: '' },
  'before an upgrade was answered': { kind: 'plaintext', pump: 'http', says: upgrade, answer: '' },
  'after an upgrade': { kind: 'plaintext', pump: 'http', says: upgrade, answer: upgraded },
  'after an upgrade, over TLS': { kind: 'tls', pump: 'http', says: upgrade, answer: upgraded },
  'in the middle of an answer, over TLS': {
    kind: 'tls',
    pump: 'http',
    says: get,
    answer: 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf',
  },
  'in the middle of an answer, over mutual TLS': {
    kind: 'mtls',
    pump: 'http',
    says: get,
    answer: 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf',
  },
  'in the middle of a conversation, over mutual TLS': {
    kind: 'mtls',
    pump: 'bytes',
    says: 'hello',
    answer: 'half',
  },
  'out of a tunnel': { kind: 'connect', pump: 'connect', says: 'hello', answer: 'half' },
  'while the second hop shakes hands': {
    kind: 'plaintext',
    pump: 'bytes',
    second: 'tls',
    says: 'hello',
    answer: '',
  },
  'while the second hop shakes hands, http': {
    kind: 'plaintext',
    pump: 'http',
    second: 'tls',
    says: get,
    answer: '',
  },
};

for (const [what, { kind, pump, second = 'plain', says, answer }] of Object.entries(rows)) {
  test(`a client that goes takes the connection to the target along: ${what}`, async (t) => {
    const log = newLog();
    const to = await silentTarget(t, answer);
    const proxy = await openProxy(t, { log, kind, to, second, more: { pump, timeouts: { connect: 1000 } } });
    for (let round = 1; round <= 3; round++) {
      const raw = connect({ ...proxy.address });
      const { certificate: cert, key } = world().identity('alice');
      const socket =
        proxyKinds[kind].accepts === 'plain'
          ? raw
          : connectTls({
              socket: raw,
              ca: world().authority('server-ca'),
              servername: host,
              ...(kind === 'mtls' ? { cert, key } : {}),
            });
      socket.on('error', () => {});
      let text = '';
      socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
      const heard = async (word: string): Promise<void> => {
        while (!text.includes(word)) await once(socket, 'data');
      };
      if (kind === 'connect') {
        socket.write(`CONNECT ${to.host}:${to.port} HTTP/1.1\r\n\r\n`);
        await heard('established');
      }
      socket.write(says);
      t.true(
        await log.until(
          () => eventsOf(log, 'opened', 'B').length === round && eventsOf(log, 'bytes', 'B').length > 0,
          5000,
        ),
      );
      if (answer !== '') await heard(answer.slice(-4));
      raw.resetAndDestroy();
      t.true(
        await log.until(
          () =>
            eventsOf(log, 'closed', 'A').length === round && eventsOf(log, 'closed', 'B').length === round,
          8000,
        ),
        `round ${round}`,
      );
    }
  });
}
