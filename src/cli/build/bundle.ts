/**
 * Bundles the program into three scripts for the launcher (start.ts), with V8's compiled code beside each. The first
 * script holds what the first demonstration needs, the last what only a cluster does; the second holds the rest. Both are read
 * on first use. So a start reads a few small files instead of a hundred, compiles almost nothing, and does not get slower as the
 * program grows.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { constants, tmpdir } from 'node:os';
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

/** Folders of which only a cluster and its commands are made. */
const ofCluster = /^dist\/src\/(?:kube|cli\/kube|pki\/kubeadm)\//;

async function piecesOf(root: string): Promise<{ pieces: Pieces; cluster: ReadonlySet<string> }> {
  const { build, transform } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    ...common,
    bundle: true,
    metafile: true,
    absWorkingDir: root,
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
  // A piece without sources of its own only names others.
  const cluster = Object.entries(metafile.outputs).filter(([, { inputs }]) => {
    const sources = Object.keys(inputs);
    return sources.length > 0 && sources.every((path) => ofCluster.test(path));
  });
  const pieces = new Map(
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
  return { pieces, cluster: new Set(cluster.map(([path]) => basename(path))) };
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
async function run(
  root: string,
  scenario: string,
  variables: NodeJS.ProcessEnv,
  also?: (folder: string) => readonly (readonly string[])[],
): Promise<void> {
  const certificates = mkdtempSync(join(tmpdir(), 'wirelab-build-'));
  try {
    const env = {
      ...process.env,
      ...variables,
      ...(also ? { WIRELAB_ALSO_RUN: JSON.stringify(also(certificates)) } : {}),
      WIRELAB_CERTS: certificates,
      SSLKEYLOGFILE: '',
    };
    const child = spawn(
      process.execPath,
      [join(root, 'dist', 'bundle', 'start.cjs'), 'run', scenario, '--no-tui'],
      { env, stdio: ['ignore', 'pipe', 'ignore'], timeout: 60_000, killSignal: 'SIGKILL' },
    );
    // A cluster that is up says how it is asked, and ends when it is told to.
    let said = '';
    let isUp = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (isUp || !said.includes('kubectl --server=')) return;
      isUp = true;
      child.kill('SIGTERM');
    });
    const [status] = (await once(child, 'close')) as [number | null];
    if (status !== (isUp ? 128 + constants.signals.SIGTERM : 0))
      throw new Error(`the build ran ${scenario} and it exited with ${status}`);
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
  const { pieces, cluster } = await piecesOf(root);
  const write = (scriptFor: (name: string) => string): void => {
    for (const script of ['first', 'rest', 'cluster'])
      writeFileSync(
        join(folder, `${script}.cjs`),
        scriptOf(new Map([...pieces].filter(([name]) => scriptFor(name) === script))),
      );
  };

  write(() => 'first');
  const loadedFile = join(folder, 'loaded.json');
  await run(root, 'plaintext', { WIRELAB_TELL_LOADED: loadedFile });
  const loaded = new Set(
    (JSON.parse(readFileSync(loadedFile, 'utf8')) as string[]).map((id) => basename(id)),
  );
  write((name) => (loaded.has(name) ? 'first' : cluster.has(name) ? 'cluster' : 'rest'));
  // A whole run makes V8 compile what a run needs. The code for TLS is taken from a run that uses TLS; that of a cluster from
  // its certificates and its start.
  const pki = (certificates: string): string[] => ['kube', 'pki', '--out', join(certificates, 'kubernetes')];
  await run(root, 'mtls', { WIRELAB_KEEP_CODE: 'rest' }, (certificates) => [pki(certificates)]);
  await run(root, 'plaintext', { WIRELAB_KEEP_CODE: 'cluster' }, (certificates) => [
    pki(certificates),
    ['kube', 'up', '--out', join(certificates, 'kubernetes'), '--port', '0', '--no-tui'],
  ]);
  await run(root, 'plaintext', { WIRELAB_KEEP_CODE: 'first' });
}
