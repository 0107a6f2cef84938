/**
 * Follows one EAP conversation: the fragments of a TLS method are put together (RFC 5216 section 3.1) and read as TLS is
 * read anywhere, with the keys of a key log. Packets that are sent again are recognised by their identifier.
 */
import type { Side } from '../../capture/event.ts';
import { TlsConversation } from '../tls/conversation.ts';
import type { KeyRing } from '../tls/keys/keylog.ts';
import type { TlsMessage } from '../tls/message/message.ts';
import { tlsFragment, tlsMethods } from './packet.ts';
import type { EapPacket } from './packet.ts';

/** What is kept of records: any handshake fits. */
const maxKept = 64 * 1024;

export class EapSession {
  readonly #keys: () => KeyRing;
  #tls: TlsConversation | undefined;
  #offsets: Record<Side, number> = { client: 0, server: 0 };
  readonly #last: Record<Side, { identifier: number; data: string } | undefined> = {
    client: undefined,
    server: undefined,
  };

  constructor(keys: () => KeyRing) {
    this.#keys = keys;
  }

  /** @returns the TLS messages that the packet completes */
  take({ code, identifier, type, data }: EapPacket, tag: number): TlsMessage[] {
    if (type === undefined || !tlsMethods.has(type)) return [];
    const from: Side = code === 2 ? 'client' : 'server';
    const fragment = tlsFragment(data);
    if (!fragment || this.#isRepeated(from, identifier, data)) return [];
    if (fragment.isStart) {
      this.#tls = undefined;
      this.#offsets = { client: 0, server: 0 };
    }
    if (fragment.isStart || fragment.bytes.length === 0) return [];
    this.#tls ??= new TlsConversation({ keys: this.#keys(), passing: true, maxKept });
    const offset = this.#offsets[from];
    this.#offsets[from] += fragment.bytes.length;
    return this.#tls.feed({ from, offset, bytes: fragment.bytes, tag });
  }

  /** The same packet again; another with its number, in a capture of several conversations, is not. */
  #isRepeated(from: Side, identifier: number, data: Uint8Array): boolean {
    const text = Buffer.from(data.subarray(0, 64)).toString('latin1') + data.length;
    const last = this.#last[from];
    this.#last[from] = { identifier, data: text };
    return last?.identifier === identifier && last.data === text;
  }
}
