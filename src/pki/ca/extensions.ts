/**
 * Encodes names and extensions of certificates, requests and revocation lists (RFC 5280 section 4). The counterpart
 * that reads them is `protocols/x509/certificate.ts`.
 */
import {
  addressBytes,
  attributeTypes,
  extendedKeyUsageNames,
  extensionTypes,
  keyUsageNames,
  oidOf,
} from '../../protocols/x509/oids.ts';
import { UserError } from '../../i18n/user-error.ts';
import {
  boolean,
  ia5String,
  implicit,
  namedBits,
  octetString,
  oid,
  printableString,
  sequence,
  set,
  small,
  toDer,
  utf8String,
} from './asn1.ts';
import type { Asn1 } from './asn1.ts';
import type { ExtendedKeyUsage, KeyUsage, SubjectAttribute } from './plan.ts';

/** Attributes that are not UTF8String: RFC 5280 appendix A. */
const attributeStrings: Readonly<Partial<Record<SubjectAttribute, (text: string) => Asn1>>> = {
  C: printableString,
  serialNumber: printableString,
  DC: ia5String,
  emailAddress: ia5String,
};

/** A distinguished name, one attribute per RDN, in the given order. */
export function distinguishedName(attributes: readonly (readonly [SubjectAttribute, string])[]): Asn1 {
  return sequence(
    ...attributes.map(([type, value]) =>
      set(sequence(oid(oidOf(attributeTypes, type)), (attributeStrings[type] ?? utf8String)(value))),
    ),
  );
}

export function extension(name: string, value: Asn1, critical = false): Asn1 {
  return extensionOf(oidOf(extensionTypes, name), toDer(value), critical);
}

export function extensionOf(dotted: string, value: Uint8Array, critical = false): Asn1 {
  return critical
    ? sequence(oid(dotted), boolean(true), octetString(value))
    : sequence(oid(dotted), octetString(value));
}

/** DEFAULT FALSE and an absent path length are omitted, as DER requires. */
export function basicConstraints(isCa: boolean, pathLength: number | undefined): Asn1 {
  if (!isCa) return sequence();
  return pathLength === undefined ? sequence(boolean(true)) : sequence(boolean(true), small(pathLength));
}

export function keyUsage(usages: readonly KeyUsage[]): Asn1 {
  return namedBits(usages.map((usage) => keyUsageNames.indexOf(usage)));
}

export function extendedKeyUsage(usages: readonly ExtendedKeyUsage[]): Asn1 {
  return sequence(...usages.map((usage) => oid(oidOf(extendedKeyUsageNames, usage))));
}

export function authorityKeyIdentifier(keyId: Uint8Array): Asn1 {
  return sequence(implicit(0, keyId));
}

const generalNameTags: Readonly<Record<string, number>> = { email: 1, DNS: 2, URI: 6, IP: 7 };

/**
 * GeneralNames from `DNS:…`, `IP:…`, `URI:…` and `email:…`.
 * @throws UserError for an invalid IP address, and for text that an IA5String cannot contain.
 */
export function subjectAlternativeName(entries: readonly string[], where: string): Asn1 {
  return sequence(
    ...entries.map((entry) => {
      const kind = entry.slice(0, entry.indexOf(':'));
      const value = entry.slice(kind.length + 1);
      const bytes =
        kind === 'IP'
          ? addressBytes(value)
          : /^[\u0000-\u007f]+$/.test(value)
            ? new Uint8Array(Buffer.from(value, 'latin1'))
            : undefined;
      if (!bytes) {
        throw new UserError({
          what: {
            en: 'invalid subject alternative name',
            ko: '이 주체 대체 이름(SAN)은 인증서에 쓸 수 없습니다',
          },
          where: `${where}.san`,
          expected: {
            en: 'an IPv4 or IPv6 address after IP:, ASCII after the others (an internationalized domain in its xn-- form)',
            ko: 'IP: 뒤에는 IPv4나 IPv6 주소, 나머지는 ASCII (한글 도메인은 xn-- 형식)',
          },
          received: entry,
        });
      }
      return implicit(generalNameTags[kind] ?? 2, bytes);
    }),
  );
}
