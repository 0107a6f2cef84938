/** A whole cluster, the real kubectl as the judge: what a person sees of nodes, pods, leases and logs. */
import { randomBytes } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { textAt } from '../../../src/kube/json.ts';
import type { KubeletReport } from '../../../src/kube/components/kubelet.ts';
import type { SchedulerReport } from '../../../src/kube/components/scheduler.ts';
import { withPeer } from '../../helpers/peer.ts';
import { startKubectl, token, world } from '../support/control-plane.ts';
import type { Kubectl, Started } from '../support/control-plane.ts';

const ca = world.authority('ca');

async function startWhole(t: ExecutionContext, more: Partial<Started> = {}): Promise<Kubectl & { readonly reports: (KubeletReport | SchedulerReport)[] }> {
  const reports: (KubeletReport | SchedulerReport)[] = [];
  const onReport = (report: KubeletReport | SchedulerReport): void => void reports.push(report);
  const kubectl = await startKubectl(t, {
    random: randomBytes,
    clock: systemClock,
    scheduler: { identity: world.identity('scheduler.conf'), trust: ca, onReport },
    kubelet: { node: 'n1', bootstrapToken: `${token.id}.${token.secret}`, trust: ca, every: 500, onReport },
    onFault: (error) => t.fail(String((error as Error).stack)),
    ...more,
  });
  return { ...kubectl, reports };
}

const inTime = (): AbortSignal => AbortSignal.timeout(20_000);

withPeer('kubectl', 'a pod runs on the node', async (t) => {
  const kubectl = await startWhole(t);
  const { controlPlane, reports } = kubectl;
  const admin = async (...words: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await kubectl.as('admin.conf', ...words);
    console.log(`$ kubectl ${words.join(' ')} (${exitCode})\n${stdout}${stderr}`);
    return stdout + stderr;
  };
  try {
  await controlPlane.until({ plural: 'nodes', name: 'n1' }, (node) => textAt(node, 'status', 'nodeInfo', 'kubeletVersion') !== '', inTime());
  await admin('run', 'web', '--image=nginx');
  await controlPlane.until({ plural: 'pods', namespace: 'default', name: 'web' }, (pod) => textAt(pod, 'status', 'phase') === 'Running', inTime());
  await admin('get', 'pods', '-o', 'wide');
  await admin('get', 'nodes', '-o', 'wide');
  await admin('get', 'leases', '-A');
  await admin('get', 'csr');
  await admin('get', 'events');
  await admin('describe', 'node', 'n1');
  await admin('logs', 'web');
  await admin('delete', 'pod', 'web');
  await admin('cordon', 'n1');
  await admin('run', 'web2', '--image=nginx');
  await controlPlane.until({ plural: 'pods', namespace: 'default', name: 'web2' }, (pod) => JSON.stringify(pod ?? {}).includes('Unschedulable'), inTime());
  await admin('get', 'pods');
  await admin('describe', 'pod', 'web2');
  await admin('uncordon', 'n1');
  await controlPlane.until({ plural: 'pods', namespace: 'default', name: 'web2' }, (pod) => textAt(pod, 'status', 'phase') === 'Running', inTime());
  await admin('get', 'pods');
  } finally {
  console.log(JSON.stringify(reports, null, 1));
  }
  t.pass();
});
