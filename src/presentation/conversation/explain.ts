/**
 * Explains the byte under the cursor: its field, the value, and what is surprising about it. It decides which field's words
 * apply and how a value is written; the words themselves are next to the dissectors.
 *
 * 1. A field without words of its own is explained by the nearest enclosing one that has some.
 * 2. A value is short and safe for a terminal: a code by its registered name and number, bytes as hex.
 */
import type { Field, FieldId, FieldValue } from '../../core/field.ts';
import { toCode, toHex } from '../../core/hex.ts';
import { protocolTexts } from '../../protocols/index.ts';
import type { FieldText } from '../../protocols/text.ts';
import { inEach, verbatim } from '../../i18n/language.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';
import { cardWords, explanationWords } from '../words.ts';

export interface Explanation {
  /** The innermost field. */
  readonly id: FieldId;
  /** The name of the field that has words. */
  readonly name: string;
  /** The innermost field's value; its size where it has none. */
  readonly value: string;
  readonly meaning: string;
  /** The standard: `RFC 8446 section 4.1.2`. */
  readonly source?: string;
  /** What is surprising about this value, or what the code means. */
  readonly remarks: readonly string[];
  /** Whether the words are the innermost field's own, or an ancestor's; absent if there are none. */
  readonly from?: FieldId;
}

/** How a value of certain fields is written; undefined for the default. */
type Wording = (field: Field, language: Language) => string | undefined;

interface Explanations {
  /** The words for a field; undefined if an enclosing field explains it. */
  readonly textOf: (id: string) => FieldText | undefined;
  readonly wordings: readonly Wording[];
  readonly alertMeaning: typeof import('../../analysis/outcome/alert-words.ts')['alertMeaning'];
}
let explanations: Explanations | undefined;

/** Loads the words, once; await it before the first `explainField`. */
export async function loadExplanations(): Promise<void> {
  if (explanations) return;
  const [
    ofProtocols,
    { partTextOf },
    { x509Texts },
    { x509PartTexts },
    { alertMeaning },
    codes,
    oids,
    { knownAlertName },
    { dnsValueWords },
  ] = await Promise.all([
    protocolTexts(),
    import('../../protocols/tls/part-texts.ts'),
    import('../../protocols/x509/texts.ts'),
    import('../../protocols/x509/part-texts.ts'),
    import('../../analysis/outcome/alert-words.ts'),
    import('../../protocols/tls/codes.ts'),
    import('../../protocols/x509/oids.ts'),
    import('../../capture/vocabulary.ts'),
    import('../../protocols/dns/codes.ts'),
  ]);
  const texts = new Map<string, FieldText>([
    ...ofProtocols,
    ...Object.entries({ ...x509PartTexts, ...x509Texts }),
  ]);
  const textOf = (id: string): FieldText | undefined =>
    texts.get(id) ?? partTextOf(id, (owner) => texts.get(owner));
  explanations = {
    textOf,
    wordings: [
      syntaxWording,
      alertWording(knownAlertName),
      codeWording(codes),
      certificateWording(oids),
      ({ id, value }) => dnsValueWords(id, value),
      lengthWording,
    ],
    alertMeaning,
  };
}

/** The same in every language. */
export interface ExplanationInEach extends Pick<Explanation, 'id' | 'source' | 'from'> {
  readonly name: Localized;
  readonly value: Localized;
  readonly meaning: Localized;
  readonly remarks: readonly Localized[];
}

/**
 * @param path fields from the root to the innermost one (`fieldPathAt`); undefined for an empty one.
 * @throws Error when `loadExplanations` was not awaited.
 */
export function explainField(path: readonly Field[], language: Language): Explanation | undefined {
  const field = path.at(-1);
  if (!field) return undefined;
  const { name, meaning, remarks, ...same } = wordsFor(path, field);
  return {
    ...same,
    name: name[language],
    value: valueOf(path, language),
    meaning: meaning[language],
    remarks: remarks.map((text) => text[language]),
  };
}

/** @param path as for `explainField`. @param field the innermost one of it */
export function explainInEach(path: readonly Field[], field: Field): ExplanationInEach {
  return { ...wordsFor(path, field), value: inEach((language) => valueOf(path, language)) };
}

function wordsFor(path: readonly Field[], { id, value }: Field): Omit<ExplanationInEach, 'value'> {
  if (!explanations) throw new Error('explanations are used before they are loaded');
  const { textOf, alertMeaning } = explanations;
  const at = path.findLastIndex((one) => textOf(one.id) !== undefined);
  const from = path[at]?.id;
  const text = from === undefined ? undefined : textOf(from);
  // The remarks on the explained field, from the inside out; those on enclosing fields belong to their own explanation.
  const remarks = path
    .slice(Math.max(at, 0))
    .toReversed()
    .flatMap((one) => one.remarks.map((remark) => textOf(remark.id)?.meaning))
    .filter((remark) => remark !== undefined);
  return {
    id,
    name: text?.name ?? verbatim(id),
    meaning: text?.meaning ?? explanationWords.none,
    ...(text?.source === undefined ? {} : { source: text.source }),
    remarks:
      id === 'tls.alert.description' && typeof value === 'number'
        ? [alertMeaning(value), ...remarks]
        : remarks,
    ...(from === undefined ? {} : { from }),
  };
}

function valueOf(path: readonly Field[], language: Language): string {
  const field = path.at(-1);
  if (!field) return '';
  const around = path.at(-2);
  // The bare content of a DER element: its value was decoded one level up.
  if (field.id === 'x509.der.value' && around && around.value !== null)
    return valueOf(path.slice(0, -1), language);
  for (const wording of explanations?.wordings ?? []) {
    const words = wording(field, language);
    if (words !== undefined) return safeText(words);
  }
  return safeText(plainValue(field.value, field.range, language));
}

/** How many bytes and characters of a long value are shown. */
const mostBytes = 16;
const mostCharacters = 100;

function plainValue(value: FieldValue, [start, end]: Field['range'], language: Language): string {
  if (value === null) return explanationWords.bytes[language](end - start);
  if (typeof value === 'string') {
    if (value.length <= mostCharacters) return value;
    return `${value.slice(0, mostCharacters)}… (${explanationWords.characters[language](value.length)})`;
  }
  if (typeof value !== 'object') return typeof value === 'number' ? grouped(value) : String(value);
  if (value.length <= mostBytes)
    return value.length === 0 ? explanationWords.bytes[language](0) : toHex(value);
  return `${toHex(value.subarray(0, mostBytes))}… (${explanationWords.bytes[language](value.length)})`;
}

/** Line ends and separators, as escape sequences. */
const syntaxWording: Wording = ({ id, value }) =>
  id.endsWith('.syntax') && typeof value === 'string'
    ? JSON.stringify(value.slice(0, mostCharacters)).slice(1, -1)
    : undefined;

const lengthWording: Wording = ({ id, value }, language) =>
  id.endsWith('.length') && typeof value === 'number' ? explanationWords.bytes[language](value) : undefined;

/** `unknown_ca (48)`. */
function alertWording(nameOf: (code: number) => string | undefined): Wording {
  return ({ id, value }, language) => {
    if (typeof value !== 'number') return undefined;
    if (id === 'tls.alert.description')
      return `${nameOf(value) ?? explanationWords.unknown[language]} (${value})`;
    const level = id === 'tls.alert.level' ? alertLevels[value] : undefined;
    return level && `${cardWords.levels[level][language]} (${value})`;
  };
}

/** RFC 8446 section 6. */
const alertLevels: Readonly<Record<number, 'warning' | 'fatal'>> = { 1: 'warning', 2: 'fatal' };

/** `TLS_AES_128_GCM_SHA256 (0x1301)`; types are known by their decimal number: `server_name (0)`. */
function codeWording({ isCode, nameOfCode }: typeof import('../../protocols/tls/codes.ts')): Wording {
  return ({ id, value }, language) => {
    if (typeof value !== 'number' || !isCode(id)) return undefined;
    const written = id.endsWith('type') ? String(value) : toCode(value);
    const name = nameOfCode(id, value)
      ?.replace(/^TLSv1$/, 'TLS 1.0')
      .replace(/^TLSv/, 'TLS ');
    return `${name ?? explanationWords.unknown[language]} (${written})`;
  };
}

type Oids = typeof import('../../protocols/x509/oids.ts');

/** Identifiers by name, flags and numbers in words. */
function certificateWording({ nameOfOid, revocationReasons, tlsFeatureNames }: Oids): Wording {
  return ({ id, value }, language) => {
    if (!id.startsWith('x509.')) return undefined;
    if (typeof value === 'string') {
      const name = /^\d+(?:\.\d+)+$/.test(value) ? nameOfOid(value) : undefined;
      return name && `${name} (${value})`;
    }
    if (typeof value !== 'number') return undefined;
    switch (id) {
      case 'x509.der.tag':
        return toCode(value, 2);
      case 'x509.extension.critical':
      case 'x509.extension.basic_constraints.ca':
        return explanationWords[value === 0 ? 'no' : 'yes'][language];
      case 'x509.extension.reason_code':
        return `${revocationReasons[value] ?? explanationWords.unknown[language]} (${value})`;
      case 'x509.extension.tls_feature.feature':
        return `${tlsFeatureNames[value] ?? explanationWords.unknown[language]} (${value})`;
      // It counts from zero.
      case 'x509.tbs_certificate.version.number':
        return `v${value + 1} (${value})`;
      default:
        return undefined;
    }
  };
}
