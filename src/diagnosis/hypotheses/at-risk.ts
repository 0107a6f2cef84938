/** All is well with this client: what others refuse, or will, is mentioned before it happens. */
import { lintOf } from '../../pki/x509/lint.ts';
import type { LintId } from '../../pki/x509/lint-finding.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { certificateSummary } from '../../protocols/x509/certificate.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { sameName } from '../../pki/x509/verify.ts';
import { readLeaf } from '../chain.ts';
import { headerOf } from '../attempt/http-answer.ts';
import type { Case, Hypothesis } from '../case.ts';
import { statusOf } from './application.ts';
import { found } from '../found.ts';

const noting = (
  name: string,
  on: 'client' | 'server',
  ids: readonly LintId[],
  leafOf: (current: Case) => Certificate | undefined,
): Hypothesis => ({
  name,
  async test(current) {
    const leaf = current.base.result === 'completed' ? leafOf(current) : undefined;
    const lint = leaf && lintOf(leaf).find(({ id }) => ids.includes(id));
    if (!lint) return undefined;
    return Promise.resolve({
      ...found({
        cause: 'certificate_at_risk',
        by: 'client',
        confidence: 'proven',
        message: 'Certificate',
        evidence: [
          {
            kind: 'certificate',
            certificate: certificateSummary(leaf),
            words: { en: 'the certificate', ko: '인증서' },
          },
        ],
        more: lint.words,
        on,
      }),
      isNote: true,
    });
  },
});

export const serverAtRisk = noting('server-at-risk', 'server', ['long_validity'], ({ chain }) =>
  chain?.verified ? chain.path[0] : undefined,
);

/** Presented because the server asked for it. */
export const clientAtRisk = noting('client-at-risk', 'client', ['client_of_public_ca'], ({ base, call }) =>
  base.acceptable === undefined ? undefined : readLeaf(call.identity?.certificate ?? ''),
);

/** Bits of a prime that OpenSSL accepts from security level 2 on, which Debian, Ubuntu and OpenSSL 3.2 have. */
const shortestPrime = 2048;

/** What stricter clients find in what this one accepts, a sentence each. */
function refusedByOthers({ base, chain, call }: Case): Localized[] {
  const warned = chain?.checks.filter(({ status }) => status === 'warned') ?? [];
  const name = warned.find(({ id }) => id === 'name');
  const form = warned.find(({ id }) => id === 'form');
  const anchor = chain?.verified ? chain.path.at(-1) : undefined;
  // Clients take a CA that is not a root for one only where they are made to.
  const isPartial =
    call.authoritiesFrom === 'given' && anchor !== undefined && !sameName(anchor.subject, anchor.issuer);
  const { primeBits } = base;
  return [
    ...(name ? [name.found] : []),
    ...(form
      ? [
          {
            en: `Python from 3.13 on, and openssl with -x509_strict, refuse the chain: ${form.found.en}`,
            ko: `Python 3.13부터와 openssl -x509_strict는 이 체인을 거부합니다: ${form.found.ko}`,
          },
        ]
      : []),
    ...(isPartial
      ? [
          {
            en: `${chain?.path.length === 1 ? 'what was given as a CA is the certificate of the server itself, which is not self-signed' : `the CA that was given (${safeText(anchor.subject.text)}) is an intermediate one`}, and its root is not there: Node, Python before 3.13 and openssl s_client (without -partial_chain) refuse the chain; curl, Go and Python from 3.13 on accept it. Give the root`,
            ko: `${chain?.path.length === 1 ? 'CA로 지정한 것이 자체 서명되지 않은 서버 인증서이고' : `지정한 CA(${safeText(anchor.subject.text)})가 중간 CA이고`} 그 루트가 없습니다. Node, Python 3.12까지, -partial_chain 없는 openssl s_client는 거부하고, curl과 Go, Python 3.13부터는 받아들입니다. 루트를 지정하세요`,
          },
        ]
      : []),
    ...(primeBits !== undefined && primeBits < shortestPrime
      ? [
          {
            en: `its Diffie-Hellman prime has ${primeBits} bits: OpenSSL, curl and Python on Debian and Ubuntu end the handshake (dh key too small). Let the server use 2048 bits or more, or ECDHE only`,
            ko: `Diffie-Hellman 소수가 ${primeBits}비트입니다. 데비안과 우분투의 OpenSSL, curl, Python은 핸드셰이크를 끊습니다(dh key too small). 서버에서 2048비트 이상을 쓰거나 ECDHE만 쓰세요`,
          },
        ]
      : []),
  ];
}

export const otherClients: Hypothesis = {
  name: 'other-clients',
  async test(current) {
    const { base, chain } = current;
    const reasons = base.result === 'completed' && chain?.verified ? refusedByOthers(current) : [];
    if (reasons.length === 0) return undefined;
    return Promise.resolve({
      ...found({
        cause: 'others_refuse',
        by: 'client',
        confidence: 'proven',
        evidence: [],
      }),
      because: inEach((language) => reasons.map((reason) => reason[language]).join('; ')),
      isNote: true,
    });
  },
};

/** A page for those who have no certificate: the server asked for one, and sends who gives none elsewhere. */
export const sentElsewhere: Hypothesis = {
  name: 'sent-elsewhere',
  async test({ base, call }) {
    const status = statusOf(base) ?? 0;
    if (base.result !== 'completed' || base.acceptable === undefined || call.identity) return undefined;
    if (status < 300 || status > 399 || status === 304) return undefined;
    const place = safeText((base.answer && headerOf(base.answer.said, 'location', 120)) ?? '');
    return Promise.resolve({
      ...found({
        cause: 'refused_by_application',
        by: 'server',
        confidence: 'likely',
        message: 'application data',
        evidence: [],
      }),
      name: { en: 'an answer for clients without a certificate', ko: '인증서 없는 클라이언트에 주는 응답' },
      because: {
        en: `the server asked for a client certificate and was given none, and answers with ${status}${place && ` (to ${place})`}: with a certificate (--cert and --key) it may answer otherwise`,
        ko: `서버가 클라이언트 인증서를 요구했지만 제시하지 않았고, ${status}${place && `(${place})`} 응답이 왔습니다. 인증서를 제시하면(--cert, --key) 다르게 답할 수 있습니다.`,
      },
      isNote: true,
    });
  },
};
