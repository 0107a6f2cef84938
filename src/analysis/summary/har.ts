/**
 * Exchanges of HTTP as entries of a HAR 1.2 archive (http://www.softwareishard.com/blog/har-12-spec/), which browsers' developer
 * tools read. Secrets in headers, cookies, queries and forms are masked unless asked for.
 */
import { latin1Text } from '../../core/bytes.ts';
import { isoTime } from '../../core/iso-time.ts';
import { openBody } from '../../protocols/http/content-coding.ts';
import { headerOf, latencyOf } from './exchanges.ts';
import type { Exchange, HalfOfExchange } from './exchanges.ts';
import { mask, maskedAddress, maskedBody, maskedHeader } from './masking.ts';

export interface HarPair {
  readonly name: string;
  readonly value: string;
}

export interface HarEntry {
  readonly startedDateTime: string;
  /** In milliseconds, as all times here; -1 where it does not apply. */
  readonly time: number;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly httpVersion: string;
    readonly cookies: readonly HarPair[];
    readonly headers: readonly HarPair[];
    readonly queryString: readonly HarPair[];
    readonly postData?: {
      readonly mimeType: string;
      readonly params: readonly HarPair[];
      readonly text: string;
      readonly comment?: string;
    };
    readonly headersSize: number;
    readonly bodySize: number;
  };
  readonly response: {
    /** 0 where none came. */
    readonly status: number;
    readonly statusText: string;
    readonly httpVersion: string;
    readonly cookies: readonly HarPair[];
    readonly headers: readonly HarPair[];
    readonly content: {
      readonly size: number;
      readonly compression?: number;
      readonly mimeType: string;
      readonly text?: string;
      readonly encoding?: 'base64';
      readonly comment?: string;
    };
    readonly redirectURL: string;
    readonly headersSize: number;
    readonly bodySize: number;
  };
  readonly cache: Readonly<Record<string, never>>;
  readonly timings: {
    readonly blocked: number;
    readonly dns: number;
    readonly connect: number;
    readonly ssl: number;
    readonly send: number;
    readonly wait: number;
    readonly receive: number;
  };
  readonly serverIPAddress?: string;
  /** The number of the connection. */
  readonly connection: string;
  readonly comment?: string;
}

export interface HarContext {
  readonly conn: number;
  /** `https` above TLS. */
  readonly scheme: 'http' | 'https';
  /** Where the request went, for one that names no host. */
  readonly server: { readonly host: string; readonly port: number } | undefined;
  /** By the wall clock, in milliseconds since the epoch; `at` in microseconds since the run began. */
  readonly wallClock: (at: number) => number;
  /** Secrets stand there as they were sent. */
  readonly withSecrets: boolean;
}

export function harEntry(exchange: Exchange, context: HarContext): HarEntry {
  const { request, response, version, stream } = exchange;
  const start = request?.firstAt ?? response?.firstAt ?? 0;
  const send = request ? milliseconds(request.lastAt - request.firstAt) : 0;
  const wait = milliseconds(latencyOf(exchange) ?? 0);
  const receive = response ? milliseconds(response.lastAt - response.firstAt) : 0;
  const { server, conn, scheme, withSecrets } = context;
  const sent = urlOf(exchange, { scheme, server });
  const url = withSecrets ? sent : maskedAddress(sent);
  const location = (response && headerOf(response.headers, 'location')) ?? '';
  return {
    startedDateTime: isoTime(context.wallClock(start)),
    time: send + wait + receive,
    request: {
      method: request?.method ?? '',
      url,
      httpVersion: version,
      cookies: cookiesIn(request, 'cookie', withSecrets),
      headers: headersOf(request, withSecrets),
      queryString: pairsIn(url.split('#')[0]?.split('?').slice(1).join('?') ?? ''),
      ...postData(request, withSecrets),
      headersSize: -1,
      bodySize: request?.bodyLength ?? -1,
    },
    response: {
      status: response?.status ?? 0,
      statusText: response?.reason ?? '',
      httpVersion: version,
      cookies: cookiesIn(response, 'set-cookie', withSecrets),
      headers: headersOf(response, withSecrets),
      content: contentOf(response, withSecrets),
      redirectURL: withSecrets ? location : maskedAddress(location),
      headersSize: -1,
      bodySize: response?.bodyLength ?? -1,
    },
    cache: {},
    timings: { blocked: -1, dns: -1, connect: -1, ssl: -1, send, wait, receive },
    ...(server ? { serverIPAddress: server.host } : {}),
    connection: String(conn),
    ...(version === 'HTTP/2' ? { comment: `stream ${stream}` } : {}),
    ...(response ? {} : { comment: 'no response was seen' }),
  };
}

const milliseconds = (microseconds: number): number => Math.max(0, microseconds) / 1000;

/** The address that was asked for. */
export function urlOf(
  { request }: Exchange,
  { scheme, server }: Pick<HarContext, 'scheme' | 'server'>,
): string {
  if (!request) return '';
  const at = server ? `${server.host.includes(':') ? `[${server.host}]` : server.host}:${server.port}` : '';
  // CONNECT names where the tunnel leads.
  if (request.method === 'CONNECT') return request.path;
  return `${request.scheme ?? scheme}://${request.authority ?? at}${request.path}`;
}

function headersOf(half: HalfOfExchange | undefined, withSecrets: boolean): HarPair[] {
  return (half?.headers ?? []).map(([name, value]) => ({
    name,
    value: withSecrets ? value : maskedHeader(name, value),
  }));
}

function cookiesIn(half: HalfOfExchange | undefined, header: string, withSecrets: boolean): HarPair[] {
  return (half?.headers ?? [])
    .filter(([name]) => name.toLowerCase() === header)
    .flatMap(([, value]) => (header === 'cookie' ? value.split(';') : [value.split(';')[0] ?? '']))
    .flatMap((pair) => {
      const [name = '', ...value] = pair.trim().split('=');
      return name === '' ? [] : [{ name, value: withSecrets ? value.join('=') : mask }];
    });
}

/** A form may consist of millions; all of it is in the text beside. */
const mostPairs = 10_000;

function pairsIn(query: string): HarPair[] {
  if (query === '') return [];
  return query.split('&', mostPairs).flatMap((pair) => {
    const [name = '', ...value] = pair.split('=');
    if (name === '' && value.length === 0) return [];
    return [{ name: decoded(name), value: decoded(value.join('=')) }];
  });
}

/** As a form writes it (WHATWG URL, application/x-www-form-urlencoded); what is no such text stays as it is. */
function decoded(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

function postData(request: Exchange['request'], withSecrets: boolean): Pick<HarEntry['request'], 'postData'> {
  if (!request || request.bodyLength === 0) return {};
  const mimeType = headerOf(request.headers, 'content-type') ?? '';
  const { text } = textOf(bodyFor(request, mimeType, withSecrets));
  const isForm = /^application\/x-www-form-urlencoded/i.test(mimeType);
  const cut = request.isWhole ? {} : { comment: 'cut off' };
  return { postData: { mimeType, params: isForm ? pairsIn(text) : [], text, ...cut } };
}

function bodyFor(half: HalfOfExchange, mimeType: string, withSecrets: boolean): Uint8Array {
  const body = bodyOf(half);
  return withSecrets ? body : maskedBody(body, mimeType);
}

/** Freed from its compression, as far as that is possible. */
export function bodyOf(half: HalfOfExchange): Uint8Array {
  const body = half.body ?? new Uint8Array(0);
  const opened = openBody(
    {
      type: 'response',
      version: 'HTTP/1.1',
      status: 200,
      reason: '',
      headers: half.headers.map(([name, value]) => ({ name, value })),
    },
    body,
    !half.isWhole,
  );
  return opened && 'opened' in opened ? opened.opened : body;
}

function contentOf(response: Exchange['response'], withSecrets: boolean): HarEntry['response']['content'] {
  const mimeType = (response && headerOf(response.headers, 'content-type')) ?? '';
  if (!response || response.bodyLength === 0) return { size: 0, mimeType };
  const body = bodyOf(response);
  const { text, isText } = textOf(withSecrets ? body : maskedBody(body, mimeType));
  const saved = body.length - response.bodyLength;
  return {
    size: body.length,
    ...(saved > 0 && response.isWhole ? { compression: saved } : {}),
    mimeType,
    text,
    ...(isText ? {} : { encoding: 'base64' as const }),
    ...(response.isWhole ? {} : { comment: `cut off: ${response.bodyLength} bytes were sent` }),
  };
}

/** No text has these; in JSON each takes six characters, and two such bodies are longer than a text can be. */
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000b\u000e-\u001f]/;

function textOf(body: Uint8Array): { readonly text: string; readonly isText: boolean } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    if (!control.test(text)) return { text, isText: true };
  } catch {
    // No UTF-8.
  }
  return { text: Buffer.from(latin1Text(body), 'latin1').toString('base64'), isText: false };
}
