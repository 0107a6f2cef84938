/**
 * Accepting: a listener that hands up connections whose security is settled. Plaintext is done here; what TLS adds is
 * `tls-acceptor.ts`, loaded only when it is asked for. What is done with a connection is the caller's; the
 * counterpart on the other side of a proxy is `dial.ts`.
 */
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { RefusalReason } from '../capture/vocabulary.ts';
import { ConnectionRecord, localOf, remoteOf, watchClose } from './connection-record.ts';
import type { Accepted, AcceptOptions, Listener } from './endpoint.ts';
import { listenMistake } from './listen-mistake.ts';
import { readsOf } from './own-read-buffers.ts';
import { TappedStream } from './tapped.ts';

const DEFAULT_GRACE = 500;

/**
 * Listens, and calls `onConnection` for every connection that is secure (for mtls: admitted). Rejects with a `Mistake`
 * when the address cannot be listened on, or when the identity cannot be used.
 */
export async function accept(options: AcceptOptions, onConnection: (accepted: Accepted) => void): Promise<Listener> {
  const sockets = new Set<Socket>();
  const streams = new Map<Socket, { end(): unknown }>();
  const handUp = (socket: Socket, accepted: Accepted): void => {
    streams.set(socket, accepted.stream);
    onConnection(accepted);
  };
  const acceptor =
    options.security === 'plain' ? undefined : (await import('./tls-acceptor.ts')).createTlsAcceptor(options, handUp);

  /** Connections that wait for another to close. */
  const waiting: Socket[] = [];
  const { maxConnections } = options;
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: maxConnections !== undefined }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      streams.delete(socket);
    });
    if (maxConnections === undefined) return serve(socket);
    if (serving < maxConnections) serveNext(socket);
    else waiting.push(socket);
  });
  let serving = 0;
  /** One of at most `maxConnections`; the one that waits longest comes after it. */
  const serveNext = (socket: Socket): void => {
    serving++;
    socket.once('close', () => {
      serving--;
      // One may have gone while it waited.
      let next = waiting.shift();
      while (next?.destroyed) next = waiting.shift();
      if (next) serveNext(next);
    });
    serve(socket);
    socket.resume();
  };
  const serve = (socket: Socket): void => {
    const record = new ConnectionRecord(options.tap, options.onRefused);
    const remote = remoteOf(socket);
    const local = localOf(socket);
    record.opened(remote, local);
    watchClose(socket, 'client', record);
    if (acceptor) return acceptor.take(socket, record);
    const stream = new TappedStream({
      lower: socket,
      farSide: 'client',
      destroyResets: true,
      reads: options.tap ? readsOf(socket) : undefined,
      record: (from, bytes) => record.bytes('wire', from, bytes),
      onEnd: () => record.ended('server'),
      onReset: (cause) => record.brokenOff('server', cause),
    });
    const refuse = (reason: RefusalReason, code?: string): void =>
      record.refused({ by: 'server', reason, detail: code === undefined ? {} : { code } });
    handUp(socket, { conn: record.conn, stream, remote, local, security: 'plain', refuse });
  };

  if (options.maxOpen !== undefined) server.maxConnections = options.maxOpen;
  server.on('drop', (dropped) => options.onSentAway?.({ host: dropped?.remoteAddress ?? '', port: dropped?.remotePort ?? 0 }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenMistake(error, options.listen)));
    server.listen({ host: options.listen.host, port: options.listen.port }, resolve);
  });
  // After listening, an error is one of accepting (too many open files): the connection is lost, not the listener.
  server.on('error', () => {});
  const bound = server.address() as AddressInfo;

  return {
    address: { host: bound.address, port: bound.port },
    get open() {
      return sockets.size;
    },
    renew: (credentials) => acceptor?.renew(credentials),
    stop() {
      server.close();
      for (const socket of waiting.splice(0)) socket.destroy();
    },
    async close(graceMs = DEFAULT_GRACE) {
      for (const socket of waiting.splice(0)) socket.destroy();
      const gone = [...sockets].map(async (socket) => new Promise((resolve) => socket.once('close', resolve)));
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

