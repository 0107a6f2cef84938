/** Compares bytes, and reads them as text, without a copy. */
import { isUtf8 } from 'node:buffer';

/** The same bytes as a Buffer. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && bufferOf(left).equals(right);
}

/** One character a byte: nothing is lost, whatever the bytes. */
export function latin1Text(bytes: Uint8Array): string {
  return bufferOf(bytes).toString('latin1');
}

/**
 * What a terminal could show of them: UTF-8 if all of it is; otherwise ASCII, with a dot for every other byte but a line feed.
 * Ciphertext has letters of any script by chance.
 */
export function shownText(bytes: Uint8Array): string {
  return isUtf8(bytes) ? bufferOf(bytes).toString() : latin1Text(bytes).replaceAll(/[^\n -~]/g, '·');
}
