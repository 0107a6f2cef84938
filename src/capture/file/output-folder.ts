/**
 * Creates folders with their parents: those that the user has named, and those for state. Files are in `output-file.ts`.
 *
 * 1. One by one: Node's recursive mkdir never ends if the system refuses a folder with ENOENT although its parent
 *    exists, as /proc does. Nothing else in the program uses it.
 * 2. A folder that is written with its files is put together beside its place and moved there: whole, or not at all.
 * 3. Other users may read them at most, whatever the umask: with write access they could place their own files.
 *    Folders for state are private (0700).
 */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
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

export interface FolderOptions {
  /** Of the files. */
  readonly mode?: number;
  /** Of the folder itself: for its user alone where a file holds a key. */
  readonly folderMode?: number;
  /** What is there is replaced; otherwise only an empty folder is. */
  readonly replaces?: boolean;
}

/**
 * Writes a folder with its files, by their paths in it, whole or not at all.
 * @throws what the system says, with ENOTEMPTY, EEXIST or ENOTDIR where something is there; nothing is left behind then.
 */
export function writeFolder(
  place: string,
  files: Iterable<readonly [path: string, text: string]>,
  { mode, folderMode = 0o755, replaces = false }: FolderOptions = {},
): void {
  const made = makeFolder(dirname(place));
  let half: string | undefined;
  try {
    half = mkdtempSync(join(dirname(place), `.${basename(place)}-`));
    for (const [path, text] of files) {
      makeFolder(dirname(join(half, path)));
      writeFileSync(join(half, path), text, { mode });
    }
    chmodSync(half, folderMode);
    moveTo(half, place, replaces);
  } catch (error) {
    if (half !== undefined) rmSync(half, { recursive: true, force: true });
    removeFolders(made);
    throw error;
  }
}

function moveTo(half: string, place: string, replaces: boolean): void {
  const old = `${half}.old`;
  const isMoved = replaces && lstatSync(place, { throwIfNoEntry: false }) !== undefined;
  if (isMoved) renameSync(place, old);
  try {
    renameSync(half, place);
  } catch (error) {
    if (isMoved) renameSync(old, place);
    throw error;
  }
  if (isMoved) rmSync(old, { recursive: true, force: true });
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
