/**
 * Connections through a proxy, and what goes wrong with them: what the client does, and what the side does that ends TLS: the
 * proxy itself, or the target behind one that relays.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { Address, CaptureEvent } from '../../../src/capture/event.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { startService } from '../../../src/cli/proxy/perform.ts';
import type { ProxySettings } from '../../../src/cli/proxy/proxy-settings.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { isThrough } from '../../../src/proxy/kinds.ts';
import type { ProxyKindName } from '../../../src/proxy/kinds.ts';
import { accept } from '../../../src/wire/accept.ts';
import type { Security, TlsChoices } from '../../../src/wire/endpoint.ts';
import { file } from '../../analysis/support/failing-peers.ts';

export interface Mode {
  readonly kind: ProxyKindName;
  readonly http?: true;
}

export const modes = {
  passthrough: { kind: 'passthrough' },
  connect: { kind: 'connect' },
  plaintext: { kind: 'plaintext' },
  'plaintext --http': { kind: 'plaintext', http: true },
  tls: { kind: 'tls' },
  'tls --http': { kind: 'tls', http: true },
  mtls: { kind: 'mtls' },
  'mtls --http': { kind: 'mtls', http: true },
} as const satisfies Readonly<Record<string, Mode>>;
export type ModeName = keyof typeof modes;
export const modeNames = Object.keys(modes) as ModeName[];

/** Whether what the client says reaches the target as it is. */
export const isRelayed = (name: ModeName): boolean => {
  const { kind, http }: Mode = modes[name];
  return isThrough(kind) || (kind === 'plaintext' && !http);
};

/** Time that passes only where a test lets it: what takes long on a busy machine is no silence. */
export class TestClock implements Clock {
  readonly #start = systemClock.now();
  #microseconds = 0;

  skip(milliseconds: number): void {
    this.#microseconds += milliseconds * 1000;
  }

  now(): number {
    return this.#start + this.#microseconds / 1000;
  }

  microseconds(): number {
    return (this.#microseconds += 10);
  }
}

/** The side that ends TLS. */
export interface TlsSide {
  /** The row of its certificate. */
  readonly identity?: string;
  readonly tls?: TlsChoices;
  /** Asks for a certificate; where the proxy is that side, it does so in mtls mode only. */
  readonly isMutual?: true;
  readonly hasLists?: true;
  readonly reject?: 'http';
}

/** A target behind a proxy that ends the client's connection itself. */
export interface Behind {
  /** What the target is like if it ends TLS; absent where it answers in plaintext. */
  readonly side?: TlsSide;
  readonly dials: Security;
  /** A file of the CA that the proxy trusts. */
  readonly trusts?: string;
  /** The name that the proxy asks for. */
  readonly serverName?: string;
}

export interface Visit {
  /** Where the client connects. */
  readonly port: number;
  /** The target of a tunnel that is to be asked for. */
  readonly tunnel?: Address | undefined;
  readonly clock: TestClock;
  /** Resolves when what the client has said came as far as it goes. */
  readonly heard: () => Promise<unknown>;
}

export type Target = (socket: Socket, clock: TestClock) => void;

export interface Serving {
  readonly target: Target;
  close(): Promise<void>;
}

export interface Failing {
  /** What the side is like that ends TLS; absent where the target does something else. */
  readonly side?: TlsSide;
  /** What the target does with a connection. */
  readonly target?: Target | 'down';
  /** A program that is the target. */
  readonly serves?: { readonly program: string; readonly start: () => Promise<Serving> };
  /** What is different behind a proxy that ends the client's connection. */
  readonly behind?: Behind;
  readonly visit: (visit: Visit) => Promise<unknown>;
  /** No tunnel is asked for on its behalf. */
  readonly asksItself?: true;
}

const host = '127.0.0.1';
const text = (name: string): string => readFileSync(file(name), 'utf8');
const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';

/** Answers the first bytes, and ends. */
export const answers = (socket: Duplex): void => {
  socket.on('error', () => {}).on('end', () => socket.end());
  socket.once('data', () => socket.end(answer)).resume();
};

async function listening(
  serve: (socket: Socket) => void,
): Promise<{ readonly address: Address; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    serve(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    address: { host, port: (server.address() as AddressInfo).port },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function openTarget(
  { side: direct, target, behind, serves }: Failing,
  mode: ModeName,
  clock: TestClock,
): Promise<{ readonly address: Address; close(): unknown }> {
  if (target === 'down') {
    const gone = await listening(() => {});
    gone.close();
    return { address: gone.address, close: () => {} };
  }
  if (serves) {
    const serving = await serves.start();
    const front = await listening((socket) => serving.target(socket, clock));
    return {
      address: front.address,
      async close() {
        front.close();
        await serving.close();
      },
    };
  }
  if (target) return listening((socket) => target(socket, clock));
  const side = isRelayed(mode) ? direct : behind?.side;
  if (!side) return listening(answers);
  const name = side.identity ?? 'server';
  const listener = await accept(
    {
      security: side.isMutual ? 'mtls' : 'tls',
      listen: { host, port: 0 },
      clock: systemClock,
      identity: { certificate: text(`${name}.crt`), key: text(`${name}.key`) },
      handshakeTimeout: patience,
      ...(side.tls ? { tls: side.tls } : {}),
      ...(side.isMutual
        ? {
            clientAuthorities: [text('good-ca.crt')],
            ...(side.hasLists ? { clientRevocations: [text('good-ca.crl')] } : {}),
            policy: { allowAll: true },
          }
        : {}),
    },
    ({ stream }) => answers(stream),
  );
  return { address: listener.address, close: async () => listener.close(0) };
}

/** In milliseconds: long enough for a program on a busy machine, and no longer than a test can wait. */
const patience = 2000;

function settingsFor(name: ModeName, { side = {}, behind }: Failing, target: Address): ProxySettings {
  const { kind, http }: Mode = modes[name];
  const ends = kind === 'tls' || kind === 'mtls';
  const identity = side.identity ?? 'server';
  return {
    kind,
    pump: http ? 'http' : kind === 'connect' ? 'connect' : 'bytes',
    listen: { host, port: 0 },
    target,
    routes: [],
    onlyRoutes: false,
    listener: {
      ...(ends ? { cert: file(`${identity}.crt`), key: file(`${identity}.key`) } : {}),
      ...(kind === 'mtls' ? { cacert: file('good-ca.crt') } : {}),
      crl: side.hasLists && kind === 'mtls' ? [file('good-ca.crl')] : [],
    },
    policy: { allowAll: true },
    reject: http ? (side.reject ?? 'tls') : 'tls',
    tls: side.tls ?? {},
    secondHop: (isRelayed(name) ? undefined : behind?.dials) ?? 'plain',
    dialer: { ...(behind?.trusts ? { cacert: file(behind.trusts) } : {}), crl: [] },
    ...(behind?.serverName ? { serverName: behind.serverName } : {}),
    serverPolicy: {},
    routeFiles: [],
    starttls: {},
    proxyHeader: { in: false },
    insecure: false,
    timeouts: { handshake: patience, response: patience, request: patience },
    shutdownMs: 500,
  };
}

/** Runs it through a proxy of that mode; the log as its taps and endpoints wrote it, once every connection has closed. */
export async function logOf(failing: Failing, mode: ModeName): Promise<readonly CaptureEvent[]> {
  const clock = new TestClock();
  const log = new CaptureLog({ clock });
  const target = await openTarget(failing, mode, clock);
  const service = await startService({
    settings: settingsFor(mode, failing, target.address),
    log: log.openRun(),
    version: '0',
  });
  try {
    const tunnel = mode === 'connect' && !failing.asksItself ? target.address : undefined;
    const lastHop = isRelayed(mode) && failing.target !== 'down' ? 'B' : 'A';
    const isHeard = (): boolean =>
      log.events.some((event) => event.type === 'bytes' && event.from === 'client' && event.hop === lastHop);
    const heard = async (): Promise<unknown> => log.until(isHeard, 5000);
    await failing.visit({ port: service.address.port, clock, tunnel, heard });
    const numbers = (type: 'opened' | 'closed'): Set<number> =>
      new Set(log.events.flatMap((event) => (event.type === type ? [event.conn] : [])));
    const isOver = (): boolean => {
      const [opened, closed] = [numbers('opened'), numbers('closed')];
      return opened.size > 0 && [...opened].every((conn) => closed.has(conn));
    };
    if (!(await log.until(isOver, 20_000))) throw new Error('a connection never ended');
    return log.events;
  } finally {
    await service.close();
    await target.close();
  }
}

/** A connection, in a tunnel where one is to be asked for. */
async function connected({ port, tunnel }: Visit): Promise<Socket> {
  const socket = connect({ port, host, allowHalfOpen: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (!tunnel) return socket;
  const to = `${tunnel.host}:${tunnel.port}`;
  socket.write(`CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n`);
  const closed = once(socket, 'close');
  let head = '';
  while (!head.includes('\r\n\r\n')) {
    await Promise.race([once(socket, 'readable'), closed]);
    if (socket.destroyed) return socket;
    head += (socket.read(1) as Buffer | null)?.toString('latin1') ?? '';
  }
  return socket;
}

export type Leaves = (socket: Socket, visit: Visit) => unknown;
export const ends: Leaves = (socket) => void socket.end();
export const resets: Leaves = (socket) => void socket.resetAndDestroy();
export const waits: Leaves = () => {};

/** Sends bytes, and leaves when they are sent, or upon the first answer. */
export function raw(
  first: string | Uint8Array,
  leave: Leaves = ends,
  when: 'sent' | 'answered' = 'sent',
): Failing['visit'] {
  return async (visit) => {
    const socket = await connected(visit);
    if (socket.destroyed) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('end', () => socket.end());
    const go = (): void => void leave(socket, visit);
    if (when === 'answered') socket.once('data', () => setImmediate(go));
    socket.resume();
    if (first.length > 0) socket.write(first, () => (when === 'sent' ? setImmediate(go) : undefined));
    else if (when === 'sent') go();
    await closed;
  };
}

/** Says something for each thing that it hears, and ends after the last answer. */
export function dialogue(...lines: readonly string[]): Failing['visit'] {
  return async (visit) => {
    const socket = await connected(visit);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const left = [...lines];
    socket.on('end', () => socket.end());
    socket.on('data', () => {
      const next = left.shift();
      if (next === undefined) socket.end();
      else socket.write(next);
    });
    await closed;
  };
}

/** The first bytes of a TLS client of Node's. */
export async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const written: Buffer[] = [];
  const lower = new Duplex({
    read() {},
    write(bytes: Buffer, _encoding, done) {
      written.push(bytes);
      done();
    },
  });
  const socket = connectTls({ socket: lower, servername: 'localhost', ...options });
  socket.on('error', () => {});
  while (written.length === 0) await new Promise((resolve) => void setImmediate(resolve));
  socket.destroy();
  return Buffer.concat(written);
}

export interface TlsVisit extends ConnectionOptions {
  readonly presents?: string;
}

const asks = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

/** A TLS client of Node's, which believes every server and sends no alert of its own. */
export function tls(
  { presents, ...options }: TlsVisit,
  goOn: (socket: TLSSocket, lower: Socket) => void = (socket) => void socket.write(asks),
): Failing['visit'] {
  return async (visit) => {
    const lower = await connected(visit);
    const closed = new Promise((resolve) => lower.once('close', resolve));
    const socket = connectTls({
      socket: lower,
      servername: 'localhost',
      rejectUnauthorized: false,
      ...(presents ? { cert: text(`${presents}.crt`), key: text(`${presents}.key`) } : {}),
      ...options,
    });
    socket
      .on('error', () => lower.destroy())
      .on('end', () => socket.end())
      .resume();
    socket.once('secureConnect', () => goOn(socket, lower));
    await closed;
  };
}

const programs = new WeakMap<Failing['visit'], string>();

/** The program that must be installed for it; none for what this process does. */
export const programOf = ({ visit, serves }: Failing): readonly string[] => {
  const name = programs.get(visit);
  return [...(name === undefined ? [] : [name]), ...(serves ? [serves.program] : [])];
};

/** A program, to its end. */
export function program(
  name: string,
  words: (visit: Visit) => readonly string[],
  input = '',
): Failing['visit'] {
  const run: Failing['visit'] = async (visit) => {
    const child = spawn(name, [...words(visit)], { stdio: ['pipe', 'ignore', 'ignore'], timeout: 20_000 });
    child.stdin.on('error', () => {});
    if (input === '') child.stdin.end();
    else child.stdin.write(input);
    await once(child, 'close');
  };
  programs.set(run, name);
  return run;
}

/** `openssl s_client`, which sends the alerts that a client should. */
export const openssl = (...words: readonly string[]): Failing['visit'] =>
  program(
    'openssl',
    ({ port, tunnel }) => [
      's_client',
      ...(tunnel
        ? ['-proxy', `${host}:${port}`, '-connect', `${tunnel.host}:${tunnel.port}`]
        : ['-connect', `${host}:${port}`]),
      '-quiet',
      '-no_ign_eof',
      '-servername',
      'localhost',
      ...words,
    ],
    'GET / HTTP/1.0\r\n\r\n',
  );
