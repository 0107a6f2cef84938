/** PKCS #12 files: OpenSSL reads key, chain and name with the password, and nothing with another; for each kind of key. */
import test from 'ava';
import { createPrivateKey, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { systemClock } from '../../../src/core/clock.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { writePkcs12 } from '../../../src/pki/keystore/pkcs12.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';

const kinds = ['P-256', 'RSA-2048', 'Ed25519'] as const;
const nameOf = (kind: string): string => kind.toLowerCase();
const world = issueWorld(
  {
    certificates: {
      root: { profile: 'root', subject: { CN: 'Root' } },
      middle: { profile: 'intermediate', issuer: 'root', subject: { CN: 'Middle' } },
      ...Object.fromEntries(
        kinds.map((key) => [
          nameOf(key),
          { profile: 'client', issuer: 'middle', subject: { CN: `alice ${key}` }, key } as const,
        ]),
      ),
    },
  },
  { clock: systemClock },
);

function packed(name: string, password: string): Buffer {
  const { certificate, key } = world.identity(nameOf(name));
  return Buffer.from(
    writePkcs12({
      chain: pemCertificates(certificate),
      key: createPrivateKey(key),
      password,
      name: 'Alice Kim',
    }),
  );
}

for (const kind of kinds) {
  test(`${kind}: Node opens it with the password alone`, (t) => {
    // Of every length that pads a block of the derivation differently.
    for (const password of ['x', 'wirelab', 'p'.repeat(31), 'q'.repeat(32), 'r'.repeat(100)]) {
      const pfx = packed(kind, password);
      t.notThrows(() => createSecureContext({ pfx, passphrase: password }), password);
      t.throws(() => createSecureContext({ pfx, passphrase: `${password}x` }));
    }
  });

  withPeer('openssl', `${kind}: openssl reads the chain, the key and the name`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'wirelab-p12-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'alice.p12');
    writeFileSync(file, packed(kind, 'wirelab'));
    const { stdout, exitCode, stderr } = await runProgram('openssl', [
      'pkcs12',
      '-in',
      file,
      '-passin',
      'pass:wirelab',
      '-nodes',
    ]);
    t.is(exitCode, 0, stderr);
    t.is(stdout.match(/-----BEGIN CERTIFICATE-----/g)?.length, 2);
    t.regex(stdout, /friendlyName: Alice Kim/);
    t.true(createPrivateKey(stdout).equals(createPrivateKey(world.identity(nameOf(kind)).key)));
  });
}

test('the same parts with the same salts make the same file', (t) => {
  const { certificate, key } = world.identity('p-256');
  const parts = { chain: pemCertificates(certificate), key: createPrivateKey(key), password: 'a', name: 'a' };
  const fixed = (length: number): Uint8Array => new Uint8Array(length).fill(7);
  t.deepEqual(writePkcs12({ ...parts, random: fixed }), writePkcs12({ ...parts, random: fixed }));
  t.notDeepEqual(
    writePkcs12({ ...parts, random: randomBytes }),
    writePkcs12({ ...parts, random: randomBytes }),
  );
});
