/**
 * What a client's first bytes are: the beginning of TLS, a TLS alert, or no TLS at all. It decides by the record's header
 * alone (RFC 8446 section 5.1), which is enough to say at whose port a client meant to knock; everything else about
 * records is `dissect/tls`. Asked by `acceptor.ts` and, for a plaintext port, by `front.ts`.
 */
import { alertOf } from '../../capture/vocabulary.ts';
import type { Alert } from '../../capture/vocabulary.ts';

export type Beginning =
  | { readonly kind: 'needs_more' }
  /** A client that gave up before its ClientHello. */
  | { readonly kind: 'alert'; readonly alert: Alert }
  | { readonly kind: 'tls' }
  | { readonly kind: 'not_tls' };

const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const APPLICATION_DATA = 23;
/** A header of five bytes, the level and the description. */
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
