/**
 * Decompresses certificates (RFC 8879): a CompressedCertificate message contains the body of a Certificate message. It
 * decides how much is decompressed; `handshake.ts` parses the body.
 *
 * 1. The sender's declared length is a limit and not trusted: it is checked before and after, and nothing is
 *    decompressed beyond `maxUncompressed`.
 * 2. zstd is available only if this Node includes it.
 */
import * as zlib from 'node:zlib';
import { readStep } from '../../core/cursor.ts';
import type { Origin, Step } from '../../core/field.ts';
import { readCertificateList } from './handshake.ts';
import type { CertificateList, CompressedCertificate } from './handshake.ts';

/** OpenSSL takes certificate messages up to 100 KiB. */
const maxUncompressed = 2 ** 17;

type Inflate = (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

/** By the number of the algorithm; undefined for one that this Node lacks. */
const inflaters: Readonly<Record<number, Inflate | undefined>> = {
  1: zlib.inflateSync,
  2: zlib.brotliDecompressSync,
  3: (zlib as { readonly zstdDecompressSync?: Inflate }).zstdDecompressSync,
};

/** Why a compressed certificate stays shut; each has its words among the remarks of `texts.ts`. */
export type Unopened =
  /** The sender claims more than any certificate message has. */
  | 'too_long'
  /** It is not as long as the sender claims. */
  | 'wrong_length'
  | 'unknown_algorithm'
  /** This Node cannot open it. */
  | 'unsupported'
  /** Not compressed data, or the decompressed data is not a list of certificates. */
  | 'damaged';

export type OpenedCertificate =
  | { readonly list: CertificateList; readonly step: Extract<Step<CertificateList>, { got: unknown }> }
  | { readonly unopened: Unopened };

/** The certificates in it, or why there are none. */
export function openCompressedCertificate(
  { algorithm, uncompressedLength, compressed }: CompressedCertificate,
  origin: Origin = 'wire',
): OpenedCertificate {
  if (!(algorithm in inflaters)) return { unopened: 'unknown_algorithm' };
  const inflate = inflaters[algorithm];
  if (!inflate) return { unopened: 'unsupported' };
  if (uncompressedLength > maxUncompressed) return { unopened: 'too_long' };
  const body = inflated(inflate, compressed, uncompressedLength);
  if (typeof body === 'string') return { unopened: body };
  const id = 'tls.handshake.certificate';
  const step = readStep(
    id,
    body,
    (cursor) => cursor.block(id, body.length, (inner) => readCertificateList(inner, tls13)),
    { origin, open: false },
  );
  return 'got' in step ? { list: step.got, step } : { unopened: 'damaged' };
}

/** There are no others before TLS 1.3. */
const tls13 = { version: 0x0304 };

function inflated(
  inflate: Inflate,
  compressed: Uint8Array,
  length: number,
): Uint8Array | 'damaged' | 'wrong_length' {
  try {
    const body = inflate(compressed, { maxOutputLength: Math.max(1, length) });
    return body.length === length ? new Uint8Array(body) : 'wrong_length';
  } catch (error) {
    return error instanceof RangeError ? 'wrong_length' : 'damaged';
  }
}
