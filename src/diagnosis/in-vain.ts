/** Every ClientHello that was tried is refused in the same way: what is left is the server itself, and that is said. */
import { isAnswered } from './case.ts';
import type { Attempt } from './attempt/attempt.ts';
import type { Finding } from './diagnosis.ts';
import { isPickedApart } from './hypotheses/negotiation.ts';

const internalError = 80;

/** @returns undefined where one of the attempts was answered, or the server gave another reason */
export function inVain(
  base: Attempt,
  attempts: readonly Attempt[],
): Pick<Finding, 'because' | 'remedy'> | undefined {
  const { alert } = base;
  if (alert?.from !== 'server' || attempts.some(isAnswered)) return undefined;
  if (alert.code === internalError)
    return {
      because: {
        en: 'the server fails at the ClientHello, whatever it offers (internal_error). Servers written in Go (Caddy, autocert) answer like this where they have no certificate for the name that is asked for',
        ko: '무엇을 제안하든 서버가 ClientHello에서 실패합니다(internal_error). Go로 만든 서버(Caddy, autocert)는 요청한 이름의 인증서가 없을 때 이렇게 답합니다.',
      },
      remedy: {
        on: 'server',
        words: {
          en: 'read the log of the server; check first whether it serves the name that the client asks for (SNI), and whether it could get a certificate for it (autocert: HostWhitelist, ACME)',
          ko: '서버 로그를 확인하세요. 클라이언트가 요청한 이름(SNI)을 서버가 서비스하는지, 그 이름의 인증서를 받을 수 있었는지(autocert: HostWhitelist, ACME) 먼저 보세요.',
        },
      },
    };
  if (!isPickedApart(base)) return undefined;
  const hellos = attempts.filter(({ change }) => change.plain === undefined).length;
  return {
    because: {
      en: `the server accepts no ClientHello of ${hellos} that were tried: other versions, suites, groups and signatures make no difference. What is left is the server itself: its certificate fits none of the suites that it allows (an RSA certificate and ECDSA suites only, or the other way round), it has no certificate (pre-shared keys only, PSK), or none for this name`,
      ko: `시도한 ClientHello ${hellos}개를 서버가 하나도 받아들이지 않습니다. 버전, 스위트, 그룹, 서명을 바꿔도 같습니다. 남는 것은 서버 자신입니다. 서버의 인증서가 허용한 스위트와 맞지 않거나(RSA 인증서와 ECDSA 스위트, 또는 그 반대), 인증서가 없거나(사전 공유 키(PSK) 전용), 이 이름의 인증서가 없습니다.`,
    },
    remedy: {
      on: 'server',
      words: {
        en: 'compare the type of the key in the certificate of the server with its cipher suites (openssl x509 -in FILE -noout -text; nginx ssl_ciphers), and see whether it is configured for pre-shared keys; its log names the reason (no shared cipher, no suitable signature algorithm)',
        ko: '서버 인증서의 키 종류를 암호 스위트 설정과 비교하고(openssl x509 -in 파일 -noout -text, nginx ssl_ciphers), 사전 공유 키로 설정되어 있는지 확인하세요. 이유는 서버 로그에 있습니다(no shared cipher, no suitable signature algorithm).',
      },
    },
  };
}
