/**
 * Exchanges of HTTP as entries of a HAR 1.2 archive (http://www.softwareishard.com/blog/har-12-spec/), which browsers' developer
 * tools read. Secrets in headers, cookies, queries and forms are masked unless asked for.
 */
import { latin1Text } from '../../core/bytes.ts';
import { openBody } from '../../protocols/http/content-coding.ts';
import { isSecretName } from '../../protocols/shared/secret-names.ts';
import { isSessionCookieName } from '../secrets/credential-shapes.ts';
import { headerOf, latencyOf } from './exchanges.ts';
import type { Exchange, HalfOfExchange } from './exchanges.ts';

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

/** What stands in the place of a secret. */
const mask = '••••••';

export function harEntry(exchange: Exchange, context: HarContext): HarEntry {
  const { request, response, version, stream } = exchange;
  const start = request?.firstAt ?? response?.firstAt ?? 0;
  const send = request ? milliseconds(request.lastAt - request.firstAt) : 0;
  const wait = milliseconds(latencyOf(exchange) ?? 0);
  const receive = response ? milliseconds(response.lastAt - response.firstAt) : 0;
  const { server, conn, scheme, withSecrets } = context;
  const isOpen = (name: string): boolean => withSecrets || !isSecretName(name);
  const url = urlOf(exchange, { scheme, server }, isOpen);
  return {
    startedDateTime: new Date(context.wallClock(start)).toISOString(),
    time: send + wait + receive,
    request: {
      method: request?.method ?? '',
      url,
      httpVersion: version,
      cookies: cookiesIn(request, 'cookie', withSecrets),
      headers: headersOf(request, withSecrets),
      queryString: pairsIn(url.split('#')[0]?.split('?').slice(1).join('?') ?? '', () => true),
      ...postData(request, isOpen),
      headersSize: -1,
      bodySize: request?.bodyLength ?? -1,
    },
    response: {
      status: response?.status ?? 0,
      statusText: response?.reason ?? '',
      httpVersion: version,
      cookies: cookiesIn(response, 'set-cookie', withSecrets),
      headers: headersOf(response, withSecrets),
      content: contentOf(response, isOpen),
      redirectURL: response ? (headerOf(response.headers, 'location') ?? '') : '',
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

/** The address that was asked for, with masked values in its query. */
export function urlOf(
  { request }: Exchange,
  { scheme, server }: Pick<HarContext, 'scheme' | 'server'>,
  isOpen: (name: string) => boolean = () => true,
): string {
  if (!request) return '';
  const at = server ? `${server.host.includes(':') ? `[${server.host}]` : server.host}:${server.port}` : '';
  // CONNECT names where the tunnel leads.
  if (request.method === 'CONNECT') return request.path;
  const [path = '', ...query] = request.path.split('?');
  const open = query
    .join('?')
    .split('&')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return value.length > 0 && !isOpen(decoded(name)) ? `${name}=${encodeURIComponent(mask)}` : pair;
    })
    .join('&');
  return `${request.scheme ?? scheme}://${request.authority ?? at}${path}${query.length > 0 ? `?${open}` : ''}`;
}

function headersOf(half: HalfOfExchange | undefined, withSecrets: boolean): HarPair[] {
  return (half?.headers ?? []).map(([name, value]) => ({
    name,
    value: withSecrets ? value : maskedHeader(name, value),
  }));
}

/** Of a login its scheme stays, of cookies their names. */
function maskedHeader(name: string, value: string): string {
  switch (name.toLowerCase()) {
    case 'authorization':
    case 'proxy-authorization':
      return value.includes(' ') ? `${value.split(' ')[0]} ${mask}` : mask;
    case 'cookie':
      return value
        .split(';')
        .map((pair) => `${pair.split('=')[0]}=${mask}`)
        .join(';');
    // What a server asks for.
    case 'www-authenticate':
    case 'proxy-authenticate':
      return value;
    case 'set-cookie': {
      const [pair = '', ...attributes] = value.split(';');
      return [`${pair.split('=')[0]}=${mask}`, ...attributes].join(';');
    }
    default:
      return isSecretName(name) || isSessionCookieName(name) ? mask : value;
  }
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

function pairsIn(query: string, isOpen: (name: string) => boolean): HarPair[] {
  if (query === '') return [];
  return query.split('&').flatMap((pair) => {
    const [name = '', ...value] = pair.split('=');
    if (name === '' && value.length === 0) return [];
    const own = decoded(name);
    return [{ name: own, value: isOpen(own) ? decoded(value.join('=')) : mask }];
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

function postData(
  request: Exchange['request'],
  isOpen: (name: string) => boolean,
): Pick<HarEntry['request'], 'postData'> {
  if (!request || request.bodyLength === 0) return {};
  const mimeType = headerOf(request.headers, 'content-type') ?? '';
  const { text, isText } = textOf(bodyOf(request));
  const cut = request.isWhole ? {} : { comment: 'cut off' };
  if (/^application\/x-www-form-urlencoded/i.test(mimeType)) {
    const params = pairsIn(text, isOpen);
    const form = params
      .map(({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&');
    return { postData: { mimeType, params, text: form, ...cut } };
  }
  const shown = /json/i.test(mimeType) && isText ? maskedJson(text, isOpen) : text;
  return { postData: { mimeType, params: [], text: shown, ...cut } };
}

/** Values of secret names in JSON, as it was written otherwise. */
function maskedJson(text: string, isOpen: (name: string) => boolean): string {
  return text.replace(
    /"((?:[^"\\]|\\.){1,100})"(\s*:\s*)("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)/g,
    (all, name: string, between: string) => (isOpen(name) ? all : `"${name}"${between}"${mask}"`),
  );
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

function contentOf(
  response: Exchange['response'],
  isOpen: (name: string) => boolean,
): HarEntry['response']['content'] {
  const mimeType = (response && headerOf(response.headers, 'content-type')) ?? '';
  if (!response || response.bodyLength === 0) return { size: 0, mimeType };
  const body = bodyOf(response);
  const { text, isText } = textOf(body);
  const saved = body.length - response.bodyLength;
  return {
    size: body.length,
    ...(saved > 0 && response.isWhole ? { compression: saved } : {}),
    mimeType,
    text: isText && /json/i.test(mimeType) ? maskedJson(text, isOpen) : text,
    ...(isText ? {} : { encoding: 'base64' as const }),
    ...(response.isWhole ? {} : { comment: `cut off: ${response.bodyLength} bytes were sent` }),
  };
}

function textOf(body: Uint8Array): { readonly text: string; readonly isText: boolean } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    if (!text.includes('\0')) return { text, isText: true };
  } catch {
    // No UTF-8.
  }
  return { text: Buffer.from(latin1Text(body), 'latin1').toString('base64'), isText: false };
}
