/**
 * A chain of certificates as a client went up it, drawn as a tree from the top down: what each certificate is to that client,
 * whether the server sent it, and the link that breaks. The way is the client's own account; what was sent, and in which order,
 * is read from the wire. Certificates in files are drawn by `cli/certs/tree.ts`.
 */
import { refusalWords } from '../analysis/outcome/refusal.ts';
import type { Observation } from '../capture/event.ts';
import type { ChainStep } from '../peers/reports/chain.ts';
import type { Connection, Flows } from '../capture/flows.ts';
import { inEach } from '../i18n/language.ts';
import type { Language, Localized } from '../i18n/language.ts';
import { safeText } from '../i18n/safe.ts';
import { serverCertificates } from './refusals.ts';
import type { Chain } from './types/values.ts';
import { chainWords } from './words.ts';

export type ChainReport = Extract<Observation, { kind: 'chain' }>;

type Link = Chain['links'][number];

/** From the top down, as `who` went up it; with the places in the server's message where the wire shows them. */
export function chainOf(who: string, report: ChainReport, sent: readonly string[] | undefined): Chain {
  const { way, breaks, trusts } = report;
  const top = way.at(-1);
  const isOpen = top !== undefined && !top.trusted && top.subject !== top.issuer;
  const rows: Omit<Link, 'branch'>[] = way
    .map((step, index) => {
      const isBroken = breaks?.at === index && !isOpen;
      const factsIn = (language: Language): string[] => [
        placeOf(step, sent, language),
        ...(isBroken ? [reasonOf(breaks.reason, step, trusts, language)] : []),
      ];
      return {
        mark: isBroken ? '✗' : '✓',
        text: inEach((language) =>
          safeText(`${step.subject || chainWords.noName[language]}: ${factsIn(language).join('; ')}`),
        ),
      } as const;
    })
    .toReversed();
  if (isOpen)
    rows.unshift({
      mark: '✗',
      text: inEach((language) => safeText(`${top.issuer}: ${chainWords.notThere[language](trusts)}`)),
    });
  const extra = sent?.filter((sha256) => !way.some((step) => step.sha256 === sha256)).length ?? 0;
  const links = rows.map(
    (row, depth): Link => ({ branch: depth === 0 ? '' : `${'   '.repeat(depth - 1)}└─ `, ...row }),
  );
  if (extra > 0)
    links.push({ branch: '', mark: '✓', text: inEach((language) => chainWords.extra[language](extra)) });
  return { title: inEach((language) => chainWords.title[language](who, report.name)), links };
}

/** Whom a client trusts by what comes with it: the largest organizations by name. */
export function storeText(
  who: string,
  { roots, organizations }: Extract<Observation, { kind: 'trust-store' }>,
): Localized {
  const named = organizations
    .slice(0, mostNamed)
    .map(({ organization, subjects }) => `${organization} (${subjects.length})`);
  const more = organizations.length - named.length;
  return inEach((language) =>
    safeText(
      chainWords.store[language](
        who,
        roots,
        organizations.length,
        [...named, ...(more > 0 ? [chainWords.more[language](more)] : [])].join(', '),
      ),
    ),
  );
}

const mostNamed = 12;

/** SHA-256 of the certificates that the server sent on a connection, as the wire shows them. */
export function sentOn(connection: Connection | undefined, flows: Flows): readonly string[] | undefined {
  return connection && serverCertificates(connection, flows);
}

function placeOf(
  { sha256, trusted }: ChainStep,
  sent: readonly string[] | undefined,
  language: Language,
): string {
  const place = sent?.indexOf(sha256) ?? -1;
  const words = trusted ? chainWords.trusted : chainWords.below;
  if (!sent) return words.unknown[language];
  return place < 0 ? words.notSent[language] : words.sent[language](place + 1);
}

function reasonOf(
  reason: keyof typeof refusalWords,
  { notAfter, subject, issuer }: ChainStep,
  trusts: number,
  language: Language,
): string {
  if (reason === 'certificate_expired') return chainWords.ended[language](notAfter.slice(0, 10));
  if (reason === 'path_too_long') return chainWords.tooMany[language];
  if (reason === 'not_a_ca') return chainWords.mayNotSign[language];
  if (subject === issuer && (reason === 'unknown_ca' || reason === 'self_signed'))
    return chainWords.notTrusted[language](trusts);
  return refusalWords[reason].name[language];
}
