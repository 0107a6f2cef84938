/** Prints the table of expirations exactly as `kubeadm certs check-expiration` does, in English. */
import type { Expiration } from '../../pki/kubeadm/check.ts';

/** @param now milliseconds since the epoch */
export function expirationLines(
  certificates: readonly Expiration[],
  authorities: readonly Expiration[],
  now: number,
): string[] {
  const first = aligned([
    ['CERTIFICATE', 'EXPIRES', 'RESIDUAL TIME', 'CERTIFICATE AUTHORITY', 'EXTERNALLY MANAGED'],
    ...certificates.map(({ name, notAfter, authority = '', externallyManaged }) =>
      notAfter === undefined
        ? [`!MISSING! ${name}`, '', '', '', '']
        : [name, momentText(notAfter), residualText(notAfter - now), authority, yesNo(externallyManaged)],
    ),
  ]);
  const second = aligned([
    ['CERTIFICATE AUTHORITY', 'EXPIRES', 'RESIDUAL TIME', 'EXTERNALLY MANAGED'],
    ...authorities.map(({ name, notAfter, externallyManaged }) =>
      notAfter === undefined
        ? [`!MISSING! ${name}`, '', '', '']
        : [name, momentText(notAfter), residualText(notAfter - now), yesNo(externallyManaged)],
    ),
  ]);
  return [...(certificates.length > 0 ? [...first, ''] : []), ...(authorities.length > 0 ? second : [])];
}

const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

/** Three spaces between columns, at least ten characters wide in total. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(10, ...rows.map((row) => (row[column] ?? '').length + 3)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('')
      .trimEnd(),
  );
}

/** `Nov 26, 2027 05:48 UTC`. */
function momentText(milliseconds: number): string {
  const date = new Date(milliseconds);
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][
    date.getUTCMonth()
  ];
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${month} ${two(date.getUTCDate())}, ${date.getUTCFullYear()} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())} UTC`;
}

/** In the largest whole unit, as Kubernetes writes ages: 364d, 9y; expired ones have none. */
export function residualText(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.trunc(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.trunc(seconds / 3600)}h`;
  if (seconds < 365 * 86_400) return `${Math.trunc(seconds / 86_400)}d`;
  return `${Math.trunc(seconds / (365 * 86_400))}y`;
}
