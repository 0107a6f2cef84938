/** Prints a proof: the verdict first, then each hole with its remedy, then every client, then what is not proven. */
import type { Language, Localized } from '../../i18n/language.ts';
import type { Admission } from '../../diagnosis/admission/judge.ts';
import type { Hole, Mark, PlayedClient, Proof, Verdict } from '../../diagnosis/admission/proof.ts';
import type { Page } from '../../ui/status/page.ts';

const verdictWords: Readonly<Record<Verdict, Localized>> = {
  enforced: { en: 'MUTUAL TLS IS ENFORCED', ko: '상호 TLS가 강제됨' },
  not_enforced: { en: 'MUTUAL TLS IS NOT ENFORCED', ko: '상호 TLS가 강제되지 않음' },
  unknown: { en: 'NOTHING IS PROVEN', ko: '증명되지 않음' },
};

const labels = {
  hole: { en: 'hole', ko: '허점' },
  todo: { en: 'to do', ko: '할 일' },
  note: { en: 'note', ko: '참고' },
  because: { en: 'because', ko: '이유' },
  client: { en: 'client', ko: '클라이언트' },
  outcome: { en: 'outcome', ko: '결과' },
  server: { en: 'what the server did', ko: '서버의 반응' },
  notProven: { en: 'not proven', ko: '증명되지 않은 것' },
} as const satisfies Readonly<Record<string, Localized>>;

const outcomes: Readonly<Record<Admission['kind'], Localized>> = {
  refused_by_tls: { en: 'refused by TLS', ko: 'TLS가 거부' },
  refused_by_application: { en: 'refused by the application', ko: '응용이 거부' },
  admitted: { en: 'admitted', ko: '통과' },
  not_tested: { en: 'not tested', ko: '시험하지 않음' },
};
const unclear: Localized = { en: 'unclear', ko: '불분명' };

const marks: Readonly<Record<Mark, string>> = {
  ok: '✓',
  hole: '✗',
  noted: '!',
  unknown: '?',
  omitted: '-',
};

const labelCells = 9;

export function printProof(page: Page, target: string, proof: Proof, language: Language): void {
  const row = (label: Localized, text: string): void =>
    page.behind(`   ${page.fit(label[language], labelCells)} `, text);
  const { verdict, because, holes, notes, clients, notProven } = proof;
  page.behind(` ${page.plain(target)}  `, `${verdictWords[verdict][language]}${countOf(holes)[language]}`);
  if (because) row(labels.because, because[language]);
  const [first] = clients;
  if (first?.mark === 'unknown')
    page.verbatim(`   ${page.fit(labels.todo[language], labelCells)} ./wirelab why ${target}`);
  // There was nothing to play against.
  if (!clients.some((client) => client !== first && client.attempt)) return;
  printHoles(row, holes, labels.hole, language);
  page.blank();
  page.table({
    head: ['', labels.client[language], labels.outcome[language], labels.server[language]],
    rows: clients.map(({ words, admission, mark, times }) => [
      ` ${marks[mark]}`,
      words[language],
      (mark === 'unknown' && admission.kind === 'not_tested' ? unclear : outcomes[admission.kind])[language],
      `${breakable(admission.words[language])}${times ? ` (${timesOf(times)[language]})` : ''}`,
    ]),
  });
  page.blank();
  printHoles(row, notes, labels.note, language);
  if (notes.length > 0) page.blank();
  page.behind(' ', labels.notProven[language]);
  for (const one of notProven) page.behind('   - ', one[language]);
}

/** Those that one thing mends stand together, with that below them; of several clients with one reason, the reason stands first. */
function printHoles(
  row: (label: Localized, text: string) => void,
  holes: readonly Hole[],
  label: Localized,
  language: Language,
): void {
  for (const [remedy, mended] of groupsOf(holes, (hole) => hole.remedy[language])) {
    for (const [because, same] of groupsOf(mended, (hole) => hole.because[language])) {
      const clients = same.map(({ client }) => client.words[language]).join(' | ');
      const those = same.length > mostNamed ? manyClients(same.length)[language] : clients;
      row(label, same.length === 1 ? `${clients}: ${because}` : `${because} (${those})`);
    }
    row(labels.todo, remedy);
  }
}

/** Of one reason; the table below has them all. */
const mostNamed = 5;
const manyClients = (count: number): Localized => ({
  en: `${count} of the clients below`,
  ko: `아래 클라이언트 중 ${count}개`,
});

/** In the order of the first of each group. */
function groupsOf(holes: readonly Hole[], keyOf: (hole: Hole) => string): ReadonlyMap<string, Hole[]> {
  const groups = new Map<string, Hole[]>();
  for (const hole of holes) groups.set(keyOf(hole), [...(groups.get(keyOf(hole)) ?? []), hole]);
  return groups;
}

/** A server may answer in one endless word, which would leave the other columns no room. */
const breakable = (text: string): string => text.replaceAll(/\S{25,}/g, (word) => `${word.slice(0, 24)}…`);

const timesOf = ({ admitted, played }: NonNullable<PlayedClient['times']>): Localized => ({
  en: `${admitted} of ${played} times`,
  ko: `${played}번 중 ${admitted}번`,
});

/** Many clients get in through one hole. */
function countOf(holes: readonly Hole[]): Localized {
  const { size } = groupsOf(holes, ({ because, remedy }) => `${because.en}\n${remedy.en}`);
  if (size === 0) return { en: '', ko: '' };
  return { en: `: ${size} ${size === 1 ? 'hole' : 'holes'}`, ko: `: 허점 ${size}개` };
}
