/** A request of HTTP as a curl command that sends it again. */
import { latin1Text } from '../../core/bytes.ts';
import type { Localized } from '../../i18n/language.ts';
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
  readonly isGrpc?: boolean;
}

/** What stands above the command for a call of gRPC, as a comment of the shell. */
export const grpcNote: Localized = {
  en: 'gRPC: each message in the body has 5 bytes before it, a flag and its length. The answer is binary as well, and --verbose shows its status (grpc-status) in the trailers.',
  ko: 'gRPC: 본문의 메시지마다 앞에 플래그와 길이로 된 5바이트가 있습니다. 응답도 바이너리이고, 상태(grpc-status)는 --verbose로 트레일러에서 볼 수 있습니다.',
};

/**
 * The request in a message; undefined for what is none.
 * @param isTls whether it came by TLS, and to where
 * @param later the messages of its connection behind it: where HTTP is carried in frames, its body is in them
 */
export function requestIn(
  message: Message,
  server: string,
  isTls: boolean,
  later: Iterable<Message> = [],
): CurlRequest | undefined {
  const { http, protocol, from } = message;
  const scheme = isTls ? 'https' : 'http';
  if (http?.kind === 'request' && http.method !== undefined) {
    const { method, authority = server, path = '/', headers } = http;
    const body = http.endsStream ? undefined : bodyIn(http.stream, later);
    const isGrpc = headers.some(
      ([name, value]) => name === 'content-type' && /^application\/grpc\b/i.test(value),
    );
    return {
      method,
      url: `${http.scheme ?? scheme}://${authority}${path}`,
      headers,
      ...(body && body.length > 0 ? { body } : {}),
      isHttp2: true,
      ...(isGrpc ? { isGrpc } : {}),
    };
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

/** The body of a stream's request; undefined where its end has not come, or a part of it is missing. */
function bodyIn(stream: number, later: Iterable<Message>): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (const { from, http, httpBody } of later) {
    if (from !== 'client') continue;
    if (http?.kind === 'request' && http.stream === stream && http.isTrailer) return Buffer.concat(parts);
    if (httpBody?.kind !== 'request' || httpBody.stream !== stream) continue;
    parts.push(httpBody.bytes);
    if (httpBody.endsStream) return Buffer.concat(parts);
  }
  return undefined;
}

/** What curl makes itself. */
const ownHeaders: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'accept-encoding',
]);

/** For a POSIX shell. A body that is no text is passed in through printf, so that every byte is the same. */
export function curlCommand({ method, url, headers, body, isHttp2, isGrpc }: CurlRequest): string {
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
  // A terminal takes no binary answer unless it is told to.
  if (isGrpc) words.push('--verbose', '--output', '-');
  words.push('--', quoted(url));
  if (!body) return words.join(' ');
  const text = latin1Text(body);
  if (isText(body)) return [words[0], '--data-binary', quoted(text), ...words.slice(1)].join(' ');
  const octal = [...body].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  return `printf '${octal}' | ${[words[0], '--data-binary', '@-', ...words.slice(1)].join(' ')}`;
}

/** Whether a body stands in the command as it is; another one is written in octal digits. */
export function isText(body: Uint8Array): boolean {
  const text = latin1Text(body);
  return /^[\t\r\n\u0020-\u007e]*$/.test(text) && !text.startsWith('@');
}

const quoted = (text: string): string =>
  /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
