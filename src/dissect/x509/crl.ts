/**
 * Reads certificate revocation lists (RFC 5280 section 5). Whether a list may be believed is decided in `pki/verify.ts`;
 * the counterpart that writes one is `pki/crl.ts`.
 */
import type { Cursor } from '../../core/cursor.ts';
import type { Step } from '../../core/field.ts';
import { readSigned } from './certificate.ts';
import type { ReadOptions } from './certificate.ts';
import { context, element, every, integerBytes, smallInteger, tags, time } from './der.ts';
import { extensionList } from './extensions.ts';
import type { Extension, ExtensionValues } from './extensions.ts';
import { algorithmIdentifier, distinguishedName, serialText, signatureValue, withBytes } from './structures.ts';
import type { AlgorithmIdentifier, DistinguishedName, Source } from './structures.ts';

export interface RevokedCertificate {
  /** The entry as it stands in the list, with every extension. */
  readonly der: Uint8Array;
  readonly serial: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** RFC 5280 section 5.3.1; its name is in `revocationReasons`. */
  readonly reason?: number;
  /** Extensions of the entry that nobody here handles and that are critical. */
  readonly unhandled: readonly string[];
}

export interface RevocationList {
  readonly der: Uint8Array;
  readonly tbs: Uint8Array;
  readonly issuer: DistinguishedName;
  /** Milliseconds since the epoch. */
  readonly thisUpdate: number;
  readonly nextUpdate?: number;
  /** Every entry, in order; a number may stand twice, and then the last counts. */
  readonly entries: readonly RevokedCertificate[];
  /** By serial number, hex without padding. */
  readonly revoked: ReadonlyMap<string, RevokedCertificate>;
  readonly authorityKeyId?: Uint8Array;
  readonly crlNumber?: Uint8Array;
  readonly extensions: readonly Extension[];
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signedAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
}

/** Reads one list, which must fill `der` to its end. */
export function readRevocationList(der: Uint8Array, options: ReadOptions = {}): Step<RevocationList> {
  const source: Source = { der, base: options.base ?? 0 };
  return readSigned(source, options, (cursor) => {
    const { value, der: whole } = withBytes(source, cursor, () =>
      element(cursor, 'x509.crl', tags.sequence, (content) => {
        const { value: body, der: tbs } = withBytes(source, content, () => tbsList(source, content));
        return { ...body, tbs, signatureAlgorithm: algorithmIdentifier(source, content, 'x509.signature_algorithm'), signature: signatureValue(content) };
      }),
    );
    return { ...value, der: whole };
  });
}

const isTime = (tag: number | undefined): boolean => tag === tags.utcTime || tag === tags.generalizedTime;

function tbsList(source: Source, cursor: Cursor): Omit<RevocationList, 'der' | 'tbs' | 'signatureAlgorithm' | 'signature'> {
  return element(cursor, 'x509.tbs_crl', tags.sequence, (content) => {
    if (content.peek() === tags.integer) smallInteger(content, 'x509.tbs_crl.version');
    const signedAlgorithm = algorithmIdentifier(source, content, 'x509.tbs_crl.signature');
    const issuer = distinguishedName(source, content, 'x509.tbs_crl.issuer');
    const thisUpdate = time(content, 'x509.tbs_crl.this_update');
    const nextUpdate = isTime(content.peek()) ? time(content, 'x509.tbs_crl.next_update') : undefined;
    const entries =
      content.peek() === tags.sequence
        ? element(content, 'x509.tbs_crl.revoked_certificates', tags.sequence, (inner) => every(inner, (one) => revokedCertificate(source, one)))
        : [];
    const values: ExtensionValues = { extensions: [] };
    if (content.peek() === context(0)) element(content, 'x509.tbs_crl.extensions', context(0), (inner) => extensionList(source, inner, values));
    return {
      signedAlgorithm,
      issuer,
      thisUpdate,
      ...(nextUpdate === undefined ? {} : { nextUpdate }),
      entries,
      revoked: new Map(entries.map((entry) => [serialText(entry.serial), entry])),
      ...(values.authorityKeyId ? { authorityKeyId: values.authorityKeyId } : {}),
      ...(values.crlNumber ? { crlNumber: values.crlNumber } : {}),
      extensions: values.extensions,
    };
  });
}

function revokedCertificate(source: Source, cursor: Cursor): RevokedCertificate {
  const { value, der } = withBytes(source, cursor, () =>
    element(cursor, 'x509.tbs_crl.revoked_certificate', tags.sequence, (content) => {
      const serial = integerBytes(content, 'x509.tbs_crl.revoked_certificate.serial_number');
      const at = time(content, 'x509.tbs_crl.revoked_certificate.revocation_date');
      const values: ExtensionValues = { extensions: [] };
      if (content.remaining > 0) extensionList(source, content, values);
      const unhandled = values.extensions.filter((one) => one.critical && one.name !== 'reason_code').map((one) => one.oid);
      return { serial, at, ...(values.reasonCode === undefined ? {} : { reason: values.reasonCode }), unhandled };
    }),
  );
  return { ...value, der };
}
