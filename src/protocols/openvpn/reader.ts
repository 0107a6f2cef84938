/** Reads OpenVPN over TCP, where each packet has its length before it, and in the datagrams of a flow. */
import { verbatim } from '../../i18n/language.ts';
import type { Piece } from '../piece.ts';
import type { DatagramReader, ProtocolMessage, ProtocolReader } from '../protocol.ts';
import { Framing, messageCut, messageOf, messagesIn } from '../shared/framed.ts';
import type { Unit } from '../shared/framed.ts';
import type { KeyRing } from '../tls/keys/keylog.ts';
import type { TlsMessage } from '../tls/message/message.ts';
import { OpenVpnConversation } from './conversation.ts';

const prefixLength = 2;

const lengthOf = ([high, low]: Uint8Array): number | 'none' | undefined => {
  if (high === undefined || low === undefined) return undefined;
  const length = high * 256 + low;
  return length === 0 ? 'none' : prefixLength + length;
};

const notUnderstood = (unit: Unit): ProtocolMessage =>
  messageOf(unit, { protocol: 'openvpn', root: 'openvpn', unread: 'openvpn.unread' }, (cursor, said) => {
    said.title = verbatim('OpenVPN');
    cursor.rest('openvpn.unread');
  });

export function openVpnReader(): ProtocolReader {
  const framing = new Framing(lengthOf);
  const conversation = new OpenVpnConversation();
  let carried: TlsMessage[] = [];
  const told = (unit: Unit): ProtocolMessage => {
    const found = unit.isLost || unit.isCut ? undefined : conversation.packet(unit, prefixLength);
    for (const message of found?.tls ?? []) carried.push(message);
    return found?.message ?? notUnderstood(unit);
  };
  return {
    feed: (piece) => messagesIn(framing, piece, told),
    expects: (_, other) => other,
    cut: (from) => messageCut(framing, from, told),
    survivesGaps: true,
    takeCarried() {
      const taken = carried;
      carried = [];
      return taken;
    },
  };
}

export function openVpnDatagrams(keys: () => KeyRing): DatagramReader {
  const conversation = new OpenVpnConversation(keys);
  return {
    feed(piece) {
      const found = conversation.packet(unitOf(piece));
      return found && [found.message, ...found.tls.map((tls) => ({ tls }))];
    },
  };
}

const unitOf = ({ from, offset, bytes, tag }: Piece): Unit => ({
  from,
  offset,
  length: bytes.length,
  lastTag: tag,
  bytes,
  isCut: false,
  isLost: false,
});
