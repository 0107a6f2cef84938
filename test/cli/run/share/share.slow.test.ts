/** A shared run in real browsers: they follow it, look around in it, and come back. */
import type { ExecutionContext } from 'ava';
import { chromiumFor } from '../../../helpers/chromium.ts';
import type { Page } from '../../../helpers/chromium.ts';
import { withPeer } from '../../../helpers/peer.ts';
import { start } from '../../../helpers/running.ts';
import { until } from '../../../helpers/until.ts';

interface SharedRun {
  readonly url: string;
  /** Lines of the report, and when they came, in milliseconds since 1970. */
  readonly lines: readonly (readonly [text: string, at: number])[];
}

/** A scenario that goes on by itself. @param pace milliseconds from step to step */
async function shared(t: ExecutionContext, scenario: string, pace: number): Promise<SharedRun> {
  const { child: run } = start(t, ['run', scenario, '--no-tui', '--pace', String(pace), '--share']);
  const lines: (readonly [string, number])[] = [];
  let rest = '';
  run.stdout.setEncoding('utf8').on('data', (text: string) => {
    rest += text;
    const whole = rest.split('\n');
    rest = whole.pop() ?? '';
    for (const line of whole) lines.push([line, Date.now()]);
  });
  let said = '';
  run.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until(() => said.includes('/\n'));
  return { url: /http:\S+/.exec(said)?.[0] ?? '', lines };
}

const status = `document.querySelector('#live [role=status]').textContent`;
const at = (section: string): string => `document.querySelector('main > .present')?.id === '${section}'`;

withPeer('chromium', 'ten browsers follow a run, and none is more than a second behind', async (t) => {
  const { url, lines } = await shared(t, 'mtls', 2500);
  const chromium = await chromiumFor(t);
  const pages = await Promise.all(
    Array.from({ length: 10 }, async (): Promise<Page> => {
      const page = await chromium.newBrowser();
      await page.visit(url);
      // When each section was there for the reader.
      await page.value(`(() => {
        window.seen = {};
        const look = () => { for (const { id } of document.querySelectorAll('main > section')) seen[id] ??= Date.now(); };
        new MutationObserver(look).observe(document.querySelector('main'), { childList: true });
        look();
      })()`);
      return page;
    }),
  );
  const opened = Date.now();
  await Promise.all(pages.map((page) => page.until(at('result'))));
  const begun = new Map<string, number>();
  for (const [text, when] of lines) {
    const [, number] = /^(?:── )?(\d+)\. /.exec(text.trim()) ?? [];
    if (number !== undefined && !begun.has(`step-${number}`)) begun.set(`step-${number}`, when);
  }
  let compared = 0;
  for (const page of pages) {
    const seen = await page.value<Record<string, number>>('seen');
    for (const [id, when] of begun) {
      if (when < opened) continue;
      const lag = (seen[id] ?? Infinity) - when;
      t.true(lag < 1000, `${id}: ${lag} ms`);
      compared++;
    }
    t.deepEqual(page.faults.said, []);
    t.deepEqual(
      page.faults.asked.filter((one) => !one.startsWith(url)),
      [],
    );
    t.true(await page.value(`document.documentElement.scrollWidth <= innerWidth`));
  }
  t.true(compared >= 10, `${compared} comparisons in ${begun.size} steps`);
});

withPeer(
  'chromium',
  'a viewer looks around, in the other language too, and returns to the present',
  async (t) => {
    const { url } = await shared(t, 'mtls', 2000);
    const page = await (await chromiumFor(t)).newPage();
    await page.resize(1280, 900);
    await page.prefer({ 'prefers-reduced-motion': 'reduce' });
    await page.visit(url);
    await page.until(`document.querySelector('.rung a[href^="#bytes-at-"]')`);
    const back = `document.querySelector('#live button').hidden`;
    t.true(await page.value(back), 'it follows');
    // To the bytes of a message: they are fetched for that.
    await page.click('.rung a[href^="#bytes-at-"]');
    await page.until(`document.querySelector('[data-explorer=ready]')`);
    t.false(await page.value(back), 'it does not follow any more');
    await page.until(`document.querySelector('#bytes .explanation')?.textContent.length > 0`);
    const chosen = await page.value<string>(`document.querySelector('#bytes .explanation').textContent`);
    t.true(chosen.length > 0);
    await page.value(`document.querySelector('#language-ko').click()`);
    await page.until(`/[가-힣]/.test(document.querySelector('#bytes .explanation').textContent)`);
    await page.until(at('result'));
    // What came meanwhile is in the language of the reader.
    t.regex(await page.value(status), /^지금: /);
    t.regex(await page.value(`document.title`), /[가-힣]/);
    t.true(await page.value(`document.querySelector('#result > h2').innerText.length > 0`));
    await page.until(`!document.querySelector('#bytes .newer').hidden`);
    await page.click('#bytes .newer');
    await page.until(`document.querySelector('#bytes .newer').hidden`);
    await page.until(`document.querySelector('[data-explorer=ready]')`);
    t.is(await page.value(`document.querySelectorAll('.explorer').length`), 1);
    await page.click('#live button');
    await page.until(back);
    await page.until(
      `(() => { const { top } = document.querySelector('#result').getBoundingClientRect(); return top > -50 && top < innerHeight; })()`,
    );
    t.deepEqual(page.faults.said, []);
  },
);

withPeer(
  'chromium',
  'viewers are told that the presentation has ended, and keep what they have',
  async (t) => {
    const { child: run } = start(t, ['run', 'plaintext', '--no-tui', '--share']);
    let said = '';
    run.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    run.stdout.resume();
    await until(() => said.includes('/\n'));
    const page = await (await chromiumFor(t)).newPage();
    await page.visit(/http:\S+/.exec(said)?.[0] ?? '');
    await page.until(at('result'));
    run.kill('SIGTERM');
    await page.until(`document.querySelector('#live').dataset.line === 'ended'`);
    t.regex(await page.value(status), /ended/);
    t.true(await page.value(`document.querySelector('#result').innerText.length > 100`));
  },
);
