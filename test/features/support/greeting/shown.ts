/** A greeting's outcome, and a table of all clients that greeted. */
import type { ClosingTable, Shown } from '../../../../src/engine/shown.ts';
import { verbatim } from '../../../../src/i18n/language.ts';

export const shown: Shown = {
  reports: {
    greeting: {
      outcome: ({ who, result: { heard } }) => ({
        headline: { text: { en: 'GREETED BACK', ko: '인사를 받음' }, tone: 'sealed' },
        statements: [
          {
            mark: '✓',
            tone: 'sealed',
            text: { en: `${who} heard a warm ${heard}`, ko: `${who}, 들은 인사: ${heard}` },
          },
        ],
      }),
    },
  },
  table(): ClosingTable {
    const rows: string[][] = [];
    return {
      fold(event) {
        if (event.type === 'observed' && event.result.kind === 'greeting')
          rows.push([event.who, event.result.heard]);
      },
      table: () => ({
        title: verbatim('Guest book'),
        head: ['guest', 'heard'],
        rows,
        legend: verbatim('in the order of arrival'),
      }),
    };
  },
};
