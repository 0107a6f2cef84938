/** Foreign JSON: how deep it may be, and that what is deeper costs nothing. */
import test from 'ava';
import { depthLimit, isDeeperThan, JsonError, parseJson } from '../../../src/kube/objects/json.ts';
import { cpuTime } from '../../helpers/cpu-time.ts';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

test('the limit counts lists and objects in each other, and no mark inside of a string', (t) => {
  t.false(isDeeperThan(parseJson(nested(depthLimit + 1)), depthLimit));
  t.true(isDeeperThan(JSON.parse(nested(depthLimit + 2)), depthLimit));
  t.throws(() => parseJson(nested(depthLimit + 2)), { instanceOf: JsonError, message: 'exceeded max depth' });
  t.throws(() => parseJson('{"a":'.repeat(depthLimit + 2)), { message: 'exceeded max depth' });
  for (const text of ['['.repeat(1000), '"['.repeat(500), '\\'.repeat(999), '{"'.repeat(300)])
    t.is(parseJson(JSON.stringify(text)), text);
  t.is((parseJson(`[${'[[],{}],'.repeat(1000)}0]`) as unknown[]).length, 1001);
});

test('megabytes of brackets are refused at once', (t) => {
  const began = cpuTime();
  for (const text of ['['.repeat(3_000_000), nested(1_500_000), '{"a":'.repeat(600_000)])
    t.throws(() => parseJson(text), { instanceOf: JsonError, message: 'exceeded max depth' });
  t.true(cpuTime() - began < 500, String(cpuTime() - began));
});
