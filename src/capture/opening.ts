/**
 * Finds the TCP handshake of the first TLS connection in a capture: SYN, SYN+ACK, ACK (RFC 9293 section 3.5).
 * `replay.ts` handles the data of connections.
 *
 * 1. The packets are matched by their numbers: each acknowledges the other side's first number plus one. Of
 *    retransmissions, the last before the answer counts.
 * 2. A connection uses TLS if a segment of the client starts with a ClientHello, the first one or one after STARTTLS.
 * 3. Packets that wirelab synthesized are marked in its files and recognized by that mark.
 */
import type { Address, OpeningPacket, Side, TcpFlag, TcpOption } from './event.ts';
import { FragmentTable, readIp, readTcp } from './net/ip.ts';
import type { TcpSegment } from './net/ip.ts';
import { ipPacketOf } from './net/link-layers.ts';
import { reconstructedComment } from './file/pcapng-blocks.ts';
import type { CaptureSink, PacketRecord } from './file/window.ts';

export interface FoundOpening {
  readonly client: Address;
  readonly server: Address;
  /** When the first of the packets was seen, in microseconds since the Unix epoch. */
  readonly since: number;
  /** In their order: the client's SYN, the server's answer, the client's. */
  readonly packets: readonly [OpeningPacket, OpeningPacket, OpeningPacket];
  /** wirelab synthesized these packets: they were not captured. */
  readonly isDrawn: boolean;
}

/** A packet, and what identifies related ones. */
interface Seen {
  readonly segment: TcpSegment;
  readonly packet: OpeningPacket;
  readonly microseconds: number;
  readonly isDrawn: boolean;
}

interface Opening {
  readonly client: Address;
  readonly server: Address;
  readonly syn: Seen;
  answer: Seen | undefined;
  last: Seen | undefined;
  /** The first bytes of the client, as far as they are needed. */
  head: readonly number[];
  isTls: boolean;
}

/** Connections of which the end of the opening is waited for; the oldest goes first. */
const maxWaiting = 16_384;
/** Type, version and length of a record, and the type of a handshake message in it (RFC 8446 sections 5.1 and 4). */
const helloLength = 6;

const flagNames: readonly TcpFlag[] = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];

export class OpeningFinder implements CaptureSink {
  readonly #waiting = new Map<string, Opening>();
  readonly #fragments = new FragmentTable();
  #frame = 0;
  #found: FoundOpening | undefined;
  #hasOpening = false;
  #hasTls = false;

  get found(): FoundOpening | undefined {
    return this.#found;
  }

  /** Whether any connection was seen being opened, of whatever it carries. */
  get hasOpening(): boolean {
    return this.#hasOpening;
  }

  /** Whether any ClientHello was seen, of whatever connection. */
  get hasTls(): boolean {
    return this.#hasTls;
  }

  packet(record: PacketRecord): void {
    const frame = ++this.#frame;
    if (this.#found) return;
    const { linkType, bytes, start, end, microseconds } = record;
    // The window is reused; few packets are kept for long, and those are small.
    const link = ipPacketOf(linkType, bytes.subarray(start, end));
    const part = 'ip' in link ? readIp(link.ip) : undefined;
    const whole =
      part &&
      this.#fragments.add(part.fragment ? { ...part, payload: part.payload.slice() } : part, microseconds);
    if (whole?.protocol !== 6) return;
    const segment = readTcp(whole.payload, whole.missing);
    if (!segment) return;
    const source = { host: whole.source, port: segment.sourcePort };
    const destination = { host: whole.destination, port: segment.destinationPort };
    const see = (from: Side): Seen => ({
      segment: { ...segment, payload: nothing },
      packet: {
        from,
        flags: flagsOf(whole.payload),
        captured: {
          frame,
          at: 0,
          ...numbersOf(whole.payload, segment),
          payload: segment.payload.length + segment.missing,
        },
      },
      microseconds,
      isDrawn: isDrawn(record),
    });
    if (segment.syn && segment.acknowledged === undefined) this.#begin(source, destination, see('client'));
    else if (segment.syn) this.#answer(source, destination, segment, see);
    else this.#goOn(source, destination, segment, see);
  }

  #begin(client: Address, server: Address, syn: Seen): void {
    const key = keyOf(client, server);
    const known = this.#waiting.get(key);
    if (known?.last && known.syn.segment.sequence === syn.segment.sequence) return;
    this.#waiting.delete(key);
    this.#waiting.set(key, {
      client,
      server,
      syn,
      answer: undefined,
      last: undefined,
      head: [],
      isTls: false,
    });
    if (this.#waiting.size <= maxWaiting) return;
    const [oldest] = this.#waiting.keys();
    if (oldest !== undefined) this.#waiting.delete(oldest);
  }

  #answer(
    source: Address,
    destination: Address,
    { acknowledged }: TcpSegment,
    see: (from: Side) => Seen,
  ): void {
    const opening = this.#waiting.get(keyOf(destination, source));
    if (opening && !opening.last && acknowledged === after(opening.syn)) opening.answer = see('server');
  }

  #goOn(source: Address, destination: Address, segment: TcpSegment, see: (from: Side) => Seen): void {
    const { sequence, acknowledged, payload, rst } = segment;
    const opening = this.#waiting.get(keyOf(source, destination));
    if (!opening) {
      this.#hasTls ||= isHello(payload);
      return;
    }
    const { syn, answer } = opening;
    if (answer && !opening.last && !rst && sequence === after(syn) && acknowledged === after(answer)) {
      opening.last = see('client');
      this.#hasOpening = true;
    }
    const isNext =
      opening.head.length < helloLength && sequence === (after(syn) + opening.head.length) % 2 ** 32;
    if (isNext) opening.head = [...opening.head, ...payload.subarray(0, helloLength - opening.head.length)];
    opening.isTls ||= isHello(opening.head) || isHello(payload);
    this.#hasTls ||= opening.isTls;
    if (opening.isTls) this.#settle(opening);
  }

  #settle({ client, server, syn, answer, last }: Opening): void {
    if (!answer || !last) return;
    const timed = ({ packet, microseconds }: Seen): OpeningPacket =>
      packet.captured
        ? { ...packet, captured: { ...packet.captured, at: microseconds - syn.microseconds } }
        : packet;
    this.#found = {
      client,
      server,
      since: syn.microseconds,
      packets: [timed(syn), timed(answer), timed(last)],
      isDrawn: [syn, answer, last].some((seen) => seen.isDrawn),
    };
    this.#waiting.clear();
  }
}

const nothing = new Uint8Array(0);

const keyOf = (client: Address, server: Address): string =>
  `${client.host} ${client.port} ${server.host} ${server.port}`;

/** What acknowledges a packet with SYN. */
const after = ({ segment }: Seen): number => (segment.sequence + 1) % 2 ** 32;

/** A record of a handshake with a ClientHello in it; its version's high byte is 3 in everything from SSL 3.0 on. */
function isHello(bytes: ArrayLike<number>): boolean {
  return bytes.length >= helloLength && bytes[0] === 22 && bytes[1] === 3 && bytes[5] === 1;
}

/** The header is whole: `readTcp` has read it. */
function flagsOf(header: Uint8Array): TcpFlag[] {
  const bits = header[13] ?? 0;
  return flagNames.filter((_, bit) => bits & (1 << bit));
}

function numbersOf(
  header: Uint8Array,
  { sequence, acknowledged }: TcpSegment,
): Pick<NonNullable<OpeningPacket['captured']>, 'sequence' | 'acknowledged' | 'window' | 'options'> {
  const window = ((header[14] ?? 0) << 8) | (header[15] ?? 0);
  return {
    sequence,
    ...(acknowledged === undefined ? {} : { acknowledged }),
    window,
    options: optionsOf(header.subarray(20, ((header[12] ?? 0) >> 4) * 4)),
  };
}

/** By kind: its name, and how long it is where it has a value, and its value's bytes (RFC 9293, RFC 7323, RFC 2018). */
const optionKinds: Readonly<
  Record<number, { readonly name: TcpOption['name']; readonly length: number; readonly value: number }>
> = {
  2: { name: 'mss', length: 4, value: 2 },
  3: { name: 'window_scale', length: 3, value: 1 },
  4: { name: 'sack_permitted', length: 2, value: 0 },
  8: { name: 'timestamps', length: 10, value: 4 },
};

/** What pads is left out; behind an option whose length cannot be, nothing is read. */
function optionsOf(bytes: Uint8Array): TcpOption[] {
  const options: TcpOption[] = [];
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at] ?? 0;
    if (kind === 0) break;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > bytes.length) break;
    const row = optionKinds[kind];
    if (row?.length === length) {
      const value = bytes.subarray(at + 2, at + 2 + row.value).reduce((sum, byte) => sum * 256 + byte, 0);
      options.push({ name: row.name, kind, ...(row.value === 0 ? {} : { value }) });
    } else options.push({ name: 'other', kind });
    at += length;
  }
  return options;
}

const mark = Buffer.from(reconstructedComment, 'latin1');

/** In pcapng the options of a block stand behind its packet, filled up to four bytes; the comment comes first of them. */
function isDrawn({ bytes, start, end }: PacketRecord): boolean {
  const at = end + (-(end - start) & 3) + 4;
  return mark.equals(bytes.subarray(at, at + mark.length));
}
