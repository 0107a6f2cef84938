/**
 * The grammar of filters, for `--filter` and for `/` on the screen:
 *
 *     or    := and ("or" and)*          also ||
 *     and   := not ("and"? not)*        also &&
 *     not   := "not" not | "(" or ")" | test       also !
 *     test  := KEY OPERATOR VALUE | FLAG | TEXT
 *
 * Operators are = != ~ !~ for texts, = != < <= > >= for numbers. A text in quotes is never a key. A bad expression is a value
 * that says where it went wrong.
 */
import { josa } from '../../i18n/josa.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { nearest } from '../../i18n/nearest.ts';
import { filterKeys } from './filter-keys.ts';
import type { FilterKey, NumberKey, TextKey, Unit } from './filter-keys.ts';
import type { ConnectionSummary } from './connection-summary.ts';

export interface Filter {
  /** As it was typed. */
  readonly expression: string;
  /** The free texts in it, in lower case: whoever sums up a connection looks for them in its messages. */
  readonly texts: readonly string[];
  /** Undefined as long as it depends on what is still to come. */
  readonly test: (summary: ConnectionSummary) => boolean | undefined;
}

export interface FilterFault {
  /** The place, in characters from 0. */
  readonly at: number;
  readonly what: Localized;
  readonly expected: Localized;
  /** What stands there; empty at the end. */
  readonly found: string;
}

type Test = Filter['test'];

interface Token {
  readonly kind: 'word' | 'quoted' | 'operator' | 'open' | 'close' | 'and' | 'or' | 'not' | 'end';
  readonly text: string;
  readonly at: number;
}

class Fault extends Error {
  readonly fault: FilterFault;

  constructor(fault: FilterFault) {
    super(fault.what.en);
    this.fault = fault;
  }
}

/** Of a filter that a person can type. */
const mostNested = 64;

/** @returns undefined for an empty expression, which lets everything through */
export function parseFilter(expression: string): Filter | FilterFault | undefined {
  try {
    const parser = new Parser(tokensIn(expression));
    const test = parser.whole();
    return test && { expression: expression.trim(), texts: [...parser.texts], test };
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    throw error;
  }
}

export const isFault = (parsed: Filter | FilterFault): parsed is FilterFault => 'what' in parsed;

const words: Readonly<Record<string, Token['kind']>> = { and: 'and', or: 'or', not: 'not' };
const marks: Readonly<Record<string, Token['kind']>> = {
  '(': 'open',
  ')': 'close',
  '&&': 'and',
  '||': 'or',
  '!': 'not',
};

function tokensIn(expression: string): Token[] {
  const tokens: Token[] = [];
  const token =
    /\s*(?:("(?:[^"\\]|\\[^])*")|(&&|\|\||!=|!~|<=|>=|==|[=~<>()!])|([^\s"()=~<>!&|]+(?:[&|!](?![&|=~])[^\s"()=~<>!&|]*)*|[&|]))/y;
  while (token.lastIndex < expression.trimEnd().length) {
    const from = token.lastIndex;
    const match = token.exec(expression);
    if (!match) {
      const at = from + (expression.slice(from).length - expression.slice(from).trimStart().length);
      throw new Fault({
        at,
        what: { en: 'a quoted text is not closed', ko: '따옴표가 닫히지 않았습니다' },
        expected: { en: 'a closing "', ko: '닫는 "' },
        found: expression.slice(at),
      });
    }
    const [all, quoted, operator, word] = match;
    const at = from + (all.length - all.trimStart().length);
    if (quoted !== undefined)
      tokens.push({ kind: 'quoted', text: quoted.slice(1, -1).replace(/\\([^])/g, '$1'), at });
    else if (operator !== undefined)
      tokens.push({
        kind: marks[operator] ?? 'operator',
        text: operator === '==' ? '=' : operator,
        at,
      });
    else if (word !== undefined) tokens.push({ kind: kindOfWord(word), text: word, at });
  }
  tokens.push({ kind: 'end', text: '', at: expression.trimEnd().length });
  return tokens;
}

const kindOfWord = (word: string): Token['kind'] => {
  const lower = word.toLowerCase();
  return (Object.hasOwn(words, lower) ? words[lower] : undefined) ?? 'word';
};

class Parser {
  readonly texts = new Set<string>();
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Test | undefined {
    if (this.#next().kind === 'end') return undefined;
    const test = this.#or();
    const { kind } = this.#next();
    if (kind === 'close')
      throw this.#fault(
        { en: 'unmatched closing parenthesis', ko: '여는 괄호가 없습니다' },
        { en: 'and, or, or the end', ko: 'and, or 또는 식의 끝' },
      );
    if (kind !== 'end')
      throw this.#fault(unexpected, { en: 'and, or, or the end', ko: 'and, or 또는 식의 끝' });
    return test;
  }

  #next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', at: 0 };
  }

  #fault(what: Localized, expected: Localized, { at, text }: Token = this.#next()): Fault {
    return new Fault({ at, what, expected, found: text });
  }

  #or(): Test {
    const tests = [this.#and()];
    while (this.#next().kind === 'or') {
      this.#at++;
      tests.push(this.#and());
    }
    return tests.length === 1 && tests[0] ? tests[0] : (summary) => anyOf(tests, summary);
  }

  #and(): Test {
    const tests = [this.#not()];
    for (;;) {
      const { kind } = this.#next();
      if (kind === 'and') this.#at++;
      else if (kind === 'end' || kind === 'close' || kind === 'or') break;
      tests.push(this.#not());
    }
    return tests.length === 1 && tests[0] ? tests[0] : (summary) => allOf(tests, summary);
  }

  #not(): Test {
    const token = this.#next();
    if (++this.#depth > mostNested)
      throw this.#fault(
        { en: 'parentheses are nested too deeply', ko: '괄호가 너무 깊습니다' },
        { en: `at most ${mostNested} levels`, ko: `최대 ${mostNested}단계` },
      );
    try {
      if (token.kind === 'not') {
        this.#at++;
        const test = this.#not();
        return (summary) => opposite(test(summary));
      }
      if (token.kind === 'open') {
        this.#at++;
        const test = this.#or();
        if (this.#next().kind !== 'close')
          throw this.#fault(
            { en: 'a parenthesis is not closed', ko: '괄호가 닫히지 않았습니다' },
            verbatim(')'),
          );
        this.#at++;
        return test;
      }
      return this.#test();
    } finally {
      this.#depth--;
    }
  }

  #test(): Test {
    const token = this.#next();
    if (token.kind !== 'word' && token.kind !== 'quoted') throw this.#fault(unexpected, aTest);
    this.#at++;
    const operator = this.#next();
    if (operator.kind !== 'operator' || token.kind === 'quoted') return this.#alone(token);
    const key = keyOf(token.text);
    if (!key) {
      const near = nearest(token.text.toLowerCase(), Object.keys(filterKeys));
      throw this.#fault(
        {
          en: `unknown key: ${token.text}${near === undefined ? '' : `, did you mean ${near}?`}`,
          ko: `없는 키입니다: ${token.text}${near === undefined ? '' : `, ${josa(near, '을/를')} 찾으셨나요?`}`,
        },
        verbatim(
          Object.entries(filterKeys)
            .flatMap(([name, { kind }]) => (kind === 'flag' ? [] : [name]))
            .join(', '),
        ),
        token,
      );
    }
    if (key.kind === 'flag')
      throw this.#fault(
        { en: `${token.text} takes no value`, ko: `${token.text}에는 값을 쓰지 않습니다` },
        verbatim(token.text),
        operator,
      );
    this.#at++;
    const value = this.#next();
    if (value.kind === 'end' || value.kind === 'operator' || value.kind === 'open' || value.kind === 'close')
      throw this.#fault({ en: 'a value is missing', ko: '값이 없습니다' }, verbatim(key.example), value);
    this.#at++;
    return key.kind === 'text' ? this.#text(key, operator, value) : this.#number(key, operator, value);
  }

  #alone(token: Token): Test {
    const key = token.kind === 'word' ? keyOf(token.text) : undefined;
    if (key?.kind === 'flag') return key.holds;
    if (key)
      throw this.#fault(
        { en: `${token.text} needs a value`, ko: `${token.text}에는 값이 필요합니다` },
        {
          en: `${key.example}; to search for the word: "${token.text}"`,
          ko: `${key.example}, 그 낱말을 찾으려면 "${token.text}"`,
        },
      );
    const text = token.text.toLowerCase();
    this.texts.add(text);
    return (summary) => isIn(summary, text) || (summary.isOver ? false : undefined);
  }

  #text(key: TextKey, operator: Token, value: Token): Test {
    const wanted = value.text.toLowerCase();
    const isNegative = operator.text.startsWith('!');
    const compare = operator.text.replace('!', '');
    if (compare !== '=' && compare !== '~')
      throw this.#fault(
        {
          en: `${operator.text} cannot compare texts`,
          ko: `${operator.text}: 텍스트에는 쓸 수 없는 비교 연산자입니다`,
        },
        verbatim('= != ~ !~'),
        operator,
      );
    const { values, isFinal, equals = isAlike } = key;
    const test: Test = (summary) => {
      const isSo = values(summary).some((one) =>
        compare === '~' ? one.toLowerCase().includes(wanted) : equals(one, value.text),
      );
      return isSo || (summary.isOver || isFinal?.(summary) ? false : undefined);
    };
    return isNegative ? (summary) => opposite(test(summary)) : test;
  }

  #number(key: NumberKey, operator: Token, value: Token): Test {
    const wanted = amountOf(value.text, key.unit);
    if (wanted === undefined)
      throw this.#fault(
        { en: `invalid value: ${value.text}`, ko: `쓸 수 없는 값입니다: ${value.text}` },
        unitWords[key.unit],
        value,
      );
    const compare = operators[operator.text];
    if (!compare)
      throw this.#fault(
        {
          en: `${operator.text} cannot compare numbers`,
          ko: `${operator.text}: 숫자에는 쓸 수 없는 비교 연산자입니다`,
        },
        verbatim('= != < <= > >='),
        operator,
      );
    const { values, isFinal, grows } = key;
    const isMore = operator.text === '>' || operator.text === '>=';
    const isNegative = operator.text === '!=';
    return (summary) => {
      const isOver = summary.isOver || isFinal?.(summary) === true;
      const all = values(summary);
      if (isNegative)
        return isOver ? !all.includes(wanted) : all.includes(wanted) && !grows ? false : undefined;
      const isSo = all.some((one) => compare(one, wanted));
      // What only grows is final once it is more, and until then only the end decides.
      if (grows && !isOver) return isSo && isMore ? true : undefined;
      return isSo || (isOver ? false : undefined);
    };
  }
}

const unexpected: Localized = { en: 'unexpected here', ko: '여기에 올 수 없습니다' };
const aTest: Localized = {
  en: 'a key with a value (status>=400), a word such as failed, or a text',
  ko: '값이 있는 키(status>=400), failed 같은 낱말, 또는 찾을 텍스트',
};

const operators: Readonly<Record<string, (one: number, wanted: number) => boolean>> = {
  '=': (one, wanted) => one === wanted,
  '!=': (one, wanted) => one !== wanted,
  '<': (one, wanted) => one < wanted,
  '<=': (one, wanted) => one <= wanted,
  '>': (one, wanted) => one > wanted,
  '>=': (one, wanted) => one >= wanted,
};

function keyOf(name: string): FilterKey | undefined {
  const keys: Readonly<Record<string, FilterKey>> = filterKeys;
  const lower = name.toLowerCase();
  return Object.hasOwn(keys, lower) ? keys[lower] : undefined;
}

/** Whole, letters of either case alike; `*` stands for any letters. */
function isAlike(value: string, wanted: string): boolean {
  const parts = wanted.toLowerCase().split('*');
  const text = value.toLowerCase();
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > text.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

const unitWords: Readonly<Record<Unit, Localized>> = {
  none: { en: 'a number, such as 443', ko: '숫자(예: 443)' },
  bytes: { en: 'a size, such as 500, 10k or 2M', ko: '크기(예: 500, 10k, 2M)' },
  time: { en: 'a time, such as 100ms, 2s or 1.5s', ko: '시간(예: 100ms, 2s, 1.5s)' },
};

const factors: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  none: { '': 1 },
  bytes: {
    '': 1,
    b: 1,
    k: 1e3,
    kb: 1e3,
    m: 1e6,
    mb: 1e6,
    g: 1e9,
    gb: 1e9,
    kib: 2 ** 10,
    mib: 2 ** 20,
    gib: 2 ** 30,
  },
  // A bare number is milliseconds, as programs report them.
  time: { '': 1e3, us: 1, µs: 1, ms: 1e3, s: 1e6, m: 6e7, min: 6e7 },
};

/** In bytes or microseconds. */
function amountOf(text: string, unit: Unit): number | undefined {
  const [, number, suffix = ''] = /^(\d{1,15}(?:\.\d{1,9})?)\s*([a-zµ]*)$/i.exec(text) ?? [];
  const byUnit = factors[unit];
  const lower = suffix.toLowerCase();
  if (number === undefined || !Object.hasOwn(byUnit, lower)) return undefined;
  return Number(number) * (byUnit[lower] ?? 1);
}

/** Whether a free text is in what is known of a connection. */
function isIn(one: ConnectionSummary, text: string): boolean {
  if (one.texts.has(text)) return true;
  const { client, server, sni, hosts, protocols, version, suite, alpn, alerts, paths, outcome } = one;
  const end = (address: ConnectionSummary['client']): string =>
    address ? `${address.host}:${address.port}` : '';
  return [
    end(client),
    end(server),
    sni ?? '',
    ...hosts,
    ...protocols,
    version ?? '',
    suite ?? '',
    alpn ?? '',
    ...alerts,
    ...paths,
    outcome?.kind ?? '',
    outcome?.cause ?? '',
  ].some((said) => said.toLowerCase().includes(text));
}

const opposite = (value: boolean | undefined): boolean | undefined => (value === undefined ? value : !value);

function anyOf(tests: readonly Test[], summary: ConnectionSummary): boolean | undefined {
  let isKnown = true;
  for (const test of tests) {
    const value = test(summary);
    if (value === true) return true;
    isKnown &&= value !== undefined;
  }
  return isKnown ? false : undefined;
}

function allOf(tests: readonly Test[], summary: ConnectionSummary): boolean | undefined {
  let isKnown = true;
  for (const test of tests) {
    const value = test(summary);
    if (value === false) return false;
    isKnown &&= value !== undefined;
  }
  return isKnown ? true : undefined;
}
