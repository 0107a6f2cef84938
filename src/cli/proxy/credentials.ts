/**
 * Certificates, keys, CAs and revocation lists from files, on both sides of a proxy, and when the files have changed. What
 * they hold is judged by who uses them (`wire`); here a file is readable and holds what its option says, or a `Mistake`
 * names it.
 */
import { createHash } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { Mistake } from '../../i18n/mistake.ts';
import { pemBlocks } from '../../pki/pem.ts';
import type { ProxyCredentials } from '../../proxy/proxy.ts';
import type { CredentialFiles, ProxySettings } from './settings.ts';

/** No file of certificates is larger. */
const maxFile = 4 * 1024 * 1024;

type Contents = 'certificate' | 'key' | 'crl';

const wanted: Readonly<Record<Contents, { readonly label: RegExp; readonly block: string; readonly name: Localized }>> = {
  certificate: { label: /^CERTIFICATE$/, block: '-----BEGIN CERTIFICATE-----', name: { en: 'certificate', ko: '인증서' } },
  key: { label: /^(?:EC |RSA )?PRIVATE KEY$/, block: '-----BEGIN PRIVATE KEY-----', name: { en: 'private key', ko: '개인 키' } },
  crl: { label: /^X509 CRL$/, block: '-----BEGIN X509 CRL-----', name: { en: 'revocation list (CRL)', ko: '인증서 폐기 목록(CRL)' } },
};

/** @throws Mistake for the first file that cannot be used. */
export function readCredentials({ listener, dialer, secondHop, insecure }: ProxySettings): ProxyCredentials {
  const identity = identityOf(listener, '');
  const shown = identityOf(dialer, 'target-');
  const authorities = dialer.cacert === undefined || insecure ? undefined : [readPem('target-cacert', dialer.cacert, 'certificate')];
  return {
    listener: {
      ...(identity ? { identity } : {}),
      ...(listener.cacert === undefined ? {} : { clientAuthorities: [readPem('cacert', listener.cacert, 'certificate')] }),
      ...(listener.crl.length === 0 ? {} : { clientRevocations: listener.crl.map((path) => readPem('crl', path, 'crl')) }),
    },
    dialer: { ...(shown && secondHop === 'mtls' ? { identity: shown } : {}), ...(authorities ? { authorities } : {}) },
  };
}

function identityOf({ cert, key }: CredentialFiles, prefix: '' | 'target-'): { readonly certificate: string; readonly key: string } | undefined {
  if (cert === undefined || key === undefined) return undefined;
  return { certificate: readPem(`${prefix}cert`, cert, 'certificate'), key: readPem(`${prefix}key`, key, 'key') };
}

const reasons: Readonly<Record<string, Localized>> = {
  ENOENT: { en: 'there is no such file', ko: '그런 파일이 없습니다' },
  EACCES: { en: 'this user may not read it', ko: '읽을 권한이 없습니다' },
  EISDIR: { en: 'this is a folder', ko: '파일이 아니라 폴더입니다' },
};

function readPem(option: string, path: string, contents: Contents): string {
  const { label, block, name } = wanted[contents];
  let text: string;
  try {
    const bytes = readFileSync(path);
    if (bytes.length > maxFile) throw Object.assign(new Error('too large'), { code: 'EFBIG' });
    text = bytes.toString('latin1');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const why = reasons[code] ?? { en: message, ko: message };
    throw new Mistake({ what: { en: `--${option}: ${why.en}`, ko: `--${option}: ${why.ko}` }, where: path, expected: { en: `a PEM file with a ${name.en}`, ko: `${name.ko}가 든 PEM 파일` } }, { cause: error });
  }
  const blocks = pemBlocks(text);
  if (blocks.some((one) => label.test(one.label))) return text;
  const held = [...new Set(blocks.map((one) => one.label))].join(', ');
  const isLocked = /ENCRYPTED/.test(text) && contents === 'key';
  throw new Mistake({
    what: isLocked
      ? { en: `--${option}: the private key is locked with a pass phrase`, ko: `--${option}: 개인 키에 암호가 걸려 있습니다` }
      : { en: `--${option}: no ${name.en} in this file`, ko: `--${option}: 이 파일에 ${name.ko}가 없습니다` },
    where: path,
    expected: verbatim(block),
    received: held === '' ? text.slice(0, 40).split('\n')[0] ?? '' : held,
    ...(isLocked ? { remedy: { en: 'Take the pass phrase off a copy that only you can read: openssl pkey -in KEY -out COPY', ko: '본인만 읽을 수 있는 사본에서 암호를 푸십시오: openssl pkey -in KEY -out COPY' } } : {}),
  });
}

/** Every file that is named, each once. */
export function filesOf({ listener, dialer }: Pick<ProxySettings, 'listener' | 'dialer'>): string[] {
  return [...new Set([listener, dialer].flatMap(({ cert, key, cacert, crl }) => [cert, key, cacert, ...crl]).filter((path) => path !== undefined))];
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

function digestOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    try {
      hash.update(readFileSync(path));
    } catch {
      hash.update('unreadable');
    }
    hash.update('\0');
  }
  return hash.digest('hex');
}
