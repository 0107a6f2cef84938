/** Admissions from pairs of reactions: what the valid client met with, and what another did. */
import test from 'ava';
import { judge, judgeAgain, judgeValid } from '../../../src/diagnosis/admission/judge.ts';
import type { Admission } from '../../../src/diagnosis/admission/judge.ts';
import { markOf, verdictOf } from '../../../src/diagnosis/admission/proof.ts';
import type { PlayedClient } from '../../../src/diagnosis/admission/proof.ts';
import type { Answered, Reaction } from '../../../src/diagnosis/admission/reaction.ts';

const http = (status: number, body = 'hello', more: Partial<Answered> = {}): Answered => ({
  kind: 'answered',
  line: `HTTP/1.1 ${status}`,
  status,
  isRefusal: [401, 403].includes(status),
  isAboutCertificates: false,
  body,
  ...more,
});
const aboutCertificates = { isRefusal: true, isAboutCertificates: true } as const;
const bytes: Reaction = {
  kind: 'answered',
  line: '00ff',
  isRefusal: false,
  isAboutCertificates: false,
  body: '00ff',
};
const silent: Reaction = { kind: 'silent', isAsked: true };
const unasked: Reaction = { kind: 'silent', isAsked: false };
const ended = (isAsked: boolean): Reaction => ({ kind: 'ended', how: 'closed', isSecured: true, isAsked });
const alert: Reaction = { kind: 'alert', description: 'certificate_required', code: 116 };

const rows: readonly (readonly [string, Reaction, Reaction | undefined, Admission['kind']])[] = [
  ['an alert refuses', alert, http(200), 'refused_by_tls'],
  ['the same answer admits', http(200), http(200), 'admitted'],
  ['the same status with other words admits', http(200, 'guest'), http(200), 'admitted'],
  ['a 404 for both admits', http(404), http(404), 'admitted'],
  ['a 403 refuses', http(403), http(200), 'refused_by_application'],
  ['a 400 refuses where the valid client has a 200', http(400), http(200), 'refused_by_application'],
  ['a redirection refuses where the valid client has a 200', http(302), http(200), 'refused_by_application'],
  ['a redirection for both admits', http(302), http(302), 'admitted'],
  ['a 401 for both tells nothing', http(401), http(401), 'not_tested'],
  ['a 400 about certificates refuses', http(400, '', aboutCertificates), http(401), 'refused_by_application'],
  ['a 200 admits where the valid client is refused', http(200), http(401), 'admitted'],
  ['a 200 admits where the valid client is not known', http(200), undefined, 'admitted'],
  ['bytes of no protocol where the valid client has a 200 tell nothing', bytes, http(200), 'not_tested'],
  ['silence for both admits', silent, silent, 'admitted'],
  ['silence where nothing could be asked tells nothing', unasked, unasked, 'not_tested'],
  ['silence where the valid client is answered tells nothing', silent, http(200), 'not_tested'],
  ['an end refuses where the valid client is answered', ended(true), http(200), 'refused_by_tls'],
  ['an end refuses where the valid client stays connected', ended(true), silent, 'refused_by_tls'],
  ['an end behind a question tells nothing without the valid client', ended(true), undefined, 'not_tested'],
  ['an end before any question refuses', ended(false), undefined, 'refused_by_tls'],
  ['a handshake that hangs tells nothing', { kind: 'hanging' }, http(200), 'not_tested'],
  ['no connection tells nothing', { kind: 'no_connection', code: 'ECONNREFUSED' }, http(200), 'not_tested'],
  ['a failure of this side tells nothing', { kind: 'own_failure', code: 'X' }, http(200), 'not_tested'],
];
for (const [title, reaction, measure, kind] of rows)
  test(title, (t) => t.is(judge(reaction, measure).kind, kind));

test('the valid client once more: as at first, or not', (t) => {
  t.is(judgeAgain(http(403), http(403)).kind, 'admitted');
  t.is(judgeAgain(silent, silent).kind, 'admitted');
  t.is(judgeAgain(unasked, unasked).kind, 'admitted');
  t.not(judgeAgain(http(502), http(200)).kind, 'admitted');
  t.not(judgeAgain(alert, http(200)).kind, 'admitted');
});

test('an admission says whether the answer is the valid client’s', (t) => {
  t.like(judge(http(200), http(200)), { answer: 'same' });
  t.like(judge(http(200, 'guest'), http(200)), { answer: 'other' });
  t.like(judge(silent, silent), { answer: 'none' });
});

test('the valid client is admitted by an answer or by staying connected, not by a handshake', (t) => {
  t.is(judgeValid(http(200)).kind, 'admitted');
  t.is(judgeValid(http(401)).kind, 'admitted');
  t.is(judgeValid(silent).kind, 'admitted');
  t.is(judgeValid(http(400, '', aboutCertificates)).kind, 'refused_by_application');
  t.is(judgeValid(alert).kind, 'refused_by_tls');
  t.is(judgeValid(ended(true)).kind, 'not_tested');
});

const words = { en: '', ko: '' };
const client = (expected: PlayedClient['expected'], reaction: Reaction): PlayedClient => {
  const admission = judge(reaction, http(200));
  return { id: 'x', words, expected, admission, mark: markOf(expected, admission) };
};
const valid = client('admitted', http(200));

test('a hole counts whatever else is unknown', (t) => {
  const hole = client('refused', http(200));
  t.is(hole.mark, 'hole');
  t.is(verdictOf([valid, hole, client('refused', silent)], false).verdict, 'not_enforced');
});

test('without a hole, every client that was tried must have told something', (t) => {
  t.is(verdictOf([valid, client('refused', alert)], true).verdict, 'enforced');
  t.is(verdictOf([valid, client('refused', alert)], false).verdict, 'unknown');
  t.is(verdictOf([valid, client('refused', silent)], true).verdict, 'unknown');
  t.is(verdictOf([client('admitted', alert), client('refused', alert)], true).verdict, 'unknown');
  t.is(verdictOf([valid, client('refused', alert), client('admitted', alert)], true).verdict, 'unknown');
});

test('nothing depends on a client that may be admitted and tells nothing', (t) => {
  const unclear = client('either', silent);
  t.is(unclear.mark, 'unknown');
  t.is(verdictOf([valid, unclear, valid], true).verdict, 'enforced');
});

test('a client that may be admitted is noted, and is no hole', (t) => {
  const noted = client('either', http(200));
  t.is(noted.mark, 'noted');
  t.is(verdictOf([valid, noted], true).verdict, 'enforced');
});
