/** Lays out each kind of presentation value on a page. */
import { inLanguage } from '../../i18n/language.ts';
import type { Language } from '../../i18n/language.ts';
import { cellWidth } from '../../i18n/width.ts';
import type { TopologyBlock } from '../../presentation/types/report.ts';
import type {
  Chain,
  CommandOutput,
  Decision,
  Opening,
  Table,
  Words,
} from '../../presentation/types/values.ts';
import type { Page } from '../status/page.ts';

export function setTable(page: Page, table: Table, language: Language): void {
  const { title, head, rows, legend } = inLanguage(table, language);
  setParagraphs(page, `${title}:`);
  page.blank();
  page.table({ head, rows });
  page.blank();
  page.behind(' ', legend);
}

/** Paragraphs with an empty line before them. */
export function setParagraphs(page: Page, text: string, prefix = ''): void {
  page.blank();
  page.paragraphs(text, prefix);
}

/** The command, and its output. */
export function setCommand(page: Page, output: CommandOutput, language: Language): void {
  const { command, table, lines } = inLanguage(output, language);
  page.blank();
  page.behind('  ', command);
  if (table) page.table(table);
  for (const line of lines) page.behind('  ', line);
}

/** The chain of certificates, from the leaf up. */
export function setChain(page: Page, chain: Chain, language: Language): void {
  const { title, links } = inLanguage(chain, language);
  page.blank();
  page.behind('  ', `${title}:`);
  for (const { branch, mark, text } of links) {
    const head = `  ${page.plain(branch)}`;
    // A chain too long for steps is drawn straight down.
    page.behind(`${cellWidth(head) > page.columns / 2 ? '  … ' : head}${page.plain(mark)} `, text);
  }
}

export function setOpening(page: Page, opening: Opening, language: Language): void {
  const { title, source, seen, packets, note } = inLanguage(opening, language);
  page.blank();
  page.behind(
    '  ',
    [source === '' ? title : `${title}: ${source}`, ...(seen === undefined ? [] : [seen])].join(', '),
  );
  const heads = packets.map(({ head }) => page.plain(head));
  const headCells = Math.max(0, ...heads.map((head) => cellWidth(head)));
  for (const [index, { place, offers }] of packets.entries()) {
    page.behind(
      `  ${page.fit(heads[index] ?? '', headCells)}  `,
      [place, offers].filter((part) => part !== '').join(', '),
    );
  }
  if (note !== undefined) page.behind('      ', note);
}

export function setDecision(page: Page, decision: Decision, language: Language): void {
  const { headline, statements } = inLanguage(decision, language);
  page.blank();
  page.behind('  ', `${headline.text}:`);
  for (const { mark, text } of statements) page.behind(`  ${page.plain(mark)} `, text);
}

/** A group of sentences. */
export function setSentences(page: Page, sentences: readonly Words[], language: Language): void {
  page.blank();
  for (const words of sentences) page.behind('  ', inLanguage(words, language));
}

export function setTopology(page: Page, { ways }: TopologyBlock, language: Language): void {
  page.blank();
  for (const { clients, legs } of ways) {
    const parts = [clients.join(', '), ...legs.map(({ wire, to }) => `${wire[language]} ${to}`)];
    setPath(
      page,
      parts.map((part) => page.plain(part)),
    );
  }
}

/** A wire is not broken: if it does not fit, it begins a new line. */
function setPath(page: Page, parts: readonly string[]): void {
  let line = '';
  let head = '  ';
  for (const part of parts) {
    if (line && cellWidth(head + line) + 1 + cellWidth(part) > page.columns) {
      page.behind(head, line);
      [line, head] = ['', '      '];
    }
    line += `${line ? ' ' : ''}${part}`;
  }
  page.behind(head, line);
}
