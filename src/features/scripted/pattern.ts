/**
 * The patterns of a scripted peer: regular expressions of JavaScript, in which the placeholders of `text.ts` (`{user}`) stand
 * for their values, character by character.
 *
 * A pattern that backtracks without end would hold up the whole run: a line of more than 4 KiB, and one that a pattern has not
 * decided within half a second, is not what was expected.
 */
import { createContext, Script } from 'node:vm';
import { PatternError, readPlaceholder } from './text.ts';
import type { Placeholder } from './text.ts';

/** A pattern that was read, with its placeholders unfilled. */
export interface Pattern {
  /** Parts of the source of a regular expression, and placeholders. */
  readonly parts: readonly (string | Placeholder)[];
  readonly placeholders: readonly Placeholder[];
  readonly flags: string;
}

const longestPattern = 500;
/** In bytes of UTF-8. */
const longestLine = 4096;
/** In milliseconds. */
const longestMatch = 500;

/** What begins with a brace or hides one: an escaped character, a class of characters, a repetition. */
const opaque = /^(?:\\.|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|[^{])/su;

/** @param source `/PATTERN/` or `/PATTERN/i` @throws PatternError */
export function readPattern(source: string): Pattern {
  const [, body, flags] = /^\/(.*)\/([a-z]*)$/s.exec(source) ?? [];
  if (body === undefined || body === '')
    throw new PatternError({
      en: 'a pattern stands between slashes: /^220 /',
      ko: '패턴은 빗금 사이에 씁니다: /^220 /',
    });
  if (flags !== '' && flags !== 'i')
    throw new PatternError({
      en: `unknown flag: ${flags}; only i (ignore case) exists`,
      ko: `알 수 없는 플래그입니다: ${flags}. i(대소문자 무시)만 쓸 수 있습니다`,
    });
  if (body.length > longestPattern)
    throw new PatternError({
      en: `longer than ${longestPattern} characters`,
      ko: `${longestPattern}자보다 깁니다`,
    });
  const parts: (string | Placeholder)[] = [];
  for (let rest = body; rest !== ''; ) {
    const [literal] = opaque.exec(rest) ?? [];
    const [part, written] = literal === undefined ? readPlaceholder(rest) : [literal, literal];
    parts.push(part);
    rest = rest.slice(written.length);
  }
  const placeholders = parts.filter((part) => typeof part !== 'string');
  const pattern = { parts, placeholders, flags: `su${flags}` };
  try {
    expressionOf(pattern, () => 'x');
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*: /s, '') : String(error);
    throw new PatternError({
      en: `not a regular expression of JavaScript: ${reason}`,
      ko: `JavaScript 정규 표현식이 아닙니다: ${reason}`,
    });
  }
  return pattern;
}

/** @param valueOf the text that a placeholder stands for: a group of its own, since a value keeps its case with /i */
function expressionOf({ parts, flags }: Pattern, valueOf: (of: Placeholder) => string): RegExp {
  const source = parts.map((part, index) =>
    typeof part === 'string'
      ? part
      : `(?<value${index}>${valueOf(part).replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')})`,
  );
  return new RegExp(source.join(''), flags);
}

const context = createContext({});
const attempt = new Script('expression.exec(line)');

/** Whether a line contains the pattern. */
export function matches(pattern: Pattern, line: string, valueOf: (of: Placeholder) => string): boolean {
  if (Buffer.byteLength(line, 'utf8') > longestLine) return false;
  Object.assign(context, { expression: expressionOf(pattern, valueOf), line });
  try {
    const found = attempt.runInContext(context, { timeout: longestMatch }) as RegExpExecArray | null;
    if (!found) return false;
    return pattern.parts.every((part, index) => {
      const value = typeof part === 'string' ? undefined : found.groups?.[`value${index}`];
      return value === undefined || typeof part === 'string' || value === valueOf(part);
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  }
}
