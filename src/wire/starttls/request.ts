/**
 * Requests TLS from a target in the words of its protocol, on a connection that was just established. `dial.ts` begins TLS
 * afterwards. Loaded only for targets that need it.
 */
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { ConnectionRecord } from '../tap/connection-record.ts';
import { patience } from '../tcp/patience.ts';
import type { Wait } from '../tcp/patience.ts';
import type { Failure } from '../endpoint.ts';
import { Exchange, ExchangeError } from './exchange.ts';
import type { Meet, TlsRequest } from './dialogue.ts';
import type { StarttlsName } from './protocols.ts';
import { starttlsProtocol, starttlsRows } from './protocols.ts';

/** The client for which it was begun has left, or was refused: nothing that the server has to do with. */
const cancelled: Failure = {
  reason: 'closed_during_handshake',
  by: 'client',
  code: 'ECANCELED',
  message: 'the client has left',
};

export type TlsRequested = { readonly greeting: Uint8Array } | { readonly failure: Failure };

/**
 * Resolves with what the server said first once TLS may begin, or with the reason why it may not: then the socket is closed.
 * @param meet takes no time of this request's
 */
export async function requestTls(
  name: StarttlsName,
  socket: Socket,
  record: ConnectionRecord,
  milliseconds: number,
  meet?: Meet,
): Promise<TlsRequested> {
  const exchange = new Exchange(socket, {
    record: (from, bytes) => record.bytes('wire', from === 'peer' ? 'server' : 'client', bytes),
  });
  const patient = (): Wait =>
    patience.wait(milliseconds, () => {
      record.aborted('client', 'timeout');
      exchange.abort(new ExchangeError('handshake_timeout', 'ETIMEDOUT'));
    });
  let wait = patient();
  try {
    const protocol = await starttlsProtocol(name);
    const greeting = await protocol.readGreeting(exchange);
    protocol.checkOffer?.(greeting);
    let request: TlsRequest | undefined;
    if (meet) {
      wait.stop();
      const met = await meet(greeting);
      if (met === 'cancelled') {
        exchange.drop();
        record.ended('client');
        socket.destroy();
        return { failure: cancelled };
      }
      request = met;
      wait = patient();
    }
    await protocol.ask(exchange, greeting, request);
    exchange.refuseEarlyBytes();
    exchange.stop();
    return { greeting };
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    exchange.drop();
    const failure = failureOf(error);
    if (failure.by === 'client')
      record.refused({ by: 'client', reason: failure.reason, detail: { code: failure.code } });
    socket.destroy();
    return { failure };
  } finally {
    wait.stop();
  }
}

function failureOf({ reason = 'closed_during_handshake', code, message }: ExchangeError): Failure {
  if (reason === 'starttls_violated') return { reason, by: 'client', code, message };
  const by = reason === 'handshake_timeout' ? 'unknown' : 'server';
  return { reason, by, code, message };
}

/**
 * Reads a server's greeting from an established stream: for a client that was greeted already, or is greeted with it. Empty where
 * the client speaks first. Rejects with an `ExchangeError` if there is none.
 */
export async function takeGreeting(
  name: StarttlsName,
  stream: Duplex,
  milliseconds: number,
): Promise<Uint8Array> {
  if (starttlsRows[name].greeting === 'none') return new Uint8Array(0);
  const protocol = await starttlsProtocol(name);
  const exchange = new Exchange(stream);
  const wait = patience.wait(milliseconds, () =>
    exchange.abort(new ExchangeError('handshake_timeout', 'ETIMEDOUT')),
  );
  try {
    const greeting = await protocol.readGreeting(exchange);
    exchange.stop();
    return greeting;
  } finally {
    wait.stop();
  }
}
