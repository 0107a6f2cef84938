/**
 * Reads the packets of one OpenVPN connection, over UDP or TCP: what each is, and the TLS connection of the control channel,
 * whose pieces are put in order by their numbers. With tls-crypt nothing but the kinds of packets is seen.
 *
 * Bounded: pieces far ahead of the next are dropped, and of records so much is kept.
 */
import type { Side } from '../../capture/event.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { Localized } from '../../i18n/language.ts';
import type { ProtocolMessage } from '../protocol.ts';
import { messageOf } from '../shared/framed.ts';
import type { Said, Unit } from '../shared/framed.ts';
import { TlsConversation } from '../tls/conversation.ts';
import { KeyRing } from '../tls/keys/keylog.ts';
import type { TlsMessage } from '../tls/message/message.ts';
import { opcodes, protectionOf, readPacket } from './packet.ts';
import type { OpenVpnPacket, Protection } from './packet.ts';

/** OpenVPN itself sends eight before it waits. */
const furthestAhead = 64;
/** What is kept of records: any handshake fits. */
const maxKept = 64 * 1024;

const data: Localized = { en: 'data', ko: '데이터' };
const names: Readonly<Record<number, Localized>> = {
  [opcodes.softReset]: { en: 'new key', ko: '새 키' },
  [opcodes.control]: { en: 'control', ko: '제어' },
  [opcodes.acknowledgement]: { en: 'acknowledgement', ko: '확인 응답' },
  [opcodes.data1]: data,
  [opcodes.clientReset]: { en: 'client reset', ko: '클라이언트 재설정' },
  [opcodes.serverReset]: { en: 'server reset', ko: '서버 재설정' },
  [opcodes.data2]: data,
  [opcodes.clientReset3]: { en: 'client reset, tls-crypt-v2', ko: '클라이언트 재설정, tls-crypt-v2' },
  [opcodes.wrappedControl]: { en: 'control, tls-crypt-v2', ko: '제어, tls-crypt-v2' },
};

interface Direction {
  next: number;
  offset: number;
  readonly waiting: Map<number, Uint8Array>;
}

const newDirections = (): Record<Side, Direction> => {
  const of = (): Direction => ({ next: 0, offset: 0, waiting: new Map() });
  return { client: of(), server: of() };
};

export interface ReadPacket {
  readonly message: ProtocolMessage;
  readonly tls: readonly TlsMessage[];
}

export class OpenVpnConversation {
  readonly #keys: () => KeyRing;
  #protection: Protection | undefined;
  #key = 0;
  #tls: TlsConversation | undefined;
  #directions = newDirections();

  constructor(keys: () => KeyRing = () => new KeyRing()) {
    this.#keys = keys;
  }

  /**
   * @param unit one packet
   * @param prefix bytes before it: the length that it has over TCP
   * @returns undefined for what is no packet, or before a client's reset was seen
   */
  packet(unit: Unit, prefix = 0): ReadPacket | undefined {
    const bytes = unit.bytes.subarray(prefix);
    const begins = unit.from === 'client' ? protectionOf(bytes) : undefined;
    if (begins) this.#begin(begins, 0);
    const protection = this.#protection;
    const packet = protection && readPacket(bytes, protection);
    if (!packet) return undefined;
    if (packet.opcode === opcodes.softReset && packet.key !== this.#key) this.#begin(protection, packet.key);
    return { message: messageOfPacket(unit, prefix, packet, protection), tls: this.#carried(unit, packet) };
  }

  #begin(protection: Protection, key: number): void {
    this.#protection = protection;
    this.#key = key;
    this.#tls = undefined;
    this.#directions = newDirections();
  }

  #carried({ from, lastTag }: Unit, { key, number, payload }: OpenVpnPacket): TlsMessage[] {
    const direction = this.#directions[from];
    if (number === undefined || !payload || key !== this.#key) return [];
    if (number < direction.next || number >= direction.next + furthestAhead) return [];
    direction.waiting.set(number, new Uint8Array(payload));
    const messages: TlsMessage[] = [];
    for (;;) {
      const bytes = direction.waiting.get(direction.next);
      if (!bytes) return messages;
      direction.waiting.delete(direction.next++);
      if (bytes.length === 0) continue;
      this.#tls ??= new TlsConversation({ keys: this.#keys(), passing: true, maxKept });
      const { offset } = direction;
      direction.offset += bytes.length;
      messages.push(...this.#tls.feed({ from, offset, bytes, tag: lastTag }));
    }
  }
}

function messageOfPacket(
  unit: Unit,
  prefix: number,
  { opcode, number, parts }: OpenVpnPacket,
  protection: Protection,
): ProtocolMessage {
  const isSealed = !parts;
  const name = names[opcode];
  const title: Localized = {
    en: `OpenVPN ${name?.en ?? ''}`.trimEnd(),
    ko: `OpenVPN ${name?.ko ?? ''}`.trimEnd(),
  };
  const words = number === undefined ? undefined : `number ${number}`;
  const read = (cursor: Cursor, said: Said): void => {
    said.title = title;
    if (words !== undefined) said.facts = { en: words, ko: `${number}번` };
    else if (protection === 'encrypted' && opcode !== opcodes.data1 && opcode !== opcodes.data2)
      said.facts = { en: 'encrypted by tls-crypt', ko: 'tls-crypt로 암호화됨' };
    if (prefix > 0) cursor.uint16('openvpn.length');
    cursor.uint8('openvpn.opcode');
    if (!parts) return void cursor.rest('openvpn.unread');
    const [authentication, acknowledged, numberAt, payloadAt] = parts;
    cursor.bytes('openvpn.session_id', authentication - 1);
    if (acknowledged > authentication) cursor.bytes('openvpn.authentication', acknowledged - authentication);
    cursor.bytes('openvpn.acknowledged', numberAt - acknowledged);
    if (payloadAt > numberAt) cursor.uint32('openvpn.packet_id');
    if (cursor.remaining > 0) cursor.rest('openvpn.payload');
  };
  const message = messageOf(unit, { protocol: 'openvpn', root: 'openvpn', unread: 'openvpn.unread' }, read);
  const isMinor = opcode === opcodes.acknowledgement || opcode === opcodes.control;
  return { ...message, ...(isSealed ? { isSealed: true } : {}), ...(isMinor ? { isMinor: true } : {}) };
}
