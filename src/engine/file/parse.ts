/**
 * Parses scenario.yaml: text to a validated file, or one UserError that lists every error with file, line, path, expected
 * and received value. `schema.ts` defines shapes and `references.ts` checks names; this file maps them to lines. YAML and
 * the validator are loaded on the first call.
 */
import type { Document, LineCounter, Node } from 'yaml';
import type { z } from 'zod';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import { nearest } from '../../i18n/nearest.ts';
import { throwErrors } from './narration.ts';
import { EndlessYaml, refuseEndless } from '../../pki/endless-yaml.ts';
import { checkReferences } from './references.ts';
import type { RecipeNames } from './references.ts';
import type { Features } from '../features.ts';
import type { Problem } from '../problems.ts';
import type { ScenarioFile } from '../scenario.ts';

type Path = readonly (string | number)[];

export interface ScenarioSource {
  /** As error messages name it. */
  readonly file: string;
  readonly text: string;
  /**
   * A second file that continues the first: together they form one map, and no key may be in both. Where the reader of the errors
   * does not have it (`isUnseen`), they do not name its lines as long as the first file has errors of its own.
   */
  readonly rest?: { readonly file: string; readonly text: string; readonly isUnseen?: boolean };
  /** Recipe rows that the scenario names; called once its shape is known to be valid. */
  recipeNames(recipe: string): Promise<RecipeNames>;
}

/**
 * The validated content of a scenario file.
 * @throws UserError that lists every error.
 */
export async function parseScenario(features: Features, source: ScenarioSource): Promise<ScenarioFile> {
  const [yaml, { scenarioSchema, scenarioJsonSchema }] = await Promise.all([
    import('yaml'),
    import('./schema.ts'),
  ]);
  const { content, place } = readYaml(source, yaml);
  const { schemas } = features;
  const checked = scenarioSchema(schemas).safeParse(content);
  if (!checked.success) {
    throwErrors(shapeErrors(checked.error, { content, place, shape: () => scenarioJsonSchema(schemas) }));
    throw new Error('the schema refused the file without a reason', { cause: checked.error });
  }
  const file = withoutInheritance(checked.data);
  const recipe = file.certificates === undefined ? undefined : await source.recipeNames(file.certificates);
  const found = checkReferences(features, file, recipe).map((problem) => {
    const above = missingAbove(problem, file, place, source);
    return {
      error: above ?? problemError(problem, place),
      isOwn: above !== undefined || place.isInFirst(problem.path),
    };
  });
  const hasOwn = source.rest?.isUnseen === true && found.some(({ isOwn }) => isOwn);
  const errors = found.flatMap(({ error, isOwn }) => (isOwn || !hasOwn ? [error] : []));
  // What the first part lacks may be needed in many places; one error is enough.
  throwErrors(
    errors.filter(
      ({ where, expected }, index) =>
        index === errors.findIndex((one) => one.where === where && one.expected?.en === expected?.en),
    ),
  );
  return file;
}

/** Shape errors, each with its line. */
export function shapeErrors(error: z.core.$ZodError, reading: Reading): UserErrorFacts[] {
  return error.issues.flatMap((issue) => issueErrors(issue, issue.path.map(asStep), reading));
}

/**
 * For a file in two parts: the second part names a wire or a participant that the first does not define. The author can
 * change the first part only, so the error points at it and names the place that needs the definition.
 */
function missingAbove(
  problem: Problem,
  file: ScenarioFile,
  place: Place,
  { rest }: ScenarioSource,
): UserErrorFacts | undefined {
  const { missing, received = '' } = problem;
  const [first, part] =
    Object.entries(file.proxies ?? {}).find(([name]) => place.isInFirst(['proxies', name])) ?? [];
  if (!rest || !missing || place.isInFirst(problem.path) || first === undefined || !part) return undefined;
  const at = place.of(problem.path).replace(/: .*$/, '');
  const needed: Localized = rest.isUnseen
    ? { en: 'a step of the lab', ko: '실습의 단계' }
    : { en: at, ko: at };
  const what: Record<typeof missing, Localized> = {
    wire: {
      en: `unknown wire: ${received}, needed by ${needed.en}`,
      ko: `${needed.ko}에서 살펴보는 구간이 여기에 없습니다: ${received}`,
    },
    participant: {
      en: `unknown participant: ${received}, needed by ${needed.en}`,
      ko: `${needed.ko}에서 접속하는 참가자가 여기에 없습니다: ${received}`,
    },
  };
  return {
    what: what[missing],
    where: place.of(missing === 'wire' ? ['proxies', first, 'wires'] : ['proxies', first]),
    expected: { en: received, ko: received },
    received:
      missing === 'wire'
        ? `${part.wires.incoming}, ${part.wires.outgoing}`
        : Object.keys(file.proxies ?? {}).join(', '),
  };
}

/**
 * The content of a YAML text, with positions.
 * @throws UserError if the text is not YAML.
 */
export function readYaml(
  { file, text, rest }: Pick<ScenarioSource, 'file' | 'text' | 'rest'>,
  yaml: typeof import('yaml'),
): { readonly content: unknown; readonly place: Place } {
  const first = rest && !text.endsWith('\n') ? `${text}\n` : text;
  const lines = new yaml.LineCounter();
  const whole = first + (rest?.text ?? '');
  const files = [{ file, from: 1 }, ...(rest ? [{ file: rest.file, from: first.split('\n').length }] : [])];
  try {
    refuseEndless(whole, yaml);
  } catch (error) {
    if (!(error instanceof EndlessYaml)) throw error;
    const before = whole.slice(0, error.offset).split('\n');
    const { file: at, from } = files.findLast((one) => one.from <= before.length) ?? { file, from: 1 };
    throw new UserError(
      {
        what: {
          en: 'this file exceeds a limit of the reader',
          ko: '파일의 내용이 읽을 수 있는 한도를 넘습니다',
        },
        where: `${at}:${before.length - from + 1}:${(before.at(-1)?.length ?? 0) + 1}`,
        received: error.message,
        remedy: {
          en: 'No such file needs this much: check the brackets and the indentation around this line.',
          ko: '이런 파일에는 이만큼 필요하지 않습니다. 이 줄의 괄호와 들여쓰기를 확인하세요.',
        },
      },
      { cause: error },
    );
  }
  const document = yaml.parseDocument(whole, {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    logLevel: 'error',
  });
  const place = new Place(files, document, lines, yaml.isMap, yaml.isScalar);
  throwErrors(
    document.errors.map((error) => ({
      what: { en: `this is not YAML: ${error.message}`, ko: `YAML로 읽을 수 없습니다: ${error.message}` },
      where: place.offset(error.pos[0]),
      remedy: {
        en: 'Look at the indentation and the quotes around this line.',
        ko: '이 줄의 들여쓰기와 따옴표를 확인하세요.',
      },
    })),
  );
  try {
    const content: unknown = document.toJS();
    // Throws for a cyclic value.
    JSON.stringify(content);
    return { content, place };
  } catch (error) {
    // An undefined or cyclic alias, or aliases of aliases that would expand without bound.
    throw new UserError(
      {
        what: {
          en: 'the aliases in this file (*NAME) cannot be resolved',
          ko: '이 파일의 별칭(*이름)을 풀 수 없습니다',
        },
        where: aliasPlace(document, place, yaml) ?? `${file}:1:1`,
        received: (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '',
        remedy: { en: 'Replace each alias with its content.', ko: '별칭 대신 내용을 직접 쓰세요.' },
      },
      { cause: error },
    );
  }
}

/** The position of the first alias. */
function aliasPlace(
  document: Document.Parsed,
  place: Place,
  yaml: typeof import('yaml'),
): string | undefined {
  let at: number | undefined;
  yaml.visit(document, {
    Alias(_, { range }) {
      at = range?.[0];
      return yaml.visit.BREAK;
    },
  });
  return at === undefined ? undefined : place.offset(at);
}

/**
 * Adds line and column to an error whose path is in a file that was read: `FILE: a.b.0.c`.
 * @returns any other error unchanged.
 */
export function placed(
  error: unknown,
  file: string,
  { content, place }: Pick<Reading, 'content' | 'place'>,
): unknown {
  if (!(error instanceof UserError)) return error;
  const put = (facts: UserErrorFacts): UserErrorFacts =>
    facts.where === file || facts.where?.startsWith(`${file}: `)
      ? { ...facts, where: place.of(pathIn(content, facts.where.slice(file.length + 2))) }
      : facts;
  const { others, ...first } = error.facts;
  return new UserError(others ? { ...put(first), others: others.map(put) } : put(first), { cause: error });
}

/** The path for keys joined by dots; a key may itself contain dots. An unknown key ends the path. */
function pathIn(content: unknown, text: string): Path {
  const path: (string | number)[] = [];
  let [value, rest]: [unknown, readonly string[]] = [
    content,
    text === '(top)' || text === '' ? [] : text.split('.'),
  ];
  while (rest.length > 0) {
    const [map, words] = [value, rest];
    if (typeof map !== 'object' || map === null) break;
    const length =
      words.findLastIndex((_, index) => Object.hasOwn(map, words.slice(0, index + 1).join('.'))) + 1;
    const key = words.slice(0, Math.max(1, length)).join('.');
    path.push(Array.isArray(map) && /^\d+$/.test(key) ? Number(key) : key);
    if (length === 0) break;
    value = (map as Record<string, unknown>)[key];
    rest = words.slice(length);
  }
  return path;
}

/**
 * Gives the maps a null prototype: `servers.constructor` must be undefined unless the file defines it, wherever a name
 * from the file is looked up. Changed in place: the checked value has no other owner.
 */
export function withoutInheritance<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value)) Object.setPrototypeOf(value, null);
  for (const part of Object.values(value)) withoutInheritance(part);
  return value;
}

const asStep = (key: PropertyKey): string | number => (typeof key === 'number' ? key : String(key));

/** The position of a path in the text. */
export class Place {
  readonly #files: readonly { readonly file: string; readonly from: number }[];
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #isMap: (node: unknown) => boolean;
  readonly #isScalar: (node: unknown) => boolean;

  /** @param files the files that make up the text, each with its first line in it. */
  constructor(
    files: readonly { readonly file: string; readonly from: number }[],
    document: Document.Parsed,
    lines: LineCounter,
    isMap: (node: unknown) => boolean,
    isScalar: (node: unknown) => boolean,
  ) {
    this.#files = files;
    this.#document = document;
    this.#lines = lines;
    this.#isMap = isMap;
    this.#isScalar = isScalar;
  }

  offset(at: number): string {
    const { line, col } = this.#lines.linePos(at);
    const { file, from } = this.#files.findLast((one) => one.from <= line) ?? { file: '', from: 1 };
    return `${file}:${line - from + 1}:${col}`;
  }

  /** Whether a path is in the first of two files. */
  isInFirst(path: Path): boolean {
    const start = this.#start(path);
    return start !== undefined && this.#lines.linePos(start).line < (this.#files[1]?.from ?? Infinity);
  }

  /** `file:line:column: path`: of the value, of its key where it is a map, or of the nearest enclosing value. */
  of(path: Path): string {
    for (let length = path.length; length >= 0; length--) {
      const start = this.#start(path.slice(0, length));
      // Of two files, the second has what every scenario needs; the first only what the second omits.
      if (start !== undefined && (length > 0 || path.length === 0 || this.#files.length === 1))
        return `${this.offset(start)}: ${formatPath(path)}`;
    }
    return `${this.#files.at(-1)?.file ?? ''}:1:1: ${formatPath(path)}`;
  }

  #start(path: Path): number | undefined {
    const last = path.at(-1);
    const parent: unknown = path.length === 0 ? undefined : this.#document.getIn(path.slice(0, -1), true);
    if (typeof last === 'string' && this.#isMap(parent)) {
      const pair = (parent as { items: { key: unknown }[] }).items.find(
        ({ key }) => String(this.#isScalar(key) ? (key as { value: unknown }).value : key) === last,
      );
      return (pair?.key as Node | undefined)?.range?.[0];
    }
    const node = this.#document.getIn(path, true) as Node | undefined;
    return node?.range?.[0];
  }
}

function formatPath(path: Path): string {
  return (
    path.reduce<string>(
      (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text ? `${text}.${step}` : step),
      '',
    ) || '(the file)'
  );
}

function problemError(problem: Problem, place: Place): UserErrorFacts {
  const near = problem.received === undefined ? undefined : nearest(problem.received, problem.known ?? []);
  return {
    what: problem.what,
    where: place.of(problem.path),
    ...(problem.expected ? { expected: problem.expected } : {}),
    ...(problem.received === undefined ? {} : { received: problem.received }),
    ...(near ? { remedy: didYouMean(near) } : {}),
  };
}

function didYouMean(name: string): Localized {
  return { en: `Did you mean ${name}?`, ko: `${name}: 이것을 쓰려던 것인가요?` };
}

type Issue = z.core.$ZodIssue;

export interface Reading {
  readonly content: unknown;
  readonly place: Place;
  /** The JSON Schema of the file. */
  readonly shape: () => object;
}

/** One message per error, in words that do not mention the validation library. */
function issueErrors(issue: Issue, path: Path, reading: Reading): UserErrorFacts[] {
  const { content, place } = reading;
  const value = valueAt(content, path);
  const facts = (
    what: Localized,
    rest: Omit<UserErrorFacts, 'what' | 'where'> = {},
    at: Path = path,
  ): UserErrorFacts[] => [{ what, where: place.of(at), ...rest }];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(reading.shape(), path);
      return issue.keys.map((key) => {
        const near = nearest(key, known);
        return {
          what: { en: 'unknown field', ko: '여기에는 이런 항목이 없습니다' },
          where: place.of([...path, key]),
          received: key,
          ...(known.length > 0
            ? { expected: { en: `one of ${known.join(', ')}`, ko: `${known.join(', ')} 가운데 하나` } }
            : {}),
          ...(near ? { remedy: didYouMean(near) } : {}),
        };
      });
    }
    case 'invalid_type':
      if (value === undefined)
        return facts({ en: 'missing field', ko: '항목이 없습니다' }, { expected: typeWords(issue.expected) });
      return facts(
        { en: 'wrong type', ko: '값의 종류가 다릅니다' },
        { expected: typeWords(issue.expected), received: shown(value) },
      );
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      const near = typeof value === 'string' ? nearest(value, allowed) : undefined;
      return facts(
        value === undefined
          ? { en: 'missing field', ko: '항목이 없습니다' }
          : { en: 'invalid value', ko: '여기에 쓸 수 없는 값입니다' },
        {
          expected: { en: `one of ${allowed.join(', ')}`, ko: `${allowed.join(', ')} 가운데 하나` },
          ...(value === undefined ? {} : { received: shown(value) }),
          ...(near ? { remedy: didYouMean(near) } : {}),
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
): UserErrorFacts[] {
  const kinds = params['exactlyOneOf'] as readonly string[];
  const present = params['present'] as readonly string[];
  const expected = { en: `exactly one of ${kinds.join(', ')}`, ko: `${kinds.join(', ')} 가운데 정확히 하나` };
  const received = present.length > 0 ? present.join(', ') : shown(value);
  return [
    {
      what: { en: 'the entry must say what it is, once', ko: '항목의 종류를 하나만 적어야 합니다' },
      where: place.of(path),
      expected,
      received,
    },
  ];
}

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
