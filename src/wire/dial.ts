/**
 * Connects to a target; a failure is returned as a value. Plaintext is handled here; `dialer.ts` adds TLS and is loaded
 * only when needed. `failures.ts` has the reasons of a failure.
 */
import { defined } from '../core/defined.ts';
import { connect } from 'node:net';
import type { OnReadOpts, Socket } from 'node:net';
import type { Address } from '../capture/event.ts';
import type { Host } from './hosts/host.ts';
import { ReadBuffer } from './tap/arena.ts';
import { ConnectionRecord, localOf, noConnection, remoteOf, watchClose } from './tap/connection-record.ts';
import type { Dialed, DialOptions, ProxyOnTheWay } from './endpoint.ts';
import { readsOf } from './tap/own-read-buffers.ts';
import { failureOf } from './tls/failures.ts';
import { patience } from './tcp/patience.ts';
import type { Wait } from './tcp/patience.ts';
import { TappedStream } from './tap/tapped.ts';
import type { Reads } from './tap/tapped.ts';

const DEFAULT_TIMEOUT = 10_000;

/** Throws a `UserError` if a dialer's credentials or CAs cannot be used, before any connection is attempted. */
export async function checkDialer({
  security,
  identity,
  tls,
  authorities,
  revocations,
}: DialOptions): Promise<void> {
  if (security === 'plain') return;
  const [{ tlsContextOptions }, { prepareVerification }] = await Promise.all([
    import('./tls/context.ts'),
    import('./tls/verification.ts'),
  ]);
  tlsContextOptions(identity, tls);
  if (authorities) prepareVerification('server', authorities, revocations);
}

/** Connects and, for tls and mtls, completes the handshake. Never rejects because of the network or the target. */
export async function dial(options: DialOptions): Promise<Dialed> {
  const whole = patience.wait(options.timeout ?? DEFAULT_TIMEOUT);
  try {
    return await dialWithin(whole, options);
  } finally {
    whole.stop();
  }
}

async function dialWithin(whole: Wait, options: DialOptions): Promise<Dialed> {
  // What precedes the target's own bytes is read from the stream.
  const isTalkedTo =
    options.through !== undefined || options.starttls !== undefined || options.dialogue !== undefined;
  const landing = options.tap && !isTalkedTo ? new ReadBuffer() : undefined;
  // What arrives before there is a reader: a server that greets is faster than the loading of what reads it.
  const early: Buffer[] = [];
  let onBytes: (bytes: Buffer) => void = (bytes) => void early.push(bytes);
  const onread = landing && {
    buffer: () => landing.free,
    callback: (length: number) => {
      onBytes(landing.take(length));
      return true;
    },
  };
  const first = firstOf(options);
  const connected = options.host
    ? await connectFrom(options.host, first, whole.left)
    : await connectTcp(first, options.signal, whole.left, onread);
  if (connected instanceof Error) {
    const failure = failureOf(connected, { connected: false });
    const onTheWay = { proxy: first, step: 'connection' } as const;
    return { outcome: 'failed', failure: options.through ? { ...failure, onTheWay } : failure };
  }
  let socket = connected;
  const reads: Reads | undefined =
    landing &&
    (options.host
      ? readsOf(socket)
      : (callback) => {
          onBytes = callback;
          // The reader is not yet made when it says what it reads with.
          if (early.length > 0) queueMicrotask(() => early.splice(0).forEach((bytes) => callback(bytes)));
        });
  if (options.through) {
    const { leadThrough } = await import('./tcp/through.ts');
    const led = await leadThrough(socket, options.through, {
      to: options.to,
      clock: options.clock,
      left: () => whole.left,
    });
    if ('failure' in led) {
      socket.destroy();
      return { outcome: 'failed', local: localOf(socket), failure: led.failure };
    }
    socket = led.socket;
  }
  const local = localOf(socket);
  const record = new ConnectionRecord(options.tap, { end: options.relays?.end });
  const { relays, onBehalfOf } = options;
  // A target that has broken off already has no address any more.
  const remote = socket.remoteAddress === undefined ? (options.through ?? options.to) : remoteOf(socket);
  record.opened(local, remote, {
    relays: relays?.conn === noConnection ? undefined : relays?.conn,
    onBehalfOf,
  });
  watchClose(socket, 'server', record);
  if (options.proxyHeader) {
    const { version, source, destination } = options.proxyHeader;
    const { writeProxyHeader } = await import('../protocols/proxy-header/header.ts');
    const header = writeProxyHeader(version, source, destination);
    record.bytes('wire', 'client', header);
    socket.write(header);
  }
  let isPlain = options.security === 'plain';
  let ended: Buffer | undefined;
  if (options.dialogue) {
    const { Exchange } = await import('./starttls/exchange.ts');
    const exchange = new Exchange(socket, {
      record: (from, bytes) => record.bytes('wire', from === 'peer' ? 'server' : 'client', bytes),
    });
    isPlain = (await options.dialogue(exchange, remote)) === 'plain';
    ended = exchange.stop();
  }
  if (!isPlain) {
    const { secure } = await import('./tls/dialer.ts');
    if (options.starttls === undefined) {
      // What was said before took its own time.
      const left = options.dialogue ? (options.timeout ?? DEFAULT_TIMEOUT) : whole.left;
      return secure(options, socket, record, reads, left);
    }
    const { requestTls } = await import('./starttls/request.ts');
    const { starttls, meet } = options;
    const asked = await requestTls(starttls, socket, record, whole.left, meet);
    if ('failure' in asked) return { outcome: 'failed', local, ...asked };
    // A client that was met took its own time.
    const left = meet ? (options.timeout ?? DEFAULT_TIMEOUT) : whole.left;
    const dialed = await secure(options, socket, record, reads, left);
    return dialed.outcome === 'connected' ? { ...dialed, ...asked } : dialed;
  }
  const stream = options.tap
    ? new TappedStream({
        lower: socket,
        ended,
        farSide: 'server',
        reads,
        record: (from, bytes) => record.bytes('wire', from, bytes),
        onEnd: () => record.ended('client'),
        onReset: (cause) => record.brokenOff('client', cause),
      })
    : socket;
  return { outcome: 'connected', conn: record.conn, stream, local };
}

/** Where the first connection leads: to the target, or to the nearest proxy on the way. */
function firstOf({ to, through }: DialOptions): Address {
  let first: Address & { readonly via?: ProxyOnTheWay } = through ?? to;
  while (first.via) first = first.via;
  return { host: first.host, port: first.port };
}

/** Ends it with the signal. */
function endWith(socket: Socket, signal: AbortSignal): void {
  const end = (): void =>
    void socket.destroy(Object.assign(new Error('the connection was called off'), { code: 'ABORT_ERR' }));
  if (signal.aborted) return end();
  signal.addEventListener('abort', end, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', end));
}

async function connectTcp(
  { host, port }: Address,
  signal: AbortSignal | undefined,
  milliseconds: number,
  onread: OnReadOpts | undefined,
): Promise<Socket | Error> {
  return new Promise((resolve) => {
    const socket = connect(defined({ host, port, allowHalfOpen: true, noDelay: true, onread }));
    const expire = (): void => {
      finish(notInTime({ host, port }));
      socket.destroy();
    };
    const wait = patience.wait(milliseconds, expire);
    const finish = (result: Socket | Error): void => {
      wait.stop();
      resolve(result);
    };
    socket.once('connect', () => finish(socket));
    // Kept: a later error on this socket is reported by its reader and must not end the process.
    socket.on('error', finish);
    if (signal) endWith(socket, signal);
  });
}

/** The same from another network stack. */
async function connectFrom(host: Host, to: Address, milliseconds: number): Promise<Socket | Error> {
  const controller = new AbortController();
  const wait = patience.wait(milliseconds, () => controller.abort());
  try {
    const socket = await host.connect(to, controller.signal);
    socket.on('error', () => {});
    return socket;
  } catch (error) {
    if (controller.signal.aborted) return notInTime(to);
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    wait.stop();
  }
}

function notInTime({ host, port }: Address): Error {
  return Object.assign(new Error(`no connection to ${host}:${port} in time`), { code: 'ETIMEDOUT' });
}
