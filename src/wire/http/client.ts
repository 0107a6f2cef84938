/**
 * Implements an HTTP/1.1 client over dialed connections, so that its traffic is tapped like all other: a small pool of
 * kept connections, a queue of requests, and a separate connection for each streaming response. Its users define the
 * requests (`kube/components/api-client.ts`, `kube/etcd/client.ts`).
 *
 * 1. A response is a value, whatever its status. `Unreachable` (nothing was sent) and `BrokenAnswer` (a request was
 *    sent but no complete response arrived) are different errors: only after the first is it certain that nothing was
 *    done.
 * 2. Responses are limited: the body, and each line. A server that sends more, or nothing for too long, is
 *    disconnected.
 * 3. A request without side effects is retried once if its connection broke before the response: a kept connection may
 *    have been closed meanwhile. No other request is ever sent twice.
 * 4. A connection with any error is not reused. An idle one does not keep the process alive.
 */
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Address } from '../../capture/event.ts';
import { dial } from '../dial.ts';
import type { Dialed, DialOptions, Failure } from '../endpoint.ts';
import { failureOf } from '../tls/failures.ts';

export interface HttpClientOptions {
  /**
   * The target and credentials; a function is called for each connection, so that they may change. Its rejection
   * becomes the request's.
   */
  readonly dial: DialOptions | (() => Promise<DialOptions>);
  /** Sent with every request, in addition to Host and the body's headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The size of the pool; 0: each request has its own connection, which is closed after it. */
  readonly connections?: number;
  /** How long an idle connection is kept, in milliseconds. */
  readonly keepFor?: number;
  /** The maximum length of a body, in bytes, and of a line, in characters. */
  readonly limits?: { readonly body: number; readonly line: number };
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  /** The media type of the body, unless it is plain JSON. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the request may be repeated without side effects. */
  readonly idempotent?: boolean;
  /** The maximum time without data, including the wait for a connection; in milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** The connection failed or was refused by the server: nothing was sent. */
export class Unreachable extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'Unreachable';
    this.failure = failure;
  }
}

/** The request was sent, but no valid response arrived. */
export class BrokenAnswer extends Error {}

/** The response exceeds the limit. */
export class AnswerTooLong extends BrokenAnswer {}

interface Connection {
  readonly to: Address;
  readonly stream: Duplex & { ref?: () => unknown; unref?: () => unknown };
  /** Whether it belongs to the pool; a streaming response's connection does not. */
  readonly isShared: boolean;
  isIdle: boolean;
  timer: NodeJS.Timeout | undefined;
}

const defaults = {
  dialing: 10_000,
  keepFor: 20_000,
  limits: { body: 32 * 1024 * 1024, line: 8 * 1024 * 1024 },
} as const;

export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #limits: { readonly body: number; readonly line: number };
  readonly #kept: number;
  readonly #idle: Connection[] = [];
  readonly #open = new Set<Connection>();
  /** Connections of the pool, including those being opened. */
  #count = 0;
  /** Waiting requests, in order of arrival: each receives a connection, or the place of one. */
  readonly #waiting: ((connection: Connection | undefined) => void)[] = [];
  #closed = false;
  #isRetired = false;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#limits = options.limits ?? defaults.limits;
    this.#kept = options.connections ?? 0;
  }

  /** Sends one request and returns its whole response. @throws Unreachable, BrokenAnswer, the signal's reason */
  async call(asked: HttpRequest): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt++) {
      const connection = this.#kept > 0 ? await this.#take(asked) : await this.#dial(asked);
      const freed = new Promise<void>((resolve) => connection.stream.once('free', resolve));
      const response = await this.#send(connection, asked).catch((error: unknown) => {
        if (attempt > 1 || !asked.idempotent || asked.signal.aborted || !isBreak(error)) throw error;
        return undefined;
      });
      if (!response) continue;
      // If a response was abandoned after it had arrived completely, Node 24 still reports its connection as free: it
      // is free after both.
      const body = await this.body(response, asked).catch((error: unknown) => {
        connection.stream.destroy();
        throw error;
      });
      if (connection.isShared) void freed.then(() => this.#keep(connection));
      return { status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', body };
    }
  }

  /** Sends one request over its own connection; resolves when the head of the response has arrived. @throws as `call`. */
  async stream(asked: HttpRequest): Promise<IncomingMessage> {
    return this.#send(await this.#dial(asked, false), asked);
  }

  /** @throws BrokenAnswer, the signal's reason */
  async body(
    response: IncomingMessage,
    { timeout, signal }: Pick<HttpRequest, 'timeout' | 'signal'>,
  ): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of chunksOf(response, timeout, signal)) {
      length += chunk.length;
      if (length > this.#limits.body)
        throw new AnswerTooLong(`an answer is longer than ${this.#limits.body} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /** The non-empty lines of a response as they arrive; leaving the loop closes the connection. @throws as `body`. */
  async *lines(
    response: IncomingMessage,
    { timeout, signal }: Pick<HttpRequest, 'timeout' | 'signal'>,
  ): AsyncGenerator<string, void> {
    // A chunk may end in the middle of a character.
    const decoder = new StringDecoder('utf8');
    const parts: string[] = [];
    let length = 0;
    const add = (text: string): void => {
      length += text.length;
      if (length > this.#limits.line)
        throw new AnswerTooLong(`a line of a watch is longer than ${this.#limits.line} characters`);
      parts.push(text);
    };
    for await (const chunk of chunksOf(response, timeout, signal)) {
      const [first = '', ...others] = decoder.write(chunk).split('\n');
      add(first);
      for (const next of others) {
        const line = parts.splice(0).join('');
        length = 0;
        add(next);
        if (line.trim() !== '') yield line;
      }
    }
  }

  /** Closes idle connections of the pool, and busy ones as soon as they are idle. */
  retire(): void {
    this.#isRetired = true;
    for (const { stream } of this.#idle.splice(0)) stream.destroy();
  }

  /** Closes every connection of the pool, including busy ones. */
  close(): void {
    this.#closed = true;
    for (const { stream } of this.#open) stream.destroy();
    for (const take of this.#waiting.splice(0)) take(undefined);
  }

  async #take(asked: HttpRequest): Promise<Connection> {
    asked.signal.throwIfAborted();
    const idle = this.#idle.pop();
    if (idle) return use(idle);
    if (this.#count < this.#kept) {
      this.#count++;
      return this.#dial(asked);
    }
    const until = performance.now() + asked.timeout;
    const given = await this.#turn(asked);
    return given ?? this.#dial({ ...asked, timeout: Math.max(1, until - performance.now()) });
  }

  /**
   * Resolves with a free connection, or when the pool has room for one. @throws Unreachable if neither happens in time,
   * the signal's reason
   */
  async #turn({ timeout, signal }: HttpRequest): Promise<Connection | undefined> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        const at = this.#waiting.indexOf(take);
        if (at >= 0) this.#waiting.splice(at, 1);
        settle();
      };
      const take = (connection: Connection | undefined): void => finish(() => resolve(connection));
      const abort = (): void => finish(() => reject(signal.reason as Error));
      const late: Failure = {
        reason: 'target_timeout',
        by: 'unknown',
        code: 'ETIMEDOUT',
        message: 'every connection is in use',
      };
      const timer = setTimeout(() => finish(() => reject(new Unreachable(late))), timeout);
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.push(take);
    });
  }

  /** A connection for the pool already has its place. */
  async #dial({ timeout, signal }: HttpRequest, isShared = this.#kept > 0): Promise<Connection> {
    try {
      signal.throwIfAborted();
      if (this.#closed)
        throw new Unreachable({
          reason: 'target_unreachable',
          by: 'client',
          code: 'ECONNABORTED',
          message: 'the client is closed',
        });
      const given = this.#options.dial;
      const target = typeof given === 'function' ? await given() : given;
      signal.throwIfAborted();
      const dialed = await unlessAborted(
        dial({ ...target, timeout: Math.min(timeout, target.timeout ?? defaults.dialing) }),
        signal,
      );
      if (dialed.outcome === 'failed') throw new Unreachable(dialed.failure);
      const connection: Connection = {
        to: target.to,
        stream: dialed.stream,
        isShared,
        isIdle: false,
        timer: undefined,
      };
      this.#open.add(connection);
      const { stream } = connection;
      // Data without a request is not a response; closing an idle connection is the server's right.
      const drop = (): void => void (connection.isIdle && stream.destroy());
      stream
        .on('data', drop)
        .on('end', drop)
        .on('error', () => {});
      stream.once('close', () => this.#forget(connection));
      if (stream.destroyed) this.#forget(connection);
      if (this.#closed) stream.destroy();
      return connection;
    } catch (error) {
      if (isShared) this.#release();
      throw error;
    }
  }

  #forget(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    clearTimeout(connection.timer);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    if (connection.isShared) this.#release();
  }

  /** A place became free: it is given to a waiting request, or the pool shrinks. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) next(undefined);
    else this.#count--;
  }

  #keep(connection: Connection): void {
    if (connection.stream.destroyed || !connection.stream.writable || this.#closed)
      return void connection.stream.destroy();
    const next = this.#waiting.shift();
    if (next) return next(connection);
    if (this.#isRetired) return void connection.stream.destroy();
    connection.isIdle = true;
    connection.stream.unref?.();
    connection.stream.resume();
    connection.timer = setTimeout(
      () => this.#end(connection),
      this.#options.keepFor ?? defaults.keepFor,
    ).unref();
    this.#idle.push(connection);
  }

  /** The connection is not used again. */
  #end(connection: Connection): void {
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    connection.stream.end(() => connection.stream.destroy());
  }

  async #send(
    connection: Connection,
    { method, path, body, contentType = 'application/json', headers, timeout, signal }: HttpRequest,
  ): Promise<IncomingMessage> {
    const {
      stream,
      isShared,
      to: { host, port },
    } = connection;
    // It may have been closed or refused before: then nothing has been sent.
    if (stream.destroyed || stream.readableEnded) {
      stream.destroy();
      throw new Unreachable(
        failureOf(
          stream.errored ?? Object.assign(new Error('the connection had ended'), { code: 'ECONNRESET' }),
          { connected: true },
        ),
      );
    }
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        clearTimeout(timer);
        stream.destroy();
        reject(signal.aborted ? (signal.reason as Error) : failed(error));
      };
      // Node applies its own request timeout only to sockets that its agent created.
      const timer = setTimeout(() => asked.destroy(silence(timeout)), timeout);
      const asked = request({
        createConnection: () => stream,
        method,
        path,
        signal,
        headers: {
          Host: `${host.includes(':') ? `[${host}]` : host}:${port}`,
          ...this.#options.headers,
          ...headers,
          Connection: isShared ? 'keep-alive' : 'close',
          ...(body === undefined
            ? {}
            : { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) }),
        },
      });
      let isAnswered = false;
      asked.once('response', (response) => {
        isAnswered = true;
        clearTimeout(timer);
        // An unfinished response cannot be followed by another one.
        response.once('close', () => void (response.complete || stream.destroy()));
        resolve(response);
      });
      // Kept: errors while a response is read are reported by the response.
      asked.on('error', fail);
      // Nobody asked for another protocol (101): Node closes such a connection, and says nothing.
      asked.once('close', () => {
        if (!isAnswered) fail(new ConnectionBroke('the connection broke before an answer came'));
      });
      asked.end(body);
    });
  }
}

/** The connection broke before the response. */
class ConnectionBroke extends BrokenAnswer {}

/**
 * A TLS 1.3 server verifies the client's certificate after the client has started to send: a request refused by an
 * alert was not read.
 */
function failed(error: Error): Unreachable | BrokenAnswer {
  if (error instanceof BrokenAnswer) return error;
  const failure = failureOf(error, { connected: true });
  return failure.alert
    ? new Unreachable(failure)
    : new ConnectionBroke('the connection broke before an answer came', { cause: error });
}

const isBreak = (error: unknown): boolean => error instanceof ConnectionBroke;

function use(connection: Connection): Connection {
  clearTimeout(connection.timer);
  connection.isIdle = false;
  connection.stream.ref?.();
  return connection;
}

/** A connection that arrives when it is no longer needed is closed. @throws the signal's reason. */
export async function unlessAborted(dialing: Promise<Dialed>, signal: AbortSignal): Promise<Dialed> {
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = (): void => {
      reject(signal.reason as Error);
      dialing.then((dialed) => dialed.outcome === 'connected' && dialed.stream.destroy()).catch(() => {});
    };
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([dialing, aborted]);
  } finally {
    if (abort) signal.removeEventListener('abort', abort);
  }
}

const silence = (idle: number): BrokenAnswer => new BrokenAnswer(`nothing came for ${idle} ms`);

/** Leaving the loop destroys the response. @throws BrokenAnswer, the signal's reason */
async function* chunksOf(
  response: IncomingMessage,
  idle: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void> {
  const timer = setTimeout(() => response.destroy(silence(idle)), idle);
  try {
    for await (const chunk of response) {
      timer.refresh();
      yield chunk as Buffer;
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error instanceof BrokenAnswer
      ? error
      : new BrokenAnswer('the connection broke in the middle of an answer', { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
