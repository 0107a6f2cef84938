/**
 * Counts what the test runner says in TAP: what passed, failed and was skipped, and for which absent peer. Pure.
 */

export interface Tally {
  readonly passed: number;
  /** Every failed test with what the runner says of it. */
  readonly failures: readonly string[];
  readonly skipped: number;
  /** How many tests each absent peer kept from running, by its name. A test that needs two counts for both. */
  readonly absentPeers: ReadonlyMap<string, number>;
  /** The titles of tests that were skipped for another reason. */
  readonly skippedOtherwise: readonly string[];
}

/** What `withPeer` puts behind the title of a test that it skips. */
export const skippedTitle = (title: string, absent: readonly string[]): string =>
  `${title} [not installed: ${absent.join(', ')}]`;

export function tallyOf(tap: string): Tally {
  let passed = 0;
  let skipped = 0;
  const failures: string[] = [];
  const absentPeers = new Map<string, number>();
  const skippedOtherwise: string[] = [];
  // A point reaches to the next one, or to the line that begins the runner's own summary.
  for (const [point] of tap.matchAll(/^(?:not )?ok \d+[^]*?(?=^(?:not )?ok \d+|^\d+\.\.\d+$|$(?![^]))/gm)) {
    const [line = ''] = point.split('\n');
    if (line.startsWith('not ok')) {
      failures.push(point.trimEnd());
    } else if (line.endsWith(' # SKIP')) {
      skipped++;
      const peers = /\[not installed: (.+)\] # SKIP$/.exec(line)?.[1]?.split(', ');
      if (!peers) skippedOtherwise.push(line.replace(/^ok \d+ (?:- )?/, '').replace(/ # SKIP$/, ''));
      for (const peer of peers ?? []) absentPeers.set(peer, (absentPeers.get(peer) ?? 0) + 1);
    } else {
      passed++;
    }
  }
  return { passed, failures, skipped, absentPeers, skippedOtherwise };
}

/** The line that a build server reads: it stands alone, and last. */
export function closingLine({
  passed,
  failed,
  skipped,
}: {
  passed: number;
  failed: number;
  skipped: number;
}): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
