/**
 * The build's second half: scenarios and recipes become JSON that a warm start reads without a parser, and the JSON
 * Schemas for editors are written anew where they are asked for. Compiled files whose source is gone are removed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { languageOf } from '../i18n/language.ts';
import { Mistake } from '../i18n/mistake.ts';
import { parseRecipe } from '../pki/recipe-schema.ts';
import { compileScenario } from '../scenario/compile.ts';
import { scenarioJsonSchema } from '../scenario/schema.ts';
import { mistakeLines } from './mistake-text.ts';
import { findPlaces } from './places.ts';

const { root, data } = findPlaces(process.env);

function foldersIn(path: string): string[] {
  return existsSync(path) ? readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])) : [];
}

async function compileAll(): Promise<void> {
  const { parse } = await import('yaml');
  rmSync(data, { recursive: true, force: true });
  for (const kind of ['recipes', 'scenarios']) mkdirSync(join(data, kind), { recursive: true });
  const recipeFolder = join(root, 'certs', 'recipes');
  for (const file of readdirSync(recipeFolder).filter((name) => name.endsWith('.yaml'))) {
    const recipe = parseRecipe(parse(readFileSync(join(recipeFolder, file), 'utf8')), join('certs', 'recipes', file));
    writeFileSync(join(data, 'recipes', file.replace(/\.yaml$/, '.json')), JSON.stringify(recipe));
  }
  for (const name of foldersIn(join(root, 'scenarios'))) {
    const compiled = await compileScenario(join(root, 'scenarios', name), { recipeFolders: [recipeFolder], shownAs: join('scenarios', name) });
    writeFileSync(join(data, 'scenarios', `${name}.json`), JSON.stringify(compiled));
  }
}

/** What the compiler left behind of sources that are gone: a test that was deleted must not go on running. */
function removeOrphans(room: string): void {
  const built = join(root, 'dist', room);
  if (!existsSync(built)) return;
  for (const file of readdirSync(built, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.js') && !existsSync(join(root, room, file.replace(/\.js$/, '.ts')))) rmSync(join(built, file));
  }
}

/** What http-proxy loads and this program never reaches: loaded when somebody does. */
const seldom: Plugin = {
  name: 'seldom',
  setup(build) {
    build.onResolve({ filter: /^(https|follow-redirects)$/ }, ({ path, importer }) => (importer.includes('http-proxy') ? { path, namespace: 'seldom' } : undefined));
    build.onLoad({ filter: /.*/, namespace: 'seldom' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => require(${JSON.stringify(path)})[name] });`,
      resolveDir: join(root, 'node_modules', 'http-proxy'),
    }));
  },
};

/**
 * The program as one script for the launcher (start.ts), and the code that V8 makes of it in one run of the first
 * demonstration. A start then reads two files instead of a hundred and compiles almost nothing.
 */
async function bundle(): Promise<void> {
  const { build } = await import('esbuild');
  const folder = join(root, 'dist', 'bundle');
  const common = { bundle: true, format: 'cjs', platform: 'node', target: 'node20', logLevel: 'error', legalComments: 'none' } as const;
  // A script of node:vm cannot import; it can require, and every package that stays outside has a form for that.
  const supported = { 'dynamic-import': false };
  // A function of what the launcher gives it. Files are found from where the plain way in lies.
  const head = [
    '(function (require, __dirname) { const module = { exports: {} };',
    "const __main = require('node:url').pathToFileURL(require('node:path').join(__dirname, '../src/cli/main.js')).href;",
  ].join(' ');
  await Promise.all([
    build({ ...common, entryPoints: [join(root, 'dist/src/cli/start.js')], outfile: join(folder, 'start.cjs') }),
    build({
      ...common,
      entryPoints: [join(root, 'dist/src/cli/program.js')],
      outfile: join(folder, 'wirelab.cjs'),
      supported,
      plugins: [seldom],
      external: ['node-forge', 'yaml', 'zod'],
      charset: 'ascii',
      minifyWhitespace: true,
      minifySyntax: true,
      define: { 'import.meta.url': '__main' },
      banner: { js: head },
      footer: { js: 'return module.exports; })' },
    }),
  ]);
  const certificates = mkdtempSync(join(tmpdir(), 'wirelab-build-'));
  try {
    const env = { ...process.env, WIRELAB_KEEP_CODE: '1', WIRELAB_CERTS: certificates, SSLKEYLOGFILE: '' };
    spawnSync(process.execPath, [join(folder, 'start.cjs'), 'run', 'plaintext', '--no-tui'], { env, stdio: 'ignore' });
  } finally {
    rmSync(certificates, { recursive: true, force: true });
  }
}

try {
  if (process.argv.includes('--schemas')) {
    writeFileSync(join(root, 'schemas', 'scenario.schema.json'), `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
  } else {
    for (const room of ['src', 'test', 'bench']) removeOrphans(room);
    await compileAll();
    await bundle();
  }
} catch (error) {
  if (!(error instanceof Mistake)) throw error;
  console.error(mistakeLines(error, languageOf(process.env)).join('\n'));
  process.exitCode = 2;
}
