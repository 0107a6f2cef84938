/**
 * Packs the built checkout for a class without internet access (`make class`, `make class-instructor`). build/archive.ts
 * selects the files.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { languageOf } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { grouped } from '../../i18n/number.ts';
import { classArchive } from './archive.ts';
import { userErrorLines } from '../io/user-error-text.ts';
import { findPlaces } from '../places.ts';

const { root } = findPlaces(process.env);

try {
  const { name, bytes, paths } = await classArchive(
    root,
    process.argv.includes('--instructor') ? 'instructor' : 'learner',
  );
  const place = join(root, 'dist', name);
  writeFileSync(`${place}.new`, bytes);
  renameSync(`${place}.new`, place);
  console.log(`dist/${name}: ${grouped(paths.length)} files, ${grouped(bytes.length)} bytes`);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(userErrorLines(error, languageOf(process.env)).join('\n'));
  process.exitCode = 2;
}
