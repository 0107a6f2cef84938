/**
 * Both directions of a conversation as one string of bytes, so that a conversation can be spoilt like any other input:
 * pieces, each behind three bytes: who speaks and whether the piece was lost, and its length. Any bytes are pieces.
 */
import type { Side } from '../../src/capture/event.ts';
import type { Piece } from '../../src/protocols/piece.ts';

const fromServer = 1;
const lost = 0x80;

export function packPieces(pieces: readonly Pick<Piece, 'from' | 'bytes'>[]): Uint8Array {
  return Buffer.concat(
    pieces.flatMap(({ from, bytes }) => [
      Uint8Array.of(from === 'server' ? fromServer : 0, bytes.length >> 8, bytes.length & 0xff),
      bytes,
    ]),
  );
}

/** The pieces that were not lost; behind a lost one the offsets go on. */
export function unpackPieces(input: Uint8Array): Piece[] {
  const pieces: Piece[] = [];
  const offsets = { client: 0, server: 0 };
  for (let at = 0; at + 3 <= input.length; ) {
    const [flags = 0, high = 0, low = 0] = input.subarray(at, at + 3);
    const from: Side = flags & fromServer ? 'server' : 'client';
    const bytes = input.subarray(at + 3, at + 3 + high * 256 + low);
    if (!(flags & lost)) pieces.push({ from, offset: offsets[from], bytes, tag: pieces.length });
    offsets[from] += bytes.length;
    at += 3 + bytes.length;
  }
  return pieces;
}

/** The input with its pieces cut into smaller ones: what comes slowly must be read as what comes at once. */
export function cutPieces(pieces: readonly Piece[], sizes: readonly number[]): Piece[] {
  let turn = 0;
  return pieces.flatMap(({ from, offset, bytes, tag }) => {
    // It has nothing to cut, and says how much was lost before it.
    if (bytes.length === 0) return [{ from, offset, bytes, tag }];
    const parts: Piece[] = [];
    for (let at = 0; at < bytes.length; ) {
      const size = sizes[turn++ % sizes.length] ?? 1;
      parts.push({ from, offset: offset + at, bytes: bytes.subarray(at, at + size), tag });
      at += size;
    }
    return parts;
  });
}
