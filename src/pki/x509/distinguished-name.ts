/**
 * Compares distinguished names as OpenSSL does, following RFC 5280 section 7.1 for ASCII: case, runs of white space and
 * the string type are ignored; letters outside ASCII are compared exactly, and the grouping into relative names counts.
 */
import { sameBytes } from '../../core/bytes.ts';
import type { Attribute, DistinguishedName } from '../../protocols/x509/structures.ts';

export function sameName(left: DistinguishedName, right: DistinguishedName): boolean {
  if (sameBytes(left.der, right.der)) return true;
  const [ours, theirs] = [partsOf(left), partsOf(right)];
  // From the end, where names differ.
  return (
    ours.length === theirs.length &&
    ours.every((_, at) => samePart(ours.at(-at - 1) ?? [], theirs.at(-at - 1) ?? []))
  );
}

/** Equal for names that are the same according to `sameName`. */
export function comparableName(name: DistinguishedName): string {
  return JSON.stringify(partsOf(name).map(comparablePart));
}

/** Whether the base is a prefix of the name (RFC 5280 section 4.2.1.10). */
export function isWithin(name: DistinguishedName, base: DistinguishedName): boolean {
  const parts = partsOf(name);
  return partsOf(base).every((part, at) => samePart(part, parts[at] ?? []));
}

type Part = readonly Attribute[];

const partsOf = (name: DistinguishedName): readonly Part[] =>
  name.rdns ?? name.attributes.map((one) => [one]);

function samePart(left: Part, right: Part): boolean {
  if (left.length !== right.length) return false;
  const [one, other] = [left[0], right[0]];
  if (left.length === 1 && one && other)
    return (
      one.type === other.type &&
      (one.encoded ?? false) === (other.encoded ?? false) &&
      (one.value === other.value || comparableText(one) === comparableText(other))
    );
  return comparablePart(left) === comparablePart(right);
}

/** One text for a relative distinguished name; the order within it is irrelevant. */
const comparablePart = (part: Part): string =>
  JSON.stringify(
    part.map((one) => JSON.stringify([one.type, comparableText(one), one.encoded === true])).sort(),
  );

/** ASCII only: no other letter is case-folded, no other space is white space. */
function comparableText({ value, encoded }: Attribute): string {
  return encoded
    ? value
    : value
        .replace(/[\t-\r ]+/g, ' ')
        .replace(/^ | $/g, '')
        .replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
