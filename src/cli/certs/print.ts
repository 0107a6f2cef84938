/** Prints the results of `wirelab certs`: marks, labels, and lines that fit the terminal. */
import { wantsAscii } from '../../i18n/ascii.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { cellWidth } from '../../i18n/width.ts';
import { lineCalledAs } from '../../labs/wirelab-command.ts';
import type { OutputLine } from '../../ui/json/line.ts';
import { Page } from '../../ui/status/page.ts';
import type { Environment } from '../command.ts';
import { launcherHere } from '../places.ts';
import type { Description, Row } from './describe.ts';
import type { TreeLine } from './tree.ts';

export interface Print {
  readonly page: Page;
  say(text: Localized): void;
  rows(rows: readonly Row[]): void;
  /** A line after a mark: ✓ passed, ✗ failed, ! warning, - not checked. */
  mark(mark: '✓' | '✗' | '!' | '-', text: Localized, indent?: number): void;
  heading(text: Localized): void;
  description(head: string, description: Description): void;
  tree(lines: readonly TreeLine[]): void;
}

/** @param stream standard error if standard output carries the created file. */
export function printTo(environment: Environment, stream: NodeJS.WriteStream = environment.stdout): Print {
  const { language, variables } = environment;
  // What is printed to be run works where it is read.
  const launcher = launcherHere(environment);
  let isFirst = true;
  const page = new Page({
    language,
    ascii: wantsAscii(variables),
    columns: Math.max(40, Math.min(100, stream.columns || 80)),
    write: (line) => {
      // Headings are preceded by a blank line, except the first.
      if (!isFirst || line !== '') stream.write(`${lineCalledAs(line, launcher)}\n`);
      isFirst = false;
    },
  });
  const labelWidth = 12;
  const print: Print = {
    page,
    say: (text) => page.behind('', text[language]),
    rows: (rows) => {
      let before = '';
      for (const { label, text } of rows) {
        const shown = label[language] === before ? '' : label[language];
        before = label[language];
        page.behind(`  ${page.fit(shown, labelWidth)} `, text[language]);
      }
    },
    mark: (mark, text, indent = 1) =>
      page.behind(`${' '.repeat(indent)}${page.plain(mark)} `, text[language]),
    heading: (text) => {
      page.blank();
      page.behind('', text[language]);
    },
    description: (head, { title, rows, peculiarities }) => {
      print.heading(verbatim(`${head}${title[language]}`));
      print.rows(rows);
      for (const { words } of peculiarities) print.mark('!', words, 2);
    },
    tree: (lines) => {
      for (const { branch, text } of lines) {
        const head = `  ${page.plain(branch)}`;
        page.behind(cellWidth(head) > page.columns / 2 ? '  … ' : head, text[language]);
      }
    },
  };
  return print;
}

/** One object for a program, on one line; invisible and control characters are escaped. */
export function printJson({ stdout }: Environment, line: OutputLine): void {
  const escaped = (character: string): string =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join('');
  stdout.write(
    `${JSON.stringify(line).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, escaped)}\n`,
  );
}
