/**
 * Writes the scripts of what stays up into a folder, and removes them at the end, whatever it is. Which scripts, and what they
 * say, is decided in `presentation/scripts.ts`.
 */
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../capture/file/output-folder.ts';
import type { ManualCommand } from '../../engine/manual-commands.ts';
import { scriptHead, scriptsFor } from '../../presentation/scripts.ts';
import type { ScriptOptions } from '../../presentation/scripts.ts';
import type { Scripts } from '../../presentation/types/values.ts';
import { shellWord } from '../../i18n/shell-word.ts';

export interface ScriptFolderOptions extends Omit<ScriptOptions, 'taken' | 'others'> {
  /** The folder; without it, a new temporary one to change into. */
  readonly at?: string;
}

export class ScriptFolder {
  readonly #options: ScriptFolderOptions;
  #path: string | undefined;
  /** The names that were written, by the group of commands. */
  readonly #written = new Map<string, readonly string[]>();

  constructor(options: ScriptFolderOptions) {
    this.#options = options;
  }

  /**
   * Replaces the scripts of a group by those of its present commands. Undefined if they cannot be written: then the whole
   * commands are printed.
   * @param others the commands of other groups.
   */
  write(
    ways: readonly ManualCommand[],
    group = '',
    others: readonly ManualCommand[] = [],
  ): Scripts | undefined {
    this.#remove(group);
    if (ways.length === 0) return undefined;
    const { at, prefix = '' } = this.#options;
    const taken = new Set([...this.#written.values()].flat());
    const scripts = scriptsFor(ways, { ...this.#options, taken, others });
    try {
      const path = this.#open();
      const names: string[] = [];
      this.#written.set(group, names);
      // What somebody else has put there is kept, and no link is followed.
      for (const { name, text } of scripts) {
        if (isLeftOver(join(path, name))) rmSync(join(path, name));
        writeFileSync(join(path, name), text, { mode: 0o700, flag: 'wx' });
        names.push(name);
      }
      return {
        ...(at !== undefined ? {} : { folder: shellWord(path) }),
        path: shellWord(path),
        typed: new Map(
          scripts.map(({ key, name, needs }) => [key, `sh ${prefix}${name} ${needs}`.trimEnd()]),
        ),
      };
    } catch {
      this.#remove(group);
      return undefined;
    }
  }

  /** Removes what a run that was killed has left in the folder. The folder must be free: of a run that goes on they are no leftovers. */
  clear(): void {
    const { at } = this.#options;
    if (at === undefined || lstatSync(at, { throwIfNoEntry: false })?.isDirectory() !== true) return;
    ignoringFaults(() => {
      for (const name of readdirSync(at)) if (isLeftOver(join(at, name))) rmSync(join(at, name));
    });
  }

  readonly close = (): void => {
    process.off('exit', this.close);
    for (const group of this.#written.keys()) this.#remove(group);
    const path = this.#path;
    this.#path = undefined;
    // Files of others stay, and so does the folder then.
    if (path !== undefined) ignoringFaults(() => rmdirSync(path));
  };

  #open(): string {
    const { at } = this.#options;
    if (at !== undefined) {
      makeFolder(at, 0o700);
      if (!lstatSync(at).isDirectory()) throw new Error(`${at} is a link`);
    }
    if (this.#path === undefined) process.on('exit', this.close);
    this.#path ??= at ?? makeTemporary();
    return this.#path;
  }

  #remove(group: string): void {
    const path = this.#path;
    const names = this.#written.get(group) ?? [];
    this.#written.delete(group);
    if (path !== undefined)
      for (const name of names) ignoringFaults(() => rmSync(join(path, name), { force: true }));
  }
}

/** A script of a run that was killed. */
function isLeftOver(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && readFileSync(path, 'utf8').startsWith(scriptHead);
}

function ignoringFaults(act: () => void): void {
  try {
    act();
  } catch {
    // It has been removed already, or cannot be.
  }
}

/** Easy to tell apart from the back of a room. */
const letters = 'bcdfghjkmnpqrstvwxz23456789';

/** A folder for this user only, with a name that is short enough to be typed. */
function makeTemporary(): string {
  for (let attempt = 0; ; attempt++) {
    const name = Array.from({ length: 4 }, () => letters.charAt(randomInt(letters.length))).join('');
    const path = join(temporaryPlace(), `wirelab-${name}`);
    try {
      mkdirSync(path, { mode: 0o700 });
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 20) throw error;
    }
  }
}

/** The longest path that one types rather than copies. */
const longest = 24;

/** macOS has a temporary folder with a long name for each user. */
function temporaryPlace(): string {
  const usual = tmpdir();
  if (usual.length <= longest) return usual;
  try {
    accessSync('/tmp', constants.W_OK);
    return '/tmp';
  } catch {
    return usual;
  }
}
