/** Abbreviations of networks, encryption and files, wherever a text or a message has them. */
import { word } from './term.ts';
import type { Term } from './term.ts';

/** A word of the field that means the same in every place. */
const term = (id: string, found: RegExp, en: string, ko: string): Term => ({
  id,
  found,
  meaning: { en, ko },
});

export const abbreviationTerms: readonly Term[] = [
  term(
    'net.tls',
    /(?<![\w.-])TLS(?![\w-])/d,
    'transport layer security: encrypts what passes over a connection, and proves who the server is',
    'transport layer security: 연결을 지나는 내용을 암호화하고 서버가 누구인지 증명합니다.',
  ),
  term(
    'net.http',
    /(?<![\w.-])HTTP(?:\/\d(?:\.\d)?)?(?![\w-])/d,
    'the language in which browsers and web sites talk; the number is its version',
    '브라우저와 웹사이트가 통신하는 프로토콜입니다. 숫자는 버전입니다.',
  ),
  term(
    'net.https-word',
    word('HTTPS'),
    'HTTP inside TLS: what a web address that begins with https:// stands for',
    'TLS 안의 HTTP입니다. https://로 시작하는 주소가 이것을 씁니다.',
  ),
  term(
    'net.tcp',
    word('TCP'),
    'carries bytes between two programs, whole and in order; TLS and HTTP are carried by it',
    '두 프로그램 사이에 바이트를 빠짐없이 순서대로 나르는 프로토콜입니다. TLS와 HTTP가 그 위로 지나갑니다.',
  ),
  term(
    'net.udp',
    word('UDP'),
    'carries datagrams between two programs: each by itself, without order, and some may get lost',
    '두 프로그램 사이에 데이터그램을 나르는 프로토콜입니다. 하나하나 따로 가며, 순서가 바뀌거나 유실될 수 있습니다.',
  ),
  term(
    'net.quic',
    word('QUIC'),
    'carries HTTP/3 over UDP, with TLS built in; its first packets can be read by anybody',
    'UDP 위에서 HTTP/3을 나르는 프로토콜이며 TLS가 들어 있습니다. 첫 패킷은 누구나 읽을 수 있습니다.',
  ),
  term('net.dtls', word('DTLS'), 'TLS over datagrams', '데이터그램 위의 TLS입니다.'),
  term(
    'net.rtt',
    /(?<![\w.-])[01]-RTT(?![\w-])/d,
    'packets of QUIC by when they may be sent: 0-RTT before the handshake, 1-RTT behind it',
    'QUIC 패킷을 보낼 수 있는 시점입니다. 0-RTT는 핸드셰이크 전, 1-RTT는 핸드셰이크 뒤입니다.',
  ),
  term(
    'net.eap',
    /(?<![\w.-])P?EAP(?:-T?TLS)?(?![\w-])/d,
    'extensible authentication protocol: how a device proves who it is before a network admits it; PEAP, EAP-TLS and EAP-TTLS do so inside of TLS',
    'extensible authentication protocol: 네트워크에 들어가기 전에 장치가 신원을 증명하는 프로토콜입니다. PEAP, EAP-TLS, EAP-TTLS는 TLS 안에서 합니다.',
  ),
  term(
    'net.syn',
    word('SYN|ACK|FIN'),
    'flags of TCP’s packets: SYN opens a connection, ACK confirms, FIN ends it',
    'TCP 패킷의 표시입니다. SYN은 연결을 열고, ACK는 받았음을 알리고, FIN은 끝냅니다.',
  ),
  term(
    'net.dns',
    word('DNS'),
    'domain name system: finds the address for a name such as shop.localhost',
    'domain name system: shop.localhost 같은 이름에 해당하는 주소를 찾아 줍니다.',
  ),
  term(
    'net.srv',
    word('SRV'),
    'a record of DNS that names the port as well as the host',
    '호스트와 함께 포트까지 알려 주는 DNS 레코드입니다.',
  ),
  term(
    'net.ip',
    /(?<![\w.-])IP(?![\w-])/d,
    'internet protocol: an IP address is the number by which a machine is reached',
    'internet protocol: IP 주소는 컴퓨터에 접속할 때 쓰는 번호입니다.',
  ),
  term(
    'net.l4',
    word('L4'),
    'layer 4, TCP: such a device passes bytes on without reading what is in them',
    '4계층, 곧 TCP입니다. 이런 장치는 내용을 읽지 않고 바이트를 넘깁니다.',
  ),
  term(
    'net.nlb',
    word('AWS|NLB'),
    'Amazon’s cloud (AWS); its network load balancer (NLB) shares TCP connections among servers',
    '아마존의 클라우드(AWS)와, TCP 연결을 여러 서버에 나누는 그 로드 밸런서(NLB)입니다.',
  ),
  term(
    'net.hsts',
    word('HSTS'),
    'HTTP strict transport security: a site tells browsers to come over https only, for a time',
    'HTTP strict transport security: 정해진 기간 동안 https로만 오라고 사이트가 브라우저에 알리는 것입니다.',
  ),
  term(
    'net.http-only',
    word('HttpOnly'),
    'a flag of a cookie: scripts in the page must not read it',
    '쿠키의 표시입니다. 페이지의 스크립트가 읽지 못하게 합니다.',
  ),
  term(
    'net.isms',
    word('ISMS'),
    'Korea’s certification of how an organisation manages information security',
    '조직의 정보보호 관리 체계 인증입니다.',
  ),
  term(
    'net.rfc',
    /(?<!\w)RFC(?= \d|\s*(?:│|\||$))/d,
    'a numbered document in which a standard of the internet is written',
    '인터넷 표준이 적힌, 번호가 붙은 문서입니다.',
  ),
  term(
    'net.utc',
    word('UTC|GMT'),
    'the time of the world’s clocks: 9 hours behind Seoul',
    '협정 세계시입니다. 한국 시각은 여기에 9시간을 더합니다.',
  ),
  {
    id: 'net.kb',
    found: /(?<=\d )kB(?!\w)/d,
    name: { en: 'kB', ko: 'kB' },
    meaning: { en: 'a thousand bytes', ko: '1,000바이트입니다.' },
  },
  term('net.json', word('JSON'), 'a way to write data as text', '데이터를 글로 적는 형식입니다.'),
  term(
    'net.grpc',
    word('gRPC'),
    'a way for programs to call each other over HTTP/2; etcd speaks it',
    '프로그램끼리 HTTP/2로 서로를 호출하는 방식입니다. etcd가 사용합니다.',
  ),
  term(
    'crypto.rsa',
    /(?<![\w.-])RSA(?:-\d{4})?(?![\w-])/d,
    'a kind of key pair: what the public key encrypts only the private key decrypts; it signs as well. The number is its length in bits',
    '키 페어의 한 종류입니다. 공개 키로 암호화한 것은 개인 키로만 풀립니다. 서명에도 쓰며, 숫자는 비트 길이입니다.',
  ),
  term(
    'crypto.oaep',
    word('OAEP'),
    'padding for RSA with random bytes: the same text looks different each time',
    'RSA에 무작위 값을 섞는 패딩입니다. 같은 글도 잠글 때마다 다르게 보입니다.',
  ),
  term(
    'crypto.aes',
    /(?<![\w.-])AES(?:-\d{3})?(?:-GCM)?(?![\w-])/d,
    'encryption with one key for both sides; the number is the key’s length in bits',
    '양쪽이 같은 키를 쓰는 암호입니다. 숫자는 키의 비트 길이입니다.',
  ),
  term(
    'crypto.cbc',
    word('CBC'),
    'an older way to encrypt block by block; TLS 1.3 no longer has it',
    '블록을 이어 가며 암호화하는 옛 방식입니다. TLS 1.3에는 없습니다.',
  ),
  term(
    'crypto.ecdhe',
    word('ECDHE'),
    'key exchange with new keys for each connection, on elliptic curves: a key stolen later decrypts nothing',
    '연결마다 새 키로 하는 타원 곡선 키 교환입니다. 나중에 훔친 키로는 아무것도 풀 수 없습니다.',
  ),
  term(
    'crypto.old-hash',
    word('SHA-1|MD5'),
    'old hash functions: signatures with them can be forged',
    '오래된 해시 함수입니다. 이것을 쓴 서명은 위조할 수 있습니다.',
  ),
  term(
    'crypto.sha-256',
    word('SHA-256'),
    'a hash function: a fingerprint of 256 bits of any text',
    '해시 함수: 어떤 내용이든 256비트 지문으로 만듭니다.',
  ),
  term(
    'crypto.beast',
    word('BEAST|Lucky Thirteen'),
    'attacks on the records of old versions of TLS',
    'TLS 옛 버전의 레코드를 공격하는 방법입니다.',
  ),
  term(
    'crypto.downgrade-mark',
    word('DOWNGRD'),
    'letters that a server of TLS 1.3 writes into its random bytes when it agrees to an older version',
    'TLS 1.3 서버가 더 낮은 버전에 합의할 때 난수에 적는 글자입니다.',
  ),
  term(
    'file.pem',
    word('PEM|DER'),
    'how keys and certificates are written: DER as bytes, PEM as text between BEGIN and END lines',
    '키와 인증서를 적는 형식입니다. DER은 바이트, PEM은 BEGIN과 END 줄 사이의 글입니다.',
  ),
  term(
    'file.pkcs',
    word('PKCS'),
    'a series of standards for keys; PKCS #10 is the form of a certificate signing request',
    '키에 관한 표준 모음입니다. PKCS #10은 인증서 서명 요청의 형식입니다.',
  ),
  term(
    'ca.acme',
    word('ACME'),
    'the protocol by which programs obtain certificates on their own (RFC 8555)',
    '프로그램이 스스로 인증서를 발급받는 프로토콜입니다(RFC 8555).',
  ),
  term(
    'ca.ocsp',
    word('OCSP'),
    'asking the CA about one certificate: was it revoked?',
    '인증서 하나가 폐기되었는지 CA에 묻는 프로토콜입니다.',
  ),
  term(
    'program.openssl',
    word('OpenSSL|GnuTLS'),
    'a library with which programs speak TLS',
    '프로그램이 TLS로 통신할 때 쓰는 라이브러리입니다.',
  ),
  term(
    'program.openid',
    word('OpenID'),
    'OpenID Connect: logging in with an account that is kept elsewhere, such as a company’s',
    'OpenID Connect: 회사 계정처럼 다른 곳에 있는 계정으로 로그인하는 방식입니다.',
  ),
];
