/**
 * Issues the certificates of the clients that are played, in memory: each is like the valid client's, and wrong in one place. The
 * flaws are those of `pki/ca/flaws.ts`; what the CA alone cannot show (a CA of the same name, a client that signs, a key that is
 * another's) is made here. A certificate lives for an hour, so that none of them is of use to anybody later.
 */
import { createECDH, createPrivateKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { RandomBytes } from '../../core/clock.ts';
import { certificateSummary } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { taken } from '../../pki/ca/asn1.ts';
import type { Asn1 } from '../../pki/ca/asn1.ts';
import { certificateFlaws } from '../../pki/ca/flaws.ts';
import type { CertificateFlaw } from '../../pki/ca/flaws.ts';
import { buildCertificate, extensionsOf, serialNumber } from '../../pki/ca/issue.ts';
import { distinguishedName } from '../../pki/ca/extensions.ts';
import type { CertificatePlan } from '../../pki/ca/plan.ts';
import { keyIdentifier, makeKey, publicKeyInfo } from '../../pki/ca/sign.ts';
import { toPem } from '../../pki/keystore/pem.ts';
import type { Identity } from '../../wire/endpoint.ts';

/** The CA for clients that the server trusts, as far as it was given. */
export interface ClientAuthority {
  readonly certificate: Certificate;
  /** Without it nothing is issued in its name. */
  readonly key?: KeyObject | undefined;
  /** DER: what a client sends behind its own certificate, up to the root and without it. */
  readonly intermediates: readonly Uint8Array[];
}

/** What all issued certificates have in common with the valid client's. */
export interface Likeness {
  readonly subject: Asn1;
  readonly san: readonly string[];
}

const hour = 3_600_000;
const day = 24 * hour;

/** A client's name where no certificate shows one. */
const ownName = 'wirelab-prove';

/** Servers that admit by name see the name that they know. */
export function likenessOf(leaf: Certificate | undefined): Likeness {
  if (!leaf) return { subject: distinguishedName([['CN', ownName]]), san: [`DNS:${ownName}`] };
  return {
    subject: taken(leaf.subject.der),
    san: certificateSummary(leaf).san.filter((name) => /^(?:DNS|IP|URI|email):./.test(name)),
  };
}

/** Who signs: a name, a key, and the identifier of that key as certificates have it. */
export interface Signer {
  readonly subject: Asn1;
  readonly key: KeyObject;
  readonly keyId: Uint8Array;
  /** DER: sent behind the leaf. */
  readonly chain: readonly Uint8Array[];
}

export const signerOf = ({ certificate, intermediates }: ClientAuthority, key: KeyObject): Signer => ({
  subject: taken(certificate.subject.der),
  key,
  keyId: certificate.keyId ?? keyIdentifier(certificate.publicKey.der),
  chain: intermediates,
});

const leafPlan: CertificatePlan = {
  name: 'client',
  profile: 'client',
  issuer: 'ca',
  subject: [],
  san: [],
  key: 'P-256',
  keyOf: undefined,
  from: -hour,
  to: hour,
  isCa: false,
  pathLength: undefined,
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: ['clientAuth'],
  digest: 'strong',
  signature: 'sound',
  unknownCriticalExtension: false,
  revoked: false,
  chain: ['client'],
  outOfDate: false,
  endedLately: false,
};

export interface Issuing {
  /** Absent: it signs itself. */
  readonly signer: Signer | undefined;
  readonly likeness: Likeness;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly flaw?: CertificateFlaw | undefined;
  readonly random?: RandomBytes;
}

/** A client's certificate with its chain, and its key. */
export interface IssuedClient extends Identity {
  /** Hexadecimal, upper case, as openssl prints it. */
  readonly serial: string;
  readonly leaf: Uint8Array;
  readonly privateKey: KeyObject;
}

export function issueClient({ signer, likeness, now, flaw, random = randomBytes }: Issuing): IssuedClient {
  const plan = flaw === undefined ? leafPlan : certificateFlaws[flaw].apply(leafPlan);
  const key = makeKey(plan.key);
  const spki = publicKeyInfo(key);
  const keyId = keyIdentifier(spki);
  const serial = serialNumber(random);
  const at = Math.floor(now / 1000) * 1000;
  const by: Signer = signer ?? { subject: likeness.subject, key, keyId, chain: [] };
  const leaf = buildCertificate({
    serial,
    issuer: by.subject,
    subject: likeness.subject,
    notBefore: at + plan.from,
    notAfter: at + plan.to,
    spki,
    extensions: extensionsOf({
      ...plan,
      san: likeness.san,
      keyId,
      authorityKeyId: by.keyId,
      subjectIsEmpty: false,
      where: ownName,
    }),
    signer: by.key,
    digest: plan.digest,
    broken: plan.signature === 'broken',
  });
  return {
    certificate: [leaf, ...by.chain].map((der) => toPem('CERTIFICATE', der)).join(''),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    serial: Buffer.from(serial).toString('hex').toUpperCase(),
    leaf,
    privateKey: key,
  };
}

export interface Disguise {
  /** Whose name it has. */
  readonly namesake?: Certificate;
  /** It claims the identifier of the namesake's key too: verifiers then take it for that, up to its signature. */
  readonly hasKeyId?: boolean;
}

/** A self-signed CA that nobody trusts, with a key of its own. */
export function strangeAuthority(
  now: number,
  { namesake, hasKeyId = false }: Disguise = {},
  random: RandomBytes = randomBytes,
): Signer {
  const key = makeKey('P-256');
  const spki = publicKeyInfo(key);
  const keyId = (hasKeyId ? namesake?.keyId : undefined) ?? keyIdentifier(spki);
  const subject = (): Asn1 =>
    namesake ? taken(namesake.subject.der) : distinguishedName([['CN', `${ownName} unknown CA`]]);
  const at = Math.floor(now / 1000) * 1000;
  const der = buildCertificate({
    serial: serialNumber(random),
    issuer: subject(),
    subject: subject(),
    notBefore: at - 90 * day,
    notAfter: at + day,
    spki,
    extensions: extensionsOf({
      isCa: true,
      pathLength: undefined,
      keyUsage: ['keyCertSign', 'cRLSign'],
      extendedKeyUsage: [],
      san: [],
      keyId,
      authorityKeyId: keyId,
      subjectIsEmpty: false,
      unknownCriticalExtension: false,
      where: ownName,
    }),
    signer: key,
  });
  return { subject: subject(), key, keyId, chain: [der] };
}

/** A client that signs as if it were a CA: what it signs is sent with its own chain. */
export function clientAsSigner(leaf: Certificate, key: KeyObject, chain: readonly Uint8Array[]): Signer {
  return {
    subject: taken(leaf.subject.der),
    key,
    keyId: leaf.keyId ?? keyIdentifier(leaf.publicKey.der),
    chain,
  };
}

/**
 * A private key that says of itself that it belongs to that public key, and signs with another number: the certificate is loaded
 * with it, the handshake's hashes are right, and the CertificateVerify is not (RFC 8446 section 4.4.3).
 * @returns undefined for a key that is not on an elliptic curve: the two halves of an RSA key cannot be parted
 */
export function keyOfAnother(publicKey: KeyObject): string | undefined {
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });
  const curve = crv === undefined ? undefined : curves[crv];
  if (kty !== 'EC' || !curve || crv === undefined || x === undefined || y === undefined) return undefined;
  const other = createECDH(curve);
  other.generateKeys();
  const size = Buffer.from(x, 'base64url').length;
  const own = other.getPrivateKey();
  const scalar = Buffer.alloc(size);
  own.copy(scalar, size - own.length);
  return createPrivateKey({
    format: 'jwk',
    key: { kty, crv, x, y, d: scalar.toString('base64url') },
  })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

const curves: Readonly<Record<string, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};
