/**
 * Parses .proto files (Protocol Buffers, "Language specification", proto2, proto3 and editions) as far as names need it:
 * packages, imports, messages, enumerations, services. Options are skipped. `definitions.ts` keeps the result.
 *
 * A type that no given file defines stays unknown: fields of it are read in their wire form.
 */
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { unknownType } from './definitions.ts';
import type { Definitions, FieldType, MessageType, Method } from './definitions.ts';

/** Where a file is not as expected. */
export interface ProtoFault {
  /** From 1. */
  readonly line: number;
  readonly expected: Localized;
  /** Empty at the end of the file. */
  readonly found: string;
}

export interface ProtoFile {
  readonly package: string;
  readonly imports: readonly string[];
  readonly messages: readonly ProtoMessage[];
  readonly enums: readonly ProtoEnum[];
  readonly services: readonly ProtoService[];
}

interface ProtoField {
  readonly name: string;
  readonly number: number;
  /** As it is written. */
  readonly type: string;
  /** Of a map: the types of key and value. */
  readonly map?: readonly [key: string, value: string];
}

interface ProtoMessage {
  /** With those of the messages around it, and with the package. */
  readonly name: string;
  readonly fields: readonly ProtoField[];
}

interface ProtoEnum {
  readonly name: string;
  readonly values: readonly (readonly [name: string, number: number])[];
}

interface ProtoService {
  readonly name: string;
  readonly methods: readonly { readonly name: string; readonly request: string; readonly response: string }[];
}

class ProtoError extends Error {
  readonly fault: ProtoFault;
  constructor(fault: ProtoFault) {
    super(fault.expected.en);
    this.fault = fault;
  }
}

export function parseProto(text: string): ProtoFile | { readonly fault: ProtoFault } {
  try {
    return new Parser(text).file();
  } catch (error) {
    if (error instanceof ProtoError) return { fault: error.fault };
    throw error;
  }
}

const token =
  /\s+|\/\/[^\n]*|\/\*[^]*?\*\/|("|'|[A-Za-z_.][\w.]*|[-+]?\d[\w.]*(?:[eE][-+]?\d+)?|[{}()[\]<>;=,:/-])/y;

interface Token {
  readonly text: string;
  readonly at: number;
}

/** Characters of a name. Each part of a package's name is a scope in which types are looked up. */
const mostName = 512;

/** Nested messages in a real file are few levels deep. */
const mostDepth = 64;

const words = {
  shortPackage: {
    en: `the name of the package, in ${mostName} characters at most`,
    ko: `${mostName}자 이하의 패키지 이름`,
  },
  packageName: { en: 'the name of the package', ko: '패키지 이름' },
  messageName: { en: 'the name of a message', ko: '메시지 이름' },
  oneofName: { en: 'the name of a oneof', ko: 'oneof 이름' },
  keyType: { en: 'the type of the keys', ko: '키의 자료형' },
  valueType: { en: 'the type of the values', ko: '값의 자료형' },
  fieldName: { en: 'the name of a field', ko: '필드 이름' },
  field: { en: 'a field', ko: '필드' },
  fieldNumber: { en: 'the number of a field', ko: '필드 번호' },
  enumName: { en: 'the name of an enumeration', ko: 'enum 이름' },
  serviceName: { en: 'the name of a service', ko: '서비스 이름' },
  methodName: { en: 'the name of a method', ko: '메서드 이름' },
  messageType: { en: 'the type of a message', ko: '메시지의 자료형' },
  rest: { en: 'the rest of a definition', ko: '정의의 나머지' },
  protoFile: { en: 'a .proto file', ko: '.proto 파일의 문법' },
  topLevel: verbatim('syntax, package, import, option, message, enum, service'),
  depth: {
    en: `at most ${mostDepth} messages inside each other`,
    ko: `중첩 메시지는 ${mostDepth}단계까지`,
  },
} as const satisfies Readonly<Record<string, Localized>>;

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #package = '';
  readonly #imports: string[] = [];
  readonly #messages: ProtoMessage[] = [];
  readonly #enums: ProtoEnum[] = [];
  readonly #services: ProtoService[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#tokens = this.#tokenize();
  }

  #tokenize(): readonly Token[] {
    const tokens: Token[] = [];
    token.lastIndex = 0;
    while (token.lastIndex < this.#text.length) {
      const at = token.lastIndex;
      const match = token.exec(this.#text);
      if (!match) this.#failAt(at, words.protoFile, JSON.stringify(this.#text.slice(at, at + 12)));
      if (match[1] === '"' || match[1] === "'") {
        token.lastIndex = this.#endOfText(at, match[1]);
        tokens.push({ text: this.#text.slice(at, token.lastIndex), at });
      } else if (match[1] !== undefined) tokens.push({ text: match[1], at });
    }
    return tokens;
  }

  /** Behind the quotation mark that ends a text. An expression that repeats would need memory for each letter of it. */
  #endOfText(start: number, quote: string): number {
    for (let at = start + 1; at < this.#text.length; at++) {
      const character = this.#text[at];
      if (character === quote) return at + 1;
      if (character === '\n') break;
      if (character === '\\') at++;
    }
    return this.#failAt(start, words.protoFile, JSON.stringify(this.#text.slice(start, start + 12)));
  }

  file(): ProtoFile {
    while (this.#next < this.#tokens.length) this.#topLevel();
    return {
      package: this.#package,
      imports: this.#imports,
      messages: this.#messages,
      enums: this.#enums,
      services: this.#services,
    };
  }

  #topLevel(): void {
    const word = this.#take();
    switch (word) {
      case 'syntax':
      case 'edition':
      case 'option':
        this.#skipStatement();
        break;
      case 'package':
        this.#package = this.#word(words.packageName);
        if (this.#package.length > mostName) {
          this.#next--;
          this.#fail(words.shortPackage);
        }
        this.#expect(';');
        break;
      case 'import': {
        const kind = this.#take();
        this.#imports.push(unquoted(['public', 'weak', 'option'].includes(kind) ? this.#take() : kind));
        this.#expect(';');
        break;
      }
      case 'message':
        this.#message(this.#package, 0);
        break;
      case 'enum':
        this.#enum(this.#package);
        break;
      case 'service':
        this.#service();
        break;
      case 'extend':
        this.#word(words.messageName);
        this.#skipBlock();
        break;
      case ';':
        break;
      default:
        this.#next--;
        this.#fail(words.topLevel);
    }
  }

  #message(scope: string, depth: number): void {
    const name = joined(scope, this.#name(words.messageName));
    const fields: ProtoField[] = [];
    this.#expect('{');
    this.#messageBody(name, fields, depth);
    this.#messages.push({ name, fields });
  }

  #messageBody(name: string, fields: ProtoField[], depth: number): void {
    if (depth > mostDepth) this.#fail(words.depth);
    for (;;) {
      const word = this.#take();
      switch (word) {
        case '}':
          return;
        case ';':
          break;
        case 'message':
          this.#message(name, depth + 1);
          break;
        case 'enum':
          this.#enum(name);
          break;
        case 'oneof':
          this.#word(words.oneofName);
          this.#expect('{');
          this.#messageBody(name, fields, depth + 1);
          break;
        case 'extend':
          this.#word(words.messageName);
          this.#skipBlock();
          break;
        case 'option':
        case 'reserved':
        case 'extensions':
          this.#skipStatement();
          break;
        case 'map':
          fields.push(this.#map());
          break;
        case 'optional':
        case 'required':
        case 'repeated':
          fields.push(this.#field(this.#take(), name, depth));
          break;
        default:
          fields.push(this.#field(word, name, depth));
      }
    }
  }

  #map(): ProtoField {
    this.#expect('<');
    const key = this.#word(words.keyType);
    this.#expect(',');
    const value = this.#word(words.valueType);
    this.#expect('>');
    const name = this.#word(words.fieldName);
    return { name, number: this.#number(), type: 'map', map: [key, value] };
  }

  #field(type: string, scope: string, depth: number): ProtoField {
    if (!/^\.?[A-Za-z_]/.test(type)) {
      this.#next--;
      this.#fail(words.field);
    }
    const name = this.#name(words.fieldName);
    if (type !== 'group') return { name, number: this.#number(), type };
    // The number of a group is before its fields.
    this.#expect('=');
    const number = Number(this.#take());
    const fields: ProtoField[] = [];
    this.#expect('{');
    this.#messageBody(joined(scope, name), fields, depth + 1);
    this.#messages.push({ name: joined(scope, name), fields });
    return { name: name.toLowerCase(), number, type: `.${joined(scope, name)}` };
  }

  /** `= 5 [options];` */
  #number(): number {
    this.#expect('=');
    const number = Number(this.#take());
    if (!Number.isInteger(number) || number < 1) {
      this.#next--;
      this.#fail(words.fieldNumber);
    }
    this.#skipStatement();
    return number;
  }

  #enum(scope: string): void {
    const name = joined(scope, this.#name(words.enumName));
    const values: (readonly [string, number])[] = [];
    this.#expect('{');
    for (let word = this.#take(); word !== '}'; word = this.#take()) {
      if (word === 'option' || word === 'reserved') this.#skipStatement();
      else if (word !== ';') {
        this.#expect('=');
        const sign = this.#peek() === '-' ? this.#take() : '';
        values.push([word, Number(`${sign}${this.#take()}`)]);
        this.#skipStatement();
      }
    }
    this.#enums.push({ name, values });
  }

  #service(): void {
    const name = joined(this.#package, this.#name(words.serviceName));
    const methods: { name: string; request: string; response: string }[] = [];
    this.#expect('{');
    for (let word = this.#take(); word !== '}'; word = this.#take()) {
      if (word === 'option') this.#skipStatement();
      else if (word === 'rpc') {
        const method = this.#word(words.methodName);
        const request = this.#parameter();
        if (this.#take() !== 'returns') {
          this.#next--;
          this.#fail(verbatim('returns'));
        }
        methods.push({ name: method, request, response: this.#parameter() });
        if (this.#peek() === '{') this.#skipBlock();
        else this.#expect(';');
      } else if (word !== ';') {
        this.#next--;
        this.#fail(verbatim('rpc'));
      }
    }
    this.#services.push({ name, methods });
  }

  #parameter(): string {
    this.#expect('(');
    const first = this.#word(words.messageType);
    // A message may be called `stream`.
    const type = first === 'stream' && this.#peek() !== ')' ? this.#word(words.messageType) : first;
    this.#expect(')');
    return type;
  }

  /** Up to the semicolon that ends it; values may have braces. */
  #skipStatement(): void {
    for (let depth = 0; ; ) {
      const word = this.#take();
      if (word === '{' || word === '[' || word === '(') depth++;
      else if (word === '}' || word === ']' || word === ')') depth--;
      else if (word === ';' && depth <= 0) return;
    }
  }

  #skipBlock(): void {
    this.#expect('{');
    for (let depth = 1; depth > 0; ) {
      const word = this.#take();
      if (word === '{') depth++;
      else if (word === '}') depth--;
    }
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next]?.text;
  }

  #take(): string {
    const next = this.#tokens[this.#next];
    if (!next) this.#fail(words.rest);
    this.#next++;
    return next.text;
  }

  #word(expected: Localized): string {
    const word = this.#peek();
    if (word === undefined || !/^\.?[A-Za-z_]/.test(word)) this.#fail(expected);
    this.#next++;
    return word;
  }

  /** Of one part, without dots. */
  #name(expected: Localized): string {
    const word = this.#word(expected);
    if (word.length <= mostName && /^\w+$/.test(word)) return word;
    this.#next--;
    return this.#fail(expected);
  }

  #expect(mark: string): void {
    if (this.#peek() !== mark) this.#fail(verbatim(JSON.stringify(mark)));
    this.#next++;
  }

  #fail(expected: Localized): never {
    const next = this.#tokens[this.#next];
    return this.#failAt(
      next?.at ?? this.#text.length,
      expected,
      next ? JSON.stringify(next.text.slice(0, 40)) : '',
    );
  }

  #failAt(at: number, expected: Localized, found: string): never {
    const line = this.#text.slice(0, at).split('\n').length;
    throw new ProtoError({ line, expected, found });
  }
}

const joined = (scope: string, name: string): string => (scope === '' ? name : `${scope}.${name}`);

const unquoted = (text: string): string => text.replace(/^["']|["']$/g, '');

const scalars: ReadonlySet<string> = new Set([
  'double',
  'float',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'sint32',
  'sint64',
  'fixed32',
  'fixed64',
  'sfixed32',
  'sfixed64',
  'bool',
  'string',
  'bytes',
]);

/** Links the types of all files; of two definitions of one name the later counts. */
export function definitionsOf(files: readonly ProtoFile[]): Definitions {
  const messages = new Map<string, MessageType & { readonly fields: Map<number, FieldType> }>();
  const enums = new Map<string, ReadonlyMap<number, string>>();
  for (const file of files) {
    for (const { name } of file.messages) messages.set(name, { name, fields: new Map() });
    for (const { name, values } of file.enums)
      enums.set(name, new Map(values.map(([value, number]) => [number, value])));
  }
  /** From the innermost scope outwards. */
  const resolved = <T>(types: ReadonlyMap<string, T>, type: string, scope: string): T | undefined => {
    if (type.startsWith('.')) return types.get(type.slice(1));
    for (let at = scope; ; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
      const found = types.get(joined(at, type));
      if (found !== undefined || at === '') return found;
    }
  };
  const typeOf = (field: string, type: string, scope: string): FieldType => {
    if (scalars.has(type)) return { field, name: type };
    const message = resolved(messages, type, scope);
    if (message) return { field, name: message.name, message };
    const values = resolved(enums, type, scope);
    return values ? { field, name: type, values } : { field, name: unknownType };
  };
  for (const file of files)
    for (const { name: scope, fields } of file.messages)
      for (const { name, number, type, map } of fields)
        messages
          .get(scope)
          ?.fields.set(
            number,
            map
              ? { field: name, name: 'map', message: entryOf(map, (part, of) => typeOf(part, of, scope)) }
              : typeOf(name, type, scope),
          );
  const methods = new Map<string, Method>();
  for (const file of files)
    for (const service of file.services)
      for (const { name, request, response } of service.methods)
        methods.set(`/${service.name}/${name}`, {
          request: resolved(messages, request, service.name),
          response: resolved(messages, response, service.name),
        });
  return methods;
}

/** A map is sent as a list of messages with a key and a value. */
function entryOf(
  [key, value]: readonly [key: string, value: string],
  typeOf: (field: string, type: string) => FieldType,
): MessageType {
  return {
    name: 'map',
    fields: new Map([
      [1, typeOf('key', key)],
      [2, typeOf('value', value)],
    ]),
  };
}
