/**
 * Whether a server's certificate is for the name that was asked for: OpenSSL's rules, but stricter in two things, as browsers
 * and RFC 9525 are: the common name counts for nothing, and a star stands for a whole label.
 */
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { addressBytes } from '../../protocols/x509/oids.ts';
import type { GeneralName } from '../../protocols/x509/structures.ts';

/**
 * @param hostname a DNS name (in its xn-- form) or an address, as it was asked for.
 */
export function matchesHostname(names: readonly GeneralName[], hostname: string): boolean {
  const address = addressOf(hostname);
  if (address)
    return names.some((name) => name.kind === 'IP' && sameBytes(addressBytes(name.value), address));
  return names.some((name) => name.kind === 'DNS' && matchesPattern(name.value, hostname) === 'whole');
}

const addressOf = (hostname: string): Uint8Array | undefined =>
  addressBytes(hostname.replace(/^\[(.*)\]$/, '$1'));

/**
 * Why OpenSSL takes a certificate for a name that `matchesHostname` does not find in it: by a star for a part of a label, or by
 * a common name, which counts where there is no DNS name at all. Undefined where OpenSSL does not take it either.
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

/** Letters, digits and inner hyphens, with one star at the beginning or the end of the first label; at least two labels follow it. */
const starred =
  /^([a-z0-9](?:[a-z0-9-]*)|)\*((?:[a-z0-9-]*[a-z0-9])?)((?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?){2,})$/;

/**
 * Whether a pattern is the name, or stands for it by a star: for a whole label, or for a part of one. A dot at the end of the
 * name that is asked for means nothing; in a certificate it is an error (RFC 5280 section 4.2.1.6).
 */
function matchesPattern(pattern: string, hostname: string): 'whole' | 'part' | undefined {
  const wanted = folded(hostname).replace(/\.$/, '');
  const written = folded(pattern);
  if (wanted === '') return undefined;
  const parts = starred.exec(written);
  if (!parts) return written === wanted ? 'whole' : undefined;
  const [, before = '', behind = '', rest = ''] = parts;
  // No star between letters, and none within an internationalized label.
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

function sameBytes(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left !== undefined && Buffer.from(left).equals(right);
}
