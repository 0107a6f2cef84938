/**
 * Moves what an earlier version stored under keys of its own (`/registry/core/secrets/…`) to those of kube-apiserver
 * (`/registry/secrets/…`). Run at the start, before anything is read.
 *
 * 1. Each object is written and removed in one transaction: whenever it ends, it is at one place or at the other, and
 *    the next start goes on.
 * 2. Nothing is overwritten: an object that is at both places is an error, and stays at both.
 */
import { StoreFailure } from '../../store/store.ts';
import { prefixEnd } from '../client.ts';
import type { CallOptions, EtcdClient } from '../client.ts';
import type { KeyValue } from '../client-messages.ts';
import { StorageKeys, storagePrefixes } from './keys.ts';

/** What is read, and moved, at a time: etcd takes 128 operations and 1.5 MiB in a transaction. */
const most = { objects: 40, bytes: 512 * 1024 } as const;

/** @returns how many were moved. @throws StoreFailure, and as the client. */
export async function moveEarlierKeys(client: EtcdClient, call: CallOptions): Promise<number> {
  const keys = new StorageKeys();
  let moved = 0;
  const spans = storagePrefixes.map(({ inServer }) => ({ key: inServer, end: prefixEnd(inServer) }));
  // Usually there is nothing, and that is asked at once.
  const { found } = await client.transact(
    {
      compare: [],
      success: spans.map((span) => ({ range: { ...span, limit: 1, keysOnly: true } })),
      failure: [],
    },
    call,
  );
  for (const span of spans.filter((_, at) => found[at]?.length !== 0)) {
    for (;;) {
      const { items } = await client.range({ ...span, limit: most.objects }, call);
      if (items.length === 0) break;
      for (const batch of batches(items)) moved += await move(client, keys, batch, call);
    }
  }
  return moved;
}

async function move(
  client: EtcdClient,
  keys: StorageKeys,
  items: readonly KeyValue[],
  call: CallOptions,
): Promise<number> {
  const places = items.map((item) => ({ item, to: keys.place(item.key.toString()) }));
  const { succeeded, found } = await client.transact(
    {
      compare: places.flatMap(({ item, to }) => [
        { key: to, target: 'CREATE', equal: 0 },
        { key: item.key, target: 'MOD', equal: item.modRevision },
      ]),
      success: places.flatMap(({ item, to }) => [
        { put: { key: to, value: item.value } },
        { remove: { key: item.key } },
      ]),
      failure: places.map(({ to }) => ({ range: { key: to, keysOnly: true } })),
    },
    call,
  );
  if (succeeded) return items.length;
  const taken = found.flat()[0]?.key.toString();
  const twin = places.find(({ to }) => to === taken);
  // Another process has changed or moved them: what is left is read again.
  if (!twin) return 0;
  throw new StoreFailure(
    `an object is stored twice, under ${twin.item.key.toString()} as an earlier version of wirelab did and under ${twin.to}`,
  );
}

function* batches(items: readonly KeyValue[]): Generator<readonly KeyValue[]> {
  let batch: KeyValue[] = [];
  let bytes = 0;
  for (const item of items) {
    if (batch.length > 0 && bytes + item.value.length > most.bytes) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(item);
    bytes += item.value.length;
  }
  if (batch.length > 0) yield batch;
}
