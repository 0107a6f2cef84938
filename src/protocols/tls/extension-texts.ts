/**
 * What the less usual extensions and messages of TLS are, in words; the others, and the words about records, stand in
 * `texts.ts`, which has these too.
 */
import type { FieldText } from '../text.ts';

type Row = readonly [enName: string, koName: string, en: string, ko: string, source: string];

const rows = {
  'tls.handshake.extension': ['extension', '확장', 'What was added to the handshake over the years; whoever does not know one passes over it.', '핸드셰이크에 나중에 덧붙은 기능입니다. 모르는 확장은 그냥 넘어갑니다.', 'RFC 8446 section 4.2'],
  'tls.handshake.extension.max_fragment_length': ['maximum fragment length', '최대 조각 길이', 'A small device asks for smaller records.', '작은 기기가 더 짧은 레코드를 요청합니다.', 'RFC 6066 section 4'],
  'tls.handshake.extension.status_request': ['stapled status', 'OCSP 스테이플링', 'Asks for a fresh word of the CA on whether the certificate still stands; in the answer, that word.', '인증서가 아직 유효하다는 CA의 최신 확인을 요청합니다. 서버 쪽에서는 그 확인이 담겨 있습니다.', 'RFC 6066 section 8'],
  'tls.handshake.extension.ec_point_formats': ['ec point formats', '점 표현 방식', 'How points of curves may be written. Only uncompressed ones are used any more.', '곡선 위의 점을 적는 방식입니다. 이제는 압축하지 않은 방식만 씁니다.', 'RFC 8422 section 5.1.2'],
  'tls.handshake.extension.srp': ['user of a password login', '비밀번호 로그인 사용자', 'A user name, in clear, for a handshake that proves a password without sending it. Rare.', '비밀번호를 보내지 않고 증명하는 핸드셰이크의 사용자 이름입니다. 이름은 평문으로 나가며 드물게 쓰입니다.', 'RFC 5054 section 2.8.1'],
  'tls.handshake.extension.use_srtp': ['media protection', '미디어 보호(SRTP)', 'Keys for a call or a video are to come from this handshake.', '통화나 영상에 쓸 키를 이 핸드셰이크에서 만듭니다.', 'RFC 5764 section 4.1'],
  'tls.handshake.extension.heartbeat': ['heartbeat', '하트비트', 'Whether the other side may ask for a sign of life. Its careless reading was Heartbleed.', '상대가 살아 있는지 물어볼 수 있는지 나타냅니다. 이를 부주의하게 처리한 것이 Heartbleed 취약점입니다.', 'RFC 6520 section 2'],
  'tls.handshake.extension.signed_certificate_timestamp': ['certificate transparency', '인증서 투명성(CT)', 'Asks for the promises of public logs that they list the certificate; in the answer, those promises.', '인증서를 기록했다는 공개 로그의 약속을 요청합니다. 서버 쪽에서는 그 약속이 담겨 있습니다.', 'RFC 6962 section 3.3.1'],
  'tls.handshake.extension.client_certificate_type': ['type of the client\'s certificate', '클라이언트 인증서 종류', 'X.509, or a public key without any certificate around it.', 'X.509 인증서인지, 인증서 없는 공개 키인지 정합니다.', 'RFC 7250 section 3'],
  'tls.handshake.extension.server_certificate_type': ['type of the server\'s certificate', '서버 인증서 종류', 'X.509, or a public key without any certificate around it.', 'X.509 인증서인지, 인증서 없는 공개 키인지 정합니다.', 'RFC 7250 section 3'],
  'tls.handshake.extension.padding': ['padding', '패딩', 'Zeros that make the message longer, because some devices choke on certain lengths.', '메시지를 늘리는 0입니다. 특정 길이에서 오류를 내는 장비가 있어 넣습니다.', 'RFC 7685 section 3'],
  'tls.handshake.extension.encrypt_then_mac': ['encrypt, then authenticate', '암호화 후 인증', 'For old suites the safer order: the tag covers the ciphertext.', '옛 암호 스위트에서 더 안전한 순서입니다. 인증 값이 암호문을 보호합니다.', 'RFC 7366 section 2'],
  'tls.handshake.extension.compress_certificate': ['certificate compression', '인증서 압축', 'In which ways the certificate may be compressed. Chains are the largest part of a handshake.', '인증서를 어떤 방식으로 압축해도 되는지 나타냅니다. 인증서 체인은 핸드셰이크에서 가장 큽니다.', 'RFC 8879 section 3'],
  'tls.handshake.extension.record_size_limit': ['record size limit', '레코드 크기 제한', 'The longest record that this side wants to get.', '이쪽이 받을 수 있는 가장 긴 레코드의 크기입니다.', 'RFC 8449 section 4'],
  'tls.handshake.extension.delegated_credential': ['delegated credential', '위임 자격 증명', 'A key for hours or days, signed with the key of the certificate: a server at the edge need not hold the long-lived one.', '인증서의 키로 서명한, 몇 시간에서 며칠만 쓰는 키입니다. 외부에 놓인 서버가 수명이 긴 키를 갖고 있지 않아도 됩니다.', 'RFC 9345 section 4'],
  'tls.handshake.extension.pre_shared_key': ['pre-shared key', '사전 공유 키(PSK)', 'A secret from an earlier session or from elsewhere. With it neither side shows a certificate again.', '이전 세션이나 다른 경로로 나눈 비밀입니다. 이것을 쓰면 인증서를 다시 보내지 않습니다.', 'RFC 8446 section 4.2.11'],
  'tls.handshake.extension.pre_shared_key.identity': ['which key', '키 식별자', 'Most often a ticket of the server. Sent twice in clear, it links two visits.', '대개 서버가 준 티켓입니다. 평문으로 두 번 보내면 두 방문이 같은 사람임이 드러납니다.', 'RFC 8446 section 4.2.11'],
  'tls.handshake.extension.pre_shared_key.binder': ['proof of the key', '키 소유 증명', 'Shows that the client holds the key, without showing the key.', '키를 드러내지 않고 키를 갖고 있음을 증명합니다.', 'RFC 8446 section 4.2.11.2'],
  'tls.handshake.extension.early_data': ['early data (0-RTT)', '조기 데이터(0-RTT)', 'The client sends data at once, before the server has answered. An attacker can record it and send it again: never for a payment.', '서버가 답하기 전에 데이터를 먼저 보냅니다. 공격자가 녹화해 다시 보낼 수 있으므로 결제 같은 요청에는 쓰면 안 됩니다.', 'RFC 8446 section 4.2.10'],
  'tls.handshake.extension.cookie': ['cookie', '쿠키', 'Given in a HelloRetryRequest and handed back, so that the server need not remember. Not a cookie of HTTP.', 'HelloRetryRequest로 받아 그대로 돌려주는 값입니다. 서버가 기억하지 않아도 되며 HTTP 쿠키와는 다릅니다.', 'RFC 8446 section 4.2.2'],
  'tls.handshake.extension.certificate_authorities': ['trusted CAs', '신뢰하는 CA', 'By which CAs a certificate should be issued to be accepted.', '어떤 CA가 발급한 인증서를 받아들이는지 나타냅니다.', 'RFC 8446 section 4.2.4'],
  'tls.handshake.extension.oid_filters': ['filters', '인증서 조건', 'What a client\'s certificate must hold in its extensions.', '클라이언트 인증서의 확장에 있어야 하는 값입니다.', 'RFC 8446 section 4.2.5'],
  'tls.handshake.extension.post_handshake_auth': ['may be asked later', '나중 인증 허용', 'The client agrees to be asked for its certificate after the handshake.', '핸드셰이크가 끝난 뒤에도 인증서를 요청받을 수 있음을 알립니다.', 'RFC 8446 section 4.2.6'],
  'tls.handshake.extension.signature_algorithms_cert': ['signatures on certificates', '인증서 서명 방식', 'Which signatures may stand on certificates, where that differs from the handshake\'s own.', '인증서에 허용하는 서명 방식입니다. 핸드셰이크의 서명 방식과 다를 때 적습니다.', 'RFC 8446 section 4.2.3'],
  'tls.handshake.extension.key_share.encapsulation_key': ['post-quantum key', '양자 내성 공개 키', 'The ML-KEM half of a hybrid: the server seals a secret to it. A quantum computer of the future cannot open what was recorded today.', '혼합 키 교환에서 ML-KEM 몫의 공개 키입니다. 서버가 이 키로 비밀을 감싸 보냅니다. 미래의 양자 컴퓨터도 오늘 녹화한 통신을 풀 수 없습니다.', 'RFC 8446 section 4.2.8'],
  'tls.handshake.extension.key_share.ciphertext': ['post-quantum secret, sealed', '양자 내성 암호문', 'The server\'s answer in ML-KEM: a secret that only the client\'s key opens.', '서버가 ML-KEM으로 보낸 답입니다. 클라이언트의 키로만 열 수 있는 비밀이 들어 있습니다.', 'RFC 8446 section 4.2.8'],
  'tls.handshake.extension.key_share.ecdh': ['classical key', '기존 방식의 공개 키', 'The half of a hybrid that is a curve\'s: should ML-KEM prove weak, this one still holds.', '혼합 키 교환에서 타원곡선 몫의 공개 키입니다. ML-KEM에 약점이 드러나도 이쪽이 지켜 줍니다.', 'RFC 8446 section 4.2.8'],
  'tls.handshake.extension.connection_id': ['connection id', '연결 ID', 'Names a DTLS connection whatever address it comes from.', '주소가 바뀌어도 같은 DTLS 연결임을 알아보게 합니다.', 'RFC 9146 section 3'],
  'tls.handshake.extension.ticket_request': ['tickets wanted', '요청 티켓 수', 'How many tickets for later sessions the client would like.', '클라이언트가 받고 싶은 재접속 티켓의 수입니다.', 'RFC 9149 section 3'],
  'tls.handshake.extension.encrypted_client_hello': ['encrypted ClientHello', '암호화된 ClientHello(ECH)', 'The true ClientHello, with the true server name, sealed inside this one. The name that everybody sees is only the provider\'s. Browsers also send random bytes here, so that nobody can tell who uses it.', '실제 서버 이름이 담긴 진짜 ClientHello를 암호화해 넣은 것입니다. 겉에 보이는 이름은 서비스 제공자의 이름일 뿐입니다. 브라우저는 무작위 바이트를 넣기도 하므로 실제로 쓰는지 구별할 수 없습니다.', 'RFC 9849 section 5'],
  'tls.handshake.extension.encrypted_client_hello.config_id': ['which key', '키 번호', 'Which of the server\'s published keys sealed it.', '서버가 공개한 키 가운데 무엇으로 암호화했는지 나타냅니다.', 'RFC 9849 section 5'],
  'tls.handshake.extension.encrypted_client_hello.enc': ['key for the seal', '암호화용 공개 키', 'The client\'s public key for this one message (HPKE).', '이 메시지에만 쓰는 클라이언트의 공개 키(HPKE)입니다.', 'RFC 9849 section 5'],
  'tls.handshake.extension.encrypted_client_hello.payload': ['sealed ClientHello', '암호화된 내용', 'The inner ClientHello. Only the server\'s key opens it; a key log file does not.', '안쪽 ClientHello입니다. 서버의 키로만 열 수 있고 키 로그 파일로는 열 수 없습니다.', 'RFC 9849 section 5'],
  'tls.handshake.end_of_early_data': ['end of early data', '조기 데이터 끝', 'What follows is no longer early data: it has other keys.', '여기까지가 조기 데이터입니다. 뒤부터는 다른 키를 씁니다.', 'RFC 8446 section 4.5'],
  'tls.handshake.certificate_status': ['stapled status', '스테이플링된 상태', 'The CA\'s fresh word on the certificate, before TLS 1.3 in a message of its own.', '인증서에 대한 CA의 최신 확인입니다. TLS 1.3 이전에는 따로 한 메시지로 보냅니다.', 'RFC 6066 section 8'],
  'tls.handshake.certificate.issuer_sent': ['the issuer was sent too', '발급자도 함께 보냄', 'A certificate of this name is in the same list, and its signature fits: it issued this one.', '같은 목록에 이 이름의 인증서가 있고 서명도 맞습니다. 그 인증서로 발급한 것입니다.', 'RFC 8446 section 4.4.2'],
  'tls.handshake.certificate.issuer_sent.broken': ['the issuer\'s signature does not fit', '발급자의 서명 불일치', 'A certificate of this name is in the same list, but the signature was not made with its key.', '같은 목록에 이 이름의 인증서가 있지만 그 키로 한 서명이 아닙니다.', 'RFC 5280 section 6.1.3'],
  'tls.handshake.certificate.issuer_not_sent': ['the issuer was not sent', '발급자는 보내지 않음', 'No certificate of this name is in the list. That is usual for a root, which the other side must have already; if it is an intermediate, the other side cannot find its way.', '목록에 이 이름의 인증서가 없습니다. 루트라면 상대가 이미 갖고 있어야 하므로 보통 보내지 않습니다. 중간 인증서가 빠진 것이라면 상대가 체인을 이을 수 없습니다.', 'RFC 8446 section 4.4.2'],
  'tls.handshake.certificate.issuer_itself': ['self-signed', '자체 서명', 'It names itself as issuer and is signed with its own key: it proves nothing to anybody who does not have it already.', '자신을 발급자로 적고 자기 키로 서명했습니다. 이 인증서를 이미 갖고 있지 않은 쪽에는 아무것도 증명하지 못합니다.', 'RFC 5280 section 6.1'],
  'tls.handshake.certificate.issuer_itself.broken': ['names itself, but did not sign', '자기 이름이지만 서명 불일치', 'It names itself as issuer, and its own key did not make the signature.', '자신을 발급자로 적었지만 자기 키로 한 서명이 아닙니다.', 'RFC 5280 section 6.1.3'],
  'tls.handshake.compressed_certificate': ['compressed certificate', '압축된 인증서', 'A Certificate message, compressed.', 'Certificate 메시지를 압축한 것입니다.', 'RFC 8879 section 4'],
  'tls.handshake.compressed_certificate.uncompressed_length': ['length when opened', '압축 전 길이', 'What the sender claims. It is checked, and a claim too large is not believed: a few bytes can claim gigabytes.', '보낸 쪽이 밝힌 길이입니다. 확인하고 나서 열며 지나치게 크면 믿지 않습니다. 몇 바이트로도 수 기가바이트라고 주장할 수 있기 때문입니다.', 'RFC 8879 section 4'],
  'tls.handshake.compressed_certificate.too_long': ['not opened: too long', '열지 않음: 너무 김', 'It claims more than any certificate message has, and is not opened: it may be a decompression bomb.', '어떤 인증서 메시지보다도 길다고 주장하므로 열지 않았습니다. 압축 폭탄일 수 있습니다.', 'RFC 8879 section 5'],
  'tls.handshake.compressed_certificate.wrong_length': ['not as long as it claims', '길이가 다름', 'What comes out is not as long as the sender claims; the handshake must end.', '압축을 푼 길이가 보낸 쪽이 밝힌 길이와 다릅니다. 이 핸드셰이크는 중단되어야 합니다.', 'RFC 8879 section 4'],
  'tls.handshake.compressed_certificate.unknown_algorithm': ['unknown compression', '알 수 없는 압축', 'Compressed in a way that has no number in the registry.', '등록되지 않은 방식으로 압축되었습니다.', 'RFC 8879 section 7.3'],
  'tls.handshake.compressed_certificate.unsupported': ['not opened here', '여기서는 열 수 없음', 'This version of Node cannot open zstd; Node 22.15 or later can.', '지금의 Node 버전은 zstd를 열지 못합니다. Node 22.15 이상이면 열 수 있습니다.', 'RFC 8879 section 7.3'],
  'tls.handshake.compressed_certificate.damaged': ['damaged', '손상됨', 'It is no compressed data, or what was compressed is no list of certificates.', '압축 데이터가 아니거나, 압축된 내용이 인증서 목록이 아닙니다.', 'RFC 8879 section 4'],
} satisfies Readonly<Record<string, Row>>;

export type TlsExtensionTextId = keyof typeof rows;

export const tlsExtensionTexts = Object.fromEntries(
  Object.entries<Row>(rows).map(([id, [enName, koName, en, ko, source]]): [string, FieldText] => [id, { name: { en: enName, ko: koName }, meaning: { en, ko }, source }]),
) as Readonly<Record<TlsExtensionTextId, FieldText>>;
