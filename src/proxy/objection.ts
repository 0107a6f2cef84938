/**
 * Rejects requests that must not be forwarded: those that two readers could interpret differently, which enables
 * request smuggling, and those that could only be forwarded in changed form. Pure; used by `http-pump.ts`. Requests
 * that the parser cannot read are refused earlier, in `wire/http/front.ts`.
 */
import { METHODS } from 'node:http';
import type { Header } from './header.ts';

export interface ReceivedRequest {
  readonly method: string;
  /** The request target as it was written (RFC 9112 section 3.2). */
  readonly url: string;
  /** `1.1` */
  readonly httpVersion: string;
  readonly headers: readonly Header[];
  readonly isUpgrade: boolean;
}

export type ObjectionStatus = 400 | 501 | 505;

/** The status to refuse it with; undefined for an unambiguous request. */
export function objectionTo(request: ReceivedRequest): ObjectionStatus | undefined {
  const { method, url, httpVersion, isUpgrade } = request;
  // The parser accepts HTTP/0.9 and HTTP/2.0 like any other version.
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 505;
  // It also accepts RTSP's methods.
  if (!METHODS.includes(method)) return 501;
  // A form other than a path names another site; a fragment is never sent (RFC 9110 section 4.2.5).
  if (!url.startsWith('/') || url.includes('#')) return 400;
  const hosts = valuesOf(request, 'host');
  if (hosts.length > 1 || (hosts[0] !== undefined && !isHost(hosts[0]))) return 400;
  const codings = valuesOf(request, 'transfer-encoding');
  const lengths = valuesOf(request, 'content-length');
  // An upgrade request has no body: some readers would take what follows the head for a body, others for the new
  // protocol.
  if (isUpgrade && (codings.length > 0 || lengths.length > 0 || httpVersion === '1.0')) return 400;
  if (lengths.some((length) => !Number.isSafeInteger(Number(length)))) return 400;
  return codings.length > 0 ? objectionToCodings(codings, lengths, httpVersion) : undefined;
}

/** RFC 9112 section 6.1: no length together with a coding, no coding in HTTP/1.0, and 501 for an unsupported coding. */
function objectionToCodings(
  codings: readonly string[],
  lengths: readonly string[],
  httpVersion: string,
): ObjectionStatus | undefined {
  if (lengths.length > 0 || httpVersion === '1.0') return 400;
  const coding = codings.join(',').trim().toLowerCase();
  // An empty value is no coding for the parser, but is one for a reader that only checks for the header.
  if (coding === '') return 400;
  return coding === 'chunked' ? undefined : 501;
}

/** A name or an address, and a port (RFC 9110 section 7.2); an internationalized name in its xn-- form. */
function isHost(value: string): boolean {
  return /^(?:[\w.~%-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(value);
}

function valuesOf({ headers }: ReceivedRequest, wanted: string): string[] {
  return headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
}
