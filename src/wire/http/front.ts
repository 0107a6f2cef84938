/**
 * Implements the HTTP side of a listener: passes accepted connections to a node:http server that does not listen
 * itself, and closes them properly. The login site and the http pump build on it and define the responses.
 *
 * 1. A server that does not listen runs no timers, so the limits for slow clients are enforced here.
 * 2. Closing lets pending responses finish and closes idle connections at once.
 * 3. A connection that was ended here is drained briefly and then destroyed, so that the last response is not lost.
 * 4. A connection's requests are passed on one at a time, however many a client pipelines: the target needs at most one
 *    connection for them, and this process little memory.
 * 5. After a response that closes the connection nothing more is read as a request: what follows a refused request may
 *    be its body. An upgrade, and data that is not HTTP, are handled after the responses to the preceding requests.
 *    Each request gets exactly one response: a parse error found later cannot revoke it.
 * 6. A connection that has reached its greatest age ends with the response to its current request, or to its next, which says so:
 *    ended at any other time, it could be in the way of a request. Only where none comes it is ended without.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { defined } from '../../core/defined.ts';
import { readBeginning } from '../tcp/first-bytes.ts';
import type { Accepted } from '../endpoint.ts';

export interface HttpFrontOptions {
  readonly onRequest: (request: IncomingMessage, response: ServerResponse, accepted: Accepted) => void;
  /** Without it upgrades are not offered: the request is handled as a normal one. */
  readonly onUpgrade?: (request: IncomingMessage, stream: Duplex, head: Buffer, accepted: Accepted) => void;
  /** Called with first bytes that are not HTTP/1; true if it has responded to them. */
  readonly onNotHttp?: (stream: Duplex, firstBytes: Uint8Array, accepted: Accepted) => boolean;
  /** What stands in a response that is sent here, before any request was passed on: why. Nothing by default. */
  readonly pageOf?: (status: number) => string | undefined;
  /** Time limits in milliseconds: for a request's head and body, and for the idle time between two requests. */
  readonly requestTimeout?: number;
  readonly idleTimeout?: number;
  /** Milliseconds after which a connection takes only one further request; unlimited by default. */
  readonly maxAge?: number;
  /** How long that request may take to come, in milliseconds. */
  readonly lastRequestTimeout?: number;
  /**
   * After the last byte that was written, how long a client may be silent before it is broken off, in milliseconds; while it
   * keeps sending, it has fifteen times as long to read the response (RFC 9112 section 9.6).
   */
  readonly lingerTimeout?: number;
}

interface Connection {
  readonly accepted: Accepted;
  /** Requests without a response so far, including waiting ones. */
  active: number;
  /** The current response. */
  answering: ServerResponse | undefined;
  /** The newest request. */
  last: IncomingMessage | undefined;
  /** Passes on the requests that wait for the previous one. */
  readonly waiting: (() => void)[];
  /** The last data was not a request for HTTP to answer: what follows it is not HTTP's. */
  isHandedOver: boolean;
  /** Whether any received data was HTTP. */
  spokeHttp: boolean;
  timer: NodeJS.Timeout | undefined;
  /** By `performance.now()`. */
  readonly since: number;
  /** Rule 6. */
  isOld: boolean;
  ageTimer: NodeJS.Timeout | undefined;
}

const defaults = {
  requestTimeout: 30_000,
  idleTimeout: 30_000,
  lingerTimeout: 2_000,
  lastRequestTimeout: 5_000,
} as const;

const lingerRounds = 15;

/**
 * The number of waiting requests at which reading stops, and at which the client is disconnected: one read may contain
 * thousands.
 */
const pipeline = { braked: 16, hostile: 1_000 } as const;

/** The reason phrases for the statuses of Node's parser errors. */
const parserStatuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

const phrases: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  417: 'Expectation Failed',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
};

export class HttpFront {
  readonly #options: HttpFrontOptions;
  readonly #server: Server;
  readonly #connections = new Map<Duplex, Connection>();
  readonly #idleWaiters = new Set<() => void>();
  #closing = false;
  #maxAge: number;

  constructor(options: HttpFrontOptions) {
    this.#options = options;
    this.#maxAge = options.maxAge ?? Number.POSITIVE_INFINITY;
    // Strict whatever the command line says: request smuggling relies on ambiguous requests.
    this.#server = createServer({ insecureHTTPParser: false, requireHostHeader: true, keepAliveTimeout: 0 });
    // Keeps all headers of an allowed head: a dropped one could frame the body for the target.
    this.#server.maxHeadersCount = 0;
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) =>
      this.#onRequest(request, response),
    );
    // Node would respond and then parse what follows as a request; the client may have sent it as a body.
    this.#server.on('checkExpectation', (request: IncomingMessage) =>
      this.#inTurn(request.socket, () => this.#refuse(request.socket, 417)),
    );
    this.#server.on('connect', (_request: IncomingMessage, stream: Duplex) =>
      this.#inTurn(stream, () => this.#refuse(stream, 405)),
    );
    this.#server.on('clientError', (error: NodeJS.ErrnoException, stream: Duplex) => {
      // Already responded: the rest of the request is discarded, because a reset would overtake the response.
      if (stream.writableEnded && !stream.destroyed) return undefined;
      if (this.#isTakenElsewhere(stream, error)) return undefined;
      this.#noteTls(stream, error);
      const connection = this.#connections.get(stream);
      if (connection?.isHandedOver) return undefined;
      const status = parserStatuses[error.code ?? ''] ?? 400;
      if (
        connection &&
        connection.active > 0 &&
        connection.last?.complete &&
        stream.writable &&
        error.code !== 'ECONNRESET'
      ) {
        // The error follows complete requests: they keep their responses.
        stream.pause();
        return this.#inTurn(stream, () => this.#refuse(stream, status));
      }
      const answering = connection?.answering;
      // Rule 5. A complete response closes the connection by itself; a started one can only be aborted.
      if (answering?.writableEnded && !answering.shouldKeepAlive) return undefined;
      if (!stream.writable || error.code === 'ECONNRESET' || answering?.headersSent) stream.destroy();
      else this.#refuse(stream, status);
      return undefined;
    });
    const { onUpgrade } = options;
    if (onUpgrade) {
      this.#server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
        this.#inTurn(stream, (accepted) => onUpgrade(request, stream, head, accepted));
      });
    }
  }

  #refuse(stream: Duplex, status: number): void {
    endWithStatus(stream, status, this.#options.pageOf?.(status));
  }

  /** Open connections. */
  get open(): number {
    return this.#connections.size;
  }

  /** Takes over a connection that a listener has admitted. */
  serve(accepted: Accepted): void {
    const { stream } = accepted;
    const connection: Connection = {
      accepted,
      active: 0,
      answering: undefined,
      last: undefined,
      waiting: [],
      isHandedOver: false,
      spokeHttp: false,
      timer: undefined,
      since: performance.now(),
      isOld: false,
      ageTimer: undefined,
    };
    this.#connections.set(stream, connection);
    stream.on('error', () => {});
    stream.once('close', () => this.#forget(stream, connection));
    stream.once('finish', () => this.#linger(stream, connection));
    endGently(stream, () => connection.last?.complete === false);
    if (this.#closing) {
      this.#refuse(stream, 503);
      return;
    }
    this.#setTimer(stream, connection, this.#options.requestTimeout ?? defaults.requestTimeout);
    this.#watchAge(stream, connection);
    this.#server.emit('connection', stream);
  }

  /** Applies to open connections as well. @param milliseconds `Infinity` for no limit. */
  limitAge(milliseconds: number): void {
    this.#maxAge = milliseconds;
    for (const [stream, connection] of this.#connections) this.#watchAge(stream, connection);
  }

  #watchAge(stream: Duplex, connection: Connection): void {
    clearTimeout(connection.ageTimer);
    if (connection.isOld || !Number.isFinite(this.#maxAge)) return;
    const left = connection.since + this.#maxAge - performance.now();
    if (left <= 0) this.#grewOld(stream, connection);
    else connection.ageTimer = setTimeout(() => this.#grewOld(stream, connection), left).unref();
  }

  #grewOld(stream: Duplex, connection: Connection): void {
    connection.isOld = true;
    const { answering } = connection;
    if (answering && !answering.headersSent) answering.shouldKeepAlive = false;
    connection.ageTimer = setTimeout(() => {
      // What is not HTTP any more goes on.
      if (connection.active === 0 && !connection.isHandedOver && !stream.writableEnded) stream.end();
    }, this.#options.lastRequestTimeout ?? defaults.lastRequestTimeout).unref();
  }

  /** Closes idle connections and waits at most `graceMs` for pending responses. The listener destroys the rest. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    for (const [stream, { active }] of this.#connections) if (active === 0) stream.end();
    if (this.#connections.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#idleWaiters.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const stream: Duplex = request.socket;
    const connection = this.#connections.get(stream);
    if (!connection || stream.destroyed || stream.writableEnded) return;
    connection.spokeHttp = true;
    connection.last = request;
    connection.active++;
    if (this.#closing || connection.isOld) response.shouldKeepAlive = false;
    // A response that cannot be written is truncated: it must not be taken for a complete one, and no other connection
    // is affected.
    response.on('error', () => stream.destroy());
    const complete = (): void => this.#setTimer(stream, connection, undefined);
    if (request.complete) complete();
    else request.once('end', complete);
    response.once('close', () => {
      connection.active--;
      connection.answering = undefined;
      if (stream.destroyed) return;
      // Rule 5: Node closes the connection now.
      if (!response.shouldKeepAlive) {
        connection.waiting.length = 0;
        if (!stream.writableEnded) stream.end();
        stream.resume();
        return;
      }
      connection.waiting.shift()?.();
      if (connection.waiting.length === 0 && !connection.isHandedOver) stream.resume();
      if (connection.active > 0 || stream.writableEnded) return;
      if (this.#closing || connection.isOld) stream.end();
      else this.#setTimer(stream, connection, this.#options.idleTimeout ?? defaults.idleTimeout);
    });
    const begin = (): void => {
      connection.answering = response;
      this.#options.onRequest(request, response, connection.accepted);
    };
    if (connection.active === 1) begin();
    else this.#wait(stream, connection, begin);
  }

  /**
   * For a request that HTTP does not answer: the stream is idle until `begin` takes it, after the responses to the
   * preceding requests. It has no time limit.
   */
  #inTurn(stream: Duplex, begin: (accepted: Accepted) => void): void {
    const connection = this.#connections.get(stream);
    if (!connection || stream.destroyed || stream.writableEnded) return;
    connection.active++;
    connection.isHandedOver = true;
    this.#setTimer(stream, connection, undefined);
    if (connection.active === 1) return begin(connection.accepted);
    // Node has released the stream: its `drain` event is passed to the response that is still being written.
    const goOn = (): void => void connection.answering?.emit('drain');
    stream.on('drain', goOn);
    connection.waiting.push(() => {
      stream.off('drain', goOn);
      if (this.#closing) this.#refuse(stream, 503);
      else begin(connection.accepted);
    });
    return undefined;
  }

  #wait(stream: Duplex, { waiting }: Connection, begin: () => void): void {
    waiting.push(begin);
    if (waiting.length >= pipeline.hostile) stream.destroy();
    else if (waiting.length >= pipeline.braked) stream.pause();
  }

  /** A ClientHello on a port without TLS is a common user error; the log records it. */
  #noteTls(stream: Duplex, error: NodeJS.ErrnoException & { readonly rawPacket?: Uint8Array }): void {
    const connection = this.#connections.get(stream);
    if (!connection || connection.spokeHttp || connection.accepted.security !== 'plain' || !error.rawPacket)
      return;
    connection.spokeHttp = true;
    if (readBeginning(error.rawPacket).kind !== 'not_tls')
      connection.accepted.refuse?.('tls_on_plaintext_port', defined({ code: error.code }));
  }

  #isTakenElsewhere(stream: Duplex, error: Error & { readonly rawPacket?: Uint8Array }): boolean {
    const connection = this.#connections.get(stream);
    if (!connection || connection.spokeHttp || !error.rawPacket || !stream.writable) return false;
    connection.spokeHttp = this.#options.onNotHttp?.(stream, error.rawPacket, connection.accepted) ?? false;
    return connection.spokeHttp;
  }

  #setTimer(stream: Duplex, connection: Connection, milliseconds: number | undefined): void {
    clearTimeout(connection.timer);
    if (milliseconds === undefined || stream.destroyed) return;
    connection.timer = setTimeout(() => this.#expire(stream, connection), milliseconds).unref();
  }

  /** A reset while it still sends would take the response from it. */
  #linger(stream: Duplex, connection: Connection): void {
    const timeout = this.#options.lingerTimeout ?? defaults.lingerTimeout;
    let rounds = lingerRounds;
    let isSending = false;
    stream.on('data', () => {
      isSending = true;
    });
    const look = (): void => {
      clearTimeout(connection.timer);
      if (stream.destroyed) return;
      if (rounds < lingerRounds && (!isSending || rounds <= 0)) return void stream.destroy();
      rounds--;
      isSending = false;
      connection.timer = setTimeout(look, timeout).unref();
    };
    look();
  }

  #expire(stream: Duplex, connection: Connection): void {
    if (stream.writableEnded) return;
    if (connection.active === 0) stream.end();
    // A request whose body is not read arrives completely but never emits `end`; its response may last as long as a
    // watch.
    else if (!connection.answering?.req.complete) this.#refuse(stream, 408);
  }

  #forget(stream: Duplex, connection: Connection): void {
    clearTimeout(connection.timer);
    clearTimeout(connection.ageTimer);
    this.#connections.delete(stream);
    if (this.#connections.size === 0) for (const wake of this.#idleWaiters) wake();
  }
}

/**
 * Node closes a connection as soon as the last answer is out. Bytes of the request that are still on their way would turn that
 * into a reset, which takes the answer from a client that has not read it yet: then the connection only ends, and lingers.
 */
function endGently(stream: Duplex & { destroySoon?: () => void }, isIncomplete: () => boolean): void {
  const destroySoon = stream.destroySoon?.bind(stream);
  stream.destroySoon = () => {
    if (destroySoon && !isIncomplete()) destroySoon();
    else if (!stream.writableEnded) stream.end();
  };
}

/** Writes a response without a response object, and closes the connection. Further data is discarded. */
export function endWithStatus(
  stream: Duplex,
  status: number,
  body = '',
  contentType = 'text/plain; charset=utf-8',
): void {
  if (!stream.writable) {
    stream.destroy();
    return;
  }
  const head = [
    `HTTP/1.1 ${status} ${phrases[status] ?? ''}`.trimEnd(),
    ...(body ? [`Content-Type: ${contentType}`] : []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  stream.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  stream.resume();
}

/** Why a client is refused, as an object. */
export function refusalBody({ reason, presented }: NonNullable<Accepted['refusal']>): string {
  return `${JSON.stringify({ error: 'client_certificate_refused', reason, presented: presented ?? null })}\n`;
}

/** The response to a client that the listener refused but passed on (`reject: 'http'`): 403 with the reason. */
export function answerRefusal(response: ServerResponse, refusal: NonNullable<Accepted['refusal']>): void {
  const body = refusalBody(refusal);
  response.shouldKeepAlive = false;
  response.writeHead(403, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}
