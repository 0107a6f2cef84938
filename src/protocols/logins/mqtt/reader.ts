/**
 * Reads both directions of a connection to an MQTT broker: the login with its password, topics, and answers in words (MQTT 3.1.1
 * and 5). Which version it is, CONNECT says.
 */
import type { Side } from '../../../capture/event.ts';
import type { Cursor } from '../../../core/cursor.ts';
import { inEach, verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { ProtocolMessage, ProtocolReader } from '../../protocol.ts';
import type { Credential } from '../../shared/credential.ts';
import { Framing, beginningOf, messageCut, messageOf, messagesIn } from '../../shared/framed.ts';
import type { Said, Unit } from '../../shared/framed.ts';
import { noLogin, readAnswer, utf8 } from '../../shared/sasl.ts';
import type { Login } from '../../shared/sasl.ts';
import type { MqttFieldId } from './texts.ts';

const types: readonly string[] = [
  '',
  'CONNECT',
  'CONNACK',
  'PUBLISH',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBSCRIBE',
  'SUBACK',
  'UNSUBSCRIBE',
  'UNSUBACK',
  'PINGREQ',
  'PINGRESP',
  'DISCONNECT',
  'AUTH',
];

/** Of which side a type is; the others are of both. */
const senders: Readonly<Record<number, Side>> = {
  1: 'client',
  2: 'server',
  8: 'client',
  9: 'server',
  10: 'client',
  11: 'server',
  12: 'client',
  13: 'server',
};

const ok: Localized = { en: 'accepted', ko: '수락' };
const wrongPassword: Localized = { en: 'wrong user or password', ko: '사용자 또는 비밀번호가 틀림' };
const notAllowed: Localized = { en: 'not authorized', ko: '권한 없음' };
const badId: Localized = { en: 'client identifier not valid', ko: '클라이언트 ID가 올바르지 않음' };
const badVersion: Localized = { en: 'version not supported', ko: '지원하지 않는 버전' };
const unavailable: Localized = { en: 'server unavailable', ko: '서버 사용 불가' };

/** MQTT 3.1.1 section 3.2.2.3. */
const connectCodes: Readonly<Record<number, Localized>> = {
  0: ok,
  1: badVersion,
  2: badId,
  3: unavailable,
  4: wrongPassword,
  5: notAllowed,
};

/** Bad user name or password, not authorized, banned, bad authentication method; of MQTT 3.1.1 the first two. */
const refusedLogins: ReadonlySet<number> = new Set([4, 5, 134, 135, 138, 140]);

/** MQTT 5 section 2.4. */
const reasons: Readonly<Record<number, Localized>> = {
  0: ok,
  4: { en: 'disconnect, with the will', ko: '연결 종료, 유언 메시지 게시' },
  16: { en: 'no subscribers', ko: '구독자 없음' },
  17: { en: 'no such subscription', ko: '구독이 없음' },
  24: { en: 'authentication goes on', ko: '인증 계속' },
  25: { en: 'authenticate again', ko: '다시 인증' },
  128: { en: 'unspecified error', ko: '알 수 없는 오류' },
  129: { en: 'malformed packet', ko: '잘못된 패킷' },
  130: { en: 'protocol error', ko: '프로토콜 오류' },
  131: { en: 'refused by the implementation', ko: '서버 구현상 처리할 수 없음' },
  132: badVersion,
  133: badId,
  134: wrongPassword,
  135: notAllowed,
  136: unavailable,
  137: { en: 'server busy', ko: '서버가 바쁨' },
  138: { en: 'banned', ko: '차단됨' },
  139: { en: 'server shutting down', ko: '서버 종료 중' },
  140: { en: 'authentication method not valid', ko: '인증 방식이 올바르지 않음' },
  141: { en: 'keep alive timeout', ko: '연결 유지 시간 초과' },
  142: { en: 'session taken over', ko: '다른 연결이 세션을 넘겨받음' },
  143: { en: 'topic filter not valid', ko: '토픽 필터가 올바르지 않음' },
  144: { en: 'topic name not valid', ko: '토픽 이름이 올바르지 않음' },
  149: { en: 'packet too large', ko: '패킷이 너무 큼' },
  151: { en: 'quota exceeded', ko: '할당량 초과' },
  159: { en: 'connection rate exceeded', ko: '연결 빈도 초과' },
};

/** The lower four bits of all types but PUBLISH are fixed. */
const flagsOf: Readonly<Record<number, number>> = { 6: 2, 8: 2, 10: 2 };

/** The remaining length and its own, in bytes (MQTT 5 section 1.5.5). */
function variable(
  start: Uint8Array,
  at: number,
): readonly [value: number, bytes: number] | 'none' | undefined {
  let value = 0;
  for (let index = 0; index < 4; index++) {
    const byte = start[at + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 128 ** index;
    if (byte < 0x80) return [value, index + 1];
  }
  return 'none';
}

function lengthOf(start: Uint8Array, from: Side): number | 'none' | undefined {
  const [first = 0] = start;
  const type = first >> 4;
  const isKnown =
    type > 0 && (senders[type] ?? from) === from && (type === 3 || (first & 0xf) === (flagsOf[type] ?? 0));
  if (!isKnown) return 'none';
  const length = variable(start, 1);
  return typeof length === 'object' ? 1 + length[1] + length[0] : length;
}

export function mqttReader(): ProtocolReader {
  const framing = new Framing(lengthOf);
  let level = 4;
  let login: Login = noLogin;
  const told = (unit: Unit): ProtocolMessage => {
    const known = { level, login };
    const learnt: Learnt = {};
    const message = messageOf(
      unit,
      { protocol: 'mqtt', root: 'mqtt.packet', unread: 'mqtt.unread' },
      (cursor, said) => readPacket(cursor, said, known, learnt),
    );
    level = learnt.level ?? level;
    login = learnt.login ?? login;
    return message;
  };
  return {
    feed: (piece) => messagesIn(framing, piece, told),
    expects: (from, other) => from === 'server' && other,
    cut: (from) => messageCut(framing, from, told),
    survivesGaps: true,
  };
}

interface Learnt {
  level?: number;
  login?: Login;
}

interface Known {
  readonly level: number;
  readonly login: Login;
}

function readPacket(cursor: Cursor, said: Said, { level, login }: Known, learnt: Learnt): void {
  const first = cursor.uint8('mqtt.type');
  const type = first >> 4;
  said.title = verbatim(types[type] ?? '');
  readVariable(cursor, 'mqtt.remaining_length');
  switch (type) {
    case 1:
      readConnect(cursor, said, learnt);
      return;
    case 2: {
      cursor.uint8('mqtt.flags');
      const reason = cursor.uint8('mqtt.reason');
      said.facts = (level < 5 ? connectCodes : reasons)[reason] ?? verbatim(`${reason}`);
      if (refusedLogins.has(reason)) said.login = 'refused';
      else if (reason === 0) said.login = 'accepted';
      readProperties(cursor);
      break;
    }
    case 3: {
      const topic = readText(cursor, 'mqtt.topic');
      said.title = verbatim(`PUBLISH ${beginningOf(utf8(topic), 48)}`);
      if ((first & 6) > 0) cursor.uint16('mqtt.packet_id');
      if (level === 5) readProperties(cursor);
      said.facts = {
        en: `QoS ${(first >> 1) & 3}${first & 1 ? ', retained' : ''}`,
        ko: `QoS ${(first >> 1) & 3}${first & 1 ? ', 보존' : ''}`,
      };
      if (cursor.remaining > 0) cursor.rest('mqtt.payload');
      return;
    }
    case 8:
    case 10: {
      cursor.uint16('mqtt.packet_id');
      if (level === 5) readProperties(cursor);
      const topics: string[] = [];
      while (cursor.remaining > 1) {
        topics.push(utf8(readText(cursor, 'mqtt.topic')));
        if (type === 8) cursor.uint8('mqtt.options');
        said.title = verbatim(`${types[type]} ${beginningOf(topics.slice(0, 4).join(' '), 48)}`);
      }
      break;
    }
    case 9:
    case 11:
      cursor.uint16('mqtt.packet_id');
      if (level === 5) readProperties(cursor);
      while (cursor.remaining > 0) {
        const reason = cursor.uint8('mqtt.reason');
        if (reason >= 128) said.facts = reasons[reason] ?? verbatim(`${reason}`);
      }
      return;
    case 14:
    case 15: {
      if (cursor.remaining === 0) return;
      const reason = cursor.uint8('mqtt.reason');
      said.facts = reasons[reason] ?? verbatim(`${reason}`);
      const { method, data } = readProperties(cursor);
      if (method !== undefined && data) {
        const found = readAnswer(
          data.text,
          (from, to) => ({ offset: data.offset + from, length: to - from }),
          {
            ...login,
            mechanism: method.toUpperCase(),
          },
        );
        if (found.credentials.length > 0) said.credentials = found.credentials;
        learnt.login = found.login;
      }
      break;
    }
    default:
      if (type >= 4 && type <= 7 && cursor.remaining > 1) {
        cursor.uint16('mqtt.packet_id');
        if (cursor.remaining > 0) {
          const reason = cursor.uint8('mqtt.reason');
          if (reason >= 128) said.facts = reasons[reason] ?? verbatim(`${reason}`);
        }
      }
  }
  if (cursor.remaining > 0) cursor.rest('mqtt.payload');
}

function readConnect(cursor: Cursor, said: Said, learnt: Learnt): void {
  readText(cursor, 'mqtt.protocol');
  const level = cursor.uint8('mqtt.level');
  learnt.level = level;
  const flags = cursor.uint8('mqtt.flags');
  cursor.uint16('mqtt.keep_alive');
  const { method, data } = level === 5 ? readProperties(cursor) : {};
  const id = utf8(readText(cursor, 'mqtt.client_id'));
  if (flags & 4) {
    if (level === 5) readProperties(cursor);
    readText(cursor, 'mqtt.will_topic');
    readText(cursor, 'mqtt.will_payload');
  }
  const user = flags & 0x80 ? utf8(readText(cursor, 'mqtt.user')) : '';
  const version = { 3: '3.1', 4: '3.1.1' }[level] ?? String(level);
  said.facts = inEach((language) =>
    [
      `MQTT ${version}`,
      id === '' ? '' : `${language === 'ko' ? '클라이언트' : 'client'} ${beginningOf(id, 32)}`,
      user === '' ? '' : `${language === 'ko' ? '사용자' : 'user'} ${beginningOf(user, 32)}`,
    ]
      .filter(Boolean)
      .join(', '),
  );
  const credentials: Credential[] = [];
  if (flags & 0x40) {
    const start = cursor.offset + 2;
    const password = readText(cursor, 'mqtt.password');
    if (password !== '')
      credentials.push({
        kind: 'password_message',
        name: user || id || 'MQTT',
        value: utf8(password),
        offset: start,
        length: password.length,
      });
  }
  if (method !== undefined) {
    const begun = { ...noLogin, user, mechanism: method.toUpperCase() };
    const found = readAnswer(
      data?.text ?? '',
      (from, to) => ({ offset: (data?.offset ?? 0) + from, length: to - from }),
      begun,
    );
    learnt.login = found.login;
    for (const one of found.credentials) credentials.push(one);
  }
  if (credentials.length > 0) said.credentials = credentials;
}

function readText(cursor: Cursor, id: MqttFieldId): string {
  const length = cursor.uint16('mqtt.text_length');
  return length > 0 ? cursor.text(id, length) : '';
}

function readVariable(cursor: Cursor, id: MqttFieldId): number {
  const found = variable(
    Uint8Array.from({ length: Math.min(4, cursor.remaining) }, (_, index) => cursor.peek(index) ?? 0),
    0,
  );
  const [value, length] = typeof found === 'object' ? found : [0, 1];
  cursor.bytes(id, length);
  return value;
}

interface Properties {
  readonly method?: string;
  readonly data?: { readonly text: string; readonly offset: number };
}

/** Of version 5: those of an authentication are named (MQTT 5 section 2.2.2.2), the others stand as they are. */
function readProperties(cursor: Cursor): Properties {
  if (cursor.remaining === 0) return {};
  const length = readVariable(cursor, 'mqtt.properties_length');
  if (length === 0) return {};
  return cursor.block('mqtt.property', length, (inner) => {
    let found: Properties = {};
    while (inner.remaining > 0) {
      const id = inner.uint8('mqtt.type');
      if (id === 0x15) found = { ...found, method: readText(inner, 'mqtt.auth.method') };
      else if (id === 0x16) {
        const offset = inner.offset + 2;
        found = { ...found, data: { text: readText(inner, 'mqtt.auth.data'), offset } };
      } else readProperty(id, inner);
    }
    return found;
  });
}

const sizes: Readonly<Record<number, number>> = {
  0x01: 1,
  0x02: 4,
  0x11: 4,
  0x13: 2,
  0x17: 1,
  0x18: 4,
  0x19: 1,
  0x21: 2,
  0x22: 2,
  0x23: 2,
  0x24: 1,
  0x25: 1,
  0x27: 4,
  0x28: 1,
  0x29: 1,
  0x2a: 1,
};

function readProperty(id: number, cursor: Cursor): void {
  const size = sizes[id];
  if (size !== undefined) cursor.bytes('mqtt.payload', size);
  else if (id === 0x0b) readVariable(cursor, 'mqtt.payload');
  else if ([0x03, 0x08, 0x09, 0x12, 0x1a, 0x1c, 0x1f].includes(id)) readText(cursor, 'mqtt.payload');
  else if (id === 0x26) for (let part = 0; part < 2; part++) readText(cursor, 'mqtt.payload');
  else cursor.rest('mqtt.payload');
}
