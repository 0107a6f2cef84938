/**
 * A stub resolver: one query over UDP, and over TCP where the answer was truncated. It cannot judge an answer: nothing in
 * DNS authenticates it. Its counterpart is `features/look-up/resolver.ts`.
 *
 * The answer must have the id and the question that were sent, and come from the queried address (RFC 5452 section 9.1);
 * anything else is ignored.
 */
import type { Address } from '../../capture/event.ts';
import type { Clock, RandomBytes } from '../../core/clock.ts';
import { nameOfRcode, rcodes, types } from '../../protocols/dns/codes.ts';
import { readDns } from '../../protocols/dns/message.ts';
import type { DnsContent, DnsQuestion, DnsRecord } from '../../protocols/dns/message.ts';
import { ConnectionRecord } from '../../wire/tap/connection-record.ts';
import { datagramsTo } from '../../wire/datagrams.ts';
import { dial } from '../../wire/dial.ts';
import type { Tap } from '../../wire/endpoint.ts';
import type { Host } from '../../wire/hosts/host.ts';
import { flags, withLength, writeDns } from './dns-writer.ts';

export interface AskOptions {
  readonly resolver: Address;
  /** From whose network stack it asks; this process's if omitted. */
  readonly host?: Host | undefined;
  readonly name: string;
  readonly type: number;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly tap?: Tap;
  readonly signal?: AbortSignal;
  /** In milliseconds, for each transport. */
  readonly timeout: number;
}

/** The answer, or an error code: `ETIMEDOUT`, `ECONNREFUSED`, `ABORT_ERR`. */
export type Asked = { readonly answer: DnsContent } | { readonly error: string };

const internet = 1;
const payloadSize = 1232;

/** A datagram may be lost on its way: without an answer, the query is sent again (RFC 1035 section 4.2.1). In milliseconds. */
const askAgainAfter = 1000;

/** Never rejects for anything that the resolver does. */
export async function ask(options: AskOptions): Promise<Asked> {
  const [high = 0, low = 0] = options.random(2);
  const question: DnsQuestion = { name: options.name, type: options.type, class: internet };
  const id = high * 256 + low;
  const query = writeDns({ id, flags: flags.recursionDesired, question, payloadSize });
  const fits = (bytes: Uint8Array): DnsContent | undefined => {
    const step = readDns(bytes);
    return 'got' in step && isAnswerTo(step.got, id, question) ? step.got : undefined;
  };
  const asked = await askByDatagram(options, query, fits);
  return 'answer' in asked && asked.answer.truncated ? askByStream(options, query, fits) : asked;
}

function isAnswerTo({ id, isResponse, questions }: DnsContent, sent: number, question: DnsQuestion): boolean {
  const [about] = questions;
  return (
    isResponse &&
    id === sent &&
    about?.name.toLowerCase() === question.name.toLowerCase() &&
    about.type === question.type &&
    about.class === question.class
  );
}

type Fits = (bytes: Uint8Array) => DnsContent | undefined;

async function askByDatagram(
  { resolver, host, tap, signal, timeout }: AskOptions,
  query: Uint8Array,
  fits: Fits,
): Promise<Asked> {
  const record = new ConnectionRecord(tap);
  const socket = await datagramsTo(resolver, host).catch((error: NodeJS.ErrnoException) => ({
    error: error.code ?? 'UNKNOWN',
  }));
  if ('error' in socket) return socket;
  return new Promise((resolve) => {
    let isOver = false;
    const onAbort = (): void => finish({ error: 'ABORT_ERR' });
    const finish = (asked: Asked, how: 'end' | 'timeout' = 'end'): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      clearInterval(again);
      signal?.removeEventListener('abort', onAbort);
      if (how === 'timeout') record.aborted('client', 'timeout');
      record.ended('client');
      socket.close(() => {
        record.closed();
        resolve(asked);
      });
    };
    const timer = setTimeout(() => finish({ error: 'ETIMEDOUT' }, 'timeout'), timeout);
    let again: NodeJS.Timeout | undefined;
    socket.on('error', (error: NodeJS.ErrnoException) => finish({ error: error.code ?? 'UNKNOWN' }));
    socket.on('message', (bytes) => {
      record.bytes('wire', 'server', bytes);
      const answer = fits(bytes);
      if (answer) finish({ answer });
    });
    // A connected socket receives from no other address, and reports when the port is closed.
    socket.connect(resolver.port, resolver.host, () => {
      if (isOver) return;
      const { address, port } = socket.address();
      record.opened({ host: address, port }, resolver, { transport: 'udp' });
      const send = (): void => {
        record.bytes('wire', 'client', query);
        socket.send(query, () => {});
      };
      send();
      again = setInterval(send, askAgainAfter);
    });
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
  });
}

async function askByStream(
  { resolver, host, tap, clock, signal, timeout }: AskOptions,
  query: Uint8Array,
  fits: Fits,
): Promise<Asked> {
  const dialed = await dial({
    security: 'plain',
    to: resolver,
    host,
    clock,
    timeout,
    ...(tap ? { tap } : {}),
  });
  if (dialed.outcome === 'failed') return { error: dialed.failure.code };
  const { stream } = dialed;
  return new Promise((resolve) => {
    const held: Buffer[] = [];
    let length = 0;
    let asked: Asked = { error: 'ECONNRESET' };
    const finish = (result: Asked): void => {
      asked = result;
      stream.destroy();
    };
    const onAbort = (): void => finish({ error: 'ABORT_ERR' });
    const timer = setTimeout(() => finish({ error: 'ETIMEDOUT' }), timeout);
    stream.on('error', () => {});
    stream.on('end', () => stream.end());
    stream.on('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve(asked);
    });
    stream.on('data', (bytes: Buffer) => {
      held.push(bytes);
      length += bytes.length;
      if (length < 2) return;
      const whole = Buffer.concat(held);
      const end = 2 + whole.readUInt16BE(0);
      if (whole.length < end) return;
      const answer = fits(whole.subarray(2, end));
      finish(answer ? { answer } : { error: 'MALFORMED_ANSWER' });
    });
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) return onAbort();
    stream.write(withLength(query));
    return undefined;
  });
}

/** Where a service is, or why that is unknown. */
export type Located =
  | { readonly to: Address; readonly error?: never }
  | { readonly to?: never; readonly error: string };

/**
 * Looks up a service (RFC 2782), and the address of its host where the answer does not include it.
 * @param options.name `_https._tcp.shop.localhost`
 */
export async function locate(options: Omit<AskOptions, 'type'>): Promise<Located> {
  const asked = await ask({ ...options, type: types.SRV });
  if ('error' in asked) return asked;
  const { rcode, answers, additionals } = asked.answer;
  if (rcode !== rcodes.NOERROR) return { error: nameOfRcode(rcode) };
  const service = answers.find(({ type }) => type === types.SRV);
  if (service?.data === undefined || service.port === undefined) return { error: 'NODATA' };
  const { data: name, port } = service;
  const isAddress = ({ type, name: of }: DnsRecord): boolean =>
    type === types.A && of.toLowerCase() === name.toLowerCase();
  const host = additionals.find(isAddress)?.data ?? (await addressOf({ ...options, name }));
  return host === undefined ? { error: 'NODATA' } : { to: { host, port } };
}

async function addressOf(options: Omit<AskOptions, 'type'>): Promise<string | undefined> {
  const asked = await ask({ ...options, type: types.A });
  return 'answer' in asked ? asked.answer.answers.find(({ type }) => type === types.A)?.data : undefined;
}
