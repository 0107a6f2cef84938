/**
 * Verifies a client's chain with one pool of CAs, as Go's crypto/x509 does: kube-apiserver accepts every certificate in
 * the TLS handshake and verifies it here, so that an invalid one is a 401 and not an alert. Pure. `pki/x509/verify.ts`
 * follows OpenSSL's rules, which differ; common steps are shared.
 *
 * 1. The first fault is reported in Go's order: the leaf's own dates; a path; along the path from the leaf up:
 *    signature, dates, CA or not, path length; last the extended usage.
 * 2. A certificate without extended usage, or with `anyExtendedKeyUsage`, is valid for any usage. keyUsage is not
 *    checked.
 * 3. Name constraints follow OpenSSL's rules (`pki/x509/name-constraints.ts`): Go's differ only in unusual cases.
 *    `pki/x509/go-x509.ts` has what only Go refuses.
 * 4. Stricter than Go: RSA keys below 1024 bits are refused.
 */
import type { RefusalReason } from '../../capture/vocabulary.ts';
import { isoTime, readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { serialText } from '../../protocols/x509/structures.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { josa } from '../../i18n/josa.ts';
import { formFault } from '../../pki/x509/certificate-form.ts';
import { goFault, goKeyFault, namesAsIssuer, unhandledByGo } from '../../pki/x509/go-x509.ts';
import { constraintFault } from '../../pki/x509/name-constraints.ts';
import { findPaths, hasWeakDigest, isAuthority, isIssuedBy, sameName } from '../../pki/x509/verify.ts';

export interface ClientCertificateFault {
  readonly reason: RefusalReason;
  /** For the server's log: the client receives only 401. */
  readonly words: Localized;
}

export type ClientVerification = { readonly leaf: Certificate } | ClientCertificateFault;

/** An honest chain has three; OpenSSL stops reading at 100 kB of certificates. */
const limits = { certificates: 16, bytes: 128 * 1024 } as const;

/**
 * @param chain DER, leaf first; not empty.
 * @param at milliseconds since the epoch.
 */
export function verifyClient(
  chain: readonly Uint8Array[],
  roots: readonly Certificate[],
  at: number,
): ClientVerification {
  const bytes = chain.reduce((sum, der) => sum + der.length, 0);
  if (chain.length > limits.certificates || bytes > limits.bytes)
    return fault('malformed_certificate', undefined, {
      en: 'too many certificates',
      ko: '인증서가 너무 많습니다',
    });
  const [leaf, ...others] = chain.map(certificateOf);
  if (!leaf)
    return fault('malformed_certificate', undefined, {
      en: 'the certificate cannot be read',
      ko: '인증서를 읽을 수 없습니다',
    });
  const own = certificateFault(leaf, at, true);
  if (own) return own;
  const intermediates = others.filter((one) => one !== undefined);
  const { paths } = findPaths(leaf, intermediates, roots);
  let first: ClientCertificateFault | undefined;
  for (const path of paths) {
    const found = pathFault(path, at);
    if (!found) return { leaf };
    first ??= found;
  }
  return first ?? unknownAuthority(leaf, intermediates, roots);
}

/** Certificates are parsed once per connection, however many requests it has. */
function certificateOf(der: Uint8Array): Certificate | undefined {
  let known = read.get(der);
  if (known === undefined) {
    const step = readCertificate(der);
    read.set(der, (known = { certificate: 'got' in step ? step.got : undefined }));
  }
  return known.certificate;
}

const read = new WeakMap<Uint8Array, { readonly certificate: Certificate | undefined }>();

function fault(
  reason: RefusalReason,
  certificate: Certificate | undefined,
  why: Localized,
): ClientCertificateFault {
  if (!certificate) return { reason, words: why };
  const which = `${safeText(certificate.subject.text)} (${serialText(certificate.serial).slice(0, 40)})`;
  return { reason, words: { en: `${which}: ${why.en}`, ko: `${which}: ${why.ko}` } };
}

/** @param isShown the client presented it. */
function certificateFault(
  certificate: Certificate,
  at: number,
  isShown: boolean,
): ClientCertificateFault | undefined {
  if (unhandledByGo(certificate).length > 0) {
    return fault('unhandled_critical_extension', certificate, {
      en: 'it has an unknown critical extension',
      ko: '처리할 수 없는 critical 확장이 있습니다',
    });
  }
  const broken = formFault(certificate) ?? goFault(certificate);
  if (broken)
    return fault('malformed_certificate', certificate, {
      en: `its ${broken.part} is malformed`,
      ko: `${broken.part}의 형식이 잘못되었습니다`,
    });
  const now = isoTime(at);
  if (at < certificate.notBefore) {
    const begin = isoTime(certificate.notBefore);
    return fault('certificate_not_yet_valid', certificate, {
      en: `it is not valid yet: current time ${now}, valid from ${begin}`,
      ko: `아직 유효하지 않습니다. 지금은 ${now}, 시작은 ${begin}입니다`,
    });
  }
  // The second of notAfter belongs to the validity (RFC 5280 section 4.1.2.5).
  if (at >= certificate.notAfter + 1000) {
    const end = isoTime(certificate.notAfter);
    return fault('certificate_expired', certificate, {
      en: `it has expired: current time ${now}, valid until ${end}`,
      ko: `만료되었습니다. 지금은 ${now}, 만료 시각은 ${end}입니다`,
    });
  }
  const { bits } = certificate.publicKey;
  if (bits !== undefined && bits < 1024)
    return fault('weak_key', certificate, {
      en: `its key is weak: ${certificate.publicKey.name}`,
      ko: `키가 약합니다: ${certificate.publicKey.name}`,
    });
  const unfit = goKeyFault(certificate, isShown);
  if (unfit)
    return fault('unusable_key', certificate, {
      en: `its key cannot be used: ${unfit.found}`,
      ko: `사용할 수 없는 키입니다: ${unfit.found}`,
    });
  return undefined;
}

function pathFault(path: readonly Certificate[], at: number): ClientCertificateFault | undefined {
  let below = 0;
  for (const [depth, certificate] of path.entries()) {
    const issuer = path[depth + 1];
    if (!issuer) break;
    const isAnchor = depth + 2 === path.length;
    if (!namesAsIssuer(certificate, issuer)) {
      const named = safeText(certificate.issuer.text);
      return fault('unknown_ca', certificate, {
        en: `signed by unknown authority: ${named}, which differs from the CA’s name in its encoding (Go compares byte for byte)`,
        ko: `알 수 없는 CA ${josa(named, '이/가')} 서명했습니다. 발급자 이름의 표기가 CA의 이름과 다릅니다(Go는 바이트 단위로 비교합니다)`,
      });
    }
    if (!isAuthority(issuer, isAnchor))
      return fault('not_a_ca', issuer, { en: 'it is not a CA', ko: 'CA가 아닙니다' });
    if (hasWeakDigest(certificate))
      return fault('weak_signature', certificate, {
        en: `signed with ${certificate.signatureAlgorithm.name}`,
        ko: `${josa(certificate.signatureAlgorithm.name, '으로/로')} 서명되어 있습니다`,
      });
    if (!isIssuedBy(certificate, issuer)) {
      return fault('bad_signature', certificate, {
        en: `not signed by its stated issuer ${safeText(issuer.subject.text)}`,
        ko: `발급자로 적힌 ${josa(safeText(issuer.subject.text), '이/가')} 서명한 것이 아닙니다`,
      });
    }
    const own = certificateFault(issuer, at, !isAnchor);
    if (own) return own;
    const limit = issuer.basicConstraints?.pathLength;
    if (limit !== undefined && below > limit)
      return fault('path_too_long', issuer, {
        en: 'more CAs below it than its path length allows',
        ko: '허용된 수보다 많은 CA가 아래에 있습니다',
      });
    if (!sameName(issuer.subject, issuer.issuer)) below++;
  }
  const outside = constraintFault(path);
  if (outside) {
    const [name, limit] = [safeText(outside.name), safeText(outside.constraint)];
    return fault('name_constraint_violated', path[outside.depth], {
      en: `a CA above it may not certify the name ${name} (${limit})`,
      ko: `상위 CA가 ${name} 이름의 인증서를 발급할 수 없습니다(${limit})`,
    });
  }
  const unfit = path.find(
    ({ extendedKeyUsage }) =>
      extendedKeyUsage &&
      !extendedKeyUsage.some((one) => one === 'clientAuth' || one === 'anyExtendedKeyUsage'),
  );
  if (!unfit) return undefined;
  const usages = (unfit.extendedKeyUsage ?? []).join(', ');
  return fault('wrong_usage', unfit, {
    en: `it is for ${usages}, not for clientAuth`,
    ko: `용도가 ${josa(usages, '이며/며')} clientAuth가 없습니다`,
  });
}

/** No path. A CA with the same name and another key usually remains from a recreated cluster. */
function unknownAuthority(
  leaf: Certificate,
  others: readonly Certificate[],
  roots: readonly Certificate[],
): ClientCertificateFault {
  const namesake = [leaf, ...others].some((one) => roots.some((root) => sameName(root.subject, one.issuer)));
  const issuer = safeText(leaf.issuer.text);
  return fault(
    'unknown_ca',
    leaf,
    namesake
      ? {
          en: `signed by unknown authority: a CA of the same name (${issuer}) is trusted, but with another key`,
          ko: `알 수 없는 CA가 서명했습니다. 이름이 같은 CA ${josa(issuer, '을/를')} 신뢰하지만 키가 다릅니다`,
        }
      : {
          en: `signed by unknown authority: ${issuer}`,
          ko: `알 수 없는 CA ${josa(issuer, '이/가')} 서명했습니다`,
        },
  );
}
