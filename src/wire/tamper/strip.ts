/**
 * Implements the changes of a stripping relay to HTTP messages: it uses TLS towards the site and plain HTTP towards the
 * client, and removes every reference to TLS in between. Pure: it returns headers and text. `strip-pump.ts` forwards
 * them; no honest path uses it.
 *
 * 1. Towards the site: its `http:` URLs become `https:`, and compression is not requested, so that pages can be read.
 * 2. Towards the client: the site's `https:` URLs become `http:`, wherever they occur (a Location, a link, a form);
 *    `Secure` is removed from cookies; HSTS and other headers that would lead the client to TLS are removed.
 */
import { latin1Text } from '../../core/bytes.ts';

export type HeaderLine = readonly [name: string, value: string];

/** Response headers that would make the client use TLS, or reveal that a page was changed. */
const unsaid: ReadonlySet<string> = new Set([
  'strict-transport-security',
  'expect-ct',
  'alt-svc',
  'content-md5',
  'digest',
  'content-digest',
  'repr-digest',
]);
/** The Content-Security-Policy directives that do (Upgrade Insecure Requests, section 3). */
const upgrading = /(?:^|;)\s*(?:upgrade-insecure-requests|block-all-mixed-content)\s*(?=;|$)/gi;
/** Request headers that would make the site send something other than a readable page. */
const unasked: ReadonlySet<string> = new Set([
  'accept-encoding',
  'upgrade-insecure-requests',
  'if-none-match',
  'if-modified-since',
  'if-range',
  'range',
]);
/** Request headers that contain the client's idea of its location. */
const places: ReadonlySet<string> = new Set(['origin', 'referer']);

/** The headers of a client's request as sent to the site. */
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

/** The headers of the site's response as sent to the client, without a length, which may have changed. */
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

/** Whether a body of that type and coding is text whose URLs can be changed. */
export function isStrippable(contentType: string | undefined, contentEncoding: string | undefined): boolean {
  return (
    /^(?:text\/|application\/(?:javascript|json|xhtml\+xml))/i.test(contentType ?? '') &&
    /^(?:identity)?$/i.test(contentEncoding ?? '')
  );
}

/** A page, unchanged except for the URLs of the site. */
export function stripBody(body: Uint8Array, host: string): Buffer {
  const text = latin1Text(body);
  return Buffer.from(replaceAddresses(text, 'https', 'http', host), 'latin1');
}

/** `https://shop.localhost` followed by anything but more of a name; its port 443 goes with the scheme. */
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
