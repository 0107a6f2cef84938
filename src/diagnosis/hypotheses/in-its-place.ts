/**
 * Another machine answers in the place of the server: one that inspects TLS for some names, or a network's login page. Both have a
 * certificate of their own, and what that lacks is not what has to be mended.
 */
import { ipVersion } from '../../core/ip-version.ts';
import { inEach } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { certificateSummary } from '../../protocols/x509/certificate.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { meantName } from '../attempt/call.ts';
import type { Change } from '../attempt/call.ts';
import { headerOf } from '../attempt/http-answer.ts';
import { certificateOf, difference } from '../case.ts';
import type { Hypothesis } from '../case.ts';
import { judgeChain } from '../chain.ts';
import { isOfTrust } from '../diagnosis.ts';
import { found } from '../found.ts';
import { statusOf } from './application.ts';
import { nameless } from './negotiation.ts';

const elsewhere: Change = {
  id: 'other-name',
  words: { en: 'with another server name (SNI)', ko: '다른 서버 이름(SNI)으로' },
  serverName: 'another.invalid',
};

export const interception: Hypothesis = {
  name: 'interception',
  async test({ base, call, chain, laboratory }) {
    const name = meantName(call);
    if (!chain || chain.verified || !isOfTrust(chain.reason) || ipVersion(name)) return undefined;
    for (const change of [nameless, elsewhere]) {
      const made = await laboratory.try(change);
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
