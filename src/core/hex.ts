/**
 * Formats bytes as text: plain hex, key ids with colons, and the layout of `hexdump -C`.
 */

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hex without separators. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += digits[byte];
  return text;
}

/** Hex as openssl prints a key id: `9f:3c:…`. */
export function toColonHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => digits[byte]).join(':');
}

/**
 * Bytes from hex; white space and colons are ignored.
 * @throws RangeError for a character that is not a hex digit, or an odd number of digits.
 */
export function fromHex(text: string): Uint8Array {
  const compact = text.replace(/[\s:]/g, '');
  if (compact.length % 2 !== 0 || /[^0-9a-fA-F]/.test(compact))
    throw new RangeError(`not hex: ${JSON.stringify(text.slice(0, 40))}`);
  const bytes = new Uint8Array(compact.length / 2);
  for (let at = 0; at < bytes.length; at++)
    bytes[at] = Number.parseInt(compact.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/** An offset as in the hex pane and the verdict line: `0x0090`. */
export function toOffset(offset: number): string {
  return `0x${offset.toString(16).padStart(4, '0')}`;
}

/** A code as in JSON output: lower case, at least `digitCount` digits (`0x1301`). */
export function toCode(code: number, digitCount = 4): `0x${string}` {
  return `0x${code.toString(16).padStart(digitCount, '0')}`;
}

/** Printable ASCII stays, every other byte becomes a dot: the right column of `hexdump -C`. */
export function toPrintable(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  return text;
}

/** Lines in the layout of `hexdump -C`, sixteen bytes each; `base` is the offset of the first byte. */
export function hexdump(bytes: Uint8Array, base = 0): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const cells = Array.from({ length: 16 }, (_, column) =>
      column < row.length ? digits[row[column] ?? 0] : '  ',
    );
    const left = cells.slice(0, 8).join(' ');
    const right = cells.slice(8).join(' ');
    lines.push(`${(base + at).toString(16).padStart(8, '0')}  ${left}  ${right}  |${toPrintable(row)}|`);
  }
  return lines;
}
