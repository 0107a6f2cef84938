/** Failures made with real programs, each with a counterpart that works and differs in one setting. */
import test from 'ava';
import { atMost } from '../../helpers/in-turn.ts';
import { withPeer } from '../../helpers/peer.ts';
import type { Permission } from '../../helpers/peer.ts';
import { compare, isConfidentlyWrong, isRight, wordsOf } from './diagnosing.ts';
import type { Said } from './diagnosing.ts';
import { mayUnshare } from './namespaces.ts';
import type { Failure } from './setting.ts';
import { failures } from './table.ts';

/** Milliseconds in which a refusal is explained; a failure that must be waited for has its own. */
const quick = 2000;

const inTurn = atMost(3);
const isIsolated = ({ needs = [] }: Failure): boolean => needs.includes('unshare');
const made = new Map<Failure, Said>();
const done: Promise<unknown>[] = [];

let mayNow: boolean | undefined;
const namespaces: Permission = {
  name: 'network namespaces',
  isGranted: () => (mayNow ??= mayUnshare()),
};

for (const failure of failures)
  withPeer(
    failure.needs ?? [],
    failure.title,
    async (t) => {
      const result = inTurn(async () => compare(t, failure, (said) => made.set(failure, said)));
      done.push(result.catch(() => {}));
      await result;
    },
    isIsolated(failure) ? namespaces : undefined,
  );

test('none is diagnosed wrongly with confidence, and nearly all rightly', async (t) => {
  // All have begun: AVA starts them in their order, and this one last.
  await Promise.all(done);
  const all = [...made];
  const counts = { proven: 0, likely: 0, unknown: 0 };
  for (const [, { confidence }] of all) if (confidence in counts) counts[confidence as keyof typeof counts]++;
  t.log(`${all.length} failures:`, counts);
  t.deepEqual(
    all
      .filter(([failure, said]) => isConfidentlyWrong(failure, said))
      .map(([failure, said]) => `${failure.title}: ${wordsOf(said)}`),
    [],
  );
  const right = all.filter(([failure, said]) => isRight(failure, said)).length;
  t.true(right >= 0.95 * all.length, `${right} of ${all.length}`);
  const times = all
    .filter(([{ within }]) => within === undefined)
    .map(([, { milliseconds }]) => milliseconds)
    .toSorted((a, b) => a - b);
  t.true(
    (times[Math.floor(times.length / 2)] ?? 0) < quick,
    'half of the refusals take longer than two seconds',
  );
});
