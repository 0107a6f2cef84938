/** The one sentence of a verdict. */
import test from 'ava';
import { inLanguage } from '../../src/i18n/language.ts';
import { claimsOf, takeawayOf } from '../../src/presentation/takeaway.ts';
import { verdictReport } from '../../src/presentation/report/verdict.ts';
import { verdictOf } from '../ui/support/story.ts';

test('the sentence counts what holds, and its tone is that of the whole', (t) => {
  const failed = {
    ...verdictOf([{}, { status: 'missed' }, { status: 'unobserved' }]),
    status: 'failed',
  } as const;
  t.deepEqual(inLanguage(takeawayOf(failed), 'en'), {
    label: 'Verdict',
    status: 'FAILED',
    claims: '1 of 3 claims proven',
    tone: 'leaked',
  });
  const passed = { ...verdictOf([{}, {}]), status: 'passed' } as const;
  t.like(inLanguage(takeawayOf(passed), 'ko'), {
    status: '통과',
    claims: '주장 2개 중 2개 증명됨',
    tone: 'sealed',
  });
  const { takeaway } = verdictReport(passed, { titleOf: () => undefined, narration: {} });
  t.deepEqual(takeaway, takeawayOf(passed));
});

test('of a short version the sentence says how many claims were not judged', (t) => {
  const { findings } = verdictOf([{}, {}]);
  t.deepEqual(claimsOf(findings, { steps: 3, claims: 17 }), {
    en: '2 of 2 claims proven; short version: 17 not judged',
    ko: '주장 2개 중 2개 증명됨; 짧은 버전: 17개는 판정하지 않음',
  });
});
