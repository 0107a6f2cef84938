/** The refusal card as lines: a run, a proxy while it runs and a lab set it alike. What is in it `presentation/card.ts` decides. */
import { cardText } from '../../presentation/card.ts';
import type { Card } from '../../presentation/types/values.ts';
import type { In } from '../../i18n/language.ts';
import type { Page } from '../status/page.ts';

/** @param indent of the rows, in cells; a command is there to be copied, and stays on one line where `copies` says so. */
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
