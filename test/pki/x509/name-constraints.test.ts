/** Name constraints without openssl at hand; the same rules side by side with it are in `openssl/`. */
import test from 'ava';
import { chainReport } from '../../../src/peers/client/chain-report.ts';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { constraintFault } from '../../../src/pki/x509/name-constraints.ts';
import { verifyChain } from '../../../src/pki/x509/verify.ts';
import { got } from '../../protocols/x509/got.ts';
import { ca, constraints, dn, general, implicit, leaf, seq, tagged } from '../openssl/der-kit.ts';
import type { Made, Spec } from '../openssl/der-kit.ts';

const at = Date.parse('2026-06-01T00:00:00Z');
const read = ({ der }: Made): Certificate => got(readCertificate(der)).value;
const { dns, email, ip, uri, directory } = general;

function violation(nc: Uint8Array, spec: Spec): string | undefined {
  const root = ca({ ext: { nc } });
  return constraintFault([read(leaf(root, spec)), read(root)])?.violation;
}

const named = (...san: readonly Uint8Array[]): Spec => ({ ext: { san: seq(...san) } });

const rows: readonly (readonly [what: string, nc: Uint8Array, spec: Spec, violation: string | undefined])[] =
  [
    ['a name within', constraints([dns('good.test')]), named(dns('a.good.test')), undefined],
    ['a name outside', constraints([dns('good.test')]), named(dns('bad.test')), 'PERMITTED_VIOLATION'],
    [
      'the end of a label is no label',
      constraints([dns('good.test')]),
      named(dns('notgood.test')),
      'PERMITTED_VIOLATION',
    ],
    ['an excluded name', constraints([], [dns('bad.test')]), named(dns('a.bad.test')), 'EXCLUDED_VIOLATION'],
    [
      'excluded weighs more than permitted',
      constraints([dns('test')], [dns('bad.test')]),
      named(dns('bad.test')),
      'EXCLUDED_VIOLATION',
    ],
    ['another type is free', constraints([dns('good.test')]), named(ip(10, 0, 0, 1)), undefined],
    [
      'a network',
      constraints([ip(10, 0, 0, 0, 255, 0, 0, 0)]),
      named(ip(11, 0, 0, 1)),
      'PERMITTED_VIOLATION',
    ],
    ['no network', constraints([ip(10, 0, 0, 0)]), named(ip(10, 0, 0, 0)), 'UNSUPPORTED_NAME_SYNTAX'],
    ['a mailbox', constraints([email('a@good.test')]), named(email('b@good.test')), 'PERMITTED_VIOLATION'],
    [
      'the host of a URI',
      constraints([uri('good.test')]),
      named(uri('https://good.test@bad.test/')),
      'PERMITTED_VIOLATION',
    ],
    [
      'a URI without a host',
      constraints([uri('good.test')]),
      named(uri('urn:good.test')),
      'UNSUPPORTED_NAME_SYNTAX',
    ],
    [
      'a subject',
      constraints([directory(dn('O=Good'))]),
      { subject: dn('O=Bad', 'CN=a') },
      'PERMITTED_VIOLATION',
    ],
    [
      'a CN where there is no SAN',
      constraints([dns('good.test')]),
      { subject: dn('CN=bad.test'), ext: { san: false } },
      'PERMITTED_VIOLATION',
    ],
    [
      'a mail address in the subject',
      constraints([], [email('bad.test')]),
      { subject: dn('emailAddress=a@bad.test') },
      'EXCLUDED_VIOLATION',
    ],
    [
      'a minimum',
      seq(tagged(0, seq(dns('good.test'), implicit(0, Buffer.of(1))))),
      named(dns('good.test')),
      'SUBTREE_MINMAX',
    ],
    [
      'a type that cannot be compared',
      constraints([general.registered('1.2.3')]),
      named(general.registered('1.2.3')),
      'UNSUPPORTED_CONSTRAINT_TYPE',
    ],
  ];

for (const [what, nc, spec, expected] of rows)
  test(`${what}: ${expected ?? 'within'}`, (t) => t.is(violation(nc, spec), expected));

test('too many names times too many constraints are refused without being compared', (t) => {
  const many = Array.from({ length: 1100 }, (_, index) => dns(`n${index}.good.test`));
  t.is(violation(constraints(many), named(...many)), 'TOO_MANY_NAMES');
  t.is(violation(constraints(many.slice(0, 900)), named(...many.slice(0, 900))), undefined);
});

test('the refusal names the name and the constraint, and an intermediate outside is blamed itself', (t) => {
  const root = ca({
    subject: dn('O=Good', 'CN=Root'),
    ext: { nc: { critical: constraints([directory(dn('O=Good')), dns('good.test')]) } },
  });
  const ask = (chain: readonly Made[]): ReturnType<typeof verifyChain> =>
    verifyChain({ chain: chain.map(({ der }) => der), roots: [root.der], purpose: 'client', at });
  const middle = ca({ by: root, subject: dn('O=Bad', 'CN=Middle') });
  const good = leaf(root, { subject: dn('O=Good', 'CN=a'), ext: { san: seq(dns('a.good.test')) } });
  t.true(ask([good]).admitted);
  t.like(ask([leaf(root, { subject: dn('O=Good', 'CN=a'), ext: { san: seq(dns('bad.test')) } })]), {
    admitted: false,
    reason: 'name_constraint_violated',
    depth: 0,
    fault: { part: 'nameConstraints', expected: 'DNS:good.test', found: 'DNS:bad.test' },
  });
  t.like(
    ask([leaf(middle, { subject: dn('O=Good', 'CN=a'), ext: { san: seq(dns('a.good.test')) } }), middle]),
    { admitted: false, reason: 'name_constraint_violated', depth: 1 },
  );
});

test('a CA that was given away below a limited one certifies no bank: a client that trusts the root refuses it, and the report says where', (t) => {
  const root = ca({ subject: 'My Root CA' });
  const intermediate = ca({
    by: root,
    subject: 'My Intermediate',
    ext: { nc: { critical: constraints([dns('shop.localhost')]) } },
  });
  const mallory = ca({ by: intermediate, subject: 'Mallory' });
  const bank = leaf(mallory, { subject: 'bank.localhost', ext: { san: seq(dns('bank.localhost')) } });
  const shop = leaf(intermediate, { subject: 'shop.localhost', ext: { san: seq(dns('shop.localhost')) } });
  const report = (name: string, ...chain: readonly Made[]): unknown =>
    chainReport(
      chain.map(({ der }) => der),
      [read(root)],
      { name, at },
    )?.breaks;
  t.deepEqual(report('bank.localhost', bank, mallory, intermediate), {
    at: 0,
    reason: 'name_constraint_violated',
  });
  t.is(report('shop.localhost', shop, intermediate), undefined);
});
