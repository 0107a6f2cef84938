/**
 * Leads the connections of one program, which was told to use this listener: as its proxy it goes wherever the program
 * wants; in the place of a target it goes there. The bytes behind are recorded as the program and its server exchange
 * them, TLS included: one wire, without the request for a tunnel.
 *
 * 1. A tunnel (CONNECT) leads anywhere: the program could connect there itself. The listener is on loopback, and closed as
 *    soon as the program has ended.
 * 2. A request in absolute form (`GET http://host/ HTTP/1.1`, RFC 9112 section 3.2.2) is what a client of HTTP sends to a
 *    proxy: it is sent on as the server would have received it.
 * 3. A head is limited in bytes and in time.
 */
import type { Duplex } from 'node:stream';
import type { Address } from '../capture/event.ts';
import type { Clock } from '../core/clock.ts';
import { latin1Text } from '../core/bytes.ts';
import { defined } from '../core/defined.ts';
import { withoutBrackets } from '../core/ip-version.ts';
import { accept } from '../wire/accept.ts';
import { dial } from '../wire/dial.ts';
import type { Accepted, Failure, ProxyLogin, ProxyOnTheWay, Tap } from '../wire/endpoint.ts';
import { endWithStatus } from '../wire/http/front.ts';
import { breakOff, relay } from '../wire/tap/relay.ts';
import { longestHead, readConnect } from './connect-pump.ts';

/** A connection that the program asked for. */
export interface Led {
  /** In its own words: a name, or an address. */
  readonly to: Address;
  /** `tunnel`: through CONNECT; `request`: a request in absolute form; `given`: the listener stands in the target's place. */
  readonly way: 'tunnel' | 'request' | 'given';
  /** Where the program itself would have connected for that name. */
  readonly at?: Address;
  /** The proxy that stood on the way. */
  readonly through?: ProxyOnTheWay;
  /** Its number in the log; absent where none was established, or not yet. */
  readonly conn?: number;
  /** Why none was established. */
  readonly failure?: Failure;
}

export interface Leading {
  readonly address: Address;
  /** In the order in which they were asked for; of very many the last ones. */
  readonly led: readonly Led[];
  /** How many there were. */
  readonly count: number;
  close(): Promise<void>;
}

export interface LeadOptions {
  /** Where the bytes are recorded, as the program and its server exchange them. */
  readonly tap: Tap;
  readonly clock: Clock;
  readonly listen: Address;
  /** The target in whose place it stands; a proxy if omitted. */
  readonly to?: Address | undefined;
  /** The proxy on the way to a target that the program names, if there is one. */
  readonly through?: (to: Address, way: Led['way']) => ProxyOnTheWay | undefined;
  /** Where the program finds a target that it names, if it does not ask this machine's resolver. */
  readonly at?: (to: Address) => Address | undefined;
  /** For the head of a request, and for a connection to the target, in milliseconds. */
  readonly timeout?: number;
}

const defaultTimeout = 15_000;
const mostKept = 1000;

const pages = {
  400: 'wirelab: this is no request that a proxy can read.\n',
  502: 'wirelab: no connection to the target.\n',
  504: 'wirelab: the target did not answer in time.\n',
};

/** Rejects with a `UserError` if it cannot listen. */
export async function leadConnections(options: LeadOptions): Promise<Leading> {
  const { clock, listen, to, timeout = defaultTimeout } = options;
  const led: Led[] = [];
  const open = new Set<Duplex>();
  const ends = new Set<Accepted['end']>();
  let count = 0;
  const note = (one: Led, before?: Led): void => {
    const index = before ? led.indexOf(before) : -1;
    if (index >= 0) led[index] = one;
    else {
      count += 1;
      if (led.push(one) > mostKept) led.shift();
    }
  };
  const keep = (stream: Duplex): void => {
    open.add(stream);
    stream.on('error', () => {});
    stream.once('close', () => open.delete(stream));
  };
  const carry = async (accepted: Accepted): Promise<void> => {
    const { stream, end } = accepted;
    keep(stream);
    ends.add(end);
    stream.once('close', () => ends.delete(end));
    const asked: Asked | undefined = to
      ? { to, way: 'given', rest: Buffer.alloc(0) }
      : await askedFor(stream, timeout);
    if (!asked) return breakOff(stream);
    if ('status' in asked) return endWithStatus(stream, asked.status, pages[asked.status]);
    const proxy = asked.way === 'given' ? undefined : options.through?.(asked.to, asked.way);
    const through = proxy && defined({ ...proxy, login: proxy.login ?? asked.login });
    const at = through || asked.way === 'given' ? undefined : options.at?.(asked.to);
    const wanted: Led = defined({ to: asked.to, way: asked.way, at, through });
    note(wanted);
    const dialed = await dial({
      security: 'plain',
      to: at ?? asked.to,
      clock,
      tap: options.tap,
      relays: accepted,
      timeout,
      ...(through ? { through } : {}),
    });
    if (dialed.outcome === 'failed') {
      note({ ...wanted, failure: dialed.failure }, wanted);
      if (asked.way === 'given') return breakOff(stream);
      const status = dialed.failure.reason === 'target_timeout' ? 504 : 502;
      return endWithStatus(stream, status, pages[status]);
    }
    note({ ...wanted, conn: dialed.conn }, wanted);
    keep(dialed.stream);
    if (stream.destroyed) return breakOff(dialed.stream);
    if (asked.way === 'tunnel') stream.write('HTTP/1.1 200 Connection established\r\n\r\n');
    const first = asked.way === 'tunnel' && asked.rest.length === 0 ? await firstOf(stream) : asked.rest;
    if (stream.destroyed) return breakOff(dialed.stream);
    if (first.length > 0) dialed.stream.write(first);
    if (stream.readableEnded) dialed.stream.end();
    return relay(stream, dialed.stream);
  };
  const listener = await accept({ security: 'plain', listen, clock }, (accepted) => void carry(accepted));
  return {
    address: listener.address,
    led,
    get count() {
      return count;
    },
    async close() {
      listener.stop();
      // The resets that follow are this process's own.
      for (const end of ends) end.settle();
      for (const stream of open) breakOff(stream);
      await listener.close(0);
    },
  };
}

/** In milliseconds. */
const readsReply = 200;

/**
 * What the client says first; nothing where it waits for its server. A program that reads more than the reply to its CONNECT loses
 * a greeting that comes with it (`openssl s_client -proxy`): the server's first bytes are held back for so long.
 */
async function firstOf(stream: Duplex): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const finish = (bytes?: Uint8Array): void => {
      clearTimeout(timer);
      stream.off('data', finish).off('end', gone).off('close', gone);
      stream.pause();
      resolve(bytes ?? new Uint8Array(0));
    };
    const gone = (): void => finish();
    const timer = setTimeout(gone, readsReply);
    stream.on('data', finish).once('end', gone).once('close', gone);
  });
}

type Asked =
  | {
      readonly to: Address;
      readonly way: Led['way'];
      readonly rest: Uint8Array;
      /** With which the program means to log in to its proxy. */
      readonly login?: ProxyLogin;
    }
  | { readonly status: 400 };

/** Reads the head of a request; undefined if the client closed before it was complete, or took too long. */
async function askedFor(stream: Duplex, patience: number): Promise<Asked | undefined> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const finish = (asked: Asked | undefined): void => {
      clearTimeout(timer);
      stream.off('data', take).off('end', gone).off('close', gone);
      stream.pause();
      resolve(asked);
    };
    const gone = (): void => finish(undefined);
    const take = (more: Buffer): void => {
      bytes = Buffer.concat([bytes, more]);
      const asked = readAsked(bytes);
      if (asked) finish(asked);
    };
    const timer = setTimeout(gone, patience);
    stream.on('data', take).once('end', gone).once('close', gone);
  });
}

/** Undefined where more bytes are needed. */
export function readAsked(bytes: Uint8Array): Asked | undefined {
  const read = readConnect(bytes);
  if (read.kind === 'needs_more') return undefined;
  if (read.kind === 'connect') {
    const to = addressIn(read.authority);
    const login = loginIn(bytes);
    return to
      ? defined({ to, way: 'tunnel' as const, rest: bytes.subarray(read.end), login })
      : { status: 400 };
  }
  return read.status === 405 || read.status === 400
    ? (absoluteForm(bytes) ?? { status: 400 })
    : { status: 400 };
}

/** `GET http://host:8080/path HTTP/1.1`, as the server receives it without a proxy: one request, then the connection ends. */
function absoluteForm(bytes: Uint8Array): Asked | undefined {
  const text = latin1Text(bytes.subarray(0, longestHead));
  const end = text.indexOf('\r\n\r\n');
  const [line = '', ...fields] = text.slice(0, end).split('\r\n');
  const [, method, authority, path = '/', version] =
    /^([A-Z]+) http:\/\/([^/?#\s@]+)([/?][\x21-\x7e]*)? HTTP\/(1\.[01])$/.exec(line) ?? [];
  if (end < 0 || method === undefined || authority === undefined || version === undefined) return undefined;
  const to = addressIn(authority, 80);
  if (!to) return undefined;
  const kept = fields.filter((field) => !/^(?:proxy-[\w-]+|connection):/i.test(field));
  const head = [
    `${method} ${path.startsWith('?') ? `/${path}` : path} HTTP/${version}`,
    ...kept,
    'Connection: close',
  ];
  const rest = Buffer.concat([
    Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'),
    bytes.subarray(end + 4),
  ]);
  return defined({ to, way: 'request' as const, rest, login: loginIn(bytes) });
}

/** RFC 7617 */
function loginIn(bytes: Uint8Array): ProxyLogin | undefined {
  const [head = ''] = latin1Text(bytes.subarray(0, longestHead)).split('\r\n\r\n');
  const [, proof] = /\r\nproxy-authorization: *basic +([\w+/=-]+)/i.exec(head) ?? [];
  if (proof === undefined) return undefined;
  const [user = '', ...password] = Buffer.from(proof, 'base64').toString('utf8').split(':');
  return { user, password: password.join(':') };
}

/** `host:443`, `[::1]:443`; undefined for anything else. */
function addressIn(authority: string, usual?: number): Address | undefined {
  const [, host = '', digits] = /^(\[[\da-f:.%]+\]|[^[\]:/\s]+)(?::(\d{1,5}))?$/i.exec(authority) ?? [];
  const port = digits === undefined ? usual : Number(digits);
  return host === '' || port === undefined || port === 0 || port > 65_535
    ? undefined
    : { host: withoutBrackets(host), port };
}
