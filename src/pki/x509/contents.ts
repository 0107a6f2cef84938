/**
 * Parses the contents of a certificate file: one DER structure, or any number of PEM blocks in any order. It identifies
 * and parses them without judging. `protocols/x509` parses the structures, OpenSSL the keys.
 *
 * 1. A file is read completely or not at all: an unreadable block is an error with its line or number.
 * 2. Of a private key only its type and public half leave this file (and the key object, for signing).
 */
import { bufferOf } from '../../core/bytes.ts';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readStep } from '../../core/cursor.ts';
import type { Malformed, Step } from '../../core/field.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { readRevocationList } from '../../protocols/x509/crl.ts';
import type { RevocationList } from '../../protocols/x509/crl.ts';
import { every, objectIdentifier, opaque, sequence, smallInteger, tags } from '../../protocols/x509/der.ts';
import { readSigningRequest } from '../../protocols/x509/request.ts';
import type { SigningRequest } from '../../protocols/x509/request.ts';
import { publicKeyInfo } from '../../protocols/x509/structures.ts';
import type { PublicKeyInfo } from '../../protocols/x509/structures.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import type { Localized } from '../../i18n/language.ts';
import { scanPem } from '../keystore/pem.ts';
import type { PemFault } from '../keystore/pem.ts';

export type Content =
  | { readonly kind: 'certificate'; readonly certificate: Certificate }
  | { readonly kind: 'request'; readonly request: SigningRequest }
  | { readonly kind: 'revocation-list'; readonly list: RevocationList }
  | { readonly kind: 'private-key'; readonly key: KeyObject; readonly publicKey: PublicKeyInfo }
  | { readonly kind: 'public-key'; readonly publicKey: PublicKeyInfo };

export type ContentKind = Content['kind'];

export const contentNames: Readonly<Record<ContentKind, Localized>> = {
  certificate: { en: 'certificate', ko: '인증서' },
  request: { en: 'certificate signing request (CSR)', ko: '인증서 서명 요청(CSR)' },
  'revocation-list': { en: 'certificate revocation list (CRL)', ko: '인증서 폐기 목록(CRL)' },
  'private-key': { en: 'private key', ko: '개인 키' },
  'public-key': { en: 'public key', ko: '공개 키' },
};

/**
 * Everything in the bytes of a file, in order; at least one thing.
 * @param where the file's name, for errors.
 * @throws UserError for a file that is empty, damaged, protected by a passphrase, or of an unsupported type.
 */
export function readContents(bytes: Uint8Array, where: string): Content[] {
  if (bytes.length === 0)
    throw mistake(where, {
      what: { en: 'the file is empty', ko: '파일이 비어 있습니다' },
      expected: readable,
    });
  const text = textOf(bytes);
  // DER starts with a SEQUENCE and its length; a text may start with the same byte, the digit 0.
  const isDer =
    bytes[0] === tags.sequence && ((bytes[1] ?? 0) >= 0x80 || bytes.length === 2 + (bytes[1] ?? 0));
  if (isDer && !text.includes('-----BEGIN ')) return [readDer(bytes, where)];
  const { blocks, faults } = scanPem(text);
  const [fault] = faults;
  if (fault) throw faultError(fault, where);
  const contents = blocks.flatMap(({ label, der }, index) => {
    if (label === 'EC PARAMETERS') return [];
    return [readBlock(label, der, blocks.length > 1 ? `${where}: block ${index + 1}, ${label}` : where)];
  });
  if (contents.length === 0) {
    throw mistake(where, {
      what: {
        en: 'the file contains no certificate, request, revocation list or key',
        ko: '파일에 인증서, 서명 요청, 폐기 목록, 키 가운데 아무것도 없습니다',
      },
      expected: readable,
      received: blocks.length > 0 ? blocks.map(({ label }) => label).join(', ') : beginningOf(bytes, text),
    });
  }
  return contents;
}

const readable: Localized = {
  en: 'a certificate, CSR, CRL or key, as PEM or DER',
  ko: 'PEM 또는 DER 형식의 인증서, CSR, CRL, 키',
};

const mistake = (where: string, facts: Omit<UserErrorFacts, 'where'>, cause?: unknown): UserError =>
  new UserError({ where, ...facts }, cause === undefined ? undefined : { cause });

/** PEM is ASCII; Windows editors also save it as UTF-16. */
function textOf(bytes: Uint8Array): string {
  const buffer = bufferOf(bytes);
  return buffer.toString(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'latin1');
}

function beginningOf(bytes: Uint8Array, text: string): string {
  const line = text.trimStart().split(/\r?\n/, 1)[0] ?? '';
  if (line !== '' && /^[\x20-\x7e\t]*$/.test(line)) return line.length > 60 ? `${line.slice(0, 60)}…` : line;
  return `${bytes.length} bytes: ${Buffer.from(bytes.subarray(0, 16)).toString('hex')}…`;
}

const faultWords: Readonly<Record<PemFault['fault'], (label: string) => Localized>> = {
  unended: (label) => ({
    en: `the file is truncated: -----END ${label}----- is missing`,
    ko: `파일이 잘려 있습니다. -----END ${label}----- 줄이 없습니다`,
  }),
  not_base64: (label) => ({
    en: `the ${label} block contains invalid base64`,
    ko: `${label} 블록 안에 Base64가 아닌 내용이 있습니다`,
  }),
  empty: (label) => ({
    en: `the ${label} block is empty`,
    ko: `${label} 블록 안이 비어 있습니다`,
  }),
  encrypted: () => ({
    en: 'the private key is protected by a passphrase',
    ko: '개인 키가 암호로 보호되어 있습니다',
  }),
};

function faultError({ label, line, fault }: PemFault, where: string): UserError {
  return fault === 'encrypted'
    ? locked(where)
    : mistake(`${where}:${line}`, {
        what: faultWords[fault](label),
        remedy: {
          en: 'Copy the complete file again from its source.',
          ko: '파일을 만든 곳에서 전체를 다시 복사하세요.',
        },
      });
}

/** The location is the file name alone, so that the command can be copied. */
const locked = (where: string): UserError =>
  mistake(where, {
    what: { en: 'the private key is protected by a passphrase', ko: '개인 키가 암호로 보호되어 있습니다' },
    expected: {
      en: 'a key without a passphrase: wirelab does not prompt for one',
      ko: '암호가 없는 키(wirelab은 암호를 묻지 않습니다)',
    },
    remedy: {
      en: 'Create a copy without a passphrase that only you can read: (umask 077; openssl pkey -in KEY -out plain.key)',
      ko: '본인만 읽을 수 있는 사본을 만들어 암호를 푸세요: (umask 077; openssl pkey -in KEY -out plain.key)',
    },
  });

type Reader = (der: Uint8Array, where: string) => Content;

const readCertificateBlock: Reader = (der, where) => ({
  kind: 'certificate',
  certificate: whole(readCertificate(der), 'certificate', where),
});
const readRequestBlock: Reader = (der, where) => ({
  kind: 'request',
  request: whole(readSigningRequest(der), 'request', where),
});
const readListBlock: Reader = (der, where) => ({
  kind: 'revocation-list',
  list: whole(readRevocationList(der), 'revocation-list', where),
});
const privateKeyReader =
  (type: 'pkcs8' | 'pkcs1' | 'sec1'): Reader =>
  (der, where) => {
    const content = privateKeyOf(der, type);
    if (content) return content;
    throw damaged('private-key', undefined, where);
  };

/** RFC 7468 sections 5 to 13, and the older labels of OpenSSL. */
const readers: Readonly<Record<string, Reader>> = {
  CERTIFICATE: readCertificateBlock,
  'X509 CERTIFICATE': readCertificateBlock,
  'CERTIFICATE REQUEST': readRequestBlock,
  'NEW CERTIFICATE REQUEST': readRequestBlock,
  'X509 CRL': readListBlock,
  'PRIVATE KEY': privateKeyReader('pkcs8'),
  'RSA PRIVATE KEY': privateKeyReader('pkcs1'),
  'EC PRIVATE KEY': privateKeyReader('sec1'),
  'PUBLIC KEY': (der, where) => {
    const publicKey = publicKeyInfoOf(der);
    if (publicKey) return { kind: 'public-key', publicKey };
    throw damaged('public-key', undefined, where);
  },
  'ENCRYPTED PRIVATE KEY': (_der, where) => {
    throw locked(where);
  },
};

/** Types that another program must convert first. */
const elsewhere: Readonly<Record<string, string>> = {
  'TRUSTED CERTIFICATE': 'openssl x509 -in FILE -out plain.crt',
  PKCS7: 'openssl pkcs7 -in FILE -print_certs -out chain.crt',
  CMS: 'openssl pkcs7 -in FILE -print_certs -out chain.crt',
  'OPENSSH PRIVATE KEY': 'ssh-keygen -p -m PKCS8 -f COPY',
  'DSA PRIVATE KEY': 'openssl pkey -in FILE -out plain.key',
  'RSA PUBLIC KEY': 'openssl rsa -RSAPublicKey_in -in FILE -pubout -out key.pub',
};

function readBlock(label: string, der: Uint8Array, where: string): Content {
  const read = Object.hasOwn(readers, label) ? readers[label] : undefined;
  if (read) return read(der, where);
  const way = Object.hasOwn(elsewhere, label) ? elsewhere[label] : undefined;
  throw mistake(where, {
    what: {
      en: `unsupported PEM block: ${label}`,
      ko: `${label} 종류의 PEM 블록은 읽지 않습니다`,
    },
    expected: { en: Object.keys(readers).join(', '), ko: Object.keys(readers).join(', ') },
    received: label,
    remedy: way
      ? { en: `Convert it: ${way}`, ko: `다음 명령으로 변환하세요: ${way}` }
      : { en: 'Remove the block from a copy of the file.', ko: '파일의 사본에서 그 블록을 빼세요.' },
  });
}

function whole<T>(step: Step<T>, kind: ContentKind, where: string): T {
  if ('got' in step) return step.got;
  throw damaged(kind, 'malformed' in step ? step.malformed : undefined, where);
}

const damagedWords: Readonly<Record<ContentKind, Localized>> = {
  certificate: { en: 'the certificate is damaged', ko: '인증서가 손상되었습니다' },
  request: { en: 'the certificate signing request is damaged', ko: '인증서 서명 요청(CSR)이 손상되었습니다' },
  'revocation-list': { en: 'the revocation list is damaged', ko: '인증서 폐기 목록(CRL)이 손상되었습니다' },
  'private-key': { en: 'the private key is damaged', ko: '개인 키가 손상되었습니다' },
  'public-key': { en: 'the public key is damaged', ko: '공개 키가 손상되었습니다' },
};

function damaged(kind: ContentKind, malformed: Malformed | undefined, where: string): UserError {
  return mistake(where, {
    what: damagedWords[kind],
    ...(malformed
      ? {
          expected: { en: malformed.expected, ko: malformed.expected },
          received: `${malformed.found} (${malformed.id}, byte ${malformed.offset})`,
        }
      : {}),
    remedy: {
      en: 'Copy the complete file again, or have it reissued.',
      ko: '전체를 다시 복사하거나 다시 발급받으세요.',
    },
  });
}

function privateKeyOf(der: Uint8Array, type: 'pkcs8' | 'pkcs1' | 'sec1'): Content | undefined {
  try {
    const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type });
    const publicKey = publicKeyInfoOf(
      new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' })),
    );
    return publicKey && { kind: 'private-key', key, publicKey };
  } catch {
    return undefined;
  }
}

function publicKeyInfoOf(der: Uint8Array): PublicKeyInfo | undefined {
  const step = readStep(
    'x509',
    der,
    (cursor) => publicKeyInfo({ der, base: 0 }, cursor, 'x509.tbs_certificate.subject_public_key_info'),
    { open: false },
  );
  return 'got' in step && step.consumed === der.length ? step.got : undefined;
}

/** DER has no label: the type is that of the parser that succeeds; if none does, of the one that got furthest. */
function readDer(der: Uint8Array, where: string): Content {
  const tries = [
    ['certificate', readCertificate(der)],
    ['request', readSigningRequest(der)],
    ['revocation-list', readRevocationList(der)],
  ] as const;
  const [[, certificate], [, request], [, list]] = tries;
  if ('got' in certificate) return { kind: 'certificate', certificate: certificate.got };
  if ('got' in request) return { kind: 'request', request: request.got };
  if ('got' in list) return { kind: 'revocation-list', list: list.got };
  const container = containerOf(der);
  if (container) throw containerErrors[container](where);
  const publicKey = publicKeyInfoOf(der);
  if (publicKey) return { kind: 'public-key', publicKey };
  const key = privateKeyOf(der, 'pkcs8') ?? privateKeyOf(der, 'pkcs1') ?? privateKeyOf(der, 'sec1');
  if (key) return key;
  let furthest: { kind: ContentKind; malformed: Malformed } | undefined;
  for (const [kind, step] of tries) {
    if ('malformed' in step && (!furthest || step.malformed.offset > furthest.malformed.offset))
      furthest = { kind, malformed: step.malformed };
  }
  if (furthest && furthest.malformed.offset > 8) throw damaged(furthest.kind, furthest.malformed, where);
  throw mistake(where, {
    what: {
      en: 'the file is DER of an unsupported type, or it is damaged',
      ko: 'DER 형식이지만 읽을 수 있는 종류가 아니거나 손상되었습니다',
    },
    expected: readable,
    received: beginningOf(der, ''),
  });
}

type Container = 'pkcs12' | 'pkcs7' | 'encrypted-key';

const containerErrors: Readonly<Record<Container, (where: string) => UserError>> = {
  pkcs12: (where) =>
    mistake(where, {
      what: {
        en: 'the file is a PKCS#12 bundle (.p12, .pfx), which is not supported',
        ko: 'PKCS#12 묶음 파일(.p12, .pfx)은 읽지 않습니다',
      },
      expected: readable,
      remedy: {
        en: 'Extract the certificates: openssl pkcs12 -in FILE -nokeys -out chain.crt',
        ko: '인증서를 꺼내세요: openssl pkcs12 -in FILE -nokeys -out chain.crt',
      },
    }),
  pkcs7: (where) =>
    mistake(where, {
      what: {
        en: 'the file is a PKCS#7 bundle (.p7b), which is not supported',
        ko: 'PKCS#7 묶음 파일(.p7b)은 읽지 않습니다',
      },
      expected: readable,
      remedy: {
        en: 'Extract the certificates: openssl pkcs7 -inform DER -in FILE -print_certs -out chain.crt',
        ko: '인증서를 꺼내세요: openssl pkcs7 -inform DER -in FILE -print_certs -out chain.crt',
      },
    }),
  'encrypted-key': locked,
};

/** PKCS#12 (RFC 7292 section 4), PKCS#7 signed data (RFC 2315 section 9), EncryptedPrivateKeyInfo (RFC 5958 section 3). */
function containerOf(der: Uint8Array): Container | undefined {
  const step = readStep(
    'x509',
    der,
    (cursor) =>
      sequence(cursor, 'x509', (content): Container | undefined => {
        const first = content.peek();
        let found: Container | undefined;
        if (first === tags.integer && smallInteger(content, 'x509') === 3 && content.peek() === tags.sequence)
          found = 'pkcs12';
        else if (first === tags.oid && objectIdentifier(content, 'x509').startsWith('1.2.840.113549.1.7.'))
          found = 'pkcs7';
        else if (first === tags.sequence) {
          const algorithm = sequence(content, 'x509', (inner) => {
            const oid = inner.peek() === tags.oid ? objectIdentifier(inner, 'x509') : '';
            every(inner, (one) => opaque(one, 'x509'));
            return oid;
          });
          // PBES1 and PBES2 (RFC 8018), and the older ones of PKCS#12.
          if (/^1\.2\.840\.113549\.1\.(?:5|12\.1)\./.test(algorithm) && content.peek() === tags.octetString)
            found = 'encrypted-key';
        }
        every(content, (one) => opaque(one, 'x509'));
        return found;
      }),
    { open: false },
  );
  return 'got' in step ? step.got : undefined;
}
