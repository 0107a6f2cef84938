/**
 * The search, as a person uses it: typed, found, next and previous, round the end, not found; in bytes, titles and facts;
 * in several turns where a conversation is long.
 */
import test from 'ava';
import type { CaptureDraft } from '../../../../src/capture/event.ts';
import { pointed } from '../../../../src/ui/tui/state/selection.ts';
import { update } from '../../../../src/ui/tui/state/update.ts';
import { present, topology } from '../../../helpers/capture.ts';
import type { Driver } from '../support/driver.ts';
import { byHand, recorded } from '../support/scenes.ts';

const bytes = (from: 'client' | 'server', text: string): CaptureDraft => ({
  type: 'bytes',
  conn: 1,
  hop: 'A',
  vantage: 'wire',
  from,
  bytes: Buffer.from(text),
});
const began: CaptureDraft = { type: 'began', version: '0', wallClock: '2026-01-01T00:00:00.000Z', topology };
const opened: CaptureDraft = {
  type: 'opened',
  conn: 1,
  hop: 'A',
  transport: 'tcp',
  from: { host: '127.0.0.1', port: 50_000 },
  to: { host: '127.0.0.1', port: 80 },
};

function search(driver: Driver, text: string): Driver {
  return driver.press('/').type(text).press('enter');
}

/** Where the cursor is: the message's number from 1, and the byte in it. */
function place(driver: Driver): string {
  const { row, offset } = present(pointed(driver.look));
  return `${driver.look.chosen + 1} ${row.message.title.en} ${offset - row.message.offset}`;
}

/** A conversation is read as it is looked at, a stretch at a time. */
function readAll(driver: Driver): void {
  driver.screen();
  while (driver.scene.isReading) driver.scene.readOn();
}

const login = (): Driver => recorded('plaintext').driver.press('space', 'space');

test('what is typed is shown, corrected and sought; keys mean letters meanwhile', (t) => {
  const driver = login();
  driver.press('/').type('quit 1 LL');
  t.regex(driver.screen(), /^ \/quit 1 LL( |$)/m);
  driver.press('backspace', 'backspace', 'backspace');
  t.regex(driver.screen(), /^ \/quit 1( |$)/m);
  t.is(driver.model.language, 'en');
  t.deepEqual(
    driver.effects.filter(({ type }) => type === 'quit'),
    [],
  );
  driver.press('escape');
  t.notRegex(driver.screen(), /^ \/quit/m);
  t.is(driver.stop, 'reveal direct');
});

test('n goes to the next place and round the end, N to the one before', (t) => {
  const driver = search(login(), 'Connection');
  const first = place(driver);
  t.is(first, '2 POST /login 95');
  t.is(driver.notice, undefined);
  const places: string[] = [];
  do places.push(place(driver.press('n')));
  while (places.at(-1) !== first && places.length < 20);
  t.is(driver.notice, 'search wrapped');
  t.deepEqual(
    [...new Set(places.map((one) => Number(one.split(' ')[0])))].sort((one, other) => one - other),
    [2, 3, 4, 5],
  );
  const back: string[] = [];
  for (let count = 0; count < places.length; count++) back.push(place(driver.press('N')));
  t.deepEqual(back, [...places.slice(0, -1).toReversed(), first]);
});

test('two places in one message are found one after the other', (t) => {
  const driver = search(login(), 'login');
  t.is(place(driver), '2 POST /login 6');
  const root = recorded('plaintext').driver.press('space', 'space');
  search(root, 'e');
  const before = place(root);
  const after = place(root.press('n'));
  t.is(before.split(' ')[0], after.split(' ')[0]);
  t.true(Number(after.split(' ').at(-1)) > Number(before.split(' ').at(-1)));
  t.is(place(root.press('N')), before);
});

test('with matches in one message only, n and N wrap within it', (t) => {
  const { driver } = byHand([
    began,
    opened,
    bytes('client', '\u0001 needle and needle \u0002'),
    bytes('server', '\u0001 hay'),
    { type: 'closed', conn: 1, hop: 'A', by: 'client', how: 'end' },
  ]);
  readAll(driver);
  search(driver, 'needle');
  t.is(place(driver), '2 data 2');
  t.is(place(driver.press('n')), '2 data 13');
  t.is(place(driver.press('n')), '2 data 2');
  t.is(driver.notice, 'search wrapped');
  t.is(place(driver.press('N')), '2 data 13');
  t.is(driver.notice, 'search wrapped');
  search(driver, 'hay');
  t.is(place(driver.press('n')), '3 data 2');
  t.is(driver.notice, 'search wrapped');
});

test('titles and facts are sought too, in either case', (t) => {
  t.is(place(search(recorded('tls').driver.press('space', 'space'), 'clienthello')), '2 ClientHello 0');
  t.is(place(search(recorded('tls').driver.press('space', 'space'), 'X25519')), '3 ServerHello 0');
  t.is(place(search(login(), 'TCP closed')), '6 TCP closed 0');
});

test('what is nowhere is not found, and nothing moves', (t) => {
  const driver = login();
  const before = place(driver);
  search(driver, 'no such thing');
  t.is(driver.notice, 'not found');
  t.is(place(driver), before);
  driver.press('n');
  t.is(driver.notice, 'not found');
});

test('ciphertext is not found by what is in it, unless the keys open it', (t) => {
  const driver = recorded('tls').driver.press('space', 'space');
  t.is(search(driver, 'tiger-lily').notice, 'not found');
  driver.press('escape', 'k');
  t.regex(place(search(driver, 'tiger-lily')), /POST \/login 214/);
});

test('a search from the card or the story shows the wire', (t) => {
  const driver = recorded('mtls').driver;
  for (let count = 0; count < 8; count++) driver.press('space');
  t.not(driver.look.body, 'wire');
  search(driver, 'alert');
  t.is(driver.look.body, 'wire');
  t.regex(place(driver), /Alert/);
});

test('the end of a search by Esc gives n and N their own meaning back', (t) => {
  const driver = search(login(), 'login');
  driver.press('N');
  t.false(driver.model.notes);
  driver.press('escape', 'N');
  t.true(driver.model.notes);
});

test('Enter without a word ends the search and seeks nothing', (t) => {
  const driver = login();
  const before = place(driver);
  driver.press('/', 'enter');
  t.is(place(driver), before);
  t.is(driver.model.search.sought, '');
});

test('Hangul is typed and found in the bytes', (t) => {
  const { driver } = byHand([
    began,
    opened,
    bytes('client', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
    bytes('server', 'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n안녕하세'),
  ]);
  search(driver, '녕하');
  t.regex(place(driver), /^3 200 OK \d+$/);
});

test('a long conversation is searched in several turns, each of which says where to go on, and one after the other they find it', (t) => {
  const drafts: CaptureDraft[] = [began, opened];
  // Turns of both sides, so that each is a message of its own.
  for (let count = 0; count < 6500; count++)
    drafts.push(bytes('client', `\u0001question ${count}`), bytes('server', `\u0001answer ${count}`));
  const { driver } = byHand(drafts);
  readAll(driver);
  t.true(driver.look.rows.length > 12_000);
  driver.press('home', '/').type('answer 6400');
  const [first, effects] = update(driver.model, { type: 'key', key: 'enter' });
  t.deepEqual(effects, [{ type: 'search-on' }]);
  t.truthy(first.search.going);
  driver.press('enter');
  t.is(driver.effects.filter(({ type }) => type === 'search-on').length, 2);
  t.is(driver.model.search.going, undefined);
  t.regex(driver.screen({ columns: 120, rows: 40 }), /answer 6400/);
  // What is not there is looked for in all of it, and the search ends.
  driver.press('escape');
  search(driver, 'answer 9999');
  t.is(driver.notice, 'not found');
});

test('a viewer who has moved meanwhile is not moved back', (t) => {
  const drafts: CaptureDraft[] = [began, opened];
  for (let count = 0; count < 6000; count++)
    drafts.push(bytes('client', `\u0001q ${count}`), bytes('server', `\u0001a ${count}`));
  const { driver } = byHand(drafts);
  readAll(driver);
  driver.press('home', '/').type('a 5999');
  const [going] = update(driver.model, { type: 'key', key: 'enter' });
  const [ended] = update(going, { type: 'key', key: 'escape' });
  const [after, effects] = update(ended, { type: 'search-on' });
  t.is(after, ended);
  t.deepEqual(effects, []);
});
