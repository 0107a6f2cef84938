/**
 * Says more of a certificate that a command refused, where the bytes did not show it: what the experiments' certificate, the files
 * that the command names, its proxy and its own options tell. It makes nothing surer than it was; where whom a client trusts is not
 * known, it makes it less so.
 */
import { basename } from 'node:path';
import { formatAddress } from '../../capture/event.ts';
import { defined } from '../../core/defined.ts';
import { ipVersion } from '../../core/ip-version.ts';
import { safeText } from '../../i18n/safe.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import type { Localized } from '../../i18n/language.ts';
import { matchesHostname } from '../../pki/x509/hostname.ts';
import { strictFault } from '../../pki/x509/certificate-form.ts';
import { faultWords as formWords } from '../../pki/x509/examination/check.ts';
import { hasWeakDigest, hasWeakKey, sameName } from '../../pki/x509/verify.ts';
import { certificateSummary } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { explained } from '../case.ts';
import { readChainOf } from '../chain.ts';
import { isOfTrust, trustCauses } from '../diagnosis.ts';
import type { DiagnosedCause, Evidence, Finding } from '../diagnosis.ts';
import { found } from '../found.ts';
import { programOf } from '../programs/programs.ts';
import { altered } from '../programs/remedy.ts';
import { isKnownToBytes } from './judge.ts';
import { otherKeyWords, trustedNamesake } from '../other-key.ts';
import { faultWords } from './files.ts';
import type { FaultyFile } from './files.ts';
import type { Context } from './context.ts';
import { withOverridden } from './overridden.ts';
import { mismatchRemedy, withTrouble } from './trouble.ts';

/** What is wrong, as far as the certificates tell. */
export const refined = (finding: Finding, context: Context): Finding =>
  [withCertificate, withPolicy, withRules, withOtherKey, withProxy].reduce(
    (one, refine) => refine(one, context),
    finding,
  );

/** What is to be done where a file or an option of the command is why. */
export const withOwnSettings = (finding: Finding, context: Context): Finding =>
  [withFiles, withTrouble, withOwnName, withOverridden].reduce(
    (one, refine) => refine(one, context),
    finding,
  );

/** Of the server's certificate, and said without it where it was not read. */
const ofCertificate: ReadonlySet<DiagnosedCause> = new Set([
  ...trustCauses,
  'certificate_not_accepted',
  'certificate_expired',
  'certificate_not_yet_valid',
  'name_mismatch',
  'wrong_usage',
  'weak_key',
  'weak_signature',
]);

const isOfClient = ({ by }: Finding): boolean => by === 'client';

const chainIn = ({ diagnosis: { attempts } }: Context): readonly Certificate[] =>
  attempts[0] ? (readChainOf(attempts[0]) ?? []) : [];

/** A certificate that could not be read on the command's connection is not one without names: an experiment has seen it. */
function withCertificate(finding: Finding, context: Context): Finding {
  const { cause, detail } = finding;
  const [leaf] = chainIn(context);
  if (!isOfClient(finding) || !ofCertificate.has(cause) || !isKnownToBytes(cause)) return finding;
  const isOfName = cause === 'name_mismatch';
  if (detail?.presented && (!isOfName || detail.expected !== undefined)) return finding;
  const name = context.heard?.name ?? context.intent.verifies ?? context.name;
  const presented = detail?.presented ?? (leaf && certificateSummary(leaf));
  // It verified another name than it asked for, which is not known.
  const isOther = leaf && isOfName && matchesHostname(leaf.subjectAlternativeNames ?? [], name);
  const more = defined({
    presented,
    expected: isOfName && !isOther ? name : undefined,
  });
  const words = explained({
    cause,
    by: 'client',
    detail: { ...detail, ...more },
    confidence: finding.confidence,
    evidence: [],
  });
  return {
    ...finding,
    because: words.because,
    // An experiment's own remedy says more than that of the cause.
    remedy: isOfName ? words.remedy : finding.remedy,
    detail: { ...detail, ...more },
    evidence: [...finding.evidence, ...certificateEvidence(leaf, finding.evidence)],
  };
}

const certificateEvidence = (leaf: Certificate | undefined, there: readonly Evidence[]): Evidence[] =>
  leaf && !there.some(({ kind }) => kind === 'certificate')
    ? [
        {
          kind: 'certificate',
          certificate: certificateSummary(leaf),
          words: { en: "the server's certificate, as an experiment got it", ko: '실험에서 받은 서버 인증서' },
        },
      ]
    : [];

/** The program calls a key or a digest too weak that is usual: its own policy asks for more. */
function withPolicy(finding: Finding, context: Context): Finding {
  const { cause } = finding;
  const isOfStrength = cause === 'weak_signature' || cause === 'weak_key';
  const meant = context.heard?.saying.also ?? [];
  const chain = chainIn(context);
  if (!isOfClient(finding) || !isOfStrength || chain.length === 0) return finding;
  const isOfDigest = chain.some((one) => hasWeakDigest(one) && !sameName(one.subject, one.issuer));
  const isOfKey = chain.some(hasWeakKey);
  if (isOfDigest || isOfKey) {
    const shown = isOfDigest ? ('weak_signature' as const) : ('weak_key' as const);
    if (shown === cause || !meant.includes(shown)) return finding;
    const blamed = chain.find(hasWeakKey) ?? chain[0];
    return {
      ...finding,
      ...explained({
        cause: shown,
        by: 'client',
        detail: blamed ? { presented: certificateSummary(blamed) } : {},
        confidence: finding.confidence,
        message: finding.message,
        evidence: finding.evidence,
      }),
    };
  }
  const used = chain.map(
    ({ publicKey, signatureAlgorithm }) => `${publicKey.name}, ${signatureAlgorithm.name}`,
  );
  const shown = safeText([...new Set(used)].join('; '));
  const by = context.policy === undefined ? '' : ` (${safeText(context.policy)})`;
  return {
    ...finding,
    ...explained({
      cause: 'weak_key',
      by: 'client',
      detail: finding.detail ?? {},
      confidence: 'likely',
      message: finding.message,
      evidence: finding.evidence,
      on: 'client',
      because: {
        en: `the server's certificate has a usual key and signature (${shown}), and the client's policy asks for stronger ones${by}`,
        ko: `서버 인증서의 키와 서명은 보통 수준인데 클라이언트의 정책이 더 강한 것을 요구합니다. 인증서: ${shown}.${by}`,
      },
      remedy: {
        en: `let the client ask for less, if its policy is stricter than was meant; or have the server's certificate and its CA's issued again with a larger key (RSA of 3072 bits and more, P-384)`,
        ko: '클라이언트 정책이 의도보다 엄격하다면 완화하세요. 아니라면 서버와 CA의 인증서를 더 큰 키(3072비트 이상 RSA, P-384)로 다시 발급받으세요.',
      },
    }),
  };
}

/** Which rule which certificate breaks. */
function withRules(finding: Finding, context: Context): Finding {
  if (finding.cause !== 'not_conforming') return finding;
  const chain = chainIn(context);
  for (const [depth, one] of chain.entries()) {
    // Behind the last one stands its root, which the server does not send.
    const fault = strictFault(one, depth, chain.length + 1);
    if (!fault) continue;
    const words = formWords(fault);
    const subject = safeText(one.subject.text);
    return {
      ...finding,
      because: {
        en: `${finding.because.en}: ${subject}, ${words.en}`,
        ko: `${finding.because.ko} 인증서: ${subject}. ${words.ko}`,
      },
      evidence: [...finding.evidence, ...certificateEvidence(one, [])],
    };
  }
  return finding;
}

/** The program knows a CA of that name, with another key; which, is known only where whom it trusts is. */
function withOtherKey(finding: Finding, context: Context): Finding {
  const { heard } = context;
  if (!heard?.saying.isOfKey || finding.cause !== 'unknown_ca' || !isOfClient(finding)) return finding;
  if (finding.evidence.some(({ words }) => words === trustedNamesake)) return finding;
  const chain = chainIn(context);
  // A signature that is not understood does not fit either.
  const rare = chain.find(
    ({ publicKey }) => publicKey.algorithm === 'EC' && !usualCurves.has(publicKey.name),
  );
  if (rare) return ofRareKey(finding, rare);
  const words = otherKeyWords(chain.at(-1)?.issuer.text);
  return {
    ...finding,
    because: words.because,
    remedy: { ...finding.remedy, on: 'client', words: words.remedy },
    confidence: finding.confidence === 'proven' ? 'likely' : finding.confidence,
  };
}

/** Those that every client has (RFC 8446 section 9.1, and the other two of NIST). */
const usualCurves: ReadonlySet<string> = new Set(['P-256', 'P-384', 'P-521']);

function ofRareKey(finding: Finding, certificate: Certificate): Finding {
  const [subject, key] = [certificate.subject.text, certificate.publicKey.name].map((text) => safeText(text));
  return {
    ...finding,
    ...explained({
      cause: 'unusable_key',
      by: 'client',
      detail: { presented: certificateSummary(certificate) },
      confidence: 'likely',
      message: 'Certificate',
      evidence: [...finding.evidence, ...certificateEvidence(certificate, [])],
      because: {
        en: `the client could not check a signature of the chain: the key of ${subject} is on the curve ${key}, which not every client has (Java and Go leave it out)`,
        ko: `클라이언트가 체인의 서명 하나를 확인하지 못했습니다. 체인에 지원하지 않는 클라이언트가 있는 곡선의 키가 있습니다(Java와 Go는 지원하지 않음). 인증서: ${subject}, 곡선: ${key}.`,
      },
      remedy: {
        en: 'have the certificates of the chain issued with keys that every client has: P-256, P-384 or RSA',
        ko: '모든 클라이언트가 지원하는 키(P-256, P-384, RSA)로 체인의 인증서를 다시 발급받으세요.',
      },
    }),
  };
}

/** A proxy on the way may present certificates of its own CA: those who run the server know nothing of it. */
function withProxy(finding: Finding, context: Context): Finding {
  const { through } = context;
  if (!through || !isOfClient(finding) || !isOfTrust(finding.cause)) return finding;
  if (finding.evidence.some(({ words }) => words === trustedNamesake)) return finding;
  const proxy = safeText(formatAddress(through));
  const presented = finding.detail?.presented;
  const issuer = presented ? safeText(presented.issuer) : undefined;
  return {
    ...finding,
    ...explained({
      // That a certificate is missing in the chain would be the server's fault.
      cause: finding.cause === 'self_signed' ? 'self_signed' : 'unknown_ca',
      by: 'client',
      detail: finding.detail ?? {},
      confidence: finding.cause === 'intermediate_missing' ? 'likely' : finding.confidence,
      message: finding.message,
      evidence: finding.evidence,
    }),
    because: {
      en: `the certificate that came was issued by a CA that the client does not trust${issuer === undefined ? '' : ` (${issuer})`}. It came through the proxy ${proxy}: one that inspects TLS presents certificates of its own CA in the server's place`,
      ko: `클라이언트가 신뢰하지 않는 CA가 발급한 인증서가 왔습니다.${issuer === undefined ? '' : ` 발급자: ${issuer}.`} 프록시를 거쳤는데(${proxy}), TLS를 검사하는 프록시는 서버 대신 자신의 CA가 발급한 인증서를 제시합니다.`,
    },
    remedy: {
      ...finding.remedy,
      on: 'client',
      words: {
        en: 'compare the issuer with that of a call without the proxy. If it is the CA of the proxy, get its certificate from those who run the network, and let the client trust it; if the server itself has it, get the certificate of its CA from those who run the server, by a way that you trust',
        ko: '프록시 없이 호출했을 때의 발급자와 비교하세요. 프록시의 CA라면 네트워크 관리자에게서 그 인증서를 받아 클라이언트가 신뢰하게 하고, 서버 자신의 것이라면 서버 운영자에게서 믿을 수 있는 경로로 CA 인증서를 받으세요.',
      },
    },
  };
}

/** Causes behind which a file may stand that the program left aside, or could not use. */
const ofFiles: Readonly<Record<FaultyFile['kind'], ReadonlySet<DiagnosedCause>>> = {
  authorities: new Set([
    ...trustCauses,
    'certificate_not_accepted',
    'closed_during_handshake',
    'unusable_file',
  ]),
  certificate: new Set(['certificate_missing', 'unusable_file']),
  key: new Set(['certificate_missing', 'unusable_file', 'key_proof_failed']),
  other: new Set([...trustCauses, 'certificate_missing', 'unusable_file']),
};

/** A file that it names is not there, or does not hold what it is named for. */
function withFiles(finding: Finding, context: Context): Finding {
  const { heard, said, faulty } = context;
  const isSaid = heard?.saying.cause === 'unusable_file';
  const file = faulty.find(
    (one) =>
      ofFiles[one.kind].has(finding.cause) &&
      // With its words both files are named.
      (one.fault !== 'mismatch' || finding.cause !== 'unusable_file') &&
      (one.fault === 'mismatch' || finding.cause !== 'key_proof_failed') &&
      (isOfTrust(finding.cause) || one.kind === 'authorities' ? finding.by !== 'server' : true) &&
      // A chain that the program found no fault in says nothing of its CAs.
      (finding.confidence !== 'proven' || isSaid || finding.cause !== 'closed_during_handshake'),
  );
  if (!file) return finding;
  const { kind, by, path, fault } = file;
  const words = faultWords[fault];
  const evidence: Evidence = {
    kind: 'words',
    said: `${by} ${path}`,
    words,
  };
  // The server has refused: why nothing was presented to it is what the file shows.
  if (finding.cause === 'certificate_missing' || finding.cause === 'key_proof_failed')
    return {
      ...finding,
      because: {
        en: `${finding.because.en}. The client's ${safeText(by)} names a file (${safeText(path)}), and ${words.en}`,
        ko: `${finding.because.ko} 클라이언트의 ${safeText(by)} 파일(${safeText(path)}): ${words.ko}`,
      },
      remedy: fault === 'mismatch' ? mismatchRemedy(context.files) : keyRemedy(file),
      evidence: [...finding.evidence, evidence],
    };
  const isNamed = said.includes(path);
  return {
    ...finding,
    ...found({
      cause: 'unusable_file',
      by: 'client',
      // A variable may be left from something else, and the program may trust other CAs.
      confidence: isSaid || isNamed || (!file.isVariable && kind !== 'other') ? 'proven' : 'likely',
      evidence: [...finding.evidence, evidence],
    }),
    because:
      kind === 'authorities'
        ? {
            en: `the file with the CAs that the client was told to trust cannot be used (${safeText(by)} ${safeText(path)}): ${words.en}. Without it the client does not trust them`,
            ko: `클라이언트가 신뢰할 CA 파일(${safeText(by)} ${safeText(path)})을 쓸 수 없습니다(${words.ko}). 그래서 그 CA를 신뢰하지 않습니다.`,
          }
        : {
            en: `a file of the client cannot be used (${safeText(by)} ${safeText(path)}): ${words.en}`,
            ko: `클라이언트의 파일(${safeText(by)} ${safeText(path)})을 쓸 수 없습니다(${words.ko}).`,
          },
    remedy: {
      on: 'client',
      words: {
        en: `correct the path (${safeText(by)}), or put the right file there`,
        ko: `경로(${safeText(by)})를 고치거나 그 자리에 맞는 파일을 두세요.`,
      },
    },
  };
}

function keyRemedy({ path, store, fault }: FaultyFile): Finding['remedy'] {
  const words: Localized =
    fault === 'no_key'
      ? {
          en: 'a client certificate needs its private key in the same store: put both into it (a PrivateKeyEntry, as keytool lists it; openssl pkcs12 -export makes one)',
          ko: '클라이언트 인증서에는 개인 키가 같은 저장소에 있어야 합니다. 둘을 함께 넣으세요(keytool 목록의 PrivateKeyEntry, openssl pkcs12 -export로 만들 수 있습니다).',
        }
      : {
          en: 'correct the path, the password or the file',
          ko: '경로, 비밀번호, 파일을 바로잡으세요.',
        };
  return {
    on: 'client',
    words,
    ...(store && fault !== 'missing' ? { command: `keytool -list -keystore ${shellWord(path)}` } : {}),
  };
}

/** The command itself says which name it verifies, or has an option for that. */
function withOwnName(finding: Finding, context: Context): Finding {
  const { serverName, serverNameBy } = context.intent;
  if (finding.cause !== 'name_mismatch' || !isOfClient(finding)) return finding;
  if (serverNameBy === undefined) return withNameOption(finding, context);
  if (finding.detail?.expected !== serverName) return finding;
  const by = safeText(serverNameBy);
  return {
    ...finding,
    remedy: {
      on: 'client',
      words: {
        en: `the name is set by ${by}: let it be one that the certificate is valid for, if that is the server which you mean; otherwise the server needs a certificate for that name`,
        ko: `이름을 ${by}에서 정했습니다. 접속하려던 서버가 맞다면 인증서에 있는 이름으로 고치세요. 아니라면 서버에 그 이름의 인증서가 필요합니다.`,
      },
    },
  };
}

/** It was called by an address, as through a tunnel: what it verifies instead of that can be said to it. */
function withNameOption(finding: Finding, { own }: Context): Finding {
  const { expected, presented } = finding.detail ?? {};
  const option = verifyingOption(own);
  const name = presented?.san
    ?.map((one) => /^DNS:([^*]+)$/.exec(one)?.[1])
    .find((one) => one !== undefined && !ipVersion(one));
  if (finding.remedy.on !== 'client') return finding;
  if (expected === undefined || !ipVersion(expected) || option === undefined || name === undefined)
    return finding;
  const inFile = option.endsWith('tls-server-name')
    ? { en: ' (tls-server-name in its kubeconfig)', ko: '(kubeconfig에서는 tls-server-name)' }
    : { en: '', ko: '' };
  const [address, other] = [expected, name].map((one) => safeText(one));
  return {
    ...finding,
    remedy: {
      on: 'client',
      words: {
        en: `the server is called by an address (${address}), which its certificate does not have, as is usual behind a tunnel. If it is the server that you mean, call it by a name of its certificate, or let the client verify such a name: ${option} ${other}${inFile.en}. For the address itself the server needs a certificate that has it`,
        ko: `서버를 인증서에 없는 주소(${address})로 호출했습니다. 터널 뒤에서 흔한 일입니다. 의도한 서버가 맞다면 인증서에 있는 이름으로 호출하거나, 클라이언트가 그런 이름을 검증하게 하세요: ${option} ${other}${inFile.ko}. 주소 그대로 쓰려면 그 주소가 든 인증서가 서버에 필요합니다.`,
      },
      command: withOption(own, option, name),
    },
  };
}

/** By which the program is told the name that it verifies; that of the name which it asks for does as well, with some. */
function verifyingOption(own: readonly string[]): string | undefined {
  const program = programOf(own[0] ?? '');
  if (program?.verifiedName) return program.verifiedName.options?.[0];
  // redis-cli verifies no name at all.
  const [option, ofHelm] = program?.name === 'kubectl' ? (program.serverName?.options ?? []) : [];
  return basename(own[0] ?? '') === 'helm' ? ofHelm : option;
}

const withOption = (own: readonly string[], option: string, name: string): string =>
  option.startsWith('--')
    ? altered(own, { options: { [`${option}=`]: name } })
    : altered(own, { behind: 's_client', options: { [option]: name } });
