/**
 * Parses Protocol Buffers messages in their JSON mapping, by a description of their fields, with the errors of Go's
 * protojson. `gateway.ts` defines etcd's messages.
 *
 * 1. Fields may be named as in the definition (`prev_kv`) or as in JSON (`prevKv`), once; unknown fields and unknown
 *    enumeration names are ignored.
 * 2. null means absent.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { EtcdFailure } from './failure.ts';
import { JsonSyntax, readJsonValue } from './json-values.ts';
import type { JsonNode } from './json-values.ts';

/** `bytes` are read as text whose characters are bytes. */
export type FieldType =
  | 'bytes'
  | 'int64'
  | 'bool'
  | { readonly names: readonly string[] }
  | { readonly message: () => MessageType }
  | { readonly listOf: { readonly names: readonly string[] } | { readonly message: () => MessageType } };

export interface MessageType {
  /** By their names in the definition. */
  readonly fields: Dictionary<FieldType>;
  /** Fields of which there is one at most, and what Go calls them together. */
  readonly oneOf?: { readonly name: string; readonly of: readonly string[] };
}

type Value = string | bigint | number | boolean | Message | readonly Value[];

/** A message that has been read. What was left out is empty, 0 or false. */
export class Message {
  readonly #values: ReadonlyMap<string, Value>;

  constructor(values: ReadonlyMap<string, Value> = new Map()) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Each character is a byte. */
  bytes(name: string): string {
    return (this.#values.get(name) as string | undefined) ?? '';
  }

  int64(name: string): bigint {
    return (this.#values.get(name) as bigint | undefined) ?? 0n;
  }

  /** An int64, as close as a number can represent it: no revision, count or limit is large enough to lose precision. */
  number(name: string): number {
    return Number(this.int64(name));
  }

  flag(name: string): boolean {
    return this.#values.get(name) === true;
  }

  /** The number of an enumeration's name. */
  choice(name: string): number {
    return (this.#values.get(name) as number | undefined) ?? 0;
  }

  choices(name: string): readonly number[] {
    return (this.#values.get(name) as readonly number[] | undefined) ?? [];
  }

  message(name: string): Message {
    return (this.#values.get(name) as Message | undefined) ?? new Message();
  }

  messages(name: string): readonly Message[] {
    return (this.#values.get(name) as readonly Message[] | undefined) ?? [];
  }
}

/** The first message of a body; the rest is ignored. An empty body is an empty message. @throws EtcdFailure */
export function readMessage(type: MessageType, body: string): Message {
  // Go counts lines from where the value begins.
  const text = body.replace(/^[ \t\r\n]+/, '');
  if (text === '') return new Message();
  const read = readValueOf(text, 0);
  if (!read) throw new EtcdFailure(3, 'unexpected EOF');
  return messageOf(type, read.value, text);
}

/** The next message of a stream, and where it goes on; undefined where there is no whole one yet. @throws EtcdFailure */
export function readNextMessage(
  type: MessageType,
  text: string,
  from: number,
): { readonly message: Message; readonly end: number } | undefined {
  const read = readValueOf(text, from);
  return read && { message: messageOf(type, read.value, text), end: read.end };
}

function readValueOf(text: string, from: number): ReturnType<typeof readJsonValue> {
  try {
    return readJsonValue(text, from);
  } catch (error) {
    if (error instanceof JsonSyntax) throw new EtcdFailure(3, error.message);
    throw error;
  }
}

function messageOf(type: MessageType, node: JsonNode, text: string): Message {
  if (node.kind !== 'object') throw unexpected(node, text);
  const values = new Map<string, Value>();
  const seen = new Set<string>();
  let chosen = false;
  for (const { name: written, at, value } of node.fields) {
    const name = fieldNamed(type, written);
    const fieldType = name === undefined ? undefined : type.fields[name];
    if (name === undefined || fieldType === undefined) continue;
    if (seen.has(name))
      throw new EtcdFailure(3, `proto: (${placeOf(text, at)}): duplicate field ${JSON.stringify(written)}`);
    seen.add(name);
    if (value.kind === 'null') continue;
    if (type.oneOf?.of.includes(name)) {
      if (chosen)
        throw new EtcdFailure(
          3,
          `proto: (${placeOf(text, at)}): error parsing ${JSON.stringify(written)}, oneof ${type.oneOf.name} is already set`,
        );
      chosen = true;
    }
    const read = valueOf(fieldType, value, { name, text });
    if (read !== undefined) values.set(name, read);
  }
  return new Message(values);
}

function fieldNamed({ fields }: MessageType, written: string): string | undefined {
  if (Object.hasOwn(fields, written)) return written;
  return Object.keys(fields).find((name) => camelCase(name) === written);
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

interface Place {
  readonly name: string;
  readonly text: string;
}

/** Undefined for an unknown name. */
function valueOf(type: FieldType, node: JsonNode, place: Place): Value | undefined {
  const { text } = place;
  if (typeof type === 'object' && 'listOf' in type) {
    if (node.kind !== 'list') throw unexpected(node, text);
    return node.items.flatMap((item) => valueOf(type.listOf, item, place) ?? []);
  }
  if (typeof type === 'object' && 'message' in type) return messageOf(type.message(), node, text);
  const value = scalarOf(type, node);
  if (value === 'wrong') {
    const kind = typeof type === 'string' ? type : 'enum';
    throw new EtcdFailure(
      3,
      `proto: (${placeOf(text, node.at)}): invalid value for ${kind} field ${camelCase(place.name)}: ${tokenOf(node)}`,
    );
  }
  return value === 'unknown' ? undefined : value.is;
}

function scalarOf(
  type: Exclude<FieldType, { message: unknown } | { listOf: unknown }>,
  node: JsonNode,
): { readonly is: Value } | 'wrong' | 'unknown' {
  switch (type) {
    case 'bool':
      return node.kind === 'true' || node.kind === 'false' ? { is: node.kind === 'true' } : 'wrong';
    case 'bytes': {
      const bytes = node.kind === 'string' ? bytesOf(node.text) : undefined;
      return bytes === undefined ? 'wrong' : { is: bytes };
    }
    case 'int64': {
      const integer = node.kind === 'number' || node.kind === 'string' ? integerOf(node.text) : undefined;
      return integer === undefined ? 'wrong' : { is: integer };
    }
    default: {
      if (node.kind === 'string') {
        const place = type.names.indexOf(node.text);
        return place < 0 ? 'unknown' : { is: place };
      }
      const integer = node.kind === 'number' ? integerOf(node.text) : undefined;
      return integer === undefined || BigInt.asIntN(32, integer) !== integer
        ? 'wrong'
        : { is: Number(integer) };
    }
  }
}

/** Base64 of either alphabet, padded or not, as Go takes it. */
function bytesOf(text: string): string | undefined {
  const isUrl = /[-_]/.test(text);
  const lines = text.replaceAll(/[\r\n]/g, '');
  const padding = text.length % 4 === 0 ? (/={1,2}$/.exec(lines)?.[0].length ?? 0) : 0;
  const digits = lines.length - padding;
  if (digits % 4 === 1 || (text.length % 4 === 0 && (digits + padding) % 4 !== 0)) return undefined;
  const wrong = isUrl ? /[^A-Za-z0-9\-_]/ : /[^A-Za-z0-9+/]/;
  if (wrong.test(padding > 0 ? lines.slice(0, digits) : lines)) return undefined;
  return Buffer.from(lines, isUrl ? 'base64url' : 'base64').toString('latin1');
}

const numberParts = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** An int64 as JSON may write it: `2`, `2.0`, `2e0`; undefined for what is none. */
function integerOf(text: string): bigint | undefined {
  const parts = numberParts.exec(text);
  if (!parts) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return 0n;
  const zeros = Number(exponent) - fraction.length + digits.length - significant.length;
  if (zeros < 0 || significant.length + zeros > 19) return undefined;
  const value = BigInt(sign + significant) * 10n ** BigInt(zeros);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function unexpected(node: JsonNode, text: string): EtcdFailure {
  return new EtcdFailure(
    3,
    `proto: syntax error (${placeOf(text, node.at)}): unexpected token ${tokenOf(node)}`,
  );
}

/** Longest piece of a request that is said back in an error. */
const longestQuote = 200;

function tokenOf(node: JsonNode): string {
  if (node.kind === 'object') return '{';
  if (node.kind === 'list') return '[';
  return (node.kind === 'string' ? node.raw : node.kind === 'number' ? node.text : node.kind).slice(
    0,
    longestQuote,
  );
}

/** As protojson says where: lines and characters, counted from 1. */
function placeOf(text: string, at: number): string {
  const lines = text.slice(0, at).split('\n');
  return `line ${lines.length}:${Array.from(lines.at(-1) ?? '').length + 1}`;
}
