/** What would be taken for well, and was not seen to be: a certificate that cannot be read here, and protocols of which none was agreed on. */
import { explained } from '../../case.ts';
import type { Hypothesis } from '../../case.ts';

/** The handshake completed, and nothing could be verified: no certificate was seen, or it cannot be read. */
export const unreadCertificate: Hypothesis = {
  name: 'unread-certificate',
  async test({ base, chain }) {
    if (base.result !== 'completed' || chain || base.resumed) return Promise.resolve(undefined);
    const isSeen = base.chain.length > 0;
    return {
      ...explained({
        cause: 'malformed_certificate',
        by: 'client',
        blamed: 'unknown',
        detail: {},
        confidence: 'unknown',
        message: 'Certificate',
        evidence: [],
      }),
      because: isSeen
        ? {
            en: "the handshake completed, and the server's certificate cannot be read here: whether a client accepts it is not known",
            ko: '핸드셰이크는 끝났지만 서버 인증서를 읽을 수 없어, 클라이언트가 받아들이는지 알 수 없습니다.',
          }
        : {
            en: "the handshake completed, and no certificate of the server's was seen: whether a client accepts it is not known",
            ko: '핸드셰이크는 끝났지만 서버 인증서를 보지 못해, 클라이언트가 받아들이는지 알 수 없습니다.',
          },
    };
  },
};

/** A client that has nothing else to speak cannot go on; who offers HTTP/1.1 too falls back to it. */
export const noneAgreed: Hypothesis = {
  name: 'none-agreed',
  async test({ base, call }) {
    const offered = call.alpn ?? [];
    const isAgreed = base.secured === undefined || base.secured.alpn !== undefined;
    const isEnded = base.result === 'closed' || base.result === 'reset';
    if (base.result !== 'completed' && !(isEnded && base.secured)) return Promise.resolve(undefined);
    if (isAgreed || offered.length === 0 || offered.includes('http/1.1')) return Promise.resolve(undefined);
    return {
      ...explained({
        cause: 'no_common_protocol',
        by: 'client',
        blamed: 'unknown',
        detail: { offered },
        confidence: 'likely',
        message: 'ServerHello',
        on: 'server',
        evidence: [],
      }),
      because: {
        en: `the handshake completed, and the server agreed on none of the protocols that were offered (${offered.join(', ')})${isEnded ? ' and hung up' : ''}: a client that speaks only these cannot go on (gRPC, HTTP/2 alone)`,
        ko: `핸드셰이크는 끝났지만 서버가 제안한 프로토콜(${offered.join(', ')}) 가운데 아무것도 고르지 않${isEnded ? '고 연결을 끊' : ''}았습니다. 그것만 쓰는 클라이언트(gRPC, HTTP/2 전용)는 이어 갈 수 없습니다.`,
      },
    };
  },
};
