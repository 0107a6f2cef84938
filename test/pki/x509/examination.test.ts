/**
 * Every flaw, seen from both sides: the examination that a person reads, our verifier of one reason, and openssl must come
 * to the same verdict; what OpenSSL admits and stricter verifiers do not is a warning, and fails when asked to.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { readRevocationList } from '../../../src/protocols/x509/crl.ts';
import { checkIds } from '../../../src/pki/x509/examination/check.ts';
import { examine } from '../../../src/pki/x509/examination.ts';
import type { Examination } from '../../../src/pki/x509/examination.ts';
import type { Question } from '../../../src/pki/x509/examination/check.ts';
import { certificateFlaws, revocationFlaws } from '../../../src/pki/ca/flaws.ts';
import type { CertificateFlaw } from '../../../src/pki/ca/flaws.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemCertificates, pemRevocationLists } from '../../../src/pki/keystore/pem.ts';
import type { CertificateRow } from '../../../src/pki/ca/recipe.ts';
import { verifyChain } from '../../../src/pki/x509/verify.ts';
import type { Purpose } from '../../../src/pki/x509/verify.ts';
import { got } from '../../protocols/x509/got.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';

const now = Date.parse('2026-06-01T00:00:00Z');
const hostname = 'shop.localhost';
const purposes: readonly Purpose[] = ['server', 'client'];

const flawed: Record<string, CertificateRow> = {};
for (const flaw of Object.keys(certificateFlaws) as CertificateFlaw[]) {
  const issuer = flaw === 'leaf-as-ca' ? 'peer' : 'middle';
  flawed[`server-${flaw}`] = {
    profile: 'server',
    issuer,
    subject: { CN: hostname },
    san: [`DNS:${hostname}`],
    flaws: [flaw],
  };
  flawed[`client-${flaw}`] = { profile: 'client', issuer, subject: { CN: 'alice' }, flaws: [flaw] };
}
const world = issueWorld(
  {
    certificates: {
      root: { profile: 'root', subject: { CN: 'Root', O: 'Org' }, pathLength: 1 },
      middle: { profile: 'intermediate', issuer: 'root', subject: { CN: 'Middle', O: 'Org' }, pathLength: 0 },
      peer: { profile: 'peer', issuer: 'root', subject: { CN: hostname }, san: [`DNS:${hostname}`] },
      'server-sound': {
        profile: 'server',
        issuer: 'middle',
        subject: { CN: hostname },
        san: [`DNS:${hostname}`, 'IP:127.0.0.1'],
      },
      'client-sound': { profile: 'client', issuer: 'middle', subject: { CN: 'alice' } },
      'too-deep': { profile: 'intermediate', issuer: 'middle', subject: { CN: 'Too deep' } },
      'client-too-deep': { profile: 'client', issuer: 'too-deep', subject: { CN: 'alice' } },
      stranger: { profile: 'root', subject: { CN: 'Stranger' } },
      'client-stranger': { profile: 'client', issuer: 'stranger', subject: { CN: 'mallory' } },
      'stale-ca': { profile: 'root', subject: { CN: 'Stale' } },
      'client-crl-expired': { profile: 'client', issuer: 'stale-ca', subject: { CN: 'alice' } },
      'bad-ca': { profile: 'root', subject: { CN: 'Bad' } },
      'client-crl-bad-signature': { profile: 'client', issuer: 'bad-ca', subject: { CN: 'alice' } },
      ...flawed,
    },
    revocations: {
      root: {},
      middle: {},
      'too-deep': {},
      'stale-ca': { flaws: ['crl-expired'] },
      'bad-ca': { flaws: ['crl-bad-signature'] },
    },
  },
  { clock: { now: () => now } },
);
const leaves = world.names.filter((name) => /^(?:server|client)-/.test(name));
const rootNames = ['root', 'stale-ca', 'bad-ca'];
const listText = world.names.map((name) => world.crl(name) ?? '').join('');

const read = (pem: string): Certificate[] =>
  pemCertificates(pem).map((der) => got(readCertificate(der)).value);
const lists = pemRevocationLists(listText).map((der) => got(readRevocationList(der)).value);
const roots = rootNames.flatMap((name) => read(world.authority(name)));

function questionOf(name: string, purpose: Purpose, more: Partial<Question> = {}): Question {
  const [leaf, ...others] = read(world.chain(name)) as [Certificate, ...Certificate[]];
  return {
    chain: [leaf, ...others],
    roots,
    lists,
    purpose,
    at: now,
    ...(purpose === 'server' ? { name: hostname } : {}),
    ...more,
  };
}

const verdictOf = ({ verified, checks }: Examination): string =>
  verified
    ? 'verified'
    : checks
        .filter(({ status }) => status === 'failed')
        .map(({ reason }) => reason)
        .join(' ');

test('there is a row for every flaw of the tables', (t) => {
  for (const flaw of Object.keys(certificateFlaws))
    t.true(leaves.includes(`server-${flaw}`) && leaves.includes(`client-${flaw}`));
  for (const flaw of Object.keys(revocationFlaws)) t.true(leaves.includes(`client-${flaw}`));
});

for (const name of leaves) {
  test(`${name}: examined strictly, the verdict is that of the verifier, and its reason is among those told`, (t) => {
    for (const purpose of purposes) {
      const verdict = verifyChain({
        chain: pemCertificates(world.chain(name)),
        roots: rootNames.flatMap((root) => pemCertificates(world.authority(root))),
        revocations: pemRevocationLists(listText),
        purpose,
        at: now,
        ...(purpose === 'server' ? { hostname } : {}),
      });
      const examination = examine(questionOf(name, purpose, { strict: true }));
      t.is(examination.verified, verdict.admitted, `${purpose}: ${verdictOf(examination)}`);
      if (!verdict.admitted)
        t.true(
          verdictOf(examination).split(' ').includes(verdict.reason),
          `${purpose}: ${verdict.reason}, told: ${verdictOf(examination)}`,
        );
      t.deepEqual([...new Set(examination.checks.map(({ id }) => id))], [...checkIds], 'every check is told');
    }
  });
}

test('what fails says what was expected and what to do in both languages, and never to switch verification off', (t) => {
  let failures = 0;
  for (const name of leaves) {
    for (const { status, found, expected, remedy, id } of examine(
      questionOf(name, 'server', { strict: true }),
    ).checks) {
      t.regex(found.ko, /[가-힣]|^[A-Za-z, ]+$/, `${id}: ${found.ko}`);
      if (status !== 'failed') continue;
      failures++;
      t.truthy(expected && remedy, `${name}: ${id}`);
      t.regex(remedy?.ko ?? '', /[가-힣]/);
      t.notRegex(`${remedy?.en} ${remedy?.ko}`, /insecure|-k\b|switch|rejectUnauthorized|검증을 끄/);
    }
  }
  t.true(failures > 20);
});

test('without a chain nothing is said to pass that was not looked at', (t) => {
  const { checks, complete } = examine(questionOf('client-stranger', 'client'));
  t.false(complete);
  const status = Object.fromEntries(checks.map((check) => [check.id, check.status]));
  t.is(status['chain'], 'failed');
  for (const id of ['signature', 'authority', 'path_length', 'revocation']) t.is(status[id], 'not_asked', id);
  const known = examine(
    questionOf('client-stranger', 'client', {
      chain: [...read(world.chain('client-stranger')), ...read(world.authority('stranger'))] as [
        Certificate,
        ...Certificate[],
      ],
    }),
  );
  t.is(
    known.checks.find(({ id }) => id === 'signature')?.status,
    'passed',
    'the signature of an issuer that is here is looked at',
  );
  t.false(known.verified);
});

test('what OpenSSL admits and stricter verifiers do not is a warning', (t) => {
  for (const name of ['server-no-san', 'server-ca-as-leaf']) {
    const lenient = examine(questionOf(name, 'server'));
    t.true(lenient.verified, name);
    t.is(lenient.checks.filter(({ status }) => status === 'warned').length, 1);
    t.false(examine(questionOf(name, 'server', { strict: true })).verified, name);
  }
});

test('a question that was not asked is told so, and does not fail', (t) => {
  const [leaf, ...others] = read(world.chain('server-wrong-usage')) as [Certificate, ...Certificate[]];
  const { verified, checks } = examine({ chain: [leaf, ...others], roots, at: now });
  t.true(verified);
  t.deepEqual(
    checks.filter(({ status }) => status === 'not_asked').map(({ id }) => id),
    ['key_usage', 'extended_key_usage', 'name', 'name_constraints', 'revocation'],
  );
});

test('of two roots that both seem to fit, the first is taken, as OpenSSL does: it never comes back', (t) => {
  const again = issueWorld(
    { certificates: { root: { profile: 'root', subject: { CN: 'Root', O: 'Org' } } } },
    { clock: { now: () => now } },
  );
  const namesake = read(again.authority('root')).map((one) => ({
    ...one,
    keyId: roots[0]?.keyId ?? new Uint8Array(),
  }));
  t.true(examine(questionOf('client-sound', 'client', { roots: [...roots, ...namesake] })).verified);
  t.like(examine(questionOf('client-sound', 'client', { roots: [...namesake, ...roots] })), {
    verified: false,
  });
  t.false(examine(questionOf('client-sound', 'client', { roots: namesake })).verified);
});

withPeer(
  'openssl',
  'openssl verify comes to the same verdict on every row and for both purposes; both verdicts occur',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'wirelab-examination-'));
    t.teardown(async () => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'roots.pem'), rootNames.map((root) => world.authority(root)).join(''));
    await writeFile(join(folder, 'lists.pem'), listText);
    const counts = { verified: 0, refused: 0 };
    for (const name of leaves) {
      await writeFile(join(folder, `${name}.pem`), world.certificate(name));
      await writeFile(join(folder, `${name}.chain.pem`), world.chain(name));
      for (const purpose of purposes) {
        const { exitCode, stderr } = await runProgram(
          'openssl',
          [
            [
              'verify',
              '-auth_level',
              '2',
              '-attime',
              String(now / 1000),
              '-no-CApath',
              '-no-CAstore',
              '-purpose',
              `ssl${purpose}`,
            ],
            [
              '-CAfile',
              'roots.pem',
              '-untrusted',
              `${name}.chain.pem`,
              '-crl_check_all',
              '-CRLfile',
              'lists.pem',
            ],
            [...(purpose === 'server' ? ['-verify_hostname', hostname] : []), `${name}.pem`],
          ].flat(),
          { cwd: folder },
        );
        const examination = examine(questionOf(name, purpose));
        t.is(
          examination.verified,
          exitCode === 0,
          `${name} as ${purpose}: ${verdictOf(examination)}; openssl: ${stderr}`,
        );
        counts[examination.verified ? 'verified' : 'refused']++;
      }
    }
    t.true(counts.verified >= 4 && counts.refused >= 20, JSON.stringify(counts));
  },
);
