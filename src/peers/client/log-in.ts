/**
 * The demo client: logs in as a browser would and reports the outcome as *this end* sees it; whether that is the truth is
 * judged from the log. Its counterpart is `peers/site/server.ts`.
 *
 * 1. The login is sent as soon as this end's TLS stack reports a connection. Under TLS 1.3 that is before the server has
 *    verified the client's certificate: the demonstration depends on not waiting.
 * 2. POST and GET use one connection. Every exit path ends it, and settles within the timeout.
 */
import type { RunLog } from '../../capture/log.ts';
import { dial } from '../../wire/dial.ts';
import { failureOf } from '../../wire/tls/failures.ts';
import type { DialOptions, Failure } from '../../wire/endpoint.ts';
import { endConnection } from './end-connection.ts';
import { ClosedEarly, exchange, writeRequest } from './http-exchange.ts';
import type { IncomingResponse, OutgoingRequest } from './http-exchange.ts';
import type { LoginReport } from '../reports/login.ts';
import { readProfileUser } from '../site/pages.ts';
import { commonHeaders, loginRequest } from './login-request.ts';

export interface LogInOptions {
  /** The participant's name, under which the outcome is logged. */
  readonly who: string;
  readonly dial: DialOptions;
  /** For the `Host` header: `shop.localhost:8443`. */
  readonly host: string;
  readonly user: string;
  readonly password: string;
  readonly rrn: string;
  readonly log: RunLog;
  /** Called once the client is logged in; then it requests its profile again, over the same connection. */
  readonly betweenRequests?: () => Promise<void>;
  /** Aborts the attempt. */
  readonly signal?: AbortSignal;
  /** For everything after the connection is established, in milliseconds. */
  readonly timeout?: number;
}

export type Login = { readonly kind: 'login' } & LoginReport;

type Outcome = Pick<Login, 'outcome' | 'status' | 'user' | 'error' | 'again'>;

/** Logs in, appends `observed` to the log and returns the same report. Never rejects for anything that the other end does. */
export async function logIn(options: LogInOptions): Promise<Login> {
  const result = await attempt(options);
  options.log.append({ type: 'observed', who: options.who, result });
  return result;
}

const defaultTimeout = 10_000;

async function attempt(options: LogInOptions): Promise<Login> {
  const dialed = await dial(options.dial);
  if (dialed.outcome === 'failed') {
    const { local, failure } = dialed;
    return {
      kind: 'login',
      ...outcomeOfFailure(failure),
      ...(local ? { from: local } : {}),
      believedConnected: false,
      sentBytes: 0,
    };
  }
  const { stream, local, secured } = dialed;
  let sentBytes = 0;
  // A timer of our own rather than AbortSignal.timeout, which would outlive the login.
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(withCode('ETIMEDOUT', 'no answer in time')),
    options.timeout ?? defaultTimeout,
  );
  const onAbort = (): void => controller.abort(withCode('ABORT_ERR', 'the login was called off'));
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener('abort', onAbort);
  // Between exchanges no handler is attached; an error is then found in `stream.errored`.
  stream.on('error', () => {});

  const send = async (request: OutgoingRequest): Promise<IncomingResponse> => {
    const bytes = writeRequest(request);
    if (stream.writable && !controller.signal.aborted) sentBytes += bytes.length;
    return exchange(stream, bytes, controller.signal);
  };
  let outcome: Outcome;
  try {
    outcome = await converse(options, send);
  } catch (error) {
    outcome = outcomeOfError(error, secured !== undefined);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
  }
  await endConnection(stream, outcome.outcome === 'failed');
  return { kind: 'login', ...outcome, from: local, believedConnected: true, sentBytes };
}

async function converse(
  options: LogInOptions,
  send: (request: OutgoingRequest) => Promise<IncomingResponse>,
): Promise<Outcome> {
  const { host, user, password, rrn } = options;
  const answered = await send(loginRequest(host, { username: user, password, rrn }));
  if (answered.status !== 302) return outcomeOfStatus(answered.status);
  const cookie = answered.headers.get('set-cookie')?.[0]?.split(';')[0] ?? '';
  // Relative or absolute, a redirect goes to the same connection: this client knows one site.
  const { pathname, search } = new URL(answered.headers.get('location')?.[0] ?? '/', `http://${host}`);
  const askForProfile = async (): Promise<IncomingResponse> =>
    send({ method: 'GET', target: pathname + search, headers: [...commonHeaders(host), ['Cookie', cookie]] });
  const profile = await askForProfile();
  if (profile.status !== 200) return outcomeOfStatus(profile.status);
  const named = readProfileUser(profile.body.toString());
  if (named === undefined)
    return {
      outcome: 'failed',
      status: 200,
      error: { code: 'NO_PROFILE', message: 'the answer names no user' },
    };
  const admitted = { outcome: 'admitted', status: 200, user: named } as const;
  if (!options.betweenRequests) return admitted;
  await options.betweenRequests();
  // Whatever happens to the second request, the first succeeded: the client was admitted.
  try {
    const { status, body } = await askForProfile();
    const user = readProfileUser(body.toString());
    return { ...admitted, again: { status, ...(user === undefined ? {} : { user }) } };
  } catch (error) {
    return { ...admitted, again: { code: failureOf(error, { secured: true, connected: true }).code } };
  }
}

/** 401: the site rejected the login. 403: a proxy rejected the client's certificate (`reject: 'http'`). */
function outcomeOfStatus(status: number): Outcome {
  const outcomes: Readonly<Record<number, Login['outcome']>> = { 401: 'denied', 403: 'refused' };
  return { outcome: outcomes[status] ?? 'failed', status };
}

export function outcomeOfFailure(failure: Failure): Outcome {
  const { by, code, message, alert } = failure;
  const outcomes = { client: 'refusing', server: 'refused', unknown: 'failed' } as const;
  // A server that closes during the handshake without an alert has rejected us too; a network that never connected us has not.
  const outcome = failure.reason === 'closed_during_handshake' ? 'refused' : outcomes[by];
  return { outcome, error: { code, message, ...(alert ? { alert } : {}) } };
}

/** The outcome of an error after this end had reported a connection. */
export function outcomeOfError(error: unknown, secured: boolean): Outcome {
  const { code, message, alert } = failureOf(error, { secured, connected: true });
  const words = { code, message, ...(alert ? { alert } : {}) };
  const closedUnanswered =
    error instanceof ClosedEarly ? error.received === 0 : code === 'ECONNRESET' || code === 'EPIPE';
  const refused = alert !== undefined || closedUnanswered;
  return { outcome: refused ? 'refused' : 'failed', error: words };
}

function withCode(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
