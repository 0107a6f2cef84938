/**
 * The certificate demands an OCSP response with it (RFC 7633), and the server sends none. wirelab's own client does not mind, as
 * OpenSSL does not; others refuse the server.
 */
import { requiresStatus } from '../../pki/x509/lint.ts';
import type { Change } from '../attempt/call.ts';
import { certificateOf } from '../case.ts';
import type { Hypothesis } from '../case.ts';
import { found } from '../found.ts';

const asking = (time: number): Change => ({
  id: time === 1 ? 'status-request' : `status-request-${time}`,
  words: { en: 'asking for an OCSP response (status_request)', ko: 'OCSP 응답을 요청하며(status_request)' },
  requestsStatus: true,
});

/** nginx fetches a response when it is first asked for one, and has it a moment later. */
const times = [1, 2];

export const staple: Hypothesis = {
  name: 'staple',
  async test({ base, chain, laboratory }) {
    const [leaf] = chain?.path ?? [];
    if (!chain || !leaf || base.secured === undefined || !requiresStatus(leaf)) return undefined;
    for (const time of times) {
      const made = await laboratory.try(asking(time));
      if (made?.isStapled !== false) return undefined;
      if (time < times.length) continue;
      return found({
        // The demand is the certificate's, and it is clients that insist on it.
        cause: 'status_missing',
        by: 'client',
        confidence: 'proven',
        message: 'Certificate',
        evidence: [
          ...certificateOf(chain, 0, {
            en: 'the certificate, with the TLS feature status_request',
            ko: 'TLS Feature에 status_request가 있는 인증서',
          }),
          {
            kind: 'words',
            attempt: made.number,
            said: '',
            words: {
              en: 'asked for an OCSP response, the server sends none with its certificate',
              ko: 'OCSP 응답을 요청해도 서버가 인증서와 함께 보내지 않습니다',
            },
          },
        ],
        more: {
          en: 'the certificate itself demands it (TLS feature, must-staple). GnuTLS refuses it without one, and so do git and wget on Debian; OpenSSL, curl and Python do not check it',
          ko: '인증서 자체가 요구합니다(TLS Feature, must-staple). GnuTLS와 이를 쓰는 데비안의 git, wget은 응답이 없으면 거부하고, OpenSSL, curl, Python은 확인하지 않습니다.',
        },
      });
    }
    return undefined;
  },
};
