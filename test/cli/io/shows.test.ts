/** What is remembered of shows that were ended in the middle: never required, put in place whole, and nothing but numbers. */
import test from 'ava';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftShow, rememberShow } from '../../../src/cli/io/shows.ts';
import { showFolders } from '../../../src/cli/notes/shows.ts';
import { progressFile } from '../../../src/cli/places.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-shows-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const newFile = (): string => join(folder, `state-${++files}`, 'wirelab', 'shows.json');

test('the place where a show was left is found again, and is gone once the end was reached', (t) => {
  const file = newFile();
  t.is(leftShow(file, 'tls', 8), undefined);
  rememberShow(file, 'tls', { step: 5, of: 8 });
  rememberShow(file, 'mtls', { step: 2, of: 30 });
  t.deepEqual(leftShow(file, 'tls', 8), { step: 5, of: 8 });
  t.deepEqual(leftShow(file, 'mtls', 30), { step: 2, of: 30 });
  rememberShow(file, 'tls', { step: 7, of: 8 });
  t.is(leftShow(file, 'tls', 8)?.step, 7);
  rememberShow(file, 'tls', undefined);
  t.is(leftShow(file, 'tls', 8), undefined);
  t.is(leftShow(file, 'mtls', 30)?.step, 2);
});

test('a scenario that has another number of steps by now is begun anew', (t) => {
  const file = newFile();
  rememberShow(file, 'tls', { step: 5, of: 8 });
  t.is(leftShow(file, 'tls', 10), undefined);
});

test('the file is the user’s alone, holds names and numbers, and nothing else is left in its folder', (t) => {
  const file = newFile();
  rememberShow(file, 'tls', { step: 5, of: 8 });
  rememberShow(file, 'tls', { step: 6, of: 8 });
  t.is(statSync(file).mode & 0o777, 0o600);
  t.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { tls: { step: 6, of: 8 } });
  t.deepEqual(readdirSync(join(file, '..')), ['shows.json']);
});

test('what cannot be read counts as nothing, and is replaced', (t) => {
  for (const content of [
    '',
    '{',
    'null',
    '[]',
    '7',
    '{"tls":5}',
    '{"tls":null}',
    '{"tls":{"step":"5","of":8}}',
    '{"tls":{"step":0,"of":8}}',
    '{"tls":{"step":9,"of":8}}',
    '{"tls":{"step":1.5,"of":8}}',
    '{"tls":{"step":5}}',
    `{"tls":{"step":5,"of":8}}${' '.repeat(100_000)}`,
  ]) {
    const file = newFile();
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, content);
    t.is(leftShow(file, 'tls', 8), undefined, content.slice(0, 40));
    rememberShow(file, 'tls', { step: 5, of: 8 });
    t.is(leftShow(file, 'tls', 8)?.step, 5, content.slice(0, 40));
  }
});

test('names that objects have anyway are names of scenarios as well', (t) => {
  const file = newFile();
  for (const name of ['__proto__', 'constructor', 'toString']) {
    t.is(leftShow(file, name, 8), undefined);
    rememberShow(file, name, { step: 3, of: 8 });
    t.is(leftShow(file, name, 8)?.step, 3);
  }
});

test('where nothing can be written, nothing happens', (t) => {
  const file = newFile();
  // A folder stands where the file would be; a file where the folder would be; no place at all.
  mkdirSync(file, { recursive: true });
  const blocked = join(folder, `blocked-${files}`);
  writeFileSync(blocked, '');
  for (const place of [file, join(blocked, 'shows.json'), undefined]) {
    t.notThrows(() => rememberShow(place, 'tls', { step: 5, of: 8 }));
    t.is(leftShow(place, 'tls', 8), undefined);
  }
  t.deepEqual(readdirSync(join(file, '..')), ['shows.json']);
});

test('only the newest are kept', (t) => {
  const file = newFile();
  for (let number = 0; number < 210; number++) rememberShow(file, `show-${number}`, { step: 1, of: 8 });
  t.is(leftShow(file, 'show-0', 8), undefined);
  t.truthy(leftShow(file, 'show-209', 8));
  t.is(Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object).length, 200);
});

test('its place: WIRELAB_STATE, else as XDG says', (t) => {
  t.is(progressFile({ WIRELAB_STATE: '/w', XDG_STATE_HOME: '/x' }), '/w/shows.json');
  t.is(progressFile({ XDG_STATE_HOME: '/x' }), '/x/wirelab/shows.json');
  // The sockets of running shows too.
  t.is(showFolders({ WIRELAB_STATE: '/w', XDG_STATE_HOME: '/x' })[0], '/w/shows');
  t.is(showFolders({ XDG_STATE_HOME: '/x' })[0], '/x/wirelab/shows');
  t.regex(progressFile({}) ?? '/.local/state/wirelab/shows.json', /\/\.local\/state\/wirelab\/shows\.json$/);
});
