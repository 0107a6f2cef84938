/** The page of a shared run as it grows: what viewers are sent, where the presenter is, what is masked. */
import test from 'ava';
import { findPlaces } from '../../../../src/cli/places.ts';
import { LivePage } from '../../../../src/cli/run/share/live-page.ts';
import type { GrowingPage, Shown } from '../../../../src/cli/run/share/live-page.ts';
import type { ReportBlock } from '../../../../src/presentation/types/report.ts';
import type { LiveUpdate } from '../../../../src/ui/html/live/format.ts';
import { blocksOfRun } from '../../../ui/html/support/blocks.ts';
import { until } from '../../../helpers/until.ts';

const whole = blocksOfRun('plaintext');
const places = findPlaces(process.env);

class Growing implements GrowingPage {
  readonly blocks: ReportBlock[] = [];
  readonly secrets = whole.secrets;
  onChange: (() => void) | undefined;
  readonly name: string;

  constructor(name = 'plaintext') {
    this.name = name;
  }

  get content(): GrowingPage['content'] {
    return {
      blocks: this.blocks,
      connections: whole.flows.connections,
      name: this.name,
      keys: undefined,
      secrets: this.secrets,
    };
  }

  grow(upTo: number): void {
    this.blocks.push(...whole.blocks.slice(this.blocks.length, upTo));
    this.onChange?.();
  }
}

interface Live {
  readonly page: LivePage;
  readonly run: Growing;
  readonly since: (revision: number) => LiveUpdate;
  /** Does something, and waits until viewers have something new. */
  readonly after: (act: () => void) => Promise<LiveUpdate>;
  readonly show: (more: Partial<Shown>) => void;
}

function live(): Live {
  let changes = 0;
  let shown: Shown = { mode: 'plaintext', presented: undefined, isMasked: false };
  const page = new LivePage(shown, { language: 'en', places, now: new Date(0), onChange: () => changes++ });
  const run = new Growing();
  page.add('plaintext', run);
  const since = (revision: number): LiveUpdate => JSON.parse(page.since(revision)) as LiveUpdate;
  return {
    page,
    run,
    since,
    show(more) {
      shown = { ...shown, ...more };
      page.present(shown);
    },
    async after(act) {
      const [before, revision] = [changes, page.revision];
      act();
      await until(() => changes > before);
      return since(revision);
    },
  };
}

const textOf = (body: Uint8Array): string => Buffer.from(body).toString('utf8');
const stepAt = (number: number): number =>
  whole.blocks.findIndex((block) => block.kind === 'step' && block.number === number);
const idsIn = ({ sections }: LiveUpdate): string[] => sections.map(([id]) => id);

test('a viewer is sent the sections that have changed, and no others', async (t) => {
  const { page, run, after, since } = live();
  const first = await after(() => run.grow(stepAt(2)));
  t.deepEqual(first.order, ['intro', 'step-1', 'bytes']);
  t.deepEqual(idsIn(first), ['intro', 'step-1']);
  const second = await after(() => run.grow(stepAt(2) + 3));
  t.deepEqual(second.order, ['intro', 'step-1', 'step-2', 'bytes']);
  t.deepEqual(idsIn(second), ['step-2']);
  const last = await after(() => run.grow(Infinity));
  t.is(last.order.at(-2), 'result');
  t.false(idsIn(last).includes('step-1'));
  t.deepEqual(idsIn(since(0)), last.order.slice(0, -1), 'a newcomer is sent everything');
  t.deepEqual(idsIn(since(page.revision + 1)), last.order.slice(0, -1), 'and who comes from another server');
  t.deepEqual(since(page.revision).sections, []);
  page.close();
});

test('the page is the one of the file: the same sections, word for word', async (t) => {
  const { page, run, after } = live();
  const { sections } = await after(() => run.grow(Infinity));
  const text = textOf(page.document());
  for (const [, markup] of sections) t.true(text.includes(markup));
  t.true(text.includes('<section id="bytes"'));
  t.notRegex(text, /unsafe-inline|unsafe-eval/);
  t.regex(page.policy, /connect-src 'self'/);
  page.close();
});

test('the presenter is at a section: forward, back, and at the verdict', async (t) => {
  const { page, run, after, show } = live();
  await after(() => run.grow(Infinity));
  const step = whole.blocks[stepAt(2)];
  const id = step?.kind === 'step' ? step.step : '';
  const asked = await after(() => show({ presented: { kind: 'question', step: id, stop: 4, stops: 9 } }));
  t.like(asked.place, { section: 'step-2', isEnd: false });
  t.regex(asked.place.words[0] ?? '', /^2\. .+ \(4 of 9\)$/, 'numbered as on the page');
  t.deepEqual(asked.sections, [], 'nothing else has changed');
  const shown = await after(() => show({ presented: { kind: 'reveal', step: id, stop: 5, stops: 9 } }));
  t.like(shown.place, { section: 'step-2', isEnd: true });
  const over = await after(() => show({ presented: { kind: 'verdict', stop: 9, stops: 9 } }));
  t.is(over.place.section, 'result');
  const back = await after(() => show({ presented: { kind: 'intro', stop: 1, stops: 9 } }));
  t.is(back.place.section, 'intro');
  page.close();
});

test('a question is not told before the presenter comes to it, and stays when they go back', async (t) => {
  const { run, page, after, show, since } = live();
  const id = (number: number): string => {
    const step = whole.blocks[stepAt(number)];
    return step?.kind === 'step' ? step.step : '';
  };
  show({ presented: { kind: 'intro', stop: 1, stops: 9 } });
  const begun = await after(() => run.grow(stepAt(2) + 3));
  t.deepEqual(begun.order, ['intro', 'bytes']);
  const first = await after(() => show({ presented: { kind: 'reveal', step: id(1), stop: 3, stops: 9 } }));
  t.deepEqual(first.order, ['intro', 'step-1', 'bytes']);
  const second = await after(() => show({ presented: { kind: 'question', step: id(2), stop: 4, stops: 9 } }));
  t.deepEqual(idsIn(second), ['step-2']);
  await after(() => show({ presented: { kind: 'intro', stop: 1, stops: 9 } }));
  t.deepEqual(since(0).order, ['intro', 'step-1', 'step-2', 'bytes']);
  page.close();
});

test('what the screen masks is masked at once, in the texts and in the bytes', async (t) => {
  const { page, run, after, show, since } = live();
  await after(() => run.grow(Infinity));
  const values = [...whole.secrets.values()];
  const said = (): string => `${JSON.stringify(since(0))}${textOf(page.document())}`;
  for (const value of values) t.true(said().includes(value), value);
  const { run: before } = since(0);
  const revision = page.revision;
  show({ isMasked: true });
  t.true(page.revision > revision, 'without waiting');
  for (const value of values) t.false(said().includes(value), value);
  t.true(since(0).isMasked);
  t.not(since(0).run, before, 'bytes of before are not shown any more');
  const bytes = textOf(await page.bytes());
  for (const value of values) t.false(bytes.includes(value), value);
  await after(() => show({ isMasked: false }));
  // Asked for before, and masked while it is made.
  run.onChange?.();
  const making = page.bytes();
  show({ isMasked: true });
  const made = textOf(await making);
  for (const value of values) t.false(made.includes(value), value);
  await after(() => show({ isMasked: false }));
  t.true(said().includes(values[0] ?? ''));
  t.is(since(0).run, before);
  page.close();
});

test('notes for the speaker are not for viewers', async (t) => {
  const { page, run, after } = live();
  run.blocks.push(
    { kind: 'title', text: { en: 'T', ko: 'T' } },
    { kind: 'speaker', text: { en: 'psst', ko: 'psst' } },
  );
  run.blocks.push({ kind: 'narration', part: 'intro', text: { en: 'hello', ko: 'hello' } });
  await after(() => run.onChange?.());
  t.regex(textOf(page.document()), /hello/);
  t.notRegex(textOf(page.document()), /psst/);
  page.close();
});

test('another run takes the place of the one that is shown', async (t) => {
  const { page, run, after, show, since } = live();
  await after(() => run.grow(Infinity));
  const { run: first } = since(0);
  const other = new Growing('tls');
  other.blocks.push({ kind: 'title', text: { en: 'Another', ko: '다른' } });
  other.blocks.push({ kind: 'narration', part: 'intro', text: { en: 'hello', ko: 'hello' } });
  page.add('tls', other);
  const switched = await after(() => show({ mode: 'tls', presented: undefined }));
  t.deepEqual(switched.order, ['intro', 'bytes']);
  t.deepEqual(idsIn(switched), ['intro']);
  t.deepEqual(switched.title, ['Another', '다른']);
  t.not(switched.run, first);
  // Begun anew: the older run of that name says nothing any more.
  const again = new Growing();
  page.add('plaintext', again);
  const back = await after(() => show({ mode: 'plaintext' }));
  t.deepEqual(back.order, ['bytes']);
  page.close();
});

test('the bytes are made once for all who ask, and anew when the log has grown', async (t) => {
  const { page, run, after } = live();
  await after(() => run.grow(stepAt(2)));
  const [one, other] = await Promise.all([page.bytes(), page.bytes()]);
  t.is(one, other);
  t.regex(textOf(one), /^<section class="explorer"/);
  t.is(await page.bytes(), one);
  await after(() => run.grow(Infinity));
  t.regex(textOf(await page.bytes()), /^<section class="explorer"/);
  page.close();
});
