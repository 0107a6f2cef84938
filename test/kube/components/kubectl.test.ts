/** A whole cluster, the real kubectl as the judge: what a person sees of nodes, pods, leases, events and logs. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { listAt, textAt } from '../../../src/kube/objects/json.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { startKubectl, world } from '../support/control-plane.ts';
import type { Kubectl } from '../support/control-plane.ts';
import { bootstrapToken, ca, isRunning, Reports, temporaryFolder } from './support/whole.ts';

interface Session {
  readonly kubectl: Kubectl;
  readonly reports: Reports;
  /** What an administrator's kubectl prints, standard output before standard error, without what depends on the time. */
  readonly admin: (...words: readonly string[]) => Promise<string>;
  readonly until: (
    plural: string,
    name: string,
    isSo: (object: KubeObject | undefined) => boolean,
  ) => Promise<KubeObject | undefined>;
}

async function begin(
  t: ExecutionContext,
  kubelet: { readonly serving?: 'requested'; readonly folder?: string } = {},
): Promise<Session> {
  const reports = new Reports();
  const kubectl = await startKubectl(t, {
    random: randomBytes,
    kubelets: { identity: world.identity('apiserver-kubelet-client') },
    scheduler: { identity: world.identity('scheduler.conf'), trust: ca, onReport: reports.add },
    kubelet: {
      node: 'n1',
      bootstrapToken,
      trust: ca,
      every: 500,
      machine: {
        hostname: 'm',
        cpus: 2,
        memory: 1024 ** 3,
        kernel: '6.1',
        system: 'linux',
        architecture: 'amd64',
      },
      onReport: reports.add,
      ...kubelet,
    },
    onFault: (error) => t.fail(error instanceof Error ? error.stack : String(error)),
  });
  await reports.next('registered');
  return {
    kubectl,
    reports,
    async admin(...words) {
      const { stdout, stderr } = await kubectl.as('admin.conf', ...words);
      return (stdout + stderr)
        .replaceAll(/\b\d+s\b/g, 'AGE')
        .replaceAll(/ +$/gm, '')
        .replaceAll(/ {2,}/g, '  ')
        .trimEnd();
    },
    until: async (plural, name, isSo) =>
      kubectl.controlPlane.until(
        { plural, name, ...(plural === 'nodes' ? {} : { namespace: 'default' }) },
        isSo,
        AbortSignal.timeout(20_000),
      ),
  };
}

const isTold = (pod: KubeObject | undefined): boolean =>
  listAt(pod, 'status', 'conditions').some((one) => textAt(one, 'reason') === 'Unschedulable');

withPeer('kubectl', 'kubectl run, and what there is to see of it', async (t) => {
  const folder = temporaryFolder(t);
  const { admin, until } = await begin(t, { folder });
  const env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: join(folder, 'kubelet.conf') };
  const whoami = await runProgram(
    'kubectl',
    ['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username} {.status.userInfo.groups[0]}'],
    { env },
  );
  t.is(whoami.stdout + whoami.stderr, 'system:node:n1 system:nodes');
  t.is(await admin('run', 'web', '--image=nginx'), 'pod/web created');
  await until('pods', 'web', isRunning);
  t.is(
    await admin('get', 'pods', '-o', 'wide'),
    'NAME  READY  STATUS  RESTARTS  AGE  IP  NODE  NOMINATED NODE  READINESS GATES\nweb  1/1  Running  0  AGE  10.244.0.2  n1  <none>  <none>',
  );
  t.is(
    (await admin('get', 'nodes', '-o', 'wide')).split('\n')[1],
    'n1  Ready  <none>  AGE  v1.32.3+wirelab  127.0.0.1  <none>  wirelab (runs no containers)  6.1  none://',
  );
  t.regex(
    await admin('get', 'leases', '-A'),
    /^NAMESPACE.*\nkube-node-lease  n1  n1  AGE\nkube-system  kube-controller-manager  n1_\S+  AGE\nkube-system  kube-scheduler  n1_\S+  AGE$/,
  );
  const log = await admin('logs', 'web');
  t.regex(log, /^kubelet n1: wirelab runs no containers: .*\npod default\/web /);
  t.is(await admin('logs', 'web', '--tail=1'), log.split('\n').at(-1) ?? '');
  t.is(await admin('logs', 'web', '-c', 'nope'), 'error: container nope is not valid for pod web');
  t.regex(
    await admin('get', 'events'),
    /Normal  Scheduled  pod\/web  Successfully assigned default\/web to n1/,
  );
  t.is(await admin('delete', 'pod', 'web'), 'pod "web" deleted');
  t.is(await admin('get', 'pods'), 'No resources found in default namespace.');
});

withPeer(
  'kubectl',
  'kubectl cordon keeps a pod waiting, uncordon lets it run; its log can be read when the kubelet’s certificate has been approved',
  async (t) => {
    const { admin, until, kubectl, reports } = await begin(t, { serving: 'requested' });
    t.is(await admin('cordon', 'n1'), 'node/n1 cordoned');
    t.regex(await admin('get', 'nodes'), /^n1  Ready,SchedulingDisabled  <none>/m);
    t.is(
      await admin('run', 'say', '--image=busybox', '--restart=Never', '--', 'echo', 'hello', 'there'),
      'pod/say created',
    );
    await until('pods', 'say', isTold);
    t.regex(await admin('get', 'pods'), /^say  0\/1  Pending/m);
    t.regex(
      await admin('describe', 'pod', 'say'),
      /Warning  FailedScheduling  AGE  default-scheduler  0\/1 nodes are available: 1 node\(s\) (?:were unschedulable|had untolerated taint .*)\. preemption: 0\/1 nodes are available: 1 Preemption is not helpful for scheduling\./,
    );
    t.is(await admin('uncordon', 'n1'), 'node/n1 uncordoned');
    await until('pods', 'say', (pod) => textAt(pod, 'status', 'phase') === 'Succeeded');
    const { port = 0 } = kubectl.controlPlane.kubeletAddress ?? {};
    t.is(
      await admin('logs', 'say'),
      `Error from server: Get "https://127.0.0.1:${port}/containerLogs/default/say/say": remote error: tls: internal error`,
    );
    const { name } = await reports.next(
      'requested',
      ({ signerName }) => signerName === 'kubernetes.io/kubelet-serving',
    );
    t.regex(
      await admin('get', 'csr', name),
      /kubernetes.io\/kubelet-serving  system:node:n1  <none>  Pending$/,
    );
    t.is(
      await admin('certificate', 'approve', name),
      `certificatesigningrequest.certificates.k8s.io/${name} approved`,
    );
    await reports.next('certificate', ({ purpose }) => purpose === 'serving');
    t.is(await admin('logs', 'say'), 'hello there');
  },
);
