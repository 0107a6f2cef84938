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
import type { Localized } from '../../i18n/language.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { matchesHostname } from '../../pki/x509/hostname.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import { proxyKinds } from '../../proxy/kinds.ts';
import type { ProxyCredentials } from '../../proxy/proxy.ts';
import type { CredentialFiles, ProxySettings } from './proxy-settings.ts';

/** @throws UserError for the first unusable file. */
export function readCredentials({
  listener,
  dialer,
  secondHop,
  routes,
  routeFiles,
  insecure,
}: ProxySettings): ProxyCredentials {
  const isMutual = [secondHop, ...routes.map(({ dial }) => dial.security)].includes('mtls');
  const shownAt = routeFiles.map(
    ({ where, listener: pair }) =>
      pair && placed(where, 'cert, key', () => loadIdentity({ certFile: pair.cert, keyFile: pair.key })),
  );
  const identity = identityOf(listener, '') ?? shownAt[0];
  const shown = identityOf(dialer, 'target-');
  const { cacert } = listener;
  const trusted = dialer.cacert;
  return {
    listener: defined({
      identity,
      identities: identitiesOf(routes, shownAt, identity),
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
    routes: routeFiles.map(({ where, dialer: pair, authorities }) =>
      defined({
        identity:
          pair &&
          placed(where, 'target-cert, target-key', () =>
            loadIdentity({ certFile: pair.cert, keyFile: pair.key }),
          ),
        authorities:
          authorities === undefined
            ? undefined
            : placed(where, 'target-cacert', () => loadAuthorities(authorities)),
      }),
    ),
  };
}

/** Which identity each name has; undefined where all have the same. */
function identitiesOf(
  routes: ProxySettings['routes'],
  own: readonly (Identity | undefined)[],
  usual: Identity | undefined,
): ReadonlyMap<string, Identity> | undefined {
  if (own.every((one) => one === undefined)) return undefined;
  const identities = new Map<string, Identity>();
  for (const [index, { serverNames }] of routes.entries()) {
    const identity = own[index] ?? usual;
    // The first row that fits is the one that is used.
    for (const name of serverNames) if (identity && !identities.has(name)) identities.set(name, identity);
  }
  return identities;
}

/** For each name of a target whose certificate, as it is presented to clients, does not contain it. */
export function misnamedTargets(
  { routes, kind }: Pick<ProxySettings, 'routes' | 'kind'>,
  { listener }: Pick<ProxyCredentials, 'listener'>,
): Localized[] {
  if (proxyKinds[kind].accepts === 'plain') return [];
  return routes.flatMap(({ serverNames }) =>
    serverNames.flatMap((name) => {
      const identity = listener.identities?.get(name) ?? listener.identity;
      const [leaf] = identity ? pemCertificates(identity.certificate) : [];
      const read = leaf && readCertificate(leaf);
      if (!read || !('got' in read)) return [];
      const names = read.got.subjectAlternativeNames ?? [];
      // Any name that fits the pattern.
      if (matchesHostname(names, name.replace(/^\*/, 'any'))) return [];
      const listed = names.map(({ kind: form, value }) => `${form}:${value}`).join(', ');
      return [
        {
          en: `the certificate that is presented for ${name} does not contain this name (${listed || 'no names'}): clients that verify it will refuse it`,
          ko: `${name} 이름으로 접속하면 제시하는 인증서에 그 이름이 없습니다(${listed || '이름 없음'}). 이름을 검증하는 클라이언트는 거부합니다`,
        },
      ];
    }),
  );
}

function identityOf({ cert, key }: CredentialFiles, prefix: '' | 'target-'): Identity | undefined {
  return cert === undefined || key === undefined
    ? undefined
    : named(`${prefix}cert, --${prefix}key`, () => loadIdentity({ certFile: cert, keyFile: key }));
}

/** An error in a file, with the row of `targets` that named it. */
function placed<T>(where: string, keys: string, load: () => T): T {
  return labelled(`${where}: ${keys}`, load);
}

/** An error in a file, with the option that named it. */
export const named = <T>(option: string, load: () => T): T => labelled(`--${option}`, load);

function labelled<T>(label: string, load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { what } = error.facts;
    throw new UserError(
      { ...error.facts, what: { en: `${label}: ${what.en}`, ko: `${label}: ${what.ko}` } },
      { cause: error },
    );
  }
}

/** Every file that was named, without duplicates. */
export function filesOf({
  listener,
  dialer,
  routeFiles,
}: Pick<ProxySettings, 'listener' | 'dialer' | 'routeFiles'>): string[] {
  return [
    ...new Set(
      [listener, dialer]
        .flatMap(({ cert, key, cacert, crl }) => [cert, key, cacert, ...crl])
        .concat(
          routeFiles.flatMap(({ listener: shown, dialer: presented, authorities }) => [
            shown?.cert,
            shown?.key,
            presented?.cert,
            presented?.key,
            authorities,
          ]),
        )
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
 * @param since the digest of the files as of when they were read: what has changed since then is called back, too
 */
export function watchCredentials(paths: readonly string[], since: string, onChange: () => void): () => void {
  let before = since;
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
  // Polling reports only what changes after its own first look.
  let timer: NodeJS.Timeout | undefined = setTimeout(onTouched, lookEvery).unref();
  return () => {
    clearTimeout(timer);
    for (const path of paths) unwatchFile(path, onTouched);
  };
}

const largest = 32 * 1024 * 1024;

/** SHA-256 of the contents of files; one that is missing or oversized counts as unreadable. */
export function digestOf(paths: readonly string[]): string {
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
