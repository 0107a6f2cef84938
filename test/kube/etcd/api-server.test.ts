/** The API server on etcd: the same cases as on a store in memory, and the wire between the two as a sniffer sees it. */
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { streamOf } from '../../wire/support/streams.ts';
import { configMap, configMaps, startCluster } from '../support/cluster.ts';
import { onEveryEtcd } from '../support/etcd.ts';
import { serverCases } from '../support/server-cases.ts';

for (const [title, run] of serverCases) {
  onEveryEtcd(title, async (t, etcd) =>
    run(t, async (context, options) =>
      startCluster(context, { store: await etcd.store(context), ...options }),
    ),
  );
}

onEveryEtcd(
  'tapped, what goes to etcd lies open above TLS and nowhere below, in one conversation of many requests',
  async (t, backend) => {
    const log = new CaptureLog({ clock: systemClock });
    const cluster = await startCluster(t, {
      store: await backend.store(t, { client: { tap: { log, hop: 'B' }, connections: 1 } }),
    });
    for (let n = 0; n < 5; n++)
      await cluster.call(configMaps, { body: configMap(`seen-${n}`, { password: 'tiger-lily' }) });
    const seen = Buffer.from('tiger-lily').toString('base64').slice(0, 8);
    const said = streamOf(log, 'B', 'plaintext', 'client').toString();
    const values = [...said.matchAll(/"value":"([^"]*)"/g)].map(([, value = '']) =>
      Buffer.from(value, 'base64').toString(),
    );
    t.true(values.some((value) => value.includes('tiger-lily')));
    t.false(streamOf(log, 'B', 'wire', 'client').includes(seen));
    t.true(said.split('POST /v3/kv/txn HTTP/1.1').length > 5);
    // One for requests, one for the watch.
    t.is(log.events.filter(({ type }) => type === 'opened').length, 2);
    t.is(
      log.events.filter((event) => event.type === 'secured' && event.peer?.subject.includes('cp1')).length,
      2,
    );
  },
);
