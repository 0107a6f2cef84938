/**
 * `view` of a capture of very many connections: how long until Chromium has drawn the list, from the start of the command, how
 * long until it is sorted by what only reading every connection shows, and what memory the server takes. Beside it what
 * `inspect` takes, which shares the log.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCapture } from '../../test/cli/inspect/view/captures.ts';
import { chromiumFor } from '../../test/helpers/chromium.ts';
import type { Chromium } from '../../test/helpers/chromium.ts';
import { observe } from '../commands.ts';
import { markdownTable } from '../figures.ts';
import { residentMegabytes } from '../processes.ts';
import { asked } from '../section.ts';
import type { Section } from '../section.ts';

const program = './wirelab';
const connections = 200_000;
const megabyte = 1e6;
const limits = { megabytes: 600 } as const;

interface Figures {
  readonly listed: number;
  readonly megabytes: number;
  /** After a connection was opened, and all were read. */
  readonly sorted: number;
  readonly megabytesAfter: number;
}

export async function benchView(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'));
  const ends: (() => unknown)[] = [];
  try {
    const path = join(folder, 'many.pcap');
    writeCapture(path, connections);
    const chromium = await chromiumFor({ teardown: (end) => void ends.push(end) });
    const viewed = await figuresOf(path, chromium);
    const text = await observe([program, 'inspect', path]);
    const json = await observe([program, 'inspect', path, '--json']);
    const size = (statSync(path).size / megabyte).toFixed(0);
    return {
      lines: [
        '## Opening a capture in the browser',
        '',
        ...markdownTable([
          ['command', 's', 'peak resident MB'],
          ['`view`: the list is drawn', viewed.listed.toFixed(1), viewed.megabytes.toFixed(0)],
          [
            '`view`: a connection opened, and the list sorted by name',
            viewed.sorted.toFixed(1),
            viewed.megabytesAfter.toFixed(0),
          ],
          ['`inspect FILE`', text.seconds.toFixed(1), text.megabytes.toFixed(0)],
          ['`inspect FILE --json`', json.seconds.toFixed(1), json.megabytes.toFixed(0)],
        ]),
        '',
        `A capture of ${connections} connections, ${size} MB, once. Seconds from the start of the command, for the sorted list from the key on; Chromium's own memory is not in it.`,
        '',
        `- memory of \`view\` when the list is drawn, in MB, ${asked({ atMost: limits.megabytes }, viewed.megabytes)}`,
      ],
      data: { viewed, text, json },
    };
  } finally {
    for (const end of ends) await end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function figuresOf(path: string, chromium: Chromium): Promise<Figures> {
  const started = performance.now();
  const since = (from: number): number => (performance.now() - from) / 1000;
  const child = spawn(program, ['view', path, '--no-open'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const memory = (): number => residentMegabytes(child.pid ?? 0);
  try {
    let printed = '';
    for await (const part of child.stdout.setEncoding('utf8')) {
      printed += String(part);
      if (printed.includes('\n')) break;
    }
    const page = await chromium.newPage();
    await page.visit(printed.trim());
    await page.until(`document.querySelector('#view-list .row .cells')`);
    const [listed, megabytes] = [since(started), memory()];
    await page.value(`document.querySelector('#view-list .list').focus()`);
    await page.press('End');
    await page.until(`document.querySelector('#conversation .opened')`);
    const pressed = performance.now();
    await page.click('#view-list .heads .name button');
    const text = `document.querySelector('#view-status').textContent`;
    while (!(await page.value<boolean>(`/by name/.test(${text}) && !/so far/.test(${text})`)))
      await page.value(`new Promise((resolve) => setTimeout(resolve, 50))`);
    return { listed, megabytes, sorted: since(pressed), megabytesAfter: memory() };
  } finally {
    child.kill('SIGINT');
    await once(child, 'exit');
  }
}
