/**
 * Demonstrations as whole processes, from their start to their verdict, against `node -e 0`, in turn: by the launcher of a
 * checkout, and by the command that npm installs.
 */
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { observe, wallMilliseconds } from './commands.ts';
import { markdownTable, median, medianRatio, spread } from './figures.ts';
import { asked } from './section.ts';
import type { Section } from './section.ts';

const rounds = 11;
const limits = { plaintext: 1.7, tls: 2.5, mtls: 3.5 } as const;

export async function benchStartup(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'));
  try {
    // npm installs a link to the file that package.json names.
    const installed = join(folder, 'wirelab');
    const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: { wirelab: string } };
    symlinkSync(resolve(bin.wirelab), installed);
    const subjects = [
      { name: '`node -e 0`', words: ['node', '-e', '0'], limit: undefined },
      ...Object.entries(limits).flatMap(([scenario, limit]) => [
        { name: `\`./wirelab run ${scenario}\``, words: ['./wirelab', 'run', scenario, '--no-tui'], limit },
        { name: `the same, npm's bin`, words: ['node', installed, 'run', scenario, '--no-tui'], limit },
      ]),
    ];
    const times = subjects.map((): number[] => []);
    for (let round = -1; round < rounds; round++)
      for (const [at, { words }] of subjects.entries()) {
        const spent = wallMilliseconds(words);
        if (round >= 0) times[at]?.push(spent);
      }
    const rows: string[][] = [];
    for (const [at, { name, words, limit }] of subjects.entries()) {
      const own = times[at] ?? [];
      const ratio = medianRatio(own, times[0] ?? []);
      const { megabytes } = await observe(words);
      rows.push([
        name,
        `${median(own).toFixed(0)} ±${spread(own).toFixed(0)}%`,
        ratio.toFixed(2),
        megabytes.toFixed(0),
        limit === undefined ? '' : asked({ atMost: limit }, ratio),
      ]);
    }
    return {
      lines: [
        '## From the command to its verdict',
        '',
        `Certificates ready; ${rounds} interleaved rounds; whole processes, as lines.`,
        '',
        ...markdownTable([
          [
            'command',
            'wall ms: median, spread',
            'ratio to `node -e 0`',
            'peak resident MB',
            'asked of wirelab',
          ],
          ...rows,
        ]),
      ],
      data: subjects.map(({ name, words: [, , ...rest] }, at) => ({ name, rest, milliseconds: times[at] })),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
