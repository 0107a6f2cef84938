/**
 * Makes QR codes (ISO/IEC 18004:2015): a text as bytes in UTF-8, error correction level M, versions 1 to 10, which hold up to
 * 213 bytes. How a code is drawn is decided elsewhere; around it must be four light modules on every side.
 */
import { correctionOf } from './correction.ts';
import { qrVersions } from './tables.ts';
import type { QrVersion } from './tables.ts';

/** Rows of modules; true is dark. */
export type QrCode = readonly (readonly boolean[])[];

/** Light modules that belong around a code (section 6.3.8). */
export const quietZone = 4;

/** Undefined for a text that is longer than the largest version holds. */
export function qrCode(text: string): QrCode | undefined {
  const bytes = Buffer.from(text, 'utf8');
  const version = qrVersions.find((one) => headBits(one) + 8 * bytes.length <= 8 * dataOf(one));
  return version && bestMasked(version, codewords(version, bytes));
}

const dataOf = ({ blocks }: QrVersion): number => blocks.reduce((sum, count) => sum + count, 0);

/** The mode, and how many bytes follow (tables 2 and 3). */
const headBits = ({ number }: QrVersion): number => 4 + countBits(number);
const countBits = (number: number): number => (number < 10 ? 8 : 16);

/** Data and correction, block by block in turns (sections 7.4 and 7.6). */
function codewords(version: QrVersion, bytes: Uint8Array): Uint8Array {
  const size = dataOf(version);
  const data = new Uint8Array(size);
  let at = 0;
  const put = (value: number, bits: number): void => {
    for (let bit = bits - 1; bit >= 0; bit--, at++)
      if ((value >>> bit) & 1) data[at >>> 3] = (data[at >>> 3] ?? 0) | (0x80 >>> (at & 7));
  };
  put(0b0100, 4);
  put(bytes.length, countBits(version.number));
  for (const byte of bytes) put(byte, 8);
  // The terminator is four zeros or what is left, and zeros fill the byte.
  for (let byte = (Math.min(at + 4, 8 * size) + 7) >>> 3, pad = 0xec; byte < size; byte++, pad ^= 0xec ^ 0x11)
    data[byte] = pad;
  const blocks: Uint8Array[] = [];
  let from = 0;
  for (const length of version.blocks) {
    blocks.push(data.subarray(from, from + length));
    from += length;
  }
  const corrections = blocks.map((block) => correctionOf(block, version.correction));
  return Uint8Array.from([...inTurns(blocks), ...inTurns(corrections)]);
}

function* inTurns(blocks: readonly Uint8Array[]): Generator<number> {
  const longest = Math.max(...blocks.map(({ length }) => length));
  for (let at = 0; at < longest; at++)
    for (const block of blocks) {
      const byte = block[at];
      if (byte !== undefined) yield byte;
    }
}

const light = (size: number): boolean[][] =>
  Array.from({ length: size }, () => Array.from({ length: size }, () => false));

/** Modules of a code, and which of them belong to patterns that no mask changes. */
class Modules {
  readonly size: number;
  readonly dark: boolean[][];
  readonly isFixed: boolean[][];

  constructor(size: number) {
    this.size = size;
    this.dark = light(size);
    this.isFixed = light(size);
  }

  fix(row: number, column: number, isDark: boolean): void {
    const [dark, fixed] = [this.dark[row], this.isFixed[row]];
    if (!dark || !fixed || column < 0 || column >= this.size) return;
    dark[column] = isDark;
    fixed[column] = true;
  }
}

/** The condition of each mask (table 10). */
const masks: readonly ((row: number, column: number) => boolean)[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
];

/** The code with the mask that is easiest to read (section 7.8.3). */
function bestMasked(version: QrVersion, words: Uint8Array): QrCode {
  const plain = new Modules(version.size);
  drawPatterns(plain, version);
  drawFormat(plain, 0);
  drawVersion(plain, version);
  drawWords(plain, words);
  let best: { readonly code: QrCode; readonly penalty: number } | undefined;
  for (const [number, isInverted] of masks.entries()) {
    const code = new Modules(version.size);
    for (let row = 0; row < version.size; row++)
      for (let column = 0; column < version.size; column++) {
        const isFixed = plain.isFixed[row]?.[column] ?? false;
        const isDark = plain.dark[row]?.[column] ?? false;
        (code.dark[row] ?? [])[column] = isFixed ? isDark : isDark !== isInverted(row, column);
      }
    drawFormat(code, number);
    const penalty = penaltyOf(code.dark);
    if (!best || penalty < best.penalty) best = { code: code.dark, penalty };
  }
  return best?.code ?? [];
}

/** Finder, timing and alignment patterns (section 6.3). */
function drawPatterns(code: Modules, { size, alignment }: QrVersion): void {
  for (let at = 0; at < size; at++) {
    code.fix(6, at, at % 2 === 0);
    code.fix(at, 6, at % 2 === 0);
  }
  for (const [row, column] of [
    [3, 3],
    [3, size - 4],
    [size - 4, 3],
  ] as const)
    square(code, row, column, 4, (ring) => ring !== 2 && ring !== 4);
  const [first, last] = [alignment[0], alignment.at(-1)];
  for (const row of alignment)
    for (const column of alignment) {
      // Finder patterns are there.
      const isCorner =
        (row === first && (column === first || column === last)) || (row === last && column === first);
      if (!isCorner) square(code, row, column, 2, (ring) => ring !== 1);
    }
}

/** Rings of modules around a centre. */
function square(
  code: Modules,
  row: number,
  column: number,
  rings: number,
  isDark: (ring: number) => boolean,
): void {
  for (let down = -rings; down <= rings; down++)
    for (let right = -rings; right <= rings; right++)
      code.fix(row + down, column + right, isDark(Math.max(Math.abs(down), Math.abs(right))));
}

/** A value with the remainder that corrects it behind: BCH codes (annexes C and D). */
function withRemainder(value: number, bits: number, divisor: number): number {
  let remainder = value;
  for (let bit = 0; bit < bits; bit++) remainder = (remainder << 1) ^ ((remainder >>> (bits - 1)) * divisor);
  return (value << bits) | remainder;
}

/** Level M and the mask, twice (section 7.9). */
function drawFormat(code: Modules, mask: number): void {
  const bits = withRemainder(mask, 10, 0x537) ^ 0x5412;
  const isDark = (bit: number): boolean => ((bits >>> bit) & 1) === 1;
  const { size } = code;
  for (let bit = 0; bit < 15; bit++) {
    const along = bit < 6 ? bit : bit < 8 ? bit + 1 : bit === 8 ? 7 : 14 - bit;
    if (bit < 8) code.fix(along, 8, isDark(bit));
    else code.fix(8, along, isDark(bit));
    if (bit < 8) code.fix(8, size - 1 - bit, isDark(bit));
    else code.fix(size - 15 + bit, 8, isDark(bit));
  }
  code.fix(size - 8, 8, true);
}

/** From version 7 on, twice (section 7.10). */
function drawVersion(code: Modules, { number, size }: QrVersion): void {
  if (number < 7) return;
  const bits = withRemainder(number, 12, 0x1f25);
  for (let bit = 0; bit < 18; bit++) {
    const [near, far] = [Math.floor(bit / 3), size - 11 + (bit % 3)];
    const isDark = ((bits >>> bit) & 1) === 1;
    code.fix(near, far, isDark);
    code.fix(far, near, isDark);
  }
}

/** Two columns at a time from the right, up and down by turns (section 7.7.3). */
function drawWords(code: Modules, words: Uint8Array): void {
  const { size } = code;
  let bit = 0;
  let isUpward = true;
  for (let right = size - 1; right >= 1; right -= 2) {
    // The timing pattern has a column of its own.
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++)
      for (const column of [right, right - 1]) {
        const row = isUpward ? size - 1 - step : step;
        const fixed = code.isFixed[row]?.[column] ?? true;
        if (fixed || bit >= 8 * words.length) continue;
        (code.dark[row] ?? [])[column] = (((words[bit >>> 3] ?? 0) >>> (7 - (bit & 7))) & 1) === 1;
        bit++;
      }
    isUpward = !isUpward;
  }
}

const finderLike = [
  [true, false, true, true, true, false, true, false, false, false, false],
  [false, false, false, false, true, false, true, true, true, false, true],
] as const;

/** How hard it is to read (table 11). */
function penaltyOf(code: QrCode): number {
  const size = code.length;
  const columns = Array.from({ length: size }, (_, column) => code.map((row) => row[column] ?? false));
  let penalty = 0;
  for (const line of [...code, ...columns]) {
    for (let at = 0; at < size; ) {
      let end = at + 1;
      while (end < size && line[end] === line[at]) end++;
      if (end - at >= 5) penalty += 3 + (end - at - 5);
      at = end;
    }
    for (let at = 0; at + 11 <= size; at++)
      for (const pattern of finderLike)
        if (pattern.every((isDark, index) => line[at + index] === isDark)) penalty += 40;
  }
  for (let row = 0; row + 1 < size; row++)
    for (let column = 0; column + 1 < size; column++) {
      const isDark = code[row]?.[column];
      if (
        code[row]?.[column + 1] === isDark &&
        code[row + 1]?.[column] === isDark &&
        code[row + 1]?.[column + 1] === isDark
      )
        penalty += 3;
    }
  const dark = code.flat().filter(Boolean).length;
  // Ten for each twentieth away from half.
  return penalty + 10 * Math.floor(Math.abs(dark * 20 - size * size * 10) / (size * size));
}
