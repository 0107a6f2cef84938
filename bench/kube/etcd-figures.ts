/** What the benchmark of stores measures on both sides: so many at a time, how many a second, and how long one took. */
import type { EtcdClient } from '../../src/kube/etcd/client.ts';

export interface Figures {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export const clients = 8;

/** Does it so many times, by eight at a time. */
export async function measure(count: number, once: (n: number) => Promise<void>): Promise<Figures> {
  const took: number[] = [];
  let next = 0;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let n = next++; n < count; n = next++) {
        const began = performance.now();
        await once(n);
        took.push(performance.now() - began);
      }
    }),
  );
  const seconds = (performance.now() - from) / 1000;
  const sorted = took.toSorted((one, other) => one - other);
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { perSecond: count / seconds, p50: at(0.5), p99: at(0.99) };
}

/** Creations as a store does them, of values as large as a signed request, without a store. */
export async function transactions(client: EtcdClient, count: number): Promise<Figures> {
  const value = 'x'.repeat(2_500);
  const asking = { signal: new AbortController().signal };
  return measure(count, async (n) => {
    const key = `/alone/${n}`;
    await client.transact(
      { compare: [{ key, target: 'CREATE', equal: 0 }], success: [{ put: { key, value } }], failure: [] },
      asking,
    );
  });
}
