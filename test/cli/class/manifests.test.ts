/** The list of a class, and the folder that is made of it. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as yaml from 'yaml';
import { readLearners } from '../../../src/cli/class/learners.ts';
import { certificateSecrets } from '../../../src/cli/class/secrets.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

interface PodSpec {
  readonly containers: readonly { readonly volumeMounts?: readonly { readonly name: string }[] }[];
  readonly volumes?: readonly { readonly name: string; readonly emptyDir?: object }[];
}

function workplace(
  t: ExecutionContext,
  list: string,
): { readonly folder: string; readonly list: string; readonly out: string } {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-class-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'learners.txt'), list);
  return { folder, list: join(folder, 'learners.txt'), out: join(folder, 'class') };
}

test('a list has a name on each line, comments and empty lines', (t) => {
  t.deepEqual(readLearners('\uFEFF# autumn\r\nanna\r\n\r\n  bin  # by the window\n2nd-row\n', 'l'), [
    'anna',
    'bin',
    '2nd-row',
  ]);
  t.is(readLearners('a'.repeat(55), 'l').length, 1);
});

test('every line that is wrong is named with its place and what was expected', (t) => {
  const text = `anna\nBin\nanna\n-x\nx-\na b\n${'a'.repeat(56)}\n민준\na_b\n../x\n`;
  const { facts } = t.throws(() => readLearners(text, 'list.txt'), { instanceOf: UserError });
  const all = [facts, ...(facts.others ?? [])];
  t.deepEqual(
    all.map(({ where, received }) => [where, received]),
    ['Bin', 'anna', '-x', 'x-', 'a b', 'a'.repeat(56), '민준', 'a_b', '../x'].map((name, at) => [
      `list.txt:${at + 2}`,
      name,
    ]),
  );
  for (const { expected } of all) t.truthy(expected?.en);
  t.regex(all[1]?.expected?.en ?? '', /line 1 has this one/);
  t.throws(() => readLearners('# nobody\n', 'list.txt'), { instanceOf: UserError });
});

test('a wrong list, a wrong image and a place that is taken are exit code 2, and nothing is written', async (t) => {
  const { folder, list, out } = workplace(t, 'anna\nanna\n');
  const asks = async (
    ...words: readonly string[]
  ): Promise<{ readonly exitCode: number | null; readonly stderr: string }> =>
    askWirelab(['class', 'manifests', '--out', out, ...words]);
  const twice = await asks('--learners', list);
  t.is(twice.exitCode, 2);
  t.regex(twice.stderr, /learners\.txt:2\n/);
  writeFileSync(list, 'anna\n');
  for (const words of [[], ['--learners', join(folder, 'none')], ['--learners', list, '--image', 'a b']])
    t.is((await asks(...words)).exitCode, 2, words.join(' '));
  t.deepEqual(readdirSync(folder), ['learners.txt']);
  mkdirSync(out);
  writeFileSync(join(out, 'mine'), '');
  t.is((await asks('--learners', list, '--force')).exitCode, 2);
  t.deepEqual(readdirSync(out), ['mine']);
});

test('a line that is no name at all is quoted in part', (t) => {
  const { facts } = t.throws(() => readLearners('\u0000'.repeat(100_000), 'l'), { instanceOf: UserError });
  t.true((facts.received ?? '').length < 100);
});

test('a place that cannot be looked at is an error with its reason, and exit code 2', async (t) => {
  const { folder, list } = workplace(t, 'anna\n');
  symlinkSync('loop', join(folder, 'loop'));
  for (const [place, code] of [
    [join(folder, 'loop', 'class'), 'ELOOP'],
    [join(folder, 'x'.repeat(300)), 'ENAMETOOLONG'],
  ] as const) {
    const words = ['class', 'manifests', '--learners', list, '--out', place];
    const { exitCode, stderr } = await askWirelab(words);
    t.is(exitCode, 2, stderr);
    t.true(stderr.includes('the folder cannot be written') && stderr.includes(code), stderr);
  }
  t.deepEqual(readdirSync(folder).toSorted(), ['learners.txt', 'loop']);
});

test('--force replaces a class and leaves nothing of the earlier one', async (t) => {
  const { folder, list, out } = workplace(t, 'anna\nbin\n');
  const words = ['class', 'manifests', '--learners', list, '--out', out];
  t.is((await askWirelab(words)).exitCode, 0);
  writeFileSync(list, 'bin\n');
  t.is((await askWirelab(words)).exitCode, 2);
  t.true(existsSync(join(out, 'learners', 'anna')));
  t.is((await askWirelab([...words, '--force'])).exitCode, 0);
  t.deepEqual(readdirSync(join(out, 'learners')), ['bin']);
  t.deepEqual(readdirSync(folder).toSorted(), ['class', 'learners.txt']);
});

test('for podman each learner has a file with names, certificates and keys of their own, readable to nobody else', async (t) => {
  const { list, out } = workplace(t, 'anna\nbin\n');
  const { exitCode } = await askWirelab([
    'class',
    'manifests',
    '--learners',
    list,
    '--out',
    out,
    '--for',
    'podman',
    '--image',
    'example.test:5000/w:1',
  ]);
  t.is(exitCode, 0);
  const seen = new Set<string>();
  for (const learner of ['anna', 'bin']) {
    const file = join(out, `${learner}.yaml`);
    t.is(statSync(file).mode & 0o777, 0o600);
    const text = readFileSync(file, 'utf8');
    const objects = yaml
      .parseAllDocuments(text)
      .map(
        (document) =>
          document.toJS() as { kind: string; metadata: { name: string }; data?: Record<string, string> },
      );
    t.deepEqual(
      objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      ['Secret', 'Secret', 'Deployment', 'Deployment', 'ConfigMap', 'Deployment'].map(
        (kind, at) =>
          `${kind} ${learner}-${['proxy-certificate', 'client-certificate', 'client', 'proxy', 'server', 'server'][at]}`,
      ),
    );
    for (const name of ['proxy-certificate', 'client-certificate'])
      t.true(text.includes(`secretName: ${learner}-${name}`));
    t.deepEqual([...new Set(text.match(/image: .*/g))], ['image: example.test:5000/w:1']);
    for (const { data } of objects.slice(0, 2)) seen.add(data?.['tls.key'] ?? '');
  }
  t.is(seen.size, 4);
  // To podman a volume of a name is one, whoever mounts it.
  const volumes = ['anna', 'bin'].flatMap((learner) =>
    yaml.parseAllDocuments(readFileSync(join(out, `${learner}.yaml`), 'utf8')).flatMap((document) => {
      const pod = (document.toJS() as { spec?: { template: { spec: PodSpec } } }).spec?.template.spec;
      const mounted = (pod?.containers ?? []).flatMap(({ volumeMounts = [] }) =>
        volumeMounts.map(({ name }) => name),
      );
      for (const { name } of pod?.volumes ?? []) t.true(mounted.includes(name), name);
      return (pod?.volumes ?? []).flatMap(({ name, emptyDir }) => (emptyDir ? [name] : []));
    }),
  );
  t.is(new Set(volumes).size, volumes.length);
  t.deepEqual(volumes.slice(0, 3), ['anna-client-work', 'anna-client-tmp', 'anna-proxy-captures']);
});

test('the proxy is trusted by its name alone, the client by its CA, and no CA’s key is kept', (t) => {
  const [proxy, client, ...more] = certificateSecrets('anna', 'wirelab-anna', systemClock);
  if (!proxy || !client) return t.fail();
  t.deepEqual(more, []);
  const [server, user, servers, clients] = [
    proxy.files['tls.crt'],
    client.files['tls.crt'],
    client.files['ca.crt'],
    proxy.files['ca.crt'],
  ].map((pem) => new X509Certificate(pem)) as [
    X509Certificate,
    X509Certificate,
    X509Certificate,
    X509Certificate,
  ];
  t.true(server.verify(servers.publicKey));
  t.true(user.verify(clients.publicKey));
  t.false(user.verify(servers.publicKey));
  t.is(server.checkHost('proxy.wirelab-anna.svc'), 'proxy.wirelab-anna.svc');
  t.is(server.checkHost('proxy.wirelab-bin.svc'), undefined);
  t.is(user.subject, 'CN=anna\nO=wirelab class');
  t.deepEqual(Object.keys(proxy.files).toSorted(), ['ca.crt', 'tls.crt', 'tls.key']);
});

withPeer(
  'kubectl',
  'the pods are such as the standard "restricted" admits, and ask for 100 MB at most',
  async (t) => {
    const { list, out } = workplace(t, 'anna\n');
    t.is((await askWirelab(['class', 'manifests', '--learners', list, '--out', out])).exitCode, 0);
    const { stdout, stderr, exitCode } = await runProgram('kubectl', ['kustomize', out]);
    t.is(exitCode, 0, stderr);
    const objects = yaml.parseAllDocuments(stdout).map((document) => document.toJS() as Record<string, any>); // oxlint-disable-line typescript/no-explicit-any
    for (const { kind, metadata } of objects)
      t.is(kind === 'Namespace' ? metadata.name : metadata.namespace, 'wirelab-anna', kind);
    const pods = objects.filter(({ kind }) => kind === 'Deployment' || kind === 'Job');
    t.is(pods.length, 4);
    let memory = 0;
    for (const { kind, spec } of pods) {
      const pod = spec.template.spec;
      t.true(pod.securityContext.runAsNonRoot);
      t.is(pod.securityContext.seccompProfile.type, 'RuntimeDefault');
      t.is(pod.automountServiceAccountToken, kind === 'Job');
      for (const { securityContext, resources, image } of pod.containers) {
        t.deepEqual(securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        t.regex(image, /^localhost\/wirelab:\d/);
        if (kind === 'Deployment') memory += Number.parseInt(resources.requests.memory, 10) * 1024 * 1024;
      }
      for (const { secret, configMap, emptyDir } of pod.volumes ?? [])
        t.truthy(secret ?? configMap ?? emptyDir);
    }
    t.true(memory <= 100e6, `${memory} bytes`);
    const quota = objects.find(
      ({ kind, metadata }) => kind === 'ResourceQuota' && metadata.name === 'standing',
    );
    t.is(Number.parseInt(quota?.['spec'].hard['requests.memory'], 10) * 1024 * 1024, memory);
  },
);
