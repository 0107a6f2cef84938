/** Which file or option of a command is at fault, by its words, and the line that shows it. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { joinWords } from '../../../src/diagnosis/command/judge.ts';
import { settingsIn } from '../../../src/diagnosis/command/own-settings.ts';
import { withOwnSettings } from '../../../src/diagnosis/command/refine.ts';
import type { Finding } from '../../../src/diagnosis/diagnosis.ts';
import { hear } from '../../../src/diagnosis/programs/hear.ts';
import { programOf } from '../../../src/diagnosis/programs/programs.ts';
import { world } from '../../cli/certs/support/files.ts';

const locked = 'ENCRYPTED';

/** A folder with certificates and keys, whose path stands for `@`. */
function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'wirelab-trouble-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  writeFileSync(join(path, 'ca.crt'), world.certificate('ca'));
  for (const name of ['alice', 'mallory']) {
    writeFileSync(join(path, `${name}.crt`), world.certificate(name));
    writeFileSync(join(path, `${name}.key`), world.identity(name).key);
  }
  // Only its first line is looked at.
  writeFileSync(join(path, 'locked.key'), `-----BEGIN ${locked} PRIVATE KEY-----\n`);
  return path;
}

function told(t: ExecutionContext, line: string, stderr: string): Finding {
  const own = line.replaceAll('@', folder(t)).split(' ');
  const program = programOf(own[0] ?? '');
  const ended = {
    stdout: '',
    stderr: stderr.replaceAll('@', own.find((one) => one.includes('wirelab-trouble')) ?? ''),
    code: 1,
    isLate: false,
  };
  const heard = hear(ended, program);
  const finding = joinWords({ failed: false }, heard);
  if (!finding) throw new Error('nothing was heard');
  return withOwnSettings(finding, {
    ...settingsIn({ program, own, variables: {}, heard, ended, settings: undefined }),
    heard,
    diagnosis: { others: [], attempts: [] },
    intent: {},
    name: '',
    through: undefined,
    now: 0,
  });
}

const bare = ({ remedy }: Finding): string | undefined =>
  remedy.command?.replaceAll(/\S*wirelab-trouble-\w+\//g, '');

test('a key of another certificate: both files, and the lines that show it', (t) => {
  const finding = told(
    t,
    'curl --cert @/alice.crt --key @/mallory.key https://x/',
    'curl: (58) Private key does not match the certificate public key',
  );
  t.like(finding, { cause: 'unusable_file', by: 'client', confidence: 'proven' });
  t.regex(finding.because.en, /--key .*mallory\.key, --cert .*alice\.crt/);
  t.is(bare(finding), 'openssl x509 -noout -pubkey -in alice.crt; openssl pkey -pubout -in mallory.key');
});

test('words that leave it open: the files show whether the key is another one, or locked', (t) => {
  const words = "curl: (58) unable to set private key file: 'x' type PEM";
  const other = told(t, 'curl --cert @/alice.crt --key @/mallory.key https://x/', words);
  t.regex(other.because.en, /not that of the client's certificate/);
  const shut = told(t, 'curl --cert @/alice.crt --key @/locked.key --pass x https://x/', words);
  t.regex(shut.because.en, /pass phrase is wrong, or none was given \(--key .*locked\.key\)/);
  t.is(bare(shut), 'openssl pkey -noout -in locked.key');
});

test('an option by its name, by its value, or by a part of that', (t) => {
  for (const [line, words, named, command] of [
    [
      'openssl s_client -connect x:1 -cipher ECHDE-RSA',
      'Call to SSL_CONF_cmd(-cipher, ECHDE-RSA) failed\n40C7:error:0A0000B9:SSL routines:SSL_CTX_set_cipher_list:no cipher match:',
      '-cipher ECHDE-RSA',
      'openssl ciphers -v ALL',
    ],
    [
      'curl --curves foo https://x/',
      "curl: (59) failed setting curves list: 'foo'",
      '--curves foo',
      'curl --help tls',
    ],
    [
      'gnutls-cli --priority NORMAL:-VERS-FOO x',
      'Syntax error at: -VERS-FOO',
      '--priority NORMAL:-VERS-FOO',
      'gnutls-cli --list',
    ],
    [
      'redis-cli --tls --tls-ciphers FOO ping',
      'Could not negotiate a TLS connection: Error while configuring ciphers',
      '--tls-ciphers FOO',
      'openssl ciphers -v ALL',
    ],
    ['curl -sS --bogus https://x/', 'curl: option --bogus: is unknown', '--bogus', 'curl --help tls'],
  ] as const) {
    const finding = told(t, line, words);
    t.like(finding, { cause: 'unusable_option', by: 'client', confidence: 'proven' });
    t.true(finding.because.en.includes(`(${named})`), finding.because.en);
    t.is(finding.remedy.command, command);
  }
});

test('a file that only the words name', (t) => {
  const finding = told(t, 'node x.js', "Error: ENOENT: no such file or directory, open 'nix.key'");
  t.like(finding, { cause: 'unusable_file', confidence: 'proven' });
  t.regex(finding.because.en, /is not there \(nix\.key\)/);
  t.is(finding.remedy.command, 'ls -l nix.key');
});

test('words that name no file: likely only', (t) => {
  const finding = told(t, 'python3 x.py', 'FileNotFoundError: [Errno 2] No such file or directory');
  t.is(finding.confidence, 'likely');
});

test('code that is run names its files in quotes', (t) => {
  const program = programOf('python3');
  const own = ['python3', '-c', "import ssl; ssl.create_default_context(cafile='/no/such.crt')"];
  const { faulty } = settingsIn({
    program,
    own,
    variables: {},
    heard: undefined,
    ended: { stdout: '', stderr: '', isLate: false },
    settings: undefined,
  });
  t.like(faulty, [{ path: '/no/such.crt', kind: 'other', fault: 'missing' }]);
});

test('a certificate without its key, and a key that others can read', (t) => {
  const alone = told(
    t,
    'etcdctl --cert @/alice.crt endpoint health',
    'Error: KeyFile and CertFile must both be present[key: , cert: alice.crt]',
  );
  t.regex(alone.remedy.words.en, /name both/);
  const open = told(
    t,
    'psql sslkey=@/alice.key',
    'psql: error: connection to server at "x", port 1 failed: private key file "alice.key" has group or world access',
  );
  t.is(bare(open), 'chmod 600 alice.key');
});

test('apt: the file of a setting, and the user that reads it', (t) => {
  const finding = told(
    t,
    'apt-get update',
    'E: Failed to fetch https://x/Packages  Could not load certificates from /etc/x.crt (CaInfo option): error:8000000D:system library::Permission denied [IP: 127.0.0.1 1]\nE: Some index files failed to download.',
  );
  t.like(finding, { cause: 'unusable_file', by: 'client', confidence: 'proven' });
  t.regex(finding.because.en, /may not read .* \(\/etc\/x\.crt\)/);
  t.regex(finding.remedy.words.en, /the user _apt/);
  t.is(finding.remedy.command, 'ls -l /etc/x.crt');
});
