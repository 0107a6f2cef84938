/** Connections as a capture file holds them, written by hand: bytes and ends, no word of any endpoint. */
import type { CaptureDraft, Side, Topology } from '../../../src/capture/event.ts';
import { alertRecord, certificate, clientHello, serverHello } from '../../ui/support/story.ts';

export const topology: Topology = {
  participants: [
    { name: 'client', role: 'client' },
    { name: 'server', role: 'server' },
  ],
  wires: [{ hop: 'A', from: 'client', to: 'server', protocol: 'tcp' }],
};

export const opened = (conn: number): CaptureDraft => ({
  type: 'opened',
  conn,
  hop: 'A',
  transport: 'tcp',
  from: { host: '127.0.0.1', port: 50_000 + conn },
  to: { host: '127.0.0.1', port: 1 },
});
export const bytes = (conn: number, from: Side, payload: string | Uint8Array): CaptureDraft => ({
  type: 'bytes',
  conn,
  hop: 'A',
  vantage: 'wire',
  from,
  bytes: Buffer.from(payload),
});
export const closed = (conn: number, by: Side): CaptureDraft => ({
  type: 'closed',
  conn,
  hop: 'A',
  by,
  how: 'end',
});

/** A client that refuses a certificate under TLS 1.2; logs by hand are from before it was made. */
export const fromTheFuture = (conn = 1): CaptureDraft[] => [
  opened(conn),
  bytes(conn, 'client', clientHello('shop.localhost')),
  bytes(conn, 'server', Buffer.concat([serverHello, certificate('shop.localhost')])),
  bytes(conn, 'client', alertRecord(42)),
  closed(conn, 'client'),
];

/** A request without an answer. */
export const unanswered = (conn = 1): CaptureDraft[] => [
  opened(conn),
  bytes(conn, 'client', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  closed(conn, 'server'),
];

export const notAccepted = (conn = 1): CaptureDraft[] => [
  opened(conn),
  { type: 'closed', conn, hop: 'A', by: 'server', how: 'reset', unaccepted: true },
];

export const answered = (conn = 1): CaptureDraft[] => [
  opened(conn),
  bytes(conn, 'client', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  bytes(conn, 'server', 'HTTP/1.1 204 No Content\r\n\r\n'),
  closed(conn, 'server'),
];
