/**
 * A client that a lab keeps connected: it logs in, asks again every few seconds over the same connection, and when that has ended
 * comes back, with its session to be resumed. What becomes of it is reported where it changes; a check asks for its state.
 *
 * 1. The connection is a real one to the learner's own proxy, and captured there like any other.
 * 2. It never gives up: the learner may let it in again.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Address } from '../../capture/event.ts';
import { defined } from '../../core/defined.ts';
import type { Clock } from '../../core/clock.ts';
import { endConnection } from '../../peers/client/end-connection.ts';
import { exchange, writeRequest } from '../../peers/client/http-exchange.ts';
import type { IncomingResponse } from '../../peers/client/http-exchange.ts';
import type { LoginDial } from '../../peers/client/login-dial.ts';
import { commonHeaders, loginRequest } from '../../peers/client/login-request.ts';
import { dial } from '../../wire/dial.ts';
import type { Failure } from '../../wire/endpoint.ts';
import { failureOf } from '../../wire/tls/failures.ts';

/** A connection over which it was served. */
export interface HeldConnection {
  /** ISO 8601. */
  readonly since: string;
  /** Without its certificate being looked at again. */
  readonly resumed: boolean;
  /** How many requests were answered. */
  readonly requests: number;
}

export interface HeldState {
  readonly client: string;
  /** The present one. */
  readonly connection?: HeldConnection;
  /** The last one that has ended, of those that were not resumed where there is one. */
  readonly ended?: HeldConnection & { readonly until: string };
  /** Why there is none, where it has tried: an alert, or a code such as ECONNREFUSED. */
  readonly failed?: { readonly at: string; readonly alert?: string; readonly code: string };
}

/** What has become of it. */
export type HeldNews = { readonly client: string; readonly at: string } & (
  | { readonly state: 'connected' | 'resumed' }
  /** A request was answered after something has changed at the proxy. */
  | { readonly state: 'goes_on' | 'ended'; readonly connection: HeldConnection }
  | { readonly state: 'refused'; readonly alert: string }
  | { readonly state: 'unreachable'; readonly code: string }
);

export interface HeldOptions {
  /** How it connects now; undefined while there is nothing to connect to. */
  readonly dialing: () => LoginDial | undefined;
  readonly everySeconds: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly onNews: (news: HeldNews) => void;
  /** Called for each of its connections. */
  readonly onConnection?: (client: string, from: Address) => void;
  /** Called with the client's own address, once it was served over a connection: what follows there is more of the same. */
  readonly onServed?: (from: Address) => void;
}

/** Coming back, and being ended, in a row. */
const mostReturns = 4;
/** So many times as long it rests where it has failed again. */
const slower = 5;
/** Milliseconds for one response. */
const answerMs = 10_000;

export class HeldClient {
  readonly #options: HeldOptions;
  #state: HeldState | undefined;
  #session: Buffer | undefined;
  #isNewsToCome = false;
  #lastNews = '';
  #returns = 0;

  constructor(options: HeldOptions) {
    this.#options = options;
  }

  /** Undefined until it has tried. */
  get state(): HeldState | undefined {
    return this.#state;
  }

  /** Something has changed at the proxy: whether the connection goes on is news. */
  proxyChanged(): void {
    this.#isNewsToCome = true;
  }

  /** Resolves when the signal is aborted and the connection is closed. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const dialing = this.#options.dialing();
      if (dialing) await this.#visit(dialing, signal);
      failures = this.#state?.failed ? failures + 1 : 0;
      await this.#rest(signal, failures > 1 ? slower : 1);
    }
  }

  async #rest(signal: AbortSignal, times = 1): Promise<void> {
    await pause(this.#options.everySeconds * times * 1000, undefined, { signal }).catch(() => {});
  }

  async #visit({ client, account, host, to, dial: options }: LoginDial, signal: AbortSignal): Promise<void> {
    const { name } = client;
    const dialed = await dial({
      ...options,
      ...(this.#session ? { session: this.#session } : {}),
      onSession: (session) => {
        this.#session = session;
      },
    });
    if (dialed.local) this.#options.onConnection?.(name, dialed.local);
    if (dialed.outcome === 'failed') return this.#failed(name, dialed.failure);
    const { stream } = dialed;
    stream.on('error', () => {});
    const isOver = new AbortController();
    const over = (): void => isOver.abort();
    stream.once('end', over).once('close', over);
    const untilEither = AbortSignal.any([signal, isOver.signal]);
    const at = `${host}:${to.port}`;
    const since = this.#now();
    let connection: HeldConnection = { since, resumed: dialed.resumed === true, requests: 0 };
    const ask = async (request: Uint8Array): Promise<IncomingResponse> => {
      const response = await exchange(
        stream,
        request,
        AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
      );
      connection = { ...connection, requests: connection.requests + 1 };
      return response;
    };
    try {
      const answered = await ask(
        writeRequest(
          loginRequest(at, { username: account.user, password: account.password, rrn: account.rrn }),
        ),
      );
      if (answered.status !== 302) throw withCode(`HTTP_${answered.status}`);
      this.#state = defined({ ...this.#state, client: name, connection, failed: undefined });
      this.#tell({ client: name, at: since, state: connection.resumed ? 'resumed' : 'connected' });
      this.#options.onServed?.(dialed.local);
      const cookie = answered.headers.get('set-cookie')?.[0]?.split(';')[0] ?? '';
      const { pathname } = new URL(answered.headers.get('location')?.[0] ?? '/', `http://${at}`);
      const again = writeRequest({
        method: 'GET',
        target: pathname,
        headers: [...commonHeaders(at), ['Cookie', cookie]],
      });
      while (!signal.aborted) {
        const { status } = await ask(again);
        if (status !== 200) throw withCode(`HTTP_${status}`);
        this.#state = { ...this.#state, client: name, connection };
        if (this.#isNewsToCome) this.#tell({ client: name, at: this.#now(), state: 'goes_on', connection });
        this.#isNewsToCome = false;
        // The other side may end it meanwhile.
        await this.#rest(untilEither);
        if (isOver.signal.aborted) break;
      }
    } catch (error) {
      if (connection.requests === 0 && !signal.aborted)
        this.#failed(name, failureOf(error, { secured: true, connected: true }));
    }
    await endConnection(stream, true);
    if (connection.requests === 0 || signal.aborted) return;
    const until = this.#now();
    const { ended } = this.#state ?? {};
    // Of those that began with its certificate.
    this.#state = { client: name, ended: connection.resumed && ended ? ended : { ...connection, until } };
    this.#tell({ client: name, at: until, state: 'ended', connection });
  }

  #failed(client: string, failure: Failure): void {
    const at = this.#now();
    const { code } = failure;
    const alert = failure.alert?.description;
    const { connection: _none, ...before } = this.#state ?? { client };
    this.#state = { ...before, failed: defined({ at, alert, code }) };
    if (alert === undefined) this.#tell({ client, at, state: 'unreachable', code });
    else this.#tell({ client, at, state: 'refused', alert });
  }

  /** Once where it stays the same; a few times where it comes back and is ended, again and again. */
  #tell(news: HeldNews): void {
    const { at: _at, ...what } = news;
    const isReturn = news.state === 'resumed' || (news.state === 'ended' && news.connection.resumed);
    this.#returns = isReturn ? this.#returns + 1 : 0;
    const now = JSON.stringify(what);
    if (now !== this.#lastNews && this.#returns <= mostReturns) this.#options.onNews(news);
    this.#lastNews = now;
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
