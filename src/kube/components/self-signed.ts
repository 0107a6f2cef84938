/**
 * Creates the self-signed serving certificate of a kubelet (client-go, util/cert, GenerateSelfSignedCertKey): a
 * temporary CA, and a certificate from it for the node's name and no address. The CA is trusted by no client, so the
 * certificate cannot be verified; the CA's key is discarded.
 *
 * Keys are P-256 here, RSA-2048 in the real one: faster, and equivalent for demonstrations.
 */
import { ipVersion } from '../../core/ip-version.ts';
import type { RandomBytes } from '../../core/clock.ts';
import { octetString } from '../../pki/ca/asn1.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  distinguishedName,
  extendedKeyUsage,
  extension,
  keyUsage,
  subjectAlternativeName,
} from '../../pki/ca/extensions.ts';
import { buildCertificate, serialNumber } from '../../pki/ca/issue.ts';
import { keyPem } from '../../pki/kubeadm/issue.ts';
import { toPem } from '../../pki/keystore/pem.ts';
import { keyIdentifier, makeKey, publicKeyInfo } from '../../pki/ca/sign.ts';
import type { Identity } from '../../wire/endpoint.ts';

const hour = 3_600_000;
const year = 365 * 24 * hour;

/** Leaf and CA, in this order. @param now milliseconds since the epoch. @throws UserError for a name that no certificate can hold. */
export function selfSigned(host: string, now: number, random: RandomBytes): Identity {
  const seconds = Math.floor(now / 1000);
  const [issuer, subject] = [`${host}-ca@${seconds}`, `${host}@${seconds}`].map((name) =>
    distinguishedName([['CN', name]]),
  );
  if (!issuer || !subject) throw new Error('two names were made of two');
  const [authorityKey, key] = [makeKey('P-256'), makeKey('P-256')];
  const times = { notBefore: seconds * 1000 - hour, notAfter: seconds * 1000 - hour + year };
  const spki = publicKeyInfo(authorityKey);
  const name = ipVersion(host) === 0 ? `DNS:${host}` : `IP:${host}`;
  const authority = buildCertificate({
    serial: serialNumber(random),
    issuer,
    subject: issuer,
    ...times,
    spki,
    extensions: [
      extension('key_usage', keyUsage(['digitalSignature', 'keyEncipherment', 'keyCertSign']), true),
      extension('basic_constraints', basicConstraints(true, undefined), true),
      extension('subject_key_identifier', octetString(keyIdentifier(spki))),
      extension('subject_alternative_name', subjectAlternativeName([name], host)),
    ],
    signer: authorityKey,
  });
  const leaf = buildCertificate({
    serial: serialNumber(random),
    issuer,
    subject,
    ...times,
    spki: publicKeyInfo(key),
    extensions: [
      extension('key_usage', keyUsage(['digitalSignature', 'keyEncipherment']), true),
      extension('extended_key_usage', extendedKeyUsage(['serverAuth'])),
      extension('basic_constraints', basicConstraints(false, undefined), true),
      extension('authority_key_identifier', authorityKeyIdentifier(keyIdentifier(spki))),
      extension('subject_alternative_name', subjectAlternativeName([name], host)),
    ],
    signer: authorityKey,
  });
  return { certificate: toPem('CERTIFICATE', leaf) + toPem('CERTIFICATE', authority), key: keyPem(key) };
}
