/**
 * The patterns of a scripted peer: a regular expression that cannot hang. It is matched by simulating an automaton, in time
 * proportional to the line's length times the pattern's (as RE2 does), and both are bounded. Written as in JavaScript, with what
 * needs no backtracking: no back references, no lookaround.
 *
 * 1. `.`, classes, `\d \w \s \D \W \S`, `^ $`, `( )`, `|`, `* + ?`, `{n}`, `{n,}`, `{n,m}`.
 * 2. `{user}` and the other placeholders of `text.ts` stand for their values, character by character.
 */
import { PatternError, readPlaceholder } from './text.ts';
import type { Placeholder } from './text.ts';

type Test = (char: string) => boolean;

type Node =
  | { readonly type: 'char'; readonly test: Test }
  | { readonly type: 'text'; readonly of: Placeholder }
  | { readonly type: 'start' }
  | { readonly type: 'end' }
  | { readonly type: 'all'; readonly parts: readonly Node[] }
  | { readonly type: 'any'; readonly of: readonly Node[] }
  | { readonly type: 'repeat'; readonly node: Node; readonly least: number; readonly most: number };

/** A pattern that was read, with its placeholders unfilled. */
export interface Pattern {
  readonly node: Node;
  readonly placeholders: readonly Placeholder[];
  readonly ignoresCase: boolean;
}

const longestPattern = 500;
const mostRepeats = 100;
const mostInstructions = 4000;

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
  const reader = new Reader(body);
  const node = reader.alternatives();
  reader.finish();
  const pattern = { node, placeholders: reader.placeholders, ignoresCase: flags === 'i' };
  // Its size is known without the values: each is at least one instruction.
  compile(pattern, () => 'x');
  return pattern;
}

class Reader {
  readonly placeholders: Placeholder[] = [];
  readonly #chars: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#chars = Array.from(text);
  }

  finish(): void {
    if (this.#at < this.#chars.length) throw this.#wrong('“)” without “(”', '“(” 없이 “)”가 있습니다');
  }

  alternatives(): Node {
    const of = [this.#sequence()];
    while (this.#take('|')) of.push(this.#sequence());
    return of.length === 1 && of[0] ? of[0] : { type: 'any', of };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    for (;;) {
      const char = this.#chars[this.#at];
      if (char === undefined || char === '|' || char === ')') return { type: 'all', parts };
      parts.push(this.#repeated(this.#atom()));
    }
  }

  #atom(): Node {
    const char = this.#chars[this.#at++] ?? '';
    switch (char) {
      case '^':
        return { type: 'start' };
      case '$':
        return { type: 'end' };
      case '.':
        return { type: 'char', test: () => true };
      case '[':
        return { type: 'char', test: this.#class() };
      case '(': {
        if (this.#take('?') && !this.#take(':'))
          throw this.#wrong('“(?” is not supported, but for “(?:”', '“(?:” 말고는 “(?”를 쓸 수 없습니다');
        if (++this.#depth > 20) throw this.#wrong('too many nested groups', '괄호가 너무 깊습니다');
        const inner = this.alternatives();
        if (!this.#take(')')) throw this.#wrong('“(” without “)”', '“)” 없이 “(”가 있습니다');
        this.#depth--;
        return inner;
      }
      case '*':
      case '+':
      case '?':
        throw this.#wrong(`nothing before “${char}”`, `“${char}” 앞에 아무것도 없습니다`);
      case '\\':
        return { type: 'char', test: this.#escape() };
      case '{': {
        const [of, length] = readPlaceholder(this.#chars.slice(this.#at - 1).join(''));
        this.#at += Array.from(length).length - 1;
        this.placeholders.push(of);
        return { type: 'text', of };
      }
      default:
        return { type: 'char', test: (other) => other === char };
    }
  }

  #repeated(node: Node): Node {
    const range = this.#range();
    if (!range) return node;
    const [least, most] = range;
    if (node.type === 'start' || node.type === 'end')
      throw this.#wrong('“^” and “$” cannot be repeated', '“^”와 “$”는 반복할 수 없습니다');
    if (least > most || least > mostRepeats || (most !== Infinity && most > mostRepeats))
      throw this.#wrong(`repeats: at most ${mostRepeats}`, `반복은 ${mostRepeats}번까지입니다`);
    // A second one (lazy, possessive, or a mistake) would change nothing or not be what is meant.
    if ('*+?'.includes(this.#chars[this.#at] ?? ' '))
      throw this.#wrong('repeated twice', '반복 표시가 두 번 있습니다');
    return { type: 'repeat', node, least, most };
  }

  #range(): readonly [least: number, most: number] | undefined {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    const [whole, least, comma, most] =
      /^\{(\d{1,4})(?:(,)(\d{1,4})?)?\}/.exec(this.#chars.slice(this.#at, this.#at + 16).join('')) ?? [];
    if (whole === undefined) return undefined;
    this.#at += whole.length;
    return [
      Number(least),
      comma === undefined ? Number(least) : most === undefined ? Infinity : Number(most),
    ];
  }

  #escape(): Test {
    const char = this.#chars[this.#at++];
    if (char === undefined) throw this.#wrong('“\\” at the end', '끝에 “\\”가 있습니다');
    const known = classes[char];
    if (known) return known;
    const control = controls[char];
    if (control !== undefined) return (other) => other === control;
    if (/[A-Za-z0-9]/.test(char))
      throw this.#wrong(`“\\${char}” is not supported`, `쓸 수 없는 이스케이프입니다: “\\${char}”`);
    return (other) => other === char;
  }

  #class(): Test {
    const isNot = this.#take('^');
    const tests: Test[] = [];
    for (let isFirst = true; ; isFirst = false) {
      const char = this.#chars[this.#at++];
      if (char === undefined) throw this.#wrong('“[” without “]”', '“]” 없이 “[”가 있습니다');
      if (char === ']' && !isFirst) break;
      if (char === '\\') {
        tests.push(this.#escape());
        continue;
      }
      const to = this.#chars[this.#at + 1];
      if (this.#chars[this.#at] === '-' && to !== undefined && to !== ']') {
        this.#at += 2;
        if (to < char)
          throw this.#wrong(`range out of order: ${char}-${to}`, `범위가 거꾸로입니다: ${char}-${to}`);
        tests.push((other) => other >= char && other <= to);
      } else tests.push((other) => other === char);
    }
    return (other) => tests.some((test) => test(other)) !== isNot;
  }

  #take(char: string): boolean {
    if (this.#chars[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #wrong(en: string, ko: string): PatternError {
    return new PatternError({ en: `${en} (character ${this.#at})`, ko: `${ko}(${this.#at}번째 글자)` });
  }
}

const isDigit: Test = (char) => /^\d$/.test(char);
const isWord: Test = (char) => /^\w$/.test(char);
const isSpace: Test = (char) => /^\s$/.test(char);
const classes: Readonly<Record<string, Test>> = {
  d: isDigit,
  w: isWord,
  s: isSpace,
  D: (char) => !isDigit(char),
  W: (char) => !isWord(char),
  S: (char) => !isSpace(char),
};
const controls: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n', '0': '\0' };

type Instruction =
  | { readonly op: 'char'; readonly test: Test }
  | { readonly op: 'start' | 'end' | 'match' }
  /** Goes on at each of these. */
  | { readonly op: 'fork'; readonly to: number[] };

/** @param valueOf the text that a placeholder stands for */
function compile(
  { node, ignoresCase }: Pattern,
  valueOf: (of: Placeholder) => string,
): readonly Instruction[] {
  const program: Instruction[] = [];
  const put = (instruction: Instruction): void => {
    if (program.length >= mostInstructions)
      throw new PatternError({ en: 'the pattern is too large', ko: '패턴이 너무 큽니다' });
    program.push(instruction);
  };
  const emit = (of: Node): void => {
    switch (of.type) {
      case 'char': {
        const { test } = of;
        put({
          op: 'char',
          test: ignoresCase
            ? (char) => test(char) || test(char.toLowerCase()) || test(char.toUpperCase())
            : test,
        });
        break;
      }
      case 'text':
        for (const char of valueOf(of.of)) put({ op: 'char', test: (other) => other === char });
        break;
      case 'start':
      case 'end':
        put({ op: of.type });
        break;
      case 'all':
        of.parts.forEach(emit);
        break;
      case 'any': {
        const ends: number[][] = [];
        const fork: number[] = [];
        put({ op: 'fork', to: fork });
        for (const branch of of.of) {
          fork.push(program.length);
          emit(branch);
          const jump: number[] = [];
          put({ op: 'fork', to: jump });
          ends.push(jump);
        }
        for (const jump of ends) jump.push(program.length);
        break;
      }
      case 'repeat': {
        const { node: inner, least, most } = of;
        for (let count = 0; count < least; count++) emit(inner);
        if (most === Infinity) {
          const again = program.length;
          const fork: number[] = [again + 1];
          put({ op: 'fork', to: fork });
          emit(inner);
          put({ op: 'fork', to: [again] });
          fork.push(program.length);
          break;
        }
        const skips: number[][] = [];
        for (let count = least; count < most; count++) {
          const fork: number[] = [program.length + 1];
          put({ op: 'fork', to: fork });
          skips.push(fork);
          emit(inner);
        }
        for (const skip of skips) skip.push(program.length);
        break;
      }
    }
  };
  emit(node);
  put({ op: 'match' });
  return program;
}

/** Whether a line contains the pattern. */
export function matches(pattern: Pattern, line: string, valueOf: (of: Placeholder) => string): boolean {
  const program = compile(pattern, valueOf);
  const chars = Array.from(line);
  let threads: number[] = [];
  for (let at = 0; at <= chars.length; at++) {
    const seen = new Set<number>();
    const waiting: number[] = [];
    const todo = [...threads, 0];
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      const instruction = program[next];
      if (!instruction) continue;
      if (instruction.op === 'match') return true;
      if (instruction.op === 'fork') todo.push(...instruction.to);
      else if (instruction.op === 'char') waiting.push(next);
      else if (at === (instruction.op === 'start' ? 0 : chars.length)) todo.push(next + 1);
    }
    const char = chars[at];
    threads = [];
    if (char === undefined) break;
    for (const place of waiting) {
      const instruction = program[place];
      if (instruction?.op === 'char' && instruction.test(char)) threads.push(place + 1);
    }
  }
  return false;
}
