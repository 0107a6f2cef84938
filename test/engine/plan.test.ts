import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { UserError } from '../../src/i18n/user-error.ts';
import { features } from '../../src/features/registry.ts';
import { loadScenario, scenarioNames } from '../../src/engine/load.ts';
import { topologyOf } from '../../src/engine/plan.ts';
import { planScenario } from '../../src/engine/planning.ts';
import { compiled, recipeFolders, root } from './support/demonstration.ts';

test('two versions of TLS make two steps, each with claims of its own', async (t) => {
  const plan = planScenario(features, await compiled('mtls'));
  t.deepEqual(plan.steps.map(({ id }) => id).slice(0, 4), [
    'alice-1.3',
    'alice-1.2',
    'nobody-1.3',
    'nobody-1.2',
  ]);
  const alerts = plan.claims.flatMap((claim) =>
    claim.kind === 'refused' && claim.step?.startsWith('nobody')
      ? [[claim.id, claim.facts.alert, claim.facts.alertVisible]]
      : [],
  );
  t.deepEqual(alerts, [
    ['nobody-1.3/refused', 'certificate_required', false],
    ['nobody-1.2/refused', 'handshake_failure', true],
  ]);
});

test('the ids of claims are distinct', async (t) => {
  for (const name of ['plaintext', 'tls', 'mtls', 'client-refusals', 'chain', 'bad-sites']) {
    const ids = planScenario(features, await compiled(name)).claims.map(({ id }) => id);
    t.is(new Set(ids).size, ids.length);
  }
});

test('the text of a multiplied step frames it: before the first, after the last, its own in between', async (t) => {
  const plan = planScenario(features, await compiled('mtls'));
  const [first, last] = ['nobody-1.3', 'nobody-1.2'].map(
    (id) => plan.steps.find((step) => step.id === id)?.text,
  );
  t.regex(first?.before?.en ?? '', /^The next client/);
  t.truthy(first?.question);
  t.regex(first?.after?.en ?? '', /^Refused, and the login had left the client\./);
  t.notRegex(first?.after?.en ?? '', /On both versions/);
  t.is(last?.before?.en, 'The same client, the older version.');
  t.truthy(last?.question, 'each has a question of its own');
  t.regex(
    last?.after?.ko ?? '',
    /^TLS 1\.2에서는[\s\S]*TLS 1\.3에서는 클라이언트 쪽 핸드셰이크가 먼저 끝납니다/,
  );
});

test('wires are in path order, with their protocols', async (t) => {
  const plan = planScenario(features, await compiled('tls'));
  t.deepEqual(
    topologyOf(plan).wires.map(({ hop, from, to, protocol }) => [hop, from, to, protocol]),
    [
      ['A', 'customer', 'front', 'https'],
      ['B', 'front', 'shop', 'http'],
      ['C', 'customer', 'front-to-back', 'https'],
      ['D', 'front-to-back', 'sealed-shop', 'https'],
      ['E', 'customer', 'stranger', 'https'],
      ['F', 'stranger', 'shop', 'http'],
    ],
  );
  t.is(plan.proxies.find(({ name }) => name === 'front')?.host, 'shop.localhost');
});

test('a compiled scenario is JSON, and plans the same when read back', async (t) => {
  for (const name of ['plaintext', 'tls', 'mtls', 'client-refusals', 'chain', 'bad-sites']) {
    const scenario = await compiled(name);
    t.deepEqual(
      planScenario(features, JSON.parse(JSON.stringify(scenario)) as typeof scenario),
      planScenario(features, scenario),
    );
  }
});

test('a name is read from compiled JSON, a path is compiled, anything else is an error with a suggestion', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-load-'));
  t.teardown(async () => rm(folder, { recursive: true, force: true }));
  const places = { compiled: folder, recipeFolders, features: async () => Promise.resolve(features) };
  await writeFile(join(folder, 'plaintext.json'), JSON.stringify(await compiled('plaintext')));
  t.deepEqual(scenarioNames(folder), ['plaintext']);
  t.is((await loadScenario('plaintext', places)).name, 'plaintext');
  t.is((await loadScenario(join(root, 'scenarios', 'tls'), places)).name, 'tls');
  t.is(
    (await loadScenario(join(root, 'scenarios', 'tls', 'scenario.yaml'), places)).certificates?.name,
    'workshop',
  );
  const error = await t.throwsAsync(loadScenario('plaintxt', places), { instanceOf: UserError });
  t.is(error.facts.remedy?.en, 'Did you mean plaintext? ./wirelab list describes each.');
  const missing = await t.throwsAsync(loadScenario(folder, places), { instanceOf: UserError });
  t.is(missing.facts.where, join(folder, 'scenario.yaml'));
});

test('the text fits a screen: NFC, no control characters, no emoji', async (t) => {
  for (const name of ['plaintext', 'tls', 'mtls', 'client-refusals', 'chain', 'bad-sites']) {
    const { narration } = await compiled(name);
    const all = JSON.stringify(narration);
    t.is(all, all.normalize('NFC'));
    t.notRegex(all, /\p{Extended_Pictographic}/u);
    t.regex(narration.ko.intro, /[가-힣]/);
  }
});

test('several clients make a step each for each version that they speak; the room is asked once', async (t) => {
  const scenario = await compiled('client-refusals');
  const { steps } = planScenario(features, scenario);
  const of = (base: string) => steps.filter((step) => step.base === base);
  t.deepEqual(
    of('wrong-time').map(({ id, goesOn = false }) => [id, goesOn]),
    [
      ['wrong-time-expired-1.3', false],
      ['wrong-time-expired-1.2', true],
      ['wrong-time-not-yet-valid-1.3', true],
      ['wrong-time-not-yet-valid-1.2', true],
    ],
  );
  t.deepEqual(
    of('while-connected').map(({ id, tls }) => [id, tls]),
    [
      ['while-connected-laptop-1.3', '1.3'],
      ['while-connected-phone-1.2', '1.2'],
    ],
  );
  t.deepEqual(
    of('admitted').map(({ goesOn = false }) => goesOn),
    [false, true],
    'one client under two versions as well',
  );
  t.true(
    planScenario(features, await compiled('mtls')).steps.every(({ goesOn }) => goesOn === undefined),
    'where each version has a question, each waits',
  );
  t.deepEqual(
    of('wrong-time').map(({ text }) => text.title.en),
    [
      'An expired certificate, on TLS 1.3',
      'An expired certificate, on TLS 1.2',
      'A certificate that is not valid yet, on TLS 1.3',
      'A certificate that is not valid yet, on TLS 1.2',
    ],
  );
  t.regex(
    of('wrong-time')[0]?.text.before?.ko ?? '',
    /^맞지 않는 날짜\n\n/,
    'the group has its title above its text',
  );
  t.deepEqual(
    of('wrong-time').map(({ text }) => [text.question !== undefined, text.after !== undefined]),
    [
      [true, false],
      [false, false],
      [false, false],
      [false, true],
    ],
  );
});

test('a question of its own makes a client wait for an answer', async (t) => {
  const scenario = await compiled('client-refusals');
  for (const language of ['en', 'ko'] as const)
    scenario.narration[language].steps['wrong-time-not-yet-valid']!.question = '?';
  t.deepEqual(
    planScenario(features, scenario)
      .steps.filter(({ base }) => base === 'wrong-time')
      .map(({ goesOn = false }) => goesOn),
    [false, true, false, true],
  );
});

test('an expectation for some of the clients is claimed of them alone', async (t) => {
  const { claims } = planScenario(features, await compiled('client-refusals'));
  const reasons = claims.flatMap((claim) =>
    claim.kind === 'refused' && claim.step?.startsWith('wrong-signer')
      ? [[claim.id, claim.facts.reason]]
      : [],
  );
  t.deepEqual(
    reasons.filter(([id]) => id?.includes('-1.2')),
    [
      ['wrong-signer-mallory-1.2/refused', 'unknown_ca'],
      ['wrong-signer-double-1.2/refused', 'unknown_ca'],
      ['wrong-signer-no-intermediate-1.2/refused', 'intermediate_missing'],
    ],
  );
});
