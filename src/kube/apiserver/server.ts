/**
 * Runs an API server: HTTPS over `wire`, passing requests to `api.ts` and writing its responses. It requests a client
 * certificate but does not require one: the hooks identify the user, and an invalid certificate is a readable 401, not
 * a failed connection.
 *
 * 1. Clients cannot affect each other: bodies, requests and connections are limited, individually and in total.
 */
import { defined } from '../../core/defined.ts';
import { pipeline } from 'node:stream';
import type { Writable } from 'node:stream';
import type { Address } from '../../capture/event.ts';
import type { Clock, RandomBytes } from '../../core/clock.ts';
import { accept } from '../../wire/accept.ts';
import type { Accepted, AcceptOptions, Identity, Listener, Tap } from '../../wire/endpoint.ts';
import { http1Exchange } from '../../wire/http/exchange.ts';
import type { HttpExchange } from '../../wire/http/exchange.ts';
import { HttpFront } from '../../wire/http/front.ts';
import { createApi } from './api.ts';
import type { ApiAnswer, Caller } from './answers/answer.ts';
import type { ApiHooks } from './hooks.ts';
import { kubeletClient } from '../components/kubelet-client.ts';
import type { KubeletsOptions } from '../components/kubelet-client.ts';
import type { KubeObject } from '../objects/objects.ts';
import { keepOwnService } from './registry/own-service.ts';
import { Registry } from './registry/registry.ts';
import { RequestBodies, tooManyRequests } from './request-body.ts';
import type { BodyLimits } from './request-body.ts';
import type { Store } from '../store/store.ts';
import { warningHeaders } from './warnings.ts';
import { streamWatch } from './watch-stream.ts';

export interface ApiServerOptions
  extends Pick<AcceptOptions, 'listen' | 'tap' | 'keysTo' | 'tls' | 'maxOpen'> {
  readonly identity: Identity;
  /** PEM: sent to clients as the acceptable certificate issuers. */
  readonly clientAuthorities?: readonly string[];
  readonly store: Store;
  readonly hooks: ApiHooks;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** The server's CA, PEM; every namespace receives it. */
  readonly rootCertificate?: string;
  /** Initial objects beside namespaces: the built-in roles. Created if missing, at each start. */
  readonly objects?: readonly KubeObject[];
  /** Objects created only in a new store. */
  readonly firstObjects?: readonly KubeObject[];
  /** The connection to kubelets, for logs; without it, none is made. */
  readonly kubelets?: KubeletsOptions;
  readonly limits?: Partial<ServerLimits>;
  /** Keeps the Service `kubernetes`, as a cluster's API server does (`registry/own-service.ts`). */
  readonly keepsOwnService?: boolean;
  /** Offers `h2` beside `http/1.1` (ALPN), as kube-apiserver does. */
  readonly offersHttp2?: boolean;
  /** Called for every response when it has been sent; for a watch when it starts. */
  readonly onAnswered?: (report: AnswerReport) => void;
}

/** A line of the server's own log. */
export interface AnswerReport extends Caller {
  readonly conn: number;
  readonly remote: Address;
  readonly method: string;
  /** As sent by the client. */
  readonly target: string;
  /** As sent by the client, where it sent one. */
  readonly userAgent?: string;
  readonly code: number;
  /** The message of a failure. */
  readonly message?: string;
}

export interface ApiServer {
  readonly address: Address;
  /** A second listener on its own port (a free one by default) with a tap; an untapped one is invisible. */
  addListener(tap?: Tap, port?: number): Promise<Address>;
  /** Presents another certificate from the next handshake on. @throws UserError */
  /** @param clientAuthorities PEM of the CAs that it names to clients; as before when left out. */
  renew(identity: Identity, clientAuthorities?: readonly string[]): void;
  /** Resolves when all current requests have been answered; watches, when they have started. */
  settled(): Promise<void>;
  /** Ends watches at once, and waits at most `graceMs` for other responses. The store stays open. */
  close(graceMs?: number): Promise<void>;
}

/** Bytes and milliseconds. */
export interface ServerLimits {
  readonly body: BodyLimits;
  /** Concurrent requests, without watches. */
  readonly inFlight: number;
  /** Concurrent log requests: each has a connection to a kubelet. */
  readonly streams: number;
  /** Unread response data of all clients; and the time limit of a response. */
  readonly unread: number;
  readonly reading: number;
}

const defaultLimits: ServerLimits = {
  body: { each: 3 * 1024 * 1024, together: 64 * 1024 * 1024 },
  inFlight: 400,
  streams: 200,
  unread: 256 * 1024 * 1024,
  reading: 60_000,
};
const mostOpen = 2_000;
const defaultGrace = 500;
const minute = 60_000;
/** Between two looks at the Service `kubernetes`: kube-apiserver's. */
const ownServiceEvery = 10_000;

/** @throws UserError if the address cannot be listened on, or the identity cannot be used. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const {
    store,
    hooks,
    clock,
    random,
    identity,
    listen,
    tap,
    tls,
    clientAuthorities = [],
    maxOpen = mostOpen,
  } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const registry = new Registry({
    store,
    hooks,
    clock,
    random,
    ...defined({ rootCertificate: options.rootCertificate }),
  });
  await registry.begin(options.objects, options.firstObjects);
  const answer = createApi({
    registry,
    hooks,
    clock,
    ...(options.kubelets ? { openLog: kubeletClient(options.kubelets, clock) } : {}),
  });
  const bodies = new RequestBodies(limits.body);
  const watches = new Set<Writable>();
  const streams = new Set<Writable>();
  const answering = new Set<Promise<void>>();
  let inFlight = 0;
  let unread = 0;
  let closing = false;

  const answerExchange = (exchange: HttpExchange): void => {
    const { out, accepted, method, target, headers } = exchange;
    out.on('error', () => {});
    const closed = new Promise<void>((resolve) => out.once('close', resolve));
    const give = (given: ApiAnswer): void => {
      const userAgent = headers['user-agent'];
      report(options, accepted, { method, target, ...defined({ userAgent }) }, given);
      if (out.destroyed) {
        if (given.kind === 'stream') given.body.destroy();
        return;
      }
      if (given.kind === 'stream') {
        if (closing || streams.size >= limits.streams) {
          given.body.destroy();
          return send(exchange, busy(), bodyOf(busy(), exchange));
        }
        streams.add(out);
        exchange.begin(200, { 'Content-Type': given.contentType, 'Cache-Control': 'no-cache, private' });
        // An error on one side is passed to the other: a truncated log must not look complete.
        pipeline(given.body, out, () => streams.delete(out));
        return;
      }
      if (given.kind !== 'watch') {
        const body = bodyOf(given, exchange);
        const length = Buffer.byteLength(body);
        if (unread + length > limits.unread) return send(exchange, busy(), bodyOf(busy(), exchange));
        unread += length;
        const timer = setTimeout(() => out.destroy(), limits.reading).unref();
        out.once('close', () => {
          unread -= length;
          clearTimeout(timer);
        });
        return send(exchange, given, body);
      }
      exchange.begin(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' });
      watches.add(out);
      // Half an hour or more, randomized so that they do not all end at once.
      const duration = minute * (30 + (30 * (random(1)[0] ?? 0)) / 256);
      void streamWatch(store, given.watch, out, { duration, bookmarkEvery: minute }, clock).finally(() =>
        watches.delete(out),
      );
      if (closing) out.end();
    };
    if (inFlight >= limits.inFlight) return give(busy());
    inFlight++;
    const answered = answer({
      method,
      target,
      headers,
      rawHeaders: exchange.rawHeaders,
      facts: { remote: accepted.remote, presented: accepted.presented ?? [] },
      body: async () => bodies.read(exchange.body, closed, headers),
      signal: () => signalOf(closed),
    })
      .finally(() => inFlight--)
      .then(give)
      .finally(() => answering.delete(answered));
    answering.add(answered);
    return undefined;
  };
  const front = new HttpFront({
    onRequest: (request, response, accepted) => answerExchange(http1Exchange(request, response, accepted)),
  });
  const http2 = options.offersHttp2
    ? new (await import('../../wire/http/http2-front.ts')).Http2Front({ onExchange: answerExchange })
    : undefined;

  const shown = { identity, clientAuthorities };
  const listenAt = async (at: Address, tapped: Tap | undefined): Promise<Listener> =>
    accept(
      {
        security: 'tls',
        requestCertificate: true,
        plainHttp: 'go',
        listen: at,
        ...shown,
        clock,
        ...(tapped ? { tap: tapped } : options.keysTo ? { keysTo: options.keysTo } : {}),
        maxOpen,
        tls: { minVersion: 'TLSv1.2', alpn: http2 ? ['h2', 'http/1.1'] : ['http/1.1'], ...tls },
      },
      (accepted) => (accepted.alpn === 'h2' && http2 ? http2 : front).serve(accepted),
    );
  const listener = await listenAt(listen, tap);
  const listeners = [listener];
  const keepService = async (): Promise<void> => keepOwnService({ store, clock, random }, listener.address);
  let keeping: NodeJS.Timeout | undefined;
  if (options.keepsOwnService) {
    await keepService().catch(async (error: unknown) => {
      await listener.close(0);
      throw error;
    });
    // A store that does not answer is in the answers to clients; the next round tries again.
    keeping = setInterval(() => void keepService().catch(() => {}), ownServiceEvery).unref();
  }
  return {
    address: listener.address,
    async addListener(tapped, port = 0) {
      const added = await listenAt({ ...listen, port }, tapped);
      listeners.push(added);
      return added.address;
    },
    async settled() {
      await Promise.allSettled(answering);
    },
    renew(renewed, authorities = shown.clientAuthorities) {
      for (const one of listeners) one.renew({ identity: renewed, clientAuthorities: authorities });
      Object.assign(shown, { identity: renewed, clientAuthorities: authorities });
    },
    async close(graceMs = defaultGrace) {
      closing = true;
      clearInterval(keeping);
      for (const one of listeners) one.stop();
      for (const response of watches) response.end();
      for (const response of streams) response.destroy();
      await Promise.all([front.close(graceMs), http2?.close(graceMs)]);
      await Promise.all(listeners.map(async (one) => one.close(graceMs)));
    },
  };
}

function report(
  { onAnswered }: ApiServerOptions,
  { conn, remote }: Accepted,
  line: Pick<AnswerReport, 'method' | 'target' | 'userAgent'>,
  given: ApiAnswer,
): void {
  const message =
    given.kind === 'json' && given.code >= 400 && 'message' in given.document
      ? String(given.document.message)
      : undefined;
  onAnswered?.({
    ...given.caller,
    conn,
    remote,
    ...line,
    code: given.code,
    ...defined({ message }),
  });
}

/** Aborted when a client disconnects. */
function signalOf(closed: Promise<void>): AbortSignal {
  const controller = new AbortController();
  void closed.then(() => controller.abort());
  return controller.signal;
}

type WholeAnswer = Exclude<ApiAnswer, { kind: 'watch' | 'stream' }>;

function busy(): WholeAnswer {
  const { status } = tooManyRequests();
  return { kind: 'json', code: status.code, document: status, caller: {} };
}

function bodyOf(given: WholeAnswer, { target, headers }: HttpExchange): string {
  if (given.kind === 'text') return given.text;
  const spaces = given.isIndented || isForPeople(target, headers['user-agent']) ? 2 : undefined;
  return `${JSON.stringify(given.document, undefined, spaces)}\n`;
}

/** Whether JSON is written in lines (k8s.io/apiserver, isPrettyPrint): as `pretty` says, else for curl, Wget and browsers. */
function isForPeople(target: string, userAgent = ''): boolean {
  const asked = target.includes('pretty') ? new URLSearchParams(target.split('?')[1]).get('pretty') : null;
  return asked
    ? ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(asked)
    : /^(?:curl|Wget|Mozilla\/5\.0)/.test(userAgent);
}

function send(exchange: HttpExchange, given: WholeAnswer, body: string): void {
  const contentType =
    given.kind === 'text' ? 'text/plain; charset=utf-8' : (given.contentType ?? 'application/json');
  // A refused, unread body may contain anything: no request is parsed after it.
  if (!exchange.isReceived()) exchange.abandonBody();
  const warnings = warningHeaders((given.kind === 'json' ? given.warnings : undefined) ?? []);
  exchange.begin(given.code, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-cache, private',
    ...defined({
      'Retry-After': given.code === 429 ? '1' : undefined,
      Warning: warnings.length > 0 ? warnings : undefined,
    }),
  });
  exchange.out.end(body);
}
