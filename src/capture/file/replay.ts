/**
 * Replays a capture file, packet by packet, as log events: key log lines, connections, bytes, gaps and ends, at the
 * packets' times. All folds of a live run work on it. It combines the readers of this folder and does not interpret the
 * bytes.
 */
import type { Clock } from '../../core/clock.ts';
import { isoTime } from '../../core/iso-time.ts';
import type { CaptureDraft, Topology } from '../event.ts';
import { readIcmp } from '../net/icmp.ts';
import type { IcmpReport } from '../net/icmp.ts';
import { FragmentTable, readIp, readTcp } from '../net/ip.ts';
import type { IpPacket } from '../net/ip.ts';
import { ipPacketOf } from '../net/link-layers.ts';
import type { LinkPayload } from '../net/link-layers.ts';
import { PlainPacket } from '../net/plain-packet.ts';
import { TcpReassembly } from '../net/reassembly.ts';
import { EapolFlows, eapolOf } from '../net/eapol-flows.ts';
import { UdpFlows, readUdp } from '../net/udp-flows.ts';
import { flowConnection } from '../stream-number.ts';
import { readPacketComment } from './pcapng-blocks.ts';
import { PcapngPacket } from './pcapng-reader.ts';
import type { CapturedInterface } from './pcapng-reader.ts';
import type { OnSyn, StreamEvent, Wants } from '../net/reassembly.ts';
import type { CaptureSink, PacketRecord } from './window.ts';

/** A clock that stands at the time of the packet at hand: the one that the log of a replay must have. It goes back only for what is reported late. */
export class PacketClock implements Clock {
  #microseconds = 0;

  /** @param microseconds since the Unix epoch; an earlier time than before leaves it where it stands */
  set(microseconds: number): void {
    this.#microseconds = Math.max(this.#microseconds, microseconds);
  }

  /** What is reported in between happened then. */
  backAt(microseconds: number, report: () => void): void {
    const present = this.#microseconds;
    this.#microseconds = Math.min(present, microseconds);
    report();
    this.#microseconds = present;
  }

  now(): number {
    return this.#microseconds / 1000;
  }

  microseconds(): number {
    return this.#microseconds;
  }
}

/** Why a packet brought nothing. */
export type SkipReason =
  /** A link layer that is not read here. */
  | 'link_type'
  | 'not_ip'
  /** Another transport than TCP and UDP. */
  | 'other_transport'
  /** It ends inside a header, or a header cannot be. */
  | 'cut'
  /** A part of a packet that never became whole. */
  | 'fragment'
  /** TCP payload after the end of its connection, or outside every window. */
  | 'left_out';

/** What a file had beside its events; it grows while the file is read. */
export interface ReplayFacts {
  readonly connections: number;
  /** Flows of UDP: two addresses and ports. */
  readonly udpFlows: number;
  readonly packets: number;
  /** Packets that brought nothing, each reason that there is. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** LINKTYPE numbers that are not read here, each once. */
  readonly unreadLinkTypes: readonly number[];
  /** Bytes that went by and are not in the file. */
  readonly lostBytes: number;
  /** Bytes that are in the file more than once. */
  readonly repeatedBytes: number;
}

export interface ReplayOptions {
  /** Where the events go; it counts its time by `clock`. */
  readonly append: (draft: CaptureDraft) => void;
  readonly clock: PacketClock;
  /** Of this program. */
  readonly version: string;
  /** NSS key log lines that are known before the first packet. */
  readonly keylog?: readonly string[];
  /** The reader's windows are written over: what waits for other packets is copied. */
  readonly copies?: boolean;
  readonly wants?: Wants;
  readonly onSyn?: OnSyn;
  /** Called for each packet of ICMP that reports one of TCP or UDP as not passed on. @param frame the number of the packet, from 1 */
  readonly onIcmp?: OnIcmp;
  /** Who stands at the ends of the interfaces that stood before the first packet; undefined where they do not say. Each is a wire by its name. */
  readonly topologyOf?: (interfaces: readonly CapturedInterface[]) => Topology | undefined;
}

export type OnIcmp = (report: IcmpReport, frame: number) => void;

type EapolPayload = Extract<LinkPayload, { readonly eapol: Uint8Array }>;

const onlyHop = 'A';

/** A proxy's connection is opened soon behind the client's: so many of the newest are remembered. */
const mostPaired = 65_536;

/** The roles differ by connection: the topology has one client and one server. */
export const oneOfEach: Topology = {
  participants: [
    { name: 'client', role: 'client' },
    { name: 'server', role: 'server' },
  ],
  wires: [{ hop: onlyHop, from: 'client', to: 'server', protocol: 'tcp' }],
};

/**
 * Takes what a `CaptureReader` reads. Bytes of events are views into its window, except where a packet waits for others: what
 * is to outlive a window that is used again is copied by who keeps it.
 */
export class Replay implements CaptureSink {
  readonly #append: ReplayOptions['append'];
  readonly #clock: PacketClock;
  readonly #version: string;
  readonly #keylog: readonly string[];
  readonly #copies: boolean;
  readonly #onIcmp: OnIcmp | undefined;
  readonly #plain = new PlainPacket();
  readonly #fragments = new FragmentTable();
  readonly #reassembly: TcpReassembly;
  readonly #udp = new UdpFlows();
  readonly #eapolFlows = new EapolFlows();
  readonly #skipped: Partial<Record<SkipReason, number>> = {};
  readonly #unreadLinkTypes = new Set<number>();
  readonly #topologyOf: NonNullable<ReplayOptions['topologyOf']>;
  readonly #interfaces: CapturedInterface[] = [];
  #packet: PacketRecord | undefined;
  /** Of the packet at hand. */
  #interface = 0;
  /** Of the TCP segment at hand. */
  #sequence = 0;
  /** The wire of each open connection, where there are several. */
  readonly #hops = new Map<number, string>();
  /** In a capture of this program: the client's connections by the sequence numbers of their SYNs, the newest of a number. */
  readonly #bySequence = new Map<number, number>();
  readonly #sequences = new Map<number, number>();
  #hasWires = false;
  #hasBegun = false;
  #packets = 0;
  #lostBytes = 0;
  constructor({
    append,
    clock,
    version,
    keylog = [],
    copies = false,
    wants,
    onSyn,
    onIcmp,
    topologyOf = () => undefined,
  }: ReplayOptions) {
    this.#onIcmp = onIcmp;
    this.#topologyOf = topologyOf;
    this.#append = append;
    this.#clock = clock;
    this.#version = version;
    this.#keylog = keylog;
    this.#copies = copies;
    this.#reassembly = new TcpReassembly((event) => this.#convert(event), wants, {}, onSyn);
  }

  get facts(): ReplayFacts {
    const { connections, repeatedBytes } = this.#reassembly;
    return {
      connections,
      repeatedBytes,
      udpFlows: this.#udp.count,
      packets: this.#packets,
      skipped: this.#skipped,
      unreadLinkTypes: [...this.#unreadLinkTypes],
      lostBytes: this.#lostBytes,
    };
  }

  interface(facts: CapturedInterface): void {
    this.#interfaces.push(facts);
  }

  packet(packet: PacketRecord): void {
    this.#interface = packet.interface ?? 0;
    this.#packet = packet;
    if (!this.#hasBegun) this.#begin(packet.microseconds);
    const frame = ++this.#packets;
    // What this ends, ended before.
    this.#reassembly.expire(packet.microseconds);
    this.#clock.set(packet.microseconds);
    const plain = this.#plain;
    const isPlain = plain.read(packet);
    if (isPlain) this.#sequence = plain.sequence;
    if (!isPlain || !this.#reassembly.addPlain(plain, frame, packet.microseconds))
      this.#take(packet, frame, isPlain ? plain : undefined);
  }

  /** Keys that come behind packets. */
  secrets(lines: readonly string[]): void {
    for (const line of lines) this.#append({ type: 'keylog', line });
  }

  /** The file ends: what waits comes out. Events of connections that are still open have no `closed`. */
  end(): void {
    if (!this.#hasBegun) this.#begin(0);
    this.#reassembly.end();
    this.#skip('fragment', this.#fragments.incomplete);
    this.#skip('left_out', this.#reassembly.leftOut);
  }

  #begin(microseconds: number): void {
    this.#hasBegun = true;
    this.#clock.set(microseconds);
    const topology = this.#topologyOf(this.#interfaces);
    this.#hasWires = topology !== undefined;
    this.#append({
      type: 'began',
      version: this.#version,
      wallClock: isoTime(microseconds / 1000),
      topology: topology ?? oneOfEach,
    });
    this.secrets(this.#keylog);
  }

  #take(
    { linkType, bytes: window, start, end, microseconds, originalLength }: PacketRecord,
    frame: number,
    plain: PlainPacket | undefined,
  ): void {
    const bytes = this.#copies ? window.slice(start, end) : window.subarray(start, end);
    const link = ipPacketOf(linkType, bytes);
    if ('without' in link) {
      if (link.without === 'link_type') this.#unreadLinkTypes.add(linkType);
      return this.#skip(link.without);
    }
    if ('eapol' in link) return this.#eapol(link, frame);
    const part = readIp(link.ip, Math.max(0, originalLength - (end - start)));
    if (!part) return this.#skip('cut');
    const whole = this.#fragments.add(part, microseconds);
    if (!whole) return;
    if (whole.protocol === 17) return this.#datagram(whole, frame);
    if (whole.protocol !== 6) return this.#report(whole, frame);
    const segment = readTcp(whole.payload, whole.missing);
    if (!segment) return this.#skip('cut');
    const { source, destination, ttl } = whole;
    this.#sequence = segment.sequence;
    this.#reassembly.add({ ...segment, source, destination, ttl, frame, at: microseconds }, plain);
  }

  #report(packet: IpPacket, frame: number): void {
    const report = this.#onIcmp && readIcmp(packet);
    if (!report) return this.#skip('other_transport');
    this.#onIcmp?.(report, frame);
  }

  #datagram({ payload, missing, source, destination }: IpPacket, frame: number): void {
    const datagram = readUdp(payload, missing);
    if (!datagram) return this.#skip('cut');
    const { number, client, server, isNew, from } = this.#udp.of(
      { host: source, port: datagram.sourcePort },
      { host: destination, port: datagram.destinationPort },
    );
    const conn = flowConnection('udp', number);
    const hop = this.#hasWires ? this.#hopOf(conn) : onlyHop;
    if (isNew)
      this.#append({
        type: 'opened',
        conn,
        hop,
        transport: 'udp',
        from: client,
        to: server,
        frame,
        ...this.#origin(),
      });
    const place = { type: 'bytes', conn, hop, vantage: 'wire', from, frame } as const;
    if (datagram.payload.length > 0) this.#append({ ...place, bytes: datagram.payload });
    if (datagram.missing === 0) return;
    this.#lostBytes += datagram.missing;
    this.#append({ ...place, bytes: nothing, dropped: datagram.missing });
  }

  #eapol({ eapol, source = '', destination = '' }: EapolPayload, frame: number): void {
    const body = eapolOf(eapol);
    if (!body) return this.#skip('cut');
    const { number, client, server, isNew, from } = this.#eapolFlows.of({ source, destination, body });
    const conn = flowConnection('eapol', number);
    const hop = this.#hasWires ? this.#hopOf(conn) : onlyHop;
    const [clientAddress, serverAddress] = [client, server].map((host) => ({ host, port: 0 }));
    if (isNew && clientAddress && serverAddress)
      this.#append({
        type: 'opened',
        conn,
        hop,
        transport: 'eapol',
        from: clientAddress,
        to: serverAddress,
        frame,
      });
    this.#append({ type: 'bytes', conn, hop, vantage: 'wire', from, frame, bytes: body });
  }

  #skip(reason: SkipReason, count = 1): void {
    if (count > 0) this.#skipped[reason] = (this.#skipped[reason] ?? 0) + count;
  }

  /** A connection stays on the wire on which it was seen first. */
  #hopOf(conn: number): string {
    const known = this.#hops.get(conn);
    if (known !== undefined) return known;
    const hop = this.#interfaces[this.#interface]?.name ?? onlyHop;
    this.#hops.set(conn, hop);
    return hop;
  }

  /** Whether the packet at hand was made by wirelab itself. */
  #origin(): { readonly reconstructed?: true } {
    return this.#said().reconstructed ? { reconstructed: true } : {};
  }

  #said(): ReturnType<typeof readPacketComment> {
    const packet = this.#packet;
    return readPacketComment(packet instanceof PcapngPacket ? packet.comment : undefined);
  }

  /**
   * What is said of an opening in a capture of this program: that it is reconstructed, and for which connection a proxy opened it.
   * Nothing is guessed: without such a word connections stand for themselves.
   */
  #opening(conn: number): {
    readonly reconstructed?: true;
    readonly relays?: number;
    readonly onBehalfOf?: number;
  } {
    const { reconstructed, openedFor } = this.#said();
    if (!reconstructed) return {};
    const client = openedFor && this.#bySequence.get(openedFor.sequence);
    this.#bySequence.set(this.#sequence, conn);
    this.#sequences.set(conn, this.#sequence);
    const [oldest] = this.#sequences;
    if (oldest && this.#sequences.size > mostPaired) this.#forget(...oldest);
    return {
      reconstructed: true,
      ...(openedFor && client !== undefined && client !== conn ? { [openedFor.how]: client } : {}),
    };
  }

  #forget(conn: number, sequence: number): void {
    this.#sequences.delete(conn);
    if (this.#bySequence.get(sequence) === conn) this.#bySequence.delete(sequence);
  }

  #convert(event: StreamEvent): void {
    const { connection: conn, frame } = event;
    const hop = this.#hasWires ? this.#hopOf(conn) : onlyHop;
    switch (event.type) {
      case 'opened':
        return this.#append({
          type: 'opened',
          conn,
          hop,
          transport: 'tcp',
          from: event.client,
          to: event.server,
          frame,
          ...(event.fromStart ? {} : { late: true }),
          ...this.#opening(conn),
        });
      case 'data':
        return this.#append({
          type: 'bytes',
          conn,
          hop,
          vantage: 'wire',
          from: event.from,
          bytes: event.bytes,
          frame,
        });
      case 'gap':
        this.#lostBytes += event.length;
        return this.#append({
          type: 'bytes',
          conn,
          hop,
          vantage: 'wire',
          from: event.from,
          bytes: nothing,
          dropped: event.length,
          frame,
        });
      case 'segments':
        return this.#append({ type: 'segments', conn, hop, segments: event.segments });
      case 'closed':
        this.#hops.delete(conn);
        // A reset is reported when nothing more can be under way: it happened before.
        return this.#clock.backAt(event.at ?? Infinity, () =>
          this.#append({
            type: 'closed',
            conn,
            hop,
            by: event.by,
            how: event.how,
            frame,
            ...(event.unaccepted ? { unaccepted: true } : {}),
            ...this.#origin(),
          }),
        );
    }
  }
}

const nothing = new Uint8Array(0);
