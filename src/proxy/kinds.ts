/**
 * The kinds of proxy, as rows: how a client's side is secured, how the target's side may be, and what carries the bytes
 * between them. `proxy.ts` starts what a row says; a new kind is a new row.
 */
import type { Security } from '../wire/endpoint.ts';

/**
 * `http` reads requests and sets forwarding headers; `bytes` carries any protocol and changes nothing; `strip`, for
 * demonstrations only, takes out of answers whatever would lead the client to TLS; `connect` carries bytes for who asked
 * for a tunnel.
 */
export const pumpNames = ['http', 'bytes', 'strip', 'connect'] as const;
export type PumpName = (typeof pumpNames)[number];

export interface ProxyKind {
  /** How the listener is secured. */
  readonly accepts: Security;
  /** How the second hop may be secured. */
  readonly dials: readonly Security[];
  /** The first is the default. */
  readonly pumps: readonly PumpName[];
  /** What client and target agree on goes through from end to end: this proxy sees what an eavesdropper sees. */
  readonly isThrough?: true;
}

export const proxyKinds = {
  plaintext: { accepts: 'plain', dials: ['plain', 'tls', 'mtls'], pumps: ['http', 'bytes', 'strip'] },
  tls: { accepts: 'tls', dials: ['plain', 'tls', 'mtls'], pumps: ['http', 'bytes'] },
  mtls: { accepts: 'mtls', dials: ['plain', 'tls', 'mtls'], pumps: ['http', 'bytes'] },
  passthrough: { accepts: 'plain', dials: ['plain'], pumps: ['bytes'], isThrough: true },
  /** The client asks for a tunnel to the target first (CONNECT, RFC 9110 section 9.3.6), and is given one to nowhere else. */
  connect: { accepts: 'plain', dials: ['plain'], pumps: ['connect'], isThrough: true },
} as const satisfies Readonly<Record<string, ProxyKind>>;

export type ProxyKindName = keyof typeof proxyKinds;

export const proxyKindNames = Object.keys(proxyKinds) as ProxyKindName[];

export function isProxyKind(name: string): name is ProxyKindName {
  return Object.hasOwn(proxyKinds, name);
}

export function isThrough(name: ProxyKindName): boolean {
  const kinds: Readonly<Record<ProxyKindName, ProxyKind>> = proxyKinds;
  return kinds[name].isThrough === true;
}

export function defaultPump(kind: ProxyKindName): PumpName {
  return proxyKinds[kind].pumps[0];
}

/** What is spoken at a door, as a drawing names it: a proxy's of that kind, or a web server's. */
export function spokenAt(kind: ProxyKindName | undefined, security: Security): string {
  if (kind === 'connect') return 'connect';
  return security === 'plain' ? 'http' : security === 'tls' ? 'https' : 'mtls';
}
