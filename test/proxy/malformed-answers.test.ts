/**
 * A target that answers with what is no HTTP, or with too much of it: its client gets 502, or is broken off where the
 * answer had begun; the log says why; nobody else is disturbed. What is whole is passed on, whatever comes behind it.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Address } from '../../src/capture/event.ts';
import type { CaptureLog } from '../../src/capture/log.ts';
import { faultOfAnswer, passedOnHeaders } from '../../src/proxy/answer.ts';
import type { PumpName } from '../../src/proxy/pumps.ts';
import { newLog } from '../features/support/shop.ts';
import { eventsOf, openProxy } from './support/proxies.ts';

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

interface Target {
  readonly to: Address;
  /** Says the next part; the last of them, and then ends where it is to end. */
  readonly goOn: () => void;
}

/** A target that says the first of those parts to a request of `/bad`, further ones when it is told to, and answers every other well. */
async function targetSaying(t: ExecutionContext, parts: readonly string[], ends: boolean): Promise<Target> {
  const rest = [...parts];
  let at: Socket | undefined;
  const goOn = (): void => {
    const part = rest.shift();
    if (part !== undefined) at?.write(part, 'latin1');
    if (rest.length === 0 && ends) at?.end();
  };
  const to = await listen(
    t,
    createTcpServer((socket) => {
      socket.on('data', (bytes: Buffer) => {
        if (!bytes.includes(' /bad '))
          return void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell');
        at = socket;
        return goOn();
      });
    }),
  );
  return { to, goOn };
}

interface Told {
  readonly text: string;
  readonly how: 'end' | 'reset';
}

/** Everything that comes until the connection is over. */
async function ask({ port }: Address, request: string, onHeard: () => void = () => {}): Promise<Told> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let how: Told['how'] = 'end';
  socket
    .on('error', () => (how = 'reset'))
    .on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      onHeard();
    });
  socket.write(request);
  await new Promise((resolve) => socket.once('close', resolve));
  return { text, how };
}

const get = 'GET /bad HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n';
const head = get.replace('GET', 'HEAD');
const post = 'POST /bad HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi';
const websocket = 'GET /bad HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

interface Row {
  readonly request?: string;
  readonly parts: readonly string[];
  readonly ends?: boolean;
  /** What the client is sent. */
  readonly told: RegExp;
  readonly how?: Told['how'];
  /** What the log says of it; nothing where the answer is in order. */
  readonly code?: RegExp;
}

const refused = /^HTTP\/1\.1 502 Bad Gateway\r\n/;

const rows: Readonly<Record<string, Row>> = {
  'a malformed chunk in the same write as good ones': {
    parts: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok!\r\n'],
    told: refused,
    code: /^HPE_/,
  },
  'a malformed trailer in the same write as the body': {
    parts: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX\u0001: z\r\n\r\n'],
    told: refused,
    code: /^HPE_/,
  },
  'a malformed chunk after the answer has begun': {
    parts: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n', 'no chunk\r\n'],
    told: /^HTTP\/1\.1 200 OK\r\n[^]*ok\r\n$/,
    how: 'reset',
    code: /^HPE_/,
  },
  'a status of 000': {
    parts: ['HTTP/1.1 000 None\r\nContent-Length: 2\r\n\r\nok'],
    told: refused,
    code: /INVALID_STATUS_CODE/,
  },
  'a status of 001': {
    parts: ['HTTP/1.1 001 None\r\nContent-Length: 2\r\n\r\nok'],
    told: refused,
    code: /INVALID_STATUS_CODE/,
  },
  'a status of 099': {
    parts: ['HTTP/1.1 099 None\r\nContent-Length: 2\r\n\r\nok'],
    told: refused,
    code: /INVALID_STATUS_CODE/,
  },
  'a status of 999, whose class nobody knows': {
    parts: ['HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok'],
    told: /^HTTP\/1\.1 999 Odd\r\n/,
  },
  'a control byte in the reason phrase': {
    parts: ['HTTP/1.1 200 O\u0001K\r\nContent-Length: 2\r\n\r\nok'],
    told: refused,
    code: /INVALID_REASON_PHRASE|HPE_/,
  },
  'bytes above ASCII in the reason phrase and in a header': {
    parts: ['HTTP/1.1 200 \u00ff\r\nX-Name: \u00e9\r\nContent-Length: 2\r\n\r\nok'],
    told: /^HTTP\/1\.1 200 \u00ff\r\n[^]*X-Name: \u00e9\r\n[^]*\r\n\r\nok$/,
  },
  'a control byte in a header': {
    parts: ['HTTP/1.1 200 OK\r\nX-A: a\u0001b\r\nContent-Length: 2\r\n\r\nok'],
    told: refused,
    code: /^HPE_/,
  },
  'a header name with a blank': {
    parts: ['HTTP/1.1 200 OK\r\nX A: b\r\nContent-Length: 2\r\n\r\nok'],
    told: refused,
    code: /^HPE_/,
  },
  'two lengths': {
    parts: ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk'],
    told: refused,
    code: /^HPE_/,
  },
  'a length beside a coding': {
    parts: ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    told: refused,
    code: /^HPE_/,
  },
  'a length that is no number': {
    parts: ['HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok'],
    told: refused,
    code: /^HPE_/,
  },
  'a coding that nobody knows': {
    parts: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: snappy\r\n\r\nok'],
    ends: true,
    told: refused,
    code: /UNKNOWN_TRANSFER_CODING/,
  },
  'no HTTP at all': { parts: ['SSH-2.0-x\r\n'], told: refused, code: /^HPE_/ },
  'a body that is shorter than its length': {
    parts: ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok'],
    ends: true,
    told: /^HTTP\/1\.1 200 OK\r\n[^]*ok$/,
    how: 'reset',
  },
  'a thousand of 100 and 103, and then an answer': {
    parts: [
      `${'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(1000)}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`,
    ],
    told: /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/,
  },
  'an upgrade that nobody has asked for': {
    parts: ['HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nmore'],
    told: refused,
    code: /UNREQUESTED_UPGRADE/,
  },
  'a body behind a 204': {
    parts: ['HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello'],
    told: /^HTTP\/1\.1 204 No Content\r\n(?![^]*Content-Length)[^]*\r\n\r\n$/,
    code: /^HPE_/,
  },
  'a body behind a 304': {
    parts: ['HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello'],
    told: /^HTTP\/1\.1 304 Not Modified\r\n[^]*\r\n\r\n$/,
    code: /^HPE_/,
  },
  'a body in the answer to HEAD': {
    request: head,
    parts: ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'],
    told: /^HTTP\/1\.1 200 OK\r\n[^]*Content-Length: 5\r\n[^]*\r\n\r\n$/,
    code: /^HPE_/,
  },
  'a second answer in the same write': {
    parts: ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno'],
    told: /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/,
  },
  'bytes that belong to no answer, behind one': {
    parts: ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'rubbish'],
    told: /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/,
  },
  'a malformed answer to a POST': {
    request: post,
    parts: ['HTTP/1.1 000 None\r\n\r\n'],
    told: refused,
    code: /INVALID_STATUS_CODE/,
  },
  'an upgrade with a malformed header': {
    request: websocket,
    parts: ['HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX A: b\r\n\r\n'],
    told: refused,
    code: /^HPE_/,
  },
  'an upgrade with a control byte in its reason phrase': {
    request: websocket,
    parts: ['HTTP/1.1 101 Y\u0001s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
    told: refused,
    code: /INVALID_REASON_PHRASE|HPE_/,
  },
  'an upgrade to another protocol than was asked for': {
    request: websocket,
    parts: ['HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'],
    told: refused,
    code: /UNREQUESTED_UPGRADE/,
  },
  'no upgrade, and a malformed chunk': {
    request: websocket,
    parts: ['HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok!\r\n'],
    told: refused,
    code: /^HPE_/,
  },
  'no upgrade, and a malformed chunk after the answer has begun': {
    request: websocket,
    parts: ['HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n', 'no chunk\r\n'],
    told: /^HTTP\/1\.1 403 No\r\n[^]*ok$/,
    how: 'reset',
    code: /^HPE_/,
  },
  'no upgrade, and a status of 000': {
    request: websocket,
    parts: ['HTTP/1.1 000 None\r\n\r\n'],
    told: refused,
    code: /INVALID_STATUS_CODE/,
  },
};

async function everythingClosed(log: CaptureLog): Promise<boolean> {
  return log.until(() => eventsOf(log, 'closed').length === eventsOf(log, 'opened').length, 10_000);
}

for (const [what, { request = get, parts, ends = false, told, how = 'end', code }] of Object.entries(rows)) {
  test(`a target that sends ${what}`, async (t) => {
    const log = newLog();
    const { to, goOn } = await targetSaying(t, parts, ends);
    const proxy = await openProxy(t, { log, kind: 'plaintext', to });
    const answer = await ask(proxy.address, request, goOn);
    t.regex(answer.text, told);
    t.is(answer.how, how);
    // Nobody else is disturbed.
    t.regex(
      (await ask(proxy.address, 'GET /good HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n')).text,
      /^HTTP\/1\.1 200 OK\r\n[^]*well$/,
    );
    await proxy.close(200);
    t.true(await everythingClosed(log));
    const [reported, ...more] = eventsOf(log, 'refused', 'B');
    t.deepEqual(more, []);
    if (code === undefined) t.is(reported, undefined);
    else {
      t.like(reported, { reason: 'malformed_answer', by: 'client' });
      t.regex(reported?.detail.code ?? '', code);
    }
  });
}

for (const pump of ['http', 'strip'] as const satisfies readonly PumpName[]) {
  test(`${pump}: a client that leaves after an early answer, in the middle of its upload, takes the connection to the target along`, async (t) => {
    const to = await listen(
      t,
      createServer((_request, response) => void response.end('enough')),
    );
    const log = newLog();
    const proxy = await openProxy(t, { log, kind: 'plaintext', to, more: { pump } });
    for (let round = 1; round <= 5; round++) {
      const socket = connect(proxy.address.port, '127.0.0.1');
      socket.write(`POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(1000)}`);
      let text = '';
      socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
      while (!text.includes('enough')) await once(socket, 'data');
      t.is(eventsOf(log, 'opened', 'B').length, round);
      socket.destroy();
      t.true(await log.until(() => eventsOf(log, 'closed', 'B').length === round, 3000), `round ${round}`);
    }
    t.true(await everythingClosed(log));
  });

  test(`${pump}: the rest of a request that was answered early still arrives, and the next one is served`, async (t) => {
    let body = 0;
    const to = await listen(
      t,
      createServer((request, response) => {
        request.on('data', (bytes: Buffer) => (body += bytes.length));
        response.end('enough');
      }),
    );
    const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to, more: { pump } });
    const socket = connect(proxy.address.port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    let text = '';
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    const answers = async (count: number): Promise<void> => {
      while (text.split('enough').length <= count) await once(socket, 'data');
    };
    socket.write(`POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 100000\r\n\r\nx`);
    await answers(1);
    socket.write('x'.repeat(99_999));
    socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
    await answers(2);
    // The relay that strips asks over a connection that is for one request: its target has hung up.
    t.true(pump === 'strip' || body === 100_000, `${body} bytes`);
  });
}

test('a head that comes alone is handed on alone, before anything of its body', async (t) => {
  let begin = (): void => {};
  const to = await listen(
    t,
    createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
      begin = () => void response.end('data: 1\n\n');
    }),
  );
  const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to });
  const socket = connect(proxy.address.port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  const [first] = (await once(socket, 'data')) as [Buffer];
  t.regex(first.toString(), /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
  begin();
  const [rest] = (await once(socket, 'data')) as [Buffer];
  t.regex(rest.toString(), /data: 1/);
});

test('which heads are passed on, and what of them', (t) => {
  const answer = (statusCode: number, statusMessage: string, ...rawHeaders: string[]) => ({
    statusCode,
    statusMessage,
    rawHeaders,
  });
  t.is(faultOfAnswer(answer(200, 'OK', 'X-A', 'b\t\u00ff')), undefined);
  for (const status of [0, 1, 99, 100, 101, 199, 1000])
    t.is(faultOfAnswer(answer(status, 'OK')), 'INVALID_STATUS_CODE');
  for (const control of ['\u0000', '\u0007', '\u000b', '\u001b', '\u007f', '\n', '\r']) {
    t.is(faultOfAnswer(answer(200, control)), 'INVALID_REASON_PHRASE');
    t.is(faultOfAnswer(answer(200, '', 'X-A', control)), 'INVALID_HEADER');
    t.is(faultOfAnswer(answer(200, '', `X${control}`, 'a')), 'INVALID_HEADER');
  }
  t.is(faultOfAnswer(answer(200, '', 'Transfer-Encoding', 'Chunked')), undefined);
  for (const coding of ['gzip', 'gzip, chunked', 'identity', ''])
    t.is(faultOfAnswer(answer(200, '', 'Transfer-Encoding', coding)), 'UNKNOWN_TRANSFER_CODING');
  t.is(faultOfAnswer(answer(101, '', 'Upgrade', 'WebSocket'), 'websocket'), undefined);
  t.is(faultOfAnswer(answer(101, '', 'Upgrade', 'h2c'), 'websocket'), 'UNREQUESTED_UPGRADE');
  t.is(faultOfAnswer(answer(200, ''), 'websocket'), 'INVALID_STATUS_CODE');
  t.deepEqual(
    passedOnHeaders(
      answer(204, '', 'Content-Length', '5', 'connection', 'X-Hop', 'x-hop', '1', 'X-Kept', '2'),
    ),
    [['X-Kept', '2']],
  );
  t.deepEqual(passedOnHeaders(answer(304, '', 'Content-Length', '5', 'Set-Cookie', 'a', 'Set-Cookie', 'b')), [
    ['Content-Length', '5'],
    ['Set-Cookie', 'a'],
    ['Set-Cookie', 'b'],
  ]);
});
