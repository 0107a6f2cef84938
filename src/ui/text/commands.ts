/** Prints the commands for trying what stays up: short ones that run scripts, or the whole ones where there are no scripts. */
import type { Language } from '../../i18n/language.ts';
import { cellWidth } from '../../i18n/width.ts';
import { scriptWords } from '../../presentation/words.ts';
import type { Scripts, TypedCommand } from '../../presentation/types/values.ts';
import type { Page } from '../status/page.ts';

export interface CommandsOptions {
  readonly language: Language;
  readonly indent: string;
  /** How wirelab is called where they are typed; `./wirelab` when left out. */
  readonly command?: string;
  /** They are a part of a list: what holds for all of it is said at its end, by `sayEnd`. */
  readonly isPart?: boolean;
}

export function setCommands(
  page: Page,
  commands: readonly TypedCommand[],
  scripts: Scripts | undefined,
  options: CommandsOptions,
): void {
  const { language, indent, isPart = false } = options;
  if (!scripts) {
    for (const { title, line } of commands) {
      page.blank();
      page.behind(indent.slice(2), title[language]);
      // Not wrapped, so that they can be copied.
      for (const part of line.split('\n')) page.verbatim(indent + part);
    }
    if (!isPart) sayEnd(page, commands, options);
    return;
  }
  page.blank();
  if (scripts.folder !== undefined) {
    page.verbatim(`${indent}cd ${scripts.folder}`);
    page.blank();
  }
  const width = Math.max(...commands.map(({ typed, line }) => cellWidth(page.plain(typed ?? line))));
  for (const { title, typed, line } of commands)
    page.behind(`${indent}${page.plain(typed ?? line).padEnd(width)}   `, title[language]);
  if (!isPart) sayEnd(page, commands, options);
}

/** How scripts are read, and what a browser needs before it can do the same. */
export function sayEnd(page: Page, commands: readonly TypedCommand[], options: CommandsOptions): void {
  const { language, indent, command = './wirelab' } = options;
  const name = commands.find(({ typed }) => typed !== undefined)?.typed?.split(' ')[1];
  if (name !== undefined) {
    page.blank();
    page.behind(indent.slice(2), scriptWords.read[language](name));
  }
  if (!commands.some(({ line }) => line.includes('--cacert '))) return;
  page.blank();
  page.behind(indent.slice(2), scriptWords.browser[language](command));
}
