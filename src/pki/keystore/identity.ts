/**
 * Loads certificates, keys and revocation lists from the user's files, and checks them before use, so that an error
 * names the file instead of showing up as a failed handshake.
 */
import { defined } from '../../core/defined.ts';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import { readRevocationList } from '../../protocols/x509/crl.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { readText as readWhole, UnreadableFile } from '../../i18n/read-file.ts';
import { pemBlocks, pemCertificates, pemRevocationLists, toPem } from './pem.ts';
import type { Identity } from './world.ts';

/**
 * Loads a certificate chain (leaf first) and its key.
 * @throws UserError for a file that cannot be read or is not PEM, and for a key that does not match the certificate.
 */
export function loadIdentity(files: { readonly certFile: string; readonly keyFile: string }): Identity {
  const certificate = readText(files.certFile);
  const key = readText(files.keyFile);
  const [leaf] = pemCertificates(certificate);
  if (!leaf) throw noPem(files.certFile, certificate, 'CERTIFICATE');
  for (const der of pemCertificates(certificate)) checkCertificate(der, files.certFile);
  const privateKey = parseKey(key, files.keyFile);
  if (!new X509Certificate(leaf).checkPrivateKey(privateKey)) {
    throw new UserError({
      what: {
        en: 'the private key does not match the certificate',
        ko: '개인 키가 인증서와 맞지 않습니다',
      },
      where: `${files.certFile}, ${files.keyFile}`,
      remedy: {
        en: 'Give the key that the certificate was issued for. If the file contains a chain, the first certificate counts.',
        ko: '그 인증서를 만들 때 쓴 키를 지정하세요. 체인 파일이라면 첫 번째 인증서가 기준입니다.',
      },
    });
  }
  return { certificate, key };
}

/** The PEM of each CA certificate in a file. @throws UserError as above. */
export function loadAuthorities(file: string): string[] {
  const text = readText(file);
  const certificates = pemCertificates(text);
  if (certificates.length === 0) throw noPem(file, text, 'CERTIFICATE');
  for (const der of certificates) checkCertificate(der, file);
  return certificates.map((der) => toPem('CERTIFICATE', der));
}

/** The PEM of each revocation list in a file. @throws UserError as above. */
export function loadRevocations(file: string): string[] {
  const text = readText(file);
  const lists = pemRevocationLists(text);
  if (lists.length === 0) throw noPem(file, text, 'X509 CRL');
  for (const der of lists) {
    if (!('got' in readRevocationList(der))) {
      throw new UserError({
        what: { en: 'the revocation list is damaged', ko: '인증서 폐기 목록(CRL)이 손상되었습니다' },
        where: file,
      });
    }
  }
  return lists.map((der) => toPem('X509 CRL', der));
}

/** Bytes. Browsers' root bundles have 0.3 MB, and the longest revocation lists about 10 MB. */
const largest = 32 * 1024 * 1024;

function readText(file: string): string {
  try {
    return readWhole(file, largest);
  } catch (error) {
    const code = error instanceof UnreadableFile ? error.code : String(error);
    // Not a file, or too large: nothing to add.
    if (code === 'NOTREGULAR' || code === 'TOOLARGE') throw error;
    throw new UserError(
      {
        what:
          code === 'ENOENT'
            ? {
                en: 'the file cannot be read: it does not exist',
                ko: '파일을 읽을 수 없습니다. 그런 파일이 없습니다',
              }
            : { en: 'the file cannot be read', ko: '파일을 읽을 수 없습니다' },
        where: file,
        received: code,
        remedy:
          code === 'ENOENT'
            ? { en: 'Check the path.', ko: '경로를 확인하세요.' }
            : {
                en: 'Check that it is a file that you are allowed to read.',
                ko: '읽기 권한이 있는 파일인지 확인하세요.',
              },
      },
      { cause: error },
    );
  }
}

const contents = {
  CERTIFICATE: { en: 'certificate', ko: '인증서' },
  'PRIVATE KEY': { en: 'private key', ko: '개인 키' },
  'X509 CRL': { en: 'revocation list', ko: '인증서 폐기 목록(CRL)' },
} as const satisfies Readonly<Record<string, Localized>>;

function noPem(file: string, text: string, label: keyof typeof contents): UserError {
  const labels = pemBlocks(text).map((block) => block.label);
  const { en, ko } = contents[label];
  return new UserError({
    what: {
      en: `no ${en} in this file: no ${label} block`,
      ko: `이 파일에 ${ko} 없음: ${label} 블록이 없습니다`,
    },
    where: file,
    expected: { en: `PEM with -----BEGIN ${label}-----`, ko: `-----BEGIN ${label}-----로 시작하는 PEM` },
    received:
      labels.length > 0
        ? labels.join(', ')
        : text.trim() === ''
          ? 'an empty file'
          : `no PEM block: ${text.trim().split('\n')[0]?.slice(0, 40) ?? ''}`,
  });
}

function checkCertificate(der: Uint8Array, file: string): void {
  const step = readCertificate(der);
  const reason =
    'malformed' in step
      ? `${step.malformed.id} at ${step.malformed.offset}: ${step.malformed.found}`
      : openSslObjection(der);
  if (reason === undefined) return;
  throw new UserError({
    what: { en: 'the certificate is damaged', ko: '인증서가 손상되었습니다' },
    where: file,
    received: reason,
  });
}

function openSslObjection(der: Uint8Array): string | undefined {
  try {
    return new X509Certificate(der).publicKey ? undefined : 'no public key';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function parseKey(text: string, file: string): KeyObject {
  const keys = pemBlocks(text).filter((block) => block.label.endsWith('PRIVATE KEY'));
  if (keys.length === 0 && !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    throw noPem(file, text, 'PRIVATE KEY');
  try {
    return createPrivateKey(text);
  } catch (error) {
    const locked = /^-+BEGIN ENCRYPTED PRIVATE KEY-|Proc-Type: 4,ENCRYPTED/m.test(text);
    const what: Localized = locked
      ? { en: 'the private key is protected by a passphrase', ko: '개인 키가 암호로 보호되어 있습니다' }
      : { en: 'the private key is damaged', ko: '개인 키가 손상되었습니다' };
    throw new UserError(
      defined({
        what,
        where: file,
        remedy: locked
          ? {
              en: `Create a copy without a passphrase: openssl pkey -in ${file} -out key.pem`,
              ko: `암호를 푼 사본을 만드세요: openssl pkey -in ${file} -out key.pem`,
            }
          : undefined,
      }),
      { cause: error },
    );
  }
}
