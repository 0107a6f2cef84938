/** The door of a class: who is let in and who is turned away, on real sockets; and what those who are in may send. */
import test from 'ava';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { systemClock } from '../../../../src/core/clock.ts';
import { entryOf } from '../../../../src/cli/class/board.ts';
import { issueUnder } from '../../../../src/pki/ca/issue-under.ts';
import { loadIdentity } from '../../../../src/pki/keystore/identity.ts';
import { report } from '../../../../src/cli/lab/class/reporter.ts';
import { until } from '../../../helpers/until.ts';
import { anEntry, call, daysAgo, folderFor, invited, opened } from './support.ts';

const sending = { clock: systemClock, signal: new AbortController().signal };
/** Each with a signal of its own. */
const alone = () => ({ clock: systemClock, signal: new AbortController().signal });
const body = JSON.stringify(entryOf(anEntry()));

test('who was invited is let in, and is who the certificate says', async (t) => {
  const folder = folderFor(t);
  const [anna, bin] = await invited(folder, ['anna', 'bin']);
  if (!anna || !bin) return void t.fail();
  const { at, entries, turnedAway } = await opened(t, folder);
  t.deepEqual(await report(anEntry(), at(anna), sending), { state: 'kept' });
  // Under TLS 1.2 too; and the body does not say who it is.
  for (const maxVersion of ['TLSv1.2', undefined] as const)
    t.is((await call(at(bin), { body, ...(maxVersion ? { maxVersion } : {}) })).status, 204);
  t.deepEqual(entries.rows, [anEntry(), anEntry({ learner: 'bin' })]);
  const own = await call(at(bin), { method: 'GET', path: '/' });
  t.is(own.status, 200);
  t.deepEqual(JSON.parse(own.body), entryOf(anEntry({ learner: 'bin' })), 'one’s own, and nobody else’s');
  t.is(turnedAway.total, 0);
});

test('without a certificate, with that of another CA, an expired or a withdrawn one, nobody is let in', async (t) => {
  const [folder, elsewhere] = [folderFor(t), folderFor(t)];
  const [late] = await invited(folder, ['late'], { clock: daysAgo(60), days: 30 });
  const [anna, bin, first] = await invited(folder, ['anna', 'bin', 'cleo']);
  const [second] = await invited(folder, ['cleo'], { again: true });
  const [foreign] = await invited(elsewhere, ['anna']);
  if (!late || !anna || !bin || !first || !second || !foreign) return void t.fail();
  const { at, entries, turnedAway, place, renew } = await opened(t, folder);
  t.is((await call(at(bin), { body })).status, 204, 'not withdrawn yet');
  await place.withdraw(['bin']);
  renew();
  const { identity: _none, ...nobody } = at(anna);
  const refused = {
    'no certificate': nobody,
    'unknown CA': { ...at(foreign), authority: anna.authority },
    expired: at(late),
    revoked: at(bin),
  };
  let count = 0;
  for (const [why, invitation] of Object.entries(refused))
    for (const maxVersion of ['TLSv1.2', undefined] as const) {
      await t.throwsAsync(call(invitation, { body, ...(maxVersion ? { maxVersion } : {}) }), undefined, why);
      count++;
      t.true(await until(() => turnedAway.total === count), why);
      const [latest] = turnedAway.cards;
      t.true(latest?.card.headline.en.includes(`(${why})`), `${why}: ${latest?.card.headline.en ?? '-'}`);
    }
  // The earlier invitation of somebody who was invited again.
  await t.throwsAsync(call(at(first), { body }));
  t.true(await until(() => turnedAway.total === count + 1));
  t.is((await call(at(second), { body })).status, 204);
  t.deepEqual(
    entries.rows.map(({ learner }) => learner),
    ['bin', 'cleo'],
    'the rows of who was admitted, and no others',
  );
  // What the lab is told of it.
  for (const [why, invitation] of [
    [/revocation list|revoked/, at(bin)],
    [/past the end of its validity/, at(late)],
  ] as const) {
    const reported = await report(anEntry(), invitation, sending);
    t.is(reported.state, 'refused');
    t.regex(reported.state === 'refused' ? reported.why.en : '', why);
  }
});

test('whoever was refused so often has one card, which counts', async (t) => {
  const folder = folderFor(t);
  const [anna] = await invited(folder, ['anna']);
  if (!anna) return void t.fail();
  const { at, turnedAway } = await opened(t, folder);
  const { identity: _none, ...nobody } = at(anna);
  for (let time = 0; time < 5; time++) await t.throwsAsync(call(nobody));
  t.true(await until(() => turnedAway.total === 5));
  t.deepEqual(
    turnedAway.cards.map(({ count }) => count),
    [5],
  );
  // A probe that says nothing is nobody.
  const probe = connect({ ...at(anna).server, rejectUnauthorized: false });
  probe.destroy();
  await once(probe, 'close');
  t.is(turnedAway.total, 5);
});

test('a certificate of the class’s CA that was never an invitation gets a 403', async (t) => {
  const folder = folderFor(t);
  const [anna] = await invited(folder, ['anna']);
  if (!anna) return void t.fail();
  const { at, place, entries, turnedAway } = await opened(t, folder);
  const signer = loadIdentity({
    certFile: place.path('class-client-ca.crt'),
    keyFile: place.path('class-client-ca.key'),
  });
  const names = ['anna', '<img src=x>', 'x'.repeat(64), '한글 이름'];
  for (const name of names) {
    const identity = issueUnder(signer, {
      profile: 'client',
      subject: [['CN', name]],
      days: 1,
      at: Date.now(),
    });
    t.is((await call({ ...at(anna), identity }, { body })).status, 403, name);
  }
  t.deepEqual(entries.rows, []);
  t.true(await until(() => turnedAway.total === names.length));
});

test('what is no report is refused, and nothing of it is kept', async (t) => {
  const folder = folderFor(t);
  const [anna] = await invited(folder, ['anna']);
  if (!anna) return void t.fail();
  const { at, entries } = await opened(t, folder);
  const good = entryOf(anEntry());
  const bad: readonly (readonly [string, string])[] = [
    ['empty', ''],
    ['text', 'hello'],
    ['list', `[${body}]`],
    ['two lines', `${body}\n${body}`],
    ['null', 'null'],
    ['of another kind', JSON.stringify({ ...good, kind: 'lab-check' })],
    ['version', JSON.stringify({ ...good, v: 1 })],
    ...(
      [
        { lab: '' },
        { lab: 7 },
        { done: -1 },
        { done: 3 },
        { done: 1.5 },
        { of: 0 },
        { of: 101 },
        { of: 1e9 },
        { hints: -1 },
        { hints: '1' },
        { task: undefined },
        { task: '' },
        { number: 0 },
        { number: 3 },
        { finding: 'x' },
        { finding: { en: 'x' } },
        { finding: { en: [], ko: 'x' } },
        { done: 2 },
      ] as const
    ).map((more) => [JSON.stringify(more), JSON.stringify({ ...good, ...more })] as const),
  ];
  // A learner has so many requests in a time: each of these is somebody else's turn.
  const names = bad.map((_, index) => `learner-${index}`);
  const others = await invited(folder, names);
  const { at: atOf, entries: kept } = await opened(t, folder);
  for (const [index, [what, text]] of bad.entries()) {
    const other = others[index];
    if (!other) return void t.fail();
    const answer = await call(atOf(other), { body: text });
    t.is(answer.status, 400, what);
    t.true(answer.body.length < 200);
  }
  t.deepEqual(kept.rows, []);
  t.is((await call(at(anna), { body: 'x'.repeat(20_000) })).status, 413);
  t.is(
    (await call(at(anna), { body: 'x'.repeat(20_000), headers: { 'Transfer-Encoding': 'chunked' } })).status,
    413,
  );
  t.is((await call(at(anna), { body, method: 'PUT' })).status, 405);
  t.is((await call(at(anna), { body, path: '/../board.jsonl' })).status, 404);
  t.is((await call(at(anna), { body, path: '/entry?learner=bin' })).status, 404);
  t.deepEqual(entries.rows, []);
  t.is((await call(at(anna), { body })).status, 204, 'it goes on');
});

test('names and findings are bounded text', async (t) => {
  const folder = folderFor(t);
  const [anna] = await invited(folder, ['anna']);
  if (!anna) return void t.fail();
  const { at, entries } = await opened(t, folder);
  const long = { en: '\u001b[31m<b>\u202e'.repeat(300), ko: '가'.repeat(3000) };
  const task = { id: '\u0007x'.repeat(200), number: 2 };
  t.is(
    (await call(at(anna), { body: JSON.stringify(entryOf(anEntry({ finding: long, task }))) })).status,
    204,
  );
  const [row] = entries.rows;
  t.true((row?.finding?.en.length ?? 999) <= 400 && (row?.finding?.ko.length ?? 999) <= 400);
  t.true((row?.task?.id.length ?? 999) <= 64);
  t.notRegex(JSON.stringify(row), /[\u0007\u001b\u202e]|\\u0007|\\u001b/);
});

test('a learner who sends without end is told to wait, and the others are not', async (t) => {
  const folder = folderFor(t);
  const [anna, bin] = await invited(folder, ['anna', 'bin']);
  if (!anna || !bin) return void t.fail();
  // However long the requests take, no time passes.
  let microseconds = 0;
  const { at } = await opened(t, folder, { clock: { ...systemClock, microseconds: () => microseconds } });
  const statuses = await Promise.all(
    Array.from({ length: 40 }, async () => (await call(at(anna), { body })).status),
  );
  t.is(statuses.filter((status) => status === 204).length, 20, statuses.join(' '));
  t.is(statuses.filter((status) => status === 429).length, 20);
  t.is((await call(at(bin), { body })).status, 204);
  t.is((await report(anEntry(), at(anna), sending)).state, 'away', 'the lab tries again later');
  microseconds += 600_000;
  t.is((await call(at(anna), { body })).status, 204, 'one more in half a second');
  t.is((await call(at(anna), { body })).status, 429);
});

test('thirty learners report at once, and each has a row', async (t) => {
  const folder = folderFor(t);
  const names = Array.from({ length: 30 }, (_, index) => `learner-${index}`);
  const all = await invited(folder, names);
  const { at, entries, place } = await opened(t, folder);
  const reported = await Promise.all(
    all.map(async (invitation) => report(anEntry({ learner: invitation.learner }), at(invitation), alone())),
  );
  t.true(
    reported.every(({ state }) => state === 'kept'),
    JSON.stringify(reported),
  );
  t.deepEqual(new Set(entries.rows.map(({ learner }) => learner)), new Set(names));
  t.is(place.roster().learners.length, 30);
});

test('a lab sends nothing to a server that is not its class', async (t) => {
  const [folder, elsewhere] = [folderFor(t), folderFor(t)];
  const [anna] = await invited(folder, ['anna']);
  await invited(elsewhere, ['anna']);
  if (!anna) return void t.fail();
  // An impostor of the same name, with a CA of its own.
  const impostor = await opened(t, elsewhere);
  const reported = await report(anEntry(), impostor.at(anna), sending);
  t.is(reported.state, 'refused');
  t.deepEqual(impostor.entries.rows, []);
  // The right CA, and another host than the invitation names.
  const { at } = await opened(t, folder);
  const server = { ...at(anna).server, host: '127.0.0.2' };
  const elsewhereTold = await report(anEntry(), { ...anna, server }, { ...sending, patience: 2000 });
  t.not(elsewhereTold.state, 'kept');
  const gone = await report(anEntry(), { ...anna, server: { host: '127.0.0.1', port: 1 } }, sending);
  t.is(gone.state, 'away');
});
