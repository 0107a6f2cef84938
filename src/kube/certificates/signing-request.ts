/**
 * Parses the PKCS #10 request inside a CertificateSigningRequest like kube-apiserver, with errors in one line.
 * `certificates.ts` decides what may be requested, `signer.ts` what is signed.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { readSigningRequest } from '../../protocols/x509/request.ts';
import type { SigningRequest } from '../../protocols/x509/request.ts';
import { scanPem } from '../../pki/keystore/pem.ts';
import { isSignedBy } from '../../pki/x509/signature.ts';

/** A request of some hundred names with an RSA key of 16384 bits stays far below. */
const mostBytes = 64 * 1024;

/** The request whose signature shows that the asker holds its key, or what is wrong with it. @param pem the text that spec.request holds. */
export function readPemRequest(
  pem: Uint8Array,
): { readonly request: SigningRequest } | { readonly fault: string } {
  // A PEM line of 64 characters holds 48 bytes.
  if (pem.length > mostBytes * 1.5) return { fault: `the request is too large: ${pem.length} bytes` };
  const [block] = scanPem(Buffer.from(pem.buffer, pem.byteOffset, pem.length).toString('latin1')).blocks;
  if (block?.label !== 'CERTIFICATE REQUEST') return { fault: 'PEM block type must be CERTIFICATE REQUEST' };
  if (block.der.length > mostBytes) return { fault: `the request is too large: ${block.der.length} bytes` };
  const step = readSigningRequest(block.der);
  if (!('got' in step)) {
    const { malformed } = step as Extract<typeof step, { malformed: unknown }>;
    return {
      fault: `asn1: structure error: ${malformed ? `${malformed.id} at ${malformed.offset}: expected ${malformed.expected}, found ${malformed.found}` : 'data truncated'}`,
    };
  }
  const request = step.got;
  // A non-text value identifies no user, and may contain anything.
  if (request.subject.attributes.some(({ encoded }) => encoded))
    return { fault: 'x509: the subject has a value that is no text' };
  const malformedName = request.subjectAlternativeNames?.find(({ kind, value }) => !isWritable(kind, value));
  if (malformedName) return { fault: `x509: SAN ${malformedName.kind} is malformed` };
  if (
    !isSignedBy(
      { body: request.info, signature: request.signature, algorithm: request.signatureAlgorithm },
      request.publicKey,
    )
  ) {
    return { fault: signatureFaults[request.publicKey.algorithm] ?? 'x509: signature verification failed' };
  }
  return { request };
}

const signatureFaults: Dictionary<string> = {
  RSA: 'crypto/rsa: verification error',
  EC: 'x509: ECDSA verification failure',
  Ed25519: 'x509: Ed25519 verification failure',
};

/** IA5String, and an address of four or sixteen bytes (RFC 5280 section 4.2.1.6); other kinds of names are not copied. */
function isWritable(kind: string, value: string): boolean {
  if (kind === 'IP') return !/^#|\//.test(value);
  return kind !== 'DNS' && kind !== 'email' && kind !== 'URI' ? true : /^[\x00-\x7f]+$/.test(value);
}
