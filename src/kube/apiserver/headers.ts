/**
 * Parses request headers for authentication: keeps multiple values of a name separate, since a group name may contain a
 * comma, and decodes user names as UTF-8, which node:http reads as Latin-1.
 */

/** By lower-case name, values in order. */
export type RequestHeaders = ReadonlyMap<string, readonly string[]>;

/** @param raw alternating names and values, as in `IncomingMessage.rawHeaders`. */
export function requestHeaders(raw: readonly string[]): RequestHeaders {
  const headers = new Map<string, string[]>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase();
    const values = headers.get(name) ?? [];
    headers.set(name, values);
    values.push(fromLatin1(raw[at + 1] ?? ''));
  }
  return headers;
}

const plain = /^[\x00-\x7f]*$/;

function fromLatin1(value: string): string {
  if (plain.test(value)) return value;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}

/** Extra user attributes: the rest of each header's name after a prefix, unescaped, with its values. */
export function extraOf(headers: RequestHeaders, prefix: string): Record<string, readonly string[]> {
  const extra = new Map<string, readonly string[]>();
  for (const [name, values] of headers) {
    if (!name.startsWith(prefix)) continue;
    const key = unescaped(name.slice(prefix.length));
    extra.set(key, [...(extra.get(key) ?? []), ...values]);
  }
  return Object.fromEntries(extra);
}

/** A key with invalid escaping is kept as it is. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
