/**
 * The two sheets over the body: versions of TLS beside each other, and one record as three see it. What they say is checked
 * against the recorded runs; that they open and close as every sheet does, by keys.
 */
import test from 'ava';
import { languages } from '../../../../src/i18n/language.ts';
import { sidesOf } from '../../../../src/ui/tui/state/sides.ts';
import { present } from '../../../helpers/capture.ts';
import type { Driver } from '../support/driver.ts';
import { recorded } from '../support/scenes.ts';

const large = { columns: 200, rows: 60 };
const spaces = (count: number): string[] => Array.from({ length: count }, () => 'space');
const rowOf = (screen: string, name: string): string =>
  present(screen.split('\n').find((line) => line.includes(name)));

function alice(): Driver {
  return recorded('mtls', { size: large }).driver.press(...spaces(4));
}

test('s shows alice’s two connections, the older version on the left, and what each gives away', (t) => {
  const driver = alice().press('s');
  const screen = driver.screen();
  t.regex(screen, /TLS 1\.2, connection \d+ +TLS 1\.3, connection \d+/);
  t.regex(
    rowOf(screen, 'server certificate'),
    /> server certificate +! CN=shop\.localhost, O=Workshop.*# among [0-9,]+ sealed bytes/,
  );
  t.regex(
    rowOf(screen, 'client certificate'),
    /> client certificate +! CN=alice, O=Workshop +# one was shown/,
  );
  t.regex(rowOf(screen, 'site (SNI)'), /^ {3}site \(SNI\) +! shop\.localhost +! shop\.localhost/);
  t.regex(rowOf(screen, 'password length'), /~ 10 characters.*~ 10 characters/);
  t.regex(screen, /! readable, # sealed, - absent, ~ inferred, > the versions differ/);
  t.regex(
    screen,
    /TLS 1\.2: 272 bytes of record hold 243 bytes of request\. Without the password it has 233: 10 are left\./,
  );
  t.is(sidesOf(driver.look).length, 2);
});

test('a refused client is compared in both versions: its alert readable in one, sealed in the other', (t) => {
  const screen = recorded('mtls', { size: large })
    .driver.press(...spaces(12), 's')
    .screen();
  t.regex(rowOf(screen, 'who the client is'), /! CN=mallory, O=Workshop/);
  t.regex(rowOf(screen, 'alerts'), /> alerts +! unknown_ca \(48\) +# 1, by their size of 24 bytes/);
});

test('of one version alone there is one column, and where to see both', (t) => {
  const screen = recorded('tls', { size: large }).driver.press('space', 'space', 'WIRE', 's').screen();
  t.regex(screen, /\n +TLS 1\.3, connection \d+\n/);
  t.regex(screen, /run versions/);
});

test('where no TLS is spoken a notice says so, and no sheet opens', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('space', 'space', 's');
  t.is(driver.model.sheet, 'none');
  t.regex(driver.notice ?? '', /no TLS/);
});

test('a sheet closes by its key, by q, by going on, and gives way to the other one', (t) => {
  const driver = alice();
  t.is(driver.press('s').model.sheet, 'sides');
  t.is(driver.press('t').model.sheet, 'record');
  t.is(driver.press('t').model.sheet, 'none');
  t.is(driver.press('s', 'q').model.sheet, 'none');
  t.is(driver.press('s', 'e').model.sheet, 'none');
  t.is(driver.press('s', 'space').model.sheet, 'none');
  t.is(driver.effects.filter(({ type }) => type === 'quit').length, 0);
});

test('the table scrolls to its end at every size', (t) => {
  for (const language of languages) {
    const driver = alice();
    driver.model = { ...driver.model, size: { columns: 80, rows: 24 }, language };
    driver.press('s', 'end');
    t.regex(driver.screen(), language === 'en' ? /in place of the password\./ : /구할 수 없습니다\./);
    t.notRegex(driver.screen(), /↓ (?:more|더 있음)/);
  }
});

test('t shows one record three times: conclusions from its size, its bytes, what the keys make of it', (t) => {
  const driver = recorded('tls', { size: large }).driver.press('space', 'space', 'WIRE', 't');
  const screen = driver.screen();
  t.regex(screen, /without keys.*the bytes.*with the keys/);
  t.regex(screen, /Of its 265 bytes, 243 are content, unless it is padded/);
  t.regex(screen, /By its place it belongs to request 1\./);
  t.regex(screen, /01c4 +17\|03 03\|01 04\|/);
  t.regex(screen, /password=tiger-lily/);
  // The same with the ciphertext opened in place, but for the bytes.
  driver.press('k');
  const opened = driver.screen();
  t.regex(opened, /Of its 265 bytes, 243 are content/);
  t.regex(opened, /password=tiger-lily/);
});

test('every message of a connection has three views, sealed or not, with the keys or without', (t) => {
  const said = new Set<string>();
  for (const keys of [[], ['k']]) {
    const driver = alice().press('WIRE', ...keys, 'home', 't');
    for (let count = 0; count < driver.look.rows.length; count++) {
      for (const line of driver.press('down').screen().split('\n')) said.add(line);
    }
  }
  const all = [...said].join('\n');
  for (const words of [
    'everything in it can be',
    'Its type says that it is an alert',
    'the answer to request 1',
    'belongs to the handshake',
    'The same: nothing is sealed',
  ])
    t.true(all.includes(words), words);
});

test('under TLS 1.3 records before the Finished are identified by their position, and the Finished by its size', (t) => {
  const driver = recorded('mtls', { size: large }).driver.press('space', 'space', 'WIRE', 'home', 't');
  const said: string[] = [];
  for (let count = 0; count < driver.look.rows.length; count++) said.push(driver.press('down').screen());
  const all = said.join('\n');
  for (const words of [
    'the server’s part of the handshake',
    'comes before the client’s Finished',
    'it is the client’s Finished',
    'By its size it is an alert',
  ])
    t.true(all.includes(words), words);
});

test('fields and the byte under the cursor have marks without any colour', (t) => {
  const { driver } = recorded('tls', { layout: 'hex' });
  driver.press('space', 'space', 'WIRE', 'tab');
  t.regex(driver.screen(), /<17>03 03\|01 04\|/);
  driver.press('right', 'right');
  t.regex(driver.screen(), /17<03\*03>01 04\|/);
  driver.press('right', 'right', 'right');
  t.regex(driver.screen(), /17\|03 03\|01 04</);
});

test('a row of fields, and of text, has a mark where the cursor is', (t) => {
  const { driver } = recorded('tls');
  driver.press('space', 'space', 'WIRE', 'home', 'down', 'tab', 'down', 'down');
  t.regex(driver.screen(), /│> +record length: /);
  t.is(
    driver
      .screen()
      .split('\n')
      .filter((line) => /│>/.test(line)).length,
    1,
  );
});
