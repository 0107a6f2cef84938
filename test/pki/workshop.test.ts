/** The recipe of the three demonstrations: what it promises, and that openssl finds nothing to complain about. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import test from 'ava';
import { parse } from 'yaml';
import { systemClock } from '../../src/core/clock.ts';
import type { RefusalReason } from '../../src/capture/vocabulary.ts';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import { pemBlocks, pemCertificates, pemRevocationLists } from '../../src/pki/keystore/pem.ts';
import { parseRecipe } from '../../src/pki/ca/recipe-schema.ts';
import { openWorld } from '../../src/pki/keystore/store.ts';
import { verifyChain } from '../../src/pki/x509/verify.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';

const recipe = parseRecipe(
  parse(await readFile('certs/recipes/workshop.yaml', 'utf8')),
  'certs/recipes/workshop.yaml',
);
const world = issueWorld(recipe, { clock: systemClock });

const servers: Readonly<Record<string, RefusalReason | 'admitted'>> = {
  shop: 'admitted',
  proxy: 'admitted',
  'proxy-rogue': 'unknown_ca',
  'proxy-wrong-name': 'name_mismatch',
  'proxy-expired': 'certificate_expired',
};

const clients: Readonly<Record<string, RefusalReason | 'admitted'>> = {
  alice: 'admitted',
  'proxy-client': 'admitted',
  mallory: 'unknown_ca',
  'alice-expired': 'certificate_expired',
  'alice-not-yet-valid': 'certificate_not_yet_valid',
  'alice-server-only': 'wrong_usage',
  'alice-revoked': 'certificate_revoked',
};

for (const [name, verdict] of Object.entries(servers)) {
  test(`server ${name}: ${verdict}`, (t) => {
    const trust = {
      roots: pemCertificates(world.authority('workshop-server-ca')),
      purpose: 'server',
      at: Date.now(),
    } as const;
    for (const hostname of ['shop.localhost', 'localhost', '127.0.0.1', '::1']) {
      const got = verifyChain({ ...trust, chain: pemCertificates(world.chain(name)), hostname });
      t.is(got.admitted ? 'admitted' : got.reason, verdict, hostname);
    }
  });
}

for (const [name, verdict] of Object.entries(clients)) {
  test(`client ${name}: ${verdict}`, (t) => {
    const got = verifyChain({
      chain: pemCertificates(world.chain(name)),
      roots: pemCertificates(world.authority('workshop-client-ca')),
      revocations: pemRevocationLists(world.crl('workshop-client-ca') ?? ''),
      purpose: 'client',
      at: Date.now(),
    });
    t.is(got.admitted ? 'admitted' : got.reason, verdict);
  });
}

test('every leaf of the recipe is in one of the two tables', (t) => {
  const leaves = world.names.filter((name) => recipe.certificates[name]?.profile !== 'root');
  t.deepEqual(leaves.toSorted(), [...Object.keys(servers), ...Object.keys(clients)].toSorted());
});

test('every private key is there in every form that is hunted', (t) => {
  const keys = world.privateKeys();
  t.deepEqual(
    keys.map((key) => key.name),
    world.names,
  );
  for (const key of keys) {
    t.deepEqual(pemBlocks(key.pem)[0]?.der, key.pkcs8);
    t.deepEqual(
      key.secrets.map((secret) => [secret.label, secret.bytes.length]),
      [['d', 32]],
    );
    t.true(Buffer.from(key.pkcs8).includes(Buffer.from(key.secrets[0]?.bytes ?? [])), key.name);
  }
  t.is(
    new Set(keys.map((key) => Buffer.from(key.secrets[0]?.bytes ?? '').toString('hex'))).size,
    keys.length,
  );
});

test('an RSA key is hunted by its exponents and primes', (t) => {
  const rsa = issueWorld(
    { certificates: { ca: { profile: 'root', subject: { CN: 'RSA' }, key: 'RSA-2048' } } },
    { clock: systemClock },
  );
  const [key] = rsa.privateKeys();
  t.deepEqual(
    key?.secrets.map((secret) => secret.label),
    ['d', 'p', 'q', 'dp', 'dq', 'qi'],
  );
  t.is(key?.secrets[1]?.bytes.length, 128);
});

test('Node speaks mutual TLS with these, and turns mallory away', async (t) => {
  const server = createServer({
    key: world.identity('proxy').key,
    cert: world.identity('proxy').certificate,
    ca: world.authority('workshop-client-ca'),
    crl: world.crl('workshop-client-ca'),
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  for (const [name, error] of [
    ['alice', undefined],
    ['mallory', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['alice-revoked', 'CERT_REVOKED'],
  ] as const) {
    const { key, certificate } = world.identity(name);
    const accepted = once(server, 'secureConnection');
    const socket = connect({
      port,
      host: '127.0.0.1',
      servername: 'shop.localhost',
      ca: world.authority('workshop-server-ca'),
      key,
      cert: certificate,
    });
    const [peer] = (await accepted) as [TLSSocket];
    t.is<unknown, unknown>(peer.authorizationError ?? undefined, error, name);
    socket.destroy();
    peer.destroy();
  }
});

withPeer(
  'openssl',
  'openssl reads every file of the folder, and each certificate verifies or fails as it must',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'wirelab-workshop-'));
    t.teardown(async () => rm(folder, { recursive: true, force: true }));
    const kept = await openWorld({ recipe, recipeName: 'workshop', folder, clock: systemClock });
    const errors: Readonly<Record<string, number>> = {
      unknown_ca: 20,
      certificate_expired: 10,
      certificate_not_yet_valid: 9,
      wrong_usage: 26,
      certificate_revoked: 23,
      name_mismatch: 62,
    };
    const verify = async (
      name: string,
      authority: string,
      parameters: readonly string[],
    ): Promise<string> => {
      const result = await runProgram('openssl', [
        'verify',
        '-x509_strict',
        '-CAfile',
        kept.files(authority)?.certificate ?? '',
        ...parameters,
        kept.files(name)?.chain ?? '',
      ]);
      return result.exitCode === 0 ? 'admitted' : (/error (\d+)/.exec(result.stderr)?.[1] ?? result.stderr);
    };
    for (const [name, verdict] of Object.entries(servers)) {
      t.is(
        await verify(name, 'workshop-server-ca', [
          '-purpose',
          'sslserver',
          '-verify_hostname',
          'shop.localhost',
        ]),
        String(errors[verdict] ?? verdict),
        name,
      );
    }
    const list = kept.files('workshop-client-ca')?.crl ?? '';
    for (const [name, verdict] of Object.entries(clients)) {
      t.is(
        await verify(name, 'workshop-client-ca', ['-purpose', 'sslclient', '-crl_check', '-CRLfile', list]),
        String(errors[verdict] ?? verdict),
        name,
      );
    }
    for (const name of kept.names.filter((one) => recipe.certificates[one]?.profile === 'root')) {
      t.is(await verify(name, name, []), 'admitted', name);
    }
    const crl = await runProgram('openssl', [
      'crl',
      '-in',
      list,
      '-CAfile',
      kept.files('workshop-client-ca')?.certificate ?? '',
      '-noout',
      '-text',
    ]);
    t.regex(crl.stderr, /verify OK/);
    t.regex(crl.stdout, /Key Compromise/);
    const wrong = await runProgram('openssl', [
      'crl',
      '-in',
      list,
      '-CAfile',
      kept.files('workshop-server-ca')?.certificate ?? '',
      '-noout',
    ]);
    t.notRegex(wrong.stderr, /verify OK/);
    for (const name of kept.names) {
      const key = await runProgram('openssl', [
        'pkey',
        '-in',
        kept.files(name)?.key ?? '',
        '-noout',
        '-check',
      ]);
      t.is(key.exitCode, 0, `${name}: ${key.stderr}`);
      t.is((await stat(kept.files(name)?.key ?? '')).mode & 0o777, 0o600, name);
    }
  },
);

withPeer(
  'openssl',
  'a request that openssl made is signed, and a request of ours satisfies openssl',
  async (t) => {
    const { makeRequest, signRequest } = await import('../../src/pki/ca/request.ts');
    const folder = await mkdtemp(join(tmpdir(), 'wirelab-request-'));
    t.teardown(async () => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'ca.crt'), world.authority('workshop-client-ca'));
    for (const algorithm of [
      ['EC', 'ec_paramgen_curve:P-256'],
      ['RSA', 'rsa_keygen_bits:2048'],
      ['ED25519'],
    ]) {
      const made = await runProgram(
        'openssl',
        [
          'req',
          '-new',
          '-newkey',
          algorithm[0] ?? '',
          ...(algorithm[1] ? ['-pkeyopt', algorithm[1]] : []),
          '-noenc',
          '-keyout',
          'key.pem',
          '-subj',
          '/O=Workshop/CN=철수',
          '-utf8',
          '-addext',
          'subjectAltName=DNS:bob.localhost',
        ],
        { cwd: folder },
      );
      t.is(made.exitCode, 0, made.stderr);
      const certificate = signRequest(made.stdout, {
        authority: world.identity('workshop-client-ca'),
        profile: 'client',
        clock: systemClock,
      });
      await writeFile(join(folder, 'bob.crt'), certificate);
      const verified = await runProgram(
        'openssl',
        ['verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', 'ca.crt', 'bob.crt'],
        { cwd: folder },
      );
      t.is(verified.exitCode, 0, verified.stderr);
      const text = await runProgram(
        'openssl',
        ['x509', '-in', 'bob.crt', '-noout', '-subject', '-nameopt', 'utf8', '-ext', 'subjectAltName'],
        { cwd: folder },
      );
      t.regex(text.stdout, /O ?= ?Workshop, ?CN ?= ?철수/);
      t.regex(text.stdout, /DNS:bob\.localhost/);
    }
    for (const key of ['P-256', 'RSA-2048', 'Ed25519'] as const) {
      const { request } = makeRequest({
        subject: [
          ['CN', 'bob'],
          ['O', 'Workshop'],
        ],
        san: ['DNS:bob.localhost', 'IP:::1'],
        key,
      });
      const checked = await runProgram('openssl', ['req', '-verify', '-noout', '-text'], { input: request });
      t.is(checked.exitCode, 0, checked.stderr);
      t.regex(checked.stdout, /DNS:bob\.localhost/);
    }
  },
);
