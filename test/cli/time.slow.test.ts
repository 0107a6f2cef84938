/**
 * Every scenario by the real command in a process that believes another time (faketime): over midnight, into a leap day's end
 * and a new year, and with minutes between its steps, in which kept connections and the timers of Node and OpenSSL grow old.
 *
 * 1. No other program takes part: kubectl and etcd are not linked to the C library, and would believe the system's clock.
 * 2. The clock runs a few times faster, so that half a minute of talk is some seconds. A machine that is busy has less time for
 *    each handshake then: so many at once, and steps that may take long.
 */
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import type { ExecutionContext } from 'ava';
import { atMost } from '../helpers/in-turn.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import type { ProgramResult } from '../helpers/peer.ts';
import { mainFile, scenarioNames, wirelabEnvironment } from '../helpers/wirelab.ts';

const root = resolve(import.meta.dirname, '../../..');
const inTurn = atMost(8);
const few = atMost(3);

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-time-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a run comes to: its exit code, and the lines of its verdict that are not as they should be. */
async function run(folder: string, name: string, time: string, pace: string): Promise<string> {
  const scenario = join(folder, name);
  cpSync(join(root, 'scenarios', name), scenario, { recursive: true });
  if (!/^stepTimeoutMs/m.test(readFileSync(join(scenario, 'scenario.yaml'), 'utf8')))
    appendFileSync(join(scenario, 'scenario.yaml'), '\nstepTimeoutMs: 600000\n');
  const faketime =
    (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((one) => join(one, 'faketime'))
      .find((path) => existsSync(path)) ?? 'faketime';
  const attempt = async (): Promise<ProgramResult> =>
    runProgram(
      faketime,
      ['-f', time, process.execPath, mainFile, 'run', scenario, '--no-tui', '--lang', 'en', '--pace', pace],
      {
        env: wirelabEnvironment({
          PATH: folder,
          WIRELAB_CERTS: join(folder, 'certs'),
          NODE_V8_COVERAGE: undefined,
        }),
        timeout: 15 * 60_000,
      },
    );
  let result = await attempt();
  // It names what it shares by the number of its process, and one that was killed has left it behind.
  for (let tries = 1; tries < 5 && /sem_open: File exists/.test(result.stderr); tries++)
    result = await attempt();
  const { exitCode, stdout, stderr } = result;
  const wrong = stdout.split('\n').filter((line) => /NOT TRUE|NOT OBSERVED|proves nothing/.test(line));
  return [`exit ${exitCode}`, ...(exitCode === 0 ? [] : [...wrong, ...stderr.split('\n').slice(0, 4)])].join(
    '\n',
  );
}

const moments = {
  'over midnight': '@2027-03-13 23:59:58 x2',
  'out of a leap day': '@2028-02-29 23:59:58 x2',
  'into a new year': '@2026-12-31 23:59:58 x2',
} as const;

for (const name of scenarioNames) {
  for (const [moment, time] of Object.entries(moments)) {
    withPeer('faketime', `${name} passes ${moment}`, async (t) => {
      t.is(await few(async () => run(folderOf(t), name, time, 'auto')), 'exit 0');
    });
  }
  withPeer(
    'faketime',
    `${name} passes with half a minute of talk at each stop, by the clocks of Node and OpenSSL too`,
    async (t) => {
      t.is(await inTurn(async () => run(folderOf(t), name, '+0 x6', '33000')), 'exit 0');
    },
  );
  withPeer('faketime', `${name} passes with certificates that were made forty days ago`, async (t) => {
    const folder = folderOf(t);
    t.is(await few(async () => run(folder, name, '+0 x1', 'auto')), 'exit 0');
    t.is(await few(async () => run(folder, name, '+40d x1', 'auto')), 'exit 0');
  });
}
