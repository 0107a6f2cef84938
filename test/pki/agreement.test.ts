/**
 * Chains by the hundred, made from a seed: of every depth, with one thing wrong or several or nothing, whole, shuffled or with
 * a link left out. Our verifier and openssl must come to the same verdict on each, for the same reason, at the same depth.
 * The flaws one by one are in `parity.test.ts`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { examine } from '../../src/pki/x509/examination.ts';
import { readCertificate } from '../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../src/protocols/x509/certificate.ts';
import { readRevocationList } from '../../src/protocols/x509/crl.ts';
import type { CertificateFlaw } from '../../src/pki/ca/flaws.ts';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import { pemCertificates, pemRevocationLists } from '../../src/pki/keystore/pem.ts';
import { keyUsages } from '../../src/pki/ca/plan.ts';
import type { CertificateRow, Recipe, RevocationRow } from '../../src/pki/ca/recipe.ts';
import type { KeyKind } from '../../src/pki/ca/plan.ts';
import { prepareTrust } from '../../src/pki/x509/verify.ts';
import type { Purpose, Verification } from '../../src/pki/x509/verify.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { opensslErrors } from './support/openssl-errors.ts';

const now = Date.parse('2026-06-01T00:00:00Z');
const hostname = 'shop.localhost';
const count = 640;

/** Mulberry32: the same chains in each run, so that what fails once fails again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = seeded(8446);
const happens = (chance: number): boolean => random() < chance;
const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

interface Made {
  readonly name: string;
  readonly purpose: Purpose;
  /** Whether revocation is looked at. */
  readonly listed: boolean;
  /** Rows, leaf first. */
  readonly sent: readonly string[];
  /** The row of the root, where it is trusted. */
  readonly root: string | undefined;
}

const certificates: Record<string, CertificateRow> = {};
const revocations: Record<string, RevocationRow> = {};

const keys: readonly KeyKind[] = ['P-256', 'P-256', 'P-256', 'P-384', 'Ed25519'];
const authorityFlaws: readonly CertificateFlaw[] = [
  'expired',
  'not-yet-valid',
  'bad-signature',
  'unknown-critical-extension',
  'weak-signature',
];
const leafFlaws: readonly CertificateFlaw[] = [
  'expired',
  'not-yet-valid',
  'wrong-usage',
  'wrong-name',
  'bad-signature',
  'unknown-critical-extension',
  'weak-signature',
  'self-signed',
];
/** What is signed by Ed25519 has no digest to be weak. */
const fitting = (flaws: readonly CertificateFlaw[], issuer: CertificateRow | undefined): CertificateFlaw[] =>
  flaws.filter((flaw) => flaw !== 'weak-signature' || issuer?.key !== 'Ed25519');

function madeChain(index: number): Made {
  const id = `c${index}`;
  const purpose = oneOf<Purpose>(['server', 'client']);
  const listed = happens(0.3);
  const root = `${id}-root`;
  const organization = `Org ${index}`;
  certificates[root] = {
    profile: 'root',
    key: oneOf(keys),
    subject: { CN: `Root ${index}`, O: organization },
    ...(happens(0.2) ? { pathLength: oneOf([0, 1, 2]) } : {}),
    ...(happens(0.04) ? { flaws: ['expired'] } : {}),
  };
  const way: string[] = [root];
  const depth = oneOf([0, 1, 1, 1, 2, 2, 3]);
  for (let level = 0; level < depth; level++) {
    const name = `${id}-ca${level}`;
    const issuer = way.at(-1) ?? root;
    certificates[name] = {
      profile: 'intermediate',
      issuer,
      key: oneOf(keys),
      subject: { CN: `CA ${index}.${level}`, O: organization },
      ...(happens(0.25) ? { pathLength: oneOf([0, 0, 1]) } : {}),
      ...(happens(0.06) ? { extendedKeyUsage: [oneOf(['serverAuth', 'clientAuth'] as const)] } : {}),
      ...(happens(0.04) ? { keyUsage: ['cRLSign', 'digitalSignature'] as const } : {}),
      flaws: [
        ...(happens(0.12) ? [oneOf(fitting(authorityFlaws, certificates[issuer]))] : []),
        ...(listed && happens(0.08) ? (['revoked'] as const) : []),
      ],
    };
    way.push(name);
  }
  // Sometimes one who is no CA signs for another.
  const isStolen = happens(0.05);
  if (isStolen) {
    const name = `${id}-other`;
    certificates[name] = {
      profile: 'peer',
      issuer: way.at(-1) ?? root,
      subject: { CN: `other.${index}` },
      san: ['DNS:other.localhost'],
      keyUsage: oneOf([[], ['digitalSignature'], ['digitalSignature', 'keyCertSign']] as const),
    };
    way.push(name);
  }
  const issuer = way.at(-1) ?? root;
  const flawed = happens(0.35) && !isStolen ? [oneOf(fitting(leafFlaws, certificates[issuer]))] : [];
  const second =
    flawed.length > 0 && happens(0.3)
      ? [
          oneOf(
            fitting(leafFlaws, certificates[issuer]).filter(
              (flaw) => !flawed.includes(flaw) && !flawed.includes('self-signed') && flaw !== 'self-signed',
            ),
          ),
        ].filter(Boolean)
      : [];
  const usages = happens(0.15)
    ? keyUsages.filter(
        (usage) =>
          ['digitalSignature', 'keyEncipherment', 'keyAgreement', 'dataEncipherment'].includes(usage) &&
          happens(0.4),
      )
    : undefined;
  certificates[id] = {
    profile: happens(0.1) ? 'peer' : purpose,
    issuer,
    key: oneOf(keys),
    subject: happens(0.05) ? {} : { CN: purpose === 'server' ? hostname : 'alice', O: organization },
    san:
      purpose === 'server'
        ? oneOf([
            [`DNS:${hostname}`],
            ['DNS:a.localhost', `DNS:${hostname}`],
            [`DNS:${hostname}`, 'IP:127.0.0.1'],
            ['DNS:other.localhost'],
          ])
        : happens(0.3)
          ? ['DNS:alice.localhost']
          : [`email:alice${index}@shop.localhost`],
    ...(usages ? { keyUsage: usages } : {}),
    flaws: [
      ...flawed,
      ...second,
      ...(isStolen ? (['leaf-as-ca'] as const) : []),
      ...(listed && flawed.length === 0 && happens(0.15) ? (['revoked'] as const) : []),
    ],
  };
  if (listed)
    for (const name of way)
      if (name !== `${id}-other`)
        revocations[name] = happens(0.06)
          ? { flaws: [oneOf(['crl-expired', 'crl-bad-signature'] as const)] }
          : {};
  const above = flawed.includes('self-signed') ? [] : way.slice(1).toReversed();
  const kept =
    above.length > 0 && happens(0.15) ? above.toSpliced(Math.floor(random() * above.length), 1) : above;
  const isTrusted = !happens(0.06);
  const more = [...kept, ...(happens(0.15) ? [root] : [])];
  return {
    name: id,
    purpose,
    listed,
    root: isTrusted ? root : undefined,
    sent: [id, ...(happens(0.3) ? shuffled(more) : more)],
  };
}

const chains = Array.from({ length: count }, (_, index) => madeChain(index));
const recipe: Recipe = { certificates, revocations };
const world = issueWorld(recipe, { clock: { now: () => now } });

withPeer(
  'openssl',
  `${count} chains: our verifier and openssl agree on each, on the reason and on the certificate that is to blame`,
  async (t) => {
    t.timeout(120_000);
    const folder = await mkdtemp(join(tmpdir(), 'wirelab-agreement-'));
    t.teardown(async () => rm(folder, { recursive: true, force: true }));
    const der = (name: string): Uint8Array =>
      pemCertificates(world.certificate(name))[0] ?? new Uint8Array(0);
    const roots = chains.flatMap(({ root }) => root ?? []);
    const lists = Object.keys(revocations)
      .map((name) => world.crl(name) ?? '')
      .join('');
    await writeFile(join(folder, 'roots.pem'), roots.map((name) => world.certificate(name)).join(''));
    await writeFile(join(folder, 'lists.pem'), lists);
    await writeFile(
      join(folder, 'sent.pem'),
      chains
        .flatMap(({ sent }) => sent.slice(1))
        .map((name) => world.certificate(name))
        .join(''),
    );
    await Promise.all(
      chains.map(async ({ name }) => writeFile(join(folder, `${name}.pem`), world.certificate(name))),
    );

    const reasons = new Map<string, number>();
    const disagreements: string[] = [];
    for (const purpose of ['server', 'client'] as const) {
      for (const listed of [false, true]) {
        const group = chains.filter((made) => made.purpose === purpose && made.listed === listed);
        t.true(group.length > 60);
        const told = await opensslOn(group, folder);
        const verify = prepareTrust({
          purpose,
          roots: roots.map(der),
          ...(listed ? { revocations: pemRevocationLists(lists) } : {}),
        });
        const asked = { at: now, ...(purpose === 'server' ? { hostname } : {}) };
        for (const { name, sent } of group) {
          const verdict = verify({ chain: sent.map(der), ...asked });
          const openssl = told.get(name);
          const reason = verdict.admitted ? 'admitted' : verdict.reason;
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
          if (!isAgreed(verdict, openssl))
            disagreements.push(
              `${name} (${sent.join(', ')}): ${reason}${verdict.admitted ? '' : ` at ${verdict.depth}`}, openssl: ${openssl?.error ?? 'nothing'} at ${openssl?.depth ?? '-'}; ${JSON.stringify(certificates[name]?.flaws)}`,
            );
        }
      }
    }
    t.deepEqual(disagreements, []);
    // What never comes up is not agreed on.
    t.true((reasons.get('admitted') ?? 0) > count / 5, JSON.stringify([...reasons]));
    const wanted = [
      'unknown_ca',
      'intermediate_missing',
      'self_signed',
      'certificate_expired',
      'certificate_not_yet_valid',
      'wrong_usage',
      'certificate_revoked',
      'crl_expired',
      'crl_missing',
      'bad_signature',
      'weak_signature',
      'not_a_ca',
      'path_too_long',
      'unhandled_critical_extension',
      'name_mismatch',
    ];
    t.deepEqual(
      wanted.filter((reason) => !reasons.has(reason)),
      [],
    );
  },
);

test('the examination for a person comes to the verdict of the verifier on each of them', (t) => {
  const read = (name: string): Certificate => {
    const step = readCertificate(pemCertificates(world.certificate(name))[0] ?? new Uint8Array(0));
    if ('got' in step) return step.got;
    throw new Error(`${name} cannot be read`);
  };
  for (const { name, sent, root, purpose, listed } of chains) {
    const list = [...new Set([...sent, ...(root ? [root] : [])])]
      .flatMap((row) =>
        certificates[row]?.profile === 'root' || certificates[row]?.profile === 'intermediate'
          ? (world.crl(row) ?? [])
          : [],
      )
      .join('');
    const others = Object.keys(revocations)
      .filter((row) => row.startsWith(`${name}-`))
      .map((row) => world.crl(row) ?? '')
      .join('');
    const [leaf, ...above] = sent.map(read) as [Certificate, ...Certificate[]];
    const lists = pemRevocationLists(others || list);
    const verdict = prepareTrust({
      purpose,
      roots: root ? pemCertificates(world.certificate(root)) : [],
      ...(listed ? { revocations: lists } : {}),
    })({
      chain: sent.flatMap((row) => pemCertificates(world.certificate(row))),
      at: now,
      ...(purpose === 'server' ? { hostname } : {}),
    });
    const { verified, checks } = examine({
      chain: [leaf, ...above],
      roots: root ? [read(root)] : [],
      purpose,
      at: now,
      ...(purpose === 'server' ? { name: hostname } : {}),
      ...(listed
        ? {
            lists: lists.flatMap((der) => {
              const step = readRevocationList(der);
              return 'got' in step ? [step.got] : [];
            }),
          }
        : {}),
    });
    t.is(verified, verdict.admitted, name);
    if (!verdict.admitted)
      t.true(
        checks.some(({ status, reason }) => status === 'failed' && reason === verdict.reason),
        `${name}: ${verdict.reason}`,
      );
  }
});

interface Told {
  /** 0: verified. */
  readonly error: number;
  readonly depth: number;
}

/** One process for a group: what openssl says of each, by its name. */
async function opensslOn(group: readonly Made[], folder: string): Promise<Map<string, Told>> {
  const [{ purpose, listed } = { purpose: 'server', listed: false }] = group;
  const { stdout, stderr } = await runProgram(
    'openssl',
    [
      ['verify', '-auth_level', '2', '-attime', String(now / 1000), '-no-CApath', '-no-CAstore'],
      [
        '-purpose',
        purpose === 'client' ? 'sslclient' : 'sslserver',
        '-CAfile',
        'roots.pem',
        '-untrusted',
        'sent.pem',
      ],
      [
        ...(listed ? ['-crl_check_all', '-CRLfile', 'lists.pem'] : []),
        ...(purpose === 'server' ? ['-verify_hostname', hostname] : []),
      ],
      group.map(({ name }) => `${name}.pem`),
    ].flat(),
    { cwd: folder },
  );
  const told = new Map<string, Told>();
  for (const [, name = ''] of stdout.matchAll(/^(c\d+)\.pem: OK$/gm)) told.set(name, { error: 0, depth: 0 });
  let first: Told | undefined;
  for (const line of stderr.split('\n')) {
    const error = /^error (\d+) at (\d+) depth/.exec(line);
    const end = /^error (c\d+)\.pem: verification failed/.exec(line);
    if (error) first ??= { error: Number(error[1]), depth: Number(error[2]) };
    if (end) {
      if (first) told.set(end[1] ?? '', first);
      first = undefined;
    }
  }
  return told;
}

function isAgreed(verdict: Verification, openssl: Told | undefined): boolean {
  if (!openssl) return false;
  if (verdict.admitted) return openssl.error === 0;
  return (opensslErrors[verdict.reason]?.includes(openssl.error) ?? false) && openssl.depth === verdict.depth;
}
