/** Where a show opens: which stop is meant, what has to run before it, and which lines are kept back. */
import test from 'ava';
import { openingAt } from '../../../src/cli/run/opening.ts';
import { planScenario } from '../../../src/engine/planning.ts';
import type { Plan } from '../../../src/engine/plan.ts';
import { plannedStops } from '../../../src/engine/plan.ts';
import { features } from '../../../src/features/registry.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { present } from '../../helpers/capture.ts';
import { compiledScenarios } from '../../helpers/compiled.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

const all = compiledScenarios();
const planOf = (name: string, short = false): Plan =>
  planScenario(features, present(all.find((one) => one.name === name)), {}, { short });

for (const [name, given, stop, kind, through] of [
  ['tls', '1', 1, 'intro', undefined],
  ['tls', '2', 2, 'question', undefined],
  ['tls', '3', 3, 'reveal', 'sealed-login'],
  ['tls', '4', 4, 'question', 'sealed-login'],
  ['tls', '8', 8, 'verdict', 'unknown-ca'],
  ['tls', 'second-hop', 4, 'question', 'sealed-login'],
  ['mtls', 'nobody', 6, 'question', 'alice-1.2'],
  ['mtls', 'nobody-1.2', 8, 'question', 'nobody-1.3'],
  // A step that starts by itself has no question.
  ['client-refusals', 'admitted-1.2', 4, 'reveal', 'admitted-1.2'],
  ['client-refusals', 'nobody-vouches-self-signed', 8, 'reveal', 'nobody-vouches-self-signed-1.3'],
] as const)
  test(`${name} --step ${given} is stop ${stop}, a ${kind}`, (t) => {
    const opening = openingAt(given, planOf(name));
    t.is(opening.stop + 1, stop);
    t.is(opening.kind, kind);
    t.is(opening.through, through);
  });

test('every stop of every scenario can be opened, by its number', (t) => {
  for (const { name } of all) {
    const plan = planOf(name);
    for (const [index, { kind, step }] of plannedStops(plan.steps).entries()) {
      const opening = openingAt(String(index + 1), plan);
      t.is(opening.stop, index);
      const last = plan.steps.findIndex(({ id }) => id === opening.through);
      const own = step ? plan.steps.indexOf(step) : kind === 'intro' ? 0 : plan.steps.length;
      t.is(last, kind === 'reveal' ? own : own - 1);
    }
  }
});

for (const wrong of ['0', '9', '00009', '-1', 'stranger', '2.5', ''])
  test(`a step that does not exist is refused with what was expected: ${JSON.stringify(wrong)}`, (t) => {
    const { facts } = t.throws(() => openingAt(wrong, planOf('tls')), { instanceOf: UserError });
    t.is(facts.expected?.en, 'a number from 1 to 8, or one of sealed-login, second-hop, unknown-ca');
    t.is(facts.received, wrong);
    t.regex(facts.remedy?.en ?? '', /\.\/wirelab list tls lists all steps\.$/);
  });

test('as lines: what lies before has run and is judged, and is not printed', async (t) => {
  const whole = await askWirelab(['run', 'tls', '--no-tui']);
  const { exitCode, stdout } = await askWirelab(['run', 'tls', '--no-tui', '--step', 'second-hop']);
  t.is(exitCode, 0);
  t.regex(stdout, /^\(what lies before step 4 has run; its lines are left out\)\n\n-- 2\./);
  t.notRegex(stdout, /connection 0:/);
  t.regex(whole.stdout, /connection 0:/);
  const verdict = (text: string): string[] => text.split('\n').filter((line) => / claims proven/.test(line));
  t.deepEqual(verdict(stdout), verdict(whole.stdout));
  t.true(verdict(stdout).length > 0);
});

test('as lines from the result of a step on, and from the verdict', async (t) => {
  const result = await askWirelab(['run', 'tls', '--no-tui', '--step', '5', '--lang', 'ko']);
  t.regex(result.stdout, /^\(5번 단계 앞은 실행만/);
  t.regex(result.stdout, /ClientHello/);
  const end = await askWirelab(['run', 'tls', '--no-tui', '--step', '8']);
  t.notRegex(end.stdout, /ClientHello  /);
  t.regex(end.stdout, /Verdict: PASSED/);
});

test('a wrong step, a step in JSON, and what excludes a loop end with 2', async (t) => {
  for (const [words, what] of [
    [['tls', '--no-tui', '--step', '99'], /a number from 1 to 8/],
    [['tls', '--json', '--step', '2'], /--step without --json/],
    [['tls', 'mtls'], /--loop for several/],
    [['tls', '--loop'], /needs a terminal/],
    [['tls', '--loop', '--hold'], /--loop without --hold/],
    [['tls', '--loop', '-w', 'x.pcapng'], /--loop without --write/],
  ] as const) {
    const { exitCode, stdout, stderr } = await askWirelab(['run', ...words]);
    t.is(exitCode, 2, stderr);
    t.is(stdout, '');
    t.regex(stderr, what);
  }
});

test('the short version as JSON says what was not judged', async (t) => {
  const { exitCode, stdout } = await askWirelab(['run', 'mtls', '--json', '--short']);
  t.is(exitCode, 0);
  const verdict = JSON.parse(present(stdout.trim().split('\n').at(-1))) as {
    leftOut?: { steps: number; claims: number };
  };
  t.deepEqual(verdict.leftOut, planOf('mtls', true).leftOut);
  t.is(verdict.leftOut?.steps, 9);
});

test('the short version as lines says so at its end, and runs nothing else', async (t) => {
  const { exitCode, stdout } = await askWirelab(['run', 'key-exchange', '--no-tui', '--short']);
  t.is(exitCode, 0);
  t.regex(stdout.replace(/\s+/g, ' '), /This was the short version: 3 steps were left out/);
  t.notRegex(stdout, /packed/);
});
