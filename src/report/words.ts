/**
 * The words of the text report, in every language.
 */
import { grouped } from '../i18n/number.ts';
import type { FindingStatus } from '../scenario/kinds.ts';

export const statusMarks: Readonly<Record<FindingStatus, string>> = { met: '✓', missed: '✗', unobserved: '?' };

export const textWords = {
  verdict: { en: 'Verdict', ko: '판정' },
  passed: { en: 'PASSED', ko: '통과' },
  failed: { en: 'FAILED', ko: '실패' },
  claims: {
    en: (met: number, all: number): string => `${met} of ${all} claims proven`,
    ko: (met: number, all: number): string => `주장 ${all}개 중 ${met}개 증명됨`,
  },
  missed: { en: 'did not hold', ko: '성립하지 않음' },
  unobserved: { en: 'was not observed', ko: '관찰되지 않음' },
  met: { en: 'proven', ko: '증명됨' },
  doesNotProve: { en: 'What this does not prove', ko: '이 시연이 증명하지 않는 것' },
  oftenTold: { en: 'What is often told and is not so', ko: '흔히 하는 말이지만 사실과 다른 것' },
  reconstructed: { en: 'reconstructed', ko: '재구성' },
  sealed: { en: 'sealed', ko: '암호화됨' },
  readable: { en: 'READABLE', ko: '평문 노출' },
  refused: { en: 'REFUSED', ko: '거부됨' },
  who: { en: 'who', ko: '누가' },
  because: { en: 'because', ko: '이유' },
  presented: { en: 'presented', ko: '제시' },
  trusted: { en: 'trusted', ko: '신뢰' },
  alert: { en: 'alert', ko: '알림' },
  noAlert: { en: 'none was sent; the connection was closed', ko: '보내지 않고 연결을 닫았습니다' },
  noCertificate: { en: 'no certificate', ko: '인증서 없음' },
  keyId: { en: 'key id', ko: '키 ID' },
  issuedBy: {
    en: (issuer: string): string => `issued by ${issuer}`,
    ko: (issuer: string): string => `발급자 ${issuer}`,
  },
  discarded: { en: 'discarded', ko: '버림' },
  discardedBytes: {
    en: (bytes: number): string => `${grouped(bytes)} bytes that the client had already sent, sealed; nobody behind this point saw them`,
    ko: (bytes: number): string => `클라이언트가 이미 암호화해 보낸 ${grouped(bytes)}바이트. 이 뒤로는 아무에게도 전달되지 않았습니다`,
  },
  holding: {
    en: 'Everything stays up until Ctrl-C. Each of these commands reaches a wire; what it does is shown here like the rest:',
    ko: 'Ctrl-C를 누를 때까지 계속 띄워 둡니다. 아래 명령으로 각 구간에 접속할 수 있고, 오간 내용은 여기에 똑같이 표시됩니다.',
  },
  reachAs: {
    en: (client: string, to: string): string => `as ${client}, to ${to}`,
    ko: (client: string, to: string): string => `${client}의 입장에서 ${to}에 접속`,
  },
  remedy: { en: 'remedy', ko: '해결 방법' },
} as const;
