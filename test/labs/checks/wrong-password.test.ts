import test from 'ava';
import { attemptIn, placeholder, wrongPasswordOf } from '../../../src/labs/checks/wrong-password.ts';

const accounts = [
  { user: 'alice', password: 'otter&maple47' },
  { user: 'bob', password: 'kelp+opal10' },
  { user: 'carol', password: 'fjord%lotus99' },
  { user: 'dave', password: 'raven=tulip12' },
];

const cases: readonly (readonly [
  user: string,
  password: string,
  slip: ReturnType<typeof wrongPasswordOf>,
])[] = [
  ['alice', 'otter%26maple47', 'still_encoded'],
  ['bob', 'kelp%2Bopal10', 'still_encoded'],
  ['carol', 'fjord%25lotus99', 'still_encoded'],
  ['dave', 'raven%3Dtulip12', 'still_encoded'],
  ['alice', 'otter', 'not_encoded'],
  ['bob', 'kelp opal10', 'not_encoded'],
  ['alice', placeholder, 'placeholder'],
  ['alice', 'kelp+opal10', 'of_another'],
  ['nobody', 'kelp+opal10', 'of_another'],
  ['alice', 'tiger-lily', undefined],
  ['alice', 'otter&maple48', undefined],
  ['alice', 'otter&maple47', undefined],
  ['dave', 'raven=tulip12', undefined],
];

for (const [user, password, slip] of cases) {
  test(`${user} with ${password} is ${slip ?? 'nothing in particular'}`, (t) => {
    t.is(wrongPasswordOf({ user, password }, accounts), slip);
  });
}

test('a password that the shell has cut at & is told from one that was sent unencoded', (t) => {
  const slip = (form: string): ReturnType<typeof wrongPasswordOf> =>
    wrongPasswordOf({ user: 'alice', password: 'otter', form }, accounts);
  t.is(slip('username=alice&password=otter&rrn=900101-1234567'), 'cut_by_shell');
  t.is(slip('username=alice&password=otter&maple47&rrn=900101-1234567'), 'not_encoded');
  t.is(
    wrongPasswordOf({ user: 'bob', password: 'kelp', form: 'username=bob&password=kelp&rrn=1' }, accounts),
    undefined,
    'a shell ends no command at +',
  );
});

const body = 'username=alice&password=otter%26maple47&rrn=900101-1234567';

test('a login is found in a request, and in a body that comes by itself', (t) => {
  for (const sent of [`POST /login HTTP/1.1\r\nHost: bank.localhost\r\n\r\n${body}`, body])
    t.deepEqual(attemptIn(Buffer.from(sent)), { user: 'alice', password: 'otter&maple47', form: body });
});

test('what is no login, or only a part of one, is none', (t) => {
  for (const sent of [
    '',
    '\r\n\r\n',
    'GET /login HTTP/1.1\r\n\r\n',
    body.slice(0, 20),
    `${body}&password=twice`,
    '\u0000\u00FF',
  ])
    t.is(attemptIn(Buffer.from(sent, 'latin1')), undefined, sent);
});
