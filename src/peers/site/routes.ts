/**
 * Maps requests to responses of the login site: a table of paths and methods. Sessions and passwords come in through
 * `Site`; sockets, limits and counting are the login server's.
 */
import type { Language, Localized } from '../../i18n/language.ts';
import { decodeLoginForm, formContentType, maskRegistrationNumber } from './form.ts';
import { loginPage, problemPage, profilePage } from './pages.ts';
import { readCookie, sessionCookie, writeSessionCookie } from './session-store.ts';
import type { SessionStore } from './session-store.ts';

export interface SiteRequest {
  readonly method: string;
  /** With the query, as in the request line. */
  readonly target: string;
  readonly language: Language;
  readonly cookie?: string | undefined;
  readonly contentType?: string | undefined;
  readonly body: string;
}

export interface SiteAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Site {
  readonly sessions: SessionStore;
  /** Whether cookies are for TLS only. */
  readonly secure: boolean;
  /** The site's kind on its pages. Default: a shop. */
  readonly name?: Localized;
  verify(user: string, password: string, rrn: string): boolean;
}

type Handler = (request: SiteRequest, site: Site) => SiteAnswer;

const routes: Readonly<Record<string, Readonly<Partial<Record<'GET' | 'POST', Handler>>>>> = {
  '/': { GET: () => redirect('/login') },
  '/login': { GET: (request, site) => html(200, loginPage(request.language, named(site))), POST: logIn },
  '/profile': { GET: showProfile },
  '/logout': { POST: logOut },
};

/** HEAD is handled as GET; whoever writes the response omits the body. */
export function answer(request: SiteRequest, site: Site): SiteAnswer {
  const path = request.target.split('?')[0] ?? '';
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (!route) return problem(404, request.language, {}, site);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const handler = method === 'GET' || method === 'POST' ? route[method] : undefined;
  if (!handler) {
    const allowed = Object.keys(route).map((name) => (name === 'GET' ? 'GET, HEAD' : name));
    return problem(405, request.language, { Allow: allowed.join(', ') }, site);
  }
  return handler(request, site);
}

export function problem(
  status: number,
  language: Language,
  headers: Readonly<Record<string, string>> = {},
  site: Pick<Site, 'name'> = {},
): SiteAnswer {
  return html(status, problemPage(language, status, site.name), headers);
}

const named = ({ name }: Site): { site?: Localized } => (name ? { site: name } : {});

/** A form, whatever parameters its content type carries. */
function isForm(contentType: string | undefined): boolean {
  return contentType?.split(';')[0]?.trim().toLowerCase() === formContentType;
}

function logIn(request: SiteRequest, site: Site): SiteAnswer {
  if (!isForm(request.contentType)) return problem(415, request.language, {}, site);
  const read = decodeLoginForm(request.body);
  if ('missing' in read) return problem(400, request.language, {}, site);
  const { username, password, rrn } = read.form;
  if (!site.verify(username, password, rrn))
    return html(401, loginPage(request.language, { denied: true, ...named(site) }));
  site.sessions.end(readCookie(request.cookie, sessionCookie));
  const id = site.sessions.begin({ user: username, rrn: maskRegistrationNumber(rrn) });
  return redirect('/profile', { 'Set-Cookie': writeSessionCookie(id, site.secure) });
}

function showProfile(request: SiteRequest, site: Site): SiteAnswer {
  const session = site.sessions.find(readCookie(request.cookie, sessionCookie));
  return session ? html(200, profilePage(request.language, session, site.name)) : redirect('/login');
}

function logOut(request: SiteRequest, site: Site): SiteAnswer {
  site.sessions.end(readCookie(request.cookie, sessionCookie));
  return redirect('/login', { 'Set-Cookie': writeSessionCookie(undefined, site.secure) });
}

/** A relative reference, so that the browser stays at the authority that it used, proxy or not (RFC 9110 section 10.2.2). */
function redirect(location: string, headers: Readonly<Record<string, string>> = {}): SiteAnswer {
  return { status: 302, headers: { Location: location, ...headers }, body: '' };
}

export function html(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): SiteAnswer {
  return {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
      ...headers,
    },
    body,
  };
}
