/** A login without TLS: in each protocol the server's own words, and what only looks like them. */
import test from 'ava';
import type { Connection } from '../../../../src/capture/connection.ts';
import { tlsDemanded } from '../../../../src/diagnosis/command/plaintext/tls-demanded.ts';
import type { Seen } from '../../../../src/diagnosis/command/seen.ts';

function seen(client: string, server: string, isTls = false): Seen {
  const of = (text: string) => {
    const bytes = Buffer.from(text, 'latin1');
    return {
      length: bytes.length,
      head: bytes,
      read: (from: number, to: number) => bytes.subarray(from, to),
    };
  };
  const streams = { client: of(client), server: of(server) };
  const connection = { stream: (_: string, side: 'client' | 'server') => streams[side] };
  return { connection: connection as unknown as Connection, isTls } as unknown as Seen;
}

/** A BindResponse (RFC 4511 section 4.2.2). */
const bound = (code: number, said: string): string => {
  const words = `\u0004${String.fromCharCode(said.length)}${said}`;
  const answer = `\n\u0001${String.fromCharCode(code)}\u0004\0${words}`;
  const inner = `\u0002\u0001\u0001a${String.fromCharCode(answer.length)}${answer}`;
  return `0${String.fromCharCode(inner.length)}${inner}`;
};

test('each protocol', (t) => {
  for (const [protocol, client, server] of [
    ['LDAP', '0', bound(13, 'TLS confidentiality required')],
    ['LDAP', '0', bound(8, 'stronger (TLS/SSL) authentication required')],
    [
      'SMTP',
      'EHLO x\r\nMAIL FROM:<a>\r\n',
      '220 x\r\n250 STARTTLS\r\n530 5.7.0 Must issue a STARTTLS command first\r\n',
    ],
    ['SMTP', 'EHLO x\r\n', '220 x\r\n250 x\r\n538 5.7.11 Encryption required for requested mechanism\r\n'],
    ['IMAP', 'a LOGIN u p\r\n', '* OK x\r\na NO [PRIVACYREQUIRED] Plaintext authentication disallowed\r\n'],
    [
      'POP3',
      'USER u\r\n',
      '+OK x\r\n-ERR [AUTH] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.\r\n',
    ],
    ['FTP', 'USER u\r\n', '220 x\r\n530 Non-anonymous sessions must use encryption.\r\n'],
    ['FTP', 'USER u\r\n', '220 x\r\n534 Policy requires SSL\r\n'],
    [
      'MySQL',
      '',
      'x\0\0\0\n8.0\0\u0004\u0001\0\u0002\u00ffW\u000c#HY000Connections using insecure transport are prohibited while --require_secure_transport=ON.',
    ],
  ] as const) {
    const finding = tlsDemanded(seen(client, server), ['program']);
    t.like(finding, { cause: 'starttls_required', by: 'server', confidence: 'proven' }, server);
    t.is(finding?.remedy.on, 'client');
    t.true(finding?.because.en.includes(`(${protocol}): `), finding?.because.en);
    t.is(tlsDemanded(seen(client, server, true), ['program']), undefined, 'TLS was requested');
  }
});

test('the option of the program', (t) => {
  const of = (line: string): string | undefined =>
    tlsDemanded(seen('0', bound(13, '')), line.split(' '))?.remedy.command;
  t.is(of('ldapsearch -x -H ldap://x'), 'ldapsearch -ZZ -x -H ldap://x');
  t.is(of('ldapwhoami -Z -H ldap://x'), 'ldapwhoami -ZZ -H ldap://x');
  t.is(of('curl ldap://x/'), 'curl --ssl-reqd ldap://x/');
  t.is(of('python3 x.py'), undefined);
});

test('other refusals', (t) => {
  for (const [client, server] of [
    ['0', bound(49, 'invalid credentials')],
    ['0', bound(8, 'strong authentication required')],
    ['0', '0\u0084\0\0'],
    ['EHLO x\r\n', '220 x\r\n250 x\r\n530 5.7.57 Client not authenticated to send mail\r\n'],
    ['EHLO x\r\n', '220 x\r\n250 x\r\n550 5.1.1 no such user\r\n'],
    ['a LOGIN u p\r\n', '* OK x\r\na NO [AUTHENTICATIONFAILED] Authentication failed.\r\n'],
    ['USER u\r\n', '+OK x\r\n-ERR [AUTH] Authentication failed.\r\n'],
    ['USER u\r\n', '220 x\r\n530 Login incorrect.\r\n'],
    ['GET / HTTP/1.1\r\n', 'HTTP/1.1 403 Forbidden\r\n\r\nTLS required'],
  ] as const)
    t.is(tlsDemanded(seen(client, server), ['program']), undefined, server);
});
