/**
 * Keeps the messages of both sides during a handshake. Used where the runtime reports less than was sent: Node 24.21
 * and 26.8 give a server only the leaf (nodejs/node#65579), no version reports the alert that OpenSSL sent, and none
 * reports anything about a failed handshake. `protocols/tls` reads the messages; an unreadable handshake has no
 * certificates.
 */
import type { Side } from '../../capture/event.ts';
import type { Alert } from '../../capture/vocabulary.ts';
import { TlsConversation } from '../../protocols/tls/conversation.ts';
import type { Negotiated } from '../../protocols/tls/agreement.ts';

/** No honest handshake is longer: OpenSSL itself accepts chains of up to 100 KiB. */
const LONGEST = 512 * 1024;

export class HandshakeTranscript {
  readonly #chunks: { from: Side; bytes: Uint8Array }[] = [];
  readonly #lines: string[] = [];
  #length = 0;
  #hasAnswer = false;
  #sinceAnswer = 0;

  add(from: Side, bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (from === 'server') this.#hasAnswer = true;
    else if (this.#hasAnswer) this.#sinceAnswer += bytes.length;
    if (this.#length <= LONGEST) this.#chunks.push({ from, bytes });
  }

  addKeylog(line: string): void {
    this.#lines.push(line);
  }

  /** What the client has sent since the server's first answer, in bytes on the wire. */
  get clientFlight(): number {
    return this.#sinceAnswer;
  }

  /** The client's chain as presented, leaf first, DER. */
  clientChain(): readonly Uint8Array[] {
    for (const { from, content } of this.#read().messages) {
      if (from === 'client' && content.type === 'certificate') return content.certificates;
    }
    return [];
  }

  /** The names of the CAs of which the server wants the client's certificate, DER; undefined if it wants none. */
  requestedAuthorities(): readonly Uint8Array[] | undefined {
    for (const { from, content } of this.#read().messages)
      if (from === 'server' && content.type === 'certificate_request') return content.authorities;
    return undefined;
  }

  /** The parameters that the ServerHello selected. */
  negotiated(): Negotiated {
    return this.#read().negotiated;
  }

  /** The last alert of a side, encrypted or not. */
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
