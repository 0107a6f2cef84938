/** What ends a slow request, and what does not end a slow answer. */
import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { accept } from '../../../src/wire/accept.ts';
import { HttpFront } from '../../../src/wire/http/front.ts';
import type { HttpFrontOptions } from '../../../src/wire/http/front.ts';

/** Everything that a server says to a client that says that. */
async function said(
  t: ExecutionContext,
  onRequest: HttpFrontOptions['onRequest'],
  text: string,
): Promise<string> {
  const front = new HttpFront({ requestTimeout: 100, idleTimeout: 100, onRequest });
  const listener = await accept(
    { security: 'plain', listen: { host: '127.0.0.1', port: 0 }, clock: systemClock },
    (accepted) => front.serve(accepted),
  );
  t.teardown(async () => listener.close(0));
  const socket = connect(listener.address.port, '127.0.0.1');
  socket.write(text);
  let heard = '';
  socket.setEncoding('latin1').on('data', (part: string) => (heard += part));
  await once(socket, 'end');
  socket.destroy();
  return heard;
}

test('an answer may take longer than a request, also where nobody reads that it has no body', async (t) => {
  const heard = await said(
    t,
    (_request, response) => {
      response.write('begun');
      setTimeout(() => response.end('done'), 300);
    },
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  );
  t.regex(heard, /^HTTP\/1\.1 200 OK\r\n[^]*begun[^]*done\r\n0\r\n\r\n$/);
});

test('a request that does not come whole in time is ended', async (t) => {
  t.regex(
    await said(t, () => {}, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{'),
    /^HTTP\/1\.1 408 /,
  );
  t.is(await said(t, () => {}, 'GET / HTTP/1.1\r\nHost'), '');
});

test('a client that still sends when it is answered reads its answer; one that is silent, or never stops, is broken off', async (t) => {
  const front = new HttpFront({
    lingerTimeout: 200,
    onRequest: (_request, response) => {
      response.writeHead(413, { Connection: 'close', 'Content-Length': 0 });
      response.end();
    },
  });
  const listener = await accept(
    { security: 'plain', listen: { host: '127.0.0.1', port: 0 }, clock: systemClock },
    (accepted) => front.serve(accepted),
  );
  t.teardown(async () => listener.close(0));
  /** What a client hears that sends so many pieces first, one every 20 ms, and reads then. */
  const heardAfter = async (pieces: number): Promise<string> => {
    const socket = connect({ port: listener.address.port, host: '127.0.0.1', allowHalfOpen: true });
    t.teardown(() => socket.destroy());
    let heard = '';
    socket.on('error', () => {}).write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n');
    await new Promise<void>((resolve) => {
      let sent = 0;
      const timer = setInterval(() => {
        if (sent++ < pieces && !socket.destroyed) return void socket.write('a piece');
        clearInterval(timer);
        return resolve();
      }, 20);
    });
    socket.setEncoding('latin1').on('data', (part: string) => (heard += part));
    if (!socket.destroyed) await Promise.race([once(socket, 'end'), once(socket, 'close')]);
    return heard;
  };
  const emptied = async (): Promise<void> => {
    while (front.open > 0) await new Promise((resolve) => void setImmediate(resolve));
  };
  t.regex(await heardAfter(25), /^HTTP\/1\.1 413 /, 'longer than it may be silent');
  await emptied();
  t.regex(await heardAfter(0), /^HTTP\/1\.1 413 /);
  await emptied();
  await heardAfter(Infinity);
  await emptied();
});

test('a connection that is old enough ends with an answer that says so, or without one where no request comes; a new limit holds for open ones', async (t) => {
  const answers: (() => void)[] = [];
  const front = new HttpFront({
    lastRequestTimeout: 400,
    onRequest: (request, response) => {
      if (request.url === '/') response.end('page');
      else answers.push(() => response.end('page'));
    },
  });
  const listener = await accept(
    { security: 'plain', listen: { host: '127.0.0.1', port: 0 }, clock: systemClock },
    (accepted) => front.serve(accepted),
  );
  t.teardown(async () => listener.close(0));
  const client = async (
    path: string,
  ): Promise<{ heard: () => string; ended: Promise<unknown>; ask(): void }> => {
    const socket = connect(listener.address.port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    let heard = '';
    socket.setEncoding('latin1').on('data', (part: string) => (heard += part));
    const ask = (): void => void socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    ask();
    await once(socket, path === '/' ? 'data' : 'connect');
    return { heard: () => heard, ended: once(socket, 'end'), ask };
  };
  const idle = await client('/');
  const asking = await client('/slow');
  while (answers.length === 0) await new Promise((resolve) => void setImmediate(resolve));
  front.limitAge(60_000);
  const young = await client('/');
  front.limitAge(0);
  young.ask();
  await young.ended;
  t.regex(young.heard(), /page[^]*Connection: close\r\n[^]*page$/);
  await idle.ended;
  t.regex(idle.heard(), /^HTTP\/1\.1 200 OK\r\n[^]*Connection: keep-alive/);
  answers[0]?.();
  await asking.ended;
  t.regex(asking.heard(), /^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*page/);
  front.limitAge(Number.POSITIVE_INFINITY);
  const last = await client('/');
  last.ask();
  while (last.heard().split('page').length < 3) await new Promise((resolve) => void setImmediate(resolve));
  t.is(front.open, 1);
});
