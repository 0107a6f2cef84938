import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server as TcpServer, Socket } from 'node:net';
import { once } from 'node:events';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Address } from '../../src/capture/event.ts';
import { dial } from '../../src/wire/dial.ts';
import { nowhere } from '../helpers/nowhere.ts';
import { dialing, newLog, world } from '../features/support/shop.ts';
import { eventsOf, openProxy, streamOf } from './support/proxies.ts';

async function listen(t: ExecutionContext, server: Server | TcpServer): Promise<Address> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const target = async (t: ExecutionContext, onRequest: RequestListener): Promise<Address> =>
  listen(t, createServer(onRequest));

interface Talk {
  readonly socket: Socket;
  /** Everything that came so far. */
  readonly text: () => string;
  readonly until: (found: (text: string) => boolean) => Promise<string>;
  readonly closed: Promise<'end' | 'reset'>;
}

function talk(t: ExecutionContext, to: Address): Talk {
  const socket = connect({ ...to, allowHalfOpen: true });
  t.teardown(() => socket.destroy());
  let text = '';
  let how: 'end' | 'reset' = 'end';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => (how = 'reset'));
  socket.on('end', () => socket.end());
  const closed = new Promise<'end' | 'reset'>((resolve) => socket.once('close', () => resolve(how)));
  return {
    socket,
    text: () => text,
    closed,
    async until(found) {
      while (!found(text))
        await Promise.race([
          once(socket, 'data'),
          closed.then(() => Promise.reject(new Error(`closed after ${JSON.stringify(text)}`))),
        ]);
      return text;
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

test('two clients share one kept connection to the target', async (t) => {
  let connections = 0;
  const server = createServer((_request, response) => response.end('hello'));
  server.on('connection', () => connections++);
  const warnings: Error[] = [];
  const warned = (warning: Error): number => warnings.push(warning);
  process.on('warning', warned);
  t.teardown(() => process.off('warning', warned));
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'plaintext', to: await listen(t, server) });
  for (const _client of ['first', 'second']) {
    const { socket, until } = talk(t, proxy.address);
    for (let count = 1; count <= 12; count++) {
      socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
      t.regex(await until((text) => text.split('hello').length === count + 1), /^HTTP\/1\.1 200 OK\r\n/);
    }
    socket.end();
    await once(socket, 'close');
  }
  t.is(connections, 1);
  t.is(eventsOf(log, 'opened', 'A').length, 2);
  t.is(eventsOf(log, 'opened', 'B').length, 1);
  t.deepEqual(warnings, [], 'no listener is left behind');
});

test('a kept connection that the target ends is not used again', async (t) => {
  let connections = 0;
  const server = createServer((_request, response) => response.end('hello'));
  server.on('connection', () => connections++);
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'plaintext', to: await listen(t, server) });
  const { socket, until, text } = talk(t, proxy.address);
  socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  await until((all) => all.endsWith('hello'));
  server.closeIdleConnections();
  t.true(await log.until(() => eventsOf(log, 'closed', 'B').length === 1, 5000));
  socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  await until((all) => all.split('hello').length === 3);
  t.is(text().match(/ 200 OK/g)?.length, 2);
  t.is(connections, 2);
});

test('a GET over a kept connection that has just died is sent again; a POST gets 502', async (t) => {
  let seen = 0;
  // Answers the first request of a connection and breaks off at the second.
  const server = createTcpServer((socket) => {
    let requests = 0;
    socket.on('data', () => {
      seen++;
      if (++requests === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
      else socket.resetAndDestroy();
    });
  });
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'plaintext', to: await listen(t, server) });
  const { socket, until } = talk(t, proxy.address);
  for (const count of [1, 2]) {
    socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
    await until((text) => text.split('hello').length === count + 1);
  }
  t.is(seen, 3);
  socket.write('POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\n\r\nhi');
  t.regex(await until((text) => text.includes(' 502 ')), /502 Bad Gateway/);
});

test('what a client claims about itself is not taken over; what the connection says is', async (t) => {
  let received: string[] = [];
  const to = await target(t, (request, response) => {
    received = request.rawHeaders;
    response.end('ok');
  });
  const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to });
  const { socket, until } = talk(t, proxy.address);
  const forged = [
    'X-Forwarded-For: 6.6.6.6',
    'X-FORWARDED-PROTO: https',
    'X_Forwarded_For: 6.6.6.6',
    'X-Forwarded-Client-Cert: Hash=forged',
    'X-Forwarded-User: root',
    'Forwarded: for=6.6.6.6',
    'X-Real-IP: 6.6.6.6',
    'X-SSL-Client-Verify: SUCCESS',
    'SSL-Client-Cert: forged',
    'X-Client-Cert: forged',
    'True-Client-IP: 6.6.6.6',
  ];
  const hop = [
    'Connection: keep-alive, X-Secret-Hop, Content-Length',
    'X-Secret-Hop: forged',
    'Keep-Alive: timeout=forged',
    'TE: trailers',
    'Proxy-Authorization: Basic NjY=',
  ];
  const kept = ['X-Custom: one', 'x-custom: two', 'Accept-Language: ko'];
  socket.write(
    [
      'POST //a//b?c=//d HTTP/1.1',
      'Host: shop.localhost',
      ...forged,
      ...hop,
      ...kept,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  );
  await until((text) => text.includes('ok'));
  t.notRegex(received.join('\n'), /forged|6\.6\.6\.6|root|SUCCESS|Secret/);
  const pairs = Object.fromEntries(
    Array.from({ length: received.length / 2 }, (_, at) => [received[2 * at], received[2 * at + 1]]),
  );
  t.like(pairs, {
    Host: 'shop.localhost',
    'Accept-Language': 'ko',
    'X-Forwarded-For': '127.0.0.1',
    'X-Forwarded-Proto': 'http',
    'X-Forwarded-Host': 'shop.localhost',
    'X-Forwarded-Port': String(proxy.address.port),
    'Content-Length': '0',
    Connection: 'keep-alive',
  });
  t.deepEqual(
    received.filter((value) => value === 'one' || value === 'two'),
    ['one', 'two'],
  );
});

test('the target of an mtls proxy is told whom the proxy admitted, and not whom the client names', async (t) => {
  let received: IncomingMessage['headers'] = {};
  const to = await target(t, (request, response) => {
    received = request.headers;
    response.end('ok');
  });
  const proxy = await openProxy(t, { log: newLog(), kind: 'mtls', to });
  const dialed = await dial(dialing('mtls', proxy.address));
  if (dialed.outcome === 'failed') throw new Error(dialed.failure.message);
  dialed.stream.write(
    'GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nX-Forwarded-Client-Cert: Hash=forged;Subject="CN=root"\r\n\r\n',
  );
  dialed.stream.once('end', () => dialed.stream.end()).resume();
  await once(dialed.stream, 'close');
  const { sha256 } = world().summary('alice');
  t.like(received, {
    'x-forwarded-proto': 'https',
    'x-forwarded-client-cert': `Hash=${sha256};Subject="O=Workshop,CN=alice";URI=spiffe://workshop/alice;DNS=alice.localhost`,
  });
});

test('the path travels as it was written', async (t) => {
  const to = await target(t, (request, response) => response.end(`<${request.url}>`));
  const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to });
  const { socket, until } = talk(t, proxy.address);
  for (const path of ['//a//b/../c?d=//e&f=%2f?g', '/?', "/a'b;c|d"]) {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`);
    await until((text) => text.includes(`<${path}>`));
  }
  t.pass();
});

test('bodies arrive whole, whatever the method and the framing', async (t) => {
  const to = await target(t, (request, response) => {
    void bodyOf(request).then((body) =>
      response.end(
        `<${request.method} ${request.headers['content-length'] ?? request.headers['transfer-encoding']} ${body}>`,
      ),
    );
  });
  const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to });
  const { socket, until } = talk(t, proxy.address);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'GET']) {
    socket.write(
      `${method} / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    );
    await until((text) => text.includes(`<${method} chunked abc>`));
    socket.write(`${method} / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\nabc`);
    await until((text) => text.includes(`<${method} 3 abc>`));
  }
  socket.write('POST / HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n');
  await until((text) => text.includes('100 Continue'));
  socket.write('xyz');
  await until((text) => text.includes('<POST 3 xyz>'));
  t.pass();
});

for (const [what, request, status] of [
  ['the absolute form', 'GET http://elsewhere/ HTTP/1.1\r\nHost: shop\r\n\r\n', 400],
  ['CONNECT', 'CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere:443\r\n\r\n', 405],
  ['OPTIONS of the server as a whole', 'OPTIONS * HTTP/1.1\r\nHost: shop\r\n\r\n', 400],
  ['two Hosts', 'GET / HTTP/1.1\r\nHost: shop\r\nHost: elsewhere\r\n\r\n', 400],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', 400],
  [
    'a length beside chunks',
    'POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  [
    'a coding after chunked',
    'POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
    400,
  ],
  [
    'an upgrade to h2c',
    'GET / HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
    501,
  ],
  ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000\u0001', 400],
] as const) {
  test(`refused and never forwarded: ${what}`, async (t) => {
    const log = newLog();
    let requests = 0;
    const to = await target(t, (_request, response) => {
      requests++;
      response.end('ok');
    });
    const proxy = await openProxy(t, { log, kind: 'plaintext', to });
    const { socket, text, closed } = talk(t, proxy.address);
    socket.write(Buffer.from(request, 'latin1'));
    t.is(await closed, 'end');
    t.regex(text(), new RegExp(`^HTTP/1\\.1 ${status} `));
    t.is(requests, 0);
    t.is(eventsOf(log, 'opened', 'B').length, 0);
  });
}

for (const leave of ['destroy', 'resetAndDestroy'] as const) {
  test(`a client that goes away takes its request to the target with it: ${leave}`, async (t) => {
    const gone: Promise<unknown>[] = [];
    const to = await target(t, (request) => {
      gone.push(new Promise((resolve) => request.socket.once('close', resolve)));
      // Never answers.
    });
    const log = newLog();
    const proxy = await openProxy(t, { log, kind: 'plaintext', to });
    const { socket } = talk(t, proxy.address);
    socket.write('GET /slow HTTP/1.1\r\nHost: shop\r\n\r\n');
    t.true(await log.until(() => streamOf(log, 'B', 'wire', 'client').includes('\r\n\r\n'), 5000));
    socket[leave]();
    t.true(
      await log.until(() => eventsOf(log, 'closed', 'B').length === 1, 5000),
      'the second hop is closed as well',
    );
    await Promise.all(gone);
  });
}

test('a client that goes away in the middle of its upload takes its request with it', async (t) => {
  const to = await target(t, () => {});
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'plaintext', to });
  const { socket } = talk(t, proxy.address);
  socket.write('POST /slow HTTP/1.1\r\nHost: shop\r\nContent-Length: 100\r\n\r\nonly this');
  t.true(await log.until(() => streamOf(log, 'B', 'wire', 'client').endsWith('only this'), 5000));
  socket.resetAndDestroy();
  t.true(await log.until(() => eventsOf(log, 'closed', 'B').length === 1, 5000));
});

test('a target that dies in the middle of a body breaks the client off', async (t) => {
  for (const die of ['resetAndDestroy', 'end'] as const) {
    const to = await target(t, (request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('only this');
      request.socket[die]();
    });
    const log = newLog();
    const proxy = await openProxy(t, { log, kind: 'plaintext', to });
    const { socket, closed, text } = talk(t, proxy.address);
    socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
    t.true(await log.until(() => eventsOf(log, 'closed').length === 2, 5000), 'both hops are closed');
    await closed;
    t.false(text().endsWith('0\r\n\r\n'), 'no end of a body that had none');
  }
});

test('a kept connection that the proxy is ending is not used again, however long the target takes to close it', async (t) => {
  let connections = 0;
  const answered: Socket[] = [];
  // It says something unasked while the connection is kept, and never closes its side.
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    connections++;
    socket.once('data', () => {
      answered.push(socket);
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to: await listen(t, server) });
  for (const [round, method] of ['GET', 'POST', 'POST'].entries()) {
    const { socket, until } = talk(t, proxy.address);
    socket.write(`${method} / HTTP/1.1\r\nHost: shop\r\nContent-Length: 1\r\n\r\nx`);
    t.regex(
      await until((text) => text.endsWith('ok') || text.includes('\n\n')),
      /^HTTP\/1\.1 200 OK/,
      `round ${round}`,
    );
    socket.end();
    const kept = answered.at(-1);
    kept?.write('unasked');
    if (kept) await once(kept, 'end');
  }
  t.is(connections, 3);
});

test('a target that nobody runs: 502, and an event on the outgoing wire', async (t) => {
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'plaintext', to: nowhere });
  const { socket, until } = talk(t, proxy.address);
  socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  t.regex(await until((text) => text.includes('\n\n')), /^HTTP\/1\.1 502 Bad Gateway/);
  t.like(eventsOf(log, 'refused', 'B'), {
    length: 1,
    0: { reason: 'target_unreachable', detail: { code: 'ECONNREFUSED' } },
  });
});

test('a target that closes without an answer: 502', async (t) => {
  const to = await target(t, (request) => request.socket.destroy());
  const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to });
  const { socket, until } = talk(t, proxy.address);
  socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  t.regex(await until((text) => text.includes('\n\n')), /^HTTP\/1\.1 502 /);
});

test('a target that does not answer in time: 504, an event, and its connection is broken off', async (t) => {
  const to = await target(t, () => {});
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'plaintext', to, more: { timeouts: { response: 1000 } } });
  const { socket, until, closed } = talk(t, proxy.address);
  socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  t.regex(await until((text) => text.includes('\n\n')), /^HTTP\/1\.1 504 /);
  await closed;
  t.true(await log.until(() => eventsOf(log, 'closed', 'B').length === 1, 5000));
  t.like(eventsOf(log, 'refused', 'B'), { length: 1, 0: { reason: 'target_timeout' } });
});

test('a target that never completes its handshake: 504', async (t) => {
  const to = await listen(
    t,
    createTcpServer(() => {}),
  );
  const log = newLog();
  const proxy = await openProxy(t, {
    log,
    kind: 'plaintext',
    to,
    second: 'tls',
    more: { timeouts: { connect: 50 } },
  });
  const { socket, until } = talk(t, proxy.address);
  socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  t.regex(await until((text) => text.includes('\n\n')), /^HTTP\/1\.1 504 /);
  t.regex(eventsOf(log, 'refused', 'B')[0]?.reason ?? '', /_timeout$/);
});

test('a websocket passes both ways, and its end too', async (t) => {
  const server = createServer();
  let received: string[] = [];
  server.on('upgrade', (request, socket) => {
    received = request.rawHeaders;
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Answer: yes\r\n\r\n',
    );
    socket.on('data', (chunk: Buffer) => socket.write(`<${chunk.toString()}>`));
    socket.on('end', () => socket.end());
  });
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'plaintext', to: await listen(t, server) });
  const { socket, until, closed } = talk(t, proxy.address);
  socket.write(
    'GET //chat HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n',
  );
  t.regex(await until((text) => text.includes('\r\n\r\n')), /^HTTP\/1\.1 101 /);
  for (const word of ['ping', 'pong']) {
    socket.write(word);
    await until((text) => text.includes(`<${word}>`));
  }
  t.notRegex(received.join('\n'), /6\.6\.6\.6/);
  t.true(received.includes('127.0.0.1'));
  socket.end();
  t.is(await closed, 'end');
  t.true(await log.until(() => eventsOf(log, 'closed').length === 2, 5000));
});

test('requests that are sent ahead of an upgrade keep their answers, however large, and the upgrade comes after them', async (t) => {
  const large = 'x'.repeat(3_000_000);
  const server = createServer(
    (request, response) =>
      void setImmediate(() => response.end(`<${request.url}>${request.url === '/2' ? large : ''}`)),
  );
  server.on('upgrade', (_request, socket) => {
    socket.on('error', () => {});
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.on('data', (chunk: Buffer) => socket.write(`<${chunk.toString()}>`));
    socket.on('end', () => socket.end());
  });
  const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to: await listen(t, server) });
  const { socket, until, closed } = talk(t, proxy.address);
  const asking = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: shop\r\n`;
  socket.write(
    `${asking('/1')}\r\n${asking('/2')}\r\n${asking('/3')}\r\n${asking('/chat')}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\nping`,
  );
  const text = await until((all) => all.includes('<ping>'));
  const [first, second, third, switched] = ['</1>', '</2>', '</3>', 'HTTP/1.1 101 '].map((word) =>
    text.indexOf(word),
  );
  t.true(
    0 < first! && first! < second! && second! < third! && third! < switched!,
    JSON.stringify([first, second, third, switched]),
  );
  t.is(text.split('x'.repeat(1_000_000)).length, 4, 'nothing of the large one is missing');
  socket.write('pong');
  await until((all) => all.includes('<pong>'));
  socket.end();
  t.is(await closed, 'end');
});

for (const [what, last, status] of [
  ['a request for a tunnel', 'CONNECT shop:80 HTTP/1.1\r\nHost: shop:80\r\n\r\n', 405],
  [
    'an expectation that is not met',
    'POST / HTTP/1.1\r\nHost: shop\r\nExpect: miracles\r\nContent-Length: 2\r\n\r\nhi',
    417,
  ],
  ['what is no request', 'no request at all\r\n\r\n', 400],
  [
    'a request with two lengths',
    'POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi',
    400,
  ],
  [
    'an upgrade to something else',
    'GET / HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    501,
  ],
] as const) {
  test(`requests that are sent ahead of ${what} keep their answers`, async (t) => {
    const to = await target(
      t,
      (request, response) => void setImmediate(() => response.end(`<${request.url}>`)),
    );
    const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to });
    const { socket, text, closed } = talk(t, proxy.address);
    socket.write(`GET /1 HTTP/1.1\r\nHost: shop\r\n\r\nGET /2 HTTP/1.1\r\nHost: shop\r\n\r\n${last}`);
    t.is(await closed, 'end');
    t.regex(text(), new RegExp(`^HTTP/1\\.1 200 [^]*</1>HTTP/1\\.1 200 [^]*</2>HTTP/1\\.1 ${status} `));
  });
}

test('an upgrade behind an answer that ends the connection is not begun', async (t) => {
  let upgrades = 0;
  const server = createServer((_request, response) => response.end('bye'));
  server.on('upgrade', (_request, socket) => {
    upgrades++;
    socket.destroy();
  });
  const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to: await listen(t, server) });
  const { socket, text, closed } = talk(t, proxy.address);
  socket.write(
    'GET /1 HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\nGET /chat HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  t.is(await closed, 'end');
  t.regex(text(), /^HTTP\/1\.1 200 [^]*bye$/);
  t.is(upgrades, 0);
});

test('a websocket that the target refuses gets the answer of the target', async (t) => {
  const to = await target(t, (_request, response) => {
    response.writeHead(403, { 'X-Why': 'members only' });
    response.write('mem');
    response.end('bers');
  });
  const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to });
  const { socket, text, closed } = talk(t, proxy.address);
  socket.write('GET /chat HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await closed;
  t.regex(text(), /^HTTP\/1\.1 403 Forbidden\r\n/);
  t.regex(text(), /connection: close/i);
  t.regex(text(), /\r\n\r\nmembers$/);
});

test('a websocket whose client breaks off is broken off at the target', async (t) => {
  const server = createServer();
  server.on('upgrade', (_request, socket) => {
    socket.on('error', () => {});
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  });
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'plaintext', to: await listen(t, server) });
  const { socket, until } = talk(t, proxy.address);
  socket.write('GET /chat HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await until((text) => text.includes('\r\n\r\n'));
  socket.resetAndDestroy();
  t.true(await log.until(() => eventsOf(log, 'closed', 'B').length === 1, 5000));
});

test('headers of one hop stay on it, on the way back as well', async (t) => {
  const to = await listen(
    t,
    createTcpServer((socket) => {
      socket.once('data', () => {
        socket.end(
          'HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-Hop: dropped\r\nUpgrade: h2c\r\nKeep-Alive: timeout=dropped\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Kept: Yes\r\n\r\nuntil the end',
        );
      });
    }),
  );
  const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to });
  const { socket, until } = talk(t, proxy.address);
  socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  const text = await until((all) => all.endsWith('0\r\n\r\n'));
  t.notRegex(text, /dropped|h2c|connection: close/i);
  t.regex(text, /Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n/);
  t.regex(text, /X-Kept: Yes\r\n/);
  t.regex(text, /until the end/);
});

test('closing lets an answer in flight come to its end', async (t) => {
  const server = createServer();
  const arrived = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  const to = await listen(t, server);
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'plaintext', to });
  const idle = talk(t, proxy.address);
  const busy = talk(t, proxy.address);
  await once(idle.socket, 'connect');
  busy.socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  t.true(
    await log.until(
      () =>
        streamOf(log, 'B', 'wire', 'client').includes('\r\n\r\n') &&
        eventsOf(log, 'opened', 'A').length === 2,
      5000,
    ),
  );
  const [, response] = await arrived;
  const closing = proxy.close(5000);
  t.is(await idle.closed, 'end');
  response.end('at last');
  await closing;
  t.is(await busy.closed, 'end');
  t.regex(busy.text(), /at last$/);
});
