/** Reads the CA for clients that a server trusts: its certificate with those above it, and its private key if it is at hand. */
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { ClientAuthority } from '../../diagnosis/admission/identities.ts';
import { readLeaf } from '../../diagnosis/chain.ts';
import { isKeyOf } from '../../pki/ca/signing-policy.ts';
import { isSelfSigned, mayHaveIssued } from '../../pki/x509/verify.ts';
import type { Identity } from '../../wire/endpoint.ts';
import { checkSigningKey } from '../certs/authority.ts';
import { readCertificates, readKind, warnOfOpenKey } from '../certs/files.ts';
import { printTo } from '../certs/print.ts';
import type { Environment, OptionTable, Parsed } from '../command.ts';

export const clientAuthorityOptions: OptionTable = {
  'client-ca': {
    value: 'CRT',
    help: {
      en: 'the CA whose clients the server admits, with the CAs above it',
      ko: '서버가 받아들이는 클라이언트의 CA(상위 CA 포함)',
    },
  },
  'client-ca-key': {
    value: 'KEY',
    help: {
      en: 'its private key: the clients’ certificates are issued with it, in memory, for an hour',
      ko: '그 CA의 개인 키. 클라이언트 인증서를 메모리에서 한 시간짜리로 발급',
    },
  },
};

/** @throws UserError for files that cannot be used, and if neither a valid client nor a key to make one is given */
export function clientAuthority(
  parsed: Parsed,
  environment: Environment,
  valid: Identity | undefined,
): ClientAuthority {
  const certificateFile = parsed.text('client-ca');
  const keyFile = parsed.text('client-ca-key');
  if (certificateFile === undefined)
    throw new UserError({
      what: { en: 'missing --client-ca', ko: '--client-ca 옵션이 필요합니다' },
      where: 'wirelab prove',
      expected: {
        en: '--client-ca CRT: the CA whose clients the server admits',
        ko: '--client-ca CRT: 서버가 받아들이는 클라이언트의 CA',
      },
    });
  if (keyFile === undefined && !valid)
    throw new UserError({
      what: { en: 'no valid client to compare with', ko: '비교할 유효한 클라이언트가 없습니다' },
      where: 'wirelab prove',
      expected: {
        en: '--client-ca-key KEY to issue one, or --cert FILE --key FILE',
        ko: '발급할 --client-ca-key KEY, 또는 --cert FILE --key FILE',
      },
    });
  const certificates = readCertificates(certificateFile);
  if (keyFile === undefined) {
    const leaf = valid && readLeaf(valid.certificate);
    const issuer = certificates.find((one) => leaf && mayHaveIssued(one, leaf)) ?? certificates[0];
    return { certificate: issuer, intermediates: intermediatesFrom(issuer, certificates) };
  }
  const [content] = readKind(keyFile, 'private-key');
  checkSigningKey(content, `--client-ca-key ${keyFile}`);
  warnOfOpenKey(keyFile, printTo({ ...environment, stdout: environment.stderr }));
  const certificate = certificates.find((one) => isKeyOf(content.key, one));
  if (!certificate)
    throw new UserError({
      what: {
        en: 'the private key does not match the CA certificate',
        ko: '개인 키가 CA 인증서와 맞지 않습니다',
      },
      where: `--client-ca ${certificateFile}, --client-ca-key ${keyFile}`,
      remedy: {
        en: 'Compare the key SHA-256 of both with ./wirelab certs show FILE: they must be equal.',
        ko: './wirelab certs show FILE 명령으로 나오는 키 SHA-256 값이 서로 같아야 합니다.',
      },
    });
  return { certificate, key: content.key, intermediates: intermediatesFrom(certificate, certificates) };
}

/** DER, from the issuing CA up, without the root: the server has that. */
function intermediatesFrom(issuer: Certificate, all: readonly Certificate[]): Uint8Array[] {
  const chain: Certificate[] = [];
  let next: Certificate | undefined = issuer;
  while (next && !isSelfSigned(next) && !chain.includes(next)) {
    chain.push(next);
    const child: Certificate = next;
    next = all.find((one) => one !== child && mayHaveIssued(one, child));
  }
  return chain.map(({ der }) => der);
}
