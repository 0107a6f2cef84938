/** A scheduler against the API server: what it binds, what it tells of what fits nowhere, and which of two of them works. */
import { randomBytes } from 'node:crypto';
import test from 'ava';
import { startScheduler } from '../../../src/kube/components/scheduler.ts';
import { listAt, textAt } from '../../../src/kube/objects/json.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { world } from '../support/control-plane.ts';
import { ca, pod, pods, Reports, startWhole } from './support/whole.ts';
import type { Whole } from './support/whole.ts';

const nodeOf = (object: KubeObject | undefined): string => textAt(object, 'spec', 'nodeName');
const condition = (object: KubeObject | undefined): string =>
  textAt(
    listAt(object, 'status', 'conditions').find((one) => textAt(one, 'type') === 'PodScheduled'),
    'message',
  );

async function addNode({ ask, clock }: Whole, name: string, spec: object = {}): Promise<void> {
  const time = new Date(clock.now()).toISOString();
  await ask('POST', '/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec,
    status: {
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          lastHeartbeatTime: time,
          lastTransitionTime: time,
        },
      ],
    },
  });
}

const alone = { kubelet: false, controllerManager: false } as const;

test('a pod that fits nowhere is told why, and placed when a node comes', async (t) => {
  const whole = await startWhole(t, alone);
  await whole.ask('POST', pods, pod('web'));
  const waiting = await whole.until('pods', 'web', (object) => condition(object) !== '');
  t.is(condition(waiting), 'no nodes available to schedule pods');
  await addNode(whole, 'n1', { unschedulable: true });
  const cordoned =
    '0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
  await whole.until('pods', 'web', (object) => condition(object) === cordoned);
  await whole.ask('PATCH', '/api/v1/nodes/n1', { spec: { unschedulable: null } });
  t.is(nodeOf(await whole.until('pods', 'web', (object) => nodeOf(object) !== '')), 'n1');
  await whole.reports.next('bound');
  t.deepEqual(
    whole.reports.of('unschedulable').map(({ message }) => message),
    ['no nodes available to schedule pods', cordoned],
  );
  const { items } = (await whole.ask('GET', '/api/v1/namespaces/default/events')) as unknown as {
    items: { reason: string; type: string }[];
  };
  t.deepEqual(
    items
      .map(({ reason, type }) => `${type} ${reason}`)
      .toSorted()
      .slice(-2),
    ['Warning FailedScheduling', 'Warning FailedScheduling'],
  );
});

test('pods are spread over nodes, and another scheduler’s are left alone', async (t) => {
  const whole = await startWhole(t, alone);
  await addNode(whole, 'n1');
  await addNode(whole, 'n2');
  await whole.ask('POST', pods, pod('other', { schedulerName: 'mine' }));
  for (const name of ['a', 'b', 'c', 'd']) await whole.ask('POST', pods, pod(name));
  await whole.reports.next('bound', ({ pod: bound }) => bound === 'default/d');
  t.deepEqual(
    whole.reports.of('bound').map((one) => one.node),
    ['n1', 'n2', 'n1', 'n2'],
  );
  t.is(nodeOf(await whole.until('pods', 'other', (object) => object !== undefined)), '');
});

test('one with an expired certificate says so in words, and goes on asking', async (t) => {
  const whole = await startWhole(t, { ...alone, scheduler: { identity: world.identity('bob-last-year') } });
  await whole.reports.next('disconnected', () => whole.reports.of('disconnected').length > 2);
  t.true(
    whole.reports
      .of('disconnected')
      .every(({ message, code }) => message === 'Unauthorized' && code === 'Unauthorized'),
  );
  t.true(whole.answers.some(({ rejected }) => rejected?.reason === 'certificate_expired'));
});

test('of two the one works that holds the lease; when it ends, the other does', async (t) => {
  const whole = await startWhole(t, { ...alone, scheduler: false });
  const ends = [new AbortController(), new AbortController()];
  const reports = [new Reports(), new Reports()];
  const start = (index: number): Promise<void> =>
    startScheduler(
      {
        to: whole.controlPlane.address,
        authorities: [ca],
        identity: world.identity('scheduler.conf'),
        clock: whole.clock,
        random: randomBytes,
        lease: { holder: `s${index}`, every: 50 },
        onReport: (report) => reports[index]?.add(report),
      },
      ends[index]?.signal ?? AbortSignal.abort(),
    );
  const first = start(0);
  await reports[0]?.next('watching');
  const second = start(1);
  t.deepEqual(await reports[1]?.next('waiting'), { what: 'waiting', lease: 'kube-scheduler', holder: 's0' });
  ends[0]?.abort();
  await first;
  await reports[1]?.next('leading');
  await addNode(whole, 'n1');
  await whole.ask('POST', pods, pod('web'));
  t.like(await reports[1]?.next('bound'), { pod: 'default/web', node: 'n1' });
  ends[1]?.abort();
  await second;
});
