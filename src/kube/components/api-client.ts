/**
 * Implements the API client of the control plane's components: JSON over HTTPS with a client certificate, and watches.
 * `wire/http/client.ts` has connections and limits; the components define the requests (`controller-manager.ts`).
 *
 * 1. A response is a value, whatever its status. A missing response is an error with the reason.
 * 2. Credentials that change (a rotated certificate, a renewed token) are requested for each request; connections with
 *    the old ones are closed when they are idle.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import { setMaxListeners } from 'node:events';
import { BrokenAnswer, HttpClient } from '../../wire/http/client.ts';
import type { DialOptions } from '../../wire/endpoint.ts';

/** No connection, or one that the server refused. */

export interface ApiClientOptions
  extends Pick<
    DialOptions,
    | 'to'
    | 'through'
    | 'authorities'
    | 'verify'
    | 'identity'
    | 'serverName'
    | 'clock'
    | 'tap'
    | 'reportTo'
    | 'timeout'
  > {
  readonly userAgent: string;
  /** A bearer token (RFC 6750). */
  readonly token?: string;
  /** In the place of `identity` and `token`. What it rejects with, so does the request. */
  readonly proof?: () => Promise<ClientProof>;
  /**
   * Keeps up to this many connections open for consecutive requests, as real components do; by default each request has
   * its own.
   */
  readonly connections?: number;
  /** What is written into each request beside. */
  readonly headers?: Dictionary<string>;
}

/** The client's credentials. */
export type ClientProof = Pick<ApiClientOptions, 'identity' | 'token'>;

export interface ApiAnswer {
  readonly status: number;
  /** The decoded JSON: an object, a list or a Status. */
  readonly body: Dictionary<unknown>;
  /** Where it is no JSON but text, as a log is; the body is empty then. */
  readonly text?: string;
}

const defaultTimeout = 30_000;

/** By method, where it is not plain JSON. */
const contentTypes: Dictionary<string> = { PATCH: 'application/strategic-merge-patch+json' };

export interface ApiClient {
  /** One request and its answer. @throws ApiUnreachable, BrokenAnswer, the signal's reason, or the error of the connection. */
  call(method: string, path: string, signal: AbortSignal, body?: unknown): Promise<ApiAnswer>;
  /**
   * Reads lines of a watch until the server ends it, or `onLine` says that it was enough. Nothing in `idle` milliseconds breaks it.
   * @returns the answer when it is no watch: a Status, as 410.
   * @throws as `call`.
   */
  watch(
    path: string,
    signal: AbortSignal,
    onLine: (line: Dictionary<unknown>) => 'more' | 'enough',
    idle?: number,
  ): Promise<ApiAnswer | undefined>;
  /** Ends the connections that are kept. */
  close(): void;
}

export function apiClient({
  userAgent,
  proof,
  identity,
  token,
  headers,
  connections = 0,
  timeout = defaultTimeout,
  ...target
}: ApiClientOptions): ApiClient {
  const clients = new Map<HttpClient, ClientProof>();
  const clientFor = async (signal: AbortSignal): Promise<HttpClient> => {
    signal.throwIfAborted();
    // A component sends many concurrent requests under one signal.
    setMaxListeners(0, signal);
    const shown: ClientProof = proof ? await proof() : defined({ identity, token });
    signal.throwIfAborted();
    for (const [known, before] of clients) {
      if (before.identity === shown.identity && before.token === shown.token) return known;
      known.retire();
      clients.delete(known);
    }
    const made = new HttpClient({
      dial: {
        ...target,
        ...defined({ identity: shown.identity }),
        security: shown.identity ? 'mtls' : 'tls',
      },
      headers: {
        'User-Agent': userAgent,
        ...(shown.token === undefined ? {} : { Authorization: `Bearer ${shown.token}` }),
        Accept: 'application/json',
        ...headers,
      },
      connections,
    });
    clients.set(made, shown);
    return made;
  };
  return {
    async call(method, path, signal, body) {
      const client = await clientFor(signal);
      const written =
        body === undefined
          ? {}
          : { body: JSON.stringify(body), contentType: contentTypes[method] ?? 'application/json' };
      const {
        status,
        body: bytes,
        contentType,
      } = await client.call({ method, path, signal, timeout, idempotent: method === 'GET', ...written });
      const text = bytes.toString();
      return contentType?.startsWith('text/plain')
        ? { status, body: {}, text }
        : { status, body: jsonObject(text) };
    },

    async watch(path, signal, onLine, idle = 10 * 60_000) {
      const client = await clientFor(signal);
      const bounds = { timeout: idle, signal };
      const response = await client.stream({ method: 'GET', path, ...bounds });
      if (response.statusCode !== 200)
        return {
          status: response.statusCode ?? 0,
          body: jsonObject((await client.body(response, bounds)).toString()),
        };
      for await (const line of client.lines(response, bounds))
        if (onLine(jsonObject(line)) === 'enough') return undefined;
      return undefined;
    },

    close() {
      for (const client of clients.keys()) client.close();
    },
  };
}

function jsonObject(text: string): Dictionary<unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BrokenAnswer('the response is not JSON', { cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Dictionary<unknown>;
  throw new BrokenAnswer('the response is not a JSON object');
}
