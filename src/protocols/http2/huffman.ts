/**
 * Decodes the Huffman code of HPACK (RFC 7541 appendix B). The code is canonical: codes of one length are consecutive, in
 * the order of their symbols, so that the lengths define it.
 */

/** The length of the code of each byte, in bits; the last one is that of the end-of-string symbol. */
const codeLengths: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28,
  28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7,
  8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19,
  13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13,
  28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21,
  22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23,
  22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
  25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];

const longestCode = 30;
const endOfString = 256;

interface Row {
  /** The first code of this length. */
  readonly first: number;
  readonly symbols: readonly number[];
}

/** By length, in bits. */
const rows: readonly Row[] = (() => {
  const made: Row[] = [];
  let next = 0;
  for (let length = 0; length <= longestCode; length++) {
    const symbols = codeLengths.flatMap((one, symbol) => (one === length ? [symbol] : []));
    next *= 2;
    made.push({ first: next, symbols });
    next += symbols.length;
  }
  return made;
})();

/** @returns undefined where the bytes are not such a code: it has the end-of-string symbol, or its padding is not the start of one */
export function decodeHuffman(bytes: Uint8Array): Uint8Array | undefined {
  // The shortest code has five bits.
  const decoded = new Uint8Array(Math.ceil((bytes.length * 8) / 5));
  let length = 0;
  let code = 0;
  let bits = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1);
      const row = rows[++bits];
      if (!row) return undefined;
      const symbol = row.symbols[code - row.first];
      if (symbol === undefined) continue;
      if (symbol === endOfString) return undefined;
      decoded[length++] = symbol;
      code = 0;
      bits = 0;
    }
  }
  // Section 5.2: padding is shorter than a byte, and all ones.
  return bits > 7 || code !== 2 ** bits - 1 ? undefined : decoded.subarray(0, length);
}
