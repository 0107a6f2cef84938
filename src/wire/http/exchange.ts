/**
 * A request and its response, whether over HTTP/1.1 or a stream of HTTP/2: what a server that speaks both needs of either.
 */
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { Accepted } from '../endpoint.ts';

export interface HttpExchange {
  readonly accepted: Accepted;
  readonly method: string;
  /** Path and query, as received. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Alternating names and values, as received. */
  readonly rawHeaders: readonly string[];
  /** The request's body. */
  readonly body: Readable;
  /** Whether all of it has been received. */
  readonly isReceived: () => boolean;
  /** Sends the head of the response: what is written to `out` is its body. */
  readonly begin: (code: number, headers: OutgoingHttpHeaders) => void;
  readonly out: Writable;
  /** What follows a body that nobody reads is not taken for a request. To be called before the head is sent. */
  readonly abandonBody: () => void;
}

export function http1Exchange(
  request: IncomingMessage,
  response: ServerResponse,
  accepted: Accepted,
): HttpExchange {
  const { method = '', url = '', headers, rawHeaders } = request;
  return {
    accepted,
    method,
    target: url,
    headers,
    rawHeaders,
    body: request,
    isReceived: () => request.complete,
    begin(code, head) {
      const isWhole = 'Content-Length' in head;
      response.writeHead(code, { ...head, ...(isWhole ? {} : { 'Transfer-Encoding': 'chunked' }) });
      // A whole response goes out with its head.
      if (!isWhole) response.flushHeaders();
    },
    out: response,
    abandonBody() {
      response.shouldKeepAlive = false;
    },
  };
}
