/** The folder with the scripts of what stays up: short to type, for one user alone, and gone at the end. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptFolder } from '../../../src/cli/io/script-folder.ts';
import { commandKey } from '../../../src/presentation/scripts.ts';
import { present } from '../../helpers/capture.ts';

const ways = [
  { hop: 'A', to: 'front', client: 'alice', curl: 'curl https://a', openssl: 'openssl s_client' },
  { hop: 'B', to: 'shop', client: 'front', curl: 'curl https://b' },
];
const [first] = ways as [(typeof ways)[0]];

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-scripts-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('what is typed is short, the folder is for this user alone, and all of it goes at the end', (t) => {
  const scripts = new ScriptFolder({ language: 'en' });
  t.teardown(scripts.close);
  const written = present(scripts.write(ways));
  const folder = present(written.folder);
  t.regex(`cd ${folder}`, /^.{1,40}$/);
  t.is(statSync(folder).mode & 0o777, 0o700);
  t.deepEqual(readdirSync(folder).toSorted(), ['alice', 'alice-openssl', 'front']);
  t.is(written.typed.get(commandKey(first, 'curl')), 'sh alice');
  t.is(written.typed.get(commandKey(first, 'openssl')), 'sh alice-openssl');
  scripts.close();
  t.false(existsSync(folder));
  t.notThrows(scripts.close);
});

test('a second write replaces the scripts of its group and keeps those of others, in the same folder', (t) => {
  const path = join(temporaryFolder(t), 'try');
  const scripts = new ScriptFolder({ language: 'en', at: path, prefix: 'try/' });
  scripts.write(ways, 'one');
  const other = present(scripts.write([first], 'two'));
  t.is(other.folder, undefined);
  t.is(other.typed.get(commandKey(first, 'curl')), 'sh try/alice-front');
  const again = present(scripts.write([{ ...first, curl: 'curl https://moved' }], 'one'));
  t.is(again.typed.get(commandKey(first, 'curl')), 'sh try/alice');
  t.regex(readFileSync(join(path, 'alice'), 'utf8'), /https:\/\/moved/);
  t.deepEqual(readdirSync(path).toSorted(), ['alice', 'alice-front', 'alice-front-openssl', 'alice-openssl']);
  // A file of somebody else's is not removed, nor is the folder then.
  writeFileSync(join(path, 'mine'), '');
  scripts.close();
  t.deepEqual(readdirSync(path), ['mine']);
});

test('nothing is written for nothing, and where nothing can be written the whole commands remain', (t) => {
  const folder = temporaryFolder(t);
  const none = new ScriptFolder({ language: 'en', at: join(folder, 'try') });
  t.is(none.write([]), undefined);
  t.deepEqual(readdirSync(folder), []);
  writeFileSync(join(folder, 'file'), '');
  const blocked = new ScriptFolder({ language: 'en', at: join(folder, 'file', 'try') });
  t.is(blocked.write(ways), undefined);
  t.notThrows(blocked.close);
});

test('a file that is in the way is not followed to another place', (t) => {
  const folder = temporaryFolder(t);
  const scripts = new ScriptFolder({ language: 'en' });
  t.teardown(scripts.close);
  const { folder: made = '' } = present(scripts.write(ways));
  t.not(made, folder);
  const another = new ScriptFolder({ language: 'en' });
  t.teardown(another.close);
  t.not(present(another.write(ways)).folder, made);
});

test('the scripts of a run that was killed are replaced', (t) => {
  const at = join(temporaryFolder(t), 'try');
  t.truthy(new ScriptFolder({ language: 'en', at }).write(ways));
  const again = new ScriptFolder({ language: 'en', at });
  t.truthy(again.write(ways));
  again.close();
  t.false(existsSync(at));
});

test('what somebody else has put into the folder is kept, and no link is followed', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-kept-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const own = join(folder, 'own');
  writeFileSync(own, 'precious');
  const at = join(folder, 'try');
  mkdirSync(at);
  symlinkSync(own, join(at, 'alice'));
  const first = new ScriptFolder({ language: 'en', at });
  t.is(first.write(ways), undefined, 'the whole commands are printed instead');
  first.close();
  t.is(readFileSync(own, 'utf8'), 'precious');
  t.deepEqual(readdirSync(at), ['alice']);

  rmSync(at, { recursive: true });
  symlinkSync(folder, at);
  const second = new ScriptFolder({ language: 'en', at });
  t.is(second.write(ways), undefined);
  second.close();
  t.deepEqual(readdirSync(folder).toSorted(), ['own', 'try']);
});
