/**
 * Takes the reports of labs over mutual TLS. Who reports is said by the certificate alone, never by what is sent; whoever has
 * none that was invited is refused in the handshake (`wire/tls/acceptor.ts`), and one that the class does not know gets a 403.
 *
 * 1. `POST /entry` takes one report; `GET /` answers with the learner's own. There is nothing else.
 * 2. Each request has a connection of its own: a certificate that was withdrawn ends with the request at hand.
 * 3. Bodies, requests in a time and connections are limited.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Address } from '../../../capture/event.ts';
import type { Clock } from '../../../core/clock.ts';
import { UserError } from '../../../i18n/user-error.ts';
import { accept } from '../../../wire/accept.ts';
import type { Accepted, Listener, ListenerCredentials, Tap } from '../../../wire/endpoint.ts';
import { HttpFront } from '../../../wire/http/front.ts';
import { readEntry } from '../handed-in.ts';
import type { HandedIn } from '../handed-in.ts';
import { TooManyLabs } from './entries.ts';
import { entryPath, largestEntry } from './protocol.ts';

export interface EntryServerOptions {
  readonly listen: Address;
  readonly credentials: ListenerCredentials;
  readonly clock: Clock;
  readonly tap: Tap;
  /** Whose certificate it is; undefined for one that the class does not know. */
  readonly learnerOf: (peer: NonNullable<Accepted['peer']>) => string | undefined;
  /** Resolves when it is kept; rejects with `TooManyLabs` or a `UserError`. */
  readonly onEntry: (entry: HandedIn) => Promise<void>;
  /** What a learner has reported, a line for each lab. */
  readonly linesOf: (learner: string) => string;
  /** An admitted client that the class does not know. */
  readonly onStranger: (accepted: Accepted) => void;
}

export interface EntryServer {
  readonly address: Address;
  renew(credentials: ListenerCredentials): void;
  close(): Promise<void>;
}

/** Connections at a time, and those that wait or are in their handshake beside them. */
const most = { connections: 100, open: 400 } as const;
/** Of one learner: so many at once, then one in so many milliseconds. */
const rate = { burst: 20, every: 500 } as const;

/** Rejects with a `UserError` where the address cannot be listened on. */
export async function serveEntries(options: EntryServerOptions): Promise<EntryServer> {
  const { listen, credentials, clock, tap } = options;
  const allowances = new Map<string, { left: number; at: number }>();
  const isWithinRate = (learner: string): boolean => {
    const now = clock.microseconds() / 1000;
    const before = allowances.get(learner) ?? { left: rate.burst, at: now };
    const left = Math.min(rate.burst, before.left + (now - before.at) / rate.every);
    allowances.set(learner, { left: Math.max(0, left - 1), at: now });
    return left >= 1;
  };
  const answer = async (request: IncomingMessage, accepted: Accepted): Promise<Answer> => {
    const learner = accepted.peer && options.learnerOf(accepted.peer);
    if (learner === undefined) {
      options.onStranger(accepted);
      return { status: 403, says: 'this certificate is no invitation of the class\n' };
    }
    if (!isWithinRate(learner)) return { status: 429, says: 'too many requests\n', retryAfter: 5 };
    const { method = '', url = '' } = request;
    if (url === '/' && (method === 'GET' || method === 'HEAD'))
      return { status: 200, says: options.linesOf(learner), type: 'application/x-ndjson' };
    if (url !== entryPath) return { status: 404, says: 'there is nothing here\n' };
    if (method !== 'POST') return { status: 405, says: 'only POST\n', allow: 'POST' };
    const body = await bodyOf(request);
    if (body === undefined) return { status: 413, says: `at most ${largestEntry} bytes\n` };
    try {
      await options.onEntry({ ...entryIn(body), learner });
      return { status: 204, says: '' };
    } catch (error) {
      if (error instanceof NotAnEntry) return { status: 400, says: `${error.message}\n` };
      if (error instanceof TooManyLabs) return { status: 409, says: 'too many labs\n' };
      if (error instanceof UserError) return { status: 503, says: 'it cannot be kept\n', retryAfter: 10 };
      throw error;
    }
  };
  const front = new HttpFront({
    requestTimeout: 10_000,
    idleTimeout: 5000,
    onRequest(request, response, accepted) {
      answer(request, accepted).then(
        (made) => send(request, response, made),
        () => response.destroy(),
      );
    },
  });
  const listener: Listener = await accept(
    {
      security: 'mtls',
      listen,
      ...credentials,
      policy: { allowAll: true },
      clock,
      tap,
      tls: { minVersion: 'TLSv1.2' },
      maxConnections: most.connections,
      maxWaiting: most.open - most.connections,
      maxOpen: most.open,
    },
    (accepted) => front.serve(accepted),
  );
  return {
    address: listener.address,
    renew: (next) => listener.renew(next),
    async close() {
      await Promise.all([front.close(200), listener.close(300)]);
    },
  };
}

interface Answer {
  readonly status: number;
  readonly says: string;
  readonly type?: string;
  readonly allow?: string;
  /** In seconds. */
  readonly retryAfter?: number;
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, says, type = 'text/plain', allow, retryAfter }: Answer,
): void {
  response.shouldKeepAlive = false;
  const body = Buffer.from(says);
  response.writeHead(status, {
    ...(status === 204
      ? {}
      : {
          'Content-Type': `${type}; charset=utf-8`,
          'Content-Length': body.length,
          'Cache-Control': 'no-store',
        }),
    ...(allow === undefined ? {} : { Allow: allow }),
    ...(retryAfter === undefined ? {} : { 'Retry-After': retryAfter }),
  });
  response.end(method === 'HEAD' || status === 204 ? undefined : body);
}

class NotAnEntry extends Error {}

/** @throws NotAnEntry, which says what is wrong */
function entryIn(body: Buffer): HandedIn {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new NotAnEntry('the body is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new NotAnEntry('the body is no object');
  const entry = value as Readonly<Record<string, unknown>>;
  if (entry['v'] !== 2 || entry['kind'] !== 'class-entry')
    throw new NotAnEntry('the body is no class-entry of version 2');
  try {
    return readEntry(entry, 'the body');
  } catch (error) {
    if (error instanceof UserError) throw new NotAnEntry(error.facts.what.en);
    throw error;
  }
}

/** Undefined for one that is too long; what else comes of it is dropped. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > largestEntry) return undefined;
  const parts: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (part: Buffer) => {
      length += part.length;
      if (length > largestEntry) resolve(undefined);
      else parts.push(part);
    });
    request.on('end', () => resolve(Buffer.concat(parts)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the request broke off')));
  });
}
