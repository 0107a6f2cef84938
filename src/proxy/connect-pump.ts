/**
 * Opens tunnels: after a client's CONNECT request (RFC 9110 section 9.3.6), its bytes and the target's are forwarded
 * unparsed, as in `bytes-pump.ts`. It allows tunnels only to the proxy's own target, so that the proxy gives no access
 * to a network. Its counterpart is `wire/tcp/tunnel.ts`.
 *
 * 1. Nothing is dialed before the head of the request is complete and valid.
 * 2. A head is limited in bytes and in time.
 * 3. What a client sends after its request belongs to the target.
 */
import { latin1Text } from '../core/bytes.ts';
import { withoutBrackets } from '../core/ip-version.ts';
import type { Duplex } from 'node:stream';
import { formatAddress } from '../capture/event.ts';
import type { Address } from '../capture/event.ts';
import { readBeginning } from '../wire/tcp/first-bytes.ts';
import type { Accepted } from '../wire/endpoint.ts';
import { endWithStatus } from '../wire/http/front.ts';
import { breakOff, relay } from '../wire/tap/relay.ts';
import { boundClosing, carrying } from './bytes-pump.ts';
import type { ProxyTimeouts, Pump } from './pump.ts';
import type { SecondHop } from './second-hop.ts';

/** Bytes. Clients send a few hundred. */
export const longestHead = 8_192;
const defaultRequestTimeout = 30_000;

export type ConnectRequest =
  | { readonly kind: 'needs_more' }
  /** `authority` as it was written; the tunnel's bytes start at `end`. */
  | { readonly kind: 'connect'; readonly authority: string; readonly end: number }
  | { readonly kind: 'refused'; readonly status: 400 | 405 | 431 | 505 };

/** Parses the first bytes of a client. */
export function readConnect(bytes: Uint8Array): ConnectRequest {
  const text = latin1Text(bytes.subarray(0, longestHead));
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return bytes.length >= longestHead ? { kind: 'refused', status: 431 } : { kind: 'needs_more' };
  const [line = '', ...fields] = text.slice(0, end).split('\r\n');
  const [, method, target, version] =
    /^([!#$%&'*+.^_`|~\w-]+) ([\x21-\x7e]+) HTTP\/(\d\.\d)$/.exec(line) ?? [];
  if (method === undefined || target === undefined) return { kind: 'refused', status: 400 };
  if (version !== '1.1' && version !== '1.0') return { kind: 'refused', status: 505 };
  if (method !== 'CONNECT') return { kind: 'refused', status: 405 };
  const isWhole = fields.every((field) => /^[!#$%&'*+.^_`|~\w-]+:[\t\x20-\x7e\x80-\xff]*$/.test(field));
  // Some readers would take a body for the start of the tunnel (RFC 9110 section 9.3.6).
  if (!isWhole || fields.some((field) => /^(?:content-length|transfer-encoding):/i.test(field)))
    return { kind: 'refused', status: 400 };
  return { kind: 'connect', authority: target, end: end + 4 };
}

const pages = {
  400: 'This is no request for a tunnel that this proxy can read.\n이 프록시가 읽을 수 있는 터널 요청이 아닙니다.\n',
  405: 'This proxy only opens tunnels: the request must be CONNECT.\n이 프록시는 터널만 엽니다. 요청은 CONNECT여야 합니다.\n',
  408: 'The request for a tunnel did not arrive in time.\n터널 요청이 제시간에 도착하지 않았습니다.\n',
  431: 'The head of the request is too long.\n요청 헤더가 너무 깁니다.\n',
  505: 'This proxy supports only HTTP/1.0 and HTTP/1.1.\n이 프록시는 HTTP/1.0과 HTTP/1.1만 지원합니다.\n',
  unreachable:
    'The proxy could not reach the target of the tunnel.\n프록시가 터널의 목적지에 연결하지 못했습니다.\n',
  silent: 'The target of the tunnel did not answer in time.\n터널의 목적지가 제시간에 응답하지 않았습니다.\n',
  onlyTo: (authority: string, allowed: string): string =>
    `This proxy opens tunnels to ${allowed} only, not to ${authority}.\n이 프록시가 여는 터널의 목적지: ${allowed} (요청한 곳: ${authority})\n`,
};

/** Names of this machine itself (RFC 6761 section 6.3). */
const isLocal = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost');
const isLoopback = (host: string): boolean => host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** Whether an authority (`127.0.0.1:6443`, `[::1]:6443`, `localhost:6443`) is exactly this address. */
export function isAddressed(authority: string, { host, port }: Address): boolean {
  const [, named = '', at = ''] = /^(\[[\da-f:.]+\]|[\w.-]+):(\d{1,5})$/i.exec(authority) ?? [];
  if (Number(at) !== port) return false;
  const plain = withoutBrackets(named).toLowerCase();
  return plain === host.toLowerCase() || (isLocal(plain) && isLoopback(host));
}

/**
 * @param to the only address that tunnels may lead to: the target's
 * @param choose another target for what the client requests, if there is one; without `to`, there is no other
 */
export function createConnectPump(
  target: SecondHop,
  to: Address | undefined,
  {
    request: patience = defaultRequestTimeout,
    close: closeTimeout,
  }: Pick<ProxyTimeouts, 'request' | 'close'> = {},
  choose: (authority: string) => SecondHop | undefined = () => undefined,
  others: readonly string[] = [],
): Pump {
  const carry = async (accepted: Accepted): Promise<void> => {
    const { stream, refuse } = accepted;
    const asked = await askedFor(stream, patience);
    if (asked === undefined) return breakOff(stream);
    if ('status' in asked) {
      if (asked.isTls) refuse?.('tls_on_plaintext_port');
      else if (asked.status === 405) refuse?.('tunnel_required');
      return endWithStatus(stream, asked.status, pages[asked.status]);
    }
    const chosen = choose(asked.authority) ?? (to && isAddressed(asked.authority, to) ? target : undefined);
    if (!chosen) {
      const expected = [...others, ...(to ? [formatAddress(to)] : [])].join(', ');
      refuse?.('tunnel_refused', { expected });
      return endWithStatus(stream, 403, pages.onlyTo(asked.authority, expected));
    }
    const dialed = await chosen.connect(accepted, { isUnchanged: true });
    if (dialed.outcome === 'failed')
      return dialed.failure.reason === 'target_timeout'
        ? endWithStatus(stream, 504, pages.silent)
        : endWithStatus(stream, 502, pages.unreachable);
    if (stream.destroyed) return breakOff(dialed.stream);
    stream.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (asked.rest.length > 0) dialed.stream.write(asked.rest);
    if (closeTimeout !== undefined) boundClosing(stream, dialed.stream, closeTimeout);
    await relay(stream, dialed.stream);
    return undefined;
  };
  return carrying(carry);
}

type Asked =
  | { readonly authority: string; readonly rest: Buffer }
  | { readonly status: 400 | 405 | 408 | 431 | 505; readonly isTls: boolean };

/** Reads the head of a request; undefined if the client closed before it was complete. */
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
      if (readBeginning(bytes).kind === 'tls') return finish({ status: 400, isTls: true });
      const read = readConnect(bytes);
      if (read.kind === 'refused') finish({ status: read.status, isTls: false });
      else if (read.kind === 'connect') finish({ authority: read.authority, rest: bytes.subarray(read.end) });
    };
    const timer = setTimeout(() => finish({ status: 408, isTls: false }), patience);
    stream.on('data', take).once('end', gone).once('close', gone);
  });
}
