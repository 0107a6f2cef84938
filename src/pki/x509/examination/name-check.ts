/** Compares the requested name with the names of a certificate. */
import type { Certificate } from '../../../protocols/x509/certificate.ts';
import { generalNameText } from '../../../protocols/x509/structures.ts';
import { matchesHostname, matchesHostnameLoosely } from '../hostname.ts';
import { visible } from '../name-lint.ts';
import type { Check } from './check.ts';
import { josa } from '../../../i18n/josa.ts';

/** RFC 9525; the common name only as OpenSSL uses it: if there is no DNS name at all. */
export function nameCheck(leaf: Certificate, name: string): Check {
  const names = leaf.subjectAlternativeNames ?? [];
  const shown =
    names.length > 8
      ? `${names
          .slice(0, 8)
          .map((one) => visible(generalNameText(one)))
          .join(', ')} … (${names.length})`
      : names.map((one) => visible(generalNameText(one))).join(', ');
  if (matchesHostname(names, name))
    return {
      id: 'name',
      status: 'passed',
      found: {
        en: `${visible(name)} is among its names: ${shown}`,
        ko: `${josa(visible(name), '이/가')} 이름에 있습니다: ${shown}`,
      },
    };
  const match = matchesHostnameLoosely(leaf, name);
  const facts = {
    id: 'name',
    reason: 'name_mismatch',
    depth: 0,
    expected: { en: `a certificate for ${visible(name)}`, ko: `${visible(name)}의 인증서` },
  } as const;
  if (match === 'part_of_label') {
    return {
      ...facts,
      status: 'warned',
      found: {
        en: 'only a wildcard for part of a label matches. OpenSSL accepts it; browsers, Go, curl and wirelab do not (RFC 9525)',
        ko: '레이블의 일부를 나타내는 와일드카드(*)로만 일치합니다. OpenSSL은 받아들이지만 브라우저, Go, curl, wirelab은 거부합니다(RFC 9525)',
      },
      remedy: {
        en: 'Have it issued with the name itself, or a wildcard for the whole label.',
        ko: '이름 자체나 레이블 전체를 나타내는 와일드카드(*)로 다시 발급받으세요.',
      },
    };
  }
  if (match === 'common_name') {
    return {
      ...facts,
      status: 'warned',
      found: {
        en: 'no DNS name: only the common name matches. OpenSSL, Node and curl still accept it; browsers, Go and wirelab do not (RFC 9525)',
        ko: 'DNS 이름이 없고 일반 이름(CN)만 맞습니다. OpenSSL, Node, curl은 받아들이지만 브라우저, Go, wirelab은 거부합니다(RFC 9525)',
      },
      remedy: {
        en: 'Have it issued with the name as a subject alternative name.',
        ko: '주체 대체 이름(SAN)을 넣어 다시 발급받으세요.',
      },
    };
  }
  return {
    ...facts,
    status: 'failed',
    found: { en: `it is valid for ${shown || 'no name'}`, ko: `유효한 이름: ${shown || '없음'}` },
    remedy: {
      en: 'First check the name in the address: it may be a typo, or an impostor’s. If it is right, the server needs a certificate for it.',
      ko: '먼저 주소의 이름을 확인하세요. 오타이거나 가짜 사이트일 수 있습니다. 맞다면 서버에 그 이름의 인증서가 필요합니다.',
    },
  };
}
