/**
 * Which requests this proxy does not forward: those that two readers could read in two ways, which is what request
 * smuggling is made of, and those that it could only forward as something else than they are. Pure; asked by
 * `http-pump.ts`. What no parser reads at all, `wire/http/front.ts` has refused before.
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

/** The status to refuse it with; undefined for a request that everybody reads alike. */
export function objectionTo(request: ReceivedRequest): ObjectionStatus | undefined {
  const { method, url, httpVersion, isUpgrade } = request;
  // The parser takes HTTP/0.9 and HTTP/2.0 for words like any other.
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 505;
  // It also knows the methods of RTSP.
  if (!METHODS.includes(method)) return 501;
  // Another form than a path names another site than this one; a fragment never travels (RFC 9110 section 4.2.5).
  if (!url.startsWith('/') || url.includes('#')) return 400;
  const hosts = valuesOf(request, 'host');
  if (hosts.length > 1 || (hosts[0] !== undefined && !isHost(hosts[0]))) return 400;
  const codings = valuesOf(request, 'transfer-encoding');
  const lengths = valuesOf(request, 'content-length');
  // Who upgrades sends no body: what follows the head is read as one by some, and as the new protocol by others.
  if (isUpgrade && (codings.length > 0 || lengths.length > 0 || httpVersion === '1.0')) return 400;
  if (lengths.some((length) => !Number.isSafeInteger(Number(length)))) return 400;
  return codings.length > 0 ? objectionToCodings(codings, lengths, httpVersion) : undefined;
}

/** RFC 9112 section 6.1: no length beside a coding, no coding in HTTP/1.0, and 501 for a coding that is not understood. */
function objectionToCodings(
  codings: readonly string[],
  lengths: readonly string[],
  httpVersion: string,
): ObjectionStatus | undefined {
  if (lengths.length > 0 || httpVersion === '1.0') return 400;
  const coding = codings.join(',').trim().toLowerCase();
  // An empty one is no coding for the parser, and one for whoever looks for the header alone.
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
