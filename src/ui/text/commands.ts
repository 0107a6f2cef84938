/** Prints the commands for trying what stays up: short ones that run scripts, or the whole ones where there are no scripts. */
import type { Language, Localized } from '../../i18n/language.ts';
import { cellWidth } from '../../i18n/width.ts';
import type { Scripts, TypedCommand } from '../../presentation/types/values.ts';
import type { Page } from '../status/page.ts';

export interface CommandsOptions {
  readonly language: Language;
  readonly indent: string;
  /** What holds for all of them. */
  readonly remarks?: readonly Localized[];
}

export function setCommands(
  page: Page,
  commands: readonly TypedCommand[],
  scripts: Pick<Scripts, 'folder'> | undefined,
  options: CommandsOptions,
): void {
  const { language, indent, remarks = [] } = options;
  if (!scripts) {
    for (const { title, line } of commands) {
      page.blank();
      page.behind(indent.slice(2), title[language]);
      // Not wrapped, so that they can be copied.
      for (const part of line.split('\n')) page.verbatim(indent + part);
    }
    setRemarks(page, remarks, options);
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
  setRemarks(page, remarks, options);
}

/** What holds for all commands of a list, behind it. */
export function setRemarks(
  page: Page,
  remarks: readonly Localized[],
  { language, indent }: Pick<CommandsOptions, 'language' | 'indent'>,
): void {
  for (const text of remarks) {
    page.blank();
    page.behind(indent.slice(2), text[language]);
  }
}
