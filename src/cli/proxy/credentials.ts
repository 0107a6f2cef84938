/**
 * Certificates, keys, CAs and revocation lists from files, on both sides of a proxy, and when the files have changed. Files
 * are read and checked by `pki/keystore/identity.ts`; here a mistake in one gets the name of its option too.
 */
import { createHash } from 'node:crypto';
import { unwatchFile, watchFile } from 'node:fs';
import { UserError } from '../../i18n/user-error.ts';
import { readBytes } from '../../i18n/read-file.ts';
import { loadAuthorities, loadIdentity, loadRevocations } from '../../pki/keystore/identity.ts';
import type { Identity } from '../../pki/keystore/world.ts';
import type { ProxyCredentials } from '../../proxy/proxy.ts';
import type { CredentialFiles, ProxySettings } from './settings.ts';

/** @throws UserError for the first file that cannot be used. */
export function readCredentials({ listener, dialer, secondHop, insecure }: ProxySettings): ProxyCredentials {
  const identity = identityOf(listener, '');
  const shown = identityOf(dialer, 'target-');
  const { cacert } = listener;
  const trusted = dialer.cacert;
  return {
    listener: {
      ...(identity ? { identity } : {}),
      ...(cacert === undefined ? {} : { clientAuthorities: named('cacert', () => loadAuthorities(cacert)) }),
      ...(listener.crl.length === 0
        ? {}
        : { clientRevocations: listener.crl.flatMap((path) => named('crl', () => loadRevocations(path))) }),
    },
    dialer: {
      ...(shown && secondHop === 'mtls' ? { identity: shown } : {}),
      ...(trusted === undefined || insecure
        ? {}
        : { authorities: named('target-cacert', () => loadAuthorities(trusted)) }),
    },
  };
}

function identityOf({ cert, key }: CredentialFiles, prefix: '' | 'target-'): Identity | undefined {
  return cert === undefined || key === undefined
    ? undefined
    : named(`${prefix}cert, --${prefix}key`, () => loadIdentity({ certFile: cert, keyFile: key }));
}

/** A mistake in a file, with the option that named it. */
function named<T>(option: string, load: () => T): T {
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

/** Every file that is named, each once. */
export function filesOf({ listener, dialer }: Pick<ProxySettings, 'listener' | 'dialer'>): string[] {
  return [
    ...new Set(
      [listener, dialer]
        .flatMap(({ cert, key, cacert, crl }) => [cert, key, cacert, ...crl])
        .filter((path) => path !== undefined),
    ),
  ];
}

/** How often the files are looked at, and how long they must stand still before they are read, in milliseconds. */
const lookEvery = 500;
const standStill = 250;

/**
 * Calls back when what the files hold has changed and stands still: a certificate and its key are never replaced at once.
 * Looked at by path, so that a file that is renamed into place, or behind a link, is seen too. Returns the way to stop.
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

/** Bytes, as for the files when they are used; what is no file, or too large a one, is as good as unreadable. */
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
