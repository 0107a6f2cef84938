/**
 * Parses certificate signing requests (PKCS #10, RFC 2986). The signer decides about them; the counterpart that creates
 * one is `pki/ca/request.ts`.
 */
import type { Cursor } from '../../core/cursor.ts';
import type { Step } from '../../core/field.ts';
import { readSigned } from './certificate.ts';
import type { ReadOptions } from './certificate.ts';
import { context, element, every, listOf, objectIdentifier, sequence, smallInteger, tags } from './der.ts';
import { extensionList } from './extensions.ts';
import type { ExtensionValues } from './extensions.ts';
import {
  algorithmIdentifier,
  attributeValue,
  distinguishedName,
  publicKeyInfo,
  signatureValue,
  withBytes,
} from './structures.ts';
import type { AlgorithmIdentifier, DistinguishedName, PublicKeyInfo, Source } from './structures.ts';

/** The requested extensions; a signer copies what it allows. */
export interface SigningRequest extends Readonly<ExtensionValues> {
  readonly der: Uint8Array;
  /** The signed part, signed with the requested key. */
  readonly info: Uint8Array;
  readonly subject: DistinguishedName;
  readonly publicKey: PublicKeyInfo;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
}

/** PKCS #9 extensionRequest (RFC 2985 section 5.4.2). */
const extensionRequest = '1.2.840.113549.1.9.14';

/** Reads one request, which must fill `der` to its end. */
export function readSigningRequest(der: Uint8Array, options: ReadOptions = {}): Step<SigningRequest> {
  const source: Source = { der, base: options.base ?? 0 };
  return readSigned(source, options, (cursor) => {
    const { value, der: whole } = withBytes(source, cursor, () =>
      sequence(cursor, 'x509.request', (content) => {
        const { value: body, der: info } = withBytes(source, content, () => requestInfo(source, content));
        return {
          ...body,
          info,
          signatureAlgorithm: algorithmIdentifier(source, content, 'x509.signature_algorithm'),
          signature: signatureValue(content),
        };
      }),
    );
    return { ...value, der: whole };
  });
}

function requestInfo(
  source: Source,
  cursor: Cursor,
): Omit<SigningRequest, 'der' | 'info' | 'signatureAlgorithm' | 'signature'> {
  return sequence(cursor, 'x509.request_info', (content) => {
    smallInteger(content, 'x509.request_info.version');
    const subject = distinguishedName(source, content, 'x509.request_info.subject');
    const publicKey = publicKeyInfo(source, content, 'x509.request_info.subject_public_key_info');
    const values: ExtensionValues = { extensions: [] };
    // RFC 2986 wants the attributes even when empty; some programs leave them out.
    if (content.remaining > 0) {
      listOf(
        content,
        'x509.request_info.attributes',
        (one) => requestAttribute(source, one, values),
        context(0),
      );
    }
    return { subject, publicKey, ...values };
  });
}

function requestAttribute(source: Source, cursor: Cursor, into: ExtensionValues): void {
  sequence(cursor, 'x509.request.attribute', (content) => {
    const type = objectIdentifier(content, 'x509.request.attribute.type');
    element(content, 'x509.request.attribute.values', tags.set, (inner) => {
      if (type === extensionRequest) extensionList(source, inner, into);
      else inner.restOr('x509.request.attribute.opaque', (values) => every(values, attributeValue));
    });
  });
}
