/** A target that is reached through a proxy: CONNECT and SOCKS 5, with and without a login. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { dial } from '../../../src/wire/dial.ts';
import type { ProxyOnTheWay } from '../../../src/wire/endpoint.ts';

async function listening(t: ExecutionContext, server: Server, host = '127.0.0.1') {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => open.add(socket.on('error', () => {})));
  server.listen(0, host);
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return { host, port: (server.address() as AddressInfo).port };
}

const echo = (): Server => createServer((socket) => void socket.pipe(socket));

/** The part of RFC 1928 that a proxy needs; it notes whom it was asked for. */
function socks(asked: string[], login?: string): Server {
  return createServer((socket) => {
    let got = Buffer.alloc(0);
    let step = 0;
    const take = (length: number): Buffer | undefined => {
      if (got.length < length) return undefined;
      const part = got.subarray(0, length);
      got = got.subarray(length);
      return part;
    };
    const on = (bytes: Buffer): void => {
      got = Buffer.concat([got, bytes]);
      if (step === 0 && got.length >= 2 + (got[1] ?? 0)) {
        const methods = take(2 + (got[1] ?? 0))!.subarray(2);
        const method = login === undefined ? 0 : methods.includes(2) ? 2 : 255;
        // In pieces, as a network may deliver it.
        socket.write(Buffer.from([5]));
        setImmediate(() => socket.write(Buffer.from([method])));
        step = method === 2 ? 1 : 2;
      }
      if (step === 1 && got.length >= 3) {
        const user = got.subarray(2, 2 + (got[1] ?? 0)).toString();
        const password = got.subarray(3 + (got[1] ?? 0)).toString();
        got = Buffer.alloc(0);
        socket.write(Buffer.from([1, `${user}:${password}` === login ? 0 : 1]));
        step = 2;
      }
      if (step !== 2 || got.length < 5) return;
      const kind = got[3] ?? 0;
      const length = kind === 1 ? 4 : kind === 4 ? 16 : 1 + (got[4] ?? 0);
      const request = take(6 + length);
      if (!request) return;
      const port = request.readUInt16BE(4 + length);
      const name =
        kind === 3
          ? request.subarray(5, 4 + length).toString()
          : request.subarray(4, 4 + length).toString('hex');
      asked.push(name);
      socket.off('data', on);
      const onward = connect(port, kind === 4 ? '::1' : '127.0.0.1', () => {
        socket.write(Buffer.from([5, 0, 0, 3, 2, 97, 98, 0, 1]));
        socket.pipe(onward).pipe(socket);
      });
      onward.on('error', () => socket.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])));
    };
    socket.on('data', on);
  });
}

/** What a target that echoes says, or the code of the failure. */
async function said(to: { host: string; port: number }, through: ProxyOnTheWay): Promise<string> {
  const dialed = await dial({ security: 'plain', to, through, clock: systemClock, timeout: 5000 });
  if (dialed.outcome === 'failed') return dialed.failure.code;
  dialed.stream.write('hello');
  const [bytes] = (await once(dialed.stream, 'data')) as [Buffer];
  dialed.stream.destroy();
  return bytes.toString();
}

test('SOCKS 5: the proxy is given names and addresses as they are', async (t) => {
  const asked: string[] = [];
  const { port } = await listening(t, echo());
  const through = { ...(await listening(t, socks(asked))), speaks: 'socks5' } as const;
  t.is(await said({ host: 'api.shop.invalid', port }, through), 'hello');
  t.is(await said({ host: '127.0.0.1', port }, through), 'hello');
  t.is(await said({ host: '127.0.0.1', port: 1 }, through), 'ERR_TUNNEL');
  for (const host of ['::1', '2001:db8::a:b', '::ffff:192.0.2.1']) await said({ host, port: 1 }, through);
  t.deepEqual(asked, [
    'api.shop.invalid',
    '7f000001',
    '7f000001',
    '00000000000000000000000000000001',
    '20010db80000000000000000000a000b',
    '00000000000000000000ffffc0000201',
  ]);
});

test('SOCKS 5: user and password, where the proxy asks for them', async (t) => {
  const to = await listening(t, echo());
  const proxy = { ...(await listening(t, socks([], 'alice:sw'))), speaks: 'socks5' } as const;
  t.is(await said(to, { ...proxy, login: { user: 'alice', password: 'sw' } }), 'hello');
  t.is(await said(to, { ...proxy, login: { user: 'alice', password: 'no' } }), 'ERR_TUNNEL');
  t.is(await said(to, proxy), 'ERR_TUNNEL');
  const silent = await listening(
    t,
    createServer((socket) => void socket.end()),
  );
  t.is(await said(to, { ...silent, speaks: 'socks5' }), 'ECONNRESET');
  const other = await listening(
    t,
    createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  );
  t.is(await said(to, { ...other, speaks: 'socks5' }), 'ERR_TUNNEL');
});

test('CONNECT: user and password go to the proxy only', async (t) => {
  const to = await listening(t, echo());
  const heads: string[] = [];
  const proxy = await listening(
    t,
    createServer((socket) => {
      socket.once('data', (head: Buffer) => {
        heads.push(head.toString());
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const onward = connect(to);
        socket.pipe(onward).pipe(socket);
      });
    }),
  );
  t.is(await said(to, { ...proxy, login: { user: 'alice', password: 'sw' } }), 'hello');
  t.is(await said(to, proxy), 'hello');
  t.regex(heads[0] ?? '', /\r\nProxy-Authorization: Basic YWxpY2U6c3c=\r\n\r\n$/);
  t.notRegex(heads[1] ?? '', /Authorization/);
});
