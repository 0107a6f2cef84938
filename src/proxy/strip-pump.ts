/**
 * Implements a stripping relay, for demonstrations: takes plain HTTP from a client, queries the site over the second
 * hop's protocol (with TLS it follows the redirect to HTTPS itself), and returns the responses with every reference to
 * TLS removed. `wire/tamper/strip.ts` changes them; the honest pump is `http-pump.ts`.
 *
 * 1. One connection to the site per request: nothing is shared, and nothing left over.
 * 2. Only unambiguous messages are forwarded, and a page of more than `longestPage` is forwarded unchanged.
 */
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Accepted } from '../wire/endpoint.ts';
import { HttpFront, answerRefusal } from '../wire/http/front.ts';
import { breakOff } from '../wire/tap/relay.ts';
import { isStrippable, stripAnswer, stripBody, stripRequest } from '../wire/tamper/strip.ts';
import type { HeaderLine } from '../wire/tamper/strip.ts';
import { faultOfAnswer, isMalformed, malformed, passedOnHeaders } from './answer.ts';
import { carryRest } from './early-answer.ts';
import { forwardableHeaders, headerPairs } from './forwarded.ts';
import { objectionTo } from './objection.ts';
import type { ProxyTimeouts, Pump } from './pump.ts';
import type { SecondHop } from './second-hop.ts';

const defaultResponseTimeout = 30_000;
const longestPage = 1024 * 1024;

export function createStripPump(
  target: SecondHop,
  timeouts: Pick<ProxyTimeouts, 'response' | 'request' | 'idle'> = {},
): Pump {
  const front = new HttpFront({
    ...(timeouts.request === undefined ? {} : { requestTimeout: timeouts.request }),
    ...(timeouts.idle === undefined ? {} : { idleTimeout: timeouts.idle }),
    onRequest(request, response, accepted) {
      const objection = objectionIn(request);
      if (accepted.refusal) answerRefusal(response, accepted.refusal);
      else if (objection === undefined)
        void carry(request, response, accepted, target, timeouts.response ?? defaultResponseTimeout);
      else sayNothingElse(response, objection);
    },
  });
  return {
    get open() {
      return front.open;
    },
    serve: (accepted) => front.serve(accepted),
    drain: async (milliseconds) => front.close(milliseconds),
    close: async (graceMs) => front.close(graceMs),
  };
}

function objectionIn({
  method = '',
  url = '',
  httpVersion,
  rawHeaders,
}: IncomingMessage): number | undefined {
  return objectionTo({ method, url, httpVersion, headers: headerPairs(rawHeaders), isUpgrade: false });
}

async function carry(
  request: IncomingMessage,
  response: ServerResponse,
  client: Accepted,
  target: SecondHop,
  timeout: number,
): Promise<void> {
  const host = request.headers.host ?? `${client.local.host}:${client.local.port}`;
  const dialed = await target.connect(client);
  if (dialed.outcome === 'failed') return sayNothingElse(response, 502);
  const { stream } = dialed;
  if (response.destroyed) return breakOff(stream);
  const received = stripRequest(forwardableHeaders(headerPairs(request.rawHeaders)), host);
  const outgoing = httpRequest({
    createConnection: () => stream,
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    setHost: false,
    headers: [
      ...(request.headers.host === undefined ? [['Host', host]] : []),
      ...received,
      ...framingOf(request),
      ['Connection', 'close'],
    ].flat(),
  });
  outgoing.setTimeout(timeout, () => {
    target.timedOut(stream);
    breakOff(stream);
  });
  let answer: IncomingMessage | undefined;
  const failed = (error: NodeJS.ErrnoException): void => {
    if (error.code !== undefined && isMalformed(error.code)) target.malformedAnswer(stream, error.code);
    breakOff(stream);
    // A complete response is returned, whatever the target sends after it.
    if (answer?.complete) return;
    if (response.headersSent) response.destroy();
    else sayNothingElse(response, 502);
  };
  outgoing.on('error', failed);
  // When either side closes, the other is aborted.
  response.once('close', () => {
    if (response.writableFinished) carryRest(request, outgoing);
    else breakOff(stream);
  });
  outgoing.on('response', (received) => {
    const fault = faultOfAnswer(received);
    if (fault !== undefined) return failed(malformed(fault));
    answer = received;
    // By then an error in data that arrived with the head is known.
    return process.nextTick(() => {
      if (!response.headersSent && (received.complete || !received.destroyed))
        handBack(received, response, host);
    });
  });
  outgoing.on('upgrade', () => failed(malformed('UNREQUESTED_UPGRADE')));
  request.pipe(outgoing);
  return undefined;
}

/** The framing of a forwarded request body: unchanged. */
function framingOf({ headers }: IncomingMessage): HeaderLine[] {
  return headers['transfer-encoding'] === undefined ? [] : [['Transfer-Encoding', 'chunked']];
}

function handBack(answer: IncomingMessage, response: ServerResponse, host: string): void {
  const headers = stripAnswer(passedOnHeaders(answer), host);
  const write = (length: number | undefined): void => {
    if (response.headersSent || response.destroyed) return;
    const framed: readonly HeaderLine[] = length === undefined ? [] : [['Content-Length', String(length)]];
    response.writeHead(answer.statusCode ?? 502, [...headers, ...framed].flat());
  };
  answer.once('close', () => {
    if (answer.complete || response.writableEnded) return;
    if (response.headersSent) response.destroy();
    else sayNothingElse(response, 502);
  });
  const { 'content-type': type, 'content-encoding': coding, 'content-length': stated } = answer.headers;
  const asItCame = stated === undefined ? undefined : Number(stated);
  if (response.req.method === 'HEAD' || !isStrippable(type, coding)) {
    write(asItCame);
    answer.pipe(response);
    return;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  const take = (chunk: Buffer): void => {
    length += chunk.length;
    chunks.push(chunk);
    if (length <= longestPage) return;
    answer.off('data', take).off('end', finish);
    write(asItCame);
    for (const one of chunks.splice(0)) response.write(one);
    answer.pipe(response);
  };
  const finish = (): void => {
    const body = stripBody(Buffer.concat(chunks), host);
    write(body.length);
    response.end(body);
  };
  answer.on('data', take).once('end', finish);
}

function sayNothingElse(response: ServerResponse, status: number): void {
  if (response.destroyed || response.writableEnded) return;
  response.shouldKeepAlive = false;
  response.writeHead(status, { 'Content-Length': 0 });
  response.end();
  response.req.resume();
}
