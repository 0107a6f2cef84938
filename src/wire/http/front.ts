/**
 * The HTTP side of a listener: feeds accepted connections to a node:http server that never listens itself, and ends
 * them well. The login site and the http pump stand on it; what is answered is theirs.
 *
 * 1. A server that does not listen runs no timers of its own, so the limits on slow clients are kept here.
 * 2. Closing lets answers in flight come to their end, and ends idle connections at once.
 * 3. A connection that we ended is drained for a moment and then destroyed, so that the last answer is not lost.
 * 4. A connection's requests are handed on one after the other, however many a client sends ahead of the answers: it
 *    costs the target no more than one connection at a time, and little memory here.
 * 5. Behind an answer that ends the connection nothing is read as a request any more: what follows a refused request may
 *    be its body. An upgrade, and what is no HTTP, come after the answers to what was sent ahead of them. And one request gets one answer: what the parser finds wrong later cannot take back what was said.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { readBeginning } from '../tcp/first-bytes.ts';
import type { Accepted } from '../endpoint.ts';

export interface HttpFrontOptions {
  readonly onRequest: (request: IncomingMessage, response: ServerResponse, accepted: Accepted) => void;
  /** Without it an upgrade is not offered: the request is answered as if it had not asked. */
  readonly onUpgrade?: (request: IncomingMessage, stream: Duplex, head: Buffer, accepted: Accepted) => void;
  /** Told of what came first and is no HTTP/1; true where it has been answered. */
  readonly onNotHttp?: (stream: Duplex, firstBytes: Uint8Array, accepted: Accepted) => boolean;
  /** How long a connection may take for a request's head and body, and how long it may be idle between two, in milliseconds. */
  readonly requestTimeout?: number;
  readonly idleTimeout?: number;
  /**
   * After the last byte that was written, how long a client may be silent before it is broken off, in milliseconds; while it
   * goes on sending, it has fifteen times as long to read the response (RFC 9112 section 9.6).
   */
  readonly lingerTimeout?: number;
}

interface Connection {
  readonly accepted: Accepted;
  /** Requests that are not answered yet, those that wait included. */
  active: number;
  /** The answer whose turn it is. */
  answering: ServerResponse | undefined;
  /** The request that came last. */
  last: IncomingMessage | undefined;
  /** What hands on the requests that wait for the one before. */
  readonly waiting: (() => void)[];
  /** The last thing that came is no request for HTTP to answer: what comes behind it is not HTTP's. */
  isHandedOver: boolean;
  /** Whether anything that came was HTTP. */
  spokeHttp: boolean;
  timer: NodeJS.Timeout | undefined;
}

const defaults = { requestTimeout: 30_000, idleTimeout: 30_000, lingerTimeout: 2_000 } as const;

const lingerRounds = 15;

/** Requests that wait from which on no more are read, and from which on a client is broken off: one read may hold thousands. */
const pipeline = { braked: 16, hostile: 1_000 } as const;

/** Statuses with which Node's parser words what it refuses. */
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

  constructor(options: HttpFrontOptions) {
    this.#options = options;
    // Strict whatever the command line says: two readings of one request are what smuggling is made of.
    this.#server = createServer({ insecureHTTPParser: false, requireHostHeader: true, keepAliveTimeout: 0 });
    // All headers of a head that is not too large: one that we did not see could frame the body for whoever stands behind us.
    this.#server.maxHeadersCount = 0;
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) =>
      this.#onRequest(request, response),
    );
    // Node would answer and go on to read what follows; the client may not have meant it as a body.
    this.#server.on('checkExpectation', (request: IncomingMessage) =>
      this.#inTurn(request.socket, () => endWithStatus(request.socket, 417)),
    );
    this.#server.on('connect', (_request: IncomingMessage, stream: Duplex) =>
      this.#inTurn(stream, () => endWithStatus(stream, 405)),
    );
    this.#server.on('clientError', (error: NodeJS.ErrnoException, stream: Duplex) => {
      // Answered before: what still comes of it is thrown away, for a reset would overtake the answer.
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
        // What is wrong stands behind whole requests: they keep their answers.
        stream.pause();
        return this.#inTurn(stream, () => endWithStatus(stream, status));
      }
      const answering = connection?.answering;
      // Rule 5. An answer that has been said ends the connection by itself; one that has begun can only be broken off.
      if (answering?.writableEnded && !answering.shouldKeepAlive) return undefined;
      if (!stream.writable || error.code === 'ECONNRESET' || answering?.headersSent) stream.destroy();
      else endWithStatus(stream, status);
      return undefined;
    });
    const { onUpgrade } = options;
    if (onUpgrade) {
      this.#server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
        this.#inTurn(stream, (accepted) => onUpgrade(request, stream, head, accepted));
      });
    }
  }

  /** Connections that are open now. */
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
    };
    this.#connections.set(stream, connection);
    stream.on('error', () => {});
    stream.once('close', () => this.#forget(stream, connection));
    stream.once('finish', () => this.#linger(stream, connection));
    endGently(stream, () => connection.last?.complete === false);
    if (this.#closing) {
      endWithStatus(stream, 503);
      return;
    }
    this.#setTimer(stream, connection, this.#options.requestTimeout ?? defaults.requestTimeout);
    this.#server.emit('connection', stream);
  }

  /** Ends what is idle and waits for the answers in flight, at most `graceMs`. The listener destroys what is left. */
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
    if (this.#closing) response.shouldKeepAlive = false;
    // An answer that cannot be written is cut off: nobody may take it for a whole one, and nobody else is concerned.
    response.on('error', () => stream.destroy());
    const complete = (): void => this.#setTimer(stream, connection, undefined);
    if (request.complete) complete();
    else request.once('end', complete);
    response.once('close', () => {
      connection.active--;
      connection.answering = undefined;
      if (stream.destroyed) return;
      // Rule 5: Node ends the connection now.
      if (!response.shouldKeepAlive) {
        connection.waiting.length = 0;
        if (!stream.writableEnded) stream.end();
        stream.resume();
        return;
      }
      connection.waiting.shift()?.();
      if (connection.waiting.length === 0 && !connection.isHandedOver) stream.resume();
      if (connection.active > 0 || stream.writableEnded) return;
      if (this.#closing) stream.end();
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
   * What is no request for HTTP to answer: from here on the stream is nobody's until `begin` has it, which comes after the
   * answers to what was sent ahead of it. It may be silent for as long as it likes.
   */
  #inTurn(stream: Duplex, begin: (accepted: Accepted) => void): void {
    const connection = this.#connections.get(stream);
    if (!connection || stream.destroyed || stream.writableEnded) return;
    connection.active++;
    connection.isHandedOver = true;
    this.#setTimer(stream, connection, undefined);
    if (connection.active === 1) return begin(connection.accepted);
    // Node has let go of the stream: that it takes more is told to the answer that is being written from here.
    const goOn = (): void => void connection.answering?.emit('drain');
    stream.on('drain', goOn);
    connection.waiting.push(() => {
      stream.off('drain', goOn);
      if (this.#closing) endWithStatus(stream, 503);
      else begin(connection.accepted);
    });
    return undefined;
  }

  #wait(stream: Duplex, { waiting }: Connection, begin: () => void): void {
    waiting.push(begin);
    if (waiting.length >= pipeline.hostile) stream.destroy();
    else if (waiting.length >= pipeline.braked) stream.pause();
  }

  /** A ClientHello at a port that speaks no TLS is a mistake that a person makes; the log says so. */
  #noteTls(stream: Duplex, error: NodeJS.ErrnoException & { readonly rawPacket?: Uint8Array }): void {
    const connection = this.#connections.get(stream);
    if (!connection || connection.spokeHttp || connection.accepted.security !== 'plain' || !error.rawPacket)
      return;
    connection.spokeHttp = true;
    if (readBeginning(error.rawPacket).kind !== 'not_tls')
      connection.accepted.refuse?.('tls_on_plaintext_port', error.code);
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
    // A request whose body nobody reads comes whole and is never said to end; its answer may take as long as a watch does.
    else if (!connection.answering?.req.complete) endWithStatus(stream, 408);
  }

  #forget(stream: Duplex, connection: Connection): void {
    clearTimeout(connection.timer);
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

/** Answers in the raw, where there is no response object, and ends the connection. What still comes is thrown away. */
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

/** The answer to a client whom the listener refused and handed up all the same (`reject: 'http'`): 403 with the reason. */
export function answerRefusal(response: ServerResponse, refusal: NonNullable<Accepted['refusal']>): void {
  const body = `${JSON.stringify({ error: 'client_certificate_refused', reason: refusal.reason, presented: refusal.presented ?? null })}\n`;
  response.shouldKeepAlive = false;
  response.writeHead(403, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}
