/**
 * The headers of a request as authentication needs them: every value of a name by itself, since a group may have a comma in
 * its name; and names of people in UTF-8, which node:http reads as Latin-1.
 */

/** By name in small letters, values in order. */
export type RequestHeaders = ReadonlyMap<string, readonly string[]>;

/** @param raw names and values by turns, as `IncomingMessage.rawHeaders` has them. */
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

/** What somebody is said to be beside name and groups: the rest of each header's name after a prefix, unescaped, with its values. */
export function extraOf(headers: RequestHeaders, prefix: string): Record<string, readonly string[]> {
  const extra = new Map<string, readonly string[]>();
  for (const [name, values] of headers) {
    if (!name.startsWith(prefix)) continue;
    const key = unescaped(name.slice(prefix.length));
    extra.set(key, [...(extra.get(key) ?? []), ...values]);
  }
  return Object.fromEntries(extra);
}

/** A key that is wrongly escaped stands as it is. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
