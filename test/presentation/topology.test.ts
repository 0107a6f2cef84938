/** The ways through a topology, in order and without going round in circles, and the one in whom many wires meet. */
import test from 'ava';
import type { Topology, Wire } from '../../src/capture/event.ts';
import { starOf, topologyIn, waysThrough } from '../../src/presentation/topology.ts';
import { topologyWith } from '../ui/support/story.ts';

const wire = (hop: string, from: string, to: string): Wire => ({ hop, from, to, protocol: 'http' });
const described = (topology: Topology): string[] =>
  waysThrough(topology).map(({ clients, legs }) =>
    [
      clients.join('+'),
      ...legs.map(({ wire: { hop, to }, to: participant }) => `${hop}:${to}(${participant?.role ?? '?'})`),
    ].join(' '),
  );

test('from the clients through the proxy to the server', (t) => {
  t.deepEqual(described(topologyWith('mallory')), ['alice+mallory A:front(proxy) B:shop(server)']);
});

test('several clients on their own wires are ways of their own', (t) => {
  const participants = [
    { name: 'a', role: 'client' },
    { name: 'b', role: 'client' },
    { name: 's', role: 'server' },
  ] as const;
  t.deepEqual(described({ participants, wires: [wire('A', 'a', 's'), wire('B', 'b', 's')] }), [
    'a A:s(server)',
    'b B:s(server)',
  ]);
});

test('a cycle of proxies ends the path; a participant without a description is reported as unknown', (t) => {
  const participants = [
    { name: 'c', role: 'client' },
    { name: 'p', role: 'proxy' },
  ] as const;
  t.deepEqual(
    described({ participants, wires: [wire('A', 'c', 'p'), wire('B', 'p', 'x'), wire('C', 'x', 'p')] }),
    ['c A:p(proxy) B:x(?) C:p(proxy)'],
  );
  t.deepEqual(described({ participants: [], wires: [] }), []);
});

test('where many meet in one, ways end there and begin there; a proxy before him is passed through', (t) => {
  const participants = [
    { name: 'kubectl', role: 'client' },
    { name: 'front', role: 'proxy' },
    { name: 'kubelet', role: 'server' },
    { name: 'api', role: 'server' },
  ] as const;
  const wires = [
    wire('H', 'kubectl', 'front'),
    wire('A', 'front', 'api'),
    wire('E', 'kubelet', 'api'),
    wire('B', 'api', 'etcd'),
    wire('G', 'api', 'kubelet'),
  ];
  t.deepEqual(described({ participants, wires }), [
    'kubectl H:front(proxy) A:api(server)',
    'kubelet E:api(server)',
    'api B:etcd(?)',
    'api G:kubelet(server)',
  ]);
});

const drawn = (...wires: readonly Wire[]): string => {
  const star = starOf({ participants: [], wires });
  const hops = (of: readonly Wire[]): string => of.map(({ hop }) => hop).join('');
  return star
    ? `${hops(star.calledOver)}>${star.hub}>${hops(star.callsOver)} ${hops(star.others)}`.trim()
    : 'none';
};

test('in whom three wires meet is the middle: who calls him, whom he calls, and what passes him by', (t) => {
  t.is(drawn(wire('A', 'kubectl', 'api'), wire('B', 'api', 'etcd'), wire('C', 'manager', 'api')), 'AC>api>B');
  t.is(
    drawn(
      wire('A', 'kubectl', 'front'),
      wire('B', 'front', 'api'),
      wire('C', 'manager', 'api'),
      wire('D', 'api', 'etcd'),
    ),
    'BC>api>D A',
  );
  t.is(
    drawn(wire('E', 'kubelet', 'api'), wire('G', 'api', 'kubelet'), wire('A', 'kubectl', 'api')),
    'EA>api>G',
  );
});

test('a path, a client of many servers, and an empty topology have no hub', (t) => {
  t.is(drawn(wire('A', 'c', 'p'), wire('B', 'p', 'q'), wire('C', 'q', 's')), 'none');
  t.is(drawn(wire('A', 'c', 'x'), wire('B', 'c', 'y'), wire('C', 'c', 'z')), 'none');
  t.is(drawn(wire('A', 'a', 's'), wire('B', 'b', 's')), 'none');
  t.is(
    drawn(wire('A', 'a', 's'), wire('B', 'a', 's'), wire('C', 'b', 's')),
    'none',
    'several wires between the same two',
  );
  t.is(
    drawn(wire('A', 'owner', 'ca'), wire('B', 'ca', 'site'), wire('C', 'ca', 'bank')),
    'none',
    'one way that parts',
  );
  t.is(drawn(), 'none');
});

test('the interfaces of a capture give its wires, if all have wirelab’s form', (t) => {
  const at = (name: string, description: string) => ({ linkType: 101, name, description });
  const described = [
    at('A', 'kubectl to api, https'),
    at('B', 'api to etcd, https'),
    at('C', 'manager to api, https'),
  ];
  t.is(
    topologyIn(described)
      ?.wires.map(({ hop, from, to }) => `${from} ${hop} ${to}`)
      .join(', '),
    'kubectl A api, api B etcd, manager C api',
  );
  t.deepEqual(
    topologyIn(described)?.participants.map(({ name, role }) => `${name} ${role}`),
    ['kubectl client', 'api server', 'etcd server', 'manager client'],
  );
  t.is(topologyIn([...described, at('eth0', 'Ethernet')]), undefined);
  t.is(topologyIn([...described, at('A', 'x to api, https')]), undefined);
  t.deepEqual(
    topologyIn(described.slice(0, 2))?.participants.map(({ name, role }) => `${name} ${role}`),
    ['kubectl client', 'api proxy', 'etcd server'],
    'a path leads through a proxy',
  );
  t.is(topologyIn([]), undefined);
});
