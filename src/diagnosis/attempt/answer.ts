/**
 * Defines what a server says to a client behind the handshake, and how long it is listened to: a refusal of TLS 1.3 comes
 * there, and so do those of applications.
 *
 * 1. What is asked is harmless: `GET /` of HTTP, or the first message of PostgreSQL. A server that greets first is asked
 *    nothing.
 * 2. At most `mostBytes` are kept, whatever is sent.
 */
import type { Duplex } from 'node:stream';
import { Writer } from '../../core/writer.ts';

/** What is asked of a server that says nothing by itself; `line` is a word that many protocols of lines answer. */
export type Question = 'http' | 'postgres' | 'line' | 'nothing';

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
}

const mostBytes = 64 * 1024;
/** Milliseconds in which a server that greets does so, and in which a refusal behind the handshake arrives. */
const greetingTime = 400;
const longestAnswer = 4000;

export interface Listening {
  readonly question: Question;
  /** For the Host header. */
  readonly authority: string;
  /** How long to wait for what the server says by itself, in milliseconds; by default the time of a greeting. */
  readonly patience?: number | undefined;
  /** How long to wait for its answer, in milliseconds. */
  readonly answerTime?: number | undefined;
  readonly signal: AbortSignal;
}

export async function askServer(
  stream: Duplex,
  { question, authority, patience = greetingTime, answerTime = longestAnswer, signal }: Listening,
): Promise<Answer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let end: Answer['end'] = 'open';
  let error: Error | undefined;
  let wake: () => void = () => {};
  const onData = (bytes: Buffer): void => {
    if (length < mostBytes) pieces.push(bytes.subarray(0, mostBytes - length));
    length += bytes.length;
    // Whoever goes on without an end is not read any more: its bytes would fill the memory.
    if (length >= mostBytes) stream.pause();
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
  await until(hasSpoken, patience);
  const greeted = length > 0;
  const text = questionText(question, authority);
  const asked = !hasSpoken() && text !== undefined && stream.writable;
  if (asked) {
    stream.write(text);
    await until(
      () => end !== 'open' || length >= mostBytes || isWhole(question, Buffer.concat(pieces)),
      Math.min(answerTime, longestAnswer),
    );
  }
  const said = new Uint8Array(Buffer.concat(pieces));
  return error ? { said, end, error, greeted, asked } : { said, end, greeted, asked };
}

function questionText(question: Question, authority: string): Uint8Array | undefined {
  if (question === 'http')
    return Buffer.from(
      `GET / HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: wirelab\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
    );
  if (question === 'postgres') return startupMessage();
  // Redis and memcached answer it; mail servers and others that greet are asked nothing.
  if (question === 'line') return Buffer.from('PING\r\n');
  return undefined;
}

/** PostgreSQL's StartupMessage of protocol 3.0 (its documentation, "Message Formats"); its length includes itself. */
function startupMessage(): Uint8Array {
  const body = new Writer()
    .uint32(0x0003_0000)
    .text('user\0postgres\0database\0postgres\0application_name\0wirelab\0\0')
    .finish();
  return new Writer()
    .uint32(body.length + 4)
    .bytes(body)
    .finish();
}

/** Whether enough of an answer has come to judge it: the head and the beginning of a body. */
function isWhole(question: Question, said: Buffer): boolean {
  if (question === 'postgres') return said.length >= 5 && said.length >= 1 + said.readUInt32BE(1);
  if (!said.subarray(0, 5).equals(Buffer.from('HTTP/'))) return said.length > 0;
  const head = said.indexOf('\r\n\r\n');
  if (head < 0) return said.length >= mostBytes;
  const declared = /\r\ncontent-length: *(\d{1,9})/i.exec(said.subarray(0, head).toString('latin1'))?.[1];
  const isEmpty = /^HTTP\/\d\.\d (?:1\d\d|204|304)/.test(said.subarray(0, 16).toString('latin1'));
  return isEmpty || (declared !== undefined && said.length >= head + 4 + Math.min(Number(declared), 8192));
}
