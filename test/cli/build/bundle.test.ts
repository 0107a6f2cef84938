/** The scripts that the launcher reads byte by byte: a letter outside of ASCII in one would be two or three others. */
import test from 'ava';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPlaces } from '../../../src/cli/places.ts';

test('the scripts of the launcher are ASCII, also in their regular expressions', (t) => {
  const folder = join(findPlaces({}).root, 'dist', 'bundle');
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.cjs'));
  t.true(scripts.length > 2);
  for (const name of scripts)
    t.is(
      readFileSync(join(folder, name)).findIndex((byte) => byte > 0x7f),
      -1,
      name,
    );
  // Of a pattern of the legend of the screen.
  const all = scripts.map((name) => readFileSync(join(folder, name), 'latin1')).join('');
  t.regex(all, /\\ub3c4\\ucc29\|/);
});
