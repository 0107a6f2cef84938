/**
 * Arranges certificates by issuer: a forest from issuers to subjects. Matches by name and, if both have one, key
 * identifier; whether the signature is valid is stored for each pair, so that a namesake is not taken for the issuer.
 */
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { comparableName, isIssuedBy, mayHaveIssued, sameName } from './verify.ts';

/** How a certificate is related to the one above it. */
export interface Link {
  /** Both have a key identifier, and they are equal. Certificates with different ones are not related. */
  readonly keyIds: 'match' | 'absent';
  readonly signature: 'holds' | 'broken';
}

export interface LineageNode {
  /** The index in the input, from 0. */
  readonly index: number;
  readonly certificate: Certificate;
  /** Undefined at the top of a tree. */
  readonly link?: Link;
  /** At the top: it is self-issued, or its issuer is not in the input. */
  readonly top?: 'self_issued' | 'issuer_absent';
  readonly children: readonly LineageNode[];
}

/** No honest chain has ten; a file may have thousands, and drawing them must not exhaust the stack. */
const deepest = 100;

/** The trees, in input order. Each certificate occurs exactly once. */
export function issuerTreeOf(certificates: readonly Certificate[]): LineageNode[] {
  const byName = new Map<string, number[]>();
  for (const [index, { subject }] of certificates.entries())
    listUnder(byName, comparableName(subject), index);
  const children = new Map<number | undefined, number[]>();
  for (const [index, certificate] of certificates.entries())
    listUnder(children, parentOf(certificate, index, certificates, byName), index);
  const placed = new Set<number>();
  const grow = (index: number, parent?: Certificate, depth = 0): LineageNode => {
    placed.add(index);
    const certificate = certificates[index] as Certificate;
    const below = depth < deepest ? (children.get(index) ?? []).filter((child) => !placed.has(child)) : [];
    return {
      index,
      certificate,
      ...(parent
        ? { link: linkOf(certificate, parent) }
        : { top: sameName(certificate.subject, certificate.issuer) ? 'self_issued' : 'issuer_absent' }),
      children: below.map((child) => grow(child, certificate, depth + 1)),
    };
  };
  const trees = (children.get(undefined) ?? []).map((index) => grow(index));
  // Certificates that issued each other in a cycle have no top, and a chain that is too deep continues: the first one
  // becomes a top.
  for (const index of certificates.keys()) if (!placed.has(index)) trees.push(grow(index));
  return trees;
}

function listUnder<Key>(lists: Map<Key, number[]>, key: Key, index: number): void {
  const list = lists.get(key);
  if (list) list.push(index);
  else lists.set(key, [index]);
}

/** The one with a valid signature takes precedence over one that only has the name. */
function parentOf(
  certificate: Certificate,
  index: number,
  all: readonly Certificate[],
  byName: ReadonlyMap<string, readonly number[]>,
): number | undefined {
  if (sameName(certificate.subject, certificate.issuer)) return undefined;
  const candidates = (byName.get(comparableName(certificate.issuer)) ?? []).filter(
    (at) => at !== index && mayHaveIssued(all[at] as Certificate, certificate),
  );
  return candidates.find((at) => isIssuedBy(certificate, all[at] as Certificate)) ?? candidates[0];
}

export function linkOf(certificate: Certificate, issuer: Certificate): Link {
  return {
    keyIds: issuer.keyId && certificate.authorityKeyId ? 'match' : 'absent',
    signature: isIssuedBy(certificate, issuer) ? 'holds' : 'broken',
  };
}
