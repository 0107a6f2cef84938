/**
 * An HTTP/1.1 client over dialed connections, so that what it says is tapped as everything else is: a few connections that
 * are kept, requests that wait for one of them, and a connection of its own for an answer that streams. Who asks what is
 * its user's (`kube/components/api-client.ts`, `kube/etcd/client.ts`).
 *
 * 1. An answer of the server, whatever its status, is a value. That nothing was sent (`Unreachable`) and that something
 *    was and no answer came (`BrokenAnswer`) are two errors: only after the first is it certain that nothing was done.
 * 2. What comes is bounded: a body, a line. A server that sends more, or nothing for too long, is broken off.
 * 3. A request that changes nothing is asked once more where its connection broke before it was answered: a kept connection
 *    may have ended on its way. No other request is ever sent twice.
 * 4. A connection on which anything went wrong is not used again. One that waits keeps no process alive.
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
  /** Where to, and with what proof; asked for each connection where it may change. What it rejects with, so does the request. */
  readonly dial: DialOptions | (() => Promise<DialOptions>);
  /** Sent with every request, beside Host and what describes a body. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How many connections are kept at most; 0: each request has a connection of its own, which ends with it. */
  readonly connections?: number;
  /** How long a connection is kept that nobody uses, in milliseconds. */
  readonly keepFor?: number;
  /** The most that is read of a body, in bytes, and of a line, in characters. */
  readonly limits?: { readonly body: number; readonly line: number };
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  /** Of the body, where it is not plain JSON. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether asking twice is as good as asking once. */
  readonly idempotent?: boolean;
  /** How long nothing may come, the wait for a connection included; in milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** No connection came about, or one that the server refused: nothing was sent. */
export class Unreachable extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'Unreachable';
    this.failure = failure;
  }
}

/** The request went out, and what came is no answer, or nothing came. */
export class BrokenAnswer extends Error {}

/** The answer is larger than is read. */
export class AnswerTooLong extends BrokenAnswer {}

interface Connection {
  readonly to: Address;
  readonly stream: Duplex & { ref?: () => unknown; unref?: () => unknown };
  /** Whether it is one of those that are kept; a stream's is not. */
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
  /** Connections of those that are kept that are there or are being made. */
  #count = 0;
  /** Who waits, in the order in which they came: each is given a connection, or the place of one. */
  readonly #waiting: ((connection: Connection | undefined) => void)[] = [];
  #closed = false;
  #isRetired = false;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#limits = options.limits ?? defaults.limits;
    this.#kept = options.connections ?? 0;
  }

  /** One request and its whole answer. @throws Unreachable, BrokenAnswer, the signal's reason */
  async call(asked: HttpRequest): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt++) {
      const connection = this.#kept > 0 ? await this.#take(asked) : await this.#dial(asked);
      const freed = new Promise<void>((resolve) => connection.stream.once('free', resolve));
      const response = await this.#send(connection, asked).catch((error: unknown) => {
        if (attempt > 1 || !asked.idempotent || asked.signal.aborted || !isBreak(error)) throw error;
        return undefined;
      });
      if (!response) continue;
      // Where an answer was left, Node 24 still calls its connection free if the whole of it had come: it is free after both.
      const body = await this.body(response, asked).catch((error: unknown) => {
        connection.stream.destroy();
        throw error;
      });
      if (connection.isShared) void freed.then(() => this.#keep(connection));
      return { status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', body };
    }
  }

  /** One request over a connection of its own, and its answer, of which the head has come. @throws as `call`. */
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

  /** The lines of an answer that are not empty, as they come; leaving the walk breaks it off. @throws as `body`. */
  async *lines(
    response: IncomingMessage,
    { timeout, signal }: Pick<HttpRequest, 'timeout' | 'signal'>,
  ): AsyncGenerator<string, void> {
    // A line may be parted in the middle of a character.
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

  /** Ends the connections that are kept, and those that are in use as soon as nobody waits for them. */
  retire(): void {
    this.#isRetired = true;
    for (const { stream } of this.#idle.splice(0)) stream.destroy();
  }

  /** Ends every connection that is kept, and those that are in use. */
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

  /** Resolves with a connection that has become free, or when there is room for one. @throws Unreachable when neither is in time, the signal's reason */
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

  /** One that is to be kept has its place already. */
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
      // What comes while nothing was asked is no answer; an end then is the server's good right.
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

  /** A place is free: it is given on, or there is one less. */
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

  /** From now on nobody is given it. */
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
    // It may have ended, or been refused, before now: then nothing has been sent.
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
      // Node's own timeout of a request is one of sockets that its agent makes.
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
      asked.once('response', (response) => {
        clearTimeout(timer);
        // Left before its end, it can be followed by nothing.
        response.once('close', () => void (response.complete || stream.destroy()));
        resolve(response);
      });
      // Stays: what is wrong with a response that is being read is told by the response.
      asked.on('error', fail);
      asked.end(body);
    });
  }
}

/** The connection broke before an answer came. */
class ConnectionBroke extends BrokenAnswer {}

/** A server of TLS 1.3 looks at the client's certificate when the client has begun to speak: what its alert refuses, it has not read. */
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

/** A connection that comes when nobody waits for it any more is ended. @throws the signal's reason. */
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

/** Leaving the walk destroys the response. @throws BrokenAnswer, the signal's reason */
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
