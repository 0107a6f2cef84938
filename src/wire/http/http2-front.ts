/**
 * Implements the HTTP/2 side of a listener, for connections on which the client has chosen `h2` (ALPN, RFC 7301). The counterpart
 * for HTTP/1.1 is `front.ts`; a server gives both the same exchanges (`exchange.ts`).
 *
 * 1. Limits are for each connection: streams at a time, headers, and the time without any frame; and for each request the time
 *    until all of it has come.
 * 2. Closing lets pending responses finish, and refuses new streams (GOAWAY).
 */
import { constants, createServer } from 'node:http2';
import type { Http2Server, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Accepted } from '../endpoint.ts';
import type { HttpExchange } from './exchange.ts';
import { Http2Lower } from './http2-lower.ts';

export interface Http2FrontOptions {
  readonly onExchange: (exchange: HttpExchange) => void;
  /** Milliseconds without a frame after which a connection ends. */
  readonly idleTimeout?: number;
  /** Milliseconds until the end of a request's body; without it there is no response then but 408. */
  readonly requestTimeout?: number;
}

/** As kube-apiserver’s `--http2-max-streams-per-connection`. */
const maxConcurrentStreams = 100;
/** As Go's server: a client of Kubernetes sends a PING every thirty seconds. */
const defaultIdle = 180_000;
/** As over HTTP/1.1. */
const defaultRequest = 30_000;

export class Http2Front {
  readonly #options: Http2FrontOptions;
  readonly #server: Http2Server;
  readonly #sessions = new Map<ServerHttp2Session, Accepted>();
  #isClosing = false;

  constructor(options: Http2FrontOptions) {
    this.#options = options;
    this.#server = createServer({ settings: { maxConcurrentStreams, enablePush: false } });
    // Without it an error of a session would end the process.
    this.#server.on('sessionError', () => {});
    const onStream = (
      stream: ServerHttp2Stream,
      headers: IncomingHttpHeaders,
      _flags: number,
      rawHeaders: readonly string[],
    ): void => this.#onStream(stream, headers, rawHeaders);
    // Node passes the raw headers, too; its types do not say so.
    this.#server.on('stream', onStream as unknown as (stream: ServerHttp2Stream) => void);
  }

  /** Takes over a connection that a listener has admitted. */
  serve(accepted: Accepted): void {
    const { stream } = accepted;
    stream.on('error', () => {});
    if (this.#isClosing) return void stream.end();
    const take = (session: ServerHttp2Session): void => {
      this.#sessions.set(session, accepted);
      session.once('close', () => {
        this.#sessions.delete(session);
        stream.end();
      });
      session.setTimeout(this.#options.idleTimeout ?? defaultIdle, () => session.close());
    };
    this.#server.once('session', take);
    this.#server.emit('connection', new Http2Lower(stream));
    this.#server.off('session', take);
  }

  /** Ends connections without a pending response, and waits at most `graceMs` for the others. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    const closing = [...this.#sessions.keys()].map(
      async (session) =>
        new Promise<void>((resolve) => {
          session.once('close', resolve);
          session.close();
        }),
    );
    const timer = setTimeout(() => {
      for (const session of this.#sessions.keys()) session.destroy();
    }, graceMs);
    await Promise.all(closing);
    clearTimeout(timer);
  }

  #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void {
    const accepted = this.#sessions.get(stream.session as ServerHttp2Session);
    stream.on('error', () => {});
    if (!accepted) return stream.close(constants.NGHTTP2_REFUSED_STREAM);
    let isReceived = stream.endAfterHeaders;
    stream.once('end', () => (isReceived = true));
    let isAbandoned = false;
    stream.once('finish', () => {
      if (isAbandoned && !isReceived) stream.close(constants.NGHTTP2_NO_ERROR);
    });
    if (!isReceived) {
      const timer = setTimeout(() => {
        // What answers before all has come may do so for as long as it likes.
        if (isReceived || stream.headersSent || stream.destroyed) return;
        stream.respond({ ':status': 408 }, { endStream: true });
        stream.close(constants.NGHTTP2_NO_ERROR);
      }, this.#options.requestTimeout ?? defaultRequest).unref();
      stream.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
    }
    this.#options.onExchange({
      accepted,
      method: headers[':method'] ?? '',
      target: headers[':path'] ?? '',
      headers: withHost(headers),
      rawHeaders,
      body: stream,
      isReceived: () => isReceived,
      begin(code, head) {
        if (!stream.destroyed && !stream.headersSent) stream.respond({ ...lowerCase(head), ':status': code });
      },
      out: stream,
      abandonBody() {
        isAbandoned = true;
      },
    });
    return undefined;
  }
}

/** RFC 9113 section 8.3.1: the authority is what the header Host was. */
function withHost({ ':authority': authority, ...headers }: IncomingHttpHeaders): HttpExchange['headers'] {
  return authority === undefined ? headers : { ...headers, host: authority };
}

function lowerCase(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
