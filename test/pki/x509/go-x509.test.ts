/** What Go alone refuses in a certificate. Each was put to the real kubectl 1.32, which said what stands behind it. */
import test from 'ava';
import { generateKeyPairSync } from 'node:crypto';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { verifyClient } from '../../../src/kube/authn/client-certificate.ts';
import { goFault, goKeyFault, namesAsIssuer, unhandledByGo } from '../../../src/pki/x509/go-x509.ts';
import { formFault } from '../../../src/pki/x509/certificate-form.ts';
import { verifyChain } from '../../../src/pki/x509/verify.ts';
import { got } from '../../protocols/x509/got.ts';
import {
  ca,
  constraints,
  dn,
  extension,
  general,
  implicit,
  int,
  leaf,
  octets,
  printable,
  seq,
  utf8,
} from '../openssl/der-kit.ts';
import type { Made, Spec } from '../openssl/der-kit.ts';

const read = ({ der }: Made): Certificate => got(readCertificate(der)).value;
const authority = ca({ subject: 'kubernetes' });
const named = (...names: readonly Uint8Array[]): Spec => ({ ext: { san: seq(...names) } });
const at = Date.parse('2026-06-01T00:00:00Z');

const unreadable: readonly (readonly [title: string, spec: Spec, part: string])[] = [
  ['an address of one byte (cannot parse IP address of length 1)', named(general.ip(5)), 'subjectAltName'],
  ['an address and a mask', named(general.ip(10, 0, 0, 0, 255, 0, 0, 0)), 'subjectAltName'],
  [
    'a DNS name that is no ASCII (SAN dNSName is malformed)',
    named(general.dns('shop.test'), general.dns('caf\u00e9.test')),
    'subjectAltName',
  ],
  [
    "a URI whose bracket stays open (missing ']' in host)",
    named(general.uri('http://[::1/x')),
    'subjectAltName',
  ],
  ['a URI with half an escape', named(general.uri('http://shop.test/%4')), 'subjectAltName'],
  [
    'a URI whose host has an empty label (invalid domain)',
    named(general.uri('http://shop..test/')),
    'subjectAltName',
  ],
  [
    'a mask with a hole (IP constraint contained invalid mask)',
    { ext: { nc: constraints([general.ip(10, 0, 0, 0, 255, 0, 255, 0)]) } },
    'nameConstraints',
  ],
  ['a network without a mask', { ext: { nc: constraints([general.ip(10, 0, 0, 0)]) } }, 'nameConstraints'],
];

for (const [title, spec, part] of unreadable) {
  test(`Go does not read ${title}, and the API server refuses it`, (t) => {
    const made = leaf(authority, spec);
    t.is(goFault(read(made))?.part, part);
    // What OpenSSL’s rules refuse is no matter of this file.
    t.is(formFault(read(made)), undefined);
    t.like(verifyClient([made.der], [read(authority)], at), { reason: 'malformed_certificate' });
  });
}

const readable: readonly Spec[] = [
  {},
  named(
    general.ip(127, 0, 0, 1),
    general.ip(...Array.from({ length: 15 }, () => 0), 1),
    general.dns('*.shop.test'),
    general.email('a@shop.test'),
  ),
  ...[
    'spiffe://cluster.local/ns/a',
    'http://shop.test:8080/%20?a=%',
    'https://user:p%40@shop.test',
    'urn:uuid:1',
    'http://[::1]:80/x',
    'http:///path',
  ].map((uri) => named(general.uri(uri))),
  {
    ext: {
      nc: constraints([
        general.ip(10, 0, 0, 0, 255, 240, 0, 0),
        general.ip(...Array.from({ length: 16 }, () => 0), ...Array.from({ length: 16 }, () => 0)),
        general.dns(''),
      ]),
    },
  },
];

test('what Go reads is no fault', (t) => {
  for (const spec of readable) t.is(goFault(read(leaf(authority, spec))), undefined, JSON.stringify(spec));
});

test('critical extensions that Go of Kubernetes 1.32 does not know, and constraints that it evaluates in part', (t) => {
  const unknown = (ext: Spec['ext']): string[] => unhandledByGo(read(ca({ ext: ext ?? {} })));
  t.deepEqual(unknown({}), []);
  t.deepEqual(unknown({ policyConstraints: { critical: seq(implicit(0, Buffer.of(0))) } }), [
    'policy_constraints',
  ]);
  t.deepEqual(unknown({ policyConstraints: seq(implicit(0, Buffer.of(0))) }), []);
  t.deepEqual(unknown({ ski: { critical: octets(Buffer.alloc(20, 1)) } }), ['subject_key_identifier']);
  t.deepEqual(unknown({ inhibitAny: { critical: int(0) } }), ['inhibit_any_policy']);
  const directory = constraints([general.directory(dn('O=acme'))]);
  t.deepEqual(unknown({ nc: { critical: directory } }), ['name_constraints']);
  t.deepEqual(unknown({ nc: directory }), []);
  t.deepEqual(
    unknown({
      nc: { critical: constraints([general.dns('good.test')], [general.ip(10, 0, 0, 0, 255, 0, 0, 0)]) },
    }),
    [],
  );
  t.deepEqual(unhandledByGo(read(ca({ more: [extension('1.3.6.1.4.1.32473.1', Buffer.of(5, 0), true)] }))), [
    '1.3.6.1.4.1.32473.1',
  ]);
});

test('the name of an issuer is the same to the byte, or another’s: to Go and the API server, not to OpenSSL’s rules', (t) => {
  for (const [title, subject] of [
    ['another string', dn(['CN', printable('kubernetes')])],
    ['another case', dn(['CN', utf8('Kubernetes')])],
  ] as const) {
    const renewed = ca({ subject, pair: authority.pair });
    const made = leaf(authority, { subject: dn('O=system:masters', 'CN=admin') });
    t.false(namesAsIssuer(read(made), read(renewed)), title);
    t.true(verifyChain({ chain: [made.der], roots: [renewed.der], purpose: 'client', at }).admitted, title);
    t.like(verifyClient([made.der], [read(renewed)], at), { reason: 'unknown_ca' }, title);
    t.true('leaf' in verifyClient([made.der], [read(renewed), read(authority)], at), title);
  }
});

test('RSA keys that OpenSSL uses and Go does not: of a large exponent, and in a handshake of more than 8192 bits', (t) => {
  const key = (modulusLength: number, publicExponent: number): Certificate => {
    const pair = generateKeyPairSync('rsa', { modulusLength, publicExponent });
    return read(leaf(authority, { pair }));
  };
  t.is(goKeyFault(key(2048, 65_537), true), undefined);
  t.is(goKeyFault(key(2048, 0xffff_ffff), false)?.found, 'RSA-2048, exponent 4294967295');
  const large = { publicKey: { ...key(2048, 65_537).publicKey, bits: 9216, name: 'RSA-9216' } };
  t.is(goKeyFault(large, true)?.found, 'RSA-9216');
  t.is(goKeyFault(large, false), undefined);
  t.is(goKeyFault(read(leaf(authority)), true), undefined);
});
