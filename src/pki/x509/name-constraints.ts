/**
 * Decides whether the CAs of a path may issue certificates for the names in it (RFC 5280 section 4.2.1.10), as OpenSSL
 * does: its verdicts 47 to 53. Pure. `verify.ts` checks this last, when every signature is valid.
 *
 * 1. Every CA above a certificate counts, including the anchor, whether the extension is critical or not; so several
 *    CAs intersect. A self-issued CA is exempt from the constraints above it.
 * 2. Checked are the subject, each emailAddress in it, and each subject alternative name; for a leaf without a DNS name
 *    also each common name that has the form of a host name with at least two labels.
 * 3. Name types without a constraint are unrestricted. Constraints of an unsupported type refuse names of that type:
 *    otherName (except internationalized mailboxes), registered IDs, X.400 and EDI names.
 * 4. URIs are read as by OpenSSL 3.5. OpenSSL 3.0 (Node 20) takes user info, a query and a fragment for part of the
 *    host, and ignores ports; in a handshake both must admit (`wire/tls/admission.ts`).
 */
import { domainToUnicode } from 'node:url';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { NameConstraints, Subtree } from '../../protocols/x509/extensions.ts';
import { addressBytes } from '../../protocols/x509/oids.ts';
import { generalNameText } from '../../protocols/x509/structures.ts';
import type { GeneralName } from '../../protocols/x509/structures.ts';
import { isWithin, sameName } from './distinguished-name.ts';

/** OpenSSL's name for the result, without X509_V_ERR_. */
export type ConstraintViolation =
  | 'PERMITTED_VIOLATION'
  | 'EXCLUDED_VIOLATION'
  | 'SUBTREE_MINMAX'
  | 'UNSUPPORTED_CONSTRAINT_TYPE'
  | 'UNSUPPORTED_CONSTRAINT_SYNTAX'
  | 'UNSUPPORTED_NAME_SYNTAX'
  | 'TOO_MANY_NAMES';

export interface ConstraintFault {
  readonly violation: ConstraintViolation;
  /** The certificate with the name: 0 is the leaf. */
  readonly depth: number;
  /** The CA with the constraint. */
  readonly issuer: number;
  /** The name, as `DNS:bad.test`. */
  readonly name: string;
  /** The permitted subtrees, or the one that excludes it. */
  readonly constraint: string;
}

/** OpenSSL's limit of comparisons for one certificate and one CA. */
const mostComparisons = 2 ** 20;

/** The first name that a CA above it may not certify; undefined if there is none. */
export function constraintFault(path: readonly Certificate[]): ConstraintFault | undefined {
  if (!path.some((certificate) => certificate.nameConstraints)) return undefined;
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const certificate = path[depth];
    if (!certificate || (depth > 0 && sameName(certificate.subject, certificate.issuer))) continue;
    for (let issuer = path.length - 1; issuer > depth; issuer--) {
      const constraints = path[issuer]?.nameConstraints;
      const found = constraints && certificateFault(certificate, constraints, depth === 0);
      if (found) return { ...found, depth, issuer };
    }
  }
  return undefined;
}

type NameFault = Pick<ConstraintFault, 'violation' | 'name' | 'constraint'>;

function certificateFault(
  certificate: Certificate,
  constraints: NameConstraints,
  isLeaf: boolean,
): NameFault | undefined {
  const names = certificate.subjectAlternativeNames ?? [];
  const { subject } = certificate;
  const count = subject.attributes.length + names.length;
  if (count * (constraints.permitted.length + constraints.excluded.length) > mostComparisons) {
    return {
      violation: 'TOO_MANY_NAMES',
      name: `${count} names`,
      constraint: `${constraints.permitted.length + constraints.excluded.length} subtrees`,
    };
  }
  if (subject.attributes.length > 0) {
    const found = nameFault({ kind: 'directory', value: subject.text, name: subject }, constraints);
    if (found) return found;
    for (const { type, value, tag } of subject.attributes) {
      if (type !== 'emailAddress') continue;
      const mailbox: GeneralName = { kind: 'email', value };
      if (tag !== ia5String)
        return {
          violation: 'UNSUPPORTED_NAME_SYNTAX',
          name: generalNameText(mailbox),
          constraint: 'emailAddress is an IA5String',
        };
      const wrong = nameFault(mailbox, constraints);
      if (wrong) return wrong;
    }
  }
  for (const name of names) {
    const found = nameFault(name, constraints);
    if (found) return found;
  }
  return isLeaf && !names.some(({ kind }) => kind === 'DNS')
    ? commonNameFault(certificate, constraints)
    : undefined;
}

const ia5String = 0x16;

function commonNameFault({ subject }: Certificate, constraints: NameConstraints): NameFault | undefined {
  for (const { type, value, encoded } of subject.attributes) {
    if (type !== 'CN' || encoded) continue;
    const host = value.replace(/\0+$/, '');
    if (host.includes('\0'))
      return {
        violation: 'UNSUPPORTED_NAME_SYNTAX',
        name: generalNameText({ kind: 'DNS', value: host }),
        constraint: 'a common name without NUL',
      };
    const found = isHostName(host) ? nameFault({ kind: 'DNS', value: host }, constraints) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** At least two labels of letters, digits, underscores and inner hyphens: a single label is not a host name. */
function isHostName(text: string): boolean {
  return /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)+$/.test(
    text,
  );
}

function nameFault(name: GeneralName, { permitted, excluded }: NameConstraints): NameFault | undefined {
  const text = generalNameText(name);
  const kind = kindOf(name);
  const allowed = permitted.filter(({ base }) => isOfKind(base, name, kind));
  let isPermitted = allowed.length === 0;
  for (const { base, isBounded } of allowed) {
    if (isBounded) return { violation: 'SUBTREE_MINMAX', name: text, constraint: generalNameText(base) };
    if (isPermitted) continue;
    const outcome = matches(name, base, kind);
    if (typeof outcome === 'string')
      return { violation: outcome, name: text, constraint: generalNameText(base) };
    isPermitted = outcome;
  }
  if (!isPermitted) return { violation: 'PERMITTED_VIOLATION', name: text, constraint: listed(allowed) };
  for (const { base, isBounded } of excluded) {
    if (!isOfKind(base, name, kind)) continue;
    if (isBounded) return { violation: 'SUBTREE_MINMAX', name: text, constraint: generalNameText(base) };
    const outcome = matches(name, base, kind);
    if (outcome !== false)
      return {
        violation: outcome === true ? 'EXCLUDED_VIOLATION' : outcome,
        name: text,
        constraint: generalNameText(base),
      };
  }
  return undefined;
}

/** Enough entries for a person. */
const mostListed = 5;

function listed(trees: readonly Subtree[]): string {
  const texts = trees.slice(0, mostListed).map(({ base }) => generalNameText(base));
  return texts.join(', ') + (trees.length > mostListed ? ' …' : '');
}

/** An internationalized mailbox (RFC 8398 section 3): an otherName that is subject to the constraints on mail addresses. */
const mailboxType = '1.3.6.1.5.5.7.8.9';

const typeOfOther = ({ value }: GeneralName): string => value.slice(0, Math.max(0, value.indexOf('=')));

const kindOf = (name: GeneralName): GeneralName['kind'] =>
  name.kind === 'otherName' && typeOfOther(name) === mailboxType ? 'email' : name.kind;

function isOfKind(base: GeneralName, name: GeneralName, kind: GeneralName['kind']): boolean {
  return base.kind === kind && (kind !== 'otherName' || typeOfOther(base) === typeOfOther(name));
}

/** Whether a name lies within a subtree of its type; or why that cannot be decided. */
function matches(
  name: GeneralName,
  base: GeneralName,
  kind: GeneralName['kind'],
): boolean | ConstraintViolation {
  switch (kind) {
    case 'directory':
      return name.name !== undefined && base.name !== undefined
        ? isWithin(name.name, base.name)
        : 'UNSUPPORTED_NAME_SYNTAX';
    case 'DNS':
      return isWithinDomain(name.value, base.value);
    case 'email':
      return name.kind === 'email'
        ? isWithinMail(name.value, base.value)
        : isWithinUnicodeMail(name.value.slice(mailboxType.length + 1), base.value);
    case 'URI':
      return isWithinUri(name.value, base.value);
    case 'IP':
      return isWithinNetwork(nameBytes(name.value), nameBytes(base.value));
    default:
      return 'UNSUPPORTED_CONSTRAINT_TYPE';
  }
}

/** Names are compared as ASCII, byte for byte; other letters equal only themselves. */
const folded = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/**
 * An empty base matches every name; any number of labels may precede the base; one with a leading dot requires at least
 * one.
 */
function isWithinDomain(name: string, base: string): boolean {
  if (base === '') return true;
  if (!folded(name).endsWith(folded(base))) return false;
  return name.length === base.length || base.startsWith('.') || name.at(-base.length - 1) === '.';
}

/** A mailbox, a host, or with a leading dot every host below. The part before the @ is case-sensitive. */
function isWithinMail(name: string, base: string): boolean | ConstraintViolation {
  const at = name.lastIndexOf('@');
  if (at < 0) return 'UNSUPPORTED_NAME_SYNTAX';
  const baseAt = base.lastIndexOf('@');
  if (baseAt < 0 && base.startsWith('.'))
    return name.length > base.length && folded(name).endsWith(folded(base));
  if (baseAt > 0) {
    if (baseAt !== at) return false;
    const [local, wanted] = [name.slice(0, at), base.slice(0, baseAt)];
    if (local.includes('\0') || wanted.includes('\0')) return 'UNSUPPORTED_NAME_SYNTAX';
    if (local !== wanted) return false;
  }
  return folded(name.slice(at + 1)) === folded(base.slice(baseAt + 1));
}

/** RFC 8398 section 6: the base in Unicode. OpenSSL has never matched one with a leading dot. */
function isWithinUnicodeMail(name: string, base: string): boolean | ConstraintViolation {
  const at = name.lastIndexOf('@');
  if (at < 0 || name.startsWith('#') || base.includes('\0')) return 'UNSUPPORTED_NAME_SYNTAX';
  if (base.startsWith('.')) return 'UNSUPPORTED_CONSTRAINT_SYNTAX';
  const baseAt = base.indexOf('@');
  if (baseAt > 0 && base.slice(0, baseAt) !== name.slice(0, at)) return false;
  return folded(name.slice(at + 1)) === folded(unicodeOf(base.slice(baseAt + 1)));
}

const unicodeOf = (host: string): string =>
  /(?:^|\.)xn--/i.test(host) ? domainToUnicode(host) || host : host;

/** A URI without a scheme and an authority has no host to check. */
function isWithinUri(uri: string, base: string): boolean | ConstraintViolation {
  const host = hostOfUri(uri);
  if (host === undefined) return 'UNSUPPORTED_NAME_SYNTAX';
  if (base.startsWith('.')) return host.length > base.length && folded(host).endsWith(folded(base));
  return folded(host) === folded(base);
}

/** RFC 3986 section 3.2, of `scheme://user@host:port/…`; an address in brackets keeps them. */
function hostOfUri(uri: string): string | undefined {
  const authority = /^[^:/?#\0]+:\/\/([^/?#\0]*)[^\0]*$/.exec(uri)?.[1];
  if (authority === undefined) return undefined;
  const [, host = '', port = '0'] = /^(?:[^@]*@)?(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(authority) ?? [
    undefined,
    undefined,
    'none',
  ];
  return Number(port) <= 65_535 ? host : undefined;
}

/** The bytes of an address, an address with a mask, or an undecodable value. */
function nameBytes(text: string): Uint8Array {
  if (text.startsWith('#')) return Buffer.from(text.slice(1), 'hex');
  return Buffer.concat(text.split('/').map((part) => addressBytes(part) ?? new Uint8Array(0)));
}

function isWithinNetwork(address: Uint8Array, network: Uint8Array): boolean | ConstraintViolation {
  if ((address.length !== 4 && address.length !== 16) || (network.length !== 8 && network.length !== 32))
    return 'UNSUPPORTED_NAME_SYNTAX';
  if (address.length * 2 !== network.length) return false;
  return address.every(
    (byte, at) => ((byte ^ (network[at] ?? 0)) & (network[address.length + at] ?? 0)) === 0,
  );
}
