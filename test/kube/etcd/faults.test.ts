/**
 * An etcd that is refused, slow, killed, or full, between it and an API server's store: what is waited for, what is said, and
 * that nothing is lost that was acknowledged.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Address } from '../../../src/capture/event.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { startEmbeddedEtcd } from '../../../src/kube/etcd/embedded.ts';
import type { EmbeddedEtcd } from '../../../src/kube/etcd/embedded/embedded-options.ts';
import { StoreCompacted, StoreConflict, StoreFull, StoreUnavailable } from '../../../src/kube/store/store.ts';
import { EtcdStore } from '../../../src/kube/etcd/etcd-store.ts';
import type { StoreReport } from '../../../src/kube/etcd/etcd-store.ts';
import type { RealEtcdReport } from '../../../src/kube/etcd/etcd-log.ts';
import { nowhere } from '../../helpers/nowhere.ts';
import { withPeer } from '../../helpers/peer.ts';
import { clientOf, newPlace, onEveryEtcd, startTestEtcd, storeAt, world } from '../support/etcd.ts';
import { configMap, configMaps, startCluster } from '../support/cluster.ts';
import { watch } from '../support/server-cases.ts';
import { Relay } from '../support/relay.ts';
import { objectOf, watchedBy } from '../support/store-cases.ts';

const key = (name: string): string => `/registry/core/configmaps/default/${name}`;
const all = '/registry/core/';
const asking = { signal: new AbortController().signal };
const kinds = (reports: readonly { readonly kind: string }[]): string[] => reports.map(({ kind }) => kind);

test('that there is no etcd is said when patience is over, and that nothing was done', async (t) => {
  const reports: StoreReport[] = [];
  const store = storeAt(t, nowhere, { patience: 100, onReport: (report) => void reports.push(report) });
  for (const ask of [
    async () => store.get(key('a')),
    async () => store.list(all),
    async () => store.create(key('a'), objectOf('a')),
    async () => store.remove(key('a')),
    async () =>
      store.watch(
        all,
        0,
        () => {},
        () => {},
      ),
  ]) {
    const error = await t.throwsAsync(ask, { instanceOf: StoreUnavailable });
    t.is(error?.outcome, 'not-done');
  }
  t.false(await store.health());
  t.deepEqual(kinds(reports), ['lost']);
  t.regex(
    reports[0]?.text.en ?? '',
    /^etcd does not answer: no connection to the target could be made \(ECONNREFUSED\)$/,
  );
});

onEveryEtcd('an etcd that comes late is waited for: reads and writes are done then', async (t, backend) => {
  const relay = await Relay.start(t, (await backend.shared()).etcd.address);
  relay.refuse();
  const reports: StoreReport[] = [];
  let say = (): void => {};
  const lost = new Promise<void>((resolve) => (say = resolve));
  const store = storeAt(t, relay.address, {
    prefix: newPlace(),
    onReport: (report) => {
      reports.push(report);
      say();
    },
  });
  const writing = store.create(key('a'), objectOf('a'));
  const reading = store.list('/registry/apps/');
  await lost;
  await relay.open();
  t.deepEqual((await reading).items, []);
  t.deepEqual(await store.get(key('a')), await writing);
  t.deepEqual(kinds(reports), ['lost', 'regained']);
});

onEveryEtcd(
  'a write that etcd does not answer in time may have been done, and it is said so; reads wait',
  async (t, backend) => {
    const relay = await Relay.start(t, (await backend.shared()).etcd.address);
    const [client, prefix] = [clientOf(t, relay.address), newPlace()];
    const [store, hasty] = [60_000, 300].map(
      (timeout) => new EtcdStore({ client, prefix, patience: 60_000, timeout }),
    ) as [EtcdStore, EtcdStore];
    for (const one of [store, hasty]) t.teardown(async () => one.close());
    // It follows, and asks over a connection that is there: in a hurry is only the one write that nobody answers, on a busy machine too.
    await watchedBy(hasty, all, 0);
    const made = await store.create(key('a'), objectOf('a'));
    relay.hold();
    const error = await t.throwsAsync(hasty.update(key('a'), objectOf('a', { data: {} }), made.revision), {
      instanceOf: StoreUnavailable,
      message: 'etcdserver: request timed out',
    });
    t.is(error?.outcome, 'unknown');
    const reading = store.get(key('a'));
    relay.letGo();
    // Done or not: it is one of the two, and the next write is held to what it is.
    const now = await reading;
    t.true(now !== undefined && now.revision >= made.revision);
    await store.update(key('a'), objectOf('a', { data: { b: '1' } }), now?.revision ?? 0);
    if (now?.revision !== made.revision)
      await t.throwsAsync(store.update(key('a'), objectOf('a'), made.revision), {
        instanceOf: StoreConflict,
      });
  },
);

onEveryEtcd(
  'a watch whose stream is cut goes on behind what it was told, and one that says nothing is given up',
  async (t, backend) => {
    const relay = await Relay.start(t, (await backend.shared()).etcd.address);
    const prefix = newPlace();
    const store = storeAt(t, relay.address, { prefix, silence: 300 });
    const writer = await backend.store(t, { prefix });
    const made = await store.create(key('n'), objectOf('n'));
    const watched = await watchedBy(store, all, made.revision);
    let { revision } = made;
    const expected: number[] = [];
    for (let n = 0; n < 60; n++) {
      if (n % 15 === 7) relay.cut();
      ({ revision } = await writer.update(key('n'), objectOf('n', { data: { n } }), revision));
      expected.push(revision);
    }
    await watched.until(60);
    t.deepEqual(
      watched.events.map((event) => event.revision),
      expected,
    );
    // From here on the stream is silent, and not broken: what this store writes itself tells it so.
    relay.deafen();
    const late = await store.create(key('late'), objectOf('late'));
    await watched.until(61);
    t.is(watched.events.at(-1)?.revision, late.revision);
  },
);

onEveryEtcd(
  'whoever watches is told when etcd has forgotten what it missed, over the API as 410',
  async (t, backend) => {
    const { etcd } = await backend.own(t);
    const relay = await Relay.start(t, etcd.address);
    const reports: StoreReport[] = [];
    const store = storeAt(t, relay.address, {
      compactEvery: 0,
      onReport: (report) => void reports.push(report),
    });
    const cluster = await startCluster(t, { store });
    const watched = await watchedBy(store, all, (await store.list(all)).revision);
    const watching = await watch(cluster, '');
    t.is((await watching.next()).type, 'ADDED');
    relay.refuse();
    const direct = storeAt(t, etcd.address, { compactEvery: 0 });
    let { revision } = await direct.create(key('a'), objectOf('a'));
    for (let n = 0; n < 3; n++)
      ({ revision } = await direct.update(key('a'), objectOf('a', { data: { n } }), revision));
    await clientOf(t, etcd.address).compact(revision - 1, asking);
    await relay.open();
    t.true((await watched.lost) instanceof StoreCompacted);
    const last = await watching.next();
    t.deepEqual([last.type, last.object['code'], last.object['reason']], ['ERROR', 410, 'Expired']);
    await watching.ended;
    t.deepEqual(kinds(reports), ['connected', 'lost', 'regained', 'compacted']);
    // And from then on nothing is missing again.
    const again = await watchedBy(store, all, (await store.list(all)).revision);
    const made = await direct.create(key('b'), objectOf('b'));
    await again.until(1);
    t.is(again.events[0]?.revision, made.revision);
  },
);

interface Restarted {
  readonly address: Address;
  /** Ends it, however it is in the middle of things, and starts it again. */
  readonly again: () => Promise<void>;
}

/** Two hundred writes of eight writers, with that in the middle. */
async function survives(t: ExecutionContext, { address, again }: Restarted): Promise<void> {
  const store = storeAt(t, address, { patience: 20_000 });
  const made = await store.create(key('first'), objectOf('first'));
  const watched = await watchedBy(store, all, made.revision);
  const acknowledged = new Map<string, number>();
  const uncertain = new Set<string>();
  let restarting: Promise<void> | undefined;
  const write = async (name: string): Promise<void> => {
    try {
      acknowledged.set(name, (await store.create(key(name), objectOf(name))).revision);
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || error.outcome !== 'unknown') throw error;
      uncertain.add(name);
    }
    if (acknowledged.size === 60) restarting ??= again();
  };
  await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; n < 25; n++) await write(`w${writer}-${n}`);
    }),
  );
  await restarting;
  t.is(acknowledged.size + uncertain.size, 200);
  t.true(uncertain.size <= 8, String(uncertain.size));
  const { items } = await store.list(all);
  const there = new Map(items.map((item) => [item.object.metadata.name, item.revision]));
  for (const [name, revision] of acknowledged) t.is(there.get(name), revision, name);
  // Told of each once and in order, those included whose answer was lost.
  await watched.until(items.length - 1);
  t.deepEqual(
    watched.events.map((event) => event.revision),
    items
      .map((item) => item.revision)
      .filter((revision) => revision > made.revision)
      .toSorted((one, other) => one - other),
  );
  const changed = await store.update(key('first'), objectOf('first', { data: {} }), made.revision);
  await t.throwsAsync(store.update(key('first'), objectOf('first'), made.revision), {
    instanceOf: StoreConflict,
  });
  t.true(changed.revision > made.revision);
}

withPeer(
  'etcd',
  'real: killed in the middle of many writes and started again, it has all that was acknowledged, and a stale version is refused',
  async (t) => {
    const reports: RealEtcdReport[] = [];
    const { etcd, end } = await startTestEtcd({ onReport: (report) => void reports.push(report) });
    t.teardown(end);
    await survives(t, {
      address: etcd.address,
      async again() {
        process.kill(etcd.pid, 'SIGKILL');
        await etcd.exited;
        await etcd.startAgain();
      },
    });
    t.deepEqual(kinds(reports), ['ready', 'crashed', 'ready']);
    t.regex(reports[1]?.text.en ?? '', /SIGKILL/);
  },
);

test('embedded: ended in the middle of many writes and started again, it has all that was acknowledged, and a stale version is refused', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-etcd-'));
  const start = async (port: number): Promise<EmbeddedEtcd> =>
    startEmbeddedEtcd({
      listen: { host: '127.0.0.1', port },
      identity: world.identity('etcd-server'),
      clientAuthorities: [world.authority('etcd-ca')],
      folder: join(folder, 'data'),
      clock: systemClock,
    });
  let etcd = await start(0);
  t.teardown(async () => {
    await etcd.close(0);
    rmSync(folder, { recursive: true, force: true });
  });
  const { port } = etcd.address;
  await survives(t, {
    address: etcd.address,
    async again() {
      await etcd.close(0);
      etcd = await start(port);
    },
  });
});

onEveryEtcd('a full etcd refuses writes in its own words, and is read on', async (t, backend) => {
  const { etcd } = await backend.own(t, { quotaBytes: 1024 * 1024 });
  const store = storeAt(t, etcd.address);
  const cluster = await startCluster(t, { store });
  let stored = 0;
  const fill = async (): Promise<void> => {
    for (;;) {
      await store.create(key(`big-${stored}`), objectOf('big', { data: { a: 'x'.repeat(100_000) } }));
      stored++;
    }
  };
  await t.throwsAsync(fill, { instanceOf: StoreFull });
  t.true(stored > 2, String(stored));
  const { code, body } = await cluster.call(configMaps, { body: configMap('x', { a: 'x'.repeat(1000) }) });
  t.deepEqual(
    [code, body['message'], body['reason']],
    [500, 'etcdserver: mvcc: database space exceeded', undefined],
  );
  t.is((await cluster.call(`${configMaps}/kube-root-ca.crt`)).code, 200);
  // Once taken for exact, and now and then one too few: the real etcd also refuses what it has just written, when that made it full.
  const there = (await store.list(all)).items.filter(({ object }) => object.metadata.name === 'big').length;
  t.true(there === stored || there === stored + 1, `${there} of ${stored}`);
});

onEveryEtcd(
  'an API server whose etcd is gone says so, and is well again when etcd is; another on the same etcd has everything',
  async (t, backend) => {
    const { etcd } = await backend.shared();
    const relay = await Relay.start(t, etcd.address);
    const prefix = newPlace();
    // As long as a whole cluster takes to begin here and now: a busy machine is no etcd that is gone.
    const before = performance.now();
    await (await startCluster(t, { store: storeAt(t, relay.address, { prefix }) })).server.close();
    const cluster = await startCluster(t, {
      store: storeAt(t, relay.address, { prefix, patience: Math.max(1500, performance.now() - before) }),
    });
    const made = await cluster.call(configMaps, { body: configMap('app', { a: '1' }) });
    t.is(made.code, 201);
    t.is((await cluster.call('/readyz')).text, 'ok');
    t.is((await cluster.call('/readyz?verbose')).text, '[+]ping ok\n[+]etcd ok\nreadyz check passed\n');
    relay.refuse();
    for (const probe of ['readyz', 'livez', 'healthz']) {
      const { code, text } = await cluster.call(`/${probe}`);
      t.deepEqual(
        [code, text],
        [500, `[+]ping ok\n[-]etcd failed: reason withheld\n${probe} check failed\n`],
      );
    }
    t.is((await cluster.call('/readyz/ping')).code, 200);
    t.is((await cluster.call('/readyz/etcd')).code, 500);
    t.is((await cluster.call('/readyz/nothing')).code, 404);
    const refused = await cluster.call(`${configMaps}/app`, {
      method: 'PUT',
      body: { ...made.body, data: { a: '2' } },
    });
    t.is(refused.code, 500);
    t.deepEqual([refused.body['status'], refused.body['reason']], ['Failure', undefined]);
    t.regex(String(refused.body['message']), /^etcd cannot be reached: /);
    await relay.open();
    t.is((await cluster.call('/readyz')).code, 200);
    await cluster.server.close();
    const next = await startCluster(t, { store: storeAt(t, relay.address, { prefix }) });
    const found = await next.call(`${configMaps}/app`);
    t.deepEqual(found.body, made.body);
    t.is(
      (await next.call(`${configMaps}/app`, { method: 'PUT', body: { ...made.body, data: { a: '2' } } }))
        .code,
      200,
    );
    t.is((await next.call(`${configMaps}/app`, { method: 'PUT', body: made.body })).code, 409);
  },
);

test('an etcd that comes back with older data is not taken for the one that there was', async (t) => {
  const start = async (port: number): Promise<EmbeddedEtcd> =>
    startEmbeddedEtcd({
      listen: { host: '127.0.0.1', port },
      identity: world.identity('etcd-server'),
      clientAuthorities: [world.authority('etcd-ca')],
      clock: systemClock,
    });
  let etcd = await start(0);
  t.teardown(async () => etcd.close(0));
  const reports: StoreReport[] = [];
  const store = storeAt(t, etcd.address, { onReport: (report) => void reports.push(report) });
  let { revision } = await store.create(key('a'), objectOf('a'));
  for (let n = 0; n < 5; n++)
    ({ revision } = await store.update(key('a'), objectOf('a', { data: { n } }), revision));
  const watched = await watchedBy(store, all, revision);
  await etcd.close(0);
  etcd = await start(etcd.address.port);
  t.true((await watched.lost) instanceof StoreCompacted);
  t.deepEqual(kinds(reports), ['connected', 'lost', 'regained', 'replaced']);
  const again = await watchedBy(store, all, (await store.list(all)).revision);
  const made = await store.create(key('b'), objectOf('b'));
  await again.until(1);
  t.is(again.events[0]?.revision, made.revision);
});
