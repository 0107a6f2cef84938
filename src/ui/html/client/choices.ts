/**
 * The switches of the page: language and colours. The style reads the radio buttons itself; this turns what it cannot reach,
 * titles and labels, and tells the rest of the script through the root.
 */
import type { Language } from './language.ts';

const chosen = (name: string): string | undefined =>
  document.querySelector<HTMLInputElement>(`input[name='${name}']:checked`)?.value;

/** Texts that are no elements: attributes, and `text` for the content of an element in which none may stand. Of the page, or of a part. */
export function localize(language: Language, part?: HTMLElement): void {
  const all = (part ?? document).querySelectorAll<HTMLElement>('[data-localized]');
  for (const one of part?.dataset['localized'] === undefined ? all : [part, ...all])
    for (const key of one.dataset['localized']?.split(' ') ?? []) {
      const text = one.getAttribute(`data-${language}-${key}`) ?? '';
      if (key === 'text') one.textContent = text;
      else one.setAttribute(key, text);
    }
}

function apply(): void {
  const root = document.documentElement;
  const language = chosen('language');
  if ((language === 'en' || language === 'ko') && root.lang !== language) {
    root.lang = language;
    localize(language);
  }
  const theme = chosen('theme');
  if (theme === 'light' || theme === 'dark') root.dataset['theme'] = theme;
  else if (theme !== undefined) delete root.dataset['theme'];
}

/** Follows the switches, where there are some. A browser that returns to the page may have kept what was chosen. */
export function followChoices(): void {
  apply();
  document.addEventListener('change', apply);
  addEventListener('pageshow', apply);
}
