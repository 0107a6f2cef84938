/**
 * The client presents its own certificate without the intermediate ones, and the server knows only the root. What is missing may lie
 * in the client's own files, or in the chain of a server of the same CA: then the call is made again with it.
 */
import { certificateSummary, readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { isSelfIssued } from '../../pki/x509/path.ts';
import { isIssuedBy, sameName } from '../../pki/x509/verify.ts';
import { toPem } from '../../pki/keystore/pem.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { isAccepted } from './application.ts';
import { bytesOf, difference, explained } from '../case.ts';
import type { Case } from '../case.ts';
import { readChainOf, trustedCertificates } from '../chain.ts';
import { hostPort } from '../../capture/event.ts';
import type { Finding } from '../diagnosis.ts';

interface Found {
  readonly certificate: Certificate;
  /** Where it lies; undefined for one of the CAs that the client trusts. */
  readonly path?: string;
  /** Its place in the chain that the server itself presents, its own certificate being 1. */
  readonly sentAs?: number;
}

const longest = 6;

/** The intermediate certificates that continue the chain, as far as they are at hand; a root is not among them. */
function continuation({ call, base }: Case, own: readonly Certificate[]): readonly Found[] {
  const beside = (call.atHand?.() ?? []).flatMap(({ path, der }): Found[] => {
    const step = readCertificate(der);
    return 'got' in step ? [{ certificate: step.got, path }] : [];
  });
  const given = call.authoritiesFrom === 'given' ? trustedCertificates(call) : [];
  // One CA often issues for both sides.
  const sent = (readChainOf(base) ?? []).map((certificate, depth) => ({ certificate, sentAs: depth + 1 }));
  const known: readonly Found[] = [...beside, ...given.map((certificate) => ({ certificate })), ...sent];
  const chain: Found[] = [];
  let tip = own.at(-1);
  while (tip && !isSelfIssued(tip) && chain.length < longest) {
    const below = tip;
    const next = known.find(
      ({ certificate }) =>
        !isSelfIssued(certificate) &&
        sameName(certificate.subject, below.issuer) &&
        isIssuedBy(below, certificate),
    );
    if (!next) break;
    chain.push(next);
    tip = next.certificate;
  }
  return chain;
}

/** @returns proven, where the server accepts the client with the certificates that were missing */
export async function incompleteChain(
  current: Case,
  own: readonly Certificate[],
): Promise<Finding | undefined> {
  const { base, call, laboratory } = current;
  const { identity } = call;
  const missing = continuation(current, own);
  const [first] = missing;
  const [leaf] = own;
  if (!identity || !first || !leaf) return undefined;
  const made = await laboratory.try({
    id: 'with-intermediates',
    words: {
      en: `with the certificate of ${safeText(first.certificate.subject.text)} behind the client’s own`,
      ko: `클라이언트 인증서 뒤에 ${safeText(first.certificate.subject.text)}의 인증서를 붙여`,
    },
    identity: {
      ...identity,
      certificate: [
        identity.certificate.trimEnd(),
        ...missing.map(({ certificate: { der } }) => toPem('CERTIFICATE', der)),
      ].join('\n'),
    },
  });
  if (!made || !isAccepted(made)) return undefined;
  const names = missing.map(({ certificate }) => safeText(certificate.subject.text)).join(', ');
  const { path, sentAs } = first;
  return explained({
    cause: 'intermediate_missing',
    by: 'server',
    detail: { presented: certificateSummary(leaf) },
    alert: base.alert,
    confidence: 'proven',
    message: 'Certificate',
    on: 'client',
    evidence: [
      difference(base, made),
      ...missing.map(({ certificate, path: at, sentAs }) => ({
        kind: 'certificate' as const,
        certificate: certificateSummary(certificate),
        words:
          sentAs !== undefined
            ? {
                en: 'the certificate that is missing: the server itself sends it in its own chain',
                ko: '빠진 인증서. 서버가 자신의 체인에 넣어 보내는 것과 같습니다',
              }
            : at === undefined
              ? { en: 'the certificate that is missing', ko: '빠진 인증서' }
              : {
                  en: `the certificate that is missing (${safeText(at)})`,
                  ko: `빠진 인증서(${safeText(at)})`,
                },
      })),
      ...bytesOf(base),
    ],
    remedy: {
      en: `let the client send the certificate of ${names} too: put it behind its own, in the same file. A server knows only the root, as a rule`,
      ko: `클라이언트가 ${names} 인증서도 함께 보내게 하세요. 같은 파일에서 클라이언트 인증서 뒤에 붙이면 됩니다. 서버는 보통 루트만 알고 있습니다.`,
    },
    command:
      path === undefined
        ? sentAs === undefined
          ? undefined
          : fetched(call, sentAs)
        : `cat CLIENT.crt ${shellWord(path)} > CLIENT-chain.crt`,
  });
}

/** Takes that certificate from what the server sends; presenting it needs no trust in it. */
function fetched({ host, port, starttls, serverName }: Case['call'], sentAs: number): string {
  const words = [
    'openssl',
    's_client',
    '-connect',
    hostPort({ host, port }),
    ...(serverName === undefined ? [] : ['-servername', serverName]),
    ...(starttls === undefined ? [] : ['-starttls', starttls]),
    '-showcerts',
  ];
  const pick = `/BEGIN CERT/{p=++n==${sentAs}} p; /END CERT/{p=0}`;
  return `cp CLIENT.crt CLIENT-chain.crt; ${words.map(shellWord).join(' ')} </dev/null 2>/dev/null | awk ${shellWord(pick)} >> CLIENT-chain.crt`;
}

/**
 * What to do where one certificate was presented alone, of an issuer that the server does not know: an intermediate CA or a root, which
 * the certificate does not say.
 */
export function aloneRemedy({ issuer }: Certificate): Localized {
  const name = safeText(issuer.text);
  return {
    en: `the client sends its certificate alone. If its issuer (${name}) is an intermediate CA, let the client send that certificate too, behind its own in the same file; if it is a root, let the server trust it, or use a certificate of a CA that the server trusts`,
    ko: `클라이언트가 인증서를 하나만 보냅니다. 발급자(${name})가 중간 CA라면 그 인증서를 같은 파일의 클라이언트 인증서 뒤에 붙여 함께 보내세요. 루트라면 서버가 그 CA를 신뢰하게 하거나, 서버가 신뢰하는 CA의 인증서를 쓰세요.`,
  };
}

/** One certificate alone, which has not signed itself. */
export const isAlone = (own: readonly Certificate[], { alert }: Pick<Attempt, 'alert'>): boolean => {
  const [leaf] = own;
  return own.length === 1 && leaf !== undefined && !isSelfIssued(leaf) && alert?.code !== accessDenied;
};

const accessDenied = 49;
