/**
 * The pages of a pharmacy's site, one for each article: what a client reads there is confidential, and each page has a
 * different size, which anyone can look up. `analysis/eavesdropper/page-guess.ts` guesses pages from sizes.
 */
import type { RandomBytes } from '../../core/clock.ts';
import { languages } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import type { AcceptOptions } from '../../wire/endpoint.ts';
import { articlePage, articleTitle } from '../../peers/site/pages.ts';
import { answer, html } from '../../peers/site/routes.ts';
import type { SiteAnswer, SiteRequest } from '../../peers/site/routes.ts';
import { startLoginServer } from '../../peers/site/server.ts';
import type { LoginServer } from '../../peers/site/server.ts';

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

export interface PageSiteOptions {
  readonly accept: AcceptOptions;
  readonly random: RandomBytes;
  /** Pads each page to so many bytes; a longer one stays as it is. */
  readonly padTo?: number | undefined;
}

export async function startPageSite({ accept, random, padTo }: PageSiteOptions): Promise<LoginServer> {
  return startLoginServer({
    accept,
    accounts: [],
    random,
    answers: (request, site) => pageOf(request, padTo) ?? answer(request, site),
  });
}

/** What a page is about, by its title in any language; the title itself where it is no page of an article. */
export function pageName(title: string): Localized {
  const article = Object.values(articles).find(({ name }) =>
    languages.some((language) => articleTitle(language, name) === title),
  );
  return article?.name ?? { en: title, ko: title };
}

/** Undefined for an unknown article. */
export function pageOf(
  { method, target, language }: Pick<SiteRequest, 'method' | 'target' | 'language'>,
  padTo = 0,
): SiteAnswer | undefined {
  const number = /^\/item\/(\d{3})$/.exec(target)?.[1] ?? '';
  if (!Object.hasOwn(articles, number) || (method !== 'GET' && method !== 'HEAD')) return undefined;
  const { name: title, sentences } = articles[Number(number) as keyof typeof articles];
  const page = articlePage(language, title, sentences);
  return html(200, page + ' '.repeat(Math.max(0, padTo - Buffer.byteLength(page))));
}
