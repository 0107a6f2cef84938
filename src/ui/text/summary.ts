/** Lays out what many connections come to: the heading of a report, a row for each connection, tables of what was counted. */
import { inLanguage } from '../../i18n/language.ts';
import type { Language } from '../../i18n/language.ts';
import type { ListedBlock, StatisticsBlock, SummaryBlock } from '../../presentation/types/report.ts';
import type { Page } from '../status/page.ts';
import { labelCells } from './card.ts';

export function setSummary(page: Page, { rows }: SummaryBlock, language: Language): void {
  let isFirst = true;
  for (const { label, text } of rows) {
    page.behind(isFirst ? '' : `${page.fit(label[language], labelCells)} `, text[language]);
    isFirst = false;
  }
}

export function setStatistics(page: Page, { tables }: StatisticsBlock, language: Language): void {
  for (const table of tables) {
    const { title, head, rows, legend } = inLanguage(table, language);
    page.blank();
    page.paragraphs(`${title}:`);
    page.table({ head, rows });
    if (!table.isLegendAgain) page.behind(' ', legend);
  }
}

/** A connection in one line, or a few where it is long. */
export function setListed(
  page: Page,
  { name, time, facts, end, isFailed }: ListedBlock,
  language: Language,
): void {
  const parts = facts.map((fact) => fact[language]);
  if (end) parts.push(`${isFailed ? '✗ ' : ''}${end[language]}`);
  page.behind(`${`#${name}`.padStart(5)} ${time} `, parts.filter((part) => part !== '').join(', '));
}
