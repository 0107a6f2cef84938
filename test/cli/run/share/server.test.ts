/** The server of a shared run, over real sockets: who is served, what is refused, and that nobody is waited for. */
import test from 'ava';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { UserError } from '../../../../src/i18n/user-error.ts';
import { serveShare } from '../../../../src/cli/run/share/server.ts';
import { until } from '../../../helpers/until.ts';
import { ask } from '../../../helpers/ask-http.ts';
import { Counting, Viewer, sharing } from './support.ts';

test('the page is served under its token alone, to be kept by nobody and framed by nobody', async (t) => {
  const { url } = await sharing(t);
  const { status, headers, body } = await ask(url);
  t.is(status, 200);
  t.regex(body, /<p>1<\/p>/);
  t.is(headers['cache-control'], 'no-store');
  t.is(headers['x-content-type-options'], 'nosniff');
  t.is(headers['referrer-policy'], 'no-referrer');
  t.is(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'");
  t.regex(url, /\/[\w-]{22}\/$/);
  t.is((await ask(`${url}bytes`)).body, `<section>1${' '.repeat(8_000_000)}</section>`);
  const { origin, pathname } = new URL(url);
  for (const path of [
    '/',
    '/favicon.ico',
    `/${'a'.repeat(22)}/`,
    pathname.slice(0, -2) + '/',
    pathname.slice(0, -1),
    `${pathname}other`,
    `${pathname}..%2f`,
    `/x${pathname}`,
    `${pathname}bytes/`,
  ])
    t.is((await ask(origin, { path })).status, 404, path);
});

test('every sharing has a token of its own', async (t) => {
  const [one, other] = [await sharing(t), await sharing(t)];
  t.not(new URL(one.url).pathname, new URL(other.url).pathname);
});

test('a request for another host is refused, whatever it knows', async (t) => {
  const { url } = await sharing(t);
  const { port } = new URL(url);
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${Number(port) - 1}`]) {
    const { status, body } = await ask(url, { headers: { host } });
    t.is(status, 421, host);
    t.is(body, '');
  }
  t.is((await ask(url, { headers: { host: `localhost:${port}` } })).status, 200);
});

test('only GET and HEAD are answered', async (t) => {
  const { url } = await sharing(t);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    const { status, headers } = await ask(url, { method });
    t.is(status, 405, method);
    t.is(headers.allow, 'GET, HEAD');
  }
  for (const name of ['', 'bytes', 'events']) {
    const { status, body } = await ask(`${url}${name}`, { method: 'HEAD' });
    t.is(status, 200);
    t.is(body, '');
  }
});

test('a viewer is sent what has changed since what it has seen', async (t) => {
  const { served, server, url } = await sharing(t);
  const viewer = new Viewer(`${url}events?after=1`);
  await until(() => server.viewers === 1);
  served.change();
  server.publish();
  const { id, data } = await viewer.until((event) => event.id === '2');
  t.is(id, '2');
  t.like(JSON.parse(data), { from: 1, to: 2 });
  t.is(viewer.events.length, 1, 'nothing that it had seen');
  viewer.close();
  await until(() => server.viewers === 0);
  served.change();
  // A browser that connects again says what it had.
  const again = new Viewer(`${url}events?after=1`, { headers: { 'Last-Event-ID': '2' } });
  t.like(JSON.parse((await again.until((event) => event.id === '3')).data), { from: 2, to: 3 });
  const newcomer = new Viewer(`${url}events`);
  t.like(JSON.parse((await newcomer.until((event) => event.id === '3')).data), { from: 0, to: 3 });
});

test('viewers are told that it is over, and the port is free again', async (t) => {
  const served = new Counting();
  const server = await serveShare({ listen: { host: '127.0.0.1', port: 0 }, served });
  const viewer = new Viewer(`${server.urls[0]}events?after=1`);
  await until(() => server.viewers === 1);
  // Somebody who has said nothing does not keep it open.
  const silent = connect(server.address.port, '127.0.0.1');
  await once(silent, 'connect');
  await Promise.all([server.close(), viewer.until(({ name }) => name === 'end'), once(silent, 'close')]);
  const next = await serveShare({ listen: server.address, served });
  t.deepEqual(next.address, server.address);
  await next.close();
});

/** A viewer that asks for events and never reads. */
async function deafViewer(url: string): Promise<Socket> {
  const { hostname, port, host, pathname } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => {});
  socket.pause();
  socket.write(`GET ${pathname}events?after=1 HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await once(socket, 'connect');
  return socket;
}

test('a viewer that never reads is dropped, keeps nothing growing, and keeps nobody waiting', async (t) => {
  const { served, server, url } = await sharing(t, { limits: { patience: 300, heartbeat: 100 } });
  const deaf = await deafViewer(url);
  t.teardown(() => deaf.destroy());
  const viewer = new Viewer(`${url}events?after=1`);
  await until(() => server.viewers === 2);
  const padding = 'x'.repeat(1024 * 1024);
  let sent = 0;
  while (server.viewers === 2) {
    served.change(padding);
    server.publish();
    sent++;
    // The other has each before the next is made: nobody waits for the deaf one.
    await viewer.until(({ id }) => id === String(served.revision));
    viewer.events.length = 0;
  }
  t.true(sent > 0);
  await until(() => server.viewers === 1);
  served.change();
  server.publish();
  await viewer.until(({ id }) => id === String(served.revision));
  t.pass();
});

test('a slow viewer skips what is over and is sent the newest', async (t) => {
  const { served, server, url } = await sharing(t);
  const deaf = await deafViewer(url);
  t.teardown(() => deaf.destroy());
  await until(() => server.viewers === 1);
  const padding = 'x'.repeat(4 * 1024 * 1024);
  for (let count = 0; count < 20; count++) {
    served.change(padding);
    server.publish();
  }
  served.change('last');
  server.publish();
  const ids: string[] = [];
  let rest = '';
  deaf.setEncoding('latin1').on('data', (text: string) => {
    rest += text;
    for (const [, id = ''] of text.matchAll(/id: (\d+)/g)) ids.push(id);
  });
  deaf.resume();
  await until(() => rest.endsWith('\n\n\r\n') && rest.includes('"last"'));
  t.is(ids.at(-1), String(served.revision));
  t.true(ids.length < 5, `${ids.length} of 21 messages`);
});

test('there is room for so many viewers; who comes then is told, and finds room later', async (t) => {
  const { server, url } = await sharing(t, { limits: { viewers: 2 } });
  const viewers = [new Viewer(`${url}events?after=1`), new Viewer(`${url}events?after=1`)];
  await until(() => server.viewers === 2);
  const { status, headers } = await ask(`${url}events`);
  t.is(status, 503);
  t.truthy(headers['retry-after']);
  t.is((await ask(url)).status, 200);
  viewers[0]?.close();
  await until(() => server.viewers === 1);
  const next = new Viewer(`${url}events`);
  await next.until(({ id }) => id === '1');
});

test('connections are limited', async (t) => {
  const { server, url } = await sharing(t, { limits: { connections: 3 } });
  const sockets = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const socket = connect(server.address.port, '127.0.0.1');
      t.teardown(() => socket.destroy());
      await once(socket, 'connect');
      return socket;
    }),
  );
  await t.throwsAsync(ask(url), { message: /socket hang up|ECONNRESET/ });
  sockets[0]?.destroy();
  await until(async () => (await ask(url).catch(() => undefined))?.status === 200);
  t.pass();
});

test('what is no HTTP is answered or closed, and the next viewer is served', async (t) => {
  const { server, url } = await sharing(t);
  for (const text of [
    '\u0016\u0003\u0001\u0002\u0000',
    'nonsense\r\n\r\n',
    `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(5000)}\r\n`,
  ]) {
    const socket = connect(server.address.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume().write(text);
    await once(socket, 'close');
  }
  t.is((await ask(url)).status, 200);
});

test('an address that is taken is a mistake of the user', async (t) => {
  const { server, served } = await sharing(t);
  await t.throwsAsync(serveShare({ listen: server.address, served }), { instanceOf: UserError });
});
