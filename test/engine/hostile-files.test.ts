/**
 * Scenario files with hostile content: a word that every JavaScript object knows, another kind of
 * value, a name that is somebody's and a word of the language at once. Each is refused with a UserError or planned; nothing else
 * may come of it. `FUZZ_ALL=1` tries every place with every value, which takes minutes.
 */
import test from 'ava';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as yaml from 'yaml';
import { isAtLength } from '../helpers/at-length.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { parseRecipe } from '../../src/pki/ca/recipe-schema.ts';
import { planWorld } from '../../src/pki/ca/recipe.ts';
import { features } from '../../src/features/registry.ts';
import { namesOf, readRecipe } from '../../src/engine/compile.ts';
import { parseScenario, readYaml } from '../../src/engine/file/parse.ts';
import { planScenario } from '../../src/engine/planning.ts';

const root = join(import.meta.dirname, '../../..');
const recipes = join(root, 'certs/recipes');
const all = process.env['FUZZ_ALL'] === '1';
/** Of a scenario, when not all are tried. */
const share = isAtLength ? 16 : 3;

const inherited = Object.getOwnPropertyNames(Object.prototype);
/** YAML of the replacement values. */
const values = [
  ...inherited.map((name) => JSON.stringify(name)),
  'null',
  '[]',
  '{}',
  '0',
  '-1',
  '1e999',
  'true',
  '""',
  '" "',
  '[[[[]]]]',
  '{"__proto__": {"x": 1}}',
  '{"constructor": {"x": 1}}',
  '"\\u0000"',
  '"\\ud800"',
  '*nobody',
];

type Path = readonly (string | number)[];

/** Every place in a value, those of maps' keys too. */
function placesIn(value: unknown, path: Path = []): { readonly path: Path; readonly isKey: boolean }[] {
  const here = { path, isKey: false };
  if (typeof value !== 'object' || value === null) return [here];
  if (Array.isArray(value)) return [here, ...value.flatMap((one, index) => placesIn(one, [...path, index]))];
  return [
    here,
    ...Object.entries(value).flatMap(([key, one]) => [
      { path: [...path, key], isKey: true },
      ...placesIn(one, [...path, key]),
    ]),
  ];
}

/** The value as JSON, which is YAML, with other text in one place. */
function withText(
  value: unknown,
  place: { readonly path: Path; readonly isKey: boolean } | undefined,
  text: string,
  path: Path = [],
): string {
  const isHere =
    place !== undefined &&
    !place.isKey &&
    place.path.length === path.length &&
    place.path.every((step, at) => step === path[at]);
  if (isHere) return text;
  if (Array.isArray(value))
    return `[${value.map((one, index) => withText(one, place, text, [...path, index])).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, one]) => {
    const below = [...path, key];
    const isItsKey =
      place?.isKey === true &&
      place.path.length === below.length &&
      place.path.every((step, at) => step === below[at]);
    return `${isItsKey ? text : JSON.stringify(key)}: ${withText(one, place, text, below)}`;
  });
  return `{${entries.join(', ')}}`;
}

/** The outcome: `planned`, or the UserError's message. Throws any other error. */
async function outcomeOf(text: string, folder: string): Promise<string> {
  try {
    const file = await parseScenario(features, {
      file: 'scenario.yaml',
      text,
      recipeNames: async (name) => namesOf(await readRecipe(name, [folder, recipes], 'scenario.yaml'), name),
    });
    const nothing = { title: '', intro: '', steps: {}, doesNotProve: '' };
    planScenario(features, { v: 1, name: 'hostile', file, narration: { en: nothing, ko: nothing } });
    return 'planned';
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

for (const name of readdirSync(join(root, 'scenarios'))) {
  // One after the other: the processor's time is then that of one try.
  test.serial(`${name}: any value in any place is planned or an error`, async (t) => {
    const folder = join(root, 'scenarios', name);
    const content: unknown = yaml.parse(readFileSync(join(folder, 'scenario.yaml'), 'utf8'));
    t.is(await outcomeOf(withText(content, undefined, ''), folder), 'planned');
    const tries = placesIn(content).flatMap((place) => values.map((value) => ({ place, value })));
    // Every so manieth, each time with another value.
    const step = all ? 1 : Math.max(1, Math.floor(tries.length / share)) | 1;
    let refused = 0;
    for (let at = 0; at < tries.length; at += step) {
      const { place, value } = tries[at]!;
      const began = process.cpuUsage();
      try {
        if ((await outcomeOf(withText(content, place, value), folder)) !== 'planned') refused++;
      } catch (error) {
        t.fail(
          `${place.isKey ? 'key ' : ''}${place.path.join('.')}: ${value}: ${error instanceof Error ? error.stack : String(error)}`,
        );
      }
      if (process.cpuUsage(began).user > 3_000_000) t.fail(`${place.path.join('.')}: ${value} took too long`);
    }
    t.true(refused > 0);
  });
}

/** A scenario in which every name of one kind is another. */
function renamed(text: string, from: string, to: string): string {
  return text.replaceAll(new RegExp(`(?<![\\w.-])${from}(?![\\w-])`, 'g'), to);
}

for (const [what, from, to] of [
  ['a server', 'shop', 'constructor'],
  ['a proxy', 'front', 'constructor'],
  ['a wire', 'A', 'toString'],
  ['a wire', 'A', 'valueOf'],
] as const) {
  test(`${what} may be called ${to}, without confusion`, async (t) => {
    const text = readFileSync(join(root, 'scenarios/plaintext/scenario.yaml'), 'utf8');
    const other = renamed(text, from, to);
    t.not(other, text);
    t.is(await outcomeOf(other, recipes), 'planned');
  });
}

test('any value in any place of a recipe is a world or an error', async (t) => {
  for (const file of readdirSync(recipes)) {
    const content: unknown = yaml.parse(readFileSync(join(recipes, file), 'utf8'));
    const tries = placesIn(content).flatMap((place) => values.map((value) => ({ place, value })));
    const step = all ? 1 : Math.max(1, Math.floor(tries.length / share)) | 1;
    for (let at = 0; at < tries.length; at += step) {
      const { place, value } = tries[at]!;
      try {
        planWorld(
          parseRecipe(readYaml({ file, text: withText(content, place, value) }, yaml).content, file),
          'hostile',
        );
      } catch (error) {
        if (!(error instanceof UserError))
          t.fail(
            `${file}: ${place.isKey ? 'key ' : ''}${place.path.join('.')}: ${value}: ${error instanceof Error ? error.stack : String(error)}`,
          );
      }
    }
  }
  t.pass();
});
