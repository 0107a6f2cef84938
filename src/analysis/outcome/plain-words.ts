/**
 * Recognizes plaintext statements about TLS: a server refuses STARTTLS, a proxy opens no tunnel, a certificate is
 * missing. By the words alone, not by ports.
 */
import { latin1Text } from '../../core/bytes.ts';
import type { Side } from '../../capture/event.ts';
import type { FlowStream } from '../../capture/flow-stream.ts';
import { beginsRecord } from '../../protocols/tls/record.ts';
import { firstAnswer } from './first-answer.ts';
import type { SaidStream } from './said-stream.ts';

/** The number of bytes examined per direction: a switch to TLS happens early. */
const mostRead = 2048;

/** Cut to what fits in a sentence; undefined where it is not text. */
export function firstLineOf(bytes: Uint8Array | undefined): string | undefined {
  const line = bytes && latin1Text(bytes).split(/\r?\n/, 1)[0]?.trim().slice(0, 60);
  return line && /^[\u0020-\u007e]+$/.test(line) ? line : undefined;
}

function textOf(stream: Pick<FlowStream | SaidStream, 'read' | 'length'>): string {
  const bytes = stream.read(0, Math.min(mostRead, stream.length));
  return bytes ? latin1Text(bytes) : '';
}

interface Upgrade {
  readonly asks: RegExp;
  /** The answer that refuses, from its beginning on. */
  readonly refuses: RegExp;
}

/** How clients ask to turn to TLS, and how servers refuse it. */
const upgrades: readonly Upgrade[] = [
  // SMTP (RFC 3207) and, by the same words, NNTP (RFC 4642), FTP (RFC 4217), Sieve.
  { asks: /^(?:STARTTLS|AUTH (?:TLS|SSL|TLS-C))\r?\n/im, refuses: /^[45]\d\d[ -]|^NO\b/i },
  // IMAP (RFC 9051 section 6.2.1).
  { asks: /^\S+ STARTTLS\r?\n/im, refuses: /^(?:\* .*\r\n)*\S+ (?:NO|BAD)\b/i },
  // POP3 (RFC 2595).
  { asks: /^STLS\r?\n/im, refuses: /^-ERR/i },
  // XMPP (RFC 6120 section 5.4.2.2).
  { asks: /<starttls\b[^>]*urn:ietf:params:xml:ns:xmpp-tls/, refuses: /^\s*<failure\b/ },
];

/** PostgreSQL's SSLRequest, and its answer "no". */
const postgres = '\u0000\u0000\u0000\u0008\u0004\u00d2\u0016/';
/** LDAP (RFC 4511 section 4.14): the operation's name, and in the answer a result code that is not zero. */
const ldap = { name: '1.3.6.1.4.1.1466.20037', answer: /\u0078[\s\S]{1,5}\u000a\u0001([\s\S])/ } as const;

/** A server's refusal to start TLS. */
export interface RefusedUpgrade {
  /** The server's words. */
  readonly said: string;
  /** The client went on without TLS, and the server answered: the refusal did not end the connection. */
  readonly goesOn: boolean;
  /** Where the refusal begins in what the server said. */
  readonly offset: number;
}

/** Undefined if TLS was not requested or not refused. */
export function refusedUpgrade(client: SaidStream, server: SaidStream): RefusedUpgrade | undefined {
  if (client.length === 0 || server.length === 0) return undefined;
  const answer = refusalIn(client, server);
  return (
    answer && {
      said: answer.said,
      goesOn: goesOnBehind(server.seqAt(answer.offset) ?? 0, client, server),
      offset: answer.offset,
    }
  );
}

/** RFC 4511 section 4.1.9; those that an answer to StartTLS has (section 4.14.2). */
const ldapResults: Readonly<Record<number, string>> = {
  1: 'operationsError',
  2: 'protocolError, StartTLS is not supported',
  8: 'strongerAuthRequired',
  10: 'referral',
  12: 'unavailableCriticalExtension',
  13: 'confidentialityRequired',
  50: 'insufficientAccessRights',
  51: 'busy',
  52: 'unavailable',
  53: 'unwillingToPerform',
  80: 'other',
};

const ldapResult = (code: number): string =>
  `LDAP result ${code}${Object.hasOwn(ldapResults, code) ? ` (${ldapResults[code]})` : ''}`;

function refusalIn(
  client: SaidStream,
  server: SaidStream,
): Pick<RefusedUpgrade, 'said' | 'offset'> | undefined {
  const said = textOf(client);
  if (said.startsWith(postgres)) return server.headByte(0) === 0x4e ? { said: 'N', offset: 0 } : undefined;
  if (said.includes(ldap.name)) {
    const match = ldap.answer.exec(textOf(server));
    const code = match?.[1];
    return code === undefined || code === '\u0000'
      ? undefined
      : { said: ldapResult(code.charCodeAt(0)), offset: match?.index ?? 0 };
  }
  for (const { asks, refuses } of upgrades) {
    const match = asks.exec(said);
    if (!match) continue;
    const answer = behind(client, match.index + match[0].length - 1, server);
    if (answer !== undefined && refuses.test(answer.text))
      return { said: firstLineOf(Buffer.from(answer.text.trim(), 'latin1')) ?? '', offset: answer.offset };
  }
  return undefined;
}

const recordHead = 5;

/** Words that only take leave: of mail and file transfer, PostgreSQL's Terminate, LDAP's unbind, the end of an XMPP stream. */
const goodbye =
  /^(?:QUIT|\S+ LOGOUT|LOGOUT)\r?\n$|^X\u0000\u0000\u0000\u0004$|^0[\s\S]{1,5}B\u0000$|^\s*<\/stream:stream>\s*$/i;

/** Whether the client said more than goodbye behind an event, and the server something behind that. */
function goesOnBehind(seq: number, client: SaidStream, server: SaidStream): boolean {
  const next = client.firstBehind(seq);
  if (
    !next ||
    // It has not taken the refusal for one: what the server answers is about a hello that it does not understand.
    beginsRecord(client.read(next.offset, Math.min(recordHead, next.length)) ?? new Uint8Array(0)) ||
    goodbye.test(latin1Text(client.read(next.offset, Math.min(64, next.length)) ?? new Uint8Array(0)))
  )
    return false;
  return server.firstBehind(next.seq) !== undefined;
}

/** What one side said after that byte of the other, and where that begins. */
function behind(
  asking: SaidStream,
  at: number,
  answering: SaidStream,
): { readonly text: string; readonly offset: number } | undefined {
  const asked = asking.seqAt(at);
  const first = asked === undefined ? undefined : answering.firstBehind(asked);
  return first && { text: textOf(answering).slice(first.offset), offset: first.offset };
}

/** The status line with which a proxy refused to open a tunnel (RFC 9110 section 9.3.6), and where; undefined where it opened one. */
export function tunnelRefusal(
  client: FlowStream,
  server: FlowStream,
): Pick<RefusedUpgrade, 'said' | 'offset'> | undefined {
  if (client.headByte(0) !== 0x43 || !latin1Text(client.head).startsWith('CONNECT ')) return undefined;
  const lines = [...textOf(server).matchAll(/^HTTP\/1\.[01] (\d)\d\d[^\r\n]*/gm)];
  if (lines.some(([, first]) => first === '2')) return undefined;
  const last = lines.at(-1);
  return last && { said: last[0].slice(0, 60), offset: last.index };
}

/** The headers of the PROXY protocol: version 1, and the signature of version 2. */
const proxySignature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

export function startsWithProxyHeader(head: Uint8Array): boolean {
  if (head[0] !== 0x50 && head[0] !== proxySignature[0]) return false;
  const start = Buffer.from(head);
  return (
    /^PROXY (?:TCP[46]|UNKNOWN)/.test(start.toString('latin1')) ||
    (start.length >= proxySignature.length && start.subarray(0, proxySignature.length).equals(proxySignature))
  );
}

/** A login that is bound to a certificate (RFC 5929), which is not the one that the other side has. */
export interface RefusedBinding {
  readonly by: Side;
  /** What the refusal was said with. */
  readonly said: string;
}

/** PostgreSQL's SASLInitialResponse with a mechanism that binds; AuthenticationSASL that offers one. */
const bindsLogin = /p[\s\S]{4}(SCRAM-[A-Z0-9-]+-PLUS)\0/;
const offersBinding = /R[\s\S]{4}\0\0\0\n(?:SCRAM-[A-Z0-9-]+\0)*(SCRAM-[A-Z0-9-]+-PLUS)\0/;
/** ErrorResponse with SQLSTATE 28000; a wrong password has 28P01. Its words may be in any language. */
const refusesBinding = /E[\s\S]{4}(?:[A-Z][^\0]*\0)*?C28000\0/;
const message = /\0M([^\0]*)\0/;

/**
 * A login by SCRAM with channel binding that fails where TLS ends in between: the server sees another certificate, or the client
 * sees none and is offered to bind all the same.
 * @param isTls whether both were said above TLS
 */
export function refusedBinding(
  client: Uint8Array,
  server: Uint8Array,
  { isTls, isOver }: { readonly isTls: boolean; readonly isOver: boolean },
): RefusedBinding | undefined {
  // Authentication, or `N` to a request for TLS.
  if (server[0] !== 0x52 && server[0] !== 0x4e) return undefined;
  const [asked, answered] = [latin1Text(client), latin1Text(server)];
  const offer = offersBinding.exec(answered);
  if (!offer) return undefined;
  if (isTls) {
    const behind = answered.slice(offer.index + offer[0].length);
    const refusal = bindsLogin.test(asked) ? refusesBinding.exec(behind) : null;
    if (!refusal) return undefined;
    return { by: 'server', said: message.exec(behind.slice(refusal.index))?.[1]?.slice(0, 80) ?? '28000' };
  }
  // A client that is offered this in clear knows that TLS ended before it, and answers nothing.
  return isOver && !/p[\s\S]{4}SCRAM-/.test(asked) ? { by: 'client', said: offer[1] ?? '' } : undefined;
}

/** Answers over HTTP that are about TLS: nginx's own codes, a request for another host, and the words of well-known servers. */
const tlsStatus = /^HTTP\/(?:1\.[01]|2) (?:421|495|496|497)\b[^\r\n]*/;
const badRequest = /^HTTP\/(?:1\.[01]|2) 40[03]\b[^\r\n]*/;
const aboutCertificates =
  /No required SSL certificate was sent|The SSL certificate error|client certificate|certificate (?:is )?required/i;

/** The words of an answer over HTTP that refuses for the sake of TLS. */
export function tlsComplaint(answer: Uint8Array): string | undefined {
  const text = firstAnswer(answer);
  const status = tlsStatus.exec(text)?.[0];
  if (status !== undefined) return status.slice(0, 60);
  const line = badRequest.exec(text)?.[0];
  const words = line === undefined ? undefined : aboutCertificates.exec(text)?.[0];
  return words === undefined ? undefined : `${line?.slice(0, 60)}: ${words}`;
}
