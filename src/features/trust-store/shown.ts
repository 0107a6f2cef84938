/**
 * Draws a certificate chain as a client followed it, as a tree from the root down: what the client made of each certificate,
 * whether the server sent it, and where the path breaks. The path is the client's own report; what was sent, and in which
 * order, is read from the wire. `cli/certs/tree.ts` draws certificates in files.
 */
import { refusalWords } from '../../analysis/outcome/refusal.ts';
import type { Observation } from '../../capture/event.ts';
import type { Shown } from '../../engine/shown.ts';
import type { Observed } from '../../engine/view.ts';
import { inEach } from '../../i18n/language.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';
import { josa } from '../../i18n/josa.ts';
import { breakPlace } from '../../peers/reports/chain.ts';
import type { Chain } from '../../presentation/types/values.ts';

type ChainStep = Extract<Observation, { kind: 'chain' }>['way'][number];
type Link = Chain['links'][number];

export const shown: Shown = {
  reports: { chain: { chain: chainOf }, 'trust-store': { story: storeText } },
};

/** Words of the drawn chain. */
const chainWords = {
  title: {
    en: (client: string, name: string): string =>
      `The chain of ${name}, as ${client} goes up it (drawn from the root)`,
    ko: (client: string, name: string): string =>
      `${name}의 인증서 체인, ${josa(client, '이/가')} 올라간 경로(루트부터 그림)`,
  },
  noName: { en: '(no name)', ko: '(이름 없음)' },
  trusted: {
    unknown: { en: 'trusted', ko: '신뢰함' },
    notSent: { en: 'trusted; not sent, not required', ko: '신뢰함. 보내지 않았고, 보낼 필요도 없음' },
    sent: {
      en: (place: number): string => `trusted; sent as number ${place}, not required`,
      ko: (place: number): string => `신뢰함. ${place}번째로 보냈지만 보낼 필요는 없음`,
    },
  },
  below: {
    unknown: { en: 'shown', ko: '제시됨' },
    notSent: { en: 'not sent', ko: '보내지 않음' },
    sent: {
      en: (place: number): string => `sent as number ${place}`,
      ko: (place: number): string => `${place}번째로 보냄`,
    },
  },
  notThere: {
    en: (trusts: number): string =>
      `BREAKS HERE: not sent, and not ${trusts === 1 ? 'the one root that the client trusts' : `among the ${grouped(trusts)} roots that the client trusts`}`,
    ko: (trusts: number): string =>
      `여기서 끊김: 보내지 않았고, 클라이언트가 신뢰하는 루트${trusts === 1 ? '도 아님' : ` ${grouped(trusts)}개에도 없음`}`,
  },
  notTrusted: {
    en: (trusts: number): string =>
      `BREAKS HERE: it signs itself, and is not ${trusts === 1 ? 'the one root that the client trusts' : `among the ${grouped(trusts)} roots that the client trusts`}`,
    ko: (trusts: number): string =>
      `여기서 끊김: 자체 서명이며, 클라이언트가 신뢰하는 루트${trusts === 1 ? '가 아님' : ` ${grouped(trusts)}개에 없음`}`,
  },
  ended: {
    en: (day: string): string => `BREAKS HERE: expired on ${day}`,
    ko: (day: string): string => `여기서 끊김: ${day}에 만료됨`,
  },
  tooMany: {
    en: 'BREAKS HERE: path length limit exceeded',
    ko: '여기서 끊김: 아래에 둘 수 있는 CA 수를 넘음',
  },
  mayNotSign: {
    en: 'BREAKS HERE: not a CA, must not sign',
    ko: '여기서 끊김: CA가 아니므로 서명할 수 없음',
  },
  store: {
    en: (client: string, roots: number, organizations: number, named: string): string =>
      `${client} came with ${grouped(roots)} roots, of ${grouped(organizations)} organizations: ${named}`,
    ko: (client: string, roots: number, organizations: number, named: string): string =>
      `${client}: 처음부터 들어 있는 루트 인증서 ${grouped(roots)}개, 기관 ${grouped(organizations)}곳. ${named}`,
  },
  more: {
    en: (count: number): string => `and ${grouped(count)} more`,
    ko: (count: number): string => `그 밖에 ${grouped(count)}곳`,
  },
  extra: {
    en: (count: number): string =>
      `${count === 1 ? 'one more certificate was' : `${count} more certificates were`} sent, and not needed`,
    ko: (count: number): string => `필요하지 않은 인증서 ${count}개를 더 보냄`,
  },
} as const;

/** From the root down, as `who` followed it; with the positions in the server's message where the wire shows them. */
function chainOf({ who, result }: Observed<'chain'>, sent: readonly string[] | undefined): Chain {
  const { name, way, breaks, trusts } = result;
  const place = breakPlace(result);
  // Without any certificate that the client trusts at its top, no certificate of the path is proven.
  const isOpen = way.at(-1)?.trusted !== true;
  const rows: Omit<Link, 'branch'>[] = way
    .map((step, index) => {
      const isBroken = place?.at === index && !place.isMissing;
      const factsIn = (language: Language): string[] => [
        placeOf(step, sent, language),
        ...(isBroken && breaks ? [reasonOf(breaks.reason, step, trusts, language)] : []),
      ];
      return {
        // Below the break nothing is proven of a certificate.
        mark: isBroken ? '✗' : isOpen || index < (breaks?.at ?? 0) ? ' ' : '✓',
        text: inEach((language) =>
          safeText(`${step.subject || chainWords.noName[language]}: ${factsIn(language).join('; ')}`),
        ),
      } as const;
    })
    .toReversed();
  if (place?.isMissing)
    rows.unshift({
      mark: '✗',
      text: inEach((language) => safeText(`${place.subject}: ${chainWords.notThere[language](trusts)}`)),
    });
  const extra = sent?.filter((sha256) => !way.some((step) => step.sha256 === sha256)).length ?? 0;
  const links = rows.map(
    (row, depth): Link => ({ branch: depth === 0 ? '' : `${'   '.repeat(depth - 1)}└─ `, ...row }),
  );
  if (extra > 0)
    links.push({ branch: '', mark: '✓', text: inEach((language) => chainWords.extra[language](extra)) });
  return { title: inEach((language) => chainWords.title[language](who, name)), links };
}

/** A client's default trusted CAs: the largest organizations by name. */
function storeText({ who, result: { roots, organizations } }: Observed<'trust-store'>): Localized {
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
