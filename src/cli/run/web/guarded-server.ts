/**
 * Serves pages to browsers, for who has their address alone. What is served is decided elsewhere (`share/server.ts`,
 * `inspect/view/`); this only reads, and knows nothing of a run or a capture.
 *
 * 1. Every address begins with a token; without it there is nothing. A request that names another host than ours is refused
 *    (DNS rebinding), and so is everything but GET and HEAD.
 * 2. Nothing is kept by a browser, framed, or loaded from elsewhere.
 * 3. Connections are limited, and so is the time that each may take.
 * 4. An address that other users of the machine may see (in the arguments of a program) works once, and leads to the real one.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer as createPlainServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerOptions, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { defined } from '../../../core/defined.ts';
import { hostPort } from '../../../capture/event.ts';
import type { Address } from '../../../capture/event.ts';
import type { Identity } from '../../../pki/keystore/world.ts';
import { listenError } from '../../../wire/tcp/listen-error.ts';
import { hostCheck, hostsOf } from './address.ts';

/** A request that knows the token. */
export interface Asked {
  /** Behind the token: empty for the page, else letters. */
  readonly name: string;
  readonly query: URLSearchParams;
  /** HEAD: no body is sent, so that none need be made. */
  readonly isHead: boolean;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface GuardedServerOptions {
  readonly listen: Address;
  /** Over TLS. */
  readonly identity?: Identity;
  /** Of this machine, for another than the system's. */
  readonly hosts?: readonly string[];
  /** Connections at a time. */
  readonly connections: number;
  /** A connection on which nothing has happened for so long is closed, in milliseconds. */
  readonly idle: number;
  /** @returns undefined where it has begun to write the response itself */
  readonly answer: (asked: Asked) => Reply | undefined | Promise<Reply | undefined>;
}

export interface GuardedServer {
  /** Where it listens. */
  readonly address: Address;
  /** What browsers open, the first one first to be told. */
  readonly urls: readonly string[];
  /** The first one as an address that works once, within a minute. A new one ends the one before. */
  urlForOnce(): string;
  close(): Promise<void>;
}

/** 128 random bits. */
const newToken = (): string => randomBytes(16).toString('base64url');

/** How long an address waits that works once, in milliseconds. */
const onceFor = 60_000;

/** Rejects with a `UserError` if the address cannot be listened on. */
export async function serveGuarded(options: GuardedServerOptions): Promise<GuardedServer> {
  const { listen, identity } = options;
  const token = newToken();
  let once: { readonly token: string; readonly until: number } | undefined;
  let isOurs = (_header: string | undefined): boolean => false;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refuse = (status: number, more: Readonly<Record<string, string>> = {}): void =>
      send(request, response, { status, headers: { ...more, Connection: 'close' } });
    if (!isOurs(request.headers.host)) return refuse(421);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, { Allow: 'GET, HEAD' });
    const [, given = '', name = '', query = ''] =
      /^\/([^/?#]+)\/([a-z]*)(?:\?([^#]*))?$/.exec(request.url ?? '') ?? [];
    const isHead = request.method === 'HEAD';
    if (once && !isHead && name === '' && isSame(given, once.token)) {
      const isInTime = performance.now() < once.until;
      once = undefined;
      return isInTime ? refuse(303, { Location: `/${token}/` }) : refuse(404);
    }
    if (!isSame(given, token)) return refuse(404);
    const reply = await options.answer({
      name,
      query: new URLSearchParams(query),
      isHead,
      request,
      response,
    });
    if (!reply) return undefined;
    return reply.status >= 400 ? refuse(reply.status, reply.headers) : send(request, response, reply);
  };
  const listener: RequestListener = (request, response) => {
    // A failure of ours is the viewer's alone: who serves goes on.
    answer(request, response).catch(() => response.destroy());
  };
  const settings: ServerOptions = {
    keepAliveTimeout: 5000,
    headersTimeout: 5000,
    requestTimeout: 10_000,
    connectionsCheckingInterval: 1000,
    maxHeaderSize: 8192,
    noDelay: true,
  };
  const server = identity
    ? createTlsServer(
        {
          ...settings,
          cert: identity.certificate,
          key: identity.key,
          handshakeTimeout: 5000,
          minVersion: 'TLSv1.2',
        },
        listener,
      )
    : createPlainServer(settings, listener);
  server.maxConnections = options.connections;
  server.timeout = options.idle;
  const sockets = keepSockets(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, listen)));
    server.listen({ host: listen.host, port: listen.port }, resolve);
  });
  server.on('error', () => {});
  const { address, port } = server.address() as AddressInfo;
  const hosts = options.hosts ?? hostsOf(listen.host);
  const [scheme, defaultPort] = identity ? (['https', 443] as const) : (['http', 80] as const);
  isOurs = hostCheck(hosts, port, defaultPort);
  const origins = hosts.map((host) => `${scheme}://${hostPort({ host, port })}`);
  return {
    address: { host: address, port },
    urls: origins.map((origin) => `${origin}/${token}/`),
    urlForOnce() {
      once = { token: newToken(), until: performance.now() + onceFor };
      return `${origins[0]}/${once.token}/`;
    },
    async close() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeIdleConnections();
        // What was said last has a moment to leave.
        setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, 200);
      });
    },
  };
}

/** Every connection, also one that has not said anything yet. */
function keepSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return sockets;
}

/** Takes the same time for every text of the same length. */
const isSame = (given: string, token: string): boolean => timingSafeEqual(digest(given), digest(token));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Of every answer, whoever writes it. */
export const headersOf = (type: string): Readonly<Record<string, string>> => ({
  'Content-Type': type,
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
});

const nothing = new Uint8Array(0);

/** So much of an answer is under way at a time: TLS would encrypt all of it at once, for each viewer. */
const pieceSize = 16 * 1024;

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, type = 'text/plain; charset=utf-8', body = nothing, headers = {} }: Reply,
): void {
  const isHead = method === 'HEAD';
  response.writeHead(
    status,
    defined({ ...headersOf(type), ...headers, 'Content-Length': isHead ? undefined : body.length }),
  );
  if (isHead) {
    response.end();
    return;
  }
  let at = 0;
  const goOn = (): void => {
    while (at < body.length) {
      const piece = body.subarray(at, (at += pieceSize));
      if (!response.write(piece)) return;
    }
    response.off('drain', goOn).end();
  };
  response.on('drain', goOn).on('error', () => response.destroy());
  goOn();
}
