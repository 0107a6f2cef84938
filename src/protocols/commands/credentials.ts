/**
 * Extracts credentials from commands: USER and PASS, LOGIN, APOP, and SASL, whose answers `sasl.ts` reads. AUTH with something
 * else than a mechanism is a login of another protocol: its last word is a password. Positions are on the wire, values are
 * decoded.
 */
import { readAnswer, utf8 } from '../shared/sasl.ts';
import type { Found, Login } from '../shared/sasl.ts';

export type CommandProtocol = 'smtp' | 'pop3' | 'imap' | 'ftp';

/** @param command.offset where the argument begins in its direction */
export function credentialsOfCommand(
  {
    verb,
    argument,
    offset,
  }: {
    readonly verb: string;
    readonly argument: string;
    readonly offset: number;
  },
  login: Login,
): Found {
  if (verb === 'USER') return { credentials: [], login: { ...login, user: utf8(argument) } };
  if (verb === 'PASS')
    return {
      credentials:
        argument === ''
          ? []
          : [
              {
                kind: 'pass_command',
                name: login.user || 'PASS',
                value: utf8(argument),
                offset,
                length: argument.length,
              },
            ],
      login,
    };
  if (verb === 'LOGIN') {
    const [user, password] = wordsOf(argument);
    if (!user || !password) return { credentials: [], login };
    return {
      credentials: [
        {
          kind: 'login_command',
          name: utf8(user.text),
          value: utf8(password.text),
          offset: offset + password.start,
          length: password.end - password.start,
        },
      ],
      login: { ...login, user: utf8(user.text) },
    };
  }
  if (verb === 'APOP') {
    const [whole, user = '', digest = ''] = /^(\S+) +([0-9a-f]{32})\s*$/i.exec(argument) ?? [];
    if (whole === undefined) return { credentials: [], login };
    return {
      credentials: [
        {
          kind: 'apop',
          name: utf8(user),
          value: digest,
          offset: offset + argument.lastIndexOf(digest),
          length: digest.length,
        },
      ],
      login: { ...login, user: utf8(user) },
    };
  }
  if (verb !== 'AUTH' && verb !== 'AUTHENTICATE') return { credentials: [], login };
  const begins = /^(\S+)(?:( +)(\S+))?/.exec(argument);
  if (!begins) return { credentials: [], login };
  if (!isMechanism(begins[1] ?? '')) return passwordOfAuth(argument, offset, login);
  const [, mechanism = '', gap = '', initial] = begins;
  const begun: Login = { ...login, mechanism: mechanism.toUpperCase(), step: 0 };
  return initial === undefined || initial === '='
    ? { credentials: [], login: begun }
    : continuedCredentials(initial, offset + mechanism.length + gap.length, begun);
}

/** A line with which the client continues an authentication, in base64. */
export function continuedCredentials(line: string, offset: number, login: Login): Found {
  const encoded = line.replace(/\s+$/, '');
  const next = { ...login, step: login.step + 1 };
  if (encoded === '*' || encoded === '') return { credentials: [], login: next };
  const text = Buffer.from(encoded, 'base64').toString('latin1');
  // In base64 a part has no place of its own.
  return readAnswer(text, () => ({ offset, length: encoded.length }), login);
}

/**
 * Mechanisms of SASL (IANA, "SASL Mechanisms") and those that servers know besides, and of FTP (RFC 2228, RFC 4217). A word
 * that is none of them may be a password.
 */
const mechanisms =
  /^(PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|SCRAM-[A-Z0-9-]{1,24}|NTLM|GSSAPI|GSS-SPNEGO|SPNEGO|GS2-[A-Z0-9-]{1,24}|KERBEROS_V[45]|XOAUTH2?|OAUTHBEARER|OAUTH10A|ANONYMOUS|EXTERNAL|SECURID|OTP|SKEY|SRP|SAML20|OPENID20|PASSDSS-3DES-1|APOP|MSN|ECDSA-NIST256P-SHA256|EAP-AES128(-PLUS)?|TLS|TLS-C|TLS-P|SSL)$/i;

export function isMechanism(word: string): boolean {
  return mechanisms.test(word);
}

/** `AUTH password`, `AUTH user password`. */
function passwordOfAuth(argument: string, offset: number, login: Login): Found {
  const [, before = '', user = ''] = /^((\S+) +)?\S/.exec(argument) ?? [];
  const password = argument.slice(before.length).trimEnd();
  return {
    credentials: [
      {
        kind: 'auth_command',
        name: utf8(user) || login.user || 'AUTH',
        value: utf8(password),
        offset: offset + before.length,
        length: password.length,
      },
    ],
    login,
  };
}

interface Word {
  readonly text: string;
  /** Of the bytes that stand for it, without quotes and without the announcement of a literal. */
  readonly start: number;
  readonly end: number;
}

/** The words of IMAP (RFC 9051 section 4): atoms, quoted strings, literals. */
export function wordsOf(argument: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < argument.length && words.length < 2) {
    while (argument[at] === ' ') at++;
    const rest = argument.slice(at);
    const announced = /^\{(\d{1,9})\+?\}\r?\n/.exec(rest);
    const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(rest);
    const atom = /^[^ ]+/.exec(rest)?.[0] ?? '';
    if (announced) {
      const start = at + announced[0].length;
      const end = Math.min(start + Number(announced[1]), argument.length);
      words.push({ text: argument.slice(start, end), start, end });
      at = end;
    } else if (quoted) {
      words.push({
        text: (quoted[1] ?? '').replace(/\\(.)/g, '$1'),
        start: at + 1,
        end: at + quoted[0].length - 1,
      });
      at += quoted[0].length;
    } else {
      words.push({ text: atom, start: at, end: at + atom.length });
      at += Math.max(1, atom.length);
    }
  }
  return words;
}
