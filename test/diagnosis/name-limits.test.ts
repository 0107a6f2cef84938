/** Which CA may not issue for which name, in words: what it permits or excludes, and the name that is outside. */
import test from 'ava';
import { outsideLimits } from '../../src/diagnosis/name-limits.ts';
import { readCertificate } from '../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../src/protocols/x509/certificate.ts';
import { ca, constraints, general, leaf, seq } from '../pki/openssl/der-kit.ts';
import { got } from '../protocols/x509/got.ts';

const { dns } = general;

function words(nc: Uint8Array, name: string): string | undefined {
  const root = ca({ ext: { nc } });
  const chain = [leaf(root, { ext: { san: seq(dns(name)) } }), root];
  return outsideLimits(chain.map(({ der }): Certificate => got(readCertificate(der)).value))?.en;
}

test('what a CA may issue for, and the name that is not within it', (t) => {
  t.regex(
    words(constraints([dns('pay.test')]), 'billing.test') ?? '',
    /^the CA \S.* may issue certificates only for DNS:pay\.test \(its name constraints\), and the server's certificate has the name DNS:billing\.test$/,
  );
  t.regex(
    words(constraints([], [dns('corp.test')]), 'a.corp.test') ?? '',
    /may not issue certificates for DNS:corp\.test .*has the name DNS:a\.corp\.test$/,
  );
  t.is(words(constraints([dns('pay.test')]), 'www.pay.test'), undefined);
});

test('of a chain that does not fit together nothing is said', (t) => {
  const [one, other] = [ca({ ext: { nc: constraints([dns('pay.test')]) } }), ca()];
  const made = leaf(other, { ext: { san: seq(dns('billing.test')) } });
  const chain = [made, one].map(({ der }) => got(readCertificate(der)).value);
  if (chain[0]?.issuer.text !== chain[1]?.subject.text) t.is(outsideLimits(chain), undefined);
  t.is(outsideLimits(chain.slice(0, 1)), undefined);
});
