/**
 * Reads both directions of a connection to PostgreSQL: the login with what it gives away, queries by their first words, errors.
 * Rows and copied data in one piece are one message.
 *
 * What a password message of the client contains depends on what the server asked for: without the server's request it is
 * taken for what it looks like.
 */
import type { Side } from '../../../capture/event.ts';
import type { Cursor } from '../../../core/cursor.ts';
import { grouped } from '../../../i18n/number.ts';
import { verbatim } from '../../../i18n/language.ts';
import type { ProtocolMessage, ProtocolReader } from '../../protocol.ts';
import type { Credential } from '../../shared/credential.ts';
import {
  Framing,
  beginningOf,
  mergedUnits,
  messageCut,
  messageOf,
  readTerminated,
} from '../../shared/framed.ts';
import type { Said, Unit } from '../../shared/framed.ts';
import { noLogin, readAnswer, utf8 } from '../../shared/sasl.ts';
import type { Login } from '../../shared/sasl.ts';
import { passwordsInSql, titleOfSql } from '../../shared/sql.ts';
import { longestStartup } from './recognise.ts';

/** What the server asked for last. */
type Asked = 'password' | 'md5' | 'sasl' | 'gss' | undefined;

interface Context {
  readonly asked: Asked;
  readonly login: Login;
}

const cancelCode = 80_877_102;

const methods: Readonly<Record<number, string>> = {
  0: 'AuthenticationOk',
  2: 'AuthenticationKerberosV5',
  3: 'AuthenticationCleartextPassword',
  5: 'AuthenticationMD5Password',
  7: 'AuthenticationGSS',
  8: 'AuthenticationGSSContinue',
  9: 'AuthenticationSSPI',
  10: 'AuthenticationSASL',
  11: 'AuthenticationSASLContinue',
  12: 'AuthenticationSASLFinal',
};

const askedBy: Readonly<Record<number, Asked>> = {
  2: 'gss',
  3: 'password',
  5: 'md5',
  7: 'gss',
  8: 'gss',
  9: 'gss',
  10: 'sasl',
  11: 'sasl',
};

/** By their type; `PostgreSQL: Message Formats`. */
const names: Readonly<Record<Side, Readonly<Record<string, string>>>> = {
  client: {
    p: 'PasswordMessage',
    Q: 'Query',
    P: 'Parse',
    B: 'Bind',
    D: 'Describe',
    E: 'Execute',
    S: 'Sync',
    C: 'Close',
    F: 'FunctionCall',
    H: 'Flush',
    d: 'CopyData',
    c: 'CopyDone',
    f: 'CopyFail',
    X: 'Terminate',
  },
  server: {
    R: 'Authentication',
    S: 'ParameterStatus',
    K: 'BackendKeyData',
    Z: 'ReadyForQuery',
    E: 'ErrorResponse',
    N: 'NoticeResponse',
    T: 'RowDescription',
    D: 'DataRow',
    C: 'CommandComplete',
    I: 'EmptyQueryResponse',
    1: 'ParseComplete',
    2: 'BindComplete',
    3: 'CloseComplete',
    t: 'ParameterDescription',
    n: 'NoData',
    s: 'PortalSuspended',
    A: 'NotificationResponse',
    G: 'CopyInResponse',
    H: 'CopyOutResponse',
    W: 'CopyBothResponse',
    d: 'CopyData',
    c: 'CopyDone',
    V: 'FunctionCallResponse',
    v: 'NegotiateProtocolVersion',
  },
};

const hasName = (from: Side, type: string): boolean => Object.hasOwn(names[from], type);

/** Of which there are many in a row. */
const bulk: Readonly<Record<Side, ReadonlySet<string>>> = {
  client: new Set(['d']),
  server: new Set(['D', 'd', 'S']),
};

/** No message is longer (the server's MaxAllocSize). */
const longest = 0x3f_ff_ff_ff;

const numberAt = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at);

const typeOf = ({ bytes }: Unit): string => String.fromCharCode(bytes[0] ?? 0);

export function postgresReader(): ProtocolReader {
  let hasBegun = false;
  let login: Login = noLogin;
  let asked: Asked;
  /** A start-up message has no type. */
  const lengthOf = (start: Uint8Array, from: Side): number | 'none' | undefined => {
    if (from === 'client' && !hasBegun) {
      if (start.length < 8) return undefined;
      const length = numberAt(start, 0);
      return length >= 8 && length <= longestStartup ? length : 'none';
    }
    if (!hasName(from, String.fromCharCode(start[0] ?? 0))) return 'none';
    if (start.length < 5) return undefined;
    const length = numberAt(start, 1);
    return length >= 4 && length <= longest ? length + 1 : 'none';
  };
  const framing = new Framing(lengthOf);

  /** The message, and what is known after it. */
  const told = (unit: Unit): ProtocolMessage => {
    const isStartup = unit.from === 'client' && !hasBegun && !unit.isLost;
    const context: Context = { asked, login };
    const dissection = {
      protocol: 'postgres',
      root: isStartup ? 'postgres.startup' : 'postgres.message',
      unread: 'postgres.unread',
    } as const;
    const learnt: Learnt = {};
    const message = messageOf(unit, dissection, (cursor, said) => {
      if (isStartup) readStartup(cursor, said, learnt);
      else readMessage(unit.from, cursor, said, context, learnt);
    });
    if (unit.from === 'client') hasBegun = true;
    if (learnt.login) login = learnt.login;
    if (learnt.asked !== undefined) asked = learnt.asked === 'nothing' ? undefined : learnt.asked;
    return message;
  };

  return {
    feed(piece) {
      const messages: ProtocolMessage[] = [];
      let run: Unit[] = [];
      const flush = (): void => {
        const unit = mergedUnits(run);
        if (unit) messages.push(rowsOf(unit, run.length));
        run = [];
      };
      framing.feed(piece, (unit) => {
        const isBulk = hasBegun && !unit.isLost && bulk[unit.from].has(typeOf(unit));
        if (run[0] && (!isBulk || typeOf(run[0]) !== typeOf(unit))) flush();
        if (isBulk) run.push(unit);
        else messages.push(told(unit));
        return true;
      });
      flush();
      return messages;
    },
    expects: (from, other) => from === 'server' && other,
    cut: (from) => messageCut(framing, from, told),
    survivesGaps: true,
  };
}

interface Learnt {
  login?: Login;
  asked?: Asked | 'nothing';
}

/** Rows, copied data, or settings. */
function rowsOf(unit: Unit, count: number): ProtocolMessage {
  const { from } = unit;
  const type = typeOf(unit);
  const name = names[from][type] ?? '';
  return messageOf(
    unit,
    { protocol: 'postgres', root: 'postgres.message', unread: 'postgres.unread' },
    (cursor, said) => {
      // Of many only the first are named.
      for (let read = 0; read < 256 && cursor.remaining > 0; read++)
        readMessage(from, cursor, said, { asked: undefined, login: noLogin }, {});
      if (count > 1) said.title = verbatim(`${name} × ${grouped(count)}`);
    },
    type === 'S' ? undefined : { title: verbatim(count === 1 ? name : `${name} × ${grouped(count)}`) },
  );
}

function readStartup(cursor: Cursor, said: Said, learnt: Learnt): void {
  cursor.uint32('postgres.length');
  const code = cursor.uint32('postgres.protocol_version');
  if (code === cancelCode) {
    said.title = verbatim('CancelRequest');
    cursor.uint32('postgres.process_id');
    cursor.rest('postgres.secret_key');
    return;
  }
  said.title = verbatim('StartupMessage');
  const parameters: string[] = [];
  while (cursor.remaining > 1) {
    const name = readTerminated(cursor, 'postgres.parameter.name', 'postgres.end');
    const value = readTerminated(cursor, 'postgres.parameter.value', 'postgres.end');
    if (name === 'user') learnt.login = { ...noLogin, user: utf8(value) };
    if (name === 'user' || name === 'database') parameters.push(`${name} ${utf8(value)}`);
    if (name === 'replication') parameters.push(name);
  }
  cursor.bytes('postgres.end', 1);
  said.facts = verbatim(parameters.join(', '));
}

function readMessage(from: Side, cursor: Cursor, said: Said, context: Context, learnt: Learnt): void {
  const type = cursor.text('postgres.type', 1);
  const length = cursor.uint32('postgres.length');
  said.title = verbatim(names[from][type] ?? '');
  if (from === 'client') readOfClient(type, length - 4, cursor, said, context, learnt);
  else readOfServer(type, length - 4, cursor, said, learnt);
}

function readOfClient(
  type: string,
  length: number,
  cursor: Cursor,
  said: Said,
  context: Context,
  learnt: Learnt,
): void {
  switch (type) {
    case 'p':
      readPassword(length, cursor, said, context, learnt);
      return;
    case 'Q': {
      const start = cursor.offset;
      const sql = readTerminated(cursor, 'postgres.sql', 'postgres.end');
      sayQuery('Query', sql, start, said);
      return;
    }
    case 'P': {
      readTerminated(cursor, 'postgres.statement', 'postgres.end');
      const start = cursor.offset;
      const sql = readTerminated(cursor, 'postgres.sql', 'postgres.end');
      sayQuery('Parse', sql, start, said);
      if (cursor.remaining > 0) cursor.rest('postgres.data');
      return;
    }
    default:
      if (length > 0) cursor.bytes('postgres.data', length);
  }
}

function sayQuery(name: string, sql: string, start: number, said: Said): void {
  said.title = verbatim(`${name} ${titleOfSql(sql)}`.trim());
  const passwords = passwordsInSql(sql, start);
  if (passwords.length > 0) said.credentials = passwords;
}

function readPassword(
  length: number,
  cursor: Cursor,
  said: Said,
  { asked, login }: Context,
  learnt: Learnt,
): void {
  const start = cursor.offset;
  if (asked === 'gss') {
    said.title = verbatim('GSSResponse');
    const token = cursor.bytes('postgres.auth.data', length);
    if (login.step === 0)
      said.credentials = [
        {
          kind: 'sasl_kerberos',
          name: login.user || 'GSSAPI',
          value: `${token.length} B`,
          offset: start,
          length: token.length,
        },
      ];
    learnt.login = { ...login, step: login.step + 1 };
    return;
  }
  if (asked === 'sasl') {
    readSasl(cursor, said, login, learnt);
    return;
  }
  const value = readTerminated(cursor, 'postgres.password', 'postgres.end');
  const kind: Credential['kind'] =
    asked === 'md5' || /^md5[0-9a-f]{32}$/.test(value) ? 'postgres_md5' : 'password_message';
  if (value !== '')
    said.credentials = [
      { kind, name: login.user || 'password', value: utf8(value), offset: start, length: value.length },
    ];
}

/** The first has the mechanism's name before the answer, and its length. */
function readSasl(cursor: Cursor, said: Said, login: Login, learnt: Learnt): void {
  let begun = login;
  if (login.mechanism === '') {
    said.title = verbatim('SASLInitialResponse');
    const mechanism = readTerminated(cursor, 'postgres.auth.mechanism', 'postgres.end');
    said.facts = verbatim(mechanism);
    begun = { ...login, mechanism: mechanism.toUpperCase(), step: 0 };
    cursor.uint32('postgres.length');
  } else said.title = verbatim('SASLResponse');
  const start = cursor.offset;
  const text = cursor.text('postgres.auth.data', cursor.remaining);
  const { credentials, login: next } = readAnswer(
    text,
    (from, to) => ({ offset: start + from, length: to - from }),
    begun,
  );
  if (credentials.length > 0) said.credentials = credentials;
  // The name is empty in SCRAM's messages: it stood in the start-up message.
  learnt.login = { ...next, user: next.user || login.user };
}

function readOfServer(type: string, length: number, cursor: Cursor, said: Said, learnt: Learnt): void {
  switch (type) {
    case 'R':
      readAuthentication(length, cursor, said, learnt);
      return;
    case 'E':
    case 'N':
      readError(names.server[type] ?? '', cursor, said);
      return;
    case 'S': {
      const name = readTerminated(cursor, 'postgres.parameter.name', 'postgres.end');
      const value = readTerminated(cursor, 'postgres.parameter.value', 'postgres.end');
      // Of many the version is worth a word.
      if (said.facts === undefined || name === 'server_version')
        said.facts = verbatim(beginningOf(`${utf8(name)} ${utf8(value)}`));
      return;
    }
    case 'K':
      cursor.uint32('postgres.process_id');
      cursor.bytes('postgres.secret_key', length - 4);
      return;
    case 'Z':
      cursor.text('postgres.status', length);
      return;
    case 'C': {
      const tag = readTerminated(cursor, 'postgres.tag', 'postgres.end');
      said.facts = verbatim(beginningOf(utf8(tag)));
      return;
    }
    case 'D': {
      const count = cursor.uint16('postgres.column_count');
      for (let column = 0; column < count; column++) {
        const size = cursor.uint32('postgres.length');
        // -1 stands for NULL.
        if (size !== 0xffff_ffff && size > 0) cursor.bytes('postgres.data', size);
      }
      return;
    }
    default:
      if (length > 0) cursor.bytes('postgres.data', length);
  }
}

function readAuthentication(length: number, cursor: Cursor, said: Said, learnt: Learnt): void {
  const method = cursor.uint32('postgres.auth.method');
  said.title = verbatim(methods[method] ?? `Authentication ${method}`);
  if (method === 0) said.login = 'accepted';
  learnt.asked = askedBy[method] ?? 'nothing';
  if (method === 5) cursor.bytes('postgres.auth.salt', length - 4);
  else if (method === 10) {
    const mechanisms: string[] = [];
    while (cursor.remaining > 1)
      mechanisms.push(readTerminated(cursor, 'postgres.auth.mechanism', 'postgres.end'));
    cursor.bytes('postgres.end', 1);
    said.facts = verbatim(beginningOf(mechanisms.join(', ')));
  } else if (length > 4) cursor.text('postgres.auth.data', length - 4);
}

function readError(name: string, cursor: Cursor, said: Said): void {
  const parts: Record<string, string> = {};
  while (cursor.remaining > 1) {
    const code = cursor.text('postgres.error.code', 1);
    parts[code] = utf8(readTerminated(cursor, 'postgres.error.value', 'postgres.end'));
    if (parts['C'] !== undefined) said.title = verbatim(`${name} ${beginningOf(parts['C'], 12)}`);
    // Class 28 of the error codes: invalid authorization specification.
    if (name === 'ErrorResponse' && parts['C']?.startsWith('28')) said.login = 'refused';
    if (parts['M'] !== undefined) said.facts = verbatim(beginningOf(parts['M'], 120));
  }
  cursor.bytes('postgres.end', 1);
}
