/**
 * Lists the dissectors, one row each, with the recognition of a stream by its first bytes. Rows are tried in order; an
 * unrecognized stream is opaque. No parser is loaded here, so that a plaintext run pays nothing for TLS.
 */
import type { Side } from '../capture/event.ts';
import { looksLikeCommands } from './commands/greeting.ts';
import { looksLikeDns, looksLikeDnsStream } from './dns/recognise.ts';
import { looksLikeHttp } from './http/message.ts';
import { looksLikeTls } from './tls/framing.ts';
import { looksLikeTlsRequest } from './tls-request/tls-request.ts';

interface Dissector {
  readonly protocol: string;
  /** Whether a stream with this start uses the protocol; undefined while it is too short. */
  readonly looksLike: (start: Uint8Array, from: Side) => boolean | undefined;
}

const dissectors = [
  { protocol: 'tls', looksLike: looksLikeTls },
  { protocol: 'http', looksLike: looksLikeHttp },
  { protocol: 'commands', looksLike: looksLikeCommands },
  { protocol: 'tls_request', looksLike: looksLikeTlsRequest },
  { protocol: 'dns', looksLike: looksLikeDnsStream },
] as const satisfies readonly Dissector[];

export type Protocol = (typeof dissectors)[number]['protocol'] | 'opaque';

/** The protocol of a direction by its first bytes; undefined while they are too few. */
export function recognise(start: Uint8Array, from: Side): Protocol | undefined {
  let isOpen = false;
  for (const { protocol, looksLike } of dissectors) {
    const verdict = looksLike(start, from);
    if (verdict) return protocol;
    isOpen ||= verdict === undefined;
  }
  return isOpen ? undefined : 'opaque';
}

/** The protocol of a datagram: each is a message of its own. */
export function recogniseDatagram(bytes: Uint8Array): 'dns' | 'opaque' {
  return looksLikeDns(bytes) ? 'dns' : 'opaque';
}
