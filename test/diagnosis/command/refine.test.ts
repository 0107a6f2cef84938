/** What a refused certificate is said to be, once an experiment, a file, a proxy or an option has shown more of it. */
import test from 'ava';
import type { Attempt } from '../../../src/diagnosis/attempt/attempt.ts';
import { explained } from '../../../src/diagnosis/case.ts';
import { refined, withOwnSettings } from '../../../src/diagnosis/command/refine.ts';
import type { Context } from '../../../src/diagnosis/command/context.ts';
import type { Finding } from '../../../src/diagnosis/diagnosis.ts';
import { found } from '../../../src/diagnosis/found.ts';
import { hear } from '../../../src/diagnosis/programs/hear.ts';
import { makeKey } from '../../../src/pki/ca/sign.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { craft } from '../../pki/support/craft.ts';

const now = Date.now();
const span = { notBefore: now - 86_400_000, notAfter: now + 86_400_000 };
const [caKey, leafKey] = [makeKey('RSA-2048'), makeKey('P-256')];
const ca = (hasNoKeyId: boolean): Certificate =>
  craft({
    subject: [['CN', 'Corp CA']],
    key: caKey,
    isCa: true,
    hasNoKeyId,
    keyUsage: ['keyCertSign'],
    ...span,
  });
const leafWith = (san: readonly string[], more: Partial<Parameters<typeof craft>[0]> = {}): Certificate =>
  craft({
    subject: [['CN', 'shop']],
    key: leafKey,
    issuer: { certificate: ca(false), key: caKey },
    extendedKeyUsage: ['serverAuth'],
    san,
    ...span,
    ...more,
  });

function context(
  chain: readonly Certificate[],
  more: Partial<Context> & { readonly words?: string } = {},
): Context {
  const { words, ...rest } = more;
  return {
    heard: words === undefined ? undefined : hear({ stdout: '', stderr: words }, undefined),
    diagnosis: {
      others: [],
      attempts: [
        { number: 1, result: 'completed', chain: chain.map(({ der }) => der) } as unknown as Attempt,
      ],
    },
    intent: {},
    name: 'shop.test',
    faulty: [],
    files: [],
    own: [],
    lines: [],
    overridden: {},
    now,
    said: words ?? '',
    through: undefined,
    policy: undefined,
    ...rest,
  };
}

type OfBytes = Parameters<typeof explained>[0]['cause'];
const finding = (cause: OfBytes, confidence: Finding['confidence'] = 'proven'): Finding =>
  explained({ cause, by: 'client', detail: {}, confidence, evidence: [], message: 'Certificate' });
const summary = ({ cause, by, confidence, remedy }: Finding): string =>
  `${cause} ${by} ${confidence}, on the ${remedy.on}`;

test('a certificate that was not read is not one without names', (t) => {
  const unread = finding('name_mismatch');
  t.notRegex(unread.because.en, /no name at all/);
  const seen = refined(
    unread,
    context([leafWith(['DNS:a.test', 'DNS:b.test'])], {
      words: 'x509: certificate is valid for a.test, b.test, not c.test',
    }),
  );
  t.regex(seen.because.en, /valid for DNS:a\.test, DNS:b\.test, not for c\.test/);
  t.is(summary(seen), 'name_mismatch client proven, on the client');
  t.true(seen.evidence.some(({ kind }) => kind === 'certificate'));
});

test('a name that is not among its words, and that the certificate is valid for, is not said to be the wrong one', (t) => {
  const seen = refined(finding('name_mismatch'), context([leafWith(['DNS:shop.test'])]));
  t.regex(seen.because.en, /not for the name that was asked for/);
});

test('an address among the DNS names', (t) => {
  const seen = refined(
    finding('name_mismatch'),
    context([leafWith(['DNS:127.0.0.1'])], { name: '127.0.0.1' }),
  );
  t.regex(seen.because.en, /127\.0\.0\.1 among its DNS names/);
  t.regex(seen.remedy.words.en, /IP:127\.0\.0\.1/);
  t.is(seen.remedy.on, 'server');
});

test('the option that sets the name', (t) => {
  const options = { name: 'c.test', intent: { serverName: 'c.test', serverNameBy: '--tls-server-name' } };
  const of = (more: Partial<Context>): Finding => {
    const given = context([leafWith(['DNS:a.test'])], more);
    return withOwnSettings(refined(finding('name_mismatch'), given), given);
  };
  t.regex(of(options).remedy.words.en, /set by --tls-server-name/);
  t.is(of(options).remedy.on, 'client');
  t.notRegex(of({ ...options, name: 'other.test' }).remedy.words.en, /set by/, 'it verified another one');
});

test('called by an address: the option that names what is verified, where the program has one', (t) => {
  const of = (line: string, san: readonly string[] = ['DNS:kubernetes', 'IP:10.96.0.1']): Finding => {
    const given = context([leafWith(san)], { name: '127.0.0.1', own: line.split(' ') });
    return withOwnSettings(refined(finding('name_mismatch'), given), given);
  };
  const called = of('kubectl --server https://127.0.0.1:1 version');
  t.regex(called.remedy.words.en, /--tls-server-name kubernetes \(tls-server-name in its kubeconfig\)/);
  t.is(called.remedy.command, 'kubectl --tls-server-name=kubernetes --server https://127.0.0.1:1 version');
  t.is(
    of('openssl s_client -connect 127.0.0.1:1').remedy.command,
    'openssl s_client -verify_hostname kubernetes -connect 127.0.0.1:1',
  );
  for (const other of [of('curl https://127.0.0.1:1/'), of('kubectl version', ['IP:10.96.0.1'])])
    t.regex(other.remedy.words.en, /^check the name in the address first/);
  t.is(of('kubectl version', ['DNS:127.0.0.1', 'DNS:a.test']).remedy.on, 'server');
});

test('a usual key that is too weak for the client alone', (t) => {
  const words = '- Status: The certificate is NOT trusted. The certificate chain uses insecure algorithm.';
  const weak = (chain: readonly Certificate[], policy?: string): Finding =>
    refined(finding('weak_signature', 'likely'), context(chain, { words, policy }));
  const usual = weak([leafWith(['DNS:shop.test'])], '--priority SECURE192');
  t.is(summary(usual), 'weak_key client likely, on the client');
  t.regex(usual.because.en, /P-256.*policy asks for stronger.*--priority SECURE192/);
  const sha1 = weak([leafWith(['DNS:shop.test'], { digest: 'sha1' })]);
  t.is(summary(sha1), 'weak_signature client likely, on the server');
  const short = weak([leafWith(['DNS:shop.test'], { key: makeKey('RSA-1024') })]);
  t.is(summary(short), 'weak_key client likely, on the server');
  t.is(weak([]).cause, 'weak_signature', 'no certificate was seen');
});

test('which rule of RFC 5280 is broken', (t) => {
  const words = 'certificate verify failed: Missing Authority Key Identifier (_ssl.c:1006)';
  const strict = found({ cause: 'not_conforming', by: 'client', confidence: 'proven', evidence: [] });
  const broken = leafWith(['DNS:shop.test'], { issuer: { certificate: ca(true), key: caKey } });
  t.regex(
    refined(strict, context([broken], { words })).because.en,
    /CN=shop, authorityKeyIdentifier: .* found none/,
  );
  t.notRegex(refined(strict, context([leafWith([])], { words })).because.en, /authorityKeyIdentifier:/);
});

test('a proxy on the way may present a certificate of its own', (t) => {
  const through = { host: 'proxy.test', port: 3128 };
  const of = (cause: OfBytes): Finding => refined(finding(cause), context([leafWith([])], { through }));
  t.is(summary(of('intermediate_missing')), 'unknown_ca client likely, on the client');
  t.is(summary(of('unknown_ca')), 'unknown_ca client proven, on the client');
  t.regex(of('unknown_ca').because.en, /CN=Corp CA.*proxy proxy\.test:3128/);
  t.is(refined(finding('certificate_expired'), context([], { through })).cause, 'certificate_expired');
});

test('a CA of that name with another key, and a curve that the client does not have', (t) => {
  const words =
    'PKIX path validation failed: java.security.cert.CertPathValidatorException: signature check failed';
  const unknown = refined(finding('unknown_ca'), context([leafWith([])], { words }));
  t.is(summary(unknown), 'unknown_ca client likely, on the client');
  t.regex(unknown.because.en, /made anew/);
  const leaf = leafWith([]);
  t.is(leaf.publicKey.name, 'P-256');
});

const file = (kind: 'authorities' | 'certificate', isVariable = false): Context['faulty'] => [
  { path: '/no/such.crt', kind, by: isVariable ? 'SSL_CERT_FILE' : '--cacert', isVariable, fault: 'missing' },
];

test('a file that is named and is not there', (t) => {
  const of = (cause: OfBytes, faulty: Context['faulty'], words = ''): Finding =>
    withOwnSettings(finding(cause, 'likely'), context([], { faulty, words }));
  t.is(summary(of('unknown_ca', file('authorities'))), 'unusable_file client proven, on the client');
  t.is(
    summary(of('unknown_ca', file('authorities', true))),
    'unusable_file client likely, on the client',
    'the program may trust others',
  );
  t.is(
    summary(of('unknown_ca', file('authorities', true), 'Warning: Ignoring extra certs from `/no/such.crt`')),
    'unusable_file client proven, on the client',
    'it names the file',
  );
  const others: readonly OfBytes[] = ['certificate_expired', 'name_mismatch', 'no_common_version'];
  for (const cause of others) t.is(of(cause, file('authorities')).cause, cause);
  t.is(of('unknown_ca', file('certificate')).cause, 'unknown_ca', 'a file of its own certificate');
});

test('a store without a key says why nothing was presented', (t) => {
  const missing = explained({
    cause: 'certificate_missing',
    by: 'server',
    detail: {},
    confidence: 'proven',
    evidence: [],
  });
  const [given] = file('certificate');
  const faulty = given ? [{ ...given, fault: 'no_key' as const, store: { password: 'x' } }] : [];
  const seen = withOwnSettings(missing, context([], { faulty }));
  t.is(summary(seen), 'certificate_missing server proven, on the client');
  t.regex(seen.because.en, /holds no private key/);
  t.is(seen.remedy.command, 'keytool -list -keystore /no/such.crt');
  t.deepEqual(withOwnSettings(missing, context([], { faulty: file('authorities') })), missing);
});
