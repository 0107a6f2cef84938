/** The ways through a topology, in order and without going round in circles, and the one in whom many wires meet. */
import test from 'ava';
import type { Topology, Wire } from '../../src/capture/event.ts';
import { farEnd, starOf, topologyIn, waysThrough, wireText } from '../../src/presentation/topology.ts';
import { findPlaces, scenarioPlaces } from '../../src/cli/places.ts';
import { loadScenario } from '../../src/engine/load.ts';
import { planScenario } from '../../src/engine/planning.ts';
import { features } from '../../src/features/registry.ts';
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

test('a wire is named for those who use it: mutual TLS where each of them shows a certificate', (t) => {
  const wire: Wire = { hop: 'A', from: 'admin', to: 'api', protocol: 'https', mutualFor: ['admin', 'alice'] };
  t.is(wireText(wire, ['admin'], 'en'), '──mtls──[A]──>');
  t.is(wireText(wire, ['admin', 'alice'], 'en'), '──mtls──[A]──>');
  t.is(wireText(wire, ['admin', 'nobody'], 'en'), '──https──[A]──>');
  t.is(wireText(wire, ['nobody'], 'en'), '──https──[A]──>');
  t.is(wireText(wire, [], 'en'), '──https──[A]──>');
});

test('a client with a certificate speaks mutual TLS where one is asked for, through a tunnel too', async (t) => {
  const scenario = async (name: string): Promise<readonly Wire[]> =>
    planScenario(features, await loadScenario(name, scenarioPlaces(findPlaces({})))).wires;
  const mutual = (wires: readonly Wire[]): Record<string, readonly string[]> =>
    Object.fromEntries(wires.flatMap(({ hop, mutualFor }) => (mutualFor ? [[hop, mutualFor]] : [])));
  t.deepEqual(mutual(await scenario('k8s-pod')).A, ['kubectl']);
  t.false('F' in mutual(await scenario('k8s-pod')));
  const proxied = mutual(await scenario('k8s-front-proxy'));
  t.deepEqual([proxied.B, proxied.C, proxied.E], [['alice'], ['alice'], ['alice']]);
  t.deepEqual([proxied.D, proxied.G], [undefined, undefined]);
  t.deepEqual(mutual(await scenario('tls')), {});
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

test('behind the name of a server stands whose it is; a proxy has its kind', (t) => {
  t.is(farEnd('clone', { name: 'clone', role: 'server', owner: 'Mallory' }), 'clone (Mallory)');
  t.is(
    farEnd('clone', { name: 'clone', role: 'server', owner: 'Mallory' }, { kinds: false }),
    'clone (Mallory)',
  );
  t.is(farEnd('shop', { name: 'shop', role: 'server' }), 'shop');
  t.is(farEnd('front', { name: 'front', role: 'proxy', kind: 'tls' }), 'front: tls');
  t.is(farEnd('front', { name: 'front', role: 'proxy', kind: 'tls' }, { kinds: false }), 'front');
});
