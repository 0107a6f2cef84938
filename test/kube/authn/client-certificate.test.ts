/** An API server judges client certificates itself: name constraints among them. */
import test from 'ava';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import { verifyClient } from '../../../src/kube/authn/client-certificate.ts';
import { got } from '../../protocols/x509/got.ts';
import { ca, constraints, dn, general, implicit, leaf, octets, seq } from '../../pki/openssl/der-kit.ts';
import type { ExtensionSpec, Made, Spec } from '../../pki/openssl/der-kit.ts';

const at = Date.parse('2026-06-01T00:00:00Z');
const named = (...san: readonly Uint8Array[]): Spec => ({
  subject: dn('O=system:masters', 'CN=admin'),
  ext: { san: seq(...san) },
});

function reason(authority: Made, spec: Spec): string {
  const verdict = verifyClient([leaf(authority, spec).der], [got(readCertificate(authority.der)).value], at);
  return 'leaf' in verdict ? 'admitted' : verdict.reason;
}

test('name constraints admit who is within them and refuse who is not, critical or not', (t) => {
  const limited = (nc: ExtensionSpec): Made => ca({ ext: { nc } });
  for (const nc of [
    constraints([general.dns('good.test')]),
    { critical: constraints([general.dns('good.test')]) },
  ]) {
    t.is(reason(limited(nc), named(general.dns('a.good.test'))), 'admitted');
    t.is(reason(limited(nc), named(general.dns('bad.test'))), 'name_constraint_violated');
  }
});

test('what Go of that release does not know is refused where it is critical', (t) => {
  const authority = ca();
  t.is(reason(authority, named()), 'admitted');
  t.is(
    reason(authority, { ext: { policyConstraints: { critical: seq(implicit(0, Buffer.of(0))) } } }),
    'unhandled_critical_extension',
  );
  t.is(
    reason(authority, { ext: { aki: { critical: seq(implicit(0, authority.keyId)) } } }),
    'unhandled_critical_extension',
  );
  t.is(reason(authority, { ext: { nc: { critical: octets(Buffer.from('x')) } } }), 'malformed_certificate');
});
