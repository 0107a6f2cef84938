/** Compares bytes, and reads them as text, without a copy. */

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
