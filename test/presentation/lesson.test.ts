/** The headline of a step stands on the step's claims. */
import test from 'ava';
import { lessonOf } from '../../src/presentation/lesson.ts';
import type { Finding } from '../../src/engine/verdict.ts';

const headline = { en: 'The café reads it', ko: '카페가 읽는다' };
const finding = (status: Finding['status']): Finding => ({
  expectation: 'step.admitted',
  step: 'step',
  status,
  evidence: [],
  says: { en: 'said', ko: '말' },
});

test('all claims hold: the headline, in its tone', (t) => {
  const findings = [finding('met'), finding('met')];
  t.deepEqual(lessonOf({ headline, tone: 'leaked', findings }), { text: headline, tone: 'leaked' });
  t.is(lessonOf({ headline, tone: undefined, findings })?.tone, 'strong');
});

for (const status of ['missed', 'unobserved'] as const)
  test(`one claim is ${status}: the headline is taken back`, (t) => {
    const lesson = lessonOf({ headline, tone: 'sealed', findings: [finding('met'), finding(status)] });
    t.is(lesson?.tone, 'warning');
    t.is(lesson?.text.en, 'NOT SHOWN: The café reads it');
  });

test('nothing was claimed: no headline', (t) => {
  t.is(lessonOf({ headline, tone: 'sealed', findings: [] }), undefined);
});

test('no headline: none is made up', (t) => {
  t.is(lessonOf({ headline: undefined, tone: undefined, findings: [finding('met')] }), undefined);
});
