/**
 * Lists the named flaws: each changes a valid certificate (or revocation list) in exactly one place, and must lead to
 * exactly one reason of refusal. A test creates every row of this table and verifies it with our own verifier and with
 * openssl.
 */
import type { RefusalReason } from '../../capture/vocabulary.ts';
import type { Localized } from '../../i18n/language.ts';
import type { CertificatePlan, RevocationPlan } from './plan.ts';

interface Flaw<Plan> {
  /** The reason for which verifiers refuse it. */
  readonly reason: RefusalReason;
  readonly summary: Localized;
  readonly apply: (plan: Plan) => Plan;
}

interface FlawOfCertificate extends Flaw<CertificatePlan> {
  /** Why this flaw cannot be applied to that row. */
  readonly objection?: (plan: CertificatePlan, issuer: CertificatePlan | undefined) => Localized | undefined;
}

const day = 86_400_000;

const needsLeaf = (plan: CertificatePlan): Localized | undefined =>
  plan.isCa
    ? {
        en: 'this flaw is only for server and client certificates',
        ko: '서버나 클라이언트 인증서에만 쓸 수 있는 결함입니다',
      }
    : undefined;

const certificateTable = {
  expired: {
    reason: 'certificate_expired',
    summary: { en: 'its validity period has ended', ko: '유효 기간이 끝났습니다' },
    apply: (plan) => ({ ...plan, from: -60 * day, to: -day, outOfDate: true }),
  },
  'not-yet-valid': {
    reason: 'certificate_not_yet_valid',
    summary: { en: 'its validity period begins in a month', ko: '유효 기간이 한 달 뒤에 시작됩니다' },
    apply: (plan) => ({ ...plan, from: 30 * day, to: 395 * day, outOfDate: true }),
  },
  'wrong-usage': {
    reason: 'wrong_usage',
    summary: {
      en: 'its extended key usage is for the other side: a client certificate for servers only, or a server certificate for clients only',
      ko: '확장 키 사용이 반대쪽 용도입니다. 클라이언트 인증서인데 서버용이거나, 서버 인증서인데 클라이언트용입니다',
    },
    objection: needsLeaf,
    apply: (plan) => ({
      ...plan,
      extendedKeyUsage:
        plan.profile === 'client'
          ? ['serverAuth']
          : plan.profile === 'server'
            ? ['clientAuth']
            : ['codeSigning'],
    }),
  },
  'wrong-name': {
    reason: 'name_mismatch',
    summary: {
      en: 'it is valid for a name other than the requested one',
      ko: '요청한 이름이 아닌 다른 이름의 인증서입니다',
    },
    objection: needsLeaf,
    apply: (plan) => ({
      ...plan,
      subject: withCommonName(plan, 'elsewhere.localhost'),
      san: ['DNS:elsewhere.localhost'],
    }),
  },
  'no-san': {
    reason: 'name_mismatch',
    summary: {
      en: 'it has no subject alternative name; a common name alone is not sufficient (RFC 9525)',
      ko: '주체 대체 이름(SAN)이 없습니다. 일반 이름(CN)만으로는 이름이 증명되지 않습니다(RFC 9525)',
    },
    objection: needsLeaf,
    apply: (plan) => ({ ...plan, san: [] }),
  },
  'self-signed': {
    reason: 'self_signed',
    summary: { en: 'it is self-signed; no CA signed it', ko: 'CA가 아니라 자기 자신이 서명했습니다' },
    objection: needsLeaf,
    apply: (plan) => ({ ...plan, issuer: plan.name, chain: [plan.name] }),
  },
  'bad-signature': {
    reason: 'bad_signature',
    summary: { en: 'one bit of the CA’s signature is flipped', ko: 'CA 서명의 비트 하나가 뒤집혀 있습니다' },
    apply: (plan) => ({ ...plan, signature: 'broken' }),
  },
  'leaf-as-ca': {
    reason: 'not_a_ca',
    summary: { en: 'its issuer is not a CA', ko: 'CA가 아닌 인증서가 서명했습니다' },
    objection: (plan, issuer) =>
      plan.isCa || !issuer || issuer.isCa
        ? {
            en: 'leaf-as-ca needs an issuer that is not a CA',
            ko: 'leaf-as-ca에는 CA가 아닌 issuer가 필요합니다',
          }
        : undefined,
    apply: (plan) => plan,
  },
  'ca-as-leaf': {
    reason: 'ca_as_leaf',
    summary: {
      en: 'a CA’s certificate is presented as a server’s or a client’s own',
      ko: 'CA 인증서를 서버나 클라이언트 인증서로 제시합니다',
    },
    objection: needsLeaf,
    apply: (plan) => ({
      ...plan,
      isCa: true,
      keyUsage: [...new Set([...plan.keyUsage, 'keyCertSign' as const])],
    }),
  },
  revoked: {
    reason: 'certificate_revoked',
    summary: {
      en: 'its CA has revoked it',
      ko: 'CA가 인증서 폐기 목록(CRL)에 올렸습니다',
    },
    apply: (plan) => ({ ...plan, revoked: true }),
  },
  'weak-key': {
    reason: 'weak_key',
    summary: { en: 'its RSA key has 1024 bits', ko: 'RSA 키가 1024비트입니다' },
    apply: (plan) => ({ ...plan, key: 'RSA-1024' }),
  },
  'weak-signature': {
    reason: 'weak_signature',
    summary: { en: 'it is signed over SHA-1', ko: 'SHA-1으로 서명되어 있습니다' },
    objection: (_plan, issuer) =>
      issuer?.key === 'Ed25519'
        ? {
            en: 'an Ed25519 issuer cannot sign over SHA-1',
            ko: 'Ed25519 키로는 SHA-1 서명을 만들 수 없습니다',
          }
        : undefined,
    apply: (plan) => ({ ...plan, digest: 'sha1' }),
  },
  'missing-intermediate': {
    reason: 'intermediate_missing',
    summary: {
      en: 'its chain is presented without the intermediate certificate',
      ko: '체인에서 중간 인증서를 빼고 제시합니다',
    },
    objection: (_plan, issuer) =>
      issuer?.profile === 'intermediate'
        ? undefined
        : {
            en: 'missing-intermediate needs an issuer with the profile intermediate',
            ko: 'missing-intermediate에는 intermediate 프로필의 issuer가 필요합니다',
          },
    apply: (plan) => ({ ...plan, chain: [plan.name] }),
  },
  'unknown-critical-extension': {
    reason: 'unhandled_critical_extension',
    summary: {
      en: 'it has an unknown critical extension',
      ko: '아무도 모르는 필수(critical) 확장이 들어 있습니다',
    },
    apply: (plan) => ({ ...plan, unknownCriticalExtension: true }),
  },
} satisfies Record<string, FlawOfCertificate>;

export type CertificateFlaw = keyof typeof certificateTable;
export const certificateFlaws: Readonly<Record<CertificateFlaw, FlawOfCertificate>> = certificateTable;

const revocationTable = {
  'crl-expired': {
    reason: 'crl_expired',
    summary: {
      en: 'the next revocation list is overdue',
      ko: '다음 인증서 폐기 목록이 제때 나오지 않았습니다',
    },
    apply: (plan) => ({ ...plan, from: -30 * day, to: -day, outOfDate: true }),
  },
  'crl-bad-signature': {
    reason: 'crl_missing',
    summary: {
      en: 'one bit of the list’s signature is flipped, so that the list is ignored',
      ko: '목록 서명의 비트 하나가 뒤집혀 있어 목록이 없는 것으로 칩니다',
    },
    apply: (plan) => ({ ...plan, signature: 'broken' }),
  },
} satisfies Record<string, Flaw<RevocationPlan>>;

export type RevocationFlaw = keyof typeof revocationTable;
export const revocationFlaws: Readonly<Record<RevocationFlaw, Flaw<RevocationPlan>>> = revocationTable;

function withCommonName(plan: CertificatePlan, name: string): CertificatePlan['subject'] {
  return plan.subject.map(([type, value]) => [type, type === 'CN' ? name : value] as const);
}
