/** The refusal card as lines, for a run, a running proxy and a lab. `presentation/card.ts` decides its content. */
import { cardText } from '../../presentation/card.ts';
import type { Card } from '../../presentation/types/values.ts';
import type { In } from '../../i18n/language.ts';
import type { Page } from '../status/page.ts';

/** @param indent of the rows, in cells. @param copies keeps a command on one line, so that it can be copied. */
export function setCardRows(
  page: Page,
  rows: In<Card['rows']>,
  indent: number,
  { copies = false }: { readonly copies?: boolean } = {},
): void {
  for (const row of rows) {
    const head = `${' '.repeat(indent)}${page.fit(row.label, labelCells)} `;
    if (copies && row.kind === 'seeIt') page.verbatim(head + row.text);
    else page.behind(head, cardText(row));
  }
}

export const labelCells = 10;
