/**
 * A login that a server refused is known as such, in each protocol by its own word for it; the connection itself may have been
 * completed. A login that was accepted, and one that another try follows, are not.
 */
import test from 'ava';
import { ConversationReader, loadCaptureReadings } from '../../../src/analysis/conversation/conversation.ts';
import { SummaryReader, causeIn, isFailed } from '../../../src/analysis/summary/connection-summary.ts';
import { isFault, parseFilter } from '../../../src/analysis/summary/filter.ts';
import { Statistics } from '../../../src/analysis/summary/statistics.ts';
import { outcomeOf } from '../../../src/analysis/outcome/outcome.ts';
import { Flows } from '../../../src/capture/flows.ts';
import type { Side } from '../../../src/capture/event.ts';
import type { ConnectionSummary } from '../../../src/analysis/summary/connection-summary.ts';
import { endOfSummary, summaryRows } from '../../../src/presentation/report/statistics.ts';
import { ScriptedLog, present } from '../../helpers/capture.ts';
import { fromHex } from '../../../src/core/hex.ts';

test.before(async () => loadCaptureReadings());

type Said = readonly (readonly [from: Side, bytes: string | Uint8Array])[];

function summed(said: Said): ConnectionSummary {
  const scripted = new ScriptedLog();
  const flows = new Flows(scripted.log);
  scripted.log.subscribe(flows.fold);
  scripted.began();
  scripted.opened();
  for (const [from, bytes] of said) scripted.bytes(from, bytes);
  scripted.closed();
  const connection = present(flows.connection(1));
  const summary = new SummaryReader(connection);
  const reader = new ConversationReader(connection, {
    onHttp: summary.onHttp,
    onMessage: (message) => summary.onMessage(message),
  });
  while (reader.advance());
  reader.end();
  summary.end();
  return summary.summary(undefined, outcomeOf(connection));
}

const c = (...lines: string[]): readonly ['client', string] => [
  'client',
  lines.map((line) => `${line}\r\n`).join(''),
];
const s = (...lines: string[]): readonly ['server', string] => [
  'server',
  lines.map((line) => `${line}\r\n`).join(''),
];

/** A message of PostgreSQL; without a type the start-up message. */
function postgres(type: string, body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type, 'latin1'), length, body]);
}
const startup = postgres('', Buffer.from('\0\x03\0\0user\0alice\0\0', 'latin1'));
const asksPassword = postgres('R', fromHex('00000003'));
const password = postgres('p', Buffer.from('wrong\0'));
const pgError = (code: string): Buffer => postgres('E', Buffer.from(`SFATAL\0VFATAL\0C${code}\0Mno\0\0`));

/** A packet of MySQL. */
function mysql(number: number, body: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(body.length & 0xff, body.length >> 8, 0, number), body]);
}
const greeting = mysql(
  0,
  Buffer.concat([
    Buffer.from('\x0a8.0.36\0', 'latin1'),
    fromHex('01000000 0102030405060708 00 fff7 08 0200 ffdf 15 00000000000000000000'),
    fromHex('0102030405060708090a0b0c 00'),
    Buffer.from('mysql_native_password\0'),
  ]),
);
const response = mysql(
  1,
  Buffer.concat([
    fromHex('05a20f00 00000001 08'),
    Buffer.alloc(23),
    Buffer.from('alice\0'),
    fromHex('14 0102030405060708090a0b0c0d0e0f1011121314'),
    Buffer.from('mysql_native_password\0'),
  ]),
);
const mysqlError = (code: number, state: string): Buffer =>
  mysql(2, Buffer.concat([Uint8Array.of(0xff, code & 0xff, code >> 8), Buffer.from(`#${state}no`)]));

const bind = fromHex('300c020101600702010304008000');
const bound = (code: number): Uint8Array =>
  Uint8Array.of(0x30, 0x0c, 2, 1, 1, 0x61, 7, 0x0a, 1, code, 4, 0, 4, 0);

const connect = fromHex(
  '101a 0004 4d515454 04 c2 003c 0001 61 0005 616c696365 0005 77726f6e67'.replace('101a', '101b'),
);
const request = (...headers: string[]): readonly ['client', string] =>
  c('GET / HTTP/1.1', 'Host: shop', ...headers, '');
const answers = (status: string, ...headers: string[]): readonly ['server', string] =>
  s(`HTTP/1.1 ${status}`, 'Content-Length: 0', ...headers, '');
const basic = 'Authorization: Basic YWxpY2U6d3Jvbmc=';
const form = c(
  'POST /login HTTP/1.1',
  'Host: shop',
  'Content-Type: application/x-www-form-urlencoded',
  'Content-Length: 28',
  '',
  'username=alice&password=wron',
).map((part) => part.replace(/\r\n$/, '')) as unknown as readonly ['client', string];

const mail = [s('220 mail ESMTP'), c('EHLO a'), s('250 AUTH PLAIN')] as const;
const pop = [s('+OK ready'), c('USER alice'), s('+OK'), c('PASS wrong')] as const;
const imap = [s('* OK ready'), c('a1 LOGIN alice wrong')] as const;
const ftp = [s('220 ftp'), c('USER alice'), s('331 password'), c('PASS wrong')] as const;

const logins: readonly (readonly [name: string, said: Said, result: ConnectionSummary['logins']])[] = [
  ['SMTP 535', [...mail, c('AUTH PLAIN AGEAYg=='), s('535 5.7.8 no')], ['refused']],
  [
    'SMTP 535 in two steps',
    [
      ...mail,
      c('AUTH LOGIN'),
      s('334 VXNlcm5hbWU6'),
      c('YQ=='),
      s('334 UGFzc3dvcmQ6'),
      c('Yg=='),
      s('535 no'),
    ],
    ['refused'],
  ],
  ['SMTP 235', [...mail, c('AUTH PLAIN AGEAYg=='), s('235 yes')], ['accepted']],
  [
    'SMTP, the second try',
    [...mail, c('AUTH PLAIN AGEAYg=='), s('535 no'), c('AUTH PLAIN AGEAYg=='), s('235 yes')],
    ['refused', 'accepted'],
  ],
  ['SMTP, a mail that is refused', [...mail, c('MAIL FROM:<a@b>'), s('550 no')], []],
  ['POP3 -ERR', [...pop, s('-ERR no')], ['refused']],
  ['POP3 in one go', [s('+OK ready'), c('USER alice', 'PASS wrong'), s('+OK', '-ERR no')], ['refused']],
  ['POP3 +OK', [...pop, s('+OK')], ['accepted']],
  ['POP3, another command', [...pop, s('+OK'), c('RETR 9'), s('-ERR no such message')], ['accepted']],
  ['IMAP NO', [...imap, s('a1 NO no')], ['refused']],
  ['IMAP OK', [...imap, s('* CAPABILITY IMAP4rev1', 'a1 OK yes')], ['accepted']],
  ['IMAP, another command', [...imap, s('a1 OK yes'), c('a2 SELECT x'), s('a2 NO no')], ['accepted']],
  ['FTP 530', [...ftp, s('530 no')], ['refused']],
  ['FTP 230', [...ftp, s('230 yes')], ['accepted']],
  ['Redis WRONGPASS', [c('*2', '$4', 'AUTH', '$5', 'wrong'), s('-WRONGPASS no')], ['refused']],
  ['Redis, an old server', [c('*2', '$4', 'AUTH', '$5', 'wrong'), s('-ERR invalid password')], ['refused']],
  ['Redis NOAUTH', [c('*2', '$3', 'GET', '$1', 'a'), s('-NOAUTH Authentication required.')], ['refused']],
  [
    'Redis OK',
    [c('*2', '$4', 'AUTH', '$5', 'right'), s('+OK'), c('*1', '$3', 'FOO'), s('-ERR unknown')],
    ['accepted'],
  ],
  [
    'PostgreSQL 28P01',
    [
      ['client', startup],
      ['server', asksPassword],
      ['client', password],
      ['server', pgError('28P01')],
    ],
    ['refused'],
  ],
  [
    'PostgreSQL, no such database',
    [
      ['client', startup],
      ['server', pgError('3D000')],
    ],
    [],
  ],
  [
    'PostgreSQL, accepted',
    [
      ['client', startup],
      ['server', asksPassword],
      ['client', password],
      ['server', postgres('R', fromHex('00000000'))],
    ],
    ['accepted'],
  ],
  [
    'MySQL 1045',
    [
      ['server', greeting],
      ['client', response],
      ['server', mysqlError(1045, '28000')],
    ],
    ['refused'],
  ],
  [
    'MySQL OK',
    [
      ['server', greeting],
      ['client', response],
      ['server', mysql(2, fromHex('00000002000000'))],
    ],
    ['accepted'],
  ],
  [
    'MySQL, a query',
    [
      ['server', greeting],
      ['client', response],
      ['server', mysql(2, fromHex('00000002000000'))],
      ['client', mysql(0, Buffer.from('\x03select'))],
      ['server', mysqlError(1044, '42000')],
    ],
    ['accepted'],
  ],
  [
    'LDAP 49',
    [
      ['client', bind],
      ['server', bound(49)],
    ],
    ['refused'],
  ],
  [
    'LDAP 0',
    [
      ['client', bind],
      ['server', bound(0)],
    ],
    ['accepted'],
  ],
  [
    'MQTT 5',
    [
      ['client', connect],
      ['server', fromHex('20020005')],
    ],
    ['refused'],
  ],
  [
    'MQTT 0',
    [
      ['client', connect],
      ['server', fromHex('20020000')],
    ],
    ['accepted'],
  ],
  [
    'MQTT, the server is busy',
    [
      ['client', connect],
      ['server', fromHex('20020003')],
    ],
    [],
  ],
  [
    'HTTP 401',
    [request(basic), answers('401 Unauthorized', 'WWW-Authenticate: Basic realm="a"')],
    ['refused'],
  ],
  ['HTTP 403 for a person', [request(basic), answers('403 Forbidden')], ['refused']],
  ['HTTP 403 for a token', [request('Authorization: Bearer abc'), answers('403 Forbidden')], []],
  ['HTTP 401 for a form', [form, answers('401 Unauthorized')], ['refused']],
  [
    'HTTP, asked for a login',
    [request(), answers('401 Unauthorized', 'WWW-Authenticate: Basic realm="a"')],
    [],
  ],
  [
    'HTTP, in the middle of NTLM',
    [
      request('Authorization: NTLM TlRMTVNTUAABAAAA'),
      answers('401 Unauthorized', 'WWW-Authenticate: NTLM TlRMTVNTUAACAAAA'),
    ],
    [],
  ],
  [
    'HTTP, an old nonce',
    [
      request('Authorization: Digest username="a", nonce="1"'),
      answers('401 Unauthorized', 'WWW-Authenticate: Digest nonce="2", stale=true'),
    ],
    [],
  ],
  [
    'HTTP 407',
    [request('Proxy-Authorization: Basic YTpi'), answers('407 no', 'Proxy-Authenticate: Basic')],
    ['refused'],
  ],
  ['HTTP 200', [request(basic), answers('200 OK')], ['accepted']],
];

for (const [name, said, result] of logins)
  test(name, (t) => {
    const summary = summed(said);
    t.deepEqual(summary.logins, result);
    const isRefused = result.at(-1) === 'refused';
    t.is(summary.outcome?.kind, 'completed');
    t.is(isFailed(summary), isRefused);
    t.is(causeIn(summary), isRefused ? 'login_refused' : 'completed');
    t.is(endOfSummary(summary)?.en, isRefused ? 'login refused' : 'completed');
    for (const [expression, holds] of [
      ['failed', isRefused],
      ['cause=login_refused', isRefused],
      ['login=refused', result.includes('refused')],
      ['login=accepted', result.includes('accepted')],
    ] as const) {
      const filter = present(parseFilter(expression));
      t.is(isFault(filter) ? undefined : filter.test(summary), holds, expression);
    }
  });

test('the summary counts refused logins among the failures, in both languages', (t) => {
  const statistics = new Statistics();
  statistics.add(summed([...imap, s('a1 NO no')]));
  const rows = summaryRows(statistics.value, { began: 0 });
  t.deepEqual(
    rows.slice(0, 2).map(({ text }) => text),
    [
      { en: '1 connection, 1 failed', ko: '연결 1개, 실패 1개' },
      { en: '1 login_refused (login refused): #1', ko: '1 login_refused (로그인 거부됨): #1' },
    ],
  );
});
