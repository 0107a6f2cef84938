import test from 'ava';
import { UserError } from '../../../src/i18n/user-error.ts';
import { admit, checkPolicy, fitsUri, subjectValues } from '../../../src/wire/tls/admission.ts';
import type { AdmissionFacts } from '../../../src/wire/tls/admission.ts';
import type { AdmissionPolicy } from '../../../src/wire/endpoint.ts';
import type { CertificateSummary } from '../../../src/capture/vocabulary.ts';

const peer: CertificateSummary = {
  subject: 'CN=alice,OU=People,OU=Kitchen,O=Workshop',
  issuer: 'CN=Client CA',
  serial: '01',
  notBefore: '',
  notAfter: '',
  isCa: false,
  publicKey: 'P-256',
  sha256: '',
  san: ['DNS:alice.localhost', 'URI:spiffe://workshop/team/alice', 'email:alice@localhost'],
};

const facts = (policy: AdmissionPolicy, more: Partial<AdmissionFacts> = {}): AdmissionFacts => ({
  opensslVerdict: null,
  verification: { admitted: true },
  policy,
  peer,
  ...more,
});

test('any rule that fits admits; a rule of another kind or of another name does not', (t) => {
  const admitted: AdmissionPolicy[] = [
    { allowAll: true },
    { allowCommonNames: ['bob', 'alice'] },
    { allowOrganizationalUnits: ['Kitchen'] },
    { allowDnsNames: ['alice.localhost'] },
    { allowUris: ['spiffe://workshop/team/alice'] },
    { allowUris: ['spiffe://workshop/*/alice'] },
    { allowCommonNames: ['bob'], allowOrganizationalUnits: ['People'] },
  ];
  for (const policy of admitted)
    t.deepEqual(admit(facts(policy)), { admitted: true }, JSON.stringify(policy));
  const refused: AdmissionPolicy[] = [
    { allowCommonNames: ['Alice', 'alice ', 'alic', 'People', '*', ''] },
    { allowOrganizationalUnits: ['alice', 'Workshop'] },
    { allowDnsNames: ['*.localhost', 'spiffe://workshop/team/alice'] },
    { allowUris: ['spiffe://workshop/team', 'spiffe://*'] },
  ];
  for (const policy of refused)
    t.like(admit(facts(policy)), { admitted: false, reason: 'name_not_admitted' }, JSON.stringify(policy));
});

test('a policy without a rule admits nobody', (t) => {
  for (const policy of [{}, { allowAll: false }, { allowCommonNames: [] }]) {
    t.like(admit(facts(policy)), { admitted: false, reason: 'name_not_admitted' });
    t.throws(() => checkPolicy(policy), { instanceOf: UserError });
  }
  t.throws(() => checkPolicy(undefined), { instanceOf: UserError });
  t.notThrows(() => checkPolicy({ allowAll: true }));
});

test('each of OpenSSL and us can refuse alone, and the policy cannot overrule either', (t) => {
  const open: AdmissionPolicy = { allowAll: true };
  t.like(admit(facts(open, { opensslVerdict: 'CERT_HAS_EXPIRED' })), {
    admitted: false,
    reason: 'certificate_expired',
  });
  t.like(admit(facts(open, { verification: { admitted: false, reason: 'ca_as_leaf' } })), {
    admitted: false,
    reason: 'ca_as_leaf',
  });
  t.like(
    admit(
      facts(open, {
        opensslVerdict: 'INVALID_PURPOSE',
        verification: { admitted: false, reason: 'ca_as_leaf' },
      }),
    ),
    { reason: 'ca_as_leaf' },
  );
  t.like(admit(facts(open, { opensslVerdict: 'SOMETHING_NEW' })), { admitted: false });
  t.like(admit(facts(open, { peer: undefined })), { admitted: false, reason: 'certificate_missing' });
  t.deepEqual(admit(facts(open)), { admitted: true });
});

test('a star in a URI pattern is one whole segment, two at the end are the rest', (t) => {
  const fit: readonly (readonly [string, string])[] = [
    ['spiffe://a/b', 'spiffe://a/b'],
    ['spiffe://a/b', 'spiffe://a/b/'],
    ['spiffe://a/b/', 'spiffe://a/b'],
    ['spiffe://a/*', 'spiffe://a/b'],
    ['spiffe://*/b', 'spiffe://a/b'],
    ['spiffe://a/*/c', 'spiffe://a/b/c'],
    ['spiffe://a/**', 'spiffe://a/b'],
    ['spiffe://a/**', 'spiffe://a/b/c/d'],
    ['spiffe://a/**', 'spiffe://a/'],
  ];
  for (const [pattern, uri] of fit) t.true(fitsUri(pattern, uri), `${pattern} ${uri}`);
  const unfit: readonly (readonly [string, string])[] = [
    ['spiffe://a/b', 'spiffe://a/B'],
    ['spiffe://a/*', 'spiffe://a/b/c'],
    ['spiffe://a/*', 'spiffe://a/'],
    ['spiffe://a/*', 'spiffe://a'],
    ['spiffe://a/**', 'spiffe://ab'],
    ['spiffe://a/**', 'spiffe://b/a'],
    ['spiffe://a/b*', 'spiffe://a/bc'],
    ['spiffe://a/**/c', 'spiffe://a/b/c'],
    ['spiffe://a.b/c', 'spiffe://axb/c'],
    ['spiffe://a/*', 'spiffe://a/b//'],
  ];
  for (const [pattern, uri] of unfit) t.false(fitsUri(pattern, uri), `${pattern} ${uri}`);
  t.throws(() => checkPolicy({ allowUris: ['spiffe://a/**/c'] }), { instanceOf: UserError });
});

test('a value that only looks like another attribute is not one', (t) => {
  t.deepEqual(subjectValues('CN=mallory\\,OU=People,O=Rogue', 'OU'), []);
  t.deepEqual(subjectValues('CN=mallory\\,OU=People,O=Rogue', 'CN'), ['mallory,OU=People']);
  t.deepEqual(subjectValues('OU=a+CN=b,OU=c\\+d', 'OU'), ['a', 'c+d']);
  t.deepEqual(subjectValues('CN=back\\\\,OU=People', 'OU'), ['People']);
  t.deepEqual(subjectValues('CN=\\EA\\B0\\80,O=x=y', 'CN'), ['가']);
  t.deepEqual(subjectValues('CN=\\EA\\B0\\80,O=x=y', 'O'), ['x=y']);
  t.deepEqual(subjectValues('', 'CN'), []);
});

test('of several common names none fits a rule; where that is what keeps somebody out, it is said', (t) => {
  const twice = (subject: string): Partial<AdmissionFacts> => ({ peer: { ...peer, subject } });
  for (const subject of [
    'CN=alice,CN=mallory',
    'CN=mallory,CN=alice',
    'CN=alice+CN=mallory',
    'CN=alice,CN=alice',
  ]) {
    t.like(
      admit(facts({ allowCommonNames: ['alice'] }, twice(subject))),
      {
        admitted: false,
        reason: 'name_not_admitted',
        fault: { part: 'subject', expected: 'one common name' },
      },
      subject,
    );
    t.true(admit(facts({ allowAll: true }, twice(subject))).admitted);
  }
  t.is(
    (admit(facts({ allowCommonNames: ['bob'] }, twice('CN=alice,CN=mallory'))) as { fault?: unknown }).fault,
    undefined,
  );
  t.true(admit(facts({ allowCommonNames: ['alice'] }, twice('CN=alice+OU=People'))).admitted);
});

test('a certificate that cannot be read was given, and is not missing', (t) => {
  t.like(
    admit({
      opensslVerdict: null,
      verification: { admitted: false, reason: 'malformed_certificate' },
      policy: { allowAll: true },
      peer: undefined,
    }),
    { reason: 'malformed_certificate' },
  );
  t.like(
    admit({
      opensslVerdict: null,
      verification: { admitted: false, reason: 'certificate_missing' },
      policy: { allowAll: true },
      peer: undefined,
    }),
    { reason: 'certificate_missing' },
  );
});
