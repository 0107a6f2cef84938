/**
 * Explains the fields of TLS to beginners, and the remarks on particular values. Loaded for an explanation, never at
 * start. Fields without a text of their own are explained by the nearest parent with one.
 */
import type { FieldText } from '../text.ts';
import { tlsExtensionTexts } from './extension-texts.ts';
import type { TlsExtensionTextId } from './extension-texts.ts';

export const explainedTlsFields = [
  'tls.message',
  'tls.record.header',
  'tls.record.content_type',
  'tls.record.version',
  'tls.record.length',
  'tls.record.explicit_nonce',
  'tls.record.encrypted',
  'tls.record.inner_content_type',
  'tls.record.padding',
  'tls.record.authentication_tag',
  'tls.record.initialization_vector',
  'tls.record.mac',
  'tls.record.block_padding',
  'tls.version2_hello',
  'tls.application_data',
  'tls.change_cipher_spec',
  'tls.alert',
  'tls.alert.level',
  'tls.alert.description',
  'tls.handshake',
  'tls.handshake.type',
  'tls.handshake.length',
  'tls.handshake.client_hello',
  'tls.handshake.client_hello.legacy_version',
  'tls.handshake.client_hello.random',
  'tls.handshake.client_hello.session_id',
  'tls.handshake.client_hello.cipher_suites',
  'tls.handshake.client_hello.cipher_suites.cipher_suite',
  'tls.handshake.client_hello.compression_methods',
  'tls.handshake.server_hello',
  'tls.handshake.server_hello.legacy_version',
  'tls.handshake.server_hello.random',
  'tls.handshake.server_hello.session_id',
  'tls.handshake.server_hello.cipher_suite',
  'tls.handshake.extensions',
  'tls.handshake.unread',
  'tls.handshake.extension.unread',
  'tls.handshake.extension.type',
  'tls.handshake.extension.server_name',
  'tls.handshake.extension.server_name.host_name',
  'tls.handshake.extension.application_layer_protocol_negotiation',
  'tls.handshake.extension.supported_versions',
  'tls.handshake.extension.supported_groups',
  'tls.handshake.extension.signature_algorithms',
  'tls.handshake.extension.key_share',
  'tls.handshake.extension.key_share.key_exchange',
  'tls.handshake.extension.psk_key_exchange_modes',
  'tls.handshake.extension.session_ticket',
  'tls.handshake.extension.extended_master_secret',
  'tls.handshake.extension.renegotiation_info',
  'tls.handshake.encrypted_extensions',
  'tls.handshake.certificate',
  'tls.handshake.certificate.certificate',
  'tls.handshake.certificate_request',
  'tls.handshake.certificate_request.authorities',
  'tls.handshake.certificate_verify',
  'tls.handshake.signature.value',
  'tls.handshake.server_key_exchange',
  'tls.handshake.server_hello_done',
  'tls.handshake.client_key_exchange',
  'tls.handshake.finished',
  'tls.handshake.new_session_ticket',
  'tls.handshake.key_update',
] as const;
export type ExplainedTlsId = (typeof explainedTlsFields)[number];

/** What is surprising about a value; the ids of remarks. */
export const tlsRemarks = [
  'tls.grease',
  'tls.record.version.frozen',
  'tls.handshake.legacy_version.frozen',
  'tls.handshake.server_hello.random.hello_retry_request',
  'tls.handshake.server_hello.random.downgrade',
] as const;
export type TlsRemarkId = (typeof tlsRemarks)[number];

export const tlsTexts: Readonly<Record<ExplainedTlsId | TlsRemarkId | TlsExtensionTextId, FieldText>> = {
  ...tlsExtensionTexts,
  'tls.message': {
    name: { en: 'TLS message', ko: 'TLS 메시지' },
    meaning: {
      en: 'One thing that one side says to the other, with the record around it. The sizes of all messages add up to the bytes on the wire.',
      ko: '한쪽이 다른 쪽에 보내는 말 한마디와 그것을 감싼 레코드입니다. 모든 메시지의 크기를 더하면 전송된 바이트 수와 같습니다.',
    },
  },
  'tls.record.header': {
    name: { en: 'record header', ko: '레코드 헤더' },
    meaning: {
      en: 'Five bytes before each record: what kind, which version, how long. They are never encrypted, so an eavesdropper always sees how much is said and when.',
      ko: '레코드마다 앞에 붙는 5바이트로, 종류와 버전과 길이를 나타냅니다. 암호화되지 않으므로 도청자도 언제 얼마나 오갔는지는 항상 알 수 있습니다.',
    },
    source: 'RFC 8446 section 5.1',
  },
  'tls.record.content_type': {
    name: { en: 'content type', ko: '콘텐츠 종류' },
    meaning: {
      en: '22 is the handshake, 21 an alert, 20 ChangeCipherSpec, 23 application data. Under TLS 1.3 everything that is sealed says 23, whatever it is.',
      ko: '22는 핸드셰이크, 21은 알림(Alert), 20은 ChangeCipherSpec, 23은 애플리케이션 데이터입니다. TLS 1.3에서 암호화된 레코드는 내용이 무엇이든 모두 23으로 표시합니다.',
    },
    source: 'RFC 8446 section 5.1',
  },
  'tls.record.version': {
    name: { en: 'record version', ko: '레코드 버전' },
    meaning: {
      en: 'Not the version that is spoken. It stopped counting at TLS 1.2 (0x0303), because devices on the way dropped what they did not know.',
      ko: '실제로 사용하는 버전이 아닙니다. 중간 장비가 모르는 버전의 연결을 끊어 버리는 일이 많아 TLS 1.2(0x0303) 이후로는 바뀌지 않습니다.',
    },
    source: 'RFC 8446 section 5.1',
  },
  'tls.record.length': {
    name: { en: 'record length', ko: '레코드 길이' },
    meaning: {
      en: 'How many bytes follow, at most 16,384 and what sealing adds. Readable by everybody: the size of a page or of a password form can be seen from outside.',
      ko: '뒤에 이어지는 바이트 수입니다. 최대 16,384바이트에 암호화로 늘어나는 몫이 더해집니다. 누구나 읽을 수 있어 페이지나 로그인 요청의 크기는 밖에서도 보입니다.',
    },
    source: 'RFC 8446 section 5.2',
  },
  'tls.record.explicit_nonce': {
    name: { en: 'explicit nonce', ko: '명시적 논스(nonce)' },
    meaning: {
      en: 'A number used once, which makes equal contents look different. TLS 1.2 with AES-GCM sends half of it along; TLS 1.3 counts silently.',
      ko: '한 번만 쓰는 값으로, 같은 내용도 매번 다른 암호문이 되게 합니다. TLS 1.2의 AES-GCM은 일부를 함께 보내고, TLS 1.3은 양쪽이 각자 세어 보내지 않습니다.',
    },
    source: 'RFC 5288 section 3',
  },
  'tls.record.encrypted': {
    name: { en: 'sealed content', ko: '암호화된 내용' },
    meaning: {
      en: 'Ciphertext. Without the session keys it cannot be told from random bytes; only its size shows.',
      ko: '암호문입니다. 세션 키가 없으면 무작위 바이트와 구별할 수 없고, 드러나는 것은 크기뿐입니다.',
    },
    source: 'RFC 8446 section 5.2',
  },
  'tls.record.inner_content_type': {
    name: { en: 'real content type', ko: '실제 콘텐츠 종류' },
    meaning: {
      en: 'TLS 1.3 hides what a record really is inside it, as its last byte that is not zero.',
      ko: 'TLS 1.3은 레코드의 실제 종류를 암호화된 내용 안에 숨깁니다. 0이 아닌 마지막 바이트가 그것입니다.',
    },
    source: 'RFC 8446 section 5.2',
  },
  'tls.record.padding': {
    name: { en: 'padding', ko: '패딩' },
    meaning: {
      en: 'Zero bytes that hide the true length of the content.',
      ko: '내용의 실제 길이를 감추려고 덧붙인 0 바이트입니다.',
    },
    source: 'RFC 8446 section 5.4',
  },
  'tls.record.authentication_tag': {
    name: { en: 'authentication tag', ko: '인증 태그' },
    meaning: {
      en: 'A checksum that only the holders of the key can make. If a single bit of the record was changed on the way, it no longer fits and the record is refused.',
      ko: '키를 가진 쪽만 만들 수 있는 검사값입니다. 중간에서 한 비트라도 바뀌면 값이 맞지 않아 레코드가 거부됩니다.',
    },
    source: 'RFC 8446 section 5.2',
  },
  'tls.record.initialization_vector': {
    name: { en: 'initialization vector', ko: '초기화 벡터(IV)' },
    meaning: {
      en: 'A random block in front of the ciphertext, which makes equal contents look different. TLS 1.0 took the last block of the record before instead, which everybody can see: that made the BEAST attack possible.',
      ko: '암호문 앞에 붙는 무작위 블록으로, 같은 내용도 매번 다른 암호문이 되게 합니다. TLS 1.0은 누구나 볼 수 있는 앞 레코드의 마지막 블록을 대신 썼고, 이 때문에 BEAST 공격이 가능했습니다.',
    },
    source: 'RFC 5246 section 6.2.3.2',
  },
  'tls.record.mac': {
    name: { en: 'message authentication code', ko: '메시지 인증 코드(MAC)' },
    meaning: {
      en: 'A checksum over the record and its number that only the holders of the key can make. Suites before AEAD put it behind the content, in most cases inside the ciphertext.',
      ko: '레코드와 그 순번에 대해 키를 가진 쪽만 만들 수 있는 검사값입니다. AEAD 이전의 암호 스위트는 이것을 내용 뒤에, 대개 암호문 안에 넣습니다.',
    },
    source: 'RFC 5246 section 6.2.3.1',
  },
  'tls.record.block_padding': {
    name: { en: 'block padding', ko: '블록 패딩' },
    meaning: {
      en: 'Fills the last block of a block cipher. Each byte says how many bytes of padding there are; servers that answered differently when they were wrong gave away passwords (Lucky Thirteen, POODLE).',
      ko: '블록 암호의 마지막 블록을 채웁니다. 각 바이트는 패딩의 길이를 나타냅니다. 패딩이 틀렸을 때 다르게 반응한 서버에서는 비밀번호가 새어 나갔습니다(Lucky Thirteen, POODLE).',
    },
    source: 'RFC 5246 section 6.2.3.2',
  },
  'tls.version2_hello': {
    name: { en: 'ClientHello in the form of SSL 2.0', ko: 'SSL 2.0 형식의 ClientHello' },
    meaning: {
      en: 'How clients of about 2000 opened a connection, so that a server of the oldest version could still answer. It offers a newer version and has no room for a server name.',
      ko: '2000년 무렵의 클라이언트가 연결을 열던 방식으로, 가장 오래된 버전의 서버도 응답할 수 있게 합니다. 더 새로운 버전을 제안하지만 서버 이름을 넣을 자리는 없습니다.',
    },
    source: 'RFC 5246 appendix E.2',
  },
  'tls.application_data': {
    name: { en: 'application data', ko: '애플리케이션 데이터' },
    meaning: {
      en: 'What the two programs really wanted to say: here, HTTP.',
      ko: '두 프로그램이 실제로 주고받으려던 내용입니다. 여기서는 HTTP입니다.',
    },
    source: 'RFC 8446 section 5',
  },
  'tls.change_cipher_spec': {
    name: { en: 'ChangeCipherSpec', ko: 'ChangeCipherSpec' },
    meaning: {
      en: 'Under TLS 1.2: from here on this side encrypts. Under TLS 1.3 it means nothing; it is sent so that old devices on the way see what they expect.',
      ko: 'TLS 1.2에서는 "이제부터 암호화해서 보냅니다"라는 뜻입니다. TLS 1.3에서는 아무 뜻이 없고, 오래된 중간 장비가 연결을 끊지 않도록 형식만 맞춰 보냅니다.',
    },
    source: 'RFC 5246 section 7.1; RFC 8446 appendix D.4',
  },
  'tls.alert': {
    name: { en: 'alert', ko: '알림(Alert)' },
    meaning: {
      en: 'Why one side gives up, or that it has finished. Under TLS 1.3 most alerts are sealed: a sniffer sees a short record and no reason.',
      ko: '한쪽이 연결을 그만두는 이유, 또는 정상 종료를 알립니다. TLS 1.3에서는 대부분 암호화되어 있어 도청자에게는 이유 없는 짧은 레코드로만 보입니다.',
    },
    source: 'RFC 8446 section 6',
  },
  'tls.alert.level': {
    name: { en: 'alert level', ko: '알림 수준' },
    meaning: {
      en: '1 is a warning, 2 is fatal and ends the connection. Under TLS 1.3 the byte is still sent, but only the description counts.',
      ko: '1은 경고, 2는 치명적이며 연결이 끝납니다. TLS 1.3에서는 이 바이트가 남아 있지만 설명 코드만 의미가 있습니다.',
    },
    source: 'RFC 8446 section 6',
  },
  'tls.alert.description': {
    name: { en: 'alert description', ko: '알림 설명 코드' },
    meaning: {
      en: 'The reason as a number, for example 48 unknown_ca, 45 certificate_expired, 116 certificate_required.',
      ko: '이유를 나타내는 번호입니다. 예를 들어 48은 알 수 없는 CA(unknown_ca), 45는 만료된 인증서(certificate_expired), 116은 인증서 필요(certificate_required)입니다.',
    },
    source: 'RFC 8446 section 6.2',
  },
  'tls.handshake': {
    name: { en: 'handshake message', ko: '핸드셰이크 메시지' },
    meaning: {
      en: 'A step of the handshake, in which both sides agree on keys and prove who they are.',
      ko: '양쪽이 키를 정하고 자신이 누구인지 증명하는 핸드셰이크의 한 단계입니다.',
    },
    source: 'RFC 8446 section 4',
  },
  'tls.handshake.type': {
    name: { en: 'handshake type', ko: '핸드셰이크 종류' },
    meaning: {
      en: 'Which step this is: 1 ClientHello, 2 ServerHello, 11 Certificate and so on.',
      ko: '어느 단계인지 나타냅니다. 1은 ClientHello, 2는 ServerHello, 11은 Certificate입니다.',
    },
    source: 'RFC 8446 section 4',
  },
  'tls.handshake.length': {
    name: { en: 'message length', ko: '메시지 길이' },
    meaning: {
      en: 'The length of this message in three bytes; it may run over several records, and several messages may share one.',
      ko: '이 메시지의 길이(3바이트)입니다. 한 메시지가 여러 레코드에 걸칠 수도, 여러 메시지가 한 레코드에 담길 수도 있습니다.',
    },
    source: 'RFC 8446 section 4',
  },
  'tls.handshake.client_hello': {
    name: { en: 'ClientHello', ko: 'ClientHello' },
    meaning: {
      en: 'The client opens: which versions and ciphers it knows, which site it wants, and its half of the key exchange. All of it is in clear.',
      ko: '클라이언트가 먼저 말을 겁니다. 지원하는 버전과 암호, 접속하려는 사이트, 키 교환에 쓸 자기 몫을 보내며 모두 평문입니다.',
    },
    source: 'RFC 8446 section 4.1.2',
  },
  'tls.handshake.client_hello.legacy_version': {
    name: { en: 'legacy version', ko: '레거시 버전' },
    meaning: {
      en: 'Was the highest version that the client speaks. Today it says TLS 1.2 and the true list is in the extension supported_versions.',
      ko: '예전에는 클라이언트가 지원하는 가장 높은 버전이었습니다. 지금은 TLS 1.2로 고정되고, 실제 목록은 supported_versions 확장에 있습니다.',
    },
    source: 'RFC 8446 section 4.1.2',
  },
  'tls.handshake.client_hello.random': {
    name: { en: 'client random', ko: '클라이언트 난수' },
    meaning: {
      en: '32 random bytes, new for each connection, mixed into the keys so that no recorded handshake can be replayed. Key log files use it as the name of the connection.',
      ko: '연결마다 새로 만드는 32바이트 난수입니다. 키를 만들 때 섞여 들어가므로 녹화한 핸드셰이크를 다시 쓸 수 없습니다. 키 로그 파일에서는 연결을 찾는 이름으로도 쓰입니다.',
    },
    source: 'RFC 8446 section 4.1.2',
  },
  'tls.handshake.client_hello.session_id': {
    name: { en: 'session id', ko: '세션 ID' },
    meaning: {
      en: 'Once the ticket to resume a session. A TLS 1.3 client fills it with random bytes, to look like a TLS 1.2 one to devices on the way.',
      ko: '원래는 이전 세션을 재개할 때 쓰던 값입니다. TLS 1.3 클라이언트는 중간 장비에 TLS 1.2처럼 보이려고 난수로 채웁니다.',
    },
    source: 'RFC 8446 appendix D.4',
  },
  'tls.handshake.client_hello.cipher_suites': {
    name: { en: 'cipher suites', ko: '암호 스위트(Cipher Suite) 목록' },
    meaning: {
      en: 'The combinations of algorithms that the client accepts, the preferred ones first.',
      ko: '클라이언트가 받아들이는 알고리즘 조합의 목록으로, 선호하는 것이 먼저 옵니다.',
    },
    source: 'RFC 8446 section 4.1.2',
  },
  'tls.handshake.client_hello.cipher_suites.cipher_suite': {
    name: { en: 'cipher suite', ko: '암호 스위트(Cipher Suite)' },
    meaning: {
      en: 'One combination. Under TLS 1.3 it names only how records are sealed and which hash is used; under TLS 1.2 also the key exchange and the kind of certificate.',
      ko: '조합 하나입니다. TLS 1.3에서는 레코드 암호화 방식과 해시만 정하고, TLS 1.2에서는 키 교환과 인증서 종류까지 정합니다.',
    },
    source: 'RFC 8446 appendix B.4',
  },
  'tls.handshake.client_hello.compression_methods': {
    name: { en: 'compression methods', ko: '압축 방식' },
    meaning: {
      en: 'Always one zero byte: no compression. Compressing before encrypting let attackers guess secrets from sizes (CRIME).',
      ko: '항상 0 한 바이트, 즉 압축하지 않음입니다. 암호화 전에 압축하면 크기를 보고 비밀을 추측하는 공격(CRIME)이 가능했습니다.',
    },
    source: 'RFC 8446 section 4.1.2',
  },
  'tls.handshake.server_hello': {
    name: { en: 'ServerHello', ko: 'ServerHello' },
    meaning: {
      en: 'The server answers with one version, one cipher suite and its half of the key exchange. Under TLS 1.3 everything after it is sealed.',
      ko: '서버가 버전 하나와 암호 스위트 하나를 고르고 키 교환에 쓸 자기 몫을 보냅니다. TLS 1.3에서는 이 뒤로 모두 암호화됩니다.',
    },
    source: 'RFC 8446 section 4.1.3',
  },
  'tls.handshake.server_hello.legacy_version': {
    name: { en: 'legacy version', ko: '레거시 버전' },
    meaning: {
      en: 'Under TLS 1.3 it says TLS 1.2; the version really chosen is in the extension supported_versions.',
      ko: 'TLS 1.3에서도 TLS 1.2로 적혀 있습니다. 실제로 고른 버전은 supported_versions 확장에 있습니다.',
    },
    source: 'RFC 8446 section 4.1.3',
  },
  'tls.handshake.server_hello.random': {
    name: { en: 'server random', ko: '서버 난수' },
    meaning: {
      en: '32 random bytes of the server. Two special values say something: "I need another key share", and "I could have spoken a newer version".',
      ko: '서버가 만든 32바이트 난수입니다. 특별한 값 두 가지는 각각 "다른 키 공유가 필요합니다"와 "더 새로운 버전도 쓸 수 있었습니다"를 뜻합니다.',
    },
    source: 'RFC 8446 section 4.1.3',
  },
  'tls.handshake.server_hello.session_id': {
    name: { en: 'session id (echo)', ko: '세션 ID(되돌림)' },
    meaning: {
      en: "Under TLS 1.3 the client's bytes, sent back. Under TLS 1.2 the server's own; equal ones mean that an earlier session is resumed.",
      ko: 'TLS 1.3에서는 클라이언트가 보낸 값을 그대로 돌려줍니다. TLS 1.2에서는 서버가 정한 값이며, 클라이언트의 값과 같으면 이전 세션을 재개한다는 뜻입니다.',
    },
    source: 'RFC 8446 section 4.1.3',
  },
  'tls.handshake.server_hello.cipher_suite': {
    name: { en: 'chosen cipher suite', ko: '선택된 암호 스위트' },
    meaning: {
      en: "The one suite, out of the client's list, that this connection uses.",
      ko: '클라이언트의 목록 가운데 이 연결에서 쓰기로 정한 하나입니다.',
    },
    source: 'RFC 8446 section 4.1.3',
  },
  'tls.handshake.unread': {
    name: { en: 'unread', ko: '읽지 못한 부분' },
    meaning: {
      en: 'A length before it is wrong, so it is unknown where the next part begins.',
      ko: '앞에 있는 길이 값이 잘못되어, 다음 부분이 어디서 시작하는지 알 수 없습니다.',
    },
    source: 'RFC 8446 section 3.4',
  },
  'tls.handshake.extension.unread': {
    name: { en: 'unread', ko: '읽지 못한 부분' },
    meaning: {
      en: 'This part of the extension does not follow the standard.',
      ko: '확장의 이 부분은 표준에 정한 형식과 다릅니다.',
    },
    source: 'RFC 8446 section 4.2',
  },
  'tls.handshake.extensions': {
    name: { en: 'extensions', ko: '확장' },
    meaning: {
      en: 'Everything that was added to TLS since its message formats were fixed. Who does not know one passes over it.',
      ko: '메시지 형식이 정해진 뒤 TLS에 추가된 것은 모두 여기에 담깁니다. 모르는 확장은 그냥 지나칩니다.',
    },
    source: 'RFC 8446 section 4.2',
  },
  'tls.handshake.extension.type': {
    name: { en: 'extension type', ko: '확장 종류' },
    meaning: { en: 'Which extension this is.', ko: '어떤 확장인지 나타내는 번호입니다.' },
    source: 'RFC 8446 section 4.2',
  },
  'tls.handshake.extension.server_name': {
    name: { en: 'server name (SNI)', ko: '서버 이름(SNI)' },
    meaning: {
      en: 'The name of the site, so that one address can serve many. It is sent in clear: an eavesdropper learns which site is visited, though not what is done there.',
      ko: '접속하려는 사이트의 이름으로, 주소 하나에서 여러 사이트를 제공할 수 있게 합니다. 평문으로 전송되므로 도청자는 어느 사이트인지는 알 수 있고, 거기서 무엇을 하는지는 알 수 없습니다.',
    },
    source: 'RFC 6066 section 3',
  },
  'tls.handshake.extension.server_name.host_name': {
    name: { en: 'host name', ko: '호스트 이름' },
    meaning: {
      en: 'The name that the user typed or clicked, readable on the wire.',
      ko: '사용자가 입력했거나 누른 이름으로, 전송 중에도 그대로 읽힙니다.',
    },
    source: 'RFC 6066 section 3',
  },
  'tls.handshake.extension.application_layer_protocol_negotiation': {
    name: { en: 'application protocol (ALPN)', ko: '애플리케이션 프로토콜(ALPN)' },
    meaning: {
      en: 'Which protocols the client would speak inside, such as h2 or http/1.1. The server picks one, under TLS 1.3 sealed.',
      ko: '클라이언트가 암호화된 연결 안에서 쓸 수 있는 프로토콜로, h2나 http/1.1 등이 있습니다. 서버가 하나를 고르며, TLS 1.3에서는 그 답이 암호화됩니다.',
    },
    source: 'RFC 7301 section 3.1',
  },
  'tls.handshake.extension.supported_versions': {
    name: { en: 'supported versions', ko: '지원 버전' },
    meaning: {
      en: 'The true list of versions, and in the answer the one chosen. 0x0304 is TLS 1.3.',
      ko: '실제로 지원하는 버전 목록이며, 서버의 응답에서는 선택된 버전입니다. 0x0304가 TLS 1.3입니다.',
    },
    source: 'RFC 8446 section 4.2.1',
  },
  'tls.handshake.extension.supported_groups': {
    name: { en: 'supported groups', ko: '지원 그룹' },
    meaning: {
      en: 'The curves and other groups in which the client can agree on a key, such as x25519.',
      ko: '클라이언트가 키 교환에 쓸 수 있는 타원 곡선 등의 그룹입니다. 예를 들면 x25519가 있습니다.',
    },
    source: 'RFC 8446 section 4.2.7',
  },
  'tls.handshake.extension.signature_algorithms': {
    name: { en: 'signature algorithms', ko: '서명 알고리즘' },
    meaning: {
      en: 'The signatures that this side can verify; the other one must sign with one of them.',
      ko: '이쪽이 검증할 수 있는 서명 방식입니다. 상대는 이 가운데 하나로 서명해야 합니다.',
    },
    source: 'RFC 8446 section 4.2.3',
  },
  'tls.handshake.extension.key_share': {
    name: { en: 'key share', ko: '키 공유(Key Share)' },
    meaning: {
      en: "Public halves of fresh keys. From one of its own private halves and the other side's public half each computes the same secret, which never travels.",
      ko: '이번 연결만을 위해 만든 키 페어의 공개 부분입니다. 양쪽은 자신의 개인 키와 상대의 공개 키로 같은 비밀 값을 계산하며, 그 값은 전송되지 않습니다.',
    },
    source: 'RFC 8446 section 4.2.8',
  },
  'tls.handshake.extension.key_share.key_exchange': {
    name: { en: 'public key for this connection', ko: '이번 연결용 공개 키' },
    meaning: {
      en: "Used once and thrown away. Whoever steals the server's private key later still cannot open what was recorded today: forward secrecy.",
      ko: '한 번 쓰고 버립니다. 나중에 서버의 개인 키를 훔쳐도 오늘 녹화한 통신은 풀 수 없습니다. 이것이 순방향 비밀성(Forward Secrecy)입니다.',
    },
    source: 'RFC 8446 section 4.2.8',
  },
  'tls.handshake.extension.psk_key_exchange_modes': {
    name: { en: 'resumption modes', ko: '재개 방식' },
    meaning: {
      en: 'How the client would resume an earlier session: with a new key exchange (1), or without one (0).',
      ko: '이전 세션을 어떻게 재개할지 나타냅니다. 1은 새로 키를 교환하는 방식, 0은 교환하지 않는 방식입니다.',
    },
    source: 'RFC 8446 section 4.2.9',
  },
  'tls.handshake.extension.session_ticket': {
    name: { en: 'session ticket', ko: '세션 티켓' },
    meaning: {
      en: 'Empty: the client would like a ticket. Filled: the ticket of an earlier session, which it wants to resume (TLS 1.2).',
      ko: '비어 있으면 티켓을 받고 싶다는 뜻이고, 차 있으면 재개하려는 이전 세션의 티켓입니다(TLS 1.2).',
    },
    source: 'RFC 5077 section 3.2',
  },
  'tls.handshake.extension.extended_master_secret': {
    name: { en: 'extended master secret', ko: '확장 마스터 시크릿' },
    meaning: {
      en: 'Binds the keys of TLS 1.2 to the whole handshake, so that nobody can splice two connections together.',
      ko: 'TLS 1.2의 키를 핸드셰이크 전체에 묶어, 서로 다른 두 연결을 이어 붙이는 공격을 막습니다.',
    },
    source: 'RFC 7627 section 5',
  },
  'tls.handshake.extension.renegotiation_info': {
    name: { en: 'renegotiation info', ko: '재협상 정보' },
    meaning: {
      en: 'Ties a second handshake in the same connection to the first one. Empty in the first.',
      ko: '같은 연결에서 다시 하는 핸드셰이크를 첫 번째와 연결합니다. 첫 핸드셰이크에서는 비어 있습니다.',
    },
    source: 'RFC 5746 section 3.2',
  },
  'tls.handshake.encrypted_extensions': {
    name: { en: 'EncryptedExtensions', ko: 'EncryptedExtensions' },
    meaning: {
      en: "The server's answers that need not be public. The first sealed message of TLS 1.3.",
      ko: '공개할 필요가 없는 서버의 응답입니다. TLS 1.3에서 처음으로 암호화되는 메시지입니다.',
    },
    source: 'RFC 8446 section 4.3.1',
  },
  'tls.handshake.certificate': {
    name: { en: 'Certificate', ko: 'Certificate' },
    meaning: {
      en: "Who the sender claims to be: its certificate, then those that lead to a root. In clear under TLS 1.2, the client's too; sealed under TLS 1.3. An empty one means: I have none.",
      ko: '보내는 쪽이 누구인지 주장하는 인증서와, 루트까지 이어지는 인증서 체인입니다. TLS 1.2에서는 클라이언트 인증서까지 평문으로 보이고, TLS 1.3에서는 암호화됩니다. 비어 있으면 제시할 인증서가 없다는 뜻입니다.',
    },
    source: 'RFC 8446 section 4.4.2',
  },
  'tls.handshake.certificate.certificate': {
    name: { en: 'one certificate (DER)', ko: '인증서 한 장(DER)' },
    meaning: {
      en: 'A name and a public key, signed by an issuer. It is public; it proves nothing without the private key.',
      ko: '이름과 공개 키를 발급자가 서명한 것입니다. 공개된 정보이며, 개인 키가 없으면 아무것도 증명하지 못합니다.',
    },
    source: 'RFC 5280 section 4.1',
  },
  'tls.handshake.certificate_request': {
    name: { en: 'CertificateRequest', ko: 'CertificateRequest' },
    meaning: {
      en: 'The server asks the client for a certificate. This message is what makes TLS mutual.',
      ko: '서버가 클라이언트에게 인증서를 요구합니다. 이 메시지가 있어야 상호 TLS(mTLS)가 됩니다.',
    },
    source: 'RFC 8446 section 4.3.2',
  },
  'tls.handshake.certificate_request.authorities': {
    name: { en: 'acceptable authorities', ko: '받아들이는 인증 기관' },
    meaning: {
      en: 'The names of the CAs whose certificates the server would accept: a hint for the client that has several.',
      ko: '서버가 받아들이는 인증 기관(CA)의 이름입니다. 인증서가 여러 장인 클라이언트가 고를 때 참고합니다.',
    },
    source: 'RFC 5246 section 7.4.4',
  },
  'tls.handshake.certificate_verify': {
    name: { en: 'CertificateVerify', ko: 'CertificateVerify' },
    meaning: {
      en: 'The proof that goes with a certificate: a signature over the handshake so far, which only the holder of the private key can make.',
      ko: '인증서에 따르는 증명입니다. 지금까지의 핸드셰이크에 대한 서명으로, 개인 키를 가진 쪽만 만들 수 있습니다.',
    },
    source: 'RFC 8446 section 4.4.3',
  },
  'tls.handshake.signature.value': {
    name: { en: 'signature', ko: '서명' },
    meaning: {
      en: 'Made with the private key, checked with the public key in the certificate.',
      ko: '개인 키로 만들고, 인증서에 있는 공개 키로 확인합니다.',
    },
    source: 'RFC 8446 section 4.4.3',
  },
  'tls.handshake.server_key_exchange': {
    name: { en: 'ServerKeyExchange', ko: 'ServerKeyExchange' },
    meaning: {
      en: "TLS 1.2: the server's fresh public key, signed with the key of its certificate.",
      ko: 'TLS 1.2에서 서버가 이번 연결용으로 만든 공개 키입니다. 인증서의 키로 서명되어 있습니다.',
    },
    source: 'RFC 5246 section 7.4.3',
  },
  'tls.handshake.server_hello_done': {
    name: { en: 'ServerHelloDone', ko: 'ServerHelloDone' },
    meaning: {
      en: "TLS 1.2: the server has said everything; it is the client's turn.",
      ko: 'TLS 1.2에서 서버가 할 말을 마쳤다는 뜻입니다. 이제 클라이언트 차례입니다.',
    },
    source: 'RFC 5246 section 7.4.5',
  },
  'tls.handshake.client_key_exchange': {
    name: { en: 'ClientKeyExchange', ko: 'ClientKeyExchange' },
    meaning: {
      en: "TLS 1.2: the client's half of the key exchange. With RSA key exchange it is the secret itself, encrypted for the server's key, and whoever steals that key opens old recordings.",
      ko: 'TLS 1.2에서 키 교환에 쓸 클라이언트의 몫입니다. RSA 키 교환에서는 비밀 값 자체를 서버의 공개 키로 암호화해 보내므로, 나중에 서버의 개인 키를 훔치면 녹화해 둔 통신까지 풀립니다.',
    },
    source: 'RFC 5246 section 7.4.7',
  },
  'tls.handshake.finished': {
    name: { en: 'Finished', ko: 'Finished' },
    meaning: {
      en: 'A check over the whole handshake, made with the new keys. If anybody changed a byte on the way, it does not fit.',
      ko: '새 키로 만든, 핸드셰이크 전체에 대한 검사값입니다. 중간에서 한 바이트라도 바뀌었다면 맞지 않습니다.',
    },
    source: 'RFC 8446 section 4.4.4',
  },
  'tls.handshake.new_session_ticket': {
    name: { en: 'NewSessionTicket', ko: 'NewSessionTicket' },
    meaning: {
      en: "Lets the client come back faster. A resumed session keeps the old verdict on the client's certificate, even if it was revoked since.",
      ko: '클라이언트가 다음에 더 빨리 연결하게 해 줍니다. 재개된 세션에서는 그사이 클라이언트 인증서가 폐기되었더라도 예전 판정이 그대로 쓰입니다.',
    },
    source: 'RFC 8446 section 4.6.1',
  },
  'tls.handshake.key_update': {
    name: { en: 'KeyUpdate', ko: 'KeyUpdate' },
    meaning: {
      en: 'From the next record on this side uses fresh keys.',
      ko: '다음 레코드부터 이쪽은 새 키를 씁니다.',
    },
    source: 'RFC 8446 section 4.6.3',
  },
  'tls.grease': {
    name: { en: 'GREASE', ko: 'GREASE' },
    meaning: {
      en: 'A value that means nothing, mixed in at random so that servers do not forget to ignore what they do not know.',
      ko: '아무 뜻이 없는 값입니다. 서버가 모르는 값을 무시하는지 늘 확인되도록 무작위로 섞어 넣습니다.',
    },
    source: 'RFC 8701 section 2',
  },
  'tls.record.version.frozen': {
    name: { en: 'says TLS 1.0', ko: 'TLS 1.0이라고 적혀 있음' },
    meaning: {
      en: 'The first record of a client says 3,1 (TLS 1.0), even when it will speak TLS 1.3: some old servers hang up on anything else.',
      ko: '클라이언트의 첫 레코드에는 TLS 1.3을 쓸 때도 3,1(TLS 1.0)이 적힙니다. 다른 값이면 연결을 끊는 오래된 서버가 있기 때문입니다.',
    },
    source: 'RFC 8446 section 5.1',
  },
  'tls.handshake.legacy_version.frozen': {
    name: { en: 'says TLS 1.2', ko: 'TLS 1.2라고 적혀 있음' },
    meaning: {
      en: 'TLS 1.3 hides behind 3,3 (TLS 1.2) here and names itself in the extension supported_versions.',
      ko: 'TLS 1.3도 여기서는 3,3(TLS 1.2)으로 적고, 실제 버전은 supported_versions 확장에서 밝힙니다.',
    },
    source: 'RFC 8446 section 4.1.2',
  },
  'tls.handshake.server_hello.random.hello_retry_request': {
    name: { en: 'HelloRetryRequest', ko: 'HelloRetryRequest' },
    meaning: {
      en: 'Not random at all: this fixed value turns the ServerHello into a request to try again with another group.',
      ko: '난수가 아닙니다. 정해진 값이며, 이 ServerHello가 다른 그룹으로 다시 시도하라는 요청임을 뜻합니다.',
    },
    source: 'RFC 8446 section 4.1.3',
  },
  'tls.handshake.server_hello.random.downgrade': {
    name: { en: 'downgrade mark', ko: '다운그레이드 표시' },
    meaning: {
      en: 'The last bytes spell DOWNGRD: this server speaks a newer version, but was asked for an older one. A client that offered the newer one knows that somebody interfered.',
      ko: '끝부분이 DOWNGRD라는 글자입니다. 서버는 더 새로운 버전을 쓸 수 있지만 낮은 버전을 요청받았다는 뜻으로, 새 버전을 제안했던 클라이언트는 누군가 끼어들었음을 알 수 있습니다.',
    },
    source: 'RFC 8446 section 4.1.3',
  },
};
