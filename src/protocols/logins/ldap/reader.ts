/**
 * Reads both directions of a connection to a directory (RFC 4511): binds with what they give away, searches with base and filter,
 * results in words. After StartTLS both directions are handed over; above TLS it goes on.
 *
 * 1. After a bind by Kerberos or NTLM the messages may be sealed by SASL (RFC 4752): those are counted, not opened.
 * 2. Of nested filters at most `deepest` levels are read.
 */
import type { Side } from '../../../capture/event.ts';
import type { Cursor } from '../../../core/cursor.ts';
import { verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { Handover } from '../../piece.ts';
import type { ProtocolMessage, ProtocolReader } from '../../protocol.ts';
import type { Credential } from '../../shared/credential.ts';
import { Framing, beginningOf, messageCut, messageOf } from '../../shared/framed.ts';
import type { Said, Unit } from '../../shared/framed.ts';
import { noLogin, readAnswer, utf8 } from '../../shared/sasl.ts';
import type { Login } from '../../shared/sasl.ts';
import { nameOfExtended, operations, passwordModify, resultWords, startTls } from './codes.ts';
import { lengthOfLength } from './recognise.ts';
import type { LdapFieldId } from './texts.ts';

const sequence = 0x30;
const deepest = 16;

/** Mechanisms that may protect what follows. */
const protecting: ReadonlySet<string> = new Set(['GSSAPI', 'GSS-SPNEGO', 'NTLM', 'DIGEST-MD5', 'GS2-KRB5']);

interface Learnt {
  login?: Login;
  /** The number of a request for TLS, or of the answer that agrees to it. */
  asksForTls?: number;
  agreesTo?: number;
}

export function ldapReader(before: Login = noLogin): ProtocolReader {
  let login: Login = before;
  let asked: number | undefined;
  let isTurned = false;
  const ends: Record<Side, number> = { client: 0, server: 0 };
  const handovers: Handover[] = [];
  const framing = new Framing((start) => {
    if (start[0] !== sequence) {
      if (start.length < 4) return protecting.has(login.mechanism) ? undefined : 'none';
      const length = new DataView(start.buffer, start.byteOffset, 4).getUint32(0);
      return protecting.has(login.mechanism) && length < 0x0100_0000 ? 4 + length : 'none';
    }
    if (start.length < 2) return undefined;
    const size = lengthOfLength(start[1] ?? 0);
    if (size === undefined) return 'none';
    if (start.length < 1 + size) return undefined;
    let length = size === 1 ? (start[1] ?? 0) : 0;
    for (let at = 2; at < 1 + size; at++) length = length * 256 + (start[at] ?? 0);
    return 1 + size + length;
  });
  const told = (unit: Unit, learnt: Learnt = {}): ProtocolMessage => {
    const known = login;
    const message = messageOf(
      unit,
      { protocol: 'ldap', root: 'ldap.message', unread: 'ldap.unread' },
      (cursor, said) => readMessage(cursor, said, known, learnt),
    );
    login = learnt.login ?? login;
    return message;
  };
  return {
    feed(piece) {
      ends[piece.from] = piece.offset + piece.bytes.length;
      const messages: ProtocolMessage[] = [];
      const rest = framing.feed(piece, (unit) => {
        const learnt: Learnt = {};
        messages.push(told(unit, learnt));
        asked = learnt.asksForTls ?? asked;
        isTurned = asked !== undefined && learnt.agreesTo === asked;
        return !isTurned;
      });
      if (isTurned && rest) {
        handovers.push(rest);
        const held = framing.release('client');
        handovers.push(
          held ?? { from: 'client', offset: ends.client, bytes: new Uint8Array(0), tag: piece.tag },
        );
      }
      return messages;
    },
    expects: (from, other) => from === 'server' && other && !isTurned,
    takeHandovers: () => handovers.splice(0),
    cut: (from) => (isTurned ? [] : messageCut(framing, from, (unit) => told(unit))),
    survivesGaps: true,
    above: () => (isTurned ? ldapReader() : undefined),
  };
}

function readLength(cursor: Cursor): number {
  const first = cursor.uint8('ldap.size');
  if (first < 0x80) return first;
  const size = lengthOfLength(first);
  if (size === undefined)
    cursor.fail('bad_value', 'ldap.size', 'a length of at most four bytes', String(first));
  let length = 0;
  for (const byte of cursor.bytes('ldap.size', (size ?? 1) - 1)) length = length * 256 + byte;
  return length;
}

/** An element: its tag and its length, and what is in it. */
function element<T>(cursor: Cursor, id: LdapFieldId, read: (inner: Cursor, tag: number) => T): T {
  const tag = cursor.uint8('ldap.tag');
  return cursor.block(id, readLength(cursor), (inner) => read(inner, tag));
}

interface Text {
  readonly tag: number;
  readonly text: string;
  readonly offset: number;
}

/** An element of bytes, as text. */
function text(cursor: Cursor, id: LdapFieldId): Text {
  const tag = cursor.uint8('ldap.tag');
  const length = readLength(cursor);
  const { offset } = cursor;
  return { tag, text: length > 0 ? cursor.text(id, length) : '', offset };
}

function number(cursor: Cursor, id: LdapFieldId): number {
  cursor.uint8('ldap.tag');
  let value = 0;
  for (const byte of cursor.bytes(id, readLength(cursor))) value = value * 256 + byte;
  return value;
}

function readMessage(cursor: Cursor, said: Said, login: Login, learnt: Learnt): void {
  if (cursor.peek() !== sequence) {
    said.title = { en: 'sealed by SASL', ko: 'SASL로 암호화됨' };
    cursor.uint32('ldap.size');
    cursor.rest('ldap.data');
    return;
  }
  element(cursor, 'ldap.envelope', (inner) => {
    const id = number(inner, 'ldap.message_id');
    const operation = inner.peek() ?? 0;
    said.title = verbatim(operations[operation] ?? `0x${operation.toString(16)}`);
    if (operation === 0x42 || operation === 0x4a || operation === 0x50) {
      const { text: name } = text(inner, 'ldap.dn');
      if (operation === 0x4a) said.facts = verbatim(beginningOf(utf8(name)));
    } else
      element(inner, 'ldap.operation', (body) => readOperation(operation, id, body, said, login, learnt));
    if (inner.remaining > 0) inner.rest('ldap.controls');
  });
}

function readOperation(
  operation: number,
  id: number,
  body: Cursor,
  said: Said,
  login: Login,
  learnt: Learnt,
): void {
  switch (operation) {
    case 0x60:
      readBind(body, said, login, learnt);
      return;
    case 0x63:
      readSearch(body, said);
      return;
    case 0x64:
    case 0x68:
      said.facts = verbatim(beginningOf(utf8(text(body, 'ldap.dn').text)));
      readAttributes(body, said, operation === 0x68);
      return;
    case 0x66:
      said.facts = verbatim(beginningOf(utf8(text(body, 'ldap.dn').text)));
      readChanges(body, said);
      return;
    case 0x77:
      readExtended(id, body, said, learnt);
      return;
    case 0x61:
    case 0x65:
    case 0x67:
    case 0x69:
    case 0x6b:
    case 0x6d:
    case 0x6f:
    case 0x78:
      readResult(operation, id, body, said, login, learnt);
      return;
    default:
      if (body.remaining > 0) body.rest('ldap.data');
  }
}

function readBind(body: Cursor, said: Said, login: Login, learnt: Learnt): void {
  number(body, 'ldap.version');
  const name = utf8(text(body, 'ldap.dn').text);
  const kind = body.peek() ?? 0;
  if (kind === 0x80) {
    const password = text(body, 'ldap.password');
    said.title = { en: 'BindRequest, simple', ko: 'BindRequest, 단순' };
    said.facts = name === '' ? { en: 'anonymous', ko: '익명' } : verbatim(beginningOf(name));
    learnt.login = noLogin;
    if (password.text !== '')
      said.credentials = [
        {
          kind: 'simple_bind',
          name: name || 'LDAP',
          value: utf8(password.text),
          offset: password.offset,
          length: password.text.length,
        },
      ];
    return;
  }
  if (kind === 0xa3) {
    element(body, 'ldap.sasl', (inner) => {
      const mechanism = text(inner, 'ldap.sasl.mechanism').text.toUpperCase();
      said.title = verbatim(`BindRequest, SASL ${beginningOf(mechanism, 24)}`);
      const begun =
        login.mechanism === mechanism && login.step > 0 ? login : { user: name, mechanism, step: 0 };
      const answer: Text =
        inner.remaining > 0
          ? text(inner, 'ldap.sasl.credentials')
          : { tag: 0, text: '', offset: inner.offset };
      sayAnswer(answer, begun, said, learnt);
      if (said.credentials === undefined && mechanism === 'EXTERNAL')
        said.facts = { en: 'the identity from TLS', ko: 'TLS에서 확인한 신원' };
    });
    return;
  }
  // Microsoft's binds by NTLM ([MS-ADTS] section 5.1.1.1.3).
  said.title = verbatim('BindRequest, NTLM');
  sayAnswer(
    text(body, 'ldap.sasl.credentials'),
    { ...login, mechanism: 'NTLM', user: login.user || name },
    said,
    learnt,
  );
}

function sayAnswer(answer: Text, login: Login, said: Said, learnt: Learnt): void {
  const found = readAnswer(
    answer.text,
    (from, to) => ({ offset: answer.offset + from, length: to - from }),
    login,
  );
  learnt.login = found.login;
  if (found.credentials.length > 0) said.credentials = found.credentials.filter(({ length }) => length > 0);
}

const scopes: readonly Localized[] = [
  { en: 'base', ko: '항목 하나' },
  { en: 'one level', ko: '한 단계' },
  { en: 'subtree', ko: '하위 전체' },
];

function readSearch(body: Cursor, said: Said): void {
  const base = utf8(text(body, 'ldap.dn').text);
  const scope = scopes[number(body, 'ldap.scope')] ?? verbatim('');
  for (const id of ['ldap.dereference', 'ldap.limit', 'ldap.limit', 'ldap.types_only'] as const)
    number(body, id);
  const shown = base === '' ? { en: 'root', ko: '루트' } : verbatim(beginningOf(base, 48));
  said.facts = { en: `${shown.en}, ${scope.en}`, ko: `${shown.ko}, ${scope.ko}` };
  const filter = beginningOf(utf8(readFilter(body, 0)), 64);
  said.facts = { en: `${shown.en}, ${scope.en}, ${filter}`, ko: `${shown.ko}, ${scope.ko}, ${filter}` };
  element(body, 'ldap.attributes', (list) => {
    while (list.remaining > 0) text(list, 'ldap.attribute');
  });
}

/** In the form of RFC 4515. */
function readFilter(cursor: Cursor, depth: number): string {
  const tag = cursor.peek() ?? 0;
  if (tag === 0x87) return `(${text(cursor, 'ldap.attribute').text}=*)`;
  return element(cursor, 'ldap.filter', (inner) => {
    if (depth >= deepest) {
      if (inner.remaining > 0) inner.rest('ldap.data');
      return '(…)';
    }
    const parts: string[] = [];
    switch (tag) {
      case 0xa0:
      case 0xa1:
      case 0xa2:
        while (inner.remaining > 0) parts.push(readFilter(inner, depth + 1));
        return `(${{ 0xa0: '&', 0xa1: '|', 0xa2: '!' }[tag]}${parts.slice(0, 8).join('')})`;
      case 0xa4: {
        const name = text(inner, 'ldap.attribute').text;
        // The first may stand at the beginning, the last at the end (RFC 4511 section 4.5.1.7.2).
        let shown = '';
        element(inner, 'ldap.filter', (substrings) => {
          while (substrings.remaining > 0) {
            const part = text(substrings, 'ldap.value');
            if (shown.length < 100) shown += part.tag === 0x80 ? part.text : `*${part.text}`;
            if (part.tag !== 0x82 && substrings.remaining === 0) shown += '*';
          }
        });
        return `(${name}=${shown})`;
      }
      case 0xa3:
      case 0xa5:
      case 0xa6:
      case 0xa8: {
        const name = text(inner, 'ldap.attribute').text;
        const sign = { 0xa3: '=', 0xa5: '>=', 0xa6: '<=', 0xa8: '~=' }[tag];
        return `(${name}${sign}${text(inner, 'ldap.value').text})`;
      }
      default:
        while (inner.remaining > 0) parts.push(text(inner, 'ldap.value').text);
        return `(${parts.slice(0, 4).join(':')})`;
    }
  });
}

/** Names with their values; a password among them is one, or its hash. */
function readAttributes(body: Cursor, said: Said, isRequest: boolean): void {
  element(body, 'ldap.attributes', (list) => {
    while (list.remaining > 0) element(list, 'ldap.attributes', (one) => readAttribute(one, said, isRequest));
  });
}

function readAttribute(one: Cursor, said: Said, isRequest: boolean): void {
  const name = text(one, 'ldap.attribute').text;
  element(one, 'ldap.values', (values) => {
    while (values.remaining > 0) {
      const value = text(values, 'ldap.value');
      if (/^(userPassword|unicodePwd|olcRootPW)(;|$)/i.test(name) && value.text !== '')
        said.credentials = [...(said.credentials ?? []), passwordOf(name, value, isRequest)];
    }
  });
}

function passwordOf(name: string, { text: value, offset }: Text, isRequest: boolean): Credential {
  const isHash = /^\{[A-Za-z0-9-]{2,16}\}/.test(value) && !/^\{(cleartext|plain)\}/i.test(value);
  const isWide = isRequest && /^unicodePwd/i.test(name);
  return {
    kind: isHash ? 'stored_hash' : 'user_password',
    name,
    value: isWide ? Buffer.from(value, 'latin1').toString('utf16le') : utf8(value),
    offset,
    length: value.length,
  };
}

function readChanges(body: Cursor, said: Said): void {
  element(body, 'ldap.attributes', (list) => {
    while (list.remaining > 0)
      element(list, 'ldap.attributes', (change) => {
        number(change, 'ldap.change');
        element(change, 'ldap.attributes', (one) => readAttribute(one, said, true));
      });
  });
}

function readExtended(id: number, body: Cursor, said: Said, learnt: Learnt): void {
  const { text: oid } = text(body, 'ldap.oid');
  said.title = verbatim(`ExtendedRequest, ${beginningOf(nameOfExtended(oid), 40)}`);
  if (oid === startTls) learnt.asksForTls = id;
  if (body.remaining === 0) return;
  if (oid !== passwordModify) {
    body.rest('ldap.data');
    return;
  }
  element(body, 'ldap.data', (value) =>
    element(value, 'ldap.data', (parts) => {
      const found: Credential[] = [];
      let user = 'LDAP';
      while (parts.remaining > 0) {
        const tag = parts.peek() ?? 0;
        const part = text(parts, tag === 0x80 ? 'ldap.dn' : 'ldap.password');
        if (tag === 0x80) user = utf8(part.text);
        else
          found.push({
            kind: 'user_password',
            name: user,
            value: utf8(part.text),
            offset: part.offset,
            length: part.text.length,
          });
      }
      if (found.length > 0) said.credentials = found;
    }),
  );
}

/** authMethodNotSupported, strongerAuthRequired, inappropriateAuthentication, invalidCredentials, insufficientAccessRights, unwillingToPerform. */
const refusedBinds: ReadonlySet<number> = new Set([7, 8, 48, 49, 50, 53]);

function readResult(
  operation: number,
  id: number,
  body: Cursor,
  said: Said,
  login: Login,
  learnt: Learnt,
): void {
  const code = number(body, 'ldap.result');
  const words = resultWords(code);
  said.facts = words;
  text(body, 'ldap.dn');
  const message = beginningOf(utf8(text(body, 'ldap.diagnostic').text), 80);
  if (message !== '') said.facts = { en: `${words.en}: ${message}`, ko: `${words.ko}: ${message}` };
  if (operation === 0x78 && code === 0) learnt.agreesTo = id;
  if (operation === 0x61) {
    if (code === 0) said.login = 'accepted';
    else if (refusedBinds.has(code)) said.login = 'refused';
  }
  // Another bind begins anew.
  if (operation === 0x61 && code !== 14) learnt.login = code === 0 ? { ...login, step: 0 } : noLogin;
  if (body.remaining > 0) body.rest('ldap.data');
}
