/**
 * Reads the server name (SNI, RFC 6066 section 3) in a client's ClientHello, on a connection whose TLS is not ended here. The bytes
 * stay in the stream for whoever forwards them.
 */
import type { Duplex } from 'node:stream';
import { TlsConversation } from '../../protocols/tls/conversation.ts';
import { Exchange, ExchangeError } from '../starttls/exchange.ts';
import { patience } from '../tcp/patience.ts';

/** A ClientHello with a post-quantum key share has two thousand bytes; one record has at most this many. */
const longestHello = 5 + 16_384 + 2_048;

/** Undefined where there is none: another protocol, no such extension, or a client that says too little in time. */
export async function peekServerName(stream: Duplex, milliseconds: number): Promise<string | undefined> {
  const exchange = new Exchange(stream);
  const wait = patience.wait(milliseconds, () =>
    exchange.abort(new ExchangeError('handshake_timeout', 'ETIMEDOUT')),
  );
  try {
    const hello = new TlsConversation();
    for (let read = 0; read < longestHello; ) {
      await exchange.peek(read + 1);
      const bytes = exchange.held.subarray(read);
      if (read === 0 && bytes[0] !== 0x16) return undefined;
      const messages = hello.feed({ from: 'client', offset: read, bytes: Buffer.from(bytes) });
      read += bytes.length;
      for (const { content } of messages) {
        if (content.type === 'client_hello') return content.extensions.serverName;
        return undefined;
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof ExchangeError) return undefined;
    throw error;
  } finally {
    wait.stop();
    exchange.stop();
  }
}
