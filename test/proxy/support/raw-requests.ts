/**
 * What a target received, read from its bytes by the letter of RFC 9112 and by nobody else's parser: requests that are
 * whole, what is left, and everything that another reader could have read in another way.
 */

export interface RawRequest {
  readonly line: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface RawReading {
  readonly requests: readonly RawRequest[];
  /** Bytes behind the last whole request. */
  readonly rest: string;
  readonly faults: readonly string[];
}

const line = /^[A-Z-]+ \/[\x21-\x7e]* HTTP\/1\.1$/;
const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\t\x20-\x7e\x80-\xff]*)$/;

/** Reads as many whole requests as there are. Bytes are characters of Latin-1. */
export function readRequests(bytes: string): RawReading {
  const requests: RawRequest[] = [];
  const faults: string[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end < 0) break;
    const [first = '', ...fields] = bytes.slice(at, end).split('\r\n');
    if (!line.test(first)) faults.push(`the request line ${JSON.stringify(first)}`);
    const headers = fields.map((text): readonly [string, string] => {
      const [, name = '', value = ''] = field.exec(text) ?? [];
      if (name === '') faults.push(`the field ${JSON.stringify(text)}`);
      return [name, value];
    });
    const valuesOf = (wanted: string): string[] =>
      headers
        .filter(([name]) => name.toLowerCase().replaceAll('_', '-') === wanted)
        .map(([, value]) => value);
    const [lengths, codings] = [valuesOf('content-length'), valuesOf('transfer-encoding')];
    if (lengths.length + codings.length > 1)
      faults.push(`framed twice: ${[...lengths, ...codings].join(' and ')}`);
    if (valuesOf('host').length !== 1) faults.push(`Hosts: ${valuesOf('host').join(' and ') || 'none'}`);
    if (lengths.some((length) => !/^\d+$/.test(length))) faults.push(`the length ${lengths.join()}`);
    if (codings.some((coding) => coding !== 'chunked')) faults.push(`the coding ${codings.join()}`);
    const read =
      codings.length > 0 ? readChunks(bytes, end + 4) : readLength(bytes, end + 4, Number(lengths[0] ?? 0));
    if (read === undefined) break;
    if (typeof read === 'string') {
      faults.push(read);
      break;
    }
    requests.push({ line: first, headers, body: read.body });
    at = read.end;
  }
  return { requests, rest: bytes.slice(at), faults };
}

type Body = { readonly body: string; readonly end: number } | string | undefined;

function readLength(bytes: string, start: number, length: number): Body {
  return bytes.length < start + length
    ? undefined
    : { body: bytes.slice(start, start + length), end: start + length };
}

/** No extension and no trailer: a proxy that frames anew has none to pass on. */
function readChunks(bytes: string, start: number): Body {
  let body = '';
  let at = start;
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const size = bytes.slice(at, end);
    if (!/^[0-9a-f]{1,8}$/i.test(size)) return `the chunk size ${JSON.stringify(size)}`;
    const length = Number.parseInt(size, 16);
    at = end + 2;
    if (bytes.length < at + length + 2) return undefined;
    if (bytes.slice(at + length, at + length + 2) !== '\r\n')
      return `the end of a chunk ${JSON.stringify(bytes.slice(at + length, at + length + 20))}`;
    body += bytes.slice(at, at + length);
    at += length + 2;
    if (length === 0) return { body, end: at };
  }
}
