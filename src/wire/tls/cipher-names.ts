/** Which entries of an OpenSSL cipher list mean no suite: OpenSSL passes over them in silence as long as another means one. */
import { createSecureContext, getCiphers } from 'node:tls';

/** Entries that exclude, move or sort suites do no harm where they mean none. */
const withoutSuites = /^[!+-]|^@/;

/** OpenSSL's names of the suites that it has, as they are written in a list. */
export const suiteNames = (): string[] => getCiphers().map((name) => name.toUpperCase());

/** @param list separated by colons, commas or blanks. */
export function unknownSuites(list: string): string[] {
  return list
    .split(/[:, ]+/)
    .filter((entry) => entry !== '' && !withoutSuites.test(entry) && !meansSuites(entry));
}

/** OpenSSL's name of a suite that is written as in the standards; undefined for another one. */
export function listNameOf(entry: string): string | undefined {
  if (!entry.startsWith('TLS_')) return undefined;
  const name = entry
    .slice('TLS_'.length)
    .replace('_WITH_', '-')
    .replace(/(AES|CAMELLIA|ARIA)_(\d+)/, '$1$2')
    .replace('_CBC_', '_')
    .replaceAll('_', '-')
    .replace(/^RSA-/, '');
  return suiteNames().includes(name) ? name : undefined;
}

function meansSuites(entry: string): boolean {
  // Node takes these for suites of TLS 1.3, and does not say that they are none.
  if (entry.startsWith('TLS_')) return suiteNames().includes(entry);
  try {
    // The level rules out suites, and these have a name all the same.
    createSecureContext({ ciphers: `${entry}:@SECLEVEL=0` });
    return true;
  } catch {
    return false;
  }
}
