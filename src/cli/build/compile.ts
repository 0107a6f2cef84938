/**
 * Runs the second half of the build: compiles scenarios, labs and recipes into JSON, so that a warm start needs no YAML
 * parser, and writes the JSON Schemas for editors on request. Compiled files whose source was removed are deleted.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../capture/file/output-folder.ts';
import { languageOf } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { features } from '../../features/registry.ts';
import { compileScenario, recipeOf } from '../../engine/compile.ts';
import { scenarioJsonSchema } from '../../engine/file/schema.ts';
import { compileLab } from '../../labs/compile.ts';
import { settingsJsonSchema, tasksJsonSchema } from '../../labs/schema.ts';
import { recipeJsonSchema } from '../../pki/ca/recipe-schema.ts';
import { bundleJsonSchema } from '../../ui/bundle/lines.ts';
import { outputJsonSchema } from '../../ui/json/lines/index.ts';
import { proxyConfigJsonSchema } from '../proxy/config-schema.ts';
import { proxy } from '../proxy.ts';
import { bundle } from './bundle.ts';
import { makePackage } from './package.ts';
import { makePageScript } from './page-script.ts';
import { userErrorLines } from '../io/user-error-text.ts';
import { findPlaces } from '../places.ts';

const places = findPlaces(process.env);
const { root, data } = places;

function foldersIn(path: string): string[] {
  return existsSync(path)
    ? readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
    : [];
}

async function compileAll(): Promise<void> {
  rmSync(data, { recursive: true, force: true });
  for (const kind of ['recipes', 'scenarios', 'labs']) makeFolder(join(data, kind));
  const recipeFolder = join(root, 'certs', 'recipes');
  for (const file of readdirSync(recipeFolder).filter((name) => name.endsWith('.yaml'))) {
    const recipe = await recipeOf(
      readFileSync(join(recipeFolder, file), 'utf8'),
      join('certs', 'recipes', file),
    );
    writeFileSync(join(data, 'recipes', file.replace(/\.yaml$/, '.json')), JSON.stringify(recipe));
  }
  for (const name of foldersIn(join(root, 'scenarios'))) {
    const compiled = await compileScenario(features, join(root, 'scenarios', name), {
      recipeFolders: [recipeFolder],
      shownAs: join('scenarios', name),
    });
    writeFileSync(join(data, 'scenarios', `${name}.json`), JSON.stringify(compiled));
  }
  for (const name of foldersIn(join(root, 'labs'))) {
    const compiled = await compileLab(join(root, 'labs', name), {
      recipeFolders: [recipeFolder],
      shownAs: join('labs', name),
    });
    writeFileSync(join(data, 'labs', `${name}.json`), JSON.stringify(compiled));
  }
}

/** Deletes compiler output whose source is gone: a deleted test must not keep running. */
function removeOrphans(room: string): void {
  const built = join(root, 'dist', room);
  if (!existsSync(built)) return;
  for (const file of readdirSync(built, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.js') && !existsSync(join(root, room, file.replace(/\.js$/, '.ts'))))
      rmSync(join(built, file));
  }
}

try {
  if (process.argv.includes('--schemas')) {
    const scenario = scenarioJsonSchema(features.schemas);
    for (const [name, schema] of [
      ['scenario', scenario],
      ['tasks', tasksJsonSchema()],
      ['settings', settingsJsonSchema(scenario)],
      ['recipe', recipeJsonSchema()],
      ['output', outputJsonSchema()],
      ['bundle', bundleJsonSchema()],
      ['proxy-config', proxyConfigJsonSchema(proxy.options)],
    ] as const)
      writeFileSync(join(root, 'schemas', `${name}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`);
  } else {
    for (const room of ['src', 'test', 'bench']) removeOrphans(room);
    await compileAll();
    await makePageScript(places);
    await bundle(root);
    await makePackage(root);
  }
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(userErrorLines(error, languageOf(process.env)).join('\n'));
  process.exitCode = 2;
}
