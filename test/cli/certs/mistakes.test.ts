/** What a person can get wrong: one clear message in both languages, exit code 2, nothing on standard output, nothing changed. */
import test from 'ava';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { desk } from './support/files.ts';
import type { Desk } from './support/files.ts';

const byCa = ['--ca', 'ca.crt', '--ca-key', 'ca.key'];

function prepare({ folder }: Desk): void {
  const write = (name: string, content: string | Uint8Array): void =>
    writeFileSync(join(folder, name), content);
  const locked = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  write(
    'locked.key',
    locked.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }),
  );
  write('x25519.key', generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
  write('empty', '');
  write('words', 'hello\n');
  write('half.crt', readFileSync(join(folder, 'alice.crt'), 'utf8').slice(0, 300));
  write('unknown.pem', '-----BEGIN PGP MESSAGE-----\nAAAA\n-----END PGP MESSAGE-----\n');
  write('huge', '');
  truncateSync(join(folder, 'huge'), 200 * 1024 * 1024);
  mkdirSync(join(folder, 'folder'));
  write(
    'mixed.pem',
    readFileSync(join(folder, 'ca.crl'), 'utf8') + readFileSync(join(folder, 'ca.crt'), 'utf8'),
  );
  write('twice.pem', readFileSync(join(folder, 'ca.crl'), 'utf8').repeat(2));
}

const cases: readonly (readonly [words: readonly string[], says: RegExp])[] = [
  [['show'], /missing operand/],
  [['show', 'a', 'b'], /too many operands/],
  [['show', 'nothing.crt'], /does not exist/],
  [['show', 'alice.crt/x'], /does not exist/],
  [['show', 'folder'], /a folder/],
  [['show', 'empty'], /empty/],
  [['show', 'words'], /no certificate[^]+received: hello/],
  [['show', 'huge'], /too large/],
  [['show', '/dev/zero'], /not a regular file/],
  [['show', 'half.crt'], /truncated/],
  [['show', 'unknown.pem'], /PGP MESSAGE/],
  [['show', 'locked.key'], /passphrase/],
  [['show', 'alice.crt', '--servername', 'x'], /only with HOST:PORT/],
  [['show', '127.0.0.1:1', '--servername', 'https://x'], /invalid host name/],
  [['show', '--trusted', 'alice.crt'], /options only/],
  [['show', 'alice.crt', '--jsn'], /unknown option: --jsn/],
  [['verify'], /missing operand/],
  [['verify', 'alice.key', '--cacert', 'ca.crt'], /contains no certificate[^]+received: private key/],
  [['verify', 'alice.crt', '--cacert', 'nothing'], /does not exist/],
  [['verify', 'alice.crt', '--cacert', 'ca.crl'], /contains no certificate/],
  [['verify', 'alice.crt', '--crl', 'ca.crt'], /no certificate revocation list/],
  [['verify', 'alice.crt', '--at', 'yesterday'], /invalid date or time/],
  [['verify', 'alice.crt', '--at', '2027-02-30'], /invalid date or time/],
  [['verify', 'alice.crt', '--at', '2027-02-03T10:00'], /invalid date or time/],
  [['verify', 'alice.crt', '--name', 'https://shop.localhost'], /invalid host name/],
  [['verify', 'alice.crt', '--purpose', 'both'], /--purpose/],
  [['csr', '--subject', 'CN=a'], /missing key/],
  [['csr', '--new-key', 'n.key', '--key', 'alice.key', '--subject', 'CN=a'], /cannot be combined/],
  [['csr', '--key', 'alice.key', '--key-kind', 'p256', '--subject', 'CN=a'], /only with --new-key/],
  [['csr', '--new-key', 'n.key'], /missing --subject/],
  [['csr', '--new-key', 'n.key', '--subject', 'bob,alice'], /invalid subject/],
  [['csr', '--new-key', 'n.key', '--subject', 'CN=bob', '--san', 'bob'], /invalid subject alternative name/],
  [['csr', '--new-key', 'n.key', '--subject', 'CN=bob', '--out', 'n.key'], /same file/],
  [['csr', '--new-key', 'no/n.key', '--subject', 'CN=bob'], /cannot be written/],
  [['csr', '--new-key', 'n.key', '--subject', 'CN=bob', '--out', 'folder'], /it is a folder/],
  [['csr', '--key', 'locked.key', '--subject', 'CN=bob'], /passphrase/],
  [['csr', '--key', 'x25519.key', '--subject', 'CN=bob'], /cannot sign with this type of key/],
  [['csr', 'x', '--new-key', 'n.key', '--subject', 'CN=bob'], /options only/],
  [['sign', 'alice.crt', ...byCa, '--profile', 'client'], /no certificate signing request/],
  [['sign', 'alice.crt', '--profile', 'client'], /missing --ca/],
  [['sign', 'alice.crt', '--ca', 'ca.crt', '--profile', 'client'], /missing --ca-key/],
  [['sign', 'alice.crt', ...byCa], /missing --profile/],
  [['sign', 'alice.crt', '--ca', 'ca.crt', '--ca-key', 'other.key', '--profile', 'client'], /does not match/],
  [
    ['sign', 'alice.crt', '--ca', 'ca.crt', '--ca-key', 'x25519.key', '--profile', 'client'],
    /cannot sign with this type of key/,
  ],
  [['revoke', 'alice.crt', ...byCa], /missing --crl/],
  [['revoke', 'mallory.crt', ...byCa, '--crl', 'ca.crl'], /did not issue this certificate/],
  [['revoke', 'alice.crt', ...byCa, '--crl', 'other.crl'], /another CA/],
  [
    ['revoke', 'alice.crt', ...byCa, '--crl', 'mixed.pem'],
    /other than revocation lists, which would be lost/,
  ],
  [['revoke', 'alice.crt', ...byCa, '--crl', 'twice.pem'], /several lists/],
  [['revoke', 'alice.crt', ...byCa, '--crl', 'words'], /no certificate/],
  [['revoke', 'alice.crt', ...byCa, '--crl', 'no/l.crl'], /cannot be written/],
  [['revoke', 'alice.crt', ...byCa, '--crl', 'ca.crl', '--reason', 'removeFromCRL'], /--reason/],
  [['revoke', 'alice.crt', ...byCa, '--crl', 'ca.crl', '--days', '0'], /number of days/],
];

for (const [words, says] of cases) {
  test(`certs ${words.join(' ')}`, async (t) => {
    const at = desk(t);
    prepare(at);
    const before = readdirSync(at.folder).toSorted();
    const lists = ['ca.crl', 'other.crl', 'mixed.pem'].map((name) =>
      readFileSync(join(at.folder, name), 'utf8'),
    );
    for (const lang of ['en', 'ko']) {
      const { exitCode, stdout, stderr } = await at.run(...words, '--lang', lang);
      t.is(exitCode, 2, `${lang}: ${stdout}${stderr}`);
      t.is(stdout, '');
      t.true(stderr.startsWith('wirelab: '), stderr);
      t.notRegex(stderr, /^\s+at /m);
      if (lang === 'en') t.regex(stderr, says);
      else t.regex(stderr, /[가-힣]/);
    }
    t.deepEqual(readdirSync(at.folder).toSorted(), before, 'nothing is left behind');
    t.deepEqual(
      ['ca.crl', 'other.crl', 'mixed.pem'].map((name) => readFileSync(join(at.folder, name), 'utf8')),
      lists,
    );
  });
}

withPeer('mkfifo', 'a named pipe is a mistake and does not wait for a writer', async (t) => {
  const { folder, run } = desk(t);
  t.is((await runProgram('mkfifo', [join(folder, 'pipe')])).exitCode, 0);
  const { exitCode, stderr } = await run('show', 'pipe');
  t.is(exitCode, 2);
  t.regex(stderr, /not a regular file/);
});

// Root may read everything.
if (process.getuid?.() !== 0) {
  test('a file that may not be read', async (t) => {
    const { folder, run } = desk(t);
    chmodSync(join(folder, 'alice.key'), 0);
    const { exitCode, stderr } = await run('show', 'alice.key');
    t.is(exitCode, 2);
    t.regex(stderr, /may not read/);
  });
}
