/**
 * A typical site with two listeners: plain HTTP that redirects everything to the other, and TLS with the pages. On the
 * internet they are the ports 80 and 443 of one host; here each has a free port, and the URLs in the pages use the real
 * ones. It decides what the listeners say about TLS (redirect, HSTS, the cookie's Secure flag); `peers/site/routes.ts`
 * handles logins.
 */
import type { Account, LoginServer } from '../../peers/site/server.ts';
import { startLoginServer } from '../../peers/site/server.ts';
import { linkedPage } from '../../peers/site/pages.ts';
import { answer, html } from '../../peers/site/routes.ts';
import type { SiteAnswer, SiteRequest, Site } from '../../peers/site/routes.ts';
import type { AcceptOptions } from '../../wire/endpoint.ts';
import type { RandomBytes } from '../../core/clock.ts';

export interface RedirectSiteOptions {
  /** `plain` is the listener that only redirects; `tls` the one with the pages. */
  readonly accept: AcceptOptions;
  /** The host name in its URLs. */
  readonly host: string;
  readonly accounts: readonly Account[];
  readonly random: RandomBytes;
  /** The TLS listener's `Strict-Transport-Security`. Default: none (RFC 6797 section 7.2: never over plain HTTP). */
  readonly hsts?: { readonly maxAge: number; readonly includeSubDomains?: boolean | undefined } | undefined;
  /** False: the session's cookie is sent over plain HTTP as well. */
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

/** 301: permanent, for any method (RFC 9110 section 15.4.2). A form sent here has already been readable on the wire. */
export function toTls(
  { target, language }: Pick<SiteRequest, 'target' | 'language'>,
  host: string,
): SiteAnswer {
  // Only a path: any other request target would name another host.
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
