/**
 * Defines what a server says to a client behind the handshake, and how long it is listened to: a refusal of TLS 1.3 comes
 * there, and so do those of applications.
 *
 * 1. What is asked is harmless: `GET /` of HTTP, the first message of PostgreSQL or of MQTT, what a mail server or a
 *    directory can do. A server that greets first is asked nothing.
 * 2. At most `mostBytes` are kept, whatever is sent, and no more is read; except while a renegotiation waits for the server's
 *    part in it, which comes behind all that the server has sent until then.
 */
import type { Duplex } from 'node:stream';
import { defined } from '../../core/defined.ts';
import { Writer } from '../../core/writer.ts';
import { http2Question, isHttp2Begun, isHttp2Whole } from './http2-question.ts';
import { httpAnswerOf, isBodyWhole } from './http-answer.ts';

/** What is asked of a server that says nothing by itself. */
export type Question =
  | 'http'
  | 'unknown-http'
  | 'http2'
  | 'websocket'
  | 'postgres'
  | 'smtp'
  | 'imap'
  | 'pop3'
  | 'ldap'
  | 'mqtt'
  | 'ping'
  | 'nothing';

export interface Answer {
  /** Of the server, from the end of the handshake on. */
  readonly said: Uint8Array;
  /** How it ended; `open` where wirelab closed it. */
  readonly end: 'open' | 'ended' | 'failed';
  readonly error?: Error;
  /** It spoke before it was asked anything. */
  readonly greeted: boolean;
  /** It was asked something: an end behind that may mean that it did not understand. */
  readonly asked: boolean;
  /** There was more to read, while a renegotiation was waited for, than is read. */
  readonly isCutShort?: true;
}

export const mostBytes = 64 * 1024;
/** While a renegotiation is waited for; the buffers of two kernels hold less. */
const mostBytesBefore = 16 * 1024 * 1024;
/** Milliseconds in which a server that greets does so, and in which a refusal behind the handshake arrives. */
const defaultGreetingTime = 400;
const defaultAnswerTime = 4500;
/** How long a body is waited for, once the head has come: one without a length may go on for ever, and is well. */
const bodyTime = 300;
const declaredBodyTime = 2500;

export interface Listening {
  readonly question: Question;
  /** For the Host header. */
  readonly authority: string;
  /** Who logs in to a database. */
  readonly user?: string | undefined;
  /** What HTTP asks for. */
  readonly path?: string | undefined;
  /** How long to wait for what the server says by itself, and for its answer, in milliseconds. */
  readonly greetingTime?: number | undefined;
  readonly answerTime?: number | undefined;
  /** However long that is: otherwise a person's patience is the limit. */
  readonly isPatient?: boolean | undefined;
  /** Bytes of each write of the question; all at once by default. */
  readonly pieceLength?: number | undefined;
  /** Whether what the server says by itself is whole; by default its first bytes are enough. */
  readonly isWhole?: (said: Uint8Array) => boolean;
  /** Done while the stream flows, before anything is awaited. */
  readonly before?: () => Promise<void>;
  readonly signal: AbortSignal;
}

export async function askServer(
  stream: Duplex,
  {
    question,
    authority,
    path = '/',
    user = defaultUser,
    greetingTime = defaultGreetingTime,
    answerTime = defaultAnswerTime,
    isPatient = false,
    pieceLength,
    isWhole: isGreetingWhole = (bytes) => bytes.length > 0,
    before,
    signal,
  }: Listening,
): Promise<Answer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let end: Answer['end'] = 'open';
  let error: Error | undefined;
  let wake: () => void = () => {};
  let most = before ? mostBytesBefore : mostBytes;
  const onData = (bytes: Buffer): void => {
    if (length < mostBytes) pieces.push(bytes.subarray(0, mostBytes - length));
    length += bytes.length;
    // Whoever goes on without an end is not read any more: its bytes would fill the memory.
    if (length >= most) stream.pause();
    wake();
  };
  const onEnd = (): void => {
    if (end === 'open') end = 'ended';
    wake();
  };
  const onError = (failure: Error): void => {
    error ??= failure;
    end = 'failed';
    wake();
  };
  stream.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError);
  const until = async (settled: () => boolean, milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(finish, milliseconds);
      function finish(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        wake = () => {};
        resolve();
      }
      wake = () => {
        if (settled()) finish();
      };
      signal.addEventListener('abort', finish);
      if (settled() || signal.aborted) finish();
    });
  const hasSpoken = (): boolean => length > 0 || end !== 'open';
  await before?.();
  const isCutShort = length >= mostBytesBefore;
  most = mostBytes;
  if (length >= most) stream.pause();
  // In HTTP/2 both sides begin at once, and a server's first words are no answer.
  if (question !== 'http2')
    await until(() => end !== 'open' || isGreetingWhole(Buffer.concat(pieces)), greetingTime);
  const greeted = length > 0;
  const text = questionText(question, { authority, path, user });
  const asked =
    (question === 'http2' ? end === 'open' : !hasSpoken()) && text !== undefined && stream.writable;
  if (asked) {
    await write(stream, text, pieceLength);
    await until(
      () => end !== 'open' || length >= mostBytes || isBegun(question, Buffer.concat(pieces)),
      isPatient ? answerTime : Math.min(answerTime, defaultAnswerTime),
    );
    const { declared } = httpAnswerOf(Buffer.concat(pieces)) ?? {};
    await until(
      () => end !== 'open' || length === 0 || length >= mostBytes || isWhole(question, Buffer.concat(pieces)),
      declared === undefined ? bodyTime : declaredBodyTime,
    );
  }
  const said = new Uint8Array(Buffer.concat(pieces));
  return defined({ said, end, error, greeted, asked, isCutShort: isCutShort ? (true as const) : undefined });
}

/** Each piece leaves in a turn of its own: written at once, TLS would put them together. */
async function write(stream: Duplex, text: Uint8Array, pieceLength = text.length): Promise<void> {
  for (let at = 0; at < text.length && stream.writable; at += pieceLength)
    await new Promise<void>((resolve) => {
      stream.write(text.subarray(at, at + pieceLength), () => resolve());
    });
}

/** Whether there is something to ask a server of that protocol. */
export const isAskedIn = (protocol: string): protocol is Question =>
  Object.hasOwn(fixedQuestions, protocol) || protocol === 'postgres';

/**
 * What the server can do: EHLO (RFC 5321 section 4.1.1.1), CAPABILITY (RFC 9051 section 6.1.1), CAPA (RFC 2449 section 5), and a
 * search for the root DSE (RFC 4512 section 5.1): message 1, base "", scope baseObject, filter (objectClass=*), all attributes.
 */
const fixedQuestions: Partial<Readonly<Record<Question, Uint8Array>>> = {
  smtp: Buffer.from('EHLO wirelab.localhost\r\n'),
  imap: Buffer.from('a1 CAPABILITY\r\n'),
  pop3: Buffer.from('CAPA\r\n'),
  // No server of HTTP has that version (RFC 9112 section 2.3): each refuses it in HTTP, before its application is asked.
  'unknown-http': Buffer.from('GET / HTTP/9.9\r\nHost: wirelab.localhost\r\nConnection: close\r\n\r\n'),
  // Of Redis, NATS and IRC; other protocols of lines answer that they do not know it.
  ping: Buffer.from('PING\r\n'),
  ldap: Buffer.from('3025020101632004000a01000a0100020100020100010100870b6f626a656374436c6173733000', 'hex'),
  // CONNECT of MQTT 3.1.1 (its standard, section 3.1): a clean session for a minute, without a will and without a login.
  mqtt: Buffer.from('101300044d5154540402003c0007776972656c6162', 'hex'),
};

/** The one that every cluster has, unless it was made otherwise (initdb). */
export const defaultUser = 'postgres';

function questionText(
  question: Question,
  { authority, path, user }: { readonly authority: string; readonly path: string; readonly user: string },
): Uint8Array | undefined {
  const fixed = fixedQuestions[question];
  if (fixed !== undefined) return fixed;
  if (question === 'http2') return http2Question(authority, path);
  if (question === 'http')
    return Buffer.from(
      `GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: wirelab\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
    );
  // The opening handshake (RFC 6455 section 4.1); its key is any 16 bytes.
  if (question === 'websocket')
    return Buffer.from(
      `GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: wirelab\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${webSocketKey}\r\n\r\n`,
    );
  if (question === 'postgres') return startupMessage(user);
  return undefined;
}

const webSocketKey = Buffer.from('wirelab-why-asks').toString('base64');

/** PostgreSQL's StartupMessage of protocol 3.0 (its documentation, "Message Formats"); its length includes itself. */
function startupMessage(user: string): Uint8Array {
  const body = new Writer()
    .uint32(0x0003_0000)
    .text(`user\0${user}\0database\0postgres\0application_name\0wirelab\0\0`)
    .finish();
  return new Writer()
    .uint32(body.length + 4)
    .bytes(body)
    .finish();
}

/** Whether enough has come to wait for no more than a body. */
function isBegun(question: Question, said: Buffer): boolean {
  if (question === 'http2') return isHttp2Begun(said);
  return (
    isWhole(question, said) ||
    ((question === 'http' || question === 'websocket') && said.includes('\r\n\r\n'))
  );
}

/** Whether enough of an answer has come to judge it: the head and the beginning of a body. */
function isWhole(question: Question, said: Buffer): boolean {
  if (question === 'http2') return isHttp2Whole(said);
  // A CONNACK is four bytes long in MQTT 3.1.1; one of MQTT 5 says itself how long it is.
  if (question === 'mqtt') return said.length >= 2 && said.length >= 2 + said[1]!;
  if (question === 'postgres') return said.length >= 5 && said.length >= 1 + said.readUInt32BE(1);
  const answer = httpAnswerOf(said);
  if (!answer) return said.length > 0;
  return answer.headLength === undefined ? said.length >= mostBytes : isBodyWhole(answer, 8192);
}
