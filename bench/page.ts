/**
 * Runs and a capture as pages: what `--html` adds to a command, how large the page is, and how soon Chromium paints it. The
 * commands in turn, with the option and without; each page in a tab of its own.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumFor } from '../test/helpers/chromium.ts';
import type { Chromium } from '../test/helpers/chromium.ts';
import { wallMilliseconds } from './commands.ts';
import { markdownTable, median } from './figures.ts';
import { cutCapture, recordTls } from './inspect/mixed-capture.ts';
import { asked } from './section.ts';
import type { Section } from './section.ts';

const rounds = 5;
const megabyte = 1e6;
/** At most: it is cut there. */
const captureBytes = 10 * megabyte;
/** Of handshakes: all of them are 70 MB. */
const kinds = 60;
const limits = { addedMilliseconds: 1000, paintMilliseconds: 300, captureMegabytes: 15 } as const;

interface Subject {
  readonly name: string;
  readonly words: readonly string[];
  /** Of the page, in MB; undefined where nothing was asked. */
  readonly limit?: number;
}

interface Figures {
  readonly without: readonly number[];
  readonly added: readonly number[];
  readonly megabytes: number;
  /** Milliseconds from the beginning of the navigation. */
  readonly paints: readonly number[];
  /** Until every pane of the explorer is there. */
  readonly ready: readonly number[];
}

export async function benchPage(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'));
  const ends: (() => unknown)[] = [];
  try {
    const capture = join(folder, 'tls.pcapng');
    const connections = await recordTls(capture, captureBytes, kinds);
    cutCapture(capture, captureBytes);
    const subjects: readonly Subject[] = [
      ...['plaintext', 'mtls', 'key-exchange'].map((scenario) => ({
        name: `\`run ${scenario}\``,
        words: ['./wirelab', 'run', scenario, '--no-tui'],
        ...(scenario === 'mtls' ? { limit: 1 } : {}),
      })),
      {
        name: `\`inspect\`, ${(statSync(capture).size / megabyte).toFixed(1)} MB`,
        words: ['./wirelab', 'inspect', capture],
        limit: limits.captureMegabytes,
      },
    ];
    const chromium = await chromiumFor({ teardown: (end) => void ends.push(end) });
    const all: (readonly [Subject, Figures])[] = [];
    for (const [at, subject] of subjects.entries())
      all.push([subject, await figuresOf(subject, chromium, join(folder, `${at}.html`))]);
    return {
      lines: [
        '## A page',
        '',
        ...markdownTable([
          [
            'command',
            'without, ms',
            '`--html` adds, ms',
            'page, MB',
            'first paint, ms',
            'explorer ready, ms',
          ],
          ...all.map(([{ name }, { without, added, megabytes, paints, ready }]) => [
            name,
            median(without).toFixed(0),
            median(added).toFixed(0),
            megabytes.toFixed(2),
            median(paints).toFixed(0),
            median(ready).toFixed(0),
          ]),
        ]),
        '',
        `Medians of ${rounds} rounds; whole processes, with the option and without in turn; a run as lines, a capture of ${connections} connections, cut, (${kinds} kinds of handshakes) as a report. Paint and explorer in a new tab of Chromium, from the beginning of the navigation.`,
        '',
        `- added to a command, in ms, ${asked({ atMost: limits.addedMilliseconds }, mostOf(all, 'added'))}`,
        `- first paint, in ms, ${asked({ atMost: limits.paintMilliseconds }, mostOf(all, 'paints'))}`,
        ...all.flatMap(([{ name, limit }, { megabytes }]) =>
          limit === undefined ? [] : [`- the page of ${name}, in MB, ${asked({ atMost: limit }, megabytes)}`],
        ),
      ],
      data: all.map(([{ name }, figures]) => ({ name, ...figures })),
    };
  } finally {
    for (const end of ends) await end();
    rmSync(folder, { recursive: true, force: true });
  }
}

const mostOf = (all: readonly (readonly [Subject, Figures])[], what: 'added' | 'paints'): number =>
  Math.max(...all.map(([, figures]) => median(figures[what])));

async function figuresOf({ words }: Subject, chromium: Chromium, path: string): Promise<Figures> {
  const without: number[] = [];
  const added: number[] = [];
  const paints: number[] = [];
  const ready: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const before = wallMilliseconds(words);
    const after = wallMilliseconds([...words, '--html', path]);
    const seen = await seenIn(chromium, path);
    if (round < 0) continue;
    without.push(before);
    added.push(after - before);
    paints.push(seen.paint);
    ready.push(seen.ready);
  }
  return { without, added, megabytes: statSync(path).size / megabyte, paints, ready };
}

async function seenIn(
  chromium: Chromium,
  path: string,
): Promise<{ readonly paint: number; readonly ready: number }> {
  const page = await chromium.newPage();
  await page.open(path);
  await page.until(`document.querySelector('[data-explorer=ready]')`);
  const ready = await page.value<number>('performance.now()');
  const first = `performance.getEntriesByName('first-contentful-paint')[0]?.startTime`;
  await page.until(`${first} !== undefined`);
  const paint = await page.value<number>(first);
  await page.send('Page.close');
  return { paint, ready };
}
