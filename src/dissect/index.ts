/**
 * The dissectors, a row each: by which first bytes a stream is known, and where its conversation is read. Rows are asked
 * in order; a stream that none knows is opaque. Conversations are loaded when a stream first needs them, so that a
 * plaintext run pays nothing for TLS.
 */
import { looksLikeHttp } from './http/message.ts';
import { looksLikeTls } from './tls/record.ts';

interface Dissector {
  readonly protocol: string;
  /** Whether a stream that begins so speaks it; undefined while it is too short to tell. */
  readonly looksLike: (start: Uint8Array) => boolean | undefined;
  readonly load: () => Promise<unknown>;
}

export const dissectors = [
  { protocol: 'tls', looksLike: looksLikeTls, load: () => import('./tls/conversation.ts') },
  { protocol: 'http', looksLike: looksLikeHttp, load: () => import('./http/conversation.ts') },
] as const satisfies readonly Dissector[];

export type Protocol = (typeof dissectors)[number]['protocol'] | 'opaque';

/** Which protocol a stream speaks, by its first bytes; undefined while they are too few to tell. */
export function recognise(start: Uint8Array): Protocol | undefined {
  let isOpen = false;
  for (const { protocol, looksLike } of dissectors) {
    const verdict = looksLike(start);
    if (verdict) return protocol;
    isOpen ||= verdict === undefined;
  }
  return isOpen ? undefined : 'opaque';
}
