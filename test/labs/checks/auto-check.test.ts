/** What the running lab checks by itself when a file changes: what the change concerns, quickly, and what is new of it once. */
import test from 'ava';
import { randomBytes } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { systemClock } from '../../../src/core/clock.ts';
import { AutoCheck } from '../../../src/labs/checks/auto-check.ts';
import { readLabFolder } from '../../../src/labs/folder.ts';
import { progressOf } from '../../../src/labs/course.ts';
import { learnersScenario } from '../../../src/labs/learner.ts';
import { filesOfTask } from '../../../src/labs/task-files.ts';
import { labWorld } from '../../../src/labs/world.ts';
import type { LabEvent } from '../../../src/labs/hold/holding.ts';
import { withPeer } from '../../helpers/peer.ts';
import { Held } from '../support/holding.ts';
import { Learner } from '../support/learner.ts';

async function checksOf(learner: Learner, follows = false, signal?: AbortSignal): Promise<AutoCheck> {
  const { lab, folder } = learner;
  return new AutoCheck({
    lab,
    folder,
    world: await labWorld(lab, folder),
    clock: systemClock,
    random: (length) => randomBytes(length),
    version: '0',
    follows,
    ...(signal ? { signal } : {}),
  });
}

test('where each check is followed it is reported without anything new, with the finding of the current task', async (t) => {
  const learner = await Learner.begin(t, 'mutual-tls');
  const checks = await checksOf(learner, true);
  t.deepEqual(
    (await checks.current()).map(({ id, status }) => `${id} ${status}`),
    ['ask-for-certificates open'],
  );
  const again = await checks.changed(['settings.yaml']);
  t.deepEqual(again?.results, [], 'that was known');
  t.deepEqual(
    again?.found.map(({ id }) => id),
    ['ask-for-certificates', 'keep-mallory-out'],
  );
});

test('a file concerns the tasks that use it', async (t) => {
  const learner = await Learner.begin(t, 'mend-five');
  const { lab } = learner;
  const compiled = await learnersScenario(lab, lab.start['settings.yaml']);
  const concerned = (name: string): readonly string[] =>
    lab.tasks.tasks.filter((task) => filesOfTask(task, compiled, lab).has(name)).map(({ id }) => id);
  t.deepEqual(concerned('tickets.crt'), ['tickets']);
  t.deepEqual(concerned('mail.key'), ['mail']);
  t.deepEqual(concerned('settings.yaml'), ['office']);
  t.deepEqual(concerned('staff-ca.crt'), []);
  t.deepEqual(concerned('notes.txt'), []);
});

test('a change is found once, and what it does not concern is not checked', async (t) => {
  const learner = await Learner.begin(t, 'mutual-tls');
  const checks = await checksOf(learner);
  t.is(await checks.changed(['notes.txt']), undefined);
  const first = await checks.changed(['settings.yaml']);
  t.deepEqual(
    first?.results.map(({ id, status }) => `${id} ${status}`),
    ['ask-for-certificates open'],
  );
  const again = await checks.changed(['settings.yaml']);
  t.deepEqual(again?.results, [], 'nothing is new');
  t.is(again?.same, 'ask-for-certificates', 'and that is said of the current task');
  learner.edit('settings.yaml', 'kind: tls\n', 'kind: mtls\n');
  learner.edit(
    'settings.yaml',
    'certificate: front\n',
    'certificate: front\n    clientAuthorities: [anybody-ca, staff-ca]\n',
  );
  const second = await checks.changed(['settings.yaml']);
  t.deepEqual(
    second?.results.map(({ id, status }) => `${id} ${status}`),
    ['ask-for-certificates done', 'keep-mallory-out open'],
  );
  t.log(`${second?.milliseconds} ms`);
  t.deepEqual(readLabFolder(learner.folder)?.done, ['ask-for-certificates']);
  t.deepEqual(progressOf(learner.lab).done, ['ask-for-certificates']);
  learner.edit(
    'settings.yaml',
    'clientAuthorities: [anybody-ca, staff-ca]',
    'clientAuthorities: [anybody-ca]',
  );
  const third = await checks.changed(['settings.yaml']);
  t.is(third?.results[0]?.status, 'open', 'what is broken again is said');
});

withPeer('openssl', 'of a copied certificate it says that, and not what should be there', async (t) => {
  const learner = await Learner.begin(t, 'be-a-ca');
  await learner.follow('certify-the-shop');
  await learner.run(
    'cp root.crt intermediate.crt && cp root.key intermediate.key && cat root.crt >> shop.crt',
  );
  const checks = await checksOf(learner);
  const found = await checks.changed(['root.crt', 'intermediate.crt', 'shop.crt']);
  const open = found?.results.find(({ status }) => status === 'open');
  t.is(open?.id, 'put-an-intermediate-between');
  t.is(open?.says.en, 'intermediate.crt is a copy of root.crt');
  t.is(open?.says.ko, 'intermediate.crt는 root.crt 파일의 사본입니다');
  for (const { says } of (await learner.check()).flatMap(({ findings }) => findings))
    t.notRegex(`${says.en} ${says.ko}`, /expected|예상/);
});

test('the running lab reports it when a file changes', async (t) => {
  const learner = await Learner.begin(t, 'mutual-tls');
  const held = await Held.start(t, learner);
  await held.until(({ kind }) => kind === 'open');
  learner.edit('settings.yaml', 'kind: tls\n', 'kind: mtls\n');
  const checked = await held.until(
    (event): event is LabEvent & { kind: 'checked' } => event.kind === 'checked',
  );
  t.deepEqual(checked.files, ['settings.yaml']);
  t.is(checked.results[0]?.id, 'ask-for-certificates');
  t.is(checked.results[0]?.status, 'open');
});

test('a check that is overtaken is called off; however many are, nothing is left listening for the end of the lab', async (t) => {
  const learner = await Learner.begin(t, 'mutual-tls');
  const ending = new AbortController();
  const checks = await checksOf(learner, true, ending.signal);
  const found = await Promise.all(Array.from({ length: 12 }, async () => checks.changed(['settings.yaml'])));
  t.deepEqual(
    found.map((one) => one !== undefined),
    [...Array.from({ length: 11 }, () => false), true],
    'the last one is reported',
  );
  t.is(getEventListeners(ending.signal, 'abort').length, 0);
});
