/**
 * Creates certificate signing requests (PKCS #10, RFC 2986) and signs them as a simple CA, which copies the subject,
 * the key and the names; usage and validity are decided by the CA.
 */
import { defined } from '../../core/defined.ts';
import { createPrivateKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Clock, RandomBytes } from '../../core/clock.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import { readSigningRequest } from '../../protocols/x509/request.ts';
import type { SigningRequest } from '../../protocols/x509/request.ts';
import { UserError } from '../../i18n/user-error.ts';
import { implicitList, oid, sequence, set, small, taken } from './asn1.ts';
import type { Asn1 } from './asn1.ts';
import {
  basicConstraints,
  distinguishedName,
  extendedKeyUsage,
  extension,
  keyUsage,
  subjectAlternativeName,
} from './extensions.ts';
import { buildCertificate, extensionsOf, serialNumber } from './issue.ts';
import { pemBlocks, toPem } from '../keystore/pem.ts';
import { durationMilliseconds, profiles } from './recipe.ts';
import type { Duration } from './recipe.ts';
import type { ExtendedKeyUsage, KeyKind, KeyUsage, ProfileName, SubjectAttribute } from './plan.ts';
import { algorithmFor, keyIdentifier, makeKey, publicKeyInfo, signed } from './sign.ts';
import { isSignedBy } from '../x509/signature.ts';
import type { Identity } from '../keystore/world.ts';

export interface RequestParts {
  readonly subject: readonly (readonly [SubjectAttribute, string])[];
  /** `DNS:…`, `IP:…`, `URI:…`, `email:…`. */
  readonly san?: readonly string[];
  /** Requested rights; a CA grants its own. */
  readonly wishes?: {
    readonly isCa?: boolean;
    readonly keyUsage?: readonly KeyUsage[];
    readonly extendedKeyUsage?: readonly ExtendedKeyUsage[];
  };
  /** The requested SubjectPublicKeyInfo, if it is not that of the signing key: a request without proof of possession. */
  readonly publicKey?: Uint8Array;
  readonly key?: KeyKind;
}

/** A new key and a request for it, both PEM. */
export function makeRequest(parts: RequestParts): { readonly request: string; readonly key: string } {
  const key = makeKey(parts.key ?? 'P-256');
  return { request: requestFor(key, parts), key: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** A request for an existing key, PEM. @throws RangeError for a key type that cannot sign here. */
export function requestFor(key: KeyObject, parts: Omit<RequestParts, 'key'>): string {
  const { san = [], wishes = {} } = parts;
  const extensions: Asn1[] = [
    ...(wishes.isCa ? [extension('basic_constraints', basicConstraints(true, undefined), true)] : []),
    ...(wishes.keyUsage ? [extension('key_usage', keyUsage(wishes.keyUsage), true)] : []),
    ...(wishes.extendedKeyUsage
      ? [extension('extended_key_usage', extendedKeyUsage(wishes.extendedKeyUsage))]
      : []),
    ...(san.length > 0
      ? [extension('subject_alternative_name', subjectAlternativeName(san, 'request'))]
      : []),
  ];
  const attributes: Asn1[] =
    extensions.length > 0 ? [sequence(oid(extensionRequest), set(sequence(...extensions)))] : [];
  const info = sequence(
    small(0),
    distinguishedName(parts.subject),
    taken(parts.publicKey ?? publicKeyInfo(key)),
    implicitList(0, ...attributes),
  );
  const der = signed(info, key, algorithmFor(key, 'strong'));
  return toPem('CERTIFICATE REQUEST', der);
}

/** PKCS #9 (RFC 2985 section 5.4.2). */
const extensionRequest = '1.2.840.113549.1.9.14';

export interface SigningOptions {
  readonly authority: Identity;
  readonly profile: Exclude<ProfileName, 'root'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly validity?: { readonly from?: Duration; readonly to?: Duration };
  readonly random?: RandomBytes;
}

/**
 * The certificate that a CA issues for a request, PEM.
 * @throws UserError for a request that cannot be parsed, or was not signed with the requested key.
 */
export function signRequest(request: string, options: SigningOptions): string {
  const asked = readRequest(request);
  const [authorityDer] = pemBlocks(options.authority.certificate);
  const step = readCertificate(authorityDer?.der ?? new Uint8Array(0));
  if (!('got' in step))
    throw new UserError({
      what: { en: 'the CA’s certificate cannot be read', ko: 'CA 인증서를 읽을 수 없습니다' },
    });
  const authority = step.got;
  const profile = profiles[options.profile];
  const now = Math.floor(options.clock.now() / 1000) * 1000;
  const der = buildCertificate({
    serial: serialNumber(options.random ?? randomBytes),
    issuer: taken(authority.subject.der),
    subject: taken(asked.subject.der),
    notBefore: now + (durationMilliseconds(options.validity?.from ?? profile.from) ?? 0),
    notAfter: now + (durationMilliseconds(options.validity?.to ?? profile.to) ?? 0),
    spki: asked.publicKey.der,
    extensions: extensionsOf({
      isCa: profile.isCa,
      pathLength: undefined,
      keyUsage: profile.keyUsage,
      extendedKeyUsage: profile.extendedKeyUsage,
      san: (asked.subjectAlternativeNames ?? [])
        .filter(
          (name) => name.kind === 'DNS' || name.kind === 'IP' || name.kind === 'URI' || name.kind === 'email',
        )
        .map((name) => `${name.kind}:${name.value}`),
      keyId: keyIdentifier(asked.publicKey.der),
      authorityKeyId: authority.keyId ?? keyIdentifier(authority.publicKey.der),
      subjectIsEmpty: asked.subject.attributes.length === 0,
      unknownCriticalExtension: false,
      where: 'request',
    }),
    signer: createPrivateKey(options.authority.key),
  });
  return toPem('CERTIFICATE', der);
}

/** A request whose signature proves possession of the key. @throws UserError like `signRequest`. */
export function readRequest(request: string): SigningRequest {
  const block = pemBlocks(request).find(
    (one) => one.label === 'CERTIFICATE REQUEST' || one.label === 'NEW CERTIFICATE REQUEST',
  );
  const step = block ? readSigningRequest(block.der) : undefined;
  if (!step || !('got' in step)) {
    throw new UserError(
      defined({
        what: { en: 'the signing request cannot be read', ko: '인증서 서명 요청(CSR)을 읽을 수 없습니다' },
        expected: {
          en: 'PEM with -----BEGIN CERTIFICATE REQUEST-----',
          ko: '-----BEGIN CERTIFICATE REQUEST-----로 시작하는 PEM',
        },
        received:
          step && 'malformed' in step
            ? `${step.malformed.id} at ${step.malformed.offset}: ${step.malformed.found}`
            : undefined,
      }),
    );
  }
  const asked = step.got;
  if (
    !isSignedBy(
      { body: asked.info, signature: asked.signature, algorithm: asked.signatureAlgorithm },
      asked.publicKey,
    )
  ) {
    throw new UserError({
      what: {
        en: 'the signing request was not signed with the private key of the requested public key',
        ko: '인증서 서명 요청(CSR)이 요청한 키로 서명되어 있지 않습니다',
      },
    });
  }
  return asked;
}
