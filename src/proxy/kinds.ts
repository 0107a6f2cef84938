/**
 * Lists the kinds of proxy, one row each: the security towards clients, the allowed security towards the target, and
 * the pumps that may forward between them. `proxy.ts` starts a row; a new kind is a new row.
 */
import type { Security } from '../wire/endpoint.ts';

/**
 * `http` processes requests and sets forwarding headers; `bytes` forwards any protocol unchanged; `strip`, for
 * demonstrations only, removes everything from responses that would lead the client to TLS; `connect` forwards bytes
 * after a client has requested a tunnel.
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
  /** Client and target negotiate end to end: this proxy sees only what an eavesdropper sees. */
  readonly isThrough?: true;
}

export const proxyKinds = {
  plaintext: { accepts: 'plain', dials: ['plain', 'tls', 'mtls'], pumps: ['http', 'bytes', 'strip'] },
  tls: { accepts: 'tls', dials: ['plain', 'tls', 'mtls'], pumps: ['http', 'bytes'] },
  mtls: { accepts: 'mtls', dials: ['plain', 'tls', 'mtls'], pumps: ['http', 'bytes'] },
  passthrough: { accepts: 'plain', dials: ['plain'], pumps: ['bytes'], isThrough: true },
  /** The client first requests a tunnel to the target (CONNECT, RFC 9110 section 9.3.6); other destinations are refused. */
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

/** The protocol of a listener, as a drawing names it: a proxy's of that kind, or a web server's. */
export function spokenAt(kind: ProxyKindName | undefined, security: Security): string {
  if (kind === 'connect') return 'connect';
  return security === 'plain' ? 'http' : security === 'tls' ? 'https' : 'mtls';
}
