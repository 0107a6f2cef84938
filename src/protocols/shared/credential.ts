/**
 * What a login gives away: a credential, its kind, and what somebody who recorded it can do with it. One table of kinds; the
 * dissectors find them.
 */
import type { Localized } from '../../i18n/language.ts';

/**
 * - readable: the secret itself, or what is as good as it.
 * - guessable: a proof of the secret, against which guesses can be tested offline, as fast as a machine computes it.
 * - sealed: nothing that helps to find the secret.
 */
export type Protection = 'readable' | 'guessable' | 'sealed';

interface KindOfCredential {
  readonly name: Localized;
  readonly protection: Protection;
}

const readable = (en: string, ko = en): KindOfCredential => ({ name: { en, ko }, protection: 'readable' });

/** @param with what else a guess needs; all of it is in the same connection */
const guessable = (en: string, ko: string, withEn: string, withKo: string): KindOfCredential => ({
  name: { en: `${en}: guesses can be tested with ${withEn}`, ko: `${ko}: ${withKo} 추측을 검증할 수 있음` },
  protection: 'guessable',
});

const sealed = (en: string, ko: string): KindOfCredential => ({ name: { en, ko }, protection: 'sealed' });

const kinds = {
  form_field: readable('form field', '폼 필드'),
  query_parameter: readable('query parameter', '쿼리 매개변수'),
  json_member: readable('JSON member', 'JSON 속성'),
  text_header: readable('header of a text message', '텍스트 메시지의 헤더'),
  basic: readable('Basic authorization', 'Basic 인증'),
  bearer: readable('bearer token', 'Bearer 토큰'),
  digest: guessable(
    'Digest authorization, the user',
    'Digest 인증의 사용자 이름',
    'its realm, nonce and response',
    '같은 헤더의 realm, nonce, response로',
  ),
  ntlm: guessable(
    'NTLM authorization, the user',
    'NTLM 인증의 사용자 이름',
    'its challenge and response',
    '챌린지와 응답으로',
  ),
  negotiate: sealed('Kerberos ticket', 'Kerberos 티켓'),
  cookie: readable('cookie', '쿠키'),
  grpc_field: readable('gRPC field', 'gRPC 필드'),
  pass_command: readable('PASS command', 'PASS 명령'),
  auth_command: readable('AUTH command', 'AUTH 명령'),
  login_command: readable('LOGIN command', 'LOGIN 명령'),
  sasl_plain: readable('SASL PLAIN'),
  sasl_login: readable('SASL LOGIN'),
  apop: guessable('APOP digest', 'APOP 해시', "the server's greeting", '서버의 인사말로'),
  cram_md5: guessable('CRAM-MD5 response', 'CRAM-MD5 응답', "the server's challenge", '서버의 챌린지로'),
  digest_md5: guessable(
    'DIGEST-MD5 response',
    'DIGEST-MD5 응답',
    'its realm and nonces',
    '같은 메시지의 realm과 nonce로',
  ),
  scram: guessable(
    'SCRAM proof',
    'SCRAM 증명',
    'the salt, the iteration count and the nonces',
    '솔트, 반복 횟수, nonce로',
  ),
  sasl_ntlm: guessable('NTLM response', 'NTLM 응답', "the server's challenge", '서버의 챌린지로'),
  sasl_kerberos: sealed('Kerberos (GSSAPI)', 'Kerberos(GSSAPI)'),
  sasl_external: sealed('SASL EXTERNAL: the identity from TLS', 'SASL EXTERNAL: TLS에서 확인한 신원'),
  redis_config: readable('CONFIG SET or ACL', 'CONFIG SET 또는 ACL'),
  simple_bind: readable('simple bind', '단순 바인드'),
  user_password: readable('userPassword attribute', 'userPassword 속성'),
  stored_hash: guessable('stored hash of a password', '저장된 비밀번호 해시', 'nothing else', '그것만으로'),
  sql_password: readable('password in an SQL statement', 'SQL 문의 비밀번호'),
  password_message: readable('password in clear', '평문 비밀번호'),
  postgres_md5: guessable(
    'MD5 response',
    'MD5 응답',
    "the user's name and the server's salt",
    '사용자 이름과 서버의 솔트로',
  ),
  mysql_native_password: guessable(
    'mysql_native_password response',
    'mysql_native_password 응답',
    "the server's scramble",
    '서버의 스크램블로',
  ),
  caching_sha2_password: guessable(
    'caching_sha2_password response',
    'caching_sha2_password 응답',
    "the server's scramble",
    '서버의 스크램블로',
  ),
  client_ed25519: guessable(
    'client_ed25519 signature',
    'client_ed25519 서명',
    "the server's scramble",
    '서버의 스크램블로',
  ),
  sha2_rsa: sealed('password encrypted with RSA', 'RSA로 암호화한 비밀번호'),
  mysql_other: sealed('response of another plugin', '다른 플러그인의 응답'),
} as const satisfies Readonly<Record<string, KindOfCredential>>;

export type CredentialKind = keyof typeof kinds;

export const isCredentialKind = (name: string): name is CredentialKind => Object.hasOwn(kinds, name);

/** A secret in a message, or what a login sent in its place. */
export interface Credential {
  readonly kind: CredentialKind;
  /** The field's, parameter's or cookie's name; for a login the user, where one was named. */
  readonly name: string;
  /** Decoded. */
  readonly value: string;
  /** In its direction, in bytes, as it was sent. */
  readonly offset: number;
  readonly length: number;
}

/** What each is called where it was found, and what a guess needs. */
export const credentialName = (kind: CredentialKind): Localized => kinds[kind].name;

export const protectionOf = (kind: CredentialKind): Protection => kinds[kind].protection;
