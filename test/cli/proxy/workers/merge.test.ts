/** Several sources in one order: nothing comes before something lower, nothing is lost, and nobody is waited for long. */
import test from 'ava';
import { Merge } from '../../../../src/cli/proxy/workers/merge.ts';

const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function merged(patience?: number): { readonly merge: Merge<number>; readonly given: number[] } {
  const given: number[] = [];
  const merge = new Merge<number>({
    deliver: (item) => given.push(item),
    ...(patience === undefined ? {} : { patience }),
  });
  return { merge, given };
}

test('an item is delivered once no source can bring a lower one', async (t) => {
  const { merge, given } = merged();
  merge.begin();
  const [one, other] = [merge.source(() => {}), merge.source(() => {})];
  one.reached(0);
  other.reached(0);
  one.put(3, 3);
  one.put(7, 7);
  await turn();
  t.deepEqual(given, []);
  other.put(5, 5);
  await turn();
  t.deepEqual(given, [3, 5]);
  other.reached(8);
  await turn();
  t.deepEqual(given, [3, 5, 7]);
});

test('what has the same number stays together, in its order', async (t) => {
  const given: string[] = [];
  const merge = new Merge<string>({ deliver: (item) => given.push(item) });
  merge.begin();
  const [one, other] = [merge.source(() => {}), merge.source(() => {})];
  other.put(2, 'other 2');
  one.put(1, 'a');
  one.put(1, 'b');
  one.put(4, 'c');
  other.reached(9);
  await turn();
  t.deepEqual(given, ['a', 'b', 'other 2', 'c']);
});

test('nothing is delivered before the beginning', async (t) => {
  const { merge, given } = merged();
  const source = merge.source();
  source.put(1, 1);
  await turn();
  t.deepEqual(given, []);
  merge.begin();
  t.deepEqual(given, [1]);
});

test('a source that has never spoken holds nobody back; neither does one that has ended', async (t) => {
  const { merge, given } = merged();
  merge.begin();
  const [one, ended] = [merge.source(() => {}), merge.source(() => {})];
  merge.source(() => {});
  ended.put(2, 2);
  one.put(5, 5);
  await turn();
  t.deepEqual(given, [2]);
  ended.end();
  await turn();
  t.deepEqual(given, [2, 5]);
});

test('a silent source is asked, and its answer is enough', async (t) => {
  const { merge, given } = merged();
  merge.begin();
  const one = merge.source(() => {});
  const asked = new Promise<void>((resolve) => {
    const silent = merge.source(() => {
      resolve();
      silent.reached(10);
    });
    silent.reached(0);
  });
  one.put(4, 4);
  await asked;
  await turn();
  t.deepEqual(given, [4]);
});

test('a source that does not answer is not waited for; what it brings later is delivered all the same', async (t) => {
  const given: number[] = [];
  let onGiven = (): void => {};
  const merge = new Merge<number>({
    deliver: (item) => {
      given.push(item);
      onGiven();
    },
    patience: 5,
  });
  merge.begin();
  const [one, stuck] = [merge.source(() => {}), merge.source(() => {})];
  one.reached(0);
  stuck.reached(0);
  const delivered = new Promise<void>((resolve) => (onGiven = resolve));
  one.put(4, 4);
  await delivered;
  t.deepEqual(given, [4]);
  stuck.put(2, 2);
  one.reached(9);
  await turn();
  t.deepEqual(given, [4, 2]);
});

test('at the end everything that waits is delivered, in order', (t) => {
  const { merge, given } = merged();
  const sources = Array.from({ length: 3 }, () => merge.source(() => {}));
  for (let seq = 0; seq < 300; seq++) sources[(seq * 7) % 3]?.put(seq, seq);
  merge.finish();
  t.deepEqual(
    given,
    Array.from({ length: 300 }, (_, seq) => seq),
  );
});
