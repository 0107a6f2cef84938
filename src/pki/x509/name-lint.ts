/** Reports suspicious names in certificates: hidden characters, lookalikes, wildcards and malformed domains. */
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import type { DistinguishedName, GeneralName } from '../../protocols/x509/structures.ts';
import { found } from './lint-finding.ts';
import type { LintFinding, LintId } from './lint-finding.ts';
import { domainToUnicode } from 'node:url';

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
export function namePeculiarities(subject: DistinguishedName, names: readonly GeneralName[]): LintFinding[] {
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
        `${josa(name.ko, '은/는')} ${shown(latin)}처럼 보이지만 두 문자 체계의 글자가 섞여 있습니다`,
      )
    : found(
        'lookalike',
        `${name.en} looks like ${shown(latin)}, but uses letters of another script`,
        `${josa(name.ko, '은/는')} ${shown(latin)}처럼 보이지만 다른 문자 체계의 글자입니다`,
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
