/** Recognizes addresses and names of this machine. */
import { ipVersion } from '../../core/ip-version.ts';

/** Names that never leave this machine (RFC 6761 section 6.3), and the loopback networks. */
export function isLoopback(host: string): boolean {
  if (ipVersion(host) === 4) return host.startsWith('127.');
  if (ipVersion(host) === 6)
    return /^(?:0*:)*:?0*1$/.test(host) || host === '::1' || /^::ffff:127\./i.test(host);
  return host === 'localhost' || host.endsWith('.localhost');
}
