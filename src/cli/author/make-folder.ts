/**
 * Makes an author's folder out of an example's, as a whole or not at all: the files are written beside its place and moved there at the end. What is there
 * already stays as it is.
 */
import { lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeFolder } from '../../capture/file/output-folder.ts';
import { UserError } from '../../i18n/user-error.ts';
import { unwritable } from '../../labs/folder.ts';
import type { Language } from '../../i18n/language.ts';

const nameShape = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** @param word as it was typed. @throws UserError for a name that is no name of a folder, and for one that wirelab has. */
export function checkName(word: string, kind: 'lab' | 'scenario', bundled: readonly string[]): string {
  if (nameShape.test(word) && !bundled.includes(word)) return word;
  const better = word
    .replace(/^.*[/\\]/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  const isTaken = bundled.includes(word);
  const isPath = /[/\\]/.test(word);
  throw new UserError({
    what: isTaken
      ? { en: 'wirelab itself has one of this name', ko: 'wirelab에 이미 있는 이름입니다' }
      : { en: 'invalid name', ko: '이름으로 쓸 수 없습니다' },
    where: `wirelab new ${kind}`,
    expected: {
      en: 'small letters, digits and dashes, beginning with a letter or a digit, at most 40',
      ko: '소문자, 숫자, 하이픈으로 40자까지(소문자나 숫자로 시작)',
    },
    received: word,
    remedy: isTaken
      ? { en: `Choose another one, such as my-${word}.`, ko: `다른 이름을 쓰세요. 예: my-${word}` }
      : isPath
        ? {
            en: 'NAME is a name; --folder DIR says where its folder is made.',
            ko: '이름에는 경로를 쓰지 않습니다. 폴더를 만들 곳은 --folder 폴더로 지정하세요.',
          }
        : better === '' || better === word
          ? { en: `Choose another one, such as my-${kind}.`, ko: `다른 이름을 쓰세요. 예: my-${kind}` }
          : { en: `Did you mean ${better}?`, ko: `${better}: 이것을 쓰려던 것인가요?` },
  });
}

export interface CopyOptions {
  readonly name: string;
  /** The author's; English is always there, Korean beside it for an author who works in it. */
  readonly language: Language;
  /** The folder of the JSON Schemas. */
  readonly schemas: string;
}

/**
 * The files of an example under a new name, by their paths. The line by which an editor finds the schema of a YAML file gets a URL: a
 * path with a blank would end there.
 */
export function copyOf(
  example: string,
  { name, language, schemas }: CopyOptions,
): ReadonlyMap<string, string> {
  const paths = readdirSync(example, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && (entry.name !== 'ko.md' || language === 'ko'))
    .map((entry) => relative(example, join(entry.parentPath, entry.name)))
    .toSorted();
  return new Map(
    paths.map((path) => [
      path,
      readFileSync(join(example, path), 'utf8')
        .replace(/^# my-(?:lab|scenario):/, `# ${name}:`)
        .replace(
          /^(# yaml-language-server: \$schema=).*\/(.*)$/m,
          (_, start: string, file: string) => start + pathToFileURL(join(schemas, file)).href,
        ),
    ]),
  );
}

/**
 * @param folder does not exist; the folders above it are made where they are missing.
 * @throws UserError if something is there, or it cannot be written. Nothing is left behind then.
 */
export function makeAuthorFolder(folder: string, files: ReadonlyMap<string, string>): void {
  try {
    if (lstatSync(folder, { throwIfNoEntry: false })) throw isThere(folder);
    writeFolder(folder, files);
  } catch (error) {
    // Something has come there meanwhile.
    if (/^(?:EEXIST|ENOTEMPTY)$/.test((error as NodeJS.ErrnoException).code ?? '')) throw isThere(folder);
    throw unwritable(folder, error, {
      en: 'the folder cannot be created',
      ko: '폴더를 만들 수 없습니다',
    });
  }
}

function isThere(folder: string): UserError {
  return new UserError({
    what: { en: 'it exists already, and nothing is overwritten', ko: '이미 있습니다. 덮어쓰지 않습니다' },
    where: folder,
    expected: { en: 'a name that is free', ko: '아직 없는 이름' },
    remedy: {
      en: 'Choose another name, or another place with --folder DIR.',
      ko: '다른 이름을 쓰거나 --folder 폴더로 다른 곳을 지정하세요.',
    },
  });
}
