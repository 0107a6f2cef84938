/**
 * Classifies a client's first bytes: the start of TLS, a TLS alert, or not TLS. The record header alone decides (RFC
 * 8446 section 5.1), which shows the protocol that the client expects; `protocols/tls` has everything else about
 * records. Used by `acceptor.ts` and, on plaintext ports, by `front.ts`.
 */
import { alertOf } from '../../capture/vocabulary.ts';
import type { Alert } from '../../capture/vocabulary.ts';

export type Beginning =
  | { readonly kind: 'needs_more' }
  /** A client that aborted before its ClientHello. */
  | { readonly kind: 'alert'; readonly alert: Alert }
  | { readonly kind: 'tls' }
  | { readonly kind: 'not_tls' };

const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const APPLICATION_DATA = 23;
/** A five-byte header, the level and the description. */
const CLEAR_ALERT = 7;

export function readBeginning(bytes: Uint8Array): Beginning {
  const [type, major] = bytes;
  if (type === undefined) return { kind: 'needs_more' };
  if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA) return { kind: 'not_tls' };
  if (major === undefined) return { kind: 'needs_more' };
  if (major !== 3) return { kind: 'not_tls' };
  if (type !== ALERT) return { kind: 'tls' };
  if (bytes.length < CLEAR_ALERT) return { kind: 'needs_more' };
  return { kind: 'alert', alert: alertOf(bytes[6]!, bytes[5] === 1 ? 'warning' : 'fatal') };
}
