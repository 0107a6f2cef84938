/** A request of HTTP as a curl command that sends it again. */
import { latin1Text } from '../../core/bytes.ts';
import { readHttpAgain } from '../../protocols/http/conversation.ts';
import { headerValue } from '../../protocols/http/message.ts';
import type { HttpHead } from '../../protocols/protocol.ts';
import type { Message } from '../conversation/message.ts';

export interface CurlRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: HttpHead['headers'];
  readonly body?: Uint8Array;
  readonly isHttp2?: boolean;
}

/** The request in a message; undefined for what is none. @param isTls whether it came by TLS, and to where */
export function requestIn(message: Message, server: string, isTls: boolean): CurlRequest | undefined {
  const { http, protocol, from } = message;
  const scheme = isTls ? 'https' : 'http';
  if (http?.kind === 'request' && http.method !== undefined) {
    const { method, authority = server, path = '/', headers } = http;
    return { method, url: `${http.scheme ?? scheme}://${authority}${path}`, headers, isHttp2: true };
  }
  const bytes = protocol === 'http' && from === 'client' ? message.bytes() : undefined;
  const again =
    bytes && readHttpAgain(bytes, { from: 'client', offset: message.offset, framing: { kind: 'none' } });
  if (again?.content.type !== 'request') return undefined;
  const { content } = again;
  const { method, target, headers, body } = content;
  const authority = headerValue(content, 'host') ?? server;
  return {
    method,
    url: /^[a-z][a-z0-9+.-]*:\/\//i.test(target) ? target : `${scheme}://${authority}${target}`,
    headers: headers.map(({ name, value }) => [name, value] as const),
    ...(body.length > 0 ? { body } : {}),
  };
}

/** What curl makes itself. */
const ownHeaders: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'accept-encoding',
]);

/** For a POSIX shell. A body that is no text is passed in through printf, so that every byte is the same. */
export function curlCommand({ method, url, headers, body, isHttp2 }: CurlRequest): string {
  const words = ['curl'];
  if (isHttp2) words.push(url.startsWith('https:') ? '--http2' : '--http2-prior-knowledge');
  if (method === 'HEAD') words.push('--head');
  else if (method !== (body ? 'POST' : 'GET')) words.push('--request', quoted(method));
  let isCompressed = false;
  const host = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1];
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower === 'accept-encoding') isCompressed = true;
    if (ownHeaders.has(lower) || (lower === 'host' && value === host)) continue;
    words.push('--header', quoted(value === '' ? `${name};` : `${name}: ${value}`));
  }
  if (isCompressed) words.push('--compressed');
  words.push('--', quoted(url));
  if (!body) return words.join(' ');
  const text = latin1Text(body);
  if (/^[\t\r\n\u0020-\u007e]*$/.test(text) && !text.startsWith('@'))
    return [words[0], '--data-binary', quoted(text), ...words.slice(1)].join(' ');
  const octal = [...body].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  return `printf '${octal}' | ${[words[0], '--data-binary', '@-', ...words.slice(1)].join(' ')}`;
}

const quoted = (text: string): string =>
  /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
