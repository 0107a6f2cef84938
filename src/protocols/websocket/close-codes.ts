/** Why a WebSocket closes, in words (RFC 6455 section 7.4.1 and IANA's registry). */
import type { Localized } from '../../i18n/language.ts';

export const closeCodes: Readonly<Record<number, Localized>> = {
  1000: { en: 'normal closure', ko: '정상 종료' },
  1001: { en: 'going away', ko: '상대가 떠남' },
  1002: { en: 'protocol error', ko: '프로토콜 오류' },
  1003: { en: 'unsupported data', ko: '지원하지 않는 데이터' },
  1005: { en: 'no status', ko: '상태 없음' },
  1006: { en: 'abnormal closure', ko: '비정상 종료' },
  1007: { en: 'invalid data', ko: '잘못된 데이터' },
  1008: { en: 'policy violation', ko: '정책 위반' },
  1009: { en: 'message too big', ko: '너무 큰 메시지' },
  1010: { en: 'extension required', ko: '확장이 필요함' },
  1011: { en: 'internal error', ko: '내부 오류' },
  1012: { en: 'service restart', ko: '서비스 재시작' },
  1013: { en: 'try again later', ko: '나중에 다시 시도' },
  1014: { en: 'bad gateway', ko: '게이트웨이 오류' },
  1015: { en: 'TLS handshake failed', ko: 'TLS 핸드셰이크 실패' },
};
