/**
 * Joins three sources to one finding: the bytes of the command's connection, the words of its program, and experiments with its
 * target.
 *
 * 1. Bytes decide. What they prove stands, whatever was written; words only say more where an alert is as general as
 *    `bad_certificate`, and of the same side.
 * 2. Where the bytes leave it open, a program knows for certain what it refused itself. What it was told it only repeats: that is
 *    likely, or proven where the bytes show that the other side refused.
 * 3. An experiment is made with wirelab's own client. It decides where the bytes do not, and for the same side; with CAs that are
 *    a guess it proves nothing about trust.
 */
import type { Outcome } from '../../analysis/outcome/outcome-facts.ts';
import { wireCauses } from '../../analysis/outcome/cause-words.ts';
import type { Cause } from '../../analysis/outcome/cause-words.ts';
import { isRefusalReason } from '../../capture/vocabulary.ts';
import { safeText } from '../../i18n/safe.ts';
import { validityState } from '../../pki/x509/validity.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Failure } from '../../wire/endpoint.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { explained, ofThisMachine, shown } from '../case.ts';
import { readChainOf } from '../chain.ts';
import { isOfTrust, trustCauses } from '../diagnosis.ts';
import type { DiagnosedCause, Diagnosis, Evidence, Finding } from '../diagnosis.ts';
import { found } from '../found.ts';
import { loginWithoutTls } from '../hypotheses/answers/login.ts';
import { findingOf } from '../observed.ts';
import { otherKeyWords } from '../other-key.ts';
import { notThrough } from './proxies.ts';
import type { Way } from './proxies.ts';
import type { Heard } from '../programs/hear.ts';
import { ofKey } from '../programs/saying.ts';

/** They leave open why: another cause of the same side may be behind each. */
const generalCauses: ReadonlySet<DiagnosedCause> = new Set<DiagnosedCause>([
  'certificate_not_accepted',
  'negotiation_failed',
  'protocol_error',
  'proof_failed',
  'internal_error',
  'access_denied',
  'other_alert',
  'sealed_alert',
  'peer_alert',
  'closed_during_handshake',
  'no_reply',
  'refused_over_http',
  'reset_on_the_way',
  'server_silent',
]);

/** Of the program's own files and options: no server has a part in it. */
export const isOfOwn = (cause: DiagnosedCause): boolean =>
  cause === 'unusable_file' || cause === 'unusable_option';

export const isKnownToBytes = (cause: DiagnosedCause): cause is Cause =>
  isRefusalReason(cause) || wireCauses.some((one) => one === cause);

export interface Observed {
  /** Absent where nothing in the bytes failed. */
  readonly outcome?: Outcome | undefined;
  /** Whether the bytes show a failure. */
  readonly failed: boolean;
}

/** No connection was established: the system, or the proxy on the way, says why. */
export function notConnected(failure: Failure, host: string, way: Way = {}): Finding {
  const { through, resolvesItself = false } = way;
  if (through) return notThrough(failure, through, way);
  const { code } = failure;
  const evidence: Evidence[] = [
    {
      kind: 'words',
      said: code,
      words: { en: `connecting to ${safeText(host)}`, ko: `${safeText(host)}에 연결` },
    },
  ];
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return found({
      cause: 'host_not_found',
      by: 'nobody',
      confidence: resolvesItself ? 'likely' : 'proven',
      evidence,
    });
  const cause =
    code === 'ECONNREFUSED' ? 'nothing_listens' : code === 'ETIMEDOUT' ? 'unanswered' : 'target_unreachable';
  const isOwn = ofThisMachine.has(code);
  return explained({
    cause,
    by: isOwn ? 'client' : 'server',
    blamed:
      cause === 'nothing_listens'
        ? 'nobody'
        : cause === 'unanswered'
          ? 'unknown'
          : isOwn
            ? 'client'
            : 'between',
    detail: { code },
    confidence: 'proven',
    message: 'SYN',
    evidence,
  });
}

/**
 * From the bytes and the words.
 * @param heard undefined: the bytes alone
 */
export function joinWords({ outcome, failed }: Observed, heard: Heard | undefined): Finding | undefined {
  const bytes = failed ? findingOf(outcome) : undefined;
  if (!heard || heard.saying.by === 'nobody') return bytes;
  const { cause, also = [], by } = heard.saying;
  const words = evidenceOf(heard);
  // Of its own files only the program knows; it has sent nothing, or was told of another failure.
  if (isOfOwn(cause)) {
    const isMute = !outcome?.evidence.some((place) => 'message' in place && place.message !== undefined);
    return !bytes || (bytes.confidence !== 'proven' && (isMute || bytes.by !== 'server'))
      ? said(heard, 'proven', [words], outcome)
      : bytes;
  }
  // How it ends such a connection, and so what its bytes show of it, is up to chance.
  if (by === 'client' && onlyOfProgram.has(cause) && outcome && (!bytes || bytes.confidence !== 'proven'))
    return said(heard, 'proven', [...(bytes?.evidence ?? []), words], outcome);
  if (!bytes)
    return generalCauses.has(cause) && by !== 'client' ? undefined : said(heard, 'likely', [words], outcome);
  const isSameSide = bytes.by === by;
  const kept: Finding = { ...bytes, evidence: [...bytes.evidence, words] };
  const isOfProof = heard.saying.isOfKey && isSameSide && ofProof.has(bytes.cause);
  const isNarrower = isSameSide && by === 'client' && (coveredBy[bytes.cause]?.has(cause) ?? false);
  if (isOfProof || isNarrower)
    return said(heard, isNarrower ? bytes.confidence : 'likely', [...bytes.evidence, words], outcome);
  if (bytes.cause === cause || also.includes(bytes.cause))
    return isSameSide && bytes.confidence === 'likely' && (by === 'client' || isSealed(outcome))
      ? { ...kept, confidence: 'proven' }
      : kept;
  const isOpen = bytes.confidence !== 'proven' || generalCauses.has(bytes.cause);
  const isContradicted = !isSameSide && bytes.by !== 'unknown' && bytes.confidence !== 'unknown';
  if (!isOpen || isContradicted || generalCauses.has(cause)) return kept;
  // What the bytes make likely is worth more than what a program was told, and less than what it did itself.
  if (bytes.confidence === 'likely' && !generalCauses.has(bytes.cause) && by === 'server') return kept;
  const isCertain = also.length === 0 && isSameSide && (by === 'client' || bytes.cause === 'sealed_alert');
  return said(heard, isCertain ? 'proven' : 'likely', [...bytes.evidence, words], outcome);
}

/** Checks that no other side and no certificate shows: the program alone knows what it was told to expect. */
const onlyOfProgram: ReadonlySet<DiagnosedCause> = new Set<DiagnosedCause>(['key_not_pinned']);

/** A decrypt_error stands for the proof of the key, and for a signature in the chain (X509_V_ERR_CERT_SIGNATURE_FAILURE). */
const ofProof: ReadonlySet<DiagnosedCause> = new Set<DiagnosedCause>(['key_proof_failed', 'proof_failed']);

/** Alerts have one code for several things: what a program itself refused is the narrower word (`ssl_x509err2alert` of OpenSSL). */
const coveredBy: Partial<Readonly<Record<DiagnosedCause, ReadonlySet<DiagnosedCause>>>> = {
  unknown_ca: new Set<DiagnosedCause>([
    'path_too_long',
    'not_a_ca',
    'not_conforming',
    'crl_missing',
    'unusable_file',
    'unusable_option',
  ]),
  certificate_expired: new Set<DiagnosedCause>(['crl_expired']),
};

/** The alert was encrypted: the bytes show its place, and the program has read it. */
const isSealed = (outcome: Outcome | undefined): boolean =>
  outcome?.evidence.some((place) => 'sealed' in place && place.sealed) ?? false;

function said(
  heard: Heard,
  confidence: Finding['confidence'],
  evidence: readonly Evidence[],
  outcome: Outcome | undefined,
): Finding {
  const { cause, by } = heard.saying;
  const message = ofCertificate.has(cause) ? 'Certificate' : undefined;
  const words = heard.saying.isOfKey
    ? otherKeyWords(outcome?.detail.presented?.issuer)
    : cause === 'starttls_required' && heard.saying.library === 'postgres'
      ? loginWithoutTls
      : {};
  return isKnownToBytes(cause)
    ? explained({
        cause,
        by: by === 'nobody' ? 'client' : by,
        detail: outcome?.detail ?? {},
        alert:
          outcome?.alert && outcome.by !== undefined ? { ...outcome.alert, from: outcome.by } : undefined,
        confidence,
        evidence,
        message,
        ...words,
      })
    : found({
        cause,
        by,
        confidence,
        evidence,
        message,
        more: cause === 'refused_by_application' ? answerIn(heard.line) : undefined,
      });
}

/** What a server said, without what its client puts before it. */
function answerIn(line: string): Localized {
  const words = safeText(/\bFATAL: .*/.exec(line)?.[0] ?? line);
  return { en: words, ko: words };
}

const ofCertificate: ReadonlySet<DiagnosedCause> = new Set<DiagnosedCause>([
  ...trustCauses,
  'certificate_expired',
  'certificate_not_yet_valid',
  'certificate_missing',
  'certificate_revoked',
  'certificate_refused',
  'not_conforming',
  'name_mismatch',
  'wrong_usage',
  'weak_key',
  'weak_signature',
  'not_a_ca',
  'bad_signature',
  'path_too_long',
  'name_constraint_violated',
  'crl_expired',
  'crl_missing',
]);

/** What the program refused itself, besides: for one that is told of another refusal meanwhile. */
export function alsoRefused(finding: Finding, heard: Heard | undefined): Finding | undefined {
  if (heard?.saying.by !== 'client' || generalCauses.has(heard.saying.cause)) return undefined;
  if (finding.by !== 'server' && !isOfOwn(heard.saying.cause)) return undefined;
  const { cause, also = [] } = heard.saying;
  if (finding.cause === cause || also.includes(finding.cause)) return undefined;
  return said(heard, 'likely', [evidenceOf(heard)], undefined);
}

const evidenceOf = ({ saying: { by }, line }: Heard): Evidence => ({
  kind: 'words',
  said: line,
  words:
    by === 'client'
      ? { en: 'the program says', ko: '프로그램의 말' }
      : { en: 'the program was told', ko: '프로그램이 들은 말' },
});

export interface Experimented {
  readonly diagnosis: Diagnosis;
  /** The CAs are those that the command trusts. */
  readonly trustIsKnown: boolean;
  /** The command verifies no certificate. */
  readonly isInsecure: boolean;
  /** It presents what its arguments and settings say, and nothing else. */
  readonly identityIsKnown: boolean;
  /** It ended with an error. */
  readonly commandFailed: boolean;
  /** The server had answered it: only then certificates can be why it failed. */
  readonly isAnswered: boolean;
}

/** Takes in what experiments found. @param heard as above: it may stand for several causes */
export function joinExperiments(
  joined: Finding | undefined,
  heard: Heard | undefined,
  { diagnosis, trustIsKnown, isInsecure, identityIsKnown, commandFailed, isAnswered }: Experimented,
): Finding | undefined {
  // Only slow, for a client with patience; this one had none.
  const slow: Finding | undefined = commandFailed
    ? diagnosis.others.find(({ cause }) => cause === 'slow_server')
    : undefined;
  const { finding: made = slow, attempts } = diagnosis;
  const [base] = attempts;
  const opened =
    joined && !(trustIsKnown && !made) && isProven(joined, diagnosis)
      ? ofOtherKey(joined, diagnosis)
      : undefined;
  if (opened && !trustIsKnown) return opened;
  const finding = joined && isRefuted(joined, heard, diagnosis) ? undefined : (opened ?? joined);
  // A reset instead of a connection may be a firewall's.
  if (finding?.cause === 'nothing_listens' && base?.result === 'no_connection' && made) {
    if (made.cause === 'rejected_on_the_way')
      return { ...made, ...connectionOf(finding), evidence: [...finding.evidence, ...made.evidence] };
    if (made.cause === 'nothing_listens') return { ...finding, confidence: made.confidence };
  }
  // Whose certificate that is, is more than that it is not trusted.
  if (finding?.by === 'client' && isOfTrust(finding.cause) && made?.cause === 'intercepted')
    return { ...made, ...connectionOf(finding), evidence: [...finding.evidence, ...made.evidence] };
  // The port answers a client that begins with TLS.
  if (finding?.cause === 'plaintext_on_tls_port' && base?.version !== undefined)
    return { ...finding, confidence: 'proven', evidence: [...finding.evidence, shown(base)] };
  // wirelab's client, which has none either, was refused in as many words: whomever the command trusts, that is why.
  if (finding?.confidence === 'likely' && base && isMissingToo(finding, base))
    return { ...finding, confidence: 'proven', evidence: [...finding.evidence, shown(base)] };
  if (!made || made.confidence === 'unknown' || (isInsecure && made.by === 'client')) return finding;
  // Whatever the command met was one time of several.
  if (made.cause === 'intermittent' && finding)
    return {
      ...made,
      ...connectionOf(finding),
      confidence: finding.confidence === 'proven' ? 'likely' : made.confidence,
      evidence: [...finding.evidence, ...made.evidence],
    };
  const isOfPort = made.cause === 'tls_on_plaintext_port';
  if (!isAnswered && !isOfPort && (made.by === 'client' || ofCertificate.has(made.cause))) return finding;
  const meant: readonly DiagnosedCause[] = [
    ...(heard ? [heard.saying.cause, ...(heard.saying.also ?? [])] : []),
    ...(opened ? (['unknown_ca', ...ofKey.also] as const) : []),
  ];
  // That it does not trust the chain, the program has said; more than a leaf shows what is missing in it.
  const isSaid =
    heard?.saying.by === 'client' &&
    meant.includes(made.cause) &&
    (made.cause === 'self_signed' || (base?.chain.length ?? 0) > 1);
  const isSure = made.confidence === 'proven' && (trustIsKnown || isSaid || !isOfTrust(made.cause));
  const confidence = isSure ? 'proven' : 'likely';
  // TLS went well: what counts is an answer that refuses.
  if (!finding) {
    const isAnswer = made.by !== 'client' && made.message === 'application data';
    // In words, behind a handshake like the command's: the same certificate was refused.
    const isRefusal = made.by === 'server' && base?.result === 'refused' && identityIsKnown;
    return commandFailed && (made === slow || isAnswer || isRefusal)
      ? { ...made, confidence: 'likely' }
      : undefined;
  }
  const evidence = [...finding.evidence, ...made.evidence];
  const isSameSide = made.by === finding.by;
  if (made.cause === finding.cause && isSameSide)
    return {
      ...finding,
      ...wordsFrom(made),
      confidence: finding.confidence === 'proven' || isSure ? 'proven' : 'likely',
      evidence,
    };
  // That alert says that no path was found; the chain shows why.
  if (finding.cause === 'unknown_ca' && isSameSide && made.by === 'client' && isOfTrust(made.cause))
    return { ...made, ...connectionOf(finding), evidence };
  const isOpen = finding.confidence !== 'proven' || generalCauses.has(finding.cause);
  if (!isOpen) return finding;
  // Without a word of the program, a guess at whom it trusts explains nothing.
  if (!heard && isOfTrust(made.cause) && !trustIsKnown) return finding;
  // What the program itself refused is one of these, and the chain shows which.
  if (isSameSide && meant.includes(made.cause) && meant.length > 1)
    return { ...made, ...connectionOf(finding), confidence: isSure ? 'proven' : 'likely', evidence };
  const isNamed = finding.confidence !== 'unknown' && !generalCauses.has(finding.cause);
  if (isNamed) return finding;
  const isReproduced =
    made.by === 'client' ||
    base?.result !== 'completed' ||
    (isOfLargeHello(made) && hasLargeHello(finding)) ||
    (finding.cause === 'no_reply' && isHungUp(made, base));
  const fits = isSameSide || finding.by === 'unknown' || finding.confidence === 'unknown';
  return isReproduced && fits ? { ...made, ...connectionOf(finding), confidence, evidence } : finding;
}

/** Experiments send larger hellos than the call of wirelab's own has. */
const isOfLargeHello = ({ cause }: Finding): boolean =>
  cause === 'large_hello_dropped' || cause === 'segmented_hello_refused';

/** wirelab's own request ended like the command's, and what answers is known to speak its protocol. */
const isHungUp = ({ cause, by, message }: Finding, { answer }: Attempt): boolean =>
  cause === 'refused_by_application' &&
  by === 'server' &&
  message === 'application data' &&
  answer?.end === 'ended' &&
  answer.said.length === 0;

/** Bytes; without a key share of a hybrid group a hello has some 300 to 600. */
const large = 1000;

const hasLargeHello = ({ message, evidence }: Finding): boolean =>
  message === 'ClientHello' &&
  evidence.some(
    (one) =>
      one.kind === 'bytes' && 'from' in one.place && one.place.from === 'client' && one.place.length >= large,
  );

/** A signature did not fit for the command; over the handshake it fits, for the experiments have verified it. */
const isProven = ({ cause, by, confidence }: Finding, { attempts: [base] }: Diagnosis): boolean =>
  by === 'client' && confidence !== 'proven' && ofProof.has(cause) && base?.result === 'completed';

/** What is left is a signature in the chain. */
function ofOtherKey(finding: Finding, { attempts: [base] }: Diagnosis): Finding {
  const issuer = finding.detail?.presented?.issuer ?? (base && readChainOf(base)?.[0]?.issuer.text);
  return {
    ...explained({
      cause: 'unknown_ca',
      by: 'client',
      detail: finding.detail ?? {},
      confidence: 'likely',
      message: 'Certificate',
      evidence: [
        ...finding.evidence,
        ...(base
          ? [
              {
                kind: 'words',
                attempt: base.number,
                said: '',
                words: {
                  en: 'the signature over the handshake fits the server’s certificate: one within its chain is meant',
                  ko: '핸드셰이크 서명은 서버 인증서와 맞으므로, 체인 안의 서명이 맞지 않는 것',
                },
              } as const,
            ]
          : []),
      ],
      ...otherKeyWords(issuer),
    }),
    ...connectionOf(finding),
  };
}

/** What a certificate itself shows, whomever a client trusts. */
const shownByCertificate: ReadonlySet<DiagnosedCause> = new Set<DiagnosedCause>([
  'certificate_expired',
  'certificate_not_yet_valid',
  'name_mismatch',
  'wrong_usage',
]);

/** Words alone speak of a certificate that was seen to be otherwise: they are of something else. */
function isRefuted(
  { cause, by, confidence, evidence }: Finding,
  heard: Heard | undefined,
  diagnosis: Diagnosis,
): boolean {
  if (by !== 'client' || confidence === 'proven' || !shownByCertificate.has(cause)) return false;
  // Which name it verified is not known: libldap has one of its own for localhost.
  if (cause === 'name_mismatch' && heard?.saying.library === 'ldap') return false;
  if (evidence.some(({ kind }) => kind !== 'words')) return false;
  return isClearOf(cause, diagnosis);
}

/** The experiments saw the certificates, and found no such fault in them. */
export function isClearOf(cause: DiagnosedCause, { finding, others, attempts }: Diagnosis): boolean {
  const [base] = attempts;
  const found = [finding, ...others];
  if (base?.result !== 'completed' || base.chain.length === 0) return false;
  if (found.some((one) => one?.cause === cause || one?.cause === 'clock_wrong')) return false;
  if (ofDates.has(cause)) return untimelyIn(base) === undefined;
  // The first fault of a chain hides others: what comes behind it has not been judged.
  return !found.some((one) => one?.by === 'client' && ofCertificate.has(one.cause));
}

export const ofDates: ReadonlySet<DiagnosedCause> = new Set<DiagnosedCause>([
  'certificate_expired',
  'certificate_not_yet_valid',
]);

/** A certificate that the server sent and that was not valid when it did; undefined where all were, or none can be read. */
export function untimelyIn(base: Attempt): Untimely | undefined {
  for (const [depth, certificate] of (readChainOf(base) ?? []).entries()) {
    const state = validityState(certificate, base.at);
    if (state === 'expired') return { cause: 'certificate_expired', certificate, depth };
    if (state === 'not_yet_valid') return { cause: 'certificate_not_yet_valid', certificate, depth };
  }
  return undefined;
}

export interface Untimely {
  readonly cause: 'certificate_expired' | 'certificate_not_yet_valid';
  readonly certificate: Certificate;
  /** 0: the server's own. */
  readonly depth: number;
}

/**
 * That no path was found for a certificate that came alone leaves two things open, where whom the command trusts is not known: its CA
 * is not trusted, or an intermediate one is missing.
 */
export function asSureAsChain(
  finding: Finding,
  { attempts: [base] }: Pick<Diagnosis, 'attempts'>,
  trustIsKnown: boolean,
): Finding {
  const isOpen = finding.cause === 'unknown_ca' && finding.by === 'client' && finding.confidence === 'proven';
  return isOpen && !trustIsKnown && base?.chain.length === 1 ? { ...finding, confidence: 'likely' } : finding;
}

const isMissingToo = ({ cause, by }: Finding, { outcome }: Attempt): boolean =>
  by === 'server' &&
  cause === 'certificate_missing' &&
  outcome?.by === by &&
  outcome.cause === cause &&
  outcome.confidence === 'proven';

const connectionOf = ({ connection }: Finding): Pick<Finding, 'connection'> =>
  connection === undefined ? {} : { connection };

/** An experiment has seen the certificates themselves. */
const wordsFrom = ({ because, remedy, message, detail }: Finding): Partial<Finding> => ({
  because,
  remedy,
  ...(message === undefined ? {} : { message }),
  ...(detail === undefined ? {} : { detail }),
});
