/**
 * What takes long and adds little to what the tests beside it show: more peers of the same kind, every row of a long list.
 * `make test` runs a share of it and `make test-peers` all. A test file with such a part stands beside a `.slow.test.ts` that
 * imports it (slow.test.ts checks that it does), so that nothing is left out everywhere.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { withPeer } from './peer.ts';

/** Whether everything is tried, as `make test-peers` does. */
export const isAtLength = process.env['WIRELAB_SLOW'] === '1';

type Implementation = (t: ExecutionContext) => Promise<void> | void;

/** A test of `make test-peers` alone. */
export function testAtLength(title: string, run: Implementation): void {
  if (isAtLength) test(title, run);
}

/** As `withPeer`, in `make test-peers` alone: the same peer admits or refuses in a test that `make test` runs. */
export function withPeerAtLength(
  peers: string | readonly string[],
  title: string,
  run: Implementation,
): void {
  if (isAtLength) withPeer(peers, title, run);
}

/** How often something is tried: as often as that, or in `make test` less often. */
export const timesOf = (atLength: number, share: number): number => (isAtLength ? atLength : share);

/** Of rows in their order: all, or one of each kind and then every so manieth until there are `count`. */
export function shareOf<T>(
  rows: readonly T[],
  count: number,
  kindOf: (row: T) => unknown = () => '',
): readonly T[] {
  if (isAtLength || rows.length <= count) return rows;
  const kinds = new Set<unknown>();
  const first = rows.filter((row) => !kinds.has(kindOf(row)) && kinds.add(kindOf(row)));
  const step = Math.ceil(rows.length / Math.max(1, count - first.length));
  const chosen = new Set([...first, ...rows.filter((_, at) => count > first.length && at % step === 0)]);
  return rows.filter((row) => chosen.has(row));
}
