/**
 * Reads the calls of an API server's clients from the plaintext of a proxy in front of it: who calls what, and the answer.
 *
 * 1. A call is reported when its answer begins: a watch, a log that is followed and a shell go on for hours. One that was refused
 *    is reported with the reason, at the end of the answer; one that is never answered, when its connection closes.
 * 2. The server's word counts: whom it takes a caller for is read from its answers where it says so; before, from the client
 *    certificate that the proxy shows it, or from the claims of the token, which the server verifies and the proxy does not.
 */
import { createHash } from 'node:crypto';
import { Exchanges, headerOf } from '../analysis/summary/exchanges.ts';
import type { Exchange } from '../analysis/summary/exchanges.ts';
import { ConversationReader } from '../analysis/conversation/conversation.ts';
import type { Connection } from '../capture/connection.ts';
import type { CaptureEvent } from '../capture/event.ts';
import type { Flows } from '../capture/flows.ts';
import { defined } from '../core/defined.ts';
import { isMap } from '../pki/kubeadm/kubeconfig.ts';
import type { ApiRequest } from './apiserver/audit.ts';

export interface TappedCall extends ApiRequest {
  /** The path with its query. */
  readonly target: string;
}

export type UnansweredCall = Omit<TappedCall, 'status' | 'message'>;

export interface Caller {
  readonly user: string;
  readonly groups: readonly string[];
}

export interface TappedCallsOptions {
  readonly flows: Flows;
  /** The wire on which the proxy is called. */
  readonly hop: string;
  /** As whom the proxy's own certificate identifies the callers; undefined if it has none. */
  readonly certificate: () => Caller | undefined;
  readonly onCall: (call: TappedCall) => void;
  readonly onUnanswered?: (call: UnansweredCall) => void;
}

/** Of an answer that explains itself, in bytes. */
const mostBody = 64 * 1024;
/** How many tokens are remembered. */
const mostTokens = 1000;

export class TappedCalls {
  readonly #options: TappedCallsOptions;
  readonly #readers = new Map<
    number,
    { readonly reader: ConversationReader; readonly exchanges: Exchanges }
  >();
  /** By the digest of what proves it: as whom the server has named a caller. */
  readonly #named = new Map<string, Caller>();

  constructor(options: TappedCallsOptions) {
    this.#options = options;
  }

  /** Call it for each event of the log, after its flows. */
  readonly fold = (event: CaptureEvent): void => {
    if (event.type === 'bytes' && event.hop === this.#options.hop && event.vantage === 'plaintext')
      this.#readerOf(event.conn)?.advance();
    else if (event.type === 'closed' && event.hop === this.#options.hop) {
      const read = this.#readers.get(event.conn);
      read?.reader.end();
      read?.exchanges.end();
      this.#readers.delete(event.conn);
    }
  };

  #readerOf(conn: number): ConversationReader | undefined {
    const known = this.#readers.get(conn);
    if (known) return known.reader;
    const connection = this.#options.flows.connection(conn);
    if (!connection) return undefined;
    const read = this.#read(connection);
    this.#readers.set(conn, read);
    return read.reader;
  }

  #read(connection: Connection): { readonly reader: ConversationReader; readonly exchanges: Exchanges } {
    const { conn } = connection;
    const exchanges = new Exchanges({
      mostBody,
      onAnswer: (exchange) => {
        if (exchange.response.status < 400) this.#report(conn, exchange);
      },
      onExchange: (exchange) => {
        const { request, response } = exchange;
        if (!request) return;
        if (!response) return this.#options.onUnanswered?.(this.#callOf(conn, request));
        this.#learn(exchange);
        if (response.status >= 400) this.#report(conn, { ...exchange, request, response });
      },
    });
    const reader = new ConversationReader(connection, {
      vantage: 'plaintext',
      mostBody,
      onHttp: (message, times) => exchanges.http1(message, times),
      onBeginning: ({ from, title }) => {
        if (from === 'server') exchanges.http1Begins(title.en, 0);
      },
      onMessage: (message) => {
        if (message.http ?? message.httpBody) exchanges.framed(message);
      },
      mostMessages: 0,
    });
    return { reader, exchanges };
  }

  #report(conn: number, { request, response }: Required<Exchange>): void {
    const { user, groups, unauthorized, ...call } = this.#callOf(conn, request);
    const isUnknown = response.status === 401;
    this.#options.onCall({
      ...call,
      status: response.status,
      ...(isUnknown ? { unauthorized: unknownCaller(true) } : defined({ user, groups, unauthorized })),
      ...defined({ message: response.status < 400 ? undefined : statusIn(response)?.message.slice(0, 500) }),
    });
  }

  #callOf(conn: number, { method, path, headers }: NonNullable<Exchange['request']>): UnansweredCall {
    const mark = path.indexOf('?');
    const own = this.#callerOf(headers);
    const acted = headerOf(headers, 'impersonate-user');
    const known: Caller | undefined =
      acted === undefined
        ? own
        : {
            user: acted,
            groups: headers.flatMap(([name, value]) => (name === 'impersonate-group' ? [value] : [])),
          };
    return {
      conn,
      method: method.slice(0, 32),
      path: (mark < 0 ? path : path.slice(0, mark)).slice(0, 300),
      target: path.slice(0, 500),
      ...(known ? { user: known.user.slice(0, 300), groups: known.groups.slice(0, 20) } : {}),
      ...defined({
        impersonator: acted === undefined ? undefined : own?.user.slice(0, 300),
        unauthorized: known ? undefined : unknownCaller(false),
      }),
    };
  }

  #callerOf(headers: Headers): Caller | undefined {
    const certificate = this.#options.certificate();
    return this.#named.get(proofIn(headers, certificate)) ?? certificate ?? claimed(headers);
  }

  /** The server names the caller where it turns somebody away, and where it is asked (SelfSubjectReview). */
  #learn({ request, response }: Exchange): void {
    if (!request || !response) return;
    if (headerOf(request.headers, 'impersonate-user') !== undefined) return;
    const proof = proofIn(request.headers, this.#options.certificate());
    const asked = request.path.split('?', 1)[0]?.endsWith('/selfsubjectreviews') === true;
    const reviewed = asked && response.status < 300 ? reviewIn(response) : undefined;
    const refused = response.status === 403 ? refusedIn(response) : undefined;
    const before = this.#callerOf(request.headers);
    const named =
      reviewed ??
      (refused === undefined || refused === before?.user ? undefined : { user: refused, groups: [] });
    if (!named) return;
    if (this.#named.size >= mostTokens) this.#named.clear();
    this.#named.set(proof, named);
  }
}

type Headers = NonNullable<Exchange['request']>['headers'];

/**
 * What a caller is known by: the certificate, which a server asks first; else a digest of what it sends, since nothing here keeps
 * tokens; the same for all who send nothing.
 */
function proofIn(headers: Headers, certificate: Caller | undefined): string {
  if (certificate) return `certificate of ${JSON.stringify(certificate)}`;
  const authorization = headerOf(headers, 'authorization');
  return authorization === undefined ? '' : createHash('sha256').update(authorization).digest('base64');
}

/**
 * The subject of a service account's token, with its groups; any other JSON Web Token (RFC 7519) has a name that the server's own
 * settings decide. Whoever sends nothing is anonymous.
 */
function claimed(headers: Headers): Caller | undefined {
  const authorization = headerOf(headers, 'authorization');
  if (authorization === undefined) return { user: 'system:anonymous', groups: ['system:unauthenticated'] };
  const [, payload] = /^bearer +[\w-]+\.([\w-]+)\.[\w-]*$/i.exec(authorization) ?? [];
  const claims = payload === undefined ? undefined : jsonIn(Buffer.from(payload, 'base64url'));
  const subject = isMap(claims) && typeof claims['sub'] === 'string' ? claims['sub'] : '';
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(subject) ?? [];
  if (namespace === undefined) return undefined;
  return {
    user: subject,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}

function jsonIn(bytes: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(bytes ?? []).toString('utf8'));
  } catch {
    return undefined;
  }
}

type Response = NonNullable<Exchange['response']>;

/** The Status object of an answer that refuses. */
function statusIn({ body }: Response): { readonly message: string } | undefined {
  const status = jsonIn(body);
  return isMap(status) && status['kind'] === 'Status' && typeof status['message'] === 'string'
    ? { message: status['message'] }
    : undefined;
}

/**
 * Whom a refusal names. Names that the caller has chosen stand before that, and the server quotes them: the last counts.
 */
function refusedIn(response: Response): string | undefined {
  const [, name] =
    /^[^]*forbidden: User ("(?:[^"\\]|\\.)+") cannot /.exec(statusIn(response)?.message ?? '') ?? [];
  const user = name === undefined ? undefined : jsonIn(Buffer.from(name));
  return typeof user === 'string' ? user : undefined;
}

function reviewIn({ body }: Response): Caller | undefined {
  const review = jsonIn(body);
  const status = isMap(review) ? review['status'] : undefined;
  const info = isMap(status) ? status['userInfo'] : undefined;
  if (!isMap(info) || typeof info['username'] !== 'string') return undefined;
  const groups = Array.isArray(info['groups']) ? (info['groups'] as unknown[]).map(String) : [];
  return { user: info['username'], groups };
}

/** Why no name can be given. */
function unknownCaller(isRefused: boolean): NonNullable<ApiRequest['unauthorized']> {
  return isRefused
    ? {
        reason: 'unauthorized',
        words: { en: 'it answers 401 Unauthorized', ko: '401 Unauthorized로 답함' },
      }
    : {
        reason: 'unnamed_token',
        words: {
          en: 'neither the token nor an answer has said the name so far',
          ko: '토큰에도, 지금까지의 응답에도 이름이 없음',
        },
      };
}
