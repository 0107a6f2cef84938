/**
 * The lines of a scripted peer, as a scenario file has them: what it sends and expects, one after the other. `script-run.ts`
 * carries them out, `problems.ts` checks what a schema cannot.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';

/** Levels of branches. */
const deepest = 3;
const mostLines = 64;
/** In milliseconds. */
const longestWait = 10_000;

export const keywords = ['send', 'expect', 'choose', 'starttls', 'login', 'wait', 'close', 'reset'] as const;

/** `declined`: this client does not log in here. */
export const outcomes = ['admitted', 'denied', 'declined'] as const;
export type Outcome = (typeof outcomes)[number];

/** Exactly one of its fields is there. */
export interface ScriptLine {
  readonly send?: string | undefined;
  readonly expect?: string | undefined;
  readonly choose?: readonly Branch[] | undefined;
  readonly starttls?: true | undefined;
  readonly login?: Outcome | undefined;
  /** Milliseconds. */
  readonly wait?: number | undefined;
  readonly close?: true | undefined;
  readonly reset?: true | undefined;
}

export interface Branch {
  readonly expect: string;
  readonly lines?: readonly ScriptLine[] | undefined;
}

export function scriptSchema(zod: Z): z.ZodType<readonly ScriptLine[]> {
  return linesSchema(zod, 1).describe(
    'For a scripted peer: what it sends and expects, line by line. It ends the connection after the last line, and where it does not get what it expects.',
  );
}

function linesSchema(zod: Z, level: number): z.ZodType<readonly ScriptLine[]> {
  const pattern = zod.string().min(3).max(504);
  const inner = level < deepest ? { lines: linesSchema(zod, level + 1).optional() } : {};
  const branch = zod.strictObject({ expect: pattern, ...inner });
  const choose = zod
    .array(branch)
    .min(1)
    .max(16)
    .optional()
    .describe('Reads one line; goes on with `lines` of the first entry whose pattern it contains.');
  const line = zod
    .strictObject({
      send: zod
        .string()
        .max(2000)
        .optional()
        .describe(
          'One line of text; CR LF is added. {user}, {password}, {rrn}: of the account; {secret:NAME}; {base64:TEXT}, {length:TEXT}.',
        ),
      expect: pattern
        .optional()
        .describe(
          'Reads one line (at most 4 KiB), which must contain this regular expression: /^EHLO /, or /…/i to ignore case. For a server, {user} and {password} find the account.',
        ),
      ...(level < deepest ? { choose } : {}),
      starttls: zod
        .literal(true)
        .optional()
        .describe('TLS begins with the next byte, with this peer’s certificate and trust.'),
      login: zod
        .enum(outcomes)
        .optional()
        .describe(
          'Reports the outcome of the login; sends nothing. declined: this client does not log in at such a server.',
        ),
      wait: zod.int().min(1).max(longestWait).optional().describe('Milliseconds.'),
      close: zod.literal(true).optional().describe('Ends the connection.'),
      reset: zod.literal(true).optional().describe('Breaks the connection off (RST).'),
    })
    .superRefine((value, context) => {
      const present = Object.keys(value).filter((key) => keywords.some((keyword) => keyword === key));
      if (present.length !== 1)
        context.addIssue({ code: 'custom', params: { exactlyOneOf: [...keywords], present } });
    })
    .meta({ exactlyOne: keywords.filter((keyword) => keyword !== 'choose' || level < deepest) });
  return zod.array(line).min(1).max(mostLines) as z.ZodType<readonly ScriptLine[]>;
}

/** A line with its position, with those of its branches after it. */
export function* everyLine(
  lines: readonly ScriptLine[],
  path: readonly (string | number)[] = [],
): Generator<{ readonly line: ScriptLine; readonly path: readonly (string | number)[] }> {
  for (const [index, line] of lines.entries()) {
    const at = [...path, index];
    yield { line, path: at };
    for (const [place, { lines: inner = [] }] of (line.choose ?? []).entries())
      yield* everyLine(inner, [...at, 'choose', place, 'lines']);
  }
}

export const turnsToTls = (lines: readonly ScriptLine[] = []): boolean =>
  [...everyLine(lines)].some(({ line }) => line.starttls);
