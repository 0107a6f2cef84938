/**
 * Requests a certificate from a certificate authority: sends the request, serves the challenge responses where it can,
 * announces them, and fetches the chain. It reports the outcome; whether that is the truth is judged from the log. Its
 * counterpart is `certificate-authority.ts`.
 *
 * Only the request is sent: the private key stays with the caller.
 */
import type { Duplex } from 'node:stream';
import type { Observation } from '../../capture/event.ts';
import type { RunLog } from '../../capture/log.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import { serialText } from '../../protocols/x509/structures.ts';
import { challengePath, keyAuthorization } from '../../pki/ca/key-authorization.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { dial } from '../../wire/dial.ts';
import { failureOf } from '../../wire/tls/failures.ts';
import type { DialOptions } from '../../wire/endpoint.ts';
import { endConnection } from '../../peers/client/end-connection.ts';
import { exchange, writeRequest } from '../../peers/client/http-exchange.ts';
import type { IncomingResponse } from '../../peers/client/http-exchange.ts';

export interface EnrolOptions {
  /** The participant's name, under which the outcome is logged. */
  readonly who: string;
  readonly dial: DialOptions;
  /** For the `Host` header. */
  readonly host: string;
  /** The signing request, PEM. */
  readonly request: string;
  /** Thumbprint of the requested key. */
  readonly thumbprint: string;
  /** Serves a text at that path, where this client can; returns the function that removes it. */
  readonly publish: (path: string, text: string) => () => void;
  readonly log: RunLog;
  /** Aborts the attempt. */
  readonly signal?: AbortSignal;
  /** For everything after the connection is established, in milliseconds. */
  readonly timeout?: number;
}

type Enrolment = Extract<Observation, { kind: 'enrolment' }>;

export interface Enrolled {
  readonly result: Enrolment;
  /** What was issued: the certificate, then its intermediates; PEM. */
  readonly chain?: string;
}

type Attempt = {
  readonly outcome: Pick<Enrolment, 'outcome' | 'status' | 'problem' | 'serial' | 'error'>;
  readonly chain?: string;
};

/** Requests a certificate, appends `observed` to the log and returns the same report. Never rejects for what the other end does. */
export async function enrol(options: EnrolOptions): Promise<Enrolled> {
  const { log, who } = options;
  const dialed = await dial(options.dial);
  if (dialed.outcome === 'failed') {
    const { code, message } = dialed.failure;
    const result: Enrolment = { kind: 'enrolment', outcome: 'failed', error: { code, message } };
    log.append({ type: 'observed', who, result });
    return { result };
  }
  const { stream, local, secured } = dialed;
  stream.on('error', () => {});
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })),
    options.timeout ?? 10_000,
  );
  const onAbort = (): void => controller.abort(Object.assign(new Error('called off'), { code: 'ABORT_ERR' }));
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener('abort', onAbort);
  let attempt: Attempt;
  try {
    attempt = await converse(options, stream, controller.signal);
  } catch (error) {
    const { code, message } = failureOf(error, { secured: secured !== undefined, connected: true });
    attempt = { outcome: { outcome: 'failed', error: { code, message } } };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
  }
  await endConnection(stream, attempt.outcome.outcome === 'failed');
  const result: Enrolment = { kind: 'enrolment', from: local, ...attempt.outcome };
  log.append({ type: 'observed', who, result });
  return { result, ...(attempt.chain === undefined ? {} : { chain: attempt.chain }) };
}

async function converse(
  { host, request, thumbprint, publish }: EnrolOptions,
  stream: Duplex,
  signal: AbortSignal,
): Promise<Attempt> {
  const headers = [
    ['Host', host],
    ['User-Agent', 'wirelab-enrol'],
    ['Connection', 'keep-alive'],
  ] as const;
  const send = async (method: string, target: string, body?: string): Promise<IncomingResponse> =>
    exchange(
      stream,
      writeRequest({
        method,
        target,
        headers: body ? [...headers, ['Content-Type', 'application/pkcs10']] : headers,
        ...(body === undefined ? {} : { body }),
      }),
      signal,
    );
  const placed = await send('POST', '/orders', request);
  const order = orderIn(placed);
  if (!order) return refusedBy(placed);
  const taken = order.tokens.map((token) =>
    publish(challengePath(token), keyAuthorization(token, thumbprint)),
  );
  let checked: IncomingResponse;
  try {
    checked = await send('POST', order.path, '');
  } finally {
    for (const take of taken) take();
  }
  const { certificate } = contentOf(checked);
  if (checked.status !== 200 || !isPath(certificate)) return refusedBy(checked);
  const given = await send('GET', certificate);
  const chain = given.body.toString('latin1');
  const [leaf] = pemCertificates(chain);
  const step = leaf && readCertificate(leaf);
  if (given.status !== 200 || !step || !('got' in step)) return refusedBy(given);
  return { outcome: { outcome: 'issued', status: given.status, serial: serialText(step.got.serial) }, chain };
}

/** The CA's id for the order, and its tokens for the names. */
function orderIn(
  response: IncomingResponse,
): { readonly path: string; readonly tokens: readonly string[] } | undefined {
  const { order, challenges } = contentOf(response);
  if (response.status !== 201 || !isPath(order) || !Array.isArray(challenges)) return undefined;
  const tokens = challenges.flatMap((challenge: unknown) => {
    const token =
      typeof challenge === 'object' && challenge !== null && 'token' in challenge
        ? challenge.token
        : undefined;
    // RFC 8555 section 8.3: a token becomes part of a path, so only these characters are allowed.
    return typeof token === 'string' && /^[\w-]{16,128}$/.test(token) ? [token] : [];
  });
  return { path: order, tokens };
}

/** Characters allowed in a request line: a server must not be able to inject into the next request. */
function isPath(value: unknown): value is string {
  return typeof value === 'string' && /^\/[\w/-]{1,200}$/.test(value);
}

function refusedBy(response: IncomingResponse): Attempt {
  const { type } = contentOf(response);
  const { status } = response;
  if (typeof type !== 'string') return { outcome: { outcome: 'failed', status } };
  return { outcome: { outcome: 'refused', status, problem: type.slice(0, 200).split(':').at(-1) ?? type } };
}

function contentOf({ body }: IncomingResponse): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = JSON.parse(body.toString());
    return typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
