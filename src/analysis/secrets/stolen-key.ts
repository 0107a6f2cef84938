/**
 * Decrypts a recorded connection with a stolen private key: every handshake whose premaster secret was encrypted with
 * its public half, and the data that followed. With exchanged public values (ECDHE), the key only signed, and there is
 * nothing to decrypt. Pure: captured bytes and a key; no other keys, in particular not those that the endpoints logged.
 */
import { createPrivateKey } from 'node:crypto';
import type { Side } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import { openWithRsa } from '../../protocols/tls/keys/rsa-key.ts';
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

/** @param pem a private key; one that is no RSA key opens nothing. */
export function openRecorded(connection: Connection, pem: string): Opened {
  const conversation = readTls(connection);
  const key = createPrivateKey(pem);
  const lines = key.asymmetricKeyType === 'rsa' ? openWithRsa(conversation, [key]) : [];
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
