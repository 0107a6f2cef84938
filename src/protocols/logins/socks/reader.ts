/**
 * Reads both directions of a connection to a SOCKS 5 proxy: the methods, the login with its password, the request and its answer.
 * What is relayed behind them is handed over.
 *
 * A login by another method than a password is not read, and nothing behind it.
 */
import type { Side } from '../../../capture/event.ts';
import type { Cursor } from '../../../core/cursor.ts';
import { verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { Handover } from '../../piece.ts';
import type { ProtocolMessage, ProtocolReader } from '../../protocol.ts';
import { Framing, beginningOf, messageCut, messageOf } from '../../shared/framed.ts';
import type { Said, Unit } from '../../shared/framed.ts';
import { utf8 } from '../../shared/sasl.ts';

const methods: Readonly<Record<number, Localized>> = {
  0: { en: 'no login', ko: '로그인 없음' },
  1: verbatim('GSSAPI'),
  2: { en: 'password', ko: '비밀번호' },
  3: verbatim('CHAP'),
  255: { en: 'none that is acceptable', ko: '받아들일 방식 없음' },
};

const methodName = (method: number): Localized => methods[method] ?? verbatim(`0x${method.toString(16)}`);

const commands: Readonly<Record<number, string>> = { 1: 'CONNECT', 2: 'BIND', 3: 'UDP ASSOCIATE' };

/** RFC 1928 section 6. */
const replies: Readonly<Record<number, Localized>> = {
  0: { en: 'succeeded', ko: '성공' },
  1: { en: 'general failure', ko: '일반 오류' },
  2: { en: 'not allowed by its rules', ko: '규칙상 허용되지 않음' },
  3: { en: 'network unreachable', ko: '네트워크에 도달할 수 없음' },
  4: { en: 'host unreachable', ko: '호스트에 도달할 수 없음' },
  5: { en: 'connection refused', ko: '연결 거부' },
  6: { en: 'TTL expired', ko: 'TTL 만료' },
  7: { en: 'command not supported', ko: '지원하지 않는 명령' },
  8: { en: 'address type not supported', ko: '지원하지 않는 주소 종류' },
};

type Kind = 'greeting' | 'choice' | 'login' | 'status' | 'request' | 'reply';

/** Bytes of an address, without its type; undefined while that is not known. */
function addressLength(bytes: Uint8Array, at: number): number | 'none' | undefined {
  const type = bytes[at];
  if (type === undefined) return undefined;
  if (type === 1) return 4;
  if (type === 4) return 16;
  if (type !== 3) return 'none';
  const length = bytes[at + 1];
  return length === undefined ? undefined : 1 + length;
}

/** Of a request, and of its answer. */
function requestLength(bytes: Uint8Array): number | 'none' | undefined {
  const length = addressLength(bytes, 3);
  return typeof length === 'number' ? 4 + length + 2 : length;
}

function loginLength(bytes: Uint8Array): number | undefined {
  const user = bytes[1];
  const password = user === undefined ? undefined : bytes[2 + user];
  return user === undefined || password === undefined ? undefined : 3 + user + password;
}

export function socksReader(): ProtocolReader {
  /** What came last of each side. */
  const last: Record<Side, Kind | undefined> = { client: undefined, server: undefined };
  let method: number | undefined;
  let isAnswered = false;
  let isConnect = false;
  let clientAt = 0;
  const handovers: Handover[] = [];

  const kindOf = (first: number, from: Side): Kind | undefined => {
    // GSSAPI's messages begin as logins do (RFC 1961).
    if (method !== undefined && method !== 0 && method !== 2) return undefined;
    if (from === 'client') {
      if (last.client === undefined) return first === 5 ? 'greeting' : undefined;
      if (first === 1) return last.client === 'greeting' ? 'login' : undefined;
      return first === 5 && last.client !== 'request' ? 'request' : undefined;
    }
    if (last.server === undefined) return first === 5 ? 'choice' : undefined;
    if (first === 1) return last.server === 'choice' ? 'status' : undefined;
    return first === 5 ? 'reply' : undefined;
  };

  const framing = new Framing((start, from) => {
    if (from === 'client' && last.client === 'request' && !isAnswered) return undefined;
    switch (kindOf(start[0] ?? 0, from)) {
      case 'greeting':
        return start.length < 2 ? undefined : 2 + (start[1] ?? 0);
      case 'choice':
      case 'status':
        return 2;
      case 'login':
        return loginLength(start);
      case 'request':
      case 'reply':
        return requestLength(start);
      default:
        return 'none';
    }
  }, longestLogin);

  const told = (unit: Unit): ProtocolMessage => {
    const kind = unit.isLost ? undefined : kindOf(unit.bytes[0] ?? 0, unit.from);
    if (kind) last[unit.from] = kind;
    if (kind === 'choice') method = unit.bytes[1];
    if (kind === 'request') isConnect = unit.bytes[1] === 1;
    if (kind === 'reply') isAnswered = unit.bytes[1] === 0 && isConnect;
    return messageOf(
      unit,
      { protocol: 'socks', root: 'socks.message', unread: 'socks.unread' },
      (cursor, said) => (kind ? readers[kind](cursor, said) : cursor.rest('socks.unread')),
    );
  };

  return {
    feed(piece) {
      if (piece.from === 'client') clientAt = piece.offset + piece.bytes.length;
      const messages: ProtocolMessage[] = [];
      const rest = framing.feed(piece, (unit) => {
        messages.push(told(unit));
        return !isAnswered;
      });
      if (isAnswered && rest) {
        handovers.push(rest);
        const held = framing.release('client');
        handovers.push(
          held ?? { from: 'client', offset: clientAt, bytes: new Uint8Array(0), tag: piece.tag },
        );
      }
      return messages;
    },
    expects: (from, other) => from === 'server' && other && !isAnswered,
    takeHandovers: () => handovers.splice(0),
    cut: (from) => (isAnswered ? [] : messageCut(framing, from, told)),
  };
}

/** A name and a password of 255 bytes each. */
const longestLogin = 1_024;

const readers: Readonly<Record<Kind, (cursor: Cursor, said: Said) => void>> = {
  greeting(cursor, said) {
    said.title = { en: 'greeting', ko: '클라이언트 인사' };
    cursor.uint8('socks.version');
    const count = cursor.uint8('socks.method_count');
    const offered = Array.from({ length: count }, () => methodName(cursor.uint8('socks.method')));
    said.facts = {
      en: `SOCKS 5, offers ${offered.map(({ en }) => en).join(', ')}`,
      ko: `SOCKS 5, 제안: ${offered.map(({ ko }) => ko).join(', ')}`,
    };
  },
  choice(cursor, said) {
    said.title = { en: 'method', ko: '방식 선택' };
    cursor.uint8('socks.version');
    said.facts = methodName(cursor.uint8('socks.method'));
  },
  login(cursor, said) {
    said.title = { en: 'login', ko: '로그인' };
    cursor.uint8('socks.login_version');
    const name = cursor.uint8('socks.length');
    const user = name > 0 ? utf8(cursor.text('socks.user', name)) : '';
    said.facts = { en: `user ${beginningOf(user)}`, ko: `사용자 ${beginningOf(user)}` };
    const length = cursor.uint8('socks.length');
    if (length === 0) return;
    const offset = cursor.offset;
    const value = utf8(cursor.text('socks.password', length));
    said.credentials = [{ kind: 'password_message', name: user || 'password', value, offset, length }];
  },
  status(cursor, said) {
    said.title = { en: 'login answered', ko: '로그인 응답' };
    cursor.uint8('socks.login_version');
    said.facts =
      cursor.uint8('socks.status') === 0 ? { en: 'accepted', ko: '수락' } : { en: 'refused', ko: '거부' };
  },
  request(cursor, said) {
    cursor.uint8('socks.version');
    const command = cursor.uint8('socks.command');
    said.title = verbatim(commands[command] ?? `command ${command}`);
    cursor.uint8('socks.reserved');
    said.facts = verbatim(readAddress(cursor));
  },
  reply(cursor, said) {
    said.title = { en: 'reply', ko: '응답' };
    cursor.uint8('socks.version');
    const code = cursor.uint8('socks.reply');
    said.facts = replies[code] ?? verbatim(String(code));
    cursor.uint8('socks.reserved');
    readAddress(cursor);
  },
};

function readAddress(cursor: Cursor): string {
  const type = cursor.uint8('socks.address_type');
  let host: string;
  if (type === 3) {
    const length = cursor.uint8('socks.length');
    host = length > 0 ? beginningOf(utf8(cursor.text('socks.host', length))) : '';
  } else {
    const bytes = cursor.bytes('socks.address', type === 1 ? 4 : 16);
    host = type === 1 ? bytes.join('.') : `[${groupsOf(bytes)}]`;
  }
  return `${host}:${cursor.uint16('socks.port')}`;
}

/** An IPv6 address in full. */
const groupsOf = (bytes: Uint8Array): string =>
  Array.from({ length: 8 }, (_, index) =>
    ((bytes[2 * index] ?? 0) * 256 + (bytes[2 * index + 1] ?? 0)).toString(16),
  ).join(':');
