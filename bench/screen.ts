/**
 * The terminal UI: how long a frame and a turn of the event loop take over logs of a million events, what it costs the
 * relay when the screen looks on, and how often it draws. Everything measured runs in processes of its own.
 */
import { fork, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { markdownTable, median, medianRatio } from './figures.ts';
import { bulkBytes, cpuSeconds, freePort, startTarget, untilListening, upload } from './load.ts';
import { millions } from './million.ts';
import type { ScreenFigures, Stretch } from './screen-figures.ts';

const longestFrame = 50;
const leastRatio = 0.8;
const mostDraws = 20;
const rounds = 7;
const sizes = [
  ['80', '24'],
  ['200', '50'],
] as const;
const subject = (name: string): string => new URL(name, import.meta.url).pathname;
const reached = (is: boolean): string => (is ? 'reached' : 'not reached');

/** Undefined when it is not done in two minutes. */
async function look(log: string, size: readonly string[]): Promise<ScreenFigures | undefined> {
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--max-old-space-size=6000', subject('screen-subject.js'), log, ...size],
    { stdio: ['ignore', 'pipe', 'inherit'], timeout: 120_000 },
  );
  let text = '';
  for await (const part of child.stdout) text += String(part);
  return text === '' ? undefined : (JSON.parse(text) as ScreenFigures);
}

async function frames(): Promise<string[]> {
  const stretch = ({ spent, longest }: Stretch): string =>
    `${(spent / 1000).toFixed(2)} s, ${longest.toFixed(0)}: ${reached(longest <= longestFrame)}`;
  const rows: string[][] = [];
  for (const [name, { title }] of Object.entries(millions)) {
    for (const size of sizes) {
      const figures = await look(name, size);
      if (!figures) {
        rows.push([title, size.join('x'), 'not done in two minutes: not reached', '', '', '', '']);
        continue;
      }
      const { heapBefore, heapAfter, frames: times, first, found, missing } = figures;
      rows.push([
        title,
        size.join('x'),
        `${times.p50.toFixed(1)}, ${times.p99.toFixed(1)}, ${times.max.toFixed(1)}: ${reached(times.max <= longestFrame)}`,
        stretch(first),
        stretch(found),
        stretch(missing),
        `${heapBefore.toFixed(0)}, ${heapAfter.toFixed(0)}`,
      ]);
    }
  }
  return [
    `A frame is what a key costs: update, view, and blessed drawing into an output that forgets; 500 keys that scroll by rows, pages, to the ends and by bytes, change wires and layouts. ` +
      `First look and searches run under the real loop: the whole time, and the longest turn of the event loop in ms, garbage collections included. Bars: no frame and no turn over ${longestFrame} ms. Heap: MB in use with the log and its folds, and with what the screen keeps of it.`,
    '',
    ...markdownTable([
      [
        'log of a million events',
        'size',
        'frame ms: p50, p99, longest',
        'first look',
        'search, at the far end',
        'search, not there',
        'heap',
      ],
      ...rows,
    ]),
  ];
}

interface Onlooker {
  readonly name: string;
  readonly child: ChildProcess;
  readonly port: number;
  readonly bulk: number[];
  readonly cpu: number[];
}

async function drawsOf(child: ChildProcess): Promise<number> {
  child.send('draws');
  const [draws] = (await once(child, 'message')) as [number];
  return draws;
}

async function onlooking(): Promise<string[]> {
  const target = await startTarget();
  const targetPort = (target.address() as AddressInfo).port;
  const running: Onlooker[] = [];
  const drawsPerSecond: number[] = [];
  let idleDraws = 0;
  try {
    for (const [name, words] of [
      ['without', []],
      ['with', ['screen']],
    ] as const) {
      const port = await freePort();
      running.push({
        name,
        port,
        child: fork(subject('onlooker-subject.js'), [String(port), String(targetPort), ...words]),
        bulk: [],
        cpu: [],
      });
      await untilListening(port);
    }
    // The first upload of each is not counted: it compiles what the others run.
    for (let round = -1; round < rounds; round++) {
      for (const { name, child, port, bulk: speeds, cpu } of running) {
        const pid = child.pid ?? 0;
        const before = { cpu: cpuSeconds(pid), draws: await drawsOf(child), at: performance.now() };
        const speed = await upload(port);
        const seconds = (performance.now() - before.at) / 1000;
        if (round < 0) continue;
        speeds.push(speed);
        cpu.push((cpuSeconds(pid) - before.cpu) / (bulkBytes / 1e9));
        // One more is owed for what has changed last.
        if (name === 'with') drawsPerSecond.push(((await drawsOf(child)) - before.draws - 1) / seconds);
      }
    }
    const screen = running[1]?.child;
    if (screen) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const before = await drawsOf(screen);
      await new Promise((resolve) => setTimeout(resolve, 2000));
      idleDraws = (await drawsOf(screen)) - before;
    }
  } finally {
    for (const { child } of running) child.kill('SIGTERM');
    target.close();
  }
  const [without, beside] = running;
  const ratio = medianRatio(beside?.bulk ?? [], without?.bulk ?? []);
  const most = Math.max(...drawsPerSecond);
  const row = ({ name, bulk: speeds, cpu }: Onlooker): string[] => [
    `${name} the screen`,
    median(speeds).toFixed(0),
    median(cpu).toFixed(2),
  ];
  return [
    `${bulkBytes / 1024 / 1024} MiB upward through the plaintext relay, captured and judged; ${rounds} interleaved rounds.`,
    '',
    ...markdownTable([['relay', 'bulk MB/s', 'CPU s/GB'], ...running.map(row)]),
    '',
    `- with/without: ${ratio.toFixed(2)}; bar at least ${leastRatio}: ${reached(ratio >= leastRatio)}`,
    `- frames drawn a second while traffic flows: ${most.toFixed(1)} at most; bar ${mostDraws}: ${reached(most <= mostDraws)}`,
    `- frames drawn in two seconds in which nothing changes: ${idleDraws}; bar 0: ${reached(idleDraws === 0)}`,
  ];
}

export async function benchScreen(): Promise<string[]> {
  return ['## The terminal UI', '', ...(await onlooking()), '', ...(await frames())];
}
