/**
 * What is wrong with the shape of a file (scenario.yaml, tasks.yaml, a recipe), in words that do not mention the validation library:
 * one error for each cause, with file, line, path, what was expected and what was probably meant.
 */
import type { z } from 'zod';
import type { Localized } from '../../i18n/language.ts';
import { nearest } from '../../i18n/nearest.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import { formatPath } from './place.ts';
import type { Path, Place } from './place.ts';

/** Shape errors, each with its line. What a misspelt field or a wrong indentation causes besides is not reported. */
export function shapeErrors(error: z.core.$ZodError, reading: Reading): UserErrorFacts[] {
  const errors = error.issues.flatMap((issue) => issueErrors(issue, issue.path.map(asStep), reading));
  const misspelt = new Set(errors.flatMap(({ meant }) => meant ?? []));
  const own = errors.filter(({ lacks = [] }) => !lacks.some((field) => misspelt.has(field)));
  const [first] = own.filter(({ isEmpty }) => isEmpty);
  return first && own.length > mostOfIndentation
    ? [unindented(first, own.length - 1)]
    : own.map(({ facts }) => facts);
}

/** More than these are taken for consequences of a field that has lost what belongs below it. */
const mostOfIndentation = 3;

function unindented({ facts }: ShapeError, others: number): UserErrorFacts {
  return {
    ...facts,
    remedy: {
      en: `Nothing is below this field: look at its indentation and that of the next lines. ${others} more mistakes follow from it, most likely.`,
      ko: `이 항목 아래에 아무것도 없습니다. 이 줄과 다음 줄들의 들여쓰기를 확인하세요. 다른 오류 ${others}개도 이 때문일 가능성이 큽니다.`,
    },
  };
}

interface ShapeError {
  readonly facts: UserErrorFacts;
  /** The place of the field that a misspelt name most likely means. */
  readonly meant?: string;
  /** The places of the fields of which one is not there. */
  readonly lacks?: readonly string[];
  /** It has no value. */
  readonly isEmpty?: boolean;
}

type Issue = z.core.$ZodIssue;

export interface Reading {
  readonly content: unknown;
  readonly place: Place;
  /** The JSON Schema of the file. */
  readonly shape: () => object;
}

/** Of a longer list, only the name that was meant is given. */
const mostListed = 12;

/** One message per error, in words that do not mention the validation library. */
function issueErrors(issue: Issue, path: Path, reading: Reading): ShapeError[] {
  const { content, place } = reading;
  const value = valueAt(content, path);
  const facts = (what: Localized, rest: Omit<UserErrorFacts, 'what' | 'where'> = {}): ShapeError[] => [
    { facts: { what, where: place.of(path), ...rest }, isEmpty: value === null },
  ];
  const missing = (expected: Localized): ShapeError[] => [
    {
      facts: { what: { en: 'missing field', ko: '항목이 없습니다' }, where: place.of(path), expected },
      lacks: [formatPath(path)],
    },
  ];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(reading.shape(), path);
      return issue.keys.map((key) => {
        const near = nearest(key, known);
        // Of a long list, the one that was meant says more.
        const isListed = known.length > 0 && (near === undefined || known.length <= mostListed);
        return {
          facts: {
            what: { en: 'unknown field', ko: '여기에는 이런 항목이 없습니다' },
            where: place.of([...path, key]),
            received: key,
            ...(isListed
              ? { expected: { en: `one of ${known.join(', ')}`, ko: `${known.join(', ')} 가운데 하나` } }
              : near
                ? { expected: { en: near, ko: near } }
                : {}),
            ...(near ? { remedy: didYouMean(near) } : {}),
          },
          ...(near ? { meant: formatPath([...path, near]) } : {}),
          isEmpty: valueAt(content, [...path, key]) === null,
        };
      });
    }
    case 'invalid_type':
      if (value === undefined) return missing(typeWords(issue.expected));
      return facts(
        { en: 'wrong type', ko: '값의 종류가 다릅니다' },
        {
          expected: typeWords(issue.expected),
          received: shown(value),
          ...(issue.expected === 'string' && (typeof value === 'number' || typeof value === 'boolean')
            ? quoted(place.written(path) ?? String(value))
            : {}),
        },
      );
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      const near = typeof value === 'string' ? nearest(value, allowed) : undefined;
      const expected = { en: `one of ${allowed.join(', ')}`, ko: `${allowed.join(', ')} 가운데 하나` };
      if (value === undefined) return missing(expected);
      const text =
        typeof value === 'number'
          ? [place.written(path), String(value)].find((one) => one !== undefined && allowed.includes(one))
          : undefined;
      return facts(
        { en: 'invalid value', ko: '여기에 쓸 수 없는 값입니다' },
        {
          expected,
          received: shown(value),
          ...(near ? { remedy: didYouMean(near) } : text === undefined ? {} : quoted(text)),
        },
      );
    }
    case 'invalid_union': {
      // The branch that the author meant: of a map, the one that found fault below it.
      const isMap = typeof value === 'object' && value !== null;
      const fits = isMap
        ? issue.errors.find((issues) => issues.some((inner) => inner.path.length > 0))
        : issue.errors.find((issues) => issues.every((inner) => inner.code !== 'invalid_type'));
      const branch = fits ?? issue.errors[0] ?? [];
      return branch.flatMap((inner) => issueErrors(inner, [...path, ...inner.path.map(asStep)], reading));
    }
    case 'invalid_key':
      return facts(
        { en: 'invalid name', ko: '이름으로 쓸 수 없습니다' },
        { expected: nameWords(issue.issues[0]), received: String(path.at(-1)) },
      );
    case 'invalid_format':
      return facts(
        { en: 'wrong format', ko: '글의 형식이 다릅니다' },
        { expected: nameWords(issue), received: shown(value) },
      );
    case 'too_small':
      return facts(
        { en: 'value too small', ko: '값이 너무 작습니다' },
        {
          expected: sizeWords('at least', '이상', Number(issue.minimum), issue.origin),
          received: shown(value),
        },
      );
    case 'too_big':
      return facts(
        { en: 'value too large', ko: '값이 너무 큽니다' },
        {
          expected: sizeWords('at most', '이하', Number(issue.maximum), issue.origin),
          received: shown(value),
        },
      );
    case 'custom':
      return customError(issue.params ?? {}, path, value, place);
    case 'invalid_element':
    case 'not_multiple_of':
    default:
      return facts({ en: 'invalid value', ko: '여기에 쓸 수 없는 값입니다' }, { received: shown(value) });
  }
}

function customError(
  params: Readonly<Record<string, unknown>>,
  path: Path,
  value: unknown,
  place: Place,
): ShapeError[] {
  const kinds = params['exactlyOneOf'] as readonly string[];
  const present = params['present'] as readonly string[];
  const expected = { en: `exactly one of ${kinds.join(', ')}`, ko: `${kinds.join(', ')} 가운데 정확히 하나` };
  const received = present.length > 0 ? present.join(', ') : shown(value);
  return [
    {
      facts: {
        what: { en: 'the entry must say what it is, once', ko: '항목의 종류를 하나만 적어야 합니다' },
        where: place.of(path),
        expected,
        received,
      },
      ...(present.length > 0 ? {} : { lacks: kinds.map((kind) => formatPath([...path, kind])) }),
    },
  ];
}

/** What to do about a number, true or false where text belongs. */
const quoted = (text: string): Pick<UserErrorFacts, 'remedy'> => ({
  remedy: { en: `Write '${text}' with quotes.`, ko: `따옴표를 붙여 '${text}'처럼 쓰세요.` },
});

/** The field names that the schema knows at a path. */
function knownKeys(shape: object, path: Path): string[] {
  let schema: unknown = shape;
  for (const step of path) {
    const node = schema as {
      properties?: Record<string, unknown>;
      additionalProperties?: unknown;
      items?: unknown;
      anyOf?: unknown[];
    };
    const { properties = {} } = node ?? {};
    schema =
      typeof step === 'number'
        ? node?.items
        : Object.hasOwn(properties, step)
          ? properties[step]
          : node?.additionalProperties;
    const branches = (schema as { anyOf?: { properties?: unknown }[] } | undefined)?.anyOf;
    if (branches) schema = branches.find(({ properties }) => properties) ?? branches[0];
  }
  return Object.keys((schema as { properties?: object } | undefined)?.properties ?? {});
}

function valueAt(content: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<string | number, unknown>)[step]
        : undefined,
    content,
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

const types: Readonly<Record<string, Localized>> = {
  string: { en: 'text (in quotes if it looks like a number)', ko: '글(숫자처럼 보이면 따옴표로 감쌉니다)' },
  number: { en: 'a number', ko: '숫자' },
  int: { en: 'a whole number', ko: '정수' },
  boolean: { en: 'true or false', ko: 'true 또는 false' },
  array: { en: 'a list', ko: '목록' },
  object: { en: 'fields (name: value)', ko: '항목들(이름: 값)' },
  record: { en: 'entries (name: …)', ko: '항목들(이름: …)' },
};

function typeWords(type: string): Localized {
  return types[type] ?? { en: type, ko: type };
}

function nameWords(
  issue: { readonly code?: string; readonly pattern?: string | undefined } | undefined,
): Localized {
  const pattern = issue?.pattern ?? '';
  if (pattern.includes('localhost'))
    return { en: 'a name that ends in localhost', ko: 'localhost로 끝나는 이름' };
  const [, digits] = /^\/?\^\[0-9a-fA-F\]\{(\d+)\}\$\/?$/.exec(pattern) ?? [];
  if (digits !== undefined)
    return { en: `${digits} hexadecimal digits, in quotes`, ko: `따옴표로 감싼 16진수 ${digits}자리` };
  if (pattern.includes('(:'))
    return { en: 'names with a colon between two', ko: '사이에 콜론을 넣은 이름들' };
  if (pattern.includes('._-'))
    return {
      en: 'small letters, digits, dots, dashes and underscores, beginning with a letter or a digit',
      ko: '소문자, 숫자, 점, 하이픈, 밑줄(소문자나 숫자로 시작)',
    };
  if (pattern.includes('A-Z')) return { en: 'one to eight letters and digits', ko: '영문자와 숫자 1~8자' };
  return {
    en: 'small letters, digits and dashes, beginning with a letter or a digit',
    ko: '소문자, 숫자, 하이픈(소문자나 숫자로 시작)',
  };
}

function sizeWords(en: string, ko: string, size: number, origin: string): Localized {
  const unit: Localized =
    origin === 'string'
      ? { en: ' characters', ko: '자' }
      : origin === 'array'
        ? { en: ' entries', ko: '개' }
        : { en: '', ko: '' };
  return { en: `${en} ${size}${unit.en}`, ko: `${size}${unit.ko} ${ko}` };
}

export function didYouMean(name: string): Localized {
  return { en: `Did you mean ${name}?`, ko: `${name}: 이것을 쓰려던 것인가요?` };
}

const asStep = (key: PropertyKey): string | number => (typeof key === 'number' ? key : String(key));
