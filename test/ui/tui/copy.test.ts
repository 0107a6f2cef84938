/** What `c` copies: a message, a field, a card, a command; as text where it is text, and never what is masked. */
import test from 'ava';
import { topology } from '../../helpers/capture.ts';
import type { Driver } from './support/driver.ts';
import { verdictOf } from '../support/story.ts';
import { byHand, recorded } from './support/scenes.ts';

function copied(driver: Driver): string {
  driver.press('c');
  const last = driver.effects.at(-1);
  return last?.type === 'copy' ? last.text : `nothing: ${driver.notice}`;
}

const login = (...keys: string[]): Driver => recorded('plaintext').driver.press('space', 'space', ...keys);

test('the chosen message is copied whole', (t) => {
  const text = copied(login());
  t.regex(text, /^POST \/login HTTP\/1\.1\nHost: shop\.localhost:\d+\n/);
  t.regex(text, /username=alice&password=tiger-lily&rrn=900101-1234567$/);
});

test('the field under the cursor is copied alone', (t) => {
  t.is(copied(login('tab')), 'tiger-lily');
  t.is(copied(login('down')), 'HTTP/1.1');
});

test('what is no text is copied as hex, and a sealed record too', (t) => {
  const driver = recorded('tls').driver.press('space', 'space');
  t.regex(copied(driver), /^17 ?03 ?03/);
  driver.press('k');
  t.regex(copied(driver), /^POST \/login/);
});

test('a card is copied as it is shown, and a command unchanged', (t) => {
  const { driver } = recorded('mtls');
  for (let count = 0; count < 6; count++) driver.press('space');
  while (driver.look.body !== 'card') driver.press('v');
  const card = copied(driver);
  t.regex(card, /^ REFUSED by front/);
  t.regex(card, /\n alert +certificate_required/);
  t.false(/[ \t]$/m.test(card));
  const way = {
    hop: 'A',
    to: 'server',
    client: 'client',
    curl: 'curl http://127.0.0.1:8080/login',
    openssl: 'openssl s_client',
  };
  const { driver: held } = byHand(
    [{ type: 'began', version: '0', wallClock: '2026-01-01T00:00:00.000Z', topology }],
    { verdict: verdictOf([{}]), ways: [way] },
  );
  t.is(copied(held), way.curl);
});

test('where nothing can be copied it says so', (t) => {
  t.is(copied(recorded('plaintext').driver), 'nothing: nothing to copy here');
  t.is(copied(login('home')), 'nothing: nothing to copy here');
  t.is(copied(login('space', 'space', 'space')), 'nothing: nothing to copy here');
});

test('what is masked on the screen is masked on the clipboard', (t) => {
  t.is(copied(login('tab', 'm')), '•'.repeat(10));
  t.regex(copied(login('m')), /password=•{10}&rrn=•{14}$/);
});

test('that it was copied is said in the language of the screen', (t) => {
  const driver = login('tab');
  driver.press('c');
  driver.send({ type: 'copied', what: 'http.request.form.value' });
  t.regex(driver.screen(), /copied: http\.request\.form\.value/);
  t.regex(driver.screen({}, 'ko'), /복사됨: http\.request\.form\.value/);
});
