/** Basic constraints, path lengths, key usages, extended ones, policies, unknown and malformed extensions, versions, `-x509_strict`. */
import type { Case } from './case.ts';
import {
  bare,
  basic,
  bits,
  bool,
  ca,
  dn,
  extendedUsage,
  extension,
  extensionOids,
  general,
  generalizedTime,
  implicit,
  int,
  keyUsage,
  leaf,
  nothing,
  octets,
  oid,
  seq,
  tagged,
  utf8,
} from './der-kit.ts';
import type { ExtensionSpec, KeyUsageName, Made, PurposeName, Spec } from './der-kit.ts';

const root = ca({ subject: 'Root of extensions' });

/** A leaf with something special. */
const own = (id: string, spec: Spec, more: Partial<Case> = {}): Case => ({
  id: `leaf: ${id}`,
  leaf: leaf(root, spec),
  roots: [root],
  ...more,
});

/** An intermediate with something special. */
function middle(id: string, spec: Spec, more: Partial<Case> = {}): Case {
  const made = ca({ by: root, subject: `Middle, ${id}`, ...spec });
  return { id: `intermediate: ${id}`, leaf: leaf(made), sent: [made], roots: [root], ...more };
}

/** A root with something special. */
function top(id: string, spec: Spec, more: Partial<Case> = {}): Case {
  const made = ca({ subject: `Root, ${id}`, ...spec });
  return { id: `root: ${id}`, leaf: leaf(made), roots: [made], ...more };
}

const everywhere = (id: string, spec: Spec, more: Partial<Case> = {}): Case[] => [
  own(id, spec, more),
  middle(id, spec, more),
  top(id, spec, more),
];
const strictEverywhere = (id: string, spec: Spec): Case[] =>
  everywhere(`strict, ${id}`, spec, { strict: true });

const withExt = (ext: NonNullable<Spec['ext']>): Spec => ({ ext });
const whole = (value: Uint8Array): ExtensionSpec => ({ whole: value });
const critical = (value: Uint8Array): ExtensionSpec => ({ critical: value });

/** Root, then a CA for each limit from the top down, then the leaf. */
function limits(
  id: string,
  list: readonly (number | undefined)[],
  more: Partial<Case> = {},
  selfIssued: readonly number[] = [],
): Case {
  const made: Made[] = [];
  for (const [at, limit] of list.entries()) {
    const above = made.at(-1);
    const isSelfIssued = selfIssued.includes(at);
    made.push(
      ca({
        ...(above ? { by: above } : {}),
        subject: isSelfIssued && above ? above.subject : dn(`CN=${id} ${at}`),
        ext: { bc: critical(basic(true, limit)) },
      }),
    );
  }
  return {
    id: `path length: ${id}`,
    leaf: leaf(made.at(-1)!),
    sent: made.slice(1).toReversed(),
    roots: made.slice(0, 1),
    ...more,
  };
}

const malformed: Readonly<Record<string, NonNullable<Spec['ext']>>> = {
  'basicConstraints that is an octet string': { bc: octets(Buffer.from('x')) },
  'basicConstraints with a negative path length': { bc: critical(seq(bool(true), int(Buffer.of(0xff)))) },
  'basicConstraints with trailing bytes': { bc: critical(Buffer.concat([basic(true), nothing()])) },
  'basicConstraints with something more inside': { bc: critical(seq(bool(true), int(0), nothing())) },
  'basicConstraints with CA of 01': { bc: critical(seq(bool(1))) },
  'basicConstraints with CA:FALSE written out': { bc: critical(seq(bool(false))) },
  'basicConstraints with a huge path length': {
    bc: critical(seq(bool(true), int(Buffer.from('7fffffffffffffffff', 'hex')))),
  },
  'basicConstraints twice': {
    bc: whole(
      Buffer.concat([
        extension(extensionOids.bc, basic(true), true),
        extension(extensionOids.bc, basic(true), true),
      ]),
    ),
  },
  'an empty basicConstraints value': { bc: critical(Buffer.alloc(0)) },
  'keyUsage that is empty': { ku: critical(bits(Buffer.alloc(0))) },
  'keyUsage with no bit set': { ku: critical(bits(Buffer.of(0))) },
  'keyUsage that is a sequence': { ku: critical(seq()) },
  'keyUsage with all bits and more': { ku: critical(bits(Buffer.from('ffffff', 'hex'))) },
  'keyUsage with bits that DER forbids': { ku: critical(bits(Buffer.of(0x87), 1)) },
  'keyUsage with eight unused bits': { ku: critical(bits(Buffer.of(0x84), 8)) },
  'keyUsage twice': {
    ku: whole(
      Buffer.concat([
        extension(extensionOids.ku, keyUsage('digitalSignature', 'keyCertSign')),
        extension(extensionOids.ku, keyUsage('digitalSignature', 'keyCertSign')),
      ]),
    ),
  },
  'an empty extendedKeyUsage': { eku: seq() },
  'extendedKeyUsage that is a string': { eku: utf8('clientAuth') },
  'extendedKeyUsage twice': {
    eku: whole(
      Buffer.concat([
        extension(extensionOids.eku, extendedUsage('server', 'client')),
        extension(extensionOids.eku, extendedUsage('server', 'client')),
      ]),
    ),
  },
  'an empty SAN': { san: seq() },
  'a SAN that is a string': { san: utf8('shop.test') },
  'a SAN with an unknown tag': { san: seq(Buffer.from('8a0161', 'hex')) },
  'a SAN twice': {
    san: whole(
      Buffer.concat([
        extension(extensionOids.san, seq(general.dns('shop.test'))),
        extension(extensionOids.san, seq(general.dns('shop.test'))),
      ]),
    ),
  },
  'a SAN with an address of 5 bytes': { san: seq(general.ip(1, 2, 3, 4, 5), general.dns('shop.test')) },
  'a SAN with an empty DNS name': { san: seq(general.dns('')) },
  'a SAN with a constructed DNS name': { san: seq(Buffer.from('a2030c0161', 'hex')) },
  'a SAN with a damaged directory name': { san: seq(tagged(4, octets(Buffer.from('x')))) },
  'a subject key identifier that is a sequence': { ski: seq() },
  'an empty subject key identifier': { ski: octets(Buffer.alloc(0)) },
  'a subject key identifier twice': {
    ski: whole(
      Buffer.concat([
        extension(extensionOids.ski, octets(Buffer.of(1))),
        extension(extensionOids.ski, octets(Buffer.of(1))),
      ]),
    ),
  },
  'an authority key identifier that is a string': { aki: utf8('x') },
  'an authority key identifier twice': {
    aki: whole(Buffer.concat([extension(extensionOids.aki, seq()), extension(extensionOids.aki, seq())])),
  },
  'nsCertType that is a sequence': { nsCertType: seq() },
  'distribution points that are a string': { crldp: utf8('x') },
  'a distribution point with nothing in it': { crldp: seq(seq()) },
  'a distribution point with reasons only': { crldp: seq(seq(implicit(1, Buffer.of(1, 0x7e)))) },
  'policies that are a string': { policies: utf8('x') },
  'policies that are empty': { policies: seq() },
  'policies with one twice': { policies: seq(seq(oid('1.2.3')), seq(oid('1.2.3'))) },
  'policy constraints that are a string': { policyConstraints: critical(utf8('x')) },
  'policy mappings that are a string': { mappings: critical(utf8('x')) },
  'inhibitAnyPolicy that is a string': { inhibitAny: critical(utf8('x')) },
};

/** What we refuse and openssl does not, of the rows above and below. */
const stricter: Readonly<Record<string, string>> = {
  'basicConstraints with trailing bytes':
    'DER has one form; what stands behind it was signed and is read by nobody',
  'basicConstraints with CA of 01': 'DER has one form of TRUE (X.690 section 11.1)',
  'basicConstraints with a huge path length':
    'openssl takes a number that it cannot hold for no limit at all',
  'a SAN with a constructed DNS name': 'DER has no constructed strings',
  'an unknown extension twice': 'each extension stands once (RFC 5280 section 4.2)',
};
const why = (id: string): Partial<Case> =>
  stricter[id] ? { meant: { ours: 'refused', why: stricter[id] } } : {};
const noVersion4: Partial<Case> = {
  meant: {
    ours: 'refused',
    why: 'there are versions 1 to 3; who signs a 4th means something that nobody reads',
  },
};
const noSgc: Partial<Case> = {
  meant: {
    ours: 'refused',
    why: 'Server Gated Crypto is no serverAuth (RFC 5280 section 4.2.1.12); browsers and Go refuse it as well',
  },
};
const noBlocks: Partial<Case> = {
  meant: { ours: 'refused', why: 'address blocks (RFC 3779) are not evaluated here, and critical' },
};
const proxies: Partial<Case> = {
  otherReason:
    'openssl calls it invalid where it has a subject alternative name; we, an extension that nobody here handles',
};

const unknown: Readonly<Record<string, readonly Uint8Array[]>> = {
  'an unknown critical extension': [extension('1.2.3.4', nothing(), true)],
  'an unknown extension': [extension('1.2.3.4', nothing())],
  'an unknown extension twice': [extension('1.2.3.4', nothing()), extension('1.2.3.4', nothing())],
  'critical: FALSE written out': [seq(oid('1.2.3.4'), bool(false), octets(nothing()))],
  'critical: 01': [seq(oid('1.2.3.4'), bool(1), octets(nothing()))],
  'an unknown extension with an empty value': [extension('1.2.3.4', Buffer.alloc(0))],
  'an extension whose value is no octet string': [seq(oid('1.2.3.4'), utf8('x'))],
  'an extension with something behind its value': [seq(oid('1.2.3.4'), octets(nothing()), nothing())],
  'an issuer alternative name, critical': [extension('2.5.29.18', seq(general.dns('a.test')), true)],
  'authority information access, critical': [
    extension('1.3.6.1.5.5.7.1.1', seq(seq(oid('1.3.6.1.5.5.7.48.2'), general.uri('http://a.test'))), true),
  ],
  'OCSP no check, critical': [extension('1.3.6.1.5.5.7.48.1.5', nothing(), true)],
  'must staple, critical': [extension('1.3.6.1.5.5.7.1.24', seq(int(5)), true)],
  'the poison of a precertificate': [extension('1.3.6.1.4.1.11129.2.4.3', nothing(), true)],
  'freshest CRL, critical': [
    extension('2.5.29.46', seq(seq(tagged(0, tagged(0, general.uri('http://a.test'))))), true),
  ],
  'a Netscape comment, critical': [extension('2.16.840.1.113730.1.13', utf8('x'), true)],
  'a period for the private key, critical': [
    extension('2.5.29.16', seq(implicit(0, generalizedTime('20260101000000Z').subarray(2))), true),
  ],
  'subject directory attributes, critical': [extension('2.5.29.9', seq(), true)],
  'a proxy certificate': [extension('1.3.6.1.5.5.7.1.14', seq(seq(oid('1.3.6.1.5.5.7.21.1'))), true)],
  'address blocks, not critical': [
    extension('1.3.6.1.5.5.7.1.7', seq(seq(octets(Buffer.from('0001', 'hex')), seq(bits(Buffer.of(10)))))),
  ],
};

const addressBlocks = [
  extension(
    '1.3.6.1.5.5.7.1.7',
    seq(seq(octets(Buffer.from('0001', 'hex')), seq(bits(Buffer.of(10))))),
    true,
  ),
];

const anyPolicy = '2.5.29.32.0';
const policyRows: Readonly<Record<string, NonNullable<Spec['ext']>>> = {
  'requireExplicitPolicy 0': { policyConstraints: critical(seq(implicit(0, Buffer.of(0)))) },
  'requireExplicitPolicy 0, not critical': { policyConstraints: seq(implicit(0, Buffer.of(0))) },
  'inhibitPolicyMapping 0 and a mapping': {
    policyConstraints: critical(seq(implicit(1, Buffer.of(0)))),
    policies: seq(seq(oid('1.2.3'))),
    mappings: critical(seq(seq(oid('1.2.3'), oid('1.2.4')))),
  },
  'inhibitAnyPolicy 0': { inhibitAny: critical(int(0)), policies: seq(seq(oid(anyPolicy))) },
  'any policy': { policies: critical(seq(seq(oid(anyPolicy)))) },
};

const usageRows: readonly (readonly KeyUsageName[])[] = [
  ['digitalSignature'],
  ['keyEncipherment'],
  ['keyAgreement'],
  ['dataEncipherment'],
  ['nonRepudiation'],
  ['keyCertSign', 'cRLSign'],
  ['encipherOnly'],
  ['decipherOnly'],
  ['keyAgreement', 'decipherOnly'],
  ['digitalSignature', 'keyCertSign'],
];
const purposesRows: readonly (readonly PurposeName[])[] = [
  ['server'],
  ['client'],
  ['any'],
  ['code'],
  ['any', 'code'],
  ['sgc'],
  ['server', 'any'],
];
const nsRows: Readonly<Record<string, number>> = {
  client: 0x80,
  server: 0x40,
  'S/MIME': 0x20,
  'SSL CA': 0x04,
  nothing: 0x00,
};
const both = (make: (as: 'server' | 'client') => Case): Case[] =>
  (['server', 'client'] as const).map((as) => {
    const made = make(as);
    return { ...made, id: `${made.id}, as a ${as}`, as };
  });

const usages: readonly Case[] = [
  ...usageRows.flatMap((row) => [
    ...both(() => own(`keyUsage ${row.join(' ')}`, withExt({ ku: critical(keyUsage(...row)) }))),
    middle(`keyUsage ${row.join(' ')}`, withExt({ ku: critical(keyUsage(...row)) })),
  ]),
  ...purposesRows.flatMap((row) =>
    [own, middle, top].flatMap((make) =>
      both((as) =>
        make(
          `EKU ${row.join(' ')}`,
          withExt({ eku: extendedUsage(...row) }),
          as === 'server' && row[0] === 'sgc' ? noSgc : {},
        ),
      ),
    ),
  ),
  ...Object.entries(nsRows).flatMap(([name, byte]) => [
    ...both(() => own(`nsCertType ${name}`, withExt({ nsCertType: bits(Buffer.of(byte)) }))),
    middle(`nsCertType ${name}`, withExt({ nsCertType: bits(Buffer.of(byte)) })),
  ]),
  own('no purpose asked, keyUsage of a CA', withExt({ ku: keyUsage('keyCertSign') }), { as: 'any' }),
  own('no keyUsage and no EKU', withExt({ ku: false, eku: false })),
  own(
    'a CA as a leaf',
    withExt({ bc: critical(basic(true)), ku: critical(keyUsage('digitalSignature', 'keyCertSign')) }),
  ),
  own('a path length without CA', withExt({ bc: critical(basic(false, 0)) })),
  own('no basicConstraints', withExt({ bc: false })),
  ...both(() => ({ id: 'leaf: a root itself, for signing certificates only', leaf: root, roots: [root] })),
  ...both(() => {
    const made = ca({ subject: 'Sole', ext: { ku: false } });
    return { id: 'leaf: a root itself, without keyUsage', leaf: made, roots: [made] };
  }),
  { id: 'leaf: a root itself, no purpose asked', leaf: root, roots: [root], as: 'any' },
  ...both(() => {
    const made = leaf(root, { subject: 'Self' });
    const self = bare({
      subject: 'Self',
      ext: { ku: keyUsage('digitalSignature'), san: seq(general.dns('shop.test')) },
    });
    return { id: 'leaf: self-signed and trusted', leaf: self, sent: [made], roots: [self] };
  }),
  ...both(() => {
    const self = bare({ subject: 'Self 2', ext: { eku: extendedUsage('client') } });
    return { id: 'leaf: self-signed and trusted, for clients', leaf: self, roots: [self] };
  }),
  ...both(() => {
    const made = leaf(root, withExt({ ku: critical(keyUsage('keyCertSign')) }));
    return { id: 'leaf: trusted itself, not self-signed', leaf: made, roots: [made] };
  }),
];

const authorities: readonly Case[] = [
  middle('basicConstraints not critical', withExt({ bc: basic(true) })),
  middle('no basicConstraints', withExt({ bc: false })),
  middle('no basicConstraints, no keyUsage', withExt({ bc: false, ku: false })),
  middle('no keyUsage', withExt({ ku: false })),
  middle('CA:FALSE', withExt({ bc: critical(basic(false)) })),
  middle('CA:FALSE with keyCertSign and a path length', withExt({ bc: critical(basic(false, 3)) })),
  middle('keyUsage not critical', withExt({ ku: keyUsage('keyCertSign') })),
  middle('no identifiers', withExt({ ski: false, aki: false })),
  middle('version 1 without extensions', { version: null, noExtensions: true }),
  middle('version 1 with extensions', { version: null }),
  middle('version 2 with extensions', { version: 1 }),
  middle('version 4', { version: 3 }, noVersion4),
  middle(
    'nsCertType of a CA and nothing else',
    withExt({ bc: false, ku: false, nsCertType: bits(Buffer.of(0x04)) }),
  ),
  top('basicConstraints not critical', withExt({ bc: basic(true) })),
  top('no basicConstraints', withExt({ bc: false })),
  top('no basicConstraints, no keyUsage', withExt({ bc: false, ku: false })),
  top('CA:FALSE', withExt({ bc: critical(basic(false)) })),
  top('keyUsage without keyCertSign', withExt({ ku: critical(keyUsage('cRLSign')) })),
  top('no keyUsage', withExt({ ku: false })),
  top('no identifiers', withExt({ ski: false, aki: false })),
  top('version 1 without extensions', { version: null, noExtensions: true }),
  top('version 1 with extensions', { version: null }),
  top('version 1 written out', { version: 0, noExtensions: true }),
  top('version 3 without extensions', { noExtensions: true }),
  top('version 4', { version: 3 }, noVersion4),
  top(
    'nsCertType of a CA and nothing else',
    withExt({ bc: false, ku: false, nsCertType: bits(Buffer.of(0x04)) }),
  ),
  top(
    'nsCertType of an S/MIME CA and nothing else',
    withExt({ bc: false, ku: false, nsCertType: bits(Buffer.of(0x02)) }),
  ),
  own('version 1 without extensions', { version: null, noExtensions: true }),
  own('version 1 with extensions', { version: null }),
  own('version 2 without extensions', { version: 1, noExtensions: true }),
  own('version 4', { version: 3 }, noVersion4),
  own('version 128', { version: 127 }, noVersion4),
  own('an empty list of extensions', {
    ext: { ski: false, aki: false, bc: false, ku: false, eku: false, san: false },
  }),
];

const lengths: readonly Case[] = [
  limits('0 at the intermediate', [undefined, 0]),
  limits('0 at the root, one intermediate', [0, undefined], { error: 25 }),
  limits('1 at the root, one intermediate', [1, undefined]),
  limits('1 at the root, two intermediates', [1, undefined, undefined]),
  limits('0 in the middle', [undefined, 0, undefined]),
  limits('growing below', [1, 5]),
  limits('growing below, too long', [1, 5, undefined]),
  limits('0 at the root, a self-issued intermediate', [0, undefined], {}, [1]),
  limits('0 at the root, a self-issued and another intermediate', [0, undefined, undefined], {}, [1]),
  limits('0 in the middle, self-issued below', [undefined, 0, 0], {}, [2]),
  limits(
    'nothing limits eight',
    Array.from({ length: 8 }, () => undefined),
  ),
];

const strictly: readonly Case[] = [
  own('strict, sound', {}, { strict: true, error: 0 }),
  middle('strict, sound', {}, { strict: true, error: 0 }),
  top('strict, sound', {}, { strict: true, error: 0 }),
  ...strictEverywhere('no identifiers', withExt({ ski: false, aki: false })),
  ...strictEverywhere('no subject key identifier', withExt({ ski: false })),
  ...strictEverywhere('an authority key identifier without a key', withExt({ aki: seq() })),
  ...strictEverywhere('no keyUsage', withExt({ ku: false })),
  ...strictEverywhere('version 1 without extensions', { version: null, noExtensions: true }),
  ...strictEverywhere('version 1 with extensions', { version: null }),
  ...strictEverywhere('an empty SAN', withExt({ san: seq() })),
  ...strictEverywhere('a critical authority key identifier', withExt({ aki: critical(seq()) })),
  ...strictEverywhere('no basicConstraints', withExt({ bc: false })),
  ...strictEverywhere('an empty subject', { subject: dn() }),
  ...strictEverywhere('an empty subject, SAN critical', {
    subject: dn(),
    ext: { san: critical(seq(general.dns('shop.test'))) },
  }),
  ...strictEverywhere('an empty subject, no SAN', { subject: dn(), ext: { san: false } }),
  ...strictEverywhere('CA:TRUE not critical', withExt({ bc: basic(true) })),
  ...strictEverywhere(
    'keyCertSign without CA',
    withExt({ bc: critical(basic(false)), ku: critical(keyUsage('digitalSignature', 'keyCertSign')) }),
  ),
  ...strictEverywhere('a path length without CA', withExt({ bc: critical(basic(false, 0)) })),
  ...strictEverywhere('a path length without keyUsage', withExt({ bc: critical(basic(true, 3)), ku: false })),
  ...strictEverywhere('differing algorithms', { inner: seq(oid('1.2.840.10045.4.3.3')) }),
  ...strictEverywhere('an empty issuer', { issuer: dn() }),
  own(
    'strict, a CA as a leaf',
    withExt({ bc: critical(basic(true)), ku: critical(keyUsage('digitalSignature', 'keyCertSign')) }),
    {
      strict: true,
      meant: {
        ours: 'refused',
        why: "a CA's key that is also somebody's own is one theft away from every identity below it",
      },
    },
  ),
  { id: 'strict: a root itself', leaf: root, roots: [root], strict: true, as: 'any' },
];

export const extensionCases: readonly Case[] = [
  ...Object.entries(malformed).flatMap(([id, ext]) => [
    own(id, withExt(ext), why(id)),
    middle(id, withExt(ext), why(id)),
  ]),
  ...Object.entries(unknown).flatMap(([id, more]) =>
    everywhere(
      id,
      { more },
      {
        ...why(id),
        ...(id === 'a proxy certificate' ? proxies : {}),
        ...(id === 'critical: 01' ? { otherReason: 'DER has one form of TRUE' } : {}),
      },
    ),
  ),
  middle('address blocks of a CA', { more: addressBlocks }, noBlocks),
  top('address blocks of a CA', { more: addressBlocks }, noBlocks),
  own('address blocks of a leaf', { more: addressBlocks }),
  ...Object.entries(policyRows).flatMap(([id, ext]) => everywhere(id, withExt(ext))),
  ...usages,
  ...authorities,
  ...lengths,
  ...strictly,
];
