/**
 * Lists the kinds of proxy, one row each: the security towards clients, the allowed security towards the target, the
 * pumps that may forward between them (`pumps.ts`), and what help says. `proxy.ts` starts a row; a new kind is a new row.
 */
import type { Localized } from '../i18n/language.ts';
import type { Security } from '../wire/endpoint.ts';
import type { PumpName } from './pumps.ts';

export interface ProxyKind {
  /** How clients connect, as a list of the kinds has it. */
  readonly about: Localized;
  /** How the listener is secured. */
  readonly accepts: Security;
  /** How the second hop may be secured. */
  readonly dials: readonly Security[];
  /** The first is the default. */
  readonly pumps: readonly PumpName[];
  /** Client and target negotiate end to end: this proxy sees only what an eavesdropper sees. */
  readonly isThrough?: true;
  /** The protocol of its listener in a drawing, where its security does not say it. */
  readonly protocol?: string;
}

export const proxyKinds = {
  plaintext: {
    about: { en: 'without TLS', ko: 'TLS 없음' },
    accepts: 'plain',
    dials: ['plain', 'tls', 'mtls'],
    pumps: ['http', 'bytes', 'strip'],
  },
  tls: {
    about: { en: 'TLS', ko: 'TLS' },
    accepts: 'tls',
    dials: ['plain', 'tls', 'mtls'],
    pumps: ['http', 'bytes'],
  },
  mtls: {
    about: { en: 'TLS with a client certificate', ko: '클라이언트 인증서가 있는 TLS' },
    accepts: 'mtls',
    dials: ['plain', 'tls', 'mtls'],
    pumps: ['http', 'bytes'],
  },
  passthrough: {
    about: {
      en: 'any protocol, seen only as an eavesdropper sees it',
      ko: '모든 프로토콜을 그대로 통과시키며, 도청자와 같은 것만 봅니다',
    },
    accepts: 'plain',
    dials: ['plain'],
    pumps: ['bytes'],
    isThrough: true,
  },
  /** Destinations other than the target are refused. */
  connect: {
    about: {
      en: 'the same, through a tunnel to the target (CONNECT)',
      ko: '위와 같되 서버로 가는 터널(CONNECT)을 통해서',
    },
    accepts: 'plain',
    dials: ['plain'],
    pumps: ['connect'],
    isThrough: true,
    protocol: 'connect',
  },
} as const satisfies Readonly<Record<string, ProxyKind>>;

export type ProxyKindName = keyof typeof proxyKinds;

export const proxyKindNames = Object.keys(proxyKinds) as ProxyKindName[];

export function isProxyKind(name: string): name is ProxyKindName {
  return Object.hasOwn(proxyKinds, name);
}

/** The row of a kind, with what only some rows have. */
export function proxyKind(name: ProxyKindName): ProxyKind {
  return proxyKinds[name];
}

export function isThrough(name: ProxyKindName): boolean {
  return proxyKind(name).isThrough === true;
}

export function defaultPump(kind: ProxyKindName): PumpName {
  return proxyKinds[kind].pumps[0];
}

/** The pump of a kind that does not process requests; the default one of a kind that always does. */
export function relayingPump(kind: ProxyKindName): PumpName {
  return proxyKind(kind).pumps.find((pump) => pump !== 'http') ?? defaultPump(kind);
}

/** The protocol of a listener, as a drawing names it: a proxy's of that kind, or a web server's. */
export function spokenAt(kind: ProxyKindName | undefined, security: Security): string {
  const named = kind && proxyKind(kind).protocol;
  return named ?? (security === 'plain' ? 'http' : security === 'tls' ? 'https' : 'mtls');
}
