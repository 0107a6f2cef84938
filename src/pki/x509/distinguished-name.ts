/**
 * When two distinguished names are the same, and when one lies below another: the comparison of OpenSSL, which is that of
 * RFC 5280 section 7.1 for ASCII. Case and runs of white space do not matter, nor which string type was used; letters
 * outside ASCII are compared as they are, and what stands together in one relative name must stand together in both.
 */
import type { Attribute, DistinguishedName } from '../../protocols/x509/structures.ts';

export function sameName(left: DistinguishedName, right: DistinguishedName): boolean {
  if (sameBytes(left.der, right.der)) return true;
  const [ours, theirs] = [partsOf(left), partsOf(right)];
  // From the end: there stands what tells names apart.
  return (
    ours.length === theirs.length &&
    ours.every((_, at) => samePart(ours.at(-at - 1) ?? [], theirs.at(-at - 1) ?? []))
  );
}

/** Equal for names that are the same by `sameName`. */
export function comparableName(name: DistinguishedName): string {
  return JSON.stringify(partsOf(name).map(comparablePart));
}

/** Whether the base is the beginning of the name (RFC 5280 section 4.2.1.10). */
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

/** One text for a relative distinguished name; the order of what stands together means nothing. */
const comparablePart = (part: Part): string =>
  JSON.stringify(
    part.map((one) => JSON.stringify([one.type, comparableText(one), one.encoded === true])).sort(),
  );

/** ASCII only: no other letter is folded, no other space is white. */
function comparableText({ value, encoded }: Attribute): string {
  return encoded
    ? value
    : value
        .replace(/[\t-\r ]+/g, ' ')
        .replace(/^ | $/g, '')
        .replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && Buffer.from(left.buffer, left.byteOffset, left.length).equals(right);
}
