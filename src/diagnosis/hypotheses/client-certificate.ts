/** The server asked for a client certificate, and does not accept what it was given. */
import { certificateSummary, isoTime, readDistinguishedName } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { hasWeakDigest, hasWeakKey, sameName } from '../../pki/x509/verify.ts';
import { isOfPublicCa } from '../../pki/x509/lint.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { acceptableNames, isRefusalInWords } from '../attempt/attempt.ts';
import type { Change } from '../attempt/call.ts';
import { meaningOf, statusOf, wordsOf } from './application.ts';
import { bytesOf, difference, explained, firstLine, serverSaid } from '../case.ts';
import type { Case, Explained, Hypothesis } from '../case.ts';
import { readChain } from '../chain.ts';
import type { Evidence, Finding } from '../diagnosis.ts';
import { found } from '../found.ts';
import type { Found } from '../found.ts';
import {
  byItsClock,
  expiredAbove,
  faultless,
  forbiddenWords,
  isWithoutKeyId,
  knownByName,
  wellDated,
  withoutKeyId,
} from './answers/refused-client.ts';
import { aloneRemedy, incompleteChain, isAlone } from './client-chain.ts';
import { clockOf } from './server-certificate.ts';

const badCertificate = 42;

const withoutCertificate: Change = {
  id: 'no-client-certificate',
  words: { en: 'without a client certificate', ko: '클라이언트 인증서 없이' },
  identity: null,
};

const isRefused = ({ result }: Attempt): boolean =>
  result === 'alert' || result === 'closed' || result === 'reset' || result === 'refused';

/** Failed before the client's certificate was due. */
const isEarly = ({ outcome, version }: Attempt): boolean =>
  version === undefined || outcome?.step === 'client_hello';

export const clientCertificate: Hypothesis = {
  name: 'client-certificate',
  async test(current) {
    const { base, call, laboratory } = current;
    if (base.acceptable === undefined || isEarly(base) || base.alert?.from === 'client') return undefined;
    const isRefusedInWords = meaningOf(base)?.meant === 'certificate_refused';
    if (!isRefused(base) && !isRefusedInWords) return forbidden(current);
    // An application that has words of its own, and they are about something else.
    if (base.result === 'refused' && isOfApplication(base) && !meaningOf(base)) return undefined;
    if (!call.identity) return missing(current);
    const own = readChain(call.identity.certificate);
    const [leaf] = own;
    if (!leaf) return undefined;
    const incomplete = await incompleteChain(current, own);
    if (incomplete) return incomplete;
    const bare = await laboratory.try(withoutCertificate);
    const evidence: Evidence[] = [
      presented(leaf),
      ...acceptableEvidence(base),
      ...(base.alert?.code === unknownCa && isAmong(base, own) === true ? [sameNameElsewhere] : []),
      ...(isAmong(base, own) === false ? [ofAnotherCa(own)] : []),
      ...bytesOf(base),
      ...(bare ? [difference(base, bare)] : []),
    ];
    const visible = faultOf(leaf, laboratory.clock.now());
    const clock = otherClock(current, leaf, bare);
    if (clock) return { ...clock, evidence: [...saidIn(base), ...evidence] };
    const certain = base.outcome?.cause;
    const isNamed = base.alert !== undefined && certain !== undefined;
    if (visible === 'wrong_usage' && isOfPublicCa(leaf) && (!isNamed || isGeneral(base, [43])))
      return explained({
        cause: 'wrong_usage',
        by: 'server',
        detail: { presented: certificateSummary(leaf) },
        alert: base.alert,
        confidence: base.alert?.code === 43 ? 'proven' : 'likely',
        message: 'Certificate',
        evidence,
        remedy: {
          en: 'public CAs no longer issue certificates for clients (since 2026): get a client certificate of a private CA, and let the server trust that CA',
          ko: '공인 CA는 2026년부터 클라이언트용 인증서를 발급하지 않습니다. 사설 CA의 클라이언트 인증서를 발급받고, 서버가 그 CA를 신뢰하게 하세요.',
        },
      });
    if (visible && (!isNamed || isGeneral(base)))
      return explained({
        cause: visible,
        by: 'server',
        detail: { presented: certificateSummary(leaf) },
        alert: base.alert,
        confidence: 'likely',
        message: 'Certificate',
        evidence,
      });
    // None of the CAs that the server names has issued it: with unknown_ca the alert says the same.
    if (isAmong(base, own) === false && (!isNamed || isGeneral(base)))
      return explained({
        cause: 'unknown_ca',
        by: 'server',
        detail: {
          presented: certificateSummary(leaf),
          trusted: acceptableNames(base).map((subject) => ({ subject })),
        },
        alert: base.alert,
        // An intermediate certificate that was not sent looks the same.
        confidence: base.alert?.code === unknownCa && own.length > 1 ? 'proven' : 'likely',
        message: 'Certificate',
        evidence,
        ...(isAlone(own, base) ? { remedy: aloneRemedy(leaf) } : {}),
      });
    // By its dates it is valid: then a list of the server's has ended (OpenSSL has the same alert for that), or its clock is wrong.
    if (base.alert?.code === expired && visible === undefined)
      return explained({
        cause: 'crl_expired',
        by: 'server',
        detail: { presented: certificateSummary(leaf) },
        alert: base.alert,
        confidence: 'likely',
        message: 'Certificate',
        evidence,
        ...expiredAbove,
      });
    // Without the certificate another answer comes: it is the certificate that the server fails at.
    const isOwnFault = base.alert?.code === internalError && (!bare || isSameAnswer(base, bare));
    if (isNamed && certain !== undefined && (base.alert?.code !== internalError || isOwnFault))
      return explained({
        cause: certain,
        by: 'server',
        detail: { ...base.outcome?.detail, presented: certificateSummary(leaf) },
        alert: base.alert,
        confidence:
          isOwnFault || (certain === 'unknown_ca' && (own.length === 1 || isAmong(base, own) !== false))
            ? 'likely'
            : (base.outcome?.confidence ?? 'likely'),
        message: 'Certificate',
        evidence,
        ...(certain === 'unknown_ca' ? unknownIssuer(base, own, leaf) : {}),
        ...(certain === 'certificate_not_accepted' && visible === undefined && isAmong(base, own) === true
          ? faultless
          : {}),
        ...(certain === 'certificate_not_accepted' && visible === undefined && isWithoutKeyId(leaf)
          ? withoutKeyId
          : base.alert?.code === badCertificate && visible === undefined && isAmong(base, own) === undefined
            ? wellDated(isoTime(leaf.notBefore))
            : {}),
      });
    // Without one it asks for one, or is content: with this one it ends the connection.
    const isSame = bare !== undefined && isSameAnswer(base, bare);
    const isBetterWithout =
      bare !== undefined &&
      ((bare.result === 'completed' && !isSame) ||
        isAskedFor(bare) ||
        (base.alert?.code === internalError && !isSame));
    if (!isBetterWithout && !isRefusedInWords) return undefined;
    return found({
      cause: 'certificate_refused',
      by: 'server',
      confidence:
        !isSame && (isRefusedInWords || (bare?.result === 'completed' && base.alert?.code !== internalError))
          ? 'proven'
          : 'likely',
      message: isRefusedInWords ? 'application data' : 'Certificate',
      evidence: [...saidIn(base), ...evidence],
      more: comparedWith(base, bare),
      ...remedyFor(base, isSame, visible === undefined && isAmong(base, own) === true),
    });
  },
};

const presented = (leaf: Certificate): Evidence => ({
  kind: 'certificate',
  certificate: certificateSummary(leaf),
  words: { en: 'the certificate that the client presents', ko: '클라이언트가 제시한 인증서' },
});

/** Valid by this machine's clock, and not by that of the server. */
function otherClock(
  { base, laboratory }: Case,
  leaf: Certificate,
  bare: Attempt | undefined,
): Finding | undefined {
  // Only some refusals say the time; the answer to the call without a certificate may.
  const [ours, theirs] = [laboratory.clock.now(), clockOf(base) ?? (bare && clockOf(bare))];
  if (theirs === undefined || faultOf(leaf, ours) !== undefined) return undefined;
  const fault = faultOf(leaf, theirs);
  if (fault !== 'certificate_not_yet_valid' && fault !== 'certificate_expired') return undefined;
  const { because, ...done } = byItsClock(isoTime(theirs), isoTime(ours));
  return {
    ...found({
      cause: 'clock_wrong',
      by: 'server',
      confidence: 'likely',
      message: 'application data',
      evidence: [],
      ...done,
    }),
    because,
  };
}

function unknownIssuer(
  base: Attempt,
  own: readonly Certificate[],
  leaf: Certificate,
): Pick<Explained, 'on' | 'remedy' | 'because'> {
  if (isAmong(base, own) === true && base.alert?.code === unknownCa) return knownByName(own.at(-1) ?? leaf);
  return isAlone(own, base) ? { remedy: aloneRemedy(leaf) } : {};
}

/** The same came back: of alerts the same one, of words the same ones. */
const isSameAnswer = (base: Attempt, bare: Attempt): boolean =>
  bare.result === base.result &&
  bare.alert?.code === base.alert?.code &&
  statusOf(bare) === statusOf(base) &&
  meaningOf(bare)?.said === meaningOf(base)?.said;

/** What the call without the certificate shows. */
function comparedWith(base: Attempt, bare: Attempt | undefined): Localized {
  const said = base.result === 'refused' && isOfApplication(base) ? wordsOf(base).slice(0, 160) : '';
  const seen = bare && (isSameAnswer(base, bare) ? sameWithout : otherWithout);
  return inEach((language) => [said, seen?.[language]].filter(Boolean).join('. ') || untold[language]);
}

/** Where the words, or the call without the certificate, say more than that it is refused. */
function remedyFor(base: Attempt, isSame: boolean, isFaultless: boolean): Pick<Found, 'on' | 'remedy'> {
  if (/certificate authentication failed for user/.test(wordsOf(base)))
    return {
      remedy: {
        en: 'the common name of the certificate has to be the user of the database: use the certificate of that user, or map its name to the user (pg_ident.conf)',
        ko: '인증서의 이름(CN)이 데이터베이스 사용자와 같아야 합니다. 그 사용자의 인증서를 쓰거나, 이름을 사용자에 연결하세요(pg_ident.conf).',
      },
    };
  if (!isSame) return isFaultless ? faultless : {};
  return {
    on: 'server',
    remedy: {
      en: 'read the log of the server; if it passes requests on, let it present a certificate of its own to the server behind it (nginx: proxy_ssl_certificate), for that one asks for one',
      ko: '서버 로그를 확인하세요. 요청을 다른 서버에 넘기는 서버라면, 뒤의 서버가 인증서를 요구하므로 자신의 인증서를 제시하게 하세요(nginx: proxy_ssl_certificate).',
    },
  };
}

const sameWithout: Localized = {
  en: 'the same answer comes without a certificate, so that the refusal may be of a server behind this one',
  ko: '인증서 없이도 같은 답이 오므로, 뒤에 있는 다른 서버가 거부했을 수 있습니다.',
};
const otherWithout: Localized = {
  en: 'without a certificate another answer comes',
  ko: '인증서 없이 호출하면 다른 답이 옵니다.',
};
const untold: Localized = { en: 'it does not say why', ko: '이유는 알려 주지 않습니다.' };

const isOfApplication = ({ answer }: Attempt): boolean =>
  answer !== undefined && isRefusalInWords(answer.said);

/** The server says that a certificate is missing. */
const isAskedFor = (attempt: Attempt): boolean =>
  attempt.outcome?.cause === 'certificate_missing' || meaningOf(attempt)?.meant === 'certificate_missing';

function saidIn(attempt: Attempt): Evidence[] {
  const said = meaningOf(attempt)?.said ?? (statusOf(attempt) === undefined ? undefined : firstLine(attempt));
  return said === undefined ? [] : [serverSaid(attempt, said)];
}

/** The server asked for a certificate and let the handshake complete; the application behind it says no to what is asked. */
async function forbidden({ base, call, laboratory }: Case): Promise<Finding | undefined> {
  const status = statusOf(base);
  if (base.result !== 'completed' || (status !== 401 && status !== 403)) return undefined;
  const evidence = [...saidIn(base), ...acceptableEvidence(base)];
  const names = meaningOf(base);
  if (!call.identity)
    return explained({
      cause: 'certificate_missing',
      by: 'server',
      detail: {},
      confidence: names?.meant === 'certificate_missing' ? 'proven' : 'likely',
      message: 'application data',
      evidence,
      ...(names ? {} : forbiddenWords(status, false)),
    });
  const own = readChain(call.identity.certificate);
  const [leaf] = own;
  const ofAnother = isAmong(base, own) === false ? 'unknown_ca' : undefined;
  const visible = leaf && (faultOf(leaf, laboratory.clock.now()) ?? ofAnother);
  if (leaf && visible && base.presented?.length !== 0)
    return explained({
      cause: visible,
      by: 'server',
      detail: { presented: certificateSummary(leaf) },
      confidence: 'likely',
      message: 'application data',
      evidence: [presented(leaf), ...evidence],
    });
  const bare = await laboratory.try(withoutCertificate);
  const isBetterWithout = bare?.result === 'completed' && (statusOf(bare) ?? 999) < 400;
  return found({
    cause: isBetterWithout ? 'certificate_refused' : 'refused_by_application',
    by: 'server',
    confidence: 'likely',
    message: 'application data',
    evidence: bare && isBetterWithout ? [difference(base, bare), ...evidence] : evidence,
    more: { en: firstLine(base), ko: firstLine(base) },
    ...(isBetterWithout ? {} : forbiddenWords(status, true)),
  });
}

const unknownCa = 48;
const internalError = 80;
const expired = 45;

const isGeneral = ({ alert }: Attempt, more: readonly number[] = []): boolean =>
  alert !== undefined && (generalAlerts.has(alert.code) || more.includes(alert.code));

/** Alerts that any fault of a certificate may have: handshake_failure, bad_certificate, certificate_unknown, unknown_ca, access_denied. */
const generalAlerts: ReadonlySet<number> = new Set([40, 42, 46, 48, 49, 80]);

function missing({ base }: Case): Finding {
  const names = acceptableNames(base);
  const isSaid = base.alert?.code === 116;
  return explained({
    cause: 'certificate_missing',
    by: 'server',
    detail: names.length > 0 ? { trusted: names.map((subject) => ({ subject })) } : {},
    alert: base.alert,
    confidence: isSaid || base.outcome?.confidence === 'proven' ? 'proven' : 'likely',
    message: 'Certificate',
    evidence: [...acceptableEvidence(base), ...bytesOf(base)],
  });
}

/** None of the CAs that the server names has issued any of these. */
const ofAnotherCa = (own: readonly Certificate[]): Evidence => ({
  kind: 'words',
  said: own.map(({ issuer }) => issuer.text).join(' | '),
  words:
    own.length === 1
      ? {
          en: 'issued by none of these; the client sends no intermediate certificate, and if its issuer is an intermediate CA, it has to',
          ko: '이 가운데 어느 CA도 발급하지 않았습니다. 클라이언트가 중간 인증서를 보내지 않으므로, 발급자가 중간 CA라면 함께 보내야 합니다',
        }
      : { en: 'issued by none of these', ko: '이 가운데 어느 CA도 발급하지 않았습니다' },
});

/** The server knows the issuer's name, and does not know the issuer. */
const sameNameElsewhere: Evidence = {
  kind: 'words',
  said: '',
  words: {
    en: 'the issuer’s name is among the acceptable CAs, and yet it is unknown: the server trusts another CA of that name (another key), has no revocation list of this one, or an intermediate certificate is missing',
    ko: '발급자의 이름은 허용하는 CA 가운데 있지만 서버가 모르는 CA라고 합니다. 서버가 이름은 같고 키가 다른 CA를 신뢰하거나, 이 CA의 CRL이 없거나, 중간 인증서가 빠져 있습니다.',
  },
};

function acceptableEvidence(base: Attempt): Evidence[] {
  const names = acceptableNames(base);
  return [
    {
      kind: 'words',
      attempt: base.number,
      said: names.join(' | '),
      words:
        names.length === 0
          ? { en: 'CertificateRequest: any CA', ko: 'CertificateRequest: CA를 지정하지 않음' }
          : { en: 'CertificateRequest: acceptable CAs', ko: 'CertificateRequest: 허용하는 CA' },
    },
  ];
}

/** What anybody can see of a leaf: its dates, and whether it is one for clients. */
function faultOf(leaf: Certificate, now: number): RefusalReason | undefined {
  if (now < leaf.notBefore) return 'certificate_not_yet_valid';
  if (now >= leaf.notAfter + 1000) return 'certificate_expired';
  const usages = certificateSummary(leaf).extendedKeyUsage;
  if (usages && !usages.includes('clientAuth')) return 'wrong_usage';
  if (hasWeakKey(leaf)) return 'weak_key';
  return hasWeakDigest(leaf) ? 'weak_signature' : undefined;
}

/** Whether one of the acceptable CAs has issued one of these; undefined where the server names none. */
function isAmong({ acceptable = [] }: Attempt, chain: readonly Certificate[]): boolean | undefined {
  if (acceptable.length === 0) return undefined;
  const names = acceptable.flatMap((der) => {
    const step = readDistinguishedName(der);
    return 'got' in step ? [step.got] : [];
  });
  return chain.some(({ issuer }) => names.some((name) => sameName(name, issuer)));
}
