/**
 * Parses scenario.yaml: text to a validated file, or one UserError that lists every error with file, line, path, expected
 * and received value. `schema.ts` defines shapes and `references.ts` checks names; this file maps them to lines. YAML and
 * the validator are loaded on the first call.
 */
import type { Document } from 'yaml';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import { nearest } from '../../i18n/nearest.ts';
import { throwErrors } from './narration.ts';
import { Place } from './place.ts';
import type { Path } from './place.ts';
import { EndlessYaml, refuseEndless } from '../../pki/endless-yaml.ts';
import { checkReferences } from './references.ts';
import { didYouMean, shapeErrors } from './shape-errors.ts';
import type { Reading } from './shape-errors.ts';
import type { RecipeNames } from './references.ts';
import type { ScenarioSchema } from './schema.ts';
import type { Features } from '../features.ts';
import type { Problem } from '../problems.ts';
import type { ScenarioFile } from '../scenario.ts';

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

/** By the features that they have the fields of: building one takes longer than most files take to check. */
const known = new WeakMap<Features, ScenarioSchema>();

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
  const schema = known.get(features) ?? scenarioSchema(schemas);
  known.set(features, schema);
  const checked = schema.safeParse(content);
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
  throwErrors(syntaxErrors(document.errors, place));
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

/** The first: what follows is read as something else than was meant, so it is most likely wrong for the same reason. */
function syntaxErrors(
  [first, ...others]: readonly { readonly message: string; readonly pos: readonly [number, number] }[],
  place: Place,
): UserErrorFacts[] {
  if (!first) return [];
  const lines = new Set(others.map(({ pos }) => place.offset(pos[0]).replace(/:\d+$/, '')));
  const where = place.offset(first.pos[0]);
  lines.delete(where.replace(/:\d+$/, ''));
  const more: Localized =
    lines.size === 0
      ? { en: '', ko: '' }
      : {
          en: ` What is wrong below it follows from that, most likely (${lines.size === 1 ? 'one more line' : `${lines.size} more lines`}): correct this one first.`,
          ko: ` 그 아래의 오류(${lines.size}줄)도 이 줄 때문일 가능성이 큽니다. 이 줄부터 고치세요.`,
        };
  return [
    {
      what: { en: `this is not YAML: ${first.message}`, ko: `YAML로 읽을 수 없습니다: ${first.message}` },
      where,
      remedy: {
        en: `Look at the indentation and the quotes of this line and of the one above.${more.en}`,
        ko: `이 줄과 바로 위 줄의 들여쓰기와 따옴표를 확인하세요.${more.ko}`,
      },
    },
  ];
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
