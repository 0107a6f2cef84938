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

function meansSuites(entry: string): boolean {
  try {
    // The level rules out suites, and these have a name all the same.
    createSecureContext({ ciphers: `${entry}:@SECLEVEL=0` });
    return true;
  } catch {
    return false;
  }
}
