/**
 * Creates a world in memory: every row's key, certificate and chain, and the revocation lists. `recipe.ts` defines the
 * rows, `store.ts` the files.
 */
import { defined } from '../../core/defined.ts';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { CertificateSummary } from '../../capture/vocabulary.ts';
import type { Clock, RandomBytes } from '../../core/clock.ts';
import { certificateSummary, readCertificate } from '../../protocols/x509/certificate.ts';
import { explicit, octetString, sequence, small, taken, time, toDer, unsigned } from './asn1.ts';
import type { Asn1 } from './asn1.ts';
import { buildRevocationList } from './crl.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  distinguishedName,
  extendedKeyUsage,
  extension,
  extensionOf,
  keyUsage,
  subjectAlternativeName,
} from './extensions.ts';
import { pemCertificates, toPem } from '../keystore/pem.ts';
import { planWorld } from './recipe.ts';
import type { Recipe } from './recipe.ts';
import type { CertificatePlan, ExtendedKeyUsage, KeyUsage } from './plan.ts';
import { algorithmFor, keyIdentifier, makeKey, publicKeyInfo, signed } from './sign.ts';
import type { Digest } from './sign.ts';
import { fileName, World } from '../keystore/world.ts';
import type { WorldRow } from '../keystore/world.ts';

export interface IssueOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly random?: RandomBytes;
  /** The location in error messages: the recipe's file. */
  readonly source?: string;
  /** Rows that are not made: their certificates and keys are those of another world of the same recipe. */
  readonly kept?: { readonly world: World; readonly rows: ReadonlySet<string> };
}

/** A world, and the text of each of its files. */
export interface IssuedWorld {
  readonly rows: readonly WorldRow[];
  readonly texts: Readonly<Record<string, string>>;
  /** The period in which the world matches its recipe, in milliseconds since the epoch; see `store.ts`. */
  readonly freshFrom: number;
  readonly freshUntil: number;
  /** Until then, what ended a day ago still counts as such; undefined if nothing ended. */
  readonly toldUntil?: number;
}

/** The world of a recipe, in memory. */
export function issueWorld(recipe: Recipe, options: IssueOptions): World {
  const { rows, texts } = issueTexts(recipe, options);
  return new World(rows, texts);
}

interface Issued {
  readonly plan: CertificatePlan;
  readonly key: KeyObject;
  readonly spki: Uint8Array;
  readonly subject: Asn1;
  readonly serial: Uint8Array;
  readonly der: Uint8Array;
}

/** The data from which a world in a folder is written. */
export function issueTexts(recipe: Recipe, options: IssueOptions): IssuedWorld {
  const random = options.random ?? randomBytes;
  const plan = planWorld(recipe, options.source);
  const now = Math.floor(options.clock.now() / 1000) * 1000;
  const issued = new Map<string, Issued>();
  const texts = new Map<string, string>();
  for (const row of plan.certificates) {
    const one = options.kept?.rows.has(row.name)
      ? keptRow(row, options.kept.world)
      : issueRow(row, issued, now, random, options.source ?? 'recipe');
    issued.set(row.name, one);
    texts.set(fileName(row.name, 'crt'), toPem('CERTIFICATE', one.der));
    texts.set(fileName(row.name, 'key'), one.key.export({ type: 'pkcs8', format: 'pem' }).toString());
    if (row.chain.length > 1) {
      texts.set(
        fileName(row.name, 'chain.crt'),
        row.chain.map((name) => texts.get(fileName(name, 'crt'))).join(''),
      );
    }
  }
  for (const list of plan.revocations) {
    const authority = issued.get(list.authority);
    if (!authority) continue;
    const der = buildRevocationList({
      issuer: toDer(authority.subject),
      key: authority.key,
      keyId: keyIdentifier(authority.spki),
      number: 1,
      thisUpdate: now + list.from,
      nextUpdate: now + list.to,
      revoked: list.revoked.map((name) => ({
        serial: issued.get(name)?.serial ?? new Uint8Array(1),
        at: now + list.from,
        reason: 1,
      })),
      broken: list.signature === 'broken',
    });
    texts.set(fileName(list.authority, 'crl'), toPem('X509 CRL', der));
  }
  const dated = [...plan.certificates, ...plan.revocations].filter((row) => !row.outOfDate);
  const early = plan.certificates.filter((row) => row.outOfDate && row.from > 0);
  return defined({
    rows: plan.certificates.map((row) => ({
      name: row.name,
      chain: row.chain,
      hasCrl: texts.has(fileName(row.name, 'crl')),
      summary: summaryOf(issued.get(row.name)?.der ?? new Uint8Array(0)),
    })),
    texts: Object.fromEntries(texts),
    freshFrom: Math.max(...dated.map((row) => now + row.from), 0),
    freshUntil: Math.min(
      ...dated.map((row) => now + row.to - margin(row)),
      ...early.map((row) => now + row.from - margin(row)),
    ),
    toldUntil: plan.certificates.some(({ endedLately }) => endedLately) ? now + halfADay : undefined,
  });
}

const halfADay = 43_200_000;

/** Nearly expired: less than a tenth of the validity is left, but never more than a week. */
function margin(row: { readonly from: number; readonly to: number }): number {
  return Math.min((row.to - row.from) / 10, 7 * 86_400_000);
}

function keptRow(plan: CertificatePlan, world: World): Issued {
  const key = createPrivateKey(world.identity(plan.name).key);
  const [der] = pemCertificates(world.certificate(plan.name));
  if (!der) throw new Error(`the world has no certificate ${plan.name}`);
  const { serialNumber: serial } = new X509Certificate(der);
  return {
    plan,
    key,
    spki: publicKeyInfo(key),
    subject: distinguishedName(plan.subject),
    serial: Buffer.from(serial, 'hex'),
    der,
  };
}

function issueRow(
  plan: CertificatePlan,
  issued: ReadonlyMap<string, Issued>,
  now: number,
  random: RandomBytes,
  source: string,
): Issued {
  const key = (plan.keyOf === undefined ? undefined : issued.get(plan.keyOf)?.key) ?? makeKey(plan.key);
  const spki = publicKeyInfo(key);
  const subject = distinguishedName(plan.subject);
  const issuer = issued.get(plan.issuer) ?? { key, spki, subject };
  const serial = serialNumber(random);
  const der = buildCertificate({
    serial,
    issuer: issuer.subject,
    subject,
    notBefore: now + plan.from,
    notAfter: now + plan.to,
    spki,
    extensions: extensionsOf({
      ...plan,
      keyId: keyIdentifier(spki),
      authorityKeyId: keyIdentifier(issuer.spki),
      subjectIsEmpty: plan.subject.length === 0,
      where: `${source}: certificates.${plan.name}`,
    }),
    signer: issuer.key,
    digest: plan.digest,
    broken: plan.signature === 'broken',
  });
  return { plan, key, spki, subject, serial, der };
}

function summaryOf(der: Uint8Array): CertificateSummary {
  const step = readCertificate(der);
  if (!('got' in step)) throw new Error('the generated certificate cannot be parsed');
  return certificateSummary(step.got);
}

/** 16 random bytes, positive and not zero (RFC 5280 section 4.1.2.2 allows 20). */
export function serialNumber(random: RandomBytes): Uint8Array {
  const serial = Uint8Array.from(random(16));
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}

export interface ExtensionFacts {
  readonly isCa: boolean;
  readonly pathLength: number | undefined;
  readonly keyUsage: readonly KeyUsage[];
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
  readonly san: readonly string[];
  readonly keyId: Uint8Array;
  readonly authorityKeyId: Uint8Array;
  readonly subjectIsEmpty: boolean;
  readonly unknownCriticalExtension: boolean;
  readonly where: string;
}

/** A critical extension with an OID reserved for examples, whose value is NULL. */
const exampleExtension = '1.3.6.1.4.1.32473.1';

export function extensionsOf(facts: ExtensionFacts): Asn1[] {
  const extensions = [
    extension('basic_constraints', basicConstraints(facts.isCa, facts.pathLength), true),
    extension('subject_key_identifier', octetString(facts.keyId)),
    extension('authority_key_identifier', authorityKeyIdentifier(facts.authorityKeyId)),
  ];
  if (facts.keyUsage.length > 0) extensions.push(extension('key_usage', keyUsage(facts.keyUsage), true));
  if (facts.extendedKeyUsage.length > 0)
    extensions.push(extension('extended_key_usage', extendedKeyUsage(facts.extendedKeyUsage)));
  if (facts.san.length > 0) {
    extensions.push(
      extension(
        'subject_alternative_name',
        subjectAlternativeName(facts.san, facts.where),
        facts.subjectIsEmpty,
      ),
    );
  }
  if (facts.unknownCriticalExtension)
    extensions.push(extensionOf(exampleExtension, Uint8Array.of(5, 0), true));
  return extensions;
}

export interface CertificateParts {
  readonly serial: Uint8Array;
  readonly issuer: Asn1;
  readonly subject: Asn1;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly spki: Uint8Array;
  readonly extensions: readonly Asn1[];
  readonly signer: KeyObject;
  readonly digest?: Digest;
  readonly broken?: boolean;
}

/** A certificate of version 3, DER (RFC 5280 section 4.1). */
export function buildCertificate(parts: CertificateParts): Uint8Array {
  const algorithm = algorithmFor(parts.signer, parts.digest ?? 'strong');
  const body = sequence(
    explicit(0, small(2)),
    unsigned(parts.serial),
    algorithm.identifier(),
    parts.issuer,
    sequence(time(parts.notBefore), time(parts.notAfter)),
    parts.subject,
    taken(parts.spki),
    explicit(3, sequence(...parts.extensions)),
  );
  return signed(body, parts.signer, algorithm, parts.broken);
}
