/**
 * What stands inside the fields of a handshake message, as deep as it goes: the certificates of a list, also of one that
 * was compressed. Made when somebody looks at a message; the reading of a connection pays nothing for it.
 */
import { changed } from '../../core/field.ts';
import type { Field } from '../../core/field.ts';
import { readCertificate } from '../x509/certificate.ts';
import { openCompressedCertificate } from './certificate-compression.ts';
import type { HandshakeContent } from './handshake.ts';

/** The tree of a message in the message's own coordinates, with what is inside. */
export function withInside(field: Field, content: HandshakeContent): Field {
  if (content.type === 'certificate') return withCertificates(field);
  if (content.type !== 'compressed_certificate') return field;
  const opened = openCompressedCertificate(content, field.origin);
  return changed(field, 'tls.handshake.compressed_certificate', (body) => {
    const [compressed] = body.children.slice(-1);
    if (!compressed) return body;
    if ('unopened' in opened) {
      const remarked = { ...compressed, remarks: [{ id: `tls.handshake.compressed_certificate.${opened.unopened}` }] };
      return { ...body, children: [...body.children.slice(0, -1), remarked] };
    }
    // What was opened has no bytes of its own on the wire: every part of it stands, empty, where the compressed bytes end.
    const [list] = opened.step.field.children;
    const [, end] = compressed.range;
    return list ? { ...body, children: [...body.children, placed(withCertificates(list), [end, end])] } : body;
  });
}

function placed(field: Field, range: Field['range']): Field {
  return { ...field, range, children: field.children.map((child) => placed(child, range)) };
}

function withCertificates(field: Field): Field {
  return changed(field, 'tls.handshake.certificate.certificate', (certificate) => {
    const { value, range, origin } = certificate;
    if (!(value instanceof Uint8Array)) return certificate;
    const step = readCertificate(value, { base: range[0], origin });
    return 'got' in step ? { ...certificate, children: step.field.children } : certificate;
  });
}
