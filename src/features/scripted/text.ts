/**
 * The texts of a scripted peer. A value that nobody may read is named in them, never written out; so the hunt for it, and the
 * `--secret` of a person, apply to what is sent.
 *
 * 1. `{user}`, `{password}`, `{rrn}`: of the account. For a client its own; for a server the one that its last matching
 *    `expect` has found.
 * 2. `{secret:NAME}`: of the file's secrets. `{base64:TEXT}`: TEXT in base64; `{length:TEXT}`: its length in bytes.
 * 3. `\0 \t \r \n \\ \{ \}` as usual.
 */
import type { Localized } from '../../i18n/language.ts';

export type Placeholder =
  | { readonly type: 'user' | 'password' | 'rrn' }
  | { readonly type: 'secret'; readonly name: string }
  | { readonly type: 'base64' | 'length'; readonly of: Text };

export type Text = readonly (string | Placeholder)[];

/** What is wrong with a text or a pattern. */
export class PatternError extends Error {
  readonly what: Localized;
  /** What was written, and what could have been meant. */
  readonly received: string | undefined;
  readonly known: readonly string[] | undefined;

  constructor(what: Localized, { received, known }: { received?: string; known?: readonly string[] } = {}) {
    super(what.en);
    this.what = what;
    this.received = received;
    this.known = known;
  }
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  t: '\t',
  r: '\r',
  n: '\n',
  '\\': '\\',
  '{': '{',
  '}': '}',
};
const ofAccount = ['user', 'password', 'rrn'] as const;
const functions = ['secret', 'base64', 'length'] as const;
const deepest = 4;

/** @throws PatternError */
export function readText(source: string): Text {
  const [text, rest] = readParts(source, 0);
  if (rest !== '')
    throw new PatternError({
      en: 'a “}” without “{”; write \\} for the character',
      ko: '짝이 없는 “}”입니다. 글자 그대로 쓰는 방법: \\}',
    });
  return text;
}

/** Up to the end, or to the brace that closes it. */
function readParts(source: string, depth: number): readonly [text: Text, rest: string] {
  const parts: (string | Placeholder)[] = [];
  let literal = '';
  let rest = source;
  while (rest !== '' && !rest.startsWith('}')) {
    if (rest.startsWith('{')) {
      if (literal !== '') parts.push(literal);
      literal = '';
      const [placeholder, written] = readPlaceholder(rest, depth);
      parts.push(placeholder);
      rest = rest.slice(written.length);
    } else if (rest.startsWith('\\')) {
      const char = escapes[rest.charAt(1)];
      if (char === undefined)
        throw new PatternError({
          en: `unknown escape: ${rest.slice(0, 2)}`,
          ko: `알 수 없는 이스케이프입니다: ${rest.slice(0, 2)}`,
        });
      literal += char;
      rest = rest.slice(2);
    } else {
      literal += rest.charAt(0);
      rest = rest.slice(1);
    }
  }
  if (literal !== '') parts.push(literal);
  return [parts, rest];
}

/** The placeholder with which a text begins, and its characters. @throws PatternError */
export function readPlaceholder(
  source: string,
  depth = 0,
): readonly [placeholder: Placeholder, written: string] {
  const [head = '', name = '', end] = /^\{([A-Za-z0-9]*)(.?)/s.exec(source) ?? [];
  const known = end === ':' ? functions : ofAccount;
  const all = [...ofAccount, ...functions];
  const unknown = (): PatternError =>
    new PatternError(
      {
        en: `unknown placeholder: {${name}; known: {user} {password} {rrn} {secret:NAME} {base64:TEXT} {length:TEXT}`,
        ko: `알 수 없는 자리표시자입니다: {${name}. 쓸 수 있는 것: {user} {password} {rrn} {secret:이름} {base64:글} {length:글}`,
      },
      { received: name, known: all },
    );
  if (!known.some((one) => one === name) || (end !== '}' && end !== ':')) throw unknown();
  if (end === '}') return [{ type: name as (typeof ofAccount)[number] }, head];
  if (depth >= deepest)
    throw new PatternError({ en: 'too many nested placeholders', ko: '자리표시자가 너무 깊습니다' });
  if (name === 'secret') {
    const [inner] = /^[^{}]*/.exec(source.slice(head.length)) ?? [''];
    const written = `${head}${inner}}`;
    if (!source.startsWith(written)) throw unclosed();
    return [{ type: 'secret', name: inner }, written];
  }
  const [of, rest] = readParts(source.slice(head.length), depth + 1);
  if (!rest.startsWith('}')) throw unclosed();
  return [{ type: name as 'base64' | 'length', of }, source.slice(0, source.length - rest.length + 1)];
}

const unclosed = (): PatternError =>
  new PatternError({
    en: 'a “{” without “}”; write \\{ for the character',
    ko: '짝이 없는 “{”입니다. 글자 그대로 쓰는 방법: \\{',
  });

/** The values that placeholders stand for. */
export interface Values {
  readonly user: string;
  readonly password: string;
  readonly rrn: string;
  readonly secrets: ReadonlyMap<string, string>;
}

export function fill(text: Text, values: Values): string {
  return text.map((part) => (typeof part === 'string' ? part : valueOf(part, values))).join('');
}

export function valueOf(placeholder: Placeholder, values: Values): string {
  switch (placeholder.type) {
    case 'user':
    case 'password':
    case 'rrn':
      return values[placeholder.type];
    case 'secret':
      return values.secrets.get(placeholder.name) ?? '';
    case 'base64':
      return Buffer.from(fill(placeholder.of, values), 'utf8').toString('base64');
    case 'length':
      return String(Buffer.byteLength(fill(placeholder.of, values), 'utf8'));
  }
}

/** With those inside of others. */
export function placeholdersIn(text: Text): readonly Placeholder[] {
  return text.flatMap((part) => (typeof part === 'string' ? [] : within(part)));
}

export function within(placeholder: Placeholder): readonly Placeholder[] {
  return 'of' in placeholder ? [placeholder, ...placeholdersIn(placeholder.of)] : [placeholder];
}
