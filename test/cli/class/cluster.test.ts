/** The manifests on a control plane with all its rules: accepted, and the Job's account may do what it needs and no more. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { kubeconfigText } from '../../../src/pki/kubeadm/kubeconfig.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import type { ProgramResult } from '../../helpers/peer.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { startKubectl, world } from '../../kube/support/control-plane.ts';

const root = resolve(import.meta.dirname, '../../../..');

withPeer('kubectl', 'a class is applied, twice, and taken down', async (t) => {
  const cluster = await startKubectl(t);
  const admin = async (...words: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await cluster.as('admin.conf', ...words);
    t.is(exitCode, 0, `${words.join(' ')}: ${stderr}`);
    return stdout;
  };
  const folder = join(cluster.folder, 'class');
  cluster.write('learners.txt', 'anna\nbin\n');
  const made = await askWirelab([
    'class',
    'manifests',
    '--learners',
    join(cluster.folder, 'learners.txt'),
    '--out',
    folder,
  ]);
  t.is(made.exitCode, 0, made.stderr);
  for (const learner of ['anna', 'bin']) await admin('create', 'namespace', `wirelab-${learner}`);
  const dry = await admin('apply', '--dry-run=server', '-k', folder);
  t.is(dry.match(/\(server dry run\)$/gm)?.length, 48);
  t.is(dry.match(/created \(server dry run\)$/gm)?.length, 46);
  t.is((await admin('-n', 'wirelab-anna', 'get', 'deployments', '-o', 'name')).trim(), '');
  t.regex(await admin('apply', '-k', folder), /^deployment\.apps\/proxy created$/m);
  t.notRegex(await admin('apply', '-k', folder), /created|configured/);
  t.regex(await admin('-n', 'wirelab-anna', 'get', 'netpol'), /^client-to-proxy +app=client/m);

  const job = `system:serviceaccount:wirelab-anna:certificates`;
  const may = async (who: string, ...words: readonly string[]): Promise<string> =>
    (await cluster.as('admin.conf', 'auth', 'can-i', ...words, `--as=${who}`)).stdout.trim();
  t.is(await may(job, 'create', 'secrets', '-n', 'wirelab-anna'), 'yes');
  for (const [verb, kind, namespace] of [
    ['create', 'secrets', 'wirelab-bin'],
    ['get', 'secrets', 'wirelab-anna'],
    ['create', 'pods', 'wirelab-anna'],
  ] as const)
    t.is(await may(job, verb, kind, '-n', namespace), 'no', `${verb} ${kind} ${namespace}`);
  const learner = `system:serviceaccount:wirelab-anna:learner`;
  t.is(await may(learner, 'create', 'pods', '--subresource=exec', '-n', 'wirelab-anna'), 'yes');
  t.is(await may(learner, 'create', 'pods', '--subresource=exec', '-n', 'wirelab-bin'), 'no');
  t.is(await may(learner, 'get', 'secrets', '-n', 'wirelab-anna'), 'no');

  // A kubeconfig for each learner, whose token opens one namespace.
  const identity = world.identity('admin.conf');
  const kubeconfig = join(cluster.folder, 'admin.conf');
  writeFileSync(
    kubeconfig,
    kubeconfigText({
      cluster: 'kubernetes',
      server: cluster.url,
      user: 'a',
      authority: world.authority('ca'),
      proof: identity,
    }),
    { mode: 0o600 },
  );
  const access = await runProgram('sh', [join(folder, 'access.sh')], {
    env: { PATH: process.env['PATH'], HOME: cluster.folder, KUBECONFIG: kubeconfig },
    timeout: 60_000,
  });
  t.is(access.exitCode, 0, access.stderr);
  t.deepEqual(readdirSync(join(folder, 'access')), ['anna.conf', 'bin.conf']);
  t.is(statSync(join(folder, 'access', 'anna.conf')).mode & 0o777, 0o600);
  const asAnna = async (...words: readonly string[]): Promise<ProgramResult> =>
    runProgram('kubectl', words, {
      env: {
        PATH: process.env['PATH'],
        HOME: cluster.folder,
        KUBECONFIG: join(folder, 'access', 'anna.conf'),
      },
    });
  t.is((await asAnna('get', 'deployments', '-o', 'name')).stdout.split('\n').length, 4);
  t.regex((await asAnna('-n', 'wirelab-bin', 'get', 'pods')).stderr, /forbidden/);
  t.regex((await asAnna('get', 'secrets')).stderr, /forbidden/);

  // The Job's own command, as its account.
  const account = join(cluster.folder, 'account');
  mkdirSync(account);
  const token = await admin('-n', 'wirelab-anna', 'create', 'token', 'certificates');
  for (const [name, text] of [
    ['token', token],
    ['namespace', 'wirelab-anna'],
    ['ca.crt', world.authority('ca')],
  ] as const)
    writeFileSync(join(account, name), text);
  const { hostname, port } = new URL(cluster.url);
  const env = { ...process.env, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  const run = async (): Promise<{
    readonly exitCode: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }> => askWirelab(['class', 'certificates', '--account', account], { env });
  const first = await run();
  t.is(first.exitCode, 0, first.stderr + first.stdout);
  t.is(first.stdout.match(/created/g)?.length, 2);
  const secret = await admin('-n', 'wirelab-anna', 'get', 'secret', 'client-certificate', '-o', 'json');
  const again = await run();
  t.is(again.exitCode, 0);
  t.is(again.stdout.match(/stays/g)?.length, 2);
  t.is(await admin('-n', 'wirelab-anna', 'get', 'secret', 'client-certificate', '-o', 'json'), secret);
  t.is((JSON.parse(secret) as { type: string }).type, 'kubernetes.io/tls');
  // In another's namespace it is refused.
  writeFileSync(join(account, 'namespace'), 'wirelab-bin');
  const refused = await run();
  t.is(refused.exitCode, 1);
  t.regex(refused.stdout, /403 .*secrets is\s+forbidden/s);

  await admin('delete', 'namespace', '-l', 'app.kubernetes.io/part-of=wirelab-class');
  t.notRegex(await admin('get', 'namespaces'), /wirelab-/);
});

withPeer('kubectl', 'the sidecars of deploy/sidecar are accepted', async (t) => {
  const cluster = await startKubectl(t);
  const applied = await cluster.as('admin.conf', 'apply', '-k', join(root, 'deploy', 'sidecar'));
  t.is(applied.exitCode, 0, applied.stderr);
  const names = await cluster.as(
    'admin.conf',
    '-n',
    'wirelab-sidecar',
    'get',
    'deployments,services',
    '-o',
    'name',
  );
  t.deepEqual(names.stdout.trim().split('\n'), [
    'deployment.apps/client',
    'deployment.apps/server',
    'service/server',
  ]);
});

withPeer('kubectl', 'what stands in deploy/overlays is what the command writes for one', async (t) => {
  const cluster = await startKubectl(t);
  const { exitCode, stderr } = await cluster.as('admin.conf', 'create', 'namespace', 'wirelab-learner');
  t.is(exitCode, 0, stderr);
  const applied = await cluster.as(
    'admin.conf',
    'apply',
    '-k',
    join(root, 'deploy', 'overlays', 'one-learner'),
  );
  t.is(applied.exitCode, 0, applied.stderr);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  const images = await cluster.as(
    'admin.conf',
    '-n',
    'wirelab-learner',
    'get',
    'deployments',
    '-o',
    'jsonpath={..image}',
  );
  t.deepEqual([...new Set(images.stdout.split(' '))], [`localhost/wirelab:${version}`]);
});
