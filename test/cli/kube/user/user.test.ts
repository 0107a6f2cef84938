/** `wirelab kube user`: the kubeconfig works with the real kubectl, and so does what is printed to be done by hand. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { command, opensslSubject } from '../../../../src/cli/kube/user/by-hand.ts';
import { objectName } from '../../../../src/cli/kube/user/obtain.ts';
import { outputValidator } from '../../../helpers/output-schema.ts';
import { withPeerAtLength } from '../../../helpers/at-length.ts';
import { runProgram, withPeer } from '../../../helpers/peer.ts';
import type { ProgramResult } from '../../../helpers/peer.ts';
import { start } from '../../../helpers/running.ts';
import { askWirelab } from '../../../helpers/wirelab.ts';
import { desk, snapshot } from '../support/desk.ts';
import type { Desk } from '../support/desk.ts';

const user = async ({ folder }: Desk, ...words: readonly string[]): Promise<ProgramResult> =>
  askWirelab(['kube', 'user', ...words], { cwd: folder });

/** A cluster that runs, at a port of its own. */
async function up(t: ExecutionContext, { path }: Desk, ...words: readonly string[]): Promise<string> {
  const running = start(t, ['kube', 'up', '--out', path('kubernetes'), '--port', '0', ...words]);
  return /https:\/\/127\.0\.0\.1:\d+/.exec(await running.until(/Ctrl-C/))?.[0] ?? '';
}

/** The indented lines that are printed as commands. */
const commandsIn = (printed: string): string =>
  (printed.split('\n\n')[1] ?? '')
    .split('\n')
    .filter((line) => /^ {4}\S|^ {6}\S/.test(line))
    .join('\n');

const inShell = async (script: string, cwd: string): Promise<ProgramResult> =>
  runProgram('sh', ['-euc', script], {
    cwd,
    env: { ...process.env, HOME: cwd, KUBECONFIG: '/dev/null' },
    input: '',
  });

test('without a cluster that runs, the key of the CA signs, and that is said', async (t) => {
  const at = desk(t);
  await at.pki('--server', 'https://127.0.0.1:1');
  const { exitCode, stdout } = await user(at, 'bob', '--group', 'dev', '--group', 'ops');
  t.is(exitCode, 0);
  t.regex(
    stdout,
    /✓ bob \(dev, ops\): signed with kubernetes\/pki\/ca\.key, until \S+;\s+nothing\s+listens at https:\/\/127\.0\.0\.1:1\n/,
  );
  const certificate = new X509Certificate(readFileSync(at.path('bob.crt')));
  t.is(certificate.subject, 'O=dev\nO=ops\nCN=bob');
  t.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  t.true(certificate.checkIssued(new X509Certificate(readFileSync(at.path('kubernetes/pki/ca.crt')))));
  for (const [file, mode] of [
    ['bob.key', 0o600],
    ['bob.conf', 0o600],
    ['bob.crt', 0o644],
  ] as const)
    t.is(statSync(at.path(file)).mode & 0o777, mode, file);
  t.false(existsSync(at.path('bob-csr.yaml')));
  t.is((await at.pki('check', 'kubernetes', 'bob.conf')).exitCode, 0);
});

test('a running cluster signs, as an administrator would have it do; the same name again is another request', async (t) => {
  const at = desk(t);
  await at.pki();
  const server = await up(t, at);
  const { exitCode, stdout, stderr } = await user(at, 'alice', '--group', 'dev', '--server', server);
  t.is(exitCode, 0, stderr);
  t.regex(stdout, /✓ alice \(dev\): signed by the cluster at \S+,\s+request alice,\s+until /);
  t.notRegex(stdout, /ca\.key/);
  t.is(new X509Certificate(readFileSync(at.path('alice.crt'))).subject, 'O=dev\nCN=alice');
  const again = await user(at, 'alice', '--out', 'again.conf', '--server', server, '--json');
  const line = JSON.parse(again.stdout) as Record<string, unknown>;
  const validate = outputValidator();
  t.true(validate(line), JSON.stringify(validate.errors?.slice(0, 3)));
  t.deepEqual([line['signedBy'], line['request'], line['groups']], ['api', 'alice-2', []]);
  const masters = await user(at, 'eve', '--group', 'system:masters', '--server', server);
  t.is(masters.exitCode, 2);
  t.regex(masters.stderr, /signer with system:masters group is not allowed/);
  t.false(existsSync(at.path('eve.key')));
});

test('a cluster where nobody signs, and a server of another cluster: said, and nothing half-made', async (t) => {
  const at = desk(t);
  await at.pki();
  const server = await up(t, at, '--without', 'controller-manager');
  const before = snapshot(at.folder);
  const { exitCode, stderr } = await user(at, 'alice', '--server', server);
  t.is(exitCode, 2);
  t.regex(stderr, /received: the request alice is approved, and nobody signs it/);
  t.deepEqual(Object.keys(snapshot(at.folder)), Object.keys(before));
  await at.pki('--out', 'other');
  const other = await user(at, 'alice', '--cluster', 'other', '--server', server);
  t.is(other.exitCode, 0);
  t.regex(
    other.stdout,
    /signed with other\/pki\/ca\.key[^]+no\s+API\s+server\s+of\s+this\s+cluster\s+is\s+at/,
  );
});

test('a certificate for another key, or none at all, is not written', async (t) => {
  const at = desk(t);
  await at.pki('--server', 'https://127.0.0.1:1');
  const pki = (file: string): string => readFileSync(at.path(`kubernetes/pki/${file}`), 'utf8');
  for (const certificate of [pki('apiserver-kubelet-client.crt'), 'no certificate']) {
    // It has a certificate of the CA, and answers whatever it likes.
    const server = createServer(
      { key: pki('apiserver.key'), cert: pki('apiserver.crt') },
      (request, response) => {
        request.resume();
        response.writeHead(request.method === 'POST' ? 201 : 200, { 'Content-Type': 'application/json' });
        response.end(
          JSON.stringify({
            apiVersion: 'certificates.k8s.io/v1',
            kind: 'CertificateSigningRequest',
            metadata: { name: 'alice' },
            spec: {},
            status: { certificate: Buffer.from(certificate).toString('base64') },
          }),
        );
      },
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.teardown(() => server.close());
    const before = snapshot(at.folder);
    const { port } = server.address() as AddressInfo;
    const { exitCode, stderr } = await user(at, 'alice', '--server', `https://127.0.0.1:${port}`);
    t.is(exitCode, 2);
    t.regex(stderr, /is not for the requested key/);
    t.deepEqual(snapshot(at.folder), before);
  }
});

const refused: readonly (readonly [title: string, words: readonly string[], says: RegExp])[] = [
  ['no name', [], /the name of one user/],
  ['two names', ['a', 'b'], /the name of one user/],
  ['a control character', ['a\u001bb'], /1 to 64 characters/],
  ['a name that is an option to other programs', ['--', '-rf'], /no dash at its start/],
  ['a name that no certificate holds', ['a'.repeat(65)], /1 to 64 characters/],
  ['a group with a blank before it', ['a', '--group', ' dev'], /1 to 64 characters/],
  ['a server without TLS', ['a', '--server', 'http://127.0.0.1:1'], /https:\/\/HOST:6443/],
  ['another folder', ['a', '--cluster', 'nowhere'], /the folder does not exist[^]+kube pki --out nowhere/],
  [
    'a folder without a cluster',
    ['a', '--cluster', '.'],
    /neither an administrator’s kubeconfig nor the key of the CA/,
  ],
  ['a file that is there', ['taken'], /the file already exists\n {2}where: --out taken\.crt/],
];
for (const [title, words, says] of refused)
  test(`refused, and nothing is written: ${title}`, async (t) => {
    const at = desk(t);
    await at.pki('--server', 'https://127.0.0.1:1');
    writeFileSync(at.path('taken.crt'), 'mine');
    const before = snapshot(at.folder);
    const { exitCode, stderr } = await user(at, ...words);
    t.is(exitCode, 2, title);
    t.regex(stderr, says);
    t.regex((await user(at, ...words, '--lang', 'ko')).stderr, /[가-힣]/);
    t.deepEqual(snapshot(at.folder), before);
  });

test('without the key of the CA and without a cluster there is nobody to sign', async (t) => {
  const at = desk(t);
  await at.pki('--server', 'https://127.0.0.1:1');
  rmSync(at.path('kubernetes/pki/ca.key'));
  const { exitCode, stderr } = await user(at, 'alice');
  t.is(exitCode, 2);
  t.regex(
    stderr,
    /no API server answers, and the key of the CA is not in the folder[^]+kube up --out kubernetes/,
  );
});

test('commands are broken between their options, and quoted', (t) => {
  const long = command([
    'openssl',
    'req',
    '-new',
    '-key',
    'a b',
    '-subj',
    '/CN=x'.repeat(12),
    '-out',
    'x.csr',
  ]);
  t.true(long.split('\n').every((line) => line.length <= 78));
  t.regex(long, / -key 'a b' .*-subj|-key 'a b' \\\n {2}-subj \//);
  t.is(opensslSubject(['a/b'], 'c+d\\e'), '/O=a\\/b/CN=c\\+d\\\\e');
  t.is(objectName('Alice Liddell@example.org'), 'alice-liddell-example.org');
  t.is(objectName('이'), 'user');
});

withPeer(
  ['openssl', 'kubectl'],
  'by hand with the key of the CA: what is printed makes as good a user',
  async (t) => {
    const at = desk(t);
    await at.pki('--server', 'https://127.0.0.1:1');
    const { stdout } = await user(at, 'bob', '--group', 'dev');
    const hand = at.path('hand');
    mkdirSync(hand);
    symlinkSync(at.path('kubernetes'), join(hand, 'kubernetes'));
    const made = await inShell(commandsIn(stdout), hand);
    t.is(made.exitCode, 0, made.stderr);
    const [own, theirs] = [at.path('bob.crt'), join(hand, 'bob.crt')].map(
      (path) => new X509Certificate(readFileSync(path)),
    );
    t.is(theirs?.subject, own?.subject);
    t.deepEqual(theirs?.keyUsage, own?.keyUsage);
    const asYaml = async (path: string): Promise<string> =>
      (await inShell(`kubectl config view --kubeconfig ${path}`, at.folder)).stdout;
    t.is(await asYaml('hand/bob.conf'), await asYaml('bob.conf'));
  },
);

withPeerAtLength(
  ['openssl', 'kubectl'],
  'by hand with a running cluster: what is printed makes as good a user, and kubectl is that user',
  async (t) => {
    const at = desk(t);
    await at.pki();
    const server = await up(t, at);
    const { stdout } = await user(at, 'alice', '--group', 'dev team', '--server', server);
    const whoami = async (path: string): Promise<string> =>
      (await inShell(`kubectl --kubeconfig ${path} auth whoami`, at.folder)).stdout;
    t.regex(await whoami('alice.conf'), /Username +alice\nGroups +\[dev team system:authenticated\]/);
    const hand = at.path('hand');
    mkdirSync(hand);
    symlinkSync(at.path('kubernetes'), join(hand, 'kubernetes'));
    // The request is for the key that was made here: the object is made anew from it.
    const script = commandsIn(stdout).replace(
      /^( *kubectl)/m,
      `sed "s|request: .*|request: $(base64 -w0 alice.csr)|; s|name: alice|name: by-hand|" ../alice-csr.yaml > alice-csr.yaml\n$1`,
    );
    const made = await inShell(
      script.replaceAll(/approve alice|get csr alice/g, (text) => text.replace('alice', 'by-hand')),
      hand,
    );
    t.is(made.exitCode, 0, made.stderr);
    t.regex(await whoami('hand/alice.conf'), /Username +alice\nGroups +\[dev team system:authenticated\]/);
  },
);
