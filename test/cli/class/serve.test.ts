/** `class serve` as an instructor runs it: its lines, its board in the browser, and what is left of it after a restart. */
import test from 'ava';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { classLines } from '../../../src/cli/class/roster/class-lines.ts';
import type { Environment, Parsed } from '../../../src/cli/command.ts';
import { findPlaces } from '../../../src/cli/places.ts';
import { start } from '../../helpers/running.ts';
import { until } from '../../helpers/until.ts';
import { entryOf } from '../../../src/cli/class/board.ts';
import type { BoardUpdate } from '../../../src/ui/html/board/format.ts';
import { ask } from '../../helpers/ask-http.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { Viewer } from '../run/share/support.ts';
import { anEntry, call, folderFor, invited, servingClass } from './roster/support.ts';

const body = (more: Parameters<typeof anEntry>[0] = {}): string => JSON.stringify(entryOf(anEntry(more)));
const updateOf = ({ data }: { readonly data: string }): BoardUpdate => JSON.parse(data) as BoardUpdate;

test('a line for each change, a card for who is turned away, and a board that follows', async (t) => {
  const folder = folderFor(t);
  const [anna, bin] = await invited(folder, ['anna', 'bin']);
  if (!anna || !bin) return void t.fail();
  const { running, url, at } = await servingClass(t, folder);
  const { child, exit } = running;
  const viewer = new Viewer(`${url}events`);
  t.is((await call(at(anna), { body: body() })).status, 204);
  t.is((await call(at(bin), { body: body({ learner: 'bin' }) })).status, 204);
  await running.until(
    /anna {2}?mutual-tls 1\/2, task 2 \(keep-mallory-out\), 1 hint: mallory was admitted|anna mutual-tls 1\/2, task 2/,
  );
  await viewer.until(
    (event) => event.name === 'message' && JSON.stringify(updateOf(event)).includes('mallory was admitted'),
  );
  const { identity: _none, ...nobody } = at(anna);
  await t.throwsAsync(call(nobody));
  const printed = await running.until(
    /REFUSED by class: the client \(no certificate\)[^]*expected[^]*Class Client CA/,
  );
  t.regex(printed, /^ +on wire A {2,}a sealed record/m, 'the whole label');
  t.notRegex(printed, /remedy/, 'what to do about it is not a matter of options');
  await viewer.until(
    (event) => event.name === 'message' && JSON.stringify(updateOf(event)).includes('REFUSED by class'),
  );
  // Withdrawn while it runs.
  t.is((await askWirelab(['class', 'withdraw', 'bin', '--folder', join(folder, 'class')])).exitCode, 0);
  await running.until(/who is invited has changed: 1 learner/);
  await t.throwsAsync(call(at(bin)));
  await running.until(/REFUSED by class: the client \(revoked\)/);
  const page = await ask(url);
  t.is(page.status, 200);
  t.regex(
    page.body,
    /<section id="learners"[^]*mallory was admitted[^]*<section id="turned-away"[^]*\(revoked\)/,
  );
  t.regex(page.body, /2 of 2 learners have reported/, 'what was reported stays, and so does who reported it');
  t.regex(page.body, /Not invited any more: bin</);
  t.notRegex(String(page.headers['content-security-policy']), /unsafe/);
  t.is((await ask(`${url}bytes`)).status, 404);
  t.is((await ask(new URL('/', url).href)).status, 404, 'not without the token');
  child.kill('SIGTERM');
  await viewer.until(({ name }) => name === 'end');
  t.deepEqual([...(await exit)], [143, null]);
});

test('what was reported is there after a kill and a restart; the same again is no news', async (t) => {
  const folder = folderFor(t);
  const [anna] = await invited(folder, ['anna']);
  if (!anna) return void t.fail();
  const first = await servingClass(t, folder);
  const again = await askWirelab([
    'class',
    'serve',
    '127.0.0.1:0',
    '--folder',
    join(folder, 'class'),
    '--no-open',
  ]);
  t.is(again.exitCode, 2);
  t.regex(again.stderr, /this class is being served/);
  t.is((await call(first.at(anna), { body: body() })).status, 204);
  first.running.child.kill('SIGKILL');
  await first.running.exit;
  const second = await servingClass(t, folder);
  t.regex((await ask(second.url)).body, /mallory was admitted/);
  t.is((await call(second.at(anna), { body: body() })).status, 204);
  t.is((await call(second.at(anna), { body: body({ hints: 2 }) })).status, 204);
  const printed = await second.running.until(/2 hints/);
  t.is(printed.match(/anna mutual-tls|anna {2}mutual-tls/g)?.length, 1);
  t.is(
    readFileSync(join(folder, 'class', 'board.jsonl'), 'utf8')
      .trim()
      .split('\n').length,
    1,
  );
});

test('on the board everything foreign is text', async (t) => {
  const folder = folderFor(t);
  const [anna] = await invited(folder, ['anna']);
  if (!anna) return void t.fail();
  const { at, url, running } = await servingClass(t, folder);
  const text = '<script>alert(1)</script><img src=x onerror=alert(2)>\u202e\u001b[31m';
  const hostile = body({ lab: text, task: { id: text, number: 2 }, finding: { en: text, ko: text } });
  t.is((await call(at(anna), { body: hostile })).status, 204);
  t.notRegex(await running.until(/script/), /[\u001b\u202e]/);
  const viewer = new Viewer(`${url}events`);
  const told = await viewer.until((event) => event.data.includes('alert'));
  viewer.close();
  const markup = updateOf(told)
    .sections.map(([, part]) => part)
    .join('');
  for (const part of [(await ask(url)).body.replace(/<script>[^<]*<\/script>/g, ''), markup]) {
    t.notRegex(part, /<img|<script>alert|[\u001b\u202e]/);
    t.true(part.includes('&#60;img'));
  }
});

test('a wrong call begins nothing, and one sentence says what is wrong', async (t) => {
  const folder = folderFor(t);
  const place = join(folder, 'class');
  const wrong: readonly (readonly [RegExp, readonly string[]])[] = [
    [/no class in this folder yet/, ['serve', '--folder', place]],
    [/no class in this folder yet/, ['withdraw', 'anna', '--folder', place]],
    [/who is invited/, ['invite', '--folder', place]],
    [/who is invited/, ['invite', 'anna', '--learners', 'x', '--folder', place]],
    [/not a learner’s name/, ['invite', 'Anna', '--folder', place]],
    [/not a learner’s name/, ['invite', '../anna', '--folder', place]],
    [/not a learner’s name/, ['invite', 'a\nb', '--folder', place]],
    [/learners cannot call/, ['invite', 'anna', '--server', '0.0.0.0:8450', '--folder', place]],
    [/learners cannot call/, ['invite', 'anna', '--server', '127.0.0.1:0', '--folder', place]],
    [/--server/, ['invite', 'anna', '--server', 'http://x', '--folder', place]],
    [/--days/, ['invite', 'anna', '--days', '0', '--folder', place]],
    [/whose invitation/, ['withdraw', '--folder', place]],
  ];
  for (const [says, words] of wrong) {
    const { exitCode, stderr, stdout } = await askWirelab(['class', ...words, '--lang', 'en'], {
      cwd: folder,
    });
    t.is(exitCode, 2, words.join(' '));
    t.regex(stderr, says);
    t.is(stdout, '');
  }
  t.deepEqual(readdirSync(folder), []);
});

test('several learners of a list have a file each, in a folder', async (t) => {
  const folder = folderFor(t);
  writeFileSync(join(folder, 'learners.txt'), 'anna\nbin # by the window\n');
  const words = [
    'class',
    'invite',
    '--learners',
    'learners.txt',
    '--out',
    'invitations',
    '--folder',
    'class',
  ];
  const made = await askWirelab([...words, '--server', '192.0.2.7:9000', '--lang', 'ko'], { cwd: folder });
  t.is(made.exitCode, 0, made.stderr);
  t.deepEqual(readdirSync(join(folder, 'invitations')), ['anna.pem', 'bin.pem']);
  t.regex(made.stdout, /class serve 0\.0\.0\.0:9000 --folder class/);
});

test('invitations that lead elsewhere are said at the start, and a folder that was made for none goes again', async (t) => {
  const folder = folderFor(t);
  const words = ['class', 'invite', 'anna', 'bin', '--folder', 'class', '--server', '192.0.2.7:9000'];
  t.is((await askWirelab([...words, '--out', 'first'], { cwd: folder })).exitCode, 0);
  t.is((await askWirelab([...words, '--out', 'second'], { cwd: folder })).exitCode, 2);
  t.deepEqual(readdirSync(folder), ['class', 'first']);
  const place = join(folder, 'class');
  const { child } = start(t, [
    'class',
    'serve',
    '127.0.0.1:0',
    '--folder',
    place,
    '--no-open',
    '--lang',
    'en',
  ]);
  let said = '';
  child.stderr.on('data', (text: string) => (said += text));
  t.true(await until(() => said.includes('invitations lead to 192.0.2.7')));
});

test('whoever knocks with another certificate each time does not fill the terminal', async (t) => {
  const printed: string[] = [];
  const stdout = { columns: 80, write: (text: string) => printed.push(text) };
  const environment = {
    variables: {},
    places: findPlaces({}),
    language: 'en',
    stdout,
    stderr: stdout,
  } as unknown as Environment;
  let now = 1_000_000;
  const lines = classLines(
    { flag: () => false, text: () => undefined } as unknown as Parsed,
    environment,
    () => now,
  );
  const card = (name: string) => ({
    card: { headline: { en: `REFUSED ${name}`, ko: name }, rows: [] },
    at: now,
    count: 1,
  });
  for (let at = 0; at < 100; at++) lines.turnedAway(card(`first-${at}`));
  // Lines of one turn are written together.
  await Promise.resolve();
  t.is(printed.join('').match(/REFUSED/g)?.length, 20);
  t.is(printed.join('').match(/more are turned away/g)?.length, 1);
  now += 61_000;
  lines.turnedAway(card('later'));
  await Promise.resolve();
  t.regex(printed.join(''), /REFUSED later/);
});
