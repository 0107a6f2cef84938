/**
 * Reads both directions of a connection to Redis: commands and replies by title, with the passwords in them. A message is one
 * element at the outermost level; its end is found without keeping what is between.
 *
 * 1. Nesting deeper than `deepest`, and types that nobody knows, end the reading of a direction: the rest is not understood.
 * 2. Of a message at most the beginning is kept, and at most `mostWords` of its elements are named.
 */
import type { Side } from '../../../capture/event.ts';
import { latin1Text } from '../../../core/bytes.ts';
import type { Cursor } from '../../../core/cursor.ts';
import type { Localized } from '../../../i18n/language.ts';
import { verbatim } from '../../../i18n/language.ts';
import type { Piece } from '../../piece.ts';
import type { ProtocolMessage, ProtocolReader } from '../../protocol.ts';
import type { Credential } from '../../shared/credential.ts';
import { beginningOf, Collector, messageOf } from '../../shared/framed.ts';
import type { Said, Unit } from '../../shared/framed.ts';
import type { LoginResult } from '../../shared/login-result.ts';
import { utf8 } from '../../shared/sasl.ts';

const deepest = 32;
const mostWords = 64;
const mostAsked = 4096;
/** A line is longer than this in no message that a program sends. */
const longestLine = 64 * 1024;
const lineFeed = 0x0a;

/** How many elements follow for each that is announced. */
const aggregates: Readonly<Record<string, number>> = { '*': 1, '~': 1, '>': 1, '%': 2, '|': 2 };
const bulks = '$=!';
const scalars = '+-:_#,(';

/** One direction: where the element under way ends. */
class Direction {
  readonly collected = new Collector();
  /** Elements that are to come, from the outermost level inward. */
  readonly open: number[] = [];
  /** Bytes of a string that are to come, with its line end. */
  left = 0;
  line = '';
  isLost = false;
}

export function redisReader(): ProtocolReader {
  const directions: Readonly<Record<Side, Direction>> = { client: new Direction(), server: new Direction() };
  /** Of each command that waits for its reply: whether it logs in. */
  const asked: boolean[] = [];
  const told = (unit: Unit): ProtocolMessage => {
    const message = messageOf(
      unit,
      {
        protocol: 'redis',
        root: unit.from === 'client' ? 'redis.command' : 'redis.reply',
        unread: 'redis.unread',
      },
      unit.from === 'client' ? readCommand : readReply,
    );
    if (unit.from === 'client') {
      const isLogin = (message.credentials ?? []).some(({ kind }) => kind === 'auth_command');
      if (asked.length < mostAsked) asked.push(isLogin && /^(?:AUTH|HELLO)\b/.test(message.title.en));
      return message;
    }
    const login = loginIn(unit, asked);
    return login ? { ...message, login } : message;
  };
  return {
    feed: (piece) => feed(directions[piece.from], piece).map(told),
    expects: (_, other) => other,
    cut(from) {
      const direction = directions[from];
      const { collected } = direction;
      const isLost = collected.length === 0;
      directions[from].open.length = 0;
      direction.left = 0;
      direction.line = '';
      return isLost ? [] : [told(collected.take(from, { isCut: true }))];
    },
  };
}

/** What a reply says to a login; nobody else is told WRONGPASS, and NOAUTH says that there was none. */
function loginIn({ bytes, isLost }: Unit, asked: boolean[]): LoginResult | undefined {
  const type = String.fromCharCode(bytes[0] ?? 0);
  // What the server says unasked answers nothing.
  if (isLost || type === '>') return undefined;
  const isLogin = asked.shift() === true;
  const isError = type === '-' || type === '!';
  if (!isError) return isLogin ? 'accepted' : undefined;
  const text = latin1Text(bytes.subarray(0, 64));
  return isLogin || /^(?:-|!\d+\r\n)(?:WRONGPASS|NOAUTH)\b/.test(text) ? 'refused' : undefined;
}

function feed(direction: Direction, { from, offset, bytes, tag }: Piece): Unit[] {
  const units: Unit[] = [];
  const { collected, open } = direction;
  // Behind what was not understood, a piece that begins as an element does is read again.
  if (
    direction.isLost &&
    !`${bulks}${scalars}${Object.keys(aggregates).join('')}`.includes(String.fromCharCode(bytes[0] ?? 0))
  ) {
    collected.add(bytes, offset, tag);
    return [collected.take(from, { isLost: true })];
  }
  direction.isLost = false;
  let at = 0;
  while (at < bytes.length) {
    if (direction.left > 0) {
      const taken = Math.min(direction.left, bytes.length - at);
      collected.add(bytes.subarray(at, at + taken), offset + at, tag);
      direction.left -= taken;
      at += taken;
      if (direction.left > 0) break;
      if (isWhole(open)) units.push(collected.take(from));
      continue;
    }
    const found = bytes.indexOf(lineFeed, at);
    const end = found < 0 ? bytes.length : found + 1;
    const part = bytes.subarray(at, end);
    collected.add(part, offset + at, tag);
    direction.line += latin1Text(part.subarray(0, 32));
    at = end;
    if (found < 0 && collected.length < longestLine) break;
    const { line } = direction;
    direction.line = '';
    const verdict = found < 0 ? 'none' : announced(direction, line, from);
    if (verdict === 'none') {
      direction.isLost = true;
      open.length = 0;
      collected.add(bytes.subarray(at), offset + at, tag);
      units.push(collected.take(from, { isLost: true }));
      break;
    }
    if (verdict === 'whole') units.push(collected.take(from));
  }
  return units;
}

/** What a line announces: elements or bytes that follow (`more`), or nothing; `none` where it is no line of Redis. */
function announced(direction: Direction, line: string, from: Side): 'more' | 'whole' | 'none' {
  const { open } = direction;
  const type = line[0] ?? '';
  const number = /^.(-?\d{1,10})\r?\n$/.exec(line)?.[1];
  const each = Object.hasOwn(aggregates, type) ? aggregates[type] : undefined;
  if (each !== undefined) {
    if (number === undefined || open.length >= deepest) return 'none';
    // An attribute precedes the element that it belongs to.
    const count = Math.max(0, Number(number)) * each + (type === '|' ? 1 : 0);
    if (count === 0) return isWhole(open) ? 'whole' : 'more';
    open.push(count);
    return 'more';
  }
  if (bulks.includes(type)) {
    if (number === undefined) return 'none';
    if (Number(number) < 0) return isWhole(open) ? 'whole' : 'more';
    direction.left = Number(number) + 2;
    return 'more';
  }
  // A person at a terminal types commands as lines.
  const isInline = from === 'client' && open.length === 0;
  return scalars.includes(type) || isInline ? (isWhole(open) ? 'whole' : 'more') : 'none';
}

/** An element has ended: whether the outermost one has. */
function isWhole(open: number[]): boolean {
  for (let left = open.at(-1); left !== undefined; left = open.at(-1)) {
    if (left > 1) {
      open[open.length - 1] = left - 1;
      return false;
    }
    open.pop();
  }
  return true;
}

interface Word {
  readonly text: string;
  /** Where the text stands, in its direction. */
  readonly offset: number;
}

/** Their arguments are keys, channels and options. */
const secretive: ReadonlySet<string> = new Set([
  'AUTH',
  'HELLO',
  'ACL',
  'CONFIG',
  'MIGRATE',
  'EVAL',
  'EVALSHA',
  'FCALL',
]);

function readCommand(cursor: Cursor, said: Said): void {
  if (cursor.peek() !== 0x2a) return readInline(cursor, said);
  const count = Number(cursor.text('redis.count', cursor.distanceTo(lineFeed) + 1).slice(1));
  // What the secrets are is known only with all words: they are looked at before they are named.
  const words = new Peeked(cursor).words(Math.min(count, mostWords));
  const secrets = secretsIn(words);
  said.title = titleOf(words);
  if (secrets.length > 0) said.credentials = secrets;
  for (const [index, { text, offset }] of words.entries()) {
    cursor.text('redis.length', cursor.distanceTo(lineFeed) + 1);
    const secret = secrets.find((one) => one.offset >= offset && one.offset < offset + text.length);
    if (secret) {
      // In ACL SETUSER a sign stands before the password.
      if (secret.offset > offset) cursor.text('redis.argument', secret.offset - offset);
      cursor.text('redis.secret', secret.length);
    } else cursor.text(index === 0 ? 'redis.verb' : 'redis.argument', text.length);
    cursor.text('redis.line_end', 2);
  }
}

function readInline(cursor: Cursor, said: Said): void {
  const start = cursor.offset;
  const line = Array.from({ length: Math.min(cursor.remaining, 1024) }, (_, index) =>
    String.fromCharCode(cursor.peek(index) ?? 0),
  ).join('');
  const words = [...line.matchAll(/\S+/g)]
    .slice(0, mostWords)
    .map((match): Word => ({ text: match[0], offset: start + match.index }));
  const secrets = secretsIn(words);
  said.title = titleOf(words);
  if (secrets.length > 0) said.credentials = secrets;
  for (const [index, { text, offset }] of words.entries()) {
    if (offset > cursor.offset) cursor.text('redis.line_end', offset - cursor.offset);
    const isSecret = secrets.some((one) => one.offset === offset);
    cursor.text(isSecret ? 'redis.secret' : index === 0 ? 'redis.verb' : 'redis.argument', text.length);
  }
  if (cursor.remaining > 0) cursor.text('redis.line_end', cursor.remaining);
}

/** Looks ahead of a cursor. */
class Peeked {
  readonly #cursor: Cursor;
  #at = 0;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  /** The bulk strings that are whole. */
  words(most: number): Word[] {
    const words: Word[] = [];
    while (words.length < most) {
      const header = this.#line();
      const length = /^\$(\d{1,10})\r?$/.exec(header)?.[1];
      if (length === undefined || this.#at + Number(length) + 2 > this.#cursor.remaining) break;
      const offset = this.#cursor.offset + this.#at;
      words.push({ text: this.#take(Number(length)), offset });
      this.#at += 2;
    }
    return words;
  }

  #line(): string {
    let line = '';
    for (let byte = this.#cursor.peek(this.#at); byte !== undefined && line.length < 24; ) {
      this.#at++;
      if (byte === lineFeed) return line;
      line += String.fromCharCode(byte);
      byte = this.#cursor.peek(this.#at);
    }
    return '';
  }

  #take(length: number): string {
    const codes: string[] = [];
    for (let index = 0; index < length; index++)
      codes.push(String.fromCharCode(this.#cursor.peek(this.#at + index) ?? 0));
    this.#at += length;
    return codes.join('');
  }
}

function titleOf(words: readonly Word[]): Localized {
  const [verb = '', first, second] = words.map(({ text }) => text);
  const name = /^[A-Za-z._]{1,32}$/.test(verb) ? verb.toUpperCase() : '?';
  if (name === 'HELLO' && first !== undefined) return verbatim(`HELLO ${first.slice(0, 2)}`);
  if (name === 'AUTH') return verbatim(second === undefined ? 'AUTH' : `AUTH ${utf8(first ?? '')}`);
  if (name === 'ACL' || name === 'CONFIG')
    return verbatim(`${name} ${(first ?? '').slice(0, 16).toUpperCase()}`.trim());
  if (secretive.has(name) || first === undefined) return verbatim(name);
  return verbatim(`${name} ${beginningOf(utf8(first.slice(0, 256)), 40)}`);
}

function secretsIn(words: readonly Word[]): Credential[] {
  const [verb, ...rest] = words;
  const secret = (
    word: Word | undefined,
    user: Word | undefined,
    kind: Credential['kind'],
    skipped = 0,
  ): Credential[] =>
    word === undefined || word.text.length <= skipped
      ? []
      : [
          {
            kind,
            name: user === undefined ? 'default' : utf8(user.text),
            value: utf8(word.text.slice(skipped)),
            offset: word.offset + skipped,
            length: word.text.length - skipped,
          },
        ];
  const is = (word: Word | undefined, name: string): boolean => word?.text.toUpperCase() === name;
  switch (verb?.text.toUpperCase()) {
    case 'AUTH':
      return rest.length > 1
        ? secret(rest[1], rest[0], 'auth_command')
        : secret(rest[0], undefined, 'auth_command');
    case 'HELLO':
    case 'MIGRATE': {
      const at = rest.findIndex((word) => is(word, 'AUTH') || is(word, 'AUTH2'));
      if (at < 0) return [];
      const hasUser = is(verb, 'HELLO') || is(rest[at], 'AUTH2');
      return hasUser
        ? secret(rest[at + 2], rest[at + 1], 'auth_command')
        : secret(rest[at + 1], undefined, 'auth_command');
    }
    case 'CONFIG':
      if (!is(rest[0], 'SET')) return [];
      return rest.flatMap((word, index) =>
        /^(requirepass|masterauth|tls-key-file-pass)$/i.test(word.text) && index > 0
          ? secret(rest[index + 1], word, 'redis_config')
          : [],
      );
    case 'ACL':
      if (!is(rest[0], 'SETUSER')) return [];
      return rest
        .slice(2)
        .flatMap((word) => (word.text.startsWith('>') ? secret(word, rest[1], 'redis_config', 1) : []));
    default:
      return [];
  }
}

const nounOf: Readonly<Record<string, (count: string) => Localized>> = {
  '*': (count) => ({ en: `array of ${count}`, ko: `항목 ${count}개의 배열` }),
  '~': (count) => ({ en: `set of ${count}`, ko: `항목 ${count}개의 집합` }),
  '%': (count) => ({ en: `map of ${count}`, ko: `항목 ${count}개의 맵` }),
  '|': (count) => ({ en: `attributes, ${count}`, ko: `속성 ${count}개` }),
  '>': (count) => ({ en: `push of ${count}`, ko: `항목 ${count}개의 알림` }),
  $: (count) =>
    count === '-1'
      ? { en: 'no value', ko: '값 없음' }
      : { en: `string of ${count} B`, ko: `${count}B 문자열` },
  '=': (count) => ({ en: `text of ${count} B`, ko: `${count}B 텍스트` }),
  '!': () => ({ en: 'error', ko: '오류' }),
  _: () => ({ en: 'no value', ko: '값 없음' }),
};

function readReply(cursor: Cursor, said: Said): void {
  for (let element = 0; element < mostWords && cursor.remaining > 0; element++) {
    const type = String.fromCharCode(cursor.peek() ?? 0);
    const length = Math.min(cursor.distanceTo(lineFeed) + 1, cursor.remaining);
    const isAggregate = Object.hasOwn(aggregates, type);
    const isBulk = bulks.includes(type);
    const line = cursor.text(
      isAggregate ? 'redis.count' : isBulk ? 'redis.length' : type === '-' ? 'redis.error' : 'redis.value',
      length,
    );
    const text = line.slice(1).trimEnd();
    if (element === 0) said.title = nounOf[type]?.(text.slice(0, 12)) ?? verbatim(beginningOf(utf8(text)));
    if (!isBulk || text.startsWith('-')) continue;
    cursor.text(type === '!' ? 'redis.error' : 'redis.value', Number(text));
    cursor.text('redis.line_end', 2);
  }
}
