/**
 * The TLS half of accepting: one TLS server for a listener, fed with tapped streams. It decides when a connection is
 * secure and whom it hands up; who may come in is `admission.ts`, which alert a refused client gets `alerts.ts`.
 * Its counterpart is `tls-dialer.ts`. Loaded only where a listener speaks TLS.
 *
 * 1. A TLS socket over a Duplex does not know its Duplex: they find each other by the client random, which the tap reads
 *    in the ClientHello and the key log names. A handshake that fails before there are keys is found by what failed last.
 * 2. `refused` comes before `closed`, and a refused client is never handed up.
 */
import { constants } from 'node:crypto';
import { createServer } from 'node:tls';
import type { Server, TLSSocket } from 'node:tls';
import type { Socket } from 'node:net';
import type { TlsVersion } from '../capture/vocabulary.ts';
import { clientRandomOf, readBeginning } from './client-random.ts';
import { localOf, remoteOf } from './connection-record.ts';
import type { ConnectionRecord } from './connection-record.ts';
import type { Accepted, AcceptOptions } from './endpoint.ts';
import { reasonOfServerError } from './failures.ts';
import { presentedChain, summaryOf } from './peer-certificate.ts';
import { TappedStream } from './tapped.ts';

/** A connection on its way through the handshake. */
interface Handshake {
  readonly socket: Socket;
  readonly record: ConnectionRecord;
  readonly wire: TappedStream;
  beginning: Buffer;
  timer: NodeJS.Timeout | undefined;
  settled: boolean;
}

export interface TlsAcceptor {
  /** Takes a raw connection; answers with what ends it. */
  take(socket: Socket, record: ConnectionRecord): void;
}

const DEFAULT_HANDSHAKE_TIMEOUT = 10_000;

export function createTlsAcceptor(options: AcceptOptions, handUp: (socket: Socket, accepted: Accepted) => void): TlsAcceptor {
  const mutual = options.security === 'mtls';
  const byRandom = new Map<string, Handshake>();
  const joined = new WeakMap<TLSSocket, Handshake>();
  let orphan: NodeJS.ErrnoException | undefined;
  const server: Server = createServer({
    ...(options.identity ? { cert: options.identity.certificate, key: options.identity.key } : {}),
    ...(options.tls?.minVersion ? { minVersion: options.tls.minVersion } : {}),
    ...(options.tls?.maxVersion ? { maxVersion: options.tls.maxVersion } : {}),
    ...(options.tls?.ciphers ? { ciphers: options.tls.ciphers } : {}),
    ...(options.tls?.alpn ? { ALPNProtocols: [...options.tls.alpn] } : {}),
    ...(mutual
      ? {
          requestCert: true,
          rejectUnauthorized: false,
          ca: [...(options.clientAuthorities ?? [])],
          ...(options.clientRevocations?.length ? { crl: [...options.clientRevocations] } : {}),
          // A resumed session would keep an old verdict.
          secureOptions: constants.SSL_OP_NO_TICKET,
        }
      : {}),
    // Ours runs for each handshake; this one must never be first.
    handshakeTimeout: 2 ** 31 - 1,
    allowHalfOpen: true,
  });

  const settle = (handshake: Handshake): void => {
    handshake.settled = true;
    clearTimeout(handshake.timer);
  };

  const fail = (handshake: Handshake, error: NodeJS.ErrnoException): void => {
    if (handshake.settled) return;
    settle(handshake);
    handshake.record.refused({
      by: 'server',
      reason: reasonOfServerError(error),
      detail: { code: error.code ?? 'UNKNOWN' },
    });
  };

  server.on('keylog', (line: Buffer, tlsSocket: TLSSocket) => {
    const text = line.toString('latin1').trimEnd();
    let handshake = joined.get(tlsSocket);
    if (!handshake) {
      handshake = byRandom.get(clientRandomOf(text));
      if (!handshake) return;
      joined.set(tlsSocket, handshake);
    }
    handshake.record.keylog(text);
  });

  server.on('tlsClientError', (error: NodeJS.ErrnoException, tlsSocket: TLSSocket) => {
    const handshake = joined.get(tlsSocket);
    if (handshake) fail(handshake, error);
    else orphan = error;
  });

  server.on('secureConnection', (tlsSocket: TLSSocket) => {
    tlsSocket.on('error', () => {});
    const handshake = joined.get(tlsSocket);
    if (!handshake || handshake.settled) {
      tlsSocket.destroy();
      return;
    }
    settle(handshake);
    const { record, socket, wire } = handshake;
    const peer = mutual ? summaryOf(presentedChain(tlsSocket)[0]) : undefined;
    const alpn = tlsSocket.alpnProtocol || undefined;
    record.secured({
      side: 'server',
      version: tlsSocket.getProtocol() as TlsVersion,
      cipher: tlsSocket.getCipher().standardName,
      ...(alpn ? { alpn } : {}),
      ...(tlsSocket.servername ? { serverName: tlsSocket.servername } : {}),
      ...(tlsSocket.isSessionReused() ? { resumed: true } : {}),
      ...(peer ? { peer } : {}),
    });
    if (mutual && !tlsSocket.authorized) {
      record.refused({ by: 'server', reason: 'unknown_ca', detail: { code: String(tlsSocket.authorizationError) } });
      wire.resetAndDestroy();
      return;
    }
    const stream = new TappedStream({
      lower: tlsSocket,
      raw: socket,
      farSide: 'client',
      record: (from, bytes) => record.bytes('plaintext', from, bytes),
      reset: () => wire.resetAndDestroy(),
      destroyResets: true,
    });
    handUp(socket, {
      conn: record.conn,
      stream,
      remote: remoteOf(socket),
      local: localOf(socket),
      security: options.security,
      ...(peer ? { peer } : {}),
      ...(alpn ? { alpn } : {}),
    });
  });

  return {
    take(socket, record) {
      const handshake: Handshake = {
        socket,
        record,
        wire: new TappedStream({
          lower: socket,
          farSide: 'client',
          stableWrites: true,
          record: (from, bytes) => {
            record.bytes('wire', from, bytes);
            if (from === 'client' && !handshake.settled) readOn(handshake, bytes);
          },
          onEnd: () => record.ended('server'),
          onReset: () => record.aborted('server', 'reset'),
        }),
        beginning: Buffer.alloc(0),
        timer: setTimeout(() => {
          if (handshake.settled) return;
          settle(handshake);
          record.refused({ by: 'server', reason: 'handshake_timeout', detail: {} });
          record.aborted('server', 'timeout');
          socket.destroy();
        }, options.handshakeTimeout ?? DEFAULT_HANDSHAKE_TIMEOUT),
        settled: false,
      };
      handshake.wire.on('close', () => {
        const random = readBeginning(handshake.beginning);
        if (random.kind === 'client_hello') byRandom.delete(random.random);
        fail(handshake, orphan ?? Object.assign(new Error('the connection closed during the handshake'), { code: 'ECONNRESET' }));
        orphan = undefined;
      });
      server.emit('connection', handshake.wire);
    },
  };

  function readOn(handshake: Handshake, bytes: Uint8Array): void {
    const before = readBeginning(handshake.beginning);
    if (before.kind !== 'needs_more') return;
    handshake.beginning = Buffer.concat([handshake.beginning, bytes]);
    const beginning = readBeginning(handshake.beginning);
    if (beginning.kind === 'client_hello') byRandom.set(beginning.random, handshake);
  }
}
