/** Pages that a running command serves, and one that was written from a saved run: each brought to where all of it is shown. */
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { captureOf, folderFor, viewing } from '../../../cli/inspect/view/support.ts';
import { start } from '../../../helpers/running.ts';
import { until } from '../../../helpers/until.ts';
import { askWirelab } from '../../../helpers/wirelab.ts';
import type { Making } from './made.ts';

/** What a browser does for all of them. */
export interface Browsing {
  visit(address: string, fragment?: string): Promise<void>;
  value<T>(expression: string): Promise<T>;
  until(expression: string): Promise<void>;
}

/** Opens a page. Resolves with the address below which it may ask for more. */
export type Serving = (t: ExecutionContext, page: Browsing) => Promise<string>;

const isExplored = `document.querySelector('#bytes [data-explorer=ready]')`;

async function opened(page: Browsing, url: string): Promise<string> {
  await page.visit(url, '#connection-1');
  await page.until(`document.querySelector('#conversation .opened')`);
  await page.until(`document.querySelector('#view-list .row .cells')`);
  await page.value(`document.querySelector('#bytes').scrollIntoView()`);
  await page.until(isExplored);
  return url;
}

async function savedRun(t: ExecutionContext, scenario: string): Promise<string> {
  const path = join(folderFor(t), 'run.wirelab');
  await askWirelab(['run', scenario, '--no-tui', '--save', path]);
  return path;
}

/** @param pace milliseconds from step to step; undefined for a run that does not wait */
async function shared(
  t: ExecutionContext,
  pace: number | undefined,
): Promise<ReturnType<typeof start>['child'] & { readonly url: string }> {
  const words = ['run', pace === undefined ? 'plaintext' : 'mtls', '--no-tui', '--share'];
  const { child } = start(t, pace === undefined ? words : [...words, '--pace', String(pace)]);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdout.resume();
  await until(() => /http:\S+\/\n/.test(said));
  return Object.assign(child, { url: /http:\S+/.exec(said)?.[0] ?? '' });
}

async function toBytes(page: Browsing): Promise<void> {
  await page.until(`document.querySelector('.rung a[href^="#bytes-at-"]')`);
  await page.value(`document.querySelector('.rung a[href^="#bytes-at-"]').click()`);
  await page.until(isExplored);
}

export const served: Readonly<Record<string, Serving>> = {
  'an opened capture, sorted': async (t, page) => {
    const { url } = await viewing(t, [captureOf(t, 300)]);
    await opened(page, url);
    await page.value(`document.querySelector('#view-list .heads .bytes button').click()`);
    await page.until(`document.querySelector('#view-list [aria-sort=descending]')`);
    return url;
  },
  'an opened run': async (t, page) => opened(page, (await viewing(t, [await savedRun(t, 'mtls')])).url),
  'a shared run that goes on': async (t, page) => {
    const { url } = await shared(t, 6000);
    await page.visit(url);
    await toBytes(page);
    return url;
  },
  'a shared run that has ended': async (t, page) => {
    const child = await shared(t, undefined);
    await page.visit(child.url);
    await page.until(`document.querySelector('main > .present')?.id === 'result'`);
    await toBytes(page);
    // What is asked for when it ends is answered by nobody.
    await page.until(`document.querySelector('#bytes:not([aria-busy]) [data-explorer=ready]')`);
    child.kill('SIGTERM');
    await page.until(`document.querySelector('#live').dataset.line === 'ended'`);
    return child.url;
  },
};

export const ofReplay: Making = async (t, path) =>
  void (await askWirelab(['replay', await savedRun(t, 'mtls'), '--no-tui', '--html', path]));
