/** `kube up --encryption-provider-config`: what is refused before anything is written, and what lies on the disk. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { runProgram, withPeer } from '../../../helpers/peer.ts';
import { start } from '../../../helpers/running.ts';
import { askWirelab } from '../../../helpers/wirelab.ts';

function emptyFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-enc-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
const configuration = (...providers: readonly string[]): string =>
  `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
${providers.map((one) => `  - ${one}\n`).join('')}`;
const aescbc = `aescbc: {keys: [{name: key1, secret: ${key(1)}}]}`;
const secretbox = `secretbox: {keys: [{name: key2, secret: ${key(2)}}]}`;
const plain = 'identity: {}';

const refused: readonly (readonly [title: string, text: string | undefined, words: RegExp])[] = [
  ['a file that is not there', undefined, /enc\.yaml/],
  [
    'an empty file',
    '',
    /received: error while parsing file: encryption provider configuration file ".*enc\.yaml" is empty/,
  ],
  ['text that is no YAML', 'a: [', /error converting YAML to JSON/],
  ['another kind', 'kind: Secret\napiVersion: v1\n', /no kind "Secret" is registered for version "v1"/],
  [
    'a short key',
    configuration('aescbc: {keys: [{name: a, secret: YWJj}]}'),
    /resources\[0\]\.providers\[0\]\.aescbc\.keys\[0\]\.secret: Invalid value: "REDACTED": secret is not of the expected length, got 3, expected one of \[16 24 32\]/,
  ],
  [
    'a file without a kind',
    configuration(aescbc).replace(/^kind: .*$/m, ''),
    /received: error while parsing file: Object 'Kind' is missing in 'REDACTED'$/m,
  ],
  [
    'a key without the blank behind its colon',
    configuration(aescbc.replace('secret: ', 'secret:')),
    /unknown field "resources\[0\]\.providers\[0\]\.aescbc\.keys\[0\]\.REDACTED"$/m,
  ],
  [
    'a wrong name of a field',
    configuration(aescbc.replace('secret: ', 'secrets: ')),
    /unknown field "resources\[0\]\.providers\[0\]\.aescbc\.keys\[0\]\.secrets"$/m,
  ],
  [
    'a key with a tag',
    configuration(aescbc.replace('secret: ', 'secret: !mine ')),
    /error converting YAML to JSON: yaml: line 6: Unresolved tag$/m,
  ],
  [
    'a key behind another value',
    configuration(aescbc.replace('secret: ', 'secret: "a" ')),
    /error converting YAML to JSON: yaml: line 6: [A-Z][a-z A-Z]+$/m,
  ],
  [
    'more resources than there are',
    configuration(plain).replace('secrets', Array.from({ length: 5000 }, (_, at) => `a${at}`).join(', ')),
    /more than 1000 entries in one list or map$/m,
  ],
  [
    'a KMS plugin',
    configuration('kms: {apiVersion: v2, name: vault, endpoint: unix:///kms.sock}'),
    /the provider kms needs a KMS plugin/,
  ],
];

for (const [title, text, words] of refused)
  test(`${title} is refused, and nothing is written`, async (t) => {
    const folder = emptyFolder(t);
    const file = join(folder, 'enc.yaml');
    if (text !== undefined) writeFileSync(file, text);
    const out = join(folder, 'cluster');
    const { exitCode, stderr } = await askWirelab([
      'kube',
      'up',
      '--port',
      '0',
      '--out',
      out,
      '--encryption-provider-config',
      file,
    ]);
    t.is(exitCode, 2);
    t.regex(stderr, words);
    t.false(stderr.includes('YWJj'));
    t.false(stderr.includes(key(1)));
    t.false(existsSync(out));
  });

withPeer(
  'kubectl',
  'a Secret is encrypted on the disk, its key is changed, and without it kubectl hears what kube-apiserver says',
  async (t) => {
    const folder = emptyFolder(t);
    const out = join(folder, 'cluster');
    const file = join(folder, 'enc.yaml');
    const clusterWith = async (...providers: readonly string[]) => {
      if (providers.length > 0) writeFileSync(file, configuration(...providers));
      const running = start(t, [
        'kube',
        'up',
        '--no-tui',
        '--out',
        out,
        '--port',
        '0',
        '--without',
        'scheduler',
        '--without',
        'kubelet',
        ...(providers.length > 0 ? ['--encryption-provider-config', file] : []),
      ]);
      const [, url = ''] = /^API server of .*: (https:\S+)$/m.exec(await running.until(/Ctrl-C/)) ?? [];
      const environment = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: join(out, 'admin.conf') };
      return {
        kubectl: async (...words: readonly string[]) =>
          runProgram('kubectl', [`--server=${url}`, ...words], { env: environment }),
        all: async () =>
          runProgram(
            'sh',
            ['-c', `kubectl --server=${url} get secrets -A -o json | kubectl --server=${url} replace -f -`],
            { env: environment },
          ),
        async end() {
          running.child.kill('SIGINT');
          await running.exit;
        },
      };
    };
    const onDisk = (): string => readFileSync(join(out, 'etcd-embedded/etcd.log'), 'latin1');
    const writtenAs = (prefix: string): boolean =>
      new RegExp(String.raw`"/registry/secrets/default/db",\d+,\d+,\d+,"k8s:enc:${prefix}:`).test(onDisk());
    const create = ['create', 'secret', 'generic', 'db', '--from-literal=password=tiger-lily'];

    const first = await clusterWith(aescbc, plain);
    t.is((await first.kubectl(...create)).exitCode, 0);
    t.true(writtenAs('aescbc:v1:key1'));
    t.false(onDisk().includes('tiger-lily'));
    await first.end();

    const rotated = await clusterWith(secretbox, aescbc, plain);
    t.false(writtenAs('secretbox:v1:key2'));
    t.regex((await rotated.all()).stdout, /^secret\/db replaced$/m);
    t.true(writtenAs('secretbox:v1:key2'));
    const read = ['get', 'secret', 'db', '-o', 'jsonpath={.data.password}'];
    t.is(Buffer.from((await rotated.kubectl(...read)).stdout, 'base64').toString(), 'tiger-lily');
    await rotated.end();

    const without = await clusterWith(aescbc, plain);
    t.is(
      (await without.kubectl('get', 'secret', 'db')).stderr,
      'Error from server (InternalError): Internal error occurred: no matching prefix found\n',
    );
    t.is(
      (await without.kubectl('get', 'secrets')).stderr,
      'Error from server (InternalError): Internal error occurred: unable to transform key "/registry/secrets/default/db": no matching prefix found\n',
    );
    t.is((await without.kubectl('get', 'configmaps')).exitCode, 0);
    await without.end();

    const unconfigured = await clusterWith();
    t.is(
      (await unconfigured.kubectl('get', 'secret', 'db')).stderr,
      'Error from server (InternalError): Internal error occurred: identity transformer tried to read encrypted data\n',
    );
    await unconfigured.end();
  },
);
