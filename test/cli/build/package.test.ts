/**
 * What the package carries: everything that the program needs away from its checkout, and nothing else.
 */
import test from 'ava';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runProgram } from '../../helpers/peer.ts';

const root = resolve(import.meta.dirname, '../../../..');

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

test('the package holds the program, the compiled scenarios and the schemas, and no test, map, picture or build step', async (t) => {
  // npm wants a cache even for this, and HOME may be read-only.
  const cache = mkdtempSync(join(tmpdir(), 'wirelab-npm-'));
  t.teardown(() => rmSync(cache, { recursive: true, force: true }));
  const env = { ...process.env, npm_config_cache: cache };
  const { exitCode, stdout, stderr } = await runProgram(
    'npm',
    ['pack', '--dry-run', '--json', '--ignore-scripts'],
    { cwd: root, env },
  );
  t.is(exitCode, 0, stderr);
  const [packed] = JSON.parse(stdout) as Packed[];
  const paths = packed?.files.map(({ path }) => path) ?? [];
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
  };
  const scenarios = readdirSync(join(root, 'scenarios'));
  t.true(scenarios.length >= 3);
  const needed = [
    ...Object.values(bin),
    'dist/package/first.cjs',
    'dist/package/rest.cjs',
    'dist/package/cluster.cjs',
    'dist/package/data/page.js',
    'dist/package/wirelab.1',
    'package.json',
    'LICENSE',
    'README.md',
    'schemas/scenario.schema.json',
    'certs/recipes/workshop.yaml',
    ...scenarios.map((name) => `dist/package/data/scenarios/${name}.json`),
  ];
  t.deepEqual(
    needed.filter((path) => !paths.includes(path)),
    [],
  );
  const expected =
    /^(?:package\.json|LICENSE|README\.md|schemas\/[\w.-]+\.json|dist\/package\/data\/(?:scenarios|recipes|labs)\/[\w.-]+\.json|dist\/package\/data\/page\.js|certs\/recipes\/[\w.-]+\.yaml|deploy\/[\w/.-]+\.yaml|examples\/[\w/.-]+\.(?:md|yaml)|dist\/package\/(?:start|first|rest|cluster)\.cjs|dist\/package\/wirelab\.1)$/;
  t.deepEqual(
    paths.filter((path) => !expected.test(path)),
    [],
  );
});

test('what is installed calls itself by the name under which it is installed', async (t) => {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    bin: { wirelab: string };
  };
  const { stdout, exitCode, stderr } = await runProgram('node', [join(root, bin.wirelab), 'certs', '--help']);
  t.is(exitCode, 0, stderr);
  t.regex(stdout, /Usage: wirelab certs/);
  t.notRegex(stdout, /\.\/wirelab/);
  const texts = readdirSync(join(root, 'dist/package'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.(?:cjs|json|1)$/.test(file),
  );
  t.true(texts.length > 10);
  for (const file of texts)
    t.notRegex(readFileSync(join(root, 'dist/package', file), 'utf8'), /(?<![\w/.])\.\/wirelab\b/, file);
});
