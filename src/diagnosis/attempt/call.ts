/**
 * Defines the call that is diagnosed: what the client in question does. Every attempt repeats it and changes one thing
 * (`Change`), so that what comes back differently is due to that.
 */
import { defined } from '../../core/defined.ts';
import type { Identity, ProxyOnTheWay, TlsChoices } from '../../wire/endpoint.ts';
import type { StarttlsName } from '../../wire/starttls/protocols.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Question } from './answer.ts';

export interface Call {
  /** As it was written: a name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Where the name leads, in the order in which a client tries them; at least one. */
  readonly addresses: readonly string[];
  /** The name to request (SNI) and to verify, where it is not `host`. */
  readonly serverName?: string | undefined;
  readonly alpn?: readonly string[] | undefined;
  readonly starttls?: StarttlsName | undefined;
  /** Who logs in to a database; by default the common name of the client's certificate, else `postgres`. */
  readonly user?: string | undefined;
  /** What HTTP asks for, by default `/`. */
  readonly path?: string | undefined;
  /** What the client asks, where it is no page: over TLS HTTP is asked for a WebSocket, the others are asked without TLS. */
  readonly asks?: 'websocket' | 'mqtt' | 'ping' | undefined;
  /** PEM: the CAs that the client trusts, and where they come from. */
  readonly authorities: readonly string[];
  readonly authoritiesFrom: 'given' | 'system' | 'node';
  /** PEM revocation lists; revocation is not checked without any. */
  readonly revocations?: readonly string[] | undefined;
  readonly identity?: Identity | undefined;
  /** What the client offers at most, where that is less than what is usual. */
  readonly limits?: Limits | undefined;
  /** Certificates in the files around the client's own: what it might have sent too. Read when they are needed. */
  readonly atHand?: (() => readonly CertificateAtHand[]) | undefined;
  /** A proxy on the way, which finds the address of the host. */
  readonly through?: ProxyOnTheWay | undefined;
  /** Milliseconds for a connection and its handshake. */
  readonly timeout: number;
}

/** The limits of a client: versions, an OpenSSL list of suites, one of groups. */
export type Limits = Pick<TlsChoices, 'minVersion' | 'maxVersion' | 'ciphers' | 'groups' | 'securityLevel'>;

export const limitKinds = ['versions', 'ciphers', 'groups'] as const;
export type LimitKind = (typeof limitKinds)[number];

/** Which limits are set. */
export const kindsOf = ({ minVersion, maxVersion, ciphers, groups }: Limits): readonly LimitKind[] =>
  limitKinds.filter((kind) => ({ versions: minVersion ?? maxVersion, ciphers, groups })[kind] !== undefined);

/** The same without those of these kinds. */
export function limitsWithout(limits: Limits | undefined, kinds: readonly LimitKind[] = []): Limits {
  const { minVersion, maxVersion, ciphers, groups, securityLevel } = limits ?? {};
  return defined({
    ...(kinds.includes('versions') ? {} : { minVersion, maxVersion, securityLevel }),
    ...(kinds.includes('ciphers') ? {} : { ciphers }),
    ...(kinds.includes('groups') ? {} : { groups }),
  });
}

const versionCodes = { TLSv1: 0x0301, 'TLSv1.1': 0x0302, 'TLSv1.2': 0x0303, 'TLSv1.3': 0x0304 } as const;

/** The versions that a client with these limits offers, newest first. */
export function versionsWithin({
  minVersion = 'TLSv1.2',
  maxVersion = 'TLSv1.3',
}: Limits): readonly number[] {
  const all = [0x0304, 0x0303, 0x0302, 0x0301];
  return all.filter((one) => one >= versionCodes[minVersion] && one <= versionCodes[maxVersion]);
}

export interface CertificateAtHand {
  readonly path: string;
  readonly der: Uint8Array;
}

/** The name that the client means: of its certificate, and of its requests. */
export const meantName = ({ serverName, host }: Pick<Call, 'serverName' | 'host'>): string =>
  serverName ?? host;

/** What an attempt does otherwise than the call; what is absent stays as called, and `null` leaves it out. */
export interface Change {
  /** A stable name, for programs: `as-called`, `tls1.2`. */
  readonly id: string;
  readonly words: Localized;
  readonly serverName?: string | null;
  readonly alpn?: readonly string[] | null;
  readonly identity?: Identity | null;
  readonly starttls?: StarttlsName | null;
  readonly tls?: TlsChoices;
  /** Leaves out these limits of the client. */
  readonly without?: readonly LimitKind[];
  readonly address?: string;
  /** Begins with a PROXY protocol header of this version. */
  readonly proxyHeader?: 1 | 2;
  /** No TLS: a greeting is waited for, and then this is asked. */
  readonly plain?: Question;
  /** A session that an earlier client received; it is offered for resumption. */
  readonly session?: Buffer;
  /** Renegotiates, where the version has that (up to TLS 1.2), before anything is asked. */
  readonly renegotiates?: true;
  readonly asks?: Asking;
  /** Milliseconds for the connection with its handshake, in the place of those that the host has shown to need. */
  readonly timeout?: number;
  /** Asks for an OCSP response with the server's certificate (status_request). */
  readonly requestsStatus?: true;
  /** A hello of wirelab's own in the place of OpenSSL's; the connection ends with the first answer to it. */
  readonly hello?: HelloForm;
}

/** What is asked behind the handshake, and how long an answer is waited for, in milliseconds. */
export interface Asking {
  /** In the place of what the protocol suggests. */
  readonly question?: Question | undefined;
  /** Of HTTP, the host that is asked for; by default the name that the client means. */
  readonly authority?: string | undefined;
  /** Of HTTP, by default that of the call. */
  readonly path?: string | undefined;
  /** For what the server says by itself. */
  readonly greetingTime?: number | undefined;
  readonly answerTime?: number | undefined;
  readonly isPatient?: boolean | undefined;
  /** The question is written in pieces of so many bytes, over TLS each in a record of its own. */
  readonly pieceLength?: number | undefined;
}

/** How a ClientHello of wirelab's own is made, and how it is sent. */
export interface HelloForm {
  /** With a key share of X25519MLKEM768 (1,216 bytes), as browsers and Go send it since 2024. */
  readonly isHybrid: boolean;
  /** How it travels: in one segment as far as that fits, in two segments, or in two records. */
  readonly sent: 'whole' | 'in-segments' | 'in-records';
  /** The versions that it offers, newest first; both by default. */
  readonly versions?: readonly number[];
  /** Without a key share: the server answers with a HelloRetryRequest, which is small (RFC 8446 section 4.1.4). */
  readonly hasNoShares?: boolean;
  /** As long as that at least, in bytes of its extensions (RFC 7685). */
  readonly paddedTo?: number;
  /** Suites that current libraries no longer offer are offered too. */
  readonly offersOldSuites?: boolean;
  /** Signatures over SHA-1 are accepted too. */
  readonly offersOldSignatures?: boolean;
  /** Groups that few clients have are offered too. */
  readonly offersRareGroups?: boolean;
  /** Only these groups, and only suites that need one of them. */
  readonly groups?: readonly number[];
  /** Up to TLS 1.2 only these suites. */
  readonly suites?: readonly number[];
  /** Asks for records of 512 bytes at most (RFC 6066 section 4, RFC 8449). */
  readonly limitsRecords?: boolean;
}

export const asCalled: Change = {
  id: 'as-called',
  words: { en: 'as called', ko: '호출한 그대로' },
};

/** As called, and waited for longer. */
export const waitedFor = 'as-called-patiently';

/** A control: whether the call fails each time. */
export const asCalledAgain = (time: number): Change => ({
  id: `as-called-again-${time}`,
  words: { en: 'as called, once more', ko: '호출한 그대로 한 번 더' },
});
