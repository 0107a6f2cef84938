/** The client does not accept the server's chain: judged from the chain itself, by the client's CAs, name and clock. */
import { rootCertificates } from 'node:tls';
import { isSelfIssued } from '../../pki/x509/path.ts';
import { isAkin, isIssuedBy, sameName } from '../../pki/x509/verify.ts';
import { certificateSummary } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { hostPort } from '../../capture/event.ts';
import { isRefusalReason } from '../../capture/vocabulary.ts';
import { ipVersion } from '../../core/ip-version.ts';
import { defined } from '../../core/defined.ts';
import { safeText } from '../../i18n/safe.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { isoTime } from '../../protocols/x509/certificate.ts';
import type { Examination } from '../../pki/x509/examination.ts';
import { matchesHostname, matchesHostnameLoosely } from '../../pki/x509/hostname.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { isAltered } from './altered.ts';
import { meantName } from '../attempt/call.ts';
import { headerOf } from '../attempt/http-answer.ts';
import { bytesOf, certificateOf, explained } from '../case.ts';
import type { Case, Explained, Hypothesis } from '../case.ts';
import { isTrustUnread, judgeChain, readChainOf, trustedCertificates, unreadableIn } from '../chain.ts';
import { isOfTrust } from '../diagnosis.ts';
import type { Evidence, Finding, Machine } from '../diagnosis.ts';
import { found } from '../found.ts';
import { outsideLimits } from '../name-limits.ts';
import { otherKeySent, otherKeyWords, sentOfName, signerOfName, trustedNamesake } from '../other-key.ts';
import type { SignerOfName } from '../other-key.ts';

export const serverCertificate: Hypothesis = {
  name: 'server-certificate',
  async test(current) {
    const { base, call, chain, laboratory } = current;
    const unreadable = unreadableIn(base);
    if (unreadable !== undefined) return malformed(current, unreadable);
    if (!chain || chain.verified || !isRefusalReason(chain.reason)) return undefined;
    const failed = chain.checks.find(({ status, reason }) => status === 'failed' && reason === chain.reason);
    const [leaf] = chain.path;
    const depth = failed?.depth ?? 0;
    const blamed = chain.path[depth];
    const signer =
      signerOfName(chain, trustedCertificates(call)) ?? sentOfName(chain, (readChainOf(base) ?? []).slice(1));
    const evidence: readonly Evidence[] = [
      ...certificateOf(chain, 0, { en: "the server's certificate", ko: '서버 인증서' }),
      ...(depth > 0
        ? certificateOf(chain, depth, { en: 'the certificate at fault', ko: '문제의 인증서' })
        : []),
      ...(failed ? [{ kind: 'words', said: '', words: failed.found } as const] : []),
      ...(chain.reason === 'unknown_ca' ? namesakes(current) : []),
      ...signerEvidence(signer),
      ...(depth > 0 || chain.reason === 'unknown_ca' ? otherRoots(current) : []),
      ...bytesOf(base),
    ];
    const isNamesake = chain.reason === 'unknown_ca' && namesakes(current).length > 0;
    const isTimely = chain.reason === 'certificate_expired' || chain.reason === 'certificate_not_yet_valid';
    const theirs = isTimely ? clockOf(base) : undefined;
    if (theirs !== undefined && judgeChain(call, base, theirs)?.verified)
      return found({
        cause: 'clock_wrong',
        by: 'client',
        confidence: 'likely',
        message: 'Certificate',
        evidence,
        more: verbatim(`${isoTime(laboratory.clock.now())} / ${isoTime(theirs)}`),
      });
    const isOtherKey = signer !== undefined && !signer.isAltered;
    const isEndless = failed?.id === 'chain' && chain.reason === 'path_too_long';
    return explained({
      cause: isOtherKey && signer.isTrusted ? 'unknown_ca' : chain.reason,
      by: 'client',
      // What was altered on the way is not what the server presented.
      confidence:
        !isAltered(base) && !isOtherKey && !isEndless && (isNamesake || isCertain(chain, call))
          ? 'proven'
          : 'likely',
      message: 'Certificate',
      detail: defined({
        presented: leaf && certificateSummary(leaf),
        blamed: depth > 0 && blamed ? certificateSummary(blamed) : undefined,
        expected: chain.reason === 'name_mismatch' ? meantName(call) : undefined,
        chainLength: base.chain.length,
        now: isTimely ? isoTime(laboratory.clock.now()) : undefined,
      }),
      evidence,
      ...wordsFor(current, signer, isNamesake),
      ...(isTimely ? ofOwnFile(current, untimelyAnchor(current) ?? blamed) : {}),
      command: commandFor(current),
    });
  },
};

/** What the chain ends at, where that is out of date as well: whatever else is renewed, the chain would still end there. */
function untimelyAnchor({ chain, laboratory }: Case): Certificate | undefined {
  const anchor = chain?.path.at(-1);
  const now = laboratory.clock.now();
  return anchor && (anchor.notAfter <= now || now < anchor.notBefore) ? anchor : undefined;
}

/**
 * The certificate at fault is the client's own, of its list of CAs, and the server may send it too: what the server sends does not
 * end there where the client trusts another CA above it.
 */
function ofOwnFile({ base, call }: Case, blamed: Certificate | undefined): Pick<Explained, 'on' | 'remedy'> {
  if (!blamed) return {};
  const trusted = trustedCertificates(call);
  if (!trusted.some(({ der }) => Buffer.from(der).equals(blamed.der))) return {};
  const isSent = base.chain.some((der) => Buffer.from(der).equals(blamed.der));
  const isRoot = isSelfIssued(blamed);
  const old = safeText(blamed.subject.text);
  // An intermediate CA in the list, and the root above it as well: OpenSSL takes the certificate of the list before the one that is sent.
  if (!isRoot && trusted.some((one) => one !== blamed && isIssuedBy(blamed, one)))
    return isSent ? renewedAtBoth(old) : { on: 'client', remedy: takenOut(old) };
  const above = (readChainOf(base) ?? []).slice(1).filter((one) => !Buffer.from(one.der).equals(blamed.der));
  const renewed = above.find((one) => sameName(one.subject, blamed.subject));
  const crossed = above.find(
    ({ issuer, basicConstraints }) => sameName(issuer, blamed.subject) && basicConstraints?.isCa === true,
  );
  const sent: Localized = isSent
    ? {
        en: 'that the server sends it too changes nothing: a client goes by its own list',
        ko: '서버도 이 인증서를 보내지만, 클라이언트는 자기 목록을 따르므로 달라지지 않습니다.',
      }
    : { en: 'the server does not send it', ko: '서버가 보낸 것이 아닙니다.' };
  return {
    on: 'client',
    remedy: {
      en: `replace the CA certificate of ${old} in the list of the client (--cacert, or the package with the CAs): it is the one that is out of date, and ${sent.en}${successor(renewed, crossed).en}`,
      ko: `클라이언트의 CA 목록(--cacert 또는 CA 패키지)에 있는 ${old} 인증서를 바꾸세요. 유효 기간이 맞지 않는 것은 이 인증서입니다. ${sent.ko}${successor(renewed, crossed).ko}`,
    },
  };
}

const takenOut = (old: string): Localized => ({
  en: `take the certificate of the intermediate CA ${old} out of the list of the client (--cacert, or the package with the CAs): it is out of date, comes before the one that the server sends, and its root is in the list too`,
  ko: `클라이언트의 CA 목록(--cacert 또는 CA 패키지)에서 중간 CA ${old} 인증서를 빼세요. 유효 기간이 지났는데도 서버가 보낸 것보다 먼저 쓰이며, 그 루트는 이미 목록에 있습니다.`,
});

const renewedAtBoth = (old: string): Pick<Explained, 'on' | 'remedy'> => ({
  on: 'server',
  remedy: {
    en: `let the server send the renewed certificate of ${old}; this client has the one that is out of date in its own list too (--cacert), and has to take it out`,
    ko: `서버가 ${old}의 갱신된 인증서를 보내게 하세요. 이 클라이언트의 목록(--cacert)에도 기간이 지난 인증서가 있으므로 거기서도 빼야 합니다.`,
  },
});

function successor(renewed: Certificate | undefined, crossed: Certificate | undefined): Localized {
  if (renewed)
    return {
      en: `. The server sends a CA certificate of the same name that is valid until ${isoTime(renewed.notAfter).slice(0, 10)}: get the current one from those who run the CA, and not from the server`,
      ko: ` 서버는 이름이 같고 ${isoTime(renewed.notAfter).slice(0, 10)}까지 유효한 CA 인증서를 보냅니다. 현재 인증서는 서버가 아니라 CA 운영자에게서 받으세요.`,
    };
  if (!crossed) return { en: '', ko: '' };
  const name = safeText(crossed.subject.text);
  return {
    en: `. The server sends ${name}, a CA signed by it: if that has become a root of its own since (it is cross-signed then), its root certificate is the successor`,
    ko: ` 서버는 이 CA가 서명한 CA ${name}의 인증서를 보냅니다. 그 CA가 이제 별도의 루트라면(교차 서명) 그 루트 인증서가 후속입니다.`,
  };
}

/** What nothing can be said of: it is no chain without that certificate. */
const malformed = ({ base }: Case, depth: number): Finding =>
  explained({
    cause: 'malformed_certificate',
    by: 'client',
    detail: { chainLength: base.chain.length },
    // Another client may be less strict.
    confidence: 'likely',
    message: 'Certificate',
    evidence: [
      {
        kind: 'words',
        attempt: base.number,
        said: '',
        words: {
          en: `certificate ${depth + 1} of ${base.chain.length} cannot be read`,
          ko: `인증서 ${base.chain.length}개 가운데 ${depth + 1}번째를 읽을 수 없음`,
        },
      },
      ...bytesOf(base),
    ],
  });

function signerEvidence(signer: SignerOfName | undefined): Evidence[] {
  if (!signer) return [];
  const { issuer, isTrusted } = signer;
  return [
    {
      kind: 'certificate',
      certificate: certificateSummary(issuer),
      words: isTrusted
        ? trustedNamesake
        : { en: 'the CA of that name that the server sends', ko: '서버가 보낸, 이름이 같은 CA' },
    },
  ];
}

/** What this chain shows beyond the sentences of its cause. */
function wordsFor(
  current: Case,
  signer: SignerOfName | undefined,
  isNamesake: boolean,
): { readonly because?: Localized; readonly remedy?: Localized; readonly on?: Machine } {
  if (signer && !signer.isAltered)
    return signer.isTrusted
      ? otherKeyWords(signer.issuer.subject.text)
      : { ...otherKeySent(signer), on: 'server' };
  const { chain, base } = current;
  if (isNamesake)
    return {
      remedy: {
        en: 'get the current certificate of the CA from those who run it, by a way that you trust, and replace the old one. The CA has another key than the one that the client trusts under the same name: it was made anew, or this is another CA',
        ko: 'CA 운영자에게서 믿을 수 있는 경로로 CA의 현재 인증서를 받아 예전 것을 바꾸세요. 클라이언트가 신뢰하는 CA와 이름은 같지만 키가 다릅니다. CA를 새로 만들었거나 다른 CA입니다.',
      },
    };
  const limits = chain?.reason === 'name_constraint_violated' ? outsideLimits(chain.path) : undefined;
  if (limits) return { because: limits };
  if (chain && isForAnother(current)) return anotherMachine(current, chain);
  const above = chain && missingAbove(chain);
  if (above !== undefined) return beyondTheChain(above);
  // That both names are of one organization is a sign, and no more: an organization may have several roots.
  if (chain?.reason === 'intermediate_missing' && base.chain.length === 1)
    return {
      remedy: {
        en: `on the server's side, configure the whole chain: its certificate first, then the intermediates. If the issuer is a root of its own (an organization may have several, and a proxy that inspects TLS one more), the client needs the certificate of that root instead`,
        ko: '서버 쪽에 인증서 체인 전체를 설정하세요. 자기 인증서가 먼저, 그다음이 중간 인증서입니다. 발급자가 별도의 루트라면(한 조직에 루트가 여럿이거나 TLS 검사 프록시의 루트일 수 있습니다) 클라이언트에 그 루트의 인증서가 필요합니다.',
      },
    };
  return {};
}

/** The issuer of the last certificate that came, where that is neither a root nor alone: it may be one more that should have come. */
function missingAbove({ reason, path }: Examination): Certificate | undefined {
  const tip = path.at(-1);
  return reason === 'unknown_ca' && path.length > 1 && tip && !sameName(tip.subject, tip.issuer)
    ? tip
    : undefined;
}

function beyondTheChain(tip: Certificate): { readonly because: Localized; readonly remedy: Localized } {
  const [last, issuer] = [safeText(tip.subject.text), safeText(tip.issuer.text)];
  return {
    because: {
      en: `the chain that came ends at ${last}; its issuer (${issuer}) was not sent, and the client does not trust it`,
      ko: `받은 체인은 ${last}에서 끝납니다. 그 발급자(${issuer})의 인증서는 오지 않았고, 클라이언트가 신뢰하는 CA도 아닙니다.`,
    },
    remedy: {
      en: `get the certificate of ${issuer} from those who run the server, by a way that you trust, and let the client trust it, if it is a root; if it is one more intermediate CA, the server has to send its certificate too. If you cannot tell, do not connect: the certificate does not prove that it is that server`,
      ko: `그 발급자가 루트라면 서버 운영자에게서 믿을 수 있는 경로로 ${issuer} 인증서를 받아 클라이언트가 신뢰하게 하세요. 중간 CA가 하나 더 있는 것이라면 서버가 그 인증서도 보내야 합니다. 판단할 수 없다면 연결하지 마세요. 이 인증서는 의도한 서버임을 증명하지 못합니다.`,
    },
  };
}

/** Neither its issuer nor its name is what the client expects. */
function isForAnother({ call, chain, base }: Case): boolean {
  const [leaf] = readChainOf(base) ?? [];
  return (
    leaf !== undefined &&
    (chain?.reason === 'self_signed' || chain?.reason === 'unknown_ca') &&
    !matchesHostname(leaf.subjectAlternativeNames ?? [], meantName(call)) &&
    matchesHostnameLoosely(leaf, meantName(call)) === undefined
  );
}

function anotherMachine(
  { call }: Case,
  { path: [leaf], reason }: Examination,
): { readonly because: Localized; readonly remedy: Localized; readonly on: Machine } {
  const names = leaf?.subjectAlternativeNames?.map(({ value }) => value) ?? [];
  const [first = leaf ? certificateSummary(leaf).subject : '?', ...others] = names;
  const theirs = safeText(first) + (others.length > 0 ? ', …' : '');
  const [mine, place] = [safeText(meantName(call)), hostPort(call)];
  const how =
    reason === 'self_signed'
      ? { en: 'is self-signed', ko: '자체 서명된 것이고' }
      : {
          en: 'comes from a CA that the client does not trust',
          ko: '클라이언트가 신뢰하지 않는 CA가 발급했고',
        };
  return {
    because: {
      en: `the certificate ${how.en}, and it is for another name, too (${theirs}, not ${mine}): another machine may be answering at ${place}`,
      ko: `인증서가 ${how.ko}, 이름도 다릅니다(호출한 이름 ${mine}, 인증서의 이름 ${theirs}). ${place}에서 다른 컴퓨터가 답하는 것일 수 있습니다.`,
    },
    remedy: {
      en: `see first which machine answers there: the address that ${mine} stands for (DNS, hosts file), a forwarded port, the default site of a load balancer. If it is the server that you meant, have a CA that is trusted here issue a certificate for ${mine}`,
      ko: `그곳에서 답하는 컴퓨터가 무엇인지 먼저 확인하세요. ${mine}의 주소(DNS, hosts 파일), 포트 포워딩, 로드 밸런서의 기본 사이트를 봅니다. 의도한 서버가 맞다면 신뢰하는 CA에서 ${mine}용 인증서를 발급받으세요.`,
    },
    on: 'server',
  };
}

/**
 * Whether the reason is beyond doubt. Where a leaf alone was presented, its issuer may be an intermediate CA that the server should
 * have sent, or the root of another CA: the leaf does not say.
 */
function isCertain({ reason, path }: Examination, call: Case['call']): boolean {
  if (!isOfTrust(reason)) return true;
  if (isTrustUnread(call)) return false;
  if (reason === 'self_signed') return true;
  const tip = path.at(-1);
  const isRoot = tip !== undefined && sameName(tip.subject, tip.issuer);
  // A server that sends intermediate certificates leaves out the root alone, as it should; that of the same organization may be one more.
  return (
    isRoot ||
    (reason === 'unknown_ca' &&
      path.length > 1 &&
      tip !== undefined &&
      !isAkin(tip, trustedCertificates(call)))
  );
}

/** Trusted CAs that have the name of the issuer that is missing, and another key: both keys side by side. */
function namesakes({ call, chain }: Case): Evidence[] {
  const tip = chain?.path.at(-1);
  if (!tip) return [];
  const { authorityKeyId } = certificateSummary(tip);
  return trustedCertificates(call)
    .filter(({ subject }) => sameName(subject, tip.issuer))
    .slice(0, 3)
    .flatMap((trusted): Evidence[] => {
      const summary = certificateSummary(trusted);
      if (summary.keyId === authorityKeyId && summary.sha256 === certificateSummary(tip).sha256) return [];
      return [
        {
          kind: 'certificate',
          certificate: summary,
          words: trustedNamesake,
        },
        {
          kind: 'words',
          said: `${authorityKeyId ?? '?'} / ${summary.keyId ?? '?'}`,
          words: {
            en: 'the key that signed, and the key of the trusted CA (key identifiers)',
            ko: '서명한 키와 신뢰하는 CA의 키(키 식별자)',
          },
        },
      ];
    });
}

/** Whether another list of CAs has a path for the same chain: then the list is to blame, and not the server. */
function otherRoots({ call, base, laboratory }: Case): Evidence[] {
  if (call.authoritiesFrom === 'node') return [];
  const other = judgeChain({ ...call, authorities: rootCertificates }, base, laboratory.clock.now());
  return [
    {
      kind: 'words',
      said: '',
      words: other?.verified
        ? {
            en: 'with the public CAs that Node brings along the same chain is valid: the client’s list of CAs lacks one, or is too old',
            ko: 'Node에 들어 있는 공인 CA로는 같은 체인이 유효합니다. 클라이언트의 CA 목록에 빠진 것이 있거나 목록이 오래되었습니다.',
          }
        : {
            en: 'no public CA that Node brings along has another path for this chain',
            ko: 'Node에 들어 있는 공인 CA로도 이 체인을 검증할 수 없습니다.',
          },
    },
  ];
}

/** To see the whole judgement; it would not go through the proxy of the call. */
function commandFor({ call, base }: Case): string | undefined {
  if (call.through) return undefined;
  // Of several addresses another one may show another certificate.
  const isOneOfSeveral = call.addresses.length > 1 && ipVersion(call.host) === 0;
  const place = isOneOfSeveral ? base.address : call;
  const name = call.serverName ?? (isOneOfSeveral ? call.host : undefined);
  return `./wirelab certs verify ${hostPort({ host: place.host, port: call.port })}${name === undefined ? '' : ` --servername ${name}`}`;
}

/** The server's clock by its Date header (RFC 9110 section 6.6.1), milliseconds since the epoch. */
export function clockOf({ answer }: Attempt): number | undefined {
  const date = answer && headerOf(answer.said, 'date');
  const time = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(time) ? undefined : time;
}
