/**
 * A command that logged in, or asked for something, before TLS was requested, and was refused for that: the server's answer says so,
 * by a code of its protocol or in words.
 */
import { basename } from 'node:path';
import { latin1Text } from '../../../core/bytes.ts';
import { defined } from '../../../core/defined.ts';
import { safeText } from '../../../i18n/safe.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { Connection } from '../../../capture/connection.ts';
import { explained } from '../../case.ts';
import type { Finding } from '../../diagnosis.ts';
import { altered } from '../../programs/remedy.ts';
import type { Seen } from '../seen.ts';

type Protocol = 'LDAP' | 'SMTP' | 'IMAP' | 'POP3' | 'FTP' | 'MySQL';

const mostRead = 16_384;

const bytesOf = (connection: Connection, side: 'client' | 'server'): Uint8Array => {
  const stream = connection.stream('wire', side);
  return stream.read(0, Math.min(stream.length, mostRead)) ?? stream.head;
};

const wantsTls =
  /\b(?:STARTTLS|STLS|TLS|SSL|encrypt(?:ion|ed)?)\b.*\b(?:first|required|needed|must|mandatory)\b|\b(?:must|requires?|required|needs?|only)\b.*\b(?:STARTTLS|STLS|TLS|SSL|encrypt(?:ion|ed)?)\b|on non-secure|cleartext sessions|under a layer/i;

interface Row {
  readonly protocol: Protocol;
  /** How its server greets, and how its client begins. */
  readonly greets: RegExp;
  readonly begins: RegExp;
  /** The lines that refuse; `isCode`: the code alone says it. */
  readonly refuses: readonly { readonly pattern: RegExp; readonly isCode?: true }[];
}

const rows: readonly Row[] = [
  {
    protocol: 'SMTP',
    greets: /^220[ -]/,
    begins: /^(?:EHLO|HELO|LHLO)\b/i,
    // RFC 3207 section 4, RFC 4954 section 6.
    refuses: [{ pattern: /^538[ -].*/m, isCode: true }, { pattern: /^(?:530|550|554)[ -].*/gm }],
  },
  {
    protocol: 'FTP',
    greets: /^220[ -]/,
    begins: /^(?:USER|FEAT|SYST|HOST|CLNT)\b/i,
    // RFC 2228 section 5; servers have words of their own.
    refuses: [{ pattern: /^(?:421|503|521|522|530|534|550)[ -].*/gm }],
  },
  {
    protocol: 'IMAP',
    greets: /^\* (?:OK|PREAUTH)\b/i,
    begins: /^/,
    // RFC 5530 section 3.
    refuses: [
      { pattern: /^\S+ (?:NO|BAD) \[PRIVACYREQUIRED\].*/im, isCode: true },
      { pattern: /^\S+ (?:NO|BAD) .*/gim },
    ],
  },
  { protocol: 'POP3', greets: /^\+OK\b/, begins: /^/, refuses: [{ pattern: /^-ERR .*/gim }] },
  {
    protocol: 'MySQL',
    greets: /^[\s\S]{3}\0\n/,
    begins: /^/,
    refuses: [{ pattern: /Connections using insecure transport are prohibited[^\0\r\n]*/, isCode: true }],
  },
];

/** Undefined where the server demands no TLS in what can be read. @param words the command as it is typed */
export function tlsDemanded({ connection, isTls }: Seen, words: readonly string[]): Finding | undefined {
  if (!connection || isTls) return undefined;
  const demand = demandIn(connection);
  if (!demand) return undefined;
  const { protocol } = demand;
  const said = safeText(demand.said.trim().slice(0, 200));
  return explained(
    defined({
      cause: 'starttls_required' as const,
      by: 'server' as const,
      detail: {},
      confidence: 'proven' as const,
      evidence: [{ kind: 'words', said, words: { en: 'the server said', ko: '서버의 말' } } as const],
      because: {
        en: `the client went on without requesting TLS, and the server does not admit that (${protocol}): ${said}`,
        ko: `클라이언트가 TLS를 요청하지 않고 진행해 서버가 거부했습니다(${protocol}). 서버의 말: ${said}`,
      },
      remedy: remedies[protocol],
      command: withTls(words, protocol),
    }),
  );
}

function demandIn(
  connection: Connection,
): { readonly protocol: Protocol; readonly said: string } | undefined {
  const bytes = bytesOf(connection, 'server');
  const [server, client] = [latin1Text(bytes), latin1Text(bytesOf(connection, 'client'))];
  for (const { protocol, greets, begins, refuses } of rows) {
    if (!greets.test(server) || !begins.test(client)) continue;
    for (const { pattern, isCode } of refuses) {
      const lines = pattern.global ? (server.match(pattern) ?? []) : [pattern.exec(server)?.[0]];
      const said = lines.findLast((line) => line !== undefined && (isCode || wantsTls.test(line)));
      if (said !== undefined) return { protocol, said };
    }
  }
  const said = demandOfLdap(bytes);
  return said === undefined ? undefined : { protocol: 'LDAP', said };
}

/** Results of an LDAP server (RFC 4511 section 4.1.9). */
const confidentialityRequired = 13;
const strongerAuthRequired = 8;

function demandOfLdap(bytes: Uint8Array): string | undefined {
  let said: string | undefined;
  for (let message = readElement(bytes, 0); message?.tag === 0x30; ) {
    const number = readElement(message.content, 0);
    const answer = number?.tag === 0x02 ? readElement(message.content, number.end) : undefined;
    const code =
      answer && answer.tag >= 0x60 && answer.tag < 0x80 ? readElement(answer.content, 0) : undefined;
    if (answer && code?.tag === 0x0a && code.content.length === 1) {
      const name = readElement(answer.content, code.end);
      const words = name && readElement(answer.content, name.end);
      const text = words?.tag === 0x04 ? Buffer.from(words.content).toString('utf8') : '';
      const isOfTls = code.content[0] === strongerAuthRequired && /\b(?:TLS|SSL)\b/i.test(text);
      if (code.content[0] === confidentialityRequired)
        said = `confidentialityRequired (13)${text && `: ${text}`}`;
      else if (isOfTls) said = `strongerAuthRequired (8): ${text}`;
    }
    message = readElement(bytes, message.end);
  }
  return said;
}

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly end: number;
}

/** One of BER with a length of up to four bytes; undefined where it is not whole. */
function readElement(bytes: Uint8Array, at: number): Element | undefined {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined) return undefined;
  const more = first < 0x80 ? 0 : first & 0x7f;
  if (more > 4 || (first >= 0x80 && more === 0)) return undefined;
  let length = first < 0x80 ? first : 0;
  for (let index = 0; index < more; index += 1) length = length * 256 + (bytes[at + 2 + index] ?? 0);
  const start = at + 2 + more;
  return start + length > bytes.length
    ? undefined
    : { tag, content: bytes.subarray(start, start + length), end: start + length };
}

const remedies: Readonly<Record<Protocol, Localized>> = {
  LDAP: {
    en: 'let the client request TLS before it binds (StartTLS: ldapsearch -ZZ, LDAPTLS_CACERT names the CA; start_tls in a program), or use the port that begins with TLS (ldaps://, 636)',
    ko: '클라이언트가 바인드하기 전에 TLS를 요청하게 하세요(StartTLS: ldapsearch -ZZ, CA는 LDAPTLS_CACERT, 프로그램에서는 start_tls). 처음부터 TLS를 쓰는 포트(ldaps://, 636)를 써도 됩니다.',
  },
  SMTP: {
    en: 'let the client request TLS before it logs in or sends mail (STARTTLS: curl --ssl-reqd, starttls() in Python’s smtplib, requireTLS in nodemailer)',
    ko: '클라이언트가 로그인하거나 메일을 보내기 전에 TLS를 요청하게 하세요(STARTTLS: curl --ssl-reqd, Python smtplib의 starttls(), nodemailer의 requireTLS).',
  },
  IMAP: {
    en: 'let the client request TLS before it logs in (STARTTLS: curl --ssl-reqd, starttls() in Python’s imaplib), or use the port that begins with TLS (993)',
    ko: '클라이언트가 로그인하기 전에 TLS를 요청하게 하거나(STARTTLS: curl --ssl-reqd, Python imaplib의 starttls()), 처음부터 TLS를 쓰는 포트(993)를 쓰세요.',
  },
  POP3: {
    en: 'let the client request TLS before it logs in (STLS: curl --ssl-reqd, stls() in Python’s poplib), or use the port that begins with TLS (995)',
    ko: '클라이언트가 로그인하기 전에 TLS를 요청하게 하거나(STLS: curl --ssl-reqd, Python poplib의 stls()), 처음부터 TLS를 쓰는 포트(995)를 쓰세요.',
  },
  FTP: {
    en: 'let the client request TLS before it logs in (AUTH TLS: curl --ssl-reqd, FTP_TLS in Python’s ftplib, “explicit TLS” in graphical clients)',
    ko: '클라이언트가 로그인하기 전에 TLS를 요청하게 하세요(AUTH TLS: curl --ssl-reqd, Python ftplib의 FTP_TLS, 그래픽 클라이언트의 명시적 TLS).',
  },
  MySQL: {
    en: 'let the client use TLS (mariadb --ssl, mysql --ssl-mode=REQUIRED; to verify the server too, --ssl-verify-server-cert or VERIFY_IDENTITY with --ssl-ca)',
    ko: '클라이언트가 TLS를 쓰게 하세요(mariadb --ssl, mysql --ssl-mode=REQUIRED). 서버도 검증하려면 --ssl-ca와 함께 --ssl-verify-server-cert나 VERIFY_IDENTITY를 쓰세요.',
  },
};

/** The same command, with TLS; undefined for a program of which it is not known how. */
function withTls(words: readonly string[], protocol: Protocol): string | undefined {
  const name = basename(words[0] ?? '');
  if (name === 'curl') return altered(words, { words: ['--ssl-reqd'] });
  if (name === 'mariadb') return altered(words, { words: ['--ssl'] });
  return protocol === 'LDAP' && /^ldap(?:search|whoami|modify|add|delete|passwd|compare)$/.test(name)
    ? altered(
        words.filter((word) => word !== '-Z'),
        { words: ['-ZZ'] },
      )
    : undefined;
}
