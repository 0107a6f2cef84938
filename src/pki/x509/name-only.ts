/**
 * A certificate that has the name of a CA and nothing else of it. A server that names the CAs whose clients it wants (RFC 8446
 * section 4.2.4) and verifies their certificates itself gives OpenSSL these: OpenSSL would put a CA that it is given into
 * the chain which the server shows, where no server of Go's does.
 */
import { randomBytes } from 'node:crypto';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import { octetString, taken } from '../ca/asn1.ts';
import { extension } from '../ca/extensions.ts';
import { buildCertificate, serialNumber } from '../ca/issue.ts';
import { pemCertificates, toPem } from '../keystore/pem.ts';
import { keyIdentifier, makeKey, publicKeyInfo } from '../ca/sign.ts';

/** PEM in, PEM out; what cannot be read is left out. */
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
  // Of another kind than the CA's key: nothing that the CA has signed can be taken for signed by this one.
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
