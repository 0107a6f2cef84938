/**
 * A browser's cookie jar (RFC 6265, with RFC 6265bis for Secure): which `Set-Cookie` is stored, and which cookies a request
 * carries. Pure but for the jar's own memory; time is passed in. Its counterparts are `session-store.ts`, which sets a
 * site's cookie, and `browser.ts`, which sends them.
 *
 * 1. The request's host, path and scheme decide whether a cookie is sent, never who set it: that is the leak.
 * 2. Names under .localhost are treated as public names, which they represent. (Real browsers make exceptions for
 *    localhost.)
 */
import { ipVersion, withoutBrackets } from '../../core/ip-version.ts';

export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** Lower case, without a leading dot. */
  readonly domain: string;
  /** For that host only, not for its subdomains. */
  readonly hostOnly: boolean;
  readonly path: string;
  /** Sent over TLS only. */
  readonly secure: boolean;
  /** Hidden from scripts. It is sent like any other. */
  readonly httpOnly: boolean;
  /** Milliseconds since 1970; absent for a session cookie. */
  readonly expires?: number;
}

/** RFC 6265bis section 5.6: longer ones are not stored. */
const longestPair = 4096;
const longestAttribute = 1024;
/** RFC 6265 section 6.1 requires at least 50 per domain and 3000 in total. */
const mostCookies = 3000;

/** The cookie in a `Set-Cookie` field; undefined where the browser ignores it (RFC 6265 sections 5.2 and 5.3). */
export function readSetCookie(field: string, from: URL, now: number): Cookie | undefined {
  const [pair = '', ...attributes] = field.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, Math.max(0, equals)).trim();
  const value = pair.slice(equals + 1).trim();
  // A control character in either could break the header line of a request that carries it.
  if (
    equals < 0 ||
    name === '' ||
    name.length + value.length > longestPair ||
    /[\u0000-\u001f\u007f]/.test(name + value)
  )
    return undefined;
  const given = readAttributes(attributes);
  const host = hostOf(from);
  const domain = given.domain?.replace(/^\./, '');
  const isSecure = from.protocol === 'https:';
  const secure = given.secure ?? false;
  // RFC 6265bis section 5.7: a cookie set over plain HTTP must not be Secure.
  if (secure && !isSecure) return undefined;
  const hostOnly = domain === undefined || domain === '';
  if (!hostOnly && !isDomainAllowed(host, domain)) return undefined;
  const path = given.path?.startsWith('/') ? given.path : defaultPath(from.pathname);
  // RFC 6265bis section 4.1.3: a name prefix must be satisfied.
  if (/^__secure-/i.test(name) && !secure) return undefined;
  if (/^__host-/i.test(name) && !(secure && hostOnly && path === '/')) return undefined;
  const expires =
    given.maxAge === undefined ? given.expires : given.maxAge <= 0 ? 0 : now + given.maxAge * 1000;
  return {
    name,
    value,
    domain: hostOnly ? host : domain,
    hostOnly,
    path,
    secure,
    httpOnly: given.httpOnly ?? false,
    ...(expires === undefined ? {} : { expires }),
  };
}

interface Attributes {
  domain?: string;
  path?: string;
  secure?: true;
  httpOnly?: true;
  /** Seconds. */
  maxAge?: number;
  expires?: number;
}

/** Of repeated attributes the last counts; unknown ones are ignored (RFC 6265 section 5.2). */
function readAttributes(attributes: readonly string[]): Attributes {
  const read: Attributes = {};
  for (const attribute of attributes) {
    if (attribute.length > longestAttribute) continue;
    const equals = attribute.indexOf('=');
    const name = (equals < 0 ? attribute : attribute.slice(0, equals)).trim().toLowerCase();
    const value = equals < 0 ? '' : attribute.slice(equals + 1).trim();
    if (name === 'domain') read.domain = value.toLowerCase();
    else if (name === 'path') read.path = value;
    else if (name === 'secure') read.secure = true;
    else if (name === 'httponly') read.httpOnly = true;
    else if (name === 'max-age' && /^-?\d+$/.test(value)) read.maxAge = Number(value);
    else if (name === 'expires') {
      const at = Date.parse(value);
      if (!Number.isNaN(at)) read.expires = at;
    }
  }
  return read;
}

export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  get size(): number {
    return this.#cookies.size;
  }

  /** Stores a response's cookies; an expired cookie deletes the stored one. */
  store(fields: readonly string[], from: URL, now: number): void {
    for (const field of fields) {
      const cookie = readSetCookie(field, from, now);
      if (!cookie || (from.protocol !== 'https:' && this.#wouldHideSecure(cookie))) continue;
      const key = [cookie.domain, cookie.path, cookie.name].join('\n');
      const isOver = cookie.expires !== undefined && cookie.expires <= now;
      if (isOver) this.#cookies.delete(key);
      else this.#cookies.set(key, cookie);
      const [oldest] = this.#cookies.keys();
      if (this.#cookies.size > mostCookies && oldest !== undefined) this.#cookies.delete(oldest);
    }
  }

  /** Forgets session cookies, as a browser does when it is closed (RFC 6265 section 5.3); those with a date stay. */
  endSession(): void {
    for (const [key, { expires }] of this.#cookies) if (expires === undefined) this.#cookies.delete(key);
  }

  /** The cookies of a request: longer paths first, then older ones (RFC 6265 section 5.4). */
  for(url: URL, now: number): Cookie[] {
    const host = hostOf(url);
    return [...this.#cookies.values()]
      .filter(
        ({ domain, hostOnly, path, secure, expires }) =>
          (hostOnly ? host === domain : domainMatches(host, domain)) &&
          pathMatches(url.pathname, path) &&
          (!secure || url.protocol === 'https:') &&
          (expires === undefined || expires > now),
      )
      .toSorted((one, other) => other.path.length - one.path.length);
  }

  /** RFC 6265bis section 5.7: plain HTTP must not overwrite a Secure cookie. */
  #wouldHideSecure(cookie: Cookie): boolean {
    return [...this.#cookies.values()].some(
      (kept) =>
        kept.secure &&
        kept.name === cookie.name &&
        (domainMatches(kept.domain, cookie.domain) || domainMatches(cookie.domain, kept.domain)) &&
        pathMatches(cookie.path, kept.path),
    );
  }
}

/** The value of the `Cookie` field; undefined where there is none. */
export function cookieField(cookies: readonly Cookie[]): string | undefined {
  return cookies.length === 0 ? undefined : cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
}

function hostOf(url: URL): string {
  return url.hostname.replace(/\.$/, '');
}

/** RFC 6265 section 5.1.3: the same host, or a subdomain and not an IP address. */
function domainMatches(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && ipVersion(withoutBrackets(host)) === 0);
}

/** A host may set cookies for a parent domain, but not for a public suffix: here, a name without a dot. */
function isDomainAllowed(host: string, domain: string): boolean {
  return domainMatches(host, domain) && (host === domain || domain.includes('.'));
}

/** RFC 6265 section 5.1.4. */
function defaultPath(pathname: string): string {
  const last = pathname.lastIndexOf('/');
  return last <= 0 ? '/' : pathname.slice(0, last);
}

/** RFC 6265 section 5.1.4: `/a` matches `/a` and `/a/b`, not `/ab`. */
function pathMatches(pathname: string, path: string): boolean {
  return (
    pathname === path || (pathname.startsWith(path) && (path.endsWith('/') || pathname[path.length] === '/'))
  );
}
