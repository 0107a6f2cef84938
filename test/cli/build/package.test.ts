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
    'dist/bundle/first.cjs',
    'dist/bundle/rest.cjs',
    'package.json',
    'LICENSE',
    'README.md',
    'schemas/scenario.schema.json',
    'certs/recipes/workshop.yaml',
    ...scenarios.map((name) => `dist/data/scenarios/${name}.json`),
  ];
  t.deepEqual(
    needed.filter((path) => !paths.includes(path)),
    [],
  );
  const expected =
    /^(?:package\.json|LICENSE|README\.md|schemas\/[\w.-]+\.json|dist\/data\/(?:scenarios|recipes|labs)\/[\w.-]+\.json|certs\/recipes\/[\w.-]+\.yaml|dist\/bundle\/(?:start|first|rest)\.cjs)$/;
  t.deepEqual(
    paths.filter((path) => !expected.test(path)),
    [],
  );
});
