/**
 * What a signature means that does not fit the key of a CA of that name. A CA that was made anew under its old name is far more
 * common than a certificate that was altered, and from the outside the two look alike: only a key identifier tells them apart,
 * where both certificates have one.
 */
import { sameBytes } from '../core/bytes.ts';
import { safeText } from '../i18n/safe.ts';
import type { Localized } from '../i18n/language.ts';
import { keyIdentifier } from '../pki/ca/sign.ts';
import type { Examination } from '../pki/x509/examination.ts';
import { isIssuedBy, sameName } from '../pki/x509/verify.ts';
import type { Certificate } from '../protocols/x509/certificate.ts';

export interface SignerOfName {
  /** Whose signature does not fit. */
  readonly signed: Certificate;
  /** The CA of the name that it gives as its issuer's. */
  readonly issuer: Certificate;
  /** That CA is one that the client trusts; else the server sent it. */
  readonly isTrusted: boolean;
  /** It is signed in the name of this very key: the signature or what it covers was altered. */
  readonly isAltered: boolean;
}

/** Undefined where no signature of the chain is at fault, or no CA of that name is there. */
export function signerOfName(
  { path, complete, reason, checks }: Examination,
  trusted: readonly Certificate[],
): SignerOfName | undefined {
  if (reason !== 'bad_signature') return undefined;
  const depth = checks.find((check) => check.status === 'failed' && check.reason === reason)?.depth ?? 0;
  const signed = path[depth];
  // A signature of its own is by nobody else's key.
  if (!signed || sameName(signed.subject, signed.issuer)) return undefined;
  const above = path[depth + 1];
  const issuer = above ?? trusted.find(({ subject }) => sameName(subject, signed.issuer));
  if (!issuer) return undefined;
  return {
    signed,
    issuer,
    isTrusted: above === undefined || (complete && depth + 2 === path.length),
    isAltered: isSignedAs(signed, issuer),
  };
}

/** The chain ends at a certificate whose issuer's name one of those has that the server sent behind it, and not the key. */
export function sentOfName(
  { path, reason }: Examination,
  sent: readonly Certificate[],
): SignerOfName | undefined {
  const signed = path.at(-1);
  if (!signed || (reason !== 'unknown_ca' && reason !== 'intermediate_missing')) return undefined;
  if (sameName(signed.subject, signed.issuer)) return undefined;
  const ofName = sent.filter(({ subject }) => sameName(subject, signed.issuer));
  const [issuer] = ofName;
  if (!issuer || ofName.some((one) => isIssuedBy(signed, one))) return undefined;
  return { signed, issuer, isTrusted: false, isAltered: false };
}

/** Both name the same key, and the name is made of the key itself (RFC 5280 section 4.2.1.2). */
function isSignedAs({ authorityKeyId }: Certificate, { keyId, publicKey }: Certificate): boolean {
  if (!authorityKeyId || !keyId || !sameBytes(authorityKeyId, keyId)) return false;
  return sameBytes(keyId, keyIdentifier(publicKey.der));
}

/** Of the certificate that stands beside the one that is refused, in the evidence. */
export const trustedNamesake: Localized = {
  en: 'the trusted CA of that name',
  ko: '이름이 같은 신뢰하는 CA',
};

const quoted = (name: string | undefined): string => (name ? ` (${safeText(name)})` : '');

/** The client trusts a CA of that name, whose key has not signed the certificate. */
export const otherKeyWords = (
  name?: string,
): { readonly because: Localized; readonly remedy: Localized } => ({
  because: {
    en: `the client trusts a CA of the issuer's name${quoted(name)}, but the certificate is not signed with the key of that one: most often the CA was made anew under its old name, and the client has its old certificate`,
    ko: `클라이언트가 신뢰하는 CA 중에 발급자와 이름이 같은 것이 있지만${quoted(name)}, 인증서는 그 CA의 키로 서명되지 않았습니다. CA를 같은 이름으로 새로 만들었는데 클라이언트에 옛 CA 인증서가 남아 있는 경우가 가장 흔합니다.`,
  },
  remedy: {
    en: 'get the current certificate of the CA from those who run it, by a way that you trust, compare its key with the one that you have, and replace the old one. If the CA has not changed, the server’s certificate was altered, or is not of this CA',
    ko: 'CA 운영자에게서 믿을 수 있는 경로로 현재 CA 인증서를 받아 가진 것과 키를 비교하고 예전 것을 바꾸세요. CA가 바뀌지 않았다면 서버 인증서의 내용이 바뀌었거나 다른 CA의 것입니다.',
  },
});

/** The server sends a CA of that name beside the certificate, whose key has not signed it. */
export const otherKeySent = ({
  issuer,
}: SignerOfName): { readonly because: Localized; readonly remedy: Localized } => ({
  because: {
    en: `the server sends its certificate with a CA of the issuer's name${quoted(issuer.subject.text)}, whose key has not signed it: most often that is the certificate which the CA had before it was made anew`,
    ko: `서버가 자기 인증서와 함께 발급자와 이름이 같은 CA 인증서를 보내지만${quoted(issuer.subject.text)}, 서명은 그 CA의 키로 한 것이 아닙니다. CA를 새로 만들기 전의 인증서를 보내는 경우가 가장 흔합니다.`,
  },
  remedy: {
    en: 'configure the current certificate of that CA behind the server’s own. If it is the current one, the certificate was altered: compare its fingerprint with the one that the CA issued',
    ko: '서버 인증서 뒤에 그 CA의 현재 인증서를 설정하세요. 이미 현재 것이라면 서버 인증서의 내용이 바뀐 것입니다. CA가 발급한 인증서와 지문을 비교하세요.',
  },
});
