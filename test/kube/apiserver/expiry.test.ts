/** What outlives a certificate, under a clock that is moved: a connection does, a watch does, a request does not. */
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import test from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { apiClient } from '../../../src/kube/components/api-client.ts';
import { MemoryStore } from '../../../src/kube/store/memory-store.ts';
import { startKubectl, world } from '../support/control-plane.ts';

const yearAndDay = 366 * 86_400_000;

test('a certificate that ends while a connection stands: the next request over it is nobody’s, and a watch that was begun goes on', async (t) => {
  let shift = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + shift };
  const store = new MemoryStore();
  const { controlPlane } = await startKubectl(t, { signs: false, clock, store });
  const { certificate: cert, key } = world.identity('admin.conf');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const asked = async (): Promise<{ readonly status: number; readonly port: number }> =>
    new Promise((resolve, reject) => {
      get(
        { ...controlPlane.address, path: '/api/v1/nodes', agent, cert, key, ca: world.authority('ca') },
        (answer: IncomingMessage) => {
          const port = answer.socket.localPort ?? 0;
          answer.resume().once('end', () => resolve({ status: answer.statusCode ?? 0, port }));
        },
      ).once('error', reject);
    });
  const first = await asked();
  t.is(first.status, 200);

  const ending = new AbortController();
  t.teardown(() => ending.abort());
  const client = apiClient({
    to: controlPlane.address,
    authorities: [world.authority('ca')],
    identity: { certificate: cert, key },
    clock,
    userAgent: 'test',
  });
  const seen = new EventEmitter();
  const [before, after] = [once(seen, 'before'), once(seen, 'after')];
  const { body } = await client.call('GET', '/api/v1/namespaces', ending.signal);
  const revision = (body['metadata'] as { readonly resourceVersion: string }).resourceVersion;
  // Said before the certificate ends, so that the watch is known to stand.
  const name = (line: Readonly<Record<string, unknown>>): string =>
    (line['object'] as { readonly metadata: { readonly name: string } }).metadata.name;
  const watching = client.watch(
    `/api/v1/namespaces?watch=true&resourceVersion=${revision}`,
    ending.signal,
    (line) => {
      seen.emit(name(line));
      return name(line) === 'after' ? 'enough' : 'more';
    },
  );
  const make = async (one: string): Promise<unknown> =>
    store.create(`/registry/core/namespaces/${one}`, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: one },
    });
  await make('before');
  await before;

  shift = yearAndDay;
  const second = await asked();
  t.deepEqual(second, { status: 401, port: first.port }, 'over the same connection');
  await make('after');
  await after;
  await watching;
});
