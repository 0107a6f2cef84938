/**
 * The dissectors, a row each: by which first bytes a stream is known. Rows are asked in order; a stream that none knows
 * is opaque. Nothing that reads a conversation is loaded here, so that a plaintext run pays nothing for TLS.
 */
import type { Side } from '../capture/event.ts';
import { looksLikeCommands } from './commands/greeting.ts';
import { looksLikeDns, looksLikeDnsStream } from './dns/recognise.ts';
import { looksLikeHttp } from './http/message.ts';
import { looksLikeTls } from './tls/framing.ts';
import { looksLikeTlsRequest } from './tls-request/tls-request.ts';

interface Dissector {
  readonly protocol: string;
  /** Whether a stream that begins so speaks it; undefined while it is too short to tell. */
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

/** Which protocol a direction speaks, by its first bytes; undefined while they are too few to tell. */
export function recognise(start: Uint8Array, from: Side): Protocol | undefined {
  let isOpen = false;
  for (const { protocol, looksLike } of dissectors) {
    const verdict = looksLike(start, from);
    if (verdict) return protocol;
    isOpen ||= verdict === undefined;
  }
  return isOpen ? undefined : 'opaque';
}

/** Which protocol a datagram speaks: each is a message by itself. */
export function recogniseDatagram(bytes: Uint8Array): 'dns' | 'opaque' {
  return looksLikeDns(bytes) ? 'dns' : 'opaque';
}
