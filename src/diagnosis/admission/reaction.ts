/**
 * Reads what a server did with a client that it may have admitted: whether TLS refused it, or what the application answered. Under
 * TLS 1.3 a client's handshake is complete before the server has judged its certificate (RFC 8446 section 4.4.2.4), so that
 * only what comes behind it counts. Pure; `judge.ts` compares two of these.
 */
import { certificateWords, wordsOf } from '../hypotheses/application.ts';
import { http2Answer } from '../attempt/http2-question.ts';
import type { Attempt } from '../attempt/attempt.ts';

export type Reaction =
  /** A fatal alert of the server, in the handshake or behind it. */
  | { readonly kind: 'alert'; readonly description: string; readonly code: number }
  /** The connection ended without a word of the application. */
  | {
      readonly kind: 'ended';
      readonly how: 'closed' | 'reset';
      /** The handshake was complete on this side. */
      readonly isSecured: boolean;
      /** The application was asked something: it may have closed because it did not understand. */
      readonly isAsked: boolean;
    }
  | Answered
  /** The handshake is complete, the connection is open, and nothing of the application comes. */
  | {
      readonly kind: 'silent';
      /** It was asked something; else only TLS can have refused. */
      readonly isAsked: boolean;
    }
  /** In the handshake, nothing came in time. */
  | { readonly kind: 'hanging' }
  | { readonly kind: 'not_tls'; readonly said: string }
  | { readonly kind: 'no_connection'; readonly code: string }
  /** This client's own TLS library gave up. */
  | { readonly kind: 'own_failure'; readonly code: string };

export interface Answered {
  readonly kind: 'answered';
  /** The first line, for people; it may contain anything. */
  readonly line: string;
  /** Of HTTP; of SMTP. */
  readonly status?: number;
  /** The application says no: to log in first, not allowed, no certificate. */
  readonly isRefusal: boolean;
  /** It says no because of the certificate. */
  readonly isAboutCertificates: boolean;
  /** What is behind the head of HTTP; all of it elsewhere. Latin-1. */
  readonly body: string;
}

export function reactionOf(attempt: Attempt): Reaction {
  const { alert, secured, answer, failure, connection, result } = attempt;
  if (!connection) return { kind: 'no_connection', code: failure?.code ?? '' };
  if (alert?.from === 'server') return { kind: 'alert', description: alert.description, code: alert.code };
  if (!secured) {
    if (result === 'plaintext') return { kind: 'not_tls', said: firstText(attempt) };
    // The server's alert could not be read from the bytes.
    if (failure?.alert)
      return { kind: 'alert', description: failure.alert.description, code: failure.alert.code };
    if (alert?.from === 'client') return { kind: 'own_failure', code: alert.description };
    if (result === 'silence') return { kind: 'hanging' };
    if (result === 'reset' || result === 'closed')
      return { kind: 'ended', how: result, isSecured: false, isAsked: false };
    return { kind: 'own_failure', code: failure?.code ?? '' };
  }
  // The settings with which a server of HTTP/2 begins say nothing of the client.
  const response = secured.alpn === 'h2' && answer ? http2Answer(answer.said) : undefined;
  if (response) return answeredOverHttp2(response);
  if (secured.alpn !== 'h2' && answer && answer.said.length > 0) return answeredOf(attempt);
  if (!answer || answer.end === 'open') return { kind: 'silent', isAsked: answer?.asked === true };
  const named = /ALERT_(\w+)$/.exec(errorCode(answer.error))?.[1];
  if (named !== undefined) return { kind: 'alert', description: named.toLowerCase(), code: -1 };
  return {
    kind: 'ended',
    how: answer.error ? 'reset' : 'closed',
    isSecured: true,
    isAsked: answer.asked,
  };
}

const errorCode = (error: NodeJS.ErrnoException | undefined): string => error?.code ?? '';

/** 401 and 403 of HTTP, 407, 421, 495 and 496 of nginx; a 400 is one only where it speaks of certificates. */
const refusingStatuses: ReadonlySet<number> = new Set([401, 403, 407, 421, 495, 496]);

function answeredOf(attempt: Attempt): Answered {
  const said = attempt.answer?.said ?? new Uint8Array(0);
  const text = Buffer.from(said).toString('latin1');
  const words = wordsOf(attempt);
  const first = words.split(/\r?\n/)[0]?.slice(0, 120) ?? '';
  const reason = certificateWords(words);
  const line = reason === undefined || first.includes(reason) ? first : `${first} (${reason})`;
  const http = /^HTTP\/[\d.]+ (\d{3})/.exec(text)?.[1];
  const head = text.indexOf('\r\n\r\n');
  const isAboutCertificates = reason !== undefined;
  if (http !== undefined) {
    const status = Number(http);
    return {
      kind: 'answered',
      line,
      status,
      isRefusal: isAboutCertificates || refusingStatuses.has(status),
      isAboutCertificates,
      body: head < 0 ? '' : text.slice(head + 4),
    };
  }
  const accepted = isAskedInMqtt(attempt) ? connackOf(said) : undefined;
  if (accepted !== undefined) return accepted;
  const login = postgresLogin(text);
  if (login !== undefined)
    return { kind: 'answered', line: login, isRefusal: false, isAboutCertificates: false, body: login };
  const smtp = /^([2-5]\d\d)[ -]/.exec(text)?.[1];
  return {
    kind: 'answered',
    line: printable(line),
    ...(smtp === undefined ? {} : { status: Number(smtp) }),
    isRefusal: isAboutCertificates || isRefusedInProtocol(text),
    isAboutCertificates,
    body: text,
  };
}

/** PostgreSQL's ErrorResponse, MySQL's ERR packet, Redis without a login, a negative answer of SMTP, IMAP or POP3. */
function isRefusedInProtocol(text: string): boolean {
  return (
    text.startsWith('E\0') ||
    isErrorOfMysql(text) ||
    /^-(?:NOAUTH|NOPERM|WRONGPASS|DENIED)/.test(text) ||
    /^[45]\d\d[ -]/.test(text) ||
    // Redis says the last of GET with the words of HTTP, whoever asks.
    /^(?:\S+ (?:NO|BAD)|-ERR(?! wrong number))\b/.test(text)
  );
}

function answeredOverHttp2({
  status,
  body,
}: {
  readonly status: number;
  readonly body: Uint8Array;
}): Answered {
  const text = Buffer.from(body).toString('latin1');
  const reason = certificateWords(text);
  return {
    kind: 'answered',
    line: `HTTP/2 ${status}${reason === undefined ? '' : ` (${reason})`}`,
    status,
    isRefusal: reason !== undefined || refusingStatuses.has(status),
    isAboutCertificates: reason !== undefined,
    body: text,
  };
}

/** What PostgreSQL goes on with (its documentation, "Message Formats"); what follows differs each time. */
function postgresLogin(text: string): string | undefined {
  const [, code] = /^R\0\0\0[\x08-\xff]\0\0\0([\0\x03\x05\x07\x0a])/s.exec(text) ?? [];
  if (code === undefined) return undefined;
  return code === '\0' ? 'AuthenticationOk' : `a login is asked for (Authentication ${code.charCodeAt(0)})`;
}

const isAskedInMqtt = ({ change, secured }: Attempt): boolean =>
  change.asks?.question === 'mqtt' || secured?.alpn === 'mqtt';

/** Of the return codes of MQTT 3.1.1 (section 3.2.2.3) and the reason codes of MQTT 5 (section 3.2.2.2). */
const connackNames: Readonly<Record<number, string>> = {
  0: 'accepted',
  1: 'unacceptable protocol version',
  2: 'identifier rejected',
  3: 'server unavailable',
  4: 'bad user name or password',
  5: 'not authorized',
  0x84: 'unsupported protocol version',
  0x85: 'client identifier not valid',
  0x86: 'bad user name or password',
  0x87: 'not authorized',
  0x88: 'server unavailable',
  0x8a: 'banned',
  0x8c: 'bad authentication method',
};
const refusingConnacks: ReadonlySet<number> = new Set([4, 5, 0x86, 0x87, 0x8a, 0x8c]);

function connackOf([type, , , code]: Uint8Array): Answered | undefined {
  if (type !== 0x20 || code === undefined) return undefined;
  const line = `CONNACK ${code}${Object.hasOwn(connackNames, code) ? ` (${connackNames[code]})` : ''}`;
  return {
    kind: 'answered',
    line,
    isRefusal: refusingConnacks.has(code),
    isAboutCertificates: false,
    body: line,
  };
}

/** ERR_Packet (MySQL's documentation, "Generic Response Packets"): its length in three bytes, a number, 255. */
const isErrorOfMysql = (text: string): boolean =>
  text.charCodeAt(4) === 0xff &&
  text.length >= 4 + text.charCodeAt(0) + 256 * text.charCodeAt(1) + 65_536 * text.charCodeAt(2);

/** Binary protocols begin with bytes that are no words. */
const printable = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) ? text : `${Buffer.from(text, 'latin1').subarray(0, 16).toString('hex')}…`;

function firstText({ connection }: Attempt): string {
  const clear = connection?.stream('wire', 'server').head ?? new Uint8Array(0);
  return printable(Buffer.from(clear.subarray(0, 80)).toString('latin1').split(/\r?\n/)[0] ?? '');
}
