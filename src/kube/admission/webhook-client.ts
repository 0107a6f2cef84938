/**
 * Calls a webhook: one POST over TLS, verified by its `caBundle` and its name, as kube-apiserver does it, with Go's words for
 * everything that fails. `admission-review.ts` has question and answer, `service-resolver.ts` where it goes.
 *
 * 1. The name of a Service's certificate is NAME.NAMESPACE.svc, wherever it leads; of a URL's, its host.
 * 2. No client certificate is presented. HTTP/1.1, a connection for each call.
 * 3. `timeoutSeconds` is for all of it. Whatever fails is a `CallFailed`.
 */
import { once } from 'node:events';
import { lookup } from 'node:dns/promises';
import { getServers } from 'node:dns';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { rootCertificates } from 'node:tls';
import type { Address } from '../../capture/event.ts';
import { systemClock } from '../../core/clock.ts';
import type { Clock } from '../../core/clock.ts';
import { ipVersion, withoutBrackets } from '../../core/ip-version.ts';
import { pemBlocks, pemCertificates } from '../../pki/keystore/pem.ts';
import { goRefusal } from '../../pki/x509/go-verification.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import { dial } from '../../wire/dial.ts';
import type { Failure } from '../../wire/endpoint.ts';
import { failureOf } from '../../wire/tls/failures.ts';
import { connectionWords } from '../go-client-words.ts';
import { quoted } from '../objects/go/quoted.ts';
import { goUrlFault } from '../objects/go/url.ts';
import { JsonError, parseJson } from '../objects/json.ts';
import type { Json } from '../objects/json.ts';
import type { KubeObject } from '../objects/objects.ts';
import { resolveService } from './service-resolver.ts';
import type { ServiceBackends } from './service-resolver.ts';
import type { Webhook } from './webhook.ts';

export interface WebhookClientOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** A Service of the cluster. */
  readonly service: (namespace: string, name: string) => Promise<KubeObject | undefined>;
  readonly backends?: ServiceBackends;
}

/** The call failed; its message is what follows `failed calling webhook "NAME": `. */
export class CallFailed extends Error {}

/** Bytes of an answer. */
const largest = 8 * 1024 * 1024;
const late = 'context deadline exceeded';

/** @returns the answer's JSON. @throws CallFailed */
export type CallWebhook = (webhook: Webhook, question: object) => Promise<Json>;

export function webhookClient(options: WebhookClientOptions): CallWebhook {
  return async (webhook, question) => {
    const roots = rootsOf(webhook.caBundle);
    const { authority, hostname, path } = targetOf(webhook);
    const url = `https://${authority}${path}?timeout=${webhook.timeoutSeconds}s`;
    const failed = (words: string): CallFailed =>
      new CallFailed(`failed to call webhook: Post ${JSON.stringify(url)}: ${words}`);
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(), webhook.timeoutSeconds * 1000);
    const { signal } = ending;
    let stream: Duplex | undefined;
    try {
      const connected = await connect(webhook, options, hostname, signal);
      if ('words' in connected) throw failed(signal.aborted ? late : connected.words);
      ({ stream } = connected);
      const refusal = goRefusal({
        chain: connected.chain,
        roots,
        hostname,
        at: options.clock.now(),
      });
      if (refusal !== undefined) throw failed(`tls: failed to verify certificate: ${refusal}`);
      const response = await post(stream, `${path}?timeout=${webhook.timeoutSeconds}s`, authority, {
        body: JSON.stringify(question),
        signal,
      }).catch((error: unknown) => {
        const failure = failureOf(error, { connected: true });
        throw failed(signal.aborted ? late : connectionWords(failure, connected.at, connected.local));
      });
      const body = await bodyOf(response).catch((error: unknown) => {
        if (error instanceof CallFailed) throw error;
        throw new CallFailed(
          `failed to call webhook: ${signal.aborted ? late : connectionWords(failureOf(error, { connected: true }), connected.at)}`,
        );
      });
      return answerIn(response, body);
    } finally {
      clearTimeout(timer);
      stream?.destroy();
    }
  };
}

/** The CAs of a bundle, DER. @throws CallFailed where there is none in it. */
function rootsOf(bundle: string | undefined): readonly Uint8Array[] {
  const known = roots.get(bundle);
  if (known) return known;
  const read = (pem: string): Uint8Array[] =>
    pemCertificates(pem).filter((der) => 'got' in readCertificate(der));
  const found = bundle === undefined ? rootCertificates.flatMap(read) : read(bundle);
  if (bundle !== undefined && found.length === 0)
    throw new CallFailed(
      `could not get REST client: unable to load root certificates: ${
        pemBlocks(bundle).length === 0
          ? 'unable to parse bytes as PEM block'
          : pemCertificates(bundle).length > 0
            ? 'failed to parse certificate: x509: malformed certificate'
            : 'no valid certificate authority data seen'
      }`,
    );
  if (roots.size >= mostBundles) roots.clear();
  roots.set(bundle, found);
  return found;
}

/** Read once. */
const roots = new Map<string | undefined, readonly Uint8Array[]>();
const mostBundles = 100;

interface Target {
  /** As it stands in the URL. */
  readonly authority: string;
  /** The name that the certificate must have. */
  readonly hostname: string;
  readonly path: string;
}

function targetOf({ service, url = '' }: Webhook): Target {
  if (service) {
    const hostname = `${service.name}.${service.namespace}.svc`;
    return { authority: `${hostname}:${service.port}`, hostname, path: joined(service.path) };
  }
  const why =
    goUrlFault(url) ?? (URL.canParse(url) ? undefined : `parse ${quoted(url)}: invalid host or port`);
  if (why !== undefined) throw new CallFailed(`could not get REST client: Unparsable URL: ${why}`);
  const { host, hostname, pathname } = new URL(url);
  // A port that is written is shown, 443 too.
  const written = /^[^:]+:\/\/([^/?#]*)/.exec(url)?.[1] ?? host;
  return { authority: written, hostname: withoutBrackets(hostname), path: joined(pathname) };
}

/** As Go's path.Join. */
const joined = (path: string): string => `/${path.split('/').filter(Boolean).join('/')}`;

type Connected =
  | {
      readonly stream: Duplex;
      readonly chain: readonly Uint8Array[];
      readonly at: Address;
      readonly local: Address;
    }
  | { readonly words: string };

async function connect(
  webhook: Webhook,
  { clock, service, backends }: WebhookClientOptions,
  hostname: string,
  signal: AbortSignal,
): Promise<Connected> {
  const resolved = webhook.service
    ? resolveService(
        webhook.service,
        await service(webhook.service.namespace, webhook.service.name),
        backends,
      )
    : directly(new URL(webhook.url ?? ''));
  if ('words' in resolved) return resolved;
  const { named, to } = resolved;
  if (!to) return { words: connectionWords(refused, named) };
  const places = await addressesOf(to, named, signal);
  if ('words' in places) return places;
  let first: Connected | undefined;
  for (const at of places.addresses) {
    let chain: readonly Uint8Array[] = [];
    const dialed = await dial({
      security: 'tls',
      to: at,
      clock: { ...systemClock, now: () => clock.now() },
      serverName: hostname,
      verify: false,
      onPresented: (shown) => (chain = shown),
      timeout: webhook.timeoutSeconds * 1000,
      signal,
      tls: { minVersion: 'TLSv1.2', alpn: ['http/1.1'] },
    });
    // What stands behind a Service is not seen by who calls it.
    const shown = to === named ? at : named;
    if (dialed.outcome === 'connected')
      return { stream: dialed.stream, chain, at: shown, local: dialed.local };
    const words = connectionWords(dialed.failure, shown, to === named ? dialed.local : undefined);
    first ??= { words };
    if (dialed.failure.reason !== 'target_unreachable') return { words };
  }
  return first ?? { words: connectionWords(refused, named) };
}

const refused: Pick<Failure, 'reason' | 'by' | 'code'> = {
  reason: 'target_unreachable',
  by: 'unknown',
  code: 'ECONNREFUSED',
};

function directly({ hostname, port }: URL): { readonly named: Address; readonly to: Address } {
  const at = { host: withoutBrackets(hostname), port: port === '' ? 443 : Number(port) };
  return { named: at, to: at };
}

/** All of them are tried, as Go does it. */
async function addressesOf(
  to: Address,
  named: Address,
  signal: AbortSignal,
): Promise<{ readonly addresses: readonly Address[] } | { readonly words: string }> {
  if (ipVersion(to.host) !== 0) return { addresses: [to] };
  try {
    const found = await Promise.race([lookup(to.host, { all: true }), abortionOf(signal)]);
    return { addresses: found.map(({ address }) => ({ host: address, port: to.port })) };
  } catch {
    const [server = '127.0.0.1'] = getServers();
    const at = server.includes(':') && !server.startsWith('[') ? `[${server}]` : server;
    return { words: `dial tcp: lookup ${named.host} on ${at}:53: no such host` };
  }
}

async function abortionOf(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw new Error(late);
}

async function post(
  stream: Duplex,
  path: string,
  authority: string,
  { body, signal }: { readonly body: string; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request({
      createConnection: () => stream,
      method: 'POST',
      path,
      signal,
      headers: {
        Host: authority,
        'User-Agent': 'kube-apiserver-admission',
        'Content-Length': Buffer.byteLength(body),
        Accept: 'application/json, */*',
        'Content-Type': 'application/json',
        Connection: 'close',
      },
    });
    asked.once('response', resolve);
    // Kept: errors while a response is read are reported by the response.
    asked.on('error', reject);
    // Nobody asked for another protocol (101): Node closes such a connection, and says nothing.
    asked.once('close', () => reject(new Error('closed without a response')));
    asked.end(body);
  });
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > largest)
      throw new CallFailed(`failed to call webhook: an answer is longer than ${largest} bytes`);
  }
  return Buffer.concat(chunks);
}

/** What a body that is no object says of itself, in the words of Go's decoder. */
const noObject =
  'couldn\'t get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

function answerIn({ statusCode = 0, headers }: IncomingMessage, body: Buffer): Json {
  const text = body.toString();
  const called = (words: string): CallFailed => new CallFailed(`failed to call webhook: ${words}`);
  if (statusCode < 200 || statusCode > 206)
    throw called(statusWords(statusCode, headers['content-type'], text));
  if (body.length === 0)
    throw called(
      `0-length response with status code: ${statusCode} and content type: ${headers['content-type'] ?? ''}`,
    );
  let answer: Json;
  try {
    answer = parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw called(noObject);
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw called(noObject);
  const { kind, apiVersion } = answer as { readonly kind?: unknown; readonly apiVersion?: unknown };
  const isReview =
    (kind === undefined || kind === 'AdmissionReview') &&
    (apiVersion === undefined ||
      apiVersion === '' ||
      apiVersion === 'admission.k8s.io/v1' ||
      apiVersion === 'admission.k8s.io/v1beta1');
  if (isReview || kind === '') return answer;
  throw called(
    `no kind ${JSON.stringify(kind ?? '')} is registered for version ${JSON.stringify(apiVersion ?? '')} in scheme "pkg/runtime/scheme.go:100"`,
  );
}

/** Of a text that is no Status, client-go quotes so much. */
const mostOfText = 2048;

/** As client-go words a status without a Status (apimachinery, errors.NewGenericServerResponse). */
function statusWords(code: number, contentType = '', text: string): string {
  // Only what says that it is text is quoted.
  const isText = contentType.startsWith('text/');
  const said = isText ? text.slice(0, mostOfText).trim() : 'unknown';
  const words: Readonly<Record<number, string>> = {
    400: 'the server rejected our request for an unknown reason',
    401: 'the server has asked for the client to provide credentials',
    403: isText && said !== '' ? said : 'the server does not allow access to the requested resource',
    404: 'the server could not find the requested resource',
    405: 'the server does not allow this method on the requested resource',
    409: 'the server reported a conflict',
    429: 'the server has received too many requests and has asked us to try again later',
    503: 'the server is currently unable to handle the request',
    504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
  };
  return (
    words[code] ??
    (code >= 500
      ? `an error on the server (${JSON.stringify(said)}) has prevented the request from succeeding`
      : `the server responded with the status code ${code} but did not return more information`)
  );
}
