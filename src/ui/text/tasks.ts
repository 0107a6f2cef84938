/** The tasks of a lab, and what happened while it was up. */
import { inLanguage } from '../../i18n/language.ts';
import type { Language } from '../../i18n/language.ts';
import type { JournalBlock, TaskBlock } from '../../presentation/types/lab.ts';
import type { Page } from '../status/page.ts';
import { setCardRows } from './card.ts';

export function setTask(
  page: Page,
  { number, id, title, text, state, finding, hints, shows }: TaskBlock,
  language: Language,
): void {
  page.blank();
  page.behind(`-- ${number}. `, `${title[language]} (${id})`);
  page.blank();
  page.paragraphs(text[language], '   ');
  if (state) {
    page.blank();
    page.behind(` ${page.plain(state.isDone ? '✓' : '·')} `, state.text[language]);
  }
  if (finding) {
    const { reason, says, details, card } = finding;
    if (reason) page.behind('   ', `${reason[language]}:`);
    page.behind('     ', says[language]);
    for (const detail of details) page.behind('       ', detail[language]);
    if (card) {
      page.blank();
      page.behind('     ', card.headline[language]);
      setCardRows(page, inLanguage(card.rows, language), 5);
    }
  }
  for (const { label, text: hint } of hints) {
    page.blank();
    page.behind('   ', label[language]);
    page.paragraphs(hint[language], '     ');
  }
  if (shows) {
    page.blank();
    page.paragraphs(shows[language], '   ');
  }
}

export function setJournal(page: Page, { title, entries }: JournalBlock, language: Language): void {
  page.blank();
  page.behind('', title[language]);
  for (const { time, text, isBad } of entries)
    page.behind(` ${isBad ? page.plain('✗') : ' '} ${time} `, text[language]);
}
