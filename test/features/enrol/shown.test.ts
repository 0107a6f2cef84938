import test from 'ava';
import type { CertificationOrder } from '../../../src/features/enrol/observations.ts';
import { shown } from '../../../src/features/enrol/shown.ts';
import type { Decision } from '../../../src/presentation/types/values.ts';
import { present } from '../../helpers/capture.ts';
import { reportOf, shownBy } from '../support/reports.ts';

const decisionOf = (order: CertificationOrder): Decision =>
  present(
    shownBy(shown, reportOf('ca', { kind: 'certification', orders: [order] }), (own, report) =>
      own.decisions?.(report),
    )[0],
  );
const orderLines = (order: CertificationOrder): Decision['statements'] => decisionOf(order).statements;
const orderSummary = (order: CertificationOrder): Decision['summary'] => decisionOf(order).summary;

const both = (text: string) => ({ en: text, ko: `${text} 글` });
const order: CertificationOrder = {
  outcome: 'issued',
  asked: ['O=Bank', 'CA:TRUE'],
  names: ['shop.localhost'],
  decisions: [
    { kind: 'granted', about: 'names', words: both('names: shop') },
    { kind: 'checked', about: 'possession', words: both('possession') },
    { kind: 'cut', about: 'ca', words: both('CA:TRUE: too much') },
    { kind: 'cut', about: 'subject', words: both('O=Bank: unchecked') },
  ],
  challenges: [{ name: 'shop.localhost', passed: true, words: both('shop.localhost answers') }],
};

test('the request is first, then checks, cuts, challenges, and the issued certificate', (t) => {
  t.deepEqual(
    orderLines(order).map(({ mark, text }) => `${mark} ${text.en}`),
    [
      '  asked: O=Bank; CA:TRUE',
      '✓ checked: possession',
      '! cut: CA:TRUE: too much',
      '! cut: O=Bank: unchecked',
      '✓ shop.localhost answers',
      '✓ given: names: shop',
    ],
  );
});

test('summary: what was issued, and the list of what was not', (t) => {
  t.deepEqual(
    orderSummary(order).map(({ mark, text }) => `${mark} ${text.en}`),
    ['✓ a certificate for shop.localhost', '✗ requested, not issued: CA:TRUE; O=Bank'],
  );
});

test('nothing is shown as issued where nothing was, and the objection comes first', (t) => {
  const refused: CertificationOrder = {
    ...order,
    outcome: 'refused',
    problem: 'unauthorized',
    challenges: [{ name: 'shop.localhost', passed: false, words: both('no answer') }],
  };
  t.false(orderLines(refused).some(({ text }) => text.en.startsWith('given')));
  t.deepEqual(
    orderSummary(refused).map(({ mark, text }) => `${mark} ${text.en}`),
    ['✗ no answer'],
  );
  const bad: CertificationOrder = {
    ...refused,
    challenges: [],
    decisions: [{ kind: 'refused', about: 'possession', words: both('bad signature') }],
  };
  t.deepEqual(
    orderSummary(bad).map(({ text }) => text.ko),
    ['bad signature 글'],
  );
});

test('where nothing was cut, the proof is shown', (t) => {
  const plain: CertificationOrder = { ...order, decisions: [] };
  t.deepEqual(
    orderSummary(plain).map(({ text }) => text.en),
    ['a certificate for shop.localhost', 'shop.localhost answers'],
  );
});
