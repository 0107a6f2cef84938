/**
 * Makes one attempt: the call with one thing changed, tapped, and read afterwards from its bytes and its own keys like any
 * other connection. Nothing is verified on the way, so that the server is heard to its end; what the client would say of the
 * server's chain is judged from the chain (`chain.ts`).
 */
import { setTimeout as pause } from 'node:timers/promises';
import { outcomeOf } from '../../analysis/outcome/outcome.ts';
import type { Outcome } from '../../analysis/outcome/outcome-facts.ts';
import { readTls } from '../../analysis/conversation/tls-reading.ts';
import type { Address } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { Flows } from '../../capture/flows.ts';
import type { CaptureLog } from '../../capture/log.ts';
import type { Alert } from '../../capture/vocabulary.ts';
import type { Clock } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import { isGrease, versionName, nameOrCode } from '../../protocols/tls/codes.ts';
import { headerLength } from '../../protocols/tls/framing.ts';
import { mayBeginRecord } from '../../protocols/tls/record.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { readCertificate, readDistinguishedName } from '../../protocols/x509/certificate.ts';
import { dial } from '../../wire/dial.ts';
import { unacknowledged } from '../../wire/tcp/unacknowledged.ts';
import type { Unacknowledged } from '../../wire/tcp/unacknowledged.ts';
import type { DialOptions, Dialed, Failure, Renegotiation, Secured } from '../../wire/endpoint.ts';
import { askServer, defaultUser, isAskedIn } from './answer.ts';
import type { Answer, Question } from './answer.ts';
import type { Call, Change } from './call.ts';
import { limitsWithout, meantName, versionsWithin } from './call.ts';
import { clientHello, helloPieces } from './hello.ts';

/** What came back, in one word. */
export const resultKinds = [
  /** The handshake completed, and nothing that the server said afterwards was a refusal. */
  'completed',
  /** A hello of wirelab's own was answered with a ServerHello. */
  'server_hello',
  /** A plaintext protocol was spoken. */
  'plaintext',
  /** An alert, of whichever side. */
  'alert',
  /** A refusal in the words of an application. */
  'refused',
  'closed',
  'reset',
  'silence',
  /** No connection was established. */
  'no_connection',
  'failed',
] as const;
export type ResultKind = (typeof resultKinds)[number];

export interface Attempt {
  /** From 1. */
  readonly number: number;
  readonly change: Change;
  readonly address: Address;
  /** When it began, milliseconds since the epoch, and how long it took. */
  readonly at: number;
  readonly milliseconds: number;
  /** How long it took to connect, in milliseconds; absent where no connection was established. */
  readonly connectedAfter?: number;
  /** From then to the first byte of the server's, in milliseconds; absent where it said nothing. */
  readonly answeredAfter?: number;
  /** From the last byte of the server's to the end of the attempt, in milliseconds; absent where it said nothing. */
  readonly quietFor?: number;
  readonly result: ResultKind;
  /** Absent where no connection was established. */
  readonly connection?: Connection;
  readonly outcome?: Outcome;
  /** As this client's TLS library reports it. */
  readonly failure?: Failure;
  readonly secured?: Secured;
  /** `TLS 1.3`: what the ServerHello chose, also where the handshake failed later. */
  readonly version?: string;
  readonly cipher?: string;
  readonly group?: string;
  /** Near the end of an attempt that took long, by the kernel of this machine. */
  readonly unacknowledged?: Unacknowledged;
  /** As the server presented it, leaf first, DER. */
  readonly chain: readonly Uint8Array[];
  /** The server asked for a certificate: the names of the CAs that it accepts, DER; empty where any will do. */
  readonly acceptable?: readonly Uint8Array[];
  /** The signature algorithms that it accepts in that certificate's proof; empty before TLS 1.2. */
  readonly acceptableSignatures?: readonly number[];
  /** What the client presented then, leaf first, DER; empty where it had nothing to present, or nothing that it could. */
  readonly presented?: readonly Uint8Array[];
  /** Of Diffie-Hellman over a finite field: the length of the server's prime, in bits. */
  readonly primeBits?: number;
  readonly alert?: Alert & { readonly from: 'client' | 'server' };
  /** What the server said behind the handshake, or in the place of TLS. */
  readonly answer?: Answer;
  /** The offered session was resumed. */
  readonly resumed?: true;
  readonly renegotiation?: Renegotiation;
  /** It was asked for an OCSP response: whether one came with its certificate. */
  readonly isStapled?: boolean;
  /** For later clients, the last one received last; under TLS 1.3 they arrive behind the handshake. */
  readonly sessions: readonly Buffer[];
}

export interface AttemptContext {
  readonly log: CaptureLog;
  readonly flows: Flows;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Milliseconds for a connection with its handshake, and for each answer; by default those of the call. */
  readonly timeout?: number;
}

const wireName = 'A';
/** How long the end of a connection is waited for that this side has closed, in milliseconds. */
const closingTime = 500;
/** Milliseconds between two looks at what was acknowledged: what is sent again is so after 0.2 s, 0.6 s, 1.4 s, 3 s at least. */
const watchTime = 700;

export async function makeAttempt(
  call: Call,
  change: Change,
  number: number,
  context: AttemptContext,
): Promise<Attempt> {
  const { log } = context;
  const before = log.events.length;
  // Whoever waits for long may wait for what does not arrive.
  let sent: Unacknowledged | undefined;
  // Neither the wire's timers nor a connection that is not read keeps a process alive: it would end without an answer.
  const awake = setInterval(() => {
    const opened = openedSince(log, before);
    sent = opened && (unacknowledged(opened.from, opened.to) ?? sent);
  }, watchTime);
  try {
    return { ...(await attempted(call, change, number, context)), ...defined({ unacknowledged: sent }) };
  } finally {
    clearInterval(awake);
  }
}

async function attempted(
  call: Call,
  change: Change,
  number: number,
  context: AttemptContext,
): Promise<Attempt> {
  const { log, flows, clock, signal, timeout } = context;
  const host = change.address ?? call.addresses[0] ?? call.host;
  const to = { host, port: call.port };
  const at = clock.now();
  const name = change.serverName === null ? host : (change.serverName ?? meantName(call));
  const starttls = change.starttls === null ? undefined : (change.starttls ?? call.starttls);
  const alpn = change.alpn === null ? undefined : (change.alpn ?? call.alpn);
  const identity = change.identity === null ? undefined : (change.identity ?? call.identity);
  const limits = limitsWithout(call.limits, change.without);
  const sessions: Buffer[] = [];
  const isOwnBytes = change.plain !== undefined || change.hello !== undefined;
  const options: DialOptions = defined({
    security: isOwnBytes ? ('plain' as const) : ('mtls' as const),
    to,
    through: call.through,
    clock,
    tap: { log, hop: wireName },
    serverName: name,
    starttls: isOwnBytes ? undefined : starttls,
    identity: isOwnBytes ? undefined : identity,
    verify: false,
    timeout: timeout ?? call.timeout,
    signal,
    session: change.session,
    requestsStatus: change.requestsStatus,
    onSession: (session: Buffer) => void sessions.push(session),
    tls: isOwnBytes ? undefined : { ...limits, ...change.tls, ...(alpn ? { alpn } : {}) },
    proxyHeader:
      change.proxyHeader === undefined
        ? undefined
        : { version: change.proxyHeader, source: { host, port: 1024 }, destination: to },
  });
  const before = log.events.length;
  signal.throwIfAborted();
  const dialed = await dial(options);
  signal.throwIfAborted();
  let answer: Answer | undefined;
  let renegotiation: Renegotiation | undefined;
  if (dialed.outcome === 'connected') {
    if (change.hello)
      for (const [index, piece] of helloPieces(
        clientHello({
          versions: versionsWithin(limits),
          ...change.hello,
          serverName: ipless(name, host),
          alpn,
        }),
        change.hello.sent,
        change.hello.sent === 'in-records' ? ipless(name, host) : undefined,
      ).entries()) {
        // Written at once, two pieces would travel in one segment.
        if (index > 0) await pause(30);
        dialed.stream.write(piece);
      }
    // Gateways try the server behind them again for seconds: the call itself has the time to hear what they say then.
    const isFirst = number === 1 && dialed.secured !== undefined;
    const renegotiate = change.renegotiates ? dialed.renegotiate : undefined;
    answer = await askServer(dialed.stream, {
      ...(timeout === undefined || isFirst ? {} : { answerTime: timeout }),
      ...change.asks,
      question: change.hello
        ? 'nothing'
        : (change.plain ??
          change.asks?.question ??
          inWebSocket(call, questionFor(starttls, alpn, dialed.secured?.alpn))),
      authority: change.asks?.authority ?? meantName(call),
      user: userOf(call),
      path: change.asks?.path ?? call.path,
      ...(change.hello
        ? { greetingTime: change.asks?.greetingTime ?? timeout ?? call.timeout, isWhole: isRecordWhole }
        : {}),
      // A greeting has been waited for before a line is tried.
      ...(change.plain === 'ping' || change.plain === 'mqtt' ? { greetingTime: 50 } : {}),
      ...(renegotiate ? { before: async () => void (renegotiation = await renegotiate(call.timeout)) } : {}),
      signal,
    });
    dialed.stream.destroy();
    signal.throwIfAborted();
  }
  const ended = clock.now();
  const conn = openedSince(log, before)?.conn;
  if (conn !== undefined)
    await log.until(() => flows.connection(conn)?.closed !== undefined, closingTime, signal);
  const connection = conn === undefined ? undefined : flows.connection(conn);
  return {
    number,
    change,
    address: to,
    at,
    milliseconds: clock.now() - at,
    ...times(log, connection, at, ended),
    ...readAttempt({ connection, flows, dialed, answer, isOwnHello: change.hello !== undefined }),
    ...defined({
      resumed: dialed.outcome === 'connected' ? dialed.resumed : undefined,
      renegotiation,
      isStapled: dialed.outcome === 'connected' && dialed.status ? dialed.status.length > 0 : undefined,
      sessions,
    }),
  };
}

function times(
  log: CaptureLog,
  connection: Connection | undefined,
  began: number,
  now: number,
): Pick<Attempt, 'connectedAfter' | 'answeredAfter' | 'quietFor'> {
  const { opened, began: run } = connection ?? {};
  if (!opened || !run) return {};
  const isSaid = (event: (typeof log.events)[number]): boolean =>
    event.type === 'bytes' && event.conn === connection?.conn && event.from === 'server';
  const first = log.events.find(isSaid);
  const last = log.events.findLast(isSaid);
  return defined({
    connectedAfter: Math.max(0, Date.parse(run.wallClock) + opened.at / 1000 - began),
    answeredAfter: first && (first.at - opened.at) / 1000,
    quietFor: last && Math.max(0, now - Date.parse(run.wallClock) - last.at / 1000),
  });
}

/** Who logs in where a login is asked for: whatever is changed in an attempt, that stays the same. */
export function userOf({ user, identity }: Pick<Call, 'user' | 'identity'>): string {
  if (user !== undefined) return user;
  const [der] = identity ? pemCertificates(identity.certificate) : [];
  const step = der && readCertificate(der);
  const name = step && 'got' in step && step.got.subject.attributes.find(({ type }) => type === 'CN')?.value;
  return name && !name.includes('\0') ? name : defaultUser;
}

/** The first answer to a hello, which may come in pieces. */
const isRecordWhole = (said: Uint8Array): boolean =>
  said.length > 0 &&
  (!mayBeginRecord(said) ||
    (said.length >= headerLength && said.length >= headerLength + (said[3] ?? 0) * 256 + (said[4] ?? 0)));

const ipless = (name: string, host: string): string | undefined => (name === host ? undefined : name);

const agreedQuestions: Readonly<Record<string, Question>> = { 'http/1.1': 'http', h2: 'http2', mqtt: 'mqtt' };

/** HTTP, except where another protocol was agreed on or is spoken here. */
function questionFor(
  starttls: Call['starttls'],
  offered: readonly string[] | undefined,
  agreed: string | undefined,
): Question {
  if (starttls !== undefined) return isAskedIn(starttls) ? starttls : 'nothing';
  if (agreed !== undefined)
    return (Object.hasOwn(agreedQuestions, agreed) ? agreedQuestions[agreed] : undefined) ?? 'nothing';
  return offered === undefined || offered.includes('http/1.1') ? 'http' : 'nothing';
}

type Opened = Extract<CaptureLog['events'][number], { type: 'opened' }>;

const inWebSocket = ({ asks }: Call, question: Question): Question =>
  asks === 'websocket' && question === 'http' ? asks : question;

/** The connection that was opened since then; attempts are made one after another. */
function openedSince(log: CaptureLog, before: number): Opened | undefined {
  for (const event of log.events.slice(before)) if (event.type === 'opened') return event;
  return undefined;
}

interface Made {
  readonly connection: Connection | undefined;
  readonly flows: Flows;
  readonly dialed: Dialed;
  readonly answer: Answer | undefined;
  readonly isOwnHello: boolean;
}

type Read = Omit<
  Attempt,
  | 'number'
  | 'change'
  | 'address'
  | 'at'
  | 'milliseconds'
  | 'connectedAfter'
  | 'answeredAfter'
  | 'quietFor'
  | 'resumed'
  | 'renegotiation'
  | 'isStapled'
  | 'sessions'
  | 'unacknowledged'
>;

function readAttempt({ connection, flows, dialed, answer, isOwnHello }: Made): Read {
  const failure = dialed.outcome === 'failed' ? dialed.failure : undefined;
  const secured = dialed.outcome === 'connected' ? dialed.secured : undefined;
  if (!connection) return defined({ result: 'no_connection' as const, failure, chain: [] });
  const keys = flows.keylogOf(readTls(connection).negotiated.clientRandom);
  const { messages, negotiated } = readTls(connection, keys);
  const outcome = outcomeOf(connection, { keys });
  const alert = messages.findLast(
    ({ content }) => content.type === 'alert' && content.alert.code !== 0 && content.alert.code !== 90,
  );
  const certificate = messages.find(
    ({ from, content }) => from === 'server' && content.type === 'certificate',
  );
  const request = messages.find(({ content }) => content.type === 'certificate_request');
  const presented = messages.find(({ from, content }) => from === 'client' && content.type === 'certificate');
  const exchange = messages.find(({ content }) => content.type === 'server_key_exchange');
  const hasServerHello = messages.some(({ content }) => content.type === 'server_hello');
  const facts = defined({
    connection,
    outcome,
    failure,
    secured,
    version: negotiated.versionCode === undefined ? undefined : titleOf(negotiated.versionCode),
    cipher: negotiated.cipherName,
    group: negotiated.group,
    chain: certificate?.content.type === 'certificate' ? certificate.content.certificates : [],
    acceptable: request?.content.type === 'certificate_request' ? request.content.authorities : undefined,
    acceptableSignatures:
      request?.content.type === 'certificate_request' ? request.content.signatureSchemes : undefined,
    presented: presented?.content.type === 'certificate' ? presented.content.certificates : undefined,
    primeBits: exchange?.content.type === 'server_key_exchange' ? exchange.content.primeBits : undefined,
    alert: alert?.content.type === 'alert' ? { ...alert.content.alert, from: alert.from } : undefined,
    answer,
  });
  return { ...facts, result: resultOf(facts, { hasServerHello, isOwnHello }) };
}

/** `TLS 1.2`: as people write it. */
export const titleOf = (code: number): string =>
  isGrease(code)
    ? 'TLS'
    : nameOrCode(versionName, code)
        .replace(/^TLSv/, 'TLS ')
        .replace(/^TLS 1$/, 'TLS 1.0');

function resultOf(
  { outcome, failure, secured, alert, answer, connection }: Omit<Read, 'result'>,
  { hasServerHello, isOwnHello }: { readonly hasServerHello: boolean; readonly isOwnHello: boolean },
): ResultKind {
  if (isOwnHello && hasServerHello) return 'server_hello';
  if (alert) return 'alert';
  if (outcome?.cause === 'refused_over_http' || outcome?.cause === 'starttls_refused') return 'refused';
  if (secured) {
    if (answer && isRefusalInWords(answer.said)) return 'refused';
    // Before anything was asked of it: it was not the question.
    const isTurnedAway =
      answer !== undefined && answer.said.length === 0 && answer.end !== 'open' && !answer.asked;
    if (!isTurnedAway) return 'completed';
    return answer.error ? 'reset' : 'closed';
  }
  const said = connection?.stream('wire', 'server').head ?? new Uint8Array(0);
  // What may be a record is none only when its header says so: the rest of it may be late, or lost.
  if (said.length > 0 && !mayBeginRecord(said) && !hasServerHello) return 'plaintext';
  if (outcome?.kind === 'reset') return 'reset';
  if (outcome?.kind === 'timed_out' || failure?.reason === 'handshake_timeout') return 'silence';
  if (!secured && answer?.end === 'open' && answer.said.length === 0) return 'silence';
  if (connection?.closed) return 'closed';
  return 'failed';
}

/** PostgreSQL's ErrorResponse (its documentation, "Message Formats"), and Redis in its protected mode. */
export function isRefusalInWords(said: Uint8Array): boolean {
  return said[0] === 0x45 || Buffer.from(said.subarray(0, 8)).toString('latin1') === '-DENIED ';
}

/** The names of the CAs that a server accepts, as text. */
export function acceptableNames({ acceptable = [] }: Pick<Attempt, 'acceptable'>): readonly string[] {
  return acceptable.map((der) => {
    const step = readDistinguishedName(der);
    return 'got' in step ? step.got.text : '?';
  });
}
