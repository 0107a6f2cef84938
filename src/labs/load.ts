/**
 * Loads compiled labs by name, in the order of the course. In the archive for a class they are compressed (`build/archive.ts`):
 * somebody who looks for a word in its files does not come upon the hints.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { UserError } from '../i18n/user-error.ts';
import { nearest } from '../i18n/nearest.ts';
import type { CompiledLab } from './lab.ts';

/** Behind the name of a compressed lab. */
export const compressedSuffix = '.json.gz';

/** The names of the labs that come with wirelab, sorted. */
export function labNames(compiledFolder: string): string[] {
  const names = existsSync(compiledFolder) ? readdirSync(compiledFolder) : [];
  return [
    ...new Set(names.flatMap((name) => /^([a-z0-9][a-z0-9-]*)\.json(?:\.gz)?$/.exec(name)?.[1] ?? [])),
  ].toSorted();
}

/** All of them, as the course goes through them. */
export function labCourse(compiledFolder: string): CompiledLab[] {
  const place = ({ tasks }: CompiledLab): number => tasks.course?.order ?? Number.POSITIVE_INFINITY;
  return labNames(compiledFolder)
    .map((name) => loadLab(name, compiledFolder))
    .toSorted((one, other) => (place(one) < place(other) ? -1 : place(one) > place(other) ? 1 : 0));
}

function textOf(name: string, compiledFolder: string): string {
  const path = join(compiledFolder, `${name}.json`);
  return existsSync(path)
    ? readFileSync(path, 'utf8')
    : gunzipSync(readFileSync(join(compiledFolder, `${name}${compressedSuffix}`))).toString('utf8');
}

/** @throws UserError when there is none of that name. */
export function loadLab(name: string, compiledFolder: string): CompiledLab {
  const names = labNames(compiledFolder);
  if (names.includes(name)) return JSON.parse(textOf(name, compiledFolder)) as CompiledLab;
  const near = nearest(name, names);
  throw new UserError({
    what: { en: `unknown lab: ${name}`, ko: `알 수 없는 실습: ${name}` },
    where: 'wirelab lab',
    expected: {
      en: `one of ${names.join(', ')}; or check, hint, reset in a lab’s folder`,
      ko: `${names.join(', ')} 중 하나. 실습 폴더 안에서는 check, hint, reset`,
    },
    received: name,
    remedy: near
      ? {
          en: `Did you mean ${near}? ./wirelab list describes each.`,
          ko: `혹시 ${near} 아닌가요? 각각의 설명: ./wirelab list`,
        }
      : { en: './wirelab list describes each.', ko: '각각의 설명: ./wirelab list' },
  });
}
