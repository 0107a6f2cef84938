/**
 * The program as scripts for the launcher (start.ts), with the code that V8 makes of them kept beside each. What the first
 * demonstration loads lies in one script, all the rest in another that is read when somebody first needs a piece of it: a
 * start reads two small files instead of a hundred, compiles almost nothing, and does not grow with the program.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { tmpdir } from 'node:os';
import type { BuildOptions, Plugin } from 'esbuild';

const common = {
  platform: 'node',
  target: 'node20',
  logLevel: 'error',
  legalComments: 'none',
  charset: 'ascii',
} as const satisfies BuildOptions;

/** What http-proxy loads and this program never reaches: loaded when somebody does. */
function seldom(root: string): Plugin {
  return {
    name: 'seldom',
    setup(build) {
      build.onResolve({ filter: /^(https|follow-redirects)$/ }, ({ path, importer }) =>
        importer.includes('http-proxy') ? { path, namespace: 'seldom' } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'seldom' }, ({ path }) => ({
        contents: `module.exports = new Proxy({}, { get: (_, name) => require(${JSON.stringify(path)})[name] });`,
        resolveDir: join(root, 'node_modules', 'http-proxy'),
      }));
    },
  };
}

/** Pieces of the program by name, each the body of a function of `require`, `module` and `exports`. */
type Pieces = ReadonlyMap<string, string>;

const renamed = (names: string): string => names.replaceAll(' as ', ': ');

/**
 * A piece without its static imports and exports. What is imported is taken once and by name, where esbuild's own form goes
 * through an accessor at each use and copies a module of Node's whole: 2 ms of a start. So nothing that is exported may be
 * assigned later, and no piece may stand in a circle.
 */
function withoutModules(code: string): string {
  return code
    .replaceAll(
      /^import (?:(\w+)|\* as (\w+)|\{([^}]*)\}) from ("(?:node:|\.\/)[^"]+");$/gm,
      (_, one: string | undefined, all: string | undefined, names: string | undefined, from: string) => {
        if (one !== undefined && from.startsWith('"./'))
          return `const { default: ${one} } = require(${from});`;
        return `const ${one ?? all ?? `{${renamed(names ?? '')}}`} = require(${from});`;
      },
    )
    .replaceAll(
      /^export default ([^;]+);$/gm,
      (_, own: string) => `exports.__esModule = true, exports.default = ${own};`,
    )
    .replaceAll(/^import ("\.\/[^"]+");$/gm, (_, from: string) => `require(${from});`)
    .replaceAll(/^export \{([^}]*)\};$/gm, (_, names: string) => {
      const pairs = names.split(',').map((name) => name.trim().split(' as '));
      return pairs.map(([own = '', name = own]) => `exports.${name} = ${own};`).join('\n');
    });
}

/** The pieces that each piece loads before it runs. */
function refuseCircles(codes: ReadonlyMap<string, string>): void {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name))
      throw new Error(`pieces of the bundle load each other: ${[...path, name].join(' → ')}`);
    if (done.has(name)) return;
    for (const [, next = ''] of (codes.get(name) ?? '').matchAll(/^import [^;]*"\.\/([^"]+)";$/gm))
      visit(next, [...path, name]);
    done.add(name);
  };
  for (const name of codes.keys()) visit(name, []);
}

async function piecesOf(root: string): Promise<Pieces> {
  const { build, transform } = await import('esbuild');
  const { outputFiles } = await build({
    ...common,
    bundle: true,
    format: 'esm',
    splitting: true,
    write: false,
    outdir: join(root, 'dist', 'bundle'),
    entryPoints: [join(root, 'dist', 'src', 'cli', 'program.js')],
    plugins: [seldom(root)],
    external: ['node-forge', 'yaml', 'zod'],
    // Files are found from where the plain way in lies.
    define: { 'import.meta.dirname': '__folder', 'import.meta.filename': '__file' },
  });
  refuseCircles(new Map(outputFiles.map(({ path, text }) => [basename(path), text])));
  return new Map(
    await Promise.all(
      outputFiles.map(async ({ path, text }): Promise<[string, string]> => {
        // A script of node:vm cannot import; it can require, and every package that stays outside has a form for that.
        const { code } = await transform(withoutModules(text), {
          ...common,
          format: 'cjs',
          supported: { 'dynamic-import': false },
          minifyWhitespace: true,
          minifySyntax: true,
        });
        return [basename(path), code];
      }),
    ),
  );
}

/** A script whose value is a function of the folder it lies in; that gives the pieces by name. */
function scriptOf(pieces: Pieces): string {
  const bodies = [...pieces].map(
    ([name, code]) => `${JSON.stringify(`./${name}`)}(require, module, exports) {${code}}`,
  );
  const places =
    "const __folder = require('node:path').join(__dirname, '../src/cli'), __file = __folder + '/main.js';";
  return `(function (require, __dirname) { ${places} return {\n${bodies.join(',\n')}\n}; })`;
}

/** Runs a demonstration through the launcher's script, as a user would, on certificates of its own. */
function run(root: string, scenario: string, variables: NodeJS.ProcessEnv): void {
  const certificates = mkdtempSync(join(tmpdir(), 'wirelab-build-'));
  try {
    const env = { ...process.env, ...variables, WIRELAB_CERTS: certificates, SSLKEYLOGFILE: '' };
    const { status } = spawnSync(
      process.execPath,
      [join(root, 'dist', 'bundle', 'start.cjs'), 'run', scenario, '--no-tui'],
      { env, stdio: 'ignore', timeout: 60_000 },
    );
    if (status !== 0) throw new Error(`the build's own run of ${scenario} ended with ${status}`);
  } finally {
    rmSync(certificates, { recursive: true, force: true });
  }
}

/** Writes the launcher's scripts of the program compiled under `root`/dist. */
export async function bundle(root: string): Promise<void> {
  const { build } = await import('esbuild');
  const folder = join(root, 'dist', 'bundle');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  await build({
    ...common,
    bundle: true,
    format: 'cjs',
    entryPoints: [join(root, 'dist', 'src', 'cli', 'start.js')],
    outfile: join(folder, 'start.cjs'),
  });
  const pieces = await piecesOf(root);
  const write = (first: (name: string) => boolean): void => {
    writeFileSync(join(folder, 'first.cjs'), scriptOf(new Map([...pieces].filter(([name]) => first(name)))));
    writeFileSync(join(folder, 'rest.cjs'), scriptOf(new Map([...pieces].filter(([name]) => !first(name)))));
  };

  write(() => true);
  const loadedFile = join(folder, 'loaded.json');
  run(root, 'plaintext', { WIRELAB_TELL_LOADED: loadedFile });
  const loaded = new Set(
    (JSON.parse(readFileSync(loadedFile, 'utf8')) as string[]).map((id) => basename(id)),
  );
  write((name) => loaded.has(name));
  // After a whole run V8 has compiled what a run needs. What TLS needs is kept from a run that needs it.
  run(root, 'mtls', { WIRELAB_KEEP_CODE: 'rest' });
  run(root, 'plaintext', { WIRELAB_KEEP_CODE: 'first' });
}
