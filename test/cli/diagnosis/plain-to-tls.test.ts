/** A command that speaks no TLS to a port that wants TLS, in whichever protocol, and whatever the server makes of it. */
import { once } from 'node:events';
import { createServer as createPlain } from 'node:http';
import { createServer } from 'node:https';
import { connect, createServer as createTcp } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { world } from '../certs/support/files.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

async function listening(t: ExecutionContext, server: Server): Promise<number> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => void open.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** TLS is passed on; what else begins is dealt with. */
async function tlsPort(t: ExecutionContext, onPlain: (socket: Socket) => void): Promise<number> {
  const secure = createServer(
    { key: world.identity('shop').key, cert: world.chain('shop') },
    (_request, response) => response.end('hello\n'),
  ).on('tlsClientError', () => {});
  const port = await listening(t, secure);
  return listening(
    t,
    createTcp((socket) => {
      socket.once('data', (first: Buffer) => {
        if (first[0] !== 22) {
          onPlain(socket);
          return;
        }
        const server = connect(port, '127.0.0.1');
        server.on('error', () => socket.destroy());
        server.write(first);
        socket.pipe(server).pipe(socket);
      });
    }),
  );
}

const client = (says: string): string =>
  `const s = require('net').connect(process.argv[2], process.argv[1], () => s.write(${JSON.stringify(says)}));
   s.on('error', () => {}).on('data', () => {}).on('close', () => process.exit(1));`;

interface Told {
  readonly exitCode: number | null;
  readonly cause?: string;
  readonly by?: string;
  readonly confidence?: string;
}

async function why(port: number, script: string, ...options: readonly string[]): Promise<Told> {
  const { exitCode, stdout } = await askWirelab([
    'why',
    '--json',
    '--to',
    `127.0.0.1:${port}`,
    ...options,
    '--',
    process.execPath,
    '-e',
    // What {} stands for is in its arguments alone.
    script.replaceAll('{}', '{ }'),
    '{host}',
    '{port}',
  ]);
  const told = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Omit<Told, 'exitCode'>;
  return { ...told, exitCode };
}

const protocols = {
  HTTP: 'GET / HTTP/1.1\r\nHost: shop\r\n\r\n',
  Redis: '*1\r\n$4\r\nPING\r\n',
  SMTP: 'EHLO shop\r\n',
  LDAP: '0\x0c\x02\x01\x01`\x07\x02\x01\x03\x04\x00\x80\x00',
} as const;

const dealings = {
  closes: (socket: Socket) => socket.end(),
  resets: (socket: Socket) => socket.resetAndDestroy(),
  'answers by an alert': (socket: Socket) => socket.end(Buffer.from('15030100020246', 'hex')),
} as const;

const rows = [
  ['HTTP', 'resets'],
  ['Redis', 'closes'],
  ['SMTP', 'resets'],
  ['LDAP', 'answers by an alert'],
] as const;

for (const [protocol, deals] of rows)
  test(`${protocol} to a TLS port that ${deals}`, async (t) => {
    const port = await tlsPort(t, (socket) => void dealings[deals](socket));
    const told = await why(port, client(protocols[protocol]));
    t.is(told.cause, 'plaintext_on_tls_port', JSON.stringify(told));
    t.is(told.confidence, 'proven');
    t.is(told.exitCode, 1);
  });

test('a TLS port that waits for the client, and a client that waits for a greeting', async (t) => {
  const port = await tlsPort(t, () => {});
  const script = `const s = require('net').connect(process.argv[2], process.argv[1]); s.on('error', () => {});
    s.setTimeout(500, () => process.exit(1));`;
  const told = await why(port, script);
  t.is(told.cause, 'plaintext_on_tls_port', JSON.stringify(told));
  t.is(told.confidence, 'likely');
});

test('plaintext to a port that has no TLS either is something else', async (t) => {
  const plain = await listening(
    t,
    createTcp((socket) => void socket.once('data', () => socket.end())),
  );
  const told = await why(plain, client(protocols.Redis));
  t.not(told.cause, 'plaintext_on_tls_port');
  t.not(told.exitCode, 0);
  const served = await listening(
    t,
    createPlain((_request, response) => response.end('hello\n')),
  );
  const well = await why(
    served,
    client('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n').replace('exit(1)', 'exit(0)'),
  );
  t.is(well.exitCode, 0, JSON.stringify(well));
});
