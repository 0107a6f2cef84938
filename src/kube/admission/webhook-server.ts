/**
 * A small admission webhook: answers AdmissionReviews over TLS, and admits an object only with a certain label. It shows what a
 * webhook is; `webhook-client.ts` is the API server's side.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Address } from '../../capture/event.ts';
import type { Clock } from '../../core/clock.ts';
import { accept } from '../../wire/accept.ts';
import type { Identity } from '../../wire/endpoint.ts';
import { HttpFront } from '../../wire/http/front.ts';
import { objectAt, parseJson, textAt } from '../objects/json.ts';
import type { Json } from '../objects/json.ts';

export interface WebhookServerOptions {
  readonly listen: Address;
  readonly identity: Identity;
  readonly clock: Clock;
  /** The label without which it denies. */
  readonly requires: string;
}

export interface WebhookServer {
  readonly address: Address;
  /** Presents another certificate from the next handshake on. @throws UserError */
  renew(identity: Identity): void;
  close(): Promise<void>;
}

/** Bytes of a question. */
const largest = 8 * 1024 * 1024;

/** @throws UserError if the address cannot be listened on, or the identity cannot be used. */
export async function startWebhookServer({
  listen,
  identity,
  clock,
  requires,
}: WebhookServerOptions): Promise<WebhookServer> {
  const front = new HttpFront({
    onRequest(request, response) {
      response.on('error', () => {});
      void answer(request, response, requires);
    },
  });
  const listener = await accept(
    {
      security: 'tls',
      plainHttp: 'go',
      listen,
      identity,
      clock,
      tls: { minVersion: 'TLSv1.2', alpn: ['http/1.1'] },
    },
    (accepted) => front.serve(accepted),
  );
  return {
    address: listener.address,
    renew: (renewed) => listener.renew({ identity: renewed }),
    async close() {
      listener.stop();
      await front.close(0);
      await listener.close(0);
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, requires: string): Promise<void> {
  const say = (code: number, body: string, contentType = 'text/plain; charset=utf-8'): void => {
    response.writeHead(code, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  };
  if (request.method !== 'POST') return say(405, 'a webhook is called with POST\n');
  try {
    const review = parseJson((await bodyOf(request)).toString());
    return say(200, `${JSON.stringify(reviewed(review, requires))}\n`, 'application/json');
  } catch {
    return say(400, 'no AdmissionReview\n');
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > largest) throw new Error('too large');
  }
  return Buffer.concat(chunks);
}

/** The review with its response. @throws Error for what is no AdmissionReview. */
export function reviewed(review: Json, requires: string): object {
  const [uid, operation] = [textAt(review, 'request', 'uid'), textAt(review, 'request', 'operation')];
  if (textAt(review, 'kind') !== 'AdmissionReview' || uid === '') throw new Error('no AdmissionReview');
  const label = textAt(objectAt(review, 'request', 'object', 'metadata', 'labels'), requires);
  const isAllowed = operation === 'DELETE' || label !== '';
  const what = `${textAt(review, 'request', 'kind', 'kind')} ${JSON.stringify(textAt(review, 'request', 'object', 'metadata', 'name'))}`;
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: isAllowed,
      ...(isAllowed ? {} : { status: { code: 403, message: `${what} has no label ${requires}` } }),
    },
  };
}
