/**
 * The few facts about a connection's records that expectations rest on, drawn from the sniffer's own conversation: the types
 * alone. `read-wire.ts` reads them.
 */
import type { EvidenceRef, Side } from '../capture/event.ts';
import type { Localized } from '../i18n/language.ts';
import type { CertificateSummary, TlsVersion } from '../capture/vocabulary.ts';
import type { KeyExchange } from './conversation/key-exchange.ts';
import type { KnownPage, PageGuess } from './eavesdropper/page-guess.ts';
import type { RequestForm } from './eavesdropper/size-estimate.ts';
import type { Visible } from './eavesdropper/visibility.ts';

export interface AlertOnWire {
  readonly from: Side;
  readonly code: number;
  /** Whether a sniffer needs keys to read it. */
  readonly sealed: boolean;
  /** Where its record stands in the stream of the wire. */
  readonly offset: number;
  readonly length: number;
}

/** One answer of a resolver, and where it stands in the stream of the wire. */
export interface DnsAnswer {
  readonly offset: number;
  readonly length: number;
  /** Where it says that a service is: the first, with the address of its host where that came along. */
  readonly service?: { readonly name: string; readonly host: string; readonly port: number };
}

export interface WireReading {
  /** As the ServerHello on the wire says. */
  readonly version?: TlsVersion;
  readonly cipher?: string;
  /** The group of the key exchange, by its name in the registry. */
  readonly group?: string;
  /** The name that the client asked for. */
  readonly serverName?: string;
  /** What the client offered, and what was picked of it: sealed under TLS 1.3, known with the keys. */
  readonly offeredAlpn?: readonly string[];
  readonly alpn?: string;
  /** Whether the server asked for another hello first (RFC 8446 section 4.1.4). */
  readonly wasAskedAgain: boolean;
  /** Alerts that can be read, with the keys where they are sealed; `close_notify` is left out. */
  readonly alerts: readonly AlertOnWire[];
  /** Handshake messages in the order of the wire, by their names in the standard (`certificate`). */
  readonly handshake: readonly {
    readonly from: Side;
    readonly message: string;
    readonly sealed: boolean;
    readonly emptyCertificate?: boolean;
    /** The certificates of a Certificate message, DER, in its order. */
    readonly certificates?: readonly Uint8Array[];
    /** Where its record stands. */
    readonly offset: number;
    readonly length: number;
  }[];
  /** What a side's own certificate says, and where its record stands; undefined where it showed none that can be read. */
  leaf(
    from: Side,
  ): { readonly summary: CertificateSummary; readonly offset: number; readonly length: number } | undefined;
  /** Whether the client offered to resume a session, and whether the server took it up: then it asks for no certificate. */
  readonly resumption: { readonly offered: boolean; readonly accepted: boolean };
  /** What the application data of a side opens to with the logged keys, and where the first such record stands. */
  application(
    from: Side,
  ): { readonly bytes: Uint8Array; readonly offset: number; readonly length: number } | undefined;
  /** What became of it, by its bytes and the keys: who refused with which alert, and why. */
  outcome(): {
    readonly kind: string;
    readonly by?: Side;
    readonly cause?: string;
    readonly alert?: { readonly description: string };
    readonly evidence: readonly EvidenceRef[];
    readonly sentence: Localized;
  };
  /** Records of a side that could be neither read nor opened. */
  unopened(from: Side): number;
  /** How both sides came to a common secret, as the wire shows it. */
  readonly keyExchange: KeyExchange | undefined;
  /** The handshake messages of that name and side that could be read: in clear, or with the logged keys. */
  messages(
    from: Side,
    message: string,
  ): readonly {
    readonly bytes: Uint8Array;
    readonly sealed: boolean;
    readonly offset: number;
    readonly length: number;
  }[];
  /** What a resolver answered over this connection. */
  answers(): readonly DnsAnswer[];
  /** What an eavesdropper without keys knows; with the form of the login, how long the password is. */
  visible(form?: RequestForm): Visible | undefined;
  /** Which of these pages an eavesdropper without keys takes each answer for. */
  guessPages(known: readonly KnownPage[]): readonly PageGuess[];
}
