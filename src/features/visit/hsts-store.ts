/**
 * A browser's state for HTTP Strict Transport Security (RFC 6797): which hosts it reaches over TLS only, and how it upgrades
 * their `http:` URLs. Pure but for the store's own memory; time is passed in. Used by `browser.ts`.
 *
 * 1. Only a response over verified TLS counts: otherwise an attacker on the path could set it (section 8.1).
 * 2. An IP address is never such a host (section 8.1.1).
 * 3. Preloaded hosts are known before the first visit, and do not expire (section 12.3).
 */
import { ipVersion, withoutBrackets } from '../../core/ip-version.ts';

export interface HstsPolicy {
  /** In seconds. */
  readonly maxAge: number;
  readonly includeSubDomains: boolean;
}

/** The policy in the field's value; undefined where it is invalid (RFC 6797 section 6.1). */
export function readHsts(field: string): HstsPolicy | undefined {
  const seen = new Map<string, string>();
  for (const directive of field.split(';')) {
    const equals = directive.indexOf('=');
    const name = (equals < 0 ? directive : directive.slice(0, equals)).trim().toLowerCase();
    if (name === '') continue;
    // A repeated directive invalidates the whole field.
    if (seen.has(name)) return undefined;
    const value = equals < 0 ? '' : directive.slice(equals + 1).trim();
    seen.set(name, /^"[^"]*"$/.test(value) ? value.slice(1, -1) : value);
  }
  const maxAge = seen.get('max-age');
  if (maxAge === undefined || !/^\d{1,20}$/.test(maxAge)) return undefined;
  return { maxAge: Math.min(Number(maxAge), longestAge), includeSubDomains: seen.has('includesubdomains') };
}

/** A hundred years: more than any sensible value. */
const longestAge = 100 * 366 * 24 * 3600;
const mostHosts = 1000;

interface Known {
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly includeSubDomains: boolean;
}

export class HstsStore {
  readonly #known = new Map<string, Known>();

  /** @param preloaded hosts of the browser's preload list; subdomains are included. */
  constructor(preloaded: readonly string[] = []) {
    for (const host of preloaded)
      this.#known.set(canonical(host), { until: Infinity, includeSubDomains: true });
  }

  /**
   * Learns from a response. @param fields the values of `Strict-Transport-Security`, of which the first counts
   * @param isVerified the response came over TLS, with a verified certificate
   */
  learn(url: URL, fields: readonly string[], isVerified: boolean, now: number): void {
    const [field] = fields;
    const host = canonical(url.hostname);
    const policy = field === undefined ? undefined : readHsts(field);
    if (!policy || !isVerified || url.protocol !== 'https:' || isAddress(host)) return;
    if (this.#known.get(host)?.until === Infinity) return;
    // Zero removes the host.
    if (policy.maxAge === 0) this.#known.delete(host);
    else
      this.#known.set(host, {
        until: now + policy.maxAge * 1000,
        includeSubDomains: policy.includeSubDomains,
      });
    const oldest = [...this.#known].find(([, { until }]) => until !== Infinity)?.[0];
    if (this.#known.size > mostHosts && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Whether the host, or a parent with includeSubDomains, is known (RFC 6797 section 8.2). */
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
   * The upgraded URL: `http:` becomes `https:`, and port 80, explicit or not, becomes 443; another port stays (RFC 6797
   * section 8.3). The same URL for an unknown host.
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
  return ipVersion(withoutBrackets(host)) !== 0;
}
