/**
 * Parses subjects and names as a user types them: `CN=alice,O=Workshop` and `DNS:shop.localhost,IP:127.0.0.1`. They are
 * validated first, since a CA signs them and other programs must be able to read them.
 */
import { ipVersion } from '../../core/ip-version.ts';
import { domainToASCII } from 'node:url';
import { UserError } from '../../i18n/user-error.ts';
import { subjectAttributes } from './plan.ts';
import type { SubjectAttribute } from './plan.ts';

const subjectForm = 'CN=alice,O=Workshop';

/**
 * Attributes in the given order, in the form of RFC 4514: a comma in a value is escaped by a backslash. A name alone (`localhost`)
 * is the CN.
 * @throws UserError for an unknown type, a missing value, or one that its type does not allow.
 */
export function parseSubject(text: string, where: string): (readonly [SubjectAttribute, string])[] {
  // A name alone is a common name; what has a comma may be a subject with a mistake in it.
  const parts =
    /^[^=,]+$/.test(text) && text.trim() !== '' ? [`CN=${text}`] : (text.match(/(?:\\.|[^,\\])+/gu) ?? ['']);
  return parts.map((whole) => {
    const part = whole.trim();
    const equals = part.indexOf('=');
    const type = subjectAttributes.find(
      (one) => one.toLowerCase() === part.slice(0, Math.max(0, equals)).trim().toLowerCase(),
    );
    if (!type) {
      throw new UserError({
        what: { en: 'invalid subject', ko: '주체를 읽을 수 없습니다' },
        where,
        expected: {
          en: `${subjectForm} (of ${subjectAttributes.join(', ')}; a comma in a value as \\,)`,
          ko: `${subjectForm} (사용할 수 있는 항목: ${subjectAttributes.join(', ')}. 값 안의 쉼표는 \\,로 씁니다)`,
        },
        received: part,
      });
    }
    const value = part
      .slice(equals + 1)
      .trim()
      .replace(/\\(.)/g, '$1')
      .normalize('NFC');
    const wrong = wrongValue(type, value);
    if (wrong)
      throw new UserError({
        what: { en: `invalid value for ${type}`, ko: `${type}에 쓸 수 없는 값입니다` },
        where,
        expected: wrong,
        received: value,
      });
    return [type, value] as const;
  });
}

/** RFC 5280 appendix A.1: upper bounds and string types. */
function wrongValue(type: SubjectAttribute, value: string): { en: string; ko: string } | undefined {
  if (value === '') return { en: 'a value', ko: '값' };
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(value))
    return {
      en: 'text without control or invisible characters',
      ko: '제어 문자나 보이지 않는 문자가 없는 글',
    };
  if (type === 'C')
    return /^[A-Z]{2}$/.test(value)
      ? undefined
      : { en: 'a country of two capital letters, such as KR', ko: 'KR처럼 대문자 두 글자인 국가 코드' };
  if (type === 'serialNumber' && !/^[A-Za-z0-9 '()+,./:=?-]*$/.test(value))
    return {
      en: 'ASCII letters, digits and spaces (PrintableString)',
      ko: 'ASCII 글자, 숫자, 공백(PrintableString)',
    };
  if ((type === 'DC' || type === 'emailAddress') && !/^[\x20-\x7e]*$/.test(value))
    return { en: 'ASCII', ko: 'ASCII 문자' };
  const longest = type === 'L' || type === 'ST' ? 128 : type === 'emailAddress' ? 255 : 64;
  return value.length > longest
    ? { en: `at most ${longest} characters`, ko: `최대 ${longest}자` }
    : undefined;
}

const nameForm = 'DNS:shop.localhost,IP:127.0.0.1';

/**
 * Subject alternative names, in one text or several. An internationalized domain is converted to its xn-- form.
 * @throws UserError for an unknown type, or a name that is invalid for its type.
 */
export function parseNames(texts: readonly string[], where: string): string[] {
  const names = texts
    .flatMap((text) => text.split(/,(?=\s*[A-Za-z]+:)/))
    .map((part) => {
      const text = part.trim();
      const kind = text.slice(0, Math.max(0, text.indexOf(':')));
      const value = text.slice(kind.length + 1);
      const name = Object.hasOwn(nameKinds, kind) ? nameKinds[kind]?.(value) : undefined;
      if (name !== undefined) return `${kind}:${name}`;
      throw new UserError({
        what: { en: 'invalid subject alternative name', ko: '인증서에 쓸 수 없는 이름입니다' },
        where,
        expected: {
          en: `${nameForm}, URI:spiffe://shop/proxy, email:alice@shop.localhost`,
          ko: `${nameForm}, URI:spiffe://shop/proxy, email:alice@shop.localhost`,
        },
        received: text,
      });
    });
  return [...new Set(names)];
}

const nameKinds: Readonly<Record<string, (value: string) => string | undefined>> = {
  DNS: (value) => {
    const star = value.startsWith('*.') ? '*.' : '';
    const domain = domainName(value.slice(star.length));
    return domain === undefined ? undefined : star + domain;
  },
  IP: (value) => (ipVersion(value) && !value.includes('%') ? value : undefined),
  URI: (value) =>
    /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/.test(value) && URL.canParse(value) ? value : undefined,
  email: (value) => (/^[\x21-\x7e]+@[A-Za-z0-9.-]+$/.test(value) ? value : undefined),
};

/** In its xn-- form; undefined for an invalid domain name (RFC 1123 section 2.1) and for addresses. */
export function domainName(value: string): string | undefined {
  const ascii = /^[\x00-\x7f]*$/.test(value) ? value : domainToASCII(value);
  const labels = ascii.split('.');
  if (ascii.length > 253 || ipVersion(ascii)) return undefined;
  return labels.every((label) => /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/.test(label)) ? ascii : undefined;
}
