/** Reads the public keys that a login pins (`--pinnedpubkey`): as curl does, and out of a certificate. */
import { createHash } from 'node:crypto';
import { readBytes } from '../../i18n/read-file.ts';
import { readContents } from '../../pki/x509/contents.ts';
import { named } from '../proxy/credentials.ts';
import { wrongCall } from './mistakes.ts';

/** The most bytes of the file. */
const largest = 1024 * 1024;
/** SHA-256 in base64, of 32 bytes. */
const hash = /^sha256\/\/([A-Za-z0-9+/]{43}=)$/;

/** @returns SHA-256 of each SubjectPublicKeyInfo, in base64. @throws UserError for a file without a public key, or an invalid hash. */
export function readPins(asked: string): readonly string[] {
  if (asked.startsWith('sha256//'))
    return asked.split(';').map((one) => {
      const [, digest] = hash.exec(one.trim()) ?? [];
      if (digest !== undefined) return digest;
      throw wrongCall(
        'login',
        { en: 'invalid hash of a public key', ko: '공개 키의 해시로 쓸 수 없습니다' },
        {
          expected: {
            en: 'sha256// and 44 characters in base64, as curl has it',
            ko: 'sha256//와 base64 44자(curl과 같은 형식)',
          },
          received: `--pinnedpubkey ${asked}`,
        },
      );
    });
  return named('pinnedpubkey', () => {
    const [first] = readContents(readBytes(asked, largest), asked).flatMap((one) =>
      one.kind === 'certificate'
        ? [one.certificate.publicKey.der]
        : one.kind === 'public-key'
          ? [one.publicKey.der]
          : [],
    );
    if (first) return [createHash('sha256').update(first).digest('base64')];
    throw wrongCall(
      'login',
      { en: 'the file has no public key', ko: '파일에 공개 키가 없습니다' },
      {
        expected: { en: 'a certificate or a public key', ko: '인증서 또는 공개 키' },
        received: `--pinnedpubkey ${asked}`,
      },
    );
  });
}
