/**
 * Creates a placeholder certificate with only the name of a CA. A server that sends the accepted CA names to clients
 * (RFC 8446 section 4.2.4) but verifies their certificates itself gives OpenSSL these: OpenSSL would add a real CA
 * certificate to the server's chain, which Go servers do not do.
 */
import { randomBytes } from 'node:crypto';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import { octetString, taken } from '../ca/asn1.ts';
import { extension } from '../ca/extensions.ts';
import { buildCertificate, serialNumber } from '../ca/issue.ts';
import { pemCertificates, toPem } from '../keystore/pem.ts';
import { keyIdentifier, makeKey, publicKeyInfo } from '../ca/sign.ts';

/** PEM in, PEM out; unreadable certificates are skipped. */
export function nameOnly(authorities: string): string {
  return pemCertificates(authorities)
    .flatMap((der) => {
      const step = readCertificate(der);
      return 'got' in step ? [toPem('CERTIFICATE', standIn(step.got))] : [];
    })
    .join('');
}

function standIn({
  subject,
  notBefore,
  notAfter,
  publicKey,
}: Extract<ReturnType<typeof readCertificate>, { got: unknown }>['got']): Uint8Array {
  // Another key type than the CA's: no signature of the CA can be attributed to this one.
  const key = makeKey(publicKey.algorithm === 'Ed25519' ? 'P-256' : 'Ed25519');
  const spki = publicKeyInfo(key);
  const name = taken(subject.der);
  return buildCertificate({
    serial: serialNumber(randomBytes),
    issuer: name,
    subject: name,
    notBefore,
    notAfter,
    spki,
    extensions: [extension('subject_key_identifier', octetString(keyIdentifier(spki)))],
    signer: key,
  });
}
