/**
 * What both sides said during one handshake, kept until it is settled. Asked only where the runtime tells less than was
 * said: Node 24.21 and 26.8 hand a server the leaf alone (nodejs/node#65579), no version tells which alert OpenSSL has
 * sent, and of a handshake that broke down none tells anything. Reading the messages is `dissect/tls`; a handshake that cannot be read presents nothing.
 */
import type { Side } from '../../capture/event.ts';
import type { Alert } from '../../capture/vocabulary.ts';
import { TlsConversation } from '../../protocols/tls/conversation.ts';
import type { Negotiated } from '../../protocols/tls/conversation.ts';

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
    for (const { from, content } of this.#read().messages) {
      if (from === 'client' && content.type === 'certificate') return content.certificates;
    }
    return [];
  }

  /** What the server's hello settled. */
  negotiated(): Negotiated {
    return this.#read().negotiated;
  }

  /** The last alert that a side sent, in clear or sealed. */
  alertOf(side: Side): Alert | undefined {
    for (const { from, content } of this.#read().messages.toReversed()) {
      if (from === side && content.type === 'alert') return content.alert;
    }
    return undefined;
  }

  #read(): TlsConversation {
    const conversation = new TlsConversation();
    const offsets = { client: 0, server: 0 };
    for (const { from, bytes } of this.#chunks) {
      conversation.feed({ from, offset: offsets[from], bytes });
      offsets[from] += bytes.length;
    }
    conversation.openWith(this.#lines);
    return conversation;
  }
}
