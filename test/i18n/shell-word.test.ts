/** Words of commands that are printed for copying. */
import test from 'ava';
import { shellWord } from '../../src/i18n/shell-word.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';

const words = [
  ['a/b.key', 'a/b.key'],
  ['', "''"],
  ['my lab', "'my lab'"],
  ['실습', "'실습'"],
  ["it's", String.raw`'it'\''s'`],
  ['a\u001B[31m', String.raw`$'a\x1b[31m'`],
  ["\n\\n'\u007F", String.raw`$'\x0a\\n\'\x7f'`],
  ['\u009B2J \u202Ex\u{E0001}', String.raw`$'\u009b2J \u202ex\U000e0001'`],
] as const;

test('what a shell would interpret is quoted, and what a terminal would obey is written as an escape', (t) => {
  for (const [word, quoted] of words) t.is(shellWord(word), quoted);
});

withPeer('bash', 'a shell reads each as the word that it was', async (t) => {
  // The bash of macOS does not read \u.
  for (const [word, quoted] of words.filter(([, one]) => !/\\u/i.test(one))) {
    const { stdout } = await runProgram('bash', ['-c', `printf %s ${quoted}`]);
    t.is(stdout, word);
  }
});
