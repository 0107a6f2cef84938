/** Leads a program's connections: as its proxy anywhere, in the place of a target there; the log has the bytes of the two alone. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { systemClock } from '../../src/core/clock.ts';
import type { Address } from '../../src/capture/event.ts';
import { Flows } from '../../src/capture/flows.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { leadConnections, readAsked } from '../../src/proxy/lead.ts';
import type { Leading } from '../../src/proxy/lead.ts';
import { nowhere } from '../helpers/nowhere.ts';
import { startTcpServer } from '../helpers/tcp-server.ts';

interface Led {
  readonly leading: Leading;
  readonly flows: Flows;
  readonly log: CaptureLog;
}

async function lead(t: ExecutionContext, to?: Address): Promise<Led> {
  const log = new CaptureLog({ clock: systemClock });
  log.append({
    type: 'began',
    version: '',
    wallClock: new Date(systemClock.now()).toISOString(),
    topology: { participants: [], wires: [] },
  });
  const flows = new Flows(log);
  log.subscribe(flows.fold);
  const leading = await leadConnections({
    tap: { log, hop: 'A' },
    clock: systemClock,
    listen: { host: '127.0.0.1', port: 0 },
    to,
  });
  t.teardown(async () => leading.close());
  return { leading, flows, log };
}

async function open(t: ExecutionContext, { address }: Leading): Promise<Socket> {
  const socket = connect(address);
  socket.on('error', () => {});
  await once(socket, 'connect');
  t.teardown(() => socket.destroy());
  return socket;
}

async function untilEnd(socket: Socket): Promise<string> {
  const pieces: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => pieces.push(bytes));
  await once(socket, 'close');
  return Buffer.concat(pieces).toString();
}

const saying = (socket: Socket): void =>
  void socket.once('data', (bytes: Buffer) => socket.end(`heard ${bytes.toString()}`));

const wireOf = ({ flows }: Led, conn: number | undefined, from: 'client' | 'server'): string => {
  const connection = conn === undefined ? undefined : flows.connection(conn);
  return Buffer.from(connection?.stream('wire', from).head ?? []).toString();
};

test('a tunnel leads anywhere, and is not part of what is recorded', async (t) => {
  const server = await startTcpServer(t, saying);
  const led = await lead(t);
  const socket = await open(t, led.leading);
  socket.write(`CONNECT 127.0.0.1:${server.port} HTTP/1.1\r\nHost: x\r\n\r\nhello`);
  t.is(await untilEnd(socket), 'HTTP/1.1 200 Connection established\r\n\r\nheard hello');
  const [one] = led.leading.led;
  t.like(one, { to: server, way: 'tunnel' });
  t.is(wireOf(led, one?.conn, 'client'), 'hello');
  t.is(wireOf(led, one?.conn, 'server'), 'heard hello');
  await led.log.until(() => led.flows.connection(one?.conn ?? -1)?.closed !== undefined, 2000);
  t.is(led.flows.connection(one?.conn ?? -1)?.closed?.by, 'server');
});

test('a request in absolute form arrives as a server without a proxy has it', async (t) => {
  const server = await startTcpServer(t, saying);
  const led = await lead(t);
  const socket = await open(t, led.leading);
  socket.write(
    `GET http://127.0.0.1:${server.port}/a?b=1 HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nProxy-Connection: Keep-Alive\r\n\r\n`,
  );
  t.is(
    await untilEnd(socket),
    `heard GET /a?b=1 HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\n\r\n`,
  );
  t.like(led.leading.led[0], { to: server, way: 'request' });
});

test('in the place of a target, nothing is asked for', async (t) => {
  const server = await startTcpServer(t, saying);
  const led = await lead(t, server);
  const socket = await open(t, led.leading);
  socket.write('EHLO');
  t.is(await untilEnd(socket), 'heard EHLO');
  t.like(led.leading.led[0], { to: server, way: 'given' });
});

test('a target that is not there: the program is told, and the reason is kept', async (t) => {
  const { port } = nowhere;
  const led = await lead(t);
  const socket = await open(t, led.leading);
  socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\n\r\n`);
  t.regex(await untilEnd(socket), /^HTTP\/1\.1 502 /);
  const [one] = led.leading.led;
  t.is(one?.failure?.code, 'ECONNREFUSED');
  t.is(one?.conn, undefined);
});

test('what is no request of a proxy is refused', async (t) => {
  const { leading } = await lead(t);
  for (const head of ['GET / HTTP/1.1\r\n\r\n', 'CONNECT nowhere HTTP/1.1\r\n\r\n', '\x16\x03\x01\r\n\r\n']) {
    const socket = await open(t, leading);
    socket.write(head, 'latin1');
    t.regex(await untilEnd(socket), /^HTTP\/1\.1 400 /, head);
  }
  t.deepEqual(leading.led, []);
});

test('what is asked for, by its bytes', (t) => {
  const asked = (head: string): unknown => readAsked(Buffer.from(head, 'latin1'));
  t.is(asked('CONNECT a:1 HTTP/1.1\r\n'), undefined);
  t.like(asked('CONNECT [::1]:443 HTTP/1.1\r\n\r\n'), { to: { host: '::1', port: 443 } });
  t.like(asked('GET http://shop.localhost HTTP/1.0\r\n\r\n'), { to: { host: 'shop.localhost', port: 80 } });
  for (const bad of [
    'CONNECT a:0 HTTP/1.1\r\n\r\n',
    'CONNECT a:99999 HTTP/1.1\r\n\r\n',
    'GET https://a/ HTTP/1.1\r\n\r\n',
    'GET http://u:p@a/ HTTP/1.1\r\n\r\n',
    `GET http://a/${'x'.repeat(9000)}`,
  ])
    t.deepEqual(asked(bad), { status: 400 }, bad.slice(0, 40));
});

test('the reply to a CONNECT comes alone, also where the server speaks first', async (t) => {
  const server = await startTcpServer(t, (socket) => {
    socket.write('220 ready\r\n');
    saying(socket);
  });
  const { leading } = await lead(t);
  const socket = await open(t, leading);
  socket.write(`CONNECT 127.0.0.1:${server.port} HTTP/1.1\r\n\r\n`);
  const [reply] = (await once(socket, 'data')) as [Buffer];
  t.is(reply.toString(), 'HTTP/1.1 200 Connection established\r\n\r\n');
  const [greeting] = (await once(socket, 'data')) as [Buffer];
  t.is(greeting.toString(), '220 ready\r\n');
  socket.write('EHLO');
  t.is(await untilEnd(socket), 'heard EHLO');
});

test('what a client says at once, and that it ends there, reaches its server', async (t) => {
  const server = await startTcpServer(t, (socket) => {
    socket.once('end', () => socket.end('over'));
    socket.on('data', () => {});
  });
  const { leading } = await lead(t);
  const socket = await open(t, leading);
  socket.write(`CONNECT 127.0.0.1:${server.port} HTTP/1.1\r\n\r\n`);
  await once(socket, 'data');
  socket.end();
  t.is(await untilEnd(socket), 'over');
});
