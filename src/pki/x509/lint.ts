/**
 * Reports unusual properties of a certificate or a request, independent of trust: weaknesses, what other programs
 * refuse, and misleading names. One row each; none of them is a verdict (`examination.ts`).
 */
import { sameBytes } from '../../core/bytes.ts';
import { domainToUnicode } from 'node:url';
import { unhandledCriticalExtensions } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { namedCurves } from '../../protocols/x509/oids.ts';
import type { ExtensionValues } from '../../protocols/x509/extensions.ts';
import type { DistinguishedName, GeneralName, PublicKeyInfo } from '../../protocols/x509/structures.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { digestOf, publicKeyOf } from './signature.ts';
import { sameName } from './verify.ts';

export type LintId =
  | 'no_san'
  | 'weak_signature'
  | 'weak_key'
  | 'unusable_key'
  | 'small_exponent'
  | 'ca_without_key_usage'
  | 'ca_without_basic_constraints'
  | 'ca_with_names_of_a_server'
  | 'signing_leaf'
  | 'self_signed_leaf'
  | 'any_usage'
  | 'no_usage'
  | 'unknown_critical_extension'
  | 'differing_algorithms'
  | 'odd_serial'
  | 'old_version'
  | 'long_validity'
  | 'control_characters'
  | 'hidden_characters'
  | 'lookalike'
  | 'mixed_scripts'
  | 'foreign_script'
  | 'broad_wildcard'
  | 'misplaced_wildcard'
  | 'address_as_name'
  | 'empty_name'
  | 'long_name'
  | 'many_names';

export interface LintFinding {
  readonly id: LintId;
  readonly words: Localized;
}

const found = (id: LintId, en: string, ko: string): LintFinding => ({ id, words: { en, ko } });

const day = 86_400_000;

export function lintOf(certificate: Certificate): LintFinding[] {
  const isCa = certificate.basicConstraints?.isCa ?? false;
  const isSelfIssued = sameName(certificate.subject, certificate.issuer);
  return [
    ...keyPeculiarities(certificate.publicKey),
    ...signaturePeculiarities(certificate, isCa && isSelfIssued),
    ...rolePeculiarities(certificate, isCa, isSelfIssued),
    ...formPeculiarities(certificate, isCa),
    ...namePeculiarities(certificate.subject, certificate.subjectAlternativeNames ?? []),
  ];
}

/** For the contents of a request; the signer decides what the requester may have. */
export function requestPeculiarities(
  request: Readonly<ExtensionValues> & {
    readonly subject: DistinguishedName;
    readonly publicKey: PublicKeyInfo;
  },
): LintFinding[] {
  return [
    ...keyPeculiarities(request.publicKey),
    ...namePeculiarities(request.subject, request.subjectAlternativeNames ?? []),
  ];
}

/** Also for a key on its own. */
export function keyPeculiarities(publicKey: PublicKeyInfo): LintFinding[] {
  const key = publicKeyOf(publicKey);
  const name = safeText(publicKey.name);
  if (!key)
    return [
      found(
        'unusable_key',
        `OpenSSL cannot use this type of key (${name})`,
        `OpenSSL이 쓸 수 없는 종류의 키입니다(${name})`,
      ),
    ];
  const rows: LintFinding[] = [];
  const weakCurve = publicKey.algorithm === 'EC' && !Object.values(namedCurves).includes(publicKey.name);
  if (publicKey.bits !== undefined && publicKey.bits < 2048) {
    rows.push(
      found(
        'weak_key',
        `weak key: ${name}; at least 2048 bits are required today`,
        `약한 키: ${name}. 오늘날에는 2048비트 이상이어야 합니다`,
      ),
    );
  } else if (weakCurve) {
    rows.push(
      found(
        'weak_key',
        `unusual curve: ${name}; most programs support only P-256 and P-384`,
        `드문 곡선: ${name}. 대부분의 프로그램은 P-256과 P-384만 압니다`,
      ),
    );
  }
  const exponent = key.asymmetricKeyDetails?.publicExponent;
  if (exponent !== undefined && exponent < 65_537n) {
    rows.push(
      found(
        'small_exponent',
        `RSA exponent ${exponent}: 65537 is usual; smaller ones are vulnerable to attacks`,
        `RSA 지수가 ${exponent}입니다. 보통 65537을 쓰며, 작은 값은 공격에 약합니다`,
      ),
    );
  }
  return rows;
}

function signaturePeculiarities(certificate: Certificate, isRoot: boolean): LintFinding[] {
  const rows: LintFinding[] = [];
  const digest = digestOf(certificate.signatureAlgorithm);
  // The signature of a root over itself is not relied on.
  if (!isRoot && (digest === 'sha1' || digest === 'md5')) {
    const name = digest === 'sha1' ? 'SHA-1' : 'MD5';
    rows.push(
      found(
        'weak_signature',
        `signed with ${name}, which can be forged: verifiers refuse it`,
        `${name}로 서명되어 있습니다. 위조할 수 있어 검증에서 거부됩니다`,
      ),
    );
  }
  if (!sameBytes(certificate.signatureAlgorithm.der, certificate.signedAlgorithm.der)) {
    rows.push(
      found(
        'differing_algorithms',
        'its two signature algorithms differ: one was replaced',
        '두 곳의 서명 알고리즘이 서로 다릅니다. 하나가 바뀌었습니다',
      ),
    );
  }
  return rows;
}

function rolePeculiarities(certificate: Certificate, isCa: boolean, isSelfIssued: boolean): LintFinding[] {
  const rows: LintFinding[] = [];
  const usages = certificate.extendedKeyUsage;
  const names = certificate.subjectAlternativeNames ?? [];
  if (isCa) {
    if (!certificate.keyUsage)
      rows.push(
        found(
          'ca_without_key_usage',
          'a CA without keyUsage: the use of its key is not limited; RFC 5280 and strict verifiers require it',
          'keyUsage가 없는 CA입니다. 키의 용도가 제한되지 않으며, RFC 5280은 이를 요구합니다',
        ),
      );
    if (
      usages?.includes('serverAuth') ||
      usages?.includes('clientAuth') ||
      names.some(({ kind }) => kind === 'IP')
    ) {
      rows.push(
        found(
          'ca_with_names_of_a_server',
          'a CA that is also valid as a server or a client: a signing key should have no other use',
          '서버나 클라이언트로도 쓸 수 있는 CA입니다. 서명용 키는 다른 데 쓰지 않아야 합니다',
        ),
      );
    }
    return rows;
  }
  if (isSelfIssued && certificate.version < 3) {
    rows.push(
      found(
        'ca_without_basic_constraints',
        'self-signed without basicConstraints: it cannot be identified as a CA',
        'basicConstraints가 없는 자체 서명 인증서입니다. CA임을 나타낼 수 없습니다',
      ),
    );
  } else if (isSelfIssued) {
    rows.push(
      found(
        'self_signed_leaf',
        'self-signed: no CA vouches for it',
        '자체 서명: 자기 키 말고는 아무도 보증하지 않습니다',
      ),
    );
  }
  if (certificate.keyUsage?.includes('keyCertSign')) {
    rows.push(
      found(
        'signing_leaf',
        'keyCertSign without CA:TRUE: it still may not sign certificates',
        'CA:TRUE 없이 keyCertSign만 있습니다. 그래도 인증서에는 서명할 수 없습니다',
      ),
    );
  }
  if (!usages)
    rows.push(
      found(
        'no_usage',
        'no extended key usage: valid as a server and as a client',
        '확장 키 사용이 없어 서버와 클라이언트 양쪽으로 쓸 수 있습니다',
      ),
    );
  else if (usages.includes('anyExtendedKeyUsage'))
    rows.push(
      found(
        'any_usage',
        'anyExtendedKeyUsage: intended for every purpose, but OpenSSL still requires the specific one',
        'anyExtendedKeyUsage는 모든 용도를 뜻하지만 OpenSSL은 정확한 용도를 요구합니다',
      ),
    );
  const isServer = !usages || usages.includes('serverAuth');
  if (isServer && !names.some(({ kind }) => kind === 'DNS' || kind === 'IP')) {
    rows.push(
      found(
        'no_san',
        'no DNS name or address (SAN): browsers and Go refuse it as a server; the common name is ignored (RFC 9525)',
        'DNS 이름이나 주소(SAN)가 없습니다. 브라우저와 Go는 서버 인증서로 받지 않으며, 공통 이름(CN)은 쓰이지 않습니다(RFC 9525)',
      ),
    );
  }
  return rows;
}

function formPeculiarities(certificate: Certificate, isCa: boolean): LintFinding[] {
  const rows: LintFinding[] = [];
  const unknown = unhandledCriticalExtensions(certificate);
  if (unknown.length > 0) {
    const names = unknown
      .map((oid) => certificate.extensions.find((one) => one.oid === oid)?.name ?? oid)
      .join(', ');
    rows.push(
      found(
        'unknown_critical_extension',
        `critical extensions that wirelab does not evaluate and therefore refuses: ${names}`,
        `필수(critical)이지만 wirelab이 평가하지 않아 거부하는 확장: ${names}`,
      ),
    );
  }
  const [first = 0] = certificate.serial;
  // A leading zero is the sign of the INTEGER and not part of the number.
  if (
    first >= 0x80 ||
    certificate.serial.every((byte) => byte === 0) ||
    certificate.serial.length - (first === 0 ? 1 : 0) > 20
  ) {
    rows.push(
      found(
        'odd_serial',
        'its serial number is zero, negative or longer than 20 bytes (RFC 5280 section 4.1.2.2)',
        '일련번호가 0이거나 음수이거나 20바이트를 넘습니다(RFC 5280 section 4.1.2.2)',
      ),
    );
  }
  if (certificate.version < 3)
    rows.push(
      found(
        'old_version',
        `X.509 version ${certificate.version}: it cannot contain extensions`,
        `X.509 버전 ${certificate.version}: 확장을 담을 수 없습니다`,
      ),
    );
  const days = (certificate.notAfter - certificate.notBefore) / day;
  if (!isCa && days > 825) {
    rows.push(
      found(
        'long_validity',
        `valid for ${Math.round(days)} days: Apple refuses servers above 825, public CAs may issue for 398 at most`,
        `유효 기간이 ${Math.round(days)}일입니다. Apple은 825일이 넘는 서버 인증서를 거부하며, 공인 CA는 398일 이하만 발급합니다`,
      ),
    );
  }
  return rows;
}

/** Characters that move a cursor, end a string, or reorder a line. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const hidden = /[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;

/** Makes invisible characters visible: `\u{202e}`. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

const shown = (value: string): string => {
  const text = visible(value);
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text).replaceAll('\\\\', '\\');
};

/** RFC 5280 appendix A.1: ub-common-name and its like. RFC 1035 section 2.3.4. */
const longestAttribute = 64;
const longestDomain = 253;
const longestLabel = 63;
const manyNames = 100;

/** Problems of names, each kind reported once, by its first example. */
function namePeculiarities(subject: DistinguishedName, names: readonly GeneralName[]): LintFinding[] {
  const rows = new Map<LintId, LintFinding>();
  const add = (row: LintFinding | undefined): void => {
    if (row && !rows.has(row.id)) rows.set(row.id, row);
  };
  for (const { type, value, encoded } of subject.attributes) {
    if (encoded) continue;
    add(textLint(value));
    add(scriptLint(value));
    if (value.length > longestAttribute) add(longName(type, value));
  }
  for (const { kind, value } of names) {
    if (
      kind === 'IP' ||
      kind === 'otherName' ||
      kind === 'x400' ||
      kind === 'ediParty' ||
      kind === 'registeredId'
    )
      continue;
    add(textLint(value));
    if (kind === 'DNS') for (const row of domainPeculiarities(value)) add(row);
    else if (value.length > 1024) add(longName(kind, value));
  }
  if (names.length > manyNames) {
    const count = names.length;
    add(
      found(
        'many_names',
        `${count} names in one certificate: a thief of its key can impersonate all of them`,
        `인증서 하나에 이름이 ${count}개 들어 있습니다. 키를 훔친 사람은 그 모두가 될 수 있습니다`,
      ),
    );
  }
  return [...rows.values()];
}

const longName = (kind: string, value: string): LintFinding =>
  found(
    'long_name',
    `a very long name (${kind}, ${value.length} characters): ${shown(value)}`,
    `매우 긴 이름(${kind}, ${value.length}자): ${shown(value)}`,
  );

function textLint(value: string): LintFinding | undefined {
  if (controls.test(value)) {
    return found(
      'control_characters',
      `a control character in a name: ${shown(value)}; a program that stops at NUL reads a different name`,
      `이름에 제어 문자가 있습니다: ${shown(value)}. NUL에서 읽기를 멈추는 프로그램은 다른 이름으로 읽습니다`,
    );
  }
  if (hidden.test(value)) {
    return found(
      'hidden_characters',
      `an invisible character, or one that reorders the line, in a name: ${shown(value)}`,
      `보이지 않거나 글자 순서를 뒤집는 문자가 이름에 있습니다: ${shown(value)}`,
    );
  }
  return undefined;
}

/** Cyrillic and Greek letters that look like Latin ones. */
const lookalikes: Readonly<Record<string, string>> = {
  а: 'a',
  с: 'c',
  ԁ: 'd',
  е: 'e',
  һ: 'h',
  і: 'i',
  ј: 'j',
  ӏ: 'l',
  о: 'o',
  р: 'p',
  ԛ: 'q',
  ѕ: 's',
  ԝ: 'w',
  х: 'x',
  у: 'y',
  к: 'k',
  м: 'm',
  т: 't',
  в: 'b',
  н: 'h',
  А: 'A',
  В: 'B',
  С: 'C',
  Е: 'E',
  Н: 'H',
  І: 'I',
  Ј: 'J',
  К: 'K',
  М: 'M',
  О: 'O',
  Р: 'P',
  Ѕ: 'S',
  Т: 'T',
  Х: 'X',
  У: 'Y',
  α: 'a',
  ο: 'o',
  ρ: 'p',
  ν: 'v',
  υ: 'u',
  ι: 'i',
  κ: 'k',
  Α: 'A',
  Β: 'B',
  Ε: 'E',
  Η: 'H',
  Ι: 'I',
  Κ: 'K',
  Μ: 'M',
  Ν: 'N',
  Ο: 'O',
  Ρ: 'P',
  Τ: 'T',
  Χ: 'X',
  Υ: 'Y',
  Ζ: 'Z',
};

interface Seeming {
  /** The Latin word that it resembles. */
  readonly latin: string;
  /** Whether Latin letters are mixed in, as in no language; otherwise the word may be genuine. */
  readonly isMixed: boolean;
}

/** The Latin word that a word resembles: its foreign letters all look like Latin ones, or it mixes scripts. */
function seeming(word: string): Seeming | undefined {
  if (!/[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(word)) return undefined;
  const latin = Array.from(word, (letter) => lookalikes[letter] ?? letter).join('');
  const isMixed = /\p{Script=Latin}/u.test(word);
  return isMixed || !/[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(latin) ? { latin, isMixed } : undefined;
}

/** @param written the form in the certificate, if it is displayed differently. */
function seemingLint(word: string, { latin, isMixed }: Seeming, written?: string): LintFinding {
  const name: Localized =
    written === undefined
      ? { en: shown(word), ko: shown(word) }
      : { en: `${shown(written)}, shown as ${shown(word)},`, ko: `${shown(written)}(표시: ${shown(word)})` };
  return isMixed
    ? found(
        'mixed_scripts',
        `${name.en} looks like ${shown(latin)}, but mixes letters of two scripts`,
        `${name.ko}은(는) ${shown(latin)}처럼 보이지만 두 문자 체계의 글자가 섞여 있습니다`,
      )
    : found(
        'lookalike',
        `${name.en} looks like ${shown(latin)}, but uses letters of another script`,
        `${name.ko}은(는) ${shown(latin)}처럼 보이지만 다른 문자 체계의 글자입니다`,
      );
}

function scriptLint(value: string): LintFinding | undefined {
  for (const word of value.split(/[\s.]+/)) {
    const seems = seeming(word);
    if (seems) return seemingLint(word, seems);
  }
  return undefined;
}

function domainPeculiarities(value: string): LintFinding[] {
  const rows: LintFinding[] = [];
  const labels = value.replace(/\.$/, '').split('.');
  if (value === '' || labels.some((label) => label === ''))
    rows.push(
      found(
        'empty_name',
        `an empty label in a DNS name: ${shown(value)}`,
        `DNS 이름에 빈 부분이 있습니다: ${shown(value)}`,
      ),
    );
  if (value.length > longestDomain || labels.some((label) => label.length > longestLabel))
    rows.push(longName('DNS', value));
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(value) || value.includes(':')) {
    rows.push(
      found(
        'address_as_name',
        `an address written as a DNS name: ${shown(value)}; verifiers look for addresses among the IP names only`,
        `주소가 DNS 이름으로 적혀 있습니다: ${shown(value)}. 검증할 때 주소는 IP 이름에서만 찾습니다`,
      ),
    );
  }
  if (value.includes('*')) rows.push(...wildcardPeculiarities(value, labels));
  if (labels.some((label) => /^xn--/i.test(label)) || /[^\x00-\x7f]/.test(value))
    rows.push(...scriptOfDomain(value));
  return rows;
}

/** Registries below country codes: the second level is not an owner's. */
const secondLevels = new Set(['co', 'com', 'net', 'org', 'ac', 'go', 'gov', 'edu', 'or', 're', 'ne', 'pe']);

function wildcardPeculiarities(value: string, labels: readonly string[]): LintFinding[] {
  const [first, ...rest] = labels;
  if (first !== '*' || rest.some((label) => label.includes('*'))) {
    return [
      found(
        'misplaced_wildcard',
        `a wildcard that is not the whole first label matches nothing: ${shown(value)}`,
        `별표가 첫 부분 전체가 아니어서 어떤 이름과도 맞지 않습니다: ${shown(value)}`,
      ),
    ];
  }
  const isSuffix =
    rest.length < 2 ||
    (rest.length === 2 && (rest[1] ?? '').length === 2 && secondLevels.has((rest[0] ?? '').toLowerCase()));
  return isSuffix
    ? [
        found(
          'broad_wildcard',
          `a wildcard over a whole suffix: ${shown(value)}; it covers every site below it`,
          `접미사 전체를 덮는 와일드카드입니다: ${shown(value)}. 그 아래 모든 사이트로 행세할 수 있습니다`,
        ),
      ]
    : [];
}

function scriptOfDomain(value: string): LintFinding[] {
  const decoded = domainToUnicode(value.replace(/^\*\./, '')) || value;
  for (const label of decoded.split('.')) {
    const seems = seeming(label);
    if (seems) return [seemingLint(label, seems, value)];
  }
  return [
    found(
      'foreign_script',
      `${shown(value)} is shown as ${shown(decoded)}`,
      `${shown(value)}의 표시는 ${shown(decoded)}입니다`,
    ),
  ];
}
