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
}

export function setCommands(
  page: Page,
  commands: readonly TypedCommand[],
  scripts: Scripts | undefined,
  options: CommandsOptions,
): void {
  const { language, indent } = options;
  const isForBrowsers = commands.some(({ line }) => line.includes('--cacert '));
  if (!scripts) {
    for (const { title, line } of commands) {
      page.blank();
      page.behind(indent.slice(2), title[language]);
      // Not wrapped, so that they can be copied.
      for (const part of line.split('\n')) page.verbatim(indent + part);
    }
    if (isForBrowsers) sayBrowser(page, options);
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
  page.blank();
  const [first] = commands;
  const name = first?.typed?.split(' ')[1] ?? '';
  page.behind(indent.slice(2), scriptWords.read[language](name));
  if (isForBrowsers) sayBrowser(page, options);
}

/** What a browser needs before it can do the same. */
function sayBrowser(page: Page, { language, indent, command = './wirelab' }: CommandsOptions): void {
  page.blank();
  page.behind(indent.slice(2), scriptWords.browser[language](command));
}
