/** How soon a refusal is shown: from the moment at which the client has the alert to the whole of it in the output. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { markdownTable, median } from '../figures.ts';
import { runLoad, startLoadServer } from '../generator.ts';
import { writeIdentities } from '../identities.ts';
import { asked } from '../section.ts';
import type { Section } from '../section.ts';
import { start } from './contestant.ts';
import type { Running } from './contestant.ts';
import { contestants } from './contestants.ts';

const refusals = 20;
const longest = 200;
const patience = 5000;

/** Milliseconds until each of some refusals, one after the other, was reported; a shorter list if one never was. */
async function delaysOf(running: Running, ca: string): Promise<number[]> {
  const delays: number[] = [];
  for (let at = 1; at <= refusals; at++) {
    await runLoad('refused', running.port, { ca, count: 1 });
    const from = performance.now();
    while ((await running.reported()).refused < at) {
      if (performance.now() - from > patience) return delays;
      await pause(1);
    }
    delays.push(performance.now() - from);
  }
  return delays;
}

export async function benchRefusals(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'));
  writeIdentities(folder);
  const server = await startLoadServer();
  const rows: string[][] = [];
  const data: Record<string, readonly number[]> = {};
  const failures: string[] = [];
  try {
    for (const contestant of contestants.filter(({ role }) => role === 'ours')) {
      const running = await start(contestant, {
        configuration: 'mtls',
        target: server.port,
        pki: folder,
        folder,
      });
      if (typeof running === 'string') {
        rows.push([contestant.name, `not there: ${running}`, '', '']);
        continue;
      }
      try {
        const delays = await delaysOf(running, join(folder, 'server-ca.crt'));
        data[contestant.name] = delays;
        if (delays.length < refusals)
          failures.push(`${contestant.name}: ${refusals - delays.length} refusals never came`);
        const most = delays.length === refusals ? Math.max(...delays) : Number.POSITIVE_INFINITY;
        rows.push([
          contestant.name,
          median(delays).toFixed(0),
          Number.isFinite(most) ? most.toFixed(0) : `${refusals - delays.length} never came`,
          asked({ atMost: longest }, most),
        ]);
      } finally {
        await running.stop();
      }
    }
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    lines: [
      '## A refusal until it is shown',
      '',
      `${refusals} clients without a certificate, one after the other: milliseconds from the client's alert to the card in the output, or on the screen the counter behind it.`,
      '',
      ...markdownTable([['who', 'median', 'longest', 'asked of wirelab'], ...rows]),
    ],
    data,
    failures,
  };
}
