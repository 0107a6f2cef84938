/**
 * Reads both directions of a connection to MySQL or MariaDB: the greeting, the login with what it gives away, commands by their
 * first words, errors. After the client's request for TLS both directions are handed over; above TLS the login goes on.
 *
 * 1. A login ends with the server's OK or error; then the client's packets are commands.
 * 2. What an answer of the client contains depends on the plugin that was agreed on, and on whether the server wanted the whole
 *    password.
 * 3. Compressed packets are counted, not opened.
 */
import type { Cursor } from '../../../core/cursor.ts';
import { toHex } from '../../../core/hex.ts';
import { verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { grouped } from '../../../i18n/number.ts';
import type { Handover } from '../../piece.ts';
import type { ProtocolMessage, ProtocolReader } from '../../protocol.ts';
import type { Credential, CredentialKind } from '../../shared/credential.ts';
import {
  Framing,
  beginningOf,
  mergedUnits,
  messageCut,
  messageOf,
  readTerminated,
} from '../../shared/framed.ts';
import type { Said, Unit } from '../../shared/framed.ts';
import { utf8 } from '../../shared/sasl.ts';
import { passwordsInSql, titleOfSql } from '../../shared/sql.ts';
import type { MysqlFieldId } from './texts.ts';

const flags = {
  connectWithDatabase: 0x8,
  compress: 0x20,
  ssl: 0x800,
  secureConnection: 0x8000,
  pluginAuth: 0x8_0000,
  connectAttributes: 0x10_0000,
  lengthEncodedAuth: 0x20_0000,
  zstd: 0x400_0000,
  queryAttributes: 0x800_0000,
} as const;

const has = (capabilities: number, flag: number): boolean => Math.floor(capabilities / flag) % 2 === 1;

type Phase = 'greeting' | 'response' | 'login' | 'commands';

interface State {
  readonly phase: Phase;
  /** Of the client. */
  readonly capabilities: number;
  readonly plugin: string;
  readonly user: string;
  /** The server wants more than a proof (`perform_full_authentication`). */
  readonly wantsAll: boolean;
  /** The client asked for the server's public key, to encrypt the password under. */
  readonly hasAskedForKey: boolean;
}

const begun: State = {
  phase: 'greeting',
  capabilities: 0,
  plugin: '',
  user: '',
  wantsAll: false,
  hasAskedForKey: false,
};

const headerLength = 4;

const commandNames: Readonly<Record<number, string>> = {
  1: 'COM_QUIT',
  2: 'COM_INIT_DB',
  3: 'COM_QUERY',
  4: 'COM_FIELD_LIST',
  5: 'COM_CREATE_DB',
  6: 'COM_DROP_DB',
  7: 'COM_REFRESH',
  8: 'COM_SHUTDOWN',
  9: 'COM_STATISTICS',
  10: 'COM_PROCESS_INFO',
  12: 'COM_PROCESS_KILL',
  13: 'COM_DEBUG',
  14: 'COM_PING',
  17: 'COM_CHANGE_USER',
  18: 'COM_BINLOG_DUMP',
  21: 'COM_REGISTER_SLAVE',
  22: 'COM_STMT_PREPARE',
  23: 'COM_STMT_EXECUTE',
  24: 'COM_STMT_SEND_LONG_DATA',
  25: 'COM_STMT_CLOSE',
  26: 'COM_STMT_RESET',
  27: 'COM_SET_OPTION',
  28: 'COM_STMT_FETCH',
  30: 'COM_BINLOG_DUMP_GTID',
  31: 'COM_RESET_CONNECTION',
};

/** Responses of these lengths prove a password with the scramble. */
const proofs: Readonly<Record<string, { readonly length: number; readonly kind: CredentialKind }>> = {
  mysql_native_password: { length: 20, kind: 'mysql_native_password' },
  mysql_old_password: { length: 8, kind: 'mysql_native_password' },
  caching_sha2_password: { length: 32, kind: 'caching_sha2_password' },
  client_ed25519: { length: 64, kind: 'client_ed25519' },
};

const clearPlugins: ReadonlySet<string> = new Set(['mysql_clear_password', 'dialog']);

const sha2Plugins: ReadonlySet<string> = new Set(['caching_sha2_password', 'sha256_password']);

/** @param before what was said below TLS */
export function mysqlReader(before: Partial<State> = {}): ProtocolReader {
  let state: State = { ...begun, ...before };
  let isTurned = false;
  let isCompressed = false;
  let serverAt = 0;
  const handovers: Handover[] = [];
  const framing = new Framing((start, from) => {
    if (start.length < headerLength) return undefined;
    const length = (start[0] ?? 0) + (start[1] ?? 0) * 256 + (start[2] ?? 0) * 65_536;
    if (isCompressed) return length + headerLength + 3;
    // Nothing but an empty file or the end of a long row is empty.
    if (from === 'client' && state.phase !== 'commands' && length > 65_535) return 'none';
    return length + headerLength;
  });

  const told = (unit: Unit): ProtocolMessage => {
    const learnt: Learnt = {};
    const now = state;
    const message = messageOf(
      unit,
      { protocol: 'mysql', root: 'mysql.packet', unread: 'mysql.unread' },
      (cursor, said) => readPacket(unit, now, cursor, said, learnt),
    );
    if (learnt.state) state = { ...state, ...learnt.state };
    return message;
  };

  return {
    feed(piece) {
      if (piece.from === 'server') serverAt = piece.offset + piece.bytes.length;
      const messages: ProtocolMessage[] = [];
      let rows: Unit[] = [];
      const flush = (): void => {
        const unit = mergedUnits(rows);
        if (unit) messages.push(bulkOf(unit, rows.length, isCompressed));
        rows = [];
      };
      const rest = framing.feed(piece, (unit) => {
        if (!unit.isLost && (isCompressed || isRow(unit, state))) {
          rows.push(unit);
          return true;
        }
        flush();
        const { phase } = state;
        messages.push(told(unit));
        isTurned = isTurnToTls(unit, phase);
        isCompressed ||=
          phase === 'login' &&
          state.phase === 'commands' &&
          (has(state.capabilities, flags.compress) || has(state.capabilities, flags.zstd));
        return !isTurned;
      });
      flush();
      if (isTurned && rest) {
        handovers.push(rest);
        const held = framing.release('server');
        handovers.push(
          held ?? { from: 'server', offset: serverAt, bytes: new Uint8Array(0), tag: piece.tag },
        );
      }
      return messages;
    },
    expects: (_, other) => other && !isTurned,
    takeHandovers: () => handovers.splice(0),
    cut: (from) => (isTurned ? [] : messageCut(framing, from, told)),
    survivesGaps: true,
    above: () => (isTurned ? mysqlReader({ ...state, phase: 'response' }) : undefined),
  };
}

interface Learnt {
  state?: Partial<State>;
}

const capabilitiesIn = (bytes: Uint8Array): number =>
  (bytes[4] ?? 0) + (bytes[5] ?? 0) * 256 + (bytes[6] ?? 0) * 65_536 + (bytes[7] ?? 0) * 16_777_216;

/** The beginning of a login, up to the user's name (Protocol::SSLRequest). */
function isTurnToTls({ from, bytes, length }: Unit, phase: Phase): boolean {
  return from === 'client' && phase === 'response' && length === 36 && has(capabilitiesIn(bytes), flags.ssl);
}

/** Packets of a result behind its first, and of a file that the client sends. */
function isRow({ from, bytes }: Unit, { phase }: State): boolean {
  const [number = 0, type] = [bytes[3], bytes[4]];
  if (phase !== 'commands') return false;
  return from === 'client' ? number > 0 : number > 1 && type !== 0xff;
}

function bulkOf(unit: Unit, count: number, isCompressed: boolean): ProtocolMessage {
  const { from } = unit;
  const times = count === 1 ? '' : ` × ${grouped(count)}`;
  const title: Localized = isCompressed
    ? { en: `compressed packet${times}`, ko: `압축된 패킷${times}` }
    : from === 'client'
      ? { en: `file data${times}`, ko: `파일 데이터${times}` }
      : { en: `row${times}`, ko: `행${times}` };
  return messageOf(
    unit,
    { protocol: 'mysql', root: 'mysql.packet', unread: 'mysql.unread' },
    (cursor) => {
      for (let read = 0; read < 256 && cursor.remaining > 0; read++) {
        const length = cursor.littleEndian('mysql.length', 3);
        cursor.uint8('mysql.number');
        cursor.bytes('mysql.data', length + (isCompressed ? 3 : 0));
      }
    },
    { title },
  );
}

function readPacket({ from }: Unit, state: State, cursor: Cursor, said: Said, learnt: Learnt): void {
  cursor.littleEndian('mysql.length', 3);
  const number = cursor.uint8('mysql.number');
  if (from === 'server') readOfServer(state, cursor, said, learnt);
  else if (state.phase === 'greeting' || state.phase === 'response')
    readResponse(state, cursor, said, learnt);
  else if (state.phase === 'login' && number > 0) readAnswer(state, cursor, said, learnt);
  else readCommand(state, cursor, said, learnt);
}

function readOfServer(state: State, cursor: Cursor, said: Said, learnt: Learnt): void {
  const type = cursor.peek();
  if (type === 0xff) {
    readError(cursor, said);
    if (state.phase === 'commands') delete said.login;
    return;
  }
  if (state.phase === 'greeting') {
    readGreeting(cursor, said, learnt);
    return;
  }
  if (state.phase === 'login') {
    readLoginReply(type, cursor, said, learnt);
    return;
  }
  if (type === 0 || (type === 0xfe && cursor.remaining < 9)) {
    said.title = verbatim(type === 0 ? 'OK' : 'EOF');
    cursor.uint8('mysql.type');
    if (cursor.remaining > 0) cursor.rest('mysql.data');
    return;
  }
  const columns = lengthEncoded(cursor, 'mysql.column_count');
  said.title = { en: 'result', ko: '결과' };
  said.facts =
    columns === undefined
      ? { en: 'asks for a file', ko: '파일을 요청함' }
      : { en: `${columns} ${columns === 1 ? 'column' : 'columns'}`, ko: `열 ${columns}개` };
  if (cursor.remaining > 0) cursor.rest('mysql.data');
}

/** Access denied, in its forms, a locked account, and a password that has expired. */
const refusals: ReadonlySet<number> = new Set([1044, 1045, 1698, 1862, 3118, 4151]);

function readError(cursor: Cursor, said: Said): void {
  cursor.uint8('mysql.type');
  const code = cursor.littleEndian('mysql.error.code', 2);
  said.title = verbatim(`ERR ${code}`);
  const sqlState = cursor.peek() === 0x23 ? cursor.text('mysql.error.state', 6) : '';
  if (sqlState === '#28000' || refusals.has(code)) said.login = 'refused';
  const text = cursor.text('mysql.error.message', cursor.remaining);
  said.facts = verbatim(beginningOf(utf8(text), 120));
}

function readGreeting(cursor: Cursor, said: Said, learnt: Learnt): void {
  said.title = { en: 'greeting', ko: '서버 인사' };
  cursor.uint8('mysql.protocol_version');
  const version = readTerminated(cursor, 'mysql.server_version', 'mysql.end');
  said.facts = verbatim(beginningOf(utf8(version)));
  learnt.state = { phase: 'response' };
  cursor.littleEndian('mysql.connection', 4);
  cursor.bytes('mysql.auth.scramble', 8);
  cursor.bytes('mysql.end', 1);
  const lower = cursor.littleEndian('mysql.capabilities', 2);
  if (cursor.remaining === 0) return;
  cursor.uint8('mysql.character_set');
  cursor.littleEndian('mysql.status', 2);
  const upper = cursor.littleEndian('mysql.capabilities', 2);
  const length = cursor.uint8('mysql.auth.scramble_length');
  cursor.bytes('mysql.reserved', 10);
  if (has(lower, flags.secureConnection)) cursor.bytes('mysql.auth.scramble', Math.max(13, length - 8));
  if (!has(lower + upper * 65_536, flags.pluginAuth) || cursor.remaining === 0) return;
  const plugin =
    cursor.distanceTo(0) < cursor.remaining
      ? readTerminated(cursor, 'mysql.auth.plugin', 'mysql.end')
      : cursor.text('mysql.auth.plugin', cursor.remaining);
  learnt.state = { phase: 'response', plugin };
  said.facts = verbatim(`${beginningOf(utf8(version), 40)}, ${beginningOf(plugin, 40)}`);
  if (cursor.remaining > 0) cursor.rest('mysql.data');
}

/** Protocol::HandshakeResponse41, or as much of it as a request for TLS has. */
function readResponse(state: State, cursor: Cursor, said: Said, learnt: Learnt): void {
  said.title = { en: 'login', ko: '로그인' };
  const capabilities = cursor.littleEndian('mysql.capabilities', 4);
  cursor.littleEndian('mysql.max_packet', 4);
  cursor.uint8('mysql.character_set');
  cursor.bytes('mysql.reserved', 23);
  if (cursor.remaining === 0 && has(capabilities, flags.ssl)) {
    said.title = { en: 'SSLRequest: TLS begins', ko: 'SSLRequest: TLS 시작' };
    learnt.state = { capabilities };
    return;
  }
  const user = utf8(readTerminated(cursor, 'mysql.user', 'mysql.end'));
  said.facts = { en: `user ${beginningOf(user)}`, ko: `사용자 ${beginningOf(user)}` };
  const length = has(capabilities, flags.lengthEncodedAuth)
    ? (lengthEncoded(cursor, 'mysql.auth.length') ?? 0)
    : has(capabilities, flags.secureConnection)
      ? cursor.uint8('mysql.auth.length')
      : cursor.distanceTo(0);
  const start = cursor.offset;
  const answer = length > 0 ? cursor.bytes('mysql.auth.response', length) : new Uint8Array(0);
  if (!has(capabilities, flags.secureConnection) && cursor.peek() === 0) cursor.bytes('mysql.end', 1);
  let chosen = '';
  if (has(capabilities, flags.connectWithDatabase) && cursor.remaining > 0) {
    const database = readTerminated(cursor, 'mysql.database', 'mysql.end');
    if (database !== '') chosen = beginningOf(utf8(database), 32);
  }
  let plugin = 'mysql_native_password';
  if (has(capabilities, flags.pluginAuth) && cursor.remaining > 0)
    plugin = readTerminated(cursor, 'mysql.auth.plugin', 'mysql.end');
  const [name, method] = [beginningOf(user, 32), beginningOf(plugin, 32)];
  said.facts = {
    en: `user ${name}${chosen === '' ? '' : `, database ${chosen}`}, ${method}`,
    ko: `사용자 ${name}${chosen === '' ? '' : `, 데이터베이스 ${chosen}`}, ${method}`,
  };
  const next: State = {
    ...state,
    phase: 'login',
    capabilities,
    plugin,
    user,
    wantsAll: false,
    hasAskedForKey: false,
  };
  learnt.state = next;
  sayCredential(answer, start, next, said);
  if (has(capabilities, flags.connectAttributes) && cursor.remaining > 0) readAttributes(cursor);
  if (cursor.remaining > 0) cursor.rest('mysql.data');
}

/** Names and values: the program, its version, its system. */
function readAttributes(cursor: Cursor): void {
  lengthEncoded(cursor, 'mysql.attributes_length');
  while (cursor.remaining > 1) {
    for (const id of ['mysql.attribute.name', 'mysql.attribute.value'] as const) {
      const length = lengthEncoded(cursor, 'mysql.attribute.size') ?? 0;
      if (length > 0) cursor.text(id, length);
    }
  }
}

function readLoginReply(type: number | undefined, cursor: Cursor, said: Said, learnt: Learnt): void {
  cursor.uint8('mysql.type');
  switch (type) {
    case 0:
      said.title = { en: 'OK: logged in', ko: 'OK: 로그인됨' };
      said.login = 'accepted';
      learnt.state = { phase: 'commands' };
      break;
    case 0xfe: {
      said.title = verbatim('AuthSwitchRequest');
      if (cursor.remaining === 0) {
        learnt.state = { plugin: 'mysql_old_password' };
        break;
      }
      const plugin = readTerminated(cursor, 'mysql.auth.plugin', 'mysql.end');
      said.facts = verbatim(beginningOf(plugin, 40));
      learnt.state = { plugin, wantsAll: false, hasAskedForKey: false };
      if (cursor.remaining > 0) cursor.rest('mysql.auth.scramble');
      return;
    }
    case 1: {
      said.title = verbatim('AuthMoreData');
      const more = cursor.peek();
      if (cursor.remaining === 1 && more === 3)
        said.facts = { en: 'the proof is enough', ko: '증명으로 충분함' };
      if (cursor.remaining === 1 && more === 4) {
        said.facts = { en: 'the whole password is needed', ko: '비밀번호 전체가 필요함' };
        learnt.state = { wantsAll: true };
      }
      if (cursor.remaining > 64) said.facts = { en: "the server's public key", ko: '서버의 공개 키' };
      break;
    }
    default:
      said.title = { en: 'login, from the server', ko: '로그인, 서버의 응답' };
  }
  if (cursor.remaining > 0) cursor.rest('mysql.data');
}

/** Of the client, while the login goes on. */
function readAnswer(state: State, cursor: Cursor, said: Said, learnt: Learnt): void {
  const start = cursor.offset;
  const answer = cursor.remaining > 0 ? cursor.rest('mysql.auth.response') : new Uint8Array(0);
  const [first] = answer;
  const asksForKey = answer.length === 1 && sha2Plugins.has(state.plugin) && (first === 2 || first === 1);
  said.title = asksForKey
    ? { en: "asks for the server's public key", ko: '서버의 공개 키를 요청함' }
    : { en: 'answer', ko: '인증 응답' };
  said.facts = verbatim(beginningOf(state.plugin, 40));
  if (asksForKey) learnt.state = { hasAskedForKey: true };
  else sayCredential(answer, start, state, said);
}

function sayCredential(answer: Uint8Array, offset: number, state: State, said: Said): void {
  const found = credentialIn(answer, offset, state);
  if (found) said.credentials = [found];
}

function credentialIn(answer: Uint8Array, offset: number, state: State): Credential | undefined {
  const { plugin, user, wantsAll, hasAskedForKey } = state;
  if (answer.length === 0 || (answer.length === 1 && answer[0] === 0)) return undefined;
  const place = { name: user || plugin || 'MySQL', offset, length: answer.length };
  const hex = toHex(answer);
  const proof = Object.hasOwn(proofs, plugin) ? proofs[plugin] : undefined;
  if (proof && !wantsAll && answer.length === proof.length) return { ...place, kind: proof.kind, value: hex };
  const isWhole = clearPlugins.has(plugin) || (sha2Plugins.has(plugin) && (wantsAll || !proof));
  if (!isWhole) return { ...place, kind: 'mysql_other', value: hex };
  // Under RSA it has the length of the key.
  if (sha2Plugins.has(plugin) && (hasAskedForKey || answer.length >= 128))
    return { ...place, kind: 'sha2_rsa', value: hex };
  const end = answer.at(-1) === 0 ? answer.length - 1 : answer.length;
  return {
    ...place,
    kind: 'password_message',
    value: Buffer.from(answer.subarray(0, end)).toString('utf8'),
    length: end,
  };
}

function readCommand(state: State, cursor: Cursor, said: Said, learnt: Learnt): void {
  if (cursor.remaining === 0) return;
  const code = cursor.uint8('mysql.command');
  const name = commandNames[code] ?? `command ${code}`;
  said.title = verbatim(name);
  if (code === 3 || code === 22) {
    if (code === 3 && has(state.capabilities, flags.queryAttributes)) {
      const count = lengthEncoded(cursor, 'mysql.attributes_length') ?? 0;
      lengthEncoded(cursor, 'mysql.attributes_length');
      if (count > 0) {
        cursor.rest('mysql.data');
        return;
      }
    }
    const start = cursor.offset;
    const sql = cursor.text('mysql.sql', cursor.remaining);
    said.title = verbatim(`${name} ${titleOfSql(sql)}`.trim());
    const passwords = passwordsInSql(sql, start);
    if (passwords.length > 0) said.credentials = passwords;
    return;
  }
  if (code === 2) {
    said.facts = verbatim(beginningOf(utf8(cursor.text('mysql.database', cursor.remaining))));
    return;
  }
  if (code === 17) {
    readChangeUser(state, cursor, said, learnt);
    return;
  }
  if (cursor.remaining > 0) cursor.rest('mysql.data');
}

function readChangeUser(state: State, cursor: Cursor, said: Said, learnt: Learnt): void {
  const user = utf8(readTerminated(cursor, 'mysql.user', 'mysql.end'));
  const length = cursor.uint8('mysql.auth.length');
  const start = cursor.offset;
  const answer = length > 0 ? cursor.bytes('mysql.auth.response', length) : new Uint8Array(0);
  said.facts = { en: `user ${beginningOf(user)}`, ko: `사용자 ${beginningOf(user)}` };
  readTerminated(cursor, 'mysql.database', 'mysql.end');
  let { plugin } = state;
  if (cursor.remaining > 2) {
    cursor.littleEndian('mysql.character_set', 2);
    plugin = readTerminated(cursor, 'mysql.auth.plugin', 'mysql.end');
  }
  const next: State = { ...state, phase: 'login', plugin, user, wantsAll: false, hasAskedForKey: false };
  learnt.state = next;
  sayCredential(answer, start, next, said);
  if (cursor.remaining > 0) cursor.rest('mysql.data');
}

/** Protocol::LengthEncodedInteger; undefined for what stands for NULL or a file. */
function lengthEncoded(cursor: Cursor, id: MysqlFieldId): number | undefined {
  const first = cursor.peek() ?? 0;
  if (first < 0xfb) return cursor.uint8(id);
  cursor.uint8(id);
  if (first === 0xfb || first === 0xff) return undefined;
  if (first < 0xfe) return cursor.littleEndian(id, first - 0xfa);
  const number = cursor.littleEndian(id, 6);
  cursor.littleEndian(id, 2);
  return number;
}
