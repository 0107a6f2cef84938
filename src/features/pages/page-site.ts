/**
 * The pages of a pharmacy's site, one for each article: what a client reads there is confidential, and each page has a
 * different size, which anyone can look up. `analysis/eavesdropper/page-guess.ts` guesses pages from sizes.
 */
import type { RandomBytes } from '../../core/clock.ts';
import type { AcceptOptions } from '../../wire/endpoint.ts';
import { articlePage } from '../../peers/site/pages.ts';
import { answer, html } from '../../peers/site/routes.ts';
import type { SiteAnswer, SiteRequest } from '../../peers/site/routes.ts';
import { startLoginServer } from '../../peers/site/server.ts';
import type { LoginServer } from '../../peers/site/server.ts';
import { articles } from './articles.ts';

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
