/**
 * Serves a page that changes to browsers, as a shared run is one: the page, the data of its bytes, and what changes as server-sent events. Who may ask is
 * decided by `web/guarded-server.ts`, and what is served is made by `live-page.ts`; here viewers are limited, too.
 */
import type { IncomingMessage } from 'node:http';
import type { Address } from '../../../capture/event.ts';
import type { Identity } from '../../../pki/keystore/world.ts';
import { headersOf, serveGuarded } from '../web/guarded-server.ts';
import { Viewers } from './viewers.ts';
import type { Changing } from './viewers.ts';

/** What is served. */
export interface Served extends Changing {
  /** A whole page as it is now. All viewers share its bytes. */
  document(): Uint8Array;
  /** The content security policy of that page. */
  readonly policy: string;
  /** The data of every byte as it is now or was a moment ago, as markup; absent where there are none. */
  bytes?(): Promise<Uint8Array>;
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
  /** The first one as an address that works once, within a minute. */
  urlForOnce(): string;
  /** Viewers at the moment. */
  readonly viewers: number;
  /** What is served has changed. */
  publish(): void;
  close(): Promise<void>;
}

/** Rejects with a `UserError` if the address cannot be listened on. */
export async function serveShare(options: ShareServerOptions): Promise<ShareServer> {
  const { listen, served, identity, hosts } = options;
  const limits = { ...usualLimits, ...options.limits };
  const viewers = new Viewers({
    state: served,
    most: limits.viewers,
    patience: limits.patience,
    heartbeat: limits.heartbeat,
  });
  const server = await serveGuarded({
    listen,
    ...(identity ? { identity } : {}),
    ...(hosts ? { hosts } : {}),
    connections: limits.connections,
    // Who takes nothing of an answer for so long is gone.
    idle: limits.patience + 2 * limits.heartbeat,
    answer: async ({ name, isHead, request, response }) => {
      switch (name) {
        case '':
          return {
            status: 200,
            type: 'text/html; charset=utf-8',
            body: served.document(),
            headers: { 'Content-Security-Policy': `${served.policy}; frame-ancestors 'none'` },
          };
        case 'bytes':
          if (!served.bytes) return { status: 404 };
          return {
            status: 200,
            type: 'text/html; charset=utf-8',
            ...(isHead ? {} : { body: await served.bytes() }),
          };
        case 'events':
          if (viewers.isFull) return { status: 503, headers: { 'Retry-After': '10' } };
          response.writeHead(200, {
            ...headersOf('text/event-stream; charset=utf-8'),
            'X-Accel-Buffering': 'no',
          });
          if (isHead) response.end();
          else viewers.add(response, revisionIn(request));
          return undefined;
        default:
          return { status: 404 };
      }
    },
  });
  return {
    address: server.address,
    urls: server.urls,
    urlForOnce: () => server.urlForOnce(),
    get viewers() {
      return viewers.count;
    },
    publish: () => viewers.publish(),
    async close() {
      viewers.close();
      await server.close();
    },
  };
}

/** What a viewer has seen: a browser that connects again says so itself. */
function revisionIn({ headers, url = '' }: IncomingMessage): number {
  const last = headers['last-event-id'];
  const after = typeof last === 'string' ? last : /[?&]after=(\d{1,15})(?:&|$)/.exec(url)?.[1];
  return after !== undefined && /^\d{1,15}$/.test(after) ? Number(after) : 0;
}
