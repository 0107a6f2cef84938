/**
 * The terminal UI: how long a frame and a turn of the event loop take over logs of a million events, and how that grows from ten
 * events to ten million. Everything measured runs in processes of its own. What a relay costs with a screen is with the relays.
 */
import { spawn } from 'node:child_process';
import { markdownTable } from '../figures.ts';
import { millions } from './million.ts';
import type { ScreenFigures, Stretch } from './screen-figures.ts';
import type { Section } from '../section.ts';

const longestFrame = 50;
const sizes = [
  ['80', '24'],
  ['200', '50'],
] as const;
const subject = (name: string): string => new URL(name, import.meta.url).pathname;
const reached = (is: boolean): string => (is ? 'reached' : 'not reached');

/** Undefined when it is not done in 90 seconds. */
const longestLook = 90_000;

async function look(
  log: string,
  size: readonly string[],
  events = 1_000_000,
): Promise<ScreenFigures | undefined> {
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--max-old-space-size=12000', subject('screen-subject.js'), log, ...size, String(events)],
    { stdio: ['ignore', 'pipe', 'inherit'], timeout: longestLook },
  );
  let text = '';
  for await (const part of child.stdout) text += String(part);
  return text === '' ? undefined : (JSON.parse(text) as ScreenFigures);
}

async function frames(): Promise<Section> {
  const data: Record<string, ScreenFigures> = {};
  const stretch = ({ spent, longest }: Stretch): string =>
    `${(spent / 1000).toFixed(2)} s, ${longest.toFixed(0)}: ${reached(longest <= longestFrame)}`;
  const rows: string[][] = [];
  for (const [name, { title }] of Object.entries(millions)) {
    for (const size of sizes) {
      const figures = await look(name, size);
      if (!figures) {
        rows.push([title, size.join('x'), 'not done in 90 seconds: not reached', '', '', '', '']);
        continue;
      }
      data[`${name} ${size.join('x')}`] = figures;
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
  return {
    lines: [
      '## The terminal UI',
      '',
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
    ],
    data,
  };
}

const growing = [10, 1000, 100_000, 1_000_000, 10_000_000] as const;

/** Of one connection of opaque chunks: how long the first look and a search take, and what stays in memory. */
async function growth(): Promise<Section> {
  const points: { readonly events: number; readonly figures: ScreenFigures }[] = [];
  const missing: number[] = [];
  for (const events of growing) {
    const figures = await look('opaque', ['80', '24'], events);
    if (figures) points.push({ events: figures.events, figures });
    else missing.push(events);
  }
  const line = (
    label: string,
    of: (figures: ScreenFigures) => number,
  ): { readonly label: string; readonly points: [number, number][] } => ({
    label,
    points: points.map(({ events, figures }): [number, number] => [events, of(figures)]),
  });
  const x = { label: 'events of the log', isLogarithmic: true };
  return {
    lines: missing.map((events) => `A log of ${events} events was not done in 90 seconds.`),
    data: { points, missing },
    plots: [
      {
        name: 'log-milliseconds',
        title: 'A screen over a log: time',
        x,
        y: { label: 'milliseconds', isLogarithmic: true },
        lines: [
          line('first look', ({ first }) => first.spent),
          line('search, at the far end', ({ found }) => found.spent),
          line('longest frame', ({ frames: { max } }) => max),
        ],
      },
      {
        name: 'log-memory',
        title: 'A screen over a log: memory',
        x,
        y: { label: 'MB of heap in use', isLogarithmic: true },
        lines: [
          line('the log and its folds', ({ heapBefore }) => heapBefore),
          line('with the screen', ({ heapAfter }) => heapAfter),
        ],
      },
    ],
  };
}

export async function benchScreen(): Promise<Section> {
  const table = await frames();
  const grown = await growth();
  return {
    lines: [...table.lines, ...(grown.lines.length > 0 ? ['', ...grown.lines] : [])],
    data: { frames: table.data, growth: grown.data },
    plots: grown.plots ?? [],
  };
}
