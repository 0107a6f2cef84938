/**
 * Parses certificate revocation lists (RFC 5280 section 5). `pki/x509/verify.ts` decides whether a list is trusted; the
 * counterpart that writes one is `pki/ca/crl.ts`.
 */
import { defined } from '../../core/defined.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { Step } from '../../core/field.ts';
import { readSigned } from './certificate.ts';
import type { ReadOptions } from './certificate.ts';
import { context, element, integerBytes, sequence, smallInteger, tags, time } from './der.ts';
import { extensionList } from './extensions.ts';
import type { Extension, ExtensionValues } from './extensions.ts';
import {
  algorithmIdentifier,
  distinguishedName,
  serialText,
  signatureValue,
  withBytes,
} from './structures.ts';
import type { AlgorithmIdentifier, DistinguishedName, Source } from './structures.ts';

export interface RevokedCertificate {
  /** The entry as the list has it, with every extension. */
  readonly der: Uint8Array;
  readonly serial: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** RFC 5280 section 5.3.1; its name is in `revocationReasons`. */
  readonly reason?: number;
  /** Unknown critical extensions of the entry. */
  readonly unhandled: readonly string[];
}

type BySerial = Pick<
  ReadonlyMap<string, RevokedCertificate>,
  'size' | 'get' | 'has' | 'keys' | 'values' | typeof Symbol.iterator
>;

export interface RevocationList {
  readonly der: Uint8Array;
  readonly tbs: Uint8Array;
  readonly issuer: DistinguishedName;
  /** Milliseconds since the epoch. */
  readonly thisUpdate: number;
  readonly nextUpdate?: number;
  /** Every entry, in order; a number may stand twice, and then the last counts. */
  readonly entries: RevokedCertificates;
  /** By serial number, hex without padding. */
  readonly revoked: BySerial;
  readonly authorityKeyId?: Uint8Array;
  readonly crlNumber?: Uint8Array;
  readonly extensions: readonly Extension[];
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signedAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
}

/** Up to this many entries have named fields; further ones are only listed. A list may have a hundred thousand. */
const mostNamed = 1024;

/**
 * The entries of a list that has been validated: their positions are stored, and they are parsed again on access. As
 * objects they would take ten times the memory of the list.
 */
export class RevokedCertificates implements Iterable<RevokedCertificate> {
  readonly #der: Uint8Array;
  /** Where each begins; the last is where the last one ends. */
  #bounds: Uint32Array;
  #length = 0;
  #hasUnhandled = false;

  /** @param der what their places count in. */
  constructor(der: Uint8Array) {
    this.#der = der;
    this.#bounds = new Uint32Array(16);
  }

  get length(): number {
    return this.#length;
  }

  /** Whether any of them has an unknown critical extension: it may change the meaning of any other (RFC 5280 section 5.3). */
  get hasUnhandled(): boolean {
    return this.#hasUnhandled;
  }

  /** @internal The reader's: the next one stands there. */
  add(start: number, end: number, isUnhandled: boolean): void {
    if (isUnhandled) this.#hasUnhandled = true;
    if (this.#length + 2 > this.#bounds.length) {
      const grown = new Uint32Array(2 * this.#bounds.length);
      grown.set(this.#bounds);
      this.#bounds = grown;
    }
    this.#bounds[this.#length++] = start;
    this.#bounds[this.#length] = end;
  }

  at(index: number): RevokedCertificate | undefined {
    if (index < 0 || index >= this.#length) return undefined;
    const der = this.#der.subarray(this.#bounds[index], this.#bounds[index + 1]);
    const step = readSigned({ der, base: 0 }, {}, (cursor) => revokedCertificate({ der, base: 0 }, cursor));
    if (!('got' in step)) throw new Error('an entry that was read before cannot be read again');
    return step.got;
  }

  *[Symbol.iterator](): Generator<RevokedCertificate, void, undefined> {
    for (let index = 0; index < this.#length; index++) {
      const entry = this.at(index);
      if (entry) yield entry;
    }
  }
}

/** The same by their serial numbers, hex without padding; of duplicates the last counts. The index is built on first use. */
class RevokedBySerial implements BySerial {
  readonly #entries: RevokedCertificates;
  #index: ReadonlyMap<string, number> | undefined;

  constructor(entries: RevokedCertificates) {
    this.#entries = entries;
  }

  get size(): number {
    return this.#places.size;
  }

  get(serial: string): RevokedCertificate | undefined {
    return this.#entries.at(this.#places.get(serial) ?? -1);
  }

  has(serial: string): boolean {
    return this.#places.has(serial);
  }

  keys(): MapIterator<string> {
    return this.#places.keys();
  }

  *[Symbol.iterator](): MapIterator<[string, RevokedCertificate]> {
    for (const [serial, index] of this.#places) {
      const entry = this.#entries.at(index);
      if (entry) yield [serial, entry];
    }
  }

  *values(): MapIterator<RevokedCertificate> {
    for (const [, entry] of this) yield entry;
  }

  get #places(): ReadonlyMap<string, number> {
    if (!this.#index) {
      const index = new Map<string, number>();
      let at = 0;
      for (const { serial } of this.#entries) index.set(serialText(serial), at++);
      this.#index = index;
    }
    return this.#index;
  }
}

/** Reads one list, which must fill `der` to its end. */
export function readRevocationList(der: Uint8Array, options: ReadOptions = {}): Step<RevocationList> {
  const source: Source = { der, base: options.base ?? 0 };
  return readSigned(source, options, (cursor) => {
    const { value, der: whole } = withBytes(source, cursor, () =>
      sequence(cursor, 'x509.crl', (content) => {
        const { value: body, der: tbs } = withBytes(source, content, () => tbsList(source, content));
        return {
          ...body,
          tbs,
          signatureAlgorithm: algorithmIdentifier(source, content, 'x509.signature_algorithm'),
          signature: signatureValue(content),
        };
      }),
    );
    return { ...value, der: whole };
  });
}

const isTime = (tag: number | undefined): boolean => tag === tags.utcTime || tag === tags.generalizedTime;

function tbsList(
  source: Source,
  cursor: Cursor,
): Omit<RevocationList, 'der' | 'tbs' | 'signatureAlgorithm' | 'signature'> {
  return sequence(cursor, 'x509.tbs_crl', (content) => {
    if (content.peek() === tags.integer) smallInteger(content, 'x509.tbs_crl.version');
    const signedAlgorithm = algorithmIdentifier(source, content, 'x509.tbs_crl.signature');
    const issuer = distinguishedName(source, content, 'x509.tbs_crl.issuer');
    const thisUpdate = time(content, 'x509.tbs_crl.this_update');
    const nextUpdate = isTime(content.peek()) ? time(content, 'x509.tbs_crl.next_update') : undefined;
    const entries = new RevokedCertificates(source.der);
    if (content.peek() === tags.sequence)
      sequence(content, 'x509.tbs_crl.revoked_certificates', (inner) => readEntries(source, inner, entries));
    const values: ExtensionValues = { extensions: [] };
    if (content.peek() === context(0))
      element(content, 'x509.tbs_crl.extensions', context(0), (inner) =>
        extensionList(source, inner, values),
      );
    return defined({
      signedAlgorithm,
      issuer,
      thisUpdate,
      nextUpdate,
      entries,
      revoked: new RevokedBySerial(entries),
      authorityKeyId: values.authorityKeyId,
      crlNumber: values.crlNumber,
      extensions: values.extensions,
    });
  });
}

function readEntries(source: Source, cursor: Cursor, entries: RevokedCertificates): void {
  while (cursor.remaining > 0) {
    const start = cursor.offset;
    const { unhandled } = revokedCertificate(source, cursor);
    entries.add(start - source.base, cursor.offset - source.base, unhandled.length > 0);
    const { fields } = cursor;
    const newest = fields.at(-1);
    if (entries.length > mostNamed && newest) fields[fields.length - 1] = { ...newest, children: [] };
    // One field for all of the further ones.
    const further = fields.at(-2);
    if (entries.length <= mostNamed + 1 || !further) continue;
    fields.length -= 2;
    fields.push({ ...further, range: [further.range[0], cursor.offset] });
  }
}

function revokedCertificate(source: Source, cursor: Cursor): RevokedCertificate {
  const { value, der } = withBytes(source, cursor, () =>
    sequence(cursor, 'x509.tbs_crl.revoked_certificate', (content) => {
      const serial = integerBytes(content, 'x509.tbs_crl.revoked_certificate.serial_number');
      const at = time(content, 'x509.tbs_crl.revoked_certificate.revocation_date');
      const values: ExtensionValues = { extensions: [] };
      if (content.remaining > 0) extensionList(source, content, values);
      const unhandled = values.extensions
        .filter((one) => one.critical && one.name !== 'reason_code')
        .map((one) => one.oid);
      return defined({ serial, at, reason: values.reasonCode, unhandled });
    }),
  );
  return { ...value, der };
}
