/**
 * Bundles the program into two scripts for the launcher (start.ts), with V8's compiled code beside each. The first
 * script holds what the first demonstration needs; the second holds the rest and is read on first use. So a start reads
 * two small files instead of a hundred, compiles almost nothing, and does not get slower as the program grows.
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

/** Modules that http-proxy imports and this program never uses: loaded on first access. */
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

/** Modules of the program by name, each as the body of a function of `require`, `module` and `exports`. */
type Pieces = ReadonlyMap<string, string>;

const renamed = (names: string): string => names.replaceAll(' as ', ': ');

/**
 * A module without its static imports and exports. Imports are bound once, by name; esbuild's own form reads them
 * through a getter at each use and copies Node's modules, which costs 2 ms per start. Therefore no export may be
 * reassigned later, and imports must not form a cycle.
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

/** The modules that each module imports statically. */
function refuseCircles(codes: ReadonlyMap<string, string>): void {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) throw new Error(`import cycle in the bundle: ${[...path, name].join(' → ')}`);
    if (done.has(name)) return;
    for (const [, next = ''] of (codes.get(name) ?? '').matchAll(/^import [^;]*"\.\/([^"]+)";$/gm))
      visit(next, [...path, name]);
    done.add(name);
  };
  for (const name of codes.keys()) visit(name, []);
}

/** The launcher reads a byte as a character. esbuild escapes strings, but leaves regular expressions as they are. */
const inAscii = (code: string): string =>
  code.replaceAll(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

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
    // Paths are resolved from the regular entry point's location.
    define: { 'import.meta.dirname': '__folder', 'import.meta.filename': '__file' },
  });
  refuseCircles(new Map(outputFiles.map(({ path, text }) => [basename(path), text])));
  return new Map(
    await Promise.all(
      outputFiles.map(async ({ path, text }): Promise<[string, string]> => {
        // A node:vm script cannot import but can require, and every package that stays outside the bundle supports
        // that.
        const { code } = await transform(withoutModules(text), {
          ...common,
          format: 'cjs',
          supported: { 'dynamic-import': false },
          minifyWhitespace: true,
          minifySyntax: true,
        });
        return [basename(path), inAscii(code)];
      }),
    ),
  );
}

/** A script whose value is a function of its folder; the function returns the modules by name. */
function scriptOf(pieces: Pieces): string {
  const bodies = [...pieces].map(
    ([name, code]) => `${JSON.stringify(`./${name}`)}(require, module, exports) {${code}}`,
  );
  const places =
    "const __folder = require('node:path').join(__dirname, '../src/cli'), __file = __folder + '/main.js';";
  return `(function (require, __dirname) { ${places} return {\n${bodies.join(',\n')}\n}; })`;
}

/** Runs a demonstration through the launcher's script, as a user would, with its own certificates. */
function run(
  root: string,
  scenario: string,
  variables: NodeJS.ProcessEnv,
  also?: (folder: string) => readonly string[],
): void {
  const certificates = mkdtempSync(join(tmpdir(), 'wirelab-build-'));
  try {
    const env = {
      ...process.env,
      ...variables,
      ...(also ? { WIRELAB_ALSO_RUN: JSON.stringify(also(certificates)) } : {}),
      WIRELAB_CERTS: certificates,
      SSLKEYLOGFILE: '',
    };
    const { status } = spawnSync(
      process.execPath,
      [join(root, 'dist', 'bundle', 'start.cjs'), 'run', scenario, '--no-tui'],
      { env, stdio: 'ignore', timeout: 60_000 },
    );
    if (status !== 0) throw new Error(`the build ran ${scenario} and it exited with ${status}`);
  } finally {
    rmSync(certificates, { recursive: true, force: true });
  }
}

/** Writes the launcher's scripts for the program compiled under `root`/dist. */
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
  // A whole run makes V8 compile what a run needs. The code for TLS is taken from a run that uses TLS, and from a cluster's
  // certificates.
  run(root, 'mtls', { WIRELAB_KEEP_CODE: 'rest' }, (folder) => [
    'kube',
    'pki',
    '--out',
    join(folder, 'kubernetes'),
  ]);
  run(root, 'plaintext', { WIRELAB_KEEP_CODE: 'first' });
}
