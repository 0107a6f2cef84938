/** Names of hosts, keys, signatures, dates and serial numbers. */
import { constants, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Case } from './case.ts';
import {
  bare,
  bits,
  bmp,
  ca,
  der,
  dn,
  general,
  generalizedTime,
  int,
  keyUsage,
  leaf,
  nothing,
  octets,
  oid,
  p256,
  seq,
  signings,
  tagged,
  utcTime,
  utf8,
} from './der-kit.ts';
import type { Made, Pair, Signing, Spec } from './der-kit.ts';

const { dns, ip, uri, email } = general;
const root = ca({ subject: 'Root of names' });

const host = (name: string, san: readonly Uint8Array[], more: Partial<Case> = {}): Case => ({
  id: `host: ${name} asked of ${san.map((one) => JSON.stringify(Buffer.from(one.subarray(2)).toString('latin1'))).join(', ')}`,
  leaf: leaf(root, { ext: { san: seq(...san) } }),
  roots: [root],
  name,
  ...more,
});

const commonName = (
  name: string,
  subject: Buffer,
  san: readonly Uint8Array[] | undefined,
  id: string,
): Case => ({
  id: `host: ${name}, ${id}`,
  leaf: leaf(root, { subject, ext: { san: san ? seq(...san) : false } }),
  roots: [root],
  name,
});

const hostRows: readonly (readonly [name: string, pattern: string])[] = [
  ['shop.test', 'shop.test'],
  ['SHOP.test', 'shop.TEST'],
  ['shop.test', 'other.test'],
  ['shop.test', 'shop.test.'],
  ['shop.test', '.shop.test'],
  ['a.shop.test', '.shop.test'],
  ['a.shop.test', '*.shop.test'],
  ['a.b.shop.test', '*.shop.test'],
  ['shop.test', '*.shop.test'],
  ['shop.test', '*.test'],
  ['shop', '*'],
  ['shop.test', '*'],
  ['a.shop.test', '*.*.test'],
  ['a.b.test', 'a.*.test'],
  ['ab.shop.test', 'a*.shop.test'],
  ['ab.shop.test', '*b.shop.test'],
  ['abc.shop.test', 'a*c.shop.test'],
  ['a.shop.test', 'a*.shop.test'],
  ['xn--3e0b707e.shop.test', '*.shop.test'],
  ['xn--3e0b707e.shop.test', 'x*.shop.test'],
  ['xn--3e0b707e.test', 'xn--3e0b707e.test'],
  ['a.xn--3e0b707e.test', '*.xn--3e0b707e.test'],
  ['xna.shop.test', 'xn--*.shop.test'],
  ['a_b.shop.test', '*.shop.test'],
  ['a.s_p.test', '*.s_p.test'],
  ['a_b.test', 'a_b.test'],
  ['-a.shop.test', '*.shop.test'],
  ['a.-shop.test', '*.-shop.test'],
  ['a.shop-.test', '*.shop-.test'],
  ['a.shop.test', '**.shop.test'],
  ['a.shop.test', '*.shop.test.'],
  ['shop.test', 'shop.test\u0000'],
  ['shop.test', 'shop.test\u0000.evil.test'],
  ['shop.test', ' shop.test'],
  ['shop.test', ''],
  ['shop.test', 'shop.test\n'],
  ['127.0.0.1', '127.0.0.1'],
  ['1.2.3.4', '*.2.3.4'],
  ['*.shop.test', '*.shop.test'],
  ['a.shop.test', '*..shop.test'],
  ['a.co.uk', '*.co.uk'],
  ['a.b.c', '*.b.c'],
];

const addresses: readonly Case[] = [
  host('127.0.0.1', [ip(127, 0, 0, 1)]),
  host('127.0.0.2', [ip(127, 0, 0, 1)]),
  host('::1', [ip(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)]),
  host('::ffff:127.0.0.1', [ip(127, 0, 0, 1)]),
  host('127.0.0.1', [ip(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1)]),
  host('127.0.0.1', [ip(127, 0, 0, 1, 255, 255, 255, 255)]),
  host('127.0.0.1', [ip(127, 0, 0)]),
  host('127.0.0.1', [uri('https://127.0.0.1')]),
  commonName('127.0.0.1', dn('CN=127.0.0.1'), undefined, 'CN alone'),
  host('shop.test', [uri('https://shop.test')]),
  host('shop.test', [email('a@shop.test'), dns('other.test'), dns('shop.test')]),
];

const commonNames: readonly Case[] = [
  commonName('shop.test', dn('CN=shop.test'), undefined, 'CN alone'),
  commonName('shop.test', dn('CN=shop.test'), [dns('other.test')], 'CN beside another DNS name'),
  commonName('shop.test', dn('CN=shop.test'), [ip(127, 0, 0, 1)], 'CN beside an address'),
  commonName('shop.test', dn('CN=shop.test'), [email('a@shop.test')], 'CN beside a mail address'),
  commonName('a.shop.test', dn('CN=*.shop.test'), undefined, 'CN with a star'),
  commonName('ab.shop.test', dn('CN=a*.shop.test'), undefined, 'CN with a star for a part'),
  commonName('shop.test', dn('CN=other.test', 'CN=shop.test'), undefined, 'the second of two CNs'),
  commonName('shop.test', dn('CN=shop.test', 'CN=other.test'), undefined, 'the first of two CNs'),
  commonName('shop.test', dn(['CN', bmp('shop.test')]), undefined, 'CN as BMPString'),
  commonName('shop.test', dn(['CN', utf8('shop.test\u0000.evil.test')]), undefined, 'CN with NUL'),
  commonName('shop.test', dn(['CN', utf8('shop.test\u0000')]), undefined, 'CN with NUL at the end'),
  commonName('shop.test', dn('CN=SHOP.test'), undefined, 'CN in capitals'),
  commonName('shop.test', dn('OU=shop.test'), undefined, 'OU'),
  commonName('shop.test', dn('CN=shop.test'), [], 'CN beside an empty SAN'),
  {
    ...commonName('shop.test', dn('CN=shop.test'), undefined, 'strict, CN alone'),
    strict: true,
    meant: { ours: 'refused', why: 'browsers and Go have not looked at common names for years (RFC 9525)' },
  },
  {
    ...host('ab.shop.test', [dns('a*.shop.test')], { strict: true }),
    id: 'host: strict, a star for a part of a label',
    meant: { ours: 'refused', why: 'RFC 9525 knows whole labels only' },
  },
];

const pss = (hash: string, salt: number, parameters: Uint8Array): Signing => ({
  algorithm: seq(oid('1.2.840.113549.1.1.10'), parameters),
  sign: (body, key) => sign(hash, body, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: salt }),
});
const sha256 = '2.16.840.1.101.3.4.2.1';
const hashId = (dotted: string): Buffer => seq(oid(dotted), nothing());
const mgf1 = (dotted: string): Buffer => seq(oid('1.2.840.113549.1.1.8'), hashId(dotted));

const rsa: Pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsaRoot = ca({ subject: 'RSA root', pair: rsa });
const signed = (id: string, by: Made, signing: Signing, spec: Spec = {}, more: Partial<Case> = {}): Case => ({
  id: `signature: ${id}`,
  leaf: leaf(by, { signing, ...spec }),
  roots: [by],
  ...more,
});

/** What says `sha256WithRSAEncryption`, in other bytes. */
const otherly = (algorithm: Uint8Array, of: Signing = signings.rsaSha256): Signing => ({
  algorithm,
  sign: of.sign,
});

const wrongKind: Partial<Case> = {
  otherReason: 'openssl finds no issuer whose key is of that kind; we say that the signature cannot be right',
};

const spoilLast = (signature: Buffer): Buffer =>
  Buffer.concat([signature.subarray(0, -1), Buffer.of(signature.at(-1)! ^ 1)]);

const signatures: readonly Case[] = [
  ...(['ecdsaSha256', 'ecdsaSha384', 'ecdsaSha512', 'ecdsaSha224', 'ecdsaSha3', 'ecdsaSha1'] as const).map(
    (name) => signed(name, root, signings[name]),
  ),
  ...(['rsaSha256', 'rsaSha224', 'rsaSha3', 'rsaSha1', 'rsaMd5'] as const).map((name) =>
    signed(name, rsaRoot, signings[name]),
  ),
  signed('RSA without its NULL', rsaRoot, otherly(seq(oid('1.2.840.113549.1.1.11')))),
  signed(
    'ECDSA with a NULL',
    root,
    otherly(seq(oid('1.2.840.10045.4.3.2'), nothing()), signings.ecdsaSha256),
  ),
  signed('an unknown algorithm', root, otherly(seq(oid('1.2.3.4')), signings.ecdsaSha256), {}, wrongKind),
  signed(
    'RSA said, ECDSA made',
    root,
    otherly(seq(oid('1.2.840.113549.1.1.11'), nothing()), signings.ecdsaSha256),
    {},
    wrongKind,
  ),
  signed(
    'ECDSA over SHA-384 said, SHA-256 made',
    root,
    otherly(seq(oid('1.2.840.10045.4.3.3')), signings.ecdsaSha256),
  ),
  signed('two algorithms', root, signings.ecdsaSha256, { inner: signings.ecdsaSha384.algorithm }),
  signed(
    'two algorithms, one of RSA',
    root,
    signings.ecdsaSha256,
    { inner: signings.rsaSha256.algorithm },
    wrongKind,
  ),
  signed('spoiled', root, signings.ecdsaSha256, { spoil: spoilLast }),
  signed('empty', root, signings.ecdsaSha256, { spoil: () => Buffer.alloc(0) }),
  signed('RSA spoiled', rsaRoot, signings.rsaSha256, { spoil: spoilLast }),
  signed(
    'RSASSA-PSS',
    rsaRoot,
    pss('sha256', 32, seq(tagged(0, hashId(sha256)), tagged(1, mgf1(sha256)), tagged(2, int(32)))),
  ),
  signed(
    'RSASSA-PSS with a salt of 20',
    rsaRoot,
    pss('sha256', 20, seq(tagged(0, hashId(sha256)), tagged(1, mgf1(sha256)))),
  ),
  signed(
    'RSASSA-PSS with an empty salt',
    rsaRoot,
    pss('sha256', 0, seq(tagged(0, hashId(sha256)), tagged(1, mgf1(sha256)), tagged(2, int(0)))),
  ),
  signed(
    'RSASSA-PSS with a salt that is not said',
    rsaRoot,
    pss('sha256', 32, seq(tagged(0, hashId(sha256)), tagged(1, mgf1(sha256)))),
  ),
  signed('RSASSA-PSS with defaults', rsaRoot, pss('sha1', 20, seq())),
  signed(
    'RSASSA-PSS with another mask',
    rsaRoot,
    pss(
      'sha256',
      32,
      seq(tagged(0, hashId(sha256)), tagged(1, mgf1('2.16.840.1.101.3.4.2.2')), tagged(2, int(32))),
    ),
  ),
  signed(
    'RSASSA-PSS with a trailer of 2',
    rsaRoot,
    pss(
      'sha256',
      32,
      seq(tagged(0, hashId(sha256)), tagged(1, mgf1(sha256)), tagged(2, int(32)), tagged(3, int(2))),
    ),
  ),
  signed(
    'RSASSA-PSS with a trailer of 1',
    rsaRoot,
    pss(
      'sha256',
      32,
      seq(tagged(0, hashId(sha256)), tagged(1, mgf1(sha256)), tagged(2, int(32)), tagged(3, int(1))),
    ),
  ),
  signed('RSASSA-PSS without parameters', rsaRoot, {
    ...pss('sha256', 32, seq()),
    algorithm: seq(oid('1.2.840.113549.1.1.10')),
  }),
  signed(
    'RSASSA-PSS with a negative salt',
    rsaRoot,
    pss(
      'sha256',
      32,
      seq(tagged(0, hashId(sha256)), tagged(1, mgf1(sha256)), tagged(2, int(Buffer.of(0xe0)))),
    ),
  ),
  signed(
    'RSASSA-PSS with an unknown digest',
    rsaRoot,
    pss('sha256', 32, seq(tagged(0, hashId('1.2.3.4')), tagged(1, mgf1(sha256)), tagged(2, int(32)))),
  ),
];

/** ECParameters (RFC 3279 section 2.3.5) that spell P-256 out. */
const explicitP256 = seq(
  int(1),
  seq(
    oid('1.2.840.10045.1.1'),
    int(Buffer.from('00ffffffff00000001000000000000000000000000ffffffffffffffffffffffff', 'hex')),
  ),
  seq(
    octets(Buffer.from('ffffffff00000001000000000000000000000000fffffffffffffffffffffffc', 'hex')),
    octets(Buffer.from('5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b', 'hex')),
  ),
  octets(
    Buffer.from(
      '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
      'hex',
    ),
  ),
  int(Buffer.from('00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')),
  int(1),
);
/** The point of a P-256 key under explicit parameters. */
const explicitly = (pair: Pair): Buffer => {
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  return seq(seq(oid('1.2.840.10045.2.1'), explicitP256), bits(spki.subarray(-65)));
};

const pairOf = (type: string, options: object): Pair =>
  (
    generateKeyPairSync as unknown as (
      type: string,
      options: object,
    ) => { publicKey: KeyObject; privateKey: KeyObject }
  )(type, options);

function keyed(id: string, pair: Pair, spec: Spec = {}, more: Partial<Case> = {}): readonly Case[] {
  const authority = ca({ by: root, subject: `CA with ${id}`, pair, ...spec });
  return [
    { id: `key: ${id}, leaf`, leaf: leaf(root, { pair, ...spec }), roots: [root], ...more },
    { id: `key: ${id}, intermediate`, leaf: leaf(authority), sent: [authority], roots: [root], ...more },
    ...(() => {
      const top = ca({ subject: `Root with ${id}`, pair, ...spec });
      return [{ id: `key: ${id}, root`, leaf: leaf(top), roots: [top], ...more }];
    })(),
  ];
}

const explicitPair = p256();
const keys: readonly Case[] = [
  ...keyed('explicit parameters', explicitPair, { spki: explicitly(explicitPair) }),
  ...(() => {
    const self = bare({
      subject: 'Explicit and trusted',
      pair: explicitPair,
      spki: explicitly(explicitPair),
      ext: { ku: keyUsage('digitalSignature') },
    });
    return [{ id: 'key: explicit parameters, trusted itself', leaf: self, roots: [self] }];
  })(),
  ...keyed('RSA-1024', pairOf('rsa', { modulusLength: 1024 })),
  ...keyed('RSA-512', pairOf('rsa', { modulusLength: 512 })),
  ...keyed(
    'RSA-2047',
    pairOf('rsa', { modulusLength: 2047 }),
    {},
    {
      meant: {
        ours: 'refused',
        why: '112 bits of strength are 2,048 bits of RSA (NIST SP 800-57); openssl rounds',
      },
    },
  ),
  ...keyed('RSA with exponent 3', pairOf('rsa', { modulusLength: 2048, publicExponent: 3 })),
  ...keyed('P-192', pairOf('ec', { namedCurve: 'prime192v1' })),
  ...keyed('P-224', pairOf('ec', { namedCurve: 'secp224r1' })),
  ...keyed('secp256k1', pairOf('ec', { namedCurve: 'secp256k1' })),
  ...keyed('P-521', pairOf('ec', { namedCurve: 'P-521' })),
  ...keyed('Ed25519', pairOf('ed25519', {})),
  ...keyed('Ed448', pairOf('ed448', {})),
  {
    id: 'key: X25519, leaf',
    leaf: leaf(root, { spki: pairOf('x25519', {}).publicKey.export({ type: 'spki', format: 'der' }) }),
    roots: [root],
  },
  {
    id: 'key: of an unknown algorithm',
    leaf: leaf(root, { spki: seq(seq(oid('1.2.3.4')), bits(Buffer.from('00', 'hex'))) }),
    roots: [root],
  },
  {
    id: 'key: on an unknown curve',
    leaf: leaf(root, { spki: seq(seq(oid('1.2.840.10045.2.1'), oid('1.2.3.4')), bits(Buffer.alloc(65, 4))) }),
    roots: [root],
  },
  {
    id: 'key: a point that is not on its curve',
    leaf: leaf(root, {
      spki: seq(seq(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')), bits(Buffer.alloc(65, 4))),
    }),
    roots: [root],
    seenByTls:
      'the handshake proves the possession of the key, and nobody has one to a point that is not there',
  },
  {
    id: 'key: without parameters',
    leaf: leaf(root, { spki: seq(seq(oid('1.2.840.10045.2.1')), bits(Buffer.alloc(65, 4))) }),
    roots: [root],
  },
  {
    id: 'key: parameters of NULL',
    leaf: leaf(root, { spki: seq(seq(oid('1.2.840.10045.2.1'), nothing()), bits(Buffer.alloc(65, 4))) }),
    roots: [root],
  },
  {
    id: 'key: weak, and the CA unknown',
    leaf: leaf(ca({ subject: 'Unknown to all' }), { pair: pairOf('rsa', { modulusLength: 1024 }) }),
    roots: [root],
  },
];

const dated = (id: string, spec: Spec, more: Partial<Case> = {}): Case => ({
  id: `date: ${id}`,
  leaf: leaf(root, spec),
  roots: [root],
  ...more,
});
const from = (notBefore: Uint8Array): Spec => ({ notBefore });
const until = (notAfter: Uint8Array): Spec => ({ notAfter });

const dates: readonly Case[] = [
  dated('expired', until(utcTime('260301000000Z')), { error: 10 }),
  dated('not yet valid', from(utcTime('270101000000Z')), { error: 9 }),
  dated('ends that very second', until(utcTime('260601000000Z'))),
  dated('ended a second ago', until(utcTime('260531235959Z'))),
  dated('begins that very second', from(utcTime('260601000000Z'))),
  dated('begins in a second', from(utcTime('260601000001Z'))),
  dated('never ends', until(generalizedTime('99991231235959Z'))),
  dated('GeneralizedTime before 2050', until(generalizedTime('20360101000000Z'))),
  dated('ends before it begins', { notBefore: utcTime('270101000000Z'), notAfter: utcTime('260101000000Z') }),
  dated('ends before it begins, both past', {
    notBefore: utcTime('250101000000Z'),
    notAfter: utcTime('240101000000Z'),
  }),
  dated('UTCTime of 50 is 1950', from(utcTime('500101000000Z'))),
  dated('UTCTime of 49 is 2049', until(utcTime('490101000000Z'))),
  dated('month 13', until(utcTime('361301000000Z'))),
  dated('30 February', until(utcTime('360230000000Z'))),
  dated('29 February of a common year', until(utcTime('350229000000Z'))),
  dated('second 60', until(utcTime('360101000060Z'))),
  dated('hour 24', until(utcTime('360101240000Z'))),
  dated('month 0', from(utcTime('250001000000Z'))),
  dated('day 0', from(utcTime('250100000000Z'))),
  dated('without seconds', until(utcTime('3601010000Z'))),
  dated('with a zone', until(utcTime('360101000000+0900'))),
  dated('without Z', until(utcTime('360101000000'))),
  dated('with a fraction', until(generalizedTime('20360101000000.5Z'))),
  dated('GeneralizedTime without Z', until(generalizedTime('20360101000000'))),
  dated('year 0000', from(generalizedTime('00000101000000Z'))),
  dated('an empty time', until(utcTime(''))),
  dated('letters', until(utcTime('36010100000aZ'))),
  dated('a time that is an integer', until(int(1))),
  dated('begins with a broken time', from(utcTime('251301000000Z'))),
  dated('asked of 2049', until(generalizedTime('20500101000000Z')), { at: '2049-12-31T00:00:00Z' }),
  ...(() => {
    const late = ca({
      subject: 'Root of the future',
      notBefore: utcTime('260101000000Z'),
      notAfter: generalizedTime('20990101000000Z'),
    });
    return [
      {
        id: 'date: asked of 2060',
        leaf: leaf(late, until(generalizedTime('20650101000000Z'))),
        roots: [late],
        at: '2060-01-01T00:00:00Z',
      },
    ];
  })(),
  dated('asked of 1969', from(utcTime('500101000000Z')), { at: '1969-06-01T00:00:00Z' }),
];

const numbered = (id: string, serial: Uint8Array, more: Partial<Case> = {}): Case => ({
  id: `serial: ${id}`,
  leaf: leaf(root, { serial }),
  roots: [root],
  ...more,
});
const serials: readonly Case[] = [
  numbered('zero', Buffer.of(0)),
  numbered('negative', Buffer.of(0x80)),
  numbered('minus one', Buffer.of(0xff)),
  numbered('20 bytes', Buffer.alloc(20, 0x7f)),
  numbered('21 bytes', Buffer.alloc(21, 0x7f)),
  numbered('1,000 bytes', Buffer.alloc(1000, 0x7f)),
  numbered('padded', Buffer.of(0, 1)),
  numbered('padded, negative', Buffer.of(0xff, 0x80)),
  numbered('empty', Buffer.alloc(0)),
];

const forms: readonly Case[] = [
  { id: 'form: an empty subject', leaf: leaf(root, { subject: dn() }), roots: [root] },
  { id: 'form: an empty issuer', leaf: leaf(root, { issuer: dn() }), roots: [root] },
  {
    id: 'form: a subject that is no UTF-8',
    leaf: leaf(root, { subject: dn(['CN', der(0x0c, Buffer.of(0xff, 0xfe))]) }),
    roots: [root],
  },
  { id: 'form: a subject with a NUL', leaf: leaf(root, { subject: dn('CN=a\u0000b') }), roots: [root] },
  {
    id: 'form: a subject with an integer in it',
    leaf: leaf(root, { subject: dn(['CN', int(1)]) }),
    roots: [root],
  },
  { id: 'form: a subject with an empty part', leaf: leaf(root, { subject: seq(der(0x31)) }), roots: [root] },
  {
    id: 'form: a BMPString of odd length',
    leaf: leaf(root, { subject: dn(['CN', der(0x1e, Buffer.of(0, 0x61, 0))]) }),
    roots: [root],
  },
  {
    id: 'form: a subject of 1,000 attributes',
    leaf: leaf(root, { subject: dn(...Array.from({ length: 1000 }, (_, at) => `OU=${at}`)) }),
    roots: [root],
  },
  {
    id: 'form: control characters in a name',
    leaf: leaf(root, { subject: dn('CN=a\u001b[31m\nb') }),
    roots: [root],
  },
  { id: 'form: no country of two letters', leaf: leaf(root, { subject: dn('C=Korea') }), roots: [root] },
];

export const nameAndKeyCases: readonly Case[] = [
  ...hostRows.map(([name, pattern]) => host(name, [dns(pattern)])),
  ...addresses,
  ...commonNames,
  ...signatures,
  ...keys,
  ...dates,
  ...serials,
  ...forms,
];
