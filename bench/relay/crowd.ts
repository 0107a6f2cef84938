/** How a relay grows with the connections that are open at once: memory while they are held, processor time of opening them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { holdConnections, startLoadServer } from '../generator.ts';
import type { Plot } from '../plot.ts';
import { cpuSeconds, residentMegabytes } from '../processes.ts';
import type { Section } from '../section.ts';
import { start } from './contestant.ts';
import { baseline, contestants, ours } from './contestants.ts';
import { sslsplit } from './peers.ts';
import type { Reported } from './tally.ts';

const counts = [1, 10, 100, 1000, 5000] as const;
const watched = new Set([ours, baseline, 'haproxy', sslsplit]);

interface Crowd {
  readonly name: string;
  readonly open: number;
  /** Resident while all are open. */
  readonly megabytes: number;
  /** Processor seconds of opening them, and a round trip on each. */
  readonly cpu: number;
  readonly seconds: number;
}

export async function benchCrowd(note: (text: string) => void): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'));
  const server = await startLoadServer();
  const crowds: Crowd[] = [];
  /** What could not be measured, of whomever; of wirelab that is a failure. */
  const missing: { readonly role: string; readonly text: string }[] = [];
  try {
    for (const contestant of contestants) {
      if (!watched.has(contestant.name)) continue;
      for (const count of counts) {
        const running = await start(contestant, {
          configuration: 'tcp',
          target: server.port,
          pki: folder,
          folder,
        });
        if (typeof running === 'string') {
          missing.push({ role: contestant.role, text: `${contestant.name}: ${running}` });
          break;
        }
        try {
          const before = cpuSeconds(running.pid);
          const { figures, release } = await holdConnections(running.port, { count });
          crowds.push({
            name: contestant.name,
            open: count,
            megabytes: residentMegabytes(running.pid, 'VmRSS'),
            cpu: cpuSeconds(running.pid) - before,
            seconds: figures.seconds,
          });
          await release();
          if (contestant.counted !== undefined && !(await endsReported(running.reported, count)))
            missing.push({
              role: contestant.role,
              text: `${contestant.name}: not all of ${count} connections were reported`,
            });
        } catch (error) {
          const text = `${contestant.name}, ${count} connections: ${String(error)}`;
          missing.push({ role: contestant.role, text });
          note(text);
        } finally {
          await running.stop();
        }
      }
    }
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const plot = (name: string, title: string, label: string, of: (one: Crowd) => number): Plot => ({
    name,
    title,
    x: { label: 'connections open at once', isLogarithmic: true },
    y: { label, isLogarithmic: true },
    lines: [...watched].map((who) => ({
      label: who,
      points: crowds
        .filter((crowd) => crowd.name === who)
        .map((crowd): [number, number] => [crowd.open, of(crowd)]),
    })),
  });
  return {
    lines: missing.map(({ text }) => `- ${text}`),
    data: { crowds, failures: missing.map(({ text }) => text) },
    failures: missing.filter(({ role }) => role === 'ours').map(({ text }) => text),
    plots: [
      plot(
        'crowd-memory',
        'A relay with many connections open: memory',
        'MB resident',
        (one) => one.megabytes,
      ),
      plot(
        'crowd-cpu',
        'A relay with many connections open: processor time',
        'CPU seconds',
        ({ cpu }) => cpu,
      ),
    ],
  };
}

async function endsReported(reported: () => Promise<Reported>, count: number): Promise<boolean> {
  let { ended } = await reported();
  const from = performance.now();
  while (ended < count && performance.now() - from < 10_000) {
    await pause(20);
    ({ ended } = await reported());
  }
  return ended === count;
}
