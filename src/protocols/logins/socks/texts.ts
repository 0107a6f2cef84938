/** Explains the parts of SOCKS's messages. Loaded for an explanation, never at start. */
import { fieldTexts } from '../../text.ts';

export const explainedSocksFields = [
  'socks.message',
  'socks.version',
  'socks.method_count',
  'socks.method',
  'socks.login_version',
  'socks.length',
  'socks.user',
  'socks.password',
  'socks.status',
  'socks.command',
  'socks.reserved',
  'socks.address_type',
  'socks.address',
  'socks.host',
  'socks.port',
  'socks.reply',
  'socks.unread',
] as const;
export type SocksFieldId = (typeof explainedSocksFields)[number];

declare module '../../../core/field.ts' {
  interface FieldIds {
    readonly socks: SocksFieldId;
  }
}

const source = 'RFC 1928';
const login = 'RFC 1929';

export const socksTexts = fieldTexts<SocksFieldId>({
  'socks.message': [
    'SOCKS message',
    'SOCKS 메시지',
    'A client asks a SOCKS proxy to connect it to somewhere. Behind the reply both sides talk as if they were connected directly.',
    '클라이언트가 SOCKS 프록시에 다른 곳으로 연결해 달라고 요청합니다. 응답 뒤로는 양쪽이 직접 연결된 것처럼 통신합니다.',
    source,
  ],
  'socks.version': ['version', '버전', 'Of the protocol: 5.', '프로토콜 버전이며 5입니다.', source],
  'socks.method_count': [
    'number of methods',
    '방식의 수',
    'How many ways to log in the client offers.',
    '클라이언트가 제안하는 로그인 방식의 수입니다.',
    source,
  ],
  'socks.method': [
    'method',
    '로그인 방식',
    'A way to log in: 0 none, 1 GSSAPI, 2 user and password, 255 none of those that were offered.',
    '로그인 방식입니다. 0은 로그인 없음, 1은 GSSAPI, 2는 사용자와 비밀번호, 255는 제안한 방식 가운데 받아들일 것이 없다는 뜻입니다.',
    source,
  ],
  'socks.login_version': [
    'version of the login',
    '로그인 버전',
    'Of the exchange of user and password: 1.',
    '사용자와 비밀번호를 주고받는 절차의 버전이며 1입니다.',
    login,
  ],
  'socks.length': [
    'length',
    '길이',
    'Of the text that follows, in bytes.',
    '뒤따르는 텍스트의 바이트 수입니다.',
    source,
  ],
  'socks.user': ['user', '사용자', 'Who logs in.', '로그인하는 사용자입니다.', login],
  'socks.password': [
    'password',
    '비밀번호',
    'As it is: SOCKS protects nothing. Everyone between the client and the proxy can read it.',
    '비밀번호 그대로입니다. SOCKS는 아무것도 보호하지 않으므로 클라이언트와 프록시 사이의 누구나 읽을 수 있습니다.',
    login,
  ],
  'socks.status': ['status', '상태', '0 if the login was accepted.', '로그인을 받아들였으면 0입니다.', login],
  'socks.command': [
    'command',
    '명령',
    '1 CONNECT: to that address; 2 BIND: to wait for one connection; 3 UDP ASSOCIATE: to relay datagrams.',
    '1은 CONNECT(그 주소로 연결), 2는 BIND(연결 하나를 기다림), 3은 UDP ASSOCIATE(데이터그램 중계)입니다.',
    source,
  ],
  'socks.reserved': ['reserved', '예약', 'Always 0.', '항상 0입니다.', source],
  'socks.address_type': [
    'type of the address',
    '주소 종류',
    '1 an IPv4 address, 3 a name, 4 an IPv6 address. With a name the proxy resolves it, and an observer reads it.',
    '1은 IPv4 주소, 3은 이름, 4는 IPv6 주소입니다. 이름이면 프록시가 주소를 찾으며, 구간을 기록하는 사람도 그 이름을 읽습니다.',
    source,
  ],
  'socks.address': ['address', '주소', 'Where to connect to.', '연결할 주소입니다.', source],
  'socks.host': ['name', '이름', 'Where to connect to.', '연결할 호스트의 이름입니다.', source],
  'socks.port': ['port', '포트', 'Where to connect to.', '연결할 포트입니다.', source],
  'socks.reply': [
    'reply',
    '응답',
    '0 if the proxy has connected, else the reason why not.',
    '프록시가 연결했으면 0, 아니면 그 이유입니다.',
    source,
  ],
  'socks.unread': [
    'not understood',
    '해석할 수 없음',
    'Bytes of another way to log in, or of no SOCKS.',
    '다른 로그인 방식의 바이트이거나 SOCKS가 아닙니다.',
  ],
});
