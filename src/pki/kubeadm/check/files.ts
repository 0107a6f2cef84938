/** Checks files as such: their other contents, their modes, and the keys beside them. */
import { verbatim } from '../../../i18n/language.ts';
import type { Certificate } from '../../../protocols/x509/certificate.ts';
import { isKeyOf } from '../../ca/signing-policy.ts';
import { strayText } from '../../keystore/go-pem.ts';
import { isOpenToOthers } from '../../keystore/key-file.ts';
import { contentNames } from '../../x509/contents.ts';
import { keyFile, kubeadmCertificates, serviceAccountFiles } from '../certificates.ts';
import { gotOf } from '../reading.ts';
import type { FoundFolder } from '../reading.ts';
import { octalOf } from './context.ts';
import type { CheckContext, Pair } from './context.ts';
import { words } from './finding.ts';
import { anotherKey, keyInside, mismatch, strayWords } from './texts.ts';
import type { KeyObject } from 'node:crypto';
import { isAbsolute, resolve } from 'node:path';

/** Other contents of a certificate or public key file: a private key, text. */
export function checkForm(check: CheckContext, path: string, kind: 'certificate' | 'public-key'): void {
  const bytes = check.reading.bytes(path);
  const contents = gotOf(check.reading.contents(path));
  if (!bytes || !contents) return;
  const mode = check.reading.mode(path);
  if (contents.some((one) => one.kind === 'private-key'))
    check.add(
      path,
      mode === undefined || isOpenToOthers(mode) ? 'open_mode' : 'stray_content',
      keyInside(mode),
    );
  else if (mode !== undefined) checkWritable(check, path, mode);
  const other = contents.find((one) => one.kind !== kind && one.kind !== 'private-key');
  const stray = other ? contentNames[other.kind].en : strayText(bytes);
  if (stray !== undefined) check.add(path, 'stray_content', strayWords(stray));
}

export function checkWritable(check: CheckContext, path: string, mode: number): void {
  if ((mode & 0o022) === 0) return;
  const octal = octalOf(mode);
  check.add(
    path,
    mode & 0o002 ? 'open_mode' : 'group_writable',
    words(
      [
        `users other than its owner can write to it (mode ${octal}) and so decide what is trusted`,
        `소유자가 아닌 사용자도 쓸 수 있습니다(모드 ${octal}). 그 사용자가 누구를 신뢰할지 정할 수 있습니다`,
      ],
      [`chmod go-w ${check.reading.where(path)}`, `chmod go-w ${check.reading.where(path)}`],
      { expected: verbatim('0644'), received: octal },
    ),
  );
}

/** A user who can write to a folder can replace any file in it, whatever the file's mode. */
export function checkFolder(check: CheckContext, { path, mode }: FoundFolder): void {
  if ((mode & 0o022) === 0) return;
  // In a folder with the sticky bit, such as /tmp, users cannot replace each other's files.
  const isSticky = (mode & 0o1000) !== 0;
  const octal = octalOf(mode);
  check.findings.push({
    file: path,
    problem: mode & 0o002 && !isSticky ? 'open_folder' : 'group_writable',
    what: {
      en: `users other than its owner can write to the folder (mode ${octal}): they can replace a CA or a key with their own`,
      ko: `소유자가 아닌 사용자도 이 폴더에 쓸 수 있습니다(모드 ${octal}). CA나 키를 자기 것으로 바꿔 놓을 수 있습니다`,
    },
    expected: verbatim('0755'),
    received: octal,
    remedy: {
      en: `chmod go-w ${path}; then compare the files in it with a backup`,
      ko: `chmod go-w ${path} 실행 후, 안에 있는 파일을 백업과 비교하세요`,
    },
  });
}

export function checkPairedKey(check: CheckContext, pair: Pair, certificate: Certificate | undefined): void {
  const key = check.reading.has(pair.key) ? readSecretKey(check, pair.key) : undefined;
  if (key && certificate && !isKeyOf(key, certificate))
    check.add(
      pair.key,
      'key_mismatch',
      mismatch(check.reading.where(pair.certificate), check.reading.where(pair.key)),
    );
}

export function readSecretKey(check: CheckContext, path: string): KeyObject | undefined {
  checkMode(check, path);
  const keys = gotOf(check.reading.contents(path))?.filter(({ kind }) => kind === 'private-key').length ?? 0;
  if (keys > 1) check.add(path, 'stray_content', anotherKey);
  return check.readable(path, check.reading.key(path));
}

export function checkMode(check: CheckContext, path: string): void {
  const mode = check.reading.mode(path);
  if (mode === undefined || !isOpenToOthers(mode)) return;
  const octal = octalOf(mode);
  check.add(
    path,
    'open_mode',
    words(
      [
        `users other than its owner can access it (mode ${octal}), and it contains a private key`,
        `개인 키가 들어 있는데 소유자가 아닌 사용자도 열 수 있습니다(모드 ${octal})`,
      ],
      [
        `chmod 600 ${check.reading.where(path)}; earlier readers still have the key`,
        `chmod 600 ${check.reading.where(path)} (이미 읽은 사람에게는 키가 남아 있습니다)`,
      ],
      { expected: verbatim('0600'), received: octal },
    ),
  );
}

/** Keys outside the tree, without a certificate. */
export function looseKeys(check: CheckContext): string[] {
  const known = new Set(kubeadmCertificates.map(keyFile));
  // Files that a kubeconfig names were checked with it.
  const named = new Set(
    check.reading.otherKubeconfigs.flatMap((path) => check.kubeconfig(path)?.keyFile ?? []),
  );
  return check.reading.paths.filter(
    (path) =>
      !named.has(resolve(check.reading.where(path))) &&
      path.endsWith('.key') &&
      !path.startsWith('kubelet/') &&
      !known.has(path) &&
      path !== serviceAccountFiles.key &&
      !isAbsolute(path) &&
      !check.reading.has(`${path.slice(0, -4)}.crt`) &&
      gotOf(check.reading.key(path)),
  );
}
