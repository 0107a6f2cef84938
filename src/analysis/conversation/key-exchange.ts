/**
 * Determines how a TLS handshake agreed on a secret, as visible on the wire: a secret encrypted with the server's
 * public key (RSA), or two exchanged public values (Diffie-Hellman, mostly on elliptic curves). `stolen-key.ts`
 * decrypts with a stolen key.
 */
import type { Side } from '../../capture/event.ts';
import { findField } from '../../core/field.ts';
import type { Field, FieldId } from '../../core/field.ts';
import { keyExchangeOf } from '../../protocols/tls/cipher-suites.ts';
import { groupName, isTls13, nameOrCode } from '../../protocols/tls/codes.ts';
import { handshakeFieldOf } from '../../protocols/tls/message/message-field.ts';
import type { TlsMessage } from '../../protocols/tls/message/message.ts';

/** A value in the bytes of a side: where its message stands on the wire, and the value itself. */
export interface ExchangedValue {
  readonly from: Side;
  /** Of the message's first record, in the stream of the wire. */
  readonly offset: number;
  readonly length: number;
  readonly value: Uint8Array;
}

export type KeyExchange =
  /** RFC 5246 section 7.4.7.1. */
  | { readonly how: 'RSA'; readonly locked: ExchangedValue }
  /** RFC 8422 section 5, RFC 8446 section 4.2.8; `group` by its name: `x25519`. */
  | {
      readonly how: 'ECDHE' | 'DHE';
      readonly group: string;
      readonly publicValues: Readonly<Record<Side, ExchangedValue>>;
    };

/** Of the last handshake that can be read to this point; undefined where none can. */
export function keyExchangeIn(messages: readonly TlsMessage[]): KeyExchange | undefined {
  const lastOf = (type: TlsMessage['content']['type']): TlsMessage | undefined =>
    messages.findLast(({ content }) => content.type === type);
  const [clientHello, serverHello] = [lastOf('client_hello'), lastOf('server_hello')];
  if (!clientHello || serverHello?.content.type !== 'server_hello') return undefined;
  const { cipherSuite, extensions } = serverHello.content;
  if (isTls13(extensions.selectedVersion ?? 0)) {
    const code = extensions.keyShareGroups?.[0];
    const [client, server] = [shareOf(clientHello, code), shareOf(serverHello, code)];
    return code === undefined || !client || !server
      ? undefined
      : { how: 'ECDHE', group: nameOrCode(groupName, code), publicValues: { client, server } };
  }
  const answer = lastOf('client_key_exchange');
  const offer = lastOf('server_key_exchange');
  const how = keyExchangeOf(cipherSuite) ?? '';
  if (how === 'RSA') {
    const locked = valueIn(answer, 'tls.handshake.client_key_exchange.encrypted_premaster_secret');
    return locked && { how, locked };
  }
  const [client, server] = [
    valueIn(answer, 'tls.handshake.client_key_exchange.public'),
    valueIn(offer, 'tls.handshake.server_key_exchange.public'),
  ];
  if (!client || !server) return undefined;
  const code = offer?.content.type === 'server_key_exchange' ? offer.content.group : undefined;
  return {
    how: how.startsWith('ECDHE') ? 'ECDHE' : 'DHE',
    group: code === undefined ? '' : nameOrCode(groupName, code),
    publicValues: { client, server },
  };
}

function valueIn(message: TlsMessage | undefined, id: FieldId): ExchangedValue | undefined {
  const root = message && handshakeFieldOf(message);
  return root && valueOf(message, findField(root, id));
}

/** The key share of that group: a client may send several, and values that mean nothing (RFC 8701). */
function shareOf(message: TlsMessage, group: number | undefined): ExchangedValue | undefined {
  const root = handshakeFieldOf(message);
  const id = (field: Field, name: string): Field | undefined =>
    field.children.find((child) => child.id.endsWith(`.${name}`));
  let found: Field | undefined;
  const walk = (field: Field): void => {
    const named = id(field, 'group');
    const key = id(field, 'key_exchange');
    if (key && named?.value === group) found ??= key;
    for (const child of field.children) walk(child);
  };
  if (root) walk(root);
  return valueOf(message, found);
}

function valueOf(message: TlsMessage, field: Field | undefined): ExchangedValue | undefined {
  const value = field && message.bytes?.subarray(...field.range);
  if (!field || !value) return undefined;
  const { from, offset, length } = message;
  return { from, offset, length, value };
}
