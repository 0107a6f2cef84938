/**
 * Reads the datagrams of one QUIC connection: which packets are in them, what those hold as far as they open, and the
 * TLS handshake inside. `packet.ts` finds the packets, `protection.ts` opens them, `frames.ts` reads their content;
 * `datagram.ts` describes a datagram to people.
 *
 * 1. Initial packets open without keys; Handshake, 0-RTT and 1-RTT packets with the secrets of a key log.
 * 2. A client's Initial opens under the connection ID that it names; so does what a server answers with. After a Retry,
 *    and in another version, there are other keys: each new connection ID of a client is tried.
 * 3. Packets may be coalesced, lost, repeated, and out of order; handshake bytes are put in order by `HandshakeStream`.
 * 4. Bounded: one handshake at a time, two generations of keys a direction, nothing of the packets themselves.
 */
import { otherSide } from '../../capture/event.ts';
import type { Side } from '../../capture/event.ts';
import { alertOf } from '../../capture/vocabulary.ts';
import { readStep } from '../../core/cursor.ts';
import type { Malformed } from '../../core/field.ts';
import { toHex } from '../../core/hex.ts';
import type { Piece } from '../piece.ts';
import { Agreement } from '../tls/agreement.ts';
import { HandshakeStream } from '../tls/handshake-stream.ts';
import { aeadSuite } from '../tls/keys/key-schedule.ts';
import type { KeyRing } from '../tls/keys/keylog.ts';
import type { TlsMessage } from '../tls/message/message.ts';
import { alertCodeOf, readFrames } from './frames.ts';
import type { CloseFrame, Frames } from './frames.ts';
import { beginsQuic, isFor, packetAt } from './packet.ts';
import type { Packet } from './packet.ts';
import {
  initialKeys,
  isRetryGenuine,
  openHeader,
  openPacket,
  packetKeys,
  updatedKeys,
} from './protection.ts';
import type { OpenedPacket, PacketKeys } from './protection.ts';
import type { QuicVersion } from './versions.ts';

/** A packet with what was found inside. */
export interface ReadPacket extends Packet {
  readonly opened?: OpenedPacket;
  readonly frames?: Frames;
  /** Where its content is no sequence of frames; offsets count in the datagram. */
  readonly fault?: Malformed;
  /** Of a Retry: whether its tag fits; undefined where the connection ID that it answers was not seen. */
  readonly isGenuine?: boolean;
}

export interface QuicDatagram {
  readonly packets: readonly ReadPacket[];
  /** Of the handshake, completed by it. */
  readonly messages: readonly TlsMessage[];
}

/** Spaces of packet numbers and levels of keys (RFC 9000 section 12.3). */
type Level = 'initial' | 'zero_rtt' | 'handshake' | 'one_rtt';
const levels: readonly Level[] = ['initial', 'zero_rtt', 'handshake', 'one_rtt'];

const labels: Readonly<Record<Side, Readonly<Record<Exclude<Level, 'initial'>, string | undefined>>>> = {
  client: {
    zero_rtt: 'CLIENT_EARLY_TRAFFIC_SECRET',
    handshake: 'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
    one_rtt: 'CLIENT_TRAFFIC_SECRET_0',
  },
  server: {
    zero_rtt: undefined,
    handshake: 'SERVER_HANDSHAKE_TRAFFIC_SECRET',
    one_rtt: 'SERVER_TRAFFIC_SECRET_0',
  },
};

/** Of one sender. */
interface Direction {
  readonly largest: Partial<Record<Level, number>>;
  readonly keys: Partial<Record<Level, PacketKeys>>;
  /** Of 1-RTT packets: the bit in the header, and the keys of the generation before. */
  phase: number;
  earlier: PacketKeys | undefined;
  readonly streams: Partial<Record<Level, HandshakeStream>>;
  /** Handshake bytes of finished levels. */
  reached: number;
  /** The connection ID that it chose for itself; what the other side sends with a short header begins with it. */
  ownId: Uint8Array | undefined;
}

const newDirection = (): Direction => ({
  largest: {},
  keys: {},
  phase: 0,
  earlier: undefined,
  streams: {},
  reached: 0,
  ownId: undefined,
});

/** Suites that are tried for early data, whose suite only the session before says. */
const earlySuites = [0x1301, 0x1302, 0x1303] as const;
const alertContentType = 21;

export class QuicConversation {
  readonly #keys: () => KeyRing;
  #agreement = new Agreement();
  #directions: Readonly<Record<Side, Direction>> = { client: newDirection(), server: newDirection() };
  #version: QuicVersion | undefined;
  /** Under which Initial packets open now, and the connection ID that a Retry answers. */
  #initialId: Uint8Array | undefined;
  #isClosed = false;

  constructor(keys: () => KeyRing) {
    this.#keys = keys;
  }

  /** Undefined for a datagram that is none of QUIC. */
  feed({ from, bytes, tag }: Piece): QuicDatagram | undefined {
    const shortId = this.#directions[otherSide[from]].ownId;
    if (!beginsQuic(bytes, this.#version) && !this.#isShort(bytes, shortId)) return undefined;
    const packets: ReadPacket[] = [];
    const messages: TlsMessage[] = [];
    for (let at = 0; at < bytes.length; ) {
      const packet = packetAt(bytes, at, shortId);
      if (!packet) break;
      packets.push(this.#read(from, bytes, packet, tag, messages));
      at = packet.end;
    }
    return packets.length === 0 ? undefined : { packets, messages };
  }

  /** Known to be a packet with a short header only where the connection was seen before. */
  #isShort(bytes: Uint8Array, id: Uint8Array | undefined): boolean {
    const [first = 0] = bytes;
    if (this.#version === undefined || bytes.length < 21 || (first & 0x80) !== 0) return false;
    return (first & 0x40) !== 0 || (id !== undefined && isFor(id, bytes));
  }

  #read(from: Side, bytes: Uint8Array, packet: Packet, tag: number, messages: TlsMessage[]): ReadPacket {
    const direction = this.#directions[from];
    if (packet.version) {
      this.#version ??= packet.version;
      if (packet.type !== 'retry') direction.ownId = new Uint8Array(packet.source);
    }
    switch (packet.type) {
      case 'retry':
        return this.#retry(bytes, packet);
      case 'version_negotiation':
      case 'unknown_version':
        return packet;
      default: {
        const opened = this.#open(from, bytes, packet);
        if (!opened) return packet;
        const level = packet.type;
        direction.largest[level] = Math.max(direction.largest[level] ?? -1, opened.number);
        const start = packet.numberAt + opened.numberLength;
        const into: Frames = { names: [], crypto: [] };
        const { google } = packet.version ?? this.#version ?? {};
        const step = readStep(
          'quic.payload',
          opened.content,
          (cursor) => readFrames(cursor, into, google !== undefined),
          {
            base: start,
            origin: 'decrypted',
            open: false,
          },
        );
        // Google's own handshake is none of TLS.
        if (google !== 'own') this.#follow(from, level, into, tag, messages);
        return {
          ...packet,
          opened,
          frames: into,
          ...('malformed' in step ? { fault: step.malformed } : {}),
        };
      }
    }
  }

  #retry(bytes: Uint8Array, packet: Packet): ReadPacket {
    const original = this.#initialId;
    return original ? { ...packet, isGenuine: isRetryGenuine(bytes, packet, original) } : packet;
  }

  #follow(from: Side, level: Level, { crypto, close }: Frames, tag: number, messages: TlsMessage[]): void {
    const direction = this.#directions[from];
    for (const { offset, data } of crypto) {
      let stream = direction.streams[level];
      if (!stream) {
        const base = Math.max(0, ...levels.map((one) => direction.streams[one]?.end ?? 0));
        stream = new HandshakeStream(from, this.#agreement, { base, isSealed: level !== 'initial' });
        direction.streams[level] = stream;
      }
      for (const message of stream.feed(offset, data, tag)) messages.push(message);
      direction.reached = Math.max(direction.reached, stream.end);
    }
    if (close && !this.#isClosed) this.#close(from, level, close, tag, messages);
  }

  /** An error of TLS is an alert that needs no record (RFC 9001 section 4.8). */
  #close(from: Side, level: Level, close: CloseFrame, tag: number, messages: TlsMessage[]): void {
    const code = alertCodeOf(close);
    if (code === undefined) return;
    this.#isClosed = true;
    const offset = this.#directions[from].reached;
    messages.push({
      from,
      offset,
      length: 2,
      firstTag: tag,
      lastTag: tag,
      contentType: alertContentType,
      title: 'Alert',
      encrypted: level !== 'initial',
      opened: level !== 'initial',
      content: { type: 'alert', alert: alertOf(code) },
      bytes: Uint8Array.of(2, code),
      ranges: [[offset, offset + 2]],
      frames: [],
      records: 1,
      plaintextLength: 0,
      context: this.#agreement.context,
    });
  }

  #open(from: Side, bytes: Uint8Array, packet: Packet): OpenedPacket | undefined {
    switch (packet.type) {
      case 'initial':
        return this.#openInitial(from, bytes, packet);
      case 'zero_rtt':
        return this.#openEarly(from, bytes, packet);
      case 'handshake':
        return this.#openUnder(bytes, packet, this.#keysOf(from, 'handshake', packet.version), from);
      case 'one_rtt':
        return this.#openShort(from, bytes, packet);
      case 'retry':
      case 'version_negotiation':
      case 'unknown_version':
        return undefined;
    }
  }

  #openUnder(
    bytes: Uint8Array,
    packet: Packet,
    keys: PacketKeys | undefined,
    from: Side,
  ): OpenedPacket | undefined {
    const header = keys && openHeader(bytes, packet, keys);
    if (!keys || !header) return undefined;
    const largest = this.#directions[from].largest[packet.type as Level] ?? -1;
    return openPacket(bytes, packet, { keys, header, largest });
  }

  #openInitial(from: Side, bytes: Uint8Array, packet: Packet): OpenedPacket | undefined {
    const { version, destination } = packet;
    if (!version) return undefined;
    const known = this.#directions[from].keys.initial;
    const opened = this.#openUnder(bytes, packet, known, from);
    if (opened) return opened;
    // The client's next connection ID after a Retry, another version, or another connection on the same ports.
    for (const id of this.#initialId ? [destination, this.#initialId] : [destination]) {
      const keys = initialKeys(version, id);
      const header = openHeader(bytes, packet, keys[from]);
      const found = header && openPacket(bytes, packet, { keys: keys[from], header, largest: -1 });
      if (!found) continue;
      if (id === destination && from === 'client') this.#restart(packet, found);
      this.#version = version;
      this.#initialId = new Uint8Array(id);
      this.#directions.client.keys.initial = keys.client;
      this.#directions.server.keys.initial = keys.server;
      return found;
    }
    return undefined;
  }

  /** A first packet of a client without a token, where a handshake was seen already, begins another connection. */
  #restart({ token, source }: Packet, { number }: OpenedPacket): void {
    if (!this.#agreement.serverHello || token.length > 0 || number > 0) {
      this.#directions.client.largest.initial = number;
      return;
    }
    this.#agreement = new Agreement();
    this.#directions = { client: newDirection(), server: newDirection() };
    this.#directions.client.ownId = new Uint8Array(source);
    this.#isClosed = false;
  }

  /** The keys of a level, once the handshake is known and the key log has its secret. */
  #keysOf(
    from: Side,
    level: 'handshake' | 'one_rtt',
    version: QuicVersion | undefined,
  ): PacketKeys | undefined {
    const direction = this.#directions[from];
    const known = direction.keys[level];
    if (known) return known;
    const { clientHello, serverHello } = this.#agreement;
    const suite = serverHello && aeadSuite(serverHello.cipherSuite);
    if (!clientHello || suite?.version !== 'TLSv1.3' || !version) return undefined;
    const secret = this.#secret(clientHello.random, labels[from][level]);
    if (!secret) return undefined;
    const keys = packetKeys(suite, secret, version);
    direction.keys[level] = keys;
    return keys;
  }

  /** Some programs write the label with QUIC in front of it. */
  #secret(clientRandom: string, label: string | undefined): Uint8Array | undefined {
    if (label === undefined) return undefined;
    const ring = this.#keys();
    return ring.secret(clientRandom, label) ?? ring.secret(clientRandom, `QUIC_${label}`);
  }

  #openEarly(from: Side, bytes: Uint8Array, packet: Packet): OpenedPacket | undefined {
    const { version } = packet;
    const { clientHello } = this.#agreement;
    const direction = this.#directions[from];
    const known = direction.keys.zero_rtt;
    if (known) return this.#openUnder(bytes, packet, known, from);
    const secret = clientHello && this.#secret(clientHello.random, labels[from].zero_rtt);
    if (!secret || !version) return undefined;
    for (const code of earlySuites) {
      const suite = aeadSuite(code);
      const keys = suite && packetKeys(suite, secret, version);
      const opened = this.#openUnder(bytes, packet, keys, from);
      if (!opened || !keys) continue;
      direction.keys.zero_rtt = keys;
      return opened;
    }
    return undefined;
  }

  /** RFC 9001 section 6: the bit of the key phase says which generation; the one before is kept for packets under way. */
  #openShort(from: Side, bytes: Uint8Array, packet: Packet): OpenedPacket | undefined {
    const version = this.#version;
    const direction = this.#directions[from];
    const keys = this.#keysOf(from, 'one_rtt', version);
    const header = keys && openHeader(bytes, packet, keys);
    if (!version || !keys || !header) return undefined;
    const largest = direction.largest.one_rtt ?? -1;
    const phase = (header.first >> 2) & 1;
    const open = (one: PacketKeys): OpenedPacket | undefined =>
      openPacket(bytes, packet, { keys: one, header, largest });
    if (phase === direction.phase) return open(keys);
    const before = direction.earlier && open(direction.earlier);
    if (before) return before;
    const next = updatedKeys(keys, version);
    const opened = open(next);
    if (!opened) return undefined;
    direction.earlier = keys;
    direction.keys.one_rtt = next;
    direction.phase = phase;
    return opened;
  }
}

/** As other programs write it; empty is a connection ID too. */
export const connectionIdText = (id: Uint8Array): string => (id.length === 0 ? '-' : toHex(id));
