/**
 * Decrypts a recorded connection with what was stolen from its server. A private key decrypts every handshake whose premaster
 * secret was encrypted with its public half, and the data that followed; with exchanged public values (ECDHE), it only signed,
 * and there is nothing to decrypt. Session ticket keys decrypt the tickets of TLS 1.2, and so the sessions, however they were
 * agreed on. Pure: captured bytes and these keys; no others, in particular not those that the endpoints logged.
 */
import { createPrivateKey } from 'node:crypto';
import type { Side } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import { keySources } from '../../protocols/tls/keys/key-sources.ts';
import { openBy } from '../../protocols/tls/keys/rsa-key.ts';
import { ticketKeysOf } from '../../protocols/tls/keys/session-ticket.ts';
import { keyExchangeIn } from '../conversation/key-exchange.ts';
import type { KeyExchange } from '../conversation/key-exchange.ts';
import { readTls } from '../conversation/tls-reading.ts';

export interface Opened {
  /** Whether there was a handshake to try it on. */
  readonly tried: number;
  /** Handshakes that opened. */
  readonly opened: number;
  /** What each side said, as far as it was opened. */
  readonly said: Readonly<Record<Side, Uint8Array>>;
  readonly exchange: KeyExchange | undefined;
}

/**
 * @param pem a private key; one that is no RSA key opens nothing.
 * @param ticketKeys session ticket keys, 48 or 80 bytes.
 */
export function openRecorded(connection: Connection, pem: string, ticketKeys?: Uint8Array): Opened {
  const conversation = readTls(connection);
  const key = createPrivateKey(pem);
  const sources = keySources(
    [],
    key.asymmetricKeyType === 'rsa' ? [key] : [],
    ticketKeys ? ticketKeysOf(ticketKeys) : [],
  );
  const lines = sources ? openBy(conversation, sources) : [];
  const exchange = keyExchangeIn(conversation.messages);
  const said = (from: Side): Uint8Array =>
    Buffer.concat(conversation.plaintext(from).map(({ bytes }) => bytes ?? new Uint8Array(0)));
  return {
    tried: exchange ? 1 : 0,
    opened: lines.length,
    said: { client: said('client'), server: said('server') },
    exchange,
  };
}
