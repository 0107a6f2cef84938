/**
 * The lab in which bob is connected while his certificate is revoked: it is kept up as for a learner, who does what the text and
 * the hints say; what becomes of bob is reported, and so is what a check finds.
 */
import test from 'ava';
import type { LabEvent } from '../../src/labs/hold/holding.ts';
import { loadLab } from '../../src/labs/load.ts';
import { withPeer } from '../helpers/peer.ts';
import { isHeld, reads, revoke, revokeByOpenssl, setDoor, withoutResumption } from './attempts/revoke.ts';
import { attemptTests } from './support/attempts.ts';
import { Held } from './support/holding.ts';
import { commandsOf, compiledLabs, Learner } from './support/learner.ts';

const name = 'revoke';
const tasks = ['keep-bob-out', 'end-his-connection', 'no-way-back', 'a-day-only'];
const allDone = tasks.map((id) => `${id}: done`);

test('at the beginning everything is open, and nothing of it without the lab', async (t) => {
  const learner = await Learner.begin(t, name);
  const open = [
    'keep-bob-out: open admitted',
    'end-his-connection: open not_up',
    'no-way-back: open admitted',
    'a-day-only: open missing_file',
  ];
  t.deepEqual(await learner.outcome(), open);
  const held = await Held.start(t, learner);
  await held.until(isHeld('connected'));
  t.deepEqual(await learner.outcome(), open.with(1, 'end-his-connection: open not_met'));
});

test('the hints give the same commands in both languages', (t) => {
  const { en, ko } = loadLab(name, compiledLabs).narration;
  for (const task of tasks)
    t.deepEqual(ko.tasks[task]?.hints.map(commandsOf), en.tasks[task]?.hints.map(commandsOf), task);
});

withPeer(
  'openssl',
  'bob’s connection goes on with the list in force, ends of age, is resumed, and is refused at last: each is reported, and each task is done in its turn',
  async (t) => {
    const learner = await Learner.begin(t, name);
    const held = await Held.start(t, learner);
    await held.until(isHeld('connected'));

    // A list that has run out keeps out alice, and not bob.
    setDoor(learner, reads);
    const { news: first } = await held.until(isHeld('goes_on'));
    t.is(first.client, 'bob');
    t.is((await learner.outcome())[0], 'keep-bob-out: open refused crl_expired');
    let from = held.events.length;
    await revokeByOpenssl(learner, 'bob', 'erin');
    await held.until(isHeld('goes_on'), from);
    t.deepEqual((await learner.outcome()).slice(0, 3), [
      'keep-bob-out: done',
      'end-his-connection: open not_met',
      'no-way-back: open admitted',
    ]);
    // Nothing was restarted for it: the connection is the first one.
    t.is(held.events.filter(({ kind }) => kind === 'renewed').length, 2);
    t.deepEqual(held.events.filter(isHeld('connected', 'ended', 'resumed', 'refused')).length, 1);

    from = held.events.length;
    setDoor(learner, 'maxConnectionSeconds: 1');
    const { news: ended } = await held.until(isHeld('ended'), from);
    t.true('connection' in ended && ended.connection.requests > 2 && !ended.connection.resumed);
    await held.until(isHeld('resumed'), from);
    await held.until(
      (event) =>
        event.kind === 'checked' &&
        event.results.some(({ id, status }) => id === 'end-his-connection' && status === 'done'),
      from,
    );
    t.deepEqual((await learner.outcome()).slice(0, 3), [
      'keep-bob-out: done',
      'end-his-connection: done',
      'no-way-back: open admitted',
    ]);

    from = held.events.length;
    withoutResumption(learner);
    const { news: refused } = await held.until(isHeld('refused'), from);
    t.is('alert' in refused && refused.alert, 'certificate_revoked');
    await learner.run(
      'openssl x509 -req -in dave.csr -CA staff-ca.crt -CAkey staff-ca.key -CAcreateserial -days 1 -out dave.crt',
    );
    t.deepEqual(await learner.outcome(), allDone);
  },
);

test('settings and lists that cannot be used change nothing for those who are connected', async (t) => {
  const learner = await Learner.begin(t, name);
  const held = await Held.start(t, learner);
  await held.until(isHeld('connected'));
  const isShut = (event: LabEvent): event is Extract<LabEvent, { kind: 'shut' }> =>
    event.kind === 'shut' && event.tasks.includes('keep-bob-out');
  const begun = learner.read('settings.yaml');
  for (const spoil of [
    () => learner.write('settings.yaml', 'proxies: ['),
    () => setDoor(learner, 'maxConnectionSeconds: soon'),
    () => {
      learner.write('staff-ca.crl', 'nothing');
      setDoor(learner, reads);
    },
  ]) {
    const from = held.events.length;
    spoil();
    t.true((await held.until(isShut, from)).goesOn);
    const back = held.events.length;
    learner.write('settings.yaml', begun);
    const changed = await held.until(({ kind }) => kind === 'changed', back);
    // Reported last each time: its certificate is still missing.
    await held.until(
      (event) => event.kind === 'shut' && event.tasks.includes('a-day-only'),
      held.events.indexOf(changed),
    );
  }
  t.deepEqual(held.events.filter(isHeld('ended', 'refused', 'unreachable')), []);
});

attemptTests(revoke);
