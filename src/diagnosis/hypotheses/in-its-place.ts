/**
 * Another machine answers in the place of the server: one that inspects TLS for some names, or a network's login page. Both have a
 * certificate of their own, and what that lacks is not what has to be mended.
 */
import { ipVersion } from '../../core/ip-version.ts';
import { inEach } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Examination } from '../../pki/x509/examination.ts';
import { matchesHostname } from '../../pki/x509/hostname.ts';
import { sameName } from '../../pki/x509/verify.ts';
import { certificateSummary } from '../../protocols/x509/certificate.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { meantName } from '../attempt/call.ts';
import type { Change } from '../attempt/call.ts';
import { headerOf } from '../attempt/http-answer.ts';
import { certificateOf, difference } from '../case.ts';
import type { Hypothesis } from '../case.ts';
import { judgeChain, readChainOf } from '../chain.ts';
import { isOfTrust } from '../diagnosis.ts';
import type { Finding } from '../diagnosis.ts';
import { found } from '../found.ts';
import { statusOf } from './application.ts';
import { nameless } from './negotiation.ts';

const nonexistent = 'another.invalid';

const elsewhere: Change = {
  id: 'other-name',
  words: { en: 'with another server name (SNI)', ko: '다른 서버 이름(SNI)으로' },
  serverName: nonexistent,
};

export const interception: Hypothesis = {
  name: 'interception',
  async test({ base, call, chain, laboratory }) {
    const name = meantName(call);
    if (!chain || chain.verified || !isOfTrust(chain.reason) || ipVersion(name)) return undefined;
    for (const change of [nameless, elsewhere]) {
      const made = await laboratory.try(change);
      if (made && change === elsewhere && isMadeUp(base, made)) return madeToOrder(chain, made);
      const other = made && judgeChain(call, made, laboratory.clock.now());
      if (!made || !other?.verified) continue;
      const [mine] = chain.path;
      return found({
        cause: 'intercepted',
        by: 'between',
        confidence: 'likely',
        message: 'Certificate',
        evidence: [
          {
            ...difference(base, made),
            words: inEach(
              (language) =>
                `${base.change.words[language]}: ${issuedBy(chain.path, language)}; ${change.words[language]}: ${issuedBy(other.path, language)}`,
            ),
          },
          ...certificateOf(chain, 0, { en: 'the certificate for this name', ko: '이 이름에 온 인증서' }),
          ...certificateOf(other, 0, { en: 'the certificate without it', ko: '이름 없이 온 인증서' }),
        ],
        more: inEach(
          (language) =>
            ({ en: 'the issuer in its place is ', ko: '대신 온 인증서의 발급자: ' })[language] +
            safeText(mine ? certificateSummary(mine).issuer : '?'),
        ),
      });
    }
    return undefined;
  },
};

/** Nobody has a certificate for a name that cannot exist (RFC 6761 section 6.4), and the same issuer has signed one. */
function isMadeUp(base: Attempt, made: Attempt): boolean {
  const [own] = readChainOf(base) ?? [];
  const [other] = readChainOf(made) ?? [];
  return (
    own !== undefined &&
    other !== undefined &&
    matchesHostname(other.subjectAlternativeNames ?? [], nonexistent) &&
    sameName(own.issuer, other.issuer)
  );
}

function madeToOrder(chain: Examination, made: Attempt): Finding {
  const [mine] = chain.path;
  const issuer = safeText(mine ? certificateSummary(mine).issuer : '?');
  const [other] = readChainOf(made) ?? [];
  return {
    ...found({
      cause: 'intercepted',
      by: 'between',
      confidence: 'likely',
      message: 'Certificate',
      evidence: [
        ...certificateOf(chain, 0, { en: 'the certificate for this name', ko: '이 이름에 온 인증서' }),
        ...(other
          ? [
              {
                kind: 'certificate' as const,
                certificate: certificateSummary(other),
                words: {
                  en: `the certificate for ${nonexistent}, which nobody has`,
                  ko: `아무도 가질 수 없는 이름(${nonexistent})에 온 인증서`,
                },
              },
            ]
          : []),
      ],
    }),
    because: {
      en: `${issuer} issues a certificate for whatever name is called, also for one that cannot exist (${nonexistent}): so does a proxy that inspects TLS, with a CA of its own that this client does not trust. A development server that issues its own certificates would look the same`,
      ko: `${issuer} 이름으로 어떤 이름을 불러도, 존재할 수 없는 이름(${nonexistent})에도 바로 인증서가 나옵니다. TLS를 검사하는 프록시가 이 클라이언트가 신뢰하지 않는 자체 CA로 하는 일입니다. 인증서를 그때그때 만드는 개발용 서버도 똑같이 보입니다.`,
    },
  };
}

function issuedBy(path: NonNullable<ReturnType<typeof judgeChain>>['path'], language: 'en' | 'ko'): string {
  const [leaf] = path;
  const issuer = leaf ? safeText(certificateSummary(leaf).issuer) : '?';
  return { en: `a certificate of ${issuer}`, ko: `발급자 ${issuer}` }[language];
}

/** What the address of a page is called on which a network wants a login; 511 says so itself (RFC 6585 section 6). */
const loginWords = /log-?in|sign-?in|portal|captive|hotspot|wi-?fi|guest|wlan/i;

/** Where it sends the client to: the host of its Location header. */
function sentTo(attempt: Attempt): { readonly host: string; readonly url: string } | undefined {
  const status = statusOf(attempt);
  if (status === undefined || status < 300 || status > 399) return undefined;
  const url = attempt.answer && headerOf(attempt.answer.said, 'location');
  const host = url === undefined ? undefined : /^https?:\/\/(\[[^\]]+\]|[^/:?#]+)/i.exec(url)?.[1];
  return url === undefined || host === undefined ? undefined : { host: host.toLowerCase(), url };
}

export const loginPage: Hypothesis = {
  name: 'login-page',
  async test({ base, call, chain }) {
    if (!chain || chain.verified) return Promise.resolve(undefined);
    const status = statusOf(base);
    const sent = sentTo(base);
    const isAway = sent !== undefined && sent.host !== meantName(call).toLowerCase();
    if (status !== 511 && !(isAway && loginWords.test(sent.url))) return undefined;
    return found({
      cause: 'login_page',
      by: 'between',
      confidence: 'likely',
      message: 'Certificate',
      evidence: [
        ...certificateOf(chain, 0, { en: 'the certificate of what answers', ko: '답한 쪽의 인증서' }),
        {
          kind: 'words',
          attempt: base.number,
          said: `${status ?? ''}${sent ? ` Location: ${sent.url}` : ''}`,
          words: { en: 'its answer to GET /', ko: 'GET /에 대한 응답' },
        },
      ],
      more: sent && { en: `it sends the client to ${sent.host}`, ko: `보내는 곳: ${sent.host}` },
    });
  },
};
