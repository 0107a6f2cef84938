/**
 * Parses and evaluates label and field selectors of a query (Kubernetes API concepts, "Labels and Selectors").
 * `resources.ts` lists the selectable fields of a kind.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { labelKeyFault, labelValueFault } from './names.ts';

/** A selector that cannot be read; its words become a 400. */
export class SelectorError extends Error {}

export type Labels = Dictionary<string>;

type Operator = 'in' | 'notin' | 'exists' | 'missing' | 'above' | 'below';

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** Far more than any honest query has; each is evaluated for every object. */
const requirementLimit = 500;

/** @throws SelectorError in the words of k8s.io/apimachinery's labels.Parse. */
export function parseLabelSelector(text: string): (labels: Labels) => boolean {
  const requirements = new Reader(text).requirements();
  return (labels) => requirements.every((requirement) => meets(labels, requirement));
}

const binaryOperators: Dictionary<Operator> = {
  in: 'in',
  notin: 'notin',
  '=': 'in',
  '==': 'in',
  '!=': 'notin',
  '>': 'above',
  '<': 'below',
};
/** In the order in which a refusal names them. */
const operatorList = 'in, notin, =, ==, !=, gt, lt';

/** A word, an operator or a mark; `end` after the last. */
interface Token {
  readonly kind: 'word' | 'operator' | '!' | '(' | ')' | ',' | 'end' | 'wrong';
  readonly text: string;
}

const end: Token = { kind: 'end', text: '' };
const marks = ['!', '(', ')', ','] as const;

function tokenOf(text: string): Token {
  const mark = marks.find((one) => one === text);
  if (mark !== undefined) return { kind: mark, text };
  if (Object.hasOwn(binaryOperators, text)) return { kind: 'operator', text };
  return { kind: /^[=!()<>,]/.test(text) ? 'wrong' : 'word', text };
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = [...text.matchAll(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g)].map(([one]) => tokenOf(one));
  }

  requirements(): readonly Requirement[] {
    const found: Requirement[] = [];
    while (this.#peek().kind !== 'end') {
      if (this.#peek().kind !== '!' && !isWord(this.#peek()))
        throw expected(this.#peek(), "!, identifier, or 'end of string'");
      if (found.length >= requirementLimit)
        throw new SelectorError(`more than ${requirementLimit} requirements`);
      found.push(unableToParse(() => this.#requirement()));
      const separator = this.#take();
      if (separator.kind === 'end') break;
      if (separator.kind !== ',') throw expected(separator, "',' or 'end of string'");
      if (this.#peek().kind !== '!' && !isWord(this.#peek()))
        throw expected(this.#peek(), "identifier after ','");
    }
    return found;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? end;
  }

  #take(): Token {
    return this.#tokens[this.#at++] ?? end;
  }

  #requirement(): Requirement {
    const isMissing = this.#peek().kind === '!';
    if (isMissing) this.#at++;
    const word = this.#take();
    if (!isWord(word)) throw expected(word, 'identifier');
    const key = word.text;
    const fault = labelKeyFault(key);
    if (fault !== undefined)
      throw new SelectorError(`<nil>: Invalid value: ${JSON.stringify(key)}: ${fault}`);
    if (this.#peek().kind === 'end' || this.#peek().kind === ',')
      return { key, operator: isMissing ? 'missing' : 'exists', values: [] };
    if (isMissing) return { key, operator: 'missing', values: [] };
    const sign = this.#take();
    const operator = sign.kind === 'operator' ? binaryOperators[sign.text] : undefined;
    if (operator === undefined) throw expected(sign, operatorList);
    const isSet = sign.text === 'in' || sign.text === 'notin';
    const values = [...new Set(isSet ? this.#set() : [this.#value()])].toSorted();
    return { key, operator, values: checked(key, operator, values) };
  }

  #value(): string {
    if (this.#peek().kind === 'end' || this.#peek().kind === ',') return '';
    const value = this.#take();
    if (!isWord(value)) throw expected(value, 'identifier');
    return value.text;
  }

  #set(): readonly string[] {
    const opening = this.#take();
    if (opening.kind !== '(') throw new SelectorError(`found '${shown(opening)}' expected: '('`);
    if (this.#peek().kind === ')') {
      this.#at++;
      return [''];
    }
    if (!isWord(this.#peek()) && this.#peek().kind !== ',')
      throw expected(this.#peek(), "',', ')' or identifier");
    const values: string[] = [];
    for (;;) {
      const token = this.#take();
      if (isWord(token)) {
        values.push(token.text);
        if (this.#peek().kind !== ',' && this.#peek().kind !== ')')
          throw expected(this.#peek(), "',' or ')'");
      } else if (token.kind === ',') {
        if (values.length === 0 || this.#peek().kind === ',' || this.#peek().kind === ')') values.push('');
      } else throw expected(token, "',', or identifier");
      if (this.#peek().kind === ')') {
        this.#at++;
        return values;
      }
    }
  }
}

/** `in` and `notin` are operators only between a key and its values. */
const isWord = ({ kind, text }: Token): boolean => kind === 'word' || text === 'in' || text === 'notin';

const shown = ({ text }: Token): string => text.slice(0, 64);
const expected = (found: Token, what: string): SelectorError =>
  new SelectorError(`found '${shown(found)}', expected: ${what}`);

function unableToParse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SelectorError)
      throw new SelectorError(`unable to parse requirement: ${error.message}`);
    throw error;
  }
}

function checked(key: string, operator: Operator, values: readonly string[]): readonly string[] {
  for (const [index, value] of values.entries()) {
    const fault = labelValueFault(value);
    if (fault !== undefined)
      throw new SelectorError(
        `values[${index}][${key}]: Invalid value: ${JSON.stringify(value.slice(0, 128))}: ${fault}`,
      );
    if ((operator === 'above' || operator === 'below') && !/^[+-]?\d{1,18}$/.test(value))
      throw new SelectorError(
        `values[${index}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
      );
  }
  return values;
}

function meets(labels: Labels, { key, operator, values }: Requirement): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case 'missing':
      return value === undefined;
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'above':
      return isInteger(value) && BigInt(value) > BigInt(values[0] ?? '');
    case 'below':
      return isInteger(value) && BigInt(value) < BigInt(values[0] ?? '');
  }
}

const isInteger = (value: string | undefined): value is string => /^[+-]?\d{1,18}$/.test(value ?? '');

export interface FieldRequirement {
  readonly field: string;
  readonly value: string;
  readonly equals: boolean;
}

/** @throws SelectorError */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .slice(0, requirementLimit)
    .map((part) => {
      const match = /^([^=!]+)(==|=|!=)(.*)$/s.exec(part);
      if (!match)
        throw new SelectorError(
          `invalid selector: '${text.slice(0, 64)}'; can't understand '${part.slice(0, 64)}'`,
        );
      return { field: match[1] ?? '', value: match[3] ?? '', equals: match[2] !== '!=' };
    });
}
