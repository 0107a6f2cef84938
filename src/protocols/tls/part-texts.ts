/**
 * Explains the smaller parts of TLS messages, without long texts in `texts.ts`. A row: the id, its name, its meaning,
 * the standard. Lengths, lists and unparsed extensions and messages need no row: their text is derived from the name of
 * their parent (`partTextOf`).
 */
import { defined } from '../../core/defined.ts';
import type { FieldId } from '../../core/field.ts';
import { fieldTexts } from '../text.ts';
import type { FieldText, TextRow } from '../text.ts';
import type { tlsFieldIds } from './ids.ts';
import type { tlsTexts } from './texts.ts';
import { extensionNames, handshakeTypeNames } from './codes.ts';

/** Fields without a text of their own: their parent explains them. */
type ExplainedByParent =
  | 'tls.handshake.certificate_status.data'
  | 'tls.handshake.certificate_status.response.opaque'
  | 'tls.handshake.extension.application_settings.data'
  | 'tls.handshake.extension.application_settings.protocol'
  | 'tls.handshake.extension.application_settings.settings'
  | 'tls.handshake.extension.application_settings_new.data'
  | 'tls.handshake.extension.application_settings_new.protocol'
  | 'tls.handshake.extension.application_settings_new.settings'
  | 'tls.handshake.extension.cached_info.data'
  | 'tls.handshake.extension.cached_info.hash'
  | 'tls.handshake.extension.cached_info.type'
  | 'tls.handshake.extension.cert_type.data'
  | 'tls.handshake.extension.cert_type.type'
  | 'tls.handshake.extension.client_authz.data'
  | 'tls.handshake.extension.client_authz.format'
  | 'tls.handshake.extension.connection_id.connection_id'
  | 'tls.handshake.extension.connection_id.data'
  | 'tls.handshake.extension.delegated_credential.data'
  | 'tls.handshake.extension.delegated_credential.public_key'
  | 'tls.handshake.extension.delegated_credential.public_key.opaque'
  | 'tls.handshake.extension.delegated_credential.scheme'
  | 'tls.handshake.extension.delegated_credential.signature'
  | 'tls.handshake.extension.delegated_credential.valid_time'
  | 'tls.handshake.extension.dnssec_chain.chain'
  | 'tls.handshake.extension.dnssec_chain.data'
  | 'tls.handshake.extension.dnssec_chain.port'
  | 'tls.handshake.extension.encrypted_client_hello.aead'
  | 'tls.handshake.extension.encrypted_client_hello.cipher_suites'
  | 'tls.handshake.extension.encrypted_client_hello.config'
  | 'tls.handshake.extension.encrypted_client_hello.config.extensions'
  | 'tls.handshake.extension.encrypted_client_hello.config.opaque'
  | 'tls.handshake.extension.encrypted_client_hello.config.version'
  | 'tls.handshake.extension.encrypted_client_hello.confirmation'
  | 'tls.handshake.extension.encrypted_client_hello.data'
  | 'tls.handshake.extension.encrypted_client_hello.kdf'
  | 'tls.handshake.extension.encrypted_client_hello.kem'
  | 'tls.handshake.extension.encrypted_client_hello.maximum_name_length'
  | 'tls.handshake.extension.encrypted_client_hello.public_key'
  | 'tls.handshake.extension.encrypted_client_hello.public_name'
  | 'tls.handshake.extension.encrypted_client_hello.retry_configs'
  | 'tls.handshake.extension.encrypted_client_hello.type'
  | 'tls.handshake.extension.quic_transport_parameters.data'
  | 'tls.handshake.extension.external_id_hash.data'
  | 'tls.handshake.extension.external_id_hash.hash'
  | 'tls.handshake.extension.external_session_id.data'
  | 'tls.handshake.extension.external_session_id.session_id'
  | 'tls.handshake.extension.heartbeat.data'
  | 'tls.handshake.extension.heartbeat.mode'
  | 'tls.handshake.extension.key_share.public'
  | 'tls.handshake.extension.next_protocol_negotiation.data'
  | 'tls.handshake.extension.next_protocol_negotiation.protocol'
  | 'tls.handshake.extension.oid_filters.data'
  | 'tls.handshake.extension.oid_filters.oid'
  | 'tls.handshake.extension.oid_filters.values'
  | 'tls.handshake.extension.padding.data'
  | 'tls.handshake.extension.padding.zeros'
  | 'tls.handshake.extension.server_authz.data'
  | 'tls.handshake.extension.server_authz.format'
  | 'tls.handshake.extension.session_ticket.data'
  | 'tls.handshake.extension.session_ticket.ticket'
  | 'tls.handshake.extension.signed_certificate_timestamp.data'
  | 'tls.handshake.extension.srp.data'
  | 'tls.handshake.extension.srp.user'
  | 'tls.handshake.extension.status_request.response.opaque'
  | 'tls.handshake.extension.status_request_v2.data'
  | 'tls.handshake.extension.status_request_v2.request'
  | 'tls.handshake.extension.status_request_v2.request_extensions'
  | 'tls.handshake.extension.status_request_v2.responder_id_list'
  | 'tls.handshake.extension.status_request_v2.status_type'
  | 'tls.handshake.extension.ticket_request.data'
  | 'tls.handshake.extension.ticket_request.new_session_count'
  | 'tls.handshake.extension.ticket_request.resumption_count'
  | 'tls.handshake.extension.token_binding.data'
  | 'tls.handshake.extension.token_binding.key_parameter'
  | 'tls.handshake.extension.token_binding.version'
  | 'tls.handshake.extension.trusted_ca_keys.data'
  | 'tls.handshake.extension.trusted_ca_keys.distinguished_name'
  | 'tls.handshake.extension.trusted_ca_keys.identifier_type'
  | 'tls.handshake.extension.trusted_ca_keys.sha1'
  | 'tls.handshake.extension.use_srtp.data'
  | 'tls.handshake.extension.use_srtp.mki'
  | 'tls.handshake.extension.use_srtp.profile'
  | 'tls.handshake.extension.user_mapping.data'
  | 'tls.handshake.extension.user_mapping.type';

/** A list is explained by its items (`partTextOf`). */
type NeedsWords = Exclude<
  (typeof tlsFieldIds)[number],
  keyof typeof tlsTexts | ExplainedByParent | `${string}.list`
>;

export const tlsPartTexts: Readonly<Record<NeedsWords, FieldText>> = fieldTexts({
  'tls.record': [
    'record',
    '레코드',
    'An envelope for at most 16,384 bytes of content. All TLS messages are sent in records.',
    '최대 16,384바이트의 내용을 담는 봉투입니다. TLS의 모든 말은 레코드에 담겨 갑니다.',
    'RFC 8446 section 5.1',
  ],
  'tls.record.fragment': [
    'record content',
    '레코드 내용',
    'The content of the record. A message longer than a record continues in the next one.',
    '레코드에 담긴 내용입니다. 레코드 하나보다 긴 메시지는 다음 레코드로 이어집니다.',
    'RFC 8446 section 5.1',
  ],
  'tls.content': [
    'unknown bytes',
    '알 수 없는 바이트',
    'Bytes that are not a record, or that were not captured. What follows cannot be separated into records.',
    '레코드가 아니거나 캡처되지 않은 바이트입니다. 그 뒤의 내용은 더 나눌 수 없습니다.',
    'RFC 8446 section 5.1',
  ],
  'tls.application_data.data': [
    'application data',
    '애플리케이션 데이터',
    'The data of the two applications above TLS, decrypted here or never encrypted.',
    'TLS 위의 두 프로그램이 주고받는 말입니다. 여기서는 복호화되었거나 처음부터 암호화되지 않았습니다.',
    'RFC 8446 section 5.2',
  ],
  'tls.heartbeat': [
    'heartbeat',
    '하트비트',
    'Tests whether the other side is still there. In 2014 a missing check of its length allowed anyone to read the memory of servers: Heartbleed.',
    '상대가 아직 있는지 묻는 메시지입니다. 2014년에는 길이를 확인하지 않은 탓에 누구나 서버의 메모리를 읽을 수 있었습니다(Heartbleed).',
    'RFC 6520 section 4',
  ],
  'tls.heartbeat.data': [
    'heartbeat content',
    '하트비트 내용',
    'A type, a length and bytes that the other side echoes. A length larger than the actual data was the Heartbleed attack.',
    '유형과 길이, 그리고 상대가 그대로 돌려보낼 바이트입니다. 실제보다 큰 길이를 적는 것이 Heartbleed 공격이었습니다.',
    'RFC 6520 section 4',
  ],
  'tls.change_cipher_spec.type': [
    'ChangeCipherSpec content',
    'ChangeCipherSpec 내용',
    'Always 1. Under TLS 1.3 it has no meaning and is sent so that old middleboxes see what they expect.',
    '항상 1입니다. TLS 1.3에서는 아무 뜻이 없으며, 중간의 오래된 장비가 익숙한 모습을 보게 하려고 보냅니다.',
    'RFC 8446 section 5',
  ],
  'tls.version2_hello.length': [
    'length of the SSL 2.0 hello',
    '옛 형식 hello의 길이',
    'Two bytes with the highest bit set. No record starts like this, which distinguishes it.',
    '맨 위 비트가 1인 2바이트입니다. 이렇게 시작하는 레코드는 없으므로 이것으로 구별합니다.',
    'RFC 5246 appendix E.2',
  ],
  'tls.version2_hello.type': [
    'message type',
    '메시지 유형',
    '1 for the hello of a client; this form has no other type.',
    '1은 클라이언트의 hello입니다. 이 형식에는 다른 유형이 없습니다.',
    'RFC 5246 appendix E.2',
  ],
  'tls.version2_hello.version': [
    'highest version',
    '최고 버전',
    'The newest version that the client supports. The form is still that of SSL 2.0, so that the oldest servers respond.',
    '클라이언트가 쓸 수 있는 가장 새로운 버전입니다. 아주 오래된 서버도 답하도록 형식만은 SSL 2.0을 따릅니다.',
    'RFC 5246 appendix E.2',
  ],
  'tls.version2_hello.cipher_specs': [
    'ciphers',
    '암호 목록',
    'The ciphers that the client supports, three bytes each. Those that start with zero are suites of SSL 3.0 and TLS.',
    '클라이언트가 쓸 수 있는 암호로, 하나가 3바이트입니다. 0으로 시작하는 것은 SSL 3.0과 TLS의 스위트입니다.',
    'RFC 5246 appendix E.2',
  ],
  'tls.version2_hello.cipher_specs.cipher': [
    'cipher',
    '암호',
    'One cipher. Those that do not start with zero belong to SSL 2.0, which must not be used any more.',
    '암호 하나입니다. 0으로 시작하지 않는 것은 이제 쓸 수 없는 SSL 2.0의 암호입니다.',
    'RFC 6176 section 3',
  ],
  'tls.version2_hello.session_id': [
    'session id',
    '세션 ID',
    'Empty: a session of TLS is not resumed in this form.',
    '비어 있습니다. 이 형식으로는 TLS 세션을 재개하지 않습니다.',
    'RFC 5246 appendix E.2',
  ],
  'tls.version2_hello.challenge': [
    'challenge',
    '챌린지',
    'Random bytes. Padded with leading zeros, they are the client random of the handshake.',
    '난수입니다. 앞을 0으로 채우면 핸드셰이크의 클라이언트 난수가 됩니다.',
    'RFC 5246 appendix E.2',
  ],
  'tls.handshake.server_hello.compression_method': [
    'compression',
    '압축 방식',
    '0 for none. Compression before encryption leaks content through its size (CRIME), so it is not used any more.',
    '0은 압축하지 않음입니다. 압축한 뒤 암호화하면 크기로 내용이 드러나므로(CRIME) 이제는 쓰지 않습니다.',
    'RFC 8446 section 4.1.3',
  ],
  'tls.handshake.extension': [
    'extension',
    '확장',
    'One extension: its type, its length, what it says. Who does not know it passes over it.',
    '확장 하나로, 유형과 길이와 내용이 차례로 옵니다. 모르는 확장은 건너뜁니다.',
    'RFC 8446 section 4.2',
  ],
  'tls.handshake.extension.length': [
    'extension length',
    '확장의 길이',
    'The length of the extension. It allows a parser to skip unknown extensions.',
    '확장 내용의 바이트 수입니다. 모르는 확장은 이 길이만큼 건너뜁니다.',
    'RFC 8446 section 4.2',
  ],
  'tls.handshake.extension.server_name.name_type': [
    'name type',
    '이름 유형',
    '0 for a host name; no other type was ever defined.',
    '0은 호스트 이름입니다. 다른 유형은 정해진 적이 없습니다.',
    'RFC 6066 section 3',
  ],
  'tls.handshake.extension.max_fragment_length.code': [
    'largest fragment',
    '최대 조각 크기',
    'The maximum record size: 1 for 512 bytes, 2 for 1,024, 3 for 2,048, 4 for 4,096.',
    '레코드의 최대 크기입니다. 1은 512바이트, 2는 1,024바이트, 3은 2,048바이트, 4는 4,096바이트입니다.',
    'RFC 6066 section 4',
  ],
  'tls.handshake.extension.application_layer_protocol_negotiation.protocol': [
    'protocol',
    '프로토콜',
    'A protocol above TLS: h2 is HTTP/2. The client’s offer is visible in every version; the selection is encrypted under TLS 1.3.',
    'TLS 위에서 쓸 프로토콜입니다. h2는 HTTP/2입니다. 제안은 어느 버전에서나 보이고, 선택은 TLS 1.3에서 암호화됩니다.',
    'RFC 7301 section 3.1',
  ],
  'tls.handshake.extension.status_request': [
    'status request',
    '상태 요청',
    'Asks the server to send along a fresh statement (OCSP) that its certificate is not revoked.',
    '인증서가 폐기되지 않았다는 최신 확인서(OCSP)를 함께 보내 달라는 요청입니다.',
    'RFC 6066 section 8',
  ],
  'tls.handshake.extension.status_request.status_type': [
    'kind of statement',
    '확인서 종류',
    '1 for OCSP, the only kind in use.',
    '1은 OCSP이며, 쓰이는 것은 이것뿐입니다.',
    'RFC 6066 section 8',
  ],
  'tls.handshake.extension.status_request.responder_id_list': [
    'responders',
    '응답 서버 목록',
    'The responders whose statements the client accepts; empty for any.',
    '클라이언트가 받아들일 확인서의 발급자입니다. 비어 있으면 누구든 상관없습니다.',
    'RFC 6066 section 8',
  ],
  'tls.handshake.extension.status_request.request_extensions': [
    'extensions of the request',
    '요청의 확장',
    'Additional requirements for the statement; empty in practice.',
    '확인서에 대한 추가 요구입니다. 실제로는 비어 있습니다.',
    'RFC 6066 section 8',
  ],
  'tls.handshake.extension.status_request.response': [
    'statement',
    '확인서',
    'The OCSP response, signed by the CA: whether the certificate is revoked, and until when that holds.',
    '인증 기관(CA)이 서명한 OCSP 응답입니다. 인증서의 폐기 여부와 그 유효 기한이 들어 있습니다.',
    'RFC 8446 section 4.4.2.1',
  ],
  'tls.handshake.extension.status_request.data': [
    'request of another kind',
    '다른 종류의 요청',
    'A request in a form that this program does not know.',
    '이 프로그램이 모르는 형식의 요청입니다.',
    'RFC 6066 section 8',
  ],
  'tls.handshake.extension.status_request_v2': [
    'status request, version 2',
    '상태 요청(2판)',
    'The same for every certificate in the chain. TLS 1.3 removed it.',
    '체인의 모든 인증서에 대한 같은 요청입니다. TLS 1.3에서는 없어졌습니다.',
    'RFC 6961 section 2.2',
  ],
  'tls.handshake.extension.supported_groups.group': [
    'group',
    '그룹',
    'A curve or another group for the key agreement. Those with MLKEM in their name also resist quantum computers.',
    '키를 합의할 수 있는 곡선이나 수의 그룹입니다. 이름에 MLKEM이 있으면 양자 컴퓨터에도 견딥니다.',
    'RFC 8446 section 4.2.7',
  ],
  'tls.handshake.extension.ec_point_formats': [
    'point formats',
    '점 형식',
    'How points of a curve may be written. One form has survived; TLS 1.3 asks no more.',
    '곡선의 점을 적는 방식입니다. 남은 방식은 하나뿐이고 TLS 1.3은 더 묻지 않습니다.',
    'RFC 8422 section 5.1.2',
  ],
  'tls.handshake.extension.ec_point_formats.format': [
    'point format',
    '점 형식',
    '0 for uncompressed; 1 and 2 are out of use.',
    '0은 압축하지 않은 형식이며, 1과 2는 쓰지 않습니다.',
    'RFC 8422 section 5.1.2',
  ],
  'tls.handshake.extension.signature_algorithms.scheme': [
    'signature scheme',
    '서명 방식',
    'A signature scheme that the sender can verify. If rsa_pkcs1_sha1 is listed, old certificates are still accepted.',
    '보낸 쪽이 확인할 수 있는 서명 방식입니다. rsa_pkcs1_sha1이 있으면 오래된 인증서도 받는다는 뜻입니다.',
    'RFC 8446 section 4.2.3',
  ],
  'tls.handshake.extension.signature_algorithms_cert': [
    'signatures in certificates',
    '인증서의 서명 방식',
    'Which signatures certificates may have, where these are others than those of the handshake.',
    '인증서에 쓸 수 있는 서명 방식으로, 핸드셰이크의 것과 다를 때 보냅니다.',
    'RFC 8446 section 4.2.3',
  ],
  'tls.handshake.extension.signature_algorithms_cert.scheme': [
    'signature scheme',
    '서명 방식',
    'A signature scheme of certificates that the sender can verify.',
    '보낸 쪽이 확인할 수 있는 인증서 서명 방식입니다.',
    'RFC 8446 section 4.2.3',
  ],
  'tls.handshake.extension.supported_versions.version': [
    'version',
    '버전',
    'A version that the client supports; in a ServerHello, the selected one. This is the real version.',
    '클라이언트가 쓸 수 있는 버전입니다. ServerHello에서는 이제부터 쓸 버전이며, 이것이 실제 버전입니다.',
    'RFC 8446 section 4.2.1',
  ],
  'tls.handshake.extension.key_share.entry': [
    'key share',
    '키 공유 항목',
    'One half of a key agreement, sent on the assumption that the server supports its group. It saves a round trip.',
    '서버가 이 그룹을 고르리라 짐작하고 미리 보내는 키 교환의 절반입니다. 왕복 한 번을 아낍니다.',
    'RFC 8446 section 4.2.8',
  ],
  'tls.handshake.extension.key_share.group': [
    'group of the key share',
    '키 공유의 그룹',
    'The group of this half. In a HelloRetryRequest: the group that the server wants instead.',
    '이 절반이 속한 그룹입니다. HelloRetryRequest에서는 서버가 대신 원하는 그룹입니다.',
    'RFC 8446 section 4.2.8',
  ],
  'tls.handshake.extension.psk_key_exchange_modes.mode': [
    'mode',
    '방식',
    '1 adds a new key agreement to a resumed session, so that an old key decrypts nothing new; 0 does not.',
    '1은 재개한 세션에도 새 키 교환을 섞어, 예전 키로 새 내용을 열 수 없게 합니다. 0은 섞지 않습니다.',
    'RFC 8446 section 4.2.9',
  ],
  'tls.handshake.extension.pre_shared_key': [
    'pre-shared key',
    '사전 공유 키',
    'The client shows a ticket of an earlier connection. It is readable: who collects tickets can join the connections of one client.',
    '클라이언트가 이전 연결에서 받은 티켓을 제시합니다. 누구나 읽을 수 있어, 티켓을 모으면 한 클라이언트의 연결들을 이어 볼 수 있습니다.',
    'RFC 8446 section 4.2.11',
  ],
  'tls.handshake.extension.pre_shared_key.identities': [
    'identities',
    '식별자 목록',
    'The tickets that the client presents, in order of preference.',
    '클라이언트가 제시하는 티켓들로, 가장 원하는 것이 앞에 옵니다.',
    'RFC 8446 section 4.2.11',
  ],
  'tls.handshake.extension.pre_shared_key.identity': [
    'identity',
    '식별자',
    'A ticket as the server gave it out. Only the server can read what is in it.',
    '서버가 발급한 그대로의 티켓입니다. 내용은 서버만 읽을 수 있습니다.',
    'RFC 8446 section 4.2.11',
  ],
  'tls.handshake.extension.pre_shared_key.obfuscated_ticket_age': [
    'obfuscated ticket age',
    '가려진 티켓 나이',
    'The age of the ticket in milliseconds, plus a number that only the two sides know: otherwise the age would link the connections.',
    '티켓의 나이(밀리초)에 양쪽만 아는 수를 더한 값입니다. 나이가 그대로 보이면 연결들을 이어 볼 수 있기 때문입니다.',
    'RFC 8446 section 4.2.11.1',
  ],
  'tls.handshake.extension.pre_shared_key.binders': [
    'binders',
    '바인더 목록',
    'One proof for each ticket.',
    '티켓마다 하나씩 있는 증명입니다.',
    'RFC 8446 section 4.2.11.2',
  ],
  'tls.handshake.extension.pre_shared_key.binder': [
    'binder',
    '바인더',
    'Proves that the sender holds the key of the ticket, and did not copy it from the wire.',
    '티켓을 그저 베낀 것이 아니라 티켓의 키를 실제로 가지고 있음을 증명합니다.',
    'RFC 8446 section 4.2.11.2',
  ],
  'tls.handshake.extension.pre_shared_key.selected_identity': [
    'chosen identity',
    '선택된 식별자',
    'The server accepts the ticket with this number. It then sends no certificate: the old connection authenticates the new one.',
    '서버가 이 번호의 티켓을 받아들였습니다. 이전 연결이 보증하므로 인증서를 보내지 않습니다.',
    'RFC 8446 section 4.2.11',
  ],
  'tls.handshake.extension.early_data': [
    'early data',
    '조기 데이터',
    'The client sends its request before the server has said anything. It can be replayed: good for fetching a picture, not for a payment.',
    '서버가 말하기도 전에 요청을 보냅니다. 재전송 공격이 가능하므로 그림을 받는 데는 좋지만 결제에는 맞지 않습니다.',
    'RFC 8446 section 4.2.10',
  ],
  'tls.handshake.extension.early_data.max_early_data_size': [
    'maximum early data size',
    '조기 데이터 한도',
    'How many bytes the client may send early next time.',
    '다음번에 조기 데이터로 보낼 수 있는 최대 바이트 수입니다.',
    'RFC 8446 section 4.2.10',
  ],
  'tls.handshake.extension.certificate_authorities': [
    'CAs',
    '인증 기관 목록',
    'The CAs whose certificates are taken. Under TLS 1.3 a server’s list is sealed; under 1.2 it was readable in the CertificateRequest.',
    '받아들이는 인증 기관(CA)의 이름입니다. TLS 1.3에서는 서버의 목록이 암호화되고, TLS 1.2에서는 CertificateRequest에 그대로 보였습니다.',
    'RFC 8446 section 4.2.4',
  ],
  'tls.handshake.extension.certificate_authorities.distinguished_name': [
    'CA name',
    '인증 기관 이름',
    'The name of one CA, in the form that certificates have (DER).',
    '인증 기관(CA) 하나의 이름으로, 인증서와 같은 형식(DER)입니다.',
    'RFC 8446 section 4.2.4',
  ],
  'tls.handshake.extension.compress_certificate': [
    'compressed certificates',
    '인증서 압축',
    'The sender can unpack certificates that were compressed; they are the largest part of a handshake.',
    '압축된 인증서를 풀 수 있다는 뜻입니다. 인증서는 핸드셰이크에서 가장 큰 부분입니다.',
    'RFC 8879 section 3',
  ],
  'tls.handshake.extension.compress_certificate.algorithm': [
    'algorithm',
    '압축 알고리즘',
    '1 for zlib, 2 for brotli, 3 for zstd.',
    '1은 zlib, 2는 brotli, 3은 zstd입니다.',
    'RFC 8879 section 3',
  ],
  'tls.handshake.extension.cookie': [
    'cookie',
    '쿠키',
    'The server gives it out in a HelloRetryRequest and gets it back: so it need remember nothing of the first try.',
    '서버가 HelloRetryRequest에 실어 보내고 되돌려받습니다. 덕분에 첫 시도를 기억하지 않아도 됩니다.',
    'RFC 8446 section 4.2.2',
  ],
  'tls.handshake.extension.cookie.value': [
    'cookie value',
    '쿠키 값',
    'Bytes that only the server understands.',
    '서버만 뜻을 아는 바이트입니다.',
    'RFC 8446 section 4.2.2',
  ],
  'tls.handshake.extension.renegotiation_info.renegotiated_connection': [
    'previous handshake',
    '이전 핸드셰이크',
    'Empty in the first handshake; in a later one, the verify data of the previous handshake, so that nothing can be prepended.',
    '첫 핸드셰이크에서는 비어 있습니다. 재협상에서는 이전 핸드셰이크의 끝을 담아, 누군가 앞에 다른 말을 끼워 넣지 못하게 합니다.',
    'RFC 5746 section 3.2',
  ],
  'tls.handshake.extension.encrypt_then_mac': [
    'encrypt, then MAC',
    '암호화 후 MAC',
    'CBC suites are to check a record before they decrypt it. The older order let padding betray content.',
    'CBC 스위트에서 복호화하기 전에 먼저 확인하자는 약속입니다. 예전 순서에서는 패딩 때문에 내용이 드러났습니다.',
    'RFC 7366 section 2',
  ],
  'tls.handshake.extension.padding': [
    'padding',
    '패딩',
    'Zeros that make the ClientHello longer: some old devices hung up on lengths between 256 and 511.',
    'ClientHello를 늘리는 0입니다. 길이가 256에서 511 사이이면 연결을 끊는 오래된 장비가 있었기 때문입니다.',
    'RFC 7685 section 3',
  ],
  'tls.handshake.extension.record_size_limit': [
    'record size limit',
    '레코드 크기 제한',
    'Small devices ask for small records.',
    '메모리가 작은 장치가 작은 레코드를 요청합니다.',
    'RFC 8449 section 4',
  ],
  'tls.handshake.client_hello.cookie': [
    'cookie',
    '쿠키',
    'Of DTLS: empty in the first ClientHello; in the second what the server’s HelloVerifyRequest contained, so that the client shows that it receives at its address.',
    'DTLS에만 있습니다. 첫 ClientHello에서는 비어 있고, 두 번째에는 서버의 HelloVerifyRequest에 있던 값이 들어갑니다. 클라이언트가 그 주소에서 실제로 패킷을 받는다는 것을 보여 줍니다.',
    'RFC 6347 section 4.2.1',
  ],
  'tls.handshake.hello_verify_request.version': [
    'version',
    '버전',
    'Says nothing: the version is agreed on later.',
    '의미 없는 값입니다. 버전은 나중에 정해집니다.',
    'RFC 6347 section 4.2.1',
  ],
  'tls.handshake.hello_verify_request.cookie': [
    'cookie',
    '쿠키',
    'The client has to send its ClientHello again with this value. Whoever forges an address never sees it.',
    '클라이언트는 이 값을 넣어 ClientHello를 다시 보내야 합니다. 출발지 주소를 위조한 쪽은 이 값을 볼 수 없습니다.',
    'RFC 6347 section 4.2.1',
  ],
  'tls.handshake.extension.quic_transport_parameters.parameter': [
    'transport parameter',
    '전송 매개변수',
    'Which parameter: 1 is the idle timeout, 4 to 7 how much data may be sent, 8 and 9 how many streams may be opened, 0 and 15 connection IDs, 17 the versions.',
    '매개변수의 번호입니다. 1은 유휴 제한 시간, 4~7은 보낼 수 있는 데이터양, 8과 9는 열 수 있는 스트림 수, 0과 15는 연결 ID, 17은 버전입니다.',
    'RFC 9000 section 18.2',
  ],
  'tls.handshake.extension.quic_transport_parameters.value': [
    'value',
    '값',
    'The value of the transport parameter, mostly a number of variable length.',
    '전송 매개변수의 값입니다. 대개 가변 길이 정수입니다.',
    'RFC 9000 section 18',
  ],
  'tls.handshake.extension.record_size_limit.limit': [
    'limit',
    '제한 값',
    'The largest record that the sender accepts, in bytes of plaintext.',
    '받을 수 있는 가장 큰 레코드로, 평문의 바이트 수입니다.',
    'RFC 8449 section 4',
  ],
  'tls.handshake.extension.signed_certificate_timestamp': [
    'certificate transparency',
    '인증서 투명성',
    'Proof that a certificate is in public logs, where its owner would notice one issued to another party.',
    '인증서가 공개 로그에 올라 있다는 증명입니다. 남이 몰래 발급받으면 주인이 로그에서 알아챌 수 있습니다.',
    'RFC 6962 section 3.3',
  ],
  'tls.handshake.extension.post_handshake_auth': [
    'later authentication',
    '핸드셰이크 후 인증',
    'The client is ready to show a certificate later, when a page asks for one.',
    '나중에 어떤 페이지가 요구하면 그때 인증서를 제시할 수 있다는 뜻입니다.',
    'RFC 8446 section 4.2.6',
  ],
  'tls.handshake.extension.delegated_credential': [
    'delegated credentials',
    '위임된 자격 증명',
    'The client takes short-lived keys that the owner of a certificate delegates to another operator’s server.',
    '인증서의 주인이 다른 서버에 잠시 맡긴 단기 키도 받아들인다는 뜻입니다.',
    'RFC 9345 section 4.1.1',
  ],
  'tls.handshake.extension.encrypted_client_hello': [
    'Encrypted ClientHello',
    '암호화된 ClientHello',
    'The true ClientHello, the site’s name included, sealed to the server. Browsers send random bytes in its place where a site has none, so that its presence reveals nothing.',
    '사이트 이름까지 담은 진짜 ClientHello를 서버만 열 수 있게 암호화한 것입니다. 지원하지 않는 사이트에도 브라우저가 난수를 대신 보내므로, 있다는 사실만으로는 알 수 있는 것이 없습니다.',
    'RFC 9849 section 5',
  ],
  'tls.handshake.extension.client_certificate_type.type': [
    'certificate type',
    '인증서 유형',
    '0 for X.509, 2 for a bare public key.',
    '0은 X.509, 2는 공개 키만 보내는 방식입니다.',
    'RFC 7250 section 3',
  ],
  'tls.handshake.extension.server_certificate_type.type': [
    'certificate type',
    '인증서 유형',
    '0 for X.509, 2 for a bare public key.',
    '0은 X.509, 2는 공개 키만 보내는 방식입니다.',
    'RFC 7250 section 3',
  ],
  'tls.handshake.certificate.request_context': [
    'request context',
    '요청 컨텍스트',
    'The CertificateRequest that this responds to. Empty in the handshake itself.',
    '어느 CertificateRequest에 대한 답인지 나타냅니다. 핸드셰이크 중에는 비어 있습니다.',
    'RFC 8446 section 4.4.2',
  ],
  'tls.handshake.certificate.certificate_list': [
    'certificate list',
    '인증서 목록',
    'The certificate of the sender, then those that lead to a CA. A client without one sends an empty list.',
    '본인의 인증서가 먼저 오고, 인증 기관(CA)까지 이어지는 인증서가 뒤따릅니다. 인증서가 없는 클라이언트는 빈 목록을 보냅니다.',
    'RFC 8446 section 4.4.2',
  ],
  'tls.handshake.certificate_request.request_context': [
    'request context',
    '요청 컨텍스트',
    'Bytes that the response repeats. Empty in the handshake itself.',
    '응답에 그대로 실려 돌아오는 바이트입니다. 핸드셰이크 중에는 비어 있습니다.',
    'RFC 8446 section 4.3.2',
  ],
  'tls.handshake.certificate_request.certificate_types': [
    'kinds of certificates',
    '인증서 종류',
    'The key types that the client’s certificate may have.',
    '클라이언트 인증서의 키가 어떤 종류여야 하는지 나타냅니다.',
    'RFC 5246 section 7.4.4',
  ],
  'tls.handshake.certificate_request.certificate_types.type': [
    'kind of certificate',
    '인증서 종류',
    '1 for RSA, 2 for DSA, 64 for ECDSA.',
    '1은 RSA, 2는 DSA, 64는 ECDSA입니다.',
    'RFC 5246 section 7.4.4',
  ],
  'tls.handshake.certificate_request.signature_algorithms': [
    'signature schemes',
    '서명 방식 목록',
    'The signature schemes that the server can verify.',
    '서버가 확인할 수 있는 서명 방식입니다.',
    'RFC 5246 section 7.4.4',
  ],
  'tls.handshake.certificate_request.signature_algorithms.scheme': [
    'signature scheme',
    '서명 방식',
    'A signature scheme that the server can verify.',
    '서버가 확인할 수 있는 서명 방식 하나입니다.',
    'RFC 5246 section 7.4.4',
  ],
  'tls.handshake.certificate_request.authorities.distinguished_name': [
    'CA name',
    '인증 기관 이름',
    'A CA whose certificates the server accepts. Under TLS 1.2 an eavesdropper learns from it whose clients use this server.',
    '서버가 받아들이는 인증 기관(CA)의 이름입니다. TLS 1.2에서는 이것만으로도 서버가 누구를 상대하는지 드러납니다.',
    'RFC 5246 section 7.4.4',
  ],
  'tls.handshake.certificate_status': [
    'certificate status',
    '인증서 상태',
    'A fresh statement of the CA that the certificate is not revoked, which the server has fetched beforehand (OCSP stapling).',
    '인증서가 폐기되지 않았다는 인증 기관(CA)의 최신 확인서입니다. 서버가 미리 받아 둔 것을 함께 보냅니다(OCSP stapling).',
    'RFC 6066 section 8',
  ],
  'tls.handshake.certificate_status.status_type': [
    'kind of statement',
    '확인서 종류',
    '1 for OCSP.',
    '1은 OCSP입니다.',
    'RFC 6066 section 8',
  ],
  'tls.handshake.certificate_status.response': [
    'statement',
    '확인서',
    'The OCSP response, signed by the CA.',
    '인증 기관(CA)이 서명한 OCSP 응답입니다.',
    'RFC 6066 section 8',
  ],
  'tls.handshake.signature.scheme': [
    'signature scheme',
    '서명 방식',
    'The scheme of this signature. The other side must have offered it.',
    '이 서명을 만든 방식입니다. 상대가 제안한 것 가운데 하나여야 합니다.',
    'RFC 8446 section 4.4.3',
  ],
  'tls.handshake.server_key_exchange.psk_identity_hint': [
    'key hint',
    '키 힌트',
    'A hint which of the shared keys the client should use.',
    '양쪽이 가진 키 가운데 어느 것을 쓸지 알려 주는 힌트입니다.',
    'RFC 4279 section 2',
  ],
  'tls.handshake.server_key_exchange.curve_type': [
    'curve type',
    '곡선 유형',
    '3 for a curve by its name; nothing else is in use.',
    '3은 이름으로 정해진 곡선입니다. 다른 유형은 쓰지 않습니다.',
    'RFC 8422 section 5.4',
  ],
  'tls.handshake.server_key_exchange.named_group': [
    'curve',
    '곡선',
    'The curve of this key agreement, one of those that the client offered.',
    '이번 키 교환에 쓰는 곡선으로, 클라이언트가 제안한 것 가운데 하나입니다.',
    'RFC 8422 section 5.4',
  ],
  'tls.handshake.server_key_exchange.public': [
    'server’s key share',
    '서버의 절반',
    'The server’s public key for this connection only. It is signed below, because an attacker in between could have replaced it.',
    '이 연결에서만 쓰는 서버의 공개 키입니다. 중간에서 바꿔치기할 수 없도록 아래에 서명이 붙습니다.',
    'RFC 8422 section 5.4',
  ],
  'tls.handshake.server_key_exchange.p': [
    'prime',
    '소수',
    'The prime of the Diffie-Hellman group. Below 2,048 bits it is too small: 512 bits were broken, 1,024 are within reach of a state (Logjam).',
    '디피-헬먼 그룹의 소수입니다. 2,048비트보다 작으면 약합니다. 512비트는 이미 깨졌고 1,024비트도 국가 수준의 공격자라면 깰 수 있습니다(Logjam).',
    'RFC 5246 section 7.4.3',
  ],
  'tls.handshake.server_key_exchange.g': [
    'generator',
    '생성원',
    'The number whose powers are exchanged.',
    '양쪽이 거듭제곱해 주고받는 수입니다.',
    'RFC 5246 section 7.4.3',
  ],
  'tls.handshake.server_key_exchange.parameters': [
    'other parameters',
    '그 밖의 값',
    'A key exchange that is not parsed here.',
    '여기서는 나누어 읽지 않는 키 교환 방식입니다.',
    'RFC 5246 section 7.4.3',
  ],
  'tls.handshake.client_key_exchange.psk_identity': [
    'identity of the key',
    '키 식별자',
    'The name of the shared key. It is visible, and often the name of the device.',
    '양쪽이 가진 키의 이름입니다. 그대로 보이며 장치 이름인 경우가 많습니다.',
    'RFC 4279 section 2',
  ],
  'tls.handshake.client_key_exchange.public': [
    'client’s key share',
    '클라이언트의 절반',
    'The client’s public key for this connection only. Both halves are visible; the key cannot be computed from them.',
    '이 연결에서만 쓰는 클라이언트의 공개 키입니다. 두 절반이 모두 보여도 그것만으로는 키를 계산할 수 없습니다.',
    'RFC 8422 section 5.7',
  ],
  'tls.handshake.client_key_exchange.encrypted_premaster_secret': [
    'encrypted secret',
    '암호화된 비밀 값',
    'The secret of the connection, encrypted with the server’s key. Anyone who steals that key, even years later, can decrypt every recording: no forward secrecy.',
    '연결의 비밀 값을 서버의 공개 키로 암호화한 것입니다. 몇 년 뒤라도 서버의 개인 키를 훔치면 기록된 연결이 모두 열립니다. 순방향 비밀성이 없습니다.',
    'RFC 5246 section 7.4.7.1',
  ],
  'tls.handshake.client_key_exchange.parameters': [
    'other parameters',
    '그 밖의 값',
    'A key exchange that is not parsed here.',
    '여기서는 나누어 읽지 않는 키 교환 방식입니다.',
    'RFC 5246 section 7.4.7',
  ],
  'tls.handshake.finished.verify_data': [
    'proof of the handshake',
    '핸드셰이크 검증 값',
    'A digest over all messages so far with the new keys. If a single byte was changed in transit, it does not match.',
    '지금까지의 모든 메시지를 새 키로 요약한 값입니다. 중간에서 한 바이트라도 바뀌었다면 맞지 않습니다.',
    'RFC 8446 section 4.4.4',
  ],
  'tls.handshake.new_session_ticket.lifetime': [
    'lifetime',
    '수명',
    'The lifetime of the ticket in seconds: a week at most under TLS 1.3.',
    '티켓을 쓸 수 있는 시간(초)입니다. TLS 1.3에서는 최대 7일입니다.',
    'RFC 8446 section 4.6.1',
  ],
  'tls.handshake.new_session_ticket.age_add': [
    'ticket age offset',
    '나이를 가리는 수',
    'Added to the ticket’s age when it is presented, so that the age does not link connections.',
    '티켓을 제시할 때 나이에 더하는 수입니다. 나이로 연결들을 이어 보지 못하게 합니다.',
    'RFC 8446 section 4.6.1',
  ],
  'tls.handshake.new_session_ticket.nonce': [
    'nonce',
    '논스',
    'Gives each ticket of a connection a separate key.',
    '한 연결의 티켓마다 키가 달라지게 하는 값입니다.',
    'RFC 8446 section 4.6.1',
  ],
  'tls.handshake.new_session_ticket.ticket': [
    'ticket',
    '티켓',
    'The state of the session, encrypted with a key of the server. Under TLS 1.2 it is sent in clear: it identifies the client when it returns.',
    '서버만 가진 키로 암호화해 둔 세션 정보입니다. TLS 1.2에서는 그대로 보이므로 다시 찾아온 클라이언트를 알아볼 수 있습니다.',
    'RFC 8446 section 4.6.1',
  ],
  'tls.handshake.key_update.request_update': [
    'asks for the same',
    '상대에게도 요청',
    '1 if the other side is to change its keys as well.',
    '1이면 상대에게도 키를 바꾸라고 요청합니다.',
    'RFC 8446 section 4.6.3',
  ],
  'tls.handshake.compressed_certificate': [
    'CompressedCertificate',
    'CompressedCertificate',
    'A compressed Certificate message. Its content is parsed after decompression.',
    '압축한 Certificate 메시지입니다. 풀어야 내용을 읽을 수 있습니다.',
    'RFC 8879 section 4',
  ],
  'tls.handshake.compressed_certificate.algorithm': [
    'algorithm',
    '압축 알고리즘',
    '1 for zlib, 2 for brotli, 3 for zstd.',
    '1은 zlib, 2는 brotli, 3은 zstd입니다.',
    'RFC 8879 section 4',
  ],
  'tls.handshake.compressed_certificate.uncompressed_length': [
    'decompressed length',
    '압축을 푼 길이',
    'It is checked before decompression: a small message may claim to be huge.',
    '풀기 전에 확인할 길이입니다. 작은 메시지가 엄청난 크기로 불어날 수 있기 때문입니다.',
    'RFC 8879 section 4',
  ],
  'tls.handshake.compressed_certificate.message': [
    'compressed message',
    '압축된 메시지',
    'The compressed bytes.',
    '압축된 바이트입니다.',
    'RFC 8879 section 4',
  ],
  'tls.handshake.hello_request': [
    'HelloRequest',
    'HelloRequest',
    'The server requests a new handshake. TLS 1.3 has no such message.',
    '서버가 새 핸드셰이크를 요청합니다. TLS 1.3에는 없습니다.',
    'RFC 5246 section 7.4.1.1',
  ],
  'tls.handshake.end_of_early_data': [
    'EndOfEarlyData',
    'EndOfEarlyData',
    'The client’s early data ends here; the next record is under the keys of the handshake.',
    '조기 데이터가 여기서 끝납니다. 다음 레코드부터는 핸드셰이크 키를 씁니다.',
    'RFC 8446 section 4.5',
  ],
} satisfies Partial<Record<FieldId, TextRow>>);

const extensionPrefix = 'tls.handshake.extension.';
const knownExtensions: ReadonlySet<string> = new Set(Object.values(extensionNames));
const handshakePrefix = 'tls.handshake.';
const knownMessages: ReadonlySet<string> = new Set(Object.values(handshakeTypeNames));

/**
 * What follows from the name of what a part belongs to: a length, a list, an extension that is known by its name alone.
 * @param textOf the words of a whole field, where there are some.
 */
export function partTextOf(id: string, textOf: (id: string) => FieldText | undefined): FieldText | undefined {
  const [, owner = '', kind] = /^(.+)\.(length|list)$/.exec(id) ?? [];
  const around = kind === undefined ? undefined : (textOf(owner) ?? partTextOf(owner, textOf));
  if (around) return kind === 'length' ? lengthText(around) : listText(around);
  if (id.startsWith(extensionPrefix)) return extensionText(id.slice(extensionPrefix.length));
  return id.startsWith(handshakePrefix) ? messageText(id.slice(handshakePrefix.length)) : undefined;
}

function messageText(name: string): FieldText | undefined {
  if (!knownMessages.has(name) && name !== 'unknown') return undefined;
  return {
    name:
      name === 'unknown'
        ? { en: 'unknown message', ko: '알 수 없는 메시지' }
        : { en: `message ${name}`, ko: `메시지 ${name}` },
    meaning: {
      en: 'A handshake message that is not parsed here.',
      ko: '여기서는 나누어 읽지 않는 핸드셰이크 메시지입니다.',
    },
    source: 'RFC 8446 section 4',
  };
}

function lengthText({ name, source }: FieldText): FieldText {
  return defined({
    name: { en: `length of ${name.en}`, ko: `${name.ko} 길이` },
    meaning: {
      en: 'The number of its bytes. A value of variable length is preceded by its length, so that a parser knows where it ends and can skip it.',
      ko: '뒤따르는 바이트 수입니다. 길이가 일정하지 않은 값은 앞에 길이를 적어, 어디서 끝나는지 알 수 있고 모르는 것은 건너뛸 수 있습니다.',
    },
    source,
  });
}

function listText({ name, source }: FieldText): FieldText {
  return defined({
    name: { en: `entries of ${name.en}`, ko: `${name.ko} 항목` },
    meaning: {
      en: 'Its entries, in the sender’s order of preference, preceded by their total length.',
      ko: '항목이 보낸 쪽의 선호 순서대로 이어집니다. 앞에 전체 길이가 있습니다.',
    },
    source,
  });
}

function extensionText(name: string): FieldText | undefined {
  if (name.includes('.')) return undefined;
  const isKnown = knownExtensions.has(name);
  return {
    name: isKnown
      ? { en: `extension ${name}`, ko: `확장 ${name}` }
      : { en: 'unknown extension', ko: '알 수 없는 확장' },
    meaning: isKnown
      ? {
          en: 'An extension that is known here by its registered name only; its content is not parsed.',
          ko: '등록된 이름만 아는 확장으로, 내용은 나누어 읽지 않습니다.',
        }
      : {
          en: 'An extension without a registered name: an unknown one, or a reserved value (GREASE) that a client sends so that servers keep ignoring unknown extensions.',
          ko: '등록된 이름이 없는 확장입니다. 여기서 모르는 것이거나, 서버가 모르는 값을 계속 무시하도록 클라이언트가 일부러 섞은 예약 값(GREASE)입니다.',
        },
    source: 'RFC 8446 section 4.2',
  };
}
