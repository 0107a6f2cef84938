/**
 * Explains the fields of a certificate, a revocation list and a signing request to beginners. Loaded for an
 * explanation, never at start. Fields without a text of their own are explained by the nearest parent with one.
 */
import type { FieldText } from '../text.ts';
import { extensionTexts } from './extension-texts.ts';
import type { ExtensionTextId } from './extension-texts.ts';
import type { X509FieldId } from './ids.ts';

export const explainedX509Fields = [
  'x509.certificate',
  'x509.tbs_certificate',
  'x509.tbs_certificate.version',
  'x509.tbs_certificate.serial_number',
  'x509.tbs_certificate.signature',
  'x509.tbs_certificate.issuer',
  'x509.tbs_certificate.validity',
  'x509.tbs_certificate.validity.not_before',
  'x509.tbs_certificate.validity.not_after',
  'x509.tbs_certificate.subject',
  'x509.tbs_certificate.subject_public_key_info',
  'x509.signature_algorithm',
  'x509.signature_value',
  'x509.attribute',
  'x509.public_key.algorithm',
  'x509.public_key.bits',
  'x509.public_key.rsa.modulus',
  'x509.public_key.rsa.exponent',
  'x509.extension',
  'x509.extension.critical',
  'x509.extension.subject_key_identifier',
  'x509.extension.authority_key_identifier',
  'x509.extension.key_usage',
  'x509.extension.extended_key_usage',
  'x509.extension.basic_constraints',
  'x509.extension.basic_constraints.path_length',
  'x509.extension.subject_alternative_name',
  'x509.extension.crl_distribution_points',
  'x509.extension.opaque',
  'x509.crl',
  'x509.tbs_crl.this_update',
  'x509.tbs_crl.next_update',
  'x509.tbs_crl.revoked_certificate',
  'x509.extension.crl_number',
  'x509.extension.reason_code',
  'x509.request',
  'x509.request_info.attributes',
  'x509.der.tag',
  'x509.der.length',
  'x509.der.value',
  'x509.der.unused_bits',
] as const satisfies readonly X509FieldId[];

export type ExplainedX509Field = (typeof explainedX509Fields)[number];

export const x509Texts: Readonly<Record<ExplainedX509Field | ExtensionTextId, FieldText>> = {
  ...extensionTexts,
  'x509.certificate': {
    name: { en: 'certificate', ko: '인증서' },
    meaning: {
      en: 'A statement by an issuer: this name goes with this public key, from then until then, for this use. It is public; only the private key that belongs to it is secret.',
      ko: '발급자가 확인해 주는 문서입니다. 어떤 이름이 어떤 공개 키의 주인인지, 언제부터 언제까지, 무엇에 쓸 수 있는지를 담습니다. 공개되는 문서이며, 비밀은 여기에 짝을 이루는 개인 키뿐입니다.',
    },
    source: 'RFC 5280 section 4.1',
  },
  'x509.tbs_certificate': {
    name: { en: 'what is signed', ko: '서명 대상' },
    meaning: {
      en: 'Every byte in here is covered by the signature: change one, and the signature no longer fits.',
      ko: '서명이 보호하는 범위입니다. 한 바이트라도 바뀌면 서명이 맞지 않습니다.',
    },
    source: 'RFC 5280 section 4.1.1.1',
  },
  'x509.tbs_certificate.version': {
    name: { en: 'version', ko: '버전' },
    meaning: {
      en: 'Version 3, written as 2: counting began at 0. Only version 3 has extensions.',
      ko: '버전 3이며 2로 적습니다. 0부터 세기 때문입니다. 확장은 버전 3에만 있습니다.',
    },
    source: 'RFC 5280 section 4.1.2.1',
  },
  'x509.tbs_certificate.serial_number': {
    name: { en: 'serial number', ko: '일련번호' },
    meaning: {
      en: 'Unique for each certificate of an issuer. A revocation list names certificates by it.',
      ko: '같은 발급자의 인증서마다 다른 번호입니다. 인증서 폐기 목록(CRL)은 이 번호로 인증서를 가리킵니다.',
    },
    source: 'RFC 5280 section 4.1.2.2',
  },
  'x509.tbs_certificate.signature': {
    name: { en: 'signature algorithm, signed', ko: '서명 알고리즘(서명 대상 안)' },
    meaning: {
      en: 'The algorithm of the signature, once more inside what is signed, so that nobody can exchange it. Both must be equal.',
      ko: '서명 알고리즘을 서명 대상 안에 한 번 더 적은 것입니다. 아무도 바꿔치기하지 못하게 하려는 것이며, 두 값은 같아야 합니다.',
    },
    source: 'RFC 5280 section 4.1.2.3',
  },
  'x509.tbs_certificate.issuer': {
    name: { en: 'issuer', ko: '발급자' },
    meaning: {
      en: 'Who signed this certificate. A verifier looks for a CA of this name; the name proves nothing, the signature does.',
      ko: '이 인증서에 서명한 쪽입니다. 검증하는 쪽은 이 이름의 CA를 찾습니다. 증명은 이름이 아니라 서명이 합니다.',
    },
    source: 'RFC 5280 section 4.1.2.4',
  },
  'x509.tbs_certificate.validity': {
    name: { en: 'validity', ko: '유효 기간' },
    meaning: {
      en: 'From when until when the issuer stands by this statement, both ends included.',
      ko: '발급자가 내용을 보증하는 기간입니다. 시작과 끝 시각도 포함합니다.',
    },
    source: 'RFC 5280 section 4.1.2.5',
  },
  'x509.tbs_certificate.validity.not_before': {
    name: { en: 'not before', ko: '유효 기간 시작' },
    meaning: {
      en: 'Before this moment the certificate is refused. Often it is the reader’s clock that is wrong.',
      ko: '이 시각 전에는 인증서가 거부됩니다. 검증하는 쪽의 시계가 틀린 경우도 많습니다.',
    },
    source: 'RFC 5280 section 4.1.2.5',
  },
  'x509.tbs_certificate.validity.not_after': {
    name: { en: 'not after', ko: '유효 기간 끝' },
    meaning: {
      en: 'After this moment the certificate has expired and is refused.',
      ko: '이 시각이 지나면 인증서가 만료되어 거부됩니다.',
    },
    source: 'RFC 5280 section 4.1.2.5',
  },
  'x509.tbs_certificate.subject': {
    name: { en: 'subject', ko: '주체' },
    meaning: {
      en: 'Whose certificate it is. For a client this is who is logging in; for a server, the name that counts stands in the subject alternative name.',
      ko: '인증서의 주인입니다. 클라이언트 인증서라면 접속하는 사람이고, 서버 인증서라면 실제로 비교하는 이름은 주체 대체 이름(SAN)에 있습니다.',
    },
    source: 'RFC 5280 section 4.1.2.6',
  },
  'x509.tbs_certificate.subject_public_key_info': {
    name: { en: 'public key', ko: '공개 키' },
    meaning: {
      en: 'The key that the name is bound to. Whoever presents the certificate must prove in the handshake that they hold its private half.',
      ko: '이름과 묶인 키입니다. 인증서를 제시하는 쪽은 짝이 되는 개인 키를 가지고 있음을 핸드셰이크에서 증명해야 합니다.',
    },
    source: 'RFC 5280 section 4.1.2.7',
  },
  'x509.signature_algorithm': {
    name: { en: 'signature algorithm', ko: '서명 알고리즘' },
    meaning: {
      en: 'How the issuer signed. MD5 and SHA-1 are broken and refused.',
      ko: '발급자가 서명한 방식입니다. MD5와 SHA-1은 안전하지 않아 거부됩니다.',
    },
    source: 'RFC 5280 section 4.1.1.2',
  },
  'x509.signature_value': {
    name: { en: 'signature', ko: '서명' },
    meaning: {
      en: 'Made with the issuer’s private key, checked with its public key: the proof that the issuer wrote this, and that nobody changed it since.',
      ko: '발급자의 개인 키로 만들고 발급자의 공개 키로 확인합니다. 발급자가 쓴 그대로이며 그 뒤로 아무도 바꾸지 않았다는 증거입니다.',
    },
    source: 'RFC 5280 section 4.1.1.3',
  },
  'x509.attribute': {
    name: { en: 'part of a name', ko: '이름의 한 부분' },
    meaning: {
      en: 'One attribute: CN is the common name, O the organization, OU a unit of it. Kubernetes takes CN for the user and O for the groups.',
      ko: '이름을 이루는 속성입니다. CN은 공통 이름, O는 조직, OU는 부서입니다. 쿠버네티스는 CN을 사용자, O를 그룹으로 봅니다.',
    },
    source: 'RFC 4514 section 2',
  },
  'x509.public_key.algorithm': {
    name: { en: 'kind of key', ko: '키의 종류' },
    meaning: {
      en: 'RSA, an elliptic curve with its name, or Ed25519.',
      ko: 'RSA, 곡선 이름이 딸린 타원 곡선, Ed25519 가운데 하나입니다.',
    },
    source: 'RFC 3279, RFC 5480, RFC 8410',
  },
  'x509.public_key.bits': {
    name: { en: 'key', ko: '키' },
    meaning: {
      en: 'The public key itself. On an elliptic curve it is a point: the byte 04, then its two coordinates.',
      ko: '공개 키 자체입니다. 타원 곡선에서는 한 점으로, 바이트 04 다음에 두 좌표가 이어집니다.',
    },
    source: 'RFC 5480 section 2.2',
  },
  'x509.public_key.rsa.modulus': {
    name: { en: 'modulus', ko: '모듈러스' },
    meaning: {
      en: 'The product of two secret primes. Its length is the strength of the key: less than 2048 bits is refused as weak.',
      ko: '비밀인 두 소수를 곱한 값입니다. 길이가 곧 키의 강도이며, 2048비트보다 짧으면 약한 키로 거부됩니다.',
    },
    source: 'RFC 8017 section 3.1',
  },
  'x509.public_key.rsa.exponent': {
    name: { en: 'exponent', ko: '지수' },
    meaning: { en: 'Nearly always 65537, and no secret.', ko: '거의 언제나 65537이며 비밀이 아닙니다.' },
    source: 'RFC 8017 section 3.1',
  },
  'x509.extension': {
    name: { en: 'extension', ko: '확장' },
    meaning: {
      en: 'What version 1 had no place for: other names, usages, whether it is a CA.',
      ko: '버전 1에는 적을 곳이 없던 내용입니다. 대체 이름, 용도, CA 여부 등이 들어갑니다.',
    },
    source: 'RFC 5280 section 4.2',
  },
  'x509.extension.critical': {
    name: { en: 'critical', ko: '필수(critical)' },
    meaning: {
      en: 'Whoever does not understand this extension must refuse the certificate.',
      ko: '이 확장을 이해하지 못하는 쪽은 인증서를 거부해야 합니다.',
    },
    source: 'RFC 5280 section 4.2',
  },
  'x509.extension.subject_key_identifier': {
    name: { en: 'subject key identifier', ko: '주체 키 식별자' },
    meaning: {
      en: 'A short name for the key in this certificate, usually its hash.',
      ko: '이 인증서에 든 키를 짧게 부르는 이름이며, 보통 키의 해시값입니다.',
    },
    source: 'RFC 5280 section 4.2.1.2',
  },
  'x509.extension.authority_key_identifier': {
    name: { en: 'authority key identifier', ko: '발급자 키 식별자' },
    meaning: {
      en: 'Which key of the issuer signed this. It tells two CAs of the same name apart: the real one and an impostor.',
      ko: '발급자의 어느 키로 서명했는지 가리킵니다. 이름이 같은 두 CA, 곧 진짜와 가짜를 구별하는 단서입니다.',
    },
    source: 'RFC 5280 section 4.2.1.1',
  },
  'x509.extension.key_usage': {
    name: { en: 'key usage', ko: '키 사용' },
    meaning: {
      en: 'What the key may do: sign a handshake (digitalSignature), sign certificates (keyCertSign, a CA only), and so on.',
      ko: '키로 할 수 있는 일입니다. 핸드셰이크 서명(digitalSignature), 인증서 서명(keyCertSign, CA만 가능) 등이 있습니다.',
    },
    source: 'RFC 5280 section 4.2.1.3',
  },
  'x509.extension.extended_key_usage': {
    name: { en: 'extended key usage', ko: '확장 키 사용' },
    meaning: {
      en: 'In which role the certificate may be shown: as a server (serverAuth), as a client (clientAuth), or both. In the wrong role it is refused.',
      ko: '어떤 역할로 제시할 수 있는지 정합니다. 서버(serverAuth), 클라이언트(clientAuth) 또는 둘 다입니다. 다른 역할로 쓰면 거부됩니다.',
    },
    source: 'RFC 5280 section 4.2.1.12',
  },
  'x509.extension.basic_constraints': {
    name: { en: 'basic constraints', ko: '기본 제한' },
    meaning: {
      en: 'Whether this is a CA. Without this line, every owner of a certificate could sign certificates for others.',
      ko: 'CA인지 아닌지를 밝힙니다. 이 구분이 없다면 인증서를 가진 누구나 남의 인증서에 서명할 수 있습니다.',
    },
    source: 'RFC 5280 section 4.2.1.9',
  },
  'x509.extension.basic_constraints.path_length': {
    name: { en: 'path length', ko: '경로 길이' },
    meaning: {
      en: 'How many intermediate CAs may follow below this one.',
      ko: '이 CA 아래로 이어질 수 있는 중간 CA의 수입니다.',
    },
    source: 'RFC 5280 section 4.2.1.9',
  },
  'x509.extension.subject_alternative_name': {
    name: { en: 'subject alternative name', ko: '주체 대체 이름(SAN)' },
    meaning: {
      en: 'The host names and addresses that the certificate is valid for. A client compares the name that it asked for with these.',
      ko: '이 인증서가 유효한 호스트 이름과 주소입니다. 클라이언트는 접속하려던 이름을 이 목록과 비교합니다.',
    },
    source: 'RFC 5280 section 4.2.1.6, RFC 9525',
  },
  'x509.extension.crl_distribution_points': {
    name: { en: 'where the revocation list is', ko: 'CRL 배포 지점' },
    meaning: {
      en: 'Where the issuer publishes its revocation list. Nothing here fetches it.',
      ko: '발급자가 인증서 폐기 목록(CRL)을 공개하는 곳입니다. wirelab은 여기서 내려받지 않습니다.',
    },
    source: 'RFC 5280 section 4.2.1.13',
  },
  'x509.extension.opaque': {
    name: { en: 'another extension', ko: '그 밖의 확장' },
    meaning: {
      en: 'An extension that is not taken apart here, or that is not as its standard has it.',
      ko: '여기서는 풀어 보지 않거나 표준과 형식이 다른 확장입니다.',
    },
    source: 'RFC 5280 section 4.2',
  },
  'x509.crl': {
    name: { en: 'revocation list', ko: '인증서 폐기 목록(CRL)' },
    meaning: {
      en: 'The certificates that an issuer has taken back before their time, signed by the issuer.',
      ko: '발급자가 유효 기간이 끝나기 전에 취소한 인증서 목록이며, 발급자가 서명합니다.',
    },
    source: 'RFC 5280 section 5',
  },
  'x509.tbs_crl.this_update': {
    name: { en: 'this update', ko: '발행 시각' },
    meaning: {
      en: 'When this list was made. Whoever was revoked later is not on it.',
      ko: '목록을 만든 시각입니다. 그 뒤에 폐기된 인증서는 실려 있지 않습니다.',
    },
    source: 'RFC 5280 section 5.1.2.4',
  },
  'x509.tbs_crl.next_update': {
    name: { en: 'next update', ko: '다음 발행 시각' },
    meaning: {
      en: 'By when the next list is due. After it this one no longer counts, and everybody is refused.',
      ko: '다음 목록이 나와야 하는 시각입니다. 이때가 지나면 이 목록은 쓸 수 없고, 모든 인증서가 거부됩니다.',
    },
    source: 'RFC 5280 section 5.1.2.5',
  },
  'x509.tbs_crl.revoked_certificate': {
    name: { en: 'revoked certificate', ko: '폐기된 인증서' },
    meaning: {
      en: 'A serial number, and since when it counts no more.',
      ko: '일련번호와 폐기된 시각입니다.',
    },
    source: 'RFC 5280 section 5.1.2.6',
  },
  'x509.extension.crl_number': {
    name: { en: 'number of the list', ko: '목록 번호' },
    meaning: {
      en: 'Goes up with each list of an issuer: it shows which of two is newer.',
      ko: '발행할 때마다 커지는 번호로, 두 목록 가운데 어느 쪽이 최신인지 알 수 있습니다.',
    },
    source: 'RFC 5280 section 5.2.3',
  },
  'x509.extension.reason_code': {
    name: { en: 'reason', ko: '폐기 사유' },
    meaning: {
      en: 'Why it was revoked, for example because the key was stolen (1).',
      ko: '폐기한 까닭입니다. 1은 키가 유출된 경우입니다.',
    },
    source: 'RFC 5280 section 5.3.1',
  },
  'x509.request': {
    name: { en: 'signing request', ko: '인증서 서명 요청(CSR)' },
    meaning: {
      en: 'A name and a public key, signed with the private key that belongs to it: the asker proves to hold it and never sends it.',
      ko: '이름과 공개 키를 담아 짝이 되는 개인 키로 서명한 것입니다. 개인 키를 보내지 않고도 가지고 있음을 증명합니다.',
    },
    source: 'RFC 2986 section 4',
  },
  'x509.request_info.attributes': {
    name: { en: 'what is asked for', ko: '요청 내용' },
    meaning: {
      en: 'Names and usages that the asker would like. The CA decides what it grants.',
      ko: '요청하는 쪽이 원하는 이름과 용도입니다. 무엇을 받아들일지는 CA가 정합니다.',
    },
    source: 'RFC 2986 section 4.1',
  },
  'x509.der.tag': {
    name: { en: 'tag', ko: '태그' },
    meaning: {
      en: 'What kind of value follows: 30 a sequence, 02 a number, 06 an identifier, 0c text.',
      ko: '뒤에 오는 값의 종류입니다. 30은 묶음, 02는 숫자, 06은 식별자, 0c는 글자입니다.',
    },
    source: 'X.690 section 8.1.2',
  },
  'x509.der.length': {
    name: { en: 'length', ko: '길이' },
    meaning: {
      en: 'How many bytes the value has. From 128 on, the first byte says how many bytes of length follow: 82 means two.',
      ko: '값의 바이트 수입니다. 128 이상이면 첫 바이트가 길이를 적은 바이트 수를 알려 줍니다. 82는 두 바이트라는 뜻입니다.',
    },
    source: 'X.690 section 8.1.3',
  },
  'x509.der.value': {
    name: { en: 'value', ko: '값' },
    meaning: {
      en: 'The bytes of the value; what they mean is said one level up.',
      ko: '값의 바이트입니다. 뜻은 한 단계 위에 나옵니다.',
    },
    source: 'X.690 section 8.1.4',
  },
  'x509.der.unused_bits': {
    name: { en: 'unused bits', ko: '쓰지 않는 비트 수' },
    meaning: {
      en: 'How many bits at the end of the last byte do not count.',
      ko: '마지막 바이트 끝에서 쓰지 않는 비트의 수입니다.',
    },
    source: 'X.690 section 8.6.2',
  },
};
