/**
 * Parses the nested contents of a handshake message: the certificates of a list, even a compressed one, and the names
 * of accepted CAs. Done when a message is displayed; parsing a connection does not pay for it.
 */
import { changed } from '../../core/field.ts';
import type { Field, FieldId, Step } from '../../core/field.ts';
import { readCertificate, readDistinguishedName } from '../x509/certificate.ts';
import type { ReadOptions } from '../x509/certificate.ts';
import { openCompressedCertificate } from './certificate-compression.ts';
import type { HandshakeContent } from './handshake.ts';

/** The tree of a message in the message's own coordinates, with what is inside. */
export function withInside(field: Field, content: HandshakeContent): Field {
  if (content.type === 'certificate') return withCertificates(field);
  if (content.type === 'certificate_request')
    return authorityIds.reduce((whole, id) => withStructure(whole, id, readDistinguishedName), field);
  if (content.type !== 'compressed_certificate') return field;
  const opened = openCompressedCertificate(content, field.origin);
  return changed(field, 'tls.handshake.compressed_certificate', (body) => {
    const [compressed] = body.children.slice(-1);
    if (!compressed) return body;
    if ('unopened' in opened) {
      const remarked = {
        ...compressed,
        remarks: [{ id: `tls.handshake.compressed_certificate.${opened.unopened}` }],
      };
      return { ...body, children: [...body.children.slice(0, -1), remarked] };
    }
    // Decompressed data has no bytes of its own on the wire: all its fields are empty and at the end of the compressed
    // bytes.
    const [list] = opened.step.field.children;
    const [, end] = compressed.range;
    return list
      ? { ...body, children: [...body.children, placed(withCertificates(list), [end, end])] }
      : body;
  });
}

function placed(field: Field, range: Field['range']): Field {
  return { ...field, range, children: field.children.map((child) => placed(child, range)) };
}

/** RFC 5246 section 7.4.4, RFC 8446 section 4.2.4. */
const authorityIds: readonly FieldId[] = [
  'tls.handshake.certificate_request.authorities.distinguished_name',
  'tls.handshake.extension.certificate_authorities.distinguished_name',
];

const withCertificates = (field: Field): Field =>
  withStructure(field, 'tls.handshake.certificate.certificate', readCertificate);

/** Parses the fields of that id; one that is malformed stays whole. */
function withStructure(
  field: Field,
  id: FieldId,
  read: (der: Uint8Array, options: ReadOptions) => Step<unknown>,
): Field {
  return changed(field, id, (whole) => {
    const { value, range, origin } = whole;
    if (!(value instanceof Uint8Array)) return whole;
    const step = read(value, { base: range[0], origin });
    return 'got' in step ? { ...whole, children: step.field.children } : whole;
  });
}
