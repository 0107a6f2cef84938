/** Implements `lab commands`: the commands of a lab, short and by a path that works, and those of the running lab. */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { placeholder } from '../../labs/checks/wrong-password.ts';
import { readText } from '../../i18n/read-file.ts';
import { scriptsFolder } from '../../labs/folder.ts';
import { askUp } from '../../labs/hold/claim.ts';
import type { Environment, Parsed } from '../command.ts';
import { shellWord } from '../io/shell-word.ts';
import { inKeptLanguage } from './kept-language.ts';
import { folderOf, openedLab, reportOf } from './opened.ts';

/** The most bytes of a script. */
const largest = 64 * 1024;

export async function commands(parsed: Parsed, given: Environment): Promise<number> {
  const environment = inKeptLanguage(folderOf(parsed.text('folder'), '.'), parsed, given);
  const { folder, compiled } = await openedLab(parsed, environment);
  const here = folderOf(undefined, '.');
  const near = relative(here, folder);
  const elsewhere = near === '' ? undefined : shellWord(near.startsWith('..') ? folder : near);
  const isUp = (await askUp(folder)) !== undefined;
  reportOf(compiled, here, parsed, environment).commands(
    // A lab that was killed has left its own: nothing listens where they lead.
    isUp
      ? scriptsIn(
          join(folder, scriptsFolder),
          near === '' ? scriptsFolder : join(near.startsWith('..') ? folder : near, scriptsFolder),
        )
      : [],
    elsewhere,
  );
  return 0;
}

/** Those that the running lab has written, as they are typed. @param typed the folder, from where they are. */
function scriptsIn(folder: string, typed: string): string[] {
  try {
    return readdirSync(folder)
      .toSorted()
      .map((name) => {
        const isForPassword = readText(join(folder, name), largest).includes('$1');
        return `sh ${shellWord(join(typed, name))}${isForPassword ? ` ${shellWord(placeholder)}` : ''}`;
      });
  } catch {
    // It has written none.
    return [];
  }
}
