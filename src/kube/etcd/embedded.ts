/**
 * Runs an etcd in this process: the key space of `mvcc.ts` behind the JSON gateway of etcd 3.5, over HTTP/1.1 and
 * mutual TLS, with an optional log in a folder. Its counterpart is the real one; both pass the same tests.
 *
 * 1. Nothing is acknowledged before it is durable: neither a write nor a read that shows it.
 * 2. The resources of a client are limited: connections, bodies, unread responses, watches.
 * 3. It does not support gRPC. Such clients receive an error on the wire, and it is reported.
 */
import { present } from '../../core/present.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Address } from '../../capture/event.ts';
import type { Clock } from '../../core/clock.ts';
import { UserError } from '../../i18n/user-error.ts';
import { accept } from '../../wire/accept.ts';
import type { Accepted, AcceptOptions, Identity, Listener, Tap } from '../../wire/endpoint.ts';
import { HttpFront } from '../../wire/http/front.ts';
import { ApiFailure } from '../objects/objects.ts';
import { RequestBodies } from '../apiserver/request-body.ts';
import type { BodyLimits } from '../apiserver/request-body.ts';
import { EtcdFailure, failed } from './failure.ts';
import { readWatchRequest } from './embedded/gateway.ts';
import {
  behaviourVersion,
  clusterVersion,
  embeddedVersion,
  errorDocument,
  httpStatuses,
} from './embedded/answer-documents.ts';
import type { AnswerDocument } from './embedded/answer-documents.ts';
import { goAwayFromHttp2, isHttp2Preface } from './embedded/http2-refusal.ts';
import { fleetingJournal } from './embedded/journal.ts';
import type { Journal } from './embedded/journal.ts';
import { KeySpace } from './embedded/mvcc.ts';
import { OwnWay } from './embedded/gateway-self-check.ts';
import { noGrpc, rejectionOf } from './reports.ts';
import type { EtcdReport, Recovered } from './reports.ts';
import type { RunningEtcd } from './running.ts';
import { answerRequest, servicePaths } from './embedded/service.ts';
import type { JournalEntry } from './embedded/service.ts';
import { Watches } from './embedded/watches.ts';
import type { WatchLimits, WatchStream } from './embedded/watches.ts';

export interface EmbeddedEtcdOptions
  extends Pick<AcceptOptions, 'listen' | 'tap' | 'tls' | 'maxOpen' | 'datesByClock'> {
  /** The certificate etcd/server; for mtls. */
  readonly identity?: Identity;
  /** PEM certificates of the CAs whose clients are let in, as --trusted-ca-file; empty with security 'plaintext'. */
  readonly clientAuthorities: readonly string[];
  /** Plaintext shows what an unprotected etcd is. */
  readonly security?: 'mtls' | 'plaintext';
  /** Where what is written lasts; absent: as long as the process. */
  readonly folder?: string;
  /** Bytes of all versions, 2 GiB as etcd has it: then puts are refused. */
  readonly quotaBytes?: number;
  readonly clock: Clock;
  readonly limits?: Partial<EtcdLimits>;
  /** How long a connection may be idle between two requests, in milliseconds; ten minutes when left out. */
  readonly idle?: number;
  /** The interval of progress for idle watches that requested it, in milliseconds; 10 minutes as in etcd. */
  readonly progressEvery?: number;
  readonly onReport?: (report: EtcdReport) => void;
}

export interface EtcdLimits extends WatchLimits {
  readonly body: BodyLimits;
  /** Requests at a time, watches not counted. */
  readonly inFlight: number;
  /** How long an answer may take to be read, in milliseconds. */
  readonly reading: number;
}

export interface EmbeddedEtcd extends RunningEtcd {
  readonly kind: 'embedded';
  addListener(tap: Tap, port?: number): Promise<Address>;
  /** Shows another certificate from the next handshake on, as an etcd does whose files have changed. @throws UserError */
  renew(identity: Identity): void;
}

const mebibyte = 1024 * 1024;
const defaultLimits: EtcdLimits = {
  body: { each: 4 * mebibyte, together: 64 * mebibyte },
  inFlight: 400,
  unread: 256 * mebibyte,
  reading: 60_000,
  watches: 20_000,
};
const mostOpen = 1_000;
const defaultGrace = 500;
const tenMinutes = 600_000;

/** @throws UserError when the address cannot be listened on, the identity cannot be used, or the folder holds what cannot be read. */
export async function startEmbeddedEtcd(options: EmbeddedEtcdOptions): Promise<EmbeddedEtcd> {
  const {
    identity,
    clientAuthorities,
    security = 'mtls',
    listen,
    tap,
    tls,
    clock,
    onReport = () => {},
    maxOpen = mostOpen,
    folder,
  } = options;
  if (security === 'mtls' && clientAuthorities.length === 0) {
    throw new UserError({
      what: {
        en: 'an etcd without trusted certificate authorities would refuse every client',
        ko: 'etcd가 신뢰하는 인증 기관(CA)이 없어 아무도 들어올 수 없습니다',
      },
      where: 'clientAuthorities',
      remedy: { en: 'Configure the certificate etcd/ca.', ko: 'etcd/ca 인증서를 지정하세요.' },
    });
  }
  const keys = new KeySpace(options.quotaBytes === undefined ? {} : { quotaBytes: options.quotaBytes });
  const { journal, recovered } = await openJournal(keys, options);
  const server = new EtcdServer(keys, journal, options);

  const shown: { identity?: Identity } = identity ? { identity } : {};
  const common =
    security === 'plaintext'
      ? { security: 'plain' as const }
      : { security: 'mtls' as const, clientAuthorities, policy: { allowAll: true }, alerts: 'go' as const };
  const listenAt = async (at: Address, tapped: Tap | undefined): Promise<Listener> =>
    accept(
      {
        ...common,
        ...shown,
        listen: at,
        clock,
        ...present({ datesByClock: options.datesByClock ? true : undefined, tap: tapped }),
        maxOpen,
        tls: { minVersion: 'TLSv1.2', alpn: ['http/1.1'], ...tls },
        onRefused(refused) {
          const rejection = rejectionOf(refused);
          if (rejection) onReport(rejection);
        },
      },
      (accepted) => server.serve(accepted),
    );
  let listener: Listener;
  try {
    listener = await listenAt(listen, tap);
  } catch (error) {
    await server.close(0);
    throw error;
  }
  const listeners = [listener];
  const ownWay = new OwnWay(clock);
  server.gateway = async () =>
    security === 'mtls' && shown.identity ? ownWay.check(listener.address, shown.identity) : undefined;
  onReport({
    kind: 'opened',
    revision: keys.revision,
    ...present({ folder, recovered }),
  });
  return {
    kind: 'embedded',
    version: behaviourVersion,
    address: listener.address,
    async addListener(tapped, port = 0) {
      const added = await listenAt({ ...listen, port }, tapped);
      listeners.push(added);
      return added.address;
    },
    renew(renewed) {
      for (const one of listeners) one.renew({ identity: renewed, clientAuthorities });
      shown.identity = renewed;
    },
    async close(graceMs = defaultGrace) {
      for (const one of listeners) one.stop();
      await server.close(graceMs, async () => {
        await Promise.all(listeners.map(async (one) => one.close(graceMs)));
      });
    },
  };
}

async function openJournal(
  keys: KeySpace,
  { folder, onReport }: EmbeddedEtcdOptions,
): Promise<{ journal: Journal; recovered?: Recovered }> {
  if (folder === undefined) return { journal: fleetingJournal(keys) };
  const { log, recovered } = await (await import('./embedded/write-ahead-log.ts')).openWriteAheadLog({
    folder,
    keys,
    ...present({ onReport }),
  });
  return { journal: log, ...present({ recovered }) };
}

/** What a request is answered with. */
interface Answer {
  readonly code: number;
  readonly contentType: string;
  readonly body: string;
  /** What a failure said. */
  readonly message?: string;
}

class EtcdServer {
  readonly #keys: KeySpace;
  readonly #journal: Journal;
  readonly #watches: Watches;
  readonly #front: HttpFront;
  readonly #bodies: RequestBodies;
  readonly #limits: EtcdLimits;
  readonly #onReport: (report: EtcdReport) => void;
  readonly #progress: NodeJS.Timeout;
  /** Rejects where the gateway would not be let in by the etcd behind it. */
  gateway: () => Promise<void> = async () => {};
  #inFlight = 0;
  #unread = 0;
  #telling = false;
  #closing = false;

  constructor(
    keys: KeySpace,
    journal: Journal,
    { limits, progressEvery = tenMinutes, idle = tenMinutes, onReport = () => {} }: EmbeddedEtcdOptions,
  ) {
    this.#keys = keys;
    this.#journal = journal;
    this.#limits = { ...defaultLimits, ...limits };
    this.#watches = new Watches(keys, () => journal.lasting, this.#limits);
    this.#bodies = new RequestBodies(this.#limits.body);
    this.#onReport = onReport;
    this.#progress = setInterval(() => this.#watches.tellProgress(), progressEvery).unref();
    this.#front = new HttpFront({
      onRequest: (request, response, accepted) => {
        response.on('error', () => {});
        if (pathOf(request) === '/v3/watch' && request.method === 'POST')
          this.#watch(request, response, accepted);
        else void this.#answer(request, response, accepted);
      },
      // A server in Go does not tire of a client that is silent between two requests.
      idleTimeout: idle,
      onNotHttp: (stream, firstBytes, accepted) => this.#sendAway(stream, firstBytes, accepted),
    });
  }

  serve(accepted: Accepted): void {
    this.#front.serve(accepted);
  }

  async close(
    graceMs: number,
    closeListeners: () => Promise<void> = async () => Promise.resolve(),
  ): Promise<void> {
    this.#closing = true;
    clearInterval(this.#progress);
    this.#watches.close();
    await this.#front.close(graceMs);
    await closeListeners();
    await this.#journal.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse, accepted: Accepted): Promise<void> {
    const answer =
      this.#inFlight >= this.#limits.inFlight
        ? errorAnswer(failed('tooManyRequests'))
        : await this.#work(request, response);
    this.#report(request, accepted, answer);
    this.#send(request, response, answer);
  }

  async #work(request: IncomingMessage, response: ServerResponse): Promise<Answer> {
    this.#inFlight++;
    try {
      return await this.#reply(request, response);
    } catch (error) {
      if (error instanceof EtcdFailure) return errorAnswer(error);
      throw error;
    } finally {
      this.#inFlight--;
    }
  }

  async #reply(request: IncomingMessage, response: ServerResponse): Promise<Answer> {
    const path = pathOf(request);
    const { method = '' } = request;
    const plain = plainAnswers.get(path);
    if (method === 'OPTIONS') return { code: 200, contentType: '', body: '' };
    if (plain) {
      await this.#settled();
      return method === 'GET' ? plain(this.#keys) : textAnswer(405, 'Method Not Allowed\n');
    }
    if (!path.startsWith('/v3/')) return textAnswer(404, '404 page not found\n');
    if (!servicePaths.has(path) && path !== '/v3/watch') throw new EtcdFailure(5, 'Not Found');
    if (method !== 'POST') throw new EtcdFailure(12, 'Method Not Allowed');
    const body = textOf(await this.#read(request, response));
    await this.gateway();
    // From here to the journal nothing else comes between.
    let answer: Answer;
    try {
      answer = documentAnswer(answerRequest(this.#keys, path, body, (entry) => this.#note(entry)));
    } catch (error) {
      if (!(error instanceof EtcdFailure)) throw error;
      answer = errorAnswer(error);
    }
    await this.#settled();
    return answer;
  }

  async #read(request: IncomingMessage, response: ServerResponse): Promise<Uint8Array> {
    try {
      return await this.#bodies.read(request, new Promise((resolve) => response.once('close', resolve)));
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      const { code } = error.status;
      if (code === 413)
        throw new EtcdFailure(
          8,
          `grpc: received message larger than max (${Number(request.headers['content-length'] ?? this.#limits.body.each)} vs. ${this.#limits.body.each})`,
        );
      throw code === 429 ? failed('tooManyRequests') : new EtcdFailure(3, 'unexpected EOF');
    }
  }

  #note(entry: JournalEntry): void {
    this.#journal.append(entry);
    if (this.#telling) return;
    this.#telling = true;
    void this.#tellWhenSettled();
  }

  async #tellWhenSettled(): Promise<void> {
    // Writes during a sync are delivered in the next iteration.
    do {
      try {
        await this.#settled();
      } catch {
        return this.#watches.close();
      }
      this.#watches.tell();
    } while (this.#keys.revision > this.#journal.lasting);
    this.#telling = false;
  }

  /** @throws EtcdFailure where what was written cannot be kept. */
  async #settled(): Promise<void> {
    try {
      await this.#journal.settled();
    } catch {
      throw failed('unavailable');
    }
  }

  #watch(request: IncomingMessage, response: ServerResponse, accepted: Accepted): void {
    let stream: WatchStream | undefined;
    let text = '';
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const refuse = (failure: EtcdFailure): void => {
      request.removeAllListeners('data').resume();
      // Data after a valid request is ignored, as in etcd.
      if (stream) return;
      const answer = errorAnswer(failure);
      this.#report(request, accepted, answer);
      this.#send(request, response, answer);
    };
    const begin = (): WatchStream => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' });
      this.#report(request, accepted, { code: 200 });
      return this.#watches.open(response);
    };
    const read = (chunk: string): void => {
      text += chunk;
      // An incomplete request is not parsed again for every piece of it.
      if (!chunk.includes('}') && text.length <= mostWatchText) return;
      let from = 0;
      for (let next = readWatchRequest(text, from); next; next = readWatchRequest(text, from)) {
        from = next.end;
        if (next.request.kind === 'none') continue;
        stream ??= begin();
        stream.take(next.request);
      }
      text = text.slice(from);
      if (text.length > mostWatchText) throw failed('requestTooLarge');
    };
    const step = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        if (error instanceof TypeError) return refuse(notText());
        if (!(error instanceof EtcdFailure)) throw error;
        refuse(error);
      }
    };
    const listen = (): void => {
      request.on('data', (chunk: Buffer) => step(() => read(decoder.decode(chunk, { stream: true }))));
      request.once('end', () =>
        step(() => {
          if (stream || response.writableEnded) return;
          // For what is wrong in it before its end.
          readWatchRequest(text, 0);
          throw new EtcdFailure(3, text.trim() === '' ? 'no request to create a watch' : 'unexpected EOF');
        }),
      );
      if (this.#closing) response.end();
    };
    // Whatever comes over the gateway fails where the gateway itself is turned away.
    void this.gateway().then(listen, (failure: unknown) => {
      if (!(failure instanceof EtcdFailure)) throw failure;
      refuse(failure);
    });
  }

  #sendAway(stream: Duplex, firstBytes: Uint8Array, { conn, remote }: Accepted): boolean {
    if (!isHttp2Preface(firstBytes)) return false;
    stream.end(goAwayFromHttp2);
    stream.resume();
    this.#onReport({
      kind: 'rejected',
      conn,
      remote,
      reason: 'no_common_protocol',
      words: 'HTTP/2',
      text: noGrpc,
    });
    return true;
  }

  #report(
    request: IncomingMessage,
    { conn, remote, peer }: Accepted,
    { code, message }: Pick<Answer, 'code' | 'message'>,
  ): void {
    const user = peer && commonNameOf(peer.subject);
    this.#onReport({
      kind: 'answered',
      conn,
      remote,
      method: request.method ?? '',
      path: request.url ?? '',
      code,
      ...present({ user, message }),
    });
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
    if (response.destroyed) return;
    const length = Buffer.byteLength(answer.body);
    // What was refused unread may be anything: no request is looked for behind it.
    if (!request.complete) response.shouldKeepAlive = false;
    if (this.#unread + length > this.#limits.unread) {
      response.destroy();
      return;
    }
    this.#unread += length;
    const timer = setTimeout(() => response.destroy(), this.#limits.reading).unref();
    response.once('close', () => {
      this.#unread -= length;
      clearTimeout(timer);
    });
    response.writeHead(answer.code, {
      ...present({ 'Content-Type': answer.contentType || undefined }),
      'Content-Length': length,
      ...(answer.code === 405 ? { Allow: 'GET' } : {}),
    });
    response.end(answer.body);
  }
}

/** Characters of a watch's body that may wait for the rest of a request. */
const mostWatchText = mebibyte;

/** What is answered to a GET. */
const plainAnswers: ReadonlyMap<string, (keys: KeySpace) => Answer> = new Map([
  [
    '/health',
    ({ alarm }: KeySpace) =>
      alarm
        ? textAnswer(503, '{"health":"false","reason":"ALARM NOSPACE"}\n')
        : textAnswer(200, '{"health":"true","reason":""}'),
  ],
  [
    '/version',
    () => ({
      code: 200,
      contentType: 'application/json',
      body: JSON.stringify({ etcdserver: embeddedVersion, etcdcluster: clusterVersion }),
    }),
  ],
]);

function textAnswer(code: number, body: string): Answer {
  return { code, contentType: 'text/plain; charset=utf-8', body };
}

function documentAnswer(document: AnswerDocument): Answer {
  return { code: 200, contentType: 'application/json', body: JSON.stringify(document) };
}

function errorAnswer(failure: EtcdFailure): Answer {
  return {
    code: httpStatuses[failure.code],
    contentType: 'application/json',
    body: JSON.stringify(errorDocument(failure)),
    message: failure.message,
  };
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw notText();
  }
}

function notText(): EtcdFailure {
  return new EtcdFailure(3, 'proto: syntax error: invalid UTF-8 in string');
}

/** From a subject in the manner of RFC 4514. */
function commonNameOf(subject: string): string | undefined {
  return /(?:^|[,+])CN=((?:\\.|[^,+\\])*)/.exec(subject)?.[1]?.replaceAll(/\\(.)/g, '$1');
}
