/**
 * The plaintext demonstration as a whole process, from its start to its verdict, against `node -e 0`, in turn.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markdownTable, median, medianRatio } from './figures.ts';

const rounds = 21;

function wallMilliseconds(program: string, parameters: readonly string[]): number {
  const started = process.hrtime.bigint();
  const { status } = spawnSync(program, [...parameters], { stdio: 'ignore' });
  const spent = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')} ended with ${status}`);
  return spent;
}

/** Peak resident memory in MB, told by the process itself as it exits. */
function peakMegabytes(program: string, parameters: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'));
  try {
    const hook = join(folder, 'peak.cjs');
    const result = join(folder, 'peak');
    writeFileSync(
      hook,
      `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(result)}, String(process.resourceUsage().maxRSS)));`,
    );
    spawnSync(program, [...parameters], {
      stdio: 'ignore',
      env: { ...process.env, NODE_OPTIONS: `--require ${hook}` },
    });
    return Number(readFileSync(result, 'utf8')) / 1024;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function benchStartup(): string[] {
  const subjects: Readonly<Record<string, readonly [string, readonly string[]]>> = {
    'node -e 0': ['node', ['-e', '0']],
    './wirelab run plaintext --no-tui': ['./wirelab', ['run', 'plaintext', '--no-tui']],
    './wirelab run tls --no-tui': ['./wirelab', ['run', 'tls', '--no-tui']],
    './wirelab run mtls --no-tui': ['./wirelab', ['run', 'mtls', '--no-tui']],
  };
  const times = new Map(Object.keys(subjects).map((name) => [name, [] as number[]]));
  for (const [program, parameters] of Object.values(subjects)) wallMilliseconds(program, parameters);
  for (let round = 0; round < rounds; round++) {
    for (const [name, [program, parameters]] of Object.entries(subjects))
      times.get(name)?.push(wallMilliseconds(program, parameters));
  }
  const base = times.get('node -e 0') ?? [];
  const bars: Readonly<Record<string, { readonly ratio: number; readonly megabytes: number }>> = {
    './wirelab run plaintext --no-tui': { ratio: 1.8, megabytes: 100 },
  };
  const rows = Object.entries(subjects).map(([name, [program, parameters]]) => {
    const own = times.get(name) ?? [];
    const ratio = medianRatio(own, base);
    const megabytes = peakMegabytes(program, parameters);
    const bar = bars[name];
    const told = bar
      ? `at most ${bar.ratio}, ${bar.megabytes} MB: ${ratio <= bar.ratio && megabytes <= bar.megabytes ? 'reached' : 'not reached'}`
      : '';
    return [`\`${name}\``, median(own).toFixed(1), ratio.toFixed(2), megabytes.toFixed(0), told];
  });
  return [
    '## From the command to its verdict',
    '',
    `Certificates ready; ${rounds} interleaved rounds; whole processes.`,
    '',
    ...markdownTable([
      ['command', 'wall ms, median', 'ratio to `node -e 0`', 'peak resident MB', 'bar'],
      ...rows,
    ]),
  ];
}
