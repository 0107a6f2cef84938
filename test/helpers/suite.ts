/**
 * What `make test` runs: every test that is not slow, with lint and unused code beside it. --coverage measures coverage as
 * well (which costs a sixth of the time), --tests-only leaves lint out, --fast runs only the tests that cost little and start
 * no program, --slow those that `make test` leaves out. It prints what failed, tries it once more alone, names the peers that
 * were absent, and ends with one line that counts tests: `N passed, N failed`, and `, N skipped` where some were. A failed
 * part (lint, coverage below its bar, a crash) counts as one failure more.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { writeGroups } from './groups.ts';
import { mostTriedAgain, patternOf, placeOf } from './second-try.ts';
import { closingLine, tallyOf } from './tally.ts';

const bin = (name: string): string => `node_modules/.bin/${name}`;

const parts: readonly (readonly [title: string, program: string, ...parameters: string[]])[] = [
  ['format', bin('biome'), 'format'],
  ['lint', bin('oxlint'), '--type-aware', 'src', 'test', 'bench'],
  ['unused code', bin('knip')],
  ['size', process.execPath, 'dist/bench/code-size.js', '--check'],
];

const isSlow = process.argv.includes('--slow');
const isFast = process.argv.includes('--fast');
const isMeasured = process.argv.includes('--coverage');
const testsOnly = isSlow || isFast || process.argv.includes('--tests-only');
if (isSlow) process.env['WIRELAB_SLOW'] = '1';
else {
  process.env['WIRELAB_GROUPS'] = '1';
  writeGroups(isFast);
}
interface Run {
  readonly status: number;
  readonly output: string;
  readonly complaints: string;
}

/** Runs a script to its end and hands back what it printed; what it says on standard error is shown at once as well. */
async function runScript(
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Run> {
  const child = spawn(process.execPath, parameters, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
  });
  let output = '';
  let complaints = '';
  let points = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (!process.stdout.isTTY) return;
    points += text.match(/^(?:not )?ok \d/gm)?.length ?? 0;
    process.stdout.write(`\rtests: ${points}\r`);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
    process.stderr.write(text);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { status: code ?? 1, output, complaints };
}

/** Runs the parts one after another, beside the tests, and hands back how many failed. */
async function checkParts(): Promise<number> {
  let failed = 0;
  for (const [title, program, ...parameters] of testsOnly ? [] : parts) {
    const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) console.log(output);
    console.log(`${title}: ${code === 0 ? 'clean' : 'FAILED'}`);
    if (code !== 0) failed++;
  }
  return failed;
}

if (isMeasured) rmSync('coverage', { recursive: true, force: true });
const checking = checkParts();
const tests = await runScript(isMeasured ? [bin('c8'), bin('ava'), '--tap'] : [bin('ava'), '--tap']);
let failedParts = await checking;
const tally = tallyOf(tests.output);
for (const failure of tally.failures) console.log(failure);

/** How many of the failed tests pass alone, when nothing else runs; each is named. */
async function tryAgain(): Promise<number> {
  if (tally.failures.length > mostTriedAgain) return 0;
  let passed = 0;
  for (const failure of tally.failures) {
    const place = placeOf(failure, 'dist/test');
    if (!place) continue;
    // Alone means in a process of its own as well.
    const { WIRELAB_GROUPS: _, ...environment } = process.env;
    const { status, output } = await runScript(
      [bin('ava'), '--tap', `--match=${patternOf(place.title)}`, place.file],
      environment,
    );
    const again = tallyOf(output);
    const isPassed = status === 0 && again.passed > 0 && again.failures.length === 0;
    if (isPassed) passed++;
    console.log(`${isPassed ? 'passed alone' : 'failed again'}: ${place.file}: ${place.title}`);
    for (const other of again.failures) console.log(other);
  }
  return passed;
}
const passedAlone = await tryAgain();

const coverage = /^=+ Coverage summary =+$[^]*?^=+$/m.exec(tests.output)?.[0];
// What falls below the bar that stands in .c8rc.json has been named on standard error.
const belowBar = /^ERROR: Coverage /m.test(tests.complaints);
if (coverage !== undefined) console.log(coverage);
if (coverage !== undefined && tally.failures.length === passedAlone)
  console.log(`coverage: ${belowBar ? 'FAILED' : 'above its bar'}`);
if (belowBar) failedParts++;

for (const [peer, count] of tally.absentPeers)
  console.log(`skipped, as ${peer} is not installed: ${count} ${count === 1 ? 'test' : 'tests'}`);
for (const title of tally.skippedOtherwise) console.log(`skipped: ${title}`);

// A failing run that nothing explains (a crash) must not count as green, nor one without tests.
const unexplained = tests.status !== 0 && tally.failures.length === 0 && !belowBar;
if (unexplained) console.log(tests.output);
const forbidden = process.env['WIRELAB_PEERS_REQUIRED'] ? tally.skipped : 0;
const failed =
  tally.failures.length - passedAlone + failedParts + (unexplained || tally.passed === 0 ? 1 : 0) + forbidden;
console.log(closingLine({ passed: tally.passed + passedAlone, failed, skipped: tally.skipped }));
process.exitCode = failed > 0 ? 1 : 0;
