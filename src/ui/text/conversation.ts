/** Lays out a conversation: its head, a line for each message with the secrets in it, and what became of the connection. */
import { inLanguage } from '../../i18n/language.ts';
import type { Language } from '../../i18n/language.ts';
import { grouped, inSeconds } from '../../i18n/number.ts';
import { cellWidth } from '../../i18n/width.ts';
import { sizesText } from '../../presentation/conversation/sizes.ts';
import type { Exposure } from '../../presentation/types/ladder.ts';
import type { ConnectionBlock, MessageBlock, OutcomeBlock } from '../../presentation/types/report.ts';
import { directionWords } from '../../presentation/words.ts';
import type { Page } from '../status/page.ts';
import { labelCells } from './card.ts';

/** Cells of a message line: its title with the size at the right, a wire's name, and the shortest time. */
const titleCells = 24;
const longestHop = 8;
const leastTime = 5;

export function setConnection(
  page: Page,
  { head, more, captured }: ConnectionBlock,
  language: Language,
): void {
  const { place, client, server } = inLanguage(head, language);
  page.blank();
  page.behind('', `${place}: ${client} → ${server}${more ? more.text[language] : ''}`);
  if (!captured) return;
  page.behind('  ', `${captured.client} → ${captured.server}, ${captured.opened} UTC`);
  if (captured.seen) page.behind('  ', captured.seen[language]);
  for (const text of captured.differences) page.behind('  ! ', text[language]);
}

export function setMessage(page: Page, block: MessageBlock, language: Language): void {
  const { message, frame, latency, known, lines, shaped } = block;
  const { at, from, hop, title, length, stateText, facts, sizes } = message;
  const number = frame === undefined ? '' : `${frame ?? ''}`.padStart(6) + ' ';
  const arrow = page.plain(from === 'server' ? '←' : '→');
  const direction = directionCells[language];
  const towards =
    from === null
      ? ' '.repeat(arrow.length + 1 + direction)
      : `${arrow} ${page.fit(directionWords[from][language], direction)}`;
  const size = length > 0 ? ` ${grouped(length)} B` : '';
  const named = page.fit(title[language], titleCells - size.length) + size;
  const head = `${number}${inSeconds(at).padStart(timeCells(block))} ${page.fit(hop, Math.min(longestHop, cellWidth(page.plain(hop))))} ${towards} ${named}  `;
  const state = sizes ? `${stateText[language]}: ${sizesText(sizes)}` : stateText[language];
  page.behind(
    head,
    [state, facts[language], latency ? latency.text[language] : ''].filter(Boolean).join(', '),
  );
  for (const exposure of known) setExposure(page, exposure, language);
  for (const line of lines) page.behind('      ', line);
  for (const exposure of shaped) setExposure(page, exposure, language);
}

/** The times of a connection stand in a column: wide enough for each that is known. */
function timeCells({ times: [from, until] }: MessageBlock): number {
  // Only what is reported late is earlier than the beginning of the run.
  return Math.max(leastTime, inSeconds(until).length, from < 0 ? inSeconds(from).length : 0);
}

const cellsOf = (language: Language): number =>
  Math.max(...Object.values(directionWords).map((words) => cellWidth(words[language])));
const directionCells = { en: cellsOf('en'), ko: cellsOf('ko') } as const;

function setExposure(page: Page, { label, name, value, where }: Exposure, language: Language): void {
  page.behind(
    `      ${label[language] === '' ? '' : `${label[language]}  `}`,
    `${name}${value === undefined ? '' : `: ${value}`}  (${where[language]})`,
  );
}

export function setOutcome(page: Page, { rows }: OutcomeBlock, language: Language): void {
  page.blank();
  for (const { label, text } of rows) setRow(page, label[language], text[language]);
}

/** A row behind its label. */
export function setRow(page: Page, label: string, text: string): void {
  page.behind(`  ${page.fit(label, labelCells)} `, text);
}
