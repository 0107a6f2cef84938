/** Results of LDAP in words (RFC 4511 section 4.1.9), and extended operations by name. */
import { verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';

const results: Readonly<Record<number, Localized>> = {
  0: { en: 'success', ko: '성공' },
  1: { en: 'operations error', ko: '작업 오류' },
  2: { en: 'protocol error', ko: '프로토콜 오류' },
  3: { en: 'time limit exceeded', ko: '시간 제한 초과' },
  4: { en: 'size limit exceeded', ko: '크기 제한 초과' },
  5: { en: 'compare: false', ko: '비교 결과: 거짓' },
  6: { en: 'compare: true', ko: '비교 결과: 참' },
  7: { en: 'authentication method not supported', ko: '지원하지 않는 인증 방식' },
  8: { en: 'stronger authentication required', ko: '더 강한 인증이 필요함' },
  10: { en: 'referral', ko: '다른 서버로 안내' },
  11: { en: 'administrative limit exceeded', ko: '관리 제한 초과' },
  12: { en: 'critical extension not available', ko: '필수 확장을 쓸 수 없음' },
  13: { en: 'confidentiality required', ko: '암호화가 필요함' },
  14: { en: 'SASL bind goes on', ko: 'SASL 바인드 계속' },
  16: { en: 'no such attribute', ko: '없는 속성' },
  17: { en: 'undefined attribute type', ko: '정의되지 않은 속성 유형' },
  19: { en: 'constraint violation', ko: '제약 위반' },
  20: { en: 'attribute or value exists', ko: '속성 또는 값이 이미 있음' },
  21: { en: 'invalid attribute syntax', ko: '잘못된 속성 형식' },
  32: { en: 'no such object', ko: '없는 항목' },
  34: { en: 'invalid DN', ko: '잘못된 DN' },
  48: { en: 'inappropriate authentication', ko: '부적절한 인증' },
  49: { en: 'invalid credentials', ko: '사용자 또는 비밀번호가 틀림' },
  50: { en: 'insufficient access rights', ko: '권한 부족' },
  51: { en: 'busy', ko: '서버가 바쁨' },
  52: { en: 'unavailable', ko: '사용 불가' },
  53: { en: 'unwilling to perform', ko: '수행 거부' },
  65: { en: 'object class violation', ko: '객체 클래스 위반' },
  68: { en: 'entry already exists', ko: '이미 있는 항목' },
  80: { en: 'other error', ko: '기타 오류' },
};

export const resultWords = (code: number): Localized => results[code] ?? verbatim(String(code));

export const startTls = '1.3.6.1.4.1.1466.20037';

export const passwordModify = '1.3.6.1.4.1.4203.1.11.1';

const extended: Readonly<Record<string, string>> = {
  [startTls]: 'StartTLS',
  [passwordModify]: 'Password Modify',
  '1.3.6.1.4.1.4203.1.11.3': 'Who am I?',
  '1.3.6.1.1.8': 'Cancel',
};

export const nameOfExtended = (oid: string): string =>
  (Object.hasOwn(extended, oid) ? extended[oid] : undefined) ?? oid;

export const operations: Readonly<Record<number, string>> = {
  0x60: 'BindRequest',
  0x61: 'BindResponse',
  0x42: 'UnbindRequest',
  0x63: 'SearchRequest',
  0x64: 'SearchResultEntry',
  0x65: 'SearchResultDone',
  0x66: 'ModifyRequest',
  0x67: 'ModifyResponse',
  0x68: 'AddRequest',
  0x69: 'AddResponse',
  0x4a: 'DelRequest',
  0x6b: 'DelResponse',
  0x6c: 'ModifyDNRequest',
  0x6d: 'ModifyDNResponse',
  0x6e: 'CompareRequest',
  0x6f: 'CompareResponse',
  0x50: 'AbandonRequest',
  0x73: 'SearchResultReference',
  0x77: 'ExtendedRequest',
  0x78: 'ExtendedResponse',
  0x79: 'IntermediateResponse',
};
