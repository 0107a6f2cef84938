/**
 * Words the causes that no endpoint reports but the bytes show: alerts without a refusal reason of their own, and
 * packet evidence. The counterpart, with the rules of tone, is `refusal.ts`.
 */
import type { RefusalReason } from '../../capture/vocabulary.ts';
import { ifItBelongs, says, when, words } from './refusal-facts.ts';
import type { RefusalWords } from './refusal-facts.ts';

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
  'channel_binding_refused',
  'starttls_refused',
  'proxy_header_refused',
  'upgrade_on_tls_port',
  'heartbeat_leak',
] as const;
export type WireCause = (typeof wireCauses)[number];

/** Why a connection failed, whatever the source. */
export type Cause = RefusalReason | WireCause;

const readItsLog = says(
  'the reason is known to the side that refused: read its log',
  '이유는 거부한 쪽이 압니다. 그쪽 로그를 확인하세요.',
);

export const causeWords: Readonly<Record<WireCause, RefusalWords>> = {
  certificate_not_accepted: words(
    'certificate not accepted',
    '인증서를 받아들이지 않음',
    says(
      "{refuser} does not accept the {owner}'s certificate[ ({subjectAndIssuer})], and the bytes do not show what is wrong with it",
      '{refuser} {owner} 인증서를 받아들이지 않았습니다. 무엇이 문제인지는 오간 내용만으로 알 수 없습니다.[ 제시된 인증서: {subject}, 발급자: {issuer}]',
    ),
    ifItBelongs(
      'check its issuer, dates, names and usage against what the refusing side trusts; the log of that side names the reason',
      '발급자, 유효 기간, 이름, 용도가 거부한 쪽의 설정과 맞는지 확인하세요. 정확한 이유는 그쪽 로그에 있습니다.',
    ),
  ),
  unknown_server_name: words(
    'unknown server name',
    '알 수 없는 서버 이름',
    when(
      ({ detail }) => detail.unnamed === true,
      says(
        'the client names no server (SNI), and the server has nothing to show without a name',
        '클라이언트가 서버 이름(SNI)을 보내지 않았고, 서버는 이름 없이는 보여 줄 인증서가 없습니다.',
      ),
      says(
        'the server has nothing under the name that the client asked for (SNI)[: {expected}]',
        '클라이언트가 요청한 이름(SNI)을 서버가 모릅니다.[ 요청한 이름: {expected}]',
      ),
    ),
    when(
      ({ detail }) => detail.unnamed === true,
      says(
        'use a host name instead of an IP address, or let the client send one (openssl s_client: -servername)',
        'IP 주소 대신 호스트 이름을 쓰거나, 클라이언트가 이름을 보내도록 설정하세요(openssl s_client: -servername).',
      ),
      says(
        'check the name in the address; if it is right, the server must be configured for it',
        '주소의 이름을 확인하세요. 이름이 맞다면 서버에 그 이름을 설정해야 합니다.',
      ),
    ),
  ),
  no_common_group: words(
    'no common group',
    '공통 키 교환 그룹 없음',
    says(
      'the two sides have no group for the key exchange in common[; the client offers {offered}]',
      '양쪽이 함께 지원하는 키 교환 그룹이 없습니다.[ 클라이언트가 제안한 그룹: {offered}]',
    ),
    says(
      'let both sides allow a common group, such as X25519 or P-256',
      '양쪽에서 같은 그룹을 허용하세요. 예: X25519, P-256',
    ),
  ),
  no_common_signature: words(
    'no common signature algorithm',
    '공통 서명 알고리즘 없음',
    says(
      'the server has no certificate whose key can sign as the client wants it[; the client accepts {offered}]',
      '클라이언트가 받아들이는 방식으로 서명할 수 있는 키가 서버에 없습니다.[ 클라이언트가 허용한 서명 알고리즘: {offered}]',
    ),
    says(
      "compare the signature algorithms in the ClientHello with the type of the server's key",
      'ClientHello의 서명 알고리즘 목록을 서버 키의 종류와 비교하세요.',
    ),
  ),
  negotiation_failed: words(
    'no agreement',
    '합의 실패',
    says(
      '{refuser} does not accept what was offered or picked: a cipher suite, a group, a signature algorithm or a key length',
      '{refuser} 제안되거나 선택된 값을 받아들이지 않았습니다. 암호 스위트(Cipher Suite), 그룹, 서명 알고리즘, 키 길이 가운데 하나입니다.',
    ),
    says(
      'compare the settings of both sides; the log of the side that refused names the value',
      '양쪽 설정을 비교하세요. 어떤 값인지는 거부한 쪽 로그에 있습니다.',
    ),
  ),
  insufficient_security: words(
    'not secure enough',
    '보안 수준 부족',
    says(
      '{refuser} wants stronger ciphers than were offered[; the client offers the suites {offered}]',
      '{refuser} 제안된 것보다 강한 암호를 요구합니다.[ 클라이언트가 제안한 스위트: {offered}]',
    ),
    says(
      'update the weaker side; lowering the demands of the other gives its protection away',
      '약한 쪽을 업데이트하세요. 다른 쪽의 기준을 낮추면 보호 수준도 함께 낮아집니다.',
    ),
  ),
  proof_failed: words(
    'a proof does not fit',
    '증명 값 불일치',
    says(
      'a signature or a check value that {other} sent does not fit; which, is sealed',
      '{other} 쪽이 보낸 서명이나 검증 값이 맞지 않습니다. 어느 것인지는 암호화되어 알 수 없습니다.',
    ),
    says(
      'check that certificate and key belong together, and that nothing between the two sides alters what they say',
      '인증서와 개인 키가 짝이 맞는지, 중간에서 내용을 바꾸는 것이 없는지 확인하세요.',
    ),
  ),
  access_denied: words(
    'not admitted',
    '접속 불허',
    says(
      '{refuser} does not admit the holder of the certificate[ ({subject})]. By the standard this alert says that the certificate itself is valid, but some libraries (GnuTLS) also send it for one that they could not verify',
      '{refuser} 인증서 소유자[({subject})]의 접속을 허용하지 않습니다. 표준에 따르면 인증서 자체는 유효하다는 뜻이지만, 검증에 실패한 인증서에도 이 알림(Alert)을 보내는 라이브러리(GnuTLS)가 있습니다.',
    ),
    ifItBelongs(
      'check first that its certificate is issued by a CA that is trusted there, then add it to the list of those who are admitted',
      '그쪽에서 신뢰하는 CA가 발급한 인증서인지 먼저 확인한 뒤 허용 목록에 추가하세요.',
    ),
  ),
  protocol_error: words(
    'protocol error',
    '프로토콜 오류',
    says(
      '{refuser} could not read what {other} sent, or may not accept it at that place[: {alert}]',
      '{refuser} {other} 쪽이 보낸 내용을 해석할 수 없거나 그 단계에서 받아들일 수 없습니다.[ {alert}]',
    ),
    says(
      'update both programs, and look for what stands between them: an old middlebox is a usual cause',
      '양쪽 프로그램을 업데이트하고, 중간에 오래된 장비가 있는지 확인하세요.',
    ),
  ),
  internal_error: words(
    'internal error',
    '내부 오류',
    says(
      'something failed inside {refuser}; what {other} sent may have set it off',
      '{refuser} 내부 오류로 연결을 끊었습니다. 상대가 보낸 내용 때문일 수도 있습니다.',
    ),
    readItsLog,
  ),
  user_canceled: words(
    'canceled',
    '취소됨',
    says(
      '{refuser} broke the handshake off because its user canceled it',
      '{refuser} 사용자의 취소로 핸드셰이크를 중단했습니다.',
    ),
    says(
      'ask the user on that side; nothing is known to be wrong',
      '그쪽 사용자에게 확인하세요. 잘못된 것은 없습니다.',
    ),
  ),
  unknown_psk: words(
    'unknown pre-shared key',
    '알 수 없는 사전 공유 키',
    says(
      'the server does not know the pre-shared key that the client named',
      '클라이언트가 지정한 사전 공유 키를 서버가 모릅니다.',
    ),
    says('compare identity and key on both sides', '양쪽의 식별자와 키를 비교하세요.'),
  ),
  other_alert: words(
    'refused by alert',
    '알림으로 거부됨',
    says('[{alert}|{refuser} refused]', '[{alert}|{refuser} 연결을 거부했습니다.]'),
    readItsLog,
  ),
  sealed_alert: words(
    'refused, reason sealed',
    '거부됨, 이유는 암호화됨',
    says(
      '{refuser} answered with one sealed record of the size of an alert, and the connection ended; what it says is sealed',
      '{refuser} 알림(Alert) 크기의 암호화된 레코드 하나로 답했고 연결이 끝났습니다. 그 내용은 암호화되어 있습니다.',
    ),
    says(
      'capture once more with a key log (SSLKEYLOGFILE) to read it, or read the log of the side that refused',
      '키 로그(SSLKEYLOGFILE)와 함께 다시 캡처하면 읽을 수 있습니다. 또는 거부한 쪽 로그를 확인하세요.',
    ),
  ),
  nothing_listens: words(
    'nothing listens there',
    '연결을 받는 프로그램 없음',
    says(
      'nothing listens on that address and port: the first packet (SYN) was answered with a reset (RST)',
      '그 주소와 포트에서 연결을 받는 프로그램이 없습니다. 첫 패킷(SYN)에 재설정(RST)으로 답했습니다.',
    ),
    says(
      'check that the server runs, and on which address and port it listens; a firewall can answer like this too',
      '서버가 실행 중인지, 어떤 주소와 포트에서 연결을 받는지 확인하세요. 방화벽이 이렇게 답하기도 합니다.',
    ),
  ),
  unanswered: words(
    'no response',
    '그 주소에서 아무도 답하지 않음',
    says(
      'the first packet (SYN) was retransmitted repeatedly without an answer: the machine is off, the address is wrong, or a firewall drops it without a word',
      '첫 패킷(SYN)을 여러 번 보냈지만 아무 응답이 없습니다. 서버가 꺼져 있거나, 주소가 틀렸거나, 방화벽이 말없이 버리고 있습니다.',
    ),
    says(
      'check the address, then the firewalls on the way; a capture at the server shows how far the packet comes',
      '주소를 확인한 뒤 중간의 방화벽을 살펴보세요. 서버 쪽에서도 캡처하면 패킷이 어디까지 오는지 알 수 있습니다.',
    ),
  ),
  no_reply: words(
    'the server said nothing',
    '서버가 아무 답도 하지 않음',
    says(
      '{refuser} took what was sent, answered nothing, and the connection ended',
      '{refuser} 받은 내용에 아무 답도 하지 않았고, 연결이 끝났습니다.',
    ),
    says(
      'check that both sides mean the same protocol on this port; the log of the silent side knows more',
      '양쪽이 이 포트에서 같은 프로토콜을 쓰는지 확인하세요. 답하지 않은 쪽 로그에 더 나와 있을 것입니다.',
    ),
  ),
  large_packets_lost: words(
    'large packets are lost',
    '큰 패킷이 사라짐',
    says(
      'full-size packets from the {loser} are lost on the way, while smaller ones arrive: {loss}. The path MTU is smaller than the sender assumes, and the ICMP message that would report it does not arrive (an MTU black hole)',
      '{loser 이/가} 보낸 최대 크기 패킷이 중간에서 사라지고 작은 패킷만 도착합니다. {loss} 경로의 MTU가 보낸 쪽이 아는 것보다 작은데, 이를 알리는 ICMP 메시지가 돌아오지 않는 경우(MTU 블랙홀)입니다.',
    ),
    says(
      'let ICMP "fragmentation needed" through, or lower the MTU (or clamp the MSS) at the {loser} or on the tunnel in between; ping -M do -s 1472 finds the size that passes',
      'ICMP "fragmentation needed" 메시지를 허용하거나, {loser} 또는 중간 터널의 MTU를 낮추세요(MSS clamping). ping -M do -s 1472로 통과하는 크기를 찾을 수 있습니다.',
    ),
  ),
  packets_lost: words(
    'packets are lost',
    '패킷이 사라짐',
    says(
      'data from the {loser} does not arrive: {loss}',
      '{loser 이/가} 보낸 데이터가 도착하지 않습니다. {loss}',
    ),
    says(
      'find out where they are lost: captures at both ends show how far they get',
      '어디에서 사라지는지 찾으세요. 양쪽 끝에서 캡처하면 패킷이 어디까지 가는지 알 수 있습니다.',
    ),
  ),
  server_silent: words(
    'the server stayed silent',
    '서버가 응답하지 않음',
    says(
      "the server received the client's data and sent nothing more[ for {silence} seconds], and the client gave up",
      '서버가 클라이언트의 메시지를 받고도[ {silence}초 동안] 아무것도 보내지 않아 클라이언트가 포기했습니다.',
    ),
    says(
      'look at the server: it may be overloaded or waiting for something else (another protocol, a backend), or its response may be lost on the way; a capture at the server shows which',
      '서버를 확인하세요. 과부하이거나, 다른 것(다른 프로토콜, 백엔드)을 기다리거나, 응답이 중간에서 사라졌을 수 있습니다. 서버에서 캡처하면 구별할 수 있습니다.',
    ),
  ),
  client_silent: words(
    'the client stayed silent',
    '클라이언트가 응답하지 않음',
    says(
      'the client did not continue the handshake[ for {silence} seconds], and the server gave up',
      '클라이언트가[ {silence}초 동안] 핸드셰이크를 이어 가지 않아 서버가 포기했습니다.',
    ),
    says(
      'look at the client: it may be waiting for user input (a choice of certificates, a PIN), or hanging',
      '클라이언트를 확인하세요. 사용자의 입력(인증서 선택, PIN)을 기다리거나 멈춰 있을 수 있습니다.',
    ),
  ),
  reset_on_the_way: words(
    'reset by a third party',
    '제3자가 보낸 재설정(RST)',
    says(
      "the reset that came in the name of the {by} appears to come from a third party: its hop count differs from that of the {by}'s other packets, or the {by} kept sending after it",
      '{by} 이름으로 온 재설정(RST)은 제3자가 보낸 것으로 보입니다. 거쳐 온 홉 수가 그쪽의 다른 패킷과 다르거나, 그 뒤에도 그쪽이 계속 보냈습니다.',
    ),
    says(
      'look for a firewall, a proxy or an inspection device between the two sides, and read its log',
      '양쪽 사이의 방화벽, 프록시, 검사 장비를 찾아 그 로그를 확인하세요.',
    ),
  ),
  psk_wrong: words(
    'pre-shared key mismatch',
    '사전 공유 키 불일치',
    says(
      'the two sides have different keys (or passwords) for the same identity: what one side derives from its key, the other cannot verify',
      '양쪽이 같은 식별자에 서로 다른 키(또는 비밀번호)를 갖고 있습니다. 한쪽이 키에서 만든 값을 다른 쪽이 검증할 수 없습니다.',
    ),
    says(
      'compare the key on both sides, byte by byte; a common cause is a hex key that one side reads as text',
      '양쪽의 키를 바이트 단위로 비교하세요. 16진수로 적은 키를 한쪽이 글자 그대로 읽는 경우가 많습니다.',
    ),
  ),
  legacy_renegotiation: words(
    'secure renegotiation not supported',
    '안전한 재협상 미지원',
    says(
      'the server does not support secure renegotiation (RFC 5746), and the client refuses such servers',
      '서버가 안전한 재협상(RFC 5746)을 지원하지 않아, 클라이언트가 그런 서버와의 통신을 거부했습니다.',
    ),
    says(
      'update the server, or the device in front of it; allowing such servers at the client (UnsafeLegacyServerConnect) weakens its protection',
      '서버나 그 앞의 장비를 업데이트하세요. 클라이언트에서 허용하면(UnsafeLegacyServerConnect) 보호 수준이 낮아집니다.',
    ),
  ),
  renegotiation_refused: words(
    'renegotiation refused',
    '재협상 거부',
    says(
      '{other} started another handshake on the open connection, for example for a client certificate or new keys, and {refuser} refused it',
      '{other} 쪽이 열린 연결에서 핸드셰이크를 다시 하려 했지만(예: 클라이언트 인증서 요구, 키 교체) {refuser} 응하지 않았습니다.',
    ),
    says(
      'request the client certificate in the first handshake instead of for a single path, or use TLS 1.3',
      '클라이언트 인증서를 특정 경로가 아니라 처음 핸드셰이크에서 요구하도록 설정하거나 TLS 1.3을 쓰세요.',
    ),
  ),
  version_intolerance: words(
    'version intolerance',
    '새 버전을 처리하지 못함',
    says(
      '{refuser} fails on a valid ClientHello that offers newer versions, instead of choosing an older one[; the client offers {offered}]',
      '새 버전을 제안하는 올바른 ClientHello에 서버가 낮은 버전을 고르지 않고 오류를 냈습니다.[ 클라이언트가 제안한 버전: {offered}]',
    ),
    says(
      'update the server, or the device in front of it; to confirm, connect once with an older version only',
      '서버나 그 앞의 장비를 업데이트하세요. 확인하려면 낮은 버전만으로 한 번 접속해 보세요.',
    ),
  ),
  refused_over_http: words(
    'refused over HTTP',
    'HTTP로 거부됨',
    says(
      'the handshake succeeded, and the server then refused the request over HTTP, for a reason related to TLS[: {said}]',
      '핸드셰이크는 성공했지만, 그 뒤 서버가 TLS와 관련된 이유로 요청을 거부하는 HTTP 응답을 보냈습니다.[ 응답: {said}]',
    ),
    when(
      ({ detail }) => detail.said?.includes(' 421') === true,
      says(
        'the connection was opened for a different host than the request names: send the request over a new connection, and compare Host with the name in the ClientHello (SNI)',
        '연결할 때의 이름과 요청의 Host가 다릅니다. 새 연결로 요청하고, Host와 ClientHello의 이름(SNI)을 비교하세요.',
      ),
      says(
        'present a certificate with its key (--cert and --key) that the server accepts; some servers ask for it in the handshake and refuse only the request',
        '서버가 받아들이는 인증서와 개인 키를 제시하세요(--cert, --key). 핸드셰이크에서 요구하고 요청 단계에서야 거부하는 서버도 있습니다.',
      ),
    ),
  ),
  channel_binding_refused: words(
    'channel binding failed',
    '채널 바인딩 실패',
    when(
      ({ by }) => by === 'client',
      says(
        'the server offers to bind the login to its certificate (SCRAM-PLUS), which it does only over TLS, but the client has no TLS: something in between terminates it',
        '서버는 로그인을 자기 인증서에 묶는 방식(SCRAM-PLUS)을 제안합니다. TLS에서만 하는 제안인데 클라이언트 쪽에는 TLS가 없으므로, 중간에서 TLS가 끝납니다.',
      ),
      says(
        'the client binds its login to the certificate that it saw, and the server has a different one: a proxy that terminates TLS has its own[. The server said: {said}]',
        '클라이언트는 자신이 본 인증서에 로그인을 묶는데 서버의 인증서는 다릅니다. TLS를 끝내는 프록시는 자기 인증서를 쓰기 때문입니다.[ 응답: {said}]',
      ),
    ),
    when(
      ({ by }) => by === 'client',
      says(
        "use TLS on the client's side too, with channel binding turned off (psql: channel_binding=disable), or a proxy that passes TLS through (--mode passthrough)",
        '클라이언트 쪽에도 TLS를 쓰고 채널 바인딩을 끄거나(psql: channel_binding=disable), TLS를 그대로 통과시키는 프록시(--mode passthrough)를 쓰세요.',
      ),
      says(
        'if you put the proxy there, turn channel binding off in the client (psql: channel_binding=disable), give the proxy the server’s own certificate, or pass TLS through (--mode passthrough). If you did not, stop here: this is how an attacker in the middle is detected',
        '직접 둔 프록시라면 클라이언트에서 채널 바인딩을 끄거나(psql: channel_binding=disable), 프록시에 서버의 인증서를 그대로 쓰거나, TLS를 그대로 통과시키세요(--mode passthrough). 그렇지 않다면 접속을 멈추세요. 채널 바인딩은 바로 중간자를 찾아내기 위한 것입니다.',
      ),
    ),
  ),
  starttls_refused: words(
    'TLS upgrade refused',
    'TLS 전환 거부',
    says(
      'the client asked to upgrade to TLS, and the server refused[: {said}]. Whatever follows on this connection is plaintext',
      '클라이언트가 TLS로 전환하자고 요청했지만 서버가 거부했습니다.[ 응답: {said}.] 이 연결에서 뒤이어 오가는 내용은 평문입니다.',
    ),
    when(
      // RFC 3207 section 4: TLS not available due to temporary reason. Who says so has TLS in its settings.
      ({ detail }) => detail.said?.startsWith('454') === true,
      says(
        'read the log of the server: TLS is configured and could not be started. The usual cause is a certificate or key file that cannot be loaded, and the log names it',
        '서버 로그를 확인하세요. TLS가 설정되어 있지만 시작하지 못했습니다. 인증서나 키 파일을 읽지 못하는 경우가 가장 흔하며, 로그에 그 파일이 나옵니다.',
      ),
      says(
        'configure a certificate and enable TLS on the server; make the client require TLS, so that it does not continue in plaintext',
        '서버에 인증서를 설정하고 TLS를 켜세요. 클라이언트는 평문으로 계속하지 않도록 TLS를 필수로 설정하세요.',
      ),
    ),
  ),
  proxy_header_refused: words(
    'PROXY protocol not expected',
    'PROXY 프로토콜 불일치',
    says(
      'a PROXY protocol header precedes the TLS handshake, and the server does not expect one',
      'TLS 핸드셰이크 앞에 PROXY 프로토콜 헤더가 있는데 서버는 이를 기대하지 않습니다.',
    ),
    says(
      'disable the header at the proxy (send-proxy), or enable it at the server (accept-proxy, proxy_protocol): both sides must agree',
      '프록시에서 헤더를 끄거나(send-proxy) 서버에서 켜세요(accept-proxy, proxy_protocol). 양쪽 설정이 같아야 합니다.',
    ),
  ),
  upgrade_on_tls_port: words(
    'TLS upgrade requested on a TLS port',
    'TLS 포트에 TLS 전환 요청',
    says(
      'the client requests a TLS upgrade in plaintext, but the server expects TLS from the first byte',
      '클라이언트는 평문으로 TLS 전환을 요청하는데, 서버는 첫 바이트부터 TLS를 기대합니다.',
    ),
    says(
      'make the client start with TLS (sslnegotiation=direct, SMTPS), or use the port on which the server expects the upgrade request',
      '클라이언트가 바로 TLS로 시작하도록 설정하거나(sslnegotiation=direct, SMTPS), 전환 요청을 받는 포트로 접속하세요.',
    ),
  ),
  heartbeat_leak: words(
    'memory leaked by heartbeat',
    '하트비트를 통한 메모리 유출',
    says(
      'the response to a heartbeat was far longer than the request: it contains server memory, possibly with keys and passwords (Heartbleed, CVE-2014-0160)',
      '하트비트(Heartbeat) 요청보다 훨씬 긴 응답이 왔습니다. 응답에는 서버의 메모리가 들어 있고, 키나 비밀번호도 있을 수 있습니다. Heartbleed(CVE-2014-0160)라고 불리는 결함입니다.',
    ),
    says(
      'update the TLS library on the server at once, then replace its key and certificate and every password that went through it',
      '서버의 TLS 라이브러리를 즉시 업데이트하고, 키와 인증서, 그 서버를 거친 비밀번호를 모두 바꾸세요.',
    ),
  ),
};
