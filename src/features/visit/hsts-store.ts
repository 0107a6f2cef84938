/**
 * What a browser remembers of HTTP Strict Transport Security (RFC 6797): which hosts it will speak to over TLS only, and
 * what becomes of an `http:` address of one. Pure but for the store's own memory; time comes in. Asked by `browser.ts`.
 *
 * 1. Only an answer over verified TLS teaches anything: else whoever sits on the wire could (section 8.1).
 * 2. An address of numbers is never such a host (section 8.1.1).
 * 3. What a preload list says was known before the first visit, and does not end (section 12.3).
 */
import { isIP } from 'node:net';

export interface HstsPolicy {
  /** In seconds. */
  readonly maxAge: number;
  readonly includeSubDomains: boolean;
}

/** The policy in the field's value; undefined where it says nothing that counts (RFC 6797 section 6.1). */
export function readHsts(field: string): HstsPolicy | undefined {
  const seen = new Map<string, string>();
  for (const directive of field.split(';')) {
    const equals = directive.indexOf('=');
    const name = (equals < 0 ? directive : directive.slice(0, equals)).trim().toLowerCase();
    if (name === '') continue;
    // Twice the same makes the whole field worthless.
    if (seen.has(name)) return undefined;
    const value = equals < 0 ? '' : directive.slice(equals + 1).trim();
    seen.set(name, /^"[^"]*"$/.test(value) ? value.slice(1, -1) : value);
  }
  const maxAge = seen.get('max-age');
  if (maxAge === undefined || !/^\d{1,20}$/.test(maxAge)) return undefined;
  return { maxAge: Math.min(Number(maxAge), longestAge), includeSubDomains: seen.has('includesubdomains') };
}

/** A hundred years: any number that is meant. */
const longestAge = 100 * 366 * 24 * 3600;
const mostHosts = 1000;

interface Known {
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly includeSubDomains: boolean;
}

export class HstsStore {
  readonly #known = new Map<string, Known>();

  /** @param preloaded hosts of the list that came with the browser, those below them included. */
  constructor(preloaded: readonly string[] = []) {
    for (const host of preloaded)
      this.#known.set(canonical(host), { until: Infinity, includeSubDomains: true });
  }

  /**
   * Learns from an answer. @param fields the values of `Strict-Transport-Security`, of which the first counts
   * @param isVerified the answer came over TLS, and the certificate was found good
   */
  learn(url: URL, fields: readonly string[], isVerified: boolean, now: number): void {
    const [field] = fields;
    const host = canonical(url.hostname);
    const policy = field === undefined ? undefined : readHsts(field);
    if (!policy || !isVerified || url.protocol !== 'https:' || isAddress(host)) return;
    if (this.#known.get(host)?.until === Infinity) return;
    // Zero takes it back.
    if (policy.maxAge === 0) this.#known.delete(host);
    else
      this.#known.set(host, {
        until: now + policy.maxAge * 1000,
        includeSubDomains: policy.includeSubDomains,
      });
    const oldest = [...this.#known].find(([, { until }]) => until !== Infinity)?.[0];
    if (this.#known.size > mostHosts && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Whether the host, or one above it that speaks for it too, is known (RFC 6797 section 8.2). */
  knows(hostname: string, now: number): boolean {
    const host = canonical(hostname);
    if (isAddress(host)) return false;
    const labels = host.split('.');
    return labels.some((_, index) => {
      const known = this.#known.get(labels.slice(index).join('.'));
      return known !== undefined && known.until > now && (index === 0 || known.includeSubDomains);
    });
  }

  /**
   * The address that is asked for instead: `http:` becomes `https:`, and the port 80, written or not, 443; another port
   * stays (RFC 6797 section 8.3). The same address for a host that is not known.
   */
  upgrade(url: URL, now: number): URL {
    if (url.protocol !== 'http:' || !this.knows(url.hostname, now)) return url;
    const upgraded = new URL(url);
    upgraded.protocol = 'https:';
    return upgraded;
  }
}

function canonical(hostname: string): string {
  return hostname.toLowerCase().replace(/\.$/, '');
}

function isAddress(host: string): boolean {
  return isIP(host.replace(/^\[|\]$/g, '')) !== 0;
}
