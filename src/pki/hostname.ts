/**
 * Whether a server's certificate is for the name that was asked for (RFC 9525). Stricter than Node and curl in one thing:
 * the common name counts for nothing, as in browsers; they fall back to it where there is no subject alternative name.
 */
import { addressBytes } from '../dissect/x509/oids.ts';
import type { GeneralName } from '../dissect/x509/structures.ts';

/**
 * @param hostname a DNS name (in its xn-- form) or an address, as it was asked for.
 */
export function matchesHostname(names: readonly GeneralName[], hostname: string): boolean {
  const address = addressBytes(hostname.replace(/^\[(.*)\]$/, '$1'));
  if (address) return names.some((name) => name.kind === 'IP' && sameBytes(addressBytes(name.value), address));
  const wanted = normal(hostname);
  return wanted !== '' && names.some((name) => name.kind === 'DNS' && matchesPattern(normal(name.value), wanted));
}

const normal = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** A star stands for the whole left-most label, and at least two labels must follow it (RFC 9525 section 6.3, and OpenSSL). */
function matchesPattern(pattern: string, wanted: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === wanted;
  const suffix = pattern.slice(1);
  if (suffix.includes('*') || suffix.indexOf('.', 1) < 0) return false;
  const dot = wanted.indexOf('.');
  return dot > 0 && wanted.slice(dot) === suffix;
}

function sameBytes(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left !== undefined && Buffer.from(left).equals(right);
}
