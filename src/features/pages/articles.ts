/** What the pages of the pharmacy's site are about, and the name of a page by its title. `page-site.ts` serves the pages. */
import { languages } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { articleTitle } from '../../peers/site/pages.ts';

/** The articles: numbers of equal length, and the number of sentences about each. */
export const articles = {
  101: { name: { en: 'Sun cream', ko: '자외선 차단제' }, sentences: 9 },
  102: { name: { en: 'Vitamin C', ko: '비타민 C' }, sentences: 14 },
  103: { name: { en: 'Cough syrup', ko: '기침 시럽' }, sentences: 20 },
  104: { name: { en: 'Sticking plaster', ko: '반창고' }, sentences: 6 },
  105: { name: { en: 'Pregnancy test', ko: '임신 테스트기' }, sentences: 31 },
  106: { name: { en: 'Sleeping pills', ko: '수면제' }, sentences: 26 },
  107: { name: { en: 'Hair tonic', ko: '탈모 치료제' }, sentences: 40 },
  108: { name: { en: 'Nicotine patch', ko: '금연 패치' }, sentences: 17 },
} as const satisfies Readonly<Record<string, { readonly name: Localized; readonly sentences: number }>>;

/** What a page is about, by its title in any language; the title itself where it is no page of an article. */
export function pageName(title: string): Localized {
  const article = Object.values(articles).find(({ name }) =>
    languages.some((language) => articleTitle(language, name) === title),
  );
  return article?.name ?? { en: title, ko: title };
}
