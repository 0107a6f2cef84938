/**
 * Defines the union of capture events. Everything that is shown is a pure function of a list of these; nothing reaches
 * a screen, a file or a verdict otherwise.
 *
 * 1. An event has one source: taps report bytes, endpoints their decisions (`secured`, `refused`, `observed`), the
 *    runner steps.
 * 2. Stream offsets count from 0 in each direction of a vantage of a connection.
 * 3. On a connection without TLS the wire *is* the plaintext: its bytes are logged once, at the vantage `wire`.
 */
import type { Localized } from '../i18n/language.ts';
import type { Alert, CertificateSummary, RefusalReason, TlsVersion } from './vocabulary.ts';

export type Side = 'client' | 'server';

export const otherSide: Readonly<Record<Side, Side>> = { client: 'server', server: 'client' };

/** `wire`: what an eavesdropper sees. `plaintext`: what an endpoint sees above TLS. */
export type Vantage = 'wire' | 'plaintext';

/** What carries a connection, or a flow: `eapol` are frames of IEEE 802.1X, between two addresses of hardware. */
export type Transport = 'tcp' | 'udp' | 'eapol';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:8443`, `::1:443`: as the JSON output writes it. */
export function formatAddress(address: Address): string {
  return `${address.host}:${address.port}`;
}

/** `127.0.0.1:8443`, `[::1]:443`: as a URL has it (RFC 3986 section 3.2.2). */
export function hostPort({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A participant as the topology line draws it. */
export interface Participant {
  readonly name: string;
  readonly role: 'client' | 'server' | 'proxy';
  /** For a proxy its kind, a name of the table in `proxy/kinds.ts`; for a client what spoils its bytes, if anything does (`wrong-signature`). */
  readonly kind?: string;
  /** Who runs it, where that is the point: an attacker's server. */
  readonly owner?: string;
  readonly address?: Address;
  /** The address of the host that it is on, where each has a network stack of its own. */
  readonly host?: string;
}

/** A wire between two participants: one row of the topology. */
export interface Wire {
  readonly hop: string;
  readonly from: string;
  readonly to: string;
  /** The protocol on the wire: `http`, `https`, `mtls`, `tcp`. */
  readonly protocol: string;
  /** Other clients that use the same wire. */
  readonly alsoFrom?: readonly string[];
  /** Clients with a certificate, where the server asks for one and admits others without: for these it is mutual TLS. */
  readonly mutualFor?: readonly string[];
  /** System traffic: its clients belong to the running system and are never shown as visitors. */
  readonly standing?: true;
  /** Where the eavesdropper sits, in a few words for the drawing. */
  readonly seat?: Localized;
}

export interface Topology {
  readonly participants: readonly Participant[];
  readonly wires: readonly Wire[];
  /** Who is shown in the middle of its wires, however few they are. */
  readonly hub?: string;
}

/** Of a header of TCP, those that are set in a packet that opens a connection: SYN and ACK, and what an odd sender adds. */
export type TcpFlag = 'FIN' | 'SYN' | 'RST' | 'PSH' | 'ACK' | 'URG' | 'ECE' | 'CWR';

/** An option of TCP (RFC 9293 section 3.1); `value` is the segment size in bytes, the shift, or the sender's time stamp. */
export interface TcpOption {
  readonly name: 'mss' | 'window_scale' | 'sack_permitted' | 'timestamps' | 'other';
  /** Its number in the header. */
  readonly kind: number;
  readonly value?: number;
}

/** One of the packets with which TCP opens a connection (RFC 9293 section 3.5). */
export interface OpeningPacket {
  readonly from: Side;
  readonly flags: readonly TcpFlag[];
  /** Known only for captured packets. */
  readonly captured?: {
    /** Its number in the file, from 1. */
    readonly frame: number;
    /** Microseconds behind the first of them. */
    readonly at: number;
    /** As in the header, modulo 2^32. */
    readonly sequence: number;
    readonly acknowledged?: number;
    /** As in the header, not scaled. */
    readonly window: number;
    readonly options: readonly TcpOption[];
    /** Bytes behind the header. */
    readonly payload: number;
  };
}

/** A place at which a connection was seen that several captures hold. */
export interface Sighting {
  /** Index of the file, from 0. */
  readonly file: number;
  /** As the packets there have them: a translation of addresses on the way changes them. */
  readonly client: Address;
  readonly server: Address;
  /** The first packet, in that file. */
  readonly frame: number;
}

/** What two captures of one connection do not have in common: something on the way changed, dropped or added it. */
export interface SightingDifference {
  /**
   * `changed`: other bytes in the same place; `only`: bytes that only one of them has, in the middle; `rest`: only one of them
   * goes on; `reset`: only one of them ends with a reset, or each with that of another side.
   */
  readonly kind: 'changed' | 'only' | 'rest' | 'reset';
  readonly from: Side;
  /** In the stream of that direction. */
  readonly offset: number;
  /** Bytes; 0 of a reset. */
  readonly length: number;
  /** The two files: the one that is shown, and the other. */
  readonly files: readonly [shown: number, other: number];
  /** The packet of each; null where it has none of it. */
  readonly frames: readonly [shown: number | null, other: number | null];
}

/** One of several captures that are read together. */
export interface CapturedFile {
  readonly name: string;
  /** Connections and flows in it, and how many of them another file has too. */
  readonly connections: number;
  readonly joined: number;
  /**
   * How far its clock is ahead of the first file's, in microseconds, half the round trip by which that may be wrong, and from how many
   * packets; undefined where it has no packet in common with the others. Times are by the first file's clock.
   */
  readonly clock?: {
    readonly ahead: number;
    /** Undefined where packets of one direction alone were found: the delay of the way is then in `ahead`. */
    readonly uncertainty?: number;
    readonly packets: number;
  };
}

/** How a connection of TCP was opened. */
export interface TcpOpening {
  /** From packets in a file, or drawn from what a socket reported. */
  readonly origin: 'captured' | 'reconstructed';
  readonly client: Address;
  readonly server: Address;
  /** As it was named, and when the first of the packets was seen, ISO 8601, UTC. */
  readonly file?: string;
  readonly seen?: string;
  readonly packets: readonly OpeningPacket[];
}

/** What the packets of one side of a TCP connection show besides its bytes. */
export interface SideSegments {
  /** How many were captured: none where this direction is not in the capture. */
  readonly packets: number;
  /** Segments of which every byte had been sent before. */
  readonly repeated: number;
  /** Bytes that it has sent and the other side never acknowledged. */
  readonly unacknowledged: number;
  /** The first segment of these, where it was sent more than once: its payload in bytes, and how often it was sent. */
  readonly oldest?: { readonly length: number; readonly times: number };
  /** Bytes that the other side, by its acknowledgements, was still waiting for at the end while later ones had reached it. */
  readonly missing: number;
  /** It takes nothing more: the window in its newest packet is zero. */
  readonly full?: true;
}

/** What the packets of a connection show besides its bytes; a tap in a program never sees this. */
export interface ConnectionSegments {
  readonly client: SideSegments;
  readonly server: SideSegments;
  /** Between the last bytes that were new and the first end (FIN), else the last packet, in microseconds. */
  readonly quiet: number;
  /** Data that a side sent after the other one's end (FIN): this many of the last bytes of its direction. */
  readonly afterEnd?: { readonly from: Side; readonly bytes: number };
  /** The reset (RST) that ended it. */
  readonly reset?: {
    readonly by: Side;
    /** Its time to live (hop limit), and the least and the most of that side's other packets, where there are any. */
    readonly ttl: number;
    readonly usual?: readonly [least: number, most: number];
    /** New bytes that the same side went on to send after it. */
    readonly continued: number;
    /** That side sent packets after it, if only acknowledgements: a system that has reset a connection knows it no more. */
    readonly followed?: true;
  };
}

/**
 * The kinds of reports, by their name: what an endpoint or a peer program can say of itself. Empty here; the module that makes
 * a kind of report adds its fields (`declare module '../../capture/event.ts'`), so that the log knows no program by name.
 */
export interface Observations {}

/** What an endpoint or a peer program reported of itself. */
export type Observation = {
  [K in keyof Observations]: { readonly kind: K } & Observations[K];
}[keyof Observations];

/** What is wrong with the form of a certificate, or with a name in it. Technical: the same in every language. */
export interface CertificateFault {
  /** As RFC 5280 writes it: `basicConstraints`, `validity`, `nameConstraints` … */
  readonly part: string;
  readonly expected: string;
  /** What stands there instead; from the other side, and not made harmless. */
  readonly found: string;
}

/** What was presented and what was expected, for the refusal card. */
export interface RefusalDetail {
  /** The examined certificate; absent if none was presented. */
  readonly presented?: CertificateSummary;
  /** The certificate of the chain that is to blame, where it is another than the one presented for the side itself. */
  readonly blamed?: CertificateSummary;
  /** The authorities that the refusing side trusts for this purpose. */
  readonly trusted?: readonly { readonly subject: string; readonly keyId?: string }[];
  /** The clock of the refusing side, ISO 8601, where time was the reason. */
  readonly now?: string;
  /** The requested name or usage. */
  readonly expected?: string;
  /** Which part of the certificate is not as it must be. */
  readonly fault?: CertificateFault;
  /** What was agreed on instead; absent where nothing was. */
  readonly picked?: string;
  /** The client that left had been asked for a certificate. */
  readonly asked?: true;
  /** Bytes of plaintext that the refused client had already sent; they were thrown away. */
  readonly discardedBytes?: number;
  /** The runtime's or the TLS library's own code. */
  readonly code?: string;
}

/** Which part of a scenario's text a note is, so that a report can set it as such. `speaker` is for the speaker's eyes only. */
export type NotePart =
  | 'title'
  | 'intro'
  | 'step-title'
  | 'before'
  | 'question'
  | 'choices'
  | 'headline'
  | 'answer'
  | 'after'
  | 'speaker'
  | 'takeaway'
  | 'does-not-prove'
  | 'often-told'
  | 'programs';

/** Everything about an event but what the log adds. */
export type CaptureDraft =
  // The wall clock in ISO 8601, as of now; the log converts it to the run's time 0.
  | {
      readonly type: 'began';
      readonly version: string;
      readonly wallClock: string;
      readonly topology: Topology;
      readonly scenario?: string;
      /** Several captures that are read together, in the order in which they were named. */
      readonly files?: readonly CapturedFile[];
    }
  | { readonly type: 'step'; readonly id: string; readonly state: 'asked' | 'started' | 'done' }
  | {
      readonly type: 'opened';
      readonly conn: number;
      readonly hop: string;
      readonly transport: Transport;
      readonly from: Address;
      readonly to: Address;
      /** The connection of a client whose bytes it carries on, unchanged: to its endpoints both are one. */
      readonly relays?: number;
      /** The connection of a client for which a proxy opened it, where it does not relay that unchanged. */
      readonly onBehalfOf?: number;
      /** What was said before was not seen: a capture began after the connection did. */
      readonly late?: true;
      /** In a capture that wirelab wrote: the packet was made from what a socket reported. */
      readonly reconstructed?: true;
      /** Number of the packet of a capture file that showed it, from 1. */
      readonly frame?: number;
      /** Of several files: the one with its packets, from 0. */
      readonly file?: number;
      /** Where it was seen, if in several of them, that file first. */
      readonly seen?: readonly Sighting[];
      readonly differences?: readonly SightingDifference[];
    }
  | {
      readonly type: 'bytes';
      readonly conn: number;
      readonly hop: string;
      readonly vantage: Vantage;
      readonly from: Side;
      /** Never written to again: it may be a view into a slab. Empty once a bounded log has dropped it. */
      readonly bytes: Uint8Array;
      /** How many bytes a bounded log has dropped from this event. */
      readonly dropped?: number;
      /** Number of the packet of a capture file that brought it, from 1. */
      readonly frame?: number;
    }
  /** One NSS key log line. Lines are joined to a connection by the client random in them, so `conn` is a hint. */
  | { readonly type: 'keylog'; readonly conn?: number; readonly line: string }
  | {
      readonly type: 'secured';
      readonly conn: number;
      readonly hop: string;
      /** Who reports it. */
      readonly side: Side;
      readonly version: TlsVersion;
      readonly cipher: string;
      readonly alpn?: string;
      readonly serverName?: string;
      readonly resumed?: boolean;
      /** Its own certificate, if the client asked for a name that is not in it. */
      readonly misnamed?: CertificateSummary;
      /** The certificate of the other side. */
      readonly peer?: CertificateSummary;
      /** It accepts whatever certificate the other side presents. */
      readonly unverified?: true;
    }
  | {
      readonly type: 'refused';
      readonly conn: number;
      readonly hop: string;
      /** Who refused. */
      readonly by: Side;
      readonly reason: RefusalReason;
      /** The alert that was sent; absent when the refusing side sent none. */
      readonly alert?: Alert;
      readonly version?: TlsVersion;
      readonly detail: RefusalDetail;
      /** The other side reports it: it received the alert, and knows no more than that. */
      readonly heard?: true;
      /** As in `opened`, where the connection was never established. */
      readonly relays?: number;
      readonly onBehalfOf?: number;
    }
  | {
      readonly type: 'closed';
      readonly conn: number;
      readonly hop: string;
      readonly by: Side | 'unknown';
      readonly how: 'end' | 'reset' | 'timeout';
      /** The client's SYN was never answered: no connection was established (RFC 9293 section 3.5). */
      readonly unaccepted?: true;
      /** As in `opened`. */
      readonly reconstructed?: true;
      /** Number of the packet of a capture file that showed it, from 1. */
      readonly frame?: number;
    }
  /** Precedes the end of a connection from a capture, if its packets show more than its bytes. */
  | {
      readonly type: 'segments';
      readonly conn: number;
      readonly hop: string;
      readonly segments: ConnectionSegments;
    }
  | { readonly type: 'observed'; readonly who: string; readonly result: Observation }
  /** Narration is data too, and complete in every language, so that a kept log needs no catalogue to be read. */
  | { readonly type: 'note'; readonly text: Localized; readonly part?: NotePart; readonly step?: string };

/** An event as the log has it. `at` is microseconds since the run's `began`; `run` counts from 1. */
export type CaptureEvent = CaptureDraft & { readonly seq: number; readonly run: number; readonly at: number };

export type EventOf<T extends CaptureDraft['type']> = Extract<CaptureEvent, { type: T }>;

/** How many bytes a `bytes` event stood for, dropped ones included. */
export function payloadLength(event: EventOf<'bytes'>): number {
  return event.bytes.length + (event.dropped ?? 0);
}

/** A place in a stream, or an event: what a finding points at. */
export type EvidenceRef =
  | {
      readonly run: number;
      readonly conn: number;
      readonly hop: string;
      readonly vantage: Vantage;
      readonly from: Side;
      readonly offset: number;
      readonly length: number;
    }
  | { readonly event: number };
