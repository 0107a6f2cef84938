/**
 * Where a browser goes next: from typed input, and from a redirect (RFC 9110 section 15.4).
 * Pure; `browser.ts` sends the requests.
 */

/** More count as a redirect loop (Fetch standard, section 4.4). */
export const mostRedirects = 20;

/**
 * What is typed into the address bar. Without a scheme it is `http:`, as browsers did for thirty years, and as many
 * programs and old links still do. Undefined for anything but a URL.
 */
export function typedAddress(text: string): URL | undefined {
  return webAddress(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
}

export interface NextRequest {
  readonly method: string;
  readonly url: URL;
  /** Whether the body is sent again. */
  readonly keepsBody: boolean;
}

/** Undefined where the response is no redirect, or its target is not a URL. */
export function redirectOf(
  status: number,
  location: string | undefined,
  from: URL,
  method: string,
): NextRequest | undefined {
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  const url = webAddress(location, from);
  if (!url) return undefined;
  // A fragment is inherited (RFC 9110 section 10.2.2).
  if (url.hash === '') url.hash = from.hash;
  // 301 and 302 turn a POST into a GET by custom, 303 turns everything but HEAD; 307 and 308 change nothing.
  const becomesGet = status === 303 ? method !== 'HEAD' : status <= 302 && method === 'POST';
  return { method: becomesGet ? 'GET' : method, url, keepsBody: !becomesGet };
}

export function webAddress(text: string, base?: URL): URL | undefined {
  if (!URL.canParse(text, base?.href)) return undefined;
  const url = new URL(text, base);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}
