/** Reads a user's own CA: its certificate and its private key, from two files or one file with both. */
import type { KeyObject } from 'node:crypto';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { PublicKeyInfo } from '../../protocols/x509/structures.ts';
import { UserError } from '../../i18n/user-error.ts';
import { isKeyOf } from '../../pki/ca/signing-policy.ts';
import type { OptionTable, Parsed } from '../command.ts';
import { readCertificates, readKind } from './files.ts';
import { needed } from './operands.ts';

export const authorityOptions: OptionTable = {
  ca: { value: 'CERT', help: { en: 'the certificate of the CA', ko: 'CA의 인증서' } },
  'ca-key': { value: 'KEY', help: { en: 'the private key of the CA', ko: 'CA의 개인 키' } },
};

export interface Authority {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

/** @throws UserError if a file cannot be read, or the key does not match the certificate. */
export function readAuthority(parsed: Parsed, action: string): Authority {
  const certificateFile = needed(parsed, action, 'ca', 'CERT');
  const keyFile = needed(parsed, action, 'ca-key', 'KEY');
  const [certificate] = readCertificates(certificateFile);
  const [content] = readKind(keyFile, 'private-key');
  const { key } = content;
  checkSigningKey(content, `--ca-key ${keyFile}`);
  if (isKeyOf(key, certificate)) return { certificate, key };
  throw new UserError({
    what: {
      en: 'the private key does not match the CA certificate',
      ko: '개인 키가 CA 인증서와 맞지 않습니다',
    },
    where: `--ca ${certificateFile}, --ca-key ${keyFile}`,
    remedy: {
      en: 'Compare the key SHA-256 of both with ./wirelab certs show FILE: they must be equal.',
      ko: './wirelab certs show FILE 명령으로 나오는 키 SHA-256 값이 서로 같아야 합니다.',
    },
  });
}

/** @throws UserError for a key type that `pki/ca/sign.ts` cannot sign with. */
export function checkSigningKey(
  { key, publicKey }: { readonly key: KeyObject; readonly publicKey: PublicKeyInfo },
  where: string,
): void {
  if (['rsa', 'ec', 'ed25519'].includes(key.asymmetricKeyType ?? '')) return;
  throw new UserError({
    what: {
      en: 'wirelab cannot sign with this type of key',
      ko: '이 종류의 키로는 서명할 수 없습니다',
    },
    where,
    expected: { en: 'RSA, an elliptic curve, or Ed25519', ko: 'RSA, 타원 곡선, Ed25519' },
    received: publicKey.name,
  });
}

/** @throws UserError unless the value is a whole number of days between 1 and 36500 (100 years). */
export function daysOf(parsed: Parsed): number | undefined {
  const given = parsed.text('days');
  if (given === undefined) return undefined;
  const days = /^\d{1,5}$/.test(given) ? Number(given) : 0;
  if (days >= 1 && days <= 36_500) return days;
  throw new UserError({
    what: { en: 'invalid number of days', ko: '일수를 읽을 수 없습니다' },
    where: '--days',
    expected: { en: 'a whole number from 1 to 36500', ko: '1부터 36500까지의 정수' },
    received: given,
  });
}
