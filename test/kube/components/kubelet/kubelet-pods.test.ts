/** What a kubelet says of pods and their logs. */
import { assert, property, webQueryParameters } from 'fast-check';
import test from 'ava';
import {
  echoed,
  firstLines,
  freeAddress,
  isDone,
  logQueryOf,
  logText,
  podStatus,
  selectedLines,
} from '../../../../src/kube/components/kubelet/kubelet-pods.ts';
import type { KubeObject } from '../../../../src/kube/objects/objects.ts';

const at = Date.parse('2026-03-01T12:00:00.5Z');
const pod = (spec: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u' },
  spec,
});
const container = (...command: readonly string[]): object => ({ name: 'c', image: 'busybox', command });

const commands: readonly (readonly [said: string | undefined, ...command: readonly string[]])[] = [
  ['hello there', 'echo', 'hello', 'there'],
  ['hi', '/bin/echo', 'hi'],
  ['', 'echo'],
  ['hello there', 'sh', '-c', 'echo hello   there'],
  ['hello   there', 'sh', '-c', 'echo "hello   there"'],
  ['hi', '/bin/bash', '-c', " echo 'hi' "],
  [undefined, 'sh', '-c', 'echo $HOME'],
  [undefined, 'sh', '-c', 'echo hi; sleep 1'],
  [undefined, 'sh', '-c', 'sleep 1'],
  [undefined, 'nginx'],
  [undefined],
];

test('what a container prints that only prints something', (t) => {
  for (const [said, ...command] of commands) t.is(echoed(container(...command)), said, command.join(' '));
  t.is(echoed({ name: 'c', args: ['echo', 'hi'] }), 'hi');
  for (const odd of [null, 7, [], { command: 'echo' }, { command: [7] }]) t.is(echoed(odd), undefined);
});

test('a pod that prints something is done where it is not started again', (t) => {
  const spec = { containers: [container('echo', 'hi')] };
  t.true(isDone(pod({ ...spec, restartPolicy: 'Never' })));
  t.true(isDone(pod({ ...spec, restartPolicy: 'OnFailure' })));
  t.false(isDone(pod({ ...spec, restartPolicy: 'Always' })));
  t.false(isDone(pod({ containers: [], restartPolicy: 'Never' })));
  t.like(podStatus(pod({ ...spec, restartPolicy: 'Never' }), { podIP: '1', hostIP: '2' }, at), {
    phase: 'Succeeded',
  });
  t.like(podStatus(pod({ ...spec, restartPolicy: 'Always' }), { podIP: '1', hostIP: '2' }, at), {
    phase: 'Running',
    startTime: '2026-03-01T12:00:00Z',
  });
});

test('a log begins with what the kubelet has to say, a line each, whatever the names are', (t) => {
  const lines = firstLines(
    pod({ schedulerName: 'default-scheduler', serviceAccountName: 'default', containers: [] }),
    { name: 'c', image: 'nginx\nrm -rf' },
    'n1',
    at,
  );
  t.deepEqual(
    lines.map(({ text }) => text),
    [
      'kubelet n1: wirelab runs no containers: what this kubelet says of them is only said',
      'pod default/web (uid u), bound to n1 by default-scheduler',
      'container c: image nginx rm -rf would have been pulled (IfNotPresent)',
      'it would be known to the API server as system:serviceaccount:default:default',
      'said to be started at 2026-03-01T12:00:00Z',
    ],
  );
});

test('what of a log is asked for', (t) => {
  const asked = (query: string): unknown => logQueryOf(new URLSearchParams(query), at);
  t.deepEqual(asked(''), { follow: false, timestamps: false });
  t.deepEqual(asked('follow=true&timestamps=1&tailLines=5&limitBytes=9&sinceSeconds=2'), {
    follow: true,
    timestamps: true,
    tailLines: 5,
    limitBytes: 9,
    since: at - 2000,
  });
  t.deepEqual(asked('sinceTime=2026-03-01T12:00:00Z'), { follow: false, timestamps: false, since: at - 500 });
  for (const wrong of [
    'tailLines=-1',
    'tailLines=x',
    'limitBytes=1e9',
    'sinceTime=soon',
    'tailLines=9999999999999999',
  ])
    t.truthy((asked(wrong) as { fault?: string }).fault, wrong);
  assert(property(webQueryParameters(), (query) => void asked(query)));
});

test('lines that are selected, and how they are written', (t) => {
  const lines = [1, 2, 3].map((n) => ({ at: at + n * 1000, text: String(n) }));
  const plain = { follow: false, timestamps: false };
  t.is(logText(selectedLines(lines, { ...plain, tailLines: 2 }), plain), '2\n3\n');
  t.is(logText(selectedLines(lines, { ...plain, tailLines: 0 }), plain), '');
  t.is(
    logText(selectedLines(lines, { ...plain, since: at + 2500 }), { timestamps: true }),
    '2026-03-01T12:00:03.500000000Z 3\n',
  );
});

test('addresses of pods are their own', (t) => {
  t.is(freeAddress('10.244.0', new Set()), '10.244.0.2');
  t.is(freeAddress('10.244.0', new Set(['10.244.0.2', '10.244.0.4'])), '10.244.0.3');
});
