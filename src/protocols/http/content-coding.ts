/**
 * Decompresses a body with Content-Encoding (RFC 9110 section 8.4). It decides how much is decompressed, and why not
 * more; the framing has already been removed.
 *
 * 1. A few bytes can expand to gigabytes. A body is decompressed to at most `limitOf` its length; a longer one is
 *    reported as a bomb, and nothing of it is passed on.
 * 2. A truncated body is decompressed as far as possible.
 * 3. zlib is loaded on first use: a plaintext run has no compressed bodies.
 */
import type * as Zlib from 'node:zlib';
import { headerValue } from './message.ts';
import type { Head } from './message.ts';

/** Why a body stays shut; each has its words among the remarks of `texts.ts`. */
export type Unopened = 'bomb' | 'damaged' | 'unknown_coding' | 'unsupported';

export type OpenedBody =
  | { readonly opened: Uint8Array; readonly codings: readonly string[] }
  | { readonly unopened: Unopened; readonly codings: readonly string[] };

/** Bytes that a body of that length may open into. */
function limitOf(length: number): number {
  return Math.min(16 * 1024 * 1024, Math.max(1024 * 1024, 64 * length));
}

/** More than two are a mistake, or a way to keep a reader busy. */
const mostCodings = 2;

type Inflate = (
  zlib: typeof Zlib,
  bytes: Uint8Array,
  options: Zlib.ZlibOptions & { readonly maxOutputLength: number },
  isCut: boolean,
) => Uint8Array | undefined;

const inflaters: Readonly<Record<string, Inflate>> = {
  gzip: (zlib, bytes, options) => zlib.gunzipSync(bytes, options),
  'x-gzip': (zlib, bytes, options) => zlib.gunzipSync(bytes, options),
  // Meant is the format of zlib (RFC 1950); some senders leave its two bytes out.
  deflate: (zlib, bytes, options) =>
    (bytes[0] ?? 0) % 16 === 8 && (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) % 31 === 0
      ? zlib.inflateSync(bytes, options)
      : zlib.inflateRawSync(bytes, options),
  br: (zlib, bytes, { maxOutputLength }, isCut) =>
    zlib.brotliDecompressSync(bytes, {
      maxOutputLength,
      ...(isCut ? { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH } : {}),
    }),
  zstd: (zlib, bytes, { maxOutputLength }) =>
    (
      zlib as { readonly zstdDecompressSync?: (bytes: Uint8Array, options: object) => Uint8Array }
    ).zstdDecompressSync?.(bytes, { maxOutputLength }),
};

/**
 * The body as its sender had it before it was compressed; undefined where it was not.
 * @param isCut its end is missing.
 */
export function openBody(head: Head, body: Uint8Array, isCut: boolean): OpenedBody | undefined {
  return openCodings(headerValue(head, 'content-encoding') ?? '', body, isCut);
}

/** The same, by the value of Content-Encoding. */
export function openCodings(listed: string, body: Uint8Array, isCut: boolean): OpenedBody | undefined {
  const codings = listed
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length === 0 || body.length === 0) return undefined;
  if (codings.length > mostCodings) return { unopened: 'unknown_coding', codings };
  const zlib = process.getBuiltinModule('node:zlib');
  const maxOutputLength = limitOf(body.length);
  let opened = body;
  for (const coding of codings.toReversed()) {
    const inflate = Object.hasOwn(inflaters, coding) ? inflaters[coding] : undefined;
    if (!inflate) return { unopened: 'unknown_coding', codings };
    try {
      const next = inflate(
        zlib,
        opened,
        { maxOutputLength, ...(isCut ? { finishFlush: zlib.constants.Z_SYNC_FLUSH } : {}) },
        isCut,
      );
      if (!next) return { unopened: 'unsupported', codings };
      opened = next;
    } catch (error) {
      return { unopened: error instanceof RangeError ? 'bomb' : 'damaged', codings };
    }
  }
  return { opened, codings };
}
