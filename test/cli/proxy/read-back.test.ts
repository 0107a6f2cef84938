/**
 * A long conversation through a proxy on the screen, recorded with -w: what is no longer in memory is read back from the file.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { testAtLength } from '../../helpers/at-length.ts';
import { performedProxy } from '../../ui/tui/support/performed.ts';
import { makeWorld } from '../../wire/support/world.ts';

const world = makeWorld();
const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nwelcome';

/** Answers each request on a connection that stays open. */
async function site(t: ExecutionContext): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let left = '';
    socket
      .on('error', () => {})
      .on('data', (bytes) => {
        const parts = (left + bytes.toString('latin1')).split('\r\n\r\n');
        left = parts.pop() ?? '';
        socket.write(answer.repeat(parts.length));
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** So many requests on one connection, some at a time. */
async function ask(socket: Socket, requests: number): Promise<void> {
  let answered = 0;
  let asked = 0;
  let left = '';
  const goOn = (): void => {
    const batch = Array.from(
      { length: Math.min(8, requests - asked) },
      (_, at) => `GET /page-${asked + at} HTTP/1.1\r\nHost: shop\r\n\r\n`,
    );
    asked += batch.length;
    for (const one of batch) socket.write(one);
  };
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject).on('data', (bytes) => {
      // The proxy may add headers.
      const parts = (left + bytes.toString('latin1')).split('welcome');
      left = parts.pop() ?? '';
      answered += parts.length;
      if (answered === requests) resolve();
      else if (answered === asked) goOn();
    });
    goOn();
  });
}

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-read-back-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const home = '\x1b[H';
const end = '\x1b[F';
const pageUp = '\x1b[5~';
const pageDown = '\x1b[6~';

testAtLength(
  'of 5,000 requests on one connection the first are read back from the growing file, and so are those before the newest',
  async (t) => {
    const file = join(folderOf(t), 'run.pcapng');
    const screen = await performedProxy(
      t,
      ['--mode', 'plaintext', '--http', '--listen', '0', '--target', await site(t), '-w', file],
      { columns: 120, rows: 60 },
    );
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(await screen.until(/waiting for a connection/))?.[1]);
    const socket = connectPlain(port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    await ask(socket, 5000);
    await screen.press(end);
    await screen.until(/GET \/page-49\d\d/);
    await screen.press(home);
    const first = await screen.until(
      (text) => /conversation: read back from run\.pcapng/.test(text) && /GET \/page-0 /.test(text),
    );
    t.notRegex(first, /not kept/);
    await screen.press(pageDown.repeat(20));
    await screen.until((text) => /GET \/page-1\d\d /.test(text) && /conversation: read back from/.test(text));
    // From the newest back into what is not in memory.
    await screen.press(end);
    await screen.until((text) => /GET \/page-4999/.test(text) && !/read back/.test(text));
    await screen.press(pageUp.repeat(Math.ceil(2100 / 20)));
    const older = await screen.until(
      (text) => /conversation: read back from/.test(text) && /GET \/page-[34]\d\d\d/.test(text),
    );
    t.notRegex(older, /no longer in memory/);
  },
);

test('under TLS what was read back is opened with the keys as what is in memory is', async (t) => {
  const folder = folderOf(t);
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const { certificate, key } = world.identity('server');
  const screen = await performedProxy(
    t,
    [
      '--mode',
      'tls',
      '--http',
      '--listen',
      '0',
      '--target',
      await site(t),
      '--cert',
      file('server.crt', certificate),
      '--key',
      file('server.key', key),
      '-w',
      join(folder, 'run.pcapng'),
    ],
    { columns: 120, rows: 60 },
  );
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(await screen.until(/waiting for a connection/))?.[1]);
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    servername: 'shop.localhost',
    ca: world.authority('server-ca'),
  });
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  await ask(socket, 1200);
  await screen.press('k');
  await screen.press(end);
  await screen.until(/GET \/page-11\d\d/);
  await screen.press(home);
  await screen.until(
    (text) => /conversation: read back from run\.pcapng/.test(text) && /ClientHello/.test(text),
  );
  await screen.press(pageDown.repeat(10));
  await screen.until((text) => /conversation: read back from/.test(text) && /GET \/page-\d\d /.test(text));
  await screen.press('k');
  const sealed = await screen.until(/conversation: read back from[^]*ApplicationData +\d+ B sealed/);
  t.notRegex(sealed, /not kept|GET \/page-[1-9]\d/, 'without the keys it is as sealed as on the wire');
});
