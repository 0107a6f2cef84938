/** Implements `lab commands`: the commands of a lab, short and by a path that works, and those of the running lab. */
import { relative } from 'node:path';
import { askUp } from '../../labs/hold/claim.ts';
import { keptCommands } from '../../labs/hold/printed-commands.ts';
import type { Environment, Parsed } from '../command.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { inKeptLanguage } from './kept-language.ts';
import { folderOf, openedLab, reportOf } from './opened.ts';

export async function commands(parsed: Parsed, given: Environment): Promise<number> {
  const environment = inKeptLanguage(folderOf(parsed.text('folder'), '.'), parsed, given);
  const { folder, compiled } = await openedLab(parsed, environment);
  const here = folderOf(undefined, '.');
  const near = relative(here, folder);
  const elsewhere = near === '' ? undefined : shellWord(near.startsWith('..') ? folder : near);
  // A lab that was killed has left its own: nothing listens where they lead.
  const isUp = (await askUp(folder)) !== undefined;
  reportOf(compiled, here, parsed, environment).commands(isUp ? keptCommands(folder) : [], elsewhere);
  return 0;
}
