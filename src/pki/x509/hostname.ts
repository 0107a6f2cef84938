/**
 * Decides whether a server's certificate is valid for the requested name: OpenSSL's rules, but stricter in two points,
 * like browsers and RFC 9525: the common name is ignored, and a wildcard stands for a whole label.
 */
import { sameBytes } from '../../core/bytes.ts';
import { withoutBrackets } from '../../core/ip-version.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { addressBytes } from '../../protocols/x509/oids.ts';
import type { GeneralName } from '../../protocols/x509/structures.ts';

/**
 * @param hostname the requested DNS name (in its xn-- form) or address.
 */
export function matchesHostname(names: readonly GeneralName[], hostname: string): boolean {
  const address = addressOf(hostname);
  if (address)
    return names.some(({ kind, value }) => {
      const own = kind === 'IP' ? addressBytes(value) : undefined;
      return own !== undefined && sameBytes(own, address);
    });
  return names.some((name) => name.kind === 'DNS' && matchesPattern(name.value, hostname) === 'whole');
}

const addressOf = (hostname: string): Uint8Array | undefined => addressBytes(withoutBrackets(hostname));

/**
 * Why OpenSSL accepts a certificate for a name that `matchesHostname` does not find in it: by a partial wildcard, or by
 * a common name, which counts if there is no DNS name at all. Undefined if OpenSSL does not accept it either.
 */
export function matchesHostnameLoosely(
  { subject, subjectAlternativeNames = [] }: Pick<Certificate, 'subject' | 'subjectAlternativeNames'>,
  hostname: string,
): 'part_of_label' | 'common_name' | undefined {
  if (addressOf(hostname)) return undefined;
  const patterns = subjectAlternativeNames.filter(({ kind }) => kind === 'DNS');
  if (patterns.some(({ value }) => matchesPattern(value, hostname) === 'part')) return 'part_of_label';
  const isNamed =
    patterns.length === 0 &&
    subject.attributes.some(
      ({ type, value, encoded }) =>
        type === 'CN' && !encoded && matchesPattern(value, hostname) !== undefined,
    );
  return isNamed ? 'common_name' : undefined;
}

const folded = (name: string): string => name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/**
 * Letters, digits and inner hyphens, with one wildcard at the start or the end of the first label; at least two labels
 * follow it.
 */
const starred =
  /^([a-z0-9](?:[a-z0-9-]*)|)\*((?:[a-z0-9-]*[a-z0-9])?)((?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?){2,})$/;

/**
 * Whether a pattern equals the name, or matches it by a wildcard: for a whole label, or for a part of one. A trailing
 * dot of the requested name is ignored; in a certificate it is an error (RFC 5280 section 4.2.1.6).
 */
function matchesPattern(pattern: string, hostname: string): 'whole' | 'part' | undefined {
  const wanted = folded(hostname).replace(/\.$/, '');
  const written = folded(pattern);
  if (wanted === '') return undefined;
  const parts = starred.exec(written);
  if (!parts) return written === wanted ? 'whole' : undefined;
  const [, before = '', behind = '', rest = ''] = parts;
  // No wildcard between letters, and none within an internationalized label.
  if ((before !== '' && behind !== '') || before.startsWith('xn--'))
    return written === wanted ? 'whole' : undefined;
  const dot = wanted.indexOf('.');
  const label = wanted.slice(0, dot);
  if (
    dot < 0 ||
    wanted.slice(dot) !== rest ||
    label.length < before.length + behind.length ||
    !label.startsWith(before) ||
    !label.endsWith(behind)
  )
    return undefined;
  if (!/^(?:[a-z0-9-]*|.*\*.*)$/.test(label)) return undefined;
  if (before === '' && behind === '') return label === '' ? undefined : 'whole';
  return label.startsWith('xn--') ? undefined : 'part';
}
