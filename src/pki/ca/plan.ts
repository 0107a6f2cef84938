/**
 * What a certificate can be: the vocabulary of a recipe's rows, and the plans that rows become. Types and lists alone:
 * `recipe.ts` makes plans of rows, `flaws.ts` changes them, `issue.ts` creates what they say.
 */
import { keyUsageNames } from '../../protocols/x509/oids.ts';

export const keyKinds = [
  'P-256',
  'P-384',
  'RSA-2048',
  'RSA-3072',
  'RSA-4096',
  'RSA-1024',
  'Ed25519',
] as const;
export type KeyKind = (typeof keyKinds)[number];

/** RFC 5280 section 4.2.1.3, in the order of its bits. */
export const keyUsages = keyUsageNames;
export type KeyUsage = (typeof keyUsages)[number];

export const extendedKeyUsages = [
  'serverAuth',
  'clientAuth',
  'codeSigning',
  'emailProtection',
  'timeStamping',
  'OCSPSigning',
] as const;
export type ExtendedKeyUsage = (typeof extendedKeyUsages)[number];

/** The attribute types that a subject may have, by the names of RFC 4514. */
export const subjectAttributes = [
  'CN',
  'O',
  'OU',
  'C',
  'ST',
  'L',
  'DC',
  'UID',
  'serialNumber',
  'emailAddress',
] as const;
export type SubjectAttribute = (typeof subjectAttributes)[number];

export const profileNames = ['root', 'intermediate', 'server', 'client', 'peer'] as const;
export type ProfileName = (typeof profileNames)[number];

/** A certificate to be created, with all defaults applied. Times are milliseconds from the moment of issue. */
export interface CertificatePlan {
  readonly name: string;
  readonly profile: ProfileName;
  /** The signing row's name; the row's own for a self-signed one. */
  readonly issuer: string;
  readonly subject: readonly (readonly [SubjectAttribute, string])[];
  readonly san: readonly string[];
  readonly key: KeyKind;
  /** The row above whose key it has; undefined for a key of its own. */
  readonly keyOf: string | undefined;
  readonly from: number;
  readonly to: number;
  readonly isCa: boolean;
  readonly pathLength: number | undefined;
  readonly keyUsage: readonly KeyUsage[];
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
  readonly digest: 'strong' | 'sha1';
  readonly signature: 'sound' | 'broken';
  readonly unknownCriticalExtension: boolean;
  readonly revoked: boolean;
  /** The contents of a chain file: the certificate, then its intermediates, without the root. */
  readonly chain: readonly string[];
  /** Outside its validity on purpose: such a row never makes a world stale by its own dates. */
  readonly outOfDate: boolean;
  /** Expired by the recipe's own dates, not by a flaw: the time since then is shown. */
  readonly endedLately: boolean;
}

export interface RevocationPlan {
  readonly authority: string;
  readonly from: number;
  readonly to: number;
  readonly signature: 'sound' | 'broken';
  readonly revoked: readonly string[];
  readonly outOfDate: boolean;
}
