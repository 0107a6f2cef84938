/** Finds in what a program wrote the sentence that says why its connection failed. */
import { goWords } from './go-words.ts';
import { gnutlsWords } from './gnutls-words.ts';
import { javaWords } from './java-words.ts';
import { opensslWords } from './openssl-words.ts';
import { ownWords } from './own-words.ts';
import type { Program } from './program.ts';
import type { Saying } from './saying.ts';

/** Those of a program itself come before those of its library: they are more specific. */
export const sayings: readonly Saying[] = [
  ...ownWords,
  ...opensslWords,
  ...gnutlsWords,
  ...goWords,
  ...javaWords,
];

export interface Heard {
  readonly saying: Saying;
  /** The line in which it stands, as it was written. */
  readonly line: string;
}

export interface Written {
  readonly stdout: string;
  readonly stderr: string;
  readonly code?: number;
}

/** More is cut: a line is for reading. */
const longestLine = 300;

/**
 * Of several the last: programs try again, and end with what made them give up. On one line the first row that fits counts.
 * What a server sent is not heard: neither the standard output of most programs, nor the headers that curl shows.
 */
export function hear({ stdout, stderr, code }: Written, program: Program | undefined): Heard | undefined {
  const rows = program ? sayings.filter(({ library }) => program.libraries.includes(library)) : sayings;
  const said = program?.speaksOnStdout ? `${stdout}\n${stderr}` : stderr;
  const lines = said.split(/\r?\n/).filter((line) => !/^[<>{}] /.test(line));
  let nobody: Heard | undefined;
  let server: Heard | undefined;
  for (const line of lines.toReversed()) {
    const saying = rows.find(({ pattern }) => pattern.test(line));
    if (!saying) continue;
    const heard = { saying, line: line.trim().slice(0, longestLine) };
    // What it refuses itself is worth more than what it was told.
    if (saying.by === 'client') return heard;
    if (saying.by === 'server') server ??= heard;
    else nobody ??= heard;
  }
  const isRefusing = code !== undefined && program?.refusing?.includes(code);
  return isRefusing ? { saying: byCode, line: `exit code ${code}` } : (server ?? nobody);
}

/** Silent programs say as much. */
const byCode: Saying = {
  library: 'curl',
  pattern: /(?!)/,
  by: 'client',
  cause: 'certificate_not_accepted',
};
