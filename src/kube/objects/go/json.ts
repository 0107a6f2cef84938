/** Why a text is no JSON, in the words of Go's encoding/json, which kube-apiserver passes on. */

type State = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'after';

const blanks = ' \t\r\n';
const literals = ['true', 'false', 'null'];

class SyntaxFault extends Error {}

/** @returns undefined for JSON. */
export function goJsonFault(text: string): string | undefined {
  try {
    new Scanner(text).scan();
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxFault) return error.message;
    throw error;
  }
}

/** Follows Go's scanner, which works on bytes. It keeps its own stack: the text may be as deep as it is long. */
class Scanner {
  readonly #bytes: string;
  #at = 0;

  constructor(text: string) {
    this.#bytes = Buffer.from(text).toString('latin1');
  }

  scan(): void {
    const open: ('{' | '[')[] = [];
    let state: State = 'value';
    for (;;) {
      while (this.#at < this.#bytes.length && blanks.includes(this.#current)) this.#at++;
      if (this.#at >= this.#bytes.length && state === 'after' && open.length === 0) return;
      const found = this.#take();
      switch (state) {
        case 'value':
        case 'value or end':
          if (found === ']' && state === 'value or end') {
            open.pop();
            state = 'after';
          } else if (found === '{' || found === '[') {
            open.push(found);
            state = found === '{' ? 'key or end' : 'value or end';
          } else {
            this.#scalar(found);
            state = 'after';
          }
          break;
        case 'key':
        case 'key or end':
          if (found === '}' && state === 'key or end') {
            open.pop();
            state = 'after';
          } else if (found === '"') {
            this.#string();
            state = 'colon';
          } else throw unexpected(found, 'looking for beginning of object key string');
          break;
        case 'colon':
          if (found !== ':') throw unexpected(found, 'after object key');
          state = 'value';
          break;
        case 'after': {
          const within = open.at(-1);
          if (within === undefined) throw unexpected(found, 'after top-level value');
          if (found === (within === '{' ? '}' : ']')) open.pop();
          else if (found === ',') state = within === '{' ? 'key' : 'value';
          else
            throw unexpected(found, within === '{' ? 'after object key:value pair' : 'after array element');
        }
      }
    }
  }

  get #current(): string {
    return this.#bytes[this.#at] ?? '';
  }

  #take(): string {
    if (this.#at >= this.#bytes.length) throw new SyntaxFault('unexpected end of JSON input');
    return this.#bytes[this.#at++] ?? '';
  }

  #scalar(first: string): void {
    const literal = literals.find((one) => one[0] === first);
    if (first === '"') this.#string();
    else if (literal !== undefined) {
      for (const expected of literal.slice(1)) {
        const found = this.#take();
        if (found !== expected) throw unexpected(found, `in literal ${literal} (expecting '${expected}')`);
      }
    } else if (first === '-' || isDigit(first)) this.#number(first);
    else throw unexpected(first, 'looking for beginning of value');
  }

  #string(): void {
    for (;;) {
      const found = this.#take();
      if (found === '"') return;
      if (found < ' ') throw unexpected(found, 'in string literal');
      if (found !== '\\') continue;
      const escaped = this.#take();
      if (escaped === 'u') {
        for (let digit = 0; digit < 4; digit++) {
          const hex = this.#take();
          if (!/[0-9a-fA-F]/.test(hex)) throw unexpected(hex, 'in \\u hexadecimal character escape');
        }
      } else if (!'bfnrt\\/"'.includes(escaped)) throw unexpected(escaped, 'in string escape code');
    }
  }

  #number(first: string): void {
    const leading = first === '-' ? this.#digit('in numeric literal') : first;
    if (leading !== '0') this.#digits();
    if (this.#current === '.') {
      this.#at++;
      this.#digit('after decimal point in numeric literal');
      this.#digits();
    }
    if (this.#current !== '' && 'eE'.includes(this.#current)) {
      this.#at++;
      if (this.#current !== '' && '+-'.includes(this.#current)) this.#at++;
      this.#digit('in exponent of numeric literal');
      this.#digits();
    }
  }

  #digit(where: string): string {
    const found = this.#take();
    if (!isDigit(found)) throw unexpected(found, where);
    return found;
  }

  #digits(): void {
    while (isDigit(this.#current)) this.#at++;
  }
}

const isDigit = (character: string): boolean =>
  character >= '0' && character <= '9' && character.length === 1;

function unexpected(found: string, where: string): SyntaxFault {
  const shown = found === "'" ? "\\'" : found === '"' ? '"' : JSON.stringify(found).slice(1, -1);
  return new SyntaxFault(`invalid character '${shown}' ${where}`);
}
