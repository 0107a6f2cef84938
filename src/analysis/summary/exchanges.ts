/**
 * Joins requests of HTTP with their responses, whatever the version: who asked for what, what came back, and when. HTTP/1.1
 * answers in the order of the requests (RFC 9112 section 9.3.2), HTTP/2 under the same stream. Bodies are kept only where they
 * are asked for, and only so far.
 */
import type { HttpMessage } from '../../protocols/http/http-message.ts';
import type { HttpHead } from '../../protocols/protocol.ts';
import type { MessageTimes } from '../conversation/conversation.ts';
import type { Message } from '../conversation/message.ts';

export interface HalfOfExchange {
  readonly headers: HttpHead['headers'];
  /** As it travelled: without framing, still compressed. Undefined where bodies are not kept. */
  readonly body?: Uint8Array;
  /** In bytes, kept or not. */
  readonly bodyLength: number;
  /** The body is whole in `body`, and all of it was captured. */
  readonly isWhole: boolean;
  /** Of its first and last byte, in microseconds since the run began. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly frame?: number | undefined;
}

export interface Exchange {
  /** `HTTP/1.1`, `HTTP/2`. */
  readonly version: string;
  /** Of HTTP/2 its stream; of HTTP/1.1 its number in the connection, from 0. */
  readonly stream: number;
  readonly request?: HalfOfExchange & {
    readonly method: string;
    readonly scheme?: string | undefined;
    readonly authority?: string | undefined;
    /** With its query. */
    readonly path: string;
  };
  readonly response?: HalfOfExchange & { readonly status: number; readonly reason: string };
}

/**
 * From the last byte of a request to the first byte of its response, in microseconds; a response that began before the request
 * was over took no time. Undefined without a response.
 */
export function latencyOf({ request, response }: Exchange): number | undefined {
  return request && response ? Math.max(0, response.firstAt - request.lastAt) : undefined;
}

export interface ExchangesOptions {
  readonly onExchange?: (exchange: Exchange) => void;
  /** Called when a response has begun whose request is known: it may go on for as long as the connection does. */
  readonly onAnswer?: (exchange: Required<Exchange>) => void;
  /** Called when a response has begun whose request is known; see `latencyOf`. */
  readonly onLatency?: (latency: number) => void;
  /** Bytes of each body that are kept; none by default. */
  readonly mostBody?: number;
}

/** Requests that wait for their response: a peer that is never answered must not fill the memory. */
const mostWaiting = 1000;

interface Growing {
  headers: HttpHead['headers'];
  parts: Uint8Array[];
  kept: number;
  bodyLength: number;
  firstAt: number;
  lastAt: number;
  frame: number | undefined;
  isOver: boolean;
}

interface OpenStream {
  request: (Growing & { head: HttpHead }) | undefined;
  response: (Growing & { head: HttpHead }) | undefined;
}

export class Exchanges {
  readonly #onExchange: ExchangesOptions['onExchange'];
  readonly #onAnswer: ExchangesOptions['onAnswer'];
  readonly #onLatency: ExchangesOptions['onLatency'];
  readonly #mostBody: number;
  readonly #asked: NonNullable<Exchange['request']>[] = [];
  #askedVersion = 'HTTP/1.1';
  /** The response to the first of them has been told. */
  #isAnswered = false;
  #number = 0;
  readonly #streams = new Map<number, OpenStream>();

  constructor({ onExchange, onAnswer, onLatency, mostBody = 0 }: ExchangesOptions) {
    this.#onExchange = onExchange;
    this.#onAnswer = onAnswer;
    this.#onLatency = onLatency;
    this.#mostBody = mostBody;
  }

  /** A message of HTTP/1. */
  http1({ content, complete }: HttpMessage, times: MessageTimes): void {
    if (content.type !== 'request' && content.type !== 'response') return;
    const { body, bodyLength } = content;
    const isWhole = complete && body.length === bodyLength;
    const half = {
      headers: content.headers.map(({ name, value }) => [name.toLowerCase(), value] as const),
      ...(this.#mostBody > 0 ? { body: body.slice(0, this.#mostBody) } : {}),
      bodyLength,
      isWhole: isWhole && bodyLength <= this.#mostBody,
      ...times,
    };
    if (content.type === 'request') {
      const { method, target } = content;
      const absolute = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(target);
      this.#asked.push({
        ...half,
        method,
        scheme: absolute?.[1]?.toLowerCase(),
        authority: absolute?.[2] ?? headerOf(half.headers, 'host'),
        path: absolute ? absolute[3] || '/' : target,
      });
      this.#askedVersion = content.version;
      if (this.#asked.length > mostWaiting) this.#tell(this.#asked.shift(), undefined);
      return;
    }
    // The final response is still to come.
    if (content.status < 200 && content.status !== 101) return;
    const response = { ...half, status: content.status, reason: content.reason };
    this.#answered(response);
    this.#isAnswered = false;
    const request = this.#asked.shift();
    if (request) this.#onLatency?.(Math.max(0, half.firstAt - request.lastAt));
    this.#tell(request, response);
  }

  /** The head of a response of HTTP/1 has come, and not yet all of its body. @param at when, in microseconds. */
  http1Begins(title: string, at: number): void {
    const [, status, reason = ''] = /^(\d{3})(?: (.*))?$/.exec(title) ?? [];
    if (status === undefined || status.startsWith('1')) return;
    const half = { headers: [], bodyLength: 0, isWhole: false, firstAt: at, lastAt: at };
    this.#answered({ ...half, status: Number(status), reason });
  }

  #answered(response: NonNullable<Exchange['response']>): void {
    const [request] = this.#asked;
    if (!request || this.#isAnswered) return;
    this.#isAnswered = true;
    this.#onAnswer?.({ version: this.#askedVersion, stream: this.#number, request, response });
  }

  /** A message of a protocol that carries HTTP in frames. */
  framed({ http, httpBody, at, frame }: Message): void {
    if (http) this.#head(http, at, frame);
    if (!httpBody) return;
    const { stream, kind, bytes, endsStream } = httpBody;
    const half = this.#streams.get(stream)?.[kind];
    if (!half) return;
    half.bodyLength += bytes.length;
    half.lastAt = at;
    const room = this.#mostBody - half.kept;
    if (room > 0) {
      half.parts.push(bytes.slice(0, room));
      half.kept += Math.min(room, bytes.length);
    }
    if (endsStream) this.#ended(stream, half);
  }

  /** Nothing more comes: what was never answered is told as it is. */
  end(): void {
    for (const request of this.#asked.splice(0)) this.#tell(request, undefined);
    for (const stream of this.#streams.keys()) this.#tellStream(stream);
  }

  #tell(request: Exchange['request'], response: Exchange['response']): void {
    this.#onExchange?.({
      version: this.#askedVersion,
      stream: this.#number++,
      ...(request ? { request } : {}),
      ...(response ? { response } : {}),
    });
  }

  #head(head: HttpHead, at: number, frame: number | undefined): void {
    const { stream, kind, headers, isTrailer, endsStream, status = 0 } = head;
    const open = this.#streams.get(stream) ?? { request: undefined, response: undefined };
    const known = open[kind];
    if (isTrailer) {
      if (!known) return;
      known.headers = [...known.headers, ...headers];
      known.lastAt = at;
      if (endsStream) this.#ended(stream, known);
      return;
    }
    if (kind === 'response' && status < 200) return;
    const half = {
      head,
      headers,
      parts: [],
      kept: 0,
      bodyLength: 0,
      firstAt: at,
      lastAt: at,
      frame,
      isOver: false,
    };
    open[kind] = half;
    const { request } = open;
    if (kind === 'response' && request) this.#onLatency?.(Math.max(0, at - request.lastAt));
    this.#streams.set(stream, open);
    if (this.#onAnswer && kind === 'response' && request) {
      const told = this.#exchangeOf(stream, open);
      if (told.request && told.response)
        this.#onAnswer({ ...told, request: told.request, response: told.response });
    }
    if (endsStream) this.#ended(stream, half);
    if (this.#streams.size <= mostWaiting) return;
    const [oldest] = this.#streams.keys();
    if (oldest !== undefined) this.#tellStream(oldest);
  }

  #ended(stream: number, half: Growing): void {
    half.isOver = true;
    if (this.#streams.get(stream)?.response?.isOver) this.#tellStream(stream);
  }

  #tellStream(stream: number): void {
    const open = this.#streams.get(stream);
    if (!open) return;
    this.#streams.delete(stream);
    this.#onExchange?.(this.#exchangeOf(stream, open));
  }

  #exchangeOf(stream: number, { request, response }: OpenStream): Exchange {
    return {
      version: 'HTTP/2',
      stream,
      ...(request
        ? {
            request: {
              ...this.#half(request),
              method: request.head.method ?? '',
              scheme: request.head.scheme,
              authority: request.head.authority ?? headerOf(request.headers, 'host'),
              path: request.head.path ?? '',
            },
          }
        : {}),
      ...(response
        ? { response: { ...this.#half(response), status: response.head.status ?? 0, reason: '' } }
        : {}),
    };
  }

  #half({ headers, parts, kept, bodyLength, firstAt, lastAt, frame, isOver }: Growing): HalfOfExchange {
    return {
      headers,
      ...(this.#mostBody > 0 ? { body: Buffer.concat(parts) } : {}),
      bodyLength,
      isWhole: isOver && kept === bodyLength,
      firstAt,
      lastAt,
      frame,
    };
  }
}

/** The first header of that name, in lower case. */
export function headerOf(headers: HttpHead['headers'], name: string): string | undefined {
  return headers.find(([one]) => one === name)?.[1];
}
