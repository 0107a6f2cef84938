/** What a protocol that turns to TLS on request is to those who carry it out; `protocols.ts` has the rows. */
import type { Exchange } from './exchange.ts';

export interface StarttlsProtocol {
  /** Whether a server speaks first. */
  readonly hasGreeting: boolean;
  /**
   * As a server, up to the byte before TLS; `direct` if the client began with TLS at once.
   * @throws ExchangeError for a client that does anything else; it has received its refusal.
   */
  answer(exchange: Exchange): Promise<'direct' | undefined | void>;
  /** As a server without TLS: a client that would like TLS is answered that there is none. Absent where it need not ask. */
  decline?(exchange: Exchange): Promise<void>;
  /** As a client: what the server says first; empty where it says nothing. @throws ExchangeError for a refusal */
  readGreeting(exchange: Exchange): Promise<Uint8Array>;
  /** As a client, behind the greeting, up to the byte before TLS. @throws ExchangeError if the server does not agree */
  ask(exchange: Exchange): Promise<void>;
}
