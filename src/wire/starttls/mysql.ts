/**
 * The request for TLS of MySQL and MariaDB (Protocol::SSLRequest): the server speaks first, the client answers with the first 32
 * bytes of its login, and TLS begins behind them.
 *
 * 1. A login proves the password with the scramble of the greeting. A proxy therefore passes the target's own greeting on, and
 *    changes one bit in it: whether TLS is offered (CLIENT_SSL).
 * 2. Packets are numbered, and the request is one of them. Where one side made it and the other did not, the numbers of the login
 *    differ by one until the server's OK or ERR; commands are numbered from 0 again.
 * 3. The server takes the login's capabilities from the request: the target hears the client's.
 */
import { randomBytes } from 'node:crypto';
import type { StarttlsProtocol, Translation } from './dialogue.ts';
import { ExchangeError } from './exchange.ts';
import type { Exchange } from './exchange.ts';

const headerLength = 4;
/** Of a request, without its header. */
const requestLength = 32;
/** A greeting has about 100 bytes. */
const longestGreeting = 4_096;
/** A login with its attributes; they have less than 64 KiB. */
const longestLogin = 0x1_ffff;

const flags = {
  protocol41: 0x200,
  ssl: 0x800,
  secureConnection: 0x8000,
  pluginAuth: 0x8_0000,
};

const types = { handshake: 10, ok: 0x00, error: 0xff };

const lengthOf = (header: Uint8Array): number =>
  (header[0] ?? 0) + (header[1] ?? 0) * 0x100 + (header[2] ?? 0) * 0x1_0000;

function packet(number: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(headerLength);
  header.writeUIntLE(payload.length, 0, 3);
  header.writeUInt8(number, 3);
  return Buffer.concat([header, payload]);
}

/** ERR_Packet. Before the greeting it has no SQLSTATE: client and server have not agreed on one. */
function errorPacket(number: number, code: number, message: string, state = ''): Buffer {
  const head = Buffer.alloc(3);
  head.writeUInt8(types.error, 0);
  head.writeUInt16LE(code, 1);
  return packet(number, Buffer.concat([head, Buffer.from(`${state}${message}`)]));
}

const errors = { unknown: 1_105, secureTransportRequired: 3_159, handshake: 1_043 };

const violated = (what: string): ExchangeError => new ExchangeError('starttls_violated', what);

/** Where the greeting has its lower capabilities; undefined if it has none. */
function capabilitiesAt(greeting: Uint8Array): number | undefined {
  const end = greeting.indexOf(0, headerLength + 1);
  // The connection's number, the first part of the scramble, and its end.
  const at = end + 1 + 4 + 8 + 1;
  return end < 0 || at + 2 > greeting.length ? undefined : at;
}

export function offersTls(greeting: Uint8Array): boolean {
  const at = capabilitiesAt(greeting);
  return at !== undefined && ((greeting[at + 1] ?? 0) & (flags.ssl >> 8)) !== 0;
}

/** The same greeting, with TLS offered or not. */
function offering(greeting: Uint8Array, isOffered: boolean): Buffer {
  const changed = Buffer.from(greeting);
  const at = capabilitiesAt(greeting);
  if (at === undefined) throw violated('a greeting without capabilities');
  const upper = changed.readUInt8(at + 1);
  const bit = flags.ssl >> 8;
  changed.writeUInt8(isOffered ? upper | bit : upper & ~bit, at + 1);
  return changed;
}

/** Of a server that is no proxy. */
function ownGreeting(): Buffer {
  const capabilities = flags.protocol41 + flags.ssl + flags.secureConnection + flags.pluginAuth;
  const scramble = Buffer.from(randomBytes(20).map((byte) => 0x21 + (byte % 0x5e)));
  const numbers = Buffer.alloc(18);
  numbers.writeUInt16LE(capabilities & 0xffff, 0);
  numbers.writeUInt8(45, 2);
  numbers.writeUInt16LE(2, 3);
  numbers.writeUInt16LE(Math.floor(capabilities / 0x1_0000), 5);
  numbers.writeUInt8(scramble.length + 1, 7);
  return packet(
    0,
    Buffer.concat([
      Buffer.of(types.handshake),
      Buffer.from('8.0.0\0'),
      Buffer.from([1, 0, 0, 0]),
      scramble.subarray(0, 8),
      Buffer.of(0),
      numbers,
      scramble.subarray(8),
      Buffer.from('\0mysql_native_password\0'),
    ]),
  );
}

/** The first bytes of the client's first packet, which stay where they are: its header, and what a request has too. */
async function beginningOf(exchange: Exchange): Promise<{ readonly length: number; readonly bytes: Buffer }> {
  const header = await exchange.peek(headerLength);
  if (header[0] === 0x16 && header[1] === 0x03)
    throw new ExchangeError('starttls_required', 'TLS ClientHello');
  const length = lengthOf(header);
  const refuse = (what: string): never => {
    exchange.refuse(errorPacket(2, errors.handshake, 'Bad handshake', '#08S01'));
    throw violated(what);
  };
  if (header[3] !== 1 || length > longestLogin) return refuse('not a login of MySQL');
  if (length < requestLength) return refuse('a login of a version before 4.1');
  const bytes = Buffer.from(await exchange.peek(headerLength + requestLength));
  if ((bytes.readUInt16LE(headerLength) & flags.protocol41) === 0)
    return refuse('a login of a version before 4.1');
  return { length, bytes };
}

const asksForTls = (bytes: Buffer): boolean => (bytes.readUInt16LE(headerLength) & flags.ssl) !== 0;

/** Follows the packets of one direction, whatever pieces they come in. */
class Numbering {
  readonly #by: number;
  /** Of a header that is not whole. */
  #header: number[] = [];
  #left = 0;
  #at = 0;

  /** @param by what is added to each number */
  constructor(by: number) {
    this.#by = by;
  }

  /**
   * Changes the numbers in place.
   * @param onByte with each byte of a packet by its place and the packet's old number; true if nothing changes from here on
   */
  change(bytes: Buffer, onByte: (at: number, number: number, index: number) => boolean): void {
    for (let index = 0; index < bytes.length; index++) {
      if (this.#header.length < headerLength) {
        const number = bytes[index] ?? 0;
        this.#header.push(number);
        if (this.#header.length < headerLength) continue;
        // A command: the login is over.
        if (onByte(-1, number, index)) return;
        bytes[index] = (number + this.#by) & 0xff;
        this.#left = lengthOf(Uint8Array.from(this.#header));
        this.#at = 0;
      } else {
        const isOver = onByte(this.#at++, this.#header[3] ?? 0, index);
        this.#left--;
        if (isOver) return;
      }
      if (this.#left === 0) this.#header = [];
    }
  }
}

function translate(requested: 'client' | 'target'): Translation {
  const by = requested === 'client' ? -1 : 1;
  const [client, target] = [new Numbering(by), new Numbering(-by)];
  let isOver = false;
  let isFirst = true;
  return {
    send(bytes) {
      if (isOver) return bytes;
      const changed = Buffer.from(bytes);
      client.change(changed, (at, number, index) => {
        if (at === -1) return (isOver = number === 0);
        // The second byte of its capabilities.
        if (isFirst && at === 1) {
          isFirst = false;
          const bit = flags.ssl >> 8;
          const upper = changed[index] ?? 0;
          changed[index] = requested === 'client' ? upper & ~bit : upper | bit;
        }
        return false;
      });
      return changed;
    },
    receive(bytes) {
      if (isOver) return bytes;
      const changed = Buffer.from(bytes);
      target.change(
        changed,
        (at, _number, index) =>
          (isOver = at === 0 && (changed[index] === types.ok || changed[index] === types.error)),
      );
      return changed;
    },
  };
}

export const mysql: StarttlsProtocol = {
  async answer(exchange, greeting = ownGreeting()) {
    exchange.write(offering(greeting, true));
    const { length, bytes } = await beginningOf(exchange);
    if (!asksForTls(bytes) || length !== requestLength) {
      exchange.refuse(
        errorPacket(
          2,
          errors.secureTransportRequired,
          'Connections using insecure transport are prohibited: this server requires TLS (--ssl)',
          '#HY000',
        ),
      );
      throw new ExchangeError('starttls_required', 'HandshakeResponse');
    }
    // No answer comes first: the ClientHello may be here already.
    await exchange.bytes(headerLength + requestLength);
    return bytes;
  },
  async decline(exchange, greeting = ownGreeting()) {
    exchange.write(offering(greeting, false));
    const { bytes } = await beginningOf(exchange);
    const payload = bytes.subarray(headerLength);
    payload.writeUInt16LE(payload.readUInt16LE(0) | flags.ssl, 0);
    return packet(1, payload);
  },
  regrets(why) {
    const [, code = String(errors.unknown), words = why] = /^(\d{4,5}) (.+)$/s.exec(why) ?? [];
    return errorPacket(0, Number(code), words);
  },
  async readGreeting(exchange) {
    const length = lengthOf(await exchange.peek(headerLength));
    if (length === 0 || length > longestGreeting) throw violated('not MySQL');
    const greeting = await exchange.bytes(headerLength + length);
    const type = greeting[headerLength];
    if (type === types.error && length > 3)
      throw new ExchangeError(
        'target_greeting_refused',
        `${greeting.readUInt16LE(headerLength + 1)} ${greeting
          .toString('latin1', headerLength + 3)
          .replace(/^#.{5}/, '')
          .slice(0, 120)}`,
      );
    if (type !== types.handshake || greeting[3] !== 0 || capabilitiesAt(greeting) === undefined)
      throw violated('not MySQL');
    return greeting;
  },
  checkOffer(greeting) {
    if (!offersTls(greeting)) throw new ExchangeError('target_starttls_refused', 'CLIENT_SSL is not offered');
  },
  async ask(exchange, greeting, request) {
    exchange.write(request ?? requestFor(greeting));
    return Promise.resolve();
  },
  translation: translate,
};

/** Of a client of one's own: as much as the server can, without what it would have to say more about. */
function requestFor(greeting: Uint8Array): Buffer {
  const payload = Buffer.alloc(requestLength);
  const at = capabilitiesAt(greeting) ?? 0;
  payload.writeUInt32LE(flags.protocol41 + flags.ssl + flags.secureConnection + flags.pluginAuth, 0);
  payload.writeUInt32LE(0x100_0000, 4);
  payload.writeUInt8(greeting[at + 2] || 45, 8);
  return packet(1, payload);
}
