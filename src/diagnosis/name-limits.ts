/** Which CA of a chain may not issue for which name: its name constraints (RFC 5280 section 4.2.1.10), in words. */
import { josa } from '../i18n/josa.ts';
import type { Localized } from '../i18n/language.ts';
import { safeText } from '../i18n/safe.ts';
import { sameName } from '../pki/x509/verify.ts';
import { constraintFault } from '../pki/x509/name-constraints.ts';
import type { Certificate } from '../protocols/x509/certificate.ts';

/** Undefined where these certificates show no such CA. @param chain the leaf first, each followed by its issuer */
export function outsideLimits(chain: readonly Certificate[]): Localized | undefined {
  const end = chain.findIndex((one, index) => {
    const next = chain[index + 1];
    return !next || !sameName(one.issuer, next.subject);
  });
  const path = chain.slice(0, end + 1);
  const fault = constraintFault(path);
  const [ca, owner] = [fault && path[fault.issuer], fault && path[fault.depth]];
  if (!fault || !ca || !owner) return undefined;
  const [name, limit, issuer, subject] = [
    fault.name,
    fault.constraint,
    ca.subject.text,
    owner.subject.text,
  ].map((text) => safeText(text).slice(0, 200)) as [string, string, string, string];
  const has: Localized =
    fault.depth === 0
      ? { en: `the server's certificate has the name ${name}`, ko: `서버 인증서의 이름은 ${name}입니다` }
      : {
          en: `the certificate of ${subject} has the name ${name}`,
          ko: `${subject} 인증서의 이름은 ${name}입니다`,
        };
  switch (fault.violation) {
    case 'PERMITTED_VIOLATION':
      return {
        en: `the CA ${issuer} may issue certificates only for ${limit} (its name constraints), and ${has.en}`,
        ko: `CA(${issuer})는 이름 제약에 따라 ${limit}에만 발급할 수 있는데, ${has.ko}.`,
      };
    case 'EXCLUDED_VIOLATION':
      return {
        en: `the CA ${issuer} may not issue certificates for ${limit} (excluded by its name constraints), and ${has.en}`,
        ko: `CA(${issuer})는 이름 제약에 따라 ${josa(limit, '은/는')} 발급에서 제외되는데, ${has.ko}.`,
      };
    default:
      return {
        en: `whether the CA ${issuer} may issue certificates for ${name} cannot be told from its name constraints (${limit})`,
        ko: `CA(${issuer})가 ${name}에 발급할 수 있는지 이름 제약(${limit})으로는 판단할 수 없습니다.`,
      };
  }
}
