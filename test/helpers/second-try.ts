/**
 * A test that failed is tried once more, when nothing else runs: a clock, a terminal or another program that came too late
 * beside other tests is told from a fault. What passes then is named in the output; what fails twice has failed.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** More failures than these have one cause, and are not tried again. */
export const mostTriedAgain = 20;

export interface Place {
  /** A compiled test file, below the folder that was given. */
  readonly file: string;
  readonly title: string;
}

/**
 * Where a failed test stands, from its line: `not ok 7 - GROUP › PATH › TITLE` of files that share a process
 * (test/helpers/together.ts), `not ok 7 - FOLDER › FILE.slow › TITLE` of those that have their own.
 * @param failure what the runner says of it, in TAP
 * @param folder of the compiled tests
 * @param exists whether there is such a file
 * @returns nothing for what is no test of a file: a process that ended, lint
 */
export function placeOf(
  failure: string,
  folder: string,
  exists: (path: string) => boolean = existsSync,
): Place | undefined {
  const words = /^not ok \d+ - (.+)/.exec(failure)?.[1]?.split(' › ') ?? [];
  // A title may hold the mark too: the longest path that is a file's counts.
  for (let count = words.length - 1; count > 0; count--)
    for (const path of [words.slice(0, count), words.slice(1, count)]) {
      const file = join(folder, `${path.join('/')}.test.js`);
      if (path.length > 0 && exists(file)) return { file, title: words.slice(count).join(' › ') };
    }
  return undefined;
}

/** The pattern by which AVA's --match finds a title and no other: `*` stands for anything, `!` at the start for "not". */
export const patternOf = (title: string): string => title.replace(/^!|[*\\]/g, String.raw`\$&`);
