/**
 * The short versions: every long scenario has one, it is short enough, and what it claims is proven without the steps that it
 * leaves out.
 */
import test from 'ava';
import { features } from '../../src/features/registry.ts';
import { planScenario } from '../../src/engine/planning.ts';
import { mostShortStops } from '../../src/engine/file/short.ts';
import { plannedStops } from '../../src/engine/plan.ts';
import type { CompiledScenario } from '../../src/engine/scenario.ts';
import { shareOf } from '../helpers/at-length.ts';
import { compiledScenarios } from '../helpers/compiled.ts';
import { present } from '../helpers/capture.ts';
import { compiled, perform, removeWorldFolder } from './support/demonstration.ts';

test.after.always(removeWorldFolder);

const all = compiledScenarios();
const planned = (name: string, short: boolean) =>
  planScenario(features, present(all.find((one) => one.name === name)), {}, { short });

test('every scenario is short enough with --short', (t) => {
  for (const { name } of all) t.true(plannedStops(planned(name, true).steps).length <= mostShortStops, name);
});

const isShortAnyway = ({ name }: CompiledScenario): boolean =>
  plannedStops(planned(name, false).steps).length <= mostShortStops;

for (const { name, file } of [
  ...all.filter(isShortAnyway),
  ...shareOf(
    all.filter((one) => !isShortAnyway(one)),
    6,
    ({ name }) => name.startsWith('k8s-'),
  ),
]) {
  const { steps } = planned(name, false);
  if (plannedStops(steps).length <= mostShortStops) {
    test(`${name} is short enough, and is the same with --short`, (t) => {
      t.is(file.short, undefined);
      t.deepEqual(planned(name, true), planned(name, false));
    });
    continue;
  }

  test(`the short version of ${name} passes, and says what it left out`, async (t) => {
    const { verdict, plan, log } = await perform(await compiled(name), { short: true });
    t.deepEqual(
      verdict.findings
        .filter(({ status }) => status !== 'met')
        .map(({ expectation, says }) => `${expectation}: ${says.en}`),
      [],
    );
    t.is(verdict.status, 'passed');
    t.true(plannedStops(plan.steps).length <= mostShortStops);
    const whole = planned(name, false);
    const leftOut = present(plan.leftOut);
    t.is(leftOut.steps, whole.steps.length - plan.steps.length);
    t.is(leftOut.claims, whole.claims.length - plan.claims.length);
    t.true(leftOut.claims > 0);
    t.deepEqual(verdict.leftOut, leftOut);
    const last = log.events.find((event) => event.type === 'note' && event.part === 'does-not-prove');
    t.true(last?.type === 'note' && last.text.en.startsWith('This was the short version: '));
    t.true(last?.type === 'note' && last.text.ko.startsWith('짧은 버전이었습니다.'));
    // The steps stand in the order of the whole, and their claims are the same.
    const ids = new Set(plan.steps.map(({ id }) => id));
    t.deepEqual(
      plan.steps.map(({ id }) => id),
      whole.steps.map(({ id }) => id).filter((id) => ids.has(id)),
    );
    t.deepEqual(
      plan.claims.map(({ id }) => id),
      whole.claims.filter(({ step }) => step === undefined || ids.has(step)).map(({ id }) => id),
    );
  });
}

test('a step that follows without a pause has no question', (t) => {
  const { steps } = planned('k8s-user', true);
  const silent = steps.filter(({ goesOn }) => goesOn);
  t.true(silent.length > 0);
  for (const { text } of silent) t.is(text.question, undefined);
  t.is(steps[0]?.goesOn, undefined);
});

test('a step for which a person supplied input is in the short version', (t) => {
  const csr = present(all.find(({ name }) => name === 'csr'));
  const accepts = present(features.all.find((feature) => feature.accepts?.request)?.accepts?.request);
  const { steps } = planScenario(features, csr, accepts.toInput('a request'), { short: true });
  t.is(steps.length, planned('csr', true).steps.length + 1);
});
