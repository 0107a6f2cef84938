/**
 * Proves a lab: with the files of a solution every task is done, and nothing else is taken for a solution, neither a folder in which
 * nothing has been done nor the attempts that the author calls wrong.
 */
import { attempt, demandFolder } from './attempt.ts';
import type { AttemptOptions } from './attempt.ts';
import { comesOutRight, provesNothing } from './outcome.ts';
import type { AttemptKind, Proof, ProofAttempt } from './outcome.ts';

export interface ProofOptions extends Omit<AttemptOptions, 'files'> {
  readonly solution: string;
  readonly wrong: readonly string[];
  /** Called after each attempt. */
  readonly onAttempt?: (attempt: ProofAttempt) => void;
}

/** @throws UserError where an attempt cannot be made. */
export async function proveLab({ solution, wrong, onAttempt, ...options }: ProofOptions): Promise<Proof> {
  for (const folder of [solution, ...wrong]) demandFolder(folder);
  const attempts: ProofAttempt[] = [];
  const rows: readonly (readonly [AttemptKind, string | undefined])[] = [
    ['start', undefined],
    ['solution', solution],
    ...wrong.map((folder) => ['wrong', folder] as const),
  ];
  for (const [kind, folder] of rows) {
    if (options.signal.aborted) break;
    const named = folder === undefined ? {} : { folder };
    const results = await attempt({ ...options, ...(folder === undefined ? {} : { files: folder }) });
    // An interrupted check proves nothing.
    if (options.signal.aborted) break;
    const made: ProofAttempt = {
      kind,
      ...named,
      results,
      holds: comesOutRight(kind, results),
      provesNothing: provesNothing(kind, results),
    };
    attempts.push(made);
    onAttempt?.(made);
  }
  return { attempts, holds: attempts.length === rows.length && attempts.every(({ holds }) => holds) };
}
