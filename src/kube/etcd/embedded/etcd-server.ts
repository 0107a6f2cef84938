/**
 * Serves the requests and watches of an embedded etcd over HTTP, within limits.
 */
import { defined } from '../../../core/defined.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Accepted } from '../../../wire/endpoint.ts';
import { HttpFront } from '../../../wire/http/front.ts';
import { ApiFailure } from '../../objects/objects.ts';
import { RequestBodies } from '../../apiserver/request-body.ts';
import { EtcdFailure, failed } from '../failure.ts';
import { readWatchRequest } from './gateway.ts';
import { goAwayFromHttp2, isHttp2Preface } from './http2-refusal.ts';
import type { Journal } from './journal.ts';
import { KeySpace } from './mvcc.ts';
import { noGrpc } from '../reports.ts';
import type { EtcdReport } from '../reports.ts';
import { answerRequest, servicePaths } from './service.ts';
import type { JournalEntry } from './service.ts';
import { Watches } from './watches.ts';
import type { WatchStream } from './watches.ts';
import { mebibyte, defaultLimits, tenMinutes } from './embedded-options.ts';
import type { EmbeddedEtcdOptions, EtcdLimits } from './embedded-options.ts';
import {
  plainAnswers,
  textAnswer,
  documentAnswer,
  errorAnswer,
  pathOf,
  textOf,
  notText,
  commonNameOf,
} from './http-answers.ts';
import type { Answer } from './http-answers.ts';

export class EtcdServer {
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
      ...defined({ user, message }),
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
      ...defined({ 'Content-Type': answer.contentType || undefined }),
      'Content-Length': length,
      ...(answer.code === 405 ? { Allow: 'GET' } : {}),
    });
    response.end(answer.body);
  }
}

/** Characters of a watch's body that may wait for the rest of a request. */
const mostWatchText = mebibyte;
