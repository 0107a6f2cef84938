/** Has a hostile server diagnosed: the answer comes in time, its exit code fits, and nothing is proven that is not so. */
import type { ExecutionContext } from 'ava';
import { diagnosed, wordsOf } from './diagnosing.ts';
import { hostile } from './hostile.ts';
import { trusts } from './rows/server-certificates.ts';

/** Milliseconds: those of a diagnosis, its last attempt, and a machine that does other things too. */
const longest = 40_000;

export async function holds(t: ExecutionContext, seed: number): Promise<void> {
  const { title, serve, provable, isWell } = hostile(seed);
  const said = await diagnosed({ serve, host: '127.0.0.1', call: trusts() });
  const words = `${title}: ${wordsOf(said)}\n${JSON.stringify(said.line).slice(0, 2000)}`;
  t.log(`${title}: ${wordsOf(said)}`);
  t.is(said.stderr, '', words);
  t.true(said.milliseconds < longest, words);
  const fitting = said.cause === 'none' ? 0 : said.confidence === 'unknown' ? 3 : 1;
  t.is(said.exitCode, fitting, words);
  t.true(said.cause !== 'none' || isWell, words);
  t.true(said.cause === 'none' || said.confidence !== 'proven' || provable.includes(said.cause), words);
}
