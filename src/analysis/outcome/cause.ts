/**
 * Determines why one side aborted a handshake, from the connection's bytes: the alert, combined with what had been
 * offered, presented and requested. `outcome.ts` determines the outcome; the texts are in `refusal.ts` and
 * `cause-words.ts`.
 *
 * 1. An alert is its sender's statement. If its code allows several causes and one of them is visible to any observer
 *    (a date, a name, an empty list), that one is reported as an inference.
 * 2. If nothing is visible, the cause stays as general as the alert.
 */
import { defined } from '../../core/defined.ts';
import { otherSide } from '../../capture/event.ts';
import type { Side } from '../../capture/event.ts';
import type { Alert, RefusalReason } from '../../capture/vocabulary.ts';
import {
  cipherSuiteName,
  groupName,
  isGrease,
  isTls13,
  nameOrCode,
  signatureName,
  versionName,
} from '../../protocols/tls/codes.ts';
import { keyExchangeOf } from '../../protocols/tls/cipher-suites.ts';
import type { TlsMessage } from '../../protocols/tls/message/message.ts';
import { isDowngradeMark } from '../../protocols/tls/handshake.ts';
import type { ClientHello } from '../../protocols/tls/handshake.ts';
import { readSigned } from '../../protocols/x509/certificate.ts';
import { distinguishedName } from '../../protocols/x509/structures.ts';
import type { Cause } from './cause-words.ts';
import type { HandshakeProgress } from './handshake-progress.ts';
import { PresentedChain } from '../eavesdropper/presented.ts';
import type { CauseDetail } from './refusal-facts.ts';
import { visibleFlaws } from './visible-flaws.ts';

export interface FoundCause {
  readonly cause: Cause;
  readonly inferred: boolean;
  readonly detail: CauseDetail;
  /** The message that was judged, where there is one. */
  readonly about?: TlsMessage | undefined;
}

/** One alert and everything that had been said before it. */
export interface AlertInContext {
  /** Who sent it. */
  readonly by: Side;
  readonly alert: Alert;
  /** Without the alert and later data. */
  readonly progress: HandshakeProgress;
  /** The time of the alert in milliseconds since the epoch; undefined if unknown. */
  readonly at: number | undefined;
  /** In the header of its record. */
  readonly recordVersion?: number | undefined;
}

const as =
  (cause: Cause) =>
  (context: AlertInContext): FoundCause =>
    plain(context, cause);

/** What each alert means here. A code without a row means what the standard says of it, and no more. */
const byCode: Readonly<Record<number, (context: AlertInContext) => FoundCause>> = {
  10: unreadHello,
  20: unreadable,
  21: as('bad_record'),
  22: as('bad_record'),
  30: as('bad_record'),
  40: handshakeFailure,
  41: (context) => missingCertificate(context, false) ?? plain(context, 'other_alert'),
  42: (context) => ofCertificate(context, { prefers: badCertificate }),
  43: (context) =>
    ofCertificate(context, { prefers: ['wrong_usage'], says: ['wrong_usage'], general: 'wrong_usage' }),
  44: (context) => ofCertificate(context, { prefers: [], general: 'certificate_revoked', isSaid: true }),
  45: (context) =>
    ofCertificate(context, {
      prefers: ['certificate_expired', 'certificate_not_yet_valid'],
      says: ['certificate_expired'],
      general: 'certificate_expired',
      isSaid: true,
      isVisible: true,
    }),
  46: (context) => ofCertificate(context, { prefers: anyFlaw }),
  47: illegalParameter,
  48: (context) =>
    ofCertificate(context, {
      prefers: ['self_signed', 'intermediate_missing'],
      says: ['self_signed'],
      general: 'unknown_ca',
      isSaid: true,
    }),
  49: accessDenied,
  // So GnuTLS answers an empty list where it demands a certificate.
  50: (context) => missingCertificate(context, true) ?? unreadHello(context),
  51: decryptError,
  70: noCommonVersion,
  71: (context) => ({
    ...plain(context, 'insufficient_security'),
    detail: { offered: suitesOf(context.progress.hello) },
  }),
  80: as('internal_error'),
  86: (context) => ({
    ...plain(context, 'downgrade_detected'),
    detail: { offered: versionsOf(context.progress.hello) },
  }),
  90: as('user_canceled'),
  109: as('protocol_error'),
  110: as('protocol_error'),
  112: (context) => ({
    ...plain(context, 'unknown_server_name'),
    detail:
      context.progress.hello && context.progress.serverName === undefined
        ? { unnamed: true }
        : detailOf('name_mismatch', context),
  }),
  113: (context) => ofCertificate(context, { prefers: [] }),
  115: as('unknown_psk'),
  116: (context) => missingCertificate(context, false) ?? plain(context, 'certificate_missing'),
  120: (context) => ({
    ...plain(context, 'no_common_protocol'),
    detail: { offered: context.progress.hello?.extensions.alpn ?? [] },
  }),
};

/** The cause behind a fatal alert of the handshake. */
export function causeOfAlert(context: AlertInContext): FoundCause {
  return byCode[context.alert.code]?.(context) ?? plain(context, 'other_alert');
}

/**
 * A client that can do TLS 1.3 looks for the mark that a server puts into its random when it settles for less (RFC 8446
 * section 4.1.3), and refuses with this alert.
 */
function illegalParameter(context: AlertInContext): FoundCause {
  const { by, progress } = context;
  const hello = progress.serverHello;
  const isMarked =
    by === 'client' && !hasGoneOn(progress) && hello !== undefined && isDowngradeMark(hello.content.random);
  if (!isMarked) return pskRefusal(context) ?? unreadHello(context);
  return {
    cause: 'downgrade_detected',
    inferred: true,
    detail: { offered: versionsOf(progress.hello) },
    about: hello,
  };
}

/** An offered key whose proof (its binder, RFC 8446 section 4.2.11.2) does not fit is refused before anything else is said. */
function pskRefusal(context: AlertInContext): FoundCause | undefined {
  const { by, progress } = context;
  const isOffered =
    by === 'server' && !progress.serverHello && (progress.hello?.extensions.pskIdentities ?? 0) > 0;
  return isOffered ? { ...plain(context, 'psk_wrong'), inferred: true } : undefined;
}

/** Whether the keys of the handshake rest on a secret that both sides must have had before. */
function restsOnPsk({ answer }: HandshakeProgress): boolean {
  return (
    answer !== undefined &&
    (answer.extensions.selectedPsk !== undefined || /PSK|SRP/.test(keyExchangeOf(answer.cipherSuite) ?? ''))
  );
}

/** Who still answers in records of SSL 3.0 knows nothing of what has come since. */
function unreadHello(context: AlertInContext): FoundCause {
  const { by, progress, recordVersion } = context;
  const { hello } = progress;
  const isSound =
    by === 'server' &&
    !progress.serverHello &&
    hello !== undefined &&
    hello.fault === undefined &&
    hello.version > 0x0300;
  if (!isSound || recordVersion !== 0x0300) return plain(context, 'protocol_error');
  return { ...plain(context, 'version_intolerance'), inferred: true, detail: { offered: versionsOf(hello) } };
}

/** If the keys depend on a digest of the handshake (RFC 7627), a side that saw another one cannot even read the Finished. */
function unreadable(context: AlertInContext): FoundCause {
  const { by, progress } = context;
  const isAtFinished =
    !progress.isComplete &&
    by === 'server' &&
    progress.messages.some(
      ({ from, content, contentType }) =>
        from === 'client' &&
        (content.type === 'finished' || (content.type === 'sealed' && contentType === 22)),
    );
  // A side with another key derives other keys and can decrypt nothing.
  if (!progress.isComplete && restsOnPsk(progress)) return { ...plain(context, 'psk_wrong'), inferred: true };
  return isAtFinished
    ? { ...plain(context, 'handshake_altered'), inferred: true }
    : plain(context, 'bad_record');
}

/** What was judged is the other side's last message. */
function plain({ by, progress }: Pick<AlertInContext, 'by' | 'progress'>, cause: Cause): FoundCause {
  const about = progress.messages.findLast(
    ({ from, content }) => from !== by && content.type !== 'change_cipher_spec',
  );
  return { cause, inferred: false, detail: {}, about };
}

/** In the order in which OpenSSL, which sends bad_certificate for most of them, is likely to have met them. */
const badCertificate: readonly RefusalReason[] = [
  'malformed_certificate',
  'certificate_not_yet_valid',
  'name_mismatch',
  'bad_signature',
  'unusable_key',
  'weak_key',
  'weak_signature',
  'certificate_expired',
  'unhandled_critical_extension',
  'name_constraint_violated',
  'wrong_usage',
  'self_signed',
];

const anyFlaw: readonly RefusalReason[] = [
  ...visibleFlaws,
  'not_a_ca',
  'weak_key',
  'weak_signature',
  'unhandled_critical_extension',
  'name_constraint_violated',
  'unusable_key',
];

interface CertificateRule {
  /** Flaws for which the alert is sent, the likeliest first. */
  readonly prefers: readonly RefusalReason[];
  /** Those among them that the alert itself names: they are no inference. */
  readonly says?: readonly RefusalReason[];
  /** When no such flaw is to be seen. */
  readonly general?: Cause;
  /** The general cause is what the alert says, not what is guessed. */
  readonly isSaid?: boolean;
  /** Where the chain can be read and does not show it, it is in doubt all the same. */
  readonly isVisible?: boolean;
}

/**
 * By the standard the certificate was found valid (RFC 8446 section 6.2); GnuTLS also sends it for one that it did not find
 * valid. The list of requested CAs distinguishes the two.
 */
function accessDenied(context: AlertInContext): FoundCause {
  const { by, progress } = context;
  const message = progress.certificate[otherSide[by]];
  if (!message || message.content.certificates.length === 0)
    return missingCertificate(context, true) ?? plain(context, 'access_denied');
  const found = ofCertificate(context, { prefers: anyFlaw });
  if (found.cause !== 'certificate_not_accepted') return found;
  const asked = authoritiesOf(progress);
  const issuer = found.detail.presented?.issuer;
  const isComplete =
    asked.length > 0 && asked.length < mostAuthorities && message.content.certificates.length === 1;
  if (
    by === 'server' &&
    issuer !== undefined &&
    isComplete &&
    asked.every(({ subject }) => subject !== issuer)
  ) {
    return {
      ...found,
      cause: 'unknown_ca',
      inferred: true,
      detail: { ...found.detail, trusted: asked, chainLength: 1 },
    };
  }
  return { ...found, cause: 'access_denied', inferred: true };
}

/** The chain that a side presented, if it was readable. */
function shownBy(
  owner: Side,
  { progress, at }: Pick<AlertInContext, 'progress' | 'at'>,
): {
  readonly message?: NonNullable<HandshakeProgress['certificate'][Side]>;
  readonly chain?: PresentedChain;
} {
  const message = progress.certificate[owner];
  if (!message) return {};
  const { certificates } = message.content;
  return { message, chain: new PresentedChain(certificates, { owner, at, hostname: progress.serverName }) };
}

/** An alert about the other side's certificate. */
function ofCertificate(
  context: AlertInContext,
  {
    prefers,
    says = [],
    general = 'certificate_not_accepted',
    isSaid = false,
    isVisible = false,
  }: CertificateRule,
): FoundCause {
  const { by, progress, at } = context;
  const owner = otherSide[by];
  const missing = missingCertificate(context, true);
  if (missing) return missing;
  const { message, chain } = shownBy(owner, { progress, at });
  const flaw = chain?.firstOf(prefers);
  const cause = flaw?.reason ?? general;
  const isDoubtful =
    (!isSaid && general !== 'certificate_not_accepted') || (isVisible && chain !== undefined);
  const inferred = flaw ? !says.includes(flaw.reason) : isDoubtful;
  const about =
    message ??
    progress.certificateMessage(owner) ??
    (owner === 'server' ? progress.serverCertificateBySize : progress.certificateBySize) ??
    plain(context, cause).about;
  const chainLength =
    message && cause === 'unknown_ca' ? { chainLength: message.content.certificates.length } : {};
  return {
    cause,
    inferred,
    about,
    detail: defined({ ...certificatesOf(chain, flaw), ...chainLength, ...detailOf(cause, context) }),
  };
}

/** The certificate that was judged; one above it that has expired is to blame, and not the side's own. */
function certificatesOf(
  chain: PresentedChain | undefined,
  flaw: ReturnType<PresentedChain['firstOf']>,
): CauseDetail {
  const leaf = chain?.leaf;
  if (
    leaf &&
    flaw?.reason === 'certificate_expired' &&
    flaw.certificate &&
    flaw.certificate.sha256 !== leaf.sha256
  )
    return { presented: leaf, blamed: flaw.certificate };
  const presented = flaw?.certificate ?? leaf;
  return presented ? { presented } : {};
}

/** What a sentence about that cause needs to know beside the certificate. */
function detailOf(cause: Cause, { by, progress, at }: Omit<AlertInContext, 'alert'>): CauseDetail {
  if (cause === 'name_mismatch')
    return progress.serverName === undefined ? {} : { expected: progress.serverName };
  if ((cause === 'certificate_expired' || cause === 'certificate_not_yet_valid') && at !== undefined)
    return { seenAt: new Date(at).toISOString() };
  if (by === 'server' && (cause === 'unknown_ca' || cause === 'certificate_missing'))
    return { trusted: authoritiesOf(progress) };
  return {};
}

/** As many as fit in a sentence. */
const mostAuthorities = 4;

/** The CAs that the server named in its CertificateRequest (RFC 5246 section 7.4.4). */
function authoritiesOf({ certificateRequest }: HandshakeProgress): { readonly subject: string }[] {
  return (certificateRequest?.content.authorities ?? []).slice(0, mostAuthorities).flatMap((der) => {
    const source = { der, base: 0 };
    const step = readSigned(source, {}, (cursor) =>
      distinguishedName(source, cursor, 'x509.tbs_certificate.issuer'),
    );
    return 'got' in step ? [{ subject: step.got.text }] : [];
  });
}

/**
 * The client was asked for a certificate and responded with an empty list (RFC 5246 section 7.4.6, RFC 8446 section
 * 4.4.2.4).
 */
function missingCertificate(context: AlertInContext, inferred: boolean): FoundCause | undefined {
  const { by, progress } = context;
  const message = progress.certificate.client;
  if (by !== 'server' || message?.content.certificates.length !== 0) return undefined;
  return {
    cause: 'certificate_missing',
    inferred,
    about: message,
    detail: detailOf('certificate_missing', context),
  };
}

/** RFC 5246 sections 7.2.2 and 7.4.6: nothing acceptable was offered, or a certificate that had to be there was not. */
function handshakeFailure(context: AlertInContext): FoundCause {
  const { by, progress } = context;
  const missing = missingCertificate(context, false);
  if (missing) return missing;
  if (by === 'server' && !progress.serverHello) return nothingAcceptable(context);
  if (by === 'client' && isLegacy(progress) && !hasGoneOn(progress))
    return { ...plain(context, 'legacy_renegotiation'), inferred: true, about: progress.serverHello };
  // The alert does not say that it is about the certificate; only its place does.
  if (
    progress.certificateMessage(otherSide[by]) &&
    (by === 'client' || progress.certificateVerify.client !== undefined || progress.hasFinished('client'))
  )
    return { ...ofCertificate(context, { prefers: anyFlaw }), inferred: true };
  return plain(context, 'negotiation_failed');
}

/** A client that requires RFC 5746 checks the ServerHello (section 3.4); one that continues has accepted it. */
export function isLegacy({ hello, answer, isTls13: isNewest }: HandshakeProgress): boolean {
  if (!hello || !answer || isNewest) return false;
  const knows =
    hello.extensions.types.includes(renegotiationInfo) || hello.cipherSuites.includes(renegotiationSuite);
  return knows && !answer.extensions.types.includes(renegotiationInfo);
}

const renegotiationInfo = 0xff01;
/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 section 3.3). */
const renegotiationSuite = 0x00ff;

const hasGoneOn = ({ messages }: HandshakeProgress): boolean =>
  messages.some(({ from, content }) => from === 'client' && content.type !== 'client_hello');

/** What nearly every server can do; of what a client offers less, that is the likelier to have been the trouble. */
const usual = {
  suites13: [0x1301, 0x1302, 0x1303],
  suites12: [0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca8, 0xcca9],
  groups: [0x001d, 0x0017, 0x0018],
  signatures: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805],
} as const;

const shareOf = (offered: readonly number[], wanted: readonly number[]): number =>
  wanted.filter((code) => offered.includes(code)).length / wanted.length;

/** No suite, no group or no signature algorithm in common: which, only the server knows; the narrowest offer is named. */
function nothingAcceptable(context: AlertInContext): FoundCause {
  const { hello } = context.progress;
  const found = plain(context, 'no_common_cipher');
  if (!hello) return { ...found, inferred: true };
  const { groups, signatureSchemes, supportedVersions } = hello.extensions;
  const speaks13 = supportedVersions?.some(isTls13) ?? false;
  const suites = Math.max(
    speaks13 ? shareOf(hello.cipherSuites, usual.suites13) : 0,
    shareOf(hello.cipherSuites, usual.suites12),
  );
  const shares: readonly (readonly [Cause, number, readonly string[]])[] = [
    ['no_common_cipher', suites, suitesOf(hello)],
    ['no_common_group', groups ? shareOf(groups, usual.groups) : 1, namesOf(groups ?? [], groupName)],
    [
      'no_common_signature',
      signatureSchemes ? shareOf(signatureSchemes, usual.signatures) : 1,
      namesOf(signatureSchemes ?? [], signatureName),
    ],
  ];
  const [cause, share, offered] = shares.reduce((least, one) => (one[1] < least[1] ? one : least));
  // Where everything usual is offered, no part of the offer is suspect; a key under a name may be unknown to the server.
  if (share === 1)
    return {
      ...found,
      cause: (hello.extensions.pskIdentities ?? 0) > 0 ? 'unknown_psk' : 'negotiation_failed',
      inferred: true,
    };
  return { ...found, cause, inferred: true, detail: { offered } };
}

/** RFC 8446 section 6.2: a signature or a Finished does not fit. */
function decryptError(context: AlertInContext): FoundCause {
  const { by, progress, at } = context;
  const owner = otherSide[by];
  const psk =
    pskRefusal(context) ??
    (restsOnPsk(progress) && !progress.isComplete
      ? { ...plain(context, 'psk_wrong'), inferred: true }
      : undefined);
  if (psk) return psk;
  const { message, chain } = shownBy(owner, { progress, at });
  const flaw = chain?.firstOf(['bad_signature']);
  const presented = flaw?.certificate ?? chain?.leaf;
  if (flaw)
    return { cause: 'bad_signature', inferred: true, about: message, detail: presented ? { presented } : {} };
  const proof =
    progress.certificateVerify[owner] ??
    (owner === 'server'
      ? progress.messages.find(({ content }) => content.type === 'server_key_exchange')
      : undefined);
  if (!proof && !message && progress.isTls13 && progress.serverCertificateBySize)
    return { ...plain(context, 'proof_failed'), about: progress.serverCertificateBySize };
  // Neither a signature nor a certificate: what is left is a Finished.
  if (!proof && !message) return { ...plain(context, 'handshake_altered'), inferred: true };
  return {
    cause: 'key_proof_failed',
    inferred: true,
    about: proof ?? message,
    detail: presented ? { presented } : {},
  };
}

function noCommonVersion(context: AlertInContext): FoundCause {
  const { by, progress } = context;
  const found = plain(context, 'no_common_version');
  const { hello, answer } = progress;
  if (by === 'server')
    return { ...found, about: progress.clientHello ?? found.about, detail: { offered: versionsOf(hello) } };
  return {
    ...found,
    about: progress.serverHello ?? found.about,
    detail: defined({ offered: versionsOf(hello), picked: answer && spoken(answer.version) }),
  };
}

/** `TLS 1.3`, as people write it. */
export function spoken(code: number): string {
  const name = nameOrCode(versionName, code)
    .replace(/^(D?TLS)v/, '$1 ')
    .replace(/^SSLv/, 'SSL ');
  return name === 'TLS 1' ? 'TLS 1.0' : name;
}

function versionsOf(hello: ClientHello | undefined): readonly string[] {
  if (!hello) return [];
  const { supportedVersions } = hello.extensions;
  return supportedVersions
    ? supportedVersions.filter((code) => !isGrease(code)).map(spoken)
    : [spoken(hello.version)];
}

/** Markers for renegotiation and fallback that stand among the suites and are none (RFC 5746, RFC 7507). */
const signals: ReadonlySet<number> = new Set([0x00ff, 0x5600]);

function suitesOf(hello: ClientHello | undefined): readonly string[] {
  return namesOf(
    (hello?.cipherSuites ?? []).filter((code) => !signals.has(code)),
    cipherSuiteName,
  );
}

function namesOf(codes: readonly number[], nameOf: Parameters<typeof nameOrCode>[0]): readonly string[] {
  return codes.filter((code) => !isGrease(code)).map((code) => nameOrCode(nameOf, code));
}

/** A side closed, or sent unreadable data, right after a message: the likely cause, according to that message. */
export function causeOfClose({ by, progress, at }: Omit<AlertInContext, 'alert'>): FoundCause | undefined {
  const owner = otherSide[by];
  if (by === 'server') {
    const empty =
      progress.certificate.client?.content.certificates.length === 0
        ? progress.certificate.client
        : progress.emptyCertificateBySize;
    if (empty)
      return {
        cause: 'certificate_missing',
        inferred: true,
        about: empty,
        detail: { trusted: authoritiesOf(progress) },
      };
  }
  const { message, chain } = shownBy(owner, { progress, at });
  const flaw = chain?.firstOf(visibleFlaws);
  if (flaw && message) {
    return {
      cause: flaw.reason,
      inferred: true,
      about: message,
      detail: defined({ ...certificatesOf(chain, flaw), ...detailOf(flaw.reason, { by, progress, at }) }),
    };
  }
  const presented =
    owner === 'client' ? (progress.certificateMessage('client') ?? progress.certificateBySize) : undefined;
  if (presented)
    return {
      cause: 'certificate_not_accepted',
      inferred: true,
      about: presented,
      detail: chain?.leaf ? { presented: chain.leaf } : {},
    };
  return undefined;
}
