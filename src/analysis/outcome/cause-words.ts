/**
 * Words the causes that no endpoint reports but the bytes show: alerts without a refusal reason of their own, and
 * packet evidence. The counterpart, with the rules of tone, is `refusal.ts`.
 */
import type { Side } from '../../capture/event.ts';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import { safeText } from '../../i18n/safe.ts';
import { alertMeaning } from './alert-words.ts';
import { grouped } from '../../i18n/number.ts';
import {
  always,
  bracketed,
  ifItBelongs,
  inBrackets,
  issuerOf,
  listOf,
  owner,
  refuser,
  seconds,
  subjectOf,
} from './refusal-facts.ts';
import type { RefusalFacts, RefusalWords } from './refusal-facts.ts';

/** What only a reader of the bytes names. */
export const wireCauses = [
  'certificate_not_accepted',
  'unknown_server_name',
  'no_common_group',
  'no_common_signature',
  'negotiation_failed',
  'insufficient_security',
  'proof_failed',
  'access_denied',
  'protocol_error',
  'internal_error',
  'user_canceled',
  'unknown_psk',
  'other_alert',
  'sealed_alert',
  'nothing_listens',
  'unanswered',
  'no_reply',
  'large_packets_lost',
  'packets_lost',
  'server_silent',
  'client_silent',
  'reset_on_the_way',
  'psk_wrong',
  'legacy_renegotiation',
  'renegotiation_refused',
  'version_intolerance',
  'refused_over_http',
  'tunnel_refused',
  'starttls_refused',
  'proxy_header_refused',
  'upgrade_on_tls_port',
  'heartbeat_leak',
] as const;
export type WireCause = (typeof wireCauses)[number];

/** Why a connection failed, whatever the source. */
export type Cause = RefusalReason | WireCause;

const others = ({ by }: RefusalFacts) =>
  by === 'client' ? { en: 'the server', ko: '서버' } : { en: 'the client', ko: '클라이언트' };

const readItsLog = always(
  'the reason is known to the side that refused: read its log',
  '이유는 거부한 쪽이 압니다. 그쪽 로그를 확인하세요.',
);

const offeredBy = ({ detail }: RefusalFacts, en: string, ko: string) => {
  const names = listOf(detail.offered);
  return names ? { en: `; ${en} ${names}`, ko: ` ${ko}: ${names}` } : { en: '', ko: '' };
};

export const causeWords: Readonly<Record<WireCause, RefusalWords>> = {
  certificate_not_accepted: {
    name: { en: 'certificate not accepted', ko: '인증서를 받아들이지 않음' },
    because: (facts) => ({
      en: `${refuser(facts).en} does not accept the ${owner(facts).en}'s certificate${inBrackets([subjectOf(facts), issuerOf(facts) && `issued by ${issuerOf(facts)}`].filter(Boolean).join(', '))}, and the bytes do not show what is wrong with it`,
      ko: `${refuser(facts).ko} ${owner(facts).ko} 인증서를 받아들이지 않았습니다. 무엇이 문제인지는 오간 내용만으로 알 수 없습니다.${subjectOf(facts) ? ` 제시된 인증서: ${subjectOf(facts)}, 발급자: ${issuerOf(facts)}` : ''}`,
    }),
    remedy: ifItBelongs(
      'check its issuer, dates, names and usage against what the refusing side trusts; the log of that side names the reason',
      '발급자, 유효 기간, 이름, 용도가 거부한 쪽의 설정과 맞는지 확인하세요. 정확한 이유는 그쪽 로그에 있습니다.',
    ),
  },
  unknown_server_name: {
    name: { en: 'unknown server name', ko: '알 수 없는 서버 이름' },
    because: ({ detail }) => ({
      en: `the server has nothing under the name that the client asked for (SNI)${detail.expected === undefined ? '' : `: ${safeText(detail.expected)}`}`,
      ko: `클라이언트가 요청한 이름(SNI)을 서버가 모릅니다.${detail.expected === undefined ? '' : ` 요청한 이름: ${safeText(detail.expected)}`}`,
    }),
    remedy: always(
      'check the name in the address; if it is right, the server must be configured for it',
      '주소의 이름을 확인하세요. 이름이 맞다면 서버에 그 이름을 설정해야 합니다.',
    ),
  },
  no_common_group: {
    name: { en: 'no common group', ko: '공통 키 교환 그룹 없음' },
    because: (facts) => ({
      en: `the two sides have no group for the key exchange in common${offeredBy(facts, 'the client offers', '').en}`,
      ko: `양쪽이 함께 지원하는 키 교환 그룹이 없습니다.${offeredBy(facts, '', '클라이언트가 제안한 그룹').ko}`,
    }),
    remedy: always(
      'let both sides allow a common group, such as X25519 or P-256',
      '양쪽에서 같은 그룹을 허용하세요. 예: X25519, P-256',
    ),
  },
  no_common_signature: {
    name: { en: 'no common signature algorithm', ko: '공통 서명 알고리즘 없음' },
    because: (facts) => ({
      en: `the server has no certificate whose key can sign as the client wants it${offeredBy(facts, 'the client accepts', '').en}`,
      ko: `클라이언트가 받아들이는 방식으로 서명할 수 있는 키가 서버에 없습니다.${offeredBy(facts, '', '클라이언트가 허용한 서명 알고리즘').ko}`,
    }),
    remedy: always(
      "compare the signature algorithms in the ClientHello with the type of the server's key",
      'ClientHello의 서명 알고리즘 목록을 서버 키의 종류와 비교하세요.',
    ),
  },
  negotiation_failed: {
    name: { en: 'no agreement', ko: '합의 실패' },
    because: (facts) => ({
      en: `${refuser(facts).en} does not accept what was offered or picked: a cipher suite, a group, a signature algorithm or a key length`,
      ko: `${refuser(facts).ko} 제안되거나 선택된 값을 받아들이지 않았습니다. 암호 스위트(Cipher Suite), 그룹, 서명 알고리즘, 키 길이 가운데 하나입니다.`,
    }),
    remedy: always(
      'compare the settings of both sides; the log of the side that refused names the value',
      '양쪽 설정을 비교하세요. 어떤 값인지는 거부한 쪽 로그에 있습니다.',
    ),
  },
  insufficient_security: {
    name: { en: 'not secure enough', ko: '보안 수준 부족' },
    because: (facts) => ({
      en: `${refuser(facts).en} wants stronger ciphers than were offered${offeredBy(facts, 'the client offers the suites', '').en}`,
      ko: `${refuser(facts).ko} 제안된 것보다 강한 암호를 요구합니다.${offeredBy(facts, '', '클라이언트가 제안한 스위트').ko}`,
    }),
    remedy: always(
      'update the weaker side; lowering the demands of the other gives its protection away',
      '약한 쪽을 업데이트하세요. 다른 쪽의 기준을 낮추면 보호 수준도 함께 낮아집니다.',
    ),
  },
  proof_failed: {
    name: { en: 'a proof does not fit', ko: '증명 값 불일치' },
    because: (facts) => ({
      en: `a signature or a check value that ${others(facts).en} sent does not fit; which, is sealed`,
      ko: `${others(facts).ko} 쪽이 보낸 서명이나 검증 값이 맞지 않습니다. 어느 것인지는 암호화되어 알 수 없습니다.`,
    }),
    remedy: always(
      'check that certificate and key belong together, and that nothing between the two sides alters what they say',
      '인증서와 개인 키가 짝이 맞는지, 중간에서 내용을 바꾸는 것이 없는지 확인하세요.',
    ),
  },
  access_denied: {
    name: { en: 'not admitted', ko: '접속 불허' },
    because: (facts) => ({
      en: `${refuser(facts).en} does not admit the holder of the certificate${inBrackets(subjectOf(facts))}. By the standard this alert says that the certificate itself is valid, but some libraries (GnuTLS) also send it for one that they could not verify`,
      ko: `${refuser(facts).ko} 인증서 소유자${bracketed(subjectOf(facts))}의 접속을 허용하지 않습니다. 표준에 따르면 인증서 자체는 유효하다는 뜻이지만, 검증에 실패한 인증서에도 이 알림(Alert)을 보내는 라이브러리(GnuTLS)가 있습니다.`,
    }),
    remedy: ifItBelongs(
      'check first that its certificate is issued by a CA that is trusted there, then add it to the list of those who are admitted',
      '그쪽에서 신뢰하는 CA가 발급한 인증서인지 먼저 확인한 뒤 허용 목록에 추가하세요.',
    ),
  },
  protocol_error: {
    name: { en: 'protocol error', ko: '프로토콜 오류' },
    because: (facts) => ({
      en: `${refuser(facts).en} could not read what ${others(facts).en} sent, or may not accept it at that place${facts.alert ? `: ${alertMeaning(facts.alert.code).en}` : ''}`,
      ko: `${refuser(facts).ko} ${others(facts).ko} 쪽이 보낸 내용을 해석할 수 없거나 그 단계에서 받아들일 수 없습니다.${facts.alert ? ` ${alertMeaning(facts.alert.code).ko}` : ''}`,
    }),
    remedy: always(
      'update both programs, and look for what stands between them: an old middlebox is a usual cause',
      '양쪽 프로그램을 업데이트하고, 중간에 오래된 장비가 있는지 확인하세요.',
    ),
  },
  internal_error: {
    name: { en: 'internal error', ko: '내부 오류' },
    because: (facts) => ({
      en: `something failed inside ${refuser(facts).en} that has nothing to do with the other side`,
      ko: `${refuser(facts).ko} 상대와 무관한 내부 오류로 연결을 끊었습니다.`,
    }),
    remedy: readItsLog,
  },
  user_canceled: {
    name: { en: 'canceled', ko: '취소됨' },
    because: (facts) => ({
      en: `${refuser(facts).en} broke the handshake off because its user canceled it`,
      ko: `${refuser(facts).ko} 사용자의 취소로 핸드셰이크를 중단했습니다.`,
    }),
    remedy: always(
      'ask the user on that side; nothing is known to be wrong',
      '그쪽 사용자에게 확인하세요. 잘못된 것은 없습니다.',
    ),
  },
  unknown_psk: {
    name: { en: 'unknown pre-shared key', ko: '알 수 없는 사전 공유 키' },
    because: always(
      'the server does not know the pre-shared key that the client named',
      '클라이언트가 지정한 사전 공유 키를 서버가 모릅니다.',
    ),
    remedy: always('compare identity and key on both sides', '양쪽의 식별자와 키를 비교하세요.'),
  },
  other_alert: {
    name: { en: 'refused by alert', ko: '알림으로 거부됨' },
    because: (facts) => ({
      en: `${refuser(facts).en} refused${facts.alert ? ` with the alert ${facts.alert.description} (${facts.alert.code}): ${alertMeaning(facts.alert.code).en}` : ''}`,
      ko: `${refuser(facts).ko} 연결을 거부했습니다.${facts.alert ? ` 알림(Alert): ${facts.alert.description}(${facts.alert.code}). ${alertMeaning(facts.alert.code).ko}` : ''}`,
    }),
    remedy: readItsLog,
  },
  sealed_alert: {
    name: { en: 'refused, reason sealed', ko: '거부됨, 이유는 암호화됨' },
    because: (facts) => ({
      en: `${refuser(facts).en} answered with one sealed record of the size of an alert, and the connection ended; what it says is sealed`,
      ko: `${refuser(facts).ko} 알림(Alert) 크기의 암호화된 레코드 하나로 답했고 연결이 끝났습니다. 그 내용은 암호화되어 있습니다.`,
    }),
    remedy: always(
      'capture once more with a key log (SSLKEYLOGFILE) to read it, or read the log of the side that refused',
      '키 로그(SSLKEYLOGFILE)와 함께 다시 캡처하면 읽을 수 있습니다. 또는 거부한 쪽 로그를 확인하세요.',
    ),
  },
  nothing_listens: {
    name: { en: 'nothing listens there', ko: '연결을 받는 프로그램 없음' },
    because: always(
      'nothing listens on that address and port: the first packet (SYN) was answered with a reset (RST)',
      '그 주소와 포트에서 연결을 받는 프로그램이 없습니다. 첫 패킷(SYN)에 재설정(RST)으로 답했습니다.',
    ),
    remedy: always(
      'check that the server runs, and on which address and port it listens; a firewall can answer like this too',
      '서버가 실행 중인지, 어떤 주소와 포트에서 연결을 받는지 확인하세요. 방화벽이 이렇게 답하기도 합니다.',
    ),
  },
  unanswered: {
    name: { en: 'no response', ko: '그 주소에서 아무도 답하지 않음' },
    because: always(
      'the first packet (SYN) was retransmitted repeatedly without an answer: the machine is off, the address is wrong, or a firewall drops it without a word',
      '첫 패킷(SYN)을 여러 번 보냈지만 아무 응답이 없습니다. 서버가 꺼져 있거나, 주소가 틀렸거나, 방화벽이 말없이 버리고 있습니다.',
    ),
    remedy: always(
      'check the address, then the firewalls on the way; a capture at the server shows how far the packet comes',
      '주소를 확인한 뒤 중간의 방화벽을 살펴보세요. 서버 쪽에서도 캡처하면 패킷이 어디까지 오는지 알 수 있습니다.',
    ),
  },
  no_reply: {
    name: { en: 'the server said nothing', ko: '서버가 아무 답도 하지 않음' },
    because: (facts) => ({
      en: `${refuser(facts).en} took what was sent, answered nothing, and the connection ended`,
      ko: `${refuser(facts).ko} 받은 내용에 아무 답도 하지 않았고, 연결이 끝났습니다.`,
    }),
    remedy: always(
      'check that both sides mean the same protocol on this port; the log of the silent side knows more',
      '양쪽이 이 포트에서 같은 프로토콜을 쓰는지 확인하세요. 답하지 않은 쪽 로그에 더 나와 있을 것입니다.',
    ),
  },
  large_packets_lost: {
    name: { en: 'large packets are lost', ko: '큰 패킷이 사라짐' },
    because: (facts) => ({
      en: `full-size packets from the ${lostFrom(facts)} are lost on the way, while smaller ones arrive: ${lossOf(facts).en}. The path MTU is smaller than the sender assumes, and the ICMP message that would report it does not arrive (an MTU black hole)`,
      ko: `${lostFrom(facts) === 'server' ? '서버' : '클라이언트'}가 보낸 최대 크기 패킷이 중간에서 사라지고 작은 패킷만 도착합니다. ${lossOf(facts).ko} 경로의 MTU가 보낸 쪽이 아는 것보다 작은데, 이를 알리는 ICMP 메시지가 돌아오지 않는 경우(MTU 블랙홀)입니다.`,
    }),
    remedy: (facts) => ({
      en: `let ICMP "fragmentation needed" through, or lower the MTU (or clamp the MSS) at the ${lostFrom(facts)} or on the tunnel in between; ping -M do -s 1472 finds the size that passes`,
      ko: `ICMP "fragmentation needed" 메시지를 허용하거나, ${lostFrom(facts) === 'server' ? '서버' : '클라이언트'} 또는 중간 터널의 MTU를 낮추세요(MSS clamping). ping -M do -s 1472로 통과하는 크기를 찾을 수 있습니다.`,
    }),
  },
  packets_lost: {
    name: { en: 'packets are lost', ko: '패킷이 사라짐' },
    because: (facts) => ({
      en: `data from the ${lostFrom(facts)} does not arrive: ${lossOf(facts).en}`,
      ko: `${lostFrom(facts) === 'server' ? '서버' : '클라이언트'}가 보낸 데이터가 도착하지 않습니다. ${lossOf(facts).ko}`,
    }),
    remedy: always(
      'find out where they are lost: captures at both ends show how far they get',
      '어디에서 사라지는지 찾으세요. 양쪽 끝에서 캡처하면 패킷이 어디까지 가는지 알 수 있습니다.',
    ),
  },
  server_silent: {
    name: { en: 'the server stayed silent', ko: '서버가 응답하지 않음' },
    because: ({ detail }) => ({
      en: `the server received the client's data and sent nothing more${forSo(detail.silentFor).en}, and the client gave up`,
      ko: `서버가 클라이언트의 메시지를 받고도${forSo(detail.silentFor).ko} 아무것도 보내지 않아 클라이언트가 포기했습니다.`,
    }),
    remedy: always(
      'look at the server: it may be overloaded or waiting for something else (another protocol, a backend), or its response may be lost on the way; a capture at the server shows which',
      '서버를 확인하세요. 과부하이거나, 다른 것(다른 프로토콜, 백엔드)을 기다리거나, 응답이 중간에서 사라졌을 수 있습니다. 서버에서 캡처하면 구별할 수 있습니다.',
    ),
  },
  client_silent: {
    name: { en: 'the client stayed silent', ko: '클라이언트가 응답하지 않음' },
    because: ({ detail }) => ({
      en: `the client did not continue the handshake${forSo(detail.silentFor).en}, and the server gave up`,
      ko: `클라이언트가${forSo(detail.silentFor).ko} 핸드셰이크를 이어 가지 않아 서버가 포기했습니다.`,
    }),
    remedy: always(
      'look at the client: it may be waiting for user input (a choice of certificates, a PIN), or hanging',
      '클라이언트를 확인하세요. 사용자의 입력(인증서 선택, PIN)을 기다리거나 멈춰 있을 수 있습니다.',
    ),
  },
  reset_on_the_way: {
    name: { en: 'reset by a third party', ko: '제3자가 보낸 재설정(RST)' },
    because: ({ by }) => ({
      en: `the reset that came in the name of the ${by} appears to come from a third party: its hop count differs from that of the ${by}'s other packets, or the ${by} kept sending after it`,
      ko: `${by === 'client' ? '클라이언트' : '서버'} 이름으로 온 재설정(RST)은 제3자가 보낸 것으로 보입니다. 거쳐 온 홉 수가 그쪽의 다른 패킷과 다르거나, 그 뒤에도 그쪽이 계속 보냈습니다.`,
    }),
    remedy: always(
      'look for a firewall, a proxy or an inspection device between the two sides, and read its log',
      '양쪽 사이의 방화벽, 프록시, 검사 장비를 찾아 그 로그를 확인하세요.',
    ),
  },
  psk_wrong: {
    name: { en: 'pre-shared key mismatch', ko: '사전 공유 키 불일치' },
    because: always(
      'the two sides have different keys (or passwords) for the same identity: what one side derives from its key, the other cannot verify',
      '양쪽이 같은 식별자에 서로 다른 키(또는 비밀번호)를 갖고 있습니다. 한쪽이 키에서 만든 값을 다른 쪽이 검증할 수 없습니다.',
    ),
    remedy: always(
      'compare the key on both sides, byte by byte; a common cause is a hex key that one side reads as text',
      '양쪽의 키를 바이트 단위로 비교하세요. 16진수로 적은 키를 한쪽이 글자 그대로 읽는 경우가 많습니다.',
    ),
  },
  legacy_renegotiation: {
    name: { en: 'secure renegotiation not supported', ko: '안전한 재협상 미지원' },
    because: always(
      'the server does not support secure renegotiation (RFC 5746), and the client refuses such servers',
      '서버가 안전한 재협상(RFC 5746)을 지원하지 않아, 클라이언트가 그런 서버와의 통신을 거부했습니다.',
    ),
    remedy: always(
      'update the server, or the device in front of it; allowing such servers at the client (UnsafeLegacyServerConnect) weakens its protection',
      '서버나 그 앞의 장비를 업데이트하세요. 클라이언트에서 허용하면(UnsafeLegacyServerConnect) 보호 수준이 낮아집니다.',
    ),
  },
  renegotiation_refused: {
    name: { en: 'renegotiation refused', ko: '재협상 거부' },
    because: (facts) => ({
      en: `${others(facts).en} started another handshake on the open connection, for example for a client certificate or new keys, and ${refuser(facts).en} refused it`,
      ko: `${others(facts).ko} 쪽이 열린 연결에서 핸드셰이크를 다시 하려 했지만(예: 클라이언트 인증서 요구, 키 교체) ${refuser(facts).ko} 응하지 않았습니다.`,
    }),
    remedy: always(
      'request the client certificate in the first handshake instead of for a single path, or use TLS 1.3',
      '클라이언트 인증서를 특정 경로가 아니라 처음 핸드셰이크에서 요구하도록 설정하거나 TLS 1.3을 쓰세요.',
    ),
  },
  version_intolerance: {
    name: { en: 'version intolerance', ko: '새 버전을 처리하지 못함' },
    because: (facts) => ({
      en: `${refuser(facts).en} fails on a valid ClientHello that offers newer versions, instead of choosing an older one${offeredBy(facts, 'the client offers', '').en}`,
      ko: `새 버전을 제안하는 올바른 ClientHello에 서버가 낮은 버전을 고르지 않고 오류를 냈습니다.${offeredBy(facts, '', '클라이언트가 제안한 버전').ko}`,
    }),
    remedy: always(
      'update the server, or the device in front of it; to confirm, connect once with an older version only',
      '서버나 그 앞의 장비를 업데이트하세요. 확인하려면 낮은 버전만으로 한 번 접속해 보세요.',
    ),
  },
  refused_over_http: {
    name: { en: 'refused over HTTP', ko: 'HTTP로 거부됨' },
    because: ({ detail }) => ({
      en: `the handshake succeeded, and the server then refused the request over HTTP, for a reason related to TLS${detail.said === undefined ? '' : `: ${safeText(detail.said)}`}`,
      ko: `핸드셰이크는 성공했지만, 그 뒤 서버가 TLS와 관련된 이유로 요청을 거부하는 HTTP 응답을 보냈습니다.${detail.said === undefined ? '' : ` 응답: ${safeText(detail.said)}`}`,
    }),
    remedy: ({ detail }) =>
      detail.said?.includes(' 421') === true
        ? {
            en: 'the connection was opened for a different host than the request names: send the request over a new connection, and compare Host with the name in the ClientHello (SNI)',
            ko: '연결할 때의 이름과 요청의 Host가 다릅니다. 새 연결로 요청하고, Host와 ClientHello의 이름(SNI)을 비교하세요.',
          }
        : {
            en: 'present a certificate with its key (--cert and --key) that the server accepts; some servers ask for it in the handshake and refuse only the request',
            ko: '서버가 받아들이는 인증서와 개인 키를 제시하세요(--cert, --key). 핸드셰이크에서 요구하고 요청 단계에서야 거부하는 서버도 있습니다.',
          },
  },
  tunnel_refused: {
    name: { en: 'tunnel refused', ko: '터널 거부' },
    because: ({ detail }) => ({
      en: `the client asked a proxy for a tunnel (CONNECT), and the proxy refused${detail.said === undefined ? '' : `: ${safeText(detail.said)}`}. TLS never started`,
      ko: `클라이언트가 프록시에 터널(CONNECT)을 요청했지만 프록시가 거부했습니다.${detail.said === undefined ? '' : ` 응답: ${safeText(detail.said)}.`} TLS는 시작되지 않았습니다.`,
    }),
    remedy: ({ detail }) =>
      detail.said?.includes(' 407') === true
        ? {
            en: 'the proxy requires a user name and password (--proxy-user)',
            ko: '프록시가 사용자 이름과 비밀번호를 요구합니다(--proxy-user).',
          }
        : {
            en: 'check whether the proxy allows this host and port, and whether it can reach them; its log gives the reason',
            ko: '프록시가 이 호스트와 포트를 허용하는지, 그곳에 연결할 수 있는지 확인하세요. 이유는 프록시 로그에 있습니다.',
          },
  },
  starttls_refused: {
    name: { en: 'TLS upgrade refused', ko: 'TLS 전환 거부' },
    because: ({ detail }) => ({
      en: `the client asked to upgrade to TLS, and the server refused${detail.said === undefined ? '' : `: ${safeText(detail.said)}`}. Whatever follows on this connection is plaintext`,
      ko: `클라이언트가 TLS로 전환하자고 요청했지만 서버가 거부했습니다.${detail.said === undefined ? '' : ` 응답: ${safeText(detail.said)}.`} 이 연결에서 뒤이어 오가는 내용은 평문입니다.`,
    }),
    remedy: always(
      'configure a certificate and enable TLS on the server; make the client require TLS, so that it does not continue in plaintext',
      '서버에 인증서를 설정하고 TLS를 켜세요. 클라이언트는 평문으로 계속하지 않도록 TLS를 필수로 설정하세요.',
    ),
  },
  proxy_header_refused: {
    name: { en: 'PROXY protocol not expected', ko: 'PROXY 프로토콜 불일치' },
    because: always(
      'a PROXY protocol header precedes the TLS handshake, and the server does not expect one',
      'TLS 핸드셰이크 앞에 PROXY 프로토콜 헤더가 있는데 서버는 이를 기대하지 않습니다.',
    ),
    remedy: always(
      'disable the header at the proxy (send-proxy), or enable it at the server (accept-proxy, proxy_protocol): both sides must agree',
      '프록시에서 헤더를 끄거나(send-proxy) 서버에서 켜세요(accept-proxy, proxy_protocol). 양쪽 설정이 같아야 합니다.',
    ),
  },
  upgrade_on_tls_port: {
    name: { en: 'TLS upgrade requested on a TLS port', ko: 'TLS 포트에 TLS 전환 요청' },
    because: always(
      'the client requests a TLS upgrade in plaintext, but the server expects TLS from the first byte',
      '클라이언트는 평문으로 TLS 전환을 요청하는데, 서버는 첫 바이트부터 TLS를 기대합니다.',
    ),
    remedy: always(
      'make the client start with TLS (sslnegotiation=direct, SMTPS), or use the port on which the server expects the upgrade request',
      '클라이언트가 바로 TLS로 시작하도록 설정하거나(sslnegotiation=direct, SMTPS), 전환 요청을 받는 포트로 접속하세요.',
    ),
  },
  heartbeat_leak: {
    name: { en: 'memory leaked by heartbeat', ko: '하트비트를 통한 메모리 유출' },
    because: always(
      'the response to a heartbeat was far longer than the request: it contains server memory, possibly with keys and passwords (Heartbleed, CVE-2014-0160)',
      '하트비트(Heartbeat) 요청보다 훨씬 긴 응답이 왔습니다. 응답에는 서버의 메모리가 들어 있고, 키나 비밀번호도 있을 수 있습니다. Heartbleed(CVE-2014-0160)라고 불리는 결함입니다.',
    ),
    remedy: always(
      'update the TLS library on the server at once, then replace its key and certificate and every password that went through it',
      '서버의 TLS 라이브러리를 즉시 업데이트하고, 키와 인증서, 그 서버를 거친 비밀번호를 모두 바꾸세요.',
    ),
  },
};

const lostFrom = ({ detail }: RefusalFacts): Side => detail.lost?.from ?? 'server';

function lossOf({ detail: { lost } }: RefusalFacts): { readonly en: string; readonly ko: string } {
  const bytes = grouped(lost?.bytes ?? 0);
  if (lost?.times !== undefined)
    return {
      en: `${bytes} bytes were sent ${lost.times} times and never acknowledged`,
      ko: `${bytes}바이트를 ${lost.times}번 보냈지만 수신 확인(ACK)이 없었습니다.`,
    };
  return {
    en: `the receiver was still waiting for ${bytes} bytes after later ones had arrived`,
    ko: `뒤이은 데이터는 왔지만 ${bytes}바이트가 끝내 도착하지 않았습니다.`,
  };
}

function forSo(milliseconds: number | undefined): { readonly en: string; readonly ko: string } {
  return milliseconds === undefined
    ? { en: '', ko: '' }
    : { en: ` for ${seconds(milliseconds)} seconds`, ko: ` ${seconds(milliseconds)}초 동안` };
}
