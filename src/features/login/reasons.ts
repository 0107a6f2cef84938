/** Why a side refused, as a short remark in a sentence about a login: its own words here, else the name that cards have for it. */
import { refusalWords } from '../../analysis/outcome/refusal.ts';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import type { Localized } from '../../i18n/language.ts';

export const reasonOf = (reason: RefusalReason): Localized => reasons[reason] ?? refusalWords[reason].name;

const reasons: Readonly<Partial<Record<RefusalReason, Localized>>> = {
  no_common_cipher: { en: 'no cipher suite in common', ko: '공통 암호 스위트 없음' },
  certificate_missing: { en: 'no certificate was presented', ko: '인증서 미제시' },
  unknown_ca: {
    en: 'the certificate was issued by a CA that it does not trust',
    ko: '신뢰하지 않는 인증 기관(CA)이 발급한 인증서',
  },
  certificate_expired: { en: 'the certificate has expired', ko: '만료된 인증서' },
  certificate_not_yet_valid: { en: 'the certificate is not yet valid', ko: '아직 유효하지 않은 인증서' },
  wrong_usage: { en: 'the certificate is for another use', ko: '용도가 다른 인증서' },
  certificate_revoked: { en: 'the certificate was revoked', ko: '폐기된 인증서' },
  name_mismatch: { en: 'the certificate is for another name', ko: '이름이 다른 인증서' },
  key_not_pinned: {
    en: 'the certificate’s public key is not the pinned one',
    ko: '고정해 둔(pin) 공개 키와 다른 키의 인증서',
  },
  tls_on_plaintext_port: { en: 'the port does not use TLS', ko: '그곳에서는 TLS를 쓰지 않음' },
  self_signed: {
    en: 'the certificate is self-signed',
    ko: 'CA가 아니라 스스로 서명한 인증서',
  },
  intermediate_missing: { en: 'the chain lacks the intermediate CA', ko: '중간 CA 인증서가 빠진 체인' },
  path_too_long: {
    en: 'the chain exceeds a CA’s path length limit',
    ko: 'CA가 허용한 단계 수를 넘는 체인',
  },
  not_a_ca: {
    en: 'the certificate’s issuer is not a CA',
    ko: 'CA가 아닌 인증서로 서명된 인증서',
  },
  crl_expired: {
    en: 'the revocation list of its CA is out of date',
    ko: '발급한 CA의 기한이 지난 인증서 폐기 목록(CRL)',
  },
  ca_as_leaf: { en: "a CA's own certificate was presented", ko: 'CA 인증서를 클라이언트 인증서로 제시' },
  weak_key: { en: "the certificate's key is too short", ko: '너무 짧은 인증서 키' },
  name_constraint_violated: {
    en: 'a CA’s name constraints exclude a name in the certificate',
    ko: '체인의 CA가 발급할 수 없는 이름의 인증서',
  },
  name_not_admitted: {
    en: 'the name in the certificate is not admitted',
    ko: '허용 목록에 없는 이름',
  },
  key_proof_failed: {
    en: "the signature does not match the certificate's key",
    ko: '인증서의 키와 맞지 않는 서명',
  },
};
