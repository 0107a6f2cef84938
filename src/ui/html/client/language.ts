/** The language of the page, which its root says; it may change while the page is open. */
import type { Text } from '../bytes/format.ts';

export type Language = 'en' | 'ko';

export const languageNow = (): Language => (document.documentElement.lang.startsWith('ko') ? 'ko' : 'en');

export const inLanguage = (text: Text, language: Language): string =>
  typeof text === 'string' ? text : text[language === 'ko' ? 1 : 0];

/** Calls `act` when the page turns to another language, until the function that is returned is called. */
export function onLanguage(act: () => void): () => void {
  let before = languageNow();
  const observer = new MutationObserver(() => {
    const now = languageNow();
    if (now === before) return;
    before = now;
    act();
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['lang'] });
  return () => observer.disconnect();
}
