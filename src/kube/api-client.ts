/**
 * A client of an API server, as a component of the control plane has it: JSON over HTTPS with a certificate of its own, and
 * watches. Connections are dialed by `wire/dial.ts` and so recorded where there is a tap; each request has its own, which
 * shows in a capture as one exchange. What is asked is the component's (`controller-manager.ts`).
 *
 * 1. An answer of the server, whatever its status, is a value. That there is none is an error that says why.
 * 2. What comes is bounded: a body, a line of a watch. A server that sends more is broken off.
 */
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { dial } from '../wire/dial.ts';
import type { Dialed, DialOptions, Failure } from '../wire/endpoint.ts';

export interface ApiClientOptions extends Pick<DialOptions, 'to' | 'through' | 'authorities' | 'verify' | 'identity' | 'serverName' | 'clock' | 'tap' | 'reportTo' | 'timeout'> {
  readonly userAgent: string;
  /** A bearer token (RFC 6750). */
  readonly token?: string;
  /** What is written into each request beside. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiAnswer {
  readonly status: number;
  /** The decoded JSON: an object, a list or a Status. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** No connection, or one that the server refused. */
export class ApiUnreachable extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'ApiUnreachable';
    this.failure = failure;
  }
}

/** What came is no answer of an API server, or nothing came. */
export class BrokenAnswer extends Error {}

const limits = { body: 32 * 1024 * 1024, line: 8 * 1024 * 1024 } as const;
const defaultTimeout = 30_000;

export interface ApiClient {
  /** One request and its answer. @throws ApiUnreachable, BrokenAnswer, the signal's reason, or the error of the connection. */
  call(method: string, path: string, signal: AbortSignal, body?: unknown): Promise<ApiAnswer>;
  /**
   * Reads lines of a watch until the server ends it, or `onLine` says that it was enough. Nothing in `idle` milliseconds breaks it.
   * @returns the answer when it is no watch: a Status, as 410.
   * @throws as `call`.
   */
  watch(path: string, signal: AbortSignal, onLine: (line: Readonly<Record<string, unknown>>) => 'more' | 'enough', idle?: number): Promise<ApiAnswer | undefined>;
}

export function apiClient(options: ApiClientOptions): ApiClient {
  const open = async (method: string, path: string, signal: AbortSignal, idle: number, body?: unknown): Promise<IncomingMessage> => {
    signal.throwIfAborted();
    const { userAgent, token, headers, ...target } = options;
    const dialing = dial({ ...target, security: options.identity ? 'mtls' : 'tls' });
    const dialed = await unlessAborted(dialing, signal);
    if (dialed.outcome === 'failed') throw new ApiUnreachable(dialed.failure);
    const { stream } = dialed;
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      // Node's own timeout of a request is one of sockets that its agent makes.
      const timer = setTimeout(() => asked.destroy(silence(idle)), idle);
      const asked = request({
        createConnection: () => stream,
        method,
        path,
        signal,
        headers: {
          Host: `${options.to.host.includes(':') ? `[${options.to.host}]` : options.to.host}:${options.to.port}`,
          'User-Agent': userAgent,
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
          Accept: 'application/json',
          ...headers,
          Connection: 'close',
          ...(text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
        },
      });
      asked.once('response', (response) => {
        clearTimeout(timer);
        resolve(response);
      });
      // Stays: what is wrong with a response that is being read is told by the response.
      asked.on('error', (error) => {
        clearTimeout(timer);
        reject(signal.aborted ? (signal.reason as Error) : error);
      });
      asked.end(text);
    });
  };

  return {
    async call(method, path, signal, body) {
      const idle = options.timeout ?? defaultTimeout;
      const response = await open(method, path, signal, idle, body);
      return { status: response.statusCode ?? 0, body: await jsonBody(response, idle) };
    },

    async watch(path, signal, onLine, idle = 10 * 60_000) {
      const response = await open('GET', path, signal, idle);
      if (response.statusCode !== 200) return { status: response.statusCode ?? 0, body: await jsonBody(response, idle) };
      // A line may be parted in the middle of a character.
      const decoder = new StringDecoder('utf8');
      let rest = '';
      for await (const chunk of chunksOf(response, idle)) {
        const lines = (rest + decoder.write(chunk)).split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > limits.line) throw new BrokenAnswer(`a line of a watch is longer than ${limits.line} characters`);
        for (const line of lines) if (line.trim() !== '' && onLine(jsonObject(line)) === 'enough') return undefined;
      }
      return undefined;
    },
  };
}

/** A connection that comes when nobody waits for it any more is ended. @throws the signal's reason. */
async function unlessAborted(dialing: Promise<Dialed>, signal: AbortSignal): Promise<Dialed> {
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

/** Leaving the walk destroys the response. */
async function* chunksOf(response: IncomingMessage, idle: number): AsyncGenerator<Buffer, void> {
  const timer = setTimeout(() => response.destroy(silence(idle)), idle);
  try {
    for await (const chunk of response) {
      timer.refresh();
      yield chunk as Buffer;
    }
  } finally {
    clearTimeout(timer);
  }
}

async function jsonBody(response: IncomingMessage, idle: number): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunksOf(response, idle)) {
    length += chunk.length;
    if (length > limits.body) throw new BrokenAnswer(`an answer is longer than ${limits.body} bytes`);
    chunks.push(chunk);
  }
  return jsonObject(Buffer.concat(chunks).toString());
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BrokenAnswer('what came is no JSON', { cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new BrokenAnswer('what came is no JSON object');
}
