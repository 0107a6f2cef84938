/**
 * The versions of each library whose words were measured: the program was made to fail in each way of the table of failures, and
 * what it wrote was compared with the rows. Rows for versions before the oldest of these (`until`) are from their sources.
 */
import { compareVersions } from './saying.ts';
import type { Library } from './saying.ts';

export const measured: Readonly<Record<Library, readonly [string, ...string[]]>> = {
  openssl: ['3.0.19', '3.5.8', '3.5.9'],
  gnutls: ['3.8.9'],
  // Also as kubectl 1.32.
  go: ['1.24.4'],
  java: ['17.0.21'],
  node: ['20.20.2', '22.23.3', '24.21.0'],
  // Also as git 2.47.
  curl: ['8.14.1'],
  wget: ['1.25.0'],
  python: ['2.7.18', '3.6.15', '3.7.16', '3.8.18', '3.9.18', '3.10.13', '3.11.7', '3.12.1', '3.13.5'],
  postgres: ['15.20'],
  ldap: ['2.6.10'],
  mysql: ['11.8.9'],
  mosquitto: ['2.0.21'],
};

/** Which of the numbers of a version has to be the same: a library's words change with these. */
const significant: Readonly<Record<Library, 1 | 2>> = {
  openssl: 2,
  gnutls: 2,
  go: 2,
  java: 1,
  node: 1,
  curl: 1,
  wget: 1,
  python: 2,
  postgres: 1,
  ldap: 2,
  mysql: 1,
  mosquitto: 2,
};

/** `within`: between two measured versions, for which there is nothing to say otherwise. */
export function measureOf(library: Library, version: string): 'measured' | 'within' | 'older' | 'newer' {
  const line = (one: string): string => one.split('.').slice(0, significant[library]).join('.');
  const all = measured[library];
  if (all.some((one) => line(one) === line(version))) return 'measured';
  const [oldest, newest] = [all[0], all.at(-1) ?? all[0]];
  if (compareVersions(version, oldest) < 0) return 'older';
  return compareVersions(version, newest) > 0 ? 'newer' : 'within';
}
