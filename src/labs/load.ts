/**
 * Loads labs: by name those that come with wirelab, which the build compiled, in the order of the course; by path an author's folder,
 * compiled now. In the archive for a class the compiled labs are compressed (`build/archive.ts`): somebody who looks for a word in its
 * files does not come upon the hints.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Localized } from '../i18n/language.ts';
import { UserError } from '../i18n/user-error.ts';
import { nearest } from '../i18n/nearest.ts';
import { isFolder } from '../engine/file/folder.ts';
import { readLabFolder } from './folder.ts';
import type { CompiledLab } from './lab.ts';

export interface LabPlaces {
  /** The folder with NAME.json for every bundled lab. */
  readonly compiled: string;
  /** Folders searched for recipes that a lab's folder does not contain. */
  readonly recipeFolders: readonly string[];
}

export interface FoundLab {
  readonly lab: CompiledLab;
  /** The author's folder, absolute; undefined for a lab that comes with wirelab. */
  readonly source?: string;
}

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

/** Where a name was given, and what else may stand there. */
export interface AskedFor {
  readonly where: string;
  readonly also: Localized;
  /** Words other than names that may stand there, for a slip of the keyboard. */
  readonly verbs?: readonly string[];
}

const aLabByName: AskedFor = { where: 'wirelab lab', also: { en: '', ko: '' } };

/** @throws UserError when there is none of that name. */
export function loadLab(
  name: string,
  compiledFolder: string,
  { where, also, verbs = [] }: AskedFor = aLabByName,
): CompiledLab {
  const names = labNames(compiledFolder);
  if (names.includes(name)) return JSON.parse(textOf(name, compiledFolder)) as CompiledLab;
  const near = nearest(name, [...verbs, ...names]);
  throw new UserError({
    what: { en: `unknown lab: ${name}`, ko: `알 수 없는 실습: ${name}` },
    where,
    expected: {
      en: `one of ${names.join(', ')}${also.en}`,
      ko: `${names.join(', ')} 중 하나${also.ko}`,
    },
    received: name,
    remedy: near
      ? verbs.includes(near)
        ? {
            en: `Did you mean ${near}? ./wirelab lab ${near}`,
            ko: `혹시 ${near} 아닌가요? ./wirelab lab ${near}`,
          }
        : {
            en: `Did you mean ${near}? ./wirelab list describes each.`,
            ko: `혹시 ${near} 아닌가요? 각각의 설명: ./wirelab list`,
          }
      : { en: './wirelab list describes each.', ko: '각각의 설명: ./wirelab list' },
  });
}

/**
 * The lab of that name, or in that folder: a path has a slash, or is an existing folder whose name no bundled lab has.
 * @throws UserError when it does not exist or is invalid.
 */
export async function findLab(
  nameOrPath: string,
  places: LabPlaces,
  asked: AskedFor = aLabByName,
): Promise<FoundLab> {
  const isPath =
    /[/\\]/.test(nameOrPath) || (!labNames(places.compiled).includes(nameOrPath) && isFolder(nameOrPath));
  return isPath ? labAt(nameOrPath, places) : { lab: loadLab(nameOrPath, places.compiled, asked) };
}

/** @throws UserError where there is no lab, or an invalid one. */
export async function labAt(path: string, { recipeFolders }: LabPlaces): Promise<FoundLab> {
  if (!isFolder(path) || !existsSync(join(path, 'tasks.yaml'))) throw notALab(path);
  const { compileLab } = await import('./compile.ts');
  return {
    lab: await compileLab(path, { recipeFolders, shownAs: path, mayLackTexts: true }),
    source: resolve(path),
  };
}

function notALab(path: string): UserError {
  const begun = readLabFolder(path);
  const isScenario = existsSync(join(path, 'scenario.yaml'));
  return new UserError({
    what: isFolder(path)
      ? { en: 'this folder contains no lab', ko: '실습을 담은 폴더가 아닙니다' }
      : { en: 'there is no such folder', ko: '그런 폴더가 없습니다' },
    where: path,
    expected: {
      en: 'a folder with tasks.yaml, scenario.yaml and en.md',
      ko: 'tasks.yaml, scenario.yaml, en.md가 있는 폴더',
    },
    remedy: begun
      ? {
          en: `It is a learner’s folder of ${begun.lab}: run check, hint and reset in it.`,
          ko: `${begun.lab} 실습을 진행 중인 수강생의 폴더입니다. 그 안에서 check, hint, reset을 실행하세요.`,
        }
      : isScenario
        ? { en: `It is a scenario: ./wirelab run ${path}`, ko: `시나리오입니다: ./wirelab run ${path}` }
        : {
            en: './wirelab new lab NAME makes one.',
            ko: './wirelab new lab 이름 명령으로 새로 만들 수 있습니다.',
          },
  });
}
