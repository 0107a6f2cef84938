/** What lies in a file: PEM and DER of every kind, in any order; and everything else, told by its name and its place. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { UserError } from '../../../src/i18n/user-error.ts';
import { readContents } from '../../../src/pki/x509/contents.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemBlocks, scanPem, toPem } from '../../../src/pki/keystore/pem.ts';
import { makeRequest } from '../../../src/pki/ca/request.ts';
import { cpuTime } from '../../helpers/cpu-time.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';

const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA' } },
      alice: { profile: 'client', issuer: 'ca', subject: { CN: 'alice' } },
      rsa: { profile: 'client', issuer: 'ca', subject: { CN: 'rsa' }, key: 'RSA-2048' },
    },
    revocations: { ca: {} },
  },
  { clock: { now: Date.now } },
);
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const derOf = (pem: string): Uint8Array => pemBlocks(pem)[0]?.der ?? new Uint8Array(0);
const kinds = (file: Uint8Array): string[] => readContents(file, 'f').map(({ kind }) => kind);
const { request, key } = makeRequest({ subject: [['CN', 'bob']] });
const privateKey = createPrivateKey(world.identity('rsa').key);
const ecKey = createPrivateKey(key);
const publicKey = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();

const sound: readonly (readonly [title: string, pem: string, kind: string])[] = [
  ['a certificate', world.certificate('alice'), 'certificate'],
  ['a request', request, 'request'],
  ['a revocation list', world.crl('ca') ?? '', 'revocation-list'],
  ['a PKCS#8 key', key, 'private-key'],
  ['a PKCS#1 key', privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(), 'private-key'],
  ['a SEC1 key', ecKey.export({ type: 'sec1', format: 'pem' }).toString(), 'private-key'],
  ['a public key', publicKey, 'public-key'],
];

for (const [title, pem, kind] of sound) {
  test(`${title}, as PEM and as DER`, (t) => {
    t.deepEqual(kinds(bytes(pem)), [kind]);
    t.deepEqual(kinds(derOf(pem)), [kind]);
    t.deepEqual(kinds(bytes(`words before\n${pem.replaceAll('\n', '\r\n')}words behind`)), [kind]);
    t.deepEqual(kinds(new Uint8Array(Buffer.from(`\ufeff${pem}`, 'utf16le'))), [kind]);
  });

  test(`${title}, cut short anywhere, is a mistake and never a fault`, (t) => {
    const der = derOf(pem);
    for (let length = 0; length < der.length; length += 1 + Math.floor(der.length / 150)) {
      t.throws(() => readContents(der.subarray(0, length), 'f'), { instanceOf: UserError }, `DER ${length}`);
      if (length > 0)
        t.throws(
          () => readContents(bytes(toPem(pemBlocks(pem)[0]?.label ?? '', der.subarray(0, length))), 'f'),
          { instanceOf: UserError },
          `PEM ${length}`,
        );
    }
    for (const part of [0.3, 0.5, 0.9]) {
      const error = t.throws(() => readContents(bytes(pem.slice(0, Math.floor(pem.length * part))), 'f'), {
        instanceOf: UserError,
      });
      t.regex(error?.facts.what.en ?? '', /truncated/);
      t.is(error?.facts.where, 'f:1');
    }
  });
}

test('several things in one file, in any order, are read in theirs', (t) => {
  const order = [2, 0, 3, 1, 6, 0];
  t.deepEqual(
    kinds(bytes(order.map((at) => sound[at]?.[1]).join('some words\n'))),
    order.map((at) => sound[at]?.[2] ?? ''),
  );
});

test('the parameters that OpenSSL writes before an EC key are passed over', (t) => {
  t.deepEqual(
    kinds(
      bytes(`-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${sound[5]?.[1]}`),
    ),
    ['private-key'],
  );
});

const locked = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const alice = world.certificate('alice');
const mistakes: readonly (readonly [title: string, file: Uint8Array, words: RegExp])[] = [
  ['an empty file', bytes(''), /is empty/],
  ['words', bytes('hello\n'), /no certificate/],
  ['a text that begins with the digit 0', bytes('0123456789 are digits\n'), /no certificate/],
  ['zeroes', new Uint8Array(5000), /no certificate/],
  ['a picture', bytes('\x89PNG\r\n\x1a\n'), /no certificate/],
  [
    'an encrypted PKCS#8 key',
    bytes(locked.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString()),
    /passphrase/,
  ],
  [
    'the same in DER',
    new Uint8Array(locked.export({ type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase: 'x' })),
    /passphrase/,
  ],
  [
    'an encrypted traditional key',
    bytes(locked.export({ type: 'sec1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString()),
    /passphrase/,
  ],
  [
    'an unknown label',
    bytes('-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n'),
    /unsupported PEM block: DH PARAMETERS/,
  ],
  [
    'a label of Object.prototype',
    bytes('-----BEGIN CONSTRUCTOR-----\nAAAA\n-----END CONSTRUCTOR-----\n'),
    /unsupported PEM block: CONSTRUCTOR/,
  ],
  [
    'an OpenSSH key',
    bytes(toPem('OPENSSH PRIVATE KEY', new Uint8Array(3))),
    /unsupported PEM block: OPENSSH PRIVATE KEY/,
  ],
  ['a body that is no base64', bytes(alice.replace(/\n[^-]{3}/, '\n!!!')), /invalid base64/],
  [
    'nothing between the lines',
    bytes('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'),
    /block is empty/,
  ],
  ['an end of another label', bytes(alice.replace('END CERTIFICATE', 'END X509 CRL')), /truncated/],
  ['a whole certificate and then half of one', bytes(alice + alice.slice(0, 200)), /truncated/],
  [
    'a certificate under the label of a list',
    bytes(alice.replaceAll('CERTIFICATE', 'X509 CRL')),
    /revocation list is damaged/,
  ],
  ['DER with bytes behind it', new Uint8Array([...derOf(alice), 0]), /damaged/],
  [
    'a key with a flipped byte',
    bytes(
      toPem(
        'PRIVATE KEY',
        derOf(key).map((byte, at) => (at === 12 ? byte ^ 0xff : byte)),
      ),
    ),
    /private key is damaged/,
  ],
];

for (const [title, file, words] of mistakes) {
  test(`a mistake in both languages: ${title}`, (t) => {
    const error = t.throws(() => readContents(file, 'the/file'), { instanceOf: UserError });
    t.regex(error?.facts.what.en ?? '', words);
    t.regex(error?.facts.what.ko ?? '', /[가-힣]/);
    t.true(error?.facts.where?.startsWith('the/file'));
  });
}

test('no flipped byte of a key or a list throws anything but a mistake', (t) => {
  for (const pem of [key, world.crl('ca') ?? '', request]) {
    const der = Uint8Array.from(derOf(pem));
    for (let at = 0; at < der.length; at++) {
      der[at] = (der[at] ?? 0) ^ 0x81;
      try {
        readContents(der, 'f');
      } catch (error) {
        t.true(error instanceof UserError, `${at}: ${String(error)}`);
      }
      der[at] = (der[at] ?? 0) ^ 0x81;
    }
  }
  t.pass();
});

test('a megabyte of white space, and of beginnings without an end, takes no time', (t) => {
  const started = cpuTime();
  scanPem(`-----BEGIN CERTIFICATE-----${' '.repeat(1_000_000)}`);
  scanPem(`-----BEGIN CERTIFICATE-----\n`.repeat(30_000));
  t.true(cpuTime() - started < 5000);
});

withPeer(
  'openssl',
  'PKCS#12 and PKCS#7 as openssl writes them are told by name, with the way out',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'wirelab-contents-'));
    t.teardown(async () => rm(folder, { recursive: true, force: true }));
    const pfx = await runProgram('sh', ['-c', 'openssl pkcs12 -export -nokeys -passout pass:x | base64'], {
      input: alice,
    });
    t.is(pfx.exitCode, 0, pfx.stderr);
    const error = t.throws(() => readContents(new Uint8Array(Buffer.from(pfx.stdout, 'base64')), 'f'), {
      instanceOf: UserError,
    });
    t.regex(error?.facts.what.en ?? '', /PKCS#12/);
    const p7 = await runProgram(
      'sh',
      ['-c', 'cat > cert.pem; openssl crl2pkcs7 -nocrl -certfile cert.pem -outform DER | base64'],
      { input: alice, cwd: folder },
    );
    const other = t.throws(() => readContents(new Uint8Array(Buffer.from(p7.stdout, 'base64')), 'f'), {
      instanceOf: UserError,
    });
    t.regex(other?.facts.what.en ?? '', /PKCS#7/);
  },
);
