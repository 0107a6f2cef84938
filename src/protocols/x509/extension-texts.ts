/**
 * What the contents of the less usual extensions, of signed certificate timestamps and of OCSP responses are, in words;
 * the other texts of X.509 stand in `texts.ts`, which has these too.
 */
import type { FieldText } from '../text.ts';
import type { X509FieldId } from './ids.ts';

type Row = readonly [enName: string, koName: string, en: string, ko: string, source?: string];

const rows = {
  'x509.algorithm.pss.hash': ['digest of RSASSA-PSS', 'RSASSA-PSS의 해시', 'The digest that is signed.', '서명하는 데 쓰는 해시입니다.', 'RFC 4055 section 3.1'],
  'x509.algorithm.pss.mask': ['mask of RSASSA-PSS', 'RSASSA-PSS의 마스크', 'How the padding is masked: MGF1 with a digest, which should be the one that is signed.', '패딩을 섞는 방법입니다. MGF1과 해시를 쓰며, 서명에 쓰는 해시와 같아야 좋습니다.', 'RFC 4055 section 3.1'],
  'x509.algorithm.pss.salt_length': ['salt of RSASSA-PSS', 'RSASSA-PSS의 솔트 길이', 'How many random bytes go into each signature, so that the same text never has the same signature twice.', '서명마다 들어가는 무작위 바이트 수입니다. 같은 내용이라도 서명은 매번 달라집니다.', 'RFC 4055 section 3.1'],
  'x509.algorithm.prime': ['prime', '소수', 'The prime in which this key counts; whoever made the key chose it.', '이 키의 계산에 쓰는 소수입니다. 키를 만든 쪽이 정합니다.', 'RFC 3279 section 2.3.2'],
  'x509.general_name': ['name', '이름', 'A name of one of nine kinds: a DNS name, an address, a URI, a mail address, a distinguished name and rarer ones.', '아홉 종류 중 하나인 이름입니다. DNS 이름, IP 주소, URI, 메일 주소, 고유 이름(DN) 등이 있습니다.', 'RFC 5280 section 4.2.1.6'],
  'x509.extension.issuer_alternative_name': ['issuer alternative name', '발급자 대체 이름', 'More names of the issuer. No verifier looks at them.', '발급자의 다른 이름입니다. 검증에는 쓰이지 않습니다.', 'RFC 5280 section 4.2.1.7'],
  'x509.extension.subject_directory_attributes': ['attributes of the subject', '주체의 속성', 'What a directory would say of the subject, such as a nationality. Rare.', '국적처럼 디렉터리에 적을 만한 주체의 정보입니다. 드물게 쓰입니다.', 'RFC 5280 section 4.2.1.8'],
  'x509.extension.private_key_usage_period': ['use of the private key', '개인 키 사용 기간', 'When the private key may sign, if that is shorter than the validity.', '개인 키로 서명할 수 있는 기간입니다. 인증서의 유효 기간보다 짧을 때 적습니다.', 'RFC 3280 section 4.2.1.4'],
  'x509.extension.certificate_policies': ['certificate policies', '인증서 정책', 'By which rules it was issued: how carefully the CA looked at who asks.', '어떤 규칙에 따라 발급했는지, 곧 CA가 신청자를 얼마나 꼼꼼히 확인했는지를 나타냅니다.', 'RFC 5280 section 4.2.1.4'],
  'x509.extension.certificate_policies.policy': ['policy', '정책', 'One set of rules, by its number. 2.23.140.1.2.1 means: only the control of the domain was checked.', '규칙 하나를 번호로 적은 것입니다. 2.23.140.1.2.1은 도메인을 관리하는지만 확인했다는 뜻입니다.', 'RFC 5280 section 4.2.1.4'],
  'x509.extension.certificate_policies.practice_statement': ['practice statement', '인증 업무 준칙(CPS)', 'Where the CA has written down how it works.', 'CA가 업무 방식을 적어 공개한 곳입니다.', 'RFC 5280 section 4.2.1.4'],
  'x509.extension.certificate_policies.user_notice': ['notice', '고지', 'Words that a program should show to whoever relies on the certificate. None does.', '인증서를 믿고 쓰는 사람에게 보여 주라는 글입니다. 실제로 보여 주는 프로그램은 거의 없습니다.', 'RFC 5280 section 4.2.1.4'],
  'x509.extension.policy_mappings': ['policy mappings', '정책 대응', 'Which policy of one CA counts as which of another.', '한 CA의 정책을 다른 CA의 어떤 정책과 같게 볼지 정합니다.', 'RFC 5280 section 4.2.1.5'],
  'x509.extension.policy_constraints': ['policy constraints', '정책 제약', 'After how many further certificates a policy must be named, or may no longer be mapped.', '인증서 몇 개 뒤부터 정책을 반드시 적어야 하는지, 또는 대응을 금지하는지 정합니다.', 'RFC 5280 section 4.2.1.11'],
  'x509.extension.inhibit_any_policy': ['inhibit any-policy', 'anyPolicy 금지', 'After how many further certificates “any policy” no longer counts.', '인증서 몇 개 뒤부터 ‘모든 정책’을 인정하지 않을지 정합니다.', 'RFC 5280 section 4.2.1.14'],
  'x509.extension.name_constraints': ['name constraints', '이름 제약', 'The names for which this CA may issue certificates. Outside of them its signature is worth nothing.', '이 CA가 인증서를 발급할 수 있는 이름의 범위입니다. 범위 밖에서는 서명이 효력을 잃습니다.', 'RFC 5280 section 4.2.1.10'],
  'x509.extension.name_constraints.permitted': ['permitted names', '허용된 이름', 'Only names below these are allowed.', '이 이름과 그 아래 이름만 허용됩니다.', 'RFC 5280 section 4.2.1.10'],
  'x509.extension.name_constraints.excluded': ['excluded names', '제외된 이름', 'Names below these are forbidden, whatever is permitted.', '허용 범위에 들더라도 이 이름과 그 아래 이름은 쓸 수 없습니다.', 'RFC 5280 section 4.2.1.10'],
  'x509.extension.freshest_crl': ['where the newest revocations are', '최신 CRL 위치', 'Where the list of changes since the last whole revocation list is published.', '마지막 전체 폐기 목록 이후의 변경분을 공개하는 곳입니다.', 'RFC 5280 section 4.2.1.15'],
  'x509.distribution_point.reasons': ['reasons', '폐기 사유', 'For which reasons of revocation this list speaks.', '이 목록이 다루는 폐기 사유입니다.', 'RFC 5280 section 4.2.1.13'],
  'x509.extension.authority_information_access': ['authority information access', '발급자 정보 접근', 'Where to ask whether the certificate still stands (OCSP), and where to find the issuer’s certificate. Nothing here fetches them.', '인증서가 아직 유효한지 묻는 곳(OCSP)과 발급자 인증서를 받는 곳입니다. wirelab은 여기서 내려받지 않습니다.', 'RFC 5280 section 4.2.2.1'],
  'x509.extension.subject_information_access': ['subject information access', '주체 정보 접근', 'What the subject offers and where; for a CA, where it publishes.', '주체가 제공하는 서비스와 그 위치입니다. CA라면 공개 저장소를 적습니다.', 'RFC 5280 section 4.2.2.2'],
  'x509.extension.signed_certificate_timestamps': ['certificate transparency', '인증서 투명성(CT)', 'Promises of public logs that they list this certificate, so that a CA cannot issue one in secret. Browsers ask for two or three.', '공개 로그가 이 인증서를 기록하겠다고 한 약속입니다. CA가 몰래 인증서를 발급하지 못하게 하며, 브라우저는 두세 개를 요구합니다.', 'RFC 6962 section 3.3'],
  'x509.sct_list': ['signed certificate timestamps', '서명된 인증서 타임스탬프 목록', 'Promises of public logs that they list this certificate. They stand in the certificate, in the handshake or in an OCSP response.', '공개 로그가 이 인증서를 기록하겠다고 한 약속의 목록입니다. 인증서, 핸드셰이크, OCSP 응답 중 한 곳에 담깁니다.', 'RFC 6962 section 3.3'],
  'x509.sct': ['signed certificate timestamp', '서명된 인증서 타임스탬프(SCT)', 'One log’s promise: seen at this time, and public within a day.', '로그 하나의 약속입니다. 이 시각에 받았고 하루 안에 공개한다는 뜻입니다.', 'RFC 6962 section 3.2'],
  'x509.sct.log_id': ['log', '로그 ID', 'Which log: the SHA-256 of its public key.', '어느 로그인지 나타냅니다. 로그의 공개 키를 SHA-256으로 해시한 값입니다.', 'RFC 6962 section 3.2'],
  'x509.sct.timestamp': ['time of the promise', '약속한 시각', 'When the log saw the certificate, in milliseconds since 1970.', '로그가 인증서를 받은 시각입니다. 1970년부터 밀리초로 셉니다.', 'RFC 6962 section 3.2'],
  'x509.sct.signature': ['signature of the log', '로그의 서명', 'Made with the log’s key over the certificate and the time.', '로그가 자기 키로 인증서와 시각에 한 서명입니다.', 'RFC 6962 section 3.2'],
  'x509.extension.precertificate_poison': ['precertificate', '사전 인증서 표시', 'This is no certificate: it was made to be shown to the logs, and every verifier must refuse it.', '실제로 쓰는 인증서가 아닙니다. 로그에 제출하려고 만든 것이며, 검증하는 쪽은 반드시 거부해야 합니다.', 'RFC 6962 section 3.1'],
  'x509.extension.ocsp_no_check': ['no OCSP check', 'OCSP 확인 제외', 'Nobody need ask whether this certificate still stands: it belongs to the one who would answer.', '이 인증서의 폐기 여부는 묻지 않아도 됩니다. 바로 그 물음에 답하는 쪽의 인증서이기 때문입니다.', 'RFC 6960 section 4.2.2.2.1'],
  'x509.extension.ocsp_nonce': ['nonce', '논스', 'A number out of the question, repeated in the answer, so that no old answer can be passed off as new.', '질문에 넣은 값을 답에도 되풀이한 것입니다. 예전 답을 새 답인 양 쓰지 못하게 합니다.', 'RFC 6960 section 4.4.1'],
  'x509.extension.tls_feature': ['must-staple', '필수 TLS 기능(Must-Staple)', 'What a server with this certificate must do. 5 means: staple a fresh OCSP response to the handshake, or be refused.', '이 인증서를 쓰는 서버가 반드시 해야 하는 일입니다. 5는 핸드셰이크에 최신 OCSP 응답을 붙이라는 뜻이며, 없으면 거부됩니다.', 'RFC 7633 section 4'],
  'x509.extension.delegation_usage': ['may delegate', '위임 허용', 'The owner may sign short-lived keys for its servers: delegated credentials.', '소유자가 자기 서버에 쓸 수명이 짧은 키(위임 자격 증명)에 서명할 수 있습니다.', 'RFC 9345 section 4.2'],
  'x509.extension.netscape_cert_type': ['Netscape’s certificate type', 'Netscape 인증서 종류', 'What extended key usage says today. Old, and ignored.', '지금의 확장 키 사용과 같은 역할을 하던 옛 확장입니다. 이제는 무시됩니다.'],
  'x509.extension.netscape_comment': ['Netscape’s comment', 'Netscape 주석', 'Words for people; a sign that an old recipe of OpenSSL made the certificate.', '사람이 읽는 글입니다. OpenSSL의 오래된 설정으로 만든 인증서에 흔합니다.'],
  'x509.extension.delta_crl_indicator': ['changes only', '변경분 목록(delta CRL)', 'This list holds what has changed since the whole list of that number.', '이 번호의 전체 목록 이후에 바뀐 것만 담은 목록입니다.', 'RFC 5280 section 5.2.4'],
  'x509.extension.issuing_distribution_point': ['scope of the list', '목록의 범위', 'For which certificates and which reasons this list speaks. About others it says nothing.', '이 목록이 어떤 인증서와 사유를 다루는지 정합니다. 그 밖에 대해서는 아무것도 말하지 않습니다.', 'RFC 5280 section 5.2.5'],
  'x509.extension.invalidity_date': ['doubtful since', '무효가 된 시각', 'Since when the key was probably in other hands; earlier than the revocation itself.', '키가 유출되었다고 보는 시각입니다. 폐기한 시각보다 이릅니다.', 'RFC 5280 section 5.3.2'],
  'x509.extension.certificate_issuer': ['issuer of the revoked certificate', '폐기된 인증서의 발급자', 'Whose certificate it is, in a list that speaks for several CAs.', '여러 CA를 함께 다루는 목록에서 이 인증서를 발급한 쪽입니다.', 'RFC 5280 section 5.3.3'],
  'x509.extension.hold_instruction': ['what to do meanwhile', '보류 중 지침', 'What to do with a certificate that is only on hold. No longer used.', '잠시 보류된 인증서를 어떻게 다룰지 적은 것입니다. 이제는 쓰지 않습니다.', 'RFC 3280 section 5.3.2'],
  'x509.ocsp.response': ['OCSP response', 'OCSP 응답', 'A CA’s signed word on whether a certificate still stands. Stapled to the handshake, it spares the client a question that would tell the CA whom it visits.', '인증서가 아직 유효한지에 대한 CA의 서명된 답입니다. 핸드셰이크에 붙여 보내면 클라이언트가 CA에 물어보며 방문 사실을 알릴 필요가 없습니다.', 'RFC 6960 section 4.2.1'],
  'x509.ocsp.response_status': ['whether there is an answer', '응답 상태', '0 is an answer; every other number says why there is none. It says nothing about the certificate.', '0이면 답이 있고, 다른 값은 답이 없는 이유입니다. 인증서의 상태를 뜻하지는 않습니다.', 'RFC 6960 section 4.2.1'],
  'x509.ocsp.responder': ['responder', '응답자', 'Who answers: the CA, or somebody to whom it has given a certificate for that.', '답하는 쪽입니다. CA이거나 CA에게서 그 용도의 인증서를 받은 쪽입니다.', 'RFC 6960 section 4.2.1'],
  'x509.ocsp.produced_at': ['signed at', '서명한 시각', 'When the answer was signed.', '이 답에 서명한 시각입니다.', 'RFC 6960 section 4.2.1'],
  'x509.ocsp.single_response': ['answer about one certificate', '인증서 하나에 대한 답', 'Which certificate, how it stands, and how long that holds.', '어떤 인증서인지, 상태가 어떤지, 언제까지 유효한 답인지 담고 있습니다.', 'RFC 6960 section 4.2.1'],
  'x509.ocsp.certificate_id': ['which certificate', '대상 인증서', 'Named by digests of the issuer’s name and key, and by its serial number.', '발급자의 이름과 키의 해시, 그리고 일련번호로 가리킵니다.', 'RFC 6960 section 4.1.1'],
  'x509.ocsp.certificate_status': ['how it stands', '인증서 상태', 'Good, revoked, or unknown. “Good” only means: not revoked.', '정상, 폐기됨, 알 수 없음 중 하나입니다. ‘정상’은 폐기되지 않았다는 뜻일 뿐입니다.', 'RFC 6960 section 2.2'],
  'x509.ocsp.revocation_time': ['revoked at', '폐기한 시각', 'Since when it is revoked.', '인증서가 폐기된 시각입니다.', 'RFC 6960 section 4.2.1'],
  'x509.ocsp.this_update': ['as of', '기준 시각', 'The moment for which the answer was true.', '이 답이 확인된 시각입니다.', 'RFC 6960 section 4.2.2.1'],
  'x509.ocsp.next_update': ['holds until', '다음 갱신 시각', 'After this moment a newer answer exists, and this one no longer counts.', '이 시각이 지나면 더 새로운 답이 있으며 이 답은 쓸 수 없습니다.', 'RFC 6960 section 4.2.2.1'],
  'x509.ocsp.certificates': ['certificates with the answer', '응답에 담긴 인증서', 'The certificate of the responder, where it is not the CA itself.', '답하는 쪽이 CA 자신이 아닐 때 그쪽의 인증서입니다.', 'RFC 6960 section 4.2.2.2'],
} satisfies Partial<Record<X509FieldId, Row>>;

export type ExtensionTextId = keyof typeof rows;

export const extensionTexts = Object.fromEntries(
  Object.entries<Row>(rows).map(([id, [enName, koName, en, ko, source]]): [string, FieldText] => [
    id,
    { name: { en: enName, ko: koName }, meaning: { en, ko }, ...(source === undefined ? {} : { source }) },
  ]),
) as Readonly<Record<ExtensionTextId, FieldText>>;
