/**
 * The kinds of proxy, as rows: how a client's side is secured, how the target's side may be, and what carries the bytes
 * between them. `proxy.ts` starts what a row says; a new kind is a new row.
 */
import type { Security } from '../wire/endpoint.ts';

/**
 * `http` reads requests and sets forwarding headers; `bytes` carries any protocol and changes nothing; `strip`, for
 * demonstrations only, takes out of answers whatever would lead the client to TLS.
 */
export type PumpName = 'http' | 'bytes' | 'strip';

export interface ProxyKind {
  /** How the listener is secured. */
  readonly accepts: Security;
  /** How the second hop may be secured. */
  readonly dials: readonly Security[];
  /** The first is the default. */
  readonly pumps: readonly PumpName[];
}

export const proxyKinds = {
  plaintext: { accepts: 'plain', dials: ['plain', 'tls', 'mtls'], pumps: ['http', 'bytes', 'strip'] },
  tls: { accepts: 'tls', dials: ['plain', 'tls', 'mtls'], pumps: ['http', 'bytes'] },
  mtls: { accepts: 'mtls', dials: ['plain', 'tls', 'mtls'], pumps: ['http', 'bytes'] },
  /** TLS goes through from end to end: this proxy sees what an eavesdropper sees. */
  passthrough: { accepts: 'plain', dials: ['plain'], pumps: ['bytes'] },
} as const satisfies Readonly<Record<string, ProxyKind>>;

export type ProxyKindName = keyof typeof proxyKinds;

export const proxyKindNames = Object.keys(proxyKinds) as ProxyKindName[];

export function isProxyKind(name: string): name is ProxyKindName {
  return Object.hasOwn(proxyKinds, name);
}

export function defaultPump(kind: ProxyKindName): PumpName {
  return proxyKinds[kind].pumps[0];
}
