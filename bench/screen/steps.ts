/**
 * The screen of a show as its viewer meets it: from the key of the next step to the last byte of its frame, how many bytes that
 * is, and what a screen costs that nothing happens on. The command that a user starts, in a pseudo-terminal (`script`).
 */
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { findPlaces, scenarioPlaces } from '../../src/cli/places.ts';
import { loadScenario } from '../../src/engine/load.ts';
import { plannedStops } from '../../src/engine/plan.ts';
import { planScenario } from '../../src/engine/planning.ts';
import { features } from '../../src/features/registry.ts';
import { markdownTable, median } from '../figures.ts';
import { cpuSeconds } from '../processes.ts';
import { asked } from '../section.ts';
import type { Section } from '../section.ts';

const shows = ['plaintext', 'tls', 'mtls', 'fake-site', 'key-exchange', 'metadata'] as const;
const longestStep = 150;
/** A frame is over when nothing was written for so long. */
const quiet = 300;
const longestWait = 15_000;
const idleSeconds = 5;

interface Figures {
  readonly steps: readonly number[];
  readonly bytes: readonly number[];
  readonly idle: number;
}

/** How long each stop waits on purpose, as a reader does who looks at a page: at its end the step is over, not in its pauses. */
async function waitsOf(name: string): Promise<readonly (readonly number[])[]> {
  const plan = planScenario(features, await loadScenario(name, scenarioPlaces(findPlaces(process.env))));
  return plannedStops(plan.steps).map(({ kind, step }) =>
    kind === 'reveal' ? (step?.visit?.lookAtMs ?? []) : [],
  );
}

async function watch(name: string, stops: number): Promise<Figures> {
  const waits = await waitsOf(name);
  const child = spawn(
    'script',
    ['-qfec', `stty cols 80 rows 24; exec ./wirelab run ${name} --no-motion`, '/dev/null'],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TERM: 'xterm-256color' } },
  );
  let last = performance.now();
  let bytes = 0;
  child.stdout.on('data', (part: Buffer) => {
    last = performance.now();
    bytes += part.length;
  });
  const settled = async (looks: readonly number[] = []): Promise<void> => {
    const from = performance.now();
    const still = quiet + Math.max(0, ...looks);
    while (performance.now() - last < still && performance.now() - from < longestWait) await pause(10);
  };
  await pause(500);
  await settled();
  const steps: number[] = [];
  const sizes: number[] = [];
  for (let stop = 0; stop < stops; stop++) {
    bytes = 0;
    const pressed = performance.now();
    last = pressed;
    child.stdin.write(' ');
    const looks = waits[stop + 1] ?? [];
    await settled(looks);
    steps.push(last - pressed - looks.reduce((sum, one) => sum + one, 0));
    sizes.push(bytes);
  }
  const before = cpuSeconds(child.pid ?? 0);
  await pause(idleSeconds * 1000);
  const idle = cpuSeconds(child.pid ?? 0) - before;
  child.stdin.write('Q');
  await new Promise((resolve) => child.once('close', resolve));
  return { steps, bytes: sizes, idle };
}

export async function benchSteps(): Promise<Section> {
  const rows: string[][] = [];
  const data: Record<string, Figures> = {};
  for (const name of shows) {
    const figures = await watch(name, name === 'plaintext' ? 5 : 7);
    data[name] = figures;
    const longest = Math.max(...figures.steps);
    rows.push([
      name,
      String(figures.steps.length),
      median(figures.steps).toFixed(0),
      `${longest.toFixed(0)}; ${asked({ atMost: longestStep }, longest)}`,
      `${median(figures.bytes).toFixed(0)}, ${Math.max(...figures.bytes)}`,
      (figures.idle / idleSeconds).toFixed(3),
    ]);
  }
  return {
    lines: [
      '## Steps of a show',
      '',
      ...markdownTable([
        ['show', 'steps', 'median, ms', 'longest, ms', 'bytes: median, most', 'idle, CPU-s a second'],
        ...rows,
      ]),
      '',
      `From the key of the next step to the last byte of its frame, on a terminal of 80x24 without motion, less the pauses of a reader in the step itself; bar: ${longestStep} ms. A slow line carries a step in as many seconds as it has kilobytes.`,
    ],
    data,
  };
}
