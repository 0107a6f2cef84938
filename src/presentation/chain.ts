/**
 * A chain of certificates as a client went up it, drawn as a tree from the top down: what each certificate is to that client,
 * whether the server sent it, and the link that breaks. The way is the client's own account; what was sent, and in which order,
 * is read from the wire. Certificates in files are drawn by `cli/certs/tree.ts`.
 */
import { refusalWords } from '../analysis/outcome/refusal.ts';
import type { Observation } from '../capture/event.ts';
import type { ChainStep } from '../features/trust-store/observations.ts';
import type { Connection, Flows } from '../capture/flows.ts';
import type { Language } from '../i18n/language.ts';
import { safeText } from '../i18n/safe.ts';
import { serverCertificates } from './refusals.ts';
import { chainWords } from './words.ts';

export type ChainReport = Extract<Observation, { kind: 'chain' }>;

export interface ChainLine {
  /** Branches, of box lines. */
  readonly branch: string;
  readonly mark: '✓' | '✗';
  readonly text: string;
}

/** From the top down; with the places in the server's message where the wire shows them. */
export function chainLines(
  report: ChainReport,
  sent: readonly string[] | undefined,
  language: Language,
): ChainLine[] {
  const { way, breaks, trusts } = report;
  const top = way.at(-1);
  const isOpen = top !== undefined && !top.trusted && top.subject !== top.issuer;
  const rows: Omit<ChainLine, 'branch'>[] = way
    .map((step, index) => {
      const isBroken = breaks?.at === index && !isOpen;
      const facts = [
        placeOf(step, sent, language),
        ...(isBroken ? [reasonOf(breaks.reason, step, trusts, language)] : []),
      ];
      return {
        mark: isBroken ? '✗' : '✓',
        text: safeText(`${step.subject || chainWords.noName[language]}: ${facts.join('; ')}`),
      } as const;
    })
    .toReversed();
  if (isOpen)
    rows.unshift({ mark: '✗', text: safeText(`${top.issuer}: ${chainWords.notThere[language](trusts)}`) });
  const extra = sent?.filter((sha256) => !way.some((step) => step.sha256 === sha256)).length ?? 0;
  const lines = rows.map(
    (row, depth): ChainLine => ({ branch: depth === 0 ? '' : `${'   '.repeat(depth - 1)}└─ `, ...row }),
  );
  return extra > 0 ? [...lines, { branch: '', mark: '✓', text: chainWords.extra[language](extra) }] : lines;
}

/** Whom a client trusts by what comes with it: the largest organizations by name. */
export function storeText(
  who: string,
  { roots, organizations }: Extract<Observation, { kind: 'trust-store' }>,
  language: Language,
): string {
  const named = organizations
    .slice(0, mostNamed)
    .map(({ organization, subjects }) => `${organization} (${subjects.length})`);
  const more = organizations.length - named.length;
  return safeText(
    chainWords.store[language](
      who,
      roots,
      organizations.length,
      [...named, ...(more > 0 ? [chainWords.more[language](more)] : [])].join(', '),
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
