/**
 * Where a script stopped because another line came than it expects. What is written of that line has names in the place of the
 * values that nobody may read: it is printed, and stands in JSON, also of a wire that is encrypted.
 */
import { formatPath } from '../../engine/file/place.ts';
import { everyLine } from './lines.ts';
import type { Branch, ScriptLine } from './lines.ts';
import type { Values } from './text.ts';

export interface ScriptMismatch {
  /** Whose script, and which of its lines, as in the scenario file: `servers.shop.script[2].choose`. */
  readonly at: string;
  /** Any of these patterns. */
  readonly expected: readonly string[];
  /** The line that came, at most its beginning. */
  readonly received: string;
}

/** Of a longer line, the beginning. */
const mostCharacters = 80;
/** Of a value; a shorter one would be found everywhere. */
const shortestValue = 4;

/** @param of the path of the participant. @param line the one that was not met */
export function mismatchOf(
  {
    of,
    lines,
    line,
  }: { readonly of: string; readonly lines: readonly ScriptLine[]; readonly line: ScriptLine },
  branches: readonly Branch[],
  received: string,
  candidates: readonly Values[],
): ScriptMismatch {
  const { path = [] } = [...everyLine(lines)].find((one) => one.line === line) ?? {};
  return {
    at: `${of}.script${formatPath([...path, line.choose ? 'choose' : 'expect'])}`,
    expected: branches.map(({ expect }) => expect),
    received: withoutSecrets(received, candidates),
  };
}

function withoutSecrets(text: string, candidates: readonly Values[]): string {
  const named = new Map<string, string>();
  for (const { password, rrn, secrets } of candidates) {
    for (const [name, value] of secrets) named.set(value, `{secret:${name}}`);
    named.set(rrn, '{rrn}').set(password, '{password}');
  }
  const values = [...named].filter(([value]) => value.length >= shortestValue);
  const written = values
    .toSorted(([one], [other]) => other.length - one.length)
    .reduce((rest, [value, name]) => rest.replaceAll(value, name), text)
    // A login may be the base64 of several values.
    .replaceAll(/[A-Za-z0-9+/_-]{8,}={0,2}/g, (word) => {
      const decoded = Buffer.from(word, 'base64').toString('utf8');
      return values.some(([value]) => decoded.includes(value)) ? '{base64:…}' : word;
    });
  return written.length > mostCharacters ? `${written.slice(0, mostCharacters)}…` : written;
}
