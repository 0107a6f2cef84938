/**
 * The protocols that turn to TLS on request, one row each: how a server answers the request and how a client makes it.
 * `wire/starttls/before.ts` and `wire/dial.ts` carry it out. MySQL has a greeting that its login depends on, and a module of its own.
 */
import type { Exchange } from './exchange.ts';
import type { StarttlsName } from './names.ts';

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

/** Loads a row. */
export async function starttlsProtocol(name: StarttlsName): Promise<StarttlsProtocol> {
  switch (name) {
    case 'postgres':
    case 'ldap':
      return (await import('./directory.ts'))[name];
    case 'mysql':
      return (await import('./mysql.ts')).mysql;
    default:
      return (await import('./mail.ts'))[name];
  }
}
