/**
 * Creates folders with their parents: those that the user has named, and those for state. Files are in `output-file.ts`.
 *
 * 1. One by one: Node's recursive mkdir never ends if the system refuses a folder with ENOENT although its parent
 *    exists, as /proc does. Nothing else in the program uses it.
 * 2. Other users may read them at most, whatever the umask: with write access they could place their own files.
 *    Folders for state are private (0700).
 */
import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname, normalize } from 'node:path';
import { UserError } from '../../i18n/user-error.ts';

/**
 * Makes a folder where there is none.
 * @param mode of the folders that it makes; those that are there keep theirs.
 * @returns those that it made, the outermost first.
 * @throws UserError where a file is in its place, or in that of a folder above it; else what the system says.
 */
export function makeFolder(path: string, mode = 0o755): string[] {
  const missing: string[] = [];
  for (let at = normalize(path); !isFolder(at); at = dirname(at)) missing.unshift(at);
  const made: string[] = [];
  for (const folder of missing) {
    try {
      mkdirSync(folder, { mode });
      made.push(folder);
    } catch (error) {
      // Another process was faster, or it is a dangling symbolic link.
      if (!isFolder(folder)) {
        removeFolders(made);
        throw error;
      }
    }
  }
  return made;
}

/** Takes folders that `makeFolder` made away again, unless something has come into them. */
export function removeFolders(made: readonly string[]): void {
  for (const folder of made.toReversed()) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
  }
}

/** False where there is nothing. @throws UserError for something that is no folder. */
function isFolder(path: string): boolean {
  const isDirectory = kindAt(path);
  if (isDirectory !== false) return isDirectory ?? false;
  throw new UserError({
    what: { en: 'this is a file, and not a folder', ko: '폴더가 아니라 파일입니다' },
    where: path,
    remedy: {
      en: 'Name a folder; one that is not there yet is made.',
      ko: '폴더를 지정하세요. 아직 없는 폴더는 새로 만듭니다.',
    },
  });
}

/** Whether what is there is a folder; undefined where there is nothing. */
function kindAt(path: string): boolean | undefined {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
