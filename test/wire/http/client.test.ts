/** The HTTP client on connections that are kept: what shares one, what waits, what is asked twice and what never is. */
import { once, setMaxListeners } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { AnswerTooLong, BrokenAnswer, HttpClient, Unreachable } from '../../../src/wire/http/client.ts';
import type { HttpClientOptions, HttpRequest } from '../../../src/wire/http/client.ts';
import { nowhere } from '../../helpers/nowhere.ts';

const forever = new AbortController().signal;
setMaxListeners(0, forever);
const get = (path: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  path,
  timeout: 5_000,
  signal: forever,
  ...more,
});

interface Served {
  readonly client: HttpClient;
  readonly server: Server;
  readonly requests: string[];
  readonly connections: () => number;
}

async function serving(
  t: ExecutionContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  options: Partial<HttpClientOptions> = {},
  tapped?: CaptureLog,
): Promise<Served> {
  const requests: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response);
  }).listen(0, '127.0.0.1');
  server.on('connection', () => connections++);
  await once(server, 'listening');
  const to = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const client = new HttpClient({
    dial: {
      security: 'plain',
      to,
      clock: systemClock,
      ...(tapped ? { tap: { log: tapped, hop: 'B' } } : {}),
    },
    connections: 2,
    ...options,
  });
  t.teardown(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  return { client, server, requests, connections: () => connections };
}

for (const tapped of [false, true]) {
  test(`requests share the connections that are kept, ${tapped ? 'tapped' : 'untapped'}, and each has its answer`, async (t) => {
    const log = tapped ? new CaptureLog({ clock: systemClock }) : undefined;
    const { client, connections } = await serving(
      t,
      (request, response) => request.resume().on('end', () => response.end(request.url)),
      {},
      log,
    );
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, n) =>
        client.call(get(`/${n}`, n % 2 === 0 ? {} : { method: 'POST', body: '{"a":1}' })),
      ),
    );
    t.deepEqual(
      answers.map(({ body }) => body.toString()),
      Array.from({ length: 20 }, (_, n) => `/${n}`),
    );
    for (let n = 0; n < 5; n++) await client.call(get('/again'));
    t.true(connections() <= 2, String(connections()));
    if (log) t.is(log.events.filter(({ type }) => type === 'opened').length, connections());
  });
}

test('without any that are kept, each request has a connection of its own', async (t) => {
  const { client, connections } = await serving(t, (_request, response) => response.end('{}'), {
    connections: 0,
  });
  for (let n = 0; n < 3; n++) await client.call(get('/'));
  t.is(connections(), 3);
});

test('a stream has a connection of its own, and requests go on beside it', async (t) => {
  const { client, connections } = await serving(
    t,
    (request, response) => (request.url === '/stream' ? response.write('{"a":1}\n{"b"') : response.end('{}')),
    { connections: 1 },
  );
  const response = await client.stream(get('/stream'));
  t.is((await client.call(get('/'))).status, 200);
  for await (const line of client.lines(response, get('/'))) {
    t.is(line, '{"a":1}');
    break;
  }
  t.is((await client.call(get('/'))).status, 200);
  t.is(connections(), 2);
});

const closedIn = async (log: CaptureLog, count: number): Promise<unknown> =>
  log.until(() => log.events.filter(({ type }) => type === 'closed').length >= count, 10_000);

test('a connection that the server ended meanwhile is noticed, and another is made', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const { client, server, connections } = await serving(
    t,
    (_request, response) => response.end('{}'),
    {},
    log,
  );
  for (let n = 1; n <= 4; n++) {
    t.is((await client.call(get('/', { method: 'POST', body: '{}' }))).status, 200);
    server.closeAllConnections();
    await closedIn(log, n);
  }
  t.is(connections(), 4);
});

test('a connection that is ended since nobody used it is given to nobody', async (t) => {
  const { client, requests } = await serving(t, (_request, response) => response.end('{}'), {
    connections: 1,
    keepFor: 1,
  });
  // Some come while it is kept, some while it ends, some behind that.
  for (let n = 0; n < 200; n++) {
    t.is((await client.call(get('/', { method: 'POST', body: '{}' }))).status, 200);
    await new Promise((resolve) => setTimeout(resolve, n % 3));
  }
  t.is(requests.length, 200);
});

test('what changes nothing is asked once more where its connection broke before the answer; anything else never', async (t) => {
  const { client, requests } = await serving(t, (request) => request.socket.destroy(), { connections: 1 });
  await t.throwsAsync(client.call(get('/a', { idempotent: true })), {
    instanceOf: BrokenAnswer,
    message: 'the connection broke before an answer came',
  });
  t.deepEqual(requests, ['GET /a', 'GET /a']);
  await t.throwsAsync(client.call(get('/b', { method: 'POST', body: '{}' })), { instanceOf: BrokenAnswer });
  t.deepEqual(requests.slice(2), ['POST /b']);
});

test('an answer that has begun is not asked for again', async (t) => {
  const { client, requests } = await serving(
    t,
    (_request, response) => void response.write('{', () => response.destroy()),
  );
  await t.throwsAsync(client.call(get('/', { idempotent: true })), {
    instanceOf: BrokenAnswer,
    message: 'the connection broke in the middle of an answer',
  });
  t.is(requests.length, 1);
});

test('a connection on which something went wrong is not used again, and its place is free', async (t) => {
  const { client, connections } = await serving(
    t,
    (request, response) =>
      request.url === '/silent'
        ? undefined
        : request.url === '/large'
          ? response.end('x'.repeat(2000))
          : response.end('{}'),
    {
      connections: 1,
      limits: { body: 1000, line: 100 },
    },
  );
  await t.throwsAsync(client.call(get('/silent', { timeout: 100 })), {
    instanceOf: BrokenAnswer,
    message: 'nothing came for 100 ms',
  });
  await t.throwsAsync(client.call(get('/large')), {
    instanceOf: AnswerTooLong,
    message: 'an answer is longer than 1000 bytes',
  });
  t.is((await client.call(get('/'))).status, 200);
  t.is(connections(), 3);
});

test('who waits too long for a connection has sent nothing; who gives up waits no more', async (t) => {
  const { client, server, requests } = await serving(t, () => {}, { connections: 1 });
  const asked = once(server, 'request');
  const ending = new AbortController();
  const first = client.call(get('/first', { signal: ending.signal }));
  await asked;
  const late = await t.throwsAsync(client.call(get('/second', { timeout: 50 })), {
    instanceOf: Unreachable,
    message: 'every connection is in use',
  });
  t.is(late?.failure.code, 'ETIMEDOUT');
  const reason = new Error('told');
  const giving = new AbortController();
  const third = client.call(get('/third', { signal: giving.signal }));
  giving.abort(reason);
  await t.throwsAsync(third, { is: reason });
  ending.abort(reason);
  await t.throwsAsync(first, { is: reason });
  t.deepEqual(requests, ['GET /first']);
});

test('who comes first is served first', async (t) => {
  const { client, requests } = await serving(
    t,
    (_request, response) => void setImmediate(() => response.end('{}')),
    { connections: 1 },
  );
  const names = Array.from({ length: 30 }, (_, n) => `/${n}`);
  await Promise.all(
    names.map(async (name) => client.call(get(name)).then(async () => client.call(get(`${name}/again`)))),
  );
  t.deepEqual(
    requests,
    [...names, ...names.map((name) => `${name}/again`)].map((name) => `GET ${name}`),
  );
});

test('closed, it ends what it has, and asks no more', async (t) => {
  const { client, server } = await serving(t, () => {});
  const asked = client.call(get('/'));
  await once(server, 'request');
  client.close();
  await t.throwsAsync(asked, { instanceOf: BrokenAnswer });
  await t.throwsAsync(client.call(get('/')), { instanceOf: Unreachable });
});

test('that nobody listens is said with its reason', async (t) => {
  const client = new HttpClient({
    dial: { security: 'plain', to: nowhere, clock: systemClock },
    connections: 1,
  });
  for (let n = 0; n < 3; n++)
    t.is(
      (await t.throwsAsync(client.call(get('/')), { instanceOf: Unreachable }))?.failure.reason,
      'target_unreachable',
    );
});

test('what comes unasked on a kept connection ends it', async (t) => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}', () =>
        setImmediate(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil')),
      ),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const log = new CaptureLog({ clock: systemClock });
  const client = new HttpClient({
    dial: {
      security: 'plain',
      to: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
      clock: systemClock,
      tap: { log, hop: 'B' },
    },
    connections: 1,
  });
  t.teardown(() => client.close());
  for (let n = 1; n <= 3; n++) {
    t.is((await client.call(get('/'))).body.toString(), '{}');
    await closedIn(log, n);
  }
});

test('who switches to a protocol that nobody asked for has not answered', async (t) => {
  const { client, requests } = await serving(t, (request) =>
    request.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
  );
  for (const asked of [client.call(get('/')), client.stream(get('/'))])
    await t.throwsAsync(asked, {
      instanceOf: BrokenAnswer,
      message: 'the connection broke before an answer came',
    });
  t.is(requests.length, 2);
});
