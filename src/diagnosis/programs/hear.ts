/** Finds in what a program wrote the sentence that says why its connection failed. */
import { defined } from '../../core/defined.ts';
import { clientWords } from './client-words.ts';
import { goWords } from './go-words.ts';
import { gnutlsWords } from './gnutls-words.ts';
import { javaWords } from './java-words.ts';
import { opensslWords } from './openssl-words.ts';
import { ownWords } from './own-words.ts';
import type { Program } from './program.ts';
import type { Saying } from './saying.ts';
import { troubleWords } from './trouble-words.ts';

/** Those of a program itself come before those of its library: they are more specific. */
export const sayings: readonly Saying[] = [
  ...troubleWords,
  ...ownWords,
  ...clientWords,
  ...opensslWords,
  ...gnutlsWords,
  ...goWords,
  ...javaWords,
];

export interface Heard {
  readonly saying: Saying;
  /** The line in which it stands, as it was written; of a long one the part that says it. */
  readonly line: string;
  /** The name that it verified, where the line has it. */
  readonly name?: string;
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
  const lines = linesIn({ stdout, stderr }, program).filter((line) => !/^[<>{}] /.test(line));
  let nobody: Heard | undefined;
  let server: Heard | undefined;
  let vague: Heard | undefined;
  let early: Heard | undefined;
  for (const line of lines.toReversed()) {
    const saying = rows.find(({ pattern }) => pattern.test(line));
    if (!saying) continue;
    const heard = defined({ saying, line: excerpt(line, saying.pattern), name: nameIn(line) });
    if (saying.isEarly) {
      early ??= heard;
      continue;
    }
    // What it refuses itself is worth more than what it was told; why it does stands in an earlier line, or in none.
    if (saying.by === 'client' && saying.cause !== 'certificate_not_accepted') return heard;
    if (saying.by === 'client') vague ??= heard;
    else if (saying.by === 'server') server ??= heard;
    else nobody ??= heard;
  }
  if (vague) return vague;
  if (early && !server) return early;
  const isRefusing = code !== undefined && program?.refusing?.includes(code);
  return isRefusing ? { saying: byCode, line: `exit code ${code}` } : (server ?? nobody);
}

/** Every line that says the same: one of them may name the file or the option. */
export function linesOf(
  cause: Saying['cause'],
  { stdout, stderr }: Written,
  program: Program | undefined,
): readonly string[] {
  const rows = sayings.filter(
    (saying) => saying.cause === cause && (program?.libraries.includes(saying.library) ?? true),
  );
  return linesIn({ stdout, stderr }, program).filter((line) =>
    rows.some(({ pattern }) => pattern.test(line)),
  );
}

/** What is the program's own: its standard error, and of its standard output what only it writes. */
function linesIn({ stdout, stderr }: Written, program: Program | undefined): readonly string[] {
  const own = program?.speaksOnStdout;
  const ofOutput =
    own === undefined ? [] : stdout.split(/\r?\n/).filter((line) => own === true || own.test(line));
  return [...ofOutput, ...stderr.split(/\r?\n/)];
}

/** What stands before the words themselves is cut first. */
function excerpt(line: string, pattern: RegExp): string {
  const whole = line.trim();
  const [match = ''] = pattern.exec(whole) ?? [];
  const end = whole.indexOf(match) + match.length + 40;
  return end <= longestLine
    ? whole.slice(0, longestLine)
    : `… ${whole.slice(Math.max(0, end - longestLine), end)}`;
}

/**
 * What a program says that none of the rows knows, for a person to read: the last line of a failure that TLS, certificates or a file
 * have a part in, else the last line of an error, or else the last line. What a server sent may stand in it.
 */
export function lastWords({ stdout, stderr }: Written, program: Program | undefined): string {
  for (const text of program?.speaksOnStdout === true ? [stderr, stdout] : [stderr]) {
    const lines = text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !isOfStack(line) && !isOfKeylog.test(line));
    const line =
      lines.findLast((one) => telling.test(one) && failing.test(one) && !isWarning.test(one)) ??
      lines.findLast((one) => speaksOfFailure.test(one)) ??
      lines.at(-1);
    if (line !== undefined) return line.slice(0, longestLine);
  }
  return '';
}

const speaksOfFailure =
  /\b(?:error|fail(?:ed|ure)?|fatal|refused|denied|exception|cannot|could ?n.t|unable|invalid|certificate|tls|ssl|x509)\b|Exception:|Error:/i;
/** The last words of many programs are that all in all they failed: why stands before. */
const telling =
  /\b(?:tls|ssl|x509|pkix|handshake|certificates?|CAs?|CaInfo|confidentiality)\b|\b(?:permission denied|no such file)/i;
const failing =
  /\b(?:error|fail(?:ed|ure)?|fatal|refused|rejected|denied|exception|cannot|could ?n.t|could not|unable|invalid|no such|not (?:trusted|accepted|valid|verified|found|match)|mismatch|expired|unknown|untrusted|problem|required)\b|Exception:|Error:/i;
const isWarning = /^(?:\(node:\d+\) )?(?:W(?:ARN(?:ING)?)?|notice|info|debug)\b:?|\b\w*Warning:/i;
/** Node's, of the file of keys that this diagnosis asks it for. */
const isOfKeylog = /^\(node:\d+\) Warning: Using --tls-keylog |^\(Use `node --trace-warnings /;
const isOfStack = (line: string): boolean => /^(?:at |File "|\.\.\. \d+ more|\^+$)/.test(line);

/** The name that it verified, where its words have it. */
const names: readonly RegExp[] = [
  /x509: certificate is valid for .*, not (\S+?)\.?$/,
  /target host ?name '?([^'\s]+?)'?$/i,
  /certificate is not valid for '([^']+)'/,
  /Host: (\S+?)\. is not (?:in the cert's altnames|cert's CN)/,
  /IP: (\S+) is not in the cert's list/,
  /No (?:subject alternative DNS name|name) matching (\S+) found/,
];
const nameIn = (line: string): string | undefined =>
  names.map((pattern) => pattern.exec(line)?.[1]).find((name) => name !== undefined);

/** Silent programs say as much. */
const byCode: Saying = {
  library: 'curl',
  pattern: /(?!)/,
  by: 'client',
  cause: 'certificate_not_accepted',
};
