/**
 * Opens a world from a folder if it still matches its recipe, and creates it otherwise. `issue.ts` creates it and is
 * loaded only then: opening an existing world reads one small file and compares the others.
 *
 * 1. The record (`wirelab.json`) is the world; the other files are copies for people and other programs. So a process
 *    uses certificates and keys that belong together, even if another process creates the world again meanwhile.
 * 2. A world is created in a hidden folder beside its place and renamed into place, by one process at a time. Keys have
 *    mode 0600 from the first byte.
 * 3. A file that wirelab did not create is never overwritten or deleted: it is named in an error, and nothing is done.
 */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isFull, noRoom } from '../../capture/file/output-file.ts';
import { makeFolder } from '../../capture/file/output-folder.ts';
import type { Clock } from '../../core/clock.ts';
import { UserError } from '../../i18n/user-error.ts';
import { readText } from '../../i18n/read-file.ts';
import { isOpenToOthers } from './key-file.ts';
import type { Recipe } from '../ca/recipe.ts';
import { takeTurn } from './turn.ts';
import { World } from './world.ts';
import { isOwnPkcs12 } from './own-pkcs12.ts';
import type { WorldRow } from './world.ts';

export interface OpenOptions {
  readonly recipe: Recipe;
  /** The world is in the folder of this name in `folder`. */
  readonly recipeName: string;
  /** For example `certs/out`; created if it does not exist. */
  readonly folder: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Create it again even if it still matches its recipe. */
  readonly fresh?: boolean;
  /** Keep it as long as its certificates are valid, however long ago one of them ended: a lab continues to use it. */
  readonly keeps?: boolean;
}

interface WorldRecord {
  readonly madeBy: 'wirelab';
  /** Increased when the same recipe is created differently. */
  readonly form: number;
  readonly recipe: string;
  /** The period in which the world matches its recipe, in milliseconds since the epoch. */
  readonly freshFrom: number;
  readonly freshUntil: number;
  /** If something ended recently: until when that is still so. */
  readonly toldUntil?: number;
  readonly rows: readonly WorldRow[];
  /** PEM by file name. */
  readonly texts: Readonly<Record<string, string>>;
}

const form = 2;
const recordName = 'wirelab.json';
/** The first line of every PEM file; text before the first BEGIN is not part of PEM (RFC 7468 section 5.2). */
const mark = '# Made by wirelab, and made again when it is due: keep files of your own elsewhere.\n';

/**
 * The world of a recipe, from its folder.
 * @throws UserError if the recipe is inconsistent, the folder cannot be written, or a file in it is not wirelab's to
 * replace.
 */
export async function openWorld(options: OpenOptions): Promise<World> {
  const place = join(options.folder, options.recipeName);
  return (options.fresh ? undefined : openFresh(place, options)) ?? makeInTurn(place, options);
}

/** Whether a world exists and still matches its recipe: then `openWorld` creates nothing. */
export function isReady(options: OpenOptions): boolean {
  return openFresh(join(options.folder, options.recipeName), options) !== undefined;
}

function openFresh(place: string, options: OpenOptions): World | undefined {
  const record = readRecord(place);
  if (!record || record.form !== form || record.recipe !== JSON.stringify(options.recipe)) return undefined;
  const now = options.clock.now();
  if (now < record.freshFrom || now > record.freshUntil) return undefined;
  if (!options.keeps && record.toldUntil !== undefined && now > record.toldUntil) return undefined;
  for (const [file, text] of Object.entries(record.texts)) {
    if (!isAsMade(join(place, file), text, file.endsWith('.key'))) return undefined;
  }
  return new World(record.rows, record.texts, place);
}

/** Size limit of the files here, in bytes. Anything but a regular file (a named pipe) is not read. */
const largest = 32 * 1024 * 1024;

function readRecord(place: string): WorldRecord | undefined {
  try {
    const record = JSON.parse(readText(join(place, recordName), largest)) as WorldRecord;
    return record.madeBy === 'wirelab' && Array.isArray(record.rows) && typeof record.texts === 'object'
      ? record
      : undefined;
  } catch {
    return undefined;
  }
}

/** Reading a file of a few hundred bytes costs hardly more than its size and time, and proves more. */
function isAsMade(path: string, text: string, isKey: boolean): boolean {
  try {
    if (isKey && process.platform !== 'win32' && isOpenToOthers(statSync(path).mode)) return false;
    return readText(path, largest) === mark + text;
  } catch {
    return false;
  }
}

/** Creates the world, or opens the one that another process created while this one waited for the lock. */
async function makeInTurn(place: string, options: OpenOptions): Promise<World> {
  const { issueTexts } = await import('../ca/issue.ts');
  const hidden = join(options.folder, `.${options.recipeName}`);
  const issued = issueTexts(options.recipe, { clock: options.clock, source: options.recipeName });
  try {
    makeFolder(options.folder);
    const release = await takeTurn(`${hidden}.lock`);
    try {
      const theirs = options.fresh ? undefined : openFresh(place, options);
      if (theirs) return theirs;
      refuseForeignFiles(place);
      const record: WorldRecord = {
        madeBy: 'wirelab',
        form,
        recipe: JSON.stringify(options.recipe),
        ...issued,
      };
      replaceFolder(place, hidden, record);
      return new World(record.rows, record.texts, place);
    } finally {
      release();
    }
  } catch (error) {
    throw error instanceof UserError ? error : folderError(place, error);
  }
}

function replaceFolder(place: string, hidden: string, record: WorldRecord): void {
  const fresh = `${hidden}.new`;
  const old = `${hidden}.old`;
  // Left by a process that was ended half-way; this process has the lock now.
  rmSync(fresh, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  const write = (file: string, text: string, mode: number): void => {
    try {
      writeFileSync(join(fresh, file), text, { flag: 'wx', mode });
    } catch (error) {
      throw isFull(error)
        ? noRoom(
            join(place, file),
            { en: 'the certificates were not created', ko: '인증서를 만들지 않았습니다' },
            error,
          )
        : error;
    }
  };
  try {
    for (const [file, text] of Object.entries(record.texts))
      write(file, mark + text, file.endsWith('.key') ? 0o600 : 0o644);
    // The record contains the keys too.
    write(recordName, JSON.stringify(record), 0o600);
    if (entriesOf(place)) renameSync(place, old);
    renameSync(fresh, place);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!entriesOf(place) && entriesOf(old)) renameSync(old, place);
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

function entriesOf(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** @throws UserError naming the first file that is not wirelab's. */
function refuseForeignFiles(place: string): void {
  const record = readRecord(place);
  for (const file of entriesOf(place) ?? []) {
    const path = join(place, file);
    if (isOurs(path, file, record)) continue;
    throw new UserError({
      what: {
        en: 'the certificates must be created again, but wirelab did not create this file',
        ko: '인증서를 다시 만들어야 하는데, wirelab이 만들지 않은 파일이 있습니다',
      },
      where: path,
      remedy: {
        en: 'Move it to another folder. Nothing was changed.',
        ko: '다른 곳으로 옮겨 주세요. 아무것도 바꾸지 않았습니다.',
      },
    });
  }
}

/** By its first line, or its mark (PKCS #12); a truncated or incomplete file with one of our names is ours, too. */
function isOurs(path: string, file: string, record: WorldRecord | undefined): boolean {
  if (!lstatSync(path).isFile()) return false;
  if (file === recordName) return true;
  const text = readFileSync(path, 'latin1');
  if (text.startsWith(mark) || mark.startsWith(text)) return true;
  if (file.endsWith('.p12') && isOwnPkcs12(text)) return true;
  return record !== undefined && Object.hasOwn(record.texts, file) && !/-----END [A-Z0-9 ]+-----/.test(text);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function folderError(place: string, error: unknown): unknown {
  if (!codeOf(error)) return error;
  if (isFull(error))
    return noRoom(
      place,
      { en: 'the certificates were not created', ko: '인증서를 만들지 않았습니다' },
      error,
    );
  return new UserError(
    {
      what: { en: 'the certificates cannot be written', ko: '인증서를 저장할 수 없습니다' },
      where: place,
      received: codeOf(error),
      remedy: {
        en: 'Make the folder writable, or choose another.',
        ko: '폴더에 쓰기 권한을 주거나 다른 폴더를 지정하세요.',
      },
    },
    { cause: error },
  );
}
