/** Groups the roots of a trust store by organization and expiry. Pure: the clock is an argument. */
import type { Certificate } from '../../protocols/x509/certificate.ts';

export interface TrustedGroup {
  /** The O of their subjects, or the CN if there is none. */
  readonly organization: string;
  readonly roots: readonly Certificate[];
  readonly soonestEnd: number;
}

/** The largest first, then by name. */
export function groupTrusted(roots: readonly Certificate[]): TrustedGroup[] {
  const groups = new Map<string, Certificate[]>();
  for (const root of roots) {
    const { attributes, text } = root.subject;
    const name =
      (attributes.find(({ type }) => type === 'O') ?? attributes.find(({ type }) => type === 'CN'))?.value ??
      text;
    groups.set(name, [...(groups.get(name) ?? []), root]);
  }
  return Array.from(groups, ([organization, members]) => ({
    organization,
    roots: members,
    soonestEnd: members.reduce((soonest, { notAfter }) => Math.min(soonest, notAfter), Infinity),
  })).sort(
    (left, right) =>
      right.roots.length - left.roots.length ||
      (left.organization.toLowerCase() < right.organization.toLowerCase() ? -1 : 1),
  );
}

const year = 365 * 86_400_000;

/** Those that have expired, and those that expire within a year. */
export function endingSoon(
  roots: readonly Certificate[],
  now: number,
): { readonly expired: Certificate[]; readonly withinAYear: Certificate[] } {
  return {
    expired: roots.filter(({ notAfter }) => notAfter < now),
    withinAYear: roots.filter(({ notAfter }) => notAfter >= now && notAfter < now + year),
  };
}
