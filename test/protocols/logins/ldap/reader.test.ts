/** LDAP, as OpenLDAP's programs spoke: binds, searches, StartTLS. */
import test from 'ava';
import { ldap } from '../../../../src/protocols/logins/ldap/protocol.ts';
import { explainedLdapFields } from '../../../../src/protocols/logins/ldap/texts.ts';
import type { Utterance } from '../../helpers/spoken.ts';
import {
  checkHostile,
  checkMessages,
  hear,
  hex,
  idsIn,
  linesOf,
  readerOf,
  recognition,
} from '../../helpers/spoken.ts';

/** An element of BER. */
const ber = (tag: number, ...parts: readonly (string | Buffer)[]): Buffer => {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
  );
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const number = (tag: number, value: number): Buffer => ber(tag, Buffer.from([value]));
const message = (from: Utterance[0], id: number, operation: Buffer): Utterance => [
  from,
  ber(0x30, number(2, id), operation),
];

const said: readonly Utterance[] = [
  hex('client', '301e0201016019020103040e636e3d416e6e2c64633d73686f7080046c696c79'),
  hex('server', '300c02010161070a010004000400'),
  hex(
    'client',
    '304f020102634a040764633d73686f700a01020a0100020100020100010100a02ea315040b6f626a656374436c6173730406706572736f6ea115a40a0402636e30048002416ea3070402736e0401423000',
  ),
  hex(
    'server',
    '3060020102645b040e636e3d416e6e2c64633d73686f7030493017040b6f626a656374436c61737331080406706572736f6e300b0402636e31050403416e6e30090402736e31030401413016040c7573657250617373776f7264310604046c696c79300c02010265070a010004000400',
  ),
  message(
    'client',
    3,
    ber(
      0x66,
      ber(4, 'cn=Ann'),
      ber(
        0x30,
        ber(0x30, number(10, 2), ber(0x30, ber(4, 'userPassword'), ber(0x31, ber(4, '{SSHA}abcdef')))),
      ),
    ),
  ),
  message('server', 3, ber(0x67, number(10, 50), ber(4), ber(4, 'no write access'))),
  message(
    'client',
    4,
    ber(
      0x77,
      ber(0x80, '1.3.6.1.4.1.4203.1.11.1'),
      ber(0x81, ber(0x30, ber(0x80, 'ann'), ber(0x81, 'old-one'), ber(0x82, 'new-one'))),
    ),
  ),
  message('client', 5, ber(0x60, number(2, 3), ber(4), ber(0xa3, ber(4, 'PLAIN'), ber(4, '\0ann\0lily')))),
  message('server', 5, ber(0x61, number(10, 49), ber(4), ber(4, 'wrong'))),
  message('client', 6, ber(0x60, number(2, 3), ber(4), ber(0xa3, ber(4, 'GSSAPI'), ber(4, 'ticket')))),
  message('client', 7, ber(0x42)),
];

const expected = [
  '→ BindRequest, simple, cn=Ann,dc=shop',
  '  simple_bind cn=Ann,dc=shop: lily',
  '← BindResponse, success',
  '→ SearchRequest, dc=shop, subtree, (&(objectClass=person)(|(cn=An*)(sn=B)))',
  '← SearchResultEntry, cn=Ann,dc=shop',
  '  user_password userPassword: lily',
  '← SearchResultDone, success',
  '→ ModifyRequest, cn=Ann',
  '  stored_hash userPassword: {SSHA}abcdef',
  '← ModifyResponse, insufficient access rights: no write access',
  '→ ExtendedRequest, Password Modify',
  '  user_password ann: old-one',
  '  user_password ann: new-one',
  '→ BindRequest, SASL PLAIN',
  '  sasl_plain ann: lily',
  '← BindResponse, invalid credentials: wrong',
  '→ BindRequest, SASL GSSAPI',
  '  sasl_kerberos GSSAPI: ticket',
  '→ UnbindRequest',
];

for (const size of [Infinity, 1, 11])
  test(`binds and searches, in pieces of ${size}`, async (t) => {
    const messages = hear(await readerOf(ldap), said, size);
    t.deepEqual(linesOf(messages), expected);
    checkMessages(t, messages, 'ldap');
  });

test('StartTLS that the server agrees to hands both directions over, and goes on above TLS', async (t) => {
  const ask = hex('client', '301d02010177188016312e332e362e312e342e312e313436362e3230303337');
  const reader = await readerOf(ldap);
  t.deepEqual(linesOf(reader.feed({ from: 'client', offset: 0, bytes: ask[1], tag: 0 })), [
    '→ ExtendedRequest, StartTLS',
  ]);
  t.is(reader.above?.(), undefined);
  const yes = Buffer.from('300c02010178070a010004000400', 'hex');
  t.deepEqual(
    linesOf(
      reader.feed({ from: 'server', offset: 0, bytes: Buffer.concat([yes, Buffer.from([0x16])]), tag: 1 }),
    ),
    ['← ExtendedResponse, success'],
  );
  t.deepEqual(
    reader.takeHandovers?.().map(({ from, offset, bytes }) => [from, offset, bytes.length]),
    [
      ['server', 14, 1],
      ['client', 31, 0],
    ],
  );
  t.false(reader.expects('server', true));
  t.not(reader.above?.(), undefined);
});

test('one that the server refuses goes on in clear', async (t) => {
  const messages = hear(await readerOf(ldap), [
    hex('client', '301d02010177188016312e332e362e312e342e312e313436362e3230303337'),
    hex('server', '300c02010178070a013404000400'),
    ...said.slice(0, 1),
  ]);
  t.deepEqual(linesOf(messages), [
    '→ ExtendedRequest, StartTLS',
    '← ExtendedResponse, unavailable',
    '→ BindRequest, simple, cn=Ann,dc=shop',
    '  simple_bind cn=Ann,dc=shop: lily',
  ]);
});

test('every explained field is one that a conversation shows', async (t) => {
  const control: Utterance = [
    'client',
    ber(0x30, number(2, 8), ber(0x50, Buffer.from([7])), ber(0xa0, ber(0x30, ber(4, '1.2')))),
  ];
  const attributes = message(
    'client',
    9,
    ber(
      0x63,
      ber(4, 'dc=shop'),
      ...[10, 10, 2, 2, 1].map((tag) => number(tag, 0)),
      ber(0x87, 'objectClass'),
      ber(0x30, ber(4, 'cn')),
    ),
  );
  const ids = idsIn(hear(await readerOf(ldap), [...said, control, attributes, hex('client', 'ff00')]));
  t.deepEqual(
    explainedLdapFields.filter((id) => !ids.has(id)),
    [],
  );
});

test('it is recognised by its first request, however that is cut, and nothing else in BER is', (t) => {
  for (const [, start] of [said[0], said[2]].filter((one) => one !== undefined)) {
    const verdicts = recognition(ldap, 'client', start.subarray(0, 20));
    t.is(verdicts.at(-1), true);
    t.false(verdicts.slice(1).includes(false));
  }
  // SNMP's GetRequest, and a certificate.
  t.false(ldap.looksLike(Buffer.from('302902010104067075626c6963a01c', 'hex'), 'client'));
  t.false(ldap.looksLike(Buffer.from('308203e4308202cca003020102', 'hex'), 'client'));
});

test('hostile bytes: nothing is thrown, nothing is lost', async (t) => checkHostile(t, ldap, said));

test('filters are as deep as somebody likes', async (t) => {
  let filter = ber(0x87, 'cn');
  for (let depth = 0; depth < 2000; depth++) filter = ber(0xa2, filter);
  const search = message(
    'client',
    1,
    ber(0x63, ber(4), ...[10, 10, 2, 2, 1].map((tag) => number(tag, 0)), filter, ber(0x30)),
  );
  const messages = hear(await readerOf(ldap), [search]);
  t.is(messages.length, 1);
  checkMessages(t, messages, 'deep');
});
