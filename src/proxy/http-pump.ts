/**
 * Forwards HTTP requests from admitted clients to the target, and its responses back, with http-proxy: the only file
 * that imports it. It compensates for what http-proxy leaves undone, and responds with 403, 502 and 504. `forwarded.ts`
 * selects headers, `objection.ts` rejects requests, `answer.ts` rejects responses; connections are handled by
 * `wire/http/front.ts` and `second-hop.ts`. Its counterpart is `bytes-pump.ts`.
 *
 * 1. Connections to the target are kept alive and shared by clients; the agent requests new ones from the second hop.
 * 2. http-proxy lower-cases header names, collapses slashes and removes the framing of a DELETE body: the original path
 *    and headers are restored before anything of the request is written.
 * 3. http-proxy leaves the request to the target open when the client closes, and leaves the client waiting when the
 *    target fails in mid-body: when either side closes, the other is aborted. A client may also close after its
 *    response: a target that responds early still waits for the rest of the request.
 * 4. http-proxy throws an uncatchable error on a response that it cannot write: responses are written here. Nothing of
 *    a response is written in the turn in which its head was read, so that an error in data that arrived with the head
 *    becomes a 502. A complete response is forwarded, whatever the target sends after it.
 * 5. Upgrades are requested and answered here as well: http-proxy would write an error into the middle of a response.
 */
import { Agent, request as httpRequest } from 'node:http';
import type {
  AgentOptions,
  ClientRequest,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import util from 'node:util';
import type HttpProxy from 'http-proxy';
import type { Address } from '../capture/event.ts';
import type { Localized } from '../i18n/language.ts';
import type { Accepted, Failure } from '../wire/endpoint.ts';
import { HttpFront, answerRefusal, endWithStatus, refusalBody } from '../wire/http/front.ts';
import { breakOff, relay } from '../wire/tap/relay.ts';
import { faultOfAnswer, isMalformed, malformed, passedOnHeaders } from './answer.ts';
import type { AnswerFault } from './answer.ts';
import { carryRest } from './early-answer.ts';
import { forwardableHeaders, forwardingHeaders, headerPairs } from './forwarded.ts';
import type { Header } from './header.ts';
import { objectionTo } from './objection.ts';
import type { ObjectionStatus } from './objection.ts';
import type { ProxyTimeouts, Pump } from './pump.ts';
import { isRemoteClaim, remoteUserHeaders } from './remote-user.ts';
import type { RemoteUser } from './remote-user.ts';
import type { SecondHop } from './second-hop.ts';

const defaultResponseTimeout = 30_000;
/** Shorter than the idle timeout of common servers, so that a kept connection is rarely used while it is being closed. */
const idleTimeout = 4_000;
/** How long a target may take to close after this side has closed. */
const lingerTimeout = 2_000;

const pages = {
  403: {
    en: 'This certificate contains no user name that this proxy can forward.',
    ko: '이 인증서에는 프록시가 대신 전할 사용자 이름이 없습니다.',
  },
  400: {
    en: 'This proxy serves a single site: the request must have a path on it and exactly one Host.',
    ko: '이 프록시는 한 사이트만 연결합니다. 요청에는 그 사이트의 경로와 Host 하나가 있어야 합니다.',
  },
  405: {
    en: 'This proxy opens no tunnels (CONNECT): it serves a single site; mode connect opens tunnels.',
    ko: '이 프록시는 터널(CONNECT)을 열지 않고 한 사이트만 연결합니다. 터널은 connect 모드에서 엽니다.',
  },
  408: {
    en: 'The request did not arrive in time.',
    ko: '요청이 제시간에 도착하지 않았습니다.',
  },
  413: { en: 'The request is too large.', ko: '요청이 너무 큽니다.' },
  417: {
    en: 'This proxy supports no other expectation than 100-continue.',
    ko: '이 프록시는 100-continue 외의 Expect를 지원하지 않습니다.',
  },
  431: { en: 'The head of the request is too long.', ko: '요청 헤더가 너무 깁니다.' },
  503: { en: 'This proxy is shutting down.', ko: '이 프록시가 종료되는 중입니다.' },
  501: {
    en: 'This proxy does not support this method or transfer coding: a body must be plain or chunked.',
    ko: '이 프록시가 지원하지 않는 메서드나 전송 인코딩입니다. 본문은 그대로 보내거나 chunked로 보내야 합니다.',
  },
  505: {
    en: 'This proxy supports only HTTP/1.0 and HTTP/1.1.',
    ko: '이 프록시는 HTTP/1.0과 HTTP/1.1만 지원합니다.',
  },
  502: {
    en: 'The proxy could not reach the server behind it.',
    ko: '프록시가 뒤쪽 서버에 연결하지 못했습니다.',
  },
  504: {
    en: 'The server behind the proxy did not answer in time.',
    ko: '프록시 뒤쪽 서버가 제시간에 응답하지 않았습니다.',
  },
} as const satisfies Readonly<Record<number, Localized>>;
type PageStatus = keyof typeof pages;

/** Methods that may be retried when a kept connection turns out to be closed (RFC 9110 section 9.2.2). */
const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The connection to the target failed, and why. */
class Unreachable extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** @param remoteUser informs the target who each client is, by its certificate */
export async function createHttpPump(
  target: SecondHop,
  timeouts: Pick<ProxyTimeouts, 'response' | 'request' | 'idle' | 'age'> = {},
  remoteUser?: RemoteUser,
): Promise<Pump> {
  const speaking = spokenFor(remoteUser);
  const agent = new TargetAgent(target);
  const proxy = (await loadHttpProxy()).createProxyServer({ agent, toProxy: true, selfHandleResponse: true });
  const address = { protocol: 'http:', host: 'target', hostname: 'target', port: '80' };

  const forward = (
    request: IncomingMessage,
    response: ServerResponse,
    headers: OutgoingHttpHeaders,
    client: Accepted,
    again = false,
  ): void => {
    const { method = 'GET', url = '/' } = request;
    const framing = Object.entries(headers).filter(([name]) =>
      /^(content-length|transfer-encoding)$/i.test(name),
    );
    const connection = response.shouldKeepAlive ? 'keep-alive' : 'close';
    request.headers = { ...headers, connection } as IncomingMessage['headers'];
    let answer: IncomingMessage | undefined;
    const failed = (error: Error): void => {
      watch.stop();
      noteMalformed(outgoing, error);
      // Rule 4.
      if (answer?.complete || response.destroyed || response.writableEnded) return;
      const stale =
        outgoing.reusedSocket &&
        (error as NodeJS.ErrnoException).code === 'ECONNRESET' &&
        !watch.answered &&
        !watch.expired;
      if (stale && !again && repeatable.has(method) && framing.length === 0) {
        forward(request, response, headers, client, true);
        return;
      }
      refuse(response, watch.expired ? 504 : statusOf(error));
    };
    const outgoing = agent.requestOf(client, () =>
      proxy.web(request, response, { target: address, headers: { Connection: 'keep-alive' } }, failed),
    );
    outgoing.path = url;
    // Rule 2: a DELETE or OPTIONS was given Content-Length: 0.
    if (framing.length > 0) outgoing.removeHeader('content-length');
    for (const [name, value] of framing) outgoing.setHeader(name, value ?? '');
    const watch = watchAnswer(request, outgoing, timeouts.response ?? defaultResponseTimeout, () => {
      if (outgoing.socket) target.timedOut(outgoing.socket);
    });
    const reject = (fault: AnswerFault, upstream: Duplex): void => {
      failed(malformed(fault));
      breakOff(upstream);
      outgoing.destroy();
    };
    outgoing.on('response', (received) => {
      const fault = faultOfAnswer(received);
      if (fault !== undefined) return reject(fault, received.socket);
      answer = received;
      received.once('close', () => {
        if (received.complete || response.writableEnded) return;
        if (response.headersSent) breakOff(request.socket);
        else refuse(response, 502);
      });
      return process.nextTick(() => handBack(received, response, connection));
    });
    // The client did not request an upgrade.
    outgoing.on('upgrade', (_answer, upstream) => reject('UNREQUESTED_UPGRADE', upstream));
    response.once('close', () => {
      watch.stop();
      if (response.writableFinished) return carryRest(request, outgoing);
      if (outgoing.socket) breakOff(outgoing.socket);
      return void outgoing.destroy();
    });
  };

  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer, accepted: Accepted): void => {
    if (accepted.refusal)
      return endWithStatus(stream, 403, refusalBody(accepted.refusal), 'application/json');
    // Another protocol on the same port (h2c) would bypass every check made here.
    if (request.method !== 'GET' || request.headers.upgrade?.toLowerCase() !== 'websocket')
      return endWithStatus(stream, 501, pageOf(501));
    const objection = objectionIn(request, true);
    if (objection !== undefined) return endWithStatus(stream, objection, pageOf(objection));
    const said = speaking(request, accepted);
    if (!said) return endWithStatus(stream, 403, pageOf(403));
    const { url = '/' } = request;
    const headers = { ...headersFor(request, accepted, said), Connection: 'Upgrade', Upgrade: 'websocket' };
    const outgoing = agent.requestOf(accepted, () =>
      httpRequest({ agent, host: 'target', method: 'GET', path: url, headers, setHost: false }),
    );
    let answer: IncomingMessage | undefined;
    let isRelayed = false;
    let isAnswered = false;
    const failed = (error: Error): void => {
      watch.stop();
      noteMalformed(outgoing, error);
      if (isRelayed || answer?.complete || stream.destroyed) return;
      if (isAnswered) return breakOff(stream);
      isAnswered = true;
      const status = watch.expired ? 504 : statusOf(error);
      endWithStatus(stream, status, pageOf(status));
    };
    const watch = watchAnswer(request, outgoing, timeouts.response ?? defaultResponseTimeout, () => {
      if (outgoing.socket) target.timedOut(outgoing.socket);
    });
    outgoing.on('error', failed);
    stream.once('close', () => {
      watch.stop();
      if (!isRelayed) outgoing.destroy();
    });
    const reject = (fault: AnswerFault, upstream: Duplex): void => {
      failed(malformed(fault));
      breakOff(upstream);
      outgoing.destroy();
    };
    outgoing.on('upgrade', (received, upstream, firstBytes) => {
      watch.stop();
      const fault = faultOfAnswer(received, 'websocket');
      if (fault !== undefined) return reject(fault, upstream);
      isRelayed = true;
      if (stream.destroyed) return breakOff(upstream);
      stream.write(
        headOf(101, received.statusMessage, [
          ...passedOnHeaders(received),
          ['Connection', 'Upgrade'],
          ['Upgrade', 'websocket'],
        ]),
        'latin1',
      );
      if (firstBytes.length > 0) upstream.unshift(firstBytes);
      if (head.length > 0) stream.unshift(head);
      return void relay(stream, upstream);
    });
    outgoing.on('response', (received) => {
      const fault = faultOfAnswer(received);
      if (fault !== undefined) return reject(fault, received.socket);
      answer = received;
      // Written without framing: it ends with the connection.
      return process.nextTick(() => {
        if (isAnswered || stream.destroyed) return;
        isAnswered = true;
        received.once('close', () => {
          if (!received.complete) breakOff(stream);
        });
        stream.write(
          headOf(received.statusCode ?? 502, received.statusMessage, [
            ...passedOnHeaders(received),
            ['Connection', 'close'],
          ]),
          'latin1',
        );
        received.pipe(stream);
      });
    });
    outgoing.end();
  };

  /** Logs that the target's response was not HTTP. Node has closed its connection by then. */
  const noteMalformed = ({ socket }: ClientRequest, error: NodeJS.ErrnoException): void => {
    if (socket && error.code !== undefined && isMalformed(error.code))
      target.malformedAnswer(socket, error.code);
  };

  const front = new HttpFront({
    ...(timeouts.request === undefined ? {} : { requestTimeout: timeouts.request }),
    ...(timeouts.idle === undefined ? {} : { idleTimeout: timeouts.idle }),
    ...(timeouts.age === undefined ? {} : { maxAge: timeouts.age }),
    pageOf: (status) => (status in pages ? pageOf(status as PageStatus) : undefined),
    onRequest(request, response, accepted) {
      if (accepted.refusal) return answerRefusal(response, accepted.refusal);
      const objection = objectionIn(request, false);
      if (objection !== undefined) return refuse(response, objection);
      const said = speaking(request, accepted);
      if (said) forward(request, response, headersFor(request, accepted, said), accepted);
      else refuse(response, 403);
    },
    onUpgrade: upgrade,
  });

  return {
    get open() {
      return front.open;
    },
    serve: (accepted) => front.serve(accepted),
    limitAge: (milliseconds) => front.limitAge(milliseconds),
    drain: async (milliseconds) => front.close(milliseconds),
    close: async (graceMs) => front.close(graceMs),
  };
}

function objectionIn(
  { method = '', url = '', httpVersion, rawHeaders }: IncomingMessage,
  isUpgrade: boolean,
): ObjectionStatus | undefined {
  return objectionTo({ method, url, httpVersion, headers: headerPairs(rawHeaders), isUpgrade });
}

/** The user name that the target receives for a client; undefined if there is none. */
function spokenFor(
  remoteUser: RemoteUser | undefined,
): (request: IncomingMessage, accepted: Accepted) => Header[] | undefined {
  if (remoteUser === undefined) return () => [];
  return (request, { presented = [] }) => {
    const own = remoteUserHeaders(presented[0]);
    const theirs =
      remoteUser === 'added' ? headerPairs(request.rawHeaders).filter(([name]) => isRemoteClaim(name)) : [];
    return own && [...theirs, ...own];
  };
}

/** The headers of a request to the target, after all checks have passed. */
function headersFor(
  request: IncomingMessage,
  accepted: Accepted,
  said: readonly Header[],
): OutgoingHttpHeaders {
  const received = headerPairs(request.rawHeaders);
  const host = received.find(([name]) => name.toLowerCase() === 'host')?.[1];
  // HTTP/1.0 may omit Host; the request to the target is HTTP/1.1, which requires it.
  const named: Header[] = host === undefined ? [['Host', hostOf(accepted.local)]] : [];
  const headers: Record<string, string | string[]> = {};
  const spelling = new Map<string, string>();
  for (const [name, value] of [
    ...named,
    ...forwardableHeaders(received),
    ...said,
    ...forwardingHeaders(accepted, host),
  ]) {
    const key = spelling.get(name.toLowerCase()) ?? name;
    spelling.set(name.toLowerCase(), key);
    const before = headers[key];
    headers[key] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  // No other coding or length precedes it.
  if (request.headers['transfer-encoding'] !== undefined) headers['Transfer-Encoding'] = 'chunked';
  return headers;
}

function hostOf({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Starts writing a valid response, unless it has failed in the meantime. */
function handBack(answer: IncomingMessage, response: ServerResponse, connection: string): void {
  if (response.destroyed || response.headersSent || (answer.destroyed && !answer.complete)) return;
  response.writeHead(
    answer.statusCode ?? 502,
    answer.statusMessage,
    [...passedOnHeaders(answer), ['Connection', connection]].flat(),
  );
  // The head is flushed on its own: the body may take long.
  if (answer.readableLength === 0 && !answer.complete) response.flushHeaders();
  answer.pipe(response);
}

/** The head of a response whose body ends with the connection. */
function headOf(status: number, phrase: string | undefined, headers: readonly Header[]): string {
  return `HTTP/1.1 ${status} ${phrase ?? ''}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

function statusOf(error: Error): PageStatus {
  if (!(error instanceof Unreachable)) return 502;
  const { reason } = error.failure;
  return reason === 'target_timeout' || reason === 'handshake_timeout' ? 504 : 502;
}

function pageOf(status: PageStatus): string {
  return `${status}\n\n${pages[status].en}\n${pages[status].ko}\n`;
}

/** Responds on behalf of the target and closes the connection: the rest of the client's request is not read. */
function refuse(response: ServerResponse, status: PageStatus): void {
  if (response.headersSent) {
    if (response.socket) breakOff(response.socket);
    return;
  }
  const body = pageOf(status);
  response.shouldKeepAlive = false;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  });
  response.end(body);
}

/** A time limit for the head of the target's response; further bytes of the client's request restart it. */
function watchAnswer(
  request: IncomingMessage,
  outgoing: ClientRequest,
  milliseconds: number,
  onExpiry: () => void,
): { readonly answered: boolean; readonly expired: boolean; stop(): void } {
  const watch = { answered: false, expired: false, stop: () => clearTimeout(timer) };
  const timer = setTimeout(() => {
    watch.expired = true;
    onExpiry();
    outgoing.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
  }, milliseconds);
  request.on('data', () => {
    if (!watch.answered && !watch.expired) timer.refresh();
  });
  outgoing.once('response', () => {
    watch.answered = true;
    watch.stop();
  });
  return watch;
}

/** Keeps the target's connections alive. New ones come from the second hop. */
class TargetAgent extends Agent {
  readonly #target: SecondHop;
  readonly #idle = new Map<Duplex, () => void>();
  #created: ClientRequest | undefined;
  /** Whose request is being created. */
  #client: Accepted | undefined;

  constructor(target: SecondHop) {
    // The dialer sets the server name. Without this, the agent would derive one from the Host header, and the first use
    // of its IPv6 pattern alone costs 4 ms.
    const options: AgentOptions & { servername: string } = { keepAlive: true, servername: '' };
    super(options);
    this.#target = target;
  }

  /** The request that `make` creates on this agent, for that client. */
  requestOf(client: Accepted, make: () => unknown): ClientRequest {
    this.#created = undefined;
    this.#client = client;
    make();
    this.#client = undefined;
    if (!this.#created) throw new Error('http-proxy made no request');
    return this.#created;
  }

  /** Where a ClientRequest hands itself to its agent, before anything of it is written; agent-base uses the same hook. */
  addRequest(request: ClientRequest, ...rest: unknown[]): void {
    this.#created = request;
    const { addRequest } = Agent.prototype as unknown as {
      addRequest: (this: Agent, ...all: unknown[]) => void;
    };
    addRequest.call(this, request, ...rest);
  }

  override createConnection(
    _options: unknown,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    void this.#connect(callback);
  }

  async #connect(callback?: (error: Error | null, stream: Duplex) => void): Promise<void> {
    const dialed = await this.#target.connect(this.#client);
    if (dialed.outcome === 'connected') callback?.(null, dialed.stream);
    else callback?.(new Unreachable(dialed.failure), undefined as unknown as Duplex);
  }

  /** An idle stream: it is dropped when the target ends it, sends unrequested data, or its time is up. */
  override keepSocketAlive(stream: Duplex): boolean {
    if (!stream.writable || stream.readableEnded) return false;
    const leave = (): void => {
      stop();
      // In this order: for a stream that is still writable, the agent only forgets that it is in use.
      stream.end();
      stream.emit('agentRemove');
      stream.resume();
      const timer = setTimeout(() => breakOff(stream), lingerTimeout).unref();
      stream.once('close', () => clearTimeout(timer));
    };
    const stop = (): void => {
      clearTimeout(timer);
      this.#idle.delete(stream);
      stream.off('end', leave).off('data', leave).off('close', stop);
    };
    const timer = setTimeout(leave, idleTimeout).unref();
    this.#idle.set(stream, stop);
    stream.once('end', leave).once('data', leave).once('close', stop);
    return true;
  }

  override reuseSocket(stream: Duplex, request: ClientRequest): void {
    super.reuseSocket(stream, request);
    this.#idle.get(stream)?.();
  }
}

/** http-proxy uses `util._extend` while it loads, and Node 22 warns about each use; Object.assign is equivalent. */
async function loadHttpProxy(): Promise<typeof HttpProxy> {
  const legacy = util as { _extend?: unknown };
  const before = legacy._extend;
  legacy._extend = Object.assign;
  try {
    return (await import('http-proxy')).default;
  } finally {
    legacy._extend = before;
  }
}
