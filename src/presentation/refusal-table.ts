/**
 * All refusals of a run as one table: a row each, in a few words. What each means is told by its card (`card.ts`).
 */
import { explainRefusal } from '../analysis/outcome/refusal.ts';
import { safeText } from '../i18n/safe.ts';
import type { RefusalStory } from './refusals.ts';
import type { Table } from './types/values.ts';
import { refusalTableWords, sideWords } from './words.ts';

/** Undefined where there are fewer than two: the card of one says more. */
export function refusalTable(refusals: readonly RefusalStory[]): Table | undefined {
  if (refusals.length < 2) return undefined;
  const { title, head, legend, noAlertShort, notSent, sent, unknown, wireStates } = refusalTableWords;
  const rows = refusals.map(({ refusal, ends, alertPlace, loginSent, version }) => {
    const { alert, by } = refusal;
    return [
      ends.client ?? unknown,
      version?.replace('TLSv', '') ?? unknown,
      ends[by] ?? sideWords[by],
      explainRefusal(refusal).name,
      alert?.description ?? noAlertShort,
      wireStates[!alert ? 'none' : alertPlace?.readable ? 'clear' : 'sealed'],
      loginSent === undefined ? unknown : loginSent ? sent : notSent,
    ].map((cell) => (typeof cell === 'string' ? safeText(cell) : cell));
  });
  return { title, head, rows, legend };
}
