/**
 * Parses quantities of CPU, memory and other resources (k8s.io/apimachinery, api/resource): `500m`, `1Gi`, `1e3`.
 * Returns errors in Go's words, the canonical form, and a number for comparisons.
 */
import type { Dictionary } from '../../core/dictionary.ts';

/** A power of ten or of two by suffix. */
const decimal: Dictionary<number> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binary: Dictionary<number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

interface Quantity {
  /** In thousand-millionths; what is finer is rounded away from zero. */
  readonly nano: bigint;
  readonly form: 'decimal' | 'binary' | 'exponent';
}

const wrongForm =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const wrongSuffix = "unable to parse quantity's suffix";

/** Limits of digits and powers of ten; larger ones would be numbers with a million digits. */
const mostCharacters = 120;
const mostPower = 100;

function parse(text: string): Quantity | string {
  if (text.length > mostCharacters) return wrongForm;
  const [, sign = '', whole = '', point = '', fraction = '', suffix = ''] =
    /^([+-]?)(\d*)(\.?)(\d*)([eEinumkKMGTP]*[-+]?\d*)$/.exec(text) ?? [];
  if (text === '' || (sign + whole + point + fraction + suffix).length !== text.length) return wrongForm;
  const power = Object.hasOwn(decimal, suffix) ? decimal[suffix] : undefined;
  const twos = Object.hasOwn(binary, suffix) ? binary[suffix] : undefined;
  const [, exponent] = /^[eE]([-+]?\d+)$/.exec(suffix) ?? [];
  if (power === undefined && twos === undefined && exponent === undefined) return wrongSuffix;
  const tens = power ?? Number(exponent ?? 0);
  if (Math.abs(tens) > mostPower) return wrongSuffix;
  const digits = BigInt(`0${whole}${fraction}`) * (twos === undefined ? 1n : 1n << BigInt(twos));
  const scale = tens - fraction.length + 9;
  const nano = scale >= 0 ? digits * 10n ** BigInt(scale) : divideUp(digits, 10n ** BigInt(-scale));
  return {
    nano: sign === '-' ? -nano : nano,
    form: twos === undefined ? (power === undefined ? 'exponent' : 'decimal') : 'binary',
  };
}

const divideUp = (value: bigint, by: bigint): bigint => (value + by - 1n) / by;

/** Undefined where nothing is wrong. */
export function quantityFault(text: string): string | undefined {
  const parsed = parse(text);
  return typeof parsed === 'string' ? parsed : undefined;
}

/** In thousand-millionths; 0 for what is no quantity. */
export function quantityValue(text: string): bigint {
  const parsed = parse(text);
  return typeof parsed === 'string' ? 0n : parsed.nano;
}

const unit = 1_000_000_000n;

/** The one way in which it is stored: the largest suffix that leaves a whole number. */
export function canonicalQuantity(text: string): string {
  const parsed = parse(text);
  if (typeof parsed === 'string') return text;
  const { nano, form } = parsed;
  if (nano === 0n) return '0';
  const size = nano < 0n ? -nano : nano;
  if (form === 'binary' && nano % unit === 0n && size >= 1024n * unit) {
    const [value, steps] = withoutFactor(nano / unit, 1024n, 6);
    return `${value}${Object.keys(binary)[steps - 1] ?? ''}`;
  }
  const [value, steps] = withoutFactor(nano, 1000n, form === 'exponent' ? mostPower : 9);
  const power = steps * 3 - 9;
  if (form === 'exponent') return power === 0 ? String(value) : `${value}e${power}`;
  return `${value}${Object.entries(decimal).find(([, one]) => one === power)?.[0] ?? ''}`;
}

function withoutFactor(value: bigint, factor: bigint, most: number): readonly [bigint, number] {
  let steps = 0;
  let left = value;
  for (; steps < most && left % factor === 0n; steps++) left /= factor;
  return [left, steps];
}
