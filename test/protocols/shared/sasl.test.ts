/** What an answer of SASL gives away: the secret, a proof against which guesses can be tested, or nothing. */
import test from 'ava';
import { languages } from '../../../src/i18n/language.ts';
import { credentialName, protectionOf } from '../../../src/protocols/shared/credential.ts';
import type { CredentialKind } from '../../../src/protocols/shared/credential.ts';
import { noLogin, readAnswer } from '../../../src/protocols/shared/sasl.ts';

/** `kind name: what stands in the answer where the secret is said to`, of each credential. */
function found(mechanism: string, ...answers: readonly string[]): string[] {
  let login = { ...noLogin, mechanism };
  return answers.flatMap((text) => {
    const { credentials, login: next } = readAnswer(
      text,
      (offset, end) => ({ offset, length: end - offset }),
      login,
    );
    login = next;
    return credentials.map(
      ({ kind, name, offset, length }) => `${kind} ${name}: ${text.slice(offset, offset + length)}`,
    );
  });
}

test('mechanisms that send the secret', (t) => {
  t.deepEqual(found('PLAIN', '\0alice\0tiger-lily'), ['sasl_plain alice: tiger-lily']);
  t.deepEqual(found('LOGIN', 'alice', 'tiger-lily'), ['sasl_login alice: tiger-lily']);
  t.deepEqual(found('XOAUTH2', 'user=alice\u0001auth=Bearer tok\u0001\u0001'), ['bearer alice: tok']);
  t.deepEqual(found('OAUTHBEARER', 'n,a=alice,\u0001auth=Bearer tok\u0001\u0001'), ['bearer alice: tok']);
});

test('mechanisms that prove it', (t) => {
  const digest = '0123456789abcdef'.repeat(2);
  t.deepEqual(found('CRAM-MD5', `alice ${digest}`), [`cram_md5 alice: ${digest}`]);
  t.deepEqual(found('DIGEST-MD5', `username="alice",realm="r",nonce="n",response=${digest},qop=auth`), [
    `digest_md5 alice: ${digest}`,
  ]);
  t.deepEqual(
    found(
      'SCRAM-SHA-256',
      'n,,n=user=2Cx,r=rOprNGfwEbeRWgbNEkqO',
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTC,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    ),
    ['scram user,x: dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ='],
  );
});

test('mechanisms that give nothing away, and answers that are none', (t) => {
  t.deepEqual(found('GSSAPI', 'ticket', 'more'), ['sasl_kerberos GSSAPI: ticket']);
  t.deepEqual(found('EXTERNAL', 'alice'), ['sasl_external alice: alice']);
  t.deepEqual(found('PLAIN', 'nonsense'), []);
  t.deepEqual(found('ANONYMOUS', 'trace'), []);
  t.deepEqual(found('NTLM', 'NTLMSSP\0\u0001\0\0\0'), []);
});

test('what can be guessed says with what, in both languages', (t) => {
  const guessable: readonly CredentialKind[] = [
    'cram_md5',
    'scram',
    'postgres_md5',
    'mysql_native_password',
    'digest',
  ];
  for (const kind of guessable) {
    t.is(protectionOf(kind), 'guessable');
    t.regex(credentialName(kind).en, /: guesses can be tested with /);
    t.regex(credentialName(kind).ko, /로 추측을 검증할 수 있음$/);
  }
  for (const kind of ['sasl_plain', 'basic', 'password_message'] as const)
    t.is(protectionOf(kind), 'readable');
  for (const kind of ['sasl_kerberos', 'negotiate', 'sha2_rsa'] as const) {
    t.is(protectionOf(kind), 'sealed');
    for (const language of languages) t.true(credentialName(kind)[language].length > 0);
  }
});
