/** The name under which a host's service is looked up (RFC 2782). */
export function serviceName(scheme: 'http' | 'https', host: string): string {
  return `_${scheme}._tcp.${host}`;
}
