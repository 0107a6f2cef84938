/** `kube up --etcd-servers`, `kube pki --external-etcd`: options and files that do not fit, and an etcd that is not there. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../../src/core/clock.ts';
import { issueWorld } from '../../../../src/pki/ca/issue.ts';
import { startEmbeddedEtcd } from '../../../../src/kube/etcd/embedded.ts';
import { askWirelab } from '../../../helpers/wirelab.ts';
import { world } from '../../../kube/support/etcd.ts';

interface Files {
  readonly folder: string;
  readonly path: (name: string) => string;
  readonly up: (...words: readonly string[]) => ReturnType<typeof askWirelab>;
  readonly options: readonly string[];
}

function filesOf(t: ExecutionContext): Files {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-ext-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, text: string): void => writeFileSync(path(name), text, { mode: 0o600 });
  const client = world.identity('apiserver-etcd-client');
  write('ca.crt', world.authority('etcd-ca'));
  write('client.crt', client.certificate);
  write('client.key', client.key);
  write('other.key', world.identity('etcd-server').key);
  write('text', 'hello');
  return {
    folder,
    path,
    up: async (...words) =>
      askWirelab(['kube', 'up', '--no-tui', '--port', '0', '--out', path('cluster'), ...words]),
    options: [
      `--etcd-cafile=${path('ca.crt')}`,
      `--etcd-certfile=${path('client.crt')}`,
      `--etcd-keyfile=${path('client.key')}`,
    ],
  };
}

const server = '--etcd-servers=https://127.0.0.1:1';

const refused: readonly (readonly [
  title: string,
  words: (files: Files) => readonly string[],
  expected: RegExp,
])[] = [
  ['no files', () => [server], /also --etcd-cafile FILE --etcd-certfile FILE --etcd-keyfile FILE/],
  ['no servers', ({ options }) => options, /received: --etcd-cafile/],
  [
    'an etcd of its own as well',
    ({ options }) => [server, '--etcd', 'real', ...options],
    /either --etcd or --etcd-servers/,
  ],
  [
    'no port',
    ({ options }) => ['--etcd-servers=https://127.0.0.1', ...options],
    /expected: https:\/\/HOST:PORT/,
  ],
  [
    'no TLS',
    ({ options }) => ['--etcd-servers=http://127.0.0.1:1', ...options],
    /expected: https:\/\/HOST:PORT/,
  ],
  [
    'no list',
    ({ options }) => ['--etcd-servers=https://127.0.0.1:1,', ...options],
    /expected: https:\/\/HOST:PORT/,
  ],
  [
    'a file that is not there',
    ({ options, path }) => [server, ...options, `--etcd-cafile=${path('none')}`],
    /where: --etcd-cafile: \S+\/none/,
  ],
  [
    'no certificate',
    ({ options, path }) => [server, ...options, `--etcd-certfile=${path('text')}`],
    /where: --etcd-certfile, --etcd-keyfile: \S+\/text/,
  ],
  [
    'another key',
    ({ options, path }) => [server, ...options, `--etcd-keyfile=${path('other.key')}`],
    /where: --etcd-certfile, --etcd-keyfile: \S+client\.crt, \S+other\.key/,
  ],
];

for (const [title, words, expected] of refused)
  test(`${title}: refused, and nothing is written`, async (t) => {
    const files = filesOf(t);
    // The last of an option counts.
    const { exitCode, stderr } = await files.up(...words(files));
    t.is(exitCode, 2);
    t.regex(stderr, expected);
    t.false(existsSync(files.path('cluster')));
  });

test('an expired certificate is named by its option and file', async (t) => {
  const files = filesOf(t);
  const last = issueWorld(
    {
      certificates: {
        ca: { profile: 'root', subject: { CN: 'etcd-ca' } },
        old: { profile: 'client', issuer: 'ca', subject: { CN: 'old' }, flaws: ['expired'] },
      },
    },
    { clock: systemClock },
  ).identity('old');
  writeFileSync(files.path('old.crt'), last.certificate);
  writeFileSync(files.path('client.key'), last.key);
  const { exitCode, stderr } = await files.up(
    server,
    ...files.options,
    `--etcd-certfile=${files.path('old.crt')}`,
  );
  t.is(exitCode, 2);
  t.regex(stderr, /the certificate has expired\n {2}where: --etcd-certfile: \S+old\.crt\n {2}received: 20/);
});

test('an etcd that is not there is told in kube-apiserver’s words, for each server', async (t) => {
  const files = filesOf(t);
  const { exitCode, stderr } = await files.up(`${server},https://127.0.0.1:2`, ...files.options);
  t.is(exitCode, 2);
  t.regex(
    stderr,
    /received: Error creating leases: error creating storage factory: context deadline exceeded/,
  );
  for (const port of [1, 2])
    t.true(
      stderr.includes(
        `127.0.0.1:${port}: connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:${port}: connect: connection refused"`,
      ),
      stderr,
    );
});

test('an etcd of another CA is not believed, and one that does not believe the client refuses it', async (t) => {
  const files = filesOf(t);
  const etcd = await startEmbeddedEtcd({
    listen: { host: '127.0.0.1', port: 0 },
    identity: world.identity('etcd-server'),
    clientAuthorities: [world.authority('etcd-ca')],
    clock: systemClock,
  });
  t.teardown(async () => etcd.close());
  const at = `--etcd-servers=https://127.0.0.1:${etcd.address.port}`;
  writeFileSync(files.path('foreign.crt'), world.authority('ca'));
  const unbelieved = await files.up(at, ...files.options, `--etcd-cafile=${files.path('foreign.crt')}`);
  t.is(unbelieved.exitCode, 2);
  t.regex(
    unbelieved.stderr,
    /transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority/,
  );
  const admin = world.identity('apiserver-kubelet-client');
  writeFileSync(files.path('foreign.crt'), admin.certificate);
  writeFileSync(files.path('foreign.key'), admin.key);
  const turnedAway = await files.up(
    at,
    ...files.options,
    `--etcd-certfile=${files.path('foreign.crt')}`,
    `--etcd-keyfile=${files.path('foreign.key')}`,
  );
  t.is(turnedAway.exitCode, 2);
  t.regex(turnedAway.stderr, /remote error: tls: (?:unknown certificate authority|bad certificate)/);
});

test('kube pki --external-etcd makes nothing of the etcd CA, keeps what is there, and check names what is still to be brought', async (t) => {
  const { path } = filesOf(t);
  const cluster = path('lab');
  const made = await askWirelab(['kube', 'pki', '--out', cluster, '--external-etcd']);
  t.is(made.exitCode, 0, made.stderr);
  t.false(existsSync(join(cluster, 'pki/etcd')));
  t.deepEqual(
    readdirSync(join(cluster, 'pki')).filter((name) => name.includes('etcd')),
    [],
  );
  t.true(existsSync(join(cluster, 'pki/front-proxy-client.key')));
  const lacking = await askWirelab(['kube', 'pki', 'check', cluster]);
  t.is(lacking.exitCode, 1);
  for (const option of ['cafile', 'certfile', 'keyfile'])
    t.regex(
      lacking.stdout,
      new RegExp(`--etcd-${option}\\s+names\\s+a\\s+file\\s+that\\s+does\\s+not\\s+exist`),
    );
  t.regex(lacking.stdout, /external etcd comes from those who run it/);
  t.regex(lacking.stdout, /PROBLEMS FOUND: 3/);
  // Brought from where that etcd runs.
  const { certificate, key } = world.identity('apiserver-etcd-client');
  mkdirSync(join(cluster, 'pki/etcd'), { mode: 0o755 });
  writeFileSync(join(cluster, 'pki/etcd/ca.crt'), world.authority('etcd-ca'), { mode: 0o644 });
  writeFileSync(join(cluster, 'pki/apiserver-etcd-client.crt'), certificate, { mode: 0o644 });
  writeFileSync(join(cluster, 'pki/apiserver-etcd-client.key'), key, { mode: 0o600 });
  const again = await askWirelab(['kube', 'pki', '--out', cluster, '--external-etcd', '--json']);
  t.is(again.exitCode, 0, again.stderr);
  const { made: rows, kept } = JSON.parse(again.stdout) as { made: string[]; kept: string[] };
  t.deepEqual(rows, []);
  t.true(kept.includes('etcd-ca') && kept.includes('apiserver-etcd-client') && !kept.includes('etcd-server'));
  const checked = await askWirelab(['kube', 'pki', 'check', cluster]);
  t.is(checked.exitCode, 0, checked.stdout);
  t.is((await askWirelab(['kube', 'pki', 'check', cluster, '--external-etcd'])).exitCode, 2);
});
