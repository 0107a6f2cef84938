/**
 * Extensions by hand, each in each of its places: the fields that it has, and what of it is wrong does not hide the
 * message around it where nobody needs it.
 */
import test from 'ava';
import { present } from '../../helpers/capture.ts';
import type { Field, FieldId } from '../../../src/core/field.ts';
import { findField } from '../../../src/core/field.ts';
import { extensionNameOf, groupName, nameOfCode, signatureName } from '../../../src/protocols/tls/codes.ts';
import { cipherSuiteNames } from '../../../src/protocols/tls/cipher-suites.ts';
import { tlsExtensionTexts } from '../../../src/protocols/tls/extension-texts.ts';
import { readHandshake } from '../../../src/protocols/tls/handshake.ts';
import type { HandshakeContent } from '../../../src/protocols/tls/handshake.ts';
import { withPeerAtLength } from '../../helpers/at-length.ts';
import { runProgram } from '../../helpers/peer.ts';
import { selfSigned } from '../helpers/self-signed.ts';
import { allFields, coverageFaults } from '../helpers/tree.ts';

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const u24 = (value: number): Buffer => Buffer.from([value >> 16, (value >> 8) & 0xff, value & 0xff]);
const vector = (lengthBytes: 1 | 2 | 3, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([
    lengthBytes === 1 ? Buffer.from([body.length]) : lengthBytes === 2 ? u16(body.length) : u24(body.length),
    body,
  ]);
};
const extension = (type: number, ...parts: readonly Uint8Array[]): Buffer =>
  Buffer.concat([u16(type), vector(2, ...parts)]);
const bytes = (...values: number[]): Buffer => Buffer.from(values);

type Place =
  | 'client_hello'
  | 'server_hello'
  | 'hello_retry_request'
  | 'encrypted_extensions'
  | 'certificate'
  | 'new_session_ticket';

const random = Buffer.alloc(32, 5);
const retry = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
const { der } = selfSigned('shop.localhost');
const hello = (start: Uint8Array, list: Uint8Array): Buffer =>
  Buffer.concat([u16(0x0303), start, bytes(0), u16(0x1301), bytes(0), list]);

/** The message of that place with these extensions. */
const messages: Readonly<Record<Place, (list: Buffer) => readonly [type: number, body: Buffer]>> = {
  client_hello: (list) => [
    1,
    Buffer.concat([u16(0x0303), random, bytes(0), vector(2, u16(0x1301)), vector(1, bytes(0)), list]),
  ],
  server_hello: (list) => [2, hello(random, list)],
  hello_retry_request: (list) => [2, hello(retry, list)],
  encrypted_extensions: (list) => [8, list],
  certificate: (list) => [11, Buffer.concat([bytes(0), vector(3, vector(3, der), list)])],
  new_session_ticket: (list) => [4, Buffer.concat([Buffer.alloc(8), vector(1), vector(2, bytes(1)), list])],
};

function read(
  place: Place,
  ...extensions: readonly Buffer[]
): { readonly content: HandshakeContent; readonly field: Field } {
  const [type, body] = messages[place](vector(2, ...extensions));
  const step = readHandshake(new Uint8Array(Buffer.concat([bytes(type), vector(3, body)])), {
    open: false,
    context: { version: 0x0304 },
  });
  if (!('got' in step)) throw new Error(JSON.stringify(step));
  return { content: step.got.content, field: step.field };
}

const sct = vector(
  2,
  vector(
    2,
    bytes(0),
    Buffer.alloc(32, 7),
    Buffer.from('0000019b76daa800', 'hex'),
    u16(0),
    u16(0x0403),
    vector(2, bytes(1, 2)),
  ),
);
const spki = Buffer.from('302a300506032b6570032100', 'hex');
const config = Buffer.concat([
  u16(0xfe0d),
  vector(
    2,
    bytes(9),
    u16(0x0020),
    vector(2, Buffer.alloc(32, 3)),
    vector(2, u16(1), u16(3)),
    bytes(64),
    vector(1, Buffer.from('cover.localhost')),
    vector(2),
  ),
]);
const tryLater = Buffer.from('30030a0103', 'hex');

/** Extension, place, its bytes, and values of its fields. */
const rows: readonly (readonly [
  type: number,
  place: Place,
  body: Buffer,
  says: Readonly<Record<string, unknown>>,
])[] = [
  [1, 'client_hello', bytes(1), { code: 1 }],
  [
    3,
    'client_hello',
    vector(2, bytes(1), Buffer.alloc(20, 9), bytes(2), vector(2, bytes(0x30, 0))),
    { identifier_type: 1, distinguished_name: '3000' },
  ],
  [5, 'client_hello', bytes(1, 0, 0, 0, 0), { status_type: 1 }],
  [6, 'client_hello', vector(1, bytes(64)), { type: 64 }],
  [7, 'client_hello', vector(1, bytes(0)), { format: 0 }],
  [9, 'client_hello', vector(1, bytes(1, 0)), { type: 1 }],
  [12, 'client_hello', vector(1, Buffer.from('alice')), { user: Buffer.from('alice').toString('hex') }],
  [14, 'client_hello', Buffer.concat([vector(2, u16(7)), vector(1)]), { profile: 7 }],
  [15, 'client_hello', bytes(1), { mode: 1 }],
  [17, 'client_hello', vector(2, bytes(2), vector(2, vector(2), vector(2))), { status_type: 2 }],
  [18, 'server_hello', sct, {}],
  [18, 'client_hello', bytes(), {}],
  [19, 'client_hello', vector(1, bytes(2, 0)), { type: 2 }],
  [20, 'encrypted_extensions', bytes(2), { type: 2 }],
  [21, 'client_hello', Buffer.alloc(9), { zeros: '00'.repeat(9) }],
  [
    24,
    'client_hello',
    Buffer.concat([u16(0x0100), vector(1, bytes(2))]),
    { version: 0x0100, key_parameter: 2 },
  ],
  [25, 'client_hello', vector(2, bytes(1), vector(1, bytes(0xaa))), { type: 1, hash: 'aa' }],
  [25, 'server_hello', vector(2, bytes(2)), { type: 2 }],
  [27, 'client_hello', vector(1, u16(2), u16(1)), { algorithm: 2 }],
  [28, 'client_hello', u16(0x4001), { limit: 0x4001 }],
  [34, 'client_hello', vector(2, u16(0x0403)), { scheme: 0x0403 }],
  [
    34,
    'certificate',
    Buffer.concat([
      Buffer.from('00015180', 'hex'),
      u16(0x0807),
      vector(3, spki, Buffer.alloc(32, 1)),
      u16(0x0403),
      vector(2, bytes(7)),
    ]),
    { valid_time: 86_400, scheme: 0x0807, signature: '07' },
  ],
  [35, 'client_hello', bytes(1, 2, 3), { ticket: '010203' }],
  [42, 'new_session_ticket', Buffer.from('00004000', 'hex'), { max_early_data_size: 16_384 }],
  [44, 'hello_retry_request', vector(2, bytes(8)), { value: '08' }],
  [47, 'client_hello', vector(2, vector(2, bytes(0x30, 0))), { distinguished_name: '3000' }],
  [48, 'client_hello', vector(2, vector(1, bytes(0x55)), vector(2, bytes(1))), { oid: '55', values: '01' }],
  [49, 'client_hello', bytes(), {}],
  [54, 'client_hello', vector(1, bytes(1, 2)), { connection_id: '0102' }],
  [55, 'client_hello', vector(1), {}],
  [56, 'client_hello', vector(1, Buffer.alloc(20, 1)), { session_id: '01'.repeat(20) }],
  [58, 'client_hello', bytes(2, 1), { new_session_count: 2, resumption_count: 1 }],
  [58, 'encrypted_extensions', bytes(2), { new_session_count: 2 }],
  [59, 'client_hello', u16(443), { port: 443 }],
  [
    13172,
    'server_hello',
    Buffer.concat([vector(1, Buffer.from('h2')), vector(1, Buffer.from('http/1.1'))]),
    { protocol: 'h2' },
  ],
  [17613, 'client_hello', vector(2, vector(1, Buffer.from('h2'))), { protocol: 'h2' }],
  [
    65037,
    'client_hello',
    Buffer.concat([
      bytes(0),
      u16(1),
      u16(3),
      bytes(42),
      vector(2, Buffer.alloc(32, 6)),
      vector(2, bytes(9, 9)),
    ]),
    { type: 0, kdf: 1, aead: 3, config_id: 42, enc: '06'.repeat(32), payload: '0909' },
  ],
  [65037, 'client_hello', bytes(1), { type: 1 }],
  [65037, 'hello_retry_request', Buffer.alloc(8, 4), { confirmation: '04'.repeat(8) }],
  [
    65037,
    'encrypted_extensions',
    vector(2, config, u16(0x1234), vector(2, bytes(1))),
    { config_id: 9, kem: 0x0020, public_name: 'cover.localhost', maximum_name_length: 64 },
  ],
];

const plain = (value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;

for (const [type, place, body, says] of rows) {
  const extensionName = present(extensionNameOf(type));
  test(`${extensionName} in a ${place}: ${body.length} bytes`, (t) => {
    const { field } = read(place, extension(type, body));
    t.deepEqual(coverageFaults(field), []);
    const id = `tls.handshake.extension.${extensionName}`;
    t.is(findField(field, `${id}.data` as FieldId), undefined, 'it was understood');
    for (const [name, value] of Object.entries(says))
      t.is(plain(findField(field, `${id}.${name}` as FieldId)?.value), value, name);
  });
}

const tolerated = [3, 6, 9, 12, 14, 15, 17, 18, 24, 25, 34, 48, 54, 55, 56, 58, 59, 13172, 17613, 65037];
test('an extension that most programs ignore is kept as bytes where it is wrong, and the ClientHello is read', (t) => {
  for (const type of tolerated) {
    for (const body of [bytes(0xff), bytes(0xff, 0xff, 0xff), bytes(0, 9, 1)]) {
      const { content, field } = read(
        'client_hello',
        extension(type, body),
        extension(0, vector(2, bytes(0), vector(2, Buffer.from('shop')))),
      );
      t.deepEqual(coverageFaults(field), [], String(type));
      t.like(content, { extensions: { serverName: 'shop' } }, String(type));
    }
  }
});

test('an unknown extension and GREASE are kept by their numbers', (t) => {
  const { content, field } = read('client_hello', extension(0x4444, bytes(1)), extension(0x1a1a));
  t.deepEqual(coverageFaults(field), []);
  t.like(content, { extensions: { types: [0x4444, 0x1a1a] } });
  t.is(plain(findField(field, 'tls.handshake.extension.unknown')?.value), '01');
});

const shares = [
  ['X25519MLKEM768', 0x11ec, 1184, 32, 1088, 32, ['encapsulation_key', 'ecdh']],
  ['SecP256r1MLKEM768', 0x11eb, 65, 1184, 65, 1088, ['ecdh', 'encapsulation_key']],
  ['SecP384r1MLKEM1024', 0x11ed, 97, 1568, 97, 1568, ['ecdh', 'encapsulation_key']],
  ['X25519Kyber768Draft00', 0x6399, 32, 1184, 32, 1088, ['ecdh', 'encapsulation_key']],
] as const;

for (const [name, group, first, second, answerFirst, answerSecond, parts] of shares) {
  test(`the two keys in a share of ${name} are told apart`, (t) => {
    t.is(groupName(group), name);
    const id = 'tls.handshake.extension.key_share';
    const lengthsOf = (field: Field): (readonly [string, number])[] =>
      (findField(field, `${id}.key_exchange`)?.children ?? []).map(({ id: part, range: [start, end] }) => [
        part.slice(id.length + 1),
        end - start,
      ]);
    const offer = read(
      'client_hello',
      extension(51, vector(2, u16(group), vector(2, Buffer.alloc(first + second, 1)))),
    );
    t.deepEqual(coverageFaults(offer.field), []);
    t.deepEqual(lengthsOf(offer.field), [
      [parts[0], first],
      [parts[1], second],
    ]);
    const answer = read(
      'server_hello',
      extension(51, u16(group), vector(2, Buffer.alloc(answerFirst + answerSecond, 1))),
    );
    const [one, other] = parts.map((part) => (part === 'ecdh' ? part : 'ciphertext'));
    t.deepEqual(lengthsOf(answer.field), [
      [one, answerFirst],
      [other, answerSecond],
    ]);
    const odd = read('client_hello', extension(51, vector(2, u16(group), vector(2, Buffer.alloc(40, 1)))));
    t.deepEqual(lengthsOf(odd.field), [['public', 40]]);
  });
}

test('what is stapled to a certificate of TLS 1.3 is read: an OCSP response, and timestamps', (t) => {
  const { content, field } = read(
    'certificate',
    extension(5, bytes(1), vector(3, tryLater)),
    extension(18, sct),
  );
  t.deepEqual(coverageFaults(field), []);
  t.like(content, {
    type: 'certificate',
    stapled: { status: 'tryLater' },
    timestamps: [{ timestamp: 1_767_225_600_000 }],
  });
  const damaged = read('certificate', extension(5, bytes(1), vector(3, bytes(0x30, 0x80))));
  t.deepEqual(coverageFaults(damaged.field), []);
  t.is((damaged.content as { stapled?: unknown }).stapled, undefined);
});

test('schemes, groups and suites of the registries have their names, the newest too', (t) => {
  t.is(signatureName(0x0905), 'mldsa65');
  t.is(signatureName(0x0911), 'slhdsa_sha2_128s');
  t.is(groupName(0x0202), 'MLKEM1024');
  t.is(cipherSuiteNames().get(0x1307), 'TLS_AEGIS_128L_SHA256');
  t.is(nameOfCode('tls.handshake.compressed_certificate.algorithm', 3), 'zstd');
  t.is(nameOfCode('tls.handshake.extension.encrypted_client_hello.kem', 0x20), 'DHKEM(X25519)');
  t.is(extensionNameOf(61), 'rrc');
});

test('every text is about a field or a remark that a reader makes', (t) => {
  const seen = new Set(
    rows.flatMap(([type, place, body]) =>
      allFields(read(place, extension(type, body)).field).map(({ id }) => id),
    ),
  );
  const [offer, answer] = [
    read('client_hello', extension(51, vector(2, u16(0x11ec), vector(2, Buffer.alloc(1216))))),
    read('server_hello', extension(51, u16(0x11ec), vector(2, Buffer.alloc(1120)))),
  ];
  const psk = read(
    'client_hello',
    extension(41, vector(2, vector(2, bytes(1)), Buffer.alloc(4)), vector(2, vector(1, Buffer.alloc(32)))),
  );
  for (const { field } of [offer, answer, psk]) for (const { id } of allFields(field)) seen.add(id);
  const simple = ['ec_point_formats', 'encrypt_then_mac', 'signature_algorithms_cert', 'early_data'].map(
    (name) => `tls.handshake.extension.${name}`,
  );
  const messagesAlone = ['tls.handshake.certificate_status', 'tls.handshake.end_of_early_data'];
  const unseen = Object.keys(tlsExtensionTexts).filter(
    (id) =>
      !seen.has(id as FieldId) &&
      !simple.includes(id) &&
      !messagesAlone.includes(id) &&
      !/compressed_certificate|certificate\.issuer_/.test(id),
  );
  t.deepEqual(unseen, []);
});

withPeerAtLength(
  'tshark',
  'every code that tshark can name by IANA’s registries has a name here',
  async (t) => {
    const { stdout } = await runProgram('tshark', ['-G', 'values'], { timeout: 60_000 });
    const codesOf = (field: string): (readonly [code: number, name: string])[] =>
      stdout
        .split('\n')
        .map((line) => line.split('\t'))
        .flatMap(([kind, id, code, name = '']) =>
          kind === 'V' && id === field ? [[Number(code), name]] : [],
        );
    const suites = codesOf('tls.handshake.ciphersuite').filter(
      ([code, name]) => name.startsWith('TLS_') && !/GREASE/.test(name) && code < 0xc0ff,
    );
    t.true(suites.length > 300);
    t.deepEqual(
      suites.filter(([code, name]) => cipherSuiteNames().get(code) !== name),
      [],
    );
    const types = codesOf('tls.handshake.extension.type').filter(
      ([, name]) => !/GREASE|Reserved/i.test(name),
    );
    t.true(types.length > 50);
    t.deepEqual(
      types.filter(([code]) => extensionNameOf(code) === undefined),
      [],
    );
    const schemes = codesOf('tls.handshake.sig_hash_alg').filter(([code]) => code < 0xfe00);
    t.deepEqual(
      schemes.filter(([code]) => signatureName(code) === undefined),
      [],
    );
  },
);
