/**
 * Parses OCSP responses (RFC 6960 section 4.2): a CA's statement on the status of single certificates, stapled to a
 * handshake. Whether a response is trusted is not decided here.
 */
import { defined } from '../../core/defined.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { Step } from '../../core/field.ts';
import { toHex } from '../../core/hex.ts';
import { certificate, isoTime, readSigned } from './certificate.ts';
import type { ReadOptions } from './certificate.ts';
import {
  context,
  contextPrimitive,
  element,
  integerBytes,
  listOf,
  objectIdentifier,
  sequence,
  setValue,
  simple,
  smallInteger,
  tags,
  time,
} from './der.ts';
import { extensionList } from './extensions.ts';
import type { ExtensionValues } from './extensions.ts';
import { ocspStatuses, revocationReasons } from './oids.ts';
import {
  algorithmIdentifier,
  distinguishedName,
  plainAlgorithm,
  serialText,
  signatureValue,
} from './structures.ts';
import type { Source } from './structures.ts';

export interface SingleResponse {
  readonly serial: Uint8Array;
  readonly status: 'good' | 'revoked' | 'unknown';
  /** Milliseconds since the epoch, as are all times here. */
  readonly thisUpdate: number;
  readonly nextUpdate?: number;
  readonly revokedAt?: number;
  /** Its name is in `revocationReasons`. */
  readonly reason?: number;
}

export interface OcspResponse {
  /** `successful`, or why there is no answer. */
  readonly status: string;
  /** The responder's name, or `#` and the hex of its key's SHA-1. */
  readonly responder?: string;
  readonly producedAt?: number;
  readonly responses: readonly SingleResponse[];
  /** Included certificates. */
  readonly certificates: number;
}

const basicResponse = '1.3.6.1.5.5.7.48.1.1';

/** Reads one response, which must fill `der` to its end. */
export function readOcspResponse(der: Uint8Array, options: ReadOptions = {}): Step<OcspResponse> {
  const source: Source = { der, base: options.base ?? 0 };
  return readSigned(source, options, (cursor) => ocspResponse(source, cursor));
}

/** One response at the cursor; `source` is what the cursor reads from. */
export function ocspResponse(source: Source, cursor: Cursor): OcspResponse {
  return sequence(cursor, 'x509.ocsp.response', (content) => {
    const code = smallInteger(content, 'x509.ocsp.response_status', tags.enumerated);
    const status = ocspStatuses[code] ?? String(code);
    const nothing = { status, responses: [], certificates: 0 };
    if (content.remaining === 0) return nothing;
    return element(content, 'x509.ocsp.response_bytes', context(0), (explicit) =>
      sequence(explicit, 'x509.ocsp.response_bytes.content', (inner) => {
        const type = objectIdentifier(inner, 'x509.ocsp.response_type');
        return element(inner, 'x509.ocsp.response_value', tags.octetString, (held) => {
          if (type === basicResponse) return { status, ...basic(source, held) };
          if (held.remaining > 0) held.rest('x509.der.value');
          return nothing;
        });
      }),
    );
  });
}

function basic(source: Source, cursor: Cursor): Omit<OcspResponse, 'status'> {
  return sequence(cursor, 'x509.ocsp.basic_response', (content) => {
    const data = sequence(content, 'x509.ocsp.response_data', (inner) => responseData(source, inner));
    algorithmIdentifier(source, content, 'x509.signature_algorithm');
    signatureValue(content);
    let certificates = 0;
    if (content.peek() === context(0)) {
      element(content, 'x509.ocsp.certificates', context(0), (explicit) => {
        certificates = listOf(explicit, 'x509.ocsp.certificates.list', (one) =>
          certificate(source, one),
        ).length;
      });
    }
    return { ...data, certificates };
  });
}

function responseData(source: Source, cursor: Cursor): Omit<OcspResponse, 'status' | 'certificates'> {
  if (cursor.peek() === context(0))
    element(cursor, 'x509.ocsp.version', context(0), (inner) =>
      smallInteger(inner, 'x509.ocsp.version.number'),
    );
  const isNamed = cursor.peek() === context(1);
  const responder = element(cursor, 'x509.ocsp.responder', isNamed ? context(1) : context(2), (inner) =>
    isNamed
      ? distinguishedName(source, inner, 'x509.ocsp.responder.name').text
      : `#${toHex(simple(inner, 'x509.ocsp.responder.key_hash', tags.octetString, (bytes) => bytes))}`,
  );
  setValue(cursor, responder);
  const producedAt = time(cursor, 'x509.ocsp.produced_at');
  const responses = listOf(cursor, 'x509.ocsp.responses', (one) => singleResponse(source, one));
  extensionsAt(source, cursor);
  return { responder, producedAt, responses };
}

function singleResponse(source: Source, cursor: Cursor): SingleResponse {
  const found = sequence(cursor, 'x509.ocsp.single_response', (content) => {
    const serial = sequence(content, 'x509.ocsp.certificate_id', (id) => {
      plainAlgorithm(id);
      simple(id, 'x509.ocsp.certificate_id.issuer_name_hash', tags.octetString, (bytes) => bytes);
      simple(id, 'x509.ocsp.certificate_id.issuer_key_hash', tags.octetString, (bytes) => bytes);
      return integerBytes(id, 'x509.ocsp.certificate_id.serial_number');
    });
    setValue(content, serialText(serial));
    const judged = certificateStatus(content);
    const thisUpdate = time(content, 'x509.ocsp.this_update');
    const nextUpdate =
      content.peek() === context(0)
        ? element(content, 'x509.ocsp.next_update', context(0), (inner) =>
            time(inner, 'x509.ocsp.next_update.time'),
          )
        : undefined;
    if (nextUpdate !== undefined) setValue(content, new Date(nextUpdate).toISOString());
    extensionsAt(source, content);
    return defined({ serial, ...judged, thisUpdate, nextUpdate });
  });
  setValue(cursor, found.status);
  return found;
}

function certificateStatus(cursor: Cursor): Pick<SingleResponse, 'status' | 'revokedAt' | 'reason'> {
  const id = 'x509.ocsp.certificate_status';
  if (cursor.peek() !== context(1)) {
    const isGood = cursor.peek() === contextPrimitive(0);
    element(cursor, id, contextPrimitive(isGood ? 0 : 2), () => {});
    setValue(cursor, isGood ? 'good' : 'unknown');
    return { status: isGood ? 'good' : 'unknown' };
  }
  const revoked = element(cursor, id, context(1), (content) => {
    const revokedAt = time(content, 'x509.ocsp.revocation_time');
    if (content.peek() !== context(0)) return { revokedAt };
    return {
      revokedAt,
      reason: element(content, 'x509.ocsp.revocation_reason', context(0), (inner) =>
        smallInteger(inner, 'x509.extension.reason_code', tags.enumerated),
      ),
    };
  });
  setValue(cursor, 'revoked');
  return { status: 'revoked', ...revoked };
}

/** Extensions of the answer, or of one certificate's. */
function extensionsAt(source: Source, cursor: Cursor): void {
  const values: ExtensionValues = { extensions: [] };
  if (cursor.peek() === context(1))
    element(cursor, 'x509.ocsp.extensions', context(1), (inner) => extensionList(source, inner, values));
}

/** What a response says, for a program: times in ISO 8601, numbers by name. */
export interface OcspSummary {
  readonly status: string;
  readonly responder?: string;
  readonly producedAt?: string;
  readonly responses: readonly {
    readonly serial: string;
    readonly status: SingleResponse['status'];
    readonly thisUpdate: string;
    readonly nextUpdate?: string;
    readonly revokedAt?: string;
    readonly reason?: string;
  }[];
}

export function ocspSummary(response: OcspResponse): OcspSummary {
  const { status, responder, producedAt, responses } = response;
  return defined({
    status,
    responder,
    producedAt: producedAt === undefined ? undefined : isoTime(producedAt),
    responses: responses.map((one) =>
      defined({
        serial: serialText(one.serial),
        status: one.status,
        thisUpdate: isoTime(one.thisUpdate),
        nextUpdate: one.nextUpdate === undefined ? undefined : isoTime(one.nextUpdate),
        revokedAt: one.revokedAt === undefined ? undefined : isoTime(one.revokedAt),
        reason: one.reason === undefined ? undefined : (revocationReasons[one.reason] ?? String(one.reason)),
      }),
    ),
  });
}
