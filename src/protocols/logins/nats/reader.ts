/**
 * Reads both directions of a connection to a NATS server: what the server says of itself, the login with its password, subjects,
 * messages by their sizes. A message is a line, with the payload that it announces. The server hands over where the client turns to TLS.
 */
import type { Side } from '../../../capture/event.ts';
import { latin1Text } from '../../../core/bytes.ts';
import type { Cursor } from '../../../core/cursor.ts';
import { verbatim } from '../../../i18n/language.ts';
import { grouped } from '../../../i18n/number.ts';
import type { Handover, Piece } from '../../piece.ts';
import type { ProtocolMessage, ProtocolReader } from '../../protocol.ts';
import type { Credential } from '../../shared/credential.ts';
import { beginningOf, Collector, messageOf } from '../../shared/framed.ts';
import type { Said, Unit } from '../../shared/framed.ts';
import { utf8 } from '../../shared/sasl.ts';

/** A server allows 4 KiB (max_control_line); its own INFO may be longer. */
const longestLine = 64 * 1024;
const lineFeed = 0x0a;
const handshake = 0x16;

/** Operations that announce a payload: its size is their last word. */
const withPayload = /^(?:PUB|HPUB|MSG|HMSG)[ \t].*[ \t](\d{1,10})\r?\n$/i;
const operation = /^(?:INFO|CONNECT|PUB|HPUB|SUB|UNSUB|MSG|HMSG|PING|PONG|\+OK|-ERR)(?=[\s]|$)/i;

class Direction {
  readonly collected = new Collector();
  /** Bytes of a payload that are to come, with its line end. */
  left = 0;
  line = '';
  isLost = false;
}

export function natsReader(): ProtocolReader {
  const directions: Readonly<Record<Side, Direction>> = { client: new Direction(), server: new Direction() };
  const handovers: Handover[] = [];
  const told = (unit: Unit): ProtocolMessage =>
    messageOf(unit, { protocol: 'nats', root: 'nats.message', unread: 'nats.unread' }, readMessage);
  return {
    feed(piece) {
      const direction = directions[piece.from];
      if (
        piece.from === 'server' &&
        piece.bytes[0] === handshake &&
        direction.left === 0 &&
        direction.collected.length === 0
      ) {
        handovers.push(piece);
        return [];
      }
      return feed(direction, piece).map(told);
    },
    expects: (from, other) => from === 'server' && other,
    takeHandovers: () => handovers.splice(0),
    cut(from) {
      const direction = directions[from];
      const { collected } = direction;
      direction.left = 0;
      direction.line = '';
      direction.isLost = true;
      return collected.length === 0 ? [] : [told(collected.take(from, { isCut: true }))];
    },
    survivesGaps: true,
  };
}

function feed(direction: Direction, { from, offset, bytes, tag }: Piece): Unit[] {
  const units: Unit[] = [];
  const { collected } = direction;
  const lose = (at: number): Unit[] => {
    direction.isLost = true;
    direction.left = 0;
    direction.line = '';
    collected.add(bytes.subarray(at), offset + at, tag);
    units.push(collected.take(from, { isLost: true }));
    return units;
  };
  // Behind what was not understood, a piece that begins as a line does is read again.
  if (direction.isLost && !operation.test(latin1Text(bytes.subarray(0, 16)))) return lose(0);
  direction.isLost = false;
  for (let at = 0; at < bytes.length; ) {
    if (direction.left > 0) {
      const taken = Math.min(direction.left, bytes.length - at);
      collected.add(bytes.subarray(at, at + taken), offset + at, tag);
      direction.left -= taken;
      at += taken;
      if (direction.left === 0) units.push(collected.take(from));
      continue;
    }
    const found = bytes.indexOf(lineFeed, at);
    const end = found < 0 ? bytes.length : found + 1;
    const line = direction.line + latin1Text(bytes.subarray(at, end));
    if ((found < 0 && line.length > longestLine) || (found >= 0 && !operation.test(line))) return lose(at);
    collected.add(bytes.subarray(at, end), offset + at, tag);
    direction.line = found < 0 ? line : '';
    at = end;
    if (found < 0) break;
    const size = withPayload.exec(line)?.[1];
    if (size === undefined) units.push(collected.take(from));
    else direction.left = Number(size) + 2;
  }
  return units;
}

function readMessage(cursor: Cursor, said: Said): void {
  const length = Math.min(cursor.distanceTo(lineFeed) + 1, cursor.remaining);
  const line = Array.from({ length }, (_, index) => String.fromCharCode(cursor.peek(index) ?? 0)).join('');
  const verb = operation.exec(line)?.[0] ?? '';
  const name = verb.toUpperCase();
  said.title = verbatim(name || '?');
  if (verb.length === 0) return;
  const start = cursor.offset;
  cursor.text('nats.verb', verb.length);
  const rest = line.slice(verb.length);
  if (name === 'CONNECT') {
    readLogin(cursor, said, rest, start + verb.length);
    return;
  }
  if (name === 'INFO') {
    const [server, version] = ['server_name', 'version'].map((member) => memberOf(rest, member)?.value ?? '');
    said.facts = verbatim(beginningOf(utf8([server, version].filter(Boolean).join(', '))));
  } else if (name === '-ERR') said.facts = verbatim(beginningOf(utf8(rest), 120));
  else {
    const words = rest.trim().split(/\s+/).filter(Boolean);
    const size = /^(?:H?PUB|H?MSG)$/.test(name) ? words.at(-1) : undefined;
    const [subject] = words;
    if (subject !== undefined && name !== 'UNSUB')
      said.title = verbatim(`${name} ${beginningOf(utf8(subject))}`);
    if (size !== undefined && /^\d+$/.test(size)) said.facts = verbatim(`${grouped(Number(size))} B`);
  }
  if (rest.length > 0) cursor.text('nats.arguments', rest.length);
  if (cursor.remaining > 0) cursor.rest('nats.payload');
}

interface Member {
  /** As it stands there, without its quotes. */
  readonly value: string;
  readonly at: number;
}

/** A member of text in a JSON object. */
function memberOf(json: string, name: string): Member | undefined {
  const found = new RegExp(`"${name}"\\s*:\\s*"((?:[^"\\\\]|\\\\.)*)"`, 'd').exec(json);
  const range = found?.indices?.[1];
  return found && range ? { value: found[1] ?? '', at: range[0] } : undefined;
}

/** What JSON's escapes stand for. */
function unescaped(value: string): string {
  try {
    return String(JSON.parse(`"${value}"`));
  } catch {
    return value;
  }
}

/** The members of a login that are the secret itself. With a key the client signs a number of the server's, and shows its public part. */
const secrets = ['pass', 'auth_token'];

function readLogin(cursor: Cursor, said: Said, json: string, start: number): void {
  const user = memberOf(json, 'user')?.value ?? '';
  const key = memberOf(json, 'nkey')?.value || memberOf(json, 'sig')?.value;
  if (user !== '') {
    const name = beginningOf(utf8(unescaped(user)));
    said.facts = { en: `user ${name}`, ko: `사용자 ${name}` };
  } else if (key) said.facts = { en: 'signed with a key', ko: '키로 서명함' };
  const found = secrets
    .map((name) => ({ name, member: memberOf(json, name) }))
    .filter((one): one is { name: string; member: Member } => Boolean(one.member?.value))
    .sort((one, other) => one.member.at - other.member.at);
  const credentials = found.map(
    ({ name, member: { value, at } }): Credential => ({
      kind: 'password_message',
      name: name === 'pass' && user !== '' ? utf8(unescaped(user)) : name,
      value: utf8(unescaped(value)),
      offset: start + at,
      length: value.length,
    }),
  );
  if (credentials.length > 0) said.credentials = credentials;
  for (const { offset, length } of credentials) {
    if (offset > cursor.offset) cursor.text('nats.arguments', offset - cursor.offset);
    cursor.text('nats.secret', length);
  }
  if (cursor.remaining > 0) cursor.text('nats.arguments', cursor.remaining);
}
