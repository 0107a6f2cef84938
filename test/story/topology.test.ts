/** The ways through a topology, in order and without going round in circles. */
import test from 'ava';
import type { Topology, Wire } from '../../src/capture/event.ts';
import { waysThrough } from '../../src/story/topology.ts';
import { topologyWith } from '../report/support/story.ts';

const wire = (hop: string, from: string, to: string): Wire => ({ hop, from, to, protocol: 'http' });
const told = (topology: Topology): string[] =>
  waysThrough(topology).map(({ clients, legs }) => [clients.join('+'), ...legs.map(({ wire: { hop, to }, to: participant }) => `${hop}:${to}(${participant?.role ?? '?'})`)].join(' '));

test('from the clients through the proxy to the server', (t) => {
  t.deepEqual(told(topologyWith('mallory')), ['alice+mallory A:front(proxy) B:shop(server)']);
});

test('several clients on their own wires are ways of their own', (t) => {
  const participants = [{ name: 'a', role: 'client' }, { name: 'b', role: 'client' }, { name: 's', role: 'server' }] as const;
  t.deepEqual(told({ participants, wires: [wire('A', 'a', 's'), wire('B', 'b', 's')] }), ['a A:s(server)', 'b B:s(server)']);
});

test('proxies that lead back to each other end the way; a name that nobody described is said to be unknown', (t) => {
  const participants = [{ name: 'c', role: 'client' }, { name: 'p', role: 'proxy' }] as const;
  t.deepEqual(told({ participants, wires: [wire('A', 'c', 'p'), wire('B', 'p', 'x'), wire('C', 'x', 'p')] }), ['c A:p(proxy) B:x(?) C:p(proxy)']);
  t.deepEqual(told({ participants: [], wires: [] }), []);
});
