/**
 * A world in a folder: opened when it is still what its recipe says, made again when it is not. What is in it is decided
 * by `issue.ts`, which only a making loads: opening a ready world costs one small file and a look at the others.
 *
 * 1. The record (`wirelab.json`) is the world; the other files are copies for people and their programs. A process thus
 *    works with certificates and keys of one making, even when another process makes the world again meanwhile.
 * 2. A world is made in a hidden folder beside its place and renamed into it, by one process at a time. Keys are 0600
 *    from their first byte.
 * 3. A file that wirelab did not make is never overwritten and never deleted: it is named, and nothing is done.
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
import type { WorldRow } from './world.ts';

export interface OpenOptions {
  readonly recipe: Recipe;
  /** The world's place is the folder of this name in `folder`. */
  readonly recipeName: string;
  /** For example `certs/out`; made when it does not exist. */
  readonly folder: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Made anew even when it is still what its recipe says. */
  readonly fresh?: boolean;
  /** Kept as long as its certificates are good, however long ago it is that one of them ended: somebody goes on with them. */
  readonly keeps?: boolean;
}

interface WorldRecord {
  readonly madeBy: 'wirelab';
  /** Goes up when the same recipe would be made differently. */
  readonly form: number;
  readonly recipe: string;
  /** Milliseconds since the epoch between which the world is what its recipe says. */
  readonly freshFrom: number;
  readonly freshUntil: number;
  /** Of one in which something ended lately: until when that is so. */
  readonly toldUntil?: number;
  readonly rows: readonly WorldRow[];
  /** PEM by file name. */
  readonly texts: Readonly<Record<string, string>>;
}

const form = 2;
const recordName = 'wirelab.json';
/** The first line of every PEM file; text before the first BEGIN is no part of PEM (RFC 7468 section 5.2). */
const mark = '# Made by wirelab, and made again when it is due: keep files of your own elsewhere.\n';

/**
 * The world of a recipe, from its folder.
 * @throws UserError when the recipe makes no sense, the folder cannot be written, or a file in it is not ours to replace.
 */
export async function openWorld(options: OpenOptions): Promise<World> {
  const place = join(options.folder, options.recipeName);
  return (options.fresh ? undefined : openFresh(place, options)) ?? makeInTurn(place, options);
}

/** Whether a world is there and still what its recipe says: then `openWorld` makes nothing. */
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

/** Bytes of any file here. What stands in the place of one and is none (a named pipe) is not waited for. */
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

/** Reading a file of some hundred bytes costs hardly more than asking for its size and time, and proves more. */
function isAsMade(path: string, text: string, isKey: boolean): boolean {
  try {
    if (isKey && process.platform !== 'win32' && isOpenToOthers(statSync(path).mode)) return false;
    return readText(path, largest) === mark + text;
  } catch {
    return false;
  }
}

/** Makes the world, or opens the one that another process made while this one waited for its turn. */
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
  // Whoever left these behind was ended in the middle; it is our turn now, so they are nobody's.
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
            { en: 'the certificates were not made', ko: '인증서를 만들지 않았습니다' },
            error,
          )
        : error;
    }
  };
  try {
    for (const [file, text] of Object.entries(record.texts))
      write(file, mark + text, file.endsWith('.key') ? 0o600 : 0o644);
    // The record holds the keys too.
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

/** @throws UserError naming the first file that is not ours. */
function refuseForeignFiles(place: string): void {
  const record = readRecord(place);
  for (const file of entriesOf(place) ?? []) {
    const path = join(place, file);
    if (isOurs(path, file, record)) continue;
    throw new UserError({
      what: {
        en: 'the certificates are due to be made again, but this file was not made by wirelab',
        ko: '인증서를 다시 만들어야 하는데, wirelab이 만들지 않은 파일이 있습니다',
      },
      where: path,
      remedy: {
        en: 'Move it to a place of its own; nothing was changed.',
        ko: '다른 곳으로 옮겨 주세요. 아무것도 바꾸지 않았습니다.',
      },
    });
  }
}

/** By its first line; a file of a name that we wrote is also ours when it is cut short or holds nothing that is whole. */
function isOurs(path: string, file: string, record: WorldRecord | undefined): boolean {
  if (!lstatSync(path).isFile()) return false;
  if (file === recordName) return true;
  const text = readFileSync(path, 'latin1');
  if (text.startsWith(mark) || mark.startsWith(text)) return true;
  return record !== undefined && Object.hasOwn(record.texts, file) && !/-----END [A-Z0-9 ]+-----/.test(text);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function folderError(place: string, error: unknown): unknown {
  if (!codeOf(error)) return error;
  if (isFull(error))
    return noRoom(place, { en: 'the certificates were not made', ko: '인증서를 만들지 않았습니다' }, error);
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
