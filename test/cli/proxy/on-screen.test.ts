/**
 * A proxy on the screen: it shows its address and each connection, a refused one with its card.
 */
import test from 'ava';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { performedProxy } from '../../ui/tui/support/performed.ts';
import { makeWorld } from '../../wire/support/world.ts';
import { login, site } from './support/site.ts';

const world = makeWorld();

for (const [language, waiting, visitor] of [
  ['en', /waiting for a connection/, / connection 0 /],
  ['ko', /연결을 기다리는 중/, / 연결 0 /],
] as const) {
  test(`plaintext: a login that comes by is shown on both wires, and q ends it (${language})`, async (t) => {
    const screen = await performedProxy(
      t,
      ['--mode', 'plaintext', '--listen', '0', '--target', await site(t)],
      { language },
    );
    const intro = await screen.until(waiting);
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(intro)?.[1]);
    t.notRegex(intro, /1 2 3/, 'there is no counterpart that a key could lead to');
    await login(port);
    await screen.until((text) => visitor.test(text) && /POST \/login/.test(text) && /tiger-lily/.test(text));
    await screen.press('b');
    await screen.until(waiting);
    await screen.press('q');
    t.is(await screen.ended, 0);
  });
}

test('--har, --export and --stats are written beside the screen, each request once', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-beside-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [har, bodies] = [join(folder, 'seen.har'), join(folder, 'bodies')];
  const words = ['--mode', 'plaintext', '--listen', '0', '--target', await site(t), '--http', '--stats'];
  const screen = await performedProxy(t, [...words, '--har', har, '--export', bodies]);
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(await screen.until(/waiting for a connection/))?.[1]);
  for (const path of ['/one', '/two'])
    await new Promise<void>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, agent: false }, (response) =>
        response.resume().on('end', resolve),
      )
        .on('error', reject)
        .end();
    });
  await screen.until(/GET \/two/);
  // Connections that are shown are not released by what is written beside them.
  await screen.press('b');
  await screen.until(/GET \/one/);
  await screen.press('Q');
  t.is(await screen.ended, 0);
  const { log } = JSON.parse(readFileSync(har, 'utf8')) as {
    log: { entries: { request: { url: string }; response: { content: { text: string } } }[] };
  };
  t.deepEqual(
    log.entries.map((one) => [new URL(one.request.url).pathname, one.response.content.text]),
    [
      ['/one', 'welcome'],
      ['/two', 'welcome'],
    ],
  );
  t.is((JSON.parse(readFileSync(join(bodies, 'index.json'), 'utf8')) as unknown[]).length, 2);
});

test('a proxy that cannot listen leaves no file behind', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-beside-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [taken, target] = [await site(t), await site(t)];
  const screen = await performedProxy(t, [
    '--mode',
    'plaintext',
    '--listen',
    taken,
    '--target',
    target,
    '--har',
    join(folder, 'seen.har'),
  ]);
  await screen.until(/in use|EADDRINUSE/i);
  await screen.press('Q');
  t.is(await screen.ended, 2);
  t.deepEqual(readdirSync(folder), []);
});

test('--http: where clients share a connection to the server, what it got is the request of the shown client', async (t) => {
  const screen = await performedProxy(
    t,
    ['--mode', 'plaintext', '--listen', '0', '--target', await site(t), '--http'],
    { columns: 120, rows: 40 },
  );
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(await screen.until(/waiting for a connection/))?.[1]);
  const open = async (): Promise<Socket> => {
    const socket = connectTcp(port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  const ask = async (socket: Socket, path: string): Promise<void> => {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: shop.localhost\r\n\r\n`);
    await once(socket, 'data');
  };
  const other = await open();
  await screen.until(/ connection 0 /);
  const shown = await open();
  await screen.press('g');
  await screen.until(/#1 /);
  await screen.press('\x1b');
  await ask(other, '/first');
  await ask(shown, '/second');
  await screen.press('g1\r');
  const text = await screen.until(
    (now) => / connection 1 /.test(now) && /server got/.test(now) && /GET \/second/.test(now),
  );
  t.regex(text, /GET \/second +│.*│ GET \/second/, text);
  t.notRegex(text, /GET \/first/);
  await screen.press('q');
  t.is(await screen.ended, 0);
});

test('mtls: who is turned away is shown with the card', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-screen-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const { certificate, key } = world.identity('server');
  const screen = await performedProxy(
    t,
    [
      '--mode',
      'mtls',
      '--listen',
      '0',
      '--target',
      await site(t),
      '--http',
      '--cert',
      file('server.crt', certificate),
      '--key',
      file('server.key', key),
      '--cacert',
      file('ca.crt', world.authority('client-ca')),
      '--allow-cn',
      'alice',
    ],
    { columns: 120, rows: 40 },
  );
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(await screen.until(/waiting for a connection/))?.[1]);
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: 'shop.localhost',
    ca: world.authority('server-ca'),
    cert: world.identity('bob').certificate,
    key: world.identity('bob').key,
  });
  await new Promise((resolve) =>
    socket
      .on('error', () => {})
      .on('close', resolve)
      .resume(),
  );
  const shown = await screen.until(/REFUSED by proxy/);
  t.regex(shown, /CN=bob/);
  t.true(
    shown.replace(/\s+/g, ' ').includes(`openssl s_client -connect 127.0.0.1:${port}`),
    'the card names the command',
  );
  await screen.press('q');
  t.is(await screen.ended, 0);
});

test('a port in use is an error on the screen, with its number; quitting exits with 2', async (t) => {
  const busy = await site(t);
  const screen = await performedProxy(t, ['--mode', 'plaintext', '--listen', busy, '--target', '1']);
  t.regex(await screen.until(/is in use by another program/), new RegExp(busy));
  await screen.press('q');
  t.is(await screen.ended, 2);
});

test('a missing file is reported before the screen opens', async (t) => {
  await t.throwsAsync(
    performedProxy(t, [
      '--mode',
      'tls',
      '--listen',
      '0',
      '--target',
      '1',
      '--cert',
      '/nowhere/server.crt',
      '--key',
      '/nowhere/server.key',
    ]),
    { message: /it does not exist/ },
  );
});
