/**
 * The login site "shop": listens, reads requests within limits, and reports what reached it. `peers/site/routes.ts` chooses
 * the response; its counterpart is `peers/client/log-in.ts`, or any browser.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Address } from '../../capture/event.ts';
import type { RandomBytes } from '../../core/clock.ts';
import { accept } from '../../wire/accept.ts';
import type { AcceptOptions, Accepted, Identity, Tap } from '../../wire/endpoint.ts';
import { HttpFront, answerRefusal } from '../../wire/http/front.ts';
import type { ServedReport } from '../reports/login.ts';
import { preferredLanguage, siteName } from './pages.ts';
import { answer, problem } from './routes.ts';
import type { Site, SiteAnswer, SiteRequest } from './routes.ts';
import { hashPassword, verifyPassword } from './password.ts';
import type { PasswordHash } from './password.ts';
import { readBody } from './request-body.ts';
import { SessionStore } from './session-store.ts';

export interface Account {
  readonly user: string;
  readonly password: string;
}

export interface LoginServerOptions {
  readonly accept: AcceptOptions;
  readonly accounts: readonly Account[];
  /** For salts and session ids. */
  readonly random: RandomBytes;
  /** Whether the session's cookie is for TLS only. Default: if the listener uses TLS. */
  readonly secureCookie?: boolean;
  /** The site's host name, for its pages. */
  readonly host?: string;
  /** The request handler. Default: the pages of `peers/site/routes.ts`. */
  readonly answers?: (request: SiteRequest, site: Site) => SiteAnswer;
  /** Called for each login, before its response is sent, with the connection that it came over. */
  readonly onLogin?: (
    login: ServedReport['logins'][number] & { readonly password: string },
    over: Accepted,
  ) => void;
}

export type Served = { readonly kind: 'served' } & ServedReport;

export interface LoginServer extends Omit<RunningSite, 'count'> {
  /** What reached the site since the last report. */
  readonly report: () => Served;
}

export interface SiteOptions extends Omit<LoginServerOptions, 'accounts' | 'onLogin'> {
  /** Whether these may log in, over this connection. */
  readonly verify: (user: string, password: string, rrn: string, over: Accepted) => boolean;
}

export interface RunningSite {
  readonly address: Address;
  /** Connections that are open now. */
  readonly open: number;
  /** What reached it since the last call. */
  readonly count: () => { readonly connections: number; readonly requests: number };
  /**
   * Opens another listener for the same site, on its own port (a free one if omitted), with the same security and tapped
   * at this end: for clients without a tap of their own.
   */
  readonly openListener: (tap: Tap, port?: number) => Promise<Address>;
  /**
   * Presents this certificate from the next handshake on.
   * @throws UserError when it cannot be used: then nothing has changed.
   */
  readonly install: (identity: Identity) => void;
  readonly close: (graceMs?: number) => Promise<void>;
}

/** Maximum logins reported one by one: a report may not be fetched for hours. */
const mostReported = 10_000;

/** Far more than a form of three fields needs; a longer body is not read. */
const bodyLimit = 8 * 1024;

export async function startLoginServer({
  accounts,
  onLogin,
  ...options
}: LoginServerOptions): Promise<LoginServer> {
  let logins: { user: string; accepted: boolean }[] = [];
  const hashes = new Map(
    accounts.map(({ user, password }) => [user, hashPassword(password, options.random)]),
  );
  let stranger: PasswordHash | undefined;
  const site = await startSite({
    ...options,
    verify(user, password, _rrn, over) {
      const known = hashes.get(user);
      // An unknown user costs as much time as a wrong password.
      const accepted =
        verifyPassword(password, known ?? (stranger ??= hashPassword('', options.random))) &&
        known !== undefined;
      if (logins.length < mostReported) logins.push({ user, accepted });
      onLogin?.({ user, password, accepted }, over);
      return accepted;
    },
  });
  return {
    address: site.address,
    get open() {
      return site.open;
    },
    openListener: site.openListener,
    install: site.install,
    report() {
      const served: Served = { kind: 'served', ...site.count(), logins };
      logins = [];
      return served;
    },
    close: site.close,
  };
}

/** The pages and sessions of the site; the caller decides who may log in. */
export async function startSite({
  accept: acceptOptions,
  random,
  secureCookie,
  host,
  answers = answer,
  verify,
}: SiteOptions): Promise<RunningSite> {
  let connections = 0;
  let requests = 0;
  const site: Omit<Site, 'verify'> = {
    sessions: new SessionStore(random),
    secure: secureCookie ?? acceptOptions.security !== 'plain',
    name: siteName(host),
  };
  const front = new HttpFront({
    onRequest(request, response, accepted) {
      requests++;
      if (accepted.refusal) answerRefusal(response, accepted.refusal);
      else
        void respond(
          request,
          response,
          { ...site, verify: (user, password, rrn) => verify(user, password, rrn, accepted) },
          answers,
        );
    },
  });
  const serve = (accepted: Accepted): void => {
    connections++;
    front.serve(accepted);
  };
  const listener = await accept(acceptOptions, serve);
  const listeners = [listener];
  let { identity } = acceptOptions;

  return {
    address: listener.address,
    get open() {
      return listeners.reduce((sum, { open }) => sum + open, 0);
    },
    async openListener(tap, port = 0) {
      const opened = await accept(
        {
          ...acceptOptions,
          ...(identity ? { identity } : {}),
          listen: { ...acceptOptions.listen, port },
          tap,
        },
        serve,
      );
      listeners.push(opened);
      return opened.address;
    },
    install(installed) {
      const { clientAuthorities, clientRevocations } = acceptOptions;
      for (const one of listeners) {
        one.renew({
          identity: installed,
          ...(clientAuthorities ? { clientAuthorities } : {}),
          ...(clientRevocations ? { clientRevocations } : {}),
        });
      }
      identity = installed;
    },
    count() {
      const counted = { connections, requests };
      connections = 0;
      requests = 0;
      return counted;
    },
    async close(graceMs = 1000) {
      await front.close(graceMs);
      await Promise.all(listeners.map(async (one) => one.close(graceMs)));
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  site: Site,
  answers: typeof answer,
): Promise<void> {
  const language = preferredLanguage(request.headers['accept-language']);
  const read = await readBody(request, bodyLimit);
  if ('aborted' in read) return;
  if ('tooLarge' in read) {
    response.shouldKeepAlive = false;
    write(response, problem(413, language, {}, site));
    request.resume();
    return;
  }
  const { method = 'GET', url: target = '/', headers } = request;
  const { cookie, 'content-type': contentType } = headers;
  write(
    response,
    answers({ method, target, language, cookie, contentType, body: read.body.toString() }, site),
  );
}

function write(response: ServerResponse, { status, headers, body }: SiteAnswer): void {
  response.writeHead(status, {
    ...headers,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}
