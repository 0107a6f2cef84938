/**
 * Parses JSON like Go's gateway: one value after another from a body, each with its position, numbers as written (an
 * int64 exceeds a JavaScript number) and every field of an object, including duplicates. `gateway.ts` interprets the
 * values.
 *
 * 1. Values are read completely or not at all: an incomplete one waits for more data.
 * 2. The recursion is limited to `deepest`.
 */

export type JsonNode =
  | { readonly kind: 'null' | 'true' | 'false'; readonly at: number }
  /** As it is written. */
  | { readonly kind: 'number'; readonly at: number; readonly text: string }
  | { readonly kind: 'string'; readonly at: number; readonly text: string; readonly raw: string }
  | { readonly kind: 'list'; readonly at: number; readonly items: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly at: number; readonly fields: readonly JsonField[] };

export interface JsonField {
  readonly name: string;
  /** Of the name. */
  readonly at: number;
  readonly value: JsonNode;
}

/** Text that is no JSON, in Go's words. */
export class JsonSyntax extends Error {}

/** The text ends within a value. */
class Unfinished extends Error {}

/** What Go's decoder takes is 10,000; nothing that an etcd is asked is a hundredth as deep. */
const deepest = 1000;

const space = /[ \t\r\n]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** A string without its last quotation mark, as far as it is one. */
const quoted = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})[^"\\\u0000-\u001f]*)*/y;
const literals = ['true', 'false', 'null'] as const;

/**
 * The first value of a text, and where the text goes on behind it; undefined where the text ends before it does.
 * @throws JsonSyntax
 */
export function readJsonValue(
  text: string,
  from = 0,
): { readonly value: JsonNode; readonly end: number } | undefined {
  const reader = new Reader(text, from);
  try {
    return { value: reader.value(0), end: reader.at };
  } catch (error) {
    if (error instanceof Unfinished) return undefined;
    throw error;
  }
}

class Reader {
  readonly #text: string;
  at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  value(depth: number): JsonNode {
    const character = this.#next();
    const { at } = this;
    if (character === '{' || character === '[') {
      if (depth >= deepest) throw new JsonSyntax(`invalid character '${character}' exceeded max depth`);
      this.at++;
      return character === '{'
        ? { kind: 'object', at, fields: this.#fields(depth + 1) }
        : { kind: 'list', at, items: this.#items(depth + 1) };
    }
    if (character === '"') return { kind: 'string', at, ...this.#string() };
    if (character === '-' || (character >= '0' && character <= '9'))
      return { kind: 'number', at, text: this.#number() };
    const literal = literals.find((one) => one.startsWith(character));
    if (literal === undefined) throw this.#unexpected('looking for beginning of value');
    this.#literal(literal);
    return { kind: literal, at };
  }

  #fields(depth: number): JsonField[] {
    const fields: JsonField[] = [];
    if (this.#next() === '}') {
      this.at++;
      return fields;
    }
    for (;;) {
      if (this.#next() !== '"') throw this.#unexpected('looking for beginning of object key string');
      const { at } = this;
      const name = this.#string().text;
      if (this.#next() !== ':') throw this.#unexpected('after object key');
      this.at++;
      fields.push({ name, at, value: this.value(depth) });
      const character = this.#next();
      if (character !== ',' && character !== '}') throw this.#unexpected('after object key:value pair');
      this.at++;
      if (character === '}') return fields;
    }
  }

  #items(depth: number): JsonNode[] {
    const items: JsonNode[] = [];
    if (this.#next() === ']') {
      this.at++;
      return items;
    }
    for (;;) {
      items.push(this.value(depth));
      const character = this.#next();
      if (character !== ',' && character !== ']') throw this.#unexpected('after array element');
      this.at++;
      if (character === ']') return items;
    }
  }

  #string(): { text: string; raw: string } {
    const from = this.at;
    quoted.lastIndex = from;
    quoted.exec(this.#text);
    this.at = quoted.lastIndex;
    if (this.#text[this.at] !== '"') {
      const rest = this.#text.slice(this.at, this.at + 6);
      // An escape may be cut off.
      if (rest === '' || /^\\(?:u[\dA-Fa-f]{0,3})?$/.test(rest)) throw new Unfinished();
      if (rest.startsWith('\\')) this.at++;
      throw this.#unexpected(rest.startsWith('\\') ? 'in string escape code' : 'in string literal');
    }
    this.at++;
    const raw = this.#text.slice(from, this.at);
    return { raw, text: raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1) };
  }

  #number(): string {
    number.lastIndex = this.at;
    const text = number.exec(this.#text)?.[0];
    if (text === undefined) {
      this.at++;
      if (this.at >= this.#text.length) throw new Unfinished();
      throw this.#unexpected('in numeric literal');
    }
    this.at += text.length;
    // What the expression left: a fraction or an exponent without a digit.
    const begun = /^(?:[.]|[eE][+-]?)/.exec(this.#text.slice(this.at, this.at + 2))?.[0];
    if (begun === undefined) return text;
    this.at += begun.length;
    if (this.at >= this.#text.length) throw new Unfinished();
    throw this.#unexpected(
      begun === '.' ? 'after decimal point in numeric literal' : 'in exponent of numeric literal',
    );
  }

  #literal(literal: string): void {
    for (const expected of literal) {
      const character = this.#text[this.at];
      if (character === undefined) throw new Unfinished();
      if (character !== expected) throw this.#unexpected(`in literal ${literal} (expecting '${expected}')`);
      this.at++;
    }
  }

  /** The character that comes next, behind space. */
  #next(): string {
    space.lastIndex = this.at;
    space.exec(this.#text);
    this.at = space.lastIndex;
    const character = this.#text[this.at];
    if (character === undefined) throw new Unfinished();
    return character;
  }

  #unexpected(where: string): JsonSyntax {
    const point = this.#text.codePointAt(this.at);
    const shown = point === undefined ? '' : JSON.stringify(String.fromCodePoint(point)).slice(1, -1);
    return new JsonSyntax(
      `invalid character '${shown === String.raw`\"` ? '"' : shown === "'" ? String.raw`\'` : shown}' ${where}`,
    );
  }
}
