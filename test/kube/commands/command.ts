/** One row of the lists of kubectl commands, and how what was printed is compared with it. */

export interface Command {
  /** After `kubectl`, quoted as in a shell. `@base64(FILE)` and `@text(FILE)` stand for a prepared file. */
  readonly words: string;
  /** Standard output and then standard error; `<…>` are patterns, see {@link matches}. */
  readonly says: string;
  /** Where it is written; see README.md. */
  readonly from: string;
  /** The exit code, 0 unless it is named. */
  readonly code?: number;
  /** Standard input: text, or an object as JSON. */
  readonly input?: string | object;
  readonly environment?: Readonly<Record<string, string>>;
  /** It does not end by itself. */
  readonly isEndless?: true;
  /** What this control plane prints instead, saying that it does not serve this; it exits with 1. */
  readonly refusedAs?: string;
  /** How this control plane differs where it does not say so; until it does not. */
  readonly differs?: string;
  /** Repeated until it is so: a controller takes a moment. */
  readonly isAwaited?: true;
}

/** Exit code 0. */
export const ok = (words: string, says: string, from: string, more: Partial<Command> = {}): Command => ({
  words,
  says,
  from,
  ...more,
});

/** Exit code 1. */
export const no = (words: string, says: string, from: string, more: Partial<Command> = {}): Command => ({
  code: 1,
  words,
  says,
  from,
  ...more,
});

const patterns: Readonly<Record<string, string>> = {
  '<age>': '(?:\\d+[smhdy])+',
  '<port>': '\\d+',
  '<id>': '[a-z0-9]+',
  '<time>': '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ',
  '<word>': '\\S+',
  '<any>': '[\\s\\S]*?',
};

/** Whether a text is as a row says. Runs of blanks are one blank: kubectl itself sets the columns. */
export function matches(printed: string, says: string): boolean {
  const pattern = plain(says)
    .split(/(<(?:age|port|id|time|word|any)>)/)
    .map((part) => patterns[part] ?? part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
    .join('');
  return new RegExp(`^${pattern}$`).test(plain(printed));
}

const plain = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/[ \t]+/g, ' ').trimEnd())
    .join('\n')
    .trim();

/** Splits words as a shell does, with single and double quotes. */
export function splitWords(words: string): string[] {
  return [...words.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replace(
      /'([^']*)'|"([^"]*)"/g,
      (_, single: string | undefined, double: string | undefined) => single ?? double ?? '',
    ),
  );
}
