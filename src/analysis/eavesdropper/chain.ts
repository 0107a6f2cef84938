/**
 * Links the certificates of one Certificate message: which issued which, and how they were matched (RFC 8446 section
 * 4.4.2, RFC 5280 section 6.1). It does not judge trust: a sniffer does not know an endpoint's trusted CAs.
 * `pki/x509/issuer-tree.ts` links certificates in files.
 *
 * 1. Certificates are linked by name, and by key identifier if both have one; whether the signature is valid is
 *    reported.
 * 2. The last issuer is normally absent: verifiers have it.
 */
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { Localized } from '../../i18n/language.ts';
import { linkOf } from '../../pki/x509/issuer-tree.ts';
import type { Link } from '../../pki/x509/issuer-tree.ts';
import { isIssuedBy, mayHaveIssued, sameName } from '../../pki/x509/verify.ts';
import { joined } from '../conversation/facts.ts';
import { presentedCertificate } from '../../protocols/x509/known-certificates.ts';

/** Where a certificate's issuer is. */
export type ChainLink =
  /** Its place in the list, from 0. */
  | ({ readonly issuer: number } & Link)
  | { readonly issuer: 'itself'; readonly signature: Link['signature'] }
  | { readonly issuer: 'not_sent' | 'unreadable' | 'unexamined' };

export interface Chain {
  /** One for each certificate, in the order of the message. */
  readonly links: readonly ChainLink[];
  /** Where the way up from the first certificate ends; `circle`: they issued each other. */
  readonly ends: 'self_issued' | 'issuer_not_sent' | 'unreadable' | 'circle';
  /** Whether each issuer on that way stands behind what it issued. */
  readonly order: 'leaf_first' | 'mixed';
  /** Places of certificates that are no part of that way. */
  readonly extra: readonly number[];
}

/** No honest chain has ten; of a longer list the rest goes unexamined, since every pair may cost a signature. */
const mostExamined = 16;

/** @param list DER, leaf first; undefined for an empty one. */
export function chainOf(list: readonly Uint8Array[]): Chain | undefined {
  if (list.length === 0) return undefined;
  const certificates = list.slice(0, mostExamined).map((der) => presentedCertificate(der));
  const links = list.map(
    (_, index): ChainLink => (index < mostExamined ? linkTo(index, certificates) : { issuer: 'unexamined' }),
  );
  const way = [0];
  let ends: Chain['ends'] | undefined;
  while (ends === undefined) {
    const issuer = links[way.at(-1) ?? 0]?.issuer;
    if (issuer === 'itself') ends = 'self_issued';
    else if (issuer === 'unreadable') ends = 'unreadable';
    else if (typeof issuer !== 'number') ends = 'issuer_not_sent';
    else if (way.includes(issuer)) ends = 'circle';
    else way.push(issuer);
  }
  const isSorted = way.every((place, step) => step === 0 || place > (way[step - 1] ?? 0));
  return {
    links,
    ends,
    order: isSorted ? 'leaf_first' : 'mixed',
    extra: list.map((_, index) => index).filter((index) => !way.includes(index)),
  };
}

function linkTo(index: number, certificates: readonly (Certificate | undefined)[]): ChainLink {
  const certificate = certificates[index];
  if (!certificate) return { issuer: 'unreadable' };
  if (sameName(certificate.subject, certificate.issuer))
    return { issuer: 'itself', signature: isIssuedBy(certificate, certificate) ? 'holds' : 'broken' };
  const named = certificates.flatMap((other, at) =>
    other && at !== index && mayHaveIssued(other, certificate) ? [{ other, at }] : [],
  );
  const found = named.find(({ other }) => isIssuedBy(certificate, other)) ?? named[0];
  return found ? { issuer: found.at, ...linkOf(certificate, found.other) } : { issuer: 'not_sent' };
}

/** What is not as it should be, in a few words; undefined for a chain that is in order. */
export function chainFaults({ links, order, extra, ends }: Chain): Localized | undefined {
  const isBroken = links.some((link) => 'signature' in link && link.signature === 'broken');
  const faults = [
    isBroken ? { en: 'a signature does not fit', ko: '서명 불일치' } : undefined,
    order === 'mixed' ? { en: 'in the wrong order', ko: '순서가 틀림' } : undefined,
    extra.length > 0
      ? { en: `${extra.length} not part of the chain`, ko: `체인과 무관한 인증서 ${extra.length}개` }
      : undefined,
    ends === 'circle' ? { en: 'they issued each other', ko: '서로를 발급함' } : undefined,
  ];
  return faults.some(Boolean) ? joined(faults) : undefined;
}

/** The remark on a certificate's issuer: what in the list stands behind it; its words are among those of TLS. */
export function linkRemark(link: ChainLink): string | undefined {
  if (link.issuer === 'unreadable' || link.issuer === 'unexamined') return undefined;
  const what = typeof link.issuer === 'string' ? link.issuer : 'sent';
  return `tls.handshake.certificate.issuer_${what}${'signature' in link && link.signature === 'broken' ? '.broken' : ''}`;
}
