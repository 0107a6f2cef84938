/** Whose words they are, which variables count for them, and in which words a remedy is said to them. */
import test from 'ava';
import { hear } from '../../../src/diagnosis/programs/hear.ts';
import { inCode } from '../../../src/diagnosis/programs/in-code.ts';
import { programOf } from '../../../src/diagnosis/programs/programs.ts';
import { countingFor } from '../../../src/diagnosis/programs/python-variables.ts';
import { altered } from '../../../src/diagnosis/programs/remedy.ts';
import { speakerIn } from '../../../src/diagnosis/programs/speaker.ts';

const lines: readonly (readonly [string, string | undefined])[] = [
  ['ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] … (_ssl.c:1006)', 'python'],
  ["  code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'", 'node'],
  ['curl: (60) SSL certificate problem: certificate has expired', 'curl'],
  ["fatal: unable to access 'https://x/': SSL certificate problem", 'git'],
  ['javax.net.ssl.SSLHandshakeException: PKIX path building failed', 'java'],
  ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'go'],
  ['verify error:num=20:unable to get local issuer certificate', 'openssl'],
  ['ERROR 2026 (HY000): TLS/SSL error: SSL is required', 'mariadb'],
  ['certificate verify failed', undefined],
];

for (const [line, name] of lines)
  test(`the speaker of ${line}`, (t) => {
    t.is(speakerIn(`x\n${line}\n`)?.name, name);
  });

const heard: readonly (readonly [string, string, string])[] = [
  [
    'ldapsearch',
    'additional info: TLS: hostname does not match CN in peer certificate',
    'client name_mismatch',
  ],
  ['ldapsearch', 'ldap_start_tls: Protocol error (2)', 'server starttls_refused'],
  [
    'mariadb',
    'ERROR 2026 (HY000): TLS/SSL error: SSL is required, but the server does not support it',
    'server starttls_refused',
  ],
  [
    'mysql',
    "ERROR 2026 (HY000): SSL connection error: SSL is required but the server doesn't support it",
    'server starttls_refused',
  ],
  ['mariadb', 'ERROR 2026 (HY000): TLS/SSL error: Hostname verification failed', 'client name_mismatch'],
  ['mosquitto_pub', 'Error: host name verification failed.', 'client name_mismatch'],
  ['curl', 'curl: (64) STARTTLS not supported.', 'server starttls_refused'],
  [
    'python3',
    'smtplib.SMTPNotSupportedError: STARTTLS extension not supported by server.',
    'server starttls_refused',
  ],
];

for (const [program, line, meaning] of heard)
  test(`${program} says ${line}`, (t) => {
    const { saying } = hear({ stdout: '', stderr: line }, programOf(program)) ?? {};
    t.is(`${saying?.by} ${saying?.cause}`, meaning);
  });

test('the variables that count for Python depend on who speaks', (t) => {
  const all = { HOME: '/', REQUESTS_CA_BUNDLE: 'r', CURL_CA_BUNDLE: 'c', SSL_CERT_FILE: 's' };
  const of = (said: string): NodeJS.ProcessEnv => countingFor(programOf('python3'), all, said);
  t.deepEqual(of('requests.exceptions.SSLError: x'), { HOME: '/', REQUESTS_CA_BUNDLE: 'r' });
  t.deepEqual(of('urllib.error.URLError: x'), { HOME: '/', SSL_CERT_FILE: 's' });
  t.deepEqual(of('it failed'), all);
  t.deepEqual(countingFor(programOf('curl'), all, 'requests.exceptions.x'), all);
});

test('options of curl are not named to code, nor where the client is not known', (t) => {
  const words = {
    en: 'present a certificate with its key (--cert and --key)',
    ko: '인증서와 개인 키를 제시하세요(--cert, --key).',
  };
  t.is(inCode(words, programOf('curl')).en, words.en);
  t.is(inCode(words, undefined).en, 'present a certificate with its key');
  t.is(inCode(words, undefined).ko, '인증서와 개인 키를 제시하세요.');
  t.regex(inCode(words, programOf('python3')).en, /load_cert_chain/);
});

test('a variable that env sets is changed where it is set', (t) => {
  const trust = { variables: { SSL_CERT_FILE: 'CA.crt' } };
  t.is(
    altered(['env', 'SSL_CERT_FILE=old.crt', './visit', 'x'], trust),
    'env SSL_CERT_FILE=CA.crt ./visit x',
  );
  t.is(altered(['./visit', 'SSL_CERT_FILE=x'], trust), 'SSL_CERT_FILE=CA.crt ./visit SSL_CERT_FILE=x');
});

test('Node with OpenSSL’s list of CAs: a file of it that is not there', (t) => {
  const node = programOf('node');
  const variables = { SSL_CERT_FILE: '/nowhere/ca.crt' };
  t.deepEqual(
    node?.stores?.(['node', '--use-openssl-ca', 'x.mjs'], variables).map(({ by, path }) => `${by} ${path}`),
    ['SSL_CERT_FILE /nowhere/ca.crt'],
  );
  t.deepEqual(node?.stores?.(['node', 'x.mjs'], variables), []);
});
