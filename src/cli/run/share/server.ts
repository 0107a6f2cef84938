/**
 * Serves a shared run to browsers: the page, the data of its bytes, and what changes as server-sent events. It only reads, and
 * knows nothing of the run: `live-page.ts` makes what is served.
 *
 * 1. Every address begins with a token that only the presenter's screen shows; without it there is nothing. A request that
 *    names another host than ours is refused (DNS rebinding), and so is everything but GET and HEAD.
 * 2. Nothing is kept by a browser, framed, or loaded from elsewhere.
 * 3. Connections and viewers are limited, and so is the time that each may take.
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
import { Viewers } from './viewers.ts';
import type { Changing } from './viewers.ts';

/** What is served. */
export interface Served extends Changing {
  /** A whole page as it is now. All viewers share its bytes. */
  document(): Uint8Array;
  /** The content security policy of that page. */
  readonly policy: string;
  /** The data of every byte as it is now or was a moment ago, as markup. */
  bytes(): Promise<Uint8Array>;
}

export interface ShareServerOptions {
  readonly listen: Address;
  readonly served: Served;
  /** Over TLS. */
  readonly identity?: Identity;
  /** Of this machine, for another than the system's. */
  readonly hosts?: readonly string[];
  readonly limits?: Partial<Limits>;
}

export interface Limits {
  readonly connections: number;
  readonly viewers: number;
  /** How long a viewer may take nothing, in milliseconds. */
  readonly patience: number;
  /** Between two signs of life, in milliseconds. */
  readonly heartbeat: number;
}

const usualLimits: Limits = { connections: 400, viewers: 200, patience: 10_000, heartbeat: 10_000 };

export interface ShareServer {
  /** Where it listens. */
  readonly address: Address;
  /** What viewers open, the first one first to be told. */
  readonly urls: readonly string[];
  /** Viewers at the moment. */
  readonly viewers: number;
  /** What is served has changed. */
  publish(): void;
  close(): Promise<void>;
}

/** The token of an address: 128 random bits. */
const newToken = (): string => randomBytes(16).toString('base64url');

/** Rejects with a `UserError` if the address cannot be listened on. */
export async function serveShare(options: ShareServerOptions): Promise<ShareServer> {
  const { listen, served, identity } = options;
  const limits = { ...usualLimits, ...options.limits };
  const token = newToken();
  const viewers = new Viewers({
    state: served,
    most: limits.viewers,
    patience: limits.patience,
    heartbeat: limits.heartbeat,
  });
  let isOurs = (_header: string | undefined): boolean => false;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refuse = (status: number, more: Readonly<Record<string, string>> = {}): void =>
      reply(request, response, { status, headers: { ...more, Connection: 'close' } });
    if (!isOurs(request.headers.host)) return refuse(421);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, { Allow: 'GET, HEAD' });
    const [, given = '', name = ''] = /^\/([^/?#]+)\/([a-z]*)(?:\?[^#]*)?$/.exec(request.url ?? '') ?? [];
    if (!isSame(given, token)) return refuse(404);
    switch (name) {
      case '':
        return reply(request, response, {
          status: 200,
          type: 'text/html; charset=utf-8',
          body: served.document(),
          headers: { 'Content-Security-Policy': `${served.policy}; frame-ancestors 'none'` },
        });
      case 'bytes':
        return reply(request, response, {
          status: 200,
          type: 'text/html; charset=utf-8',
          body: request.method === 'HEAD' ? nothing : await served.bytes(),
        });
      case 'events': {
        if (viewers.isFull) return refuse(503, { 'Retry-After': '10' });
        response.writeHead(200, {
          ...headersOf('text/event-stream; charset=utf-8'),
          'X-Accel-Buffering': 'no',
        });
        if (request.method === 'HEAD') response.end();
        else viewers.add(response, revisionIn(request));
        return undefined;
      }
      default:
        return refuse(404);
    }
  };
  const listener: RequestListener = (request, response) => {
    // A failure of ours is the viewer's alone: the run goes on.
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
  server.maxConnections = limits.connections;
  // Who takes nothing of an answer for so long is gone.
  server.timeout = limits.patience + 2 * limits.heartbeat;
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
  return {
    address: { host: address, port },
    urls: hosts.map((host) => `${scheme}://${hostPort({ host, port })}/${token}/`),
    get viewers() {
      return viewers.count;
    },
    publish: () => viewers.publish(),
    async close() {
      viewers.close();
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

/** What a viewer has seen: a browser that connects again says so itself. */
function revisionIn({ headers, url = '' }: IncomingMessage): number {
  const last = headers['last-event-id'];
  const after = typeof last === 'string' ? last : /[?&]after=(\d{1,15})(?:&|$)/.exec(url)?.[1];
  return after !== undefined && /^\d{1,15}$/.test(after) ? Number(after) : 0;
}

const headersOf = (type: string): Readonly<Record<string, string>> => ({
  'Content-Type': type,
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
});

interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

const nothing = new Uint8Array(0);

/** So much of an answer is under way at a time: TLS would encrypt all of it at once, for each viewer. */
const pieceSize = 16 * 1024;

function reply(
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
