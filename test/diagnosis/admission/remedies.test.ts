/** What mends a hole, in the words of the programs that may stand at the port. */
import test from 'ava';
import * as remedies from '../../../src/diagnosis/admission/remedies.ts';
import type { Remedy, ServerSigns } from '../../../src/diagnosis/admission/remedies.ts';

const { remedyText, requireCertificate, endSessions } = remedies;
const all = Object.values(remedies).filter(
  (one): one is Remedy => typeof one === 'object' && 'settings' in one,
);
const inProtocol = (signs: ServerSigns): string => remedyText(requireCertificate, signs).en;

const rows: readonly (readonly [string, ServerSigns, readonly string[], readonly string[]])[] = [
  [
    'HTTP',
    { protocol: 'http' },
    ['nginx: ssl_verify_client on.', 'Apache: SSLVerifyClient require.', 'gnutls-serv: '],
    ['slapd', 'exim', 'mosquitto', 'Redis'],
  ],
  ['Redis', { protocol: 'redis' }, ['Redis: tls-auth-clients yes.', 'stunnel: '], ['Apache', 'slapd']],
  ['MQTT', { protocol: 'mqtt' }, ['mosquitto: require_certificate true.', 'haproxy: '], ['etcd', 'slapd']],
  ['LDAP', { protocol: 'ldap', isStarttls: true }, ['slapd: TLSVerifyClient demand.'], ['nginx', 'stunnel']],
  ['SMTP', { protocol: 'smtp', isStarttls: true }, ['exim: tls_verify_hosts = *.', 'Postfix: '], ['Go:']],
  ['an unknown protocol', {}, ['nginx: ', 'slapd: ', 'exim: ', 'PostgreSQL: '], []],
];
for (const [title, signs, named, others] of rows)
  test(`${title}: the programs that may stand there`, (t) => {
    const words = inProtocol(signs);
    for (const one of named) t.true(words.includes(one), words);
    for (const one of others) t.false(words.includes(one), words);
  });

test('the program that the server says it is comes first', (t) => {
  const words = inProtocol({ protocol: 'http', title: 'Apache/2.4.62 (Debian)' });
  t.true(words.startsWith(`${requireCertificate.words.en} Apache: `), words);
  t.is(words.split('Apache: ').length, 2);
  t.true(inProtocol({ protocol: 'mqtt' }).startsWith(`${requireCertificate.words.en} mosquitto: `));
});

test('Go: what is called for a resumed session', (t) =>
  t.regex(remedyText(endSessions, { protocol: 'http' }).en, /Go: check revocation in VerifyConnection/));

test('every remedy has both languages, and ends each setting once', (t) => {
  t.true(all.length > 7);
  for (const remedy of all)
    for (const text of Object.values(remedyText(remedy, {}))) {
      t.notRegex(text, /undefined|\.\.|: \./);
      t.true(text.endsWith('.'), text);
    }
});
