/**
 * A small browser: opens URLs, follows redirects, keeps cookies and HSTS state, fills in the login form, and reports all of
 * that. It decides what is requested and over which port; what is true of the wire is judged from the log. Its rules are in
 * `redirect-rules.ts`, `cookie-jar.ts` and `hsts-store.ts`.
 *
 * 1. URLs use the ports 80 and 443, as on the internet; `ports` maps them to ports on this machine (as curl's --connect-to
 *    does). The bytes are those that would be sent on the internet.
 * 2. It never continues past a certificate that it cannot verify.
 * 3. One connection per port is kept open. Every exit path ends all of them.
 */
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Address, Observation } from '../../capture/event.ts';
import type { PageRequest } from '../../peers/reports/visit.ts';
import type { RunLog } from '../../capture/log.ts';
import type { Clock } from '../../core/clock.ts';
import { dial } from '../../wire/dial.ts';
import { failureOf } from '../../wire/tls/failures.ts';
import type { DialOptions } from '../../wire/endpoint.ts';
import { CookieJar, cookieField } from './cookie-jar.ts';
import { formContentType, loginFields } from '../../peers/site/form.ts';
import type { LoginForm } from '../../peers/site/form.ts';
import { HstsStore } from './hsts-store.ts';
import { exchange, writeRequest } from '../../peers/client/http-exchange.ts';
import type { IncomingResponse } from '../../peers/client/http-exchange.ts';
import { endConnection } from '../../peers/client/end-connection.ts';
import { readProfileUser } from '../../peers/site/pages.ts';
import { commonHeaders } from '../../peers/client/login-request.ts';
import { formIn, linksIn, titleOf } from './page-reading.ts';
import { mostRedirects, redirectOf, typedAddress, webAddress } from './redirect-rules.ts';

/** What a browser remembers from one visit to the next. */
export interface BrowserMemory {
  readonly cookies: CookieJar;
  readonly hsts: HstsStore;
}

/** @param preloaded hosts on its HSTS preload list */
export function newMemory(preloaded: readonly string[] = []): BrowserMemory {
  return { cookies: new CookieJar(), hsts: new HstsStore(preloaded) };
}

export interface BrowseOptions {
  /** The participant's name, under which the visit is logged. */
  readonly who: string;
  readonly memory: BrowserMemory;
  /** The only site that exists. */
  readonly host: string;
  /** Maps port 80 (`http`) and 443 (`https`) to addresses. A missing one is a closed port. */
  readonly ports: { readonly http?: DialOptions; readonly https?: DialOptions };
  /** What is typed into the address bar, in order. */
  readonly typed: readonly string[];
  /** How long each page is viewed, in milliseconds. Default: not at all. */
  readonly lookAtMs?: readonly number[];
  /** Logs in from the first page. */
  readonly login?: LoginForm;
  readonly log: RunLog;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** For the whole visit without the viewing time, in milliseconds. */
  readonly timeout?: number;
}

export type Visit = Extract<Observation, { kind: 'visit' }>;

const defaultTimeout = 10_000;

/** Visits, appends `observed` to the log and returns the same report. Never rejects for anything that the other end does. */
export async function browse(options: BrowseOptions): Promise<Visit> {
  const result = await new BrowserVisit(options).visit();
  options.log.append({ type: 'observed', who: options.who, result });
  return result;
}

/** The displayed page. */
interface Page {
  readonly url: URL;
  readonly body: string;
}

/** Why a visit stops. */
class Stopped extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

type Scheme = 'http' | 'https';

interface Line {
  readonly stream: Duplex;
  readonly local: Address;
  readonly secured: boolean;
}

interface OutgoingRequest {
  readonly method: string;
  readonly url: URL;
  readonly body?: string;
}

class BrowserVisit {
  readonly #options: BrowseOptions;
  readonly #lines = new Map<Scheme, Line>();
  readonly #requests: PageRequest[] = [];
  readonly #controller = new AbortController();
  /** When the last response arrived. */
  #answeredAt: number | undefined;

  constructor(options: BrowseOptions) {
    this.#options = options;
  }

  async visit(): Promise<Visit> {
    const { signal, timeout = defaultTimeout, lookAtMs = [], memory, host, clock } = this.#options;
    const looking = lookAtMs.reduce((sum, one) => sum + one, 0);
    const timer = setTimeout(
      () => this.#controller.abort(new Stopped('ETIMEDOUT', 'no answer in time')),
      timeout + looking,
    );
    const onAbort = (): void => this.#controller.abort(new Stopped('ABORT_ERR', 'the visit was called off'));
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort);
    let page: Page | undefined;
    let error: Stopped | undefined;
    try {
      page = await this.#go();
    } catch (failure) {
      error = failure instanceof Stopped ? failure : stoppedBy(failure, false);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
    await Promise.all(
      [...this.#lines.values()].map(async ({ stream }) => endConnection(stream, error !== undefined)),
    );
    const user = page && readProfileUser(page.body);
    return {
      kind: 'visit',
      requests: this.#requests,
      ...(page ? { shown: { url: page.url.href, ...(user === undefined ? {} : { user }) } } : {}),
      knowsHsts: memory.hsts.knows(host, clock.now()),
      ...(error ? { error: { code: error.code, message: error.message } } : {}),
    };
  }

  async #go(): Promise<Page | undefined> {
    const { typed, login, lookAtMs = [] } = this.#options;
    let page: Page | undefined;
    for (const [index, text] of typed.entries()) {
      const url = typedAddress(text);
      if (!url) throw new Stopped('ERR_INVALID_URL', 'no address of a site');
      page = await this.#show({ method: 'GET', url });
      if (index === 0 && login) page = await this.#logIn(page, login);
      await this.#look(lookAtMs[index]);
    }
    return page;
  }

  /** From the displayed page by its link to the form, and submits it. */
  async #logIn(page: Page, login: LoginForm): Promise<Page> {
    const link = linksIn(page.body)
      .map((href) => webAddress(href, page.url))
      .find((url) => url?.pathname === '/login');
    const shown = formIn(page.body) || !link ? page : await this.#show({ method: 'GET', url: link });
    const form = formIn(shown.body);
    const action = form && webAddress(form.action, shown.url);
    if (!action || !loginFields.every((field) => form.fields.includes(field)))
      throw new Stopped('NO_LOGIN_FORM', 'the page has no form to log in');
    const body = new URLSearchParams(
      loginFields.map((field): [string, string] => [field, login[field]]),
    ).toString();
    return this.#show({ method: 'POST', url: action, body });
  }

  async #look(milliseconds: number | undefined): Promise<void> {
    if (milliseconds !== undefined)
      await pause(milliseconds, undefined, { signal: this.#controller.signal }).catch(() =>
        this.#controller.signal.throwIfAborted(),
      );
  }

  /** Requests and follows redirects until there is a page. */
  async #show(asking: OutgoingRequest): Promise<Page> {
    let next = asking;
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const { url, answer } = await this.#ask(next);
      const sent = redirectOf(answer.status, answer.headers.get('location')?.[0], url, next.method);
      if (!sent) return { url, body: answer.body.toString() };
      next = {
        method: sent.method,
        url: sent.url,
        ...(sent.keepsBody && next.body !== undefined ? { body: next.body } : {}),
      };
    }
    throw new Stopped('ERR_TOO_MANY_REDIRECTS', `more than ${mostRedirects} redirects`);
  }

  async #ask({
    method,
    url: wanted,
    body,
  }: OutgoingRequest): Promise<{ readonly url: URL; readonly answer: IncomingResponse }> {
    const { memory, host, clock } = this.#options;
    const url = memory.hsts.upgrade(wanted, clock.now());
    if (url.hostname !== host) throw new Stopped('ENOTFOUND', 'unknown host');
    const cookies = memory.cookies.for(url, clock.now());
    const field = cookieField(cookies);
    const line = await this.#lineTo(url);
    const request = writeRequest({
      method,
      target: url.pathname + url.search,
      headers: [
        ...commonHeaders(url.host),
        ...(field === undefined ? [] : [['Cookie', field] as const]),
        ...(body === undefined ? [] : [['Content-Type', formContentType] as const]),
      ],
      ...(body === undefined ? {} : { body }),
    });
    const pageRequest: PageRequest = {
      method,
      url: url.href,
      from: line.local,
      cookies: cookies.map(({ name }) => name),
      ...(url === wanted ? {} : { upgraded: true }),
    };
    const last = this.#requests.at(-1);
    if (last && this.#answeredAt !== undefined)
      this.#requests[this.#requests.length - 1] = {
        ...last,
        lookedAtMs: Math.round(performance.now() - this.#answeredAt),
      };
    const place = this.#requests.push(pageRequest) - 1;
    let answerBytes = 0;
    const count = (chunk: Buffer): void => void (answerBytes += chunk.length);
    line.stream.on('data', count);
    let answer: IncomingResponse;
    try {
      answer = await exchange(line.stream, request, this.#controller.signal);
    } catch (failure) {
      throw failure instanceof Stopped ? failure : stoppedBy(failure, line.secured);
    } finally {
      line.stream.off('data', count);
    }
    this.#answeredAt = performance.now();
    const title = titleOf(answer.body.toString());
    this.#requests[place] = {
      ...pageRequest,
      status: answer.status,
      requestBytes: request.length,
      answerBytes,
      ...(title === undefined ? {} : { title }),
    };
    const now = clock.now();
    memory.cookies.store(answer.headers.get('set-cookie') ?? [], url, now);
    memory.hsts.learn(url, answer.headers.get('strict-transport-security') ?? [], line.secured, now);
    if (answer.headers.get('connection')?.some((value) => /\bclose\b/i.test(value)))
      await this.#hangUp(schemeOf(url));
    return { url, answer };
  }

  /** The connection for a URL's port. */
  async #lineTo(url: URL): Promise<Line> {
    const scheme = schemeOf(url);
    // Any port other than the two mapped ones is closed.
    const options = url.port === '' ? this.#options.ports[scheme] : undefined;
    if (!options)
      throw new Stopped(
        'ECONNREFUSED',
        `port ${url.port || defaultPorts[scheme]} of ${url.hostname} is closed`,
      );
    const kept = this.#lines.get(scheme);
    if (kept && !kept.stream.destroyed && !kept.stream.readableEnded && kept.stream.writable) return kept;
    if (kept) await this.#hangUp(scheme);
    this.#controller.signal.throwIfAborted();
    const dialed = await dial(options);
    if (dialed.outcome === 'failed') throw new Stopped(dialed.failure.code, dialed.failure.message);
    const line = {
      stream: dialed.stream,
      local: dialed.local,
      secured: dialed.secured !== undefined && options.verify !== false,
    };
    // Between exchanges no handler is attached.
    line.stream.on('error', () => {});
    this.#lines.set(scheme, line);
    return line;
  }

  async #hangUp(scheme: Scheme): Promise<void> {
    const line = this.#lines.get(scheme);
    this.#lines.delete(scheme);
    if (line) await endConnection(line.stream, false);
  }
}

const defaultPorts: Readonly<Record<Scheme, number>> = { http: 80, https: 443 };

const schemeOf = (url: URL): Scheme => (url.protocol === 'https:' ? 'https' : 'http');

function stoppedBy(failure: unknown, secured: boolean): Stopped {
  const { code, message } = failureOf(failure, { secured, connected: true });
  return new Stopped(code, message, { cause: failure });
}
