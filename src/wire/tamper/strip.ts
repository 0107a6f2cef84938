/**
 * What a stripping relay does to HTTP on its way: to the site it speaks TLS, to the client plain HTTP, and whatever in
 * between speaks of TLS it unsays. Pure: which headers and which text go on in place of those that came. `strip-pump.ts`
 * carries them; nothing on an honest path comes here.
 *
 * 1. Towards the site: `http:` addresses of it become `https:`, and compression is not asked for, so that pages can be read.
 * 2. Towards the client: `https:` addresses of the site become `http:`, wherever they stand (a Location, a link, a form);
 *    `Secure` is taken from cookies; HSTS and whatever else would lead the client to TLS are left out.
 */

export type HeaderLine = readonly [name: string, value: string];

/** What would teach the client to use TLS, or would show that a page has been changed. */
const unsaid: ReadonlySet<string> = new Set([
  'strict-transport-security',
  'expect-ct',
  'alt-svc',
  'content-md5',
  'digest',
  'content-digest',
  'repr-digest',
]);
/** Of a policy for content, the directives that do (Upgrade Insecure Requests, section 3). */
const upgrading = /(?:^|;)\s*(?:upgrade-insecure-requests|block-all-mixed-content)\s*(?=;|$)/gi;
/** What would have the site answer with something that is not a page to be read. */
const unasked: ReadonlySet<string> = new Set([
  'accept-encoding',
  'upgrade-insecure-requests',
  'if-none-match',
  'if-modified-since',
  'if-range',
  'range',
]);
/** Headers of a request that speak of where the client thinks it is. */
const places: ReadonlySet<string> = new Set(['origin', 'referer']);

/** The headers of a client's request, as the site gets them. */
export function stripRequest(headers: readonly HeaderLine[], host: string): HeaderLine[] {
  return headers
    .filter(([name]) => !unasked.has(name.toLowerCase()))
    .map(
      ([name, value]): HeaderLine =>
        places.has(name.toLowerCase())
          ? [name, replaceAddresses(value, 'http', 'https', host)]
          : [name, value],
    );
}

/** The headers of the site's answer, as the client gets them; without a length, which the body may have no longer. */
export function stripAnswer(headers: readonly HeaderLine[], host: string): HeaderLine[] {
  return headers.flatMap(([name, value]): HeaderLine[] => {
    const plain = name.toLowerCase();
    if (unsaid.has(plain) || plain === 'content-length') return [];
    if (plain === 'set-cookie') return [[name, withoutSecure(value)]];
    if (plain.startsWith('content-security-policy'))
      return [[name, replaceAddresses(value.replaceAll(upgrading, ''), 'https', 'http', host)]];
    return [[name, replaceAddresses(value, 'https', 'http', host)]];
  });
}

/** Whether a body of that type and coding is text whose addresses can be changed. */
export function isStrippable(contentType: string | undefined, contentEncoding: string | undefined): boolean {
  return (
    /^(?:text\/|application\/(?:javascript|json|xhtml\+xml))/i.test(contentType ?? '') &&
    /^(?:identity)?$/i.test(contentEncoding ?? '')
  );
}

/** A page, byte for byte but for the addresses of the site. */
export function stripBody(body: Uint8Array, host: string): Buffer {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  return Buffer.from(replaceAddresses(text, 'https', 'http', host), 'latin1');
}

/** `https://shop.localhost` with anything behind it but more of a name; its port 443 goes with the scheme. */
function replaceAddresses(text: string, from: 'http' | 'https', to: 'http' | 'https', host: string): string {
  const name = host.replace(/:\d*$/, '').replaceAll(/[^\w-]/g, String.raw`\$&`);
  const port = from === 'https' ? 443 : 80;
  return text.replaceAll(
    new RegExp(`\\b${from}://(${name})(?::${port}(?!\\d))?(?![\\w-]|\\.\\w)`, 'gi'),
    `${to}://$1`,
  );
}

function withoutSecure(cookie: string): string {
  return cookie
    .split(';')
    .filter((part, index) => index === 0 || part.trim().toLowerCase() !== 'secure')
    .join(';');
}
