/** The figures of QR codes of the versions 1 to 10 with error correction level M (ISO/IEC 18004:2015). */

export interface QrVersion {
  /** From 1 on. */
  readonly number: number;
  /** Modules along a side. */
  readonly size: number;
  /** Error correction codewords of each block (table 9). */
  readonly correction: number;
  /** Data codewords of each block, the shorter ones first (table 9). */
  readonly blocks: readonly number[];
  /** Rows and columns with centres of alignment patterns (annex E). */
  readonly alignment: readonly number[];
}

const version = (
  number: number,
  correction: number,
  [short, shortData]: readonly [number, number],
  [long, longData]: readonly [number, number],
  alignment: readonly number[],
): QrVersion => ({
  number,
  size: 17 + 4 * number,
  correction,
  blocks: [
    ...Array.from({ length: short }, () => shortData),
    ...Array.from({ length: long }, () => longData),
  ],
  alignment,
});

const none = [0, 0] as const;

export const qrVersions: readonly QrVersion[] = [
  version(1, 10, [1, 16], none, []),
  version(2, 16, [1, 28], none, [6, 18]),
  version(3, 26, [1, 44], none, [6, 22]),
  version(4, 18, [2, 32], none, [6, 26]),
  version(5, 24, [2, 43], none, [6, 30]),
  version(6, 16, [4, 27], none, [6, 34]),
  version(7, 18, [4, 31], none, [6, 22, 38]),
  version(8, 22, [2, 38], [2, 39], [6, 24, 42]),
  version(9, 22, [3, 36], [2, 37], [6, 26, 46]),
  version(10, 26, [4, 43], [1, 44], [6, 28, 50]),
];
