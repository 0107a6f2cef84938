/**
 * The demo resolver: a DNS server on loopback, over UDP and TCP on one port, that answers from a table of names. The
 * scenario decides whether the answers are true. Its counterpart is `peers/resolver/resolver-client.ts`, or dig.
 *
 * 1. An unknown name is NXDOMAIN; a known name without a record of the type gets an empty answer. It never recurses: it is
 *    no open resolver.
 * 2. Unsupported queries get FORMERR, NOTIMP, REFUSED or BADVERS. Responses, and messages too short to have an id, are
 *    dropped silently, so that two servers never talk to each other.
 * 3. An answer too long for the client's datagrams is sent without records and with TC: over TCP it is complete.
 * 4. No packet stops it; it keeps no state per datagram, and at most one message per TCP connection.
 */
import type { RemoteInfo, Socket as UdpSocket } from 'node:dgram';
import type { Address, Observation } from '../../capture/event.ts';
import type { Clock } from '../../core/clock.ts';
import { nameOfType, rcodes } from '../../protocols/dns/codes.ts';
import { headerLength } from '../../protocols/dns/recognise.ts';
import { readDns } from '../../protocols/dns/message.ts';
import type { DnsContent, DnsQuestion } from '../../protocols/dns/message.ts';
import { accept } from '../../wire/accept.ts';
import { bindDatagrams } from '../../wire/datagrams.ts';
import { ConnectionRecord } from '../../wire/tap/connection-record.ts';
import type { Accepted, Listener, Tap } from '../../wire/endpoint.ts';
import type { Host } from '../../wire/hosts/host.ts';
import { flags, typeOfData, withLength, writeDns } from '../../peers/resolver/dns-writer.ts';
import type { MessageToWrite, RecordData, RecordToWrite } from '../../peers/resolver/dns-writer.ts';

/** The records of a name, in lower case. */
export type NameTable = ReadonlyMap<string, readonly RecordData[]>;

export type Answered = Extract<Observation, { kind: 'answered' }>;

export interface ResolverOptions {
  readonly listen: Address;
  /** Whose network stack it is in; this process's if omitted. */
  readonly host?: Host | undefined;
  readonly clock: Clock;
  /** With a tap, every byte is recorded at this end: one connection for each datagram and its answer. */
  readonly tap?: Tap;
}

export interface Resolver {
  readonly address: Address;
  /** Replaces the answers. */
  answerFrom(table: NameTable): void;
  /** The answers since the last report. */
  report(): Answered;
  /** Opens another listener on its own port, tapped at this end. */
  openListener(tap: Tap): Promise<Address>;
  close(graceMs?: number): Promise<void>;
}

/** TTL: zero, so that every lookup sends a query. */
const ttl = 0;
/** The maximum payload that it accepts over UDP, and sends to clients that accept as much (RFC 9715 section 3: at most 1400). */
const payloadSize = 1232;
/** Without EDNS (RFC 1035 section 2.3.4). */
const plainSize = 512;
/** Maximum kept for one report. */
const mostReported = 100;
const mostConnections = 64;

/** @throws UserError when the port is busy. */
export async function startResolver(options: ResolverOptions): Promise<Resolver> {
  let table: NameTable = new Map();
  let answers: Answered['answers'][number][] = [];
  let questions = 0;
  const listeners: BoundPort[] = [];
  const answer = (message: Uint8Array, limit: number | undefined): Uint8Array | undefined => {
    const reply = answerTo(message, table);
    if (!reply) return undefined;
    questions++;
    if (reply.question && answers.length < mostReported) answers.push(reportedAnswer(reply));
    return fitted(reply, limit);
  };
  listeners.push(await bindUdpAndTcp(options, answer));
  const [first] = listeners;
  if (!first) throw new Error('the listener was just opened');
  return {
    address: first.address,
    answerFrom(names) {
      table = names;
    },
    report() {
      const observation: Answered = { kind: 'answered', questions, answers };
      questions = 0;
      answers = [];
      return observation;
    },
    async openListener(tap) {
      const opened = await bindUdpAndTcp({ ...options, listen: { ...options.listen, port: 0 }, tap }, answer);
      listeners.push(opened);
      return opened.address;
    },
    async close(graceMs = 1000) {
      await Promise.all(listeners.map(async (one) => one.close(graceMs)));
    },
  };
}

type AnswerTo = (message: Uint8Array, limit: number | undefined) => Uint8Array | undefined;

interface BoundPort {
  readonly address: Address;
  close(graceMs: number): Promise<void>;
}

/** A port that is free for UDP may be taken for TCP: then another one is tried. */
const mostTries = 20;

async function bindUdpAndTcp(
  { listen, host, clock, tap }: ResolverOptions,
  answer: AnswerTo,
): Promise<BoundPort> {
  for (let tries = 1; ; tries++) {
    const listener = await accept(
      { security: 'plain', listen, host, clock, maxConnections: mostConnections, ...(tap ? { tap } : {}) },
      (accepted) => serveStream(accepted, answer),
    );
    try {
      const socket = await bindDatagrams(listener.address, host);
      socket.on('message', (message, remote) =>
        serveDatagram(message, remote, { socket, address: listener.address, tap }, answer),
      );
      let closed: Promise<void> | undefined;
      return {
        address: listener.address,
        close: async (graceMs) => (closed ??= closeUdpAndTcp(socket, listener, graceMs)),
      };
    } catch (error) {
      await listener.close(0);
      if (listen.port !== 0 || tries === mostTries) throw error;
    }
  }
}

async function closeUdpAndTcp(socket: UdpSocket, listener: Listener, graceMs: number): Promise<void> {
  await Promise.all([
    new Promise<void>((resolve) => void socket.close(() => resolve())),
    listener.close(graceMs),
  ]);
}

/** Each datagram counts as a connection: nothing else groups them. */
function serveDatagram(
  message: Uint8Array,
  remote: RemoteInfo,
  {
    socket,
    address,
    tap,
  }: { readonly socket: UdpSocket; readonly address: Address; readonly tap: Tap | undefined },
  answer: AnswerTo,
): void {
  const record = new ConnectionRecord(tap);
  record.opened({ host: remote.address, port: remote.port }, address, { transport: 'udp' });
  if (message.length > 0) record.bytes('wire', 'client', message);
  const reply = answer(message, plainSize);
  if (reply) {
    record.bytes('wire', 'server', reply);
    // It may be rejected at once, as for port 0.
    try {
      socket.send(reply, remote.port, remote.address, () => {});
    } catch {
      record.aborted('client', 'reset');
    }
  }
  record.ended('client');
  record.closed();
}

const prefixLength = 2;

/** Several queries may follow each other (RFC 7766 section 6.2.1). */
function serveStream({ stream }: Accepted, answer: AnswerTo): void {
  let held: Buffer = Buffer.alloc(0);
  stream.on('error', () => {});
  stream.on('data', (bytes: Buffer) => {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    while (held.length >= prefixLength) {
      const end = prefixLength + held.readUInt16BE(0);
      if (held.length < end) return;
      const reply = answer(held.subarray(prefixLength, end), undefined);
      held = held.subarray(end);
      if (reply) stream.write(withLength(reply));
    }
  });
  stream.on('end', () => stream.end());
}

/**
 * The answer to a message; undefined where none may be sent. Pure.
 * @param table names in lower case, without the trailing dot
 */
export function answerTo(message: Uint8Array, table: NameTable): MessageToWrite | undefined {
  if (message.length < headerLength) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const id = view.getUint16(0);
  const bits = view.getUint16(2);
  if ((bits & flags.response) !== 0) return undefined;
  const begun = flags.response | (bits & (0x7800 | flags.recursionDesired)) | flags.recursionAvailable;
  const refused = (rcode: number, about: Partial<MessageToWrite> = {}): MessageToWrite => ({
    id,
    flags: begun,
    rcode,
    ...about,
  });
  if ((bits & 0x7800) !== 0) return refused(rcodes.NOTIMP);
  const step = readDns(message);
  if (!('got' in step)) return refused(rcodes.FORMERR);
  const { questions, edns } = step.got;
  const [question] = questions;
  const ednsSupport = edns ? { payloadSize } : {};
  if (!question || questions.length !== 1) return refused(rcodes.FORMERR, ednsSupport);
  const about = { question, ...ednsSupport };
  if (edns && edns.version !== 0) return refused(rcodes.BADVERS, about);
  if (question.class !== 1) return refused(rcodes.REFUSED, about);
  if (metaTypes.has(question.type)) return refused(rcodes.NOTIMP, about);
  return { id, flags: begun, ...about, ...limitOf(step.got), ...found(question, table) };
}

/** How much the client accepts in one datagram. */
interface WithLimit extends MessageToWrite {
  readonly limit?: number;
}

function limitOf({ edns }: DnsContent): { readonly limit?: number } {
  return edns ? { limit: Math.min(payloadSize, Math.max(plainSize, edns.payloadSize)) } : {};
}

/** Zone transfers, and ANY queries (RFC 8482). */
const metaTypes: ReadonlySet<number> = new Set([251, 252, 253, 254, 255]);
/** Maximum length of a chain of aliases. */
const mostAliases = 8;

/** Follows aliases; adds the address of a host that SRV names (RFC 2782). */
function found(
  { name, type }: DnsQuestion,
  table: NameTable,
): Pick<MessageToWrite, 'rcode' | 'answers' | 'additionals'> {
  const answers: RecordToWrite[] = [];
  let at = name;
  for (let aliases = 0; aliases <= mostAliases; aliases++) {
    const known = table.get(at.toLowerCase());
    if (!known) return { rcode: rcodes.NXDOMAIN, answers };
    const own = known.filter((data) => typeOfData(data) === type);
    answers.push(...own.map((data) => ({ name: at, data, ttl })));
    const alias = known.find((data): data is { alias: string } => 'alias' in data);
    if (own.length > 0 || !alias) break;
    answers.push({ name: at, data: alias, ttl });
    at = alias.alias;
  }
  const hosts = answers.flatMap(({ data }) => ('host' in data ? [data.host] : []));
  const additionals = hosts.flatMap((host) =>
    (table.get(host.toLowerCase()) ?? [])
      .filter((data) => 'address' in data)
      .map((data) => ({ name: host, data, ttl })),
  );
  return { rcode: rcodes.NOERROR, answers, additionals };
}

/** @param limit the maximum datagram without EDNS; undefined over TCP. */
function fitted(reply: WithLimit, limit: number | undefined): Uint8Array {
  const whole = writeDns(reply);
  if (limit === undefined || whole.length <= (reply.limit ?? limit)) return whole;
  return writeDns({ ...reply, flags: reply.flags | flags.truncated, answers: [], additionals: [] });
}

function reportedAnswer({ question, answers = [], rcode = 0 }: MessageToWrite): Answered['answers'][number] {
  const { name = '', type = 0 } = question ?? {};
  const said = answers.map(({ data }) =>
    'address' in data
      ? data.address
      : 'alias' in data
        ? data.alias
        : 'text' in data
          ? data.text
          : `${data.host}:${data.port}`,
  );
  return { name, type: nameOfType(type), rcode, said };
}
