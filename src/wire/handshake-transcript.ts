/**
 * What both sides said during one handshake, kept until the client is judged, and the certificates in it. Asked only
 * where the runtime tells less than was presented: Node 24.21 and 26.8 hand a server the leaf alone (nodejs/node#65579).
 * Reading the messages is `dissect/tls`; a handshake that cannot be read presents nothing.
 */
import type { Side } from '../capture/event.ts';
import { TlsConversation } from '../dissect/tls/conversation.ts';

/** No honest handshake is longer: OpenSSL itself takes chains of up to 100 KiB. */
const LONGEST = 512 * 1024;

export class HandshakeTranscript {
  readonly #chunks: { from: Side; bytes: Uint8Array }[] = [];
  readonly #lines: string[] = [];
  #length = 0;

  add(from: Side, bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length <= LONGEST) this.#chunks.push({ from, bytes });
  }

  addKeylog(line: string): void {
    this.#lines.push(line);
  }

  /** The client's chain as it was presented, leaf first, DER. */
  clientChain(): readonly Uint8Array[] {
    const conversation = new TlsConversation();
    const offsets = { client: 0, server: 0 };
    for (const { from, bytes } of this.#chunks) {
      conversation.feed({ from, offset: offsets[from], bytes });
      offsets[from] += bytes.length;
    }
    conversation.openWith(this.#lines);
    for (const { from, content } of conversation.messages) {
      if (from === 'client' && content.type === 'certificate') return content.certificates;
    }
    return [];
  }
}
