/**
 * Who issued whom among some certificates: a forest, drawn from issuer to subject. By name and, where both carry one, key
 * identifier; whether the signature fits as well is told of each pair, so that a namesake does not pass for the issuer.
 */
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { comparableName, isIssuedBy, mayHaveIssued, sameName } from './verify.ts';

/** How a certificate hangs below another. */
export interface Link {
  /** Both carry a key identifier, and they are the same. A pair that carries two different ones is no pair. */
  readonly keyIds: 'match' | 'absent';
  readonly signature: 'holds' | 'broken';
}

export interface LineageNode {
  /** The place in what was given, from 0. */
  readonly index: number;
  readonly certificate: Certificate;
  /** Undefined at the top of a tree. */
  readonly link?: Link;
  /** At the top: it signs itself, or its issuer is not here. */
  readonly top?: 'self_issued' | 'issuer_absent';
  readonly children: readonly LineageNode[];
}

/** No honest chain has ten; a file may hold thousands, and drawing them must not exhaust the stack. */
const deepest = 100;

/** The trees, in the order of what was given. Each certificate stands in exactly one place. */
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
  // Certificates that issued each other in a circle have no top, and a chain that is too deep goes on: the first becomes one.
  for (const index of certificates.keys()) if (!placed.has(index)) trees.push(grow(index));
  return trees;
}

function listUnder<Key>(lists: Map<Key, number[]>, key: Key, index: number): void {
  const list = lists.get(key);
  if (list) list.push(index);
  else lists.set(key, [index]);
}

/** The one whose signature fits, before one that only bears the name. */
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
