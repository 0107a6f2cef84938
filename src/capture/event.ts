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
import type { Alert, CertificateSummary, RefusalReason, TheftAttempt, TlsVersion } from './vocabulary.ts';

export type Side = 'client' | 'server';

export const otherSide: Readonly<Record<Side, Side>> = { client: 'server', server: 'client' };

/** `wire`: what an eavesdropper sees. `plaintext`: what an endpoint sees above TLS. */
export type Vantage = 'wire' | 'plaintext';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:8443`, `::1:443`: as the JSON output writes it. */
export function formatAddress(address: Address): string {
  return `${address.host}:${address.port}`;
}

/** A participant as the topology line draws it. */
export interface Participant {
  readonly name: string;
  readonly role: 'client' | 'server' | 'proxy';
  /** For a proxy its kind (`plaintext`, `tls`, `mtls`, `passthrough`); for a client what spoils its bytes, if anything does (`wrong-signature`). */
  readonly kind?: string;
  readonly address?: Address;
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
  /** System traffic: its clients belong to the running system and are never shown as visitors. */
  readonly standing?: true;
  /** Where the eavesdropper sits, in a few words for the drawing. */
  readonly seat?: Localized;
}

export interface Topology {
  readonly participants: readonly Participant[];
  readonly wires: readonly Wire[];
}

/** A certificate on a client's way from a server's certificate to one that it trusts. */
export interface ChainStep {
  readonly subject: string;
  readonly issuer: string;
  readonly keyId?: string;
  readonly authorityKeyId?: string;
  /** ISO 8601, UTC. */
  readonly notAfter: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** It is among those that the client trusts. */
  readonly trusted?: true;
}

/** One request of a browsing client, as reported by it. */
export interface PageRequest {
  readonly method: string;
  readonly url: string;
  /** The address that it was sent from; joins this to a connection. */
  readonly from?: Address;
  /** The names of the cookies that went along. */
  readonly cookies: readonly string[];
  /** It was to be `http:`; the browser knew better (RFC 6797 section 8.3). */
  readonly upgraded?: true;
  /** Absent without a response. */
  readonly status?: number;
  /** Bytes of the whole request and of the whole answer, above TLS. */
  readonly requestBytes?: number;
  readonly answerBytes?: number;
  /** For the page that was received. */
  readonly title?: string;
  /** How long nothing was asked after the answer had come, in milliseconds; absent for the last. */
  readonly lookedAtMs?: number;
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
    /** As they stand in the header, modulo 2^32. */
    readonly sequence: number;
    readonly acknowledged?: number;
    /** As it stands in the header, not scaled. */
    readonly window: number;
    readonly options: readonly TcpOption[];
    /** Bytes behind the header. */
    readonly payload: number;
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
  };
}

/** What an endpoint or a peer program reported of itself. */
export type Observation =
  | ({
      /** A client's own account of a connection that it opened and said nothing over, or of one in a file that it was handed. */
      readonly kind: 'tcp-opening';
      /** The address that it spoke from; absent for a file's. */
      readonly from?: Address;
    } & TcpOpening)
  | {
      /** A client's own account of a connection that did not come about. */
      readonly kind: 'tcp-opening';
      readonly origin: 'none';
      readonly error: { readonly code: string; readonly message: string };
    }
  | {
      /** A demo client's own account of one login. */
      readonly kind: 'login';
      readonly outcome: 'admitted' | 'denied' | 'refused' | 'refusing' | 'failed';
      /** The address that the client spoke from; joins this to a connection. */
      readonly from?: Address;
      readonly status?: number;
      /** The user that the profile page named. */
      readonly user?: string;
      /** Whether the client's TLS stack reported the connection as established. */
      readonly believedConnected: boolean;
      /** Bytes of the request that the client had handed to its connection. */
      readonly sentBytes: number;
      /** The client's own words: an error code of its runtime or its TLS library, and the alert in it. */
      readonly error?: { readonly code: string; readonly message: string; readonly alert?: Alert };
      /** The result of a second request over the same connection, if the step has one: a response, or an error code. */
      readonly again?: { readonly status?: number; readonly user?: string; readonly code?: string };
    }
  | {
      /** A browsing client's own report of one visit: all its requests, in order. */
      readonly kind: 'visit';
      readonly requests: readonly PageRequest[];
      /** Where the visit ended: the address in the bar, and the user that the page named. */
      readonly shown?: { readonly url: string; readonly user?: string };
      /** Whether it will speak to that site over TLS only from now on (RFC 6797). */
      readonly knowsHsts: boolean;
      /** Why the visit did not complete. */
      readonly error?: { readonly code: string; readonly message: string };
    }
  | {
      /** A proxy's own account: a new revocation list is in force from here on. */
      readonly kind: 'revocation';
      /** The CA that signed it. */
      readonly authority: string;
      /** Its CRL number. */
      readonly number: number;
      /** The certificates that it takes back and the one before did not. */
      readonly certificates: readonly { readonly subject: string; readonly serial: string }[];
    }
  | {
      /** A client's own account of the certificates that it was shown, before it says anything over the connection. */
      readonly kind: 'chain';
      /** The requested name. */
      readonly name: string;
      /** How many certificates it trusts to begin with. */
      readonly trusts: number;
      /** From the server's certificate upwards, as far as received. */
      readonly way: readonly ChainStep[];
      /** Where it goes no further; absent where it leads to a certificate that is trusted, and nothing is wrong on it. */
      readonly breaks?: {
        /** The place in `way`, from 0, of the certificate that is to blame, or whose issuer is not there. */
        readonly at: number;
        readonly reason: RefusalReason;
      };
    }
  | {
      /** A client's report of its trust store, if it has one that the scenario does not define. */
      readonly kind: 'trust-store';
      readonly roots: number;
      /** Those of the roots that have ended by the client's clock. */
      readonly ended: number;
      readonly organizations: readonly {
        readonly organization: string;
        readonly subjects: readonly string[];
      }[];
    }
  | {
      /** A server's own account of what reached it during one step. */
      readonly kind: 'served';
      readonly connections: number;
      readonly requests: number;
      readonly logins: readonly { readonly user: string; readonly accepted: boolean }[];
    }
  | {
      /** A client's own account of how it asked a certificate authority for a certificate. */
      readonly kind: 'enrolment';
      readonly outcome: 'issued' | 'refused' | 'failed';
      /** The address that the client spoke from. */
      readonly from?: Address;
      /** Of the authority's last answer. */
      readonly status?: number;
      /** What the authority objects to, as RFC 8555 section 6.7 names it: `unauthorized`, `badCSR` … */
      readonly problem?: string;
      /** Of the certificate that was given, lower-case hex. */
      readonly serial?: string;
      readonly error?: { readonly code: string; readonly message: string };
    }
  | {
      /** A certificate authority's own account of the requests that reached it during one step. */
      readonly kind: 'certification';
      readonly orders: readonly CertificationOrder[];
    }
  | {
      /** An eavesdropper's or thief's report: what was tried on captured bytes, and the results. */
      readonly kind: 'theft';
      /** The certificate whose private key was stolen; absent where nothing was. */
      readonly key?: string;
      readonly tries: readonly {
        readonly attempt: TheftAttempt;
        readonly conn: number;
        readonly hop: string;
        /** How often: messages, guesses, or handshakes. */
        readonly tried: number;
        /** How many of them opened. */
        readonly opened: number;
        /** What was read, from its beginning; absent where nothing was. */
        readonly read?: string;
      }[];
    }
  | {
      /** The keeper of a private key: what its file's permissions let others do. */
      readonly kind: 'key-file';
      /** The certificate whose key it is. */
      readonly key: string;
      /** As `ls -l` shows them: `-rw-------`. */
      readonly permissions: string;
      /** Octal: `0600`. */
      readonly mode: string;
      readonly group: boolean;
      readonly others: boolean;
      /** Whether wirelab itself would accept a key file with these permissions. */
      readonly accepted: boolean;
    }
  | {
      /** A client's own account of a question to a resolver. */
      readonly kind: 'resolved';
      readonly name: string;
      /** `SRV`. */
      readonly type: string;
      /** Where it was sent; absent where it got no such answer. */
      readonly to?: Address;
      /** `NXDOMAIN`, or the code of an error, where there was none. */
      readonly error?: string;
    }
  | {
      /** A resolver's report of queries and answers during one step. */
      readonly kind: 'answered';
      readonly questions: number;
      /** The first of them. `said` has addresses, names, and hosts with their port. */
      readonly answers: readonly {
        readonly name: string;
        readonly type: string;
        readonly rcode: number;
        readonly said: readonly string[];
      }[];
    }
  | {
      /** An impostor's own account of what reached it during one step: the logins that it took, as they were typed. */
      readonly kind: 'taken';
      readonly connections: number;
      readonly requests: number;
      readonly logins: readonly { readonly user: string; readonly password: string; readonly rrn: string }[];
    }
  | CommandReport<'kubectl'>
  | CommandReport<'etcdctl'>
  | {
      /** An etcd's own account of what reached it during one step. */
      readonly kind: 'etcd';
      /** The real one, or the one that wirelab has in itself. */
      readonly program: 'etcd' | 'wirelab';
      /** The last requests; the real one does not report them. */
      readonly requests: readonly EtcdRequest[];
      readonly total: number;
      /** Who was turned away, and why. */
      readonly rejected: readonly EtcdRejection[];
    }
  | {
      /** An API server's own account of the requests that reached it during one step: its audit log. */
      readonly kind: 'api';
      /** The last of them. */
      readonly requests: readonly ApiRequest[];
      readonly total: number;
      /** Reports of the permanent components, each on its own wire: separate from the others. */
      readonly standing?: readonly StandingRequests[];
    }
  | {
      /** What was read from the files of a control plane. */
      readonly kind: 'papers';
      readonly papers: readonly CertificateFile[];
      /** It was read for this alone. */
      readonly about?: 'dates';
    }
  | {
      /** Who holds a CA's key signed a request with it. */
      readonly kind: 'certificate';
      /** RFC 4514. */
      readonly subject: string;
      readonly issuer: string;
      /** Lower-case hex. */
      readonly serial: string;
      /** ISO 8601. */
      readonly notBefore: string;
      readonly notAfter: string;
    }
  | {
      /** A peer program, such as curl: its exit code and its words. */
      readonly kind: 'program';
      readonly program: string;
      /** Numbers and dots. */
      readonly version: string;
      /** The whole line in which it names itself. */
      readonly build?: string;
      /** Null for one that is not a process, or that was ended. */
      readonly exitCode: number | null;
      readonly words: string;
      /** Its connections, if it is a process. */
      readonly connections?: readonly number[];
    };

/** A request that a command line tool sent to a server, in the tool's words, and the result. */
export interface CommandReport<Tool extends string> {
  readonly kind: Tool;
  /** The tool itself; or wirelab, which sends the same request if the tool is not installed. */
  readonly program: Tool | 'wirelab';
  /**
   * Why wirelab did it: the tool is not installed, would prompt for a name and a password, does not support the
   * server's protocol, cannot send such headers, or is not wanted.
   */
  readonly instead?: 'absent' | 'asks' | 'unspoken' | 'gateway' | 'headers';
  /** What was written into each request beside. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The tool's, numbers and dots. */
  readonly version?: string;
  /** What stands behind its name. */
  readonly line: string;
  /** Null when it had to be ended. */
  readonly exitCode: number | null;
  /** Standard output and standard error, from their beginnings. */
  readonly output: string;
  readonly words: string;
  /** If wirelab's own request failed: the error code. */
  readonly code?: string;
  /** The connections that it made. */
  readonly connections: readonly number[];
}

/** One request as an etcd dealt with it. */
export interface EtcdRequest {
  readonly conn: number;
  /** `/v3/kv/range`. */
  readonly path: string;
  readonly status: number;
  /** The common name of the certificate that was presented; absent where none was. */
  readonly caller?: string;
}

/** A client that an etcd refused. `reason` is for programs, `words` are from its log. */
export interface EtcdRejection {
  readonly reason: string;
  readonly words: string;
}

/** One request as an API server dealt with it. */
export interface StandingRequests {
  readonly hop: string;
  /** The last of them. */
  readonly requests: readonly ApiRequest[];
  readonly total: number;
}

export interface ApiRequest {
  /** The connection of the request. */
  readonly conn: number;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly status: number;
  /** The user as authenticated by the server; absent if it failed. */
  readonly user?: string;
  readonly groups?: readonly string[];
  /** Who acts as that user. */
  readonly impersonator?: string;
  /** Why authentication failed: only in the server's log, never sent to the client. `reason` is for programs. */
  readonly unauthorized?: { readonly reason: string; readonly words: Localized };
  /** What it said to the caller where it did not do what was asked. */
  readonly message?: string;
}

/** A control plane's certificate, in a file or inside a kubeconfig. */
export interface CertificateFile {
  /** In the folder of the cluster: `pki/apiserver.crt`, `admin.conf`. */
  readonly file: string;
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** The file of the CA whose key made the signature; its own for one that signed itself; absent where none of the folder did. */
  readonly signer?: string;
  /** What it may be used as. */
  readonly uses: readonly ('ca' | 'server' | 'client')[];
  /** DNS names and addresses. */
  readonly names: readonly string[];
  /** From its beginning to its end. */
  readonly days: number;
  /** When it ends, ISO 8601. */
  readonly until: string;
  /** That is over. */
  readonly ended: boolean;
}

/** One request for a certificate, as the authority dealt with it. */
export interface CertificationOrder {
  readonly outcome: 'issued' | 'refused' | 'pending';
  /** What stood in the request: the subject, the names, the rights, the key. */
  readonly asked: readonly string[];
  /** The domain names that are to be proven. */
  readonly names: readonly string[];
  /** What was checked, granted, cut or refused; `about` is a name for programs. */
  readonly decisions: readonly {
    readonly kind: 'checked' | 'granted' | 'cut' | 'refused';
    readonly about: string;
    readonly words: Localized;
  }[];
  /** The result of the challenge that only the owner of the name can answer. */
  readonly challenges: readonly {
    readonly name: string;
    readonly passed: boolean;
    readonly words: Localized;
  }[];
  /** As RFC 8555 section 6.7 names it. */
  readonly problem?: string;
  /** Of the certificate, lower-case hex. */
  readonly serial?: string;
}

/** What was presented and what was expected, for the refusal card. */
/** What is wrong with the form of a certificate, or with a name in it. Technical: the same in every language. */
export interface CertificateFault {
  /** As RFC 5280 writes it: `basicConstraints`, `validity`, `nameConstraints` … */
  readonly part: string;
  readonly expected: string;
  /** What stands there instead; from the other side, and not made harmless. */
  readonly found: string;
}

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
  | 'after'
  | 'speaker'
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
    }
  | { readonly type: 'step'; readonly id: string; readonly state: 'asked' | 'started' | 'done' }
  | {
      readonly type: 'opened';
      readonly conn: number;
      readonly hop: string;
      readonly transport: 'tcp' | 'udp';
      readonly from: Address;
      readonly to: Address;
      /** What was said before was not seen: a capture began after the connection did. */
      readonly late?: true;
      /** Number of the packet of a capture file that showed it, from 1. */
      readonly frame?: number;
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
      /** The certificate of the other side. */
      readonly peer?: CertificateSummary;
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
    }
  | {
      readonly type: 'closed';
      readonly conn: number;
      readonly hop: string;
      readonly by: Side | 'unknown';
      readonly how: 'end' | 'reset' | 'timeout';
      /** The client's SYN was never answered: no connection was established (RFC 9293 section 3.5). */
      readonly unaccepted?: true;
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

/** An event as it stands in the log. `at` is microseconds since the run's `began`; `run` counts from 1. */
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
