/**
 * The words that accepting and dialing share: what a listener or a dialer is told, and what it hands up.
 * `accept.ts` and `dial.ts` implement them; `proxy` and `actors` are built on them and see no socket.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import type { Address, RefusalDetail, Side } from '../capture/event.ts';
import type { CaptureSink } from '../capture/boundary.ts';
import type { Alert, CertificateSummary, RefusalReason, TlsVersion } from '../capture/vocabulary.ts';
import type { TamperName } from './tamper/tamper.ts';

/** How a connection is secured at one of its ends. */
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
  /** For a listener: the group of its ephemeral Diffie-Hellman keys, PEM. None is offered when left out. */
  readonly dhparam?: string;
  /** OpenSSL's security level: 0 takes keys and digests that are broken by now. Its own default when left out. */
  readonly securityLevel?: number;
  /** An OpenSSL list of groups for the key exchange, the preferred one first; of the first a client sends its share at once. */
  readonly groups?: string;
  readonly alpn?: readonly string[];
}

/** Whose certificate is good enough. Several rules are joined by or, as ghostunnel does. */
export interface AdmissionPolicy {
  readonly allowAll?: boolean;
  readonly allowCommonNames?: readonly string[];
  readonly allowOrganizationalUnits?: readonly string[];
  readonly allowDnsNames?: readonly string[];
  readonly allowUris?: readonly string[];
}

/** What a listener shows and whom it trusts: what may change while it listens. */
export interface ListenerCredentials {
  /** For tls and mtls. */
  readonly identity?: Identity;
  /** What is shown to a client that asks for a name (SNI), by that name; `identity` to everybody else. */
  readonly identities?: ReadonlyMap<string, Identity>;
  /** For mtls: PEM certificates of the CAs that may vouch for a client, and their revocation lists. See also `requestCertificate`. */
  readonly clientAuthorities?: readonly string[];
  readonly clientRevocations?: readonly string[];
}

export interface AcceptOptions extends ListenerCredentials {
  readonly security: Security;
  readonly listen: Address;
  readonly clock: Clock;
  /** For a demonstration of another day: what has expired by this machine's clock is good where it is good by `clock`. */
  readonly datesByClock?: boolean;
  /** With a tap, every byte is recorded; without, nothing is. */
  readonly tap?: Tap;
  /** Without a tap: the log that is told this end's keys, for connections that others have tapped on their way here. */
  readonly keysTo?: CaptureSink;
  readonly tls?: TlsChoices;
  readonly policy?: AdmissionPolicy;
  /**
   * With `tls`: asks every client for a certificate and insists on none (Go's tls.RequestClientCert). Whatever is presented
   * is let through unverified and handed up, but for the proof that the client has its key; a certificate with a forged
   * signature may break the handshake, and is refused then. `clientAuthorities` are only named to the client as those
   * whose certificates are wanted: Go's clients present no other.
   */
  readonly requestCertificate?: boolean;
  /** How a refused client is told: by the TLS alert, or (`http`) admitted to a 403 with the reason. */
  readonly reject?: 'tls' | 'http';
  /** Whose alerts a refused client is sent: those of OpenSSL, or of Go, which tells less (`alerts.ts`). */
  readonly alerts?: AlertManner;
  /** With `tls` and `mtls`: what a client that speaks HTTP in clear is answered, in clear; nothing where it is left out. */
  readonly plainHttp?: PlainHttpManner;
  /** Told of every connection that was refused, by either side, also without a tap. */
  readonly onRefused?: (refused: Refused) => void;
  readonly handshakeTimeout?: number;
  /** How many connections are served at a time; further ones wait until one has closed. What that promises: `connection-limit.ts`. */
  readonly maxConnections?: number;
  /** So many wait at most; whoever comes then is sent away at once, and told of. */
  readonly maxWaiting?: number;
  /** So many connections may be open at all, waiting ones included; whoever comes then is sent away at once, and told of. */
  readonly maxOpen?: number;
  /** Where others wait or are sent away, a connection over which nothing was said for so many milliseconds is closed. */
  readonly silence?: number;
  readonly onSentAway?: (from: Address, why: SentAwayFor) => void;
  /** Told of a connection on which nothing was said, and which is closed to make room. */
  readonly onMadeRoom?: (conn: number, from: Address) => void;
}

/** Why a connection was not even taken: too many wait, or too many are open. */
export type SentAwayFor = 'waiting' | 'open';

export type AlertManner = 'openssl' | 'go';
/** As a server of Go's net/http does it. */
export type PlainHttpManner = 'go';

/** A connection that never became one, and why. */
export interface Refused {
  /** 0 without a tap. */
  readonly conn: number;
  readonly remote: Address;
  readonly by: Side;
  readonly reason: RefusalReason;
  readonly alert?: Alert;
  readonly version?: TlsVersion;
  readonly detail: RefusalDetail;
}

/** A connection whose security is settled: for mtls the client has been admitted. */
export interface Accepted {
  readonly conn: number;
  /** The plaintext, tapped. Ending it ends the connection; `destroy()` resets it (after both sides ended it only closes). */
  readonly stream: Duplex;
  readonly remote: Address;
  readonly local: Address;
  readonly security: Security;
  readonly peer?: CertificateSummary;
  /** With `requestCertificate`: what the client presented, leaf first, each in DER; empty when it presented nothing. For mtls: the chain of an admitted client. */
  readonly presented?: readonly Uint8Array[];
  readonly alpn?: string;
  /** With `reject: 'http'`: why this client must be answered 403 and nothing else. */
  readonly refusal?: { readonly reason: RefusalReason; readonly presented?: CertificateSummary };
  /** For who reads what the client says: puts it into the log that this side refused the connection for it. */
  readonly refuse?: (reason: RefusalReason, code?: string) => void;
}

export interface Listener {
  readonly address: Address;
  /** Connections that are open now, handshaking and waiting ones included. */
  readonly open: number;
  /** Of these, the ones that wait until another has closed. */
  readonly waiting: number;
  /**
   * Shows and trusts something else from the next handshake on; what is open stays as it is.
   * @throws UserError when it cannot be used: then nothing has changed.
   */
  renew(credentials: ListenerCredentials): void;
  /** Takes no new connection; what is open goes on. */
  stop(): void;
  /** Stops listening, then ends what is open; what is still open after `graceMs` is destroyed. */
  close(graceMs?: number): Promise<void>;
}

/** What a dialer shows and whom it trusts: what may change between two connections. */
export interface DialerCredentials {
  /** PEM certificates of the CAs that may vouch for the server. */
  readonly authorities?: readonly string[];
  /** Revocation lists (PEM) on which the server is looked up; every CA above it needs one then. Without any, nobody is. */
  readonly revocations?: readonly string[];
  /** For mtls; a client may also ask for mtls and present nothing. */
  readonly identity?: Identity;
}

export interface DialOptions extends DialerCredentials {
  readonly security: Security;
  readonly to: Address;
  /** An HTTP proxy that is asked for a tunnel to `to` (CONNECT); what is said to it is not recorded by a tap at this end. */
  readonly through?: Address;
  readonly clock: Clock;
  /** For a demonstration of another day: what has expired by this machine's clock is good where it is good by `clock`. */
  readonly datesByClock?: boolean;
  /** With a tap, the bytes are recorded at this end. */
  readonly tap?: Tap;
  /** Without a tap at this end: the log to which this client reports `secured` and `refused`, on the connection that another tap opened. */
  readonly reportTo?: CaptureSink;
  /** The name to ask for (SNI) and to verify. */
  readonly serverName?: string;
  /** Names of which the server's certificate must have one, beside the name that was asked for. */
  readonly serverPolicy?: AdmissionPolicy;
  /** False: like `curl -k`. */
  readonly verify?: boolean;
  /** A name that stands only in the server's CN is none, as browsers and Go have it (RFC 9525). OpenSSL, curl and Node fall back on it. */
  readonly ignoresCommonName?: boolean;
  /**
   * The server's certificate must be for one of these public keys, whoever vouches for it, as curl's `--pinnedpubkey` has
   * it (RFC 7469 section 2.4): SHA-256 of the SubjectPublicKeyInfo, in base64. It adds to the verification and takes the
   * place of none.
   */
  readonly pins?: readonly string[];
  readonly tls?: TlsChoices;
  /** A session that this client was given before and offers to resume. */
  readonly session?: Buffer;
  /** Told of each session that this client is given. */
  readonly onSession?: (session: Buffer) => void;
  /** Told of the certificates that the server showed, as OpenSSL hands them out (`presentedChain`), before anything is sent over the connection. */
  readonly onPresented?: (chain: readonly Uint8Array[]) => void;
  /** For a demonstration: what spoils this client's bytes on their way out. */
  readonly tamper?: TamperName;
  readonly timeout?: number;
}

/** The other end's certificate and what was negotiated. */
export interface Secured {
  readonly version: TlsVersion;
  readonly cipher: string;
  readonly alpn?: string;
  readonly peer?: CertificateSummary;
}

/** The words in which this end learned that it failed. */
export interface Failure {
  readonly reason: RefusalReason;
  /** Who refused: this client, or the server; unknown when the network failed. */
  readonly by: 'client' | 'server' | 'unknown';
  /** The runtime's code, for example ERR_SSL_TLSV1_ALERT_UNKNOWN_CA. */
  readonly code: string;
  readonly message: string;
  /** The alert that the other side sent. */
  readonly alert?: Alert;
  readonly presented?: CertificateSummary;
}

export type Dialed =
  | {
      readonly outcome: 'connected';
      /** 0 when there is no tap at this end. */
      readonly conn: number;
      /**
       * With a tap, a tapped stream; without, the socket itself. `destroy()` closes as a socket does; `destroy(error)` and,
       * where there is a tap, `resetAndDestroy()` reset (`breakOff` of `relay.ts` does it for both; a TLS socket without a tap only closes).
       */
      readonly stream: Duplex;
      readonly local: Address;
      readonly secured?: Secured;
    }
  | { readonly outcome: 'failed'; readonly local?: Address; readonly failure: Failure };
