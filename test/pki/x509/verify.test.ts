import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { RefusalReason } from '../../../src/capture/vocabulary.ts';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { matchesHostname } from '../../../src/pki/x509/hostname.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemCertificates, pemRevocationLists } from '../../../src/pki/keystore/pem.ts';
import type { Recipe } from '../../../src/pki/ca/recipe.ts';
import { isSignedBy } from '../../../src/pki/x509/signature.ts';
import { prepareTrust, refusalDetail, verifyChain } from '../../../src/pki/x509/verify.ts';
import type { Verification } from '../../../src/pki/x509/verify.ts';
import { got } from '../../protocols/x509/got.ts';
import { cpuTime } from '../../helpers/cpu-time.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';

const now = Date.parse('2026-06-01T00:00:00Z');
const recipe: Recipe = {
  certificates: {
    ca: { profile: 'root', subject: { CN: 'CA', O: 'Workshop' } },
    middle: { profile: 'intermediate', issuer: 'ca', subject: { CN: 'Middle', O: 'Elsewhere' } },
    namesake: { profile: 'root', subject: { CN: 'CA', O: 'Workshop' } },
    other: { profile: 'root', subject: { CN: 'Other', O: 'Other' } },
    alice: { profile: 'client', issuer: 'ca', subject: { CN: 'alice' } },
    deep: { profile: 'client', issuer: 'middle', subject: { CN: 'deep' } },
    mallory: { profile: 'client', issuer: 'other', subject: { CN: 'mallory' } },
    second: { profile: 'root', subject: { CN: 'Second', O: 'Workshop' } },
    issuing: { profile: 'intermediate', issuer: 'second', subject: { CN: 'Issuing', O: 'Workshop' } },
    theirs: { profile: 'client', issuer: 'issuing', subject: { CN: 'theirs' } },
    selfmade: {
      profile: 'server',
      issuer: 'ca',
      subject: { CN: 'self' },
      san: ['DNS:self.localhost'],
      flaws: ['self-signed'],
    },
    gone: { profile: 'client', issuer: 'ca', subject: { CN: 'gone' }, flaws: ['revoked', 'expired'] },
    'gone-rsa': { profile: 'client', issuer: 'ca', subject: { CN: 'weak' }, flaws: ['weak-key', 'revoked'] },
  },
};
const world = issueWorld(recipe, { clock: { now: () => now } });
const der = (...names: string[]): Uint8Array[] =>
  names.flatMap((name) => pemCertificates(world.certificate(name)));
const reasonOf = (verdict: Verification): RefusalReason | 'admitted' =>
  verdict.admitted ? 'admitted' : verdict.reason;
const ask = (chain: Uint8Array[], more: Partial<Parameters<typeof verifyChain>[0]> = {}): Verification =>
  verifyChain({ chain, roots: der('ca'), purpose: 'client', at: now, ...more });
const certificateOf = (name: string): Certificate =>
  got(readCertificate(der(name)[0] ?? new Uint8Array(0))).value;

function refused(verdict: Verification): Extract<Verification, { admitted: false }> {
  if (verdict.admitted) throw new Error('admitted');
  return verdict;
}

test('nothing presented is certificate_missing', (t) => {
  t.is(reasonOf(ask([])), 'certificate_missing');
  t.is(reasonOf(ask(der('alice'))), 'admitted');
});

test('the order of the presented certificates behind the leaf does not matter, strangers and repetitions among them neither', (t) => {
  t.is(reasonOf(ask(der('deep', 'middle'))), 'admitted');
  t.is(reasonOf(ask(der('deep', 'other', 'deep', 'middle', 'middle', 'ca'))), 'admitted');
});

test('a missing intermediate is proven by one who knows it, and guessed from the organization otherwise', (t) => {
  t.is(reasonOf(ask(der('deep'))), 'unknown_ca');
  t.is(reasonOf(ask(der('deep'), { known: der('middle') })), 'intermediate_missing');
  t.is(reasonOf(ask(der('mallory'), { known: der('middle') })), 'unknown_ca');
});

test('an organization may have several roots: whoever sends intermediate certificates left out a root', (t) => {
  t.is(reasonOf(ask(der('theirs'))), 'intermediate_missing');
  t.is(reasonOf(ask(der('theirs', 'issuing'))), 'unknown_ca');
  t.is(reasonOf(ask(der('theirs', 'issuing'), { roots: der('ca', 'second') })), 'admitted');
});

test('a CA of the same name with another key is unknown, whether its certificate is presented or not', (t) => {
  const trusted = { roots: der('namesake') };
  t.is(reasonOf(ask(der('alice'), trusted)), 'unknown_ca');
  t.is(reasonOf(ask(der('alice', 'ca'), trusted)), 'unknown_ca');
  t.is(reasonOf(ask(der('alice'), { roots: der('namesake', 'ca') })), 'admitted');
});

test('a self-signed certificate is refused until it is itself trusted', (t) => {
  const question = { purpose: 'server', hostname: 'self.localhost' } as const;
  t.is(reasonOf(ask(der('selfmade'), question)), 'self_signed');
  t.is(reasonOf(ask(der('selfmade'), { ...question, roots: der('selfmade') })), 'admitted');
  t.is(
    reasonOf(ask(der('selfmade'), { ...question, roots: der('selfmade'), hostname: 'other.localhost' })),
    'name_mismatch',
  );
  t.is(
    reasonOf(ask(der('selfmade'), { ...question, roots: der('selfmade'), at: now + 500 * 86_400_000 })),
    'certificate_expired',
  );
});

test('an intermediate that is an anchor needs no root', (t) => {
  t.is(reasonOf(ask(der('deep'), { roots: der('middle') })), 'admitted');
});

test('with several things wrong the first in order is named', (t) => {
  const revocations = pemRevocationLists(world.crl('ca') ?? '');
  t.is(reasonOf(ask(der('gone'), { revocations })), 'certificate_revoked');
  t.is(reasonOf(ask(der('gone'))), 'certificate_expired');
  t.is(reasonOf(ask(der('gone'), { revocations, purpose: 'server' })), 'wrong_usage');
  t.is(reasonOf(ask(der('gone'), { revocations, roots: der('other') })), 'unknown_ca');
  t.is(reasonOf(ask(der('gone-rsa'), { revocations })), 'weak_key');
});

test('as OpenSSL counts, the second of notAfter no longer belongs to the validity', (t) => {
  const { notBefore, notAfter } = certificateOf('alice');
  t.is(reasonOf(ask(der('alice'), { at: notBefore })), 'admitted');
  t.is(reasonOf(ask(der('alice'), { at: notBefore - 1 })), 'certificate_not_yet_valid');
  t.is(reasonOf(ask(der('alice'), { at: notAfter - 1 })), 'admitted');
  t.is(reasonOf(ask(der('alice'), { at: notAfter })), 'certificate_expired');
});

test('a damaged certificate is malformed, wherever it stands; no flipped byte of it throws or is admitted', (t) => {
  const [alice = new Uint8Array(0)] = der('alice');
  t.is(reasonOf(ask([alice.subarray(0, 100)])), 'malformed_certificate');
  t.is(reasonOf(ask([alice, alice.subarray(1)])), 'malformed_certificate');
  const trust = prepareTrust({ roots: der('ca'), purpose: 'client' });
  const flipped = Uint8Array.from(alice);
  for (let at = 0; at < flipped.length; at++) {
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    t.false(trust({ chain: [flipped], at: now }).admitted, String(at));
    flipped[at] = (flipped[at] ?? 0) ^ 1;
  }
});

test('a thousand certificates that all could have issued each other end soon', (t) => {
  const [middle = new Uint8Array(0)] = der('middle');
  const [ca = new Uint8Array(0)] = der('ca');
  const started = cpuTime();
  t.is(
    reasonOf(
      ask([...der('deep'), ...Array.from({ length: 1000 }, (_, at) => (at % 2 ? middle : ca))], {
        roots: der('other'),
      }),
    ),
    'unknown_ca',
  );
  t.true(cpuTime() - started < 5000);
});

test('the detail says what was presented, what was trusted, and the number that decided', (t) => {
  const question = { purpose: 'client', at: now } as const;
  const detail = refusalDetail(refused(ask(der('gone'))), question);
  t.is(detail.presented?.subject, 'CN=gone');
  t.is(detail.now, '2026-06-01T00:00:00Z');
  t.deepEqual(detail.trusted, [{ subject: 'CN=CA,O=Workshop', keyId: world.summary('ca').keyId ?? '' }]);
  const wrong = refused(ask(der('alice'), { purpose: 'server' }));
  t.is(refusalDetail(wrong, { ...question, purpose: 'server' }).expected, 'serverAuth');
});

test('hostnames: whole labels, a star for the first, addresses only as addresses', (t) => {
  const dns = (...values: string[]): { kind: 'DNS'; value: string }[] =>
    values.map((value) => ({ kind: 'DNS', value }));
  const rows: readonly [string, string, boolean][] = [
    ['shop.localhost', 'shop.localhost', true],
    ['shop.localhost', 'SHOP.localhost.', true],
    ['shop.localhost', 'shop.localhost.evil', false],
    ['*.shop.localhost', 'a.shop.localhost', true],
    ['*.shop.localhost', 'a.b.shop.localhost', false],
    ['*.shop.localhost', 'shop.localhost', false],
    ['*.localhost', 'shop.localhost', false],
    ['*', 'shop', false],
    ['a*.shop.localhost', 'ab.shop.localhost', false],
    ['*.*.localhost', 'a.b.localhost', false],
    ['shop.localhost\u0000.evil.example', 'shop.localhost', false],
    ['127.0.0.1', '127.0.0.1', false],
    ['', '', false],
  ];
  for (const [pattern, wanted, matches] of rows)
    t.is(matchesHostname(dns(pattern), wanted), matches, `${pattern} ${wanted}`);
  t.true(matchesHostname([{ kind: 'IP', value: '127.0.0.1' }], '127.0.0.1'));
  t.true(matchesHostname([{ kind: 'IP', value: '::1' }], '[0:0:0:0:0:0:0:1]'));
  t.false(matchesHostname([{ kind: 'IP', value: '127.0.0.1' }], '127.0.0.2'));
  t.false(matchesHostname([{ kind: 'URI', value: 'shop.localhost' }], 'shop.localhost'));
});

test('a signature by a key of another type is no signature', (t) => {
  const { tbs: body, signature, signatureAlgorithm: algorithm } = certificateOf('alice');
  t.true(isSignedBy({ body, signature, algorithm }, certificateOf('ca').publicKey));
  for (const spki of [
    generateKeyPairSync('ed25519').publicKey,
    generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey,
  ]) {
    t.false(
      isSignedBy(
        { body, signature, algorithm },
        { der: spki.export({ type: 'spki', format: 'der' }), name: '', algorithm: '' },
      ),
    );
  }
  t.false(
    isSignedBy({ body, signature, algorithm: { ...algorithm, oid: '1.2.3' } }, certificateOf('ca').publicKey),
  );
  t.false(
    isSignedBy(
      { body, signature, algorithm },
      { der: createHash('sha256').digest(), name: '', algorithm: '' },
    ),
  );
});

withPeer(
  'openssl',
  'certificates that openssl made: RSASSA-PSS, explicit text types, many extensions',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'wirelab-verify-'));
    t.teardown(async () => rm(folder, { recursive: true, force: true }));
    const openssl = async (...parameters: string[]): Promise<void> => {
      const result = await runProgram('openssl', parameters, { cwd: folder });
      t.is(result.exitCode, 0, result.stderr);
    };
    const read = async (name: string): Promise<Uint8Array[]> =>
      pemCertificates(await readFile(join(folder, name), 'utf8'));
    const pss = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32', '-sha256'];
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-noenc',
      '-keyout',
      'ca.key',
      '-out',
      'ca.crt',
      '-subj',
      '/C=KR/O=Workshop/CN=PSS CA',
      ...pss,
    );
    const extensions = [
      'subjectAltName=DNS:pss.localhost,otherName:1.2.3;UTF8:x,dirName:dir',
      'certificatePolicies=1.2.3',
      'crlDistributionPoints=URI:http://localhost/crl',
      'authorityInfoAccess=OCSP;URI:http://localhost',
    ];
    await writeFile(join(folder, 'dir.cnf'), '[req]\ndistinguished_name=dir\n[dir]\nCN=inner\n');
    const added = extensions.flatMap((extension) => ['-addext', extension]);
    await openssl(
      'req',
      '-config',
      'dir.cnf',
      '-x509',
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-newkey',
      'rsa:2048',
      '-noenc',
      '-keyout',
      'leaf.key',
      '-out',
      'leaf.crt',
      '-subj',
      '/CN=pss',
      ...pss,
      ...added,
    );
    const question = {
      roots: await read('ca.crt'),
      purpose: 'server',
      at: Date.now() + 1000,
      hostname: 'pss.localhost',
    } as const;
    const verdict = verifyChain({ ...question, chain: await read('leaf.crt') });
    t.is(reasonOf(verdict), 'admitted');
    t.deepEqual(verdict.admitted ? verdict.path[0]?.subjectAlternativeNames?.map((name) => name.kind) : [], [
      'DNS',
      'otherName',
      'directory',
    ]);
    const [leaf = new Uint8Array(0)] = await read('leaf.crt');
    const broken = Uint8Array.from(leaf);
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
    t.is(reasonOf(verifyChain({ ...question, chain: [broken] })), 'bad_signature');
  },
);
