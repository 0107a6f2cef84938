import test from 'ava';
import type { Observation } from '../../../src/capture/event.ts';
import { theftAttempts } from '../../../src/peers/reports/attack.ts';
import type { Language } from '../../../src/i18n/language.ts';
import { shown } from '../../../src/features/theft/shown.ts';
import { reportOf, shownBy } from '../support/reports.ts';

type Theft = Extract<Observation, { kind: 'theft' }>;

const theft = (...tries: readonly Partial<Theft['tries'][number]>[]): Theft => ({
  kind: 'theft',
  tries: tries.map((one) => ({
    attempt: 'stolen_private_key',
    conn: 4,
    hop: 'D',
    tried: 1,
    opened: 0,
    ...one,
  })),
});

const theftLines = (who: string, result: Theft, language: Language): string[] =>
  shownBy(shown, reportOf(who, result), (own, report) => own.outcome?.(report)).statements.map(
    ({ text }) => text[language],
  );

test('each attempt is a line with what it opened; with what was read', (t) => {
  const read =
    'POST /login HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 19\r\n\r\npassword=tiger-lilyGET /profile HTTP/1.1\r\n\r\n';
  t.deepEqual(theftLines('mallory', theft({ opened: 1, read }, {}), 'en'), [
    'mallory (wire D, connection 4) tries the stolen private key on the recording: opens 1 of 1, and reads password=tiger-lily',
    'mallory (wire D, connection 4) tries the stolen private key on the recording: opens 0 of 1',
  ]);
  t.deepEqual(
    theftLines(
      'mallory',
      theft({ attempt: 'guesses_locked', tried: 4, opened: 1, read: 'password=tiger-lily' }),
      'ko',
    ),
    [
      'mallory가 추측을 공개 키로 잠가 구간 D의 4번 연결과 비교해 봄: 4개 중 1개 열림. 읽은 내용: password=tiger-lily',
    ],
  );
});

test('every attempt has words of its own in every language', (t) => {
  for (const language of ['en', 'ko'] as const) {
    const lines = theftAttempts.flatMap((attempt) => theftLines('mallory', theft({ attempt }), language));
    t.is(new Set(lines).size, theftAttempts.length);
    for (const line of lines) t.is(/[가-힣]/.test(line), language === 'ko');
  }
});

test('what was read is foreign: nothing in it reaches a terminal raw', (t) => {
  for (const read of [
    '\u001b[2J',
    'a\r\n\r\nb\u0000',
    'Content-Length: 999999\r\n\r\n\u009b1m',
    '\r\n\r\n',
    'Content-Length: x\r\n\r\n\u202e',
  ]) {
    for (const line of theftLines('mallory', theft({ opened: 1, read }), 'en'))
      t.notRegex(line, /[\u0000-\u001f\u007f-\u009f\u202e]/);
  }
});
