/** Explains the header of the PROXY protocol. Loaded for an explanation. */
import { fieldTexts } from '../text.ts';

export const explainedProxyHeaderFields = [
  'proxy_header',
  'proxy_header.signature',
  'proxy_header.command',
  'proxy_header.family',
  'proxy_header.length',
  'proxy_header.source',
  'proxy_header.destination',
  'proxy_header.source_port',
  'proxy_header.destination_port',
  'proxy_header.separator',
  'proxy_header.extensions',
] as const;
export type ProxyHeaderFieldId = (typeof explainedProxyHeaderFields)[number];

declare module '../../core/field.ts' {
  interface FieldIds {
    /** The whole is explained by its parts. */
    readonly proxyHeader: ProxyHeaderFieldId | 'proxy_header.message';
  }
}

const source = 'PROXY protocol specification (HAProxy)';

export const proxyHeaderTexts = fieldTexts<ProxyHeaderFieldId>({
  proxy_header: [
    'PROXY header',
    'PROXY 헤더',
    'A load balancer puts it in front of the client’s bytes, also in front of TLS, so that the next server learns the client’s address. It is neither encrypted nor signed: a server must accept it only from its load balancer.',
    '로드 밸런서가 클라이언트의 바이트 앞에, TLS라면 그 앞에 붙여 다음 서버에 클라이언트의 주소를 알립니다. 암호화도 서명도 하지 않으므로 서버는 자기 로드 밸런서가 보낸 것만 받아들여야 합니다.',
    source,
  ],
  'proxy_header.signature': [
    'signature',
    '시작 표시',
    'The word PROXY in version 1; in version 2, twelve bytes that begin no other protocol.',
    '버전 1에서는 PROXY라는 낱말, 버전 2에서는 다른 프로토콜이 쓰지 않는 12바이트입니다.',
    source,
  ],
  'proxy_header.command': [
    'version and command',
    '버전과 명령',
    'The upper four bits are the version, 2. The lower ones are 1 for a forwarded connection and 0 for one of the proxy itself, such as a health check.',
    '위쪽 4비트는 버전 2입니다. 아래쪽이 1이면 전달하는 연결, 0이면 상태 점검처럼 프록시가 스스로 연 연결입니다.',
    source,
  ],
  'proxy_header.family': [
    'address family',
    '주소 종류',
    'IPv4, IPv6 or a Unix socket, and the transport (in version 2: 0x11 is TCP over IPv4, 0x21 TCP over IPv6).',
    'IPv4, IPv6, 유닉스 소켓 가운데 무엇인지와 전송 방식입니다(버전 2에서 0x11은 IPv4의 TCP, 0x21은 IPv6의 TCP).',
    source,
  ],
  'proxy_header.length': [
    'length',
    '길이',
    'How many bytes follow: the addresses and the extensions.',
    '뒤에 오는 바이트 수입니다. 주소와 확장을 합한 길이입니다.',
    source,
  ],
  'proxy_header.source': [
    'client address',
    '클라이언트 주소',
    'The address from which the client connected to the proxy.',
    '클라이언트가 프록시에 접속할 때 쓴 주소입니다.',
    source,
  ],
  'proxy_header.destination': [
    'destination address',
    '목적지 주소',
    'The address that the client connected to: the proxy’s own.',
    '클라이언트가 접속한 주소, 곧 프록시의 주소입니다.',
    source,
  ],
  'proxy_header.source_port': [
    'client port',
    '클라이언트 포트',
    'The port of the client.',
    '클라이언트의 포트입니다.',
    source,
  ],
  'proxy_header.destination_port': [
    'destination port',
    '목적지 포트',
    'The port that the client connected to.',
    '클라이언트가 접속한 포트입니다.',
    source,
  ],
  'proxy_header.separator': [
    'separator',
    '구분',
    'A blank between two words; CR LF ends the line.',
    '낱말 사이의 빈칸입니다. CR LF는 줄의 끝입니다.',
    source,
  ],
  'proxy_header.extensions': [
    'extensions',
    '확장',
    'Type, length and value, one after the other: the ALPN protocol and server name of the client’s TLS, a checksum, a unique id. A reader may skip them.',
    '종류, 길이, 값이 이어집니다. 클라이언트 TLS의 ALPN 프로토콜과 서버 이름, 체크섬, 고유 ID 등이며 읽지 않고 건너뛰어도 됩니다.',
    source,
  ],
});
