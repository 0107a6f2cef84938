/** The messages of TLS, what its records say, certificates and alerts. */
import { alertMeaning } from '../../analysis/outcome/alert-words.ts';
import { alertCodeNamed, knownAlertNames } from '../../capture/vocabulary.ts';
import type { Localized } from '../../i18n/language.ts';
import { word } from './term.ts';
import type { Term } from './term.ts';

const messages: Readonly<Record<string, Localized>> = {
  ClientHello: {
    en: 'the client’s first message: the versions and suites that it offers, its key share, and the site’s name, readable',
    ko: '클라이언트의 첫 메시지입니다. 제안하는 버전과 암호 스위트, 키 재료, 사이트 이름이 평문으로 들어 있습니다.',
  },
  ServerHello: {
    en: 'the server’s first message: the version and suite that it chose, and its key share',
    ko: '서버의 첫 메시지입니다. 고른 버전과 암호 스위트, 키 재료가 들어 있습니다.',
  },
  HelloRetryRequest: {
    en: 'the server asks for another ClientHello, with a key share that it can use',
    ko: '서버가 쓸 수 있는 키 재료로 ClientHello를 다시 보내 달라는 메시지입니다.',
  },
  EncryptedExtensions: {
    en: 'further choices of the server, the first encrypted message of TLS 1.3',
    ko: '서버의 나머지 선택입니다. TLS 1.3에서 처음으로 암호화되는 메시지입니다.',
  },
  CertificateRequest: {
    en: 'the server asks the client for a certificate',
    ko: '서버가 클라이언트에게 인증서를 요구합니다.',
  },
  CertificateVerify: {
    en: 'a signature over the handshake: proves that the sender has the private key of its certificate',
    ko: '핸드셰이크에 대한 서명입니다. 보낸 쪽이 인증서의 개인 키를 갖고 있음을 증명합니다.',
  },
  ServerKeyExchange: {
    en: 'TLS 1.2: the server’s part of the new keys, signed',
    ko: 'TLS 1.2에서 새 키를 만들기 위한 서버의 재료로, 서명되어 있습니다.',
  },
  ClientKeyExchange: {
    en: 'TLS 1.2: the client’s part of the new keys',
    ko: 'TLS 1.2에서 새 키를 만들기 위한 클라이언트의 재료입니다.',
  },
  ServerHelloDone: {
    en: 'TLS 1.2: the server has said all that it says before the client answers',
    ko: 'TLS 1.2에서 서버의 첫 답이 끝났음을 알립니다.',
  },
  NewSessionTicket: {
    en: 'lets the client come back later with a shorter handshake',
    ko: '다음번에 더 짧은 핸드셰이크로 다시 연결할 수 있게 합니다.',
  },
  ChangeCipherSpec: {
    en: 'TLS 1.2: from here on this side encrypts. In TLS 1.3 it means nothing and is sent for old equipment on the way',
    ko: 'TLS 1.2에서는 이쪽이 여기부터 암호화한다는 뜻입니다. TLS 1.3에서는 뜻이 없고 오래된 중간 장비를 위해 보냅니다.',
  },
  ApplicationData: {
    en: 'the type on an encrypted record. TLS 1.3 writes it on all of them, so that a handshake, a login and an alert look alike',
    ko: '암호화된 레코드에 적히는 유형입니다. TLS 1.3은 모두 이렇게 적어, 핸드셰이크와 로그인과 알림이 똑같아 보입니다.',
  },
};

export const tlsTerms: readonly Term[] = [
  ...Object.entries(messages).map(
    ([name, meaning]): Term => ({
      id: `tls.${name}`,
      found: new RegExp(`(?<!\\w)${name}(?!\\w)`, 'd'),
      meaning,
    }),
  ),
  {
    id: 'tls.Certificate',
    found: /(?<=\s|^)Certificate(?=[,.]|  | message|를|와|가| 메시지)/d,
    meaning: {
      en: 'the message that carries a side’s certificate and those of the CAs above it; empty where it has none',
      ko: '자기 인증서와 그 위 CA들의 인증서를 담은 메시지입니다. 인증서가 없으면 비어 있습니다.',
    },
  },
  {
    id: 'tls.Finished',
    found: word('Finished'),
    meaning: {
      en: 'the last message of a handshake: a checksum with the new keys over all that was said before',
      ko: '핸드셰이크의 마지막 메시지입니다. 앞의 모든 메시지를 새 키로 검산한 값입니다.',
    },
  },
  {
    id: 'tls.handshake',
    found: word('handshakes?', '핸드셰이크'),
    meaning: {
      en: 'the start of a TLS connection: agree on keys, show certificates, check them',
      ko: 'TLS 연결의 시작입니다. 키를 정하고, 인증서를 제시하고, 확인합니다.',
    },
  },
  {
    id: 'tls.record',
    found:
      /(?<!\w)(?:sealed|encrypted|TLS) (records?)(?!\w)|(?<!\w)(records?) (?:of (?:ciphertext|the size|\d)|header|version|length|\d)|bytes of (records?)|레코드/d,
    name: { en: 'record', ko: '레코드' },
    meaning: {
      en: 'the envelope of TLS: type, version and length can be read by anyone; the contents are encrypted once there are keys',
      ko: 'TLS의 봉투입니다. 유형, 버전, 길이는 누구나 읽고, 키가 정해진 뒤의 내용은 암호화됩니다.',
    },
  },
  {
    id: 'tls.sni',
    found: word('SNI'),
    meaning: {
      en: 'server name indication: the name of the site in the ClientHello, readable for anyone on the wire',
      ko: 'server name indication: ClientHello에 적힌 사이트 이름으로, 구간에서 누구나 읽을 수 있습니다.',
    },
  },
  {
    id: 'tls.alpn',
    found: word('ALPN'),
    meaning: {
      en: 'the client says in the ClientHello which protocols it would speak inside TLS, such as HTTP/2',
      ko: '클라이언트가 TLS 안에서 쓸 프로토콜(HTTP/2 등)을 ClientHello에서 제안하는 것입니다.',
    },
  },
  {
    id: 'tls.suite',
    found: /(?<!\w)(TLS_[A-Z][A-Z0-9_]+)|(?<=\d )suites\b|스위트 \d+개/d,
    meaning: {
      en: 'a cipher suite: which algorithms encrypt and protect the records (TLS 1.2: also how keys are agreed)',
      ko: '암호 스위트: 레코드를 암호화하고 보호하는 알고리즘의 조합입니다(TLS 1.2에서는 키 교환 방식도).',
    },
  },
  {
    id: 'tls.x25519',
    found: word('x25519|X25519MLKEM768|secp256r1'),
    meaning: {
      en: 'how both sides reach a common key over a wire that others read (elliptic-curve key exchange)',
      ko: '남이 보는 구간에서 양쪽이 같은 키를 만드는 방법입니다(타원 곡선 키 교환).',
    },
  },
  {
    id: 'tls.session-ticket',
    found: /session {0,1}tickets?|세션 티켓|^ > session/d,
    name: { en: 'session ticket', ko: '세션 티켓' },
    meaning: {
      en: 'lets the client come back later with a shorter handshake',
      ko: '다음번에 더 짧은 핸드셰이크로 다시 연결할 수 있게 합니다.',
    },
  },
  {
    id: 'tls.ciphertext',
    found: word('ciphertext', '암호문'),
    meaning: {
      en: 'what encryption makes of a text: noise without the key',
      ko: '글을 암호화한 결과입니다. 키가 없으면 뜻을 알 수 없습니다.',
    },
  },
  {
    id: 'tls.alert',
    found: /(?<!\w)(?:alerts?|Alert)(?!\w|\))|알림/d,
    meaning: {
      en: 'a message of TLS, two bytes long, that says why a side ends the connection',
      ko: '연결을 끝내는 이유를 두 바이트로 알리는 TLS 메시지입니다.',
    },
  },
  {
    id: 'tls.alert-name',
    found: new RegExp(`(?<!\\w)(${knownAlertNames.join('|')})(?!\\w)`, 'd'),
    meaning: (found) => {
      const code = alertCodeNamed(found);
      return code === undefined ? undefined : alertMeaning(code);
    },
  },
  {
    id: 'tls.number',
    found: /[a-z]_[a-z_]+ (\(\d{1,3}\))/d,
    meaning: {
      en: 'the number that stands in the bytes for the name before it',
      ko: '앞의 이름을 나타내는, 바이트에 적힌 번호입니다.',
    },
  },
  {
    id: 'tls.fatal',
    found: word('fatal', '치명적'),
    meaning: {
      en: 'the level of an alert: the connection ends with it',
      ko: '알림의 등급입니다. 이 알림과 함께 연결이 끝납니다.',
    },
  },
  {
    id: 'tls.library-words',
    found:
      /(?<!\w)(?!TLS_|WINDOW_UPDATE|RST_STREAM|PUSH_PROMISE|NO_ERROR)([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+|UNSPECIFIED)(?!\w)/d,
    meaning: {
      en: 'the error in the words of OpenSSL or Node, as you find it when you search for it; “leaf” is the certificate of the site itself',
      ko: 'OpenSSL이나 Node가 쓰는 오류 이름입니다. 그대로 검색할 수 있습니다. leaf는 사이트 자신의 인증서입니다.',
    },
  },
  {
    id: 'tls.sslv3',
    found: /(?<![\w.-])(?:SSLv3|SSL 3\.0|SSL)(?![\w-]| Corporation)/d,
    meaning: {
      en: 'the predecessor of TLS, from 1996; libraries still use its name in messages about TLS',
      ko: '1996년에 나온 TLS의 전신입니다. 라이브러리는 TLS 오류에도 이 이름을 씁니다.',
    },
  },
];

export const certificateTerms: readonly Term[] = [
  {
    id: 'x509.certificate',
    found: word('certificates?', '인증서'),
    meaning: {
      en: 'a name and a public key, signed by a CA that vouches for it; whoever has the private key can prove to be meant',
      ko: '이름과 공개 키에 CA가 서명한 것입니다. 개인 키를 가진 쪽만 그 이름이 자신임을 증명할 수 있습니다.',
    },
  },
  {
    id: 'x509.ca',
    found: /(?<![\w.-])CAs?(?![\w-])/d,
    meaning: {
      en: 'certificate authority: signs certificates, and so vouches for the names in them',
      ko: '인증 기관(certificate authority): 인증서에 서명해 그 안의 이름을 보증합니다.',
    },
  },
  {
    id: 'x509.cn',
    found: /(?<![\w.=])CN(?:=|(?![\w=-]))/d,
    meaning: {
      en: 'common name: whom a certificate is about, or who issued it',
      ko: 'common name: 인증서의 주인, 또는 발급자의 이름입니다.',
    },
  },
  {
    id: 'x509.san',
    found: word('SANs?'),
    meaning: {
      en: 'subject alternative name: the names and addresses for which a certificate is valid',
      ko: 'subject alternative name: 인증서가 유효한 이름과 주소입니다.',
    },
  },
  {
    id: 'x509.ca-true',
    found: /(?<!\w)CA:(?:TRUE|FALSE)(?!\w)/d,
    meaning: {
      en: 'basic constraints: whether the holder may sign certificates itself',
      ko: '기본 제약(basic constraints): 이 인증서로 다른 인증서에 서명할 수 있는지를 나타냅니다.',
    },
  },
  {
    id: 'x509.key-usage',
    found: word('keyUsage|keyCertSign|codeSigning|digitalSignature'),
    meaning: {
      en: 'what a certificate says its key may be used for, such as signing certificates (keyCertSign) or programs (codeSigning)',
      ko: '인증서의 키를 쓸 수 있는 용도입니다. keyCertSign은 인증서 서명, codeSigning은 프로그램 서명입니다.',
    },
  },
  {
    id: 'x509.o',
    found: /(?<!\w)O=/d,
    meaning: {
      en: 'organisation, as the issuer wrote it. It decides nothing by itself: anybody can write it into a certificate of their own',
      ko: '발급자가 적은 조직 이름입니다. 자기 인증서에는 누구나 적을 수 있으므로 그 자체로는 아무것도 보증하지 않습니다.',
    },
  },
  {
    id: 'x509.ou',
    found: /(?<!\w)OU=/d,
    meaning: { en: 'a unit of the organisation', ko: '조직 안의 부서입니다.' },
  },
  {
    id: 'x509.key-id',
    found: /\(key id|key id\b|키 ID/d,
    name: { en: 'key id', ko: '키 ID' },
    meaning: {
      en: 'a short fingerprint of a public key: two CAs of one name differ in it',
      ko: '공개 키의 짧은 지문입니다. 이름이 같은 두 CA도 이것은 다릅니다.',
    },
  },
  {
    id: 'x509.csr',
    found: word('CSRs?'),
    meaning: {
      en: 'certificate signing request: a name and a public key, sent to a CA for its signature',
      ko: 'certificate signing request: CA에 서명을 요청하는 이름과 공개 키입니다.',
    },
  },
  {
    id: 'x509.crl',
    found: word('CRLs?', '인증서 폐기 목록'),
    meaning: {
      en: 'certificate revocation list: the certificates that a CA has taken back before their time',
      ko: '인증서 폐기 목록: CA가 유효 기간이 끝나기 전에 폐기한 인증서의 목록입니다.',
    },
  },
  {
    id: 'x509.server-auth',
    found: word('serverAuth'),
    meaning: {
      en: 'a purpose in a certificate: its holder may act as a server',
      ko: '인증서에 적힌 용도입니다. 서버로 쓸 수 있습니다.',
    },
  },
  {
    id: 'x509.client-auth',
    found: word('clientAuth'),
    meaning: {
      en: 'a purpose in a certificate: its holder may act as a client',
      ko: '인증서에 적힌 용도입니다. 클라이언트로 쓸 수 있습니다.',
    },
  },
  {
    id: 'x509.extended-key-usage',
    found: /(?<!\w)extended key usage|extendedKeyUsage|확장 키 (?:용도|사용)/d,
    meaning: {
      en: 'the field of a certificate that says for what it was issued, such as serverAuth',
      ko: '인증서를 어떤 용도로 발급했는지 적은 필드입니다. serverAuth 등이 있습니다.',
    },
  },
];
