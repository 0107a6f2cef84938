/**
 * Takes an accepted connection through what precedes TLS, or precedes its bytes: a PROXY protocol header, and the dialogue
 * in which the client requests TLS. `accept.ts` secures it afterwards. Loaded only for listeners that ask for either.
 *
 * 1. A connection appears in the log under the addresses of its header; where it has none that can be used, under those of its
 *    socket, with the refusal.
 * 2. Both are bounded in bytes and, together, in time. A client that says nothing and leaves was not refused.
 */
import type { Socket } from 'node:net';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import { readProxyHeader } from '../../protocols/proxy-header/header.ts';
import { localOf, remoteOf } from '../tap/connection-record.ts';
import type { ConnectionRecord } from '../tap/connection-record.ts';
import { patience } from '../tcp/patience.ts';
import type { AcceptOptions, Ends } from '../endpoint.ts';
import { Exchange, ExchangeError } from './exchange.ts';
import { starttlsProtocol, starttlsRows } from './protocols.ts';

const defaultTimeout = 10_000;
/** How long a client that was refused may take to read it and to leave, in milliseconds. */
const refusedLinger = 1_000;

export interface Prelude {
  /**
   * @param ended what a client has sent that has ended already
   * @param next called once with the connection's ends, with what is left of `ended`, and whether TLS does not follow
   * @returns a function that ends it as timed out
   */
  take(
    socket: Socket,
    record: ConnectionRecord,
    ended: Buffer | undefined,
    next: (ends: Ends, left: Buffer | undefined, isPlain: boolean) => void,
  ): () => void;
}

export function preludeOf({
  proxyHeader = false,
  starttls,
  security,
  introduce,
  dialogue,
  handshakeTimeout = defaultTimeout,
}: Pick<
  AcceptOptions,
  'proxyHeader' | 'starttls' | 'security' | 'introduce' | 'dialogue' | 'handshakeTimeout'
>): Prelude {
  const loading = starttls === undefined ? undefined : starttlsProtocol(starttls);
  return {
    take(socket, record, ended, next) {
      let ends: Ends = { remote: remoteOf(socket), local: localOf(socket) };
      let isOpened = false;
      let isPlain = false;
      const open = (): void => {
        if (isOpened) return;
        isOpened = true;
        record.opened(ends.remote, ends.local);
      };
      const exchange = new Exchange(socket, {
        ended,
        record: (from, bytes) => {
          open();
          record.bytes('wire', from === 'peer' ? 'client' : 'server', bytes);
        },
      });
      const refuse = (reason: RefusalReason, code: string): void => {
        exchange.drop();
        record.refused({ by: 'server', reason, detail: code === '' ? {} : { code } });
        sendAway();
      };
      const sendAway = (): void => {
        // It may still read the answer that refuses it.
        record.ended('server');
        socket.end();
        socket.resume();
        const timer = setTimeout(() => socket.destroy(), refusedLinger);
        socket.once('close', () => clearTimeout(timer));
      };
      // Before the listener that appends `closed`.
      socket.prependOnceListener('close', open);
      const tooLate = (): void =>
        exchange.abort(
          isOpened || !proxyHeader
            ? new ExchangeError('handshake_timeout', 'ERR_TLS_HANDSHAKE_TIMEOUT')
            : new ExchangeError('proxy_header_missing', 'ETIMEDOUT'),
        );
      const wait = patience.wait(handshakeTimeout, tooLate);
      const run = async (): Promise<Ends> => {
        if (proxyHeader) {
          const named = await takeHeader(exchange, (known) => {
            ends = known ?? ends;
            open();
          });
          if (!named) throw new ExchangeError('proxy_header_missing', '');
        }
        open();
        if (dialogue) isPlain = (await dialogue(exchange, ends.remote)) === 'plain';
        const protocol = await loading;
        const introduction =
          starttls !== undefined && starttlsRows[starttls].greeting === 'target'
            ? await introduce?.({ conn: record.conn, end: record.end, ...ends })
            : undefined;
        if (introduction) socket.once('close', () => introduction.cancel());
        if (socket.destroyed) introduction?.cancel();
        const greeting = await introduction?.greeting;
        if (greeting && 'why' in greeting) throw new Ungreeted(protocol?.regrets?.(greeting.why));
        const request = await (security === 'plain'
          ? protocol?.decline?.(exchange, greeting?.said)
          : protocol?.answer(exchange, greeting?.said));
        if (!introduction) return ends;
        return {
          ...ends,
          introduction: {
            ...introduction,
            proceed: async () => introduction.proceed(request instanceof Uint8Array ? request : undefined),
          },
        };
      };
      const failed = (error: unknown): undefined => {
        if (error instanceof Ungreeted) {
          if (error.words) exchange.write(error.words);
          exchange.drop();
          sendAway();
          return;
        }
        if (!(error instanceof ExchangeError)) {
          socket.destroy(error as Error);
          return;
        }
        open();
        if (error.reason !== undefined && exchange.hasSpoken) {
          refuse(error.reason, error.code);
          return;
        }
        exchange.drop();
        if (error.reason !== undefined) record.aborted('server', 'timeout');
        socket.destroy();
      };
      const carryOn = async (): Promise<void> => {
        const known = await run().catch(failed);
        wait.stop();
        if (known) next(known, exchange.stop(), isPlain);
      };
      void carryOn();
      return tooLate;
    },
  };
}

/** The target has no greeting for the client; why is in the log, on the target's side. */
class Ungreeted extends Error {
  readonly words: Uint8Array | undefined;

  constructor(words: Uint8Array | undefined) {
    super('no greeting');
    this.words = words;
  }
}

/** @returns false if the connection begins with something else, which is left where it is */
async function takeHeader(exchange: Exchange, name: (ends: Ends | undefined) => void): Promise<boolean> {
  for (;;) {
    const read = readProxyHeader(exchange.held);
    switch (read.kind) {
      case 'none':
        return false;
      case 'malformed':
        throw new ExchangeError('proxy_header_malformed', read.why);
      case 'needs_more':
        await exchange.peek(exchange.held.length + 1);
        break;
      default: {
        const { addresses, length } = read.header;
        name(addresses && { remote: addresses.source, local: addresses.destination });
        await exchange.bytes(length);
        return true;
      }
    }
  }
}
