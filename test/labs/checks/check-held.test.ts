/** What a check says of a connection that is to end: how old it is, and how old the proxy lets it become. */
import test from 'ava';
import { judgeHeld } from '../../../src/labs/checks/check-held.ts';

const since = '2026-01-01T00:00:00.000Z';
const state = { client: 'bob', connection: { since, resumed: false, requests: 12 } };

test('a connection that is still open says when the door will end it', (t) => {
  const at = Date.parse(since) + 29_400;
  const { status, says } = judgeHeld('end', state, 3600, at);
  t.is(status, 'open');
  t.regex(says.en, /The door ends it when it is 3600 s old; it is 29 s old/);
  t.regex(says.ko, /3600초가 되면.*29초째/);
});

test('without a greatest age nothing is said of one', (t) => {
  t.notRegex(judgeHeld('end', state, undefined, Date.parse(since)).says.en, /s old/);
});
