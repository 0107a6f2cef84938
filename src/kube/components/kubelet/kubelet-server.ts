/**
 * Runs a kubelet's own server (port 10250): container logs, its pods and a few metrics, over HTTPS, for clients that
 * the API server authorizes. `kubelet-access.ts` authenticates them; the kubelet provides the responses.
 *
 * 1. A client certificate is requested but not required: an invalid one gets 401, as at the API server.
 * 2. 401 and 403 take precedence over 404.
 * 3. Without a serving certificate (requested, but not yet approved) it ends every handshake with the alert
 *    internal_error, like a Go TLS server without a certificate.
 */
import { defined } from '../../../core/defined.ts';
import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { Address } from '../../../capture/event.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Localized } from '../../../i18n/language.ts';
import { accept } from '../../../wire/accept.ts';
import type { Accepted, Identity, Listener, Tap } from '../../../wire/endpoint.ts';
import { HttpFront } from '../../../wire/http/front.ts';
import type { User } from '../../apiserver/attributes.ts';
import { wantedOf } from './kubelet-access.ts';
import type { KubeletAccess } from './kubelet-access.ts';
import { logQueryOf } from './kubelet-pods.ts';
import type { LogQuery } from './kubelet-pods.ts';

/** A line of the kubelet's log. */
export interface KubeletAnswerReport {
  readonly what: 'answered';
  readonly method: string;
  /** As the client wrote it. */
  readonly target: string;
  readonly code: number;
  readonly user?: User;
  /** Why authentication failed, or the internal error. */
  readonly why?: Localized;
}

/** What the kubelet has to show. */
export interface Shown {
  readonly pods: () => object;
  readonly metrics: () => string;
  /** Writes a log; with `follow` until it or its reader ends. Or why there is none. */
  readonly log: (
    namespace: string,
    pod: string,
    container: string,
    query: LogQuery,
  ) => { readonly stream: (out: Writable) => void } | { readonly missing: string };
}

export interface KubeletServerOptions {
  readonly listen: Address;
  /** Absent: it has nothing to show yet. */
  readonly identity?: Identity;
  /** PEM: named to clients as those whose certificates are wanted. */
  readonly clientAuthorities: readonly string[];
  readonly access: () => KubeletAccess;
  readonly shown: Shown;
  readonly clock: Clock;
  readonly tap?: Tap;
  readonly onReport: (report: KubeletAnswerReport) => void;
}

export interface KubeletServer {
  readonly address: Address;
  /** Shows this certificate from the next handshake on. @throws UserError */
  show(identity: Identity): Promise<void>;
  close(graceMs?: number): Promise<void>;
}

const defaultGrace = 500;
const mostOpen = 200;

/** @throws UserError when the address cannot be listened on, or the identity cannot be used. */
export async function startKubeletServer(options: KubeletServerOptions): Promise<KubeletServer> {
  const { clock, tap, clientAuthorities } = options;
  const open = new Set<ServerResponse>();
  const front = new HttpFront({
    onRequest({ method = '', url = '', rawHeaders, complete }, response, accepted) {
      response.on('error', () => {});
      open.add(response);
      response.once('close', () => open.delete(response));
      if (!complete) response.shouldKeepAlive = false;
      void answer(options, { method, url, rawHeaders }, response, accepted);
    },
  });
  const listenAt = async (at: Address, identity: Identity | undefined): Promise<Listener> => {
    const shared = { listen: at, clock, maxOpen: mostOpen, ...defined({ tap }) };
    if (!identity) return accept({ ...shared, security: 'plain' }, endWithInternalError);
    return accept(
      {
        ...shared,
        security: 'tls',
        requestCertificate: true,
        plainHttp: 'go',
        clientAuthorities,
        identity,
        tls: { minVersion: 'TLSv1.2', alpn: ['http/1.1'] },
      },
      (accepted) => front.serve(accepted),
    );
  };
  let listener = await listenAt(options.listen, options.identity);
  let shows = options.identity !== undefined;
  const { address } = listener;
  return {
    address,
    async show(identity) {
      if (shows) return listener.renew({ identity, clientAuthorities });
      await listener.close(0);
      listener = await listenAt(address, identity);
      shows = true;
    },
    async close(graceMs = defaultGrace) {
      listener.stop();
      for (const response of open) response.end();
      await front.close(graceMs);
      await listener.close(graceMs);
    },
  };
}

/** RFC 8446 section 6: a fatal alert (2) internal_error (80), in a record of TLS 1.2, as it is sent before there are keys. */
const internalError = Uint8Array.of(21, 3, 3, 0, 2, 2, 80);

/** Milliseconds. */
const mostSilence = 10_000;

/** Behind what the client says first: an answer to nothing would be odd. */
function endWithInternalError({ stream }: Accepted): void {
  // Silent clients cannot lock out others.
  const timer = setTimeout(() => stream.destroy(), mostSilence);
  stream
    .on('error', () => {})
    .once('data', () => stream.end(internalError))
    .once('close', () => clearTimeout(timer));
}

type Asked = { readonly method: string; readonly url: string; readonly rawHeaders: readonly string[] };

/** Never rejects. */
async function answer(
  { access, shown, clock, onReport }: KubeletServerOptions,
  { method, url, rawHeaders }: Asked,
  response: ServerResponse,
  { presented = [] }: Accepted,
): Promise<void> {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  let user: User | undefined;
  const give = (code: number, text: string, type = 'text/plain; charset=utf-8', why?: Localized): void => {
    onReport({
      what: 'answered',
      method,
      target: url,
      code,
      ...defined({ user, why }),
    });
    if (response.destroyed) return;
    response.writeHead(code, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
    response.end(method === 'HEAD' ? undefined : text);
  };
  try {
    const caller = await access().who(presented, rawHeaders);
    if (!('user' in caller)) return give(401, 'Unauthorized', undefined, caller.why);
    user = caller.user;
    const { verb, subresource } = wantedOf(method, path);
    if (!(await access().may(user, { verb, subresource })))
      return give(
        403,
        `Forbidden (user=${user.name}, verb=${verb}, resource=nodes, subresource=${subresource})`,
      );
    const found = documents({ path, query, shown, now: clock.now() });
    if (!found) return give(404, '404 page not found\n');
    if ('code' in found) return give(found.code, found.text);
    if (method !== 'GET' && method !== 'HEAD') return give(405, `405: ${method} is not what is asked here\n`);
    if ('text' in found) return give(200, found.text, found.type);
    onReport({ what: 'answered', method, target: url, code: 200, user });
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Transfer-Encoding': 'chunked' });
    response.flushHeaders();
    found.stream(response);
  } catch (error) {
    // The API server could not be reached: access is denied.
    const message = error instanceof Error ? error.message : String(error);
    const why = {
      en: `the API server could not be reached: ${message}`,
      ko: `API 서버에 물을 수 없습니다: ${message}`,
    };
    if (user)
      give(
        500,
        `Authorization error (user=${user.name}, verb=${wantedOf(method, path).verb}, resource=nodes, subresource=${wantedOf(method, path).subresource})`,
        undefined,
        why,
      );
    else give(401, 'Unauthorized', undefined, why);
  }
}

type Document =
  | { readonly code: number; readonly text: string }
  | { readonly type: string; readonly text: string }
  | { readonly stream: (out: Writable) => void };

const text = 'text/plain; charset=utf-8';
const nothingRuns = 'nothing is run here: wirelab runs no containers\n';
/** What would need a container. */
const needsContainer = new Set(['exec', 'run', 'attach', 'portForward', 'cri']);

function documents({
  path,
  query,
  shown,
  now,
}: {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly shown: Shown;
  readonly now: number;
}): Document | undefined {
  const [, first = '', ...rest] = path.split('/');
  if (needsContainer.has(first)) return { code: 404, text: nothingRuns };
  if (first === 'containerLogs') return logDocument(rest, query, shown, now);
  if (rest.length > 0) return undefined;
  if (first === 'healthz') return { type: text, text: 'ok' };
  if (first === 'pods') return { type: 'application/json', text: `${JSON.stringify(shown.pods())}\n` };
  if (first === 'metrics') return { type: 'text/plain; version=0.0.4; charset=utf-8', text: shown.metrics() };
  return undefined;
}

function logDocument(
  parts: readonly string[],
  query: URLSearchParams,
  { log }: Shown,
  now: number,
): Document | undefined {
  const [namespace = '', pod = '', container = '', ...more] = parts.map(decoded);
  if (more.length > 0 || namespace === '' || pod === '' || container === '') return undefined;
  const wanted = logQueryOf(query, now);
  if ('fault' in wanted) return { code: 422, text: `${wanted.fault}\n` };
  const found = log(namespace, pod, container, wanted);
  if ('missing' in found) return { code: 404, text: `${found.missing}\n` };
  // Nothing that runs here ends and is restarted.
  return query.get('previous') === 'true'
    ? {
        code: 400,
        text: `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(pod)} not found`,
      }
    : found;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
