/**
 * Parses signed certificate timestamps (RFC 6962 section 3.2): a log's promise to have published a certificate. The
 * same list occurs in the certificate, in a TLS extension and in an OCSP response. The log's signature is not verified
 * here.
 */
import type { Cursor } from '../../core/cursor.ts';
import { setValue } from './der.ts';

export interface SignedCertificateTimestamp {
  /** 0 for version 1. */
  readonly version: number;
  /** SHA-256 of the log's key. */
  readonly logId: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** A SignedCertificateTimestampList up to the end of what holds it; a promise of a later version is kept as it is. */
export function readSctList(cursor: Cursor): SignedCertificateTimestamp[] {
  const found: SignedCertificateTimestamp[] = [];
  cursor.vector('x509.sct_list', 2, (list) => {
    while (list.remaining > 0) {
      const one = list.vector('x509.sct', 2, readSct);
      if (one) found.push(one);
    }
  });
  return found;
}

function readSct(cursor: Cursor): SignedCertificateTimestamp | undefined {
  const version = cursor.uint8('x509.sct.version');
  if (version !== 0) {
    if (cursor.remaining > 0) cursor.rest('x509.sct.opaque');
    return undefined;
  }
  const logId = cursor.bytes('x509.sct.log_id', 32);
  const timestamp = milliseconds(cursor);
  const extensions = cursor.uint16('x509.sct.extensions.length');
  if (extensions > 0) cursor.bytes('x509.sct.extensions', extensions);
  cursor.uint16('x509.sct.scheme');
  const length = cursor.uint16('x509.sct.signature.length');
  cursor.bytes('x509.sct.signature', length);
  return { version, logId, timestamp };
}

/** Eight bytes that count milliseconds, as a date where there is one. */
function milliseconds(cursor: Cursor): number {
  const bytes = cursor.bytes('x509.sct.timestamp', 8);
  const count = Number(Buffer.from(bytes.buffer, bytes.byteOffset, 8).readBigUInt64BE());
  if (count <= 8.64e15) setValue(cursor, new Date(count).toISOString());
  return count;
}
