/** Explains the bytes with which database clients request encryption. Loaded for an explanation. */
import { fieldTexts } from '../text.ts';

export const explainedTlsRequestFields = [
  'tls_request',
  'tls_request.length',
  'tls_request.code',
  'tls_request.number',
  'tls_request.capabilities',
  'tls_request.settings',
  'tls_request.filler',
  'tls_request.answer',
] as const;
export type TlsRequestFieldId = (typeof explainedTlsRequestFields)[number];

declare module '../../core/field.ts' {
  interface FieldIds {
    /** The whole is explained by its parts. */
    readonly tlsRequest: TlsRequestFieldId | 'tls_request.message';
  }
}

export const tlsRequestTexts = fieldTexts<TlsRequestFieldId>({
  tls_request: [
    'request for TLS',
    'TLS 요청',
    'Before it identifies itself, a database client requests encryption. Unless it is configured to require it (sslmode=verify-full, --ssl-mode=VERIFY_IDENTITY), a "no" from an attacker makes it continue in plaintext, or it accepts any certificate.',
    '데이터베이스 클라이언트는 자신을 밝히기 전에 암호화를 요청합니다. 꼭 확인하라고 설정하지 않으면(sslmode=verify-full, --ssl-mode=VERIFY_IDENTITY) 중간의 누군가가 보낸 "아니요" 한마디에 평문으로 계속하거나, 어떤 인증서든 믿어 버립니다.',
  ],
  'tls_request.length': [
    'length',
    '길이',
    'The length of the packet. PostgreSQL includes these four bytes and uses big-endian order; MySQL counts only what follows its header and uses little-endian order.',
    '패킷의 길이입니다. PostgreSQL은 이 4바이트까지 세고 큰 자리부터 적습니다. MySQL은 헤더 뒤만 세고 작은 자리부터 적습니다.',
  ],
  'tls_request.code': [
    'request code',
    '요청 코드',
    'In the place of a protocol version, a number that no version has: 1234.5679 requests TLS, 1234.5680 GSSAPI.',
    '프로토콜 버전이 올 자리에 있지만 어떤 버전도 쓰지 않는 수입니다. 1234.5679는 TLS, 1234.5680은 GSSAPI 요청입니다.',
  ],
  'tls_request.number': [
    'sequence number',
    '순번',
    'The position of the packet in the exchange: the greeting of the server was 0, this is 1.',
    '주고받는 순서입니다. 서버의 인사가 0이고 이 패킷이 1입니다.',
  ],
  'tls_request.capabilities': [
    'capabilities',
    '기능 플래그',
    'What the client supports and wants; the bit CLIENT_SSL requests TLS.',
    '클라이언트가 할 수 있고 원하는 기능입니다. CLIENT_SSL 비트가 TLS 요청입니다.',
  ],
  'tls_request.settings': [
    'settings',
    '설정',
    'The largest packet that the client accepts, and its character set.',
    '클라이언트가 받을 수 있는 가장 큰 패킷과 문자 집합입니다.',
  ],
  'tls_request.filler': [
    'filler',
    '채움',
    'Zeros. In a login without TLS, the user name would follow.',
    '0으로 채운 자리입니다. TLS 없는 로그인이라면 이 뒤에 사용자 이름이 옵니다.',
  ],
  'tls_request.answer': [
    'answer',
    '대답',
    'One letter: S for yes, with TLS starting at the next byte; N for no.',
    '글자 하나입니다. S는 수락이며 다음 바이트부터 TLS가 시작됩니다. N은 거절입니다.',
  ],
});
