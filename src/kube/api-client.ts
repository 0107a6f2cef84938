/**
 * A client of an API server, as a component of the control plane has it: JSON over HTTPS with a certificate of its own, and
 * watches. Connections and bounds are `wire/http-client.ts`; what is asked is the component's (`controller-manager.ts`).
 *
 * 1. An answer of the server, whatever its status, is a value. That there is none is an error that says why.
 * 2. A proof that changes (a certificate that is rotated, a token that is asked for anew) is asked for at each connection, and so
 *    at each request where none is kept.
 */
import { setMaxListeners } from 'node:events';
import { BrokenAnswer, HttpClient } from '../wire/http-client.ts';
import type { DialOptions } from '../wire/endpoint.ts';

export { BrokenAnswer } from '../wire/http-client.ts';
/** No connection, or one that the server refused. */
export { Unreachable as ApiUnreachable } from '../wire/http-client.ts';

export interface ApiClientOptions extends Pick<DialOptions, 'to' | 'authorities' | 'verify' | 'identity' | 'serverName' | 'clock' | 'tap' | 'reportTo' | 'timeout'> {
  readonly userAgent: string;
  /** A bearer token (RFC 6750). */
  readonly token?: string;
  /** In the place of `identity` and `token`. What it rejects with, so does the request. */
  readonly proof?: () => Promise<ClientProof>;
  /** What is written into each request beside. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Keeps up to so many connections for one request after the other, as real components do; each request has its own when left out. */
  readonly connections?: number;
}

/** What shows who asks. */
export type ClientProof = Pick<ApiClientOptions, 'identity' | 'token'>;

export interface ApiAnswer {
  readonly status: number;
  /** The decoded JSON: an object, a list or a Status. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Where it is no JSON but text, as a log is; the body is empty then. */
  readonly text?: string;
}

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
  /** Ends the connections that are kept. */
  close(): void;
}

/** By method, where it is not plain JSON. */
const contentTypes: Readonly<Record<string, string>> = { PATCH: 'application/strategic-merge-patch+json' };

export function apiClient({ userAgent, token, identity, proof, headers, connections = 0, timeout = defaultTimeout, ...target }: ApiClientOptions): ApiClient {
  const proofOf = proof ?? (async () => Promise.resolve({ ...(identity ? { identity } : {}), ...(token === undefined ? {} : { token }) }));
  const client = new HttpClient({
    async dial() {
      const shown = await proofOf();
      return { ...target, ...(shown.identity ? { identity: shown.identity } : {}), security: shown.identity ? 'mtls' : 'tls' };
    },
    headers: { 'User-Agent': userAgent, Accept: 'application/json', ...headers },
    connections,
  });
  const asked = async (signal: AbortSignal): Promise<{ readonly signal: AbortSignal; readonly headers: Readonly<Record<string, string>> }> => {
    signal.throwIfAborted();
    // A component asks for many things at the same time under one signal.
    setMaxListeners(0, signal);
    const shown = await proofOf();
    return { signal, headers: shown.token === undefined ? {} : { Authorization: `Bearer ${shown.token}` } };
  };
  return {
    async call(method, path, signal, body) {
      const content = body === undefined ? {} : { body: JSON.stringify(body), contentType: contentTypes[method] ?? 'application/json' };
      const { status, contentType, body: bytes } = await client.call({ ...(await asked(signal)), ...content, method, path, timeout, idempotent: method === 'GET' });
      const text = bytes.toString();
      return contentType.startsWith('text/plain') ? { status, body: {}, text } : { status, body: jsonObject(text) };
    },

    async watch(path, signal, onLine, idle = 10 * 60_000) {
      const bounds = { timeout: idle, signal };
      const response = await client.stream({ ...(await asked(signal)), method: 'GET', path, ...bounds });
      if (response.statusCode !== 200) return { status: response.statusCode ?? 0, body: jsonObject((await client.body(response, bounds)).toString()) };
      for await (const line of client.lines(response, bounds)) if (onLine(jsonObject(line)) === 'enough') return undefined;
      return undefined;
    },

    close: () => client.close(),
  };
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
