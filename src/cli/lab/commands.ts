/** Implements `lab commands`: the commands of a lab, short and by a path that works, and those of the running lab. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { placeholder } from '../../labs/checks/wrong-password.ts';
import { readText } from '../../i18n/read-file.ts';
import { scriptsFolder } from '../../labs/folder.ts';
import type { Environment, Parsed } from '../command.ts';
import { shellWord } from '../io/shell-word.ts';
import { openedLab, reportOf } from './opened.ts';

/** The most bytes of a script. */
const largest = 64 * 1024;

export async function commands(parsed: Parsed, environment: Environment): Promise<number> {
  const { folder, compiled } = await openedLab(parsed, environment);
  reportOf(compiled, folder, parsed, environment).commands(scriptsIn(join(folder, scriptsFolder)));
  return Promise.resolve(0);
}

/** Those that the running lab has written, as they are typed. */
function scriptsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .toSorted()
      .map((name) => {
        const isForPassword = readText(join(folder, name), largest).includes('$1');
        return `sh ${scriptsFolder}/${shellWord(name)}${isForPassword ? ` ${shellWord(placeholder)}` : ''}`;
      });
  } catch {
    // The lab is not running.
    return [];
  }
}
