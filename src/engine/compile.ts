/**
 * Compiles a scenario's folder into one JSON value: the validated file, its text in every language, its certificate recipe.
 * Runs at build time for the bundled scenarios, and in `load.ts` for a path given on the command line.
 */
import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../i18n/user-error.ts';
import type { UserErrorFacts } from '../i18n/user-error.ts';
import { readText } from '../i18n/read-file.ts';
import type { Recipe } from '../pki/ca/recipe.ts';
import { nearest } from '../i18n/nearest.ts';
import { codeOf, isUnfit, largestPart } from './file/folder.ts';
import { parseNarration, throwErrors } from './file/narration.ts';
import { readTexts } from './file/texts.ts';
import type { NarrationSource } from './file/texts.ts';
import { parseScenario } from './file/parse.ts';
import type { RecipeNames } from './file/references.ts';
import { planScenario } from './planning.ts';
import { mostShortStops } from './file/short.ts';
import { plannedStops } from './plan.ts';
import type { CompiledScenario } from './scenario.ts';
import type { CompiledAdditions } from './extensions.ts';
import type { Features } from './features.ts';

export interface CompileOptions {
  /** Folders searched for recipes that the scenario does not contain; the first match wins. */
  readonly recipeFolders: readonly string[];
  /** How messages name the folder; its path when omitted. */
  readonly shownAs?: string;
  /** Whether a text in one language is enough, as in a folder of an author's own. */
  readonly mayLackTexts?: boolean;
  /** Whether a recipe in the folder has a place of its own for its certificates: other folders may have one of the same name. */
  readonly ownPlace?: boolean;
}

/**
 * The validated content of the folder.
 * @throws UserError that lists every error with file and line.
 */
export async function compileScenario(
  features: Features,
  folder: string,
  options: CompileOptions,
): Promise<CompiledScenario> {
  const shown = options.shownAs ?? folder;
  const path = join(shown, 'scenario.yaml');
  const text = readPart(join(folder, 'scenario.yaml'), path);
  let certificates: CompiledScenario['certificates'];
  const file = await parseScenario(features, {
    file: path,
    text,
    async recipeNames(name) {
      const recipe = await readRecipe(name, [folder, ...options.recipeFolders], path, shown);
      const isOwn = options.ownPlace && existsSync(join(folder, `${name}.yaml`));
      certificates = { name: isOwn ? placeName(name, folder) : name, recipe };
      return namesOf(recipe, name);
    },
  });
  const { sources, untranslated } = readTexts(folder, shown, readPart, options.mayLackTexts ?? false);
  const narration = parseNarration(sources, {
    steps: file.steps.map(({ id }) => id),
    expanded: features.multipliedIds(file),
  });
  let additions: CompiledAdditions = {};
  for (const feature of features.all)
    additions = { ...additions, ...(await feature.compile?.({ folder, shown }, file, features)) };
  const compiled: CompiledScenario = {
    v: 1,
    name: basename(resolve(folder)),
    file,
    narration,
    ...(untranslated.length > 0 ? { untranslated } : {}),
    ...(certificates ? { certificates } : {}),
    ...additions,
  };
  const { length } = plannedStops(planScenario(features, compiled, {}, { short: true }).steps);
  if (file.short && length > mostShortStops)
    throw await placedIn({ file: path, text }, [
      'short',
      {
        what: { en: 'the short version is too long', ko: '짧은 버전이 너무 깁니다' },
        expected: {
          en: `at most ${mostShortStops} stops: introduction, questions, results, verdict`,
          ko: `소개, 질문, 결과, 판정을 합해 ${mostShortStops}개까지`,
        },
        received: String(length),
      },
    ]);
  return compiled;
}

/** An error about a field, with its line and column. */
async function placedIn(
  { file, text }: NarrationSource,
  [field, facts]: readonly [string, UserErrorFacts],
): Promise<unknown> {
  const [yaml, { placed, readYaml }] = await Promise.all([import('yaml'), import('./file/parse.ts')]);
  return placed(
    new UserError({ ...facts, where: `${file}: ${field}` }),
    file,
    readYaml({ file, text }, yaml),
  );
}

/** The name of the place for the certificates of a recipe in an author's folder: no recipe, and no other folder's, has it. */
function placeName(recipe: string, folder: string): string {
  const path = realpathSync(folder);
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 12);
  return `${recipe}@${basename(path).replaceAll(/[^A-Za-z0-9._-]/g, '-')}-${digest}`;
}

/** The folder that a path means: the path itself, or the folder of the scenario.yaml that it names. */
export function scenarioFolder(path: string): string {
  return /\.ya?ml$/.test(path) ? dirname(path) : path;
}

export function readPart(path: string, shown: string): string {
  try {
    return readText(path, largestPart, shown);
  } catch (error) {
    if (isUnfit(error)) throw error;
    throw new UserError(
      {
        what: { en: 'cannot read this file of the scenario', ko: '시나리오의 이 파일을 읽을 수 없습니다' },
        where: shown,
        expected: {
          en: 'a folder with scenario.yaml and en.md, and ko.md for the Korean text',
          ko: 'scenario.yaml과 en.md, 한국어로 쓴 ko.md가 있는 폴더',
        },
        received: codeOf(error),
      },
      { cause: error },
    );
  }
}

/**
 * @param folders searched in this order.
 * @param where the reference to the recipe, for the error when it does not exist.
 * @param shownAs how messages name the first folder.
 * @throws UserError with file, line and column.
 */
export async function readRecipe(
  name: string,
  folders: readonly string[],
  where: string,
  shownAs = folders[0] ?? '',
): Promise<Recipe> {
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name)) throw noRecipe(name, where, await recipesIn(folders));
  for (const [index, folder] of folders.entries()) {
    let text: string;
    try {
      text = readText(join(folder, `${name}.yaml`), largestPart);
    } catch (error) {
      if (isUnfit(error)) throw error;
      continue;
    }
    return recipeOf(text, join(index === 0 ? shownAs : folder, `${name}.yaml`));
  }
  throw noRecipe(name, where, await recipesIn(folders));
}

/** @param file as error messages name it. @throws UserError with file, line and column. */
export async function recipeOf(text: string, file: string): Promise<Recipe> {
  const [yaml, { parseRecipe, recipeSchema }, { readYaml, placed }, { shapeErrors }, { z }] =
    await Promise.all([
      import('yaml'),
      import('../pki/ca/recipe-schema.ts'),
      import('./file/parse.ts'),
      import('./file/shape-errors.ts'),
      import('zod'),
    ]);
  const { content, place } = readYaml({ file, text }, yaml);
  const checked = recipeSchema.safeParse(content);
  if (!checked.success)
    throwErrors(
      shapeErrors(checked.error, {
        content,
        place,
        shape: () => z.toJSONSchema(recipeSchema, { io: 'input' }),
      }),
    );
  try {
    return parseRecipe(content, file);
  } catch (error) {
    throw placed(error, file, { content, place });
  }
}

/** The recipes in these folders, the first of which is the scenario's own. */
async function recipesIn(folders: readonly string[]): Promise<string[]> {
  const files = await Promise.all(folders.map(async (folder) => readdir(folder).catch(() => [])));
  return files
    .flatMap((names, index) => (index === 0 ? names.filter((name) => !otherFiles.has(name)) : names))
    .flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -'.yaml'.length)] : []));
}

/** What else stands in the folder of a scenario or a lab. */
const otherFiles: ReadonlySet<string> = new Set(['scenario.yaml', 'tasks.yaml', 'predictions.yaml']);

function noRecipe(name: string, where: string, known: readonly string[]): UserError {
  const near = nearest(name, known);
  return new UserError({
    what: {
      en: `unknown certificate recipe: ${name}`,
      ko: `그런 이름의 인증서 레시피가 없습니다: ${name}`,
    },
    where: `${where}: certificates`,
    expected: {
      en: `NAME.yaml in the scenario’s folder, or a bundled recipe: ${known.join(', ')}`,
      ko: `시나리오 옆의 이름.yaml 또는 wirelab에 포함된 레시피: ${known.join(', ')}`,
    },
    received: name,
    ...(near ? { remedy: { en: `Did you mean ${near}?`, ko: `혹시 ${near} 아닌가요?` } } : {}),
  });
}

export async function namesOf(recipe: Recipe, name: string): Promise<RecipeNames> {
  const { planWorld } = await import('../pki/ca/recipe.ts');
  const world = planWorld(recipe, name);
  return {
    identities: world.certificates.map((row) => row.name),
    authorities: world.certificates.filter(({ isCa }) => isCa).map((row) => row.name),
    revocations: world.revocations.map(({ authority }) => authority),
  };
}
