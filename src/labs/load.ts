/** Loads compiled labs by name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../i18n/user-error.ts';
import { nearest } from '../i18n/nearest.ts';
import { scenarioNames } from '../engine/load.ts';
import type { CompiledLab } from './lab.ts';

/** The names of the labs that come with wirelab. */
export function labNames(compiledFolder: string): string[] {
  return scenarioNames(compiledFolder);
}

/** @throws UserError when there is none of that name. */
export function loadLab(name: string, compiledFolder: string): CompiledLab {
  const names = labNames(compiledFolder);
  if (names.includes(name))
    return JSON.parse(readFileSync(join(compiledFolder, `${name}.json`), 'utf8')) as CompiledLab;
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
