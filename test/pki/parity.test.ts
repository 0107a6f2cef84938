/** Every flaw and every kind of key, judged by our verifier and by openssl: the same verdict, for the same reason. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { RefusalReason } from '../../src/capture/vocabulary.ts';
import { certificateFlaws } from '../../src/pki/ca/flaws.ts';
import type { CertificateFlaw } from '../../src/pki/ca/flaws.ts';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import { pemCertificates, pemRevocationLists } from '../../src/pki/keystore/pem.ts';
import type { CertificateRow, Recipe } from '../../src/pki/ca/recipe.ts';
import type { KeyKind } from '../../src/pki/ca/plan.ts';
import { verifyChain } from '../../src/pki/x509/verify.ts';
import type { Purpose, Verification } from '../../src/pki/x509/verify.ts';
import type { World } from '../../src/pki/keystore/world.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { opensslErrors } from './support/openssl-errors.ts';

const now = Date.parse('2026-06-01T00:00:00Z');
const hostname = 'shop.localhost';

/** Where we are stricter on purpose: see the head of `verify.ts`. */
const admittedByOpenssl = new Set<string>(['no-san', 'ca-as-leaf']);

const keyed = (key: KeyKind): Record<string, CertificateRow> => {
  const id = key.toLowerCase();
  const organization = `Org ${key}`;
  const server: CertificateRow = {
    profile: 'server',
    issuer: `${id}-middle`,
    key,
    subject: { CN: hostname },
    san: [`DNS:${hostname}`, 'DNS:*.shop.localhost', 'IP:127.0.0.1'],
  };
  return {
    [`${id}-root`]: { profile: 'root', key, subject: { CN: `${key} root`, O: organization }, pathLength: 1 },
    [`${id}-middle`]: {
      profile: 'intermediate',
      issuer: `${id}-root`,
      key,
      subject: { CN: `${key} middle`, O: organization },
      pathLength: 0,
    },
    [`${id}-server`]: server,
    [`${id}-client`]: {
      profile: 'client',
      issuer: `${id}-middle`,
      key,
      subject: { CN: 'alice', O: organization },
    },
    [`${id}-peer`]: { ...server, profile: 'peer', issuer: `${id}-root` },
    [`${id}-expired`]: { ...server, flaws: ['expired'] },
    [`${id}-bad-signature`]: { ...server, flaws: ['bad-signature'] },
    [`${id}-revoked`]: { ...server, flaws: ['revoked'] },
  };
};

function flawed(): Record<string, CertificateRow> {
  const rows: Record<string, CertificateRow> = {};
  for (const flaw of Object.keys(certificateFlaws) as CertificateFlaw[]) {
    const issuer = flaw === 'leaf-as-ca' ? 'p-256-peer' : 'p-256-middle';
    rows[`flaw-server-${flaw}`] = {
      profile: 'server',
      issuer,
      subject: { CN: hostname },
      san: [`DNS:${hostname}`],
      flaws: [flaw],
    };
    rows[`flaw-client-${flaw}`] = { profile: 'client', issuer, subject: { CN: 'alice' }, flaws: [flaw] };
  }
  return rows;
}

const recipe: Recipe = {
  certificates: {
    ...keyed('P-256'),
    ...keyed('P-384'),
    ...keyed('RSA-2048'),
    ...keyed('Ed25519'),
    ...flawed(),
    'old-middle': {
      profile: 'intermediate',
      issuer: 'p-256-root',
      subject: { CN: 'Old middle' },
      flaws: ['expired'],
    },
    'under-old-middle': { profile: 'client', issuer: 'old-middle', subject: { CN: 'alice' } },
    'bad-middle': {
      profile: 'intermediate',
      issuer: 'p-256-root',
      subject: { CN: 'Bad middle' },
      flaws: ['bad-signature'],
    },
    'under-bad-middle': { profile: 'client', issuer: 'bad-middle', subject: { CN: 'alice' } },
    'revoked-middle': {
      profile: 'intermediate',
      issuer: 'p-256-root',
      subject: { CN: 'Revoked middle' },
      flaws: ['revoked'],
    },
    'under-revoked-middle': { profile: 'client', issuer: 'revoked-middle', subject: { CN: 'alice' } },
    'server-only-middle': {
      profile: 'intermediate',
      issuer: 'p-256-root',
      subject: { CN: 'Server-only middle' },
      extendedKeyUsage: ['serverAuth'],
    },
    'under-server-only-middle': { profile: 'client', issuer: 'server-only-middle', subject: { CN: 'alice' } },
    'too-deep': { profile: 'intermediate', issuer: 'p-256-middle', subject: { CN: 'Too deep' } },
    'under-too-deep': { profile: 'client', issuer: 'too-deep', subject: { CN: 'alice' } },
    'no-signing': {
      profile: 'client',
      issuer: 'p-256-middle',
      subject: { CN: 'alice' },
      keyUsage: ['keyEncipherment'],
    },
    'key-agreement': {
      profile: 'client',
      issuer: 'p-256-middle',
      subject: { CN: 'alice' },
      keyUsage: ['keyAgreement'],
    },
    nameless: { profile: 'server', issuer: 'p-256-middle', subject: {}, san: [`DNS:${hostname}`] },
    'stranger-root': { profile: 'root', subject: { CN: 'Stranger' } },
    stranger: { profile: 'client', issuer: 'stranger-root', subject: { CN: 'mallory' } },
    'impostor-root': { profile: 'root', subject: { CN: 'P-256 root', O: 'Org P-256' } },
    impostor: { profile: 'client', issuer: 'impostor-root', subject: { CN: 'mallory' } },
    'stale-list-ca': { profile: 'root', subject: { CN: 'Stale list CA' } },
    'under-stale-list': { profile: 'client', issuer: 'stale-list-ca', subject: { CN: 'alice' } },
    'bad-list-ca': { profile: 'root', subject: { CN: 'Bad list CA' } },
    'under-bad-list': { profile: 'client', issuer: 'bad-list-ca', subject: { CN: 'alice' } },
    'no-list-ca': { profile: 'root', subject: { CN: 'No list CA' } },
    'under-no-list': { profile: 'client', issuer: 'no-list-ca', subject: { CN: 'alice' } },
  },
  revocations: {
    ...Object.fromEntries(
      ['p-256', 'p-384', 'rsa-2048', 'ed25519'].flatMap((id) => [
        [`${id}-root`, {}],
        [`${id}-middle`, {}],
      ]),
    ),
    'old-middle': {},
    'bad-middle': {},
    'revoked-middle': {},
    'server-only-middle': {},
    'too-deep': {},
    'stale-list-ca': { flaws: ['crl-expired'] },
    'bad-list-ca': { flaws: ['crl-bad-signature'] },
  },
};

/** What each row that is no sound one must lead to; everything else is admitted. */
const expected: Readonly<Record<string, RefusalReason>> = {
  ...Object.fromEntries(
    Object.entries(certificateFlaws).flatMap(([name, flaw]) => [
      [`flaw-server-${name}`, flaw.reason],
      // A client is asked for no hostname.
      ...(flaw.reason === 'name_mismatch' ? [] : [[`flaw-client-${name}`, flaw.reason]]),
    ]),
  ),
  ...Object.fromEntries(
    ['p-256', 'p-384', 'rsa-2048', 'ed25519'].flatMap((id) => [
      [`${id}-expired`, 'certificate_expired'],
      [`${id}-bad-signature`, 'bad_signature'],
      [`${id}-revoked`, 'certificate_revoked'],
    ]),
  ),
  'under-old-middle': 'certificate_expired',
  'under-bad-middle': 'bad_signature',
  'under-revoked-middle': 'certificate_revoked',
  'under-server-only-middle': 'wrong_usage',
  'under-too-deep': 'path_too_long',
  'no-signing': 'wrong_usage',
  stranger: 'unknown_ca',
  impostor: 'unknown_ca',
  'under-stale-list': 'crl_expired',
  'under-bad-list': 'crl_missing',
  'under-no-list': 'crl_missing',
};

const untrusted = new Set(['stranger-root', 'impostor-root']);
const rootNames = Object.keys(recipe.certificates).filter(
  (name) => recipe.certificates[name]?.profile === 'root' && !untrusted.has(name),
);
const leafNames = Object.keys(recipe.certificates).filter(
  (name) => !['root', 'intermediate'].includes(recipe.certificates[name]?.profile ?? ''),
);

function purposeOf(name: string): Purpose {
  return recipe.certificates[name]?.profile === 'client' ? 'client' : 'server';
}

const listsOf = (world: World): string => world.names.map((name) => world.crl(name) ?? '').join('');

function judge(world: World, name: string): Verification {
  const purpose = purposeOf(name);
  return verifyChain({
    chain: pemCertificates(world.chain(name)),
    roots: rootNames.flatMap((root) => pemCertificates(world.authority(root))),
    revocations: pemRevocationLists(listsOf(world)),
    purpose,
    at: now,
    ...(purpose === 'server' ? { hostname } : {}),
  });
}

const world = issueWorld(recipe, { clock: { now: () => now } });

for (const name of leafNames) {
  const reason = expected[name];
  test(`${name}: ${reason ?? 'admitted'}`, (t) => {
    const verdict = judge(world, name);
    t.is(verdict.admitted ? 'admitted' : verdict.reason, reason ?? 'admitted');
    if (verdict.admitted) {
      t.is(verdict.path[0]?.subject.text, world.summary(name).subject);
      return;
    }
    t.is(verdict.presented?.subject.text, world.summary(name).subject);
    t.is(verdict.trusted.length, rootNames.length);
    t.deepEqual(
      verdict.depth > 0,
      ['under-old-middle', 'under-bad-middle', 'under-revoked-middle', 'under-server-only-middle'].includes(
        name,
      ) || ['path_too_long', 'not_a_ca'].includes(verdict.reason),
    );
  });
}

test('a reason for every flaw, and every reason that openssl can have is met by a row', (t) => {
  const met = new Set(Object.values(expected));
  // Those that no recipe makes are met in `openssl/`.
  const elsewhere = new Set([
    'name_constraint_violated',
    'unusable_key',
    'malformed_certificate',
    'not_conforming',
  ]);
  for (const reason of Object.keys(opensslErrors))
    t.true(met.has(reason as RefusalReason) || elsewhere.has(reason), reason);
});

withPeer(
  'openssl',
  'openssl verify -x509_strict comes to the same verdicts, for the same reasons',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'wirelab-parity-'));
    t.teardown(async () => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'roots.pem'), rootNames.map((root) => world.authority(root)).join(''));
    await writeFile(join(folder, 'lists.pem'), listsOf(world));
    for (const name of leafNames) {
      await writeFile(join(folder, `${name}.pem`), world.certificate(name));
      await writeFile(join(folder, `${name}.chain.pem`), world.chain(name));
      const purpose = purposeOf(name);
      const result = await runProgram(
        'openssl',
        [
          [
            'verify',
            '-x509_strict',
            '-auth_level',
            '2',
            '-attime',
            String(now / 1000),
            '-no-CApath',
            '-no-CAstore',
          ],
          [
            '-purpose',
            purpose === 'client' ? 'sslclient' : 'sslserver',
            '-CAfile',
            'roots.pem',
            '-untrusted',
            `${name}.chain.pem`,
          ],
          [
            '-crl_check_all',
            '-CRLfile',
            'lists.pem',
            ...(purpose === 'server' ? ['-verify_hostname', hostname] : []),
            `${name}.pem`,
          ],
        ].flat(),
        { cwd: folder },
      );
      const error = /error (\d+) at (\d+) depth/.exec(result.stdout + result.stderr);
      const reason = expected[name];
      const flaw = name.replace(/^flaw-(?:server|client)-/, '');
      if (!reason || admittedByOpenssl.has(flaw)) t.is(result.exitCode, 0, `${name}: ${result.stderr}`);
      else
        t.true(
          opensslErrors[reason]?.includes(Number(error?.[1])),
          `${name}: ${reason}, openssl: ${result.stderr}`,
        );
    }
  },
);
