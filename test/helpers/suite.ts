/**
 * What `make test` runs: lint, unused code, then every test under coverage. It shows each part's own output and ends
 * with one line that counts tests (`N passed, N failed`), each failed part counting as one failure more.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';

const bin = (name: string): string => `node_modules/.bin/${name}`;

interface Part {
  readonly title: string;
  readonly command: readonly [string, ...string[]];
}

const parts: readonly Part[] = [
  { title: 'lint', command: [bin('oxlint'), '--type-aware', 'src', 'test', ...(existsSync('bench') ? ['bench'] : [])] },
  { title: 'unused code', command: [bin('knip')] },
];

function run(command: readonly [string, ...string[]], capture: boolean): { status: number; output: string } {
  const [program, ...parameters] = command;
  const result = spawnSync(program, parameters, {
    stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status: result.status ?? 1, output: result.stdout ?? '' };
}

let failedParts = 0;
for (const { title, command } of parts) {
  const { status } = run(command, false);
  console.log(`${title}: ${status === 0 ? 'clean' : 'FAILED'}`);
  if (status !== 0) failedParts++;
}

rmSync('coverage', { recursive: true, force: true });
const { status, output } = run([bin('c8'), bin('ava'), '--tap'], true);
const points = output.split('\n').filter((line) => /^(not )?ok \d+/.test(line));
const failed = points.filter((line) => line.startsWith('not ok')).length;
const passed = points.length - failed;
const skipped = output.match(/SKIPPED, not installed: .*/g) ?? [];
if (status !== 0) console.log(output);
else console.log(output.slice(output.search(/^-+\|/m)).trimEnd());
for (const line of new Set(skipped)) console.log(line);
// A failing run without a failing test (a crash, coverage below its bar) must not count as green.
const unexplained = status !== 0 && failed === 0 ? 1 : 0;
console.log(`${passed} passed, ${failed + failedParts + unexplained} failed`);
process.exitCode = failed + failedParts + unexplained > 0 || passed === 0 ? 1 : 0;
