/**
 * Builds the OpenSSL settings that accepting and dialing share: identity, versions, ciphers, protocols. A certificate
 * or key that OpenSSL rejects is reported as a user error.
 */
import { Recent } from '../../core/recent.ts';
import { defined } from '../../core/defined.ts';
import { createSecureContext, DEFAULT_CIPHERS } from 'node:tls';
import type { ConnectionOptions, SecureContext, SecureContextOptions, TlsOptions } from 'node:tls';
import { UserError } from '../../i18n/user-error.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Identity, TlsChoices } from '../endpoint.ts';

type ContextOptions = SecureContextOptions & Pick<TlsOptions, 'ALPNProtocols'>;

/** Contexts by all that they are made of: the same few are used on thousands of connections, and by many listeners. */
const contexts = new Recent<SecureContext>();

/** The options of a TLS server. @throws UserError */
export function tlsContextOptions(
  identity: Identity | undefined,
  tls: TlsChoices | undefined,
): ContextOptions {
  const options = choicesOf(identity, tls);
  contexts.under(JSON.stringify(options), () => contextOf(options));
  return { ...options, ...protocolsOf(tls) };
}

/** Whether OpenSSL has what they name. @throws UserError */
export function checkChoices(tls: TlsChoices): void {
  contextOf(choicesOf(undefined, tls));
}

/** The options of a TLS client. Its context is created once: that takes longer than a handshake. @throws UserError */
export function clientContext(
  identity: Identity | undefined,
  tls: TlsChoices | undefined,
  trusted: Pick<SecureContextOptions, 'ca' | 'crl'>,
): Pick<ConnectionOptions, 'secureContext' | 'ALPNProtocols'> {
  const options = { ...choicesOf(identity, tls), ...trusted };
  return {
    secureContext: contexts.under(JSON.stringify(options), () => contextOf(options)),
    ...protocolsOf(tls),
  };
}

const protocolsOf = (tls: TlsChoices | undefined): Pick<TlsOptions, 'ALPNProtocols'> =>
  tls?.alpn ? { ALPNProtocols: [...tls.alpn] } : {};

function choicesOf(identity: Identity | undefined, tls: TlsChoices | undefined): SecureContextOptions {
  return defined({
    ...(identity ? { cert: identity.certificate, key: identity.key } : {}),
    minVersion: tls?.minVersion,
    maxVersion: tls?.maxVersion,
    dhparam: tls?.dhparam,
    ...cipherList(tls),
    ecdhCurve: tls?.groups,
  });
}

/** A security level is appended to a cipher list, even to the default one. */
function cipherList(tls: TlsChoices | undefined): Pick<SecureContextOptions, 'ciphers'> {
  const { ciphers, securityLevel } = tls ?? {};
  if (securityLevel === undefined) return ciphers ? { ciphers } : {};
  return { ciphers: `${ciphers ?? DEFAULT_CIPHERS}:@SECLEVEL=${securityLevel}` };
}

const mistakes: readonly (readonly [code: RegExp, what: Localized, remedy: Localized])[] = [
  [
    /KEY_VALUES_MISMATCH|KEY_TYPE_MISMATCH/,
    { en: 'the private key does not match the certificate', ko: '개인 키가 인증서와 짝이 맞지 않습니다' },
    {
      en: 'Give the key that the certificate was issued for.',
      ko: '그 인증서를 발급받을 때 쓴 키를 지정하세요.',
    },
  ],
  [
    /NO_START_LINE|UNSUPPORTED|BAD_BASE64|DECODE|ASN1|BAD_END_LINE|PEM/,
    {
      en: 'the certificate or the private key is not valid PEM',
      ko: '인증서나 개인 키를 PEM 형식으로 읽을 수 없습니다',
    },
    {
      en: 'Give PEM files (BEGIN CERTIFICATE, BEGIN PRIVATE KEY), without a pass phrase.',
      ko: '암호가 걸려 있지 않은 PEM 파일(BEGIN CERTIFICATE, BEGIN PRIVATE KEY)을 지정하세요.',
    },
  ],
  [
    /EE_KEY_TOO_SMALL|CA_MD_TOO_WEAK|CA_KEY_TOO_SMALL/,
    {
      en: 'the certificate is too weak for OpenSSL',
      ko: '인증서가 너무 약해 OpenSSL이 사용을 거부합니다',
    },
    {
      en: 'Use a key of at least 2048 bits (RSA) and a SHA-256 signature.',
      ko: 'RSA는 2048비트 이상의 키와 SHA-256 서명을 사용하세요.',
    },
  ],
  [
    /Failed to set ECDH curve/,
    {
      en: 'OpenSSL supports none of these groups, or not all of them',
      ko: '이 가운데 OpenSSL이 모르는 그룹이 있습니다',
    },
    {
      en: 'Name groups that this Node’s OpenSSL knows: X25519, P-256, and X25519MLKEM768 from OpenSSL 3.5 on.',
      ko: '지금 쓰는 Node의 OpenSSL이 아는 그룹을 적으세요: X25519, P-256. X25519MLKEM768은 OpenSSL 3.5부터 됩니다.',
    },
  ],
  [
    /NO_CIPHER_MATCH|INVALID_COMMAND/,
    {
      en: 'OpenSSL supports no cipher suite of this list',
      ko: '이 목록에는 OpenSSL이 아는 암호 스위트가 없습니다',
    },
    {
      en: 'List the supported names with `openssl ciphers -v`.',
      ko: '사용할 수 있는 이름은 `openssl ciphers -v` 명령으로 확인하세요.',
    },
  ],
];

function contextOf(options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    // Node leaves the error of an unknown group in OpenSSL's queue, where the next key that is read would fail because of it.
    createSecureContext();
    const { code = '', message } = error as NodeJS.ErrnoException;
    const known = mistakes.find(([pattern]) => pattern.test(code) || pattern.test(message));
    if (!known) throw error;
    throw new UserError(
      { what: known[1], where: 'TLS', received: `${code} (${message})`, remedy: known[2] },
      { cause: error },
    );
  }
}
