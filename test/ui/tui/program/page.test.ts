/** `--html` on the screen: the newest run that came to its verdict is a page when the screen is left, masked as the screen is. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { PageFile } from '../../../../src/cli/run/page/file.ts';
import { performed } from '../support/performed.ts';
import type { Performed } from '../support/performed.ts';

process.setMaxListeners(40);

async function shown(t: ExecutionContext): Promise<{ readonly screen: Performed; readonly page: PageFile }> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-page-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const page = new PageFile(join(folder, 'page.html'));
  return { screen: await performed(t, { page, columns: 100, rows: 40 }), page };
}

async function toTheEnd(t: ExecutionContext, { loop, press, until }: Performed): Promise<void> {
  const hasVerdict = (): boolean => loop.model.sessions['plaintext']?.scene.verdict !== undefined;
  for (let keys = 0; !hasVerdict(); keys++) {
    await press(' ');
    await until(() => loop.model.goal === undefined && loop.model.sessions['plaintext'] !== undefined);
    if (keys > 60) t.fail('it has no end');
  }
}

test('the page is there when the screen is left after the verdict', async (t) => {
  const { screen, page } = await shown(t);
  await toTheEnd(t, screen);
  t.false(page.isWritten);
  t.is(await screen.leave(), 0);
  t.true(page.isWritten);
  const text = readFileSync(page.path, 'utf8');
  t.regex(text, /PASSED/);
  t.true(text.includes('tiger-lily'));
});

test('secrets that are masked on the screen are masked in the page', async (t) => {
  const { screen, page } = await shown(t);
  await toTheEnd(t, screen);
  await screen.press('m');
  await screen.until(() => screen.loop.model.masked);
  await screen.leave();
  const text = readFileSync(page.path, 'utf8');
  t.false(text.includes('tiger-lily'));
  t.true(text.includes('Secrets are masked in this file.'));
});

test('left before the verdict, there is no page', async (t) => {
  const { screen, page } = await shown(t);
  await screen.press(' ');
  await screen.leave();
  t.false(page.isWritten);
  page.abandon();
  t.deepEqual(readdirSync(join(page.path, '..')), []);
});
