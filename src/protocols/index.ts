/**
 * Lists the protocols, one line each, and recognises a stream by its first bytes. They are tried in order; an unrecognised
 * stream is opaque. No parser is loaded here, so that a plaintext run pays nothing for TLS.
 */
import type { Side } from '../capture/event.ts';
import { commands } from './commands/protocol.ts';
import { dtls } from './dtls/protocol.ts';
import { dns } from './dns/protocol.ts';
import { eapol, radius } from './eap/protocol.ts';
import { http } from './http/protocol.ts';
import { http2 } from './http2/protocol.ts';
import type { LoadedProtocol, Protocol } from './protocol.ts';
import { ldap } from './logins/ldap/protocol.ts';
import { mqtt } from './logins/mqtt/protocol.ts';
import { mysql } from './logins/mysql/protocol.ts';
import { postgres } from './logins/postgres/protocol.ts';
import { redis } from './logins/redis/protocol.ts';
import { proxyHeader } from './proxy-header/protocol.ts';
import { quic } from './quic/protocol.ts';
import { tlsRequest } from './tls-request/protocol.ts';
import { tls } from './tls/protocol.ts';
import { websocket } from './websocket/protocol.ts';

const protocols: Protocol[] = [
  tls,
  proxyHeader,
  http2,
  http,
  commands,
  mysql,
  tlsRequest,
  postgres,
  redis,
  mqtt,
  ldap,
  dns,
  websocket,
  quic,
  dtls,
  radius,
  eapol,
];
const loaded = new Map<string, LoadedProtocol>();

/**
 * Adds one that is not wirelab's own, for the whole process: before its readers are loaded and its first connection is read.
 * It is tried after all others.
 */
export function addProtocol(protocol: Protocol): void {
  protocols.push(protocol);
}

/**
 * What reads them, by name; those that were added since are loaded now.
 * @param captured also what occurs in captures only
 */
export async function loadProtocols(captured = false): Promise<ReadonlyMap<string, LoadedProtocol>> {
  for (const { name, load, isCapturedOnly = false } of protocols) {
    const readers = loaded.has(name) || (isCapturedOnly && !captured) ? undefined : await load?.();
    if (readers) loaded.set(name, readers);
  }
  return loaded;
}

/** The words for the fields of all of them. */
export async function protocolTexts() {
  const texts = await Promise.all(protocols.map(async (protocol) => protocol.texts()));
  return new Map(texts.flatMap((table) => Object.entries(table)));
}

/** The name of a protocol, or `opaque`. */
export type ProtocolName = string;

/** The protocol of a direction by its first bytes; undefined while they are too few. */
export function recognise(start: Uint8Array, from: Side): ProtocolName | undefined {
  let isOpen = false;
  for (const { name, looksLike } of protocols) {
    const verdict = looksLike(start, from);
    if (verdict) return name;
    isOpen ||= verdict === undefined;
  }
  return isOpen ? undefined : 'opaque';
}
