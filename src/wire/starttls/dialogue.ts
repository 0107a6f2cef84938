/** What a protocol that turns to TLS on request is to those who carry it out; `protocols.ts` has the rows. */
import type { Exchange } from './exchange.ts';

/** How a client requested TLS, for a target that must hear the same. */
export type TlsRequest = Uint8Array;

export interface StarttlsProtocol {
  /**
   * As a server, up to the byte before TLS; `direct` if the client began with TLS at once.
   * @param greeting the target's, where the client must hear that
   * @throws ExchangeError for a client that does anything else; it has received its refusal.
   */
  answer(exchange: Exchange, greeting?: Uint8Array): Promise<'direct' | TlsRequest | undefined | void>;
  /**
   * As a server without TLS: a client that would like TLS is answered that there is none. Absent where it need not ask.
   * @returns the request that the client would have made
   */
  decline?(exchange: Exchange, greeting?: Uint8Array): Promise<TlsRequest | undefined | void>;
  /** As a server that cannot go on, before its greeting: what the client is told. Absent where nothing can be said. */
  regrets?(why: string): Uint8Array;
  /** As a client: what the server says first; empty where it says nothing. @throws ExchangeError for a refusal */
  readGreeting(exchange: Exchange): Promise<Uint8Array>;
  /** As a client: whether that greeting offers TLS. @throws ExchangeError if not. Absent where a greeting does not say so. */
  checkOffer?(greeting: Uint8Array): void;
  /**
   * As a client, behind the greeting, up to the byte before TLS.
   * @param request of another client, for which this one asks
   * @throws ExchangeError if the server does not agree
   */
  ask(exchange: Exchange, greeting: Uint8Array, request?: TlsRequest): Promise<void>;
  /**
   * Where a request for TLS stands in the messages that are counted: translates between a side that made it and one that did
   * not. Absent where nothing changes.
   * @param requested the side that did
   */
  readonly translation?: (requested: 'client' | 'target') => Translation;
}

/** Changes of what passes between two sides; as many bytes come out as go in. */
export interface Translation {
  /** Of the client's bytes. */
  send(bytes: Uint8Array): Uint8Array;
  /** Of the target's bytes. */
  receive(bytes: Uint8Array): Uint8Array;
}

/**
 * With a server's greeting, where a client must hear it before TLS is requested: resolves with the client's own request, or
 * `cancelled`.
 */
export type Meet = (greeting: Uint8Array) => Promise<TlsRequest | 'cancelled' | undefined>;
