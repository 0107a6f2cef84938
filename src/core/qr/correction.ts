/** Error correction of QR codes: Reed-Solomon codes over the field of 256 elements with x^8 + x^4 + x^3 + x^2 + 1 (ISO/IEC 18004:2015 section 7.5). */

const powers = new Uint8Array(255);
const logarithms = new Uint8Array(256);
for (let exponent = 0, value = 1; exponent < 255; exponent++) {
  powers[exponent] = value;
  logarithms[value] = exponent;
  value <<= 1;
  if (value > 255) value ^= 0x11d;
}

function product(one: number, other: number): number {
  if (one === 0 || other === 0) return 0;
  return powers[((logarithms[one] ?? 0) + (logarithms[other] ?? 0)) % 255] ?? 0;
}

/** The coefficients below the leading one of (x - 1)(x - a)…(x - a^(count - 1)), the highest first. */
function generator(count: number): Uint8Array {
  const coefficients = new Uint8Array(count);
  coefficients[count - 1] = 1;
  for (let exponent = 0; exponent < count; exponent++) {
    const root = powers[exponent] ?? 0;
    for (let at = 0; at < count; at++)
      coefficients[at] = product(coefficients[at] ?? 0, root) ^ (coefficients[at + 1] ?? 0);
  }
  return coefficients;
}

/** The correction codewords of a block: the remainder of its data, divided by the generator. */
export function correctionOf(data: Uint8Array, count: number): Uint8Array {
  const divisor = generator(count);
  const remainder = new Uint8Array(count);
  for (const byte of data) {
    const factor = byte ^ (remainder[0] ?? 0);
    remainder.copyWithin(0, 1);
    remainder[count - 1] = 0;
    for (let at = 0; at < count; at++)
      remainder[at] = (remainder[at] ?? 0) ^ product(divisor[at] ?? 0, factor);
  }
  return remainder;
}
