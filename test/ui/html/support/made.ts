/** Pages as commands write them, in a browser: of scenarios, a diagnosis, a proxy, a lab. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { chromiumFor } from '../../../helpers/chromium.ts';
import type { Page } from '../../../helpers/chromium.ts';
import { doorOf, knock } from '../../../helpers/door.ts';
import { start } from '../../../helpers/running.ts';
import { askWirelab } from '../../../helpers/wirelab.ts';

/** Writes a page to a path. */
export type Making = (t: ExecutionContext, path: string) => Promise<void>;

export const ofScenario =
  (name: string): Making =>
  async (_t, path) =>
    void (await askWirelab(['run', name, '--no-tui', '--html', path]));

/** How the pages of other commands are made. */
export const made: Readonly<
  Record<'a diagnosis' | 'a proxy' | 'a lab' | 'many wires' | 'a capture' | 'a replay', Making>
> = {
  'a diagnosis': async (t, path) => {
    const port = await site(t);
    await askWirelab(['why', `localhost:${port}`, '--html', path]);
  },
  'a proxy': async (t, path) => {
    const words = ['proxy', '--mode', 'plaintext', '--listen', '127.0.0.1:0', '--http', '--no-tui'];
    const proxy = start(t, [...words, '--target', `127.0.0.1:${await site(t)}`, '--html', path]);
    const [, port = ''] =
      /listening on 127\.0\.0\.1:(\d+)/.exec(await proxy.until(/listening on .*\d;/)) ?? [];
    await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text();
    await proxy.until(/A #0 closed/);
    proxy.child.kill('SIGINT');
    await proxy.exit;
  },
  'a lab': async (t, path) => {
    const folder = join(dirname(path), 'lab');
    const lab = start(t, ['lab', 'find-the-password', '--folder', folder, '--lang', 'en', '--html', path]);
    await lab.until(/Wire A is live/);
    await knock(doorOf(folder, 'alice'));
    await lab.until(/B #\d+ closed/);
    lab.child.kill('SIGINT');
    await lab.exit;
  },
  'many wires': ofScenario('k8s-pod'),
  'a capture': async (_t, path) => {
    const capture = `${path}.pcapng`;
    await askWirelab(['run', 'client-refusals', '--no-tui', '-w', capture]);
    await askWirelab(['inspect', capture, '--html', path]);
  },
  'a replay': async (_t, path) => {
    const bundle = `${path}.wirelab`;
    await askWirelab(['run', 'tls', '--no-tui', '--save', bundle]);
    await askWirelab(['replay', bundle, '--no-tui', '--html', path]);
  },
};

/** It welcomes everybody. */
export async function site(t: ExecutionContext): Promise<number> {
  const server = createServer((_request, response) => response.end('welcome')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** The page as a file, which goes with the test. */
export async function madeFile(t: ExecutionContext, making: Making): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-page-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'page.html');
  await making(t, path);
  return path;
}

/** The page in Chromium, with light colours and without motion. */
export async function openedBy(t: ExecutionContext, making: Making, width = 1280): Promise<Page> {
  const path = await madeFile(t, making);
  const page = await (await chromiumFor(t)).newPage();
  await page.resize(width, 900);
  await page.prefer({ 'prefers-color-scheme': 'light', 'prefers-reduced-motion': 'reduce' });
  await page.open(path);
  await page.until(`document.querySelector('[data-explorer=ready]')`);
  return page;
}
