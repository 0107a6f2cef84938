/**
 * A site as most are today, with two doors: one that speaks plain HTTP and sends everybody to the other, and one behind TLS
 * that has the pages. In the world they are the ports 80 and 443 of one host; here each has a free port, and the addresses
 * in the pages speak of the real ones. It decides what the doors say of TLS (redirect, HSTS, the cookie's Secure flag); how
 * a login goes is `peers/site/routes.ts`.
 */
import type { Account, LoginServer } from '../../peers/site/server.ts';
import { startLoginServer } from '../../peers/site/server.ts';
import { linkedPage } from '../../peers/site/pages.ts';
import { answer, html } from '../../peers/site/routes.ts';
import type { SiteAnswer, SiteRequest, Site } from '../../peers/site/routes.ts';
import type { AcceptOptions } from '../../wire/endpoint.ts';
import type { RandomBytes } from '../../core/clock.ts';

export interface RedirectSiteOptions {
  /** `plain` is the door that only redirects; `tls` the one with the pages. */
  readonly accept: AcceptOptions;
  /** The name that its addresses have. */
  readonly host: string;
  readonly accounts: readonly Account[];
  readonly random: RandomBytes;
  /** What the TLS door says in `Strict-Transport-Security`; nothing when left out (RFC 6797 section 7.2: never over plain HTTP). */
  readonly hsts?: { readonly maxAge: number; readonly includeSubDomains?: boolean | undefined } | undefined;
  /** False: the session's cookie goes over plain HTTP as well. */
  readonly secureCookie?: boolean | undefined;
}

export async function startRedirectSite({
  accept,
  host,
  accounts,
  random,
  hsts,
  secureCookie = true,
}: RedirectSiteOptions): Promise<LoginServer> {
  const isRedirecting = accept.security === 'plain';
  const field =
    hsts && [`max-age=${hsts.maxAge}`, ...(hsts.includeSubDomains ? ['includeSubDomains'] : [])].join('; ');
  return startLoginServer({
    accept,
    accounts,
    random,
    secureCookie: isRedirecting ? false : secureCookie,
    answers: (request, site) =>
      isRedirecting
        ? toTls(request, host)
        : withHeader(page(request, site, host), 'Strict-Transport-Security', field),
  });
}

/** 301: for good, and for whatever was asked (RFC 9110 section 15.4.2). A form that was sent here has been read on the wire by now. */
export function toTls(
  { target, language }: Pick<SiteRequest, 'target' | 'language'>,
  host: string,
): SiteAnswer {
  // Only a path: what else a request line may hold would name another place.
  const path = /^\/(?!\/)[\x21-\x7e]*$/.test(target) ? target : '/';
  const location = `https://${host}${path}`;
  return html(301, linkedPage(language, 'moved', location), { Location: location });
}

function page(request: SiteRequest, site: Site, host: string): SiteAnswer {
  const [path = ''] = request.target.split('?');
  if (request.method !== 'GET' && request.method !== 'HEAD') return answer(request, site);
  if (path === '/') return html(200, linkedPage(request.language, 'front', `https://${host}/login`));
  if (path !== '/search') return answer(request, site);
  const query = new URLSearchParams(request.target.slice(path.length + 1)).get('q') ?? '';
  return html(200, linkedPage(request.language, 'search', `https://${host}/login`, query));
}

function withHeader(made: SiteAnswer, name: string, value: string | undefined): SiteAnswer {
  return value === undefined ? made : { ...made, headers: { ...made.headers, [name]: value } };
}
