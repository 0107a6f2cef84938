/**
 * All refusals of a run as one table: a row each, in a few words. What each means is told by its card (`card.ts`).
 */
import { explainRefusal } from '../analysis/outcome/refusal.ts';
import type { Language } from '../i18n/language.ts';
import { safeText } from '../i18n/safe.ts';
import type { RefusalStory } from './refusals.ts';
import { refusalTableWords, sideWords } from './words.ts';

export interface RefusalTable {
  readonly head: readonly string[];
  /** Each as long as the head; harmless text. */
  readonly rows: readonly (readonly string[])[];
}

export function refusalTable(refusals: readonly RefusalStory[], language: Language): RefusalTable {
  const { head, noAlertShort, notSent, sent, unknown, wireStates } = refusalTableWords;
  const rows = refusals.map(({ refusal, ends, alertPlace, loginSent, version }) => {
    const { alert, by } = refusal;
    const cells = [
      ends.client ?? unknown[language],
      version?.replace('TLSv', '') ?? unknown[language],
      ends[by] ?? sideWords[by][language],
      explainRefusal(refusal).name[language],
      alert?.description ?? noAlertShort[language],
      wireStates[!alert ? 'none' : alertPlace?.readable ? 'clear' : 'sealed'][language],
      (loginSent === undefined ? unknown : loginSent ? sent : notSent)[language],
    ];
    return cells.map((cell) => safeText(cell));
  });
  return { head: head[language], rows };
}
