/**
 * Defines the types that accepting and dialing share: the options of a listener and a dialer, and the connections they
 * return. `accept.ts` and `dial.ts` implement them; the folders built on `wire` see no socket.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import type { Address, RefusalDetail, Side } from '../capture/event.ts';
import type { CaptureSink } from '../capture/boundary.ts';
import type { Alert, CertificateSummary, RefusalReason, TlsVersion } from '../capture/vocabulary.ts';
import type { Host } from './hosts/host.ts';
import type { FirstEnd } from './tap/first-end.ts';
import type { Meet, TlsRequest } from './starttls/dialogue.ts';
import type { Exchange } from './starttls/exchange.ts';
import type { StarttlsName } from './starttls/protocols.ts';
import type { TamperName } from './tamper/tamper.ts';

/** How a connection is secured at one end. */
export type Security = 'plain' | 'tls' | 'mtls';

/** A certificate chain (leaf first) and its private key, both PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** Where the bytes of a connection are recorded, and under which wire's name. */
export interface Tap {
  readonly log: CaptureSink;
  readonly hop: string;
}

export interface TlsChoices {
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  /** An OpenSSL cipher list. */
  readonly ciphers?: string;
  /** For a listener: the parameters of its ephemeral Diffie-Hellman keys, PEM. Without them DHE is not offered. */
  readonly dhparam?: string;
  /** OpenSSL's security level: 0 accepts broken keys and digests. OpenSSL's default if omitted. */
  readonly securityLevel?: number;
  /** An OpenSSL list of key exchange groups, in order of preference; a client sends a key share for the first. */
  readonly groups?: string;
  readonly alpn?: readonly string[];
}

/** Which certificates are admitted. One matching rule suffices, as in ghostunnel. */
export interface AdmissionPolicy {
  readonly allowAll?: boolean;
  readonly allowCommonNames?: readonly string[];
  readonly allowOrganizationalUnits?: readonly string[];
  readonly allowDnsNames?: readonly string[];
  readonly allowUris?: readonly string[];
}

/** The certificates that a listener presents and the CAs it trusts: these may change while it listens. */
export interface ListenerCredentials {
  /** For tls and mtls. */
  readonly identity?: Identity;
  /** Identities by server name (SNI), or `*.` and a name; the first that fits. `identity` is presented to all other clients. */
  readonly identities?: ReadonlyMap<string, Identity>;
  /** For mtls: PEM certificates of the trusted CAs for clients, and their revocation lists. See also `requestCertificate`. */
  readonly clientAuthorities?: readonly string[];
  readonly clientRevocations?: readonly string[];
  /** 48 bytes: listeners with the same ones accept each other's session tickets (RFC 5077). Random ones by default. */
  readonly ticketKeys?: Uint8Array;
  /**
   * For mtls: a client may resume its session. As with most servers, the certificate of a resumed session is not verified
   * again: neither an expiry nor a revocation since then is noticed. Off by default.
   */
  readonly resumesClients?: boolean;
}

export interface AcceptOptions extends ListenerCredentials {
  readonly security: Security;
  readonly listen: Address;
  /** Whose network stack the listener is in; this process's if omitted. */
  readonly host?: Host | undefined;
  readonly clock: Clock;
  /**
   * For a demonstration at another date: a certificate that has expired by this machine's clock is accepted if it is
   * valid by `clock`.
   */
  readonly datesByClock?: boolean;
  /** With a tap, every byte is recorded; without one, none. */
  readonly tap?: Tap;
  /** Without a tap: the log that receives this end's keys, for connections that another tap has recorded on the way. */
  readonly keysTo?: CaptureSink;
  readonly tls?: TlsChoices;
  readonly policy?: AdmissionPolicy;
  /**
   * With `tls`: requests a certificate from every client but requires none (Go's tls.RequestClientCert). Any
   * certificate is passed on unverified, except for the proof of possession of its key; a certificate with a forged
   * signature may fail the handshake and is then refused. `clientAuthorities` are only sent to the client as the
   * acceptable issuers: Go's clients present no other certificates.
   */
  readonly requestCertificate?: boolean;
  /** How a client is refused: by a TLS alert, or (`http`) by a 403 with the reason after admission. */
  readonly reject?: 'tls' | 'http';
  /** Whose alerts a refused client receives: OpenSSL's, or Go's, which are less specific (`alerts.ts`). */
  readonly alerts?: AlertManner;
  /** With `tls` and `mtls`: the plaintext response to a client that sends plain HTTP; no response if omitted. */
  readonly plainHttp?: PlainHttpManner;
  /** Called for every refused connection, by either side, even without a tap. */
  readonly onRefused?: (refused: Refused) => void;
  readonly handshakeTimeout?: number;
  /** Every connection must begin with a PROXY protocol header; its addresses are those that are reported. */
  readonly proxyHeader?: boolean;
  /** TLS begins when the client requests it in this protocol; with `plain`, such a request is declined. */
  readonly starttls?: StarttlsName;
  /**
   * What is said before TLS, where no protocol of `starttls` has the words: with `plain` as its result, the connection goes on
   * without TLS.
   */
  readonly dialogue?: BeforeTls;
  /** With `starttls`: connects to the target that greets this client, where its own greeting must be heard. */
  readonly introduce?: (served: Introduced) => Promise<Introduction | undefined>;
  /**
   * How many connections are served at a time; further ones wait until one has closed. `connection-limit.ts` has the
   * guarantees.
   */
  readonly maxConnections?: number;
  /** The maximum number of waiting connections; further ones are rejected at once, and reported. */
  readonly maxWaiting?: number;
  /** The maximum number of open connections, including waiting ones; further ones are rejected at once, and reported. */
  readonly maxOpen?: number;
  /** If others wait or are rejected, a connection without any data for this many milliseconds is closed. */
  readonly silence?: number;
  readonly onSentAway?: (from: Address, why: SentAwayFor) => void;
  /** Called for an idle connection that is closed to make room. */
  readonly onMadeRoom?: (conn: number, from: Address) => void;
}

/** Why a connection was rejected before it was served: too many are waiting, or too many are open. */
export type SentAwayFor = 'waiting' | 'open';

export type AlertManner = 'openssl' | 'go';
/** As Go's net/http server does it. */
export type PlainHttpManner = 'go';

/**
 * Says on a new connection what precedes TLS, and whether TLS follows. It settles by itself, in time, whatever the peer does; it
 * never rejects. @param remote the peer's address
 */
export type BeforeTls = (exchange: Exchange, remote: Address) => Promise<'tls' | 'plain'>;

/** A connection that was not established, and why. */
export interface Refused {
  /** `noConnection` without a tap. */
  readonly conn: number;
  readonly remote: Address;
  readonly by: Side;
  readonly reason: RefusalReason;
  readonly alert?: Alert;
  readonly version?: TlsVersion;
  readonly detail: RefusalDetail;
}

/** The two ends of an accepted connection: of its socket, or as a PROXY protocol header names them. */
export interface Ends {
  readonly remote: Address;
  readonly local: Address;
  /** The connection to the target that has greeted this client. */
  readonly introduction?: Introduction;
}

/** A connection to a target that was greeted on behalf of a client that is not admitted yet. */
export interface Introduction {
  /** Resolves once the target has spoken, or will not. */
  readonly greeting: Promise<{ readonly said: Uint8Array } | { readonly why: string }>;
  /** The client was admitted: the connection goes on, with its request for TLS. */
  proceed(request?: TlsRequest): Promise<Dialed>;
  /** The client has left, or was refused: the connection ends, unless it goes on already. */
  cancel(): void;
}

/** A client that is not admitted yet. */
export type Introduced = Pick<Accepted, 'conn' | 'end' | 'remote' | 'local'>;

/** A connection whose security is established: for mtls the client has been admitted. */
export interface Accepted extends Ends {
  readonly conn: number;
  /** Who ended it first. */
  readonly end: FirstEnd;
  /**
   * The plaintext, tapped. `end()` closes the connection; `destroy()` resets it (once both sides have ended, it only
   * closes).
   */
  readonly stream: Duplex;
  readonly security: Security;
  readonly peer?: CertificateSummary;
  /**
   * With `requestCertificate`: the client's certificates, leaf first, each in DER; empty if it presented none. For
   * mtls: the chain of an admitted client.
   */
  readonly presented?: readonly Uint8Array[];
  readonly alpn?: string;
  /** The server name that the client requested (SNI), where TLS ends here. */
  readonly serverName?: string;
  /** With `reject: 'http'`: why this client must receive only a 403. */
  readonly refusal?: { readonly reason: RefusalReason; readonly presented?: CertificateSummary };
  /** For the reader of the client's data: logs that this side refused the connection because of it. */
  readonly refuse?: (reason: RefusalReason, detail?: Pick<RefusalDetail, 'code' | 'expected'>) => void;
}

export interface Listener {
  readonly address: Address;
  /** Open connections, including those in the handshake and waiting ones. */
  readonly open: number;
  /** Of these, the ones that wait until another has closed. */
  readonly waiting: number;
  /**
   * Checks new credentials; the returned function presents and trusts them from the next handshake on. Open connections
   * are unaffected.
   * @throws UserError if they cannot be used.
   */
  prepare(credentials: ListenerCredentials): () => void;
  /** The same in one step. @throws UserError if they cannot be used: then nothing has changed. */
  renew(credentials: ListenerCredentials): void;
  /** Stops accepting; open connections continue. */
  stop(): void;
  /** Stops listening and ends open connections; those still open after `graceMs` are destroyed. */
  close(graceMs?: number): Promise<void>;
}

/** The certificates that a dialer presents and the CAs it trusts: these may change between two connections. */
export interface DialerCredentials {
  /** PEM certificates of the trusted CAs for the server. */
  readonly authorities?: readonly string[];
  /**
   * Revocation lists (PEM) for checking the server; every CA of its chain then needs one. Without any, revocation is
   * not checked.
   */
  readonly revocations?: readonly string[];
  /** For mtls; a client may also use mtls without a certificate. */
  readonly identity?: Identity;
}

export interface ProxyLogin {
  readonly user: string;
  readonly password: string;
}

export interface ProxyOnTheWay extends Address {
  /** By default HTTP's CONNECT. */
  readonly speaks?: 'http' | 'socks5';
  readonly login?: ProxyLogin;
  /** It is spoken to over TLS, which is its own: `https://` in the place of `http://`. */
  readonly tls?: ProxyTls;
  /** Another proxy, through which this one is reached. */
  readonly via?: ProxyOnTheWay;
}

/** How a client judges a proxy that is spoken to over TLS, and what it presents to it. */
export interface ProxyTls {
  /** PEM; by default the roots that Node brings along. */
  readonly authorities?: readonly string[];
  /** False: any certificate will do. */
  readonly verify?: boolean;
  readonly identity?: Identity;
}

export interface DialOptions extends DialerCredentials {
  readonly security: Security;
  readonly to: Address;
  /** From whose network stack it connects; this process's if omitted. */
  readonly host?: Host | undefined;
  /** A proxy that is asked for a tunnel to `to`; a tap at this end does not record that exchange. */
  readonly through?: ProxyOnTheWay;
  readonly clock: Clock;
  /**
   * For a demonstration at another date: a certificate that has expired by this machine's clock is accepted if it is
   * valid by `clock`.
   */
  readonly datesByClock?: boolean;
  /** With a tap, the bytes are recorded at this end. */
  readonly tap?: Tap;
  /** The connection whose bytes are carried on over this one, unchanged; it may be one that nobody records. */
  readonly relays?: Pick<Accepted, 'conn' | 'end'> | undefined;
  /** The client's connection for which this one is opened, where it does not relay that. */
  readonly onBehalfOf?: number | undefined;
  /**
   * Without a tap at this end: the log in which this client records `secured` and `refused`, for the connection that
   * another tap opened.
   */
  readonly reportTo?: CaptureSink;
  /** Begins with a PROXY protocol header of this version, which names the client's addresses. */
  readonly proxyHeader?:
    | { readonly version: 1 | 2; readonly source: Address; readonly destination: Address }
    | undefined;
  /** TLS is requested in this protocol; with `plain`, nothing is. */
  readonly starttls?: StarttlsName | undefined;
  /** With `starttls`: a client hears the server's greeting before TLS is requested on its behalf. */
  readonly meet?: Meet | undefined;
  /** As a listener's: what is said before TLS; with `plain` as its result, the connection goes on without TLS. */
  readonly dialogue?: BeforeTls;
  /** The server name to request (SNI) and to verify. */
  readonly serverName?: string;
  /** Names of which the server's certificate must contain one, in addition to the requested name. */
  readonly serverPolicy?: AdmissionPolicy;
  /** False: like `curl -k`. */
  readonly verify?: boolean;
  /**
   * Ignores a name that is only in the server's CN, as browsers and Go do (RFC 9525). OpenSSL, curl and Node fall back
   * to the CN.
   */
  readonly ignoresCommonName?: boolean;
  /**
   * The server's certificate must have one of these public keys, whichever CA issued it, like curl's `--pinnedpubkey`
   * (RFC 7469 section 2.4): SHA-256 of the SubjectPublicKeyInfo, in base64. This is in addition to the normal
   * verification.
   */
  readonly pins?: readonly string[];
  readonly tls?: TlsChoices;
  /** A session that this client received earlier and offers to resume. */
  readonly session?: Buffer;
  /** Called for each session that this client receives. */
  readonly onSession?: (session: Buffer) => void;
  /** Called with the server's certificates, as OpenSSL returns them (`presentedChain`), before any data is sent. */
  readonly onPresented?: (chain: readonly Uint8Array[]) => void;
  /** Asks the server for an OCSP response with its certificate (status_request, RFC 6066 section 8). */
  readonly requestsStatus?: boolean | undefined;
  /** For a demonstration: how this client's outgoing bytes are tampered with. */
  readonly tamper?: TamperName;
  readonly timeout?: number;
  /** Ends it, in whatever it is; a connection that has been made is ended too. */
  readonly signal?: AbortSignal | undefined;
}

/** The peer's certificate and the negotiated parameters. */
export interface Secured {
  readonly version: TlsVersion;
  readonly cipher: string;
  readonly alpn?: string;
  readonly peer?: CertificateSummary;
}

/** How this end learned about its failure. */
export interface Failure {
  readonly reason: RefusalReason;
  /** Who refused: this client or the server; unknown if the network failed. */
  readonly by: 'client' | 'server' | 'unknown';
  /** The runtime's code, for example ERR_SSL_TLSV1_ALERT_UNKNOWN_CA. */
  readonly code: string;
  readonly message: string;
  /** The alert that the peer sent. */
  readonly alert?: Alert;
  readonly presented?: CertificateSummary;
  /** It failed at this proxy, before the target was asked: while connecting, in the proxy's own TLS, or by its answer. */
  readonly onTheWay?: { readonly proxy: Address; readonly step: 'connection' | 'tls' | 'tunnel' };
}

/** What became of a renegotiation that the client asked for; `ignored`: no answer in time. */
export type Renegotiation = 'completed' | 'refused' | 'ignored';

export type Dialed =
  | {
      readonly outcome: 'connected';
      /** 0 without a tap at this end. */
      readonly conn: number;
      /**
       * With a tap, a tapped stream; without one, the socket itself. `destroy()` closes like a socket's;
       * `destroy(error)` and, with a tap, `resetAndDestroy()` reset (`breakOff` in `relay.ts` does it for both; a TLS
       * socket without a tap only closes).
       */
      readonly stream: Duplex;
      readonly local: Address;
      readonly secured?: Secured;
      /** With `starttls`: what the server said before TLS was requested, for a client that waits for it. */
      readonly greeting?: Uint8Array;
      /** With `requestsStatus`: the OCSP response that came with the certificate, DER; empty if none came. */
      readonly status?: Uint8Array;
      /** The session that was offered was resumed: the server judged no certificate. */
      readonly resumed?: true;
      /** Up to TLS 1.2: asks for a new handshake on this connection (RFC 5246 section 7.4.1.1), and waits for it. */
      readonly renegotiate?: (milliseconds: number) => Promise<Renegotiation>;
    }
  | { readonly outcome: 'failed'; readonly local?: Address; readonly failure: Failure };
