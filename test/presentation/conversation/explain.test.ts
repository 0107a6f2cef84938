/** What the explanation pane says of a field: whose words, which value, in both languages, and nothing harmful. */
import test from 'ava';
import * as fc from 'fast-check';
import type { Field, FieldId, FieldValue } from '../../../src/core/field.ts';
import { fieldOfHttp } from '../../../src/protocols/http/message-field.ts';
import { HttpConversation } from '../../../src/protocols/http/conversation.ts';
import { commandTexts, explainedCommandFields } from '../../../src/protocols/commands/texts.ts';
import { explainedHttpFields, httpTexts } from '../../../src/protocols/http/texts.ts';
import { fieldOf } from '../../../src/protocols/tls/message/message-field.ts';
import { TlsConversation } from '../../../src/protocols/tls/conversation.ts';
import { explainedTlsFields, tlsRemarks, tlsTexts } from '../../../src/protocols/tls/texts.ts';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import { dnsTexts, explainedDnsFields } from '../../../src/protocols/dns/texts.ts';
import { explainedLdapFields, ldapTexts } from '../../../src/protocols/logins/ldap/texts.ts';
import { explainedMqttFields, mqttTexts } from '../../../src/protocols/logins/mqtt/texts.ts';
import { explainedMysqlFields, mysqlTexts } from '../../../src/protocols/logins/mysql/texts.ts';
import { explainedPostgresFields, postgresTexts } from '../../../src/protocols/logins/postgres/texts.ts';
import { explainedRedisFields, redisTexts } from '../../../src/protocols/logins/redis/texts.ts';
import { explainedTlsRequestFields, tlsRequestTexts } from '../../../src/protocols/tls-request/texts.ts';
import { explainedX509Fields, x509Texts } from '../../../src/protocols/x509/texts.ts';
import { languages } from '../../../src/i18n/language.ts';
import { explainField, loadExplanations } from '../../../src/presentation/conversation/explain.ts';
import type { Explanation } from '../../../src/presentation/conversation/explain.ts';
import { cases, recordingOf } from '../../protocols/helpers/handshakes.ts';
import { selfSigned } from '../../protocols/helpers/self-signed.ts';
import { got } from '../../protocols/x509/got.ts';
import { present } from '../../helpers/capture.ts';

/** Also such that nothing here has. */
const field = (id: string, value: FieldValue = null, more: Partial<Field> = {}): Field => ({
  id: id as FieldId,
  range: [0, 4],
  value,
  children: [],
  remarks: [],
  origin: 'wire',
  ...more,
});
const english = (...path: readonly Field[]): Explanation => present(explainField(path, 'en'));
const valueOf = (id: string, value: FieldValue): readonly string[] =>
  languages.map((language) => present(explainField([field(id, value)], language)).value);

function pathsOf(root: Field, around: readonly Field[] = []): Field[][] {
  const path = [...around, root];
  return [path, ...root.children.flatMap((child) => pathsOf(child, path))];
}

const harmful = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|[\u{10000}-\u{10ffff}]/u;
const textsOf = ({ name, value, meaning, remarks }: Explanation): readonly string[] => [
  name,
  value,
  meaning,
  ...remarks,
];

const loginTexts = {
  ...ldapTexts,
  ...mqttTexts,
  ...mysqlTexts,
  ...postgresTexts,
  ...redisTexts,
};

const explainedLoginFields = [
  ...explainedLdapFields,
  ...explainedMqttFields,
  ...explainedMysqlFields,
  ...explainedPostgresFields,
  ...explainedRedisFields,
];

test.serial('who asks before the words are loaded made a mistake', async (t) => {
  t.throws(() => explainField([field('tls.alert')], 'en'), { message: /before they are loaded/ });
  await loadExplanations();
  t.is(english(field('tls.alert')).from, 'tls.alert');
  t.is(explainField([], 'en'), undefined);
});

test('every explained id of every dissector has its own words, in both languages', (t) => {
  const tables = {
    ...httpTexts,
    ...commandTexts,
    ...tlsRequestTexts,
    ...dnsTexts,
    ...loginTexts,
    ...tlsTexts,
    ...x509Texts,
  };
  for (const id of [
    ...explainedHttpFields,
    ...explainedCommandFields,
    ...explainedTlsRequestFields,
    ...explainedDnsFields,
    ...explainedLoginFields,
    ...explainedTlsFields,
    ...explainedX509Fields,
  ]) {
    const text = tables[id];
    for (const language of languages) {
      const explained = present(explainField([field('root'), field(id)], language));
      t.like(explained, { id, from: id, name: text.name[language], meaning: text.meaning[language] });
      t.is(explained.source, text.source);
    }
  }
});

test('a field without words of its own is explained by the nearest enclosing one; without any, that is reported', (t) => {
  const explained = english(
    field('tls.message'),
    field('tls.handshake'),
    field('tls.handshake.unheard_of', 7),
    field('tls.handshake.unheard_of.length', 1),
  );
  t.like(explained, {
    id: 'tls.handshake.unheard_of.length',
    from: 'tls.handshake',
    value: '1 byte',
    name: tlsTexts['tls.handshake'].name.en,
  });
  for (const language of languages) {
    const unknown = present(explainField([field('a'), field('a.b', 'x')], language));
    t.is(unknown.from, undefined);
    t.is(unknown.source, undefined);
    t.like(unknown, { id: 'a.b', name: 'a.b', value: 'x', remarks: [] });
    t.true(unknown.meaning.length > 10);
  }
});

test('a code is shown with its name and its value on the wire; one without a name is unknown, not empty', (t) => {
  t.deepEqual(valueOf('tls.handshake.server_hello.cipher_suite', 0x1301), [
    'TLS_AES_128_GCM_SHA256 (0x1301)',
    'TLS_AES_128_GCM_SHA256 (0x1301)',
  ]);
  t.deepEqual(valueOf('tls.handshake.server_hello.cipher_suite', 0xfffe), [
    'unknown (0xfffe)',
    '알 수 없음 (0xfffe)',
  ]);
  t.is(valueOf('tls.record.version', 0x0301)[0], 'TLS 1.0 (0x0301)');
  t.is(valueOf('tls.handshake.extension.supported_versions.version', 0x0304)[0], 'TLS 1.3 (0x0304)');
  t.is(valueOf('tls.handshake.client_hello.cipher_suites.cipher_suite', 0x1a1a)[0], 'GREASE (0x1a1a)');
  t.is(valueOf('tls.handshake.extension.key_share.group', 29)[0], 'x25519 (0x001d)');
  t.is(valueOf('tls.handshake.signature.scheme', 0x0403)[0], 'ecdsa_secp256r1_sha256 (0x0403)');
  t.is(valueOf('tls.handshake.extension.type', 0)[0], 'server_name (0)');
  t.is(valueOf('tls.record.content_type', 22)[0], 'handshake (22)');
  t.deepEqual(valueOf('tls.alert.description', 48), ['unknown_ca (48)', 'unknown_ca (48)']);
  t.deepEqual(valueOf('tls.alert.description', 200), ['unknown (200)', '알 수 없음 (200)']);
  t.deepEqual(valueOf('tls.alert.level', 2), ['fatal (2)', '치명적 (2)']);
  t.is(
    valueOf('tls.handshake.extension.server_name.name_type', 0)[0],
    '0',
    'a number of no registry that we hold is a number',
  );
});

test('the meaning of an alert is shown with its code', (t) => {
  t.regex(
    present(english(field('tls.alert'), field('tls.alert.description', 48)).remarks[0]),
    /a CA that the sender does not trust/,
  );
  t.regex(
    present(present(explainField([field('tls.alert.description', 48)], 'ko')).remarks[0]),
    /신뢰하지 않는 CA/,
  );
});

test('remarks are about the explained field, not about the enclosing ones', (t) => {
  const remarks = (...path: readonly Field[]): readonly string[] => english(...path).remarks;
  for (const id of tlsRemarks)
    t.deepEqual(remarks(field('tls.record.version', 1, { remarks: [{ id }] })), [tlsTexts[id].meaning.en]);
  const grease = { remarks: [{ id: 'tls.grease' }] };
  t.is(
    remarks(field('tls.handshake.extensions', null, grease), field('tls.handshake.nameless')).length,
    1,
    'the one that lends its words',
  );
  t.is(
    remarks(field('tls.handshake.extensions', null, grease), field('tls.handshake.extension.type', 0)).length,
    0,
  );
  t.deepEqual(remarks(field('tls.alert', null, { remarks: [{ id: 'nobody.knows' }] })), []);
});

test('bytes are hex, long ones are cut and say how long they are; so are texts', (t) => {
  t.deepEqual(valueOf('http.opaque', Uint8Array.of(0, 0x1b, 0xff)), ['001bff', '001bff']);
  t.deepEqual(valueOf('http.opaque', new Uint8Array(1234).fill(0xab)), [
    `${'ab'.repeat(16)}… (1,234 bytes)`,
    `${'ab'.repeat(16)}… (1,234바이트)`,
  ]);
  t.is(valueOf('http.opaque', new Uint8Array(0))[0], '0 bytes');
  t.is(valueOf('tls.handshake', null)[0], '4 bytes');
  t.is(valueOf('http.request.target', 'x'.repeat(5000))[0], `${'x'.repeat(100)}… (5,000 characters)`);
  t.is(valueOf('x', 12n)[0], '12');
  t.is(valueOf('http.syntax', '\r\n')[0], '\\r\\n');
});

test('certificates: identifiers by name, flags in words, the bare content of an element by what it says', (t) => {
  const { field: root } = got(readCertificate(selfSigned('shop.localhost').der));
  const explained = pathsOf(root).map((path) => english(...path));
  const values = (id: FieldId): readonly string[] =>
    explained.filter((one) => one.id === id).map(({ value }) => value);
  t.true(values('x509.attribute.type').includes('CN (2.5.4.3)'));
  t.true(values('x509.algorithm.oid').some((value) => /^[A-Za-z].* \([\d.]+\)$/.test(value)));
  t.true(values('x509.der.value').includes('CN (2.5.4.3)'));
  t.true(values('x509.tbs_certificate.subject').includes('CN=shop.localhost'));
  t.deepEqual(valueOf('x509.extension.critical', 1), ['yes', '예']);
  t.deepEqual(valueOf('x509.extension.basic_constraints.ca', 0), ['no', '아니요']);
  t.is(valueOf('x509.extension.reason_code', 1)[0], 'keyCompromise (1)');
  t.is(valueOf('x509.tbs_certificate.version.number', 2)[0], 'v3 (2)');
  t.is(valueOf('x509.attribute.type', '1.2.3')[0], '1.2.3');
  for (const one of explained.slice(1)) t.not(one.from, undefined, one.id);
});

test('every field of live handshakes and of a login has words, in both languages', async (t) => {
  const roots: Field[] = [];
  for (const name of Object.keys(cases)) {
    const { events, keylog } = await recordingOf(name);
    const conversation = new TlsConversation();
    for (const event of events) if (event.type === 'bytes') conversation.feed(event);
    conversation.openWith(keylog);
    roots.push(...conversation.messages.map((message) => fieldOf(message)));
  }
  const http = new HttpConversation().feed({
    from: 'client',
    offset: 0,
    bytes: Buffer.from(
      'POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\nuser=a%20',
    ),
  });
  roots.push(...http.map((message) => fieldOfHttp(message)));
  let count = 0;
  for (const root of roots) {
    for (const path of pathsOf(root)) {
      for (const language of languages) {
        const explained = present(explainField(path, language));
        if (
          explained.from === undefined ||
          textsOf(explained).some((text) => text === '' || harmful.test(text))
        )
          t.fail(`${explained.id}: ${JSON.stringify(explained)}`);
        count++;
      }
    }
  }
  t.true(count > 2000);
});

test('hostile values are sanitised, in every field', (t) => {
  const ids = [
    ...explainedHttpFields,
    ...explainedCommandFields,
    ...explainedTlsRequestFields,
    ...explainedDnsFields,
    ...explainedLoginFields,
    ...explainedTlsFields,
    ...explainedX509Fields,
    'http.syntax',
    'nobody.knows',
    'constructor',
    '__proto__',
  ];
  const value: fc.Arbitrary<FieldValue> = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(
      '\u001b[2J\u001b]0;owned\u0007',
      '\u202etxt.exe',
      '\ud800',
      '\u{1f600}'.repeat(80),
      'a\r\nb',
      '__proto__',
      '2.5.4.3\u001b',
    ),
    fc.uint8Array({ maxLength: 64 }),
    fc.maxSafeNat(),
    fc.bigInt(),
    fc.integer({ min: -1, max: 70_000 }),
    fc.constant(null),
  );
  fc.assert(
    fc.property(fc.constantFrom(...ids), value, fc.constantFrom(...languages), (id, hostile, language) => {
      const explained = present(
        explainField([field('root', 'r'), field(id, hostile), field('x509.der.value', hostile)], language),
      );
      const own = present(explainField([field(id, hostile)], language));
      for (const text of [...textsOf(explained), ...textsOf(own)]) t.notRegex(text, harmful);
      t.true(own.value.length <= 220, own.value);
    }),
    { numRuns: 3000 },
  );
});
