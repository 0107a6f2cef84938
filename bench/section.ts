/** A part of the report: its text in Markdown, its figures for the machine-readable file, its plots. */
import type { Plot } from './plot.ts';

export interface Section {
  readonly lines: readonly string[];
  /** What results.json keeps of it. */
  readonly data: unknown;
  readonly plots?: readonly Plot[];
  /** Where wirelab lost a byte, a connection or a report: the bench then ends with 1. */
  readonly failures?: readonly string[];
}

/** `at least 0.9: 1.02, reached`: what was asked, what it came to, and whether that is enough. */
export function asked(
  limit: { readonly atLeast: number } | { readonly atMost: number },
  got: number,
): string {
  const isReached = 'atLeast' in limit ? got >= limit.atLeast : got <= limit.atMost;
  const words = 'atLeast' in limit ? `at least ${limit.atLeast}` : `at most ${limit.atMost}`;
  return `${words}: ${isReached ? 'reached' : '**not reached**'}`;
}
