/**
 * Loads certificates, keys, CAs and revocation lists for both sides of a proxy, and watches the files for changes.
 * `pki/keystore/identity.ts` reads and checks them; errors get the option's name here.
 */
import { defined } from '../../core/defined.ts';
import { createHash } from 'node:crypto';
import { unwatchFile, watchFile } from 'node:fs';
import { UserError } from '../../i18n/user-error.ts';
import { readBytes } from '../../i18n/read-file.ts';
import { loadAuthorities, loadIdentity, loadRevocations } from '../../pki/keystore/identity.ts';
import type { Identity } from '../../pki/keystore/world.ts';
import type { ProxyCredentials } from '../../proxy/proxy.ts';
import type { CredentialFiles, ProxySettings } from './proxy-settings.ts';

/** @throws UserError for the first unusable file. */
export function readCredentials({
  listener,
  dialer,
  secondHop,
  routes,
  insecure,
}: ProxySettings): ProxyCredentials {
  const isMutual = [secondHop, ...routes.map(({ dial }) => dial.security)].includes('mtls');
  const identity = identityOf(listener, '');
  const shown = identityOf(dialer, 'target-');
  const { cacert } = listener;
  const trusted = dialer.cacert;
  return {
    listener: defined({
      identity,
      clientAuthorities: cacert === undefined ? undefined : named('cacert', () => loadAuthorities(cacert)),
      clientRevocations:
        listener.crl.length === 0
          ? undefined
          : listener.crl.flatMap((path) => named('crl', () => loadRevocations(path))),
    }),
    dialer: defined({
      identity: shown && isMutual ? shown : undefined,
      authorities:
        trusted === undefined || insecure
          ? undefined
          : named('target-cacert', () => loadAuthorities(trusted)),
    }),
  };
}

function identityOf({ cert, key }: CredentialFiles, prefix: '' | 'target-'): Identity | undefined {
  return cert === undefined || key === undefined
    ? undefined
    : named(`${prefix}cert, --${prefix}key`, () => loadIdentity({ certFile: cert, keyFile: key }));
}

/** An error in a file, with the option that named it. */
export function named<T>(option: string, load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { what } = error.facts;
    throw new UserError(
      { ...error.facts, what: { en: `--${option}: ${what.en}`, ko: `--${option}: ${what.ko}` } },
      { cause: error },
    );
  }
}

/** Every file that was named, without duplicates. */
export function filesOf({ listener, dialer }: Pick<ProxySettings, 'listener' | 'dialer'>): string[] {
  return [
    ...new Set(
      [listener, dialer]
        .flatMap(({ cert, key, cacert, crl }) => [cert, key, cacert, ...crl])
        .filter((path) => path !== undefined),
    ),
  ];
}

/** The polling interval, and how long the files must be unchanged before they are read, in milliseconds. */
const lookEvery = 500;
const standStill = 250;

/**
 * Calls back when the contents of the files have changed and are stable: a certificate and its key are never replaced
 * in one step. Polls by path, so that renamed files and symbolic links are noticed too. Returns a function that stops
 * it.
 */
export function watchCredentials(paths: readonly string[], onChange: () => void): () => void {
  let before = digestOf(paths);
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const now = digestOf(paths);
    if (now === before) return;
    before = now;
    onChange();
  };
  const onTouched = (): void => {
    clearTimeout(timer);
    timer = setTimeout(look, standStill);
  };
  for (const path of paths) watchFile(path, { interval: lookEvery, persistent: false }, onTouched);
  return () => {
    clearTimeout(timer);
    for (const path of paths) unwatchFile(path, onTouched);
  };
}

/** The contents, limited in size; a missing or oversized file counts as unreadable. */
const largest = 32 * 1024 * 1024;

function digestOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    try {
      hash.update(readBytes(path, largest));
    } catch {
      hash.update('unreadable');
    }
    hash.update('\0');
  }
  return hash.digest('hex');
}
