/**
 * Looks at the files that a command's arguments and variables name: whether they are there, can be read, and hold what they are
 * named for. What cannot be told of a file is no fault of it.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { readBytes, UnreadableFile } from '../../i18n/read-file.ts';
import type { Localized } from '../../i18n/language.ts';
import { scanPem } from '../../pki/keystore/pem.ts';
import { readChain } from '../chain.ts';
import { isOfToken } from '../programs/intent.ts';
import type { NamedFile } from '../programs/program.ts';

export type FileFault =
  | 'missing'
  | 'unreadable'
  | 'empty'
  | 'no_certificate'
  | 'not_pem'
  | 'no_key'
  | 'wrong_password'
  | 'mismatch';

export interface FaultyFile extends NamedFile {
  readonly fault: FileFault;
}

/** In bytes: every bundle is smaller. */
const largest = 16 * 1024 * 1024;

export const faultWords: Readonly<Record<FileFault, Localized>> = {
  missing: { en: 'there is no such file', ko: '없는 파일' },
  unreadable: { en: 'it cannot be read', ko: '읽을 수 없는 파일' },
  empty: { en: 'it is empty', ko: '빈 파일' },
  no_certificate: { en: 'it holds no certificate', ko: '인증서가 없는 파일' },
  not_pem: { en: 'it holds a certificate in DER, and not in PEM', ko: 'PEM이 아니라 DER 형식의 인증서' },
  no_key: { en: 'it holds no private key', ko: '개인 키가 없는 파일' },
  wrong_password: {
    en: 'it does not open with the password that is given',
    ko: '지정된 비밀번호로 열리지 않는 파일',
  },
  mismatch: {
    en: 'it is not the key of the certificate',
    ko: '인증서의 것이 아닌 키',
  },
};

/** Those at fault, in order. */
export function faultyFiles(files: readonly NamedFile[]): readonly FaultyFile[] {
  const faulty = files.flatMap((file): FaultyFile[] => {
    const fault = faultOf(file);
    return fault === undefined ? [] : [{ ...file, fault }];
  });
  const key = files.find(({ kind }) => kind === 'key');
  return faulty.length === 0 && key && isOfOther(files, key) ? [{ ...key, fault: 'mismatch' }] : faulty;
}

/** The key is not that of the certificate which is named with it; false for what cannot be read. */
function isOfOther(files: readonly NamedFile[], key: NamedFile): boolean {
  const certificate = files.find(({ kind, store }) => kind === 'certificate' && store === undefined);
  if (!certificate || isOfToken(key.path) || isOfToken(certificate.path)) return false;
  try {
    const own = createPrivateKey(Buffer.from(readBytes(key.path, largest)));
    return !new X509Certificate(Buffer.from(readBytes(certificate.path, largest))).checkPrivateKey(own);
  } catch {
    return false;
  }
}

/** A private key that opens with a pass phrase alone (RFC 5958, RFC 1421). */
export function isEncrypted({ path }: NamedFile): boolean {
  try {
    const { blocks, faults } = scanPem(Buffer.from(readBytes(path, largest)).toString('latin1'));
    return (
      faults.some(({ fault }) => fault === 'encrypted') ||
      [...blocks, ...faults].some(({ label }) => label === 'ENCRYPTED PRIVATE KEY')
    );
  } catch {
    return false;
  }
}

function faultOf({ path, kind, store }: NamedFile): FileFault | undefined {
  // Or a pipe that was the command's to read.
  if (isOfToken(path) || /^-$|^\/dev\/|^\/proc\//i.test(path)) return undefined;
  let bytes: Uint8Array;
  try {
    bytes = readBytes(path, largest);
  } catch (error) {
    const code = error instanceof UnreadableFile ? error.code : '';
    if (code === 'NOTREGULAR' || code === 'TOOLARGE') return undefined;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable';
  }
  if (bytes.length === 0) return 'empty';
  if (kind === 'other') return undefined;
  if (store) return kind === 'certificate' ? keyOfStore(bytes, store.password) : undefined;
  return inPem(bytes, kind);
}

function inPem(bytes: Uint8Array, kind: NamedFile['kind']): FileFault | undefined {
  // A tag of a SEQUENCE with its length in two bytes: DER, which some programs take for a certificate or a key.
  if (bytes[0] === 0x30 && bytes[1] === 0x82) return kind === 'authorities' ? 'not_pem' : undefined;
  const { blocks, faults } = scanPem(Buffer.from(bytes).toString('latin1'));
  const labels = [...blocks, ...faults].map(({ label }) => label);
  if (kind === 'key') return labels.some((label) => label.endsWith('PRIVATE KEY')) ? undefined : 'no_key';
  return labels.some((label) => label.endsWith('CERTIFICATE')) ? undefined : 'no_certificate';
}

/** OpenSSL opens PKCS #12 alone, and only where there is a key in it. */
function keyOfStore(bytes: Uint8Array, password: string | undefined): FileFault | undefined {
  if (bytes[0] !== 0x30) return undefined;
  try {
    createSecureContext({ pfx: Buffer.from(bytes), passphrase: password ?? '' });
    return undefined;
  } catch (error) {
    const said = String(error);
    if (password !== undefined && /mac verify failure/i.test(said)) return 'wrong_password';
    return /Unable to load private key/i.test(said) ? 'no_key' : undefined;
  }
}

/**
 * The file with CAs among the words of a program that has no row, or that runs code with arguments of its own: the only one that
 * holds certificates of CAs alone. Whether the program trusts them is not known.
 */
export function authoritiesAmong(
  words: readonly string[],
): { readonly path: string; readonly pem: string } | undefined {
  const named = new Set(words.slice(1).map((word) => /^--?[\w.-]+=(.+)$/.exec(word)?.[1] ?? word));
  const found = [...named].flatMap((path) => {
    if (path.length > 4096 || /^[a-z]+:\/\//i.test(path)) return [];
    try {
      const pem = Buffer.from(readBytes(path, largest)).toString('latin1');
      const certificates = readChain(pem);
      const isOfCas =
        certificates.length > 0 &&
        certificates.every(({ basicConstraints }) => basicConstraints?.isCa === true);
      return isOfCas ? [{ path, pem }] : [];
    } catch {
      return [];
    }
  });
  return found.length === 1 ? found[0] : undefined;
}
