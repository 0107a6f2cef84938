/**
 * Explains the smaller parts of certificates, revocation lists and requests, without long texts in `texts.ts`. A row:
 * the id, its name, its meaning, the standard.
 */
import { fieldTexts } from '../text.ts';
import type { FieldText, TextRow } from '../text.ts';
import type { X509FieldId } from './ids.ts';
import type { x509Texts } from './texts.ts';

/** Fields without a text of their own: their parent explains them. */
type ExplainedByParent =
  | 'x509.extension.private_key_usage_period.not_before'
  | 'x509.extension.private_key_usage_period.not_after'
  | 'x509.extension.certificate_policies.policy.oid'
  | 'x509.extension.certificate_policies.qualifiers'
  | 'x509.extension.certificate_policies.qualifier'
  | 'x509.extension.certificate_policies.qualifier.oid'
  | 'x509.extension.certificate_policies.notice_reference'
  | 'x509.extension.certificate_policies.notice_reference.organization'
  | 'x509.extension.certificate_policies.notice_reference.numbers'
  | 'x509.extension.certificate_policies.notice_reference.number'
  | 'x509.extension.certificate_policies.explicit_text'
  | 'x509.extension.policy_mappings.mapping'
  | 'x509.extension.policy_mappings.issuer_domain'
  | 'x509.extension.policy_mappings.subject_domain'
  | 'x509.extension.policy_constraints.require_explicit_policy'
  | 'x509.extension.policy_constraints.inhibit_policy_mapping'
  | 'x509.extension.subject_directory_attributes.attribute'
  | 'x509.extension.subject_directory_attributes.values'
  | 'x509.extension.name_constraints.subtree'
  | 'x509.extension.name_constraints.minimum'
  | 'x509.extension.name_constraints.maximum'
  | 'x509.general_name.other_type'
  | 'x509.general_name.other_value'
  | 'x509.extension.tls_feature.feature'
  | 'x509.extension.issuing_distribution_point.only_user_certificates'
  | 'x509.extension.issuing_distribution_point.only_ca_certificates'
  | 'x509.extension.issuing_distribution_point.indirect'
  | 'x509.extension.issuing_distribution_point.only_attribute_certificates'
  | 'x509.sct_list.length'
  | 'x509.sct.length'
  | 'x509.sct.version'
  | 'x509.sct.extensions'
  | 'x509.sct.extensions.length'
  | 'x509.sct.scheme'
  | 'x509.sct.signature.length'
  | 'x509.sct.opaque'
  | 'x509.ocsp.responder.name'
  | 'x509.ocsp.responder.key_hash'
  | 'x509.ocsp.certificate_id.issuer_name_hash'
  | 'x509.ocsp.certificate_id.issuer_key_hash'
  | 'x509.ocsp.certificate_id.serial_number'
  | 'x509.ocsp.next_update.time'
  | 'x509.ocsp.certificates.list';

type NeedsWords = Exclude<X509FieldId, keyof typeof x509Texts | ExplainedByParent>;

export const x509PartTexts: Readonly<Record<NeedsWords, FieldText>> = fieldTexts({
  x509: [
    'DER structure',
    'DER 구조',
    'Everything in a certificate is encoded as type, length and content, nested (DER). The same content always has the same bytes, or signatures would not match.',
    '인증서의 모든 것은 유형, 길이, 내용의 순서로 겹겹이 적습니다(DER). 같은 내용은 항상 같은 바이트가 되어야 서명이 맞습니다.',
    'X.690 section 10',
  ],
  'x509.tbs_certificate.version.number': [
    'version number',
    '버전 번호',
    'It counts from zero: 2 stands for version 3, without which there are no extensions.',
    '0부터 셉니다. 2가 버전 3이며, 버전 3부터 확장을 쓸 수 있습니다.',
    'RFC 5280 section 4.1.2.1',
  ],
  'x509.tbs_certificate.issuer_unique_id': [
    'issuer’s unique id',
    '발급자 고유 ID',
    'Intended for two CAs with one name. CAs must not use it any more.',
    '이름이 같은 인증 기관(CA)을 구별하려던 값입니다. 이제는 쓰지 않아야 합니다.',
    'RFC 5280 section 4.1.2.8',
  ],
  'x509.tbs_certificate.subject_unique_id': [
    'subject’s unique id',
    '주체 고유 ID',
    'Intended for two holders with one name. CAs must not use it any more.',
    '이름이 같은 주체를 구별하려던 값입니다. 이제는 쓰지 않아야 합니다.',
    'RFC 5280 section 4.1.2.8',
  ],
  'x509.tbs_certificate.extensions': [
    'extensions of the certificate',
    '인증서의 확장',
    'What the certificate may be used for, its names, and who issued it: most of what decides on its acceptance.',
    '무엇에 쓸 수 있는지, 어떤 이름의 것인지, 누가 발급했는지 등 인증서의 유효 여부를 가르는 내용 대부분이 여기에 있습니다.',
    'RFC 5280 section 4.1.2.9',
  ],
  'x509.name': [
    'distinguished name',
    '고유 이름(DN)',
    'Who is meant, from the country or organisation down to the name: a list, in which the order counts.',
    '누구인지를 국가나 조직에서 이름까지 차례로 적은 목록입니다. 순서도 의미가 있습니다.',
    'RFC 5280 section 4.1.2.4',
  ],
  'x509.rdn': [
    'part of a name',
    '이름의 한 부분',
    'One step of a distinguished name, such as CN=alice; nearly always one attribute.',
    'CN=alice처럼 고유 이름(DN)의 한 단계입니다. 거의 항상 속성 하나로 되어 있습니다.',
    'RFC 5280 section 4.1.2.4',
  ],
  'x509.attribute.type': [
    'attribute type',
    '속성 유형',
    'Which part of the name it is, as a registered number: 2.5.4.3 is the common name (CN).',
    '이름의 어느 부분인지 등록된 번호로 나타냅니다. 2.5.4.3은 일반 이름(CN)입니다.',
    'RFC 5280 section 4.1.2.4',
  ],
  'x509.attribute.value': [
    'attribute value',
    '속성 값',
    'The name itself. Under TLS 1.2 it is sent in clear, even a client’s.',
    '이름 그 자체입니다. TLS 1.2에서는 클라이언트의 것까지 평문으로 전송됩니다.',
    'RFC 5280 section 4.1.2.4',
  ],
  'x509.algorithm.oid': [
    'algorithm',
    '알고리즘',
    'Which algorithm, as a registered number.',
    '어떤 알고리즘인지 등록된 번호로 나타냅니다.',
    'RFC 5280 section 4.1.1.2',
  ],
  'x509.algorithm.parameters': [
    'parameters of the algorithm',
    '알고리즘 매개변수',
    'Parameters of the algorithm: the curve for elliptic-curve keys, an empty NULL for RSA.',
    '알고리즘에 더 필요한 값입니다. 타원 곡선 키라면 곡선의 이름, RSA라면 빈 NULL입니다.',
    'RFC 5280 section 4.1.1.2',
  ],
  'x509.public_key.rsa': [
    'RSA key',
    'RSA 키',
    'Two numbers: the modulus and the exponent.',
    '모듈러스와 지수, 두 수로 이루어집니다.',
    'RFC 8017 appendix A.1.1',
  ],
  'x509.public_key.point': [
    'point on the curve',
    '곡선 위의 점',
    'The public key: the point on the curve to which the private number leads. No efficient way back is known.',
    '공개 키입니다. 비밀 수만큼 곡선 위를 나아가 닿은 점이며, 되돌아가는 방법은 알려져 있지 않습니다.',
    'RFC 5480 section 2.2',
  ],
  'x509.extensions': [
    'list of extensions',
    '확장 목록',
    'The extensions one after the other.',
    '확장이 차례로 이어집니다.',
    'RFC 5280 section 4.2',
  ],
  'x509.extension.oid': [
    'extension type',
    '확장 유형',
    'Which extension it is, as a registered number.',
    '어떤 확장인지 등록된 번호로 나타냅니다.',
    'RFC 5280 section 4.2',
  ],
  'x509.extension.value': [
    'extension value',
    '확장 값',
    'The content of the extension, wrapped so that a parser that does not know it can skip it.',
    '확장의 내용입니다. 모르는 쪽이 건너뛸 수 있도록 한 번 더 감싸 둡니다.',
    'RFC 5280 section 4.2',
  ],
  'x509.extension.authority_key_identifier.key_id': [
    'issuer’s key id',
    '발급자의 키 ID',
    'Which key of the CA has signed: the subject key identifier of the next certificate up.',
    '인증 기관(CA)의 어느 키로 서명했는지 나타냅니다. 상위 인증서의 주체 키 식별자와 같습니다.',
    'RFC 5280 section 4.2.1.1',
  ],
  'x509.extension.authority_key_identifier.issuer': [
    'issuer of the CA’s certificate',
    'CA 인증서의 발급자',
    'The issuer of the CA’s own certificate; another way to identify it.',
    '인증 기관(CA)의 인증서를 발급한 곳입니다. 상위 인증서를 가리키는 또 다른 방법입니다.',
    'RFC 5280 section 4.2.1.1',
  ],
  'x509.extension.authority_key_identifier.serial_number': [
    'serial number of the CA’s certificate',
    'CA 인증서의 일련번호',
    'The serial number of the CA’s own certificate.',
    '인증 기관(CA)의 인증서가 발급될 때 받은 번호입니다.',
    'RFC 5280 section 4.2.1.1',
  ],
  'x509.extension.extended_key_usage.purpose': [
    'purpose',
    '용도',
    'One permitted use of the key: serverAuth for servers, clientAuth for clients. Uses that are not listed are not permitted.',
    '키를 쓸 수 있는 용도 하나입니다. serverAuth는 서버, clientAuth는 클라이언트용이며, 적히지 않은 용도로는 쓸 수 없습니다.',
    'RFC 5280 section 4.2.1.12',
  ],
  'x509.extension.basic_constraints.ca': [
    'is a CA',
    'CA 여부',
    'Whether this key may sign certificates. Software that failed to check this allowed every holder of a certificate to act as a CA.',
    '이 키로 인증서를 발급할 수 있는지 나타냅니다. 이를 확인하지 않던 프로그램에서는 인증서를 가진 누구나 CA 행세를 할 수 있었습니다.',
    'RFC 5280 section 4.2.1.9',
  ],
  'x509.extension.crl_distribution_points.point': [
    'list location',
    '목록의 위치',
    'Where the CA publishes its revocations. Fetching the list reveals to the CA that it was checked.',
    '인증 기관(CA)이 폐기 목록을 공개하는 주소입니다. 목록을 내려받으면 확인했다는 사실이 CA에 알려집니다.',
    'RFC 5280 section 4.2.1.13',
  ],
  'x509.general_name.directory': [
    'directory name',
    '디렉터리 이름',
    'A distinguished name, as a subject has one.',
    '주체와 같은 형식의 고유 이름(DN)입니다.',
    'RFC 5280 section 4.2.1.6',
  ],
  'x509.tbs_crl': [
    'signed part of the list',
    '목록의 내용',
    'All of the list that is signed.',
    '목록에서 서명의 대상이 되는 전체입니다.',
    'RFC 5280 section 5.1.1.1',
  ],
  'x509.tbs_crl.version': [
    'version',
    '버전',
    'It counts from zero: 1 stands for version 2, without which there are no extensions.',
    '0부터 셉니다. 1이 버전 2이며, 버전 2부터 확장을 쓸 수 있습니다.',
    'RFC 5280 section 5.1.2.1',
  ],
  'x509.tbs_crl.signature': [
    'signature algorithm',
    '서명 알고리즘',
    'How the list is signed; the same value is outside the signed part.',
    '목록의 서명 방식입니다. 서명 대상 바깥에도 같은 값이 있습니다.',
    'RFC 5280 section 5.1.2.2',
  ],
  'x509.tbs_crl.issuer': [
    'issuer',
    '발급자',
    'The CA whose certificates the list is about.',
    '이 목록에 담긴 인증서를 발급한 인증 기관(CA)입니다.',
    'RFC 5280 section 5.1.2.3',
  ],
  'x509.tbs_crl.revoked_certificates': [
    'revoked certificates',
    '폐기된 인증서 목록',
    'One entry for each revoked certificate; absent if there is none.',
    '폐기된 인증서마다 한 줄씩 있습니다. 하나도 없으면 생략됩니다.',
    'RFC 5280 section 5.1.2.6',
  ],
  'x509.tbs_crl.revoked_certificate.serial_number': [
    'serial number',
    '일련번호',
    'The revoked certificate: the list contains numbers only, no names.',
    '폐기된 인증서의 번호입니다. 목록에는 이름 없이 번호만 있습니다.',
    'RFC 5280 section 5.1.2.6',
  ],
  'x509.tbs_crl.revoked_certificate.revocation_date': [
    'revoked at',
    '폐기 시각',
    'Since when it is revoked.',
    '이때부터 폐기된 것으로 봅니다.',
    'RFC 5280 section 5.1.2.6',
  ],
  'x509.tbs_crl.extensions': [
    'extensions of the list',
    '목록의 확장',
    'The list’s number, and which key of the CA has signed it.',
    '목록의 번호, 서명한 키 등을 담습니다.',
    'RFC 5280 section 5.2',
  ],
  'x509.request_info': [
    'signed part of the request',
    '요청의 내용',
    'The signed part of the request: it is signed with the key that it contains, which proves that the requester has it.',
    '요청에서 서명의 대상이 되는 전체입니다. 그 안에 든 키로 서명하므로 요청한 쪽이 그 키를 가졌음이 증명됩니다.',
    'RFC 2986 section 4.1',
  ],
  'x509.request_info.version': [
    'version',
    '버전',
    'Always 0; no other version exists.',
    '항상 0입니다. 다른 버전은 없습니다.',
    'RFC 2986 section 4.1',
  ],
  'x509.request_info.subject': [
    'requested name',
    '요청한 이름',
    'The requested name. The CA decides what it signs.',
    '요청한 쪽이 원하는 이름입니다. 어디까지나 희망이며, 무엇에 서명할지는 인증 기관(CA)이 정합니다.',
    'RFC 2986 section 4.1',
  ],
  'x509.request_info.subject_public_key_info': [
    'public key',
    '공개 키',
    'The key for which the certificate is requested. The private key stays where it was created.',
    '인증서에 담을 공개 키입니다. 개인 키는 만든 곳을 떠나지 않습니다.',
    'RFC 2986 section 4.1',
  ],
  'x509.request.attribute': [
    'attribute of the request',
    '요청의 속성',
    'A further part of the request, such as the extensions that the certificate should have.',
    '인증서에 넣고 싶은 확장 같은 추가 요구입니다.',
    'RFC 2986 section 4.1',
  ],
  'x509.request.attribute.type': [
    'attribute type',
    '속성 유형',
    'The type of the attribute, as a registered number.',
    '어떤 요구인지 등록된 번호로 나타냅니다.',
    'RFC 2986 section 4.1',
  ],
  'x509.request.attribute.values': [
    'attribute values',
    '속성 값',
    'The requested values.',
    '요구하는 내용입니다.',
    'RFC 2986 section 4.1',
  ],
  'x509.request.attribute.opaque': [
    'other attribute',
    '그 밖의 속성',
    'An attribute that is not parsed here.',
    '여기서는 나누어 읽지 않는 요구입니다.',
    'RFC 2986 section 4.1',
  ],
  'x509.algorithm.identifier': [
    'algorithm and parameters',
    '알고리즘과 매개변수',
    'An algorithm with its parameters.',
    '알고리즘과 거기에 필요한 값입니다.',
    'RFC 5280 section 4.1.1.2',
  ],
  'x509.algorithm.pss.trailer': [
    'trailer field',
    '트레일러 필드',
    'Always 1; it is encoded only if it differs.',
    '항상 1이며, 다를 때만 적습니다.',
    'RFC 8017 appendix A.2.3',
  ],
  'x509.algorithm.pss.number': [
    'number',
    '수',
    'A parameter of RSA-PSS: the length of the salt, or the trailer.',
    'RSA-PSS의 매개변수로, 솔트의 길이나 트레일러입니다.',
    'RFC 8017 appendix A.2.3',
  ],
  'x509.algorithm.subprime': [
    'order of the subgroup',
    '부분군의 위수',
    'A prime of the group in which the DSA key lies.',
    'DSA 키가 속한 군의 소수입니다.',
    'RFC 3279 section 2.3.2',
  ],
  'x509.algorithm.generator': [
    'generator',
    '생성원',
    'The number whose powers make the group.',
    '거듭제곱하면 군을 이루는 수입니다.',
    'RFC 3279 section 2.3.2',
  ],
  'x509.access_description': [
    'access description',
    '접근 설명',
    'Where information about the issuer is available, and how.',
    '발급자에 관한 정보를 어디서 어떻게 받는지 나타냅니다.',
    'RFC 5280 section 4.2.2.1',
  ],
  'x509.access_description.method': [
    'access method',
    '접근 방법',
    'What is there: statements on revocation (OCSP), or the issuer’s own certificate.',
    '그곳에 있는 것입니다. 폐기 확인(OCSP)이거나 발급자의 인증서입니다.',
    'RFC 5280 section 4.2.2.1',
  ],
  'x509.distribution_point.name': [
    'name of the place',
    '위치 이름',
    'Where the revocation list is published.',
    '인증서 폐기 목록(CRL)이 있는 곳입니다.',
    'RFC 5280 section 4.2.1.13',
  ],
  'x509.distribution_point.full_name': [
    'full name',
    '전체 이름',
    'The place as an address of its own.',
    '그 자체로 완전한 주소입니다.',
    'RFC 5280 section 4.2.1.13',
  ],
  'x509.distribution_point.relative_name': [
    'relative name',
    '상대 이름',
    'The place as an addition to the issuer’s name.',
    '발급자 이름에 덧붙여 나타낸 위치입니다.',
    'RFC 5280 section 4.2.1.13',
  ],
  'x509.distribution_point.crl_issuer': [
    'issuer of the list',
    '목록의 발급자',
    'The signer of the list, if it is not the CA itself.',
    '인증 기관(CA)이 아닌 다른 곳이 목록에 서명할 때 그 이름입니다.',
    'RFC 5280 section 4.2.1.13',
  ],
  'x509.ocsp.response_bytes': [
    'response',
    '응답',
    'The signed response, preceded by its type.',
    '종류를 앞에 적은, 서명된 응답입니다.',
    'RFC 6960 section 4.2.1',
  ],
  'x509.ocsp.response_bytes.content': [
    'content of the response',
    '응답의 내용',
    'The type of the response, and the response.',
    '응답의 종류와 응답 그 자체입니다.',
    'RFC 6960 section 4.2.1',
  ],
  'x509.ocsp.response_type': [
    'kind of response',
    '응답 종류',
    'The form of the response; only the basic one is in use.',
    '응답의 형식입니다. 기본 형식만 쓰입니다.',
    'RFC 6960 section 4.2.1',
  ],
  'x509.ocsp.response_value': [
    'answer',
    '응답 값',
    'The response, wrapped.',
    '한 번 더 감싼 응답입니다.',
    'RFC 6960 section 4.2.1',
  ],
  'x509.ocsp.basic_response': [
    'basic response',
    '기본 응답',
    'The status of each certificate, and the signature over it.',
    '인증서마다의 상태와 그에 대한 서명입니다.',
    'RFC 6960 section 4.2.1',
  ],
  'x509.ocsp.response_data': [
    'signed part',
    '서명 대상',
    'The signed part of the response.',
    '응답에서 서명의 대상이 되는 전체입니다.',
    'RFC 6960 section 4.2.1',
  ],
  'x509.ocsp.version': [
    'version',
    '버전',
    'It counts from zero; absent for the first version.',
    '0부터 세며, 첫 버전이면 생략합니다.',
    'RFC 6960 section 4.2.1',
  ],
  'x509.ocsp.version.number': [
    'version number',
    '버전 번호',
    'It counts from zero.',
    '0부터 셉니다.',
    'RFC 6960 section 4.2.1',
  ],
  'x509.ocsp.responses': [
    'statements',
    '상태 목록',
    'One statement for each requested certificate.',
    '물어본 인증서마다 하나씩 있는 상태입니다.',
    'RFC 6960 section 4.2.1',
  ],
  'x509.ocsp.revocation_reason': [
    'reason',
    '폐기 사유',
    'Why the certificate was revoked, if the CA gives a reason.',
    '인증 기관(CA)이 밝힌 폐기 사유입니다.',
    'RFC 6960 section 4.2.1',
  ],
  'x509.ocsp.extensions': [
    'extensions',
    '확장',
    'Additional information, such as the number that proves that a response is new.',
    '응답이 새것임을 보이는 수 같은 추가 내용입니다.',
    'RFC 6960 section 4.4',
  ],
} satisfies Partial<Record<X509FieldId, TextRow>>);
