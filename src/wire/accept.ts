/**
 * Listens, and passes on connections whose security is established. Plaintext is handled here; `acceptor.ts` adds TLS
 * and is loaded only when needed. The caller decides what to do with a connection; the counterpart on the other side of
 * a proxy is `dial.ts`.
 */
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Address } from '../capture/event.ts';
import { ConnectionLimit } from './tcp/connection-limit.ts';
import { ConnectionRecord, localOf, remoteOf, watchClose } from './tap/connection-record.ts';
import type { Accepted, AcceptOptions, Ends, Listener, SentAwayFor } from './endpoint.ts';
import { Places, usualWaiting } from './tcp/places.ts';
import { listenError } from './tcp/listen-error.ts';
import { readsOf } from './tap/own-read-buffers.ts';
import { TappedStream } from './tap/tapped.ts';

/** All in milliseconds. */
const DEFAULT_GRACE = 500;
const DEFAULT_SILENCE = 1000;
/** For the TLS close_notify to reach the other side. */
const LAST_WORDS = 100;
/** Connections that the kernel may queue while this process is busy: as many as it allows (Linux: net.core.somaxconn). */
const BACKLOG = 32_767;

/**
 * Listens, and calls `onConnection` for every secured connection (for mtls: admitted). Rejects with a `UserError` if
 * the address cannot be listened on, or the identity cannot be used.
 */
export async function accept(
  options: AcceptOptions,
  onConnection: (accepted: Accepted) => void,
): Promise<Listener> {
  const sockets = new Set<Socket>();
  const streams = new Map<Socket, { end(): unknown }>();
  const handUp = (socket: Socket, accepted: Accepted): void => {
    streams.set(socket, accepted.stream);
    onConnection(accepted);
  };
  const acceptor =
    options.security === 'plain'
      ? undefined
      : (await import('./tls/acceptor.ts')).createTlsAcceptor(options, handUp);
  const prelude =
    options.proxyHeader === true || options.starttls !== undefined || options.dialogue
      ? (await import('./starttls/prelude.ts')).preludeOf(options)
      : undefined;

  const { maxConnections, maxOpen, host } = options;
  const sendAway = (from: Address, why: SentAwayFor): void => options.onSentAway?.(from, why);
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, pauseOnConnect: maxConnections !== undefined },
    (socket) => {
      // Broken off by the client before it was accepted: nothing can be said to it, nor of it.
      if (socket.remoteAddress === undefined) return void socket.on('error', () => {}).destroy();
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        streams.delete(socket);
      });
      limit.take(socket);
    },
  );
  const serve = (socket: Socket, ended?: Buffer): void => {
    const record = new ConnectionRecord(options.tap, { onRefused: options.onRefused });
    const remote = remoteOf(socket);
    const local = localOf(socket);
    if (!prelude) record.opened(remote, local);
    watchClose(socket, 'client', record);
    let expire = (): void => {};
    if (maxConnections !== undefined || maxOpen !== undefined) {
      record.onMoved = limit.watch(socket, () => {
        options.onMadeRoom?.(record.conn, remote);
        expire();
        (streams.get(socket) ?? socket).end();
        setTimeout(() => socket.destroy(), LAST_WORDS);
      });
    }
    if (prelude)
      expire = prelude.take(
        socket,
        record,
        ended,
        (ends, left, isPlain) => (expire = secure(socket, record, ends, left, isPlain)),
      );
    else expire = secure(socket, record, { remote, local }, ended);
  };
  /** Returns a function that ends the handshake as timed out. */
  const secure = (
    socket: Socket,
    record: ConnectionRecord,
    ends: Ends,
    ended?: Buffer,
    isPlain = false,
  ): (() => void) => {
    if (acceptor && !isPlain) return acceptor.take(socket, record, ends);
    if (ended) record.ended('client');
    const stream = new TappedStream({
      lower: socket,
      ended,
      farSide: 'client',
      destroyResets: true,
      reads: options.tap ? readsOf(socket) : undefined,
      record: (from, bytes) => record.bytes('wire', from, bytes),
      onEnd: () => record.ended('server'),
      onReset: (cause) => record.brokenOff('server', cause),
    });
    const refuse: Accepted['refuse'] = (reason, detail = {}) =>
      record.refused({ by: 'server', reason, detail });
    const { conn, end } = record;
    handUp(socket, { conn, end, stream, ...ends, security: 'plain', refuse });
    return () => {};
  };

  const places = new Places({
    atOnce: maxConnections,
    mostWaiting: options.maxWaiting ?? usualWaiting,
  });
  const limit = new ConnectionLimit({
    isLimited: maxConnections !== undefined,
    places,
    silence: options.silence ?? DEFAULT_SILENCE,
    isTls: acceptor !== undefined,
    serve,
    onSentAway: (socket) => {
      sockets.delete(socket);
      sendAway(remoteOf(socket), 'waiting');
    },
  });
  if (maxOpen !== undefined) server.maxConnections = maxOpen;
  server.on('drop', (dropped) => {
    sendAway({ host: dropped?.remoteAddress ?? '', port: dropped?.remotePort ?? 0 }, 'open');
    limit.makeRoomForOne();
  });
  const listening = await host?.listen(options.listen, BACKLOG).catch((error: NodeJS.ErrnoException) => {
    throw listenError(error, options.listen);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, options.listen)));
    if (listening) server.listen(listening, BACKLOG, resolve);
    else server.listen({ host: options.listen.host, port: options.listen.port, backlog: BACKLOG }, resolve);
  });
  // After listening has started, an error is an accept error (too many open files): the connection is lost, not the
  // listener.
  server.on('error', () => {});
  const bound = server.address() as AddressInfo;

  return {
    address: { host: bound.address, port: bound.port },
    get open() {
      return sockets.size;
    },
    get waiting() {
      return places.waiting;
    },
    prepare: (credentials) => acceptor?.prepare(credentials) ?? (() => {}),
    renew: (credentials) => acceptor?.prepare(credentials)(),
    stop() {
      server.close();
      for (const socket of limit.close()) sockets.delete(socket);
    },
    async close(graceMs = DEFAULT_GRACE) {
      limit.close();
      const gone = [...sockets].map(
        async (socket) => new Promise((resolve) => socket.once('close', resolve)),
      );
      const closed = Promise.all([...gone, new Promise((resolve) => server.close(resolve))]);
      for (const socket of sockets) (streams.get(socket) ?? socket).end();
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
