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
      `${admission.words[language]}${times ? ` (${timesOf(times)[language]})` : ''}`,
    ]),
  });
  page.blank();
  printHoles(row, notes, labels.note, language);
  if (notes.length > 0) page.blank();
  page.behind(' ', labels.notProven[language]);
  for (const one of notProven) page.behind('   - ', one[language]);
}

/** Those that one thing mends stand together, with that below them. */
function printHoles(
  row: (label: Localized, text: string) => void,
  holes: readonly Hole[],
  label: Localized,
  language: Language,
): void {
  for (const remedy of new Set(holes.map((hole) => hole.remedy))) {
    const mended = holes.filter((hole) => hole.remedy === remedy);
    for (const because of new Set(mended.map((hole) => hole.because))) {
      const clients = mended.filter((hole) => hole.because === because);
      row(label, `${clients.map(({ client }) => client.words[language]).join(' | ')}: ${because[language]}`);
    }
    row(labels.todo, remedy[language]);
  }
}

const timesOf = ({ admitted, played }: NonNullable<PlayedClient['times']>): Localized => ({
  en: `${admitted} of ${played} times`,
  ko: `${played}번 중 ${admitted}번`,
});

const countOf = ({ length }: readonly Hole[]): Localized =>
  length === 0
    ? { en: '', ko: '' }
    : { en: `: ${length} ${length === 1 ? 'hole' : 'holes'}`, ko: `: 허점 ${length}개` };
