/** Screens of scenarios whose lesson is not what a wire shows: run on real sockets, at their results. */
import test from 'ava';
import { textOf } from '../../../src/ui/tui/view/prose.ts';
import type { Driver } from './support/driver.ts';
import { liveScenario } from './support/scenes.ts';

const large = { columns: 120, rows: 40 };

/** The screens of all results, by step. */
async function results(
  driver: Driver,
  look: (driver: Driver) => void = () => {},
): Promise<ReadonlyMap<string, string>> {
  const screens = new Map<string, string>();
  await driver.settled();
  while (!driver.stop.startsWith('verdict')) {
    await driver.press('space').settled();
    const { stop } = driver.look;
    if (stop?.kind !== 'reveal' || stop.step === undefined) continue;
    screens.set(stop.step, driver.screen());
    look(driver);
  }
  return screens;
}

test('a fake site: whose it is stands on the screen, and a stolen login reached him', async (t) => {
  const { driver, stage } = await liveScenario('fake-site', { size: large });
  t.teardown(async () => stage.close());
  const marked: string[] = [];
  const screens = await results(driver, (at) => {
    if (at.look.body !== 'matrix') return;
    const line = at.frame().lines.find(([first]) => first?.text === '>');
    const loud = line?.filter(({ role }) => role.endsWith('-loud')).map(({ text }) => text) ?? [];
    marked.push(`${line ? textOf(line).split(/ +/)[0] : ''} ${loud.join()}`);
  });
  for (const [step, screen] of screens)
    if (!step.startsWith('truth'))
      t.regex(screen, /(?:no-tls|self-signed|own-ca|stolen-ca-key) \(Mallory\)/, step);
  t.regex(
    screens.get('meets-stolen-ca-key-careful') ?? '',
    /wire F SEALED: .* both reached stolen-ca-key \(Mallory\)/,
  );
  t.regex(screens.get('meets-no-tls-careless') ?? '', /REFUSED by careless: the server no-tls/);
  t.deepEqual(marked.slice(0, 2), ['>careless LOST', '>careful self-signed']);
  t.false(driver.screen().includes('\n>'), 'at the end no row is the current one');
});

test('a lesson that is not about secrets has no line beneath it that takes it back', async (t) => {
  const { driver, stage } = await liveScenario('downgrade', { size: large });
  t.teardown(async () => stage.close());
  const screens = await results(driver);
  t.true(screens.size > 3);
  for (const [step, screen] of screens) t.notRegex(screen, /this proves nothing/, step);
});

test('a result does not repeat what stood above its question', async (t) => {
  const { driver, stage } = await liveScenario('client-refusals', { size: large });
  t.teardown(async () => stage.close());
  const repeated: string[] = [];
  await results(driver, (at) => {
    const { look, scene } = at;
    const { before, after } = scene.narrationOf(look.stop?.step);
    const [sentence] = before?.en.split('\n') ?? [];
    const asked = scene.stops.some(({ kind, step }) => kind === 'question' && step === look.stop?.step);
    if (asked && !after && sentence && at.screen().replaceAll(/\s+/g, ' ').includes(sentence))
      repeated.push(look.stop?.step ?? '');
  });
  t.deepEqual(repeated, []);
});

test('behind a proxy stands as whom the server identifies the caller, and nobody shows what is another’s', async (t) => {
  t.timeout(120_000);
  const { driver, stage } = await liveScenario('k8s-front-proxy', { size: large });
  t.teardown(async () => stage.close());
  const screens = await results(driver);
  for (const [step, screen] of screens) {
    t.regex(screen, /apiserver identifies /, step);
    t.notRegex(screen, /passthrough shows|tunnel shows/, step);
  }
  t.true(screens.size > 10);
});

test('evidence that has no room beside the text is whole below the explanation', async (t) => {
  const { driver, stage } = await liveScenario('k8s-manifests', { size: { columns: 80, rows: 24 } });
  t.teardown(async () => stage.close());
  await driver.settled();
  await driver.press('space').settled();
  await driver.press('space').settled();
  t.regex(driver.screen(), /pki\/front-proxy-ca\.crt named by[^]*e: all of it/);
  driver.press('e');
  t.notRegex(driver.screen(), /--tls-private-key-file/);
  for (let rows = 0; rows < 60; rows++) driver.press('down');
  t.regex(driver.screen(), /--tls-private-key-file pki\/apiserver\.key/);
});
